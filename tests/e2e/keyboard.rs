//! Everything without a mouse.

use crate::bad_target::BadTarget;
use crate::browser::{Key, SHIFT, by};
use crate::stage::{Stage, expression, play, region};

/// More stops than any page of ours has before its main part.
const MAX_STOPS: usize = 120;

#[test]
fn an_endpoint_is_added_and_graphed_with_the_keyboard_only() {
    let target = BadTarget::start();
    play("keyboard", async |stage: &Stage| {
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        tab_to(stage, "Metrics URL or metrics text").await;
        stage.page.insert(&target.url("/good")).await;
        stage.page.press(Key::ENTER).await;
        stage.status_says("2/2 up").await;
        tab_to(stage, "Expression").await;
        stage.page.eval("document.activeElement.select()", &[]).await;
        stage.page.insert("vector(1)").await;
        stage.close_completions().await;
        stage.page.press(Key::ENTER).await;
        tab_to(stage, "Graph").await;
        if !stage.page.one(&by("tab", "Graph").within(&region(1))).await.is("selected") {
            stage.page.press(Key::ENTER).await;
        }
        stage.graph_has(1, 50).await;
    });
}

#[test]
fn enter_runs_and_shift_enter_begins_a_line() {
    play("enter", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "table")]).await;
        stage.page.fill(&expression(1), "vector(\n1 +").await;
        stage.close_completions().await;
        stage.page.press_with(Key::ENTER, SHIFT).await;
        stage.page.insert("3)").await;
        stage.close_completions().await;
        stage.page.press(Key::ENTER).await;
        stage.value_becomes(1, "4", "").await;
        assert_eq!(stage.value_of(&expression(1)).await, "vector(\n1 +\n3)");
    });
}

#[test]
fn tabs_are_changed_with_arrow_keys() {
    play("tab-keys", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "table")]).await;
        tab_to(stage, "Table").await;
        stage.page.press(Key::RIGHT).await;
        assert_eq!(stage.page.focused().await.name, "Graph");
        stage.page.press(Key::SPACE).await;
        stage.graph_has(1, 50).await;
    });
}

#[test]
fn every_stop_of_the_tab_key_has_a_name_and_a_visible_focus() {
    let target = BadTarget::start();
    play("stops", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        for page in ["Explore", "Metrics", "Targets", "Status"] {
            stage.go(page).await;
            stage
                .page
                .eval("document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)", &[])
                .await;
            let mut flaws = Vec::new();
            for _ in 0..60 {
                stage.page.press(Key::TAB).await;
                let focused = stage.page.focused().await;
                if focused.role == "RootWebArea" || focused.role == "none" {
                    break;
                }
                let seen = stage.page.eval(FOCUS, &[]).await;
                let seen = seen.as_str().unwrap_or_default().to_owned();
                if focused.name.is_empty() || !seen.is_empty() {
                    flaws.push(format!("{} {:?} {seen}", focused.role, focused.name));
                }
            }
            assert!(flaws.is_empty(), "{page}: {}", flaws.join("\n"));
        }
    });
}

/// What the focus looks like, if one cannot see it.
const FOCUS: &str = "const e = document.activeElement, s = getComputedStyle(e);\
    const outlined = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0, shadowed = s.boxShadow !== 'none';\
    const around = getComputedStyle(e.parentElement), outer = around.outlineStyle !== 'none' && parseFloat(around.outlineWidth) > 0;\
    return outlined || shadowed || outer ? '' : 'no outline: ' + e.outerHTML.slice(0, 100)";

/// Presses the tab key until something of this name has the focus.
async fn tab_to(stage: &Stage, name: &str) {
    let mut passed = Vec::new();
    for _ in 0..MAX_STOPS {
        let focused = stage.page.focused().await;
        if focused.name == name {
            return;
        }
        passed.push(format!("{} {}", focused.role, focused.name));
        stage.page.press(Key::TAB).await;
    }
    panic!("{name} is not reached with the tab key; passed: {}", passed.join(", "));
}
