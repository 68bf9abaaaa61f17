//! Histograms as texts: for people, and in the form of test scripts.

use super::{Bucket, BucketBounds, CounterResetHint, Histogram, filled};
use crate::number::format_compact as number;
use std::fmt::{self, Write as _};

/// A gap between buckets longer than this is not written out as zeros.
const MAX_WRITTEN_BUCKETS: i64 = 10_000;

impl fmt::Display for BucketBounds {
    /// `(0.5,1]:3`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) =
            (if self.lower_inclusive { '[' } else { '(' }, if self.upper_inclusive { ']' } else { ')' });
        write!(f, "{open}{},{}{close}:{}", number(self.lower), number(self.upper), number(self.count))
    }
}

impl fmt::Display for Histogram {
    /// `{count:4, sum:5, [-2,-1):1, [-0.5,0.5]:1, (1,2]:2}`: the buckets with observations from low to high, with the
    /// bounds that the schema gives them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{count:{}, sum:{}", number(self.count), number(self.sum))?;
        for bucket in self.negative.iter().rev().filter(|b| b.count != 0.0) {
            write!(f, ", {}", self.negative_bounds(bucket))?;
        }
        if self.zero_count != 0.0 {
            write!(f, ", {}", self.zero_bounds())?;
        }
        for bucket in filled(&self.positive) {
            write!(f, ", {}", self.positive_bounds(bucket))?;
        }
        f.write_char('}')
    }
}

impl Histogram {
    /// The form of test scripts, `{{schema:1 count:3 sum:2 offset:1 buckets:[1 0 2]}}`: what is left out is the
    /// default.
    #[must_use]
    pub fn test_expression(&self) -> String {
        let mut parts = Vec::new();
        if self.schema != 0 {
            parts.push(format!("schema:{}", self.schema));
        }
        for (key, v) in [
            ("count", self.count),
            ("sum", self.sum),
            ("z_bucket", self.zero_count),
            ("z_bucket_w", self.zero_threshold),
        ] {
            if v != 0.0 {
                parts.push(format!("{key}:{}", number(v)));
            }
        }
        if self.uses_custom_buckets() {
            let bounds: Vec<String> = self.custom_values.iter().map(|v| number(*v)).collect();
            parts.push(format!("custom_values:[{}]", bounds.join(" ")));
        }
        match self.counter_reset_hint {
            CounterResetHint::Unknown => {}
            CounterResetHint::Reset => parts.push("counter_reset_hint:reset".to_owned()),
            CounterResetHint::NotReset => parts.push("counter_reset_hint:not_reset".to_owned()),
            CounterResetHint::Gauge => parts.push("counter_reset_hint:gauge".to_owned()),
        }
        push_buckets(&mut parts, "", &self.positive);
        push_buckets(&mut parts, "n_", &self.negative);
        format!("{{{{{}}}}}", parts.join(" "))
    }
}

fn push_buckets(parts: &mut Vec<String>, prefix: &str, buckets: &[Bucket]) {
    let mut filled = filled(buckets).peekable();
    let Some(first) = filled.peek().map(|b| b.idx) else { return };
    if first != 0 {
        parts.push(format!("{prefix}offset:{first}"));
    }
    let mut counts = Vec::new();
    let mut next = i64::from(first);
    for bucket in filled {
        let gap = i64::from(bucket.idx) - next;
        if gap > MAX_WRITTEN_BUCKETS {
            counts.push(format!("_x{gap}"));
        } else {
            counts.extend((0..gap).map(|_| "0".to_owned()));
        }
        counts.push(number(bucket.count));
        next = i64::from(bucket.idx) + 1;
    }
    parts.push(format!("{prefix}buckets:[{}]", counts.join(" ")));
}

#[cfg(test)]
mod tests {
    use super::super::sample::{custom, exponential};
    use super::*;

    #[test]
    fn histograms_are_written_as_prometheus_writes_them() {
        let mut h = exponential(0, -1.5, (0.25, 1e6), &[1.0, 0.0, 2.0], &[0.0, 0.5, 0.0, 3.0]);
        assert_eq!(
            h.to_string(),
            "{count:1.0000065e+06, sum:-1.5, [-4,-2):2, [-1,-0.5):1, [-0.25,0.25]:1e+06, (1,2]:0.5, (4,8]:3}"
        );
        h.counter_reset_hint = CounterResetHint::Gauge;
        assert_eq!(
            h.test_expression(),
            "{{count:1.0000065e+06 sum:-1.5 z_bucket:1e+06 z_bucket_w:0.25 counter_reset_hint:gauge offset:1 \
             buckets:[0.5 0 3] n_buckets:[1 0 2]}}"
        );
        let h = custom(f64::NAN, &[5.0, 1e21], &[1.0, 0.0, 2.0]);
        assert_eq!(h.to_string(), "{count:3, sum:NaN, [-Inf,5]:1, (1e+21,+Inf]:2}");
        assert_eq!(h.test_expression(), "{{schema:-53 count:3 sum:NaN custom_values:[5 1e+21] buckets:[1 0 2]}}");
        assert_eq!(Histogram::default().to_string(), "{count:0, sum:0}");
        assert_eq!(Histogram::default().test_expression(), "{{}}");
    }
}
