//! When a target is scraped next. Never two scrapes at once, never a queue of missed ones.

use model::{Millis, Timestamp};

/// The schedule of one target.
///
/// Invariant: while a scrape runs none is due; ticks that pass meanwhile are counted and left out, as
/// are those of a tab that slept. The two are counted apart: a slow target is one thing, a closed lid another.
#[derive(Clone, Debug)]
pub struct Schedule {
    interval: Millis,
    paused: bool,
    running: bool,
    /// The user wants one now.
    asked: bool,
    next: Timestamp,
    /// The second scrape of a new target, before its beat.
    early: Option<Timestamp>,
    n_slow: u64,
    n_slept: u64,
}

/// The shortest interval: a browser's timers and a relay have better things to do below it.
const MIN_INTERVAL: Millis = Millis(100);

/// A new target is scraped a second time so soon: a rate needs two samples, and somebody waits for it.
const EARLY: Millis = Millis(1_000);

impl Schedule {
    /// Due at once, once more after a second, then every `interval` from the first.
    #[must_use]
    pub fn new(interval: Millis, now: Timestamp) -> Self {
        Schedule {
            interval: interval.max(MIN_INTERVAL),
            paused: false,
            running: false,
            asked: false,
            next: now,
            early: Some(now + EARLY),
            n_slow: 0,
            n_slept: 0,
        }
    }

    /// Changes the interval; the next scrape is due within the new one.
    pub fn set_interval(&mut self, interval: Millis, now: Timestamp) {
        self.interval = interval.max(MIN_INTERVAL);
        self.next = self.next.min(now + self.interval);
    }

    /// Stops or resumes; what was resumed is due at once.
    pub fn set_paused(&mut self, paused: bool, now: Timestamp) {
        if self.paused && !paused {
            self.next = now;
        }
        self.paused = paused;
    }

    /// Scrapes once as soon as none is running, also while paused.
    pub fn ask(&mut self) {
        self.asked = true;
    }

    /// Whether a scrape is to begin now; the caller begins it and calls [`Schedule::finished`] at its end.
    pub fn begin_if_due(&mut self, now: Timestamp) -> bool {
        let due = !self.paused && now >= self.next;
        if due {
            // The next tick of the same beat that lies ahead: those between are left out.
            let late = (now - self.next).0;
            let ticks = late / self.interval.0 + 1;
            self.next = Timestamp(self.next.0.saturating_add(ticks.saturating_mul(self.interval.0)));
            self.n_slept += (ticks - 1).unsigned_abs();
            self.n_slow += u64::from(self.running);
        } else if !self.paused && (self.next - now) > self.interval {
            // The clock was set back: do not wait for the old time to come again.
            self.next = now + self.interval;
        }
        let early = !self.paused && self.early.is_some_and(|early| now >= early);
        if self.running || !(due || early || self.asked) {
            return false;
        }
        // Of an interval as short as that, the beat's own second scrape is early enough.
        if early || due && self.early.is_some_and(|early| self.next <= early) {
            self.early = None;
        }
        self.asked = false;
        self.running = true;
        true
    }

    /// The scrape that was begun has ended.
    pub fn finished(&mut self) {
        self.running = false;
    }

    /// Whether a scrape is under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// When to ask again; `None` while paused and nothing was asked for.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        match (self.asked && !self.running, self.paused) {
            (true, _) => Some(Timestamp::MIN),
            (false, true) => None,
            (false, false) => {
                Some(self.early.filter(|_| !self.running).map_or(self.next, |early| early.min(self.next)))
            }
        }
    }

    /// Ticks that were left out because the scrape before was still running.
    #[must_use]
    pub fn n_slow(&self) -> u64 {
        self.n_slow
    }

    /// Ticks that passed unheard: the tab or the computer slept.
    #[must_use]
    pub fn n_slept(&self) -> u64 {
        self.n_slept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Millis = Millis(1_000);

    #[test]
    fn scrapes_keep_the_beat_of_the_first() {
        let mut schedule = Schedule::new(SECOND, Timestamp(500));
        assert!(schedule.begin_if_due(Timestamp(500)));
        schedule.finished();
        assert!(!schedule.begin_if_due(Timestamp(1_499)));
        assert!(schedule.begin_if_due(Timestamp(1_510)));
        assert_eq!(schedule.next_due(), Some(Timestamp(2_500)));
    }

    #[test]
    fn a_new_target_has_its_second_sample_soon() {
        let mut schedule = Schedule::new(Millis(5_000), Timestamp(0));
        let mut begun = Vec::new();
        for t in (0..=11_000).step_by(100) {
            if schedule.begin_if_due(Timestamp(t)) {
                begun.push(t);
                schedule.finished();
            }
        }
        assert_eq!(begun, [0, 1_000, 5_000, 10_000]);
        assert_eq!((schedule.n_slow(), schedule.n_slept()), (0, 0));
    }

    #[test]
    fn a_slow_scrape_never_piles_up() {
        let mut schedule = Schedule::new(SECOND, Timestamp(0));
        assert!(schedule.begin_if_due(Timestamp(0)));
        for t in [1_000, 2_000, 3_000] {
            assert!(!schedule.begin_if_due(Timestamp(t)));
        }
        schedule.finished();
        assert_eq!((schedule.n_slow(), schedule.n_slept()), (3, 0));
        assert!(!schedule.begin_if_due(Timestamp(3_100)), "it waits for its beat");
        assert!(schedule.begin_if_due(Timestamp(4_000)));
    }

    #[test]
    fn a_tab_that_slept_goes_on_with_one_scrape() {
        let mut schedule = Schedule::new(SECOND, Timestamp(0));
        assert!(schedule.begin_if_due(Timestamp(0)));
        schedule.finished();
        assert!(schedule.begin_if_due(Timestamp(3_600_400)));
        schedule.finished();
        assert!(!schedule.begin_if_due(Timestamp(3_600_500)));
        assert_eq!(schedule.next_due(), Some(Timestamp(3_601_000)));
        assert_eq!((schedule.n_slow(), schedule.n_slept()), (0, 3_599));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_scraping() {
        let mut schedule = Schedule::new(SECOND, Timestamp(1_000_000));
        assert!(schedule.begin_if_due(Timestamp(1_000_000)));
        schedule.finished();
        assert!(!schedule.begin_if_due(Timestamp(0)));
        assert!(schedule.begin_if_due(Timestamp(1_000)));
    }

    #[test]
    fn paused_is_paused_but_for_one_that_is_asked_for() {
        let mut schedule = Schedule::new(SECOND, Timestamp(0));
        schedule.set_paused(true, Timestamp(0));
        assert!(!schedule.begin_if_due(Timestamp(5_000)));
        assert_eq!(schedule.next_due(), None);
        schedule.ask();
        assert!(schedule.begin_if_due(Timestamp(5_001)));
        schedule.finished();
        assert!(!schedule.begin_if_due(Timestamp(9_000)));
        schedule.set_paused(false, Timestamp(9_000));
        assert!(schedule.begin_if_due(Timestamp(9_000)));
    }
}
