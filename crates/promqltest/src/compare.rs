//! Compares what the engine answers with what a script expects.

use crate::Outcome;
use crate::script::{Eval, ExpectKind, Expectation, When};
use crate::series::LoadedValue;
use engine::{Annotation, EvalError, EvalErrorKind, Options, Point, QueryOutput, Value, evaluate};
use model::{Bucket, Histogram, Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};
use std::collections::BTreeMap;
use tsdb::{Head, validate_regex};

/// Points of one series: milliseconds and values.
type Points = Vec<(i64, f64)>;

/// Runs a query and compares.
#[must_use]
pub fn check_eval(head: &Head, eval: &Eval) -> Outcome {
    let result = run(head, &eval.query, eval.when);
    let output = match (result, wants_fail(eval)) {
        (Err(Failure::Eval(EvalError { kind: EvalErrorKind::NotSupported(what), .. })), _) => {
            return Outcome::NotSupported(what);
        }
        (Err(failure), true) => return check_failure(&failure.text(), eval),
        (Err(failure), false) => return Outcome::Failed(format!("unexpected error: {}", failure.text())),
        (Ok(output), true) => return Outcome::Failed(format!("expected an error, got {:?}", output.value)),
        (Ok(output), false) => output,
    };
    let result = compare_value(&output, eval)
        .and_then(|()| {
            compare_notes(&output.annotations.warnings, "warning", eval, ExpectKind::Warn, ExpectKind::NoWarn)
        })
        .and_then(|()| compare_notes(&output.annotations.infos, "info", eval, ExpectKind::Info, ExpectKind::NoInfo));
    match result {
        Ok(()) => Outcome::Passed,
        Err(message) => Outcome::Failed(message),
    }
}

enum Failure {
    Parse(String),
    Eval(EvalError),
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Failure::Parse(text) => text.clone(),
            Failure::Eval(error) => error.to_string(),
        }
    }
}

fn run(head: &Head, query: &str, when: When) -> Result<QueryOutput, Failure> {
    let expr = promql::parse_strict(query, &validate_regex)
        .map_err(|d| Failure::Parse(d.first().map_or(String::new(), |d| d.message.clone())))?;
    let (grid, as_range) = match when {
        When::Instant(at) => (StepGrid { start: at, step: Millis(1), len: 1 }, false),
        When::Range { start, end, step } => (StepGrid::new(start, end, step), true),
    };
    let end = if let When::Range { end, .. } = when { end } else { grid.start };
    let whole = TimeRange { start: grid.start, end };
    evaluate(head, &expr, grid, whole, as_range, &Options::default()).map_err(Failure::Eval)
}

fn wants_fail(eval: &Eval) -> bool {
    eval.expectations.iter().any(|e| e.kind == ExpectKind::Fail)
}

fn check_failure(text: &str, eval: &Eval) -> Outcome {
    for expectation in eval.expectations.iter().filter(|e| e.kind == ExpectKind::Fail) {
        if !fits(text, expectation) {
            return Outcome::Failed(format!(
                "expected the error {:?}, got {text:?}",
                expectation.msg.as_ref().or(expectation.regex.as_ref())
            ));
        }
    }
    Outcome::Passed
}

fn fits(text: &str, expectation: &Expectation) -> bool {
    if let Some(msg) = &expectation.msg {
        return text == msg;
    }
    match &expectation.regex {
        Some(pattern) => regex::Regex::new(pattern).is_ok_and(|r| r.is_match(text)),
        None => true,
    }
}

fn compare_notes(
    notes: &[Annotation],
    kind: &str,
    eval: &Eval,
    wanted: ExpectKind,
    unwanted: ExpectKind,
) -> Result<(), String> {
    let texts: Vec<String> = notes
        .iter()
        .map(|note| {
            let before = eval.query.get(..note.span.start).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            format!("PromQL {kind}: {} ({line}:{column})", note.message)
        })
        .collect();
    if eval.expectations.iter().any(|e| e.kind == unwanted) && !texts.is_empty() {
        return Err(format!("expected no {kind}, got {texts:?}"));
    }
    let expectations: Vec<&Expectation> = eval.expectations.iter().filter(|e| e.kind == wanted).collect();
    if expectations.is_empty() {
        return Ok(());
    }
    for expectation in &expectations {
        if !texts.iter().any(|text| fits(text, expectation)) {
            return Err(format!(
                "expected the {kind} {:?}, got {texts:?}",
                expectation.msg.as_ref().or(expectation.regex.as_ref())
            ));
        }
    }
    match texts.iter().find(|text| !expectations.iter().any(|e| fits(text, e))) {
        Some(text) => Err(format!("unexpected {kind}: {text}")),
        None => Ok(()),
    }
}

