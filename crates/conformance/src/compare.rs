//! Whether an answer is the one that Prometheus gave: the rules of the compliance suite.
//!
//! Label sets and times have to be equal, values within 1e-5 of each other, NaN equals NaN. The order of series
//! counts where the query sorts.

use crate::expected::{Answer, Check, Expected};
use engine::{Options, Point, Value, evaluate};
use model::{Labels, StepGrid, TimeRange, Timestamp, is_stale, number};
use promql::ast::Expr;
use std::collections::BTreeMap;
use tsdb::{Head, validate_regex};

/// Differences shown of one question: more say nothing new.
const MAX_SHOWN: usize = 5;

type Points = Vec<(Timestamp, f64)>;

/// What differs, one line each; nothing if all answers are as expected.
pub(crate) fn differences(head: &Head, expected: &Expected) -> Vec<String> {
    let mut out = Vec::new();
    for check in &expected.checks {
        let when = if check.as_range {
            format!("from {} to {}", check.grid.start.as_secs_f64(), check.grid.end().as_secs_f64())
        } else {
            format!("at {}", check.grid.start.as_secs_f64())
        };
        for difference in check_one(head, expected, check) {
            out.push(format!("  {when}: {difference}"));
        }
    }
    out
}

fn check_one(head: &Head, expected: &Expected, check: &Check) -> Vec<String> {
    let (got, sorts) = match (ask(head, &expected.query, check.grid, check.as_range), &check.answer) {
        (Err(_), None) => return Vec::new(),
        (Err(error), Some(_)) => return vec![format!("expected an answer, got the error: {error}")],
        (Ok(_), None) => return vec!["expected an error, got an answer".to_owned()],
        (Ok(got), Some(_)) => got,
    };
    let Some(want) = &check.answer else { return Vec::new() };
    match (&got, want) {
        (Answer::Scalar(a), Answer::Scalar(b)) if almost_equal(*a, *b) => Vec::new(),
        (Answer::String(a), Answer::String(b)) if a == b => Vec::new(),
        (Answer::Series(got), Answer::Series(want)) => {
            let mut out = compare_series(got, want, &expected.skip);
            let order = |series: &[(Labels, Points)]| series.iter().map(|(l, _)| l.to_string()).collect::<Vec<_>>();
            if out.is_empty() && sorts && !check.as_range && !same_order(got, want) {
                out.push(format!("expected the order {}, got {}", order(want).join(" "), order(got).join(" ")));
            }
            out
        }
        _ => vec![format!("expected {}, got {}", show(want), show(&got))],
    }
}

/// Asks our engine. Also says whether the query sorts.
///
/// # Errors
/// The message of the parser or the engine.
pub fn ask(head: &Head, query: &str, grid: StepGrid, as_range: bool) -> Result<(Answer, bool), String> {
    let expr = promql::parse_strict(query, &validate_regex)
        .map_err(|found| found.first().map_or_else(String::new, |d| d.message.clone()))?;
    let whole = TimeRange { start: grid.start, end: grid.end() };
    let output = evaluate(head, &expr, grid, whole, as_range, &Options::default());
    let answer = match output.map_err(|e| e.to_string())?.value {
        Value::Scalar { v } => Answer::Scalar(v),
        Value::String(text) => Answer::String(text),
        Value::Vector(rows) => {
            let floats = rows.into_iter().map(|(labels, point)| match point {
                Point::Float(v) => Ok((labels, vec![(grid.start, v)])),
                Point::Histogram(_) => Err(format!("{labels} is a native histogram: recordings hold none")),
            });
            Answer::Series(floats.collect::<Result<_, _>>()?)
        }
        Value::Samples(series) => {
            let points = |samples: tsdb::SampleBuf| {
                let times = samples.ts.iter().map(|t| Timestamp(*t));
                times.zip(samples.vs.iter().copied()).collect()
            };
            Answer::Series(series.into_iter().map(|s| (s.labels, points(s.samples))).collect())
        }
        Value::Matrix(matrix) => {
            let points = |values: &[f64]| {
                let points = values.iter().enumerate().filter(|(_, v)| !is_stale(**v));
                points.map(|(step_idx, v)| (matrix.grid.time(step_idx), *v)).collect()
            };
            Answer::Series(matrix.series.iter().map(|s| (s.labels.clone(), points(&s.values))).collect())
        }
    };
    Ok((answer, sorts(&expr)))
}

