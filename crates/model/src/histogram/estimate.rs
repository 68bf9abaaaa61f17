//! What can be estimated from buckets: quantiles, the fraction of observations in an interval, the variance.
//!
//! Within a bucket observations are taken to be spread evenly: on a logarithmic scale in exponential buckets, on a
//! linear one in custom buckets and in the zero bucket (where a logarithm would put everything at zero).

use super::{BucketBounds, Histogram};

/// An estimate, and what observations that are no number did to it.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Set if there were such observations.
    pub nan: Option<NanObservations>,
}

/// What observations that are no number did to an estimate. They are counted, but are in no bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NanObservations {
    /// The quantile is among them: it is NaN.
    Result,
    /// The quantile is too high, for they count as the highest observations.
    Skewed,
    /// They are in no fraction.
    Excluded,
}

impl NanObservations {
    /// The text of the info that a query's result carries then.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            NanObservations::Result => "input to histogram_quantile has NaN observations, result is NaN",
            NanObservations::Skewed => "input to histogram_quantile has NaN observations, result is skewed higher",
            NanObservations::Excluded => {
                "input to histogram_fraction has NaN observations, which are excluded from all fractions"
            }
        }
    }
}

impl From<f64> for Estimate {
    fn from(value: f64) -> Self {
        Estimate { value, nan: None }
    }
}

impl Histogram {
    /// The quantile `q`: the value that this part of the observations is below. -Inf below 0, +Inf above 1, NaN
    /// without observations or if `q` is no number.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Estimate {
        if q < 0.0 {
            return f64::NEG_INFINITY.into();
        }
        if q > 1.0 {
            return f64::INFINITY.into();
        }
        if self.count == 0.0 || q.is_nan() {
            return f64::NAN.into();
        }
        // From the nearer end. With NaN observations always from below, for those are at no end.
        let forward = self.sum.is_nan() || q < 0.5;
        let rank = if forward { q * self.count } else { (1.0 - q) * self.count };
        let (found, reached) =
            if forward { at_rank(self.buckets(), rank) } else { at_rank(self.buckets_reverse(), rank) };
        let Some(bucket) = self.cut_at_zero(found) else {
            return open_bucket(&found).into();
        };
        // Inexact sums may exceed the count.
        let count = if reached > self.count { self.count } else { reached };
        if count < rank {
            return if self.sum.is_nan() {
                Estimate { value: f64::NAN, nan: Some(NanObservations::Result) }
            } else {
                bucket.upper.into()
            };
        }
        let within = if forward { rank - (count - bucket.count) } else { count - rank };
        let mut nan = None;
        // A NaN sum may also come from observations of -Inf and +Inf, which are in buckets.
        if self.sum.is_nan() && self.in_buckets() < self.count {
            nan = Some(NanObservations::Skewed);
        }
        let fraction = within / bucket.count;
        let value = if self.is_linear(&bucket) {
            bucket.lower + (bucket.upper - bucket.lower) * fraction
        } else {
            let (lower, upper) = (libm::log2(bucket.lower.abs()), libm::log2(bucket.upper.abs()));
            if bucket.lower > 0.0 {
                libm::exp2(lower + (upper - lower) * fraction)
            } else {
                -libm::exp2(upper + (lower - upper) * (1.0 - fraction))
            }
        };
        Estimate { value, nan }
    }

    /// The bucket of a quantile with the bound that is known better than the bucket says: an open bucket of positive
    /// observations begins at zero, and so does the zero bucket if there are only positive ones. `None` if the bucket
    /// is open at the end that matters.
    fn cut_at_zero(&self, mut bucket: BucketBounds) -> Option<BucketBounds> {
        if self.uses_custom_buckets() {
            if bucket.lower == f64::NEG_INFINITY {
                if bucket.upper <= 0.0 {
                    return None;
                }
                bucket.lower = 0.0;
            } else if bucket.upper == f64::INFINITY {
                return None;
            }
        } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
            self.one_sided(&mut bucket);
        }
        Some(bucket)
    }

    fn one_sided(&self, zero: &mut BucketBounds) {
        match (self.negative.is_empty(), self.positive.is_empty()) {
            (true, false) => zero.lower = 0.0,
            (false, true) => zero.upper = 0.0,
            _ => {}
        }
    }

    /// The observations that are in buckets: all but those that are no number.
    fn in_buckets(&self) -> f64 {
        self.buckets().fold(0.0, |sum, bucket| sum + bucket.count)
    }

    fn is_linear(&self, bucket: &BucketBounds) -> bool {
        self.uses_custom_buckets() || (bucket.lower <= 0.0 && bucket.upper >= 0.0)
    }

    /// The fraction of observations between two values; NaN without observations or if a bound is no number.
    #[must_use]
    pub fn fraction(&self, lower: f64, upper: f64) -> Estimate {
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return f64::NAN.into();
        }
        if lower >= upper {
            return 0.0.into();
        }
        let (mut lower_rank, mut upper_rank) = (None, None);
        let mut rank = 0.0;
        for mut bucket in self.buckets() {
            let is_linear = self.is_linear(&bucket);
            if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                self.one_sided(&mut bucket);
            }
            for (bound, found) in [(lower, &mut lower_rank), (upper, &mut upper_rank)] {
                if found.is_none() {
                    *found = if bucket.lower >= bound {
                        Some(rank)
                    } else if bucket.upper > bound {
                        Some(rank_within(&bucket, bound, rank, is_linear))
                    } else {
                        None
                    };
                }
            }
            if lower_rank.is_some() && upper_rank.is_some() {
                break;
            }
            rank += bucket.count;
        }
        let (mut count, mut nan) = (self.count, None);
        if self.sum.is_nan() {
            count = self.in_buckets();
            nan = (count < self.count).then_some(NanObservations::Excluded);
        }
        let capped = |rank: Option<f64>| match rank {
            Some(rank) if rank > count => count,
            Some(rank) => rank,
            None => count,
        };
        Estimate { value: (capped(upper_rank) - capped(lower_rank)) / self.count, nan }
    }

    /// The mean of the observations; NaN without any.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// The variance of the observations, each taken to be in the middle of its bucket.
    #[must_use]
    pub fn stdvar(&self) -> f64 {
        let mean = self.mean();
        let (mut variance, mut lost) = (0.0f64, 0.0f64);
        for bucket in self.buckets().filter(|b| b.count != 0.0) {
            let middle = if self.uses_custom_buckets() {
                (bucket.upper + bucket.lower) / 2.0
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                let middle = libm::sqrt(bucket.upper * bucket.lower);
                if bucket.upper < 0.0 { -middle } else { middle }
            };
            let delta = middle - mean;
            let part = bucket.count * delta * delta;
            let sum = variance + part;
            if sum.is_infinite() {
                lost = 0.0;
            } else if variance.abs() >= part.abs() {
                lost += (variance - sum) + part;
            } else {
                lost += (part - sum) + variance;
            }
            variance = sum;
        }
        (variance + lost) / self.count
    }

    /// The standard deviation of the observations.
    #[must_use]
    pub fn stddev(&self) -> f64 {
        libm::sqrt(self.stdvar())
    }
}

