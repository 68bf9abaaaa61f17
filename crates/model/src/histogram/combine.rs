//! Sums and differences of histograms with different layouts.
//!
//! Two exponential histograms meet in the coarser schema and behind the wider zero bucket, two with custom bounds in
//! the bounds that both have. The same code adds plainly and with compensation (see `kahan`): what differs is the
//! [`Slot`] that a count is kept in.

use super::{Bucket, CounterResetHint, Histogram, HistogramError, upper_bound};
use std::sync::Arc;

/// What happened when two histograms were combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combined {
    /// One of them was known to be a reset, the other not to be one.
    pub counter_reset_collision: bool,
    /// Their custom bounds differed and were reconciled to those that both have.
    pub bounds_reconciled: bool,
}

/// A count with its index, however it is kept.
pub(super) trait Slot: Copy {
    /// A count at an index.
    fn new(idx: i32, count: f64) -> Self;
    /// Its index.
    fn idx(&self) -> i32;
    /// The same at another index.
    fn moved(self, idx: i32) -> Self;
    /// Nothing is in it.
    fn is_empty(&self) -> bool;
    /// Adds what another holds.
    fn add(&mut self, other: Self);
}

impl Slot for Bucket {
    fn new(idx: i32, count: f64) -> Self {
        Bucket { idx, count }
    }
    fn idx(&self) -> i32 {
        self.idx
    }
    fn moved(self, idx: i32) -> Self {
        Bucket { idx, ..self }
    }
    fn is_empty(&self) -> bool {
        self.count == 0.0
    }
    fn add(&mut self, other: Self) {
        self.count += other.count;
    }
}

/// A histogram whose counts are kept in slots.
#[derive(Clone, Debug)]
pub(super) struct Slots<S> {
    pub(super) hint: CounterResetHint,
    pub(super) schema: i8,
    pub(super) zero_threshold: f64,
    pub(super) zero: S,
    pub(super) count: S,
    pub(super) sum: S,
    pub(super) positive: Vec<S>,
    pub(super) negative: Vec<S>,
    pub(super) custom_values: Arc<[f64]>,
}

impl Slots<Bucket> {
    fn take(h: &mut Histogram) -> Self {
        Slots {
            hint: h.counter_reset_hint,
            schema: h.schema,
            zero_threshold: h.zero_threshold,
            zero: Bucket::new(0, h.zero_count),
            count: Bucket::new(0, h.count),
            sum: Bucket::new(0, h.sum),
            positive: std::mem::take(&mut h.positive),
            negative: std::mem::take(&mut h.negative),
            custom_values: h.custom_values.clone(),
        }
    }

    fn give_back(self, h: &mut Histogram) {
        *h = Histogram {
            counter_reset_hint: self.hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero.count,
            count: self.count.count,
            sum: self.sum.count,
            positive: self.positive,
            negative: self.negative,
            custom_values: self.custom_values,
        }
    }
}

impl Histogram {
    /// Adds another histogram. Nothing changes if the two cannot be added.
    ///
    /// # Errors
    /// One has custom bounds, the other a standard schema.
    pub fn add(&mut self, other: &Histogram) -> Result<Combined, HistogramError> {
        self.combine(other, 1.0)
    }

    /// Subtracts another histogram. The hint is adjusted as in a sum: that the difference of two counters is a gauge
    /// is for the caller to say.
    ///
    /// # Errors
    /// As [`Histogram::add`].
    pub fn sub(&mut self, other: &Histogram) -> Result<Combined, HistogramError> {
        self.combine(other, -1.0)
    }

    fn combine(&mut self, other: &Histogram, sign: f64) -> Result<Combined, HistogramError> {
        self.check_combinable(other)?;
        let mut slots = Slots::take(self);
        let combined = slots.combine(other, sign);
        slots.give_back(self);
        Ok(combined)
    }

    pub(super) fn check_combinable(&self, other: &Histogram) -> Result<(), HistogramError> {
        if self.uses_custom_buckets() == other.uses_custom_buckets() {
            Ok(())
        } else {
            Err(HistogramError::IncompatibleSchema)
        }
    }

