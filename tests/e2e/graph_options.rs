//! How a graph looks, and the ways out of it: options, legend, files, the table of its values.

use crate::bad_target::BadTarget;
use crate::browser::{Key, Locator, by};
use crate::servers::fresh_dir;
use crate::stage::{BRIEF, Stage, error, instance_of, play, region};
use std::path::{Path, PathBuf};

/// Ten series `{x="s0"}` to `{x="s9"}`; the value of each is 100 over its number and one.
fn ten_series() -> String {
    let one = |n: u32| format!("label_replace(vector(100 / {}), \"x\", \"s{n}\", \"\", \"\")", n + 1);
    (0..10).map(one).collect::<Vec<_>>().join(" or ")
}

async fn address_has(stage: &Stage, part: &str) {
    stage
        .page
        .until(&format!("the address to have {part}"), BRIEF, async || {
            let address = stage.page.address().await;
            if address.contains(part) { Ok(()) } else { Err(address) }
        })
        .await;
}

async fn type_into(stage: &Stage, field: &str, text: &str) {
    stage.page.fill(&by("textbox", field).within(&region(1)), text).await;
    stage.page.press(Key::ENTER).await;
}

fn select(name: &str) -> Locator {
    by("select", name).within(&region(1))
}

#[test]
fn a_form_is_chosen_and_stands_in_the_address() {
    play("graph-form", async |stage: &Stage| {
        stage.open_query(&[("vector(3)", "graph")]).await;
        stage.graph_has(1, 50).await;
        stage.page.one(&select("Value axis")).await;
        stage.page.choose(&select("Form"), "stacked").await;
        address_has(stage, "g0.display_mode=stacked").await;
        stage.graph_has(1, 50).await;
        // What begins at zero has no logarithm.
        stage.page.none(&select("Value axis")).await;
        stage.page.none(&select("Compare with")).await;
        stage.page.history(-1).await;
        stage.page.one(&select("Value axis")).await;
        assert!(!stage.page.address().await.contains("stacked"), "the way back undoes the choice");
        stage.screenshots("graph-options").await;
    });
}

#[test]
fn the_value_axis_takes_ends_that_make_sense() {
    play("graph-axis", async |stage: &Stage| {
        stage.open_query(&[("vector(3)", "graph")]).await;
        stage.graph_has(1, 50).await;
        stage.page.choose(&select("Value axis"), "log").await;
        address_has(stage, "g0.y_scale=log").await;
        stage.page.choose(&select("Values shown"), "fixed").await;
        type_into(stage, "Least value", "-5").await;
        stage.page.says(&error(1), "logarithmic").await;
        assert!(!stage.page.address().await.contains("y_axis_min"), "a refused end is not in the address");
        type_into(stage, "Least value", "0.5").await;
        address_has(stage, "g0.y_axis_min=0.5").await;
        type_into(stage, "Greatest value", "0.1").await;
        stage.page.says(&error(1), "below").await;
        type_into(stage, "Greatest value", "10").await;
        address_has(stage, "g0.y_axis_max=10").await;
        stage.graph_has(1, 50).await;
        stage.page.choose(&select("Unit"), "bytes").await;
        address_has(stage, "g0.unit=bytes").await;
        stage.page.says(&by("table", "Legend").within(&region(1)), "3 B").await;
    });
}

/// The names in the legend, from above.
async fn names(stage: &Stage) -> Vec<String> {
    let body = "function() { return [...this.querySelectorAll('tbody .legend-line td:first-child')].map(cell => cell.innerText.trim()) }";
    let found = stage.page.call(&by("table", "Legend").within(&region(1)), body, &[]).await;
    serde_json::from_value(found).unwrap_or_default()
}

async fn names_become(stage: &Stage, want: &[&str]) {
    stage
        .page
        .until(&format!("the legend to begin with {want:?}"), BRIEF, async || {
            let found = names(stage).await;
            if found.iter().zip(want).filter(|(a, b)| a == b).count() == want.len() {
                Ok(())
            } else {
                Err(format!("{found:?}"))
            }
        })
        .await;
}

