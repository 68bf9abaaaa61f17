//! Pictures of each page, both themes, both widths: to be looked at. What is asserted is that nothing scrolls sideways.

use crate::bad_target::BadTarget;
use crate::stage::{Stage, instance_of, play};

#[test]
fn the_first_visit_fits_into_both_widths() {
    play("page-first", async |stage: &Stage| {
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        stage.graph_has(1, 5).await;
        stage.screenshots("first-visit").await;
    });
}

#[test]
fn each_page_fits_into_both_widths_with_good_bad_and_long_named_targets() {
    let targets = ["/good", "/long-names", "/one-bad-line", "/html"].map(|path| (BadTarget::start(), path));
    play("pages", async |stage: &Stage| {
        stage.open("/").await;
        for (target, path) in &targets {
            stage.add_endpoint(&target.url(path)).await;
        }
        stage.scrape_each_second(&instance_of(&targets[0].0.url(""))).await;
        stage.table_of("shop_temperature_celsius").await;
        stage.some_rows(1).await;
        stage.screenshots("table").await;
        stage.show_graph(1).await;
        stage.set_range(1, "1m").await;
        stage.graph_has(1, 100).await;
        stage.screenshots("graph").await;
        stage.run(1, "{__name__=~\".+\"}").await;
        stage.show_table(1).await;
        stage.some_rows(1).await;
        stage.screenshots("table-long").await;
        for (page, name) in [("Metrics", "metrics"), ("Targets", "targets"), ("Status", "status")] {
            stage.go(page).await;
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            stage.screenshots(name).await;
        }
    });
}
