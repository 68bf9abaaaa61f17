//! Whether a counter was reset between two histograms.

use super::combine::{reduced, regrouped, widened};
use super::{Bucket, CounterResetHint, Histogram, upper_bound};

impl Histogram {
    /// Whether the counter was reset between the previous histogram and this one: what the hint says, else whether
    /// any count (not the sum) went down or the layout changed in a way that only a restart explains. The schema may
    /// become coarser and the zero bucket wider (up to the end of a bucket) without a reset.
    #[must_use]
    pub fn detect_reset(&self, previous: &Histogram) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            // A gauge that is treated as a counter is compared like one.
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        let other_kind = self.uses_custom_buckets() != previous.uses_custom_buckets();
        if self.count < previous.count || other_kind || self.schema > previous.schema {
            return true;
        }
        if self.uses_custom_buckets() {
            if self.custom_values == previous.custom_values {
                return any_decreased(&self.positive, &previous.positive);
            }
            return self.decreased_within_shared_bounds(previous);
        }
        if self.zero_threshold < previous.zero_threshold {
            return true;
        }
        let zero = Bucket { idx: 0, count: previous.zero_count };
        let (zero, threshold) = if self.zero_threshold == previous.zero_threshold {
            (zero, self.zero_threshold)
        } else {
            widened(zero, &previous.positive, &previous.negative, previous.schema, self.zero_threshold)
        };
        // The wider zero bucket ends within a filled bucket of the previous histogram.
        if threshold != self.zero_threshold || self.zero_count < zero.count {
            return true;
        }
        let outside = |buckets: &[Bucket]| {
            let inside = buckets.iter().take_while(|b| upper_bound(b.idx, self.schema, &[]) <= threshold).count();
            buckets.get(inside..).unwrap_or_default().to_vec()
        };
        let decreased = |ours: &[Bucket], theirs: &[Bucket]| {
            if previous.schema == self.schema && threshold == 0.0 {
                any_decreased(ours, theirs)
            } else {
                any_decreased(&outside(ours), &outside(&reduced(theirs, previous.schema, self.schema)))
            }
        };
        decreased(&self.positive, &previous.positive) || decreased(&self.negative, &previous.negative)
    }

    /// Histograms with different custom bounds are compared in those that both have.
    fn decreased_within_shared_bounds(&self, previous: &Histogram) -> bool {
        let ours = &self.custom_values;
        let shared: Vec<f64> = previous.custom_values.iter().copied().filter(|b| ours.contains(b)).collect();
        let now = regrouped(self.positive.iter().copied(), ours, &shared);
        let before = regrouped(previous.positive.iter().copied(), &previous.custom_values, &shared);
        any_decreased(&now, &before)
    }
}

/// Whether a bucket holds less than before, or is gone.
fn any_decreased(now: &[Bucket], before: &[Bucket]) -> bool {
    let mut now = now.iter().peekable();
    before.iter().any(|old| {
        while now.next_if(|b| b.idx < old.idx).is_some() {}
        match now.next_if(|b| b.idx == old.idx) {
            Some(same) => same.count < old.count,
            None => old.count != 0.0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{custom, exponential};
    use super::*;

    #[test]
    fn hints_are_believed() {
        let old = exponential(0, 1.0, (0.0, 0.0), &[], &[5.0]);
        let same = |hint| Histogram { counter_reset_hint: hint, ..old.clone() };
        let none = |hint| Histogram { counter_reset_hint: hint, ..Histogram::default() };
        assert!(same(CounterResetHint::Reset).detect_reset(&old));
        assert!(!none(CounterResetHint::NotReset).detect_reset(&old));
        assert!(!same(CounterResetHint::Unknown).detect_reset(&old));
        assert!(none(CounterResetHint::Gauge).detect_reset(&old));
    }

    #[test]
    fn a_count_that_went_down_is_a_reset() {
        let old = exponential(1, 1.0, (0.0, 0.0), &[3.0], &[5.0, 0.0, 1.0]);
        for (now, want) in [
            (exponential(1, 0.0, (0.0, 0.0), &[3.0], &[5.0, 0.0, 1.0]), false),
            (exponential(1, 1.0, (0.0, 0.0), &[3.0, 1.0], &[5.0, 2.0, 2.0]), false),
            // Fewer of one bucket, more of another.
            (exponential(1, 1.0, (0.0, 0.0), &[2.0], &[6.0, 0.0, 1.0]), true),
            (exponential(1, 1.0, (0.0, 0.0), &[], &[9.0, 0.0, 1.0]), true),
            (exponential(1, 1.0, (0.0, 0.0), &[9.0], &[5.0, 1.0]), true),
            // Coarser is fine, finer is a restart.
            (exponential(0, 1.0, (0.0, 0.0), &[3.0], &[5.0, 1.0]), false),
            (exponential(0, 1.0, (0.0, 0.0), &[3.0], &[6.0, 0.0]), true),
            (exponential(2, 1.0, (0.0, 0.0), &[3.0], &[5.0, 0.0, 1.0]), true),
        ] {
            assert_eq!(now.detect_reset(&old), want, "{now:?}");
        }
    }

    #[test]
    fn the_zero_bucket_may_grow_over_whole_buckets() {
        // Buckets (0.5, 1], (1, 2].
        let old = exponential(0, 1.0, (0.5, 1.0), &[2.0], &[3.0, 4.0]);
        for (threshold, zero, neg, pos, want) in [
            (1.0, 6.0, &[][..], &[0.0, 4.0][..], false),
            (1.0, 5.0, &[], &[0.0, 5.0], true),
            (0.7, 6.0, &[], &[0.0, 4.0], true),
            (0.25, 1.0, &[2.0], &[3.0, 4.0], true),
            (2.0, 10.0, &[], &[], false),
        ] {
            let now = exponential(0, 1.0, (threshold, zero), neg, pos);
            assert_eq!(now.detect_reset(&old), want, "{now:?}");
        }
    }

    #[test]
    fn different_custom_bounds_are_compared_where_they_agree() {
        let old = custom(1.0, &[1.0, 2.0, 3.0], &[1.0, 1.0, 1.0, 1.0]);
        for (now, want) in [
            (custom(1.0, &[1.0, 3.0], &[1.0, 2.0, 1.0]), false),
            (custom(1.0, &[1.0, 3.0], &[1.0, 1.0, 2.0]), true),
            (custom(1.0, &[7.0], &[4.0, 0.0]), false),
            (custom(1.0, &[7.0], &[0.0, 3.0]), true),
            (exponential(0, 1.0, (0.0, 0.0), &[], &[9.0]), true),
        ] {
            assert_eq!(now.detect_reset(&old), want, "{now:?}");
        }
        assert!(custom(1.0, &[1.0], &[99.0]).detect_reset(&exponential(0, 1.0, (0.0, 0.0), &[], &[9.0])));
    }
}
