//! Anchored and smoothed ranges of native histograms, bucket by bucket; `extended` has the same of floats.

use super::extended::edges;
use crate::annotations::Annotations;
use crate::window::Window;
use model::{CounterResetHint, Histogram, quote};
use promql::Span;
use promql::ast::Extension;
use std::sync::Arc;

/// Where this module says what is odd, in Prometheus' words.
pub(crate) struct Notes<'a> {
    pub(crate) annotations: &'a mut Annotations,
    /// The metric's name, empty if the series has none.
    pub(crate) name: &'a str,
    /// What the remarks are about.
    pub(crate) span: Span,
}

impl Notes<'_> {
    /// Floats and histograms stand side by side.
    pub(crate) fn mixed_types(&mut self) {
        let name = quote(self.name);
        let text = format!("encountered a mix of histograms and floats for metric name {name}");
        self.annotations.warn(self.span, text);
    }

    fn mixed_schemas(&mut self) {
        let name = quote(self.name);
        let text = format!(
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {name}"
        );
        self.annotations.warn(self.span, text);
    }

    fn is_no(&mut self, what: &str) {
        let text = format!("this native histogram metric is not a {what}: {}", quote(self.name));
        self.annotations.warn(self.span, text);
    }

    fn reconciled(&mut self, during: &str) {
        let text = format!("mismatched custom buckets were reconciled during {during}");
        self.annotations.info(self.span, text);
    }

    /// Adds, with remarks; `None` if that cannot be.
    fn add(&mut self, sum: &mut Histogram, h: &Histogram) -> Option<()> {
        match sum.add(h) {
            Ok(combined) => {
                if combined.bounds_reconciled {
                    self.reconciled("addition");
                }
                Some(())
            }
            Err(_) => {
                self.mixed_schemas();
                None
            }
        }
    }

    fn sub(&mut self, from: &mut Histogram, h: &Histogram) -> Option<()> {
        match from.sub(h) {
            Ok(combined) => {
                if combined.bounds_reconciled {
                    self.reconciled("subtraction");
                }
                Some(())
            }
            Err(_) => {
                self.mixed_schemas();
                None
            }
        }
    }
}

/// What was observed between the ends of a range of a window of histograms, as a gauge.
pub(super) fn change(
    w: &Window<'_>,
    extension: Extension,
    is_counter: bool,
    notes: &mut Notes<'_>,
) -> Option<Histogram> {
    let Ends { left, right, first, last } = ends(w.hts, w.hs, (w.start, w.end), extension, is_counter, notes)?;
    if !is_counter && (!is_gauge(&left) || !is_gauge(&right)) {
        notes.is_no("gauge");
    }
    let mut change = right.clone();
    notes.sub(&mut change, &left)?;
    if is_counter {
        // What the line at the left end lies on may be a reset: the end then has it already.
        let is_in_left =
            extension == Extension::Smoothed && w.hts[first] < w.start && w.hs[first + 1].detect_reset(&w.hs[first]);
        let (mut before, from) = if is_in_left { (&*w.hs[first + 1], first + 2) } else { (&left, first + 1) };
        if from <= last {
            let mut lost: Option<Histogram> = None;
            for h in w.hs[from..last].iter().map(Arc::as_ref).chain([&right]) {
                if h.detect_reset(before) {
                    match &mut lost {
                        None => lost = Some(before.clone()),
                        Some(lost) => notes.add(lost, before)?,
                    }
                }
                before = h;
            }
            if let Some(lost) = lost {
                notes.add(&mut change, &lost)?;
            }
        }
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    Some(change)
}

/// The histograms at both ends of a range, and the indices of the samples that they are made from.
struct Ends {
    left: Histogram,
    right: Histogram,
    first: usize,
    last: usize,
}

fn ends(
    ts: &[i64],
    hs: &[Arc<Histogram>],
    (start, end): (i64, i64),
    extension: Extension,
    is_counter: bool,
    notes: &mut Notes<'_>,
) -> Option<Ends> {
    let (first, last) = edges(ts, (start, end), extension)?;
    let custom = hs[first].uses_custom_buckets();
    let mut is_odd = false;
    for h in &hs[first..=last] {
        if h.uses_custom_buckets() != custom {
            notes.mixed_schemas();
            return None;
        }
        is_odd |= is_counter && is_gauge(h);
    }
    if is_odd {
        notes.is_no("counter");
    }
    let is_smoothed = extension == Extension::Smoothed;
    let sample = |idx: usize| (ts[idx], &*hs[idx]);
    let left = if is_smoothed && ts[first] < start {
        interpolate(sample(first), sample(first + 1), start, is_counter, notes)?
    } else {
        (*hs[first]).clone()
    };
    let right = if is_smoothed && last > 0 && ts[last] > end {
        interpolate(sample(last - 1), sample(last), end, is_counter, notes)?
    } else {
        (*hs[last]).clone()
    };
    Some(Ends { left, right, first, last })
}

/// The histogram at a time on the line between two. A counter that was reset between them began with nothing.
fn interpolate(
    (t1, h1): (i64, &Histogram),
    (t2, h2): (i64, &Histogram),
    t: i64,
    is_counter: bool,
    notes: &mut Notes<'_>,
) -> Option<Histogram> {
    let mut h = h2.clone();
    if t == t2 {
        return Some(h);
    }
    if h1.uses_custom_buckets() != h2.uses_custom_buckets() {
        notes.mixed_schemas();
        return None;
    }
    let fraction = (t - t1) as f64 / (t2 - t1) as f64;
    if is_counter && h2.detect_reset(h1) {
        h.mul(fraction);
        return Some(h);
    }
    notes.sub(&mut h, h1)?;
    h.mul(fraction);
    notes.add(&mut h, h1)?;
    Some(h)
}

/// The histogram of a smoothed selector at a time: between two samples, or the last one. Before the first one there is
/// none.
pub(crate) fn value_at(ts: &[i64], hs: &[Arc<Histogram>], time: i64, notes: &mut Notes<'_>) -> Option<Arc<Histogram>> {
    let after = ts.partition_point(|&t| t < time);
    if ts.get(after) == Some(&time) {
        return hs.get(after).cloned();
    }
    let before = after.checked_sub(1)?;
    let Some(&next) = ts.get(after) else { return hs.get(before).cloned() };
    let is_counter = !is_gauge(&hs[after]);
    interpolate((ts[before], &hs[before]), (next, &hs[after]), time, is_counter, notes).map(Arc::new)
}

/// Makes of the samples that an extended range reaches those that it has: one at each end and those between.
pub(super) fn extend(
    ts: &[i64],
    hs: &[Arc<Histogram>],
    limits: (i64, i64),
    extension: Extension,
    notes: &mut Notes<'_>,
) -> Option<(Vec<i64>, Vec<Arc<Histogram>>)> {
    let is_counter = !hs.iter().any(|h| is_gauge(h));
    let Ends { left, right, first, last } = ends(ts, hs, limits, extension, is_counter, notes)?;
    let (start, end) = limits;
    let from = if ts[first] <= start { first + 1 } else { first };
    let to = if ts[last] >= end { last } else { last + 1 };
    let within = from..to.max(from);
    let times = [&[start], &ts[within.clone()], &[end]].concat();
    let histograms = [&[Arc::new(left)], &hs[within], &[Arc::new(right)]].concat();
    Some((times, histograms))
}

fn is_gauge(h: &Histogram) -> bool {
    h.counter_reset_hint == CounterResetHint::Gauge
}
