//! Functions over a window that know floats and native histograms alike.

use super::{label, over_time, rate, rate_histogram};
use crate::eval::Evaluator;
use crate::limits::EvalError;
use crate::value::{Column, Eval, GAP, Point};
use crate::window::{Remarks, Window, map_mixed};
use model::histogram::{Combined, HistogramMean, KahanHistogram};
use model::{CounterResetHint, Histogram, HistogramError};
use promql::ast::Expr;
use std::sync::Arc;

/// A number that both kinds of samples give.
pub(super) fn number(evaluator: &mut Evaluator<'_>, arg: &Expr, f: fn(&Window<'_>) -> f64) -> Result<Eval, EvalError> {
    let mut mixed = |_: usize, w: &Window<'_>, _: &mut Remarks<'_>| Some(Point::Float(f(w)));
    map_mixed(evaluator, arg, false, |_, w| Some(f(&w)), &mut mixed).map(Eval::Vector)
}

/// The time of the first sample of a window, in seconds.
pub(super) fn first_time(w: &Window<'_>) -> f64 {
    let times = w.ts.first().into_iter().chain(w.hts.first());
    times.min().map_or(f64::NAN, |&t| t as f64 / 1000.0)
}

/// The time of the last sample of a window, in seconds.
pub(super) fn last_time(w: &Window<'_>) -> f64 {
    let times = w.ts.last().into_iter().chain(w.hts.last());
    times.max().map_or(f64::NAN, |&t| t as f64 / 1000.0)
}

/// 1 at steps whose range has no sample of any series.
pub(super) fn absent(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let vs = std::cell::RefCell::new(vec![1.0; evaluator.grid.len]);
    let mut mixed = |step_idx: usize, _: &Window<'_>, _: &mut Remarks<'_>| {
        vs.borrow_mut()[step_idx] = GAP;
        None
    };
    let floats = |step_idx: usize, _: Window<'_>| {
        vs.borrow_mut()[step_idx] = GAP;
        None
    };
    map_mixed(evaluator, arg, false, floats, &mut mixed)?;
    // Type and unit are dropped here, as a name would be; `absent` keeps them.
    Ok(Eval::Vector(vec![Column::floats(label::of_absent(arg), true, vs.into_inner())]))
}

/// The oldest sample of the window.
pub(super) fn first(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let mut mixed = |_: usize, w: &Window<'_>, _: &mut Remarks<'_>| match (w.ts.first(), w.hts.first()) {
        (Some(t), Some(ht)) if ht <= t => w.hs.first().cloned().map(Point::Histogram),
        (Some(_), _) => w.vs.first().copied().map(Point::Float),
        (None, _) => w.hs.first().cloned().map(Point::Histogram),
    };
    map_mixed(evaluator, arg, true, |_, w| w.vs.first().copied(), &mut mixed).map(Eval::Vector)
}

/// The newest sample of the window.
pub(super) fn last(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let mut mixed = |_: usize, w: &Window<'_>, _: &mut Remarks<'_>| match (w.ts.last(), w.hts.last()) {
        (Some(t), Some(ht)) if ht >= t => w.hs.last().cloned().map(Point::Histogram),
        (Some(_), _) => w.vs.last().copied().map(Point::Float),
        (None, _) => w.hs.last().cloned().map(Point::Histogram),
    };
    map_mixed(evaluator, arg, true, |_, w| w.vs.last().copied(), &mut mixed).map(Eval::Vector)
}

/// The sum of the samples of the window.
pub(super) fn sum(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let begin = |first: &Arc<Histogram>| KahanHistogram::new((**first).clone());
    aggregated(evaluator, arg, over_time::sum, begin, KahanHistogram::add, KahanHistogram::value)
}

/// The mean of the samples of the window.
pub(super) fn avg(evaluator: &mut Evaluator<'_>, arg: &Expr) -> Result<Eval, EvalError> {
    let begin = |first: &Arc<Histogram>| HistogramMean::new((**first).clone());
    aggregated(evaluator, arg, over_time::avg, begin, HistogramMean::add, HistogramMean::value)
}

