//! Expressions that are wrong, or ask for too much.

use crate::bad_target::BadTarget;
use crate::browser::by;
use crate::stage::{Stage, error, instance_of, pause, play, region};
use serde_json::Value;
use std::time::Duration;

/// Ten thousand windows of ten thousand samples each: half a minute, if nobody cancels it.
const ENDLESS: &str = "max_over_time(sum_over_time(vector(1)[10000s:1s])[10000s:1s])";

#[test]
fn a_syntax_error_is_underlined_where_it_is() {
    play("syntax-error", async |stage: &Stage| {
        stage.open("/").await;
        stage.run(1, "sum(up) + )").await;
        stage.page.says(&error(1), "Expected an expression").await;
        let marked = underlined(stage).await;
        assert!(marked.iter().any(|text| text.contains(')')), "underlined are {marked:?}");
        stage.page.screenshot("syntax-error").await;
        stage.run(1, "sum(up)").await;
        stage.page.none(&error(1)).await;
        assert_eq!(underlined(stage).await, Vec::<String>::new());
    });
}

#[test]
fn an_unknown_function_asks_whether_another_one_was_meant() {
    play("unknown-function", async |stage: &Stage| {
        stage.open("/").await;
        stage.run(1, "summ(up)").await;
        let said = stage.page.says(&error(1), "summ").await;
        assert!(said.to_lowercase().contains("did you mean") && said.contains("sum"), "{said}");
    });
}

#[test]
fn a_range_of_too_many_points_says_how_many_and_what_to_do() {
    play("too-many-points", async |stage: &Stage| {
        stage.open("/query?g0.expr=up&g0.tab=graph&g0.range_input=1d&g0.res_type=fixed&g0.res_step=1").await;
        let said = stage.page.says(&error(1), "11").await;
        assert!(said.contains("step") || said.contains("range"), "{said}");
    });
}

#[test]
fn a_query_of_too_many_samples_is_stopped_with_the_limit_named_and_the_page_lives() {
    let target = BadTarget::start();
    play("too-many-samples", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/cors/crowd")).await;
        stage.show_graph(1).await;
        // Sixty thousand series at 250 steps, three times; the offset makes samples of now count for the steps before.
        stage.run(1, "sessions_open offset -4m + sessions_open offset -4m + sessions_open offset -4m").await;
        let said = stage.page.says_within(&error(1), "Stopped at", Duration::from_secs(60)).await;
        assert!(said.contains("50,000,000 samples") && said.contains("Narrow the range"), "{said}");
        stage.run(1, "vector(5)").await;
        stage.show_table(1).await;
        stage.value_becomes(1, "5", "").await;
        stage.page.none(&error(1)).await;
    });
}

#[test]
fn a_query_that_takes_long_can_be_cancelled() {
    play("cancel", async |stage: &Stage| {
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        stage.run(1, ENDLESS).await;
        stage.page.click(&by("button", "Cancel").within(&region(1))).await;
        stage.page.says(&region(1), "Cancelled").await;
        // Another width is no reason to begin again.
        stage.page.size(700).await;
        pause(2).await;
        stage.page.says(&region(1), "Cancelled").await;
        stage.page.none(&by("button", "Cancel").within(&region(1))).await;
        stage.run(1, "vector(6)").await;
        stage.show_table(1).await;
        stage.value_becomes(1, "6", "").await;
    });
}

#[test]
fn scrapes_go_on_while_a_query_takes_long() {
    let target = BadTarget::start();
    play("long-query", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        // At one time it takes a moment only.
        stage.show_graph(1).await;
        stage.run(1, ENDLESS).await;
        stage.page.one(&by("button", "Cancel").within(&region(1))).await;
        let before = target.n_requests("/good");
        pause(5).await;
        let n = target.n_requests("/good") - before;
        assert!(n >= 3, "{n} scrapes in 5 s");
    });
}

#[test]
fn a_selector_that_finds_nothing_says_so_and_is_no_error() {
    play("no-series", async |stage: &Stage| {
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        stage.run(1, "no_such_metric_anywhere").await;
        stage.show_table(1).await;
        stage.page.says(&region(1), "no_such_metric_anywhere").await;
        stage.page.none(&error(1)).await;
    });
}

#[test]
fn what_the_engine_does_not_have_yet_is_named() {
    play("not-supported", async |stage: &Stage| {
        stage.open("/").await;
        stage.run(1, "histogram_avg(up)").await;
        // Prometheus answers this with an empty vector and the engine may, too; a number would be wrong.
        stage.show_table(1).await;
        stage.status_says("1/1 up").await;
        assert!(stage.rows(1).await.is_empty(), "{:?}", stage.rows(1).await);
    });
}

/// The texts in the first panel with a line under them.
async fn underlined(stage: &Stage) -> Vec<String> {
    let body = "function() {\
        const marked = [...this.querySelectorAll('*')].filter(e => !e.closest('a') && e.innerText &&\
            getComputedStyle(e).textDecorationLine.includes('underline'));\
        return marked.map(e => e.innerText) }";
    let texts: Value = stage.page.call(&region(1), body, &[]).await;
    serde_json::from_value(texts).unwrap_or_default()
}
