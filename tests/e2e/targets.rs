//! The targets page: pools and filters in the address, the history of scrapes, the body, what moved between two scrapes, and
//! what was discovered.

use crate::bad_target::BadTarget;
use crate::browser::{Key, SHIFT, beginning, by, every, holding};
use crate::servers::Server;
use crate::stage::{Stage, instance_of, pause, play};
use std::time::Duration;

/// Puts targets into the browser's storage before the page starts: so many of one address, in pools.
async fn with_targets(stage: &Stage, url: &str, n_targets: usize, n_pools: usize) {
    let script = format!(
        "localStorage['promenade.targets'] ??= JSON.stringify(Array.from({{ length: {n_targets} }}, (_, n) => ({{ id: n + 1, spec: {{ \
         url: '{url}', job: 'pool-' + String(n % {n_pools}).padStart(2, '0'), \
         labels: [['shard', String(n)]], interval_ms: 5000, timeout_ms: 5000 }} }})))"
    );
    stage.page.before_load(&script).await;
}

fn row(word: &str) -> crate::browser::Locator {
    holding("row", word)
}

#[test]
fn targets_stand_in_pools_that_fold_and_filter_and_the_address_holds_it() {
    let target = BadTarget::start();
    play("pools", async |stage: &Stage| {
        with_targets(stage, &target.url("/cors/good"), 6, 3).await;
        stage.open("/targets").await;
        stage.target_says("shard=\"5\"", "up").await;
        let n_tables = stage.page.count(&every("table")).await;
        assert_eq!(n_tables, 3);
        stage.page.choose(&by("select", "Pool"), "pool-01").await;
        stage.page.says(&every("status"), "2 of 6 targets").await;
        stage.page.fill(&by("textbox", "Search targets"), "shard=4").await;
        stage.page.says(&every("status"), "1 of 6 targets").await;
        stage
            .page
            .until("the address", Duration::from_secs(5), async || match stage.page.address().await {
                address if address.ends_with("pool=pool-01&search=shard=4") => Ok(()),
                address => Err(address),
            })
            .await;
        // The address alone brings it back.
        stage.open("/targets?pool=pool-02&search=shard%3D5").await;
        stage.page.says(&every("status"), "1 of 6 targets").await;
        stage.open("/targets?pool=").await;
        stage.page.says(&every("status"), "6 targets").await;
        // Closed once, closed after a reload.
        stage.page.click(&holding("summary", "pool-00")).await;
        stage.page.none(&by("table", "Targets of pool-00")).await;
        stage.open("/targets").await;
        stage.page.one(&by("table", "Targets of pool-01")).await;
        assert_eq!(stage.page.count(&by("table", "Targets of pool-00")).await, 0);
        stage.screenshots("targets-pools").await;
    });
}

#[test]
fn two_hundred_targets_in_thirty_pools_stay_quick_and_one_pool_is_shown_at_first() {
    let target = BadTarget::start();
    play("two-hundred", async |stage: &Stage| {
        with_targets(stage, &target.url("/cors/good"), 200, 30).await;
        stage.open("/targets").await;
        stage.page.says(&every("note"), "There are 30 pools").await;
        assert_eq!(stage.page.count(&every("table")).await, 1);
        stage.page.click(&by("button", "Show all pools")).await;
        stage.page.one(&by("table", "Targets of pool-29")).await;
        stage
            .page
            .until("all to be up", Duration::from_secs(60), async || match stage.status().await {
                status if status.contains("200/200 up") => Ok(()),
                status => Err(status),
            })
            .await;
        stage.screenshots("targets-200").await;
        // How long the page is busy with what one types, and with forty scrapes a second.
        let busy = "const begin = performance.now(); let worst = 0, last = begin;\
            return new Promise(done => { const tick = now => { worst = Math.max(worst, now - last); last = now;\
            now - begin > 3000 ? done(worst) : requestAnimationFrame(tick) }; requestAnimationFrame(tick) })";
        let worst = stage.page.eval(busy, &[]).await.as_f64().unwrap_or(f64::MAX);
        println!("the longest frame of 200 targets: {worst:.0} ms");
        assert!(worst < 1_000.0, "a frame took {worst} ms");
        stage.page.fill(&by("textbox", "Search targets"), "shard=\"17\"").await;
        stage.page.says_within(&every("status"), "of 200 targets", Duration::from_secs(5)).await;
    });
}

