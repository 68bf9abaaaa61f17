//! A question to a real Prometheus and to our engine: what became of it.

use crate::compare::{Closeness, Outcome, differences, differing_points};
use crate::data::Dataset;
use crate::explain::explain;
use crate::naive;
use crate::queries::Question;
use crate::rules::{Difference, Rules};
use tsdb::{Head, validate_regex};

/// Numbers are equal within this share: Go's and our elementary functions differ in the last digit, and Prometheus' order
/// of summation is that of a hash map.
const CLOSENESS: Closeness = Closeness::Within(1e-9);

/// What became of a question.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Both answers are the same.
    Equal {
        /// Both are no errors, and have something in them.
        has_answer: bool,
    },
    /// They differ, and the versions do so too.
    Explained(Vec<&'static Difference>),
    /// They differ in points in which Prometheus' answer is another each time: it goes through the results of an operator in
    /// the order of a hash map, which shows in sums of what nearly cancels out, and in what rounds them.
    Unstable,
    /// They differ.
    Different {
        /// One line for each difference, Prometheus' answer being the expected one.
        ours: Vec<String>,
        /// The same for the naive evaluator with the rules of 2.42: what no version explains.
        with_rules: Vec<String>,
    },
}

/// How often a query is asked again whose answer is not ours.
const ASKED_AGAIN: usize = 8;

/// Compares the answer of a Prometheus 2.42, which `ask` asks, with that of our engine.
///
/// # Errors
/// If it gives no answer at all.
pub fn judge<E>(
    data: &Dataset,
    head: &Head,
    question: &Question,
    ask: &dyn Fn() -> Result<Outcome, E>,
) -> Result<Verdict, E> {
    let theirs = &ask()?;
    let ours = conformance::ask(head, &question.query, question.grid, question.as_range).map(|(answer, _)| answer);
    let found = differences(theirs, &ours, CLOSENESS);
    if found.is_empty() {
        let has_answer = match &ours {
            Ok(conformance::Answer::Series(series)) => !series.is_empty(),
            Ok(_) => true,
            Err(_) => false,
        };
        return Ok(Verdict::Equal { has_answer });
    }
    let Ok(expr) = promql::parse_strict(&question.query, &validate_regex) else {
        return Ok(Verdict::Different { ours: found, with_rules: Vec::new() });
    };
    if let Some(reasons) = explain(data, &expr, question, theirs, CLOSENESS) {
        return Ok(Verdict::Explained(reasons));
    }
    let rules = Rules::of_2_42();
    let naive = naive::evaluate(&data.series, &expr, question.grid, question.as_range, rules);
    let unexplained = differing_points(theirs, &naive, CLOSENESS);
    if let Some(mut points) = unexplained {
        for _ in 0..ASKED_AGAIN {
            let other = differing_points(theirs, &ask()?, CLOSENESS).unwrap_or_default();
            points.retain(|point| !other.contains(point));
        }
        if points.is_empty() {
            return Ok(Verdict::Unstable);
        }
    }
    Ok(Verdict::Different { ours: found, with_rules: differences(theirs, &naive, CLOSENESS) })
}
