//! Growth and change of counters and gauges over a window.

mod plan;

use super::{extended, rate_histogram, start_time};
use crate::eval::Evaluator;
use crate::kahan::Sum;
use crate::limits::EvalError;
use crate::value::{Column, Eval, Point};
use crate::window::{Batch, Remarks, Window, map_batches, map_mixed};
use model::{is_stale, quote};
use plan::Plan;
use promql::ast::{Call, Expr};

/// Which of the extrapolating functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Delta,
    Increase,
    Rate,
}

pub(crate) fn extrapolated(evaluator: &mut Evaluator<'_>, call: &Call, kind: Kind) -> Result<Eval, EvalError> {
    let arg = &call.args[0];
    if let Some(extension) = extended::of(arg) {
        return extended::rate(evaluator, call, kind, extension);
    }
    let has_overlap = |w: &Window<'_>| kind != Kind::Delta && !w.starts.is_empty() && start_time::has_overlap(w);
    let mut mixed = |_: usize, w: &Window<'_>, remarks: &mut Remarks<'_>| {
        if w.hts.is_empty() {
            if has_overlap(w) {
                remarks.start_overlaps();
            }
            extrapolated_rate(w, kind).map(Point::Float)
        } else if w.ts.is_empty() {
            rate_histogram::extrapolated_rate(w, kind, remarks)
        } else {
            remarks.mixed_types();
            None
        }
    };
    let mut any_overlap = false;
    let mut plan = Plan::default();
    let mut batch = |windows: &Batch<'_>, out: &mut [f64]| plan.run(windows, kind, out);
    let mut floats = |_: usize, w: Window<'_>| {
        any_overlap |= has_overlap(&w);
        extrapolated_rate(&w, kind)
    };
    let columns = map_batches(evaluator, arg, &mut batch, &mut floats, Some(&mut mixed))?;
    if any_overlap {
        start_time::warn_of_overlaps(evaluator, arg)?;
    }
    if kind != Kind::Delta {
        remark_on_names(evaluator, arg, &columns);
    }
    Ok(Eval::Vector(columns))
}

/// `irate` and `idelta`.
pub(crate) fn instant(evaluator: &mut Evaluator<'_>, call: &Call, is_rate: bool) -> Result<Eval, EvalError> {
    let floats = if is_rate { instant_rate } else { instant_delta };
    let mut mixed =
        |_: usize, w: &Window<'_>, remarks: &mut Remarks<'_>| rate_histogram::last_two(w, is_rate, remarks, floats);
    map_mixed(evaluator, &call.args[0], false, |_, w| floats(&w), &mut mixed).map(Eval::Vector)
}

/// Says which metrics do not look like counters: by their type if it is known, else by their name.
pub(crate) fn remark_on_names(evaluator: &mut Evaluator<'_>, arg: &Expr, columns: &[Column]) {
    const SUFFIXES: [&str; 4] = ["_total", "_sum", "_count", "_bucket"];
    for column in columns {
        let name = column.labels.metric_name().unwrap_or("");
        // Histograms are counters whatever they are called.
        if name.is_empty() || column.vs.iter().all(|&v| is_stale(v)) {
            continue;
        }
        let doubt = match column.labels.get("__type__") {
            Some("counter" | "histogram") => continue,
            Some(other) => {
                let other = quote(other);
                format!("__type__ label is not set to \"counter\" or \"histogram\", got {other}")
            }
            None if SUFFIXES.iter().any(|s| name.ends_with(s)) => continue,
            None => "name does not end in _total/_sum/_count/_bucket".to_owned(),
        };
        let message = format!("metric might not be a counter, {doubt}: {}", quote(name));
        evaluator.annotations.info(arg.span(), message);
    }
}

