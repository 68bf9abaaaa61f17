//! Compares what the engine answers with what a script expects.

use crate::Outcome;
use crate::script::{Eval, ExpectKind, Expectation, When};
use crate::series::{ExpectedSeries, LoadedValue};
use crate::variants;
use engine::{Annotation, EvalError, Options, Point, QueryOutput, Value, evaluate};
use model::{Bucket, Histogram, Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};
use promql::ast::{Expr, ValueType};
use std::collections::BTreeMap;
use tsdb::{Head, SampleBuf, validate_regex};

/// Points of one series: milliseconds and values.
type Points = Vec<(i64, LoadedValue)>;

/// Runs a query and compares; an instant query also in other ways that must give the same answer.
#[must_use]
pub fn check_eval(head: &Head, eval: &Eval) -> Outcome {
    let expr = match parse_query(&eval.query) {
        Ok(expr) => expr,
        Err(text) => return failed(&text, eval),
    };
    let output = match (run(head, &expr, eval.when), wants_fail(eval)) {
        (Err(error), _) => return failed(&error.to_string(), eval),
        (Ok(output), true) => return Outcome::Failed(format!("expected an error, got {:?}", output.value)),
        (Ok(output), false) => output,
    };
    let result = compare(&output, eval).and_then(|()| match eval.when {
        When::Instant(at) => compare_pinned(head, &expr, at, eval).and_then(|()| compare_middle(head, &expr, at, eval)),
        When::Range { .. } => Ok(()),
    });
    match result {
        Ok(()) => Outcome::Passed,
        Err(message) => Outcome::Failed(message),
    }
}

fn parse_query(query: &str) -> Result<Expr, String> {
    promql::parse_strict(query, &validate_regex).map_err(|found| parse_failure(query, &found))
}

fn failed(text: &str, eval: &Eval) -> Outcome {
    if wants_fail(eval) { check_failure(text, eval) } else { Outcome::Failed(format!("unexpected error: {text}")) }
}

fn run(head: &Head, expr: &Expr, when: When) -> Result<QueryOutput, EvalError> {
    let (grid, as_range) = match when {
        When::Instant(at) => (StepGrid { start: at, step: Millis(1), len: 1 }, false),
        When::Range { start, end, step } => (StepGrid::new(start, end, step), true),
    };
    let end = if let When::Range { end, .. } = when { end } else { grid.start };
    let whole = TimeRange { start: grid.start, end };
    evaluate(head, expr, grid, whole, as_range, &Options::default())
}

fn compare(output: &QueryOutput, eval: &Eval) -> Result<(), String> {
    compare_value(&output.value, eval)?;
    compare_notes(&output.annotations.warnings, "warning", eval, ExpectKind::Warn, ExpectKind::NoWarn)?;
    compare_notes(&output.annotations.infos, "info", eval, ExpectKind::Info, ExpectKind::NoInfo)
}

/// Pinned to its time by `@`, a query gives the same answer whenever it is evaluated.
fn compare_pinned(head: &Head, expr: &Expr, at: Timestamp, eval: &Eval) -> Result<(), String> {
    let Some(pinned) = variants::pinned(expr, at) else { return Ok(()) };
    for time in variants::other_times(at) {
        let said = |message: String| format!("as `{pinned}` at {} ms: {message}", time.0);
        let output = run(head, &pinned, When::Instant(time)).map_err(|error| said(error.to_string()))?;
        compare(&output, eval).map_err(said)?;
    }
    Ok(())
}

/// The middle of a range query is the answer of the instant query.
fn compare_middle(head: &Head, expr: &Expr, at: Timestamp, eval: &Eval) -> Result<(), String> {
    let is_ordered = eval.expectations.iter().any(|e| e.kind == ExpectKind::Ordered);
    let has_no_range = matches!(expr.value_type(), ValueType::Matrix | ValueType::String);
    if is_ordered || has_no_range || variants::names_its_range(&eval.query) {
        return Ok(());
    }
    let (start, end, step) = variants::around(at);
    let said = |message: String| format!("as a range query around {} ms: {message}", at.0);
    let output = run(head, expr, When::Range { start, end, step }).map_err(|error| said(error.to_string()))?;
    let Value::Matrix(matrix) = output.value else { return Err(said("no matrix".to_owned())) };
    let middle = matrix.series.into_iter().filter_map(|series| {
        let point = match series.histograms.get(1) {
            Some(h) => Point::Histogram(h.clone()),
            None => Point::Float(series.values.get(1).copied().filter(|v| !is_stale(*v))?),
        };
        Some((series.labels, point))
    });
    let value = match (expr.value_type(), middle.collect::<Vec<_>>()) {
        (ValueType::Scalar, rows) => match rows.first() {
            Some((_, Point::Float(v))) => Value::Scalar { v: *v },
            _ => return Err(said("no number".to_owned())),
        },
        (_, rows) => Value::Vector(rows),
    };
    compare_value(&value, eval).map_err(said)
}

