//! Native histograms as Prometheus' API writes them: bounds and counts of the buckets that hold something.

use super::Number;
use model::histogram::BoundedBucket;
use model::{Histogram, number};
use serde::Deserialize;
use std::fmt::Write as _;

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
        let bounded = |(_, lower, upper, count): &(u8, Number, Number, Number)| BoundedBucket {
            lower: lower.0,
            upper: upper.0,
            count: count.0,
        };
        Histogram::from_bounds(self.count.0, self.sum.0, &self.buckets.iter().map(bounded).collect::<Vec<_>>())
    }
}
