//! The address as the state: links, back and forward.

use crate::browser::by;
use crate::stage::{BRIEF, Stage, expression, play, region};

#[test]
fn a_link_opens_the_same_view() {
    play("link", async |stage: &Stage| {
        let link = "/query?g0.expr=sum(up)&g0.tab=table&g1.expr=vector(2)&g1.tab=graph&g1.range_input=30m";
        stage.open(link).await;
        assert_eq!(stage.value_of(&expression(1)).await, "sum(up)");
        assert_eq!(stage.value_of(&expression(2)).await, "vector(2)");
        assert!(stage.page.one(&by("tab", "Table").within(&region(1))).await.is("selected"));
        assert!(stage.page.one(&by("tab", "Graph").within(&region(2))).await.is("selected"));
        assert_eq!(stage.value_of(&by("textbox", "Range").within(&region(2))).await, "30m");
        stage.value_becomes(1, "1", "").await;
        stage.graph_has(2, 100).await;
    });
}

#[test]
fn a_link_of_prometheus_2_opens_too() {
    play("old-link", async |stage: &Stage| {
        stage.open("/graph?g0.expr=up&g0.tab=0&g0.stacked=0&g0.range_input=15m").await;
        assert_eq!(stage.value_of(&expression(1)).await, "up");
        assert!(stage.page.one(&by("tab", "Graph").within(&region(1))).await.is("selected"));
        assert_eq!(stage.value_of(&by("textbox", "Range").within(&region(1))).await, "15m");
    });
}

#[test]
fn back_and_forward_go_through_expressions_and_pages() {
    play("history", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "table")]).await;
        stage.value_becomes(1, "1", "").await;
        stage.run(1, "vector(2)").await;
        stage.value_becomes(1, "2", "").await;
        stage.go("Targets").await;
        stage.page.one(&by("table", "Targets of promenade-relay")).await;
        stage.page.history(-1).await;
        field_becomes(stage, "vector(2)").await;
        stage.page.history(-1).await;
        field_becomes(stage, "vector(1)").await;
        stage.value_becomes(1, "1", "").await;
        stage.page.history(1).await;
        field_becomes(stage, "vector(2)").await;
        stage.page.history(1).await;
        stage.page.one(&by("table", "Targets of promenade-relay")).await;
    });
}

#[test]
fn targets_and_theme_are_kept_when_the_page_is_loaded_again() {
    let target = crate::bad_target::BadTarget::start();
    play("kept", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.page.click(&by("button", "Theme: system")).await;
        stage.page.one(&by("button", "Theme: light")).await;
        stage.open("/").await;
        stage.page.one(&by("button", "Theme: light")).await;
        stage.status_says("2/2 up").await;
    });
}

async fn field_becomes(stage: &Stage, expr: &str) {
    stage
        .page
        .until(&format!("the expression to be {expr}"), BRIEF, async || {
            let value = stage.value_of(&expression(1)).await;
            if value == expr { Ok(()) } else { Err(format!("{value:?} at {}", stage.page.address().await)) }
        })
        .await;
}
