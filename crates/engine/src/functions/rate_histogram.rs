//! Growth and change of native histograms over a window, bucket by bucket; `rate` has the same of floats.

use super::rate::Kind;
use super::start_time;
use crate::value::Point;
use crate::window::{Remarks, Window};
use model::{CounterResetHint, Histogram};
use std::sync::Arc;

const SUBTRACTED: &str = "mismatched custom buckets were reconciled during subtraction";
const ADDED: &str = "mismatched custom buckets were reconciled during addition";

/// `rate`, `increase` and `delta` of a window of histograms: what was observed between the first and the last one,
/// extrapolated to the ends of the range where the samples come close enough to them.
pub(super) fn extrapolated_rate(w: &Window<'_>, kind: Kind, remarks: &mut Remarks<'_>) -> Option<Point> {
    let n = w.hs.len();
    let is_counter = kind != Kind::Delta;
    let first = w.hs.first()?;
    let mut change = if n > 1 { Some(growth(w, is_counter, remarks)?) } else { None };
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let (first_t, last_t) = (w.hts[0], w.hts[n - 1]);
    let mut to_start = seconds(first_t - w.start);
    let mut to_end = seconds(w.end - last_t);
    let mut sampled = seconds(last_t - first_t);
    let average = if n > 1 { sampled / (n - 1) as f64 } else { 0.0 };
    // Farther from the end than this, the series is taken to have begun or ended there.
    let threshold = average * 1.1;
    let start = w.hstarts.first().copied().unwrap_or(0);
    if is_counter && start != 0 && start > w.start && start < first_t {
        // It began to count within the range, from nothing: no guess is needed.
        to_start = 0.0;
        sampled = seconds(last_t - start);
        match &mut change {
            Some(change) => add(change, first, remarks)?,
            None => change = Some((**first).clone()),
        }
    } else if n > 1 {
        if to_start >= threshold {
            to_start = average / 2.0;
        }
        let grown = change.as_ref().map_or(0.0, |h| h.count);
        if is_counter && grown > 0.0 && first.count >= 0.0 {
            // A counter cannot have been below zero: it began at the earliest where the line meets zero.
            to_start = to_start.min(sampled * (first.count / grown));
        }
    }
    let mut change = change?;
    if to_end >= threshold {
        to_end = average / 2.0;
    }
    let mut factor = if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled };
    if kind == Kind::Rate {
        factor /= seconds(w.end - w.start);
    }
    change.mul(factor);
    Some(Point::Histogram(Arc::new(change)))
}

/// What was observed from the first to the last of at least two histograms, resets taken into account. Where they
/// cannot be combined, only that is remarked on.
fn growth(w: &Window<'_>, is_counter: bool, remarks: &mut Remarks<'_>) -> Option<Histogram> {
    let [first, second, ..] = w.hs else { return None };
    let last = w.hs.last()?;
    let between = w.hs.get(1..w.hs.len() - 1).unwrap_or_default();
    let mut before = first.clone();
    if is_counter && (began_anew(w, 1) || second.detect_reset(first)) {
        // The first one does not count then, and its layout does not matter.
        let (schema, custom_values) = (second.schema, second.custom_values.clone());
        before = Arc::new(Histogram { schema, custom_values, ..Histogram::default() });
    }
    let custom = before.uses_custom_buckets();
    let mut is_odd = is_counter && (is_gauge(first) || is_gauge(last));
    if last.uses_custom_buckets() != custom {
        if is_odd {
            remarks.not_a("counter");
        }
        remarks.mixed_schemas();
        return None;
    }
    let mut schema = last.schema.min(before.schema);
    if is_counter {
        if between.iter().any(|h| h.uses_custom_buckets() != custom) {
            remarks.mixed_schemas();
            return None;
        }
        is_odd |= between.iter().any(|h| is_gauge(h));
        schema = between.iter().fold(schema, |min, h| min.min(h.schema));
    }
    let mut change = last.copy_to_schema(schema);
    let Ok(subtracted) = change.sub(&before) else {
        remarks.mixed_schemas();
        return None;
    };
    let mut added_reconciled = false;
    if is_counter {
        for (idx, h) in w.hs.iter().enumerate().skip(1) {
            if began_anew(w, idx) || h.detect_reset(&before) {
                let Ok(added) = change.add(&before) else {
                    remarks.mixed_schemas();
                    return None;
                };
                added_reconciled |= added.bounds_reconciled;
            }
            before = h.clone();
        }
        if is_odd {
            remarks.not_a("counter");
        }
        if start_time::any_overlap(w.hts, w.hstarts) {
            remarks.start_overlaps();
        }
    } else if !is_gauge(first) || !is_gauge(last) {
        remarks.not_a("gauge");
    }
    if subtracted.bounds_reconciled {
        remarks.info(SUBTRACTED);
    }
    if added_reconciled {
        remarks.info(ADDED);
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact();
    Some(change)
}

fn is_gauge(h: &Histogram) -> bool {
    h.counter_reset_hint == CounterResetHint::Gauge
}

fn add(sum: &mut Histogram, h: &Histogram, remarks: &mut Remarks<'_>) -> Option<()> {
    match sum.add(h) {
        Ok(combined) if combined.bounds_reconciled => remarks.info(ADDED),
        Ok(_) => {}
        Err(_) => {
            remarks.mixed_schemas();
            return None;
        }
    }
    Some(())
}

/// Whether the start times of a window say that there was a reset before a histogram.
pub(super) fn began_anew(w: &Window<'_>, idx: usize) -> bool {
    match w.hstarts.get(idx) {
        Some(&start) => start_time::is_reset(w.hstarts[idx - 1], w.hts[idx - 1], start, w.hts[idx]),
        None => false,
    }
}

/// `irate` and `idelta` of a window that may hold both kinds: the last two samples must be of one kind. `floats` is
/// asked if they are floats.
pub(super) fn last_two(
    w: &Window<'_>,
    is_rate: bool,
    remarks: &mut Remarks<'_>,
    floats: impl FnOnce(&Window<'_>) -> Option<f64>,
) -> Option<Point> {
    let (n, n_floats) = (w.hs.len(), w.ts.len());
    if n + n_floats < 2 {
        return None;
    }
    let newest_float = w.ts.last().copied().unwrap_or(i64::MIN);
    let newest = w.hts.last().copied().unwrap_or(i64::MIN);
    // Of each kind the one before the newest.
    let float_before = n_floats.checked_sub(2).map_or(i64::MIN, |idx| w.ts[idx]);
    let before = n.checked_sub(2).map_or(i64::MIN, |idx| w.hts[idx]);
    if n_floats > 1 && float_before > newest {
        return floats(w).map(Point::Float);
    }
    if n < 2 || before < newest_float {
        remarks.mixed_types();
        return None;
    }
    let [.., first, last] = w.hs else { return None };
    if is_rate && (is_gauge(first) || is_gauge(last)) {
        remarks.not_a("counter");
    }
    if !is_rate && (!is_gauge(first) || !is_gauge(last)) {
        remarks.not_a("gauge");
    }
    let mut change = (**last).clone();
    if !is_rate || !(began_anew(w, n - 1) || last.detect_reset(first)) {
        match change.sub(first) {
            Ok(combined) if combined.bounds_reconciled => remarks.info(SUBTRACTED),
            Ok(_) => {}
            Err(_) => {
                remarks.mixed_schemas();
                return None;
            }
        }
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact();
    if is_rate {
        change.div((newest - before) as f64 / 1000.0);
    }
    Some(Point::Histogram(Arc::new(change)))
}
