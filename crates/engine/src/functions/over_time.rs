//! Aggregation of the samples of a window. Windows have at least one sample.

use crate::eval::Evaluator;
use crate::kahan::{Mean, Sum, Variance, quantile};
use crate::limits::EvalError;
use crate::value::Eval;
use crate::window::{Window, map_windows};
use promql::ast::Call;

pub(crate) fn sum(w: &Window<'_>) -> Option<f64> {
    let mut sum = Sum::default();
    w.vs.iter().for_each(|&v| sum.add(v));
    Some(sum.value())
}

pub(crate) fn avg(w: &Window<'_>) -> Option<f64> {
    let (first, rest) = w.vs.split_first()?;
    let mut mean = Mean::new(*first);
    rest.iter().for_each(|&v| mean.add(v));
    Some(mean.value())
}

pub(crate) fn min(w: &Window<'_>) -> Option<f64> {
    w.vs.iter().copied().reduce(|min, v| if v < min || min.is_nan() { v } else { min })
}

pub(crate) fn max(w: &Window<'_>) -> Option<f64> {
    w.vs.iter().copied().reduce(|max, v| if v > max || max.is_nan() { v } else { max })
}

pub(crate) fn variance(w: &Window<'_>) -> f64 {
    let mut variance = Variance::default();
    w.vs.iter().for_each(|&v| variance.add(v));
    variance.value()
}

pub(crate) fn mad(w: &Window<'_>, scratch: &mut Vec<f64>) -> Option<f64> {
    if w.vs.iter().any(|v| v.is_nan()) {
        return Some(f64::NAN);
    }
    scratch.clear();
    scratch.extend_from_slice(w.vs);
    let median = quantile(0.5, scratch);
    scratch.iter_mut().for_each(|v| *v = (*v - median).abs());
    Some(quantile(0.5, scratch))
}

/// The time of a sample, in seconds.
fn time_at(w: &Window<'_>, idx: usize) -> Option<f64> {
    w.ts.get(idx).map(|&t| t as f64 / 1000.0)
}

/// The time of the last of the greatest samples.
pub(crate) fn time_of_max(w: &Window<'_>) -> Option<f64> {
    let mut best = 0;
    for (idx, &v) in w.vs.iter().enumerate() {
        if v >= w.vs[best] || w.vs[best].is_nan() {
            best = idx;
        }
    }
    time_at(w, best)
}

/// The time of the last of the least samples.
pub(crate) fn time_of_min(w: &Window<'_>) -> Option<f64> {
    let mut best = 0;
    for (idx, &v) in w.vs.iter().enumerate() {
        if v <= w.vs[best] || w.vs[best].is_nan() {
            best = idx;
        }
    }
    time_at(w, best)
}

pub(crate) fn quantile_over_time(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let qs = evaluator.scalar(&call.args[0])?;
    let mut scratch = Vec::new();
    let mut asked = Vec::new();
    let columns = map_windows(evaluator, &call.args[1], false, |step_idx, w| {
        scratch.clear();
        scratch.extend_from_slice(w.vs);
        let q = qs[step_idx];
        if !(0.0..=1.0).contains(&q) {
            asked.push(q);
        }
        Some(quantile(q, &mut scratch))
    })?;
    super::histogram::remark_on_quantiles(&mut evaluator.annotations, call.args[0].span(), &asked);
    Ok(Eval::Vector(columns))
}

/// Holt and Winters' smoothing with a trend.
pub(crate) fn smoothing(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let smoothing = evaluator.scalar(&call.args[1])?;
    let trend = evaluator.scalar(&call.args[2])?;
    // Refused only where there is something to smooth.
    let mut refused = None;
    let columns = map_windows(evaluator, &call.args[0], false, |step_idx, w| {
        let (sf, tf) = (smoothing[step_idx], trend[step_idx]);
        for (arg, name, bound, factor) in [(1, "smoothing", "sf", sf), (2, "trend", "tf", tf)] {
            if factor <= 0.0 || factor >= 1.0 {
                refused.get_or_insert((arg, name, bound, factor));
            }
        }
        let [first, second, ..] = *w.vs else { return None };
        let (mut before, mut now, mut slope) = (0.0, first, second - first);
        for (idx, &v) in w.vs.iter().enumerate().skip(1) {
            if idx > 1 {
                slope = tf * (now - before) + (1.0 - tf) * slope;
            }
            let next = sf * v + (1.0 - sf) * (now + slope);
            before = now;
            now = next;
        }
        Some(now)
    })?;
    if let Some((arg, name, bound, factor)) = refused {
        let message = format!("invalid {name} factor. Expected: 0 < {bound} < 1, got: {factor:.6}");
        return Err(EvalError::invalid(call.args[arg].span(), message));
    }
    Ok(Eval::Vector(columns))
}
