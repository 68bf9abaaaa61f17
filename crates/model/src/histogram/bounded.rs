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
            None if h.zero_threshold == 0.0 && h.zero_count == 0.0 => custom(&mut h, &others),
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
