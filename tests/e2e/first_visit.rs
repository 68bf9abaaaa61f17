//! What a stranger sees before anything is typed.

use crate::bad_target::BadTarget;
use crate::browser::by;
use crate::stage::{Stage, play};
use std::time::Duration;

#[test]
fn a_first_visit_shows_the_relays_own_graph_moving() {
    play("first-visit", async |stage: &Stage| {
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        stage.graph_has(1, 5).await;
        let first = picture(stage).await;
        stage
            .page
            .until("the graph to move", Duration::from_secs(20), async || {
                let now = picture(stage).await;
                if now == first { Err("the same picture".to_owned()) } else { Ok(()) }
            })
            .await;
    });
}

#[test]
fn the_field_for_an_endpoint_is_ready_for_typing_on_a_first_visit() {
    play("first-visit-field", async |stage: &Stage| {
        stage.open("/").await;
        stage.page.one(&by("textbox", "Metrics URL or metrics text")).await;
        stage
            .page
            .until("the focus to be in the field for an endpoint", Duration::from_secs(5), async || {
                let focused = stage.page.focused().await;
                if focused.name == "Metrics URL or metrics text" { Ok(()) } else { Err(format!("{focused:?}")) }
            })
            .await;
    });
}

/// The pixels of the first canvas, as one text.
async fn picture(stage: &Stage) -> String {
    let url = stage.page.eval("return document.querySelector('canvas')?.toDataURL()", &[]).await;
    url.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_query_that_was_asked_before_the_first_scrape_is_answered_by_it() {
    play("first-answer", async |stage: &Stage| {
        stage.open("/query?g0.expr=up&g0.tab=table").await;
        stage.status_says("1/1 up").await;
        // The second scrape is 5 s later.
        stage
            .page
            .until("the answer", Duration::from_secs(3), async || match stage.rows(1).await.len() {
                1 => Ok(()),
                _ => Err(stage.panel_text(1).await),
            })
            .await;
    });
}

#[test]
fn an_endpoint_that_is_pasted_before_the_worker_is_there_does_not_replace_the_own_relay() {
    let target = BadTarget::start();
    play("pasted-early", async |stage: &Stage| {
        let script = PASTE_AT_ONCE.replace("ADDRESS", &target.url("/good"));
        stage.page.before_load(&script).await;
        stage.open("/").await;
        stage.status_says("2/2 up").await;
    });
}

/// Submits an address in the moment in which the field for it appears.
const PASTE_AT_ONCE: &str = "const watch = new MutationObserver(() => {\
    const field = document.querySelector('[aria-label=\"Metrics URL or metrics text\"]');\
    if (!field) return;\
    watch.disconnect();\
    field.value = 'ADDRESS';\
    field.dispatchEvent(new Event('input', { bubbles: true }));\
    field.form.requestSubmit() });\
    watch.observe(document, { childList: true, subtree: true });";
