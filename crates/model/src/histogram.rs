//! Native histograms: observations counted in buckets whose bounds follow from a schema.
//!
//! All counts are floats, as they are once a query has touched them. Buckets are kept sparse: index and
//! count, sorted by index, whatever spans the exporter wrote. What one can do with a histogram lies in the modules
//! below: where buckets begin and end (`bounds`; from there back to a histogram: `bounded`), sums of histograms
//! (`combine`, `kahan`), resets (`reset`), what can be estimated from buckets (`estimate`, `trim`), texts (`text`),
//! classic histograms (`nhcb`), and what is refused (`validate`). All of it does what Prometheus does, to the order of
//! its additions.

mod bounded;
mod bounds;
mod combine;
mod estimate;
mod kahan;
mod nhcb;
mod reset;
mod text;
mod trim;
mod validate;

pub use bounded::BoundedBucket;
pub use bounds::{BucketBounds, upper_bound};
pub use combine::Combined;
pub use estimate::{Estimate, NanObservations};
pub use kahan::{HistogramMean, KahanHistogram};
pub use nhcb::{ClassicHistogram, NhcbError};
pub use validate::{HistogramError, InvalidHistogram};

use crate::sample::{STALE_NAN, is_stale};
use std::sync::Arc;

/// The schema of histograms with bounds of their own ("custom buckets", what a classic histogram becomes).
pub const CUSTOM_BUCKETS_SCHEMA: i8 = -53;

/// What is known about the counter reset between a histogram and the one before it in its series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CounterResetHint {
    /// Nothing: whoever wants to know must compare.
    #[default]
    Unknown,
    /// There was a reset.
    Reset,
    /// There was none.
    NotReset,
    /// It is a gauge histogram, which may go down.
    Gauge,
}

/// One bucket: its index in the schema and how many observations it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// With a standard schema the bucket reaches up to `2^(index * 2^-schema)`; with custom bounds it is the
    /// position of the upper bound, the last one being +Inf.
    pub idx: i32,
    /// Observations, not cumulative.
    pub count: f64,
}

/// A native histogram with float counts.
///
/// Invariant: buckets are sorted by index, none occurs twice. Buckets without observations may be there; they mean nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// What is known about a reset since the histogram before it.
    pub counter_reset_hint: CounterResetHint,
    /// -4 to 8 (bounds grow by the factor `2^(2^-schema)`), or [`CUSTOM_BUCKETS_SCHEMA`].
    pub schema: i8,
    /// Observations whose absolute value is at most this are in the zero bucket.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations.
    pub count: f64,
    /// The sum of all observations. A staleness marker here makes the histogram one.
    pub sum: f64,
    /// Buckets of positive observations; with custom bounds all buckets.
    pub positive: Vec<Bucket>,
    /// Buckets of negative observations by the index of their absolute bounds; empty with custom bounds.
    pub negative: Vec<Bucket>,
    /// Upper bounds of custom buckets, increasing, +Inf implied; empty with a standard schema.
    pub custom_values: Arc<[f64]>,
}

impl Default for Histogram {
    /// The empty histogram of schema 0.
    fn default() -> Self {
        Histogram {
            counter_reset_hint: CounterResetHint::Unknown,
            schema: 0,
            zero_threshold: 0.0,
            zero_count: 0.0,
            count: 0.0,
            sum: 0.0,
            positive: Vec::new(),
            negative: Vec::new(),
            custom_values: Arc::from([]),
        }
    }
}

impl Histogram {
    /// The staleness marker among histograms: empty, its sum being the marker among floats.
    #[must_use]
    pub fn stale() -> Histogram {
        Histogram { sum: STALE_NAN, ..Histogram::default() }
    }

    /// Whether it is the staleness marker.
    #[inline]
    #[must_use]
    pub fn is_stale(&self) -> bool {
        is_stale(self.sum)
    }

    /// Whether it has bounds of its own.
    #[must_use]
    pub fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// Drops the buckets without observations.
    pub fn compact(&mut self) {
        self.positive.retain(|b| b.count != 0.0);
        self.negative.retain(|b| b.count != 0.0);
    }

    /// Whether both are the same data: floats by their bits, so that a NaN equals itself. Empty buckets and what is
    /// known about counter resets make no difference.
    #[must_use]
    pub fn equals(&self, other: &Histogram) -> bool {
        fn same(a: f64, b: f64) -> bool {
            a.to_bits() == b.to_bits()
        }
        fn same_buckets(a: &[Bucket], b: &[Bucket]) -> bool {
            let (mut a, mut b) = (filled(a), filled(b));
            loop {
                match (a.next(), b.next()) {
                    (None, None) => return true,
                    (Some(a), Some(b)) if a.idx == b.idx && same(a.count, b.count) => {}
                    _ => return false,
                }
            }
        }
        self.schema == other.schema
            && same(self.count, other.count)
            && same(self.sum, other.sum)
            && (!self.uses_custom_buckets() || self.custom_values == other.custom_values)
            && self.zero_threshold == other.zero_threshold
            && same(self.zero_count, other.zero_count)
            && same_buckets(&self.negative, &other.negative)
            && same_buckets(&self.positive, &other.positive)
    }

