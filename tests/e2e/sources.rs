//! Prometheus and VictoriaMetrics as sources: found, asked, put together, compared; wrong credentials, a server that goes and
//! comes back.

use crate::browser::{Locator, beginning, by, every, holding};
use crate::servers::{Server, free_port};
use crate::stage::{BRIEF, Stage, VALUE, expression, play, region};
use std::time::Duration;

fn source_select(panel: usize) -> Locator {
    by("select", "Source").within(&region(panel))
}

impl Stage {
    /// Adds a server as a person does who has its address, and waits until it is asked.
    async fn add_server(&self, address: &str, kind: &str) {
        self.add_endpoint(address).await;
        self.page.says(&every("status"), &format!("is {kind}")).await;
    }

    /// Waits until the card of a source says this.
    async fn source_says(&self, name: &str, part: &str) -> String {
        let card = holding("listitem", name).within(&by("list", "Sources"));
        self.page
            .until(&format!("the source {name} to say {part:?}"), Duration::from_secs(40), async || {
                match self.page.text_now(&card).await {
                    Some(text) if text.contains(part) => Ok(text),
                    text => Err(format!("{text:?}")),
                }
            })
            .await
    }

    /// Waits until the page says this somewhere.
    async fn page_says(&self, part: &str) {
        self.page
            .until(&format!("the page to say {part:?}"), Duration::from_secs(30), async || {
                let text = self.page.eval("return document.body.innerText", &[]).await;
                let text = text.as_str().unwrap_or_default();
                if text.contains(part) { Ok(()) } else { Err(text.chars().take(1_500).collect::<String>()) }
            })
            .await;
    }
}

fn name_of(server: &Server) -> String {
    format!("127.0.0.1:{}", server.port)
}

#[test]
fn a_pasted_prometheus_is_asked_and_graphed_at_once_and_its_pages_are_there() {
    let Some(prometheus) = Server::prometheus() else { return };
    play("source-prometheus", async |stage: &Stage| {
        let name = name_of(&prometheus);
        stage.open("/").await;
        stage.add_server(&prometheus.origin(), "Prometheus").await;
        // The first visit's graph makes room for the server's.
        stage
            .page
            .until("the panel of the server", BRIEF, async || {
                let address = stage.page.address().await;
                if address.contains(&format!("source={name}")) { Ok(()) } else { Err(address) }
            })
            .await;
        stage.graph_has(1, 3).await;
        stage.screenshots("source-graph").await;

        stage.table_of("prometheus_build_info").await;
        let rows = stage.rows_with(1, "goversion").await;
        assert_eq!(rows.len(), 1, "{rows:?}");

        // Completion knows the server's names: this tab has scraped nothing of the kind.
        stage.page.fill(&expression(1), "prometheus_tsdb_head_se").await;
        stage.page.one(&beginning("option", "prometheus_tsdb_head_series")).await;
        stage.close_completions().await;

        stage.go("Metrics").await;
        stage.page.choose(&by("select", "Source"), &name).await;
        stage.page.fill(&by("textbox", "Search metrics"), "prometheus_http_requests").await;
        stage.page_says("Counter of HTTP requests").await;
        stage.screenshots("source-metrics").await;

        stage.go("Sources").await;
        let card = stage.source_says(&name, "Prometheus").await;
        assert!(card.contains("up") && card.contains("direct"), "{card}");
        stage.page.click(&by("link", "Show details")).await;
        stage.page_says("Running since").await;
        stage.screenshots("source-build").await;
        for (tab, word, shot) in [
            ("Store", "Metrics with most series", "source-store"),
            ("Targets", "connection refused", "source-targets"),
            ("Rules", "up:sum", "source-rules"),
            ("Alerts", "Nobody answers at 127.0.0.1:1", "source-alerts"),
        ] {
            stage.page.click(&by("link", tab).within(&by("navigation", "What the server says"))).await;
            stage.page_says(word).await;
            stage.screenshots(shot).await;
        }
        // Filters stand in the address.
        stage.page.click(&by("link", "Targets").within(&by("navigation", "What the server says"))).await;
        stage.page.choose(&by("select", "State"), "down").await;
        stage.page_says("1 of 2 targets").await;
        assert!(stage.page.address().await.contains("health=down"));
    });
}

