//! When a panel asks again by itself: on the user's interval, as soon as samples are there rather than
//! just before, never while an older question is open, and less often where answers take long.

/// The longest wait for samples that are due, in milliseconds.
const MAX_GRACE_MS: i64 = 300;

/// Who sees nothing yet looks again with new samples, but not more often than this. The first scrape ends some tens of
/// milliseconds after the first question: the first graph comes with it.
const EMPTY_MS: i64 = 20;

/// An answer that came sooner cost little; at the start most of it is waiting for the worker.
const CHEAP_MS: i64 = 250;

/// The pause after an answer, in times of what it took: a slow panel leaves most of the worker to the others.
const PAUSE: i64 = 4;

/// What a panel knows when it decides whether to ask again. Times in ms since the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The user's interval; `None` is off.
    pub refresh_ms: Option<u32>,
    /// The range ends at a fixed time: what is behind it does not change.
    pub is_fixed: bool,
    /// The last question is not answered yet.
    pub is_waiting: bool,
    /// The last answer had no data.
    pub is_empty: bool,
    /// When it was asked.
    pub asked_ms: i64,
    /// How long the last answer took, in milliseconds.
    pub took_ms: i64,
    /// The last question was asked because samples had come.
    pub follows_samples: bool,
}

impl Pace {
    /// Whether to ask at this tick of the clock.
    ///
    /// A little later than the interval: samples that are scraped at the same pace arrive first, and
    /// [`Pace::on_samples`] shows them at once.
    #[must_use]
    pub fn on_tick(&self, now_ms: i64) -> bool {
        self.interval_ms().is_some_and(|interval_ms| {
            let grace_ms = MAX_GRACE_MS.min(interval_ms / 4);
            self.is_free() && now_ms - self.asked_ms >= interval_ms + grace_ms
        })
    }

    /// Whether to ask now that samples were stored. They come often where there are several targets, so the
    /// interval holds, but for a little that the scraping may be early; once, to fall into step with it, half
    /// of it is enough.
    #[must_use]
    pub fn on_samples(&self, now_ms: i64) -> bool {
        let elapsed_ms = now_ms - self.asked_ms;
        let is_due = self.interval_ms().is_some_and(|interval_ms| {
            let enough_ms = if self.follows_samples { interval_ms / 10 * 9 } else { interval_ms / 2 };
            elapsed_ms >= enough_ms
        });
        let pause_ms = if self.took_ms < CHEAP_MS { EMPTY_MS } else { PAUSE * self.took_ms };
        let is_missed = self.is_empty && elapsed_ms >= pause_ms;
        self.is_free() && (is_due || is_missed)
    }

    fn is_free(&self) -> bool {
        !self.is_fixed && !self.is_waiting
    }

    fn interval_ms(&self) -> Option<i64> {
        self.refresh_ms.map(|refresh_ms| i64::from(refresh_ms).max(PAUSE * self.took_ms))
    }
}

#[cfg(test)]
mod tests {
    //! A panel's clock over some seconds.
    use super::*;

    /// The times at which a panel asks that is opened at 0, with ticks each quarter of a second and
    /// samples every so often from 25 on; each answer takes so long.
    fn asked(refresh_ms: Option<u32>, samples_every_ms: i64, took_ms: i64, is_fixed: bool) -> Vec<i64> {
        let mut asked = vec![0];
        let mut follows_samples = false;
        for now_ms in (25..20_000).step_by(25) {
            let asked_ms = asked[asked.len() - 1];
            let is_waiting = now_ms - asked_ms < took_ms;
            let pace = Pace { refresh_ms, is_fixed, is_waiting, is_empty: false, asked_ms, took_ms, follows_samples };
            let has_samples = samples_every_ms > 0 && (now_ms - 25) % samples_every_ms == 0;
            let on_samples = has_samples && pace.on_samples(now_ms);
            if on_samples || now_ms % 250 == 0 && pace.on_tick(now_ms) {
                asked.push(now_ms);
                follows_samples = on_samples;
            }
        }
        asked
    }

    #[test]
    fn it_keeps_the_interval_and_falls_into_step_with_the_samples() {
        assert_eq!(asked(Some(5_000), 0, 50, false), [0, 5_500, 11_000, 16_500]);
        assert_eq!(asked(Some(5_000), 5_000, 50, false), [0, 5_025, 10_025, 15_025]);
        assert_eq!(asked(Some(5_000), 1_000, 50, false), [0, 3_025, 8_025, 13_025, 18_025]);
        assert_eq!(asked(Some(1_000), 1_000, 50, false).len(), 20);
    }

    #[test]
    fn it_neither_piles_up_nor_moves_when_it_should_not() {
        assert_eq!(asked(Some(1_000), 1_000, 1_200, false), [0, 3_025, 8_025, 13_025, 18_025]);
        assert_eq!(asked(Some(1_000), 1_000, 50, true), [0]);
        assert_eq!(asked(None, 1_000, 50, false), [0]);
    }

    #[test]
    fn an_empty_panel_looks_again_when_samples_come() {
        let pace = Pace {
            refresh_ms: None,
            is_fixed: false,
            is_waiting: false,
            is_empty: true,
            asked_ms: 0,
            took_ms: 5,
            follows_samples: false,
        };
        assert!(pace.on_samples(60) && !pace.on_samples(10) && !pace.on_tick(99_000));
        assert!(!Pace { took_ms: 1_000, ..pace }.on_samples(3_000));
    }
}