    /// Multiplies all counts and the sum. A negative factor makes it a gauge: such counts are no counter's.
    pub fn mul(&mut self, factor: f64) {
        self.each_number(|v| *v *= factor);
        if factor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    /// Divides all counts and the sum. Zero as the divisor removes all buckets (what they would hold says nothing);
    /// a negative one makes it a gauge.
    pub fn div(&mut self, divisor: f64) {
        self.each_number(|v| *v /= divisor);
        if divisor == 0.0 {
            self.positive.clear();
            self.negative.clear();
        } else if divisor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    fn each_number(&mut self, mut change: impl FnMut(&mut f64)) {
        change(&mut self.zero_count);
        change(&mut self.count);
        change(&mut self.sum);
        self.positive.iter_mut().for_each(|b| change(&mut b.count));
        self.negative.iter_mut().for_each(|b| change(&mut b.count));
    }
}

/// The buckets that hold something.
fn filled(buckets: &[Bucket]) -> impl Iterator<Item = &Bucket> {
    buckets.iter().filter(|b| b.count != 0.0)
}

/// Histograms as tests write them.
#[cfg(test)]
pub(crate) mod sample {
    use super::{Bucket, CUSTOM_BUCKETS_SCHEMA, Histogram};

    /// Buckets from an index on.
    pub(crate) fn buckets(first: i32, counts: &[f64]) -> Vec<Bucket> {
        (first..).zip(counts).map(|(idx, &count)| Bucket { idx, count }).collect()
    }

    /// A histogram of a standard schema whose count is that of its buckets.
    pub(crate) fn exponential(schema: i8, sum: f64, zero: (f64, f64), neg: &[f64], pos: &[f64]) -> Histogram {
        let count = zero.1 + neg.iter().sum::<f64>() + pos.iter().sum::<f64>();
        let (zero_threshold, zero_count) = zero;
        let (positive, negative) = (buckets(0, pos), buckets(0, neg));
        Histogram { schema, sum, count, zero_threshold, zero_count, positive, negative, ..Histogram::default() }
    }

    /// A histogram with custom bounds.
    pub(crate) fn custom(sum: f64, bounds: &[f64], counts: &[f64]) -> Histogram {
        Histogram {
            schema: CUSTOM_BUCKETS_SCHEMA,
            sum,
            count: counts.iter().sum(),
            positive: buckets(0, counts),
            custom_values: bounds.into(),
            ..Histogram::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{buckets, exponential};
    use super::*;

    #[test]
    fn the_staleness_marker_is_told_by_its_bits() {
        assert!(Histogram::stale().is_stale());
        assert!(!Histogram { sum: f64::NAN, ..Histogram::default() }.is_stale());
        assert!(Histogram::stale().equals(&Histogram::stale()));
    }

    #[test]
    fn equal_histograms_may_differ_in_empty_buckets_and_hints() {
        let a = exponential(0, 3.0, (0.1, 1.0), &[0.0, 2.0], &[1.0, 0.0, 4.0]);
        let mut b = a.clone();
        b.counter_reset_hint = CounterResetHint::Gauge;
        b.compact();
        assert_eq!(b.positive.len() + b.negative.len(), 3);
        assert!(a.equals(&b) && b.equals(&a));
        for change in [
            |h: &mut Histogram| h.sum = f64::NAN,
            |h: &mut Histogram| h.count += 1.0,
            |h: &mut Histogram| h.zero_threshold = 0.2,
            |h: &mut Histogram| h.positive = buckets(1, &[1.0, 0.0, 4.0]),
            |h: &mut Histogram| h.negative.clear(),
            |h: &mut Histogram| h.schema = 1,
        ] {
            let mut c = a.clone();
            change(&mut c);
            assert!(!a.equals(&c), "{c:?}");
        }
    }

    #[test]
    fn a_negative_factor_makes_a_gauge_and_division_by_zero_leaves_no_bucket() {
        let a = exponential(0, 3.0, (0.1, 1.0), &[], &[1.0, 3.0]);
        let mut b = a.clone();
        b.mul(-2.0);
        assert_eq!((b.count, b.sum, b.zero_count, b.positive[1].count), (-10.0, -6.0, -2.0, -6.0));
        assert_eq!(b.counter_reset_hint, CounterResetHint::Gauge);
        b.div(-2.0);
        assert!(a.equals(&b));
        let mut c = a;
        c.div(0.0);
        assert_eq!((c.count, c.sum, c.positive.len()), (f64::INFINITY, f64::INFINITY, 0));
        assert_eq!(c.counter_reset_hint, CounterResetHint::Unknown);
    }
}
