//! What was lost, counted: samples that were not stored, scrapes that were left out, time that jumped, and what the
//! store dropped to stay within its bytes. The page is told whenever a number changed.

use crate::state::Worker;
use model::{Millis, Timestamp};
use protocol::{ClockJump, Dropped, Event, Evicted, JumpKind, Losses};
use tsdb::Truncated;

/// Clocks are set right by less than this all the time.
const JUMP: Millis = Millis(2_000);

/// The timer sleeps ten seconds at most, and a busy worker comes late; a tab that runs is never this late.
const STOPPED: Millis = Millis(30_000);

/// All that was lost, and what of it the page knows.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) losses: Losses,
    told: Losses,
    /// The clock of the computer and one that nobody sets, when they were last read.
    clocks: Option<(Timestamp, f64)>,
}

impl Account {
    /// Two clocks: that of the computer, and milliseconds of one that only goes forward.
    fn read(&mut self, now: Timestamp, steady_ms: f64) -> Option<ClockJump> {
        let (last, last_steady_ms) = self.clocks.replace((now, steady_ms))?;
        let passed = Millis((steady_ms - last_steady_ms).round() as i64);
        let jump = (now - last) - passed;
        let (kind, by) = if jump < Millis(-JUMP.0) {
            (JumpKind::SetBack, Millis(-jump.0))
        } else if jump > JUMP {
            (JumpKind::Forward, jump)
        } else if passed > STOPPED {
            (JumpKind::Stopped, passed)
        } else {
            return None;
        };
        Some(ClockJump { at_ms: now.0, by_ms: by.0, kind })
    }

    /// What the page does not know yet.
    pub(crate) fn news(&mut self) -> Option<Event> {
        if self.losses == self.told {
            return None;
        }
        self.told.clone_from(&self.losses);
        Some(Event::Losses(self.losses.clone()))
    }

    /// Samples that a scrape did not store.
    pub(crate) fn dropped(&mut self, dropped: Dropped) {
        add(&mut self.losses.dropped, dropped);
    }

    /// Scrapes that were left out, as a target's schedule counts them before and after.
    pub(crate) fn left_out(&mut self, before: (u64, u64), after: (u64, u64)) -> bool {
        self.losses.n_slow += after.0.saturating_sub(before.0);
        self.losses.n_slept += after.1.saturating_sub(before.1);
        before != after
    }

    /// What the store dropped.
    pub(crate) fn truncated(&mut self, truncated: &Truncated, max_bytes: usize, now: Timestamp) {
        let Some(before) = truncated.over_before else { return };
        let n_before = self.losses.evicted.map_or(0, |evicted| evicted.n_samples);
        self.losses.evicted = Some(Evicted {
            n_samples: n_before + truncated.n_over as u64,
            before_ms: before.0,
            at_ms: now.0,
            max_bytes: max_bytes as u64,
        });
    }
}

impl Worker {
    /// Notes whether time passed as it should. Read both clocks together: that of the computer, and one that nobody sets,
    /// in milliseconds from anywhere.
    pub fn read_clocks(&mut self, now: Timestamp, steady_ms: f64) {
        let Some(jump) = self.account.read(now, steady_ms) else { return };
        let jumps = &mut self.account.losses.jumps;
        if jumps.len() >= Losses::MAX_JUMPS {
            jumps.remove(0);
        }
        jumps.push(jump);
        if jump.kind == JumpKind::SetBack {
            self.forget_future(now);
        }
        self.untold();
    }
}

/// Counts of a scrape as they cross to the page.
pub(crate) fn wire(dropped: scrape::Dropped) -> Dropped {
    let scrape::Dropped { out_of_order, duplicate, too_far_ahead, too_old } = dropped;
    Dropped { out_of_order, duplicate, too_far_ahead, too_old }
}

/// Adds counts to others.
pub(crate) fn add(sum: &mut Dropped, more: Dropped) {
    sum.out_of_order += more.out_of_order;
    sum.duplicate += more.duplicate;
    sum.too_far_ahead += more.too_far_ahead;
    sum.too_old += more.too_old;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is noticed between two readings: of the computer's clock and of the steady one, in seconds.
    fn check(now: i64, steady: f64) -> Option<(JumpKind, i64)> {
        let mut account = Account::default();
        assert_eq!(account.read(Timestamp(1_000_000), 500.0), None);
        let jump = account.read(Timestamp(1_000_000 + now * 1_000), 500.0 + steady * 1_000.0);
        jump.map(|jump| (jump.kind, jump.by_ms))
    }

    #[test]
    fn jumps_of_the_clock_and_sleep_are_told_apart() {
        assert_eq!(check(10, 10.0), None);
        assert_eq!(check(11, 10.0), None, "clocks are set right all the time");
        assert_eq!(check(-3_590, 10.0), Some((JumpKind::SetBack, 3_600_000)));
        assert_eq!(check(3_610, 10.0), Some((JumpKind::Forward, 3_600_000)));
        assert_eq!(check(25, 25.0), None, "a busy worker is late");
        assert_eq!(check(3_600, 3_600.0), Some((JumpKind::Stopped, 3_600_000)));
    }
}