#[test]
fn victoria_metrics_works_on_every_page_and_says_what_it_does_not_offer() {
    let Some(victoria) = Server::victoria_metrics() else { return };
    play("source-victoria", async |stage: &Stage| {
        let name = name_of(&victoria);
        stage.open("/").await;
        stage.add_server(&victoria.origin(), "VictoriaMetrics").await;
        stage.graph_has(1, 3).await;
        stage.table_of("count(up)").await;
        stage.value_becomes(1, "1", "").await;
        // Its own dialect is its own business.
        stage.table_of("up default 2").await;
        stage.some_rows(1).await;
        stage.go("Sources").await;
        stage.source_says(&name, "VictoriaMetrics").await;
        stage.page.click(&by("link", "Show details")).await;
        for (tab, word) in [
            ("Build", "does not offer"),
            ("Store", "Metrics with most series"),
            ("Targets", "victoria"),
            ("Rules", "another program behind it would"),
            ("Alerts", "another program behind it would"),
        ] {
            stage.page.click(&by("link", tab).within(&by("navigation", "What the server says"))).await;
            stage.page_says(word).await;
        }
        stage.screenshots("source-victoria").await;
    });
}

#[test]
fn one_expression_goes_over_two_servers_and_this_tab() {
    let (Some(prometheus), Some(victoria)) = (Server::prometheus(), Server::victoria_metrics()) else { return };
    play("source-all", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_server(&prometheus.origin(), "Prometheus").await;
        stage.add_server(&victoria.origin(), "VictoriaMetrics").await;
        stage.page.choose(&source_select(1), "*").await;
        stage.table_of("count by (source) (up)").await;
        for word in [name_of(&prometheus), name_of(&victoria), "tab".to_owned()] {
            stage.rows_with(1, &word).await;
        }
        stage.value_becomes(1, "2", &name_of(&prometheus)).await;
        stage.show_graph(1).await;
        stage.set_range(1, "1m").await;
        stage.graph_has(1, 3).await;
        stage.screenshots("source-all").await;
    });
}

#[test]
fn what_differs_between_this_tab_and_a_server_is_marked_and_listed() {
    let Some(prometheus) = Server::prometheus() else { return };
    play("source-compare", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&format!("{}/metrics", prometheus.origin())).await;
        stage.add_server(&prometheus.origin(), "Prometheus").await;
        stage.page.choose(&source_select(1), &name_of(&prometheus)).await;
        stage.page.click(&by("checkbox", "Compare with this tab")).await;
        // Both scraped the same server; only the other one has a target that is down.
        stage.table_of("count(prometheus_build_info)").await;
        stage.page_says("say the same at all 1 point").await;
        stage.table_of("min(up)").await;
        stage.page_says("1 of 1 point differ").await;
        stage.show_graph(1).await;
        stage.set_range(1, "1m").await;
        stage.page.one(&by("table", "Differing points")).await;
        stage.screenshots("source-compare").await;
    });
}

#[test]
fn a_server_with_a_password_is_asked_with_it_and_the_password_is_nowhere_else() {
    let Some(prometheus) = Server::guarded_prometheus() else { return };
    play("source-password", async |stage: &Stage| {
        let name = name_of(&prometheus);
        stage.open("/sources").await;
        stage.page.click(&by("button", "Add source")).await;
        stage.page.fill(&by("textbox", "Address"), &prometheus.origin()).await;
        stage.page.choose(&by("select", "Who asks"), "basic").await;
        stage.page.fill(&by("textbox", "User"), "prom").await;
        stage.page.fill(&by("textbox", "Password"), "wrong").await;
        stage.screenshots("source-form").await;
        stage.page.click(&by("button", "Save")).await;
        stage.source_says(&name, "does not know them (status 401)").await;
        stage.screenshots("source-wrong-password").await;
        stage.page.click(&by("button", "Edit")).await;
        stage.page.fill(&by("textbox", "Password"), "swordfish").await;
        stage.page.click(&by("button", "Save")).await;
        stage.source_says(&name, "Prometheus").await;
        stage.page.click(&by("link", "Explore").within(&by("list", "Sources"))).await;
        stage.table_of("count(up)").await;
        stage.value_becomes(1, "2", "").await;

        let kept = stage
            .page
            .eval("return [location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage)]", &[])
            .await;
        let kept: Vec<String> = serde_json::from_value(kept).expect("three texts");
        assert!(!kept[0].contains("swordfish") && !kept[1].contains("swordfish"), "{kept:?}");
        assert!(kept[2].contains("swordfish"), "it is kept for this tab");
        assert!(!stage.relay.log_tail().contains("swordfish"));
        // It survives a reload.
        stage.open("/sources").await;
        stage.source_says(&name, "Prometheus").await;
        // In another tab it is not there.
        stage.page.eval("sessionStorage.clear()", &[]).await;
        stage.open("/sources").await;
        stage.source_says(&name, "enter them again").await;
    });
}

