//! What hands do on a graph: zoom, move, go back, see the cursor on all graphs, keep boxes and copy from them.

use crate::bad_target::BadTarget;
use crate::browser::{CTRL, Key, Locator, NO_MODIFIER, SHIFT, by, every};
use crate::stage::{BRIEF, Stage, instance_of, pause, play, region};

/// A fixed range of twenty minutes, so that nothing but hands changes it.
const FIXED: &str = "/query?g0.expr=vector(1)&g0.tab=graph&g0.range_input=20m&g0.end_input=2026-05-01%2012:00:00";

#[test]
fn the_wheel_zooms_about_the_cursor_with_ctrl_only_and_a_double_click_goes_back() {
    play("wheel-zoom", async |stage: &Stage| {
        stage.open(FIXED).await;
        stage.graph_has(1, 100).await;
        let at = place(stage, 1, 0.25, 0.5).await;
        stage.page.mouse("mouseMoved", at.0, at.1, NO_MODIFIER).await;
        stage.page.wheel(at, 100.0, NO_MODIFIER).await;
        pause(1).await;
        assert!(stage.page.address().await.contains("range_input=20m"), "without Ctrl the page scrolls");
        let at = place(stage, 1, 0.25, 0.5).await;
        stage.page.mouse("mouseMoved", at.0, at.1, NO_MODIFIER).await;
        for _ in 0..3 {
            stage.page.wheel(at, -100.0, CTRL).await;
        }
        // 0.9 three times of 1,200 s.
        let zoomed = address_with(stage, "range_input=14m3").await;
        // A quarter of what is gone was left of the cursor, three quarters right.
        assert!(zoomed.contains("end_input=2026-05-01 11:55:5"), "{zoomed}");
        stage.page.one(&by("button", "Undo zoom").within(&region(1))).await;
        pause(1).await;
        stage.page.double_click(place(stage, 1, 0.5, 0.5).await).await;
        address_with(stage, "range_input=20m").await;
        stage.page.none(&by("button", "Undo zoom").within(&region(1))).await;
        assert_eq!(stage.page.count(&pins()).await, 0, "a double click pins nothing");
    });
}

#[test]
fn the_way_back_of_the_browser_undoes_a_zoom_too() {
    play("zoom-history", async |stage: &Stage| {
        stage.open(FIXED).await;
        stage.graph_has(1, 100).await;
        let (from, to) = (place(stage, 1, 0.25, 0.5).await, place(stage, 1, 0.5, 0.5).await);
        stage.page.drag(from, to).await;
        address_with(stage, "range_input=5m").await;
        stage.page.history(-1).await;
        address_with(stage, "range_input=20m").await;
        stage.page.none(&by("button", "Undo zoom").within(&region(1))).await;
    });
}

#[test]
fn keys_zoom_move_and_go_back_on_a_graph_that_has_the_focus_or_the_mouse() {
    play("zoom-keys", async |stage: &Stage| {
        stage.open(FIXED).await;
        stage.graph_has(1, 100).await;
        stage.page.eval("document.querySelector('.graph-plot').focus()", &[]).await;
        stage.page.press(Key::PLUS).await;
        address_with(stage, "range_input=16m").await;
        pause(2).await;
        stage.page.press(Key::MINUS).await;
        address_with(stage, "range_input=20m").await;
        pause(2).await;
        stage.page.press(Key::LEFT).await;
        address_with(stage, "end_input=2026-05-01 11:55:00").await;
        pause(2).await;
        stage.page.press_with(Key::RIGHT, SHIFT).await;
        address_with(stage, "end_input=2026-05-01 12:00:00").await;
        pause(2).await;
        stage.page.press_with(Key::Z, CTRL).await;
        address_with(stage, "end_input=2026-05-01 11:55:00").await;
        stage.page.press(Key::ZERO).await;
        let first = address_with(stage, "end_input=2026-05-01 12:00:00").await;
        assert!(first.contains("range_input=20m"), "{first}");
        // The focus is elsewhere, the mouse is here; in a field keys are letters.
        stage.page.eval("document.activeElement.blur()", &[]).await;
        let at = place(stage, 1, 0.5, 0.5).await;
        stage.page.mouse("mouseMoved", at.0, at.1, NO_MODIFIER).await;
        stage.page.press(Key::PLUS).await;
        address_with(stage, "range_input=16m").await;
        stage.page.call(&by("textbox", "Range").within(&region(1)), "function() { this.focus() }", &[]).await;
        stage.page.press(Key::MINUS).await;
        pause(1).await;
        assert!(stage.page.address().await.contains("range_input=16m"));
    });
}