    /// The same in a coarser schema. A schema that is not coarser, or custom bounds, give a plain copy.
    #[must_use]
    pub fn copy_to_schema(&self, schema: i8) -> Histogram {
        if schema >= self.schema || self.uses_custom_buckets() || schema < -4 {
            return self.clone();
        }
        Histogram {
            counter_reset_hint: CounterResetHint::Unknown,
            schema,
            positive: reduced(&self.positive, self.schema, schema),
            negative: reduced(&self.negative, self.schema, schema),
            custom_values: self.custom_values.clone(),
            ..*self
        }
    }
}

impl<S: Slot> Slots<S> {
    /// Adds a histogram of the same kind (custom bounds or not), its counts multiplied by `sign`.
    pub(super) fn combine(&mut self, other: &Histogram, sign: f64) -> Combined {
        let counter_reset_collision = self.adjust_hint(other.counter_reset_hint);
        let signed = move |b: &Bucket| S::new(b.idx, sign * b.count);
        if !other.uses_custom_buckets() {
            let other_zero = self.reconcile_zero_buckets(other);
            self.zero.add(S::new(0, sign * other_zero));
        }
        self.count.add(S::new(0, sign * other.count));
        self.sum.add(S::new(0, sign * other.sum));
        if other.uses_custom_buckets() {
            let bounds_reconciled = self.custom_values != other.custom_values;
            if bounds_reconciled {
                let shared = shared_bounds(&self.custom_values, &other.custom_values);
                let mut sum = regrouped(self.positive.iter().copied(), &self.custom_values, &shared);
                let theirs = regrouped(other.positive.iter().map(signed), &other.custom_values, &shared);
                merge(&mut sum, theirs.into_iter());
                sum.retain(|slot| !slot.is_empty());
                self.positive = sum;
                self.custom_values = shared;
            } else {
                merge(&mut self.positive, other.positive.iter().map(signed));
            }
            return Combined { counter_reset_collision, bounds_reconciled };
        }
        let schema = self.schema.min(other.schema);
        if schema < self.schema {
            self.positive = reduced(&self.positive, self.schema, schema);
            self.negative = reduced(&self.negative, self.schema, schema);
            self.schema = schema;
        }
        let threshold = self.zero_threshold;
        let within_zero = |slot: &S| upper_bound(slot.idx(), schema, &[]) <= threshold;
        for (ours, theirs) in [(&mut self.positive, &other.positive), (&mut self.negative, &other.negative)] {
            let theirs = theirs.iter().map(signed);
            if schema < other.schema {
                let theirs: Vec<S> = theirs.collect();
                merge(ours, reduced(&theirs, other.schema, schema).into_iter().skip_while(within_zero));
            } else {
                merge(ours, theirs.skip_while(within_zero));
            }
        }
        Combined { counter_reset_collision, bounds_reconciled: false }
    }

    /// A gauge stays one, and "unknown" spreads. Whether a reset met a histogram known to be none.
    fn adjust_hint(&mut self, other: CounterResetHint) -> bool {
        use CounterResetHint::{Gauge, Unknown};
        let (hint, collision) = match (self.hint, other) {
            (ours, theirs) if ours == theirs => (ours, false),
            (Gauge, _) | (_, Gauge) => (Gauge, false),
            (Unknown, _) | (_, Unknown) => (Unknown, false),
            _ => (Unknown, true),
        };
        self.hint = hint;
        collision
    }

