//! Texts of importing and exporting files.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use protocol::{FileForm, ImportedFile, Problem};

pub const OPEN_FOLDER: &str = "Open a folder";
pub const IMPORTS: &str = "Imported files";
pub const CANCEL: &str = "Cancel";
pub const DISMISS: &str = "Dismiss";
pub const EXPORT: &str = "Export";
pub const EXPORT_TITLE: &str = "Export samples";
pub const EXPORT_PANEL: &str = "Export the samples this panel reads";
pub const EXPORT_ALL: &str = "Export samples to a file";
pub const FORM: &str = "Format";
pub const RANGE: &str = "Times";
pub const SHOWN_RANGE: &str = "The range of the panel";
pub const ALL_TIMES: &str = "All times";
pub const COMPRESS: &str = "Compress with gzip";
pub const COUNTING: &str = "Counting \u{2026}";
pub const SAVE: &str = "Save file";
pub const CLOSE: &str = "Close";
pub const PROGRESS: &str = "Progress";
pub const NOT_HELD: &str = "Not in the file";
pub const IMPORT_HINT: &str =
    "Metrics text, OpenMetrics, JSON of Prometheus\u{2019} API, bundles of Promenade, and gzip of these";

/// A form, what it is called, and whom it is for.
pub fn form(form: FileForm) -> (&'static str, &'static str) {
    match form {
        FileForm::OpenMetrics => (
            "OpenMetrics text",
            "For Prometheus: promtool tsdb create-blocks-from openmetrics. Holds types and exemplars; no native histograms.",
        ),
        FileForm::Csv => ("CSV", "For spreadsheets and notebooks: a row for each sample, a column for each label."),
        FileForm::Json => ("JSON", "As Prometheus answers a range query; with native histograms."),
        FileForm::Bundle => (
            "Promenade bundle",
            "Everything, for Promenade on another machine: samples to the bit, types, exemplars, targets without secrets, panels.",
        ),
    }
}

/// What a form's files end with.
pub fn ending(form: FileForm) -> &'static str {
    match form {
        FileForm::OpenMetrics => "om.txt",
        FileForm::Csv => "csv",
        FileForm::Json => "json",
        FileForm::Bundle => "promenade",
    }
}

pub fn last_hours(hours: i64) -> String {
    format!("The last {}", counted(hours.unsigned_abs(), "hour", "hours"))
}

pub fn export_of(expr: &str) -> String {
    if expr.is_empty() { "All series that are stored.".to_owned() } else { format!("The series that {expr} reads.") }
}

pub fn size(n_series: u64, n_samples: u64) -> String {
    let samples = counted(n_samples, "sample", "samples");
    format!("{}, about {samples}", counted(n_series, "series", "series"))
}

pub fn writing(n_done: u64, n_series: u64, bytes: u64) -> String {
    format!("{} of {}, {}", grouped(n_done), counted(n_series, "series", "series"), units::bytes(bytes))
}

pub fn saved(name: &str, bytes: u64, n_samples: u64) -> String {
    format!("Saved {name}: {}, {}.", counted(n_samples, "sample", "samples"), units::bytes(bytes))
}

pub fn not_saved() -> Problem {
    Problem {
        message: "The browser did not take the file.".to_owned(),
        hint: "There may be no room for it, or downloads are not allowed. Try again, or export a shorter time."
            .to_owned(),
        ..Problem::default()
    }
}

/// `Reading node-10-00.prom, file 3 of 24: 120,000 samples`
pub fn reading(path: &str, number: usize, n_files: usize, n_samples: u64) -> String {
    let which = if n_files > 1 {
        format!(", file {} of {}", grouped(number as u64), grouped(n_files as u64))
    } else {
        String::new()
    };
    format!("Reading {path}{which}: {}", counted(n_samples, "sample", "samples"))
}

pub fn looking(n_files: usize) -> String {
    format!("Reading {} \u{2026}", counted(n_files as u64, "file", "files"))
}

/// What came of an import as a whole.
pub fn summary(n_files: usize, n_good: usize, n_samples: u64, is_cancelled: bool) -> String {
    let files = if n_good == n_files {
        counted(n_files as u64, "file", "files")
    } else {
        format!("{} of {}", grouped(n_good as u64), counted(n_files as u64, "file", "files"))
    };
    let stored = counted(n_samples, "sample", "samples");
    let stopped = if is_cancelled { " Stopped before the end." } else { "" };
    format!("Imported {files}, {stored} stored.{stopped}")
}

/// What was in a file.
pub fn imported(path: &str, file: &ImportedFile) -> String {
    let samples = counted(file.n_samples, "sample", "samples");
    format!("{path}: {}, {}, {samples}.", file.format, counted(file.n_series, "series", "series"))
}

/// What was not taken as it is, a sentence each.
pub fn remarks(file: &ImportedFile) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut add = |n: u64, one: &str, many: &str| {
        if n > 0 {
            remarks.push(format!("{} {}", grouped(n), if n == 1 { one } else { many }));
        }
    };
    add(
        file.n_older,
        "sample was left out: its series has a sample of that time or later already.",
        "samples were left out: their series have samples of their times or later already.",
    );
    add(
        file.n_conflicting,
        "sample was left out: another value is stored at its time.",
        "samples were left out: other values are stored at their times.",
    );
    add(file.n_known, "sample was stored already.", "samples were stored already.");
    add(
        file.n_bad_histograms,
        "native histogram was left out: its buckets are of no schema.",
        "native histograms were left out: their buckets are of no schema.",
    );
    add(file.n_named, "series had no name and got that of the file.", "series had no name and got that of the file.");
    remarks
}

pub fn cancelled(path: &str, n_stored: u64) -> String {
    if n_stored == 0 {
        return format!("{path}: stopped, nothing of it was stored.");
    }
    format!("{path}: stopped, {} of it stay stored.", counted(n_stored, "sample", "samples"))
}

pub fn more_files(n: usize) -> String {
    format!("and {} more", grouped(n as u64))
}

pub fn show(from: &str, to: &str) -> String {
    format!("Show {from}\u{2013}{to}")
}

pub fn open_panels(n: usize) -> String {
    format!("Open its {}", counted(n as u64, "panel", "panels"))
}

pub fn add_targets(n: usize) -> String {
    format!("Scrape its {}", counted(n as u64, "target", "targets"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_files_is_said_with_its_counts() {
        assert_eq!(summary(24, 23, 56_789, false), "Imported 23 of 24 files, 56,789 samples stored.");
        assert_eq!(summary(1, 1, 1, true), "Imported 1 file, 1 sample stored. Stopped before the end.");
        let file = ImportedFile {
            format: "OpenMetrics text".to_owned(),
            n_series: 1,
            n_samples: 2,
            n_older: 1,
            n_known: 2,
            ..ImportedFile::default()
        };
        assert_eq!(imported("a.om", &file), "a.om: OpenMetrics text, 1 series, 2 samples.");
        assert_eq!(
            remarks(&file),
            [
                "1 sample was left out: its series has a sample of that time or later already.",
                "2 samples were stored already."
            ]
        );
        assert_eq!(reading("b", 3, 24, 5), "Reading b, file 3 of 24: 5 samples");
        assert_eq!(cancelled("b", 0), "b: stopped, nothing of it was stored.");
    }
}