#[test]
fn arrows_walk_along_the_line_after_enter() {
    play("walk", async |stage: &Stage| {
        stage.open(FIXED).await;
        stage.graph_has(1, 100).await;
        stage.page.eval("document.querySelector('.graph-plot').focus()", &[]).await;
        stage.page.press(Key::ENTER).await;
        spoken(stage, "1 at 2026-05-01 12:00:00").await;
        stage.page.press(Key::LEFT).await;
        spoken(stage, "1 at 2026-05-01 11:59:56").await;
        assert!(stage.page.address().await.contains("end_input=2026-05-01 12:00:00"));
        stage.page.press(Key::ENTER).await;
        stage.page.one(&pins()).await;
        stage.page.press(Key::TAB).await;
        stage.page.press(Key::ESCAPE).await;
        stage.page.none(&pins()).await;
        let has_focus = stage.page.eval("return document.activeElement.matches('.graph-plot')", &[]).await;
        assert_eq!(has_focus, true);
        stage.page.press(Key::LEFT).await;
        address_with(stage, "end_input=2026-05-01 11:55:00").await;
    });
}

#[test]
fn a_drag_with_shift_moves_the_axis_and_leaves_the_present() {
    play("pan", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "graph")]).await;
        stage.graph_has(1, 100).await;
        let (from, to) = (place(stage, 1, 0.3, 0.5).await, place(stage, 1, 0.6, 0.5).await);
        stage.page.drag_with(from, to, SHIFT).await;
        let moved = address_with(stage, "end_input=").await;
        assert!(moved.contains("range_input=5m"), "{moved}");
        pause(1).await;
        let (from, to) = (place(stage, 1, 0.2, 0.5).await, place(stage, 1, 0.9, 0.5).await);
        stage.page.drag_with(to, from, SHIFT).await;
        stage
            .page
            .until("the graph to follow the clock again", BRIEF, async || {
                let address = stage.page.address().await;
                if address.contains("end_input=") { Err(address) } else { Ok(()) }
            })
            .await;
    });
}

#[test]
fn two_fingers_stretch_the_axis() {
    play("pinch", async |stage: &Stage| {
        stage.open(FIXED).await;
        stage.graph_has(1, 100).await;
        let at = async |part: f64| place(stage, 1, part, 0.5).await;
        stage.page.touch("touchStart", &[at(0.4).await]).await;
        stage.page.touch("touchStart", &[at(0.4).await, at(0.6).await]).await;
        for step in 1..=4 {
            let spread = 0.05 * f64::from(step);
            stage.page.touch("touchMove", &[at(0.4 - spread).await, at(0.6 + spread).await]).await;
        }
        stage.page.touch("touchEnd", &[]).await;
        // A fifth of the width became three fifths.
        let zoomed = address_with(stage, "range_input=6m").await;
        assert!(zoomed.contains("end_input=2026-05-01 11:53:"), "{zoomed}");
    });
}

#[test]
fn the_cursor_of_a_graph_is_seen_on_the_others() {
    play("linked", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "graph"), ("vector(2)", "graph")]).await;
        stage.graph_has(1, 100).await;
        stage.graph_has(2, 100).await;
        let at = place(stage, 1, 0.5, 0.5).await;
        stage.page.mouse("mouseMoved", at.0, at.1, NO_MODIFIER).await;
        let ink = "const canvas = document.querySelectorAll('.graph-plot')[1].querySelectorAll('canvas')[1];\
                   const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);\
                   const xs = [];\
                   for (let x = 0; x < width; x++) {\
                       let n = 0;\
                       for (let y = 0; y < canvas.height; y++) n += data[(y * width + x) * 4 + 3] > 0;\
                       if (n > canvas.height / 2) xs.push(x);\
                   }\
                   return xs";
        stage
            .page
            .until("a hair on the second graph", BRIEF, async || match stage.page.eval(ink, &[]).await.as_array() {
                Some(xs) if xs.len() == 1 => Ok(()),
                found => Err(format!("{found:?}")),
            })
            .await;
        stage.page.screenshot("linked").await;
        stage.page.mouse("mouseMoved", 2.0, 2.0, NO_MODIFIER).await;
        stage
            .page
            .until("the hair to go", BRIEF, async || match stage.page.eval(ink, &[]).await.as_array() {
                Some(xs) if xs.is_empty() => Ok(()),
                found => Err(format!("{found:?}")),
            })
            .await;
    });
}

