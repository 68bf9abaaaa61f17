//! What was appended since the last look: a log on disk takes it from here after each scrape.

use crate::exemplars::SeriesExemplar;
use crate::head::Head;
use crate::slots::SeriesRef;
use model::{Histogram, Timestamp};
use std::sync::Arc;

/// What was appended to a [`Head`] that records, in the order in which it was.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Floats.
    pub floats: Vec<(SeriesRef, f64)>,
    /// From which float on which time holds. The samples of a scrape have one time.
    pub times: Vec<(u32, Timestamp)>,
    /// Floats by their place in the list with the time since which they count, where that is known.
    pub starts: Vec<(u32, Timestamp)>,
    /// Native histograms.
    pub histograms: Vec<RecordedHistogram>,
    /// Exemplars.
    pub exemplars: Vec<SeriesExemplar>,
    /// Series to which whole chunks were added ([`Head::load`]): their samples are not listed here.
    pub loaded: Vec<SeriesRef>,
}

/// A native histogram that was appended.
#[derive(Clone, Debug)]
pub struct RecordedHistogram {
    /// How many floats were appended before it.
    pub after: u32,
    /// Its series.
    pub series: SeriesRef,
    /// Its time.
    pub t: Timestamp,
    /// The histogram.
    pub h: Arc<Histogram>,
    /// When it began to count, where that is known.
    pub start: Option<Timestamp>,
}

impl Recorded {
    /// Whether nothing was appended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.histograms.is_empty() && self.exemplars.is_empty() && self.loaded.is_empty()
    }

    /// Forgets all of it, keeps the memory.
    pub fn clear(&mut self) {
        self.floats.clear();
        self.times.clear();
        self.starts.clear();
        self.histograms.clear();
        self.exemplars.clear();
        self.loaded.clear();
    }

    /// Adds a float.
    #[inline]
    pub(crate) fn float(&mut self, series: SeriesRef, t: Timestamp, v: f64, start: Option<Timestamp>) {
        let at = self.floats.len() as u32;
        if self.times.last().is_none_or(|(_, last)| *last != t) {
            self.times.push((at, t));
        }
        if let Some(start) = start {
            self.starts.push((at, start));
        }
        self.floats.push((series, v));
    }
}

impl Head {
    /// Whether what is appended is recorded for [`Head::take_recorded`]. Who asks for it takes it after each scrape.
    pub fn record(&mut self, is_on: bool) {
        self.recorded = is_on.then(Box::default);
    }

    /// What was appended since the last call takes the place of what is in `into`, which gives its memory back.
    pub fn take_recorded(&mut self, into: &mut Recorded) {
        into.clear();
        if let Some(recorded) = &mut self.recorded {
            std::mem::swap(&mut **recorded, into);
        }
    }
}
