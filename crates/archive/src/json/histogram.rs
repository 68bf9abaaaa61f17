//! Native histograms as Prometheus' API writes them: bounds and counts of the buckets that hold something.

use super::Number;
use model::histogram::upper_bound;
use model::{Bucket, CUSTOM_BUCKETS_SCHEMA, CounterResetHint, Histogram, number};
use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::Arc;

/// A histogram of an answer.
#[derive(Debug, Deserialize)]
pub(crate) struct JsonHistogram {
    count: Number,
    sum: Number,
    /// Which bounds belong to the bucket (0: the upper one, 1: the lower, 2: none, 3: both), lower, upper, count.
    #[serde(default)]
    buckets: Vec<(u8, Number, Number, Number)>,
}

impl JsonHistogram {
    /// Writes one as the API does.
    pub(crate) fn write(h: &Histogram, out: &mut String) {
        let _ = write!(out, r#"{{"count":"{}","sum":"{}""#, number::format(h.count), number::format(h.sum));
        let mut is_first = true;
        for bucket in h.buckets().filter(|bucket| bucket.count != 0.0) {
            let rule = match (bucket.lower_inclusive, bucket.upper_inclusive) {
                (false, true) => 0,
                (true, false) => 1,
                (false, false) => 2,
                (true, true) => 3,
            };
            out.push_str(if is_first { r#","buckets":["# } else { "," });
            is_first = false;
            let [lower, upper, count] = [bucket.lower, bucket.upper, bucket.count].map(number::format);
            let _ = write!(out, r#"[{rule},"{lower}","{upper}","{count}"]"#);
        }
        out.push_str(if is_first { "}" } else { "]}" });
    }

    /// The histogram, with the schema that its bounds are of. `None` if there is no such histogram.
    pub(crate) fn histogram(&self) -> Option<Histogram> {
        let mut h = Histogram {
            counter_reset_hint: CounterResetHint::Unknown,
            schema: 0,
            zero_threshold: 0.0,
            zero_count: 0.0,
            count: self.count.0,
            sum: self.sum.0,
            positive: Vec::new(),
            negative: Vec::new(),
            custom_values: Arc::from([]),
        };
        let is_zero = |lower: f64, upper: f64| lower == -upper && upper >= 0.0;
        for (_, lower, upper, count) in &self.buckets {
            if is_zero(lower.0, upper.0) {
                (h.zero_threshold, h.zero_count) = (upper.0, count.0);
            }
        }
        let others: Vec<(f64, f64, f64)> = self
            .buckets
            .iter()
            .map(|(_, lower, upper, count)| (lower.0, upper.0, count.0))
            .filter(|(lower, upper, _)| !is_zero(*lower, *upper))
            .collect();
        let schema =
            (-4..=8).find(|&schema| others.iter().all(|bucket| index(bucket, schema, h.zero_threshold).is_some()));
        match schema {
            Some(schema) => {
                h.schema = schema;
                for bucket in &others {
                    let idx = index(bucket, schema, h.zero_threshold)?;
                    let side = if bucket.1 > 0.0 { &mut h.positive } else { &mut h.negative };
                    side.push(Bucket { idx, count: bucket.2 });
                }
                model::sort::by_key(&mut h.positive, |bucket| bucket.idx);
                model::sort::by_key(&mut h.negative, |bucket| bucket.idx);
            }
            None if h.zero_threshold == 0.0 && h.zero_count == 0.0 => custom(&mut h, &others),
            None => return None,
        }
        h.validate().is_ok().then_some(h)
    }
}

/// The index of a bucket in a schema, if it is one of it. A bucket may begin at the end of the zero bucket.
fn index(&(lower, upper, _): &(f64, f64, f64), schema: i8, threshold: f64) -> Option<i32> {
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
fn custom(h: &mut Histogram, buckets: &[(f64, f64, f64)]) {
    h.schema = CUSTOM_BUCKETS_SCHEMA;
    let mut bounds: Vec<f64> = Vec::new();
    for (lower, upper, _) in buckets {
        bounds.extend([lower, upper].into_iter().filter(|bound| bound.is_finite()));
    }
    model::sort::by(&mut bounds, f64::total_cmp);
    bounds.dedup();
    for (_, upper, count) in buckets {
        let idx = bounds.iter().position(|bound| bound == upper).unwrap_or(bounds.len());
        h.positive.push(Bucket { idx: idx as i32, count: *count });
    }
    model::sort::by_key(&mut h.positive, |bucket| bucket.idx);
    h.custom_values = bounds.into();
}