#[test]
fn a_click_pins_a_box_from_which_labels_are_copied_and_the_other_list_has_all_series() {
    let target = BadTarget::start();
    play("pin", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.table_of("shop_temperature_celsius").await;
        stage.show_graph(1).await;
        stage.set_range(1, "10s").await;
        // So that there is a sample where the mouse clicks.
        stage.graph_has(1, 500).await;
        let permission = serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        stage.page.cdp("Browser.grantPermissions", permission).await;
        let (x, y) = place(stage, 1, 0.7, 0.5).await;
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            stage.page.mouse(kind, x, y, NO_MODIFIER).await;
        }
        let pin = pins();
        stage.page.one(&pin).await;
        let pair = by("button", "Copy room=\"kitchen\"");
        let other = by("button", "Copy room=\"cellar\"");
        let pair = if stage.page.count(&pair).await > 0 { pair } else { other };
        stage.page.click(&pair).await;
        stage.page.says(&every("status").within(&region(1)), "Copied room=\"").await;
        let copied = stage.page.eval("return navigator.clipboard.readText()", &[]).await;
        assert!(copied.as_str().is_some_and(|text| text.starts_with("room=\"")), "{copied}");
        let corner = "function() { const box = this.getBoundingClientRect(); return [box.x, box.y] }";
        let before = stage.page.call(&pin, corner, &[]).await;
        stage.page.eval("document.querySelector('.pin-handle').focus()", &[]).await;
        stage.page.press(Key::LEFT).await;
        stage
            .page
            .until("the box to move", BRIEF, async || {
                let after = stage.page.call(&pin, corner, &[]).await;
                if after[0].as_f64() < before[0].as_f64() { Ok(()) } else { Err(format!("{before} {after}")) }
            })
            .await;
        stage.page.screenshot("pin").await;
        stage.page.click(&by("button", "Close").within(&pin)).await;
        stage.page.none(&pin).await;

        stage.page.press(Key::A).await;
        let (x, y) = place(stage, 1, 0.6, 0.5).await;
        stage
            .page
            .until("both series in the box", BRIEF, async || {
                stage.page.mouse("mouseMoved", x, y, NO_MODIFIER).await;
                let body = "return [...document.querySelectorAll('.tooltip-list li')].map(row => row.innerText)";
                let rows = stage.page.eval(body, &[]).await.to_string();
                let has_both = rows.contains("kitchen") && rows.contains("cellar");
                if has_both { Ok(()) } else { Err(rows) }
            })
            .await;
        stage.page.screenshot("tooltip-all").await;
    });
}

/// The boxes that stay.
fn pins() -> Locator {
    crate::browser::beginning("group", "Pinned:").within(&region(1))
}

/// A place in a panel's plot, by the part of its width and height: the plot lies within the axes' texts.
async fn place(stage: &Stage, panel: usize, right: f64, down: f64) -> (f64, f64) {
    let body = "const plot = document.querySelectorAll('.graph-plot')[arguments[0]];\
                plot.scrollIntoView({ block: 'center', behavior: 'instant' });\
                const box = plot.getBoundingClientRect();\
                return [box.x + 44 + (box.width - 60) * arguments[1], box.y + box.height * arguments[2]]";
    let found = stage.page.eval(body, &[(panel - 1).into(), right.into(), down.into()]).await;
    (found[0].as_f64().unwrap_or(0.0), found[1].as_f64().unwrap_or(0.0))
}

/// Waits until the address has this in it, and returns it.
async fn address_with(stage: &Stage, part: &str) -> String {
    stage
        .page
        .until(&format!("the address to have {part}"), BRIEF, async || {
            let address = stage.page.address().await;
            if address.contains(part) { Ok(address) } else { Err(address) }
        })
        .await
}

/// Waits until what the keys have reached begins so.
async fn spoken(stage: &Stage, text: &str) {
    stage
        .page
        .until(&format!("{text:?} to be spoken"), BRIEF, async || {
            let body = "return [...document.querySelectorAll('.graph-figure [aria-live]')].map(e => e.innerText)";
            let said = stage.page.eval(body, &[]).await.to_string();
            if said.contains(text) { Ok(()) } else { Err(said) }
        })
        .await;
}
