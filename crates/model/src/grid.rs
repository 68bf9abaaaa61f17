//! The times at which a range query is evaluated.

use crate::time::{Millis, Timestamp};

/// `len` times from `start`, `step` apart. An instant query is a grid of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepGrid {
    /// The first time.
    pub start: Timestamp,
    /// The distance of two times, over 0 (unless there is only one).
    pub step: Millis,
    /// How many.
    pub len: usize,
}

impl StepGrid {
    /// The grid from `start` to at most `end`. Empty if `end` is before `start`.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp, step: Millis) -> Self {
        let span = end.0.saturating_sub(start.0);
        let len = if span < 0 { 0 } else { usize::try_from(span / step.0.max(1)).unwrap_or(usize::MAX - 1) + 1 };
        StepGrid { start, step: Millis(step.0.max(1)), len }
    }

    /// The time of a step.
    #[must_use]
    pub fn time(&self, step_idx: usize) -> Timestamp {
        Timestamp(self.start.0.saturating_add(self.step.0.saturating_mul(step_idx as i64)))
    }

    /// The last time, or the start of an empty grid.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.time(self.len.saturating_sub(1))
    }

    /// All times.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> + '_ {
        (0..self.len).map(|idx| self.time(idx))
    }
}
