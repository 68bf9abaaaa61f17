//! Classic histograms (cumulative counts per `le`) to native ones with custom buckets.

use super::{Bucket, CUSTOM_BUCKETS_SCHEMA, Histogram};
use crate::number::format_compact as number;
use std::fmt;

/// Why a classic histogram cannot be converted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the text of each says what it is")]
pub enum NhcbError {
    NegativeBucketCount { le: f64, count: f64 },
    NegativeCount(f64),
    NotCumulative { lower: f64, upper: f64 },
    CountMismatch { count: f64, le: f64, last: f64 },
}

impl fmt::Display for NhcbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            NhcbError::NegativeBucketCount { le, count } => {
                write!(f, "bucket count must be non-negative: le={}, count={}", number(le), number(count))
            }
            NhcbError::NegativeCount(count) => write!(f, "count must be non-negative: count={}", number(count)),
            NhcbError::NotCumulative { lower, upper } => {
                write!(f, "count is not cumulative: {} < {}", number(upper), number(lower))
            }
            NhcbError::CountMismatch { count, le, last } => {
                write!(f, "count mismatch: count={} != le={} count={}", number(count), number(le), number(last))
            }
        }
    }
}

impl std::error::Error for NhcbError {}

/// The samples of a classic histogram at one time, in any order.
#[derive(Clone, Debug, Default)]
pub struct ClassicHistogram {
    /// `le` and cumulative count, sorted by `le`.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
}

impl ClassicHistogram {
    /// The sample of a `_bucket`. A second one with the same `le` is ignored, and so is a bound that is no number.
    ///
    /// # Errors
    /// The count is negative.
    pub fn bucket(&mut self, le: f64, count: f64) -> Result<(), NhcbError> {
        if le.is_nan() {
            return Ok(());
        }
        if count < 0.0 {
            return Err(NhcbError::NegativeBucketCount { le, count });
        }
        let at = self.buckets.partition_point(|b| b.0 < le);
        if self.buckets.get(at).is_none_or(|b| b.0 != le) {
            self.buckets.insert(at, (le, count));
        }
        Ok(())
    }

    /// The sample of the `_count`.
    ///
    /// # Errors
    /// It is negative.
    pub fn count(&mut self, count: f64) -> Result<(), NhcbError> {
        if count < 0.0 {
            return Err(NhcbError::NegativeCount(count));
        }
        self.count = Some(count);
        Ok(())
    }

    /// The sample of the `_sum`.
    pub fn sum(&mut self, sum: f64) {
        self.sum = sum;
    }

    /// The native histogram. Without a `_count` the highest bucket holds it; without a bucket for +Inf the `_count` is
    /// its count.
    ///
    /// # Errors
    /// The counts are not cumulative, or the highest bucket's is not the histogram's.
    pub fn convert(mut self) -> Result<Histogram, NhcbError> {
        let highest = self.buckets.last().copied();
        let count = self.count.or(highest.map(|b| b.1)).unwrap_or(0.0);
        if highest.is_none_or(|b| b.0 != f64::INFINITY) {
            self.buckets.push((f64::INFINITY, count));
        }
        let mut positive = Vec::with_capacity(self.buckets.len());
        let mut before = 0.0;
        for (idx, &(_, cumulative)) in (0..).zip(&self.buckets) {
            if cumulative < before {
                return Err(NhcbError::NotCumulative { lower: before, upper: cumulative });
            }
            if cumulative != before {
                positive.push(Bucket { idx, count: cumulative - before });
            }
            before = cumulative;
        }
        if let Some(&(le, last)) = self.buckets.last()
            && last != count
        {
            return Err(NhcbError::CountMismatch { count, le, last });
        }
        self.buckets.pop();
        Ok(Histogram {
            schema: CUSTOM_BUCKETS_SCHEMA,
            count,
            sum: self.sum,
            positive,
            custom_values: self.buckets.iter().map(|b| b.0).collect(),
            ..Histogram::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Buckets, count, sum to the test expression or the error.
    fn check(buckets: &[(f64, f64)], count: Option<f64>, want: &str) {
        let mut classic = ClassicHistogram::default();
        classic.sum(7.0);
        let fed = buckets.iter().try_for_each(|b| classic.bucket(b.0, b.1));
        let fed = fed.and_then(|()| count.map_or(Ok(()), |c| classic.count(c)));
        let got = fed.and_then(|()| classic.convert());
        let got = got.map_or_else(|e| e.to_string(), |h| h.test_expression());
        assert_eq!(got, want, "{buckets:?} {count:?}");
    }

    #[test]
    fn classic_histograms_become_native_ones() {
        const INF: f64 = f64::INFINITY;
        check(
            &[(1.0, 2.0), (0.5, 1.0), (INF, 6.0)],
            Some(6.0),
            "{{schema:-53 count:6 sum:7 custom_values:[0.5 1] buckets:[1 1 4]}}",
        );
        check(&[(1.0, 2.0)], Some(2.5), "{{schema:-53 count:2.5 sum:7 custom_values:[1] buckets:[2 0.5]}}");
        check(&[(1.0, 2.0), (2.0, 2.0)], None, "{{schema:-53 count:2 sum:7 custom_values:[1 2] buckets:[2]}}");
        check(&[(1.0, 2.0), (1.0, 9.0)], None, "{{schema:-53 count:2 sum:7 custom_values:[1] buckets:[2]}}");
        check(&[], Some(3.0), "{{schema:-53 count:3 sum:7 custom_values:[] buckets:[3]}}");
        check(&[(1.0, 3.0), (2.0, 2.0)], None, "count is not cumulative: 2 < 3");
        check(&[(1.0, 3.0), (INF, 4.0)], Some(5.0), "count mismatch: count=5 != le=+Inf count=4");
        check(&[(1.0, -3.0)], None, "bucket count must be non-negative: le=1, count=-3");
        check(&[], Some(-3.0), "count must be non-negative: count=-3");
    }
}
