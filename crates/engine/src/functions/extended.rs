//! `anchored` and `smoothed`: ranges that know what lies beyond their ends, so that nothing has to be extrapolated.
//!
//! An anchored range begins with the newest sample before it. A smoothed one has values at both of its ends, on the lines
//! between the samples on both sides of them.

use super::extended_histogram::{self, Notes};
use super::rate::Kind;
use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::value::{Column, Eval, Point};
use crate::window::{Source, Window};
use promql::ast::{Call, Expr, Extension};
use std::sync::Arc;
use tsdb::SampleBuf;

/// How the ends of a range are treated, if it is a selector's.
pub(crate) fn of(expr: &Expr) -> Option<Extension> {
    match expr.unwrap_parens() {
        Expr::Matrix(matrix) => matrix.selector.extension,
        _ => None,
    }
}

/// Refuses what is extended for a function that would take samples beyond the range for its own.
pub(super) fn check(call: &Call, name: &str) -> Result<(), EvalError> {
    for arg in &call.args {
        let (word, able) = match of(arg) {
            None => continue,
            Some(Extension::Anchored) => ("anchored", ["changes", "delta", "increase", "rate", "resets"].as_slice()),
            Some(Extension::Smoothed) => ("smoothed", ["delta", "increase", "rate"].as_slice()),
        };
        if !able.contains(&name) {
            let able = able.join(", ");
            let message = format!("{word} modifier can only be used with: {able} - not with {name}");
            return Err(EvalError::invalid(call.span, message));
        }
    }
    Ok(())
}

/// `rate`, `increase` and `delta`: the difference between the ends, resets added.
pub(super) fn rate(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    kind: Kind,
    extension: Extension,
) -> Result<Eval, EvalError> {
    let arg = &call.args[0];
    let source = Source::open(evaluator, arg)?.unanchored();
    let grid = evaluator.grid;
    let is_counter = kind != Kind::Delta;
    let mut columns = Vec::with_capacity(source.len());
    let mut buf = SampleBuf::default();
    for idx in 0..source.len() {
        buf.clear();
        source.load(evaluator, idx, &mut buf)?;
        evaluator.count(grid.len, arg.span())?;
        let (labels, _) = source.labels(evaluator, idx);
        let mut column = Column::blank(labels, true, grid.len);
        let name = column.labels.metric_name().unwrap_or("").to_owned();
        let notes = &mut Notes { annotations: &mut evaluator.annotations, name: &name, span: arg.span() };
        let mut n_looked_at = 0;
        source.slide(&grid, &buf, |step_idx, w| {
            n_looked_at += w.ts.len() + w.hs.len();
            let seconds = (w.end - w.start) as f64 / 1000.0;
            if w.hts.is_empty() {
                if let Some(change) = change(&w, extension, is_counter) {
                    column.vs[step_idx] = if kind == Kind::Rate { change / seconds } else { change };
                }
            } else if !w.ts.is_empty() {
                notes.mixed_types();
            } else if let Some(mut change) = extended_histogram::change(&w, extension, is_counter, notes) {
                if kind == Kind::Rate {
                    change.div(seconds);
                }
                change.compact();
                column.set(step_idx, Point::Histogram(Arc::new(change)));
            }
        });
        evaluator.work(n_looked_at, arg.span())?;
        if !column.is_blank() {
            columns.push(column);
        }
    }
    if is_counter {
        super::rate::remark_on_names(evaluator, arg, &columns);
    }
    Ok(Eval::Vector(columns))
}

fn change(w: &Window<'_>, extension: Extension, is_counter: bool) -> Option<f64> {
    let Ends { left, right, within } = ends(w.ts, w.vs, (w.start, w.end), extension, is_counter)?;
    let mut change = right - left;
    if is_counter {
        // What resets took is added up by itself, as in Prometheus: another order has another last digit.
        let (mut before, mut lost) = (left, 0.0);
        for v in w.vs[within].iter().copied().chain([right]) {
            if v < before {
                lost += before;
            }
            before = v;
        }
        change += lost;
    }
    Some(change)
}

/// The values at both ends of a range, and the samples that lie between the ends.
struct Ends {
    left: f64,
    right: f64,
    within: std::ops::Range<usize>,
}

/// The indices of the samples that the ends of a range are made from; `None` if the range has nothing to say.
pub(super) fn edges(ts: &[i64], (start, end): (i64, i64), extension: Extension) -> Option<(usize, usize)> {
    let newest = ts.len().checked_sub(1)?;
    let is_smoothed = extension == Extension::Smoothed;
    // The last sample at or before the start, or the first one of all.
    let first = ts[..newest].partition_point(|&t| t <= start).saturating_sub(1);
    // The first sample at or after the end, or the last one of all.
    let last = if is_smoothed { ts[..newest].partition_point(|&t| t < end) } else { newest };
    let has_nothing = ts[last] <= start || (is_smoothed && ts[first] > end);
    (!has_nothing).then_some((first, last))
}

fn ends(ts: &[i64], vs: &[f64], (start, end): (i64, i64), extension: Extension, is_counter: bool) -> Option<Ends> {
    let (first, last) = edges(ts, (start, end), extension)?;
    let is_smoothed = extension == Extension::Smoothed;
    let sample = |idx: usize| (ts[idx], vs[idx]);
    let left = if is_smoothed && ts[first] < start {
        interpolate(sample(first), sample(first + 1), start, is_counter)
    } else {
        vs[first]
    };
    let right = if is_smoothed && last > 0 && ts[last] > end {
        interpolate(sample(last - 1), sample(last), end, is_counter)
    } else {
        vs[last]
    };
    let from = if ts[first] <= start { first + 1 } else { first };
    let to = if ts[last] >= end { last } else { last + 1 };
    Some(Ends { left, right, within: from..to.max(from) })
}

/// The value at a time on the line between two samples. A counter that was reset between them began with 0.
pub(crate) fn interpolate((t1, v1): (i64, f64), (t2, v2): (i64, f64), t: i64, is_counter: bool) -> f64 {
    let v1 = if is_counter && v2 < v1 { 0.0 } else { v1 };
    v1 + (v2 - v1) * (t - t1) as f64 / (t2 - t1) as f64
}

/// Makes of the samples that an extended range reaches those that it has: one at each end and those between.
pub(crate) fn extend(samples: &mut SampleBuf, limits: (i64, i64), extension: Extension, notes: &mut Notes<'_>) {
    let (start, end) = limits;
    let SampleBuf { ts, vs, histograms, .. } = std::mem::take(samples);
    if histograms.is_empty() {
        let extended = ends(&ts, &vs, limits, extension, false).map(|ends| {
            let times = [&[start], &ts[ends.within.clone()], &[end]].concat();
            (times, [&[ends.left], &vs[ends.within], &[ends.right]].concat())
        });
        (samples.ts, samples.vs) = extended.unwrap_or_default();
    } else if ts.is_empty() {
        let extended = extended_histogram::extend(&histograms.ts, &histograms.hs, limits, extension, notes);
        (samples.histograms.ts, samples.histograms.hs) = extended.unwrap_or_default();
    } else {
        notes.mixed_types();
    }
}
