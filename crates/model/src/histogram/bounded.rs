//! Native histograms from bounds and counts of their buckets, as Prometheus' API writes them: the schema is found again.

use super::{Bucket, CUSTOM_BUCKETS_SCHEMA, Histogram, upper_bound};
use std::sync::Arc;

/// A bucket that is told by its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedBucket {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends.
    pub upper: f64,
    /// Observations in it.
    pub count: f64,
}

impl Histogram {
    /// The histogram with such buckets, in any order; those without observations may be missing. `None` if there is none.
    #[must_use]
    pub fn from_bounds(count: f64, sum: f64, buckets: &[BoundedBucket]) -> Option<Histogram> {
        let mut h = Histogram { count, sum, ..Histogram::default() };
        let is_zero = |bucket: &BoundedBucket| bucket.lower == -bucket.upper && bucket.upper >= 0.0;
        for bucket in buckets.iter().filter(|bucket| is_zero(bucket)) {
            (h.zero_threshold, h.zero_count) = (bucket.upper, bucket.count);
        }
        let others: Vec<BoundedBucket> = buckets.iter().filter(|bucket| !is_zero(bucket)).copied().collect();
        let schema = (-4..=8).find(|schema| others.iter().all(|b| index(b, *schema, h.zero_threshold).is_some()));
        match schema {
            Some(schema) => {
                h.schema = schema;
                for bucket in &others {
                    let idx = index(bucket, schema, h.zero_threshold)?;
                    let side = if bucket.upper > 0.0 { &mut h.positive } else { &mut h.negative };
                    side.push(Bucket { idx, count: bucket.count });
                }
                crate::sort::by_key(&mut h.positive, |bucket| bucket.idx);
                crate::sort::by_key(&mut h.negative, |bucket| bucket.idx);
            }
            None if h.zero_threshold == 0.0 && h.zero_count == 0.0 && others.iter().all(|b| b.lower < b.upper) => {
                custom(&mut h, &others);
            }
            None => return None,
        }
        h.validate().is_ok().then_some(h)
    }
}

/// The index of a bucket in a schema, if it is one of it. A bucket may begin at the end of the zero bucket.
fn index(bucket: &BoundedBucket, schema: i8, threshold: f64) -> Option<i32> {
    let BoundedBucket { lower, upper, .. } = *bucket;
    let (low, high) = if upper > 0.0 { (lower, upper) } else { (-upper, -lower) };
    if !(high > 0.0 && low >= 0.0) {
        return None;
    }
    // The last bucket has no finite bound.
    let at = if high.is_finite() { libm::log2(high) } else { 1024.0 };
    let guess = (at * libm::exp2(f64::from(schema))).round() as i32;
    (guess.saturating_sub(1)..=guess.saturating_add(1)).find(|&idx| {
        let begins = upper_bound(idx.saturating_sub(1), schema, &[]);
        upper_bound(idx, schema, &[]) == high && (begins == low || low == threshold && begins < low)
    })
}

/// Bounds of its own, as what was a classic histogram has them.
fn custom(h: &mut Histogram, buckets: &[BoundedBucket]) {
    h.schema = CUSTOM_BUCKETS_SCHEMA;
    let mut bounds: Vec<f64> = Vec::new();
    for bucket in buckets {
        bounds.extend([bucket.lower, bucket.upper].into_iter().filter(|bound| bound.is_finite()));
    }
    crate::sort::by(&mut bounds, f64::total_cmp);
    bounds.dedup();
    for bucket in buckets {
        let idx = bounds.iter().position(|bound| *bound == bucket.upper).unwrap_or(bounds.len());
        h.positive.push(Bucket { idx: idx as i32, count: bucket.count });
    }
    crate::sort::by_key(&mut h.positive, |bucket| bucket.idx);
    h.custom_values = Arc::from(bounds);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::sample::buckets;
    use proptest::prelude::*;

    /// What the API shows of the buckets that hold something.
    fn shown(h: &Histogram) -> Vec<BoundedBucket> {
        let filled = h.buckets().filter(|bucket| bucket.count != 0.0);
        filled.map(|b| BoundedBucket { lower: b.lower, upper: b.upper, count: b.count }).collect()
    }

    proptest! {
        #[test]
        fn what_is_shown_of_a_histogram_is_shown_of_the_one_that_is_found_again(
            schema in -4i8..=8,
            first in -30i32..30,
            positive in proptest::collection::vec(0u8..3, 0..6),
            negative in proptest::collection::vec(0u8..3, 0..6),
            zero in proptest::option::of(1u8..9),
        ) {
            let floats = |counts: &[u8]| counts.iter().map(|n| f64::from(*n)).collect::<Vec<_>>();
            let (positive, negative) = (buckets(first, &floats(&positive)), buckets(first, &floats(&negative)));
            let zero_count = zero.map_or(0.0, f64::from);
            let zero_threshold = if zero.is_some() { 1e-128 } else { 0.0 };
            let count = zero_count + positive.iter().chain(&negative).map(|b| b.count).sum::<f64>();
            let h = Histogram { schema, zero_threshold, zero_count, count, sum: 1.5, positive, negative, ..Histogram::default() };
            let found = Histogram::from_bounds(h.count, h.sum, &shown(&h)).expect("its bounds are of its schema");
            prop_assert_eq!(shown(&found), shown(&h));
            prop_assert_eq!((found.count, found.sum), (h.count, h.sum));
        }
    }

    #[test]
    fn bounds_of_no_schema_become_custom_buckets_if_nothing_is_below_zero() {
        let bucket = |lower, upper| BoundedBucket { lower, upper, count: 2.0 };
        let found = Histogram::from_bounds(4.0, 1.0, &[bucket(0.3, 0.7), bucket(0.7, f64::INFINITY)]).expect("custom");
        assert!(found.uses_custom_buckets());
        assert_eq!(shown(&found).last(), Some(&bucket(0.7, f64::INFINITY)));
        assert_eq!(Histogram::from_bounds(4.0, 1.0, &[bucket(0.3, 0.1)]), None);
    }
}