#[test]
fn the_legend_sorts_narrows_and_calls_series_as_asked() {
    play("legend-table", async |stage: &Stage| {
        stage.open_query(&[(&ten_series(), "graph")]).await;
        let legend = by("table", "Legend").within(&region(1));
        names_become(stage, &["{x=\"s0\"}", "{x=\"s1\"}"]).await;
        for want in ["{x=\"s0\"}", "{x=\"s9\"}"] {
            stage.page.click(&by("button", "Last").within(&legend)).await;
            names_become(stage, &[want]).await;
        }
        stage.page.click(&by("button", "Series").within(&legend)).await;
        stage.page.click(&by("button", "Series").within(&legend)).await;
        names_become(stage, &["{x=\"s9\"}", "{x=\"s8\"}"]).await;
        type_into(stage, "Names in the legend", "series {{x}}").await;
        address_has(stage, "g0.legend=series").await;
        names_become(stage, &["series s9"]).await;
        stage.page.fill(&by("textbox", "Filter legend").within(&region(1)), "x=\"s7").await;
        names_become(stage, &["series s7"]).await;
        assert_eq!(names(stage).await.len(), 1);
        stage.page.fill(&by("textbox", "Filter legend").within(&region(1)), "nobody").await;
        stage.page.says(&region(1), "No series contains “nobody”.").await;
        stage.screenshots("legend").await;
    });
}

/// Chooses from the menu of files, and waits for the file.
async fn saved(stage: &Stage, folder: &Path, label: &str, ending: &str) -> Vec<u8> {
    stage.page.click(&by("button", "Save or copy").within(&region(1))).await;
    stage.page.click(&by("button", label)).await;
    let path: PathBuf = stage
        .page
        .until(&format!("a file that ends with {ending}"), BRIEF, async || {
            let files = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
            let paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
            let is_it = |path: &&PathBuf| path.extension().is_some_and(|found| found == ending);
            paths.iter().find(is_it).cloned().ok_or_else(|| format!("{paths:?}"))
        })
        .await;
    std::fs::read(path).expect("the file")
}

#[test]
fn a_graph_leaves_as_files() {
    play("graph-files", async |stage: &Stage| {
        let folder = fresh_dir();
        std::fs::create_dir_all(&folder).expect("a folder");
        stage.page.keep_downloads_in(&folder).await;
        stage.open_query(&[("label_replace(vector(1.5), \"x\", \"=1+1\", \"\", \"\")", "graph")]).await;
        stage.graph_has(1, 50).await;
        type_into(stage, "Names in the legend", "{{x}}").await;
        names_become(stage, &["=1+1"]).await;
        let csv = String::from_utf8(saved(stage, &folder, "Save as CSV", "csv").await).expect("a text");
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines[0], "time,'=1+1", "a name is no formula");
        assert!(lines.len() > 100 && lines[1].ends_with("Z,1.5"), "{csv}");
        let json: serde_json::Value =
            serde_json::from_slice(&saved(stage, &folder, "Save as JSON", "json").await).expect("JSON");
        assert_eq!(json["data"]["result"][0]["metric"]["x"], "=1+1");
        assert_eq!(json["data"]["result"][0]["values"][0][1], "1.5");
        let svg = String::from_utf8(saved(stage, &folder, "Save as SVG", "svg").await).expect("a text");
        assert!(svg.starts_with("<svg") && svg.contains("=1+1"), "{}", &svg[..svg.len().min(500)]);
        let png = saved(stage, &folder, "Save as PNG", "png").await;
        assert!(png.starts_with(b"\x89PNG") && png.len() > 2_000, "{} bytes", png.len());
        // What is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&folder);
    });
}

#[test]
fn the_values_of_a_graph_are_there_as_a_table() {
    play("graph-values", async |stage: &Stage| {
        stage.open_query(&[(&ten_series(), "graph")]).await;
        stage.graph_has(1, 50).await;
        let table = by("table", "Values as a table").within(&region(1));
        assert_eq!(stage.page.count(&table).await, 0, "nothing is made before it is asked for");
        stage.page.eval("document.querySelector('.values summary').click()", &[]).await;
        let text = stage.page.says(&table, "{x=\"s9\"}").await;
        assert!(text.contains("Time") && text.contains("33.33"), "{text}");
        stage.page.says(&region(1), "The table has the last 200 of ").await;
        stage.screenshots("graph-values").await;
    });
}

#[test]
fn buckets_are_offered_as_a_heat_map() {
    let target = BadTarget::start();
    play("heat-offer", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.table_of("shop_latency_seconds_bucket").await;
        stage.show_graph(1).await;
        stage.page.click(&by("button", "Show as heat map").within(&region(1))).await;
        address_has(stage, "g0.display_mode=heatmap").await;
        stage.page.none(&by("button", "Show as heat map").within(&region(1))).await;
        stage.screenshots("heat-map").await;
    });
}
