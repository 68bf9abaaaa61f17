//! Histograms without the observations above or below a value (the operators `</` and `>/`).
//!
//! A bucket that the value lies in keeps the part that `fraction` would count. As the sum of what is left is not
//! known, it is estimated from the middles of the buckets; a histogram that loses nothing keeps its own.

use super::estimate::logarithmic_fraction;
use super::{Bucket, BucketBounds, Histogram};

/// Which observations stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Below,
    Above,
}

/// What is left so far.
#[derive(Default)]
struct Left {
    count: f64,
    sum: f64,
    changed: bool,
}

impl Left {
    /// A bucket is left with `kept` observations around `middle`.
    fn add(&mut self, before: f64, kept: f64, middle: f64) {
        self.count += kept;
        self.sum += middle * kept;
        self.changed |= before != kept;
    }
}

impl Histogram {
    /// Without the observations above a value (`</`).
    #[must_use]
    pub fn trim_upper(&self, value: f64) -> Histogram {
        self.trimmed(value, Keep::Below)
    }

    /// Without the observations below a value (`>/`).
    #[must_use]
    pub fn trim_lower(&self, value: f64) -> Histogram {
        self.trimmed(value, Keep::Above)
    }

    fn trimmed(&self, value: f64, keep: Keep) -> Histogram {
        let mut out = self.clone();
        let mut left = Left::default();
        let mut side = |buckets: &mut Vec<Bucket>, is_positive: bool| {
            let mut any = false;
            for bucket in buckets.iter_mut().filter(|b| b.count != 0.0) {
                any = true;
                let bounds = if is_positive { self.positive_bounds(bucket) } else { self.negative_bounds(bucket) };
                let (kept, middle) = self.part(&bounds, value, keep, is_positive);
                left.add(bucket.count, kept, middle);
                bucket.count = kept;
            }
            any
        };
        let has_positive = side(&mut out.positive, true);
        let has_negative = side(&mut out.negative, false);
        if self.zero_count > 0.0 {
            let mut zero = self.zero_bounds();
            match (has_negative, has_positive) {
                (true, false) => zero.upper = 0.0,
                (false, true) => zero.lower = 0.0,
                _ => {}
            }
            let (kept, middle) = zero_part(&zero, value, keep);
            left.add(self.zero_count, kept, middle);
            out.zero_count = kept;
        }
        if left.changed {
            out.count = left.count;
            out.sum = left.sum;
            out.compact();
        }
        out
    }

    /// How many observations of a bucket stay, and the value in the middle of them.
    fn part(&self, bucket: &BucketBounds, value: f64, keep: Keep, is_positive: bool) -> (f64, f64) {
        let (whole, cut) = match keep {
            Keep::Below => (bucket.upper <= value, bucket.lower < value),
            Keep::Above => (bucket.lower >= value, bucket.upper > value),
        };
        let is_linear = self.uses_custom_buckets();
        if whole {
            return (bucket.count, middle(bucket.lower, bucket.upper, is_positive, is_linear));
        }
        if !cut {
            return (0.0, 0.0);
        }
        if bucket.lower == f64::NEG_INFINITY || bucket.upper == f64::INFINITY {
            return open_part(bucket, value, keep);
        }
        let below = if value <= bucket.lower {
            0.0
        } else if value >= bucket.upper {
            bucket.count
        } else if is_linear {
            bucket.count * ((value - bucket.lower) / (bucket.upper - bucket.lower))
        } else {
            bucket.count * signed_fraction(bucket, value, is_positive)
        };
        match keep {
            Keep::Below => (below, middle(bucket.lower, value, is_positive, is_linear)),
            Keep::Above => (bucket.count - below, middle(value, bucket.upper, is_positive, is_linear)),
        }
    }
}

fn signed_fraction(bucket: &BucketBounds, value: f64, is_positive: bool) -> f64 {
    // Only the sign matters there, and within a bucket the value has that of the bucket.
    logarithmic_fraction(bucket, if is_positive { value.abs() } else { -value.abs() })
}

/// The part of the zero bucket, which is linear.
fn zero_part(zero: &BucketBounds, value: f64, keep: Keep) -> (f64, f64) {
    let all = (zero.count, (zero.lower + zero.upper) / 2.0);
    let width = zero.upper - zero.lower;
    match keep {
        Keep::Above if value <= zero.lower => all,
        Keep::Below if value <= zero.lower => (0.0, 0.0),
        Keep::Below if value >= zero.upper => all,
        Keep::Above if value >= zero.upper => (0.0, 0.0),
        Keep::Below => (zero.count * ((value - zero.lower) / width), (zero.lower + value) / 2.0),
        Keep::Above => (zero.count * ((zero.upper - value) / width), (value + zero.upper) / 2.0),
    }
}

