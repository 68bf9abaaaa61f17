//! Sums and means of many histograms, as exact as if each count had been added with compensation (Kahan's summation
//! with Neumaier's improvement).

use super::combine::{Combined, Slot, Slots};
use super::{Bucket, Histogram, HistogramError};

/// A count and what rounding took from it so far.
#[derive(Clone, Copy, Debug)]
struct Compensated {
    idx: i32,
    count: f64,
    lost: f64,
}

impl Compensated {
    fn increase(&mut self, by: f64) {
        let sum = self.count + by;
        if sum.is_infinite() {
            self.lost = 0.0;
        } else if self.count.abs() >= by.abs() {
            self.lost += (self.count - sum) + by;
        } else {
            self.lost += (by - sum) + self.count;
        }
        self.count = sum;
    }

    fn bucket(self) -> Bucket {
        Bucket { idx: self.idx, count: self.count + self.lost }
    }
}

impl Slot for Compensated {
    fn new(idx: i32, count: f64) -> Self {
        Compensated { idx, count, lost: 0.0 }
    }
    fn idx(&self) -> i32 {
        self.idx
    }
    fn moved(self, idx: i32) -> Self {
        Compensated { idx, ..self }
    }
    fn is_empty(&self) -> bool {
        self.count == 0.0 && self.lost == 0.0
    }
    fn add(&mut self, other: Self) {
        self.increase(other.count);
        if other.lost != 0.0 {
            self.increase(other.lost);
        }
    }
}

/// A running sum of histograms with compensation.
#[derive(Clone, Debug)]
pub struct KahanHistogram(Slots<Compensated>);

impl KahanHistogram {
    /// A sum that begins with a histogram.
    #[must_use]
    pub fn new(first: Histogram) -> Self {
        let slots = |buckets: &[Bucket]| buckets.iter().map(|b| Compensated::new(b.idx, b.count)).collect();
        KahanHistogram(Slots {
            hint: first.counter_reset_hint,
            schema: first.schema,
            zero_threshold: first.zero_threshold,
            zero: Compensated::new(0, first.zero_count),
            count: Compensated::new(0, first.count),
            sum: Compensated::new(0, first.sum),
            positive: slots(&first.positive),
            negative: slots(&first.negative),
            custom_values: first.custom_values,
        })
    }

    /// Adds a histogram. The sum stays as it is if that is not possible.
    ///
    /// # Errors
    /// One has custom bounds, the other a standard schema.
    pub fn add(&mut self, other: &Histogram) -> Result<Combined, HistogramError> {
        if (self.0.schema == super::CUSTOM_BUCKETS_SCHEMA) != other.uses_custom_buckets() {
            return Err(HistogramError::IncompatibleSchema);
        }
        Ok(self.0.combine(other, 1.0))
    }

    /// Multiplies the sum, what rounding took from it included.
    pub fn scale(&mut self, factor: f64) {
        self.each(|v| *v *= factor);
    }

    /// Divides the sum, what rounding took from it included.
    pub fn div(&mut self, divisor: f64) {
        self.each(|v| *v /= divisor);
    }

    /// Whether a number in it became infinite.
    #[must_use]
    pub fn has_overflow(&self) -> bool {
        let slots = &self.0;
        let scalars = [&slots.zero, &slots.count, &slots.sum];
        scalars.into_iter().chain(&slots.positive).chain(&slots.negative).any(|s| s.count.is_infinite())
    }

    /// The sum, without empty buckets.
    #[must_use]
    pub fn value(self) -> Histogram {
        let slots = self.0;
        let buckets = |side: Vec<Compensated>| {
            side.into_iter().map(Compensated::bucket).filter(|b| b.count != 0.0).collect::<Vec<_>>()
        };
        Histogram {
            counter_reset_hint: slots.hint,
            schema: slots.schema,
            zero_threshold: slots.zero_threshold,
            zero_count: slots.zero.bucket().count,
            count: slots.count.bucket().count,
            sum: slots.sum.bucket().count,
            positive: buckets(slots.positive),
            negative: buckets(slots.negative),
            custom_values: slots.custom_values,
        }
    }

    fn each(&mut self, change: impl Fn(&mut f64)) {
        let slots = &mut self.0;
        let scalars = [&mut slots.zero, &mut slots.count, &mut slots.sum];
        for slot in scalars.into_iter().chain(&mut slots.positive).chain(&mut slots.negative) {
            change(&mut slot.count);
            change(&mut slot.lost);
        }
    }

    /// Whether every number is so far from the largest float that adding another such histogram cannot overflow.
    fn is_moderate(&self) -> bool {
        let slots = &self.0;
        let scalars = [&slots.zero, &slots.count, &slots.sum];
        scalars.into_iter().chain(&slots.positive).chain(&slots.negative).all(|s| s.count.abs() < MODERATE)
    }
}

/// The sum of a million numbers below this is finite.
const MODERATE: f64 = 1e300;

fn is_moderate(h: &Histogram) -> bool {
    let buckets = h.positive.iter().chain(&h.negative).map(|b| b.count);
    [h.zero_count, h.count, h.sum].into_iter().chain(buckets).all(|v| v.abs() < MODERATE)
}

