//! Files as a person has them: chosen in one go, exported, and imported again in another browser.

use crate::browser::{by, every, holding};
use crate::stage::{Stage, play};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Reading takes longer here than on the machine of a person.
const LONG: Duration = Duration::from_secs(60);

/// A folder for files that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("promenade-files-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip");
    gzip.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("gzip reads");
    gzip.wait_with_output().expect("gzip ends").stdout
}

/// The list of what became of imported files.
async fn report_says(stage: &Stage, part: &str) -> String {
    stage.page.says_within(&by("list", "Imported files"), part, LONG).await
}

async fn choose(stage: &Stage, paths: &[PathBuf]) {
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    stage.page.choose_files(&paths).await;
}

/// Writes a file with the dialog, and waits until it is there.
async fn export(stage: &Stage, folder: &Folder, form: &str, ending: &str) -> PathBuf {
    stage.page.choose(&by("select", "Format"), form).await;
    stage.page.says_within(&every("dialog"), "series, about", LONG).await;
    stage.page.click(&by("button", "Save file")).await;
    stage.page.says_within(&every("dialog"), "Saved promenade-", LONG).await;
    stage
        .page
        .until(&format!("a file that ends with {ending}"), LONG, async || {
            let files = std::fs::read_dir(&folder.0).map_err(|error| error.to_string())?;
            let paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
            let is_it = |path: &PathBuf| {
                path.file_name().is_some_and(|name| {
                    let name = name.to_string_lossy();
                    name.starts_with("promenade-") && name.ends_with(ending)
                })
            };
            paths.iter().find(|path| is_it(path)).cloned().ok_or_else(|| format!("{paths:?}"))
        })
        .await
}

const STORE: &str = "# TYPE moved_total counter\n# HELP moved_total Boxes that were moved.\n\
    moved_total{job=\"shop\",instance=\"a\"} 1 1795687200\nmoved_total{job=\"shop\",instance=\"a\"} 5 1795687260\n\
    moved_total{job=\"shop\",instance=\"a\"} 9 1795687320\n# EOF\n";

#[test]
fn files_of_every_kind_are_imported_together_and_bad_ones_are_told() {
    play("files-import", async |stage: &Stage| {
        let folder = Folder::new("import");
        let answer = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"answered","job":"api"},"values":[[1795687200,"1"],[1795687260,"2"]]}]}}"#;
        let torn = gzip("a_metric 1\n");
        let files = [
            folder.put("node-2026-11-26T10-01-00.prom", "dumped 2\n"),
            folder.put("node-2026-11-26T10-00-00.prom.gz", gzip("# TYPE dumped gauge\ndumped 1\n")),
            folder.put("store.om.txt", STORE),
            folder.put("answer.json", answer),
            folder.put("picture.png", b"\x89PNG\r\n\x1a\n"),
            folder.put("page.html", "<!doctype html><title>x</title>"),
            folder.put("empty.txt", ""),
            folder.put("torn.prom.gz", &torn[..torn.len() - 6]),
            folder.put("bad.prom", "fine 1\nnot fine\n"),
        ];
        stage.open("/").await;
        choose(stage, &files).await;
        let report = report_says(stage, "Imported 4 of 9 files, 7 samples stored.").await;
        for part in [
            "node-2026-11-26T10-00-00.prom.gz: metrics text, 1 series, 1 sample.",
            "store.om.txt: OpenMetrics text, 1 series, 3 samples.",
            "answer.json: JSON of Prometheus, 1 series, 2 samples.",
            "picture.png",
            "The file is a PNG picture, which holds no metrics.",
            "The file is a web page or XML, which holds no metrics.",
            "The file is empty.",
            "torn.prom.gz is compressed with gzip, but breaks off or is damaged.",
            "Line 2, column 5",
        ] {
            assert!(report.contains(part), "{part:?} is not in {report}");
        }
        stage.screenshots("files-imported").await;
        stage.page.click(&holding("button", "Show ")).await;
        stage.table_of("count_over_time({__name__=~\"dumped|moved_total|answered\"}[1d])").await;
        let rows = stage.rows_with(1, "pasted").await;
        // The two dumps are one series: the name without its time says of what.
        for (word, n) in [("instance=\"node\"", "2"), ("job=\"shop\"", "3"), ("job=\"api\"", "2")] {
            assert!(rows.iter().any(|row| row[0].contains(word) && row[1] == n), "{word} {n} in {rows:?}");
        }
    });
}

