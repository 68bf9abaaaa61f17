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
    /// It needs a part of the language or a kind of sample that the engine does not have yet.
    NotSupported(String),
}

/// The `eval`s of a script with their line numbers and outcomes.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Line (from 1), query, outcome.
    pub evals: Vec<(usize, String, Outcome)>,
}

impl Report {
    /// How many passed, failed, were not supported.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |f: fn(&Outcome) -> bool| self.evals.iter().filter(|(_, _, o)| f(o)).count();
        (
            count(|o| matches!(o, Outcome::Passed)),
            count(|o| matches!(o, Outcome::Failed(_))),
            count(|o| matches!(o, Outcome::NotSupported(_))),
        )
    }
}

/// Runs a script from an empty store.
///
/// # Errors
/// If the script itself cannot be read.
pub fn run(text: &str) -> Result<Report, ParseError> {
    let commands = parse(text)?;
    let mut head = empty();
    // Native histograms cannot be stored yet: evaluations after such a load do not count against the engine.
    let mut histograms_loaded = false;
    let mut report = Report::default();
    for (line, command) in commands {
        match command {
            Command::Clear => {
                head = empty();
                histograms_loaded = false;
            }
            Command::Load { step, series } => {
                for one in &series {
                    // Nor can start times.
                    histograms_loaded |= one.has_histograms || !one.start_times.is_empty();
                    store(&mut head, step, one);
                }
            }
            Command::Eval(eval) => {
                let mut outcome = check_eval(&head, &eval);
                let needs_histograms = histograms_loaded || eval.expected.iter().any(|s| s.has_histograms);
                if needs_histograms && matches!(outcome, Outcome::Failed(_)) {
                    outcome = Outcome::NotSupported("native histograms".to_owned());
                }
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
    for (idx, value) in series.values.iter().enumerate() {
        if let Some(v) = value.as_ref().and_then(LoadedValue::float) {
            let t = Timestamp(idx as i64 * step.0);
            // A second load of the same series begins at 0 again; what is there already stays.
            let _ = head.append(&series.labels, t, v);
        }
    }
}
