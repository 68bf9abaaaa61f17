//! Several expressions in one graph, their units, and notes on it.

use crate::browser::{Key, by, every, holding};
use crate::stage::{BRIEF, Stage, play, region};

/// The field of one of several expressions of the first panel.
fn field(letter: &str) -> crate::browser::Locator {
    by("textbox", &format!("Expression {letter}")).within(&region(1))
}

#[test]
fn a_graph_draws_several_expressions_and_each_tells_its_own_errors() {
    play("expressions", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "graph")]).await;
        stage.graph_has(1, 100).await;
        let add = by("button", "Add expression").within(&region(1));
        stage.page.click(&add).await;
        stage.page.fill(&field("B"), "vector(2)").await;
        stage.page.press(Key::ENTER).await;
        stage.n_colours_become(1, 2).await;
        let address = stage.page.address().await;
        assert!(address.contains("g0.expr1=vector(2)"), "{address}");
        // What is wrong with one is said beside it, and the other is drawn on.
        stage.page.fill(&field("B"), "sum(").await;
        stage.page.press(Key::ENTER).await;
        stage.page.says(&every("alert").within(&region(1)), "Expected )").await;
        stage.n_colours_become(1, 1).await;
        // What only the worker knows, too.
        stage.page.fill(&field("B"), "label_replace(vector(2), \"0\", \"\", \"\", \"(\")").await;
        stage.page.press(Key::ENTER).await;
        stage.page.one(&every("alert").within(&region(1))).await;
        stage.page.screenshot("expressions").await;
        stage.page.click(&by("button", "Remove expression B").within(&region(1))).await;
        stage.page.one(&by("textbox", "Expression").within(&region(1))).await;
        stage.page.none(&every("alert").within(&region(1))).await;
        let address = stage.page.address().await;
        assert!(!address.contains("expr1"), "{address}");
    });
}

#[test]
fn the_table_is_that_of_the_first_expression() {
    play("expressions-table", async |stage: &Stage| {
        stage.open("/query?g0.expr=vector(1)&g0.expr1=vector(2)&g0.tab=graph&g0.range_input=5m").await;
        stage.n_colours_become(1, 2).await;
        stage.show_table(1).await;
        stage.page.says(&every("note").within(&region(1)), "first expression").await;
        stage.page.none(&field("B")).await;
        let rows = stage.some_rows(1).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
    });
}

#[test]
fn units_that_do_not_go_together_are_told() {
    play("unit-mismatch", async |stage: &Stage| {
        stage.open_query(&[("disk_free_bytes + scrape_duration_seconds", "graph")]).await;
        let note = holding("note", "in bytes").within(&region(1));
        stage.page.says(&note, "the right side in seconds").await;
    });
}

#[test]
fn notes_stand_on_the_graph_and_can_be_changed_and_brought_back() {
    play("notes", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "graph")]).await;
        stage.graph_has(1, 100).await;
        let without = picture(stage).await;
        stage.page.eval("document.querySelector('.graph-plot').focus()", &[]).await;
        stage.page.type_slowly("n").await;
        let form = by("dialog", "New note");
        stage.page.fill(&by("textbox", "Text").within(&form), NOTE).await;
        stage.page.press(Key::ENTER).await;
        stage.page.none(&form).await;
        summary_is(stage, "Notes (1)").await;
        picture_becomes(stage, |now| now != without, "one with a note").await;
        stage.page.screenshot("notes").await;
        let moment = picture(stage).await;

        stage.page.eval("document.querySelector('details.notes').open = true", &[]).await;
        stage.page.click(&by("button", &format!("Edit note: {NOTE}"))).await;
        let form = by("dialog", "Edit note");
        stage.page.fill(&by("textbox", "Lasts").within(&form), "soon").await;
        stage.page.click(&by("button", "Save").within(&form)).await;
        stage.page.one(&every("alert").within(&form)).await;
        stage.page.fill(&by("textbox", "Lasts").within(&form), "1m").await;
        stage.page.click(&by("button", "Save").within(&form)).await;
        stage.page.none(&form).await;
        picture_becomes(stage, |now| now != without && now != moment, "one with a band").await;

        stage.page.click(&by("button", &format!("Delete note: {NOTE}"))).await;
        summary_is(stage, "Notes").await;
        picture_becomes(stage, |now| now == without, "the one before").await;
        stage.page.click(&by("button", "Undo")).await;
        summary_is(stage, "Notes (1)").await;
        // It is there again after a reload, and only text.
        stage.page.goto(&stage.page.address().await).await;
        summary_is(stage, "Notes (1)").await;
        let n_bold = stage.page.eval("return document.querySelectorAll('details.notes b').length", &[]).await;
        assert_eq!(n_bold.as_u64(), Some(0));
    });
}

/// What a note says; it has to stay text.
const NOTE: &str = "deploy <b>v2</b>";

/// The picture with the lines, as text.
async fn picture(stage: &Stage) -> String {
    let found = stage.page.eval("return document.querySelector('.graph-picture').toDataURL()", &[]).await;
    found.as_str().unwrap_or_default().to_owned()
}

async fn picture_becomes(stage: &Stage, is_it: impl Fn(&str) -> bool, what: &str) {
    stage
        .page
        .until(&format!("the picture to become {what}"), BRIEF, async || {
            if is_it(&picture(stage).await) { Ok(()) } else { Err("another picture".to_owned()) }
        })
        .await;
}

/// Waits until the line above the list of notes says this.
async fn summary_is(stage: &Stage, wanted: &str) {
    stage
        .page
        .until(&format!("{wanted:?} above the list"), BRIEF, async || {
            let found =
                stage.page.eval("return document.querySelector('details.notes > summary')?.innerText", &[]).await;
            let text = found.as_str().unwrap_or_default().trim().to_owned();
            if text == wanted { Ok(()) } else { Err(text) }
        })
        .await;
}
