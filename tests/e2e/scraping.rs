//! Good targets over time: real exporters, one that goes and comes back, a tab in the background.

use crate::bad_target::BadTarget;
use crate::browser::{Key, by, every, holding};
use crate::servers::Server;
use crate::stage::{BRIEF, Stage, VALUE, instance_of, pause, play, region};
use std::time::Duration;

#[test]
fn a_node_exporter_is_scraped_through_the_relay_each_second_until_a_rate_has_a_table_and_a_graph() {
    let Some(exporter) = Server::node_exporter() else { return };
    play("node-exporter", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&format!("{}/metrics", exporter.origin())).await;
        stage.scrape_each_second(&instance_of(&exporter.origin())).await;
        stage.table_of("rate(node_cpu_seconds_total[10s])").await;
        stage.rows_with(1, "mode=\"idle\"").await;
        stage.show_graph(1).await;
        stage.graph_has(1, 5).await;
        stage.go("Targets").await;
        let row = stage.target_says(&instance_of(&exporter.origin()), "relay").await;
        assert!(row.contains("1s") || row.contains("1 s"), "{row}");
    });
}

#[test]
fn the_metrics_of_a_prometheus_are_scraped_and_graphed() {
    let Some(prometheus) = Server::prometheus() else { return };
    play("prometheus", async |stage: &Stage| {
        stage.open("/").await;
        // Without the path it is a server to ask.
        stage.add_good_endpoint(&format!("{}/metrics", prometheus.origin())).await;
        stage.run(1, "prometheus_build_info").await;
        let rows = stage.rows_with(1, "goversion").await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        stage.run(1, "sum by (handler) (prometheus_http_requests_total)").await;
        stage.rows_with(1, "handler=\"/metrics\"").await;
        stage.show_graph(1).await;
        stage.graph_has(1, 3).await;
    });
}

#[test]
fn up_goes_to_0_and_back_to_1_when_a_target_is_killed_and_restarted_and_the_gap_shows() {
    let target = BadTarget::start();
    play("restart", async |stage: &Stage| {
        let instance = instance_of(&target.url(""));
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance).await;
        stage.table_of(&format!("up{{instance=\"{instance}\"}}")).await;
        stage.value_becomes(1, "1", &instance).await;
        pause(6).await;
        target.stop();
        stage.value_becomes(1, "0", &instance).await;
        pause(6).await;
        target.start_again();
        stage.value_becomes(1, "1", &instance).await;
        pause(6).await;
        // One row of pixels would do; a gap is columns without ink between columns with ink.
        stage.run(1, "shop_temperature_celsius{room=\"kitchen\"}").await;
        stage.show_graph(1).await;
        stage.set_range(1, "1m").await;
        stage
            .page
            .until("two pieces of a line with a gap between", Duration::from_secs(20), async || {
                let pieces = stage.pieces_of_line(1).await;
                if pieces >= 2 { Ok(()) } else { Err(format!("{pieces} pieces")) }
            })
            .await;
        stage.page.screenshot("gap").await;
    });
}

#[test]
fn a_series_that_vanishes_from_a_target_leaves_the_table_at_once() {
    let target = BadTarget::start();
    play("vanished", async |stage: &Stage| {
        let instance = instance_of(&target.url(""));
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance).await;
        stage.table_of("count(shop_temperature_celsius)").await;
        stage.value_becomes(1, "2", "").await;
        target.hide_cellar(true);
        stage.value_becomes(1, "1", "").await;
        target.hide_cellar(false);
        stage.value_becomes(1, "2", "").await;
    });
}

#[test]
fn a_tab_in_the_background_goes_on_scraping() {
    let target = BadTarget::start();
    play("background", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        let tab = stage.page.cover_with_tab().await;
        let before = target.n_requests("/good");
        pause(10).await;
        let after = target.n_requests("/good");
        stage.page.come_back(tab).await;
        assert_eq!(stage.page.eval("return e2e.wasHidden", &[]).await, true, "the tab was in the background");
        assert!(after - before >= 8, "{} scrapes in 10 s in the background", after - before);
    });
}