/// Combines the samples of a window, which must be of one kind: floats by `floats`, histograms step by step.
fn aggregated<S>(
    evaluator: &mut Evaluator<'_>,
    arg: &Expr,
    floats: fn(&Window<'_>) -> Option<f64>,
    begin: impl Fn(&Arc<Histogram>) -> S,
    add: fn(&mut S, &Histogram) -> Result<Combined, HistogramError>,
    end: fn(S) -> Histogram,
) -> Result<Eval, EvalError> {
    let mut mixed = |_: usize, w: &Window<'_>, remarks: &mut Remarks<'_>| {
        if w.hts.is_empty() {
            return floats(w).map(Point::Float);
        }
        if !w.ts.is_empty() {
            remarks.mixed_types();
            return None;
        }
        let (first, rest) = w.hs.split_first()?;
        let mut state = begin(first);
        let mut is_reconciled = false;
        for h in rest {
            match add(&mut state, h) {
                Ok(combined) => is_reconciled |= combined.bounds_reconciled,
                Err(_) => {
                    remarks.mixed_schemas();
                    return None;
                }
            }
        }
        let is_hinted = |hint| w.hs.iter().any(|h| h.counter_reset_hint == hint);
        if is_hinted(CounterResetHint::Reset) && is_hinted(CounterResetHint::NotReset) {
            remarks.warn("conflicting counter resets during histogram aggregation");
        }
        if is_reconciled {
            remarks.info("mismatched custom buckets were reconciled during aggregation");
        }
        Some(Point::Histogram(Arc::new(end(state))))
    };
    map_mixed(evaluator, arg, false, |_, w| floats(&w), &mut mixed).map(Eval::Vector)
}

/// What is counted between neighbouring samples.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairs {
    /// Any change. From NaN to NaN is none.
    Changes,
    /// Counter resets.
    Resets,
}

/// How often neighbouring samples differ. From one kind to the other counts always.
pub(super) fn count_pairs(evaluator: &mut Evaluator<'_>, arg: &Expr, what: Pairs) -> Result<Eval, EvalError> {
    let mut mixed = |_: usize, w: &Window<'_>, _: &mut Remarks<'_>| {
        let mut count = 0;
        // The next float and histogram, and of which kind the sample before was.
        let (mut float, mut histogram) = (0, 0);
        let mut was_float = None;
        while float < w.ts.len() || histogram < w.hts.len() {
            let is_float = match (w.ts.get(float), w.hts.get(histogram)) {
                (Some(t), Some(ht)) => t < ht,
                (t, _) => t.is_some(),
            };
            count += usize::from(match was_float {
                None => false,
                Some(was_float) if was_float != is_float => true,
                Some(true) => float_differs(w, float, what),
                Some(false) => histogram_differs(w, histogram, what),
            });
            *(if is_float { &mut float } else { &mut histogram }) += 1;
            was_float = Some(is_float);
        }
        Some(Point::Float(count as f64))
    };
    let floats =
        |_: usize, w: Window<'_>| Some((1..w.vs.len()).filter(|&idx| float_differs(&w, idx, what)).count() as f64);
    map_mixed(evaluator, arg, false, floats, &mut mixed).map(Eval::Vector)
}

/// Whether a float differs from the one before it.
fn float_differs(w: &Window<'_>, idx: usize, what: Pairs) -> bool {
    let (before, v) = (w.vs[idx - 1], w.vs[idx]);
    match what {
        Pairs::Changes => before != v && !(before.is_nan() && v.is_nan()),
        Pairs::Resets => v < before || rate::began_anew(w, idx),
    }
}

/// Whether a histogram differs from the one before it.
fn histogram_differs(w: &Window<'_>, idx: usize, what: Pairs) -> bool {
    let (before, h) = (&w.hs[idx - 1], &w.hs[idx]);
    match what {
        Pairs::Changes => !h.equals(before),
        Pairs::Resets => rate_histogram::began_anew(w, idx) || h.detect_reset(before),
    }
}