/// The mean of histograms: of their sum as long as that is finite, then step by step.
#[derive(Clone, Debug)]
pub struct HistogramMean {
    /// The sum, or the mean so far.
    sum: KahanHistogram,
    count: f64,
    incremental: bool,
}

impl HistogramMean {
    /// The mean of one histogram.
    #[must_use]
    pub fn new(first: Histogram) -> Self {
        HistogramMean { sum: KahanHistogram::new(first), count: 1.0, incremental: false }
    }

    /// Takes in another one. The mean is of no use any more if that is not possible.
    ///
    /// # Errors
    /// One has custom bounds, the other a standard schema.
    pub fn add(&mut self, other: &Histogram) -> Result<Combined, HistogramError> {
        self.count += 1.0;
        if !self.incremental {
            if is_moderate(other) && self.sum.is_moderate() {
                return self.sum.add(other);
            }
            let mut sum = self.sum.clone();
            let combined = sum.add(other)?;
            if !sum.has_overflow() {
                self.sum = sum;
                return Ok(combined);
            }
            self.incremental = true;
            self.sum.div(self.count - 1.0);
        }
        self.sum.scale((self.count - 1.0) / self.count);
        let mut part = other.clone();
        part.div(self.count);
        self.sum.add(&part)
    }

    /// The mean, without empty buckets.
    #[must_use]
    pub fn value(mut self) -> Histogram {
        if !self.incremental {
            self.sum.div(self.count);
        }
        self.sum.value()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{custom, exponential};
    use super::*;

    fn one(v: f64) -> Histogram {
        exponential(0, v, (0.5, v), &[v], &[v, 0.0, v])
    }

    #[test]
    fn large_numbers_that_cancel_leave_the_small_ones() {
        let mut plain = one(1.0);
        let mut sum = KahanHistogram::new(one(1.0));
        for v in [1e100, 1.0, -1e100] {
            plain.add(&one(v)).expect("the same schema");
            sum.add(&one(v)).expect("the same schema");
        }
        let sum = sum.value();
        assert_eq!((plain.sum, plain.positive[0].count), (0.0, 0.0));
        assert_eq!((sum.sum, sum.zero_count, sum.count), (2.0, 2.0, 8.0));
        assert!(sum.positive.iter().chain(&sum.negative).all(|b| b.count == 2.0), "{sum:?}");
    }

    #[test]
    fn compensation_survives_a_coarser_schema_a_wider_zero_bucket_and_other_bounds() {
        let mut sum = KahanHistogram::new(exponential(1, 0.0, (0.1, 1.0), &[], &[1.0, 1.0, 1.0]));
        for h in [
            exponential(1, 0.0, (0.1, 0.0), &[], &[1e100, 1e100, 1e100]),
            exponential(0, 0.0, (0.1, 0.0), &[], &[0.0, 1.0]),
            exponential(0, 0.0, (1.0, 0.0), &[], &[0.0, 0.0]),
            exponential(1, 0.0, (0.1, 0.0), &[], &[-1e100, -1e100, -1e100]),
        ] {
            sum.add(&h).expect("all are exponential");
        }
        let sum = sum.value();
        assert_eq!((sum.schema, sum.zero_threshold, sum.zero_count), (0, 1.0, 2.0));
        assert_eq!(sum.positive, [Bucket { idx: 1, count: 3.0 }]);

        let mut sum = KahanHistogram::new(custom(0.0, &[1.0, 2.0, 3.0], &[1.0, 1.0, 1.0, 1.0]));
        for h in
            [custom(0.0, &[1.0, 2.0, 3.0], &[1e100, 0.0, 1e100, 0.0]), custom(0.0, &[1.0, 3.0], &[-1e100, -1e100, 0.0])]
        {
            sum.add(&h).expect("all have custom bounds");
        }
        let sum = sum.value();
        assert_eq!(sum.positive.iter().map(|b| b.count).collect::<Vec<_>>(), [1.0, 2.0, 1.0]);
        assert_eq!(&*sum.custom_values, [1.0, 3.0]);
    }

    #[test]
    fn a_mean_survives_a_sum_that_is_infinite() {
        let mut mean = HistogramMean::new(one(1.0));
        for v in [2.0, 3.0, 4.0] {
            mean.add(&one(v)).expect("the same schema");
        }
        assert_eq!(mean.value().sum, 2.5);
        let mut mean = HistogramMean::new(one(f64::MAX / 4.0));
        for _ in 0..9 {
            mean.add(&one(f64::MAX / 4.0)).expect("the same schema");
        }
        let mean = mean.value();
        assert!((mean.sum / (f64::MAX / 4.0) - 1.0).abs() < 1e-12, "{mean:?}");
    }

    #[test]
    fn what_cannot_be_added_changes_nothing() {
        let mut sum = KahanHistogram::new(one(1.0));
        assert_eq!(sum.add(&custom(1.0, &[1.0], &[1.0])), Err(HistogramError::IncompatibleSchema));
        assert!(sum.value().equals(&one(1.0)));
    }
}