/// The part of a bucket without a lower or an upper end, where nothing is known about how observations are spread:
/// they are dropped unless all of them may be on the side that stays. A bucket that ends above zero is taken to begin
/// there.
fn open_part(bucket: &BucketBounds, value: f64, keep: Keep) -> (f64, f64) {
    let BucketBounds { lower, upper, count, .. } = *bucket;
    if lower == f64::NEG_INFINITY {
        let begins_at_zero = upper > 0.0 && upper < f64::INFINITY;
        return match keep {
            Keep::Below if value >= upper => (count, 0.0),
            Keep::Below if value > 0.0 && begins_at_zero => (count * value / upper, value / 2.0),
            Keep::Below if upper <= 0.0 => (count, value),
            Keep::Above if value <= lower => (count, 0.0),
            Keep::Above if value >= 0.0 && upper > value && upper < f64::INFINITY => {
                (count * (1.0 - value / upper), (value + upper) / 2.0)
            }
            _ => (0.0, 0.0),
        };
    }
    match keep {
        Keep::Above if value >= lower => (count, value),
        _ => (0.0, 0.0),
    }
}

/// The value that stands for all observations between two.
fn middle(lower: f64, upper: f64, is_positive: bool, is_linear: bool) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        (false, false) if is_linear => (lower + upper) / 2.0,
        (false, false) => {
            let middle = libm::sqrt((lower * upper).abs());
            if is_positive { middle } else { -middle }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{custom, exponential};
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn custom_buckets_are_cut_linearly() {
        let h = custom(172.5, &[5.0, 10.0, 15.0, 20.0], &[1.0, 6.0, 4.0, 3.0, 1.0]);
        let check = |got: Histogram, count: f64, sum: f64, buckets: &[(i32, f64)]| {
            assert!(close(got.count, count) && close(got.sum, sum), "{got:?}");
            let same = got.positive.len() == buckets.len()
                && got.positive.iter().zip(buckets).all(|(b, want)| b.idx == want.0 && close(b.count, want.1));
            assert!(same, "{got:?}");
        };
        check(h.trim_upper(15.0), 11.0, 97.5, &[(0, 1.0), (1, 6.0), (2, 4.0)]);
        check(h.trim_lower(13.0), 5.6, 94.9, &[(2, 1.6), (3, 3.0), (4, 1.0)]);
        check(h.trim_upper(50.0), 14.0, 150.0, &[(0, 1.0), (1, 6.0), (2, 4.0), (3, 3.0)]);
        check(h.trim_upper(f64::NEG_INFINITY), 0.0, 0.0, &[]);
        check(h.trim_lower(f64::INFINITY), 0.0, 0.0, &[]);
        assert!(h.trim_upper(f64::INFINITY).equals(&h) && h.trim_lower(f64::NEG_INFINITY).equals(&h));
    }

    #[test]
    fn the_zero_bucket_is_cut_linearly_on_the_side_where_observations_are() {
        let both = exponential(0, 0.0, (0.1, 5.0), &[], &[]);
        for (got, count, sum) in [
            (both.trim_lower(0.05), 1.25, 0.093_75),
            (both.trim_upper(0.0), 2.5, -0.125),
            (both.trim_lower(0.1), 0.0, 0.0),
            (both.trim_upper(-0.1), 0.0, 0.0),
        ] {
            assert!(close(got.count, count) && close(got.sum, sum) && close(got.zero_count, count), "{got:?}");
        }
        let positive = exponential(0, 8.0, (0.5, 2.0), &[], &[10.0]);
        assert!(close(positive.trim_lower(0.1).zero_count, 1.6));
        assert!(positive.trim_lower(0.0).equals(&positive));
    }

    #[test]
    fn what_is_cut_off_above_and_below_is_the_whole() {
        let all = [
            exponential(2, 3.0, (0.01, 2.0), &[1.0, 5.0, 3.0], &[1.0, 2.0, 4.0, 7.0]),
            exponential(0, 3.0, (0.5, 2.0), &[4.0, 1.0], &[]),
            custom(9.0, &[1.0, 2.0, 4.0], &[2.0, 2.0, 6.0, 0.0]),
        ];
        for h in all {
            for value in [-9.0, -1.7, -1.0, -0.3, 0.0, 0.004, 0.2, 1.1, 1.5, 2.0, 3.0, 80.0] {
                if h.uses_custom_buckets() && value < 0.0 {
                    // The open bucket is dropped on both sides.
                    continue;
                }
                let (below, above) = (h.trim_upper(value), h.trim_lower(value));
                assert!(close(below.count + above.count, h.count), "{value} {below:?} {above:?}");
                let fraction = h.fraction(f64::NEG_INFINITY, value).value;
                // Observations in an open bucket are in no fraction.
                if !h.uses_custom_buckets() || value >= 1.0 {
                    assert!(close(fraction * h.count, below.count), "{value} {fraction} {below:?}");
                }
            }
        }
    }
}