/// Whether the order of the answer is part of it.
fn sorts(expr: &Expr) -> bool {
    match expr.unwrap_parens() {
        Expr::Call(call) => call.name.starts_with("sort"),
        Expr::Aggregate(aggregate) => {
            matches!(aggregate.op, promql::functions::Aggregation::Topk | promql::functions::Aggregation::Bottomk)
        }
        _ => false,
    }
}

/// The same order; series of equal value may stand in any.
fn same_order(got: &[(Labels, Points)], want: &[(Labels, Points)]) -> bool {
    let value = |points: &Points| points.first().map_or(f64::NAN, |(_, v)| *v);
    got.iter().zip(want).all(|((a, va), (b, vb))| a == b || almost_equal(value(va), value(vb)))
}

fn compare_series(got: &[(Labels, Points)], want: &[(Labels, Points)], skip: &[Timestamp]) -> Vec<String> {
    let by_labels = |series: &[(Labels, Points)]| -> BTreeMap<Labels, BTreeMap<Timestamp, f64>> {
        let kept = |points: &Points| points.iter().filter(|(t, _)| !skip.contains(t)).copied().collect();
        series.iter().map(|(labels, points)| (labels.clone(), kept(points))).collect()
    };
    let (got, want) = (by_labels(got), by_labels(want));
    let mut out = Vec::new();
    for (labels, points) in &want {
        let none = BTreeMap::new();
        let have = got.get(labels).unwrap_or(&none);
        if have.is_empty() && !points.is_empty() {
            out.push(format!("missing {labels} with {} points", points.len()));
            continue;
        }
        for (t, v) in points {
            match have.get(t) {
                Some(other) if almost_equal(*other, *v) => {}
                Some(other) => out.push(format!("{labels} @{}: expected {}, got {}", secs(*t), num(*v), num(*other))),
                None => out.push(format!("{labels} @{}: expected {}, got nothing", secs(*t), num(*v))),
            }
        }
        let more = have.iter().filter(|(t, _)| !points.contains_key(*t));
        out.extend(more.map(|(t, v)| format!("{labels} @{}: expected nothing, got {}", secs(*t), num(*v))));
    }
    let unwanted = got.iter().filter(|(labels, points)| !points.is_empty() && !want.contains_key(*labels));
    out.extend(unwanted.map(|(labels, points)| format!("unexpected {labels} with {} points", points.len())));
    if out.len() > MAX_SHOWN {
        let n_more = out.len() - MAX_SHOWN;
        out.truncate(MAX_SHOWN);
        out.push(format!("… and {n_more} more differences"));
    }
    out
}

/// Within 1e-5 of each other, the tolerance of the compliance suite.
fn almost_equal(a: f64, b: f64) -> bool {
    const TOLERANCE: f64 = 1e-5;
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= TOLERANCE * a.abs().min(b.abs())
}

fn show(answer: &Answer) -> String {
    match answer {
        Answer::Scalar(v) => format!("the number {}", num(*v)),
        Answer::String(text) => format!("the text {text:?}"),
        Answer::Series(series) => format!("{} series", series.len()),
    }
}

fn num(v: f64) -> String {
    number::format_short(v)
}

fn secs(t: Timestamp) -> f64 {
    t.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> Vec<(Labels, Points)> {
        vec![(Labels::from_pairs([("a", "b")]), points.iter().map(|(t, v)| (Timestamp(*t), *v)).collect())]
    }

    #[test]
    fn each_difference_is_named_and_skipped_times_are_not_compared() {
        let want = series(&[(1_000, 1.0), (2_000, 2.0), (3_000, f64::NAN)]);
        assert!(compare_series(&series(&[(1_000, 1.000_001), (2_000, 2.0), (3_000, f64::NAN)]), &want, &[]).is_empty());
        let got = series(&[(1_000, 1.1), (4_000, 4.0)]);
        assert_eq!(
            compare_series(&got, &want, &[Timestamp(3_000)]),
            [
                "{a=\"b\"} @1: expected 1, got 1.1",
                "{a=\"b\"} @2: expected 2, got nothing",
                "{a=\"b\"} @4: expected nothing, got 4",
            ]
        );
        assert_eq!(compare_series(&[], &want, &[]), ["missing {a=\"b\"} with 3 points"]);
        assert_eq!(compare_series(&want, &[], &[]), ["unexpected {a=\"b\"} with 3 points"]);
    }
}
