//! Reading samples: what of native histograms a query needs to see, and what it may know about their resets.
//!
//! The store knows of each histogram whether the counter was reset before it. Prometheus' store does not say so, for
//! the histogram before may be gone; but a query that only looks at counts and sums compares neighbours while it reads,
//! before their buckets are dropped. Whether resets of different series contradict each other can be seen then.

use model::{CounterResetHint, Histogram, TimeRange};
use std::sync::Arc;
use tsdb::{Head, SampleBuf, SeriesRef};

/// What of native histograms is looked at in a part of the expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// All, unless a function further down needs less.
    #[default]
    Whole,
    /// Count and sum: the argument of `histogram_count` and the like.
    Stats,
    /// All, whatever functions further down say: a function further up looks at buckets, or at samples that neighbours
    /// in time are missing of.
    Buckets,
}

impl Detail {
    /// What the argument of a function that wants this needs.
    pub(crate) fn within(self, outer: Detail) -> Detail {
        if outer == Detail::Buckets { outer } else { self }
    }
}

/// Reads the samples of a series in a range.
pub(crate) fn read(head: &Head, series: SeriesRef, range: TimeRange, detail: Detail, buf: &mut SampleBuf) {
    head.read(series, range, buf);
    if detail == Detail::Stats {
        reduce_to_stats(&mut buf.histograms.hs);
        return;
    }
    for h in &mut buf.histograms.hs {
        if h.counter_reset_hint == CounterResetHint::Reset {
            Arc::make_mut(h).counter_reset_hint = CounterResetHint::Unknown;
        }
    }
}

/// Drops the buckets, after looking for resets.
fn reduce_to_stats(hs: &mut [Arc<Histogram>]) {
    let mut before: Option<Arc<Histogram>> = None;
    for slot in hs {
        if slot.is_stale() {
            continue;
        }
        let counter_reset_hint = match (slot.counter_reset_hint, &before) {
            (hint @ (CounterResetHint::Gauge | CounterResetHint::NotReset), _) => hint,
            (_, None) => CounterResetHint::Unknown,
            (hint, Some(before)) => {
                let is_reset = if hint == CounterResetHint::Unknown {
                    slot.detect_reset(before)
                } else {
                    // A hint of whoever wrote it is not believed.
                    Histogram { counter_reset_hint: CounterResetHint::Unknown, ..(**slot).clone() }.detect_reset(before)
                };
                if is_reset { CounterResetHint::Reset } else { CounterResetHint::NotReset }
            }
        };
        // The schema stays: that kinds of buckets do not fit together is remarked on all the same.
        let Histogram { schema, count, sum, .. } = **slot;
        let stats = Histogram { counter_reset_hint, schema, count, sum, ..Histogram::default() };
        before = Some(std::mem::replace(slot, Arc::new(stats)));
    }
}