    /// Widens the zero bucket until it ends between filled buckets of both histograms; the count that the other
    /// one's zero bucket has then.
    fn reconcile_zero_buckets(&mut self, other: &Histogram) -> f64 {
        let mut theirs = Bucket::new(0, other.zero_count);
        let mut their_threshold = other.zero_threshold;
        loop {
            if self.zero_threshold > their_threshold {
                let zero = Bucket::new(0, other.zero_count);
                (theirs, their_threshold) =
                    widened(zero, &other.positive, &other.negative, other.schema, self.zero_threshold);
            }
            if their_threshold > self.zero_threshold {
                let (zero, threshold) =
                    widened(self.zero, &self.positive, &self.negative, self.schema, their_threshold);
                self.zero = zero;
                self.zero_threshold = threshold;
                let schema = self.schema;
                for side in [&mut self.positive, &mut self.negative] {
                    side.retain(|s| !s.is_empty() && lower_bound(s.idx(), schema) >= threshold);
                }
            }
            // Equal, or not comparable.
            if !(self.zero_threshold > their_threshold || their_threshold > self.zero_threshold) {
                return theirs.count;
            }
        }
    }
}

fn lower_bound(idx: i32, schema: i8) -> f64 {
    upper_bound(idx.saturating_sub(1), schema, &[])
}

/// The zero bucket of a histogram with a wider threshold, and that threshold: where it would end within a filled
/// bucket it is widened to that bucket's end.
pub(super) fn widened<S: Slot>(zero: S, positive: &[S], negative: &[S], schema: i8, mut threshold: f64) -> (S, f64) {
    'wider: loop {
        let mut sum = zero;
        for (side, is_negative) in [(positive, false), (negative, true)] {
            for slot in side {
                if lower_bound(slot.idx(), schema) >= threshold {
                    break;
                }
                sum.add(slot.moved(0));
                let upper = upper_bound(slot.idx(), schema, &[]);
                if upper > threshold {
                    if !slot.is_empty() {
                        threshold = upper;
                        if is_negative {
                            // More positive buckets may lie within now.
                            continue 'wider;
                        }
                    }
                    break;
                }
            }
        }
        return (sum, threshold);
    }
}

/// The buckets of a coarser schema.
pub(super) fn reduced<S: Slot>(slots: &[S], from: i8, to: i8) -> Vec<S> {
    let shift = u32::from(from.abs_diff(to)).min(31);
    let mut out: Vec<S> = Vec::with_capacity(slots.len());
    for slot in slots {
        let idx = (slot.idx().saturating_sub(1) >> shift) + 1;
        match out.last_mut() {
            Some(last) if last.idx() == idx => last.add(*slot),
            _ => out.push(slot.moved(idx)),
        }
    }
    out
}

/// Adds the buckets of another histogram of the same layout, sorted by index.
fn merge<S: Slot>(ours: &mut Vec<S>, theirs: impl Iterator<Item = S>) {
    let mut at = 0;
    let mut missing = Vec::new();
    for slot in theirs {
        while ours.get(at).is_some_and(|o| o.idx() < slot.idx()) {
            at += 1;
        }
        match ours.get_mut(at) {
            Some(same) if same.idx() == slot.idx() => same.add(slot),
            _ => missing.push(slot),
        }
    }
    if !missing.is_empty() {
        ours.append(&mut missing);
        // Two sorted runs: one pass.
        crate::sort::by_key(ours, Slot::idx);
    }
}

/// The bounds that both have.
fn shared_bounds(a: &[f64], b: &[f64]) -> Arc<[f64]> {
    let mut b = b.iter().peekable();
    a.iter()
        .filter(|bound| {
            while b.next_if(|other| other < bound).is_some() {}
            b.next_if(|other| other == bound).is_some()
        })
        .copied()
        .collect()
}

/// The buckets of custom bounds that are a part of the bounds they had.
pub(super) fn regrouped<S: Slot>(slots: impl Iterator<Item = S>, bounds: &[f64], shared: &[f64]) -> Vec<S> {
    let mut out: Vec<S> = Vec::new();
    let mut at = 0;
    for slot in slots {
        let bound = upper_bound(slot.idx(), super::CUSTOM_BUCKETS_SCHEMA, bounds);
        while shared.get(at).is_some_and(|upper| *upper < bound) {
            at += 1;
        }
        let idx = i32::try_from(at).unwrap_or(i32::MAX);
        match out.last_mut() {
            Some(last) if last.idx() == idx => last.add(slot),
            _ => out.push(slot.moved(idx)),
        }
    }
    out
}

#[cfg(test)]
mod tests;
