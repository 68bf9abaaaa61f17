//! Compares what the engine answers with what a script expects.

use crate::Outcome;
use crate::script::{Eval, ExpectKind, Expectation, When};
use engine::{Annotation, EvalError, EvalErrorKind, Options, QueryOutput, Value, evaluate};
use model::{Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};
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
    let expr = promql::parse_strict(query, &validate_regex).map_err(|d| Failure::Parse(parse_failure(query, &d)))?;
    let (grid, as_range) = match when {
        When::Instant(at) => (StepGrid { start: at, step: Millis(1), len: 1 }, false),
        When::Range { start, end, step } => (StepGrid::new(start, end, step), true),
    };
    let end = if let When::Range { end, .. } = when { end } else { grid.start };
    let whole = TimeRange { start: grid.start, end };
    evaluate(head, &expr, grid, whole, as_range, &Options::default()).map_err(Failure::Eval)
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
        let points: Points = points.filter_map(|(idx, v)| Some((time(start, step, idx), (*v)?))).collect();
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
            rows.iter().map(|(labels, v)| (labels.clone(), vec![(at.0, *v)])).collect()
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