/// The change between the first and the last sample, extrapolated to the ends of the range where the
/// samples come close enough to them. A counter that is known to have begun in the range began there with 0.
fn extrapolated_rate(w: &Window<'_>, kind: Kind) -> Option<f64> {
    let n = w.vs.len();
    let is_counter = kind != Kind::Delta;
    let start = if is_counter { w.starts.first().copied().unwrap_or(0) } else { 0 };
    let has_begun = start != 0 && start > w.start && start < w.ts[0];
    if n < 2 && !has_begun {
        return None;
    }
    let (first, last) = (w.vs[0], w.vs[n - 1]);
    let mut change = last - first;
    if is_counter {
        for (idx, pair) in w.vs.windows(2).enumerate() {
            if pair[1] < pair[0] || began_anew(w, idx + 1) {
                change += pair[0];
            }
        }
    }
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let mut to_start = seconds(w.ts[0] - w.start);
    let mut to_end = seconds(w.end - w.ts[n - 1]);
    let mut sampled = seconds(w.ts[n - 1] - w.ts[0]);
    let average = if n > 1 { sampled / (n - 1) as f64 } else { 0.0 };
    // Farther from the end than this, the series is taken to have begun or ended there.
    let threshold = average * 1.1;
    if has_begun {
        to_start = 0.0;
        sampled = seconds(w.ts[n - 1] - start);
        change += first;
    } else {
        if to_start >= threshold {
            to_start = average / 2.0;
        }
        if is_counter && change > 0.0 && first >= 0.0 {
            // A counter cannot have been below zero: it began at the earliest where the line meets zero.
            to_start = to_start.min(sampled * (first / change));
        }
    }
    if to_end >= threshold {
        to_end = average / 2.0;
    }
    let mut factor = (sampled + to_start + to_end) / sampled;
    if kind == Kind::Rate {
        factor /= seconds(w.end - w.start);
    }
    Some(change * factor)
}

/// Whether the start of a float says that there was a reset before it.
#[inline]
pub(crate) fn began_anew(w: &Window<'_>, idx: usize) -> bool {
    match w.starts.get(idx) {
        Some(&start) => start_time::is_reset(w.starts[idx - 1], w.ts[idx - 1], start, w.ts[idx]),
        None => false,
    }
}

/// The rate between the last two samples of a counter.
fn instant_rate(w: &Window<'_>) -> Option<f64> {
    let (change, ms) = last_two(w, true)?;
    Some(change / (ms as f64 / 1000.0))
}

/// The difference of the last two samples.
fn instant_delta(w: &Window<'_>) -> Option<f64> {
    last_two(w, false).map(|(change, _)| change)
}

fn last_two(w: &Window<'_>, is_counter: bool) -> Option<(f64, i64)> {
    let n = w.vs.len();
    if n < 2 {
        return None;
    }
    let (before, last) = (w.vs[n - 2], w.vs[n - 1]);
    let reset = is_counter && (last < before || began_anew(w, n - 1));
    Some((if reset { last } else { last - before }, w.ts[n - 1] - w.ts[n - 2]))
}

pub(crate) fn deriv(w: &Window<'_>) -> Option<f64> {
    if w.vs.len() < 2 {
        return None;
    }
    Some(linear_regression(w, w.ts[0]).0)
}

pub(crate) fn predict_linear(w: &Window<'_>, ahead_seconds: f64) -> Option<f64> {
    if w.vs.len() < 2 {
        return None;
    }
    let (slope, intercept) = linear_regression(w, w.now);
    Some(slope * ahead_seconds + intercept)
}

/// Slope per second, and the value at a time.
fn linear_regression(w: &Window<'_>, at: i64) -> (f64, f64) {
    let first = w.vs[0];
    if w.vs.iter().all(|&v| v == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let n = w.vs.len() as f64;
    let (mut sum_x, mut sum_y, mut sum_xy, mut sum_x2) =
        (Sum::default(), Sum::default(), Sum::default(), Sum::default());
    for (&t, &y) in w.ts.iter().zip(w.vs) {
        let x = (t - at) as f64 / 1000.0;
        sum_x.add(x);
        sum_y.add(y);
        sum_xy.add(x * y);
        sum_x2.add(x * x);
    }
    let whole = |s: Sum| s.sum + s.c;
    let (sum_x, sum_y, sum_xy, sum_x2) = (whole(sum_x), whole(sum_y), whole(sum_xy), whole(sum_x2));
    let covariance = sum_xy - sum_x * sum_y / n;
    let variance = sum_x2 - sum_x * sum_x / n;
    let slope = covariance / variance;
    (slope, sum_y / n - slope * sum_x / n)
}