#[test]
fn what_is_exported_is_imported_in_another_browser() {
    let folder = Folder::new("export");
    let mut bundle = PathBuf::new();
    play("files-export", async |stage: &Stage| {
        stage.open("/").await;
        stage.page.keep_downloads_in(&folder.0).await;
        choose(stage, &[folder.put("store.om.txt", STORE)]).await;
        report_says(stage, "Imported 1 file, 3 samples stored.").await;
        stage.page.click(&holding("button", "Show ")).await;
        stage.run(1, "rate(moved_total[1m])").await;
        stage.page.click(&by("button", "Export the samples this panel reads")).await;
        stage.page.says(&every("dialog"), "1 series, about 3 samples").await;
        stage.screenshots("files-export").await;
        let text = std::fs::read_to_string(export(stage, &folder, "0", ".om.txt").await).expect("a text");
        assert!(text.starts_with("# TYPE moved counter\n# HELP moved Boxes that were moved.\n"), "{text}");
        assert!(text.ends_with("moved_total{instance=\"a\",job=\"shop\"} 9 1795687320.000\n# EOF\n"), "{text}");
        stage.screenshots("files-saved").await;
        for (form, ending, want) in [
            (
                "1",
                ".csv",
                "__name__,instance,job,__value__,__timestamp__:unix_ms\r\nmoved_total,a,shop,1,1795687200000\r\n",
            ),
            (
                "2",
                ".json",
                "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[\n{\"metric\":{\"__name__\":\"moved_total\"",
            ),
        ] {
            stage.page.click(&by("button", "Close")).await;
            stage.page.click(&by("button", "Export the samples this panel reads")).await;
            let text = std::fs::read_to_string(export(stage, &folder, form, ending).await).expect("a text");
            assert!(text.starts_with(want), "{text}");
        }
        stage.page.click(&by("button", "Close")).await;
        stage.go("Status").await;
        stage.page.click(&by("button", "Export samples to a file")).await;
        bundle = export(stage, &folder, "3", ".promenade").await;
    });
    play("files-bundle", async |stage: &Stage| {
        stage.open("/").await;
        choose(stage, &[bundle]).await;
        report_says(stage, "Promenade bundle").await;
        stage.page.click(&by("button", "Open its 1 panel")).await;
        stage.table_of("moved_total @ 1795687320").await;
        let rows = stage.rows_with(1, "shop").await;
        assert_eq!(rows[0][1], "9", "{rows:?}");
        stage.go("Metrics").await;
        stage
            .page
            .until("the help of the metric", LONG, async || {
                let text = stage.page.eval("return document.body.innerText", &[]).await;
                let text = text.as_str().unwrap_or_default().to_owned();
                if text.contains("Boxes that were moved.") { Ok(()) } else { Err(text) }
            })
            .await;
    });
}

#[test]
fn a_long_import_shows_how_far_it_is_and_can_be_stopped() {
    play("files-cancel", async |stage: &Stage| {
        let folder = Folder::new("cancel");
        let mut text = String::new();
        for t in 0..400 {
            for idx in 0..2_000 {
                text.push_str(&format!("long{{job=\"x\",idx=\"{idx}\"}} {t} {}\n", 1_795_687_200_000i64 + t * 1_000));
            }
        }
        let file = folder.put("long.prom", &text);
        let files: Vec<PathBuf> =
            [file].into_iter().chain((0..20).map(|idx| folder.put(&format!("long-{idx}.prom"), &text))).collect();
        stage.open("/").await;
        choose(stage, &files).await;
        let report = by("list", "Imported files");
        stage.page.click(&by("button", "Cancel").within(&report)).await;
        report_says(stage, "Stopped before the end.").await;
        // The page goes on.
        stage.table_of("1 + 1").await;
        stage.page.says(&by("region", "Panel 1"), "2").await;
    });
}
