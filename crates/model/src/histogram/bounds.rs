//! Where buckets begin and end, and all buckets of a histogram from low to high.

use super::{Bucket, CUSTOM_BUCKETS_SCHEMA, Histogram};
use std::sync::OnceLock;

/// A bucket with its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketBounds {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Whether the lower bound itself belongs to the bucket.
    pub lower_inclusive: bool,
    /// Whether the upper bound itself belongs to the bucket.
    pub upper_inclusive: bool,
    /// Observations, not cumulative.
    pub count: f64,
}

/// The upper bound of the positive bucket with this index; that of the bucket before is its lower bound. The negative
/// bucket of an index mirrors the positive one.
#[must_use]
pub fn upper_bound(idx: i32, schema: i8, custom_values: &[f64]) -> f64 {
    if schema == CUSTOM_BUCKETS_SCHEMA {
        return match usize::try_from(idx) {
            Ok(at) => custom_values.get(at).copied().unwrap_or(f64::INFINITY),
            Err(_) => f64::NEG_INFINITY,
        };
    }
    let schema = i32::from(schema.clamp(-4, 8));
    let idx = i64::from(idx);
    // 2^(idx * 2^-schema), as a fraction from 0.5 to 1 and a power of two.
    let (fraction, exponent) = if schema < 0 {
        (0.5, (idx << -schema) + 1)
    } else {
        let within = (idx & ((1 << schema) - 1)) << (8 - schema);
        (fractions()[within as usize & 255], (idx >> schema) + 1)
    };
    if fraction == 0.5 && exponent == 1025 {
        // 2^1024 would be infinite; the bucket above counts what really is.
        return f64::MAX;
    }
    libm::ldexp(fraction, exponent.clamp(-5000, 5000) as i32)
}

/// The bounds of schema 8 from 0.5 to 1; those of the coarser schemas are among them.
fn fractions() -> &'static [f64; 256] {
    static FRACTIONS: OnceLock<[f64; 256]> = OnceLock::new();
    FRACTIONS.get_or_init(|| std::array::from_fn(|k| 0.5 * libm::exp2(k as f64 / 256.0)))
}

impl Histogram {
    /// The bounds of a positive bucket.
    pub(super) fn positive_bounds(&self, bucket: &Bucket) -> BucketBounds {
        let upper = upper_bound(bucket.idx, self.schema, &self.custom_values);
        let lower = upper_bound(bucket.idx.saturating_sub(1), self.schema, &self.custom_values);
        let count = bucket.count;
        if self.uses_custom_buckets() {
            return BucketBounds { lower, upper, lower_inclusive: bucket.idx == 0, upper_inclusive: true, count };
        }
        BucketBounds { lower, upper, lower_inclusive: false, upper_inclusive: true, count }
    }

    /// The bounds of a negative bucket.
    pub(super) fn negative_bounds(&self, bucket: &Bucket) -> BucketBounds {
        let BucketBounds { lower, upper, count, .. } = self.positive_bounds(bucket);
        BucketBounds { lower: -upper, upper: -lower, lower_inclusive: true, upper_inclusive: false, count }
    }

    /// The zero bucket.
    pub(super) fn zero_bounds(&self) -> BucketBounds {
        BucketBounds {
            lower: -self.zero_threshold,
            upper: self.zero_threshold,
            lower_inclusive: true,
            upper_inclusive: true,
            count: self.zero_count,
        }
    }

    /// All buckets from the lowest to the highest, those without observations too; the zero bucket only if it holds
    /// some. A bucket that reaches into the zero bucket ends (or begins) where the zero bucket does.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = BucketBounds> {
        let threshold = self.zero_threshold;
        let negative = self.negative.iter().rev().map(move |bucket| {
            let mut bounds = self.negative_bounds(bucket);
            if bounds.upper < 0.0 && bounds.upper > -threshold {
                bounds.upper = -threshold;
            }
            bounds
        });
        let zero = (self.zero_count > 0.0).then(|| self.zero_bounds());
        let positive = self.positive.iter().map(move |bucket| {
            let mut bounds = self.positive_bounds(bucket);
            if bounds.lower > 0.0 && bounds.lower < threshold {
                bounds.lower = threshold;
            } else if bounds.upper < 0.0 && bounds.upper > -threshold {
                bounds.upper = -threshold;
            }
            bounds
        });
        negative.chain(zero).chain(positive)
    }

    /// All buckets from the highest to the lowest.
    pub fn buckets_reverse(&self) -> impl DoubleEndedIterator<Item = BucketBounds> {
        self.buckets().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{custom, exponential};
    use super::*;

    #[test]
    fn bounds_follow_from_the_schema() {
        for (idx, schema, want) in [
            (0, 0, 1.0),
            (1, 0, 2.0),
            (-1, 0, 0.5),
            (1, 1, std::f64::consts::SQRT_2),
            (2, 1, 2.0),
            (-3, 2, 0.594_603_557_501_360_5),
            (-512, 1, libm::ldexp(1.0, -256)),
            (1, -1, 4.0),
            (-1, -4, 1.0 / 65536.0),
            (1024, 0, f64::MAX),
            (1025, 0, f64::INFINITY),
            (64, -4, f64::MAX),
            (65, -4, f64::INFINITY),
            (262_144, 8, f64::MAX),
            (262_145, 8, f64::INFINITY),
            (-1074, 0, 5e-324),
            (-1075, 0, 0.0),
            (i32::MAX, 8, f64::INFINITY),
            (i32::MIN, -4, 0.0),
        ] {
            assert_eq!(upper_bound(idx, schema, &[]), want, "{idx} in {schema}");
        }
        for (idx, want) in [(-1, f64::NEG_INFINITY), (0, 5.0), (1, 10.0), (2, f64::INFINITY), (7, f64::INFINITY)] {
            assert_eq!(upper_bound(idx, CUSTOM_BUCKETS_SCHEMA, &[5.0, 10.0]), want);
        }
    }

    #[test]
    fn bounds_grow_with_the_index() {
        for schema in 0..=8 {
            for idx in -1000..1000 {
                assert!(upper_bound(idx - 1, schema, &[]) < upper_bound(idx, schema, &[]), "{idx} in {schema}");
            }
        }
    }

    #[test]
    fn buckets_come_from_low_to_high_around_the_zero_bucket() {
        let list = |h: &Histogram| h.buckets().map(|b| (b.lower, b.upper, b.count)).collect::<Vec<_>>();
        let h = exponential(0, 0.0, (0.75, 2.0), &[1.0, 3.0], &[4.0, 5.0]);
        let want = [(-2.0, -1.0, 3.0), (-1.0, -0.75, 1.0), (-0.75, 0.75, 2.0), (0.75, 1.0, 4.0), (1.0, 2.0, 5.0)];
        assert_eq!(list(&h), want);
        let back: Vec<_> = h.buckets_reverse().map(|b| (b.lower, b.upper, b.count)).collect();
        assert!(back.iter().rev().eq(&want));
        let h = custom(0.0, &[1.0], &[2.0, 3.0]);
        assert_eq!(list(&h), [(f64::NEG_INFINITY, 1.0, 2.0), (1.0, f64::INFINITY, 3.0)]);
    }
}