#[test]
fn a_target_that_allows_every_origin_is_read_directly_and_another_one_through_the_relay() {
    let targets = ["/cors/good", "/openmetrics", "/redirect"].map(|path| (BadTarget::start(), path));
    play("ways", async |stage: &Stage| {
        stage.open("/").await;
        for (target, path) in &targets {
            stage.add_endpoint(&target.url(path)).await;
        }
        stage.go("Targets").await;
        stage.target_says("/cors/good", "direct").await;
        stage.target_says("/openmetrics", "relay").await;
        stage.target_says("/redirect", "relay").await;
        stage.status_says("4/4 up").await;
        stage.go("Explore").await;
        stage.table_of("ride_seconds_count").await;
        stage.value_becomes(1, "6", "ride_seconds_count").await;
    });
}

#[test]
fn pasted_text_is_kept_as_one_snapshot_and_can_be_queried() {
    play("paste", async |stage: &Stage| {
        stage.open("/").await;
        let text = "# TYPE pasted_total counter\npasted_total{way=\"clipboard\"} 42\n";
        stage.add_endpoint(text).await;
        stage.page.says(&every("status"), "found 1 metric, 1 series").await;
        stage.run(1, "pasted_total").await;
        stage.show_table(1).await;
        let rows = stage.some_rows(1).await;
        assert!(rows[0].get(VALUE).is_some_and(|value| value == "42"), "{rows:?}");
    });
}

#[test]
fn a_file_is_kept_as_one_snapshot_and_can_be_queried() {
    let path = std::env::temp_dir().join(format!("promenade-e2e-{}.prom", std::process::id()));
    std::fs::write(&path, "# TYPE filed gauge\nfiled{drawer=\"top\"} 12\n").expect("the file is written");
    play("file", async |stage: &Stage| {
        stage.open("/").await;
        stage.page.choose_file(&path).await;
        stage.page.says(&every("status"), "found 1 metric, 1 series").await;
        stage.table_of("filed").await;
        stage.value_becomes(1, "12", "drawer=\"top\"").await;
    });
    std::fs::remove_file(&path).expect("the file is removed");
}

#[test]
fn a_target_can_be_paused_looked_into_removed_and_brought_back() {
    let target = BadTarget::start();
    play("target-actions", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.go("Targets").await;
        stage.target_says("/good", "relay").await;
        let row = holding("row", &format!("instance=\"{}\"", instance_of(&target.url(""))));
        stage.page.click(&by("button", "Raw body").within(&row)).await;
        stage
            .page
            .until("the raw body", BRIEF, async || {
                let text = stage.page.eval("return document.body.innerText", &[]).await.to_string();
                if text.contains("# TYPE shop_requests_total counter") { Ok(()) } else { Err("not there".to_owned()) }
            })
            .await;
        stage.page.press(Key::ESCAPE).await;
        stage.page.click(&by("button", "Pause").within(&row)).await;
        stage.page.one(&by("button", "Resume").within(&row)).await;
        let n_paused = target.n_requests("/good");
        stage.page.click(&by("button", "Scrape now").within(&row)).await;
        stage
            .page
            .until("one scrape of the paused target", BRIEF, async || match target.n_requests("/good") {
                n if n == n_paused + 1 => Ok(()),
                n => Err(format!("{} more", n - n_paused)),
            })
            .await;
        stage.page.click(&by("button", "Remove").within(&row)).await;
        stage.status_says("1/1 up").await;
        // What was added offers to undo the adding; here it is the removing.
        stage.page.click(&by("button", "Undo").within(&holding("status", "no longer scraped"))).await;
        stage.target_says("/good", "").await;
    });
}

#[test]
fn a_second_panel_shows_its_own_expression_beside_the_first() {
    play("panels", async |stage: &Stage| {
        stage.open_query(&[("up", "table")]).await;
        stage.page.click(&by("button", "Add panel")).await;
        stage.run(2, "vector(7)").await;
        stage.show_table(2).await;
        stage.value_becomes(2, "7", "").await;
        stage.page.click(&by("button", "Remove panel").within(&region(2))).await;
        stage.page.none(&region(2)).await;
        assert!(!stage.page.address().await.contains("g1.expr"));
    });
}