/// Prometheus' text, or ours for what it accepts.
fn parse_failure(query: &str, diagnostics: &[promql::Diagnostic]) -> String {
    promql::reference::first_error(query, &validate_regex)
        .or_else(|| diagnostics.first().map(|d| d.message.clone()))
        .unwrap_or_default()
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

fn compare_value(value: &Value, eval: &Eval) -> Result<(), String> {
    if let Some(want) = eval.scalar {
        return match value {
            Value::Scalar { v } if almost_equal(*v, want) => Ok(()),
            other => Err(format!("expected the scalar {want}, got {other:?}")),
        };
    }
    if let Some(want) = &eval.string {
        return match value {
            Value::String(text) if text == want => Ok(()),
            other => Err(format!("expected the text {want:?}, got {other:?}")),
        };
    }
    let (start, step) = match (eval.range_vector, eval.when) {
        (Some((start, _, step)), _) => (start, step),
        (None, When::Instant(at)) => (at, Millis(0)),
        (None, When::Range { start, step, .. }) => (start, step),
    };
    let got = points_of(value, eval.when)?;
    if eval.expectations.iter().any(|e| e.kind == ExpectKind::Ordered) {
        let order: Vec<&Labels> = got.iter().map(|(labels, _)| labels).collect();
        let wanted: Vec<&Labels> = eval.expected.iter().map(|s| &s.labels).collect();
        if order != wanted {
            return Err(format!("expected the order {wanted:?}, got {order:?}"));
        }
    } else if matches!(value, Value::Matrix(_)) && !got.is_sorted_by(|a, b| a.0 < b.0) {
        return Err("the series of the matrix are not sorted by labels".to_owned());
    }
    let mut want: BTreeMap<&Labels, &ExpectedSeries> = eval.expected.iter().map(|s| (&s.labels, s)).collect();
    for (labels, points) in &got {
        let Some(wanted) = want.remove(labels) else {
            return Err(format!("unexpected series {labels} {}", show(points)));
        };
        let mut left = points.iter();
        let mut expected = wanted.values.iter().enumerate().filter_map(|(idx, v)| Some((idx, v.as_ref()?)));
        let fits = |(idx, v): (usize, &LoadedValue)| {
            let t = start.0 + step.0 * idx as i64;
            left.next().is_some_and(|(at, got)| *at == t && same(got, v, wanted.names_hint(idx)))
        };
        if !expected.all(fits) || left.next().is_some() {
            return Err(format!("expected {wanted}, got {labels} {}", show(points)));
        }
    }
    // A series that is expected to have no points is expected not to be there.
    match want.into_values().find(|series| series.values.iter().any(Option::is_some)) {
        Some(series) => Err(format!("missing series {series}")),
        None => Ok(()),
    }
}

fn same(got: &LoadedValue, want: &LoadedValue, hint_named: bool) -> bool {
    match (got, want) {
        (LoadedValue::Float(got), LoadedValue::Float(want)) => almost_equal(*got, *want),
        (LoadedValue::Histogram(got), LoadedValue::Histogram(want)) => histograms_equal(got, want, hint_named),
        _ => false,
    }
}

fn show(points: &Points) -> String {
    let texts: Vec<String> = points.iter().map(|(t, v)| format!("{v} @{t}")).collect();
    texts.join(" ")
}

fn points_of(value: &Value, when: When) -> Result<Vec<(Labels, Points)>, String> {
    let loaded = |point: &Point| match point {
        Point::Float(v) => LoadedValue::Float(*v),
        Point::Histogram(h) => LoadedValue::Histogram(h.clone()),
    };
    Ok(match value {
        Value::Vector(rows) => {
            let When::Instant(at) = when else { return Err("a vector for a range query".to_owned()) };
            rows.iter().map(|(labels, point)| (labels.clone(), vec![(at.0, loaded(point))])).collect()
        }
        Value::Samples(series) => series.iter().map(|s| (s.labels.clone(), points_of_samples(&s.samples))).collect(),
        Value::Matrix(matrix) => {
            let series = matrix.series.iter().map(|s| {
                let time = |step_idx: usize| matrix.grid.time(step_idx).0;
                let floats = s.values.iter().enumerate().filter(|(_, v)| !is_stale(**v));
                let floats = floats.map(|(idx, v)| (time(idx), LoadedValue::Float(*v)));
                let histograms = s.histograms.iter().map(|(idx, h)| (time(idx), LoadedValue::Histogram(h.clone())));
                (s.labels.clone(), by_time(floats.chain(histograms).collect()))
            });
            series.collect()
        }
        other => return Err(format!("expected series, got {other:?}")),
    })
}

fn points_of_samples(samples: &SampleBuf) -> Points {
    let floats = samples.ts.iter().zip(&samples.vs).map(|(t, v)| (*t, LoadedValue::Float(*v)));
    let histograms = samples.histograms.ts.iter().zip(&samples.histograms.hs);
    by_time(floats.chain(histograms.map(|(t, h)| (*t, LoadedValue::Histogram(h.clone())))).collect())
}

fn by_time(mut points: Points) -> Points {
    points.sort_by_key(|(t, _)| *t);
    points
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
