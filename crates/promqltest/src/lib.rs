//! Runs scripts in the language of Prometheus' engine tests: `load` data, `eval` a query, compare.
//!
//! [`run`] takes the text of a script and gives an [`Outcome`] for each `eval`. The engine behind it is
//! ours; scripts that nobody here wrote are how we know that it answers as Prometheus does.
#![forbid(unsafe_code)]

mod compare;
mod histogram;
mod nhcb;
mod script;
mod series;
mod variants;

pub use compare::{check_eval, histograms_equal};
pub use script::{Command, Eval, ExpectKind, Expectation, ParseError, When, parse};
pub use series::{ExpectedSeries, LoadedSeries, LoadedValue};

use model::{Millis, Timestamp};
use tsdb::{Head, HeadOptions};

/// What became of one `eval`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Not as expected: what was expected and what was got.
    Failed(String),
}

/// The `eval`s of a script with their line numbers and outcomes.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Line (from 1), query, outcome.
    pub evals: Vec<(usize, String, Outcome)>,
}

impl Report {
    /// The evaluations that failed: line, query, and what was expected and got.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.evals.iter().filter_map(|(line, query, outcome)| match outcome {
            Outcome::Passed => None,
            Outcome::Failed(why) => Some((*line, query.as_str(), why.as_str())),
        })
    }
}

/// Runs a script from an empty store.
///
/// # Errors
/// If the script itself cannot be read.
pub fn run(text: &str) -> Result<Report, ParseError> {
    let commands = parse(text)?;
    let mut head = empty();
    let mut report = Report::default();
    for (line, command) in commands {
        match command {
            Command::Clear => head = empty(),
            Command::Load { step, series } => series.iter().for_each(|one| store(&mut head, step, one)),
            Command::Eval(eval) => {
                let outcome = check_eval(&head, &eval);
                report.evals.push((line, eval.query, outcome));
            }
        }
    }
    Ok(report)
}

fn empty() -> Head {
    Head::new(HeadOptions { retention: Millis(i64::MAX / 4), ..HeadOptions::default() })
}

fn store(head: &mut Head, step: Millis, series: &LoadedSeries) {
    let Ok(series_ref) = head.get_or_create(&series.labels) else { return };
    for (idx, value) in series.values.iter().enumerate() {
        let t = Timestamp(idx as i64 * step.0);
        let start = series.start_times.get(idx).copied().flatten().map(|offset_ms| Timestamp(t.0 + offset_ms));
        // A second load of the same series begins at 0 again; what is there already stays.
        let _ = match value {
            None => continue,
            Some(LoadedValue::Float(v)) => head.append_since(series_ref, t, *v, start),
            Some(LoadedValue::Histogram(h)) => head.append_histogram(series_ref, t, h.clone(), start),
        };
    }
}
