//! `rate`, `increase` and `delta` of all windows of a series, with what only its times decide worked out once a target.
//!
//! What is left for each series and step is a subtraction, a product to see that the counter was not near zero, and
//! another one: 3 ns, while the extrapolation window by window takes 30 ns.

use super::{Kind, extrapolated_rate};
use crate::window::Batch;

/// Below this the product of `Plan::run` could lose digits.
const TINY: f64 = 1e-200;
/// More than rounding adds up to in products and quotients.
const MARGIN: f64 = 1.0 + 1e-6;

/// What the times of a window decide; `first == last` where that is not enough for a value. With 24 bytes those of 1,000
/// steps stay in the first cache beside the samples and the result.
#[derive(Clone, Copy)]
struct Stretch {
    first: u32,
    last: u32,
    /// A counter whose first value times this is more than its change was not near zero at the start.
    reach: f64,
    /// What the change is multiplied with, unless the counter was near zero.
    factor: f64,
}

/// The windows of the last series, and its counter resets.
#[derive(Default)]
pub(super) struct Plan {
    stretches: Vec<Stretch>,
    /// Samples that are less than the one before them.
    resets: Vec<u32>,
}

impl Plan {
    pub(super) fn run(&mut self, batch: &Batch<'_>, kind: Kind, out: &mut [f64]) {
        if !batch.is_known {
            self.fill(batch, kind);
        }
        let vs = batch.vs;
        let is_counter = kind != Kind::Delta;
        self.resets.clear();
        if is_counter && batch.may_fall {
            self.resets.extend((1..vs.len()).filter(|&idx| vs[idx] < vs[idx - 1]).map(|idx| idx as u32));
        }
        let mut resets = &self.resets[..];
        for (step_idx, (slot, stretch)) in out.iter_mut().zip(&self.stretches).enumerate() {
            if stretch.first == stretch.last {
                continue;
            }
            let (first, last) = (vs[stretch.first as usize], vs[stretch.last as usize]);
            let mut change = last - first;
            while resets.first().is_some_and(|&reset| reset <= stretch.first) {
                resets = &resets[1..];
            }
            for &reset in resets.iter().take_while(|&&reset| reset <= stretch.last) {
                change += vs[reset as usize - 1];
            }
            let may_begin = is_counter && change > 0.0 && first >= 0.0;
            let is_far_from_zero = change > TINY && first * stretch.reach > change;
            if may_begin && !is_far_from_zero {
                if let Some(v) = extrapolated_rate(&batch.window(step_idx), kind) {
                    *slot = v;
                }
                continue;
            }
            *slot = change * stretch.factor;
        }
    }

    /// As [`extrapolated_rate`] does it, as far as it does not need values.
    fn fill(&mut self, batch: &Batch<'_>, kind: Kind) {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        self.stretches.clear();
        self.stretches.extend(batch.spans.iter().enumerate().map(|(step_idx, &(from, to))| {
            if to < from + 2 {
                return Stretch { first: 0, last: 0, reach: 0.0, factor: 0.0 };
            }
            let w = batch.window(step_idx);
            let n = w.ts.len();
            let mut to_start = seconds(w.ts[0] - w.start);
            let mut to_end = seconds(w.end - w.ts[n - 1]);
            let sampled = seconds(w.ts[n - 1] - w.ts[0]);
            let average = sampled / (n - 1) as f64;
            let threshold = average * 1.1;
            if to_start >= threshold {
                to_start = average / 2.0;
            }
            if to_end >= threshold {
                to_end = average / 2.0;
            }
            let mut factor = (sampled + to_start + to_end) / sampled;
            if kind == Kind::Rate {
                factor /= seconds(w.end - w.start);
            }
            // As `extrapolated_rate` asks: is `sampled * (first / change)` at least `to_start`?
            Stretch { first: from, last: to - 1, reach: sampled / (to_start * MARGIN), factor }
        }));
    }
}
