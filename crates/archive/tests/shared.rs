//! Stores, and the ways of a file in and out of them.

use archive::{Export, ExportFormat, Import, ImportError, ImportSource, Imported, Selection};
use model::{MetricFamily, TimeRange, Timestamp, is_stale};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tsdb::{Head, HeadOptions, SampleBuf};

/// A store that is larger than any test.
pub fn empty() -> Head {
    Head::new(HeadOptions::default())
}

/// Imports a whole file.
pub fn import(head: &mut Head, path: &str, body: &[u8]) -> Result<Imported, ImportError> {
    let source = ImportSource { path: path.to_owned(), at: Timestamp(9_000), body: body.to_vec() };
    let mut import = Import::new(source);
    let mut last = 0;
    loop {
        let progress = import.progress();
        assert!(progress.permille >= last && progress.permille <= 1_000, "{progress:?} after {last}");
        last = progress.permille;
        if let Some(imported) = import.step(head)? {
            return Ok(imported);
        }
    }
}

/// Exports all of a store, or a part of it.
pub fn export(
    head: &Head,
    selection: &Selection,
    format: &ExportFormat,
    families: &BTreeMap<String, MetricFamily>,
) -> (Vec<u8>, exposition::writer::Losses) {
    let series = selection.series(head).expect("no regex");
    let mut export = Export::new(head, series, selection.range(), format.clone(), families);
    let mut file = Vec::new();
    while let Some(piece) = export.next_piece(head) {
        assert!(piece.len() < 4 << 20, "a piece of {} bytes", piece.len());
        file.extend(piece);
        let (done, all) = export.progress();
        assert!(done <= all);
    }
    (file, export.losses())
}

/// All samples of a store as text: one line a series. Staleness markers are left out.
pub fn dump(head: &Head) -> String {
    let mut out = String::new();
    for series in head.select(&[], TimeRange::ALL).expect("no regex") {
        let mut buf = SampleBuf::default();
        head.read(series, TimeRange::ALL, &mut buf);
        let mut line = String::new();
        for (idx, (t, v)) in buf.ts.iter().zip(&buf.vs).enumerate().filter(|(_, (_, v))| !is_stale(**v)) {
            let start = buf.starts.get(idx).filter(|start| **start != 0).map(|start| format!("<{start}"));
            let _ = write!(line, " {}@{t}{}", if v.is_nan() { f64::NAN } else { *v }, start.unwrap_or_default());
        }
        for (t, h) in buf.histograms.ts.iter().zip(&buf.histograms.hs).filter(|(_, h)| !h.is_stale()) {
            let _ = write!(line, " {}@{t}", h.test_expression());
        }
        if !line.is_empty() {
            let _ = writeln!(out, "{}{line}", head.labels(series).expect("a series"));
        }
    }
    out
}
