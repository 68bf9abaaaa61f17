//! Aggregation of the samples of a window. Windows have at least one sample.

use super::{label, rate};
use crate::eval::Evaluator;
use crate::kahan::{Mean, Sum, Variance, quantile};
use crate::limits::EvalError;
use crate::value::{Column, Eval, GAP};
use crate::window::{Window, map_windows};
use model::number;
use promql::ast::{Call, Expr};

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

/// How often the value changed. From NaN to NaN is no change.
pub(crate) fn changes(w: &Window<'_>) -> Option<f64> {
    let changed = |p: &&[f64]| p[0] != p[1] && !(p[0].is_nan() && p[1].is_nan());
    Some(w.vs.windows(2).filter(changed).count() as f64)
}

pub(crate) fn resets(w: &Window<'_>) -> Option<f64> {
    let is_reset = |(idx, p): &(usize, &[f64])| p[1] < p[0] || rate::began_anew(w, idx + 1);
    Some(w.vs.windows(2).enumerate().filter(is_reset).count() as f64)
}

pub(crate) fn mad(w: &Window<'_>, scratch: &mut Vec<f64>) -> Option<f64> {
    scratch.clear();
    scratch.extend_from_slice(w.vs);
    let median = quantile(0.5, scratch);
    scratch.iter_mut().for_each(|v| *v = (*v - median).abs());
    Some(quantile(0.5, scratch))
}

/// The time of a sample, in seconds.
pub(crate) fn time_at(w: &Window<'_>, idx: usize) -> Option<f64> {
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
    super::histogram::remark_on_quantiles(evaluator, &call.args[0], &qs);
    let mut scratch = Vec::new();
    let columns = map_windows(evaluator, &call.args[1], false, |step_idx, w| {
        scratch.clear();
        scratch.extend_from_slice(w.vs);
        Some(quantile(qs[step_idx], &mut scratch))
    })?;
    Ok(Eval::Vector(columns))
}

/// 1 at steps whose range has no sample of any series.
pub(crate) fn absent(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let mut vs = vec![1.0; evaluator.grid.len];
    map_windows(evaluator, arg, false, |step_idx, _| {
        vs[step_idx] = GAP;
        None
    })?;
    Ok(Eval::Vector(vec![Column::floats(label::of_absent(arg), false, vs)]))
}

/// Holt and Winters' smoothing with a trend.
pub(crate) fn smoothing(evaluator: &mut Evaluator<'_>, call: &Call) -> Result<Eval, EvalError> {
    let smoothing = evaluator.scalar(&call.args[1])?;
    let trend = evaluator.scalar(&call.args[2])?;
    for (arg, name, bound, factors) in [(1, "smoothing", "sf", &smoothing), (2, "trend", "tf", &trend)] {
        if let Some(bad) = factors.iter().find(|f| !(0.0..=1.0).contains(*f)) {
            let message = format!("invalid {name} factor. Expected: 0 <= {bound} <= 1, got: {}", number::format(*bad));
            return Err(EvalError::invalid(call.args[arg].span(), message));
        }
    }
    let columns = map_windows(evaluator, &call.args[0], false, |step_idx, w| {
        let (sf, tf) = (smoothing[step_idx], trend[step_idx]);
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
    Ok(Eval::Vector(columns))
}
