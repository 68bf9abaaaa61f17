//! Barriers: axe-core looks at each page in both themes, and may find nothing.
//!
//! All its rules are run, those for good practice too. What it could not decide by itself (colours over a canvas) does not
//! count; contrast of our colours has tests of its own, over `style/tokens.css` and the palette of `crates/chart`.

use crate::bad_target::BadTarget;
use crate::browser::{by, every, holding};
use crate::stage::{Stage, instance_of, play, region};
use std::path::PathBuf;

/// Runs axe, and gives a line for each thing that breaks a rule.
const LOOK: &str = "return axe.run(document, { resultTypes: ['violations'] }).then(found =>\
    found.violations.flatMap(rule => rule.nodes.map(node =>\
        `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}: ${node.html.slice(0, 160)}`)))";

/// The script of axe-core, if it could be had.
fn axe() -> Option<String> {
    let Some(path) = std::env::var_os("PROMENADE_E2E_AXE").map(PathBuf::from) else {
        println!("skipped: axe-core is not here (npm installs it where the registry can be reached)");
        return None;
    };
    Some(std::fs::read_to_string(path).expect("the script of axe-core"))
}

/// Looks at what is open, light and dark.
async fn look(stage: &Stage, axe: &str, what: &str, found: &mut Vec<String>) {
    for is_dark in [false, true] {
        stage.page.dark(is_dark).await;
        // Colours change in a few frames.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stage.page.eval(axe, &[]).await;
        let lines = stage.page.eval(LOOK, &[]).await;
        let theme = if is_dark { "dark" } else { "light" };
        let lines = lines.as_array().unwrap_or_else(|| panic!("axe answered {lines}"));
        found.extend(lines.iter().map(|line| format!("{what}, {theme}: {line}")));
    }
    stage.page.dark(false).await;
}

#[test]
fn axe_finds_no_barrier_on_any_page() {
    let Some(axe) = axe() else {
        return;
    };
    let targets = ["/good", "/one-bad-line"].map(|path| (BadTarget::start(), path));
    play("axe-pages", async |stage: &Stage| {
        let mut found = Vec::new();
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        stage.graph_has(1, 5).await;
        look(stage, &axe, "first visit", &mut found).await;
        for (target, path) in &targets {
            stage.add_endpoint(&target.url(path)).await;
        }
        stage.scrape_each_second(&instance_of(&targets[0].0.url(""))).await;
        stage.table_of("shop_temperature_celsius").await;
        stage.some_rows(1).await;
        look(stage, &axe, "table", &mut found).await;
        stage.run(1, "sum(").await;
        look(stage, &axe, "an error", &mut found).await;
        stage.run(1, "absent_metric_of_nobody").await;
        stage.show_graph(1).await;
        look(stage, &axe, "an empty graph", &mut found).await;
        for page in ["Metrics", "Targets", "Sources", "Status"] {
            stage.go(page).await;
            look(stage, &axe, page, &mut found).await;
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn axe_finds_no_barrier_over_the_targets_and_in_what_was_discovered() {
    let Some(axe) = axe() else {
        return;
    };
    let target = BadTarget::start();
    play("axe-targets", async |stage: &Stage| {
        let mut found = Vec::new();
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.go("Targets").await;
        target.stop();
        stage.target_says("/good", "down").await;
        target.start_again();
        stage.target_says("/good", "up").await;
        let row = holding("row", &format!("instance=\"{}\"", instance_of(&target.url(""))));
        for (button, what, said) in
            [("History", "history", "good"), ("Compare", "a difference", "shop"), ("Raw body", "a body", "shop")]
        {
            stage.page.click(&by("button", button).within(&row)).await;
            stage.page.says(&every("dialog"), said).await;
            look(stage, &axe, what, &mut found).await;
            stage.page.click(&by("button", "Close")).await;
        }
        stage.page.click(&by("link", "Service discovery")).await;
        stage.page.says(&every("listitem"), "__address__").await;
        look(stage, &axe, "service discovery", &mut found).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn axe_finds_no_barrier_in_any_form_of_a_graph() {
    let Some(axe) = axe() else {
        return;
    };
    let target = BadTarget::start();
    play("axe-graphs", async |stage: &Stage| {
        let mut found = Vec::new();
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.run(1, "shop_temperature_celsius").await;
        stage.show_graph(1).await;
        stage.set_range(1, "10s").await;
        stage.graph_has(1, 20).await;
        for form in ["lines", "stacked", "bars", "points", "steps", "states"] {
            stage.page.choose(&by("select", "Form").within(&region(1)), form).await;
            stage.graph_has(1, 10).await;
            look(stage, &axe, form, &mut found).await;
        }
        assert!(stage.page.count(&every("button").within(&by("table", "Legend"))).await > 0);
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn axe_finds_no_barrier_in_a_diagnosis() {
    let Some(axe) = axe() else {
        return;
    };
    let target = BadTarget::start();
    play("axe-doctor", async |stage: &Stage| {
        let mut found = Vec::new();
        stage.open("/").await;
        stage.add_endpoint(&target.url("/404")).await;
        stage.go("Targets").await;
        stage.page.click(&by("disclosure", "Find out why, and how to fix it")).await;
        stage.page.one(&by("button", "Check again")).await;
        stage.page.eval("document.querySelectorAll('details').forEach(details => details.open = true)", &[]).await;
        look(stage, &axe, "a diagnosis", &mut found).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}