#[test]
fn a_server_under_a_prefix_is_found_and_one_that_stops_is_missed_and_comes_back() {
    let Some(prometheus) = Server::prometheus_with("/prometheus", None, &[]) else { return };
    play("source-prefix", async |stage: &Stage| {
        let (name, port) = (name_of(&prometheus), prometheus.port);
        stage.open("/").await;
        // Without the prefix: the usual one is tried.
        stage.add_server(&prometheus.origin(), "Prometheus").await;
        stage.graph_has(1, 3).await;
        stage.go("Sources").await;
        stage.source_says(&name, "/prometheus").await;
        drop(prometheus);
        stage.page.click(&by("button", "Check now")).await;
        stage.source_says(&name, "down").await;
        stage.screenshots("source-down").await;
        stage.go("Explore").await;
        stage.page_says(&format!("{name} does not answer")).await;
        let Some(_again) = Server::prometheus_with("/prometheus", Some(port), &[]) else { return };
        stage.table_of("count(up)").await;
        stage.value_becomes(1, "2", "").await;
        assert_eq!(stage.rows(1).await[0].get(VALUE).map(String::as_str), Some("2"));
    });
}

#[test]
fn an_address_of_an_unknown_source_says_what_to_do_and_a_removed_one_comes_back() {
    let Some(prometheus) = Server::prometheus() else { return };
    play("source-unknown", async |stage: &Stage| {
        stage.open("/query?g0.expr=up&g0.tab=table&g0.source=prod").await;
        stage.page_says("There is no source called prod in this browser").await;
        stage.open("/sources").await;
        stage.page.click(&by("button", "Add source")).await;
        stage.page.fill(&by("textbox", "Address"), &prometheus.origin()).await;
        stage.page.fill(&by("textbox", "Name"), "prod").await;
        stage.page.click(&by("button", "Save")).await;
        stage.source_says("prod", "Prometheus").await;
        stage.open("/query?g0.expr=count(up)&g0.tab=table&g0.source=prod").await;
        stage.value_becomes(1, "2", "").await;
        stage.go("Sources").await;
        stage.page.click(&by("button", "Remove").within(&by("list", "Sources"))).await;
        stage.page.click(&by("button", "Undo").within(&holding("status", "no longer asked"))).await;
        stage.source_says("prod", "Prometheus").await;
    });
}

#[test]
fn a_pasted_graph_of_a_server_that_is_down_becomes_a_source_with_a_doctor_and_a_way_to_it() {
    let port = free_port();
    play("source-graph-down", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_endpoint(&format!("http://127.0.0.1:{port}/graph?g0.expr=rate(up%5B5m%5D)&g0.tab=0")).await;
        let added = by("list", "Added");
        stage.page.says(&added, "refused the connection").await;
        stage.page.says(&added, "Find out why, and how to fix it").await;
        stage.page.click(&by("button", "Go to the sources").within(&added)).await;
        stage.source_says(&format!("127.0.0.1:{port}"), "down").await;
        // It is nothing to be scraped.
        stage.go("Targets").await;
        stage.page.says(&every("status"), "1 target").await;
    });
}