#[test]
fn the_history_of_a_target_tells_each_scrape_and_what_went_wrong() {
    let target = BadTarget::start();
    play("history", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.go("Targets").await;
        stage.target_says("/good", "relay").await;
        pause(3).await;
        target.stop();
        stage.target_says("/good", "down").await;
        pause(2).await;
        target.start_again();
        stage.target_says("/good", "up").await;
        let own = row(&format!("instance=\"{}\"", instance_of(&target.url(""))));
        stage.page.click(&by("button", "History").within(&own)).await;
        let table = by("table", "Scrapes, the newest first");
        stage.page.says(&table, "failed").await;
        let text = stage.page.says(&table, "good").await;
        assert!(text.contains("relay"), "{text}");
        stage.page.says(&every("dialog"), "refused the connection").await;
        assert!(stage.page.address().await.contains("view=history&target="));
        // It follows what is scraped.
        let n = stage.page.count(&every("row").within(&table)).await;
        stage
            .page
            .until("another scrape", Duration::from_secs(10), async || {
                match stage.page.count(&every("row").within(&table)).await {
                    now if now > n => Ok(()),
                    now => Err(format!("{now} rows")),
                }
            })
            .await;
        stage.screenshots("history").await;
        stage.page.click(&by("button", "Graph durations")).await;
        stage.graph_has(1, 2).await;
        assert!(stage.page.address().await.contains("scrape_duration_seconds{"));
    });
}

#[test]
fn what_moved_between_two_scrapes_is_told_by_how_much() {
    let target = BadTarget::start();
    play("diff", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.go("Targets").await;
        let own = row(&format!("instance=\"{}\"", instance_of(&target.url(""))));
        pause(2).await;
        stage.page.click(&by("button", "Compare").within(&own)).await;
        let table = by("table", "Series that changed");
        let text = stage.page.says(&table, "shop_requests_total{code=\"200\"}").await;
        assert!(text.contains("+7") && text.contains("in the bucket up to 0.1"), "{text}");
        // From a marked moment on, one series goes.
        stage.page.click(&by("button", "Mark the last scrape")).await;
        target.hide_cellar(true);
        pause(3).await;
        stage.page.click(&by("button", "Compare again")).await;
        stage.page.says(&table, "gone").await;
        stage.page.says(&every("status"), "series changed").await;
        assert!(stage.page.address().await.contains(".marked&to="), "{}", stage.page.address().await);
        stage.page.fill(&by("textbox", "Search series"), "cellar").await;
        stage
            .page
            .until("the one that went", Duration::from_secs(5), async || {
                match stage.page.text_now(&table).await.unwrap_or_default() {
                    text if text.contains("cellar") && !text.contains("kitchen") => Ok(()),
                    text => Err(text),
                }
            })
            .await;
        stage.page.fill(&by("textbox", "Search series"), " ").await;
        stage.screenshots("diff").await;
        // Since a moment of the store.
        stage.page.choose(&by("select", "From: scrape"), "stored").await;
        stage.page.fill(&by("textbox", "From: time"), "now-2s").await;
        stage.page.press(Key::ENTER).await;
        stage.page.says(&table, "shop_requests_total").await;
    });
}

#[test]
fn two_real_targets_are_compared() {
    let Some(exporter) = Server::node_exporter() else { return };
    play("diff-targets", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&format!("{}/metrics", exporter.origin())).await;
        stage.go("Targets").await;
        stage.target_says(&instance_of(&exporter.origin()), "relay").await;
        let own = row(&format!("instance=\"{}\"", instance_of(&exporter.origin())));
        stage.page.click(&by("button", "Compare").within(&own)).await;
        let other = format!("{}/metrics", stage.relay.origin());
        let value = "function(name) { return [...this.options].find(option => option.text === name)?.value }";
        let value = stage.page.call(&by("select", "To: target"), value, &[other.into()]).await;
        stage.page.choose(&by("select", "To: target"), value.as_str().expect("the relay's own metrics")).await;
        stage.page.choose(&by("select", "From: scrape"), "last").await;
        let table = by("table", "Series that changed");
        stage.page.says(&table, "family is gone").await;
        // The exporter has hundreds of families, and only the first of all that changed are drawn.
        stage.page.click(&beginning("checkbox", "gone (")).await;
        let text = stage.page.says(&table, "new family").await;
        assert!(text.contains("promenade_relay_") && !text.contains("family is gone"), "{text}");
    });
}

