//! What the cumulative buckets of a classic histogram tell.

use model::Timestamp;
use model::civil::Civil;
use std::fmt;

/// Counts of neighbouring buckets that differ by less than this share are taken to be equal: sums of rates
/// are not exact.
const SMALL_DELTA: f64 = 1e-12;

/// A cumulative bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    pub(super) upper: f64,
    pub(super) count: f64,
}

/// Where counts decreased from bucket to bucket and had to be made monotonic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forced {
    min_bucket: f64,
    max_bucket: f64,
    max_diff: f64,
    n: usize,
    first: Timestamp,
    last: Timestamp,
}

impl Default for Forced {
    fn default() -> Self {
        Forced {
            min_bucket: f64::INFINITY,
            max_bucket: f64::NEG_INFINITY,
            max_diff: 0.0,
            n: 0,
            first: Timestamp::MAX,
            last: Timestamp::MIN,
        }
    }
}

impl Forced {
    /// Adds what was found at a time.
    pub(super) fn add(&mut self, new: &Forced, at: Timestamp) {
        self.min_bucket = self.min_bucket.min(new.min_bucket);
        self.max_bucket = self.max_bucket.max(new.max_bucket);
        self.max_diff = self.max_diff.max(new.max_diff);
        self.n += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

impl fmt::Display for Forced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
            super::go_g(self.min_bucket),
            super::go_g(self.max_bucket),
            two_digits(self.max_diff),
            self.n,
            date(self.first),
            date(self.last)
        )
    }
}

/// Two significant digits, as Go's `%.2g` writes them.
fn two_digits(v: f64) -> String {
    let text = format!("{v:.1e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return super::go_g(v) };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    if !(-4..2).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let text = format!("{v:.*}", (1 - exponent).max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// RFC 3339 in whole seconds.
fn date(at: Timestamp) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = Civil::from_ms(at.0 / 1000 * 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The quantile, interpolated linearly within its bucket, and whether counts had to be made monotonic.
pub(super) fn bucket_quantile(q: f64, buckets: &mut Vec<Bucket>) -> (f64, Option<Forced>) {
    if q.is_nan() {
        return (f64::NAN, None);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if q > 1.0 {
        return (f64::INFINITY, None);
    }
    if buckets.last().is_none_or(|b| b.upper != f64::INFINITY) {
        return (f64::NAN, None);
    }
    coalesce(buckets);
    let forced = ensure_monotonic(buckets);
    (quantile_of_monotonic(q, buckets), forced)
}

fn quantile_of_monotonic(q: f64, buckets: &[Bucket]) -> f64 {
    let n = buckets.len();
    if n < 2 {
        return f64::NAN;
    }
    let observations = buckets[n - 1].count;
    if observations == 0.0 {
        return f64::NAN;
    }
    let mut rank = q * observations;
    let idx = first_to_reach(rank, &buckets[..n - 1]);
    if idx == n - 1 {
        return buckets[n - 2].upper;
    }
    if idx == 0 && buckets[0].upper <= 0.0 {
        return buckets[0].upper;
    }
    let (mut start, end, mut count) = (0.0, buckets[idx].upper, buckets[idx].count);
    if idx > 0 {
        start = buckets[idx - 1].upper;
        count -= buckets[idx - 1].count;
        rank -= buckets[idx - 1].count;
    }
    start + (end - start) * (rank / count)
}

/// The first bucket that reaches a rank. Halves are tried in the order that Prometheus tries them, which matters among
/// counts that are NaN: those reach no rank.
fn first_to_reach(rank: f64, buckets: &[Bucket]) -> usize {
    let (mut low, mut high) = (0, buckets.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if buckets[middle].count >= rank {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The share of observations between two values, interpolated linearly within buckets.
pub(super) fn bucket_fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if buckets.last().is_none_or(|b| b.upper != f64::INFINITY) {
        return f64::NAN;
    }
    coalesce(buckets);
    let total = buckets.last().map_or(0.0, |b| b.count);
    if total == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    (rank_of(upper, buckets, total) - rank_of(lower, buckets, total)) / total
}

/// How many observations are below a value.
fn rank_of(v: f64, buckets: &[Bucket], total: f64) -> f64 {
    let mut below = 0.0;
    // The first bucket begins at zero, unless it lies below.
    let mut start = if buckets.first().is_some_and(|b| b.upper <= 0.0) { f64::NEG_INFINITY } else { 0.0 };
    for bucket in buckets {
        let rank = if start >= v {
            below
        } else if bucket.upper > v {
            if start == f64::NEG_INFINITY {
                bucket.count
            } else {
                below + (bucket.count - below) * (v - start) / (bucket.upper - start)
            }
        } else {
            below = bucket.count;
            start = bucket.upper;
            continue;
        };
        return if rank > total { total } else { rank };
    }
    total
}

/// Adds up buckets with equal bounds (`le="1"` and `le="1.0"`).
fn coalesce(buckets: &mut Vec<Bucket>) {
    buckets.dedup_by(|next, kept| {
        let same = next.upper == kept.upper;
        if same {
            kept.count += next.count;
        }
        same
    });
}

/// Makes cumulative counts monotonic. What that changed more than rounding would.
fn ensure_monotonic(buckets: &mut [Bucket]) -> Option<Forced> {
    let mut forced: Option<Forced> = None;
    let (first, rest) = buckets.split_first_mut()?;
    let mut before = first.count;
    for bucket in rest {
        let current = bucket.count;
        if current == before {
            continue;
        }
        if almost_equal(before, current) {
            bucket.count = before;
        } else if current < before {
            bucket.count = before;
            let forced = forced.get_or_insert_default();
            forced.min_bucket = forced.min_bucket.min(bucket.upper);
            forced.max_bucket = forced.max_bucket.max(bucket.upper);
            forced.max_diff = forced.max_diff.max(before - current);
        } else {
            before = current;
        }
    }
    forced
}

/// Whether two numbers that are not equal differ by no more than rounding explains.
fn almost_equal(a: f64, b: f64) -> bool {
    if a.is_nan() && b.is_nan() {
        return true;
    }
    let (sum, diff) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return diff < SMALL_DELTA * f64::MIN_POSITIVE;
    }
    diff / sum.min(f64::MAX) < SMALL_DELTA
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_written_as_go_writes_them() {
        for (v, want) in [(0.0, "0"), (0.75, "0.75"), (1.0, "1"), (12.4, "12"), (100.0, "1e+02"), (1.26e-5, "1.3e-05")]
        {
            assert_eq!(two_digits(v), want);
        }
    }
}
