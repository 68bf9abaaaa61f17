//! What is refused: histograms from outside that cannot be one, and operations on two that do not fit.

use super::{Bucket, CUSTOM_BUCKETS_SCHEMA, Histogram};
use std::fmt;

/// Why an operation on two histograms is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistogramError {
    /// One has custom bounds, the other a standard schema.
    IncompatibleSchema,
}

impl fmt::Display for HistogramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistogramError::IncompatibleSchema => f.write_str(
                "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas",
            ),
        }
    }
}

impl std::error::Error for HistogramError {}

/// Why a histogram from outside is refused.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the text of each says what it is")]
pub enum InvalidHistogram {
    UnknownSchema(i8),
    NegativeCount(f64),
    InvalidBucketCount { idx: i32, count: f64 },
    UnsortedBuckets { idx: i32 },
    BucketOutOfRange { idx: i32 },
    InvalidZeroThreshold(f64),
    InvalidZeroCount(f64),
    BoundsNotIncreasing { lower: f64, upper: f64 },
    InfiniteBound,
    TooFewBounds { bounds: usize, idx: i32 },
    UnexpectedBounds,
    UnexpectedZeroBucket,
    UnexpectedNegativeBuckets,
}

impl fmt::Display for InvalidHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidHistogram::UnknownSchema(schema) => write!(
                f,
                "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for \
                 custom buckets, got schema {schema}"
            ),
            InvalidHistogram::NegativeCount(count) => {
                write!(f, "observation count is {count}: histogram's observation count is negative or no number")
            }
            InvalidHistogram::InvalidBucketCount { idx, count } => {
                write!(f, "bucket number {idx} has observation count of {count}, which is negative or not finite")
            }
            InvalidHistogram::UnsortedBuckets { idx } => {
                write!(f, "bucket number {idx} is there twice or out of order")
            }
            InvalidHistogram::BucketOutOfRange { idx } => write!(f, "bucket number {idx} is beyond all numbers"),
            InvalidHistogram::InvalidZeroThreshold(width) => {
                write!(f, "zero bucket has a width of {width}, which is negative or not finite")
            }
            InvalidHistogram::InvalidZeroCount(count) => {
                write!(f, "zero bucket has observation count of {count}, which is negative or not finite")
            }
            InvalidHistogram::BoundsNotIncreasing { lower, upper } => write!(
                f,
                "custom buckets: previous bound is {lower} and current is {upper}: histogram custom bounds must be in \
                 strictly increasing order"
            ),
            InvalidHistogram::InfiniteBound => f.write_str("custom buckets: histogram custom bounds must be finite"),
            InvalidHistogram::TooFewBounds { bounds, idx } => write!(
                f,
                "custom buckets: only {bounds} custom bounds defined which is insufficient to cover bucket number \
                 {idx}: histogram custom bounds are too few"
            ),
            InvalidHistogram::UnexpectedBounds => {
                f.write_str("histogram with exponential schema must not have custom bounds")
            }
            InvalidHistogram::UnexpectedZeroBucket => f.write_str("custom buckets: must have no zero bucket"),
            InvalidHistogram::UnexpectedNegativeBuckets => {
                f.write_str("custom buckets: must not have negative buckets")
            }
        }
    }
}

impl std::error::Error for InvalidHistogram {}