#[test]
fn a_body_of_megabytes_is_coloured_searched_and_wrapped() {
    let target = BadTarget::start();
    play("raw-body", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/two-megabytes")).await;
        stage.go("Targets").await;
        let own = row(&format!("instance=\"{}\"", instance_of(&target.url(""))));
        stage.page.click(&by("button", "Raw body").within(&own)).await;
        let lines = by("list", "Lines");
        stage.page.says(&lines, "bulk_value").await;
        let n_drawn = stage.page.call(&lines, "function() { return this.children.length }", &[]).await;
        assert!(n_drawn.as_u64().is_some_and(|n| n < 500), "{n_drawn} of 40,000 lines are drawn");
        let colours =
            "function() { return [...new Set([...this.querySelectorAll('span')].map(s => s.className))].join(' ') }";
        let colours = stage.page.call(&lines, colours, &[]).await;
        assert!(
            colours.as_str().is_some_and(|all| all.contains("tok-metric") && all.contains("tok-string")),
            "{colours}"
        );
        // Far away, and the next of ten.
        stage.page.fill(&by("textbox", "Search lines"), "item=\"03999").await;
        stage.page.says(&every("status"), "1 of 10").await;
        stage.page.says(&lines, "item=\"039990\"").await;
        stage.page.click(&by("textbox", "Search lines")).await;
        stage.page.press(Key::ENTER).await;
        stage.page.says(&every("status"), "2 of 10").await;
        stage.page.press_with(Key::ENTER, SHIFT).await;
        stage.page.says(&every("status"), "1 of 10").await;
        stage.page.click(&by("checkbox", "Only lines that have it")).await;
        stage
            .page
            .until("ten lines", Duration::from_secs(5), async || {
                let n = stage.page.call(&lines, "function() { return this.children.length }", &[]).await;
                if n == 10 { Ok(()) } else { Err(n.to_string()) }
            })
            .await;
        stage.page.click(&by("checkbox", "Only lines that have it")).await;
        stage.page.click(&by("checkbox", "Wrap lines")).await;
        stage.page.one(&by("button", "Show later lines")).await;
        stage.screenshots("raw-body").await;
        // The address alone opens it again, after a reload too.
        let address = stage.page.address().await;
        assert!(address.contains("view=raw&target="), "{address}");
        stage.page.goto(&address).await;
        stage.page.says(&lines, "bulk_value").await;
    });
}

#[test]
fn what_was_added_by_hand_is_told_with_the_labels_that_its_address_means() {
    let target = BadTarget::start();
    play("discovery", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.go("Targets").await;
        stage.page.click(&by("link", "Service discovery")).await;
        let address = format!("__address__=\"{}\"", instance_of(&target.url("")));
        stage.page.says(&every("listitem"), &address).await;
        stage.page.fill(&by("textbox", "Search discovered targets"), "/good").await;
        stage
            .page
            .until("the address", Duration::from_secs(5), async || match stage.page.address().await {
                address if address.ends_with("/service-discovery?search=/good") => Ok(()),
                address => Err(address),
            })
            .await;
        stage.screenshots("discovery").await;
        stage.page.click(&by("button", "Show it among the targets")).await;
        stage.page.says(&every("status"), "1 of 2 targets").await;
    });
}

#[test]
fn each_rule_of_a_configuration_is_told_with_what_it_changed_and_what_it_dropped() {
    let target = BadTarget::start();
    play("discovery-rules", async |stage: &Stage| {
        let here = instance_of(&target.url(""));
        let text = format!(
            "scrape_configs:\n- job_name: shop\n  metrics_path: /good\n  static_configs:\n\
             \x20 - targets: ['{here}', 'localhost:1']\n    labels: {{tier: web}}\n  relabel_configs:\n\
             \x20 - {{source_labels: [tier], target_label: floor, replacement: ground}}\n\
             \x20 - {{source_labels: [__address__], regex: 'localhost:1', action: drop}}\n"
        );
        stage.open("/").await;
        stage.add_endpoint(&text).await;
        stage.go("Targets").await;
        stage.target_says("floor=\"ground\"", "up").await;
        stage.page.click(&by("link", "Service discovery")).await;
        let shop = holding("group", "shop");
        stage.page.says(&shop, "2 discovered · 1 scraped · 1 dropped").await;
        stage.page.choose(&by("select", "What became of them"), "dropped").await;
        let dropped = holding("listitem", "dropped by rule 2");
        stage.page.says(&dropped, "__address__=\"localhost:1\"").await;
        stage.page.click(&holding("summary", "2 rules").within(&dropped)).await;
        let steps = stage.page.says(&dropped, "drops the target").await;
        assert!(steps.contains("action: drop") && steps.contains("floor") && steps.contains("ground"), "{steps}");
        assert!(stage.page.address().await.ends_with("/service-discovery?fate=dropped"));
        stage.screenshots("discovery-rules").await;
    });
}
