//! Debian's promtool takes what we export, and dumps the same samples.

use crate::shared::export;
use archive::{ExportFormat, Selection};
use conformance::Recording;
use exposition::{Entry, Format, Parser};
use model::{MetricFamily, TimeRange, is_stale};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use tsdb::{Head, SampleBuf};

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("promenade-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn promtool(args: &[&str]) -> Option<String> {
    let output = match Command::new("promtool").args(args).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: there is no promtool");
            return None;
        }
        Err(error) => panic!("promtool: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "promtool {args:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

/// The recording beside the checkout, replayed, with what its bodies say of families.
fn recorded() -> Option<(Head, BTreeMap<String, MetricFamily>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/diamol/recording");
    if !dir.exists() {
        println!("skipped: {} is not there", dir.display());
        return None;
    }
    let recording = Recording::open(&dir).expect("a recording");
    let mut head = conformance::empty_head();
    recording.replay(&mut head);
    let mut families: BTreeMap<String, MetricFamily> = BTreeMap::new();
    for body in recording.scrapes.iter().filter_map(|scrape| recording.body(scrape)) {
        let mut parser = Parser::new(body, Format::guess(body));
        while let Ok(Some(entry)) = parser.next_entry() {
            if let Entry::Type { name, kind } = entry {
                let family = families.entry(name.to_string()).or_default();
                *family = MetricFamily { name: name.into_owned(), kind, ..MetricFamily::default() };
            }
        }
    }
    Some((head, families))
}

/// All samples as `promtool tsdb dump` writes them.
fn samples(head: &Head) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for series in head.select(&[], TimeRange::ALL).expect("no regex") {
        let mut buf = SampleBuf::default();
        head.read(series, TimeRange::ALL, &mut buf);
        let labels = head.labels(series).expect("a series").iter();
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={}", model::quote(value))).collect();
        for (t, v) in buf.ts.iter().zip(&buf.vs).filter(|(_, v)| !is_stale(**v)) {
            out.insert(format!("{{{}}} {v:?} {t}", labels.join(", ")));
        }
    }
    out
}

#[test]
fn promtool_backfills_a_recording_and_dumps_the_same_samples() {
    let Some((head, families)) = recorded() else { return };
    let (text, losses) = export(&head, &Selection::default(), &ExportFormat::OpenMetrics, &families);
    println!("{} bytes, {losses:?}", text.len());
    let folder = Folder::new("backfill");
    let (file, db) = (folder.0.join("all.om"), folder.0.join("db"));
    std::fs::write(&file, &text).expect("a file");
    let (file, db) = (file.to_string_lossy(), db.to_string_lossy());
    if promtool(&["tsdb", "create-blocks-from", "openmetrics", &file, &db]).is_none() {
        return;
    }
    // Its dump opens a database, not only blocks.
    std::fs::create_dir_all(folder.0.join("db/wal")).expect("a folder");
    let dump = promtool(&["tsdb", "dump", &db]).expect("promtool");
    let want = samples(&head);
    let mut got = BTreeSet::new();
    for line in dump.lines() {
        let mut words = line.rsplitn(3, ' ');
        let (t, v, labels) =
            (words.next().expect("a time"), words.next().expect("a value"), words.next().expect("labels"));
        let v: f64 = v.replace("+Inf", "inf").parse().expect("a number");
        got.insert(format!("{labels} {v:?} {t}"));
    }
    let missing: Vec<_> = want.difference(&got).take(5).collect();
    let extra: Vec<_> = got.difference(&want).take(5).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}, not ours {extra:#?}");
    assert!(got.len() > 10_000, "{} samples", got.len());
    println!("{} samples in promtool's blocks", got.len());
}
