//! Finding metrics without knowing their names: completion and the list.

use crate::bad_target::BadTarget;
use crate::browser::{Key, beginning, by, every};
use crate::stage::{Stage, expression, play};

#[test]
fn completion_offers_a_metric_and_puts_it_into_the_expression() {
    let target = BadTarget::start();
    play("completion", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.page.fill(&expression(1), " ").await;
        stage.page.type_slowly("sum(shop_req").await;
        stage.page.one(&beginning("option", "shop_requests_total").within(&by("listbox", "Completions"))).await;
        stage.page.screenshot("completion").await;
        stage.page.press(Key::TAB).await;
        stage.page.none(&by("listbox", "Completions")).await;
        let value = stage.value_of(&expression(1)).await;
        assert!(value.trim().starts_with("sum(shop_requests_total"), "{value}");
    });
}

#[test]
fn completion_knows_labels_values_functions_and_durations() {
    let target = BadTarget::start();
    play("completion-kinds", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        for (typed, offered) in [
            ("shop_temperature_celsius{ro", "room"),
            ("shop_temperature_celsius{room=\"ki", "kitchen"),
            ("histogram_q", "histogram_quantile"),
            ("rate(shop_requests_total[5", "5m"),
        ] {
            stage.page.fill(&expression(1), " ").await;
            stage.page.type_slowly(typed).await;
            stage.page.says(&every("option").within(&by("listbox", "Completions")), offered).await;
            stage.page.press(Key::ESCAPE).await;
        }
    });
}

#[test]
fn a_click_in_the_list_of_metrics_inserts_the_query_that_fits_the_type() {
    let target = BadTarget::start();
    play("metric-list", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        for (metric, expected) in [
            ("shop_requests", "rate(shop_requests_total[1m])"),
            ("shop_temperature_celsius", "shop_temperature_celsius"),
            ("shop_latency_seconds", "histogram_quantile("),
        ] {
            stage.page.fill(&by("textbox", "Search metrics"), metric).await;
            stage.page.click(&beginning("button", metric).within(&by("list", "Metrics"))).await;
            stage
                .page
                .until(&format!("the query for {metric}"), crate::stage::BRIEF, async || {
                    let value = stage.value_of(&expression(1)).await;
                    if value.starts_with(expected) { Ok(()) } else { Err(value) }
                })
                .await;
        }
    });
}

#[test]
fn the_page_of_metrics_lists_all_families_with_type_help_and_number_of_series() {
    let target = BadTarget::start();
    play("metrics-page", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.go("Metrics").await;
        stage.page.fill(&by("textbox", "Search metrics"), "shop_temp").await;
        let entry = beginning("button", "shop_temperature_celsius").within(&by("list", "Metrics"));
        let text = stage.page.says(&entry, "gauge").await;
        assert!(text.contains("Temperature of a room.") && text.contains('2'), "{text}");
        stage.page.none(&beginning("button", "promenade_").within(&by("list", "Metrics"))).await;
    });
}
