//! What the graph answers to: legend, tooltip and dragging.

use crate::bad_target::BadTarget;
use crate::browser::{CTRL, beginning, by};
use crate::stage::{BRIEF, Stage, instance_of, play, region};
use serde_json::Value;

#[test]
fn a_click_in_the_legend_isolates_a_series_and_ctrl_click_toggles_it() {
    let target = BadTarget::start();
    play("legend", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.table_of("shop_temperature_celsius").await;
        stage.show_graph(1).await;
        stage.set_range(1, "10s").await;
        stage.graph_has(1, 20).await;
        let entries = beginning("button", "{room=").within(&by("table", "Legend")).within(&region(1));
        stage.n_colours_become(1, 2).await;
        assert_eq!(stage.page.count(&entries).await, 2);
        // The first entry is the cellar: series are sorted by their labels.
        stage.page.click(&entries).await;
        stage.n_colours_become(1, 1).await;
        stage.page.click(&entries).await;
        stage.n_colours_become(1, 2).await;
        stage.page.click_with(&entries, CTRL).await;
        stage.n_colours_become(1, 1).await;
        stage.page.click_with(&entries, CTRL).await;
        stage.n_colours_become(1, 2).await;
    });
}

#[test]
fn the_tooltip_has_the_exact_value_and_all_labels_of_the_nearest_series() {
    let target = BadTarget::start();
    play("tooltip", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.table_of("shop_temperature_celsius{room=\"kitchen\"}").await;
        stage.show_graph(1).await;
        stage.set_range(1, "10s").await;
        stage.graph_has(1, 100).await;
        let (x, y, width, height) = box_of_graph(stage).await;
        stage.page.mouse("mouseMoved", x + width * 0.7, y + height * 0.5, 0).await;
        stage
            .page
            .until("the tooltip", BRIEF, async || {
                stage.page.mouse("mouseMoved", x + width * 0.72, y + height * 0.5, 0).await;
                let picture = beginning("picture", "Graph of").within(&region(1));
                let text = stage.page.text_now(&picture).await.unwrap_or_default();
                let is_whole = ["room", "kitchen", "instance", "job"].iter().all(|word| text.contains(word));
                if is_whole { Ok(()) } else { Err(text) }
            })
            .await;
        stage.page.screenshot("tooltip").await;
    });
}

#[test]
fn dragging_over_the_graph_zooms_into_that_time() {
    play("zoom", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "graph")]).await;
        stage.graph_has(1, 100).await;
        let (x, y, width, height) = box_of_graph(stage).await;
        let middle = y + height * 0.5;
        stage.page.drag((x + width * 0.3, middle), (x + width * 0.6, middle)).await;
        stage
            .page
            .until("the address to have an end", BRIEF, async || {
                let address = stage.page.address().await;
                if address.contains("g0.end_input=") && !address.contains("range_input=5m") {
                    Ok(())
                } else {
                    Err(address)
                }
            })
            .await;
        stage.page.history(-1).await;
        stage
            .page
            .until("the way back to undo the zoom", BRIEF, async || {
                let address = stage.page.address().await;
                if address.contains("range_input=5m") { Ok(()) } else { Err(address) }
            })
            .await;
    });
}

/// Left, top, width and height of the first canvas.
async fn box_of_graph(stage: &Stage) -> (f64, f64, f64, f64) {
    let body = "const box = document.querySelector('canvas').getBoundingClientRect();\
                document.querySelector('canvas').scrollIntoView({ block: 'center', behavior: 'instant' });\
                const at = document.querySelector('canvas').getBoundingClientRect();\
                return [at.x, at.y, box.width, box.height]";
    let edges: Value = stage.page.eval(body, &[]).await;
    let edge = |idx: usize| edges[idx].as_f64().unwrap_or(0.0);
    (edge(0), edge(1), edge(2), edge(3))
}

#[test]
fn the_graph_is_named_for_people_who_listen() {
    play("graph-name", async |stage: &Stage| {
        stage.open_query(&[("vector(3)", "graph")]).await;
        stage.page.one(&beginning("picture", "Graph of vector(3)").within(&region(1))).await;
    });
}

#[test]
fn odd_answers_are_drawn_or_said_in_every_form() {
    play("odd-graphs", async |stage: &Stage| {
        stage.open_query(&[("vector(1)", "graph")]).await;
        stage.graph_has(1, 100).await;
        let odd = [
            ("vector(NaN)", "5m"),
            ("vector(1/0)", "5m"),
            ("nobody_has_this", "5m"),
            ("vector(1e308)", "1s"),
            ("vector(-1e-300)", "10y"),
            (
                "label_replace(vector(1), \"x\", \"<img src=x onerror=alert(1)>\u{202e}e\u{301}\u{5d0}\", \"\", \"\")",
                "10ms",
            ),
        ];
        for (expr, range) in odd {
            for form in ["lines", "stacked", "bars", "points", "steps", "heatmap", "states"] {
                let mut query = url::form_urlencoded::Serializer::new(String::from("/query?"));
                query.append_pair("g0.expr", expr).append_pair("g0.tab", "graph").append_pair("g0.range_input", range);
                query.append_pair("g0.display_mode", form).append_pair("g0.events", "1");
                let go = "history.pushState(null, '', arguments[0]); dispatchEvent(new PopStateEvent('popstate'))";
                stage.page.eval(go, &[query.finish().into()]).await;
                stage
                    .page
                    .until(&format!("an answer to {expr} as {form}"), BRIEF, async || {
                        let panel = stage.panel_text(1).await;
                        let busy = stage.page.call(&region(1), "function() { return this.ariaBusy }", &[]).await;
                        let field = stage.value_of(&crate::stage::expression(1)).await;
                        let is_answered = busy != "true" && field == expr && panel.contains(" series");
                        if is_answered { Ok(()) } else { Err(panel) }
                    })
                    .await;
            }
        }
        // Whatever was shown, the next question is answered as ever.
        stage.open_query(&[("vector(1)", "graph")]).await;
        stage.graph_has(1, 100).await;
    });
}