fn compare_value(output: &QueryOutput, eval: &Eval) -> Result<(), String> {
    if let Some(want) = eval.scalar {
        return match (&output.value, eval.when) {
            (Value::Scalar { v }, _) if almost_equal(*v, want) => Ok(()),
            (other, _) => Err(format!("expected the scalar {want}, got {other:?}")),
        };
    }
    if let Some(want) = &eval.string {
        return match &output.value {
            Value::String(text) if text == want => Ok(()),
            other => Err(format!("expected the text {want:?}, got {other:?}")),
        };
    }
    let time = |start: Timestamp, step: Millis, idx: usize| start.0 + step.0 * idx as i64;
    let (start, step) = match (eval.range_vector, eval.when) {
        (Some((start, _, step)), _) => (start, step),
        (None, When::Instant(at)) => (at, Millis(0)),
        (None, When::Range { start, step, .. }) => (start, step),
    };
    let mut want: BTreeMap<&Labels, Points> = BTreeMap::new();
    for series in &eval.expected {
        let points = series.values.iter().enumerate();
        let points: Points = points
            .filter_map(|(idx, v)| Some((time(start, step, idx), v.as_ref().and_then(LoadedValue::float)?)))
            .collect();
        want.insert(&series.labels, points);
    }
    let got = points_of(output, eval.when)?;
    if eval.expectations.iter().any(|e| e.kind == ExpectKind::Ordered) {
        let order: Vec<&Labels> = got.iter().map(|(labels, _)| labels).collect();
        let wanted: Vec<&Labels> = eval.expected.iter().map(|s| &s.labels).collect();
        if order != wanted {
            return Err(format!("expected the order {wanted:?}, got {order:?}"));
        }
    }
    for (labels, points) in &got {
        let Some(wanted) = want.remove(labels) else {
            return Err(format!("unexpected series {labels} {points:?}"));
        };
        let same = points.len() == wanted.len()
            && points.iter().zip(&wanted).all(|(a, b)| a.0 == b.0 && almost_equal(a.1, b.1));
        if !same {
            return Err(format!("series {labels}: expected {wanted:?}, got {points:?}"));
        }
    }
    // A series that is expected to have no points is expected not to be there.
    match want.into_iter().find(|(_, points)| !points.is_empty()) {
        Some((labels, points)) => Err(format!("missing series {labels} {points:?}")),
        None => Ok(()),
    }
}

fn points_of(output: &QueryOutput, when: When) -> Result<Vec<(Labels, Points)>, String> {
    Ok(match &output.value {
        Value::Vector(rows) => {
            let When::Instant(at) = when else { return Err("a vector for a range query".to_owned()) };
            rows.iter()
                .map(|(labels, point)| match point {
                    Point::Float(v) => Ok((labels.clone(), vec![(at.0, *v)])),
                    Point::Histogram(_) => Err(format!("{labels}: a native histogram")),
                })
                .collect::<Result<_, _>>()?
        }
        Value::Samples(series) => series
            .iter()
            .map(|s| (s.labels.clone(), s.samples.ts.iter().copied().zip(s.samples.vs.iter().copied()).collect()))
            .collect(),
        Value::Matrix(matrix) => matrix
            .series
            .iter()
            .map(|s| {
                let points = s.values.iter().enumerate().filter(|(_, v)| !is_stale(**v));
                (s.labels.clone(), points.map(|(idx, v)| (matrix.grid.time(idx).0, *v)).collect())
            })
            .collect(),
        other => return Err(format!("expected series, got {other:?}")),
    })
}

/// Equal but for rounding; the staleness marker only equals itself, any other NaN any NaN.
fn almost_equal(a: f64, b: f64) -> bool {
    const EPSILON: f64 = 1e-6;
    if is_stale(a) || is_stale(b) {
        return is_stale(a) && is_stale(b);
    }
    if a == b || (a.is_nan() && b.is_nan()) {
        return true;
    }
    let (diff, sum) = ((a - b).abs(), a.abs() + b.abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return diff < EPSILON * f64::MIN_POSITIVE;
    }
    diff / sum.min(f64::MAX) < EPSILON
}

/// Whether a histogram is the expected one: counts and sums equal but for rounding, the same layout apart from empty
/// buckets. What is known about a counter reset counts only if the expectation names it.
#[must_use]
pub fn histograms_equal(got: &Histogram, want: &Histogram, hint_named: bool) -> bool {
    (!hint_named || got.counter_reset_hint == want.counter_reset_hint)
        && got.schema == want.schema
        && almost_equal(got.count, want.count)
        && almost_equal(got.sum, want.sum)
        && got.zero_threshold == want.zero_threshold
        && almost_equal(got.zero_count, want.zero_count)
        && got.custom_values == want.custom_values
        && buckets_equal(&got.positive, &want.positive)
        && buckets_equal(&got.negative, &want.negative)
}

fn buckets_equal(got: &[Bucket], want: &[Bucket]) -> bool {
    let filled = |buckets: &[Bucket]| buckets.iter().copied().filter(|b| b.count != 0.0).collect::<Vec<_>>();
    let (got, want) = (filled(got), filled(want));
    got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| a.idx == b.idx && almost_equal(a.count, b.count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::parse_series;

    #[test]
    fn histograms_are_equal_but_for_rounding_and_empty_buckets() {
        let parsed = |text: &str| {
            let series = parse_series(&format!("a {text}")).expect(text);
            match series.values.first() {
                Some(Some(LoadedValue::Histogram(h))) => (h.clone(), series.names_hint(0)),
                other => panic!("{other:?}"),
            }
        };
        let got = parsed("{{schema:1 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.5 offset:-1 buckets:[0 1 0 1] counter_reset_hint:reset}}").0;
        for (want, equal) in [
            ("{{schema:1 count:3 sum:0.30000001 z_bucket:1 z_bucket_w:0.5 buckets:[1 0 1 0]}}", true),
            ("{{schema:1 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.5 buckets:[1 0 1] counter_reset_hint:reset}}", true),
            (
                "{{schema:1 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.5 buckets:[1 0 1] counter_reset_hint:unknown}}",
                false,
            ),
            ("{{schema:1 count:3 sum:0.301 z_bucket:1 z_bucket_w:0.5 buckets:[1 0 1]}}", false),
            ("{{schema:1 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.50000001 buckets:[1 0 1]}}", false),
            ("{{schema:1 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.5 buckets:[1 1]}}", false),
            ("{{schema:1 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.5 buckets:[1 0 1] n_buckets:[1]}}", false),
            ("{{schema:0 count:3 sum:0.3 z_bucket:1 z_bucket_w:0.5 buckets:[1 0 1]}}", false),
        ] {
            let (want, hint_named) = parsed(want);
            assert_eq!(histograms_equal(&got, &want, hint_named), equal, "{want}");
        }
    }
}
