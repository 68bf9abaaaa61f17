//! Replays a recording of real scrapes and asks what Prometheus was asked: do we answer as it did?
//!
//! A folder holds `scrapes.tsv`, `scrapes.tar.gz` and `expected.jsonl`. [`Recording`] reads the first two and
//! feeds them to a [`tsdb::Head`] through the real parser and scrape code; [`run`] then evaluates each line of the
//! third and compares. The folders come from unmodified programs and an unmodified Prometheus.
#![forbid(unsafe_code)]

mod compare;
mod expected;
mod recording;

pub use compare::ask;
pub use expected::{Answer, Check, Expected, LineError, answer};
pub use recording::{Recording, RecordingError, Replay, Scrape};

use model::Millis;
use std::path::Path;
use tsdb::{Head, HeadOptions};

/// What became of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Queries that answer as Prometheus did.
    pub n_passed: usize,
    /// For each query that does not: the query, then what differs.
    pub failures: Vec<String>,
    /// What went into the store.
    pub replay: Replay,
}

/// Why a folder cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The recording cannot be read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The answers cannot be read.
    #[error(transparent)]
    Expected(#[from] LineError),
}

/// Fills a store from the recording of a folder and runs all queries of its `expected.jsonl`.
///
/// # Errors
/// If a file is not there or not laid out as expected. Answers that differ are no error: see [`Report::failures`].
pub fn run(dir: &Path) -> Result<Report, RunError> {
    let recording = Recording::open(dir)?;
    let expected = expected::read(&dir.join("expected.jsonl"))?;
    let mut head = empty_head();
    let mut report = Report { replay: recording.replay(&mut head), ..Report::default() };
    for line in &expected {
        let differences = compare::differences(&head, line);
        if differences.is_empty() {
            report.n_passed += 1;
        } else {
            report.failures.push(format!("{}\n{}", line.query, differences.join("\n")));
        }
    }
    Ok(report)
}

/// A store that keeps a recording of any age.
#[must_use]
pub fn empty_head() -> Head {
    Head::new(HeadOptions { retention: Millis(i64::MAX / 4), ..HeadOptions::default() })
}
