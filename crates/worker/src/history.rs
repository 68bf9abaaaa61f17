//! The last scrapes of each target, good and bad, and what went wrong with it since it was added.

use crate::limits::{MAX_ERRORS, MAX_SCRAPES};
use crate::state::Worker;
use protocol::{Event, ScrapeErrors, ScrapeRecord, TargetHistory, TargetId};
use std::collections::VecDeque;

/// What is remembered of a target's scrapes.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The oldest first, at most [`MAX_SCRAPES`].
    scrapes: VecDeque<ScrapeRecord>,
    /// The one that happened last at the end, at most [`MAX_ERRORS`].
    errors: Vec<ScrapeErrors>,
}

impl History {
    /// Remembers a scrape, and why it failed.
    pub(crate) fn add(&mut self, scrape: ScrapeRecord, error: Option<&str>) {
        if let Some(message) = error {
            let at_ms = scrape.at_ms;
            // The same again moves to the end.
            let known =
                self.errors.iter().position(|known| known.message == message).map(|idx| self.errors.remove(idx));
            let (count, first_ms) = known.map_or((0, at_ms), |known| (known.count, known.first_ms));
            if self.errors.len() >= MAX_ERRORS {
                self.errors.remove(0);
            }
            self.errors.push(ScrapeErrors { message: message.to_owned(), count: count + 1, first_ms, last_ms: at_ms });
        }
        if self.scrapes.len() >= MAX_SCRAPES {
            self.scrapes.pop_front();
        }
        self.scrapes.push_back(scrape);
    }
}

impl Worker {
    /// Tells the page of a target's scrapes.
    pub(crate) fn history(&mut self, id: TargetId) {
        let history = self.target(id).map(|target| {
            let History { scrapes, errors } = &target.history;
            (scrapes.iter().cloned().collect(), errors.clone())
        });
        let (scrapes, errors) = history.unwrap_or_default();
        self.tell(Event::History(TargetHistory { id, scrapes, max_scrapes: MAX_SCRAPES as u32, errors }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Via;

    fn scrape(at_ms: i64) -> ScrapeRecord {
        ScrapeRecord {
            at_ms,
            duration_ms: 1.0,
            n_samples: 1,
            n_series_added: 0,
            body_bytes: 1,
            via: Via::Direct,
            is_failed: false,
        }
    }

    #[test]
    fn the_last_scrapes_stay_and_the_same_error_is_counted() {
        let mut history = History::default();
        for at_ms in 0..1_000 {
            let error = if at_ms % 2 == 0 { Some("down") } else { None };
            history.add(scrape(at_ms), error);
        }
        assert_eq!(history.scrapes.len(), MAX_SCRAPES);
        assert_eq!(history.scrapes.back().map(|scrape| scrape.at_ms), Some(999));
        let [ScrapeErrors { count, first_ms, last_ms, .. }] = &history.errors[..] else { panic!("{history:?}") };
        assert_eq!((*count, *first_ms, *last_ms), (500, 0, 998));
        for n in 0..100 {
            history.add(scrape(n), Some(&format!("error {n}")));
        }
        assert_eq!(history.errors.len(), MAX_ERRORS);
        assert_eq!(history.errors.last().map(|error| error.message.as_str()), Some("error 99"));
    }
}