/// The bucket in which the count reaches a rank (else the last one), and the count up to there.
fn at_rank(buckets: impl Iterator<Item = BucketBounds>, rank: f64) -> (BucketBounds, f64) {
    let mut last = BucketBounds { lower: 0.0, upper: 0.0, lower_inclusive: false, upper_inclusive: false, count: 0.0 };
    let mut count = 0.0;
    for bucket in buckets {
        last = bucket;
        if bucket.count == 0.0 {
            continue;
        }
        count += bucket.count;
        if count >= rank {
            break;
        }
    }
    (last, count)
}

/// The end of an open custom bucket that is known.
fn open_bucket(bucket: &BucketBounds) -> f64 {
    if bucket.lower == f64::NEG_INFINITY { bucket.upper } else { bucket.lower }
}

/// How many observations are below a value within a bucket, `rank` being below the bucket.
fn rank_within(bucket: &BucketBounds, value: f64, rank: f64, is_linear: bool) -> f64 {
    if is_linear {
        // Nothing is known about where in an open bucket observations are: none of it counts.
        if bucket.lower == f64::NEG_INFINITY {
            return bucket.count;
        }
        return rank + bucket.count * (value - bucket.lower) / (bucket.upper - bucket.lower);
    }
    rank + bucket.count * logarithmic_fraction(bucket, value)
}

/// How far a value is into an exponential bucket, on a logarithmic scale.
pub(super) fn logarithmic_fraction(bucket: &BucketBounds, value: f64) -> f64 {
    let log = |v: f64| libm::log2(v.abs());
    let (lower, upper, at) = (log(bucket.lower), log(bucket.upper), log(value));
    if value > 0.0 { (at - lower) / (upper - lower) } else { 1.0 - (at - upper) / (lower - upper) }
}

#[cfg(test)]
mod tests;