impl Histogram {
    /// Whether a histogram from outside is one that can be stored and worked with. Its count may differ from that of
    /// its buckets: observations that are no number are in no bucket, and sums of floats are not exact.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn validate(&self) -> Result<(), InvalidHistogram> {
        self.check(true)
    }

    /// Whether its schema, bounds and buckets are ones that can be; counts may be anything. What is stored is so: a query
    /// calculates with indices of buckets.
    #[must_use]
    pub fn has_valid_layout(&self) -> bool {
        self.check(false).is_ok()
    }

    fn check(&self, counts: bool) -> Result<(), InvalidHistogram> {
        if self.uses_custom_buckets() {
            self.validate_custom_bounds(counts)?;
        } else if !(-4..=8).contains(&self.schema) {
            return Err(InvalidHistogram::UnknownSchema(self.schema));
        } else if !self.custom_values.is_empty() {
            return Err(InvalidHistogram::UnexpectedBounds);
        }
        if !(self.zero_threshold.is_finite() && self.zero_threshold >= 0.0) {
            return Err(InvalidHistogram::InvalidZeroThreshold(self.zero_threshold));
        }
        if counts && !(self.zero_count.is_finite() && self.zero_count >= 0.0) {
            return Err(InvalidHistogram::InvalidZeroCount(self.zero_count));
        }
        if counts && !(self.count.is_finite() && self.count >= 0.0) {
            return Err(InvalidHistogram::NegativeCount(self.count));
        }
        self.validate_buckets(&self.negative, counts)?;
        self.validate_buckets(&self.positive, counts)
    }

    fn validate_custom_bounds(&self, counts: bool) -> Result<(), InvalidHistogram> {
        debug_assert_eq!(self.schema, CUSTOM_BUCKETS_SCHEMA);
        let mut last = f64::NEG_INFINITY;
        for &bound in self.custom_values.iter() {
            // A NaN is not greater than anything.
            if bound.partial_cmp(&last) != Some(std::cmp::Ordering::Greater) {
                return Err(InvalidHistogram::BoundsNotIncreasing { lower: last, upper: bound });
            }
            if bound.is_infinite() {
                return Err(InvalidHistogram::InfiniteBound);
            }
            last = bound;
        }
        if counts && self.zero_count != 0.0 || self.zero_threshold != 0.0 {
            return Err(InvalidHistogram::UnexpectedZeroBucket);
        }
        if !self.negative.is_empty() {
            return Err(InvalidHistogram::UnexpectedNegativeBuckets);
        }
        Ok(())
    }

    fn validate_buckets(&self, buckets: &[Bucket], counts: bool) -> Result<(), InvalidHistogram> {
        let mut last = None;
        for &Bucket { idx, count } in buckets {
            if last.is_some_and(|last| last >= idx) {
                return Err(InvalidHistogram::UnsortedBuckets { idx });
            }
            last = Some(idx);
            if counts && !(count.is_finite() && count >= 0.0) {
                return Err(InvalidHistogram::InvalidBucketCount { idx, count });
            }
            if self.uses_custom_buckets() {
                if usize::try_from(idx).map_or(true, |at| at > self.custom_values.len()) {
                    return Err(InvalidHistogram::TooFewBounds { bounds: self.custom_values.len(), idx });
                }
            } else {
                // From the smallest number to the bucket of infinite observations.
                let scale = |power: i32| {
                    let schema = i32::from(self.schema);
                    if schema < 0 { power >> -schema } else { power << schema }
                };
                if !(scale(-1080)..=scale(1024) + 1).contains(&idx) {
                    return Err(InvalidHistogram::BucketOutOfRange { idx });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{buckets, custom, exponential};
    use super::*;

    #[test]
    fn what_cannot_be_a_histogram_is_refused() {
        let fine = exponential(3, 5.0, (0.001, 2.0), &[1.0], &[0.0, 2.0]);
        assert_eq!(fine.validate(), Ok(()));
        assert_eq!(Histogram { sum: f64::NAN, count: 50.0, ..fine.clone() }.validate(), Ok(()));
        type Change = fn(&mut Histogram);
        let cases: [(Change, &str); 8] = [
            (|h| h.schema = 9, "got schema 9"),
            (|h| h.count = f64::NAN, "observation count is NaN"),
            (|h| h.zero_count = -1.0, "zero bucket has observation count of -1"),
            (|h| h.zero_threshold = f64::INFINITY, "width of inf"),
            (|h| h.positive = buckets(0, &[-1.0]), "bucket number 0 has observation count of -1"),
            (|h| h.negative.push(Bucket { idx: 0, count: 1.0 }), "bucket number 0 is there twice"),
            (|h| h.positive = buckets(9000, &[1.0]), "bucket number 9000 is beyond"),
            (|h| h.custom_values = [1.0].into(), "must not have custom bounds"),
        ];
        for (change, want) in cases {
            let mut h = fine.clone();
            change(&mut h);
            let text = h.validate().expect_err(want).to_string();
            assert!(text.contains(want), "{text}");
            let is_of_counts = text.contains("count of") || text.contains("count is");
            assert_eq!(h.has_valid_layout(), is_of_counts, "{text}");
        }
    }

    #[test]
    fn custom_bounds_must_increase_and_suffice() {
        assert_eq!(custom(1.0, &[1.0, 2.0], &[0.0, 1.0, 2.0]).validate(), Ok(()));
        assert_eq!(custom(1.0, &[], &[3.0]).validate(), Ok(()));
        for (h, want) in [
            (custom(1.0, &[1.0, 1.0], &[]), "strictly increasing"),
            (custom(1.0, &[1.0, f64::NAN], &[]), "strictly increasing"),
            (custom(1.0, &[1.0, f64::INFINITY], &[]), "must be finite"),
            (custom(1.0, &[1.0], &[0.0, 1.0, 2.0]), "too few"),
            (Histogram { zero_count: 1.0, ..custom(1.0, &[1.0], &[]) }, "no zero bucket"),
            (Histogram { negative: buckets(0, &[1.0]), ..custom(1.0, &[1.0], &[]) }, "negative buckets"),
        ] {
            let text = h.validate().expect_err(want).to_string();
            assert!(text.contains(want), "{text}");
        }
    }
}
