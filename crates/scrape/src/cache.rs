//! The series of a target by the text in which they are exposed.
//!
//! A target exposes the same lines in the same order every time, so a line is first compared with the one
//! at the same place of the last scrape; only if that differs is it looked up by hash.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use model::{LE, Labels, METRIC_NAME, QUANTILE};
use tsdb::SeriesRef;

/// A series of a target.
#[derive(Debug)]
pub(crate) struct Entry {
    key: Box<[u8]>,
    pub(crate) labels: Labels,
    /// Its place in the store, once it is there.
    pub(crate) series: Option<SeriesRef>,
    /// The last good scrape that exposed it, counted from 1.
    pub(crate) seen: u64,
    /// The last good scrape in which its absence would have meant its end: not where samples carry their own time.
    pub(crate) tracked: u64,
    /// It is tracked, and no staleness marker has been written since.
    pub(crate) live: bool,
    /// The last sample of it was a native histogram.
    pub(crate) is_histogram: bool,
    /// What it says of its metric: when that began to count.
    pub(crate) is_created: bool,
    /// The metric whose start a `_created` series can tell, from 1; 0: there is none.
    pub(crate) metric: u32,
}

/// The series of a target.
///
/// Invariant: `order` and `by_key` hold each live entry once; an entry that was not seen for [`KEPT`]
/// scrapes is gone from both.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) entries: Vec<Entry>,
    by_key: HashMap<Box<[u8]>, u32, FixedState>,
    /// Numbers of metrics by family and labels.
    metrics: HashMap<(Box<str>, Labels), u32, FixedState>,
    last_metric: u32,
    /// Where the next line is expected.
    next: usize,
}

/// Series that vanished are kept for so many scrapes: some flap.
const KEPT: u64 = 10;

impl Cache {
    /// Begins a scrape at the first line.
    pub(crate) fn rewind(&mut self) {
        self.next = 0;
    }

    /// The series of a line, if it is known.
    #[inline]
    pub(crate) fn find(&mut self, key: &[u8]) -> Option<usize> {
        let idx = match self.entries.get(self.next) {
            Some(entry) if *entry.key == *key => self.next,
            _ => *self.by_key.get(key)? as usize,
        };
        self.next = idx + 1;
        Some(idx)
    }

    /// Adds a series; the caller has looked for it.
    pub(crate) fn add(&mut self, key: &[u8], labels: Labels) -> usize {
        let idx = self.entries.len();
        self.by_key.insert(Box::from(key), idx as u32);
        self.entries.push(Entry {
            key: Box::from(key),
            labels,
            series: None,
            seen: 0,
            tracked: 0,
            live: false,
            is_histogram: false,
            is_created: false,
            metric: 0,
        });
        self.next = idx + 1;
        idx
    }

    /// Notes the metric of a series that was just added: all series of one family with the same labels, but for those
    /// that tell the samples of one metric apart.
    pub(crate) fn set_metric(&mut self, entry: usize, family: &str, is_created: bool) {
        let Some(entry) = self.entries.get_mut(entry) else { return };
        let labels = entry.labels.only(|name| !matches!(name, METRIC_NAME | LE | QUANTILE));
        let last = &mut self.last_metric;
        entry.metric = *self.metrics.entry((Box::from(family), labels)).or_insert_with(|| {
            *last += 1;
            *last
        });
        entry.is_created = is_created;
    }

    /// Forgets the series that were added behind the first `len`: the scrape that brought them was no good.
    pub(crate) fn truncate(&mut self, len: usize) {
        let mut has_metric = false;
        for entry in self.entries.drain(len.min(self.entries.len())..) {
            self.by_key.remove(&entry.key);
            has_metric |= entry.metric != 0;
        }
        if has_metric {
            self.forget_metrics();
        }
    }

    /// Forgets the metrics without series.
    fn forget_metrics(&mut self) {
        let used: HashSet<u32, FixedState> = self.entries.iter().map(|entry| entry.metric).collect();
        self.metrics.retain(|_, metric| used.contains(metric));
    }

    /// Forgets what has been gone for long, if that is worth the work.
    pub(crate) fn prune(&mut self, scrape: u64) {
        let is_old = |entry: &Entry| entry.seen + KEPT < scrape;
        let n_old = self.entries.iter().filter(|e| is_old(e)).count();
        if n_old * 4 <= self.entries.len() {
            return;
        }
        self.entries.retain(|e| !is_old(e));
        self.by_key.clear();
        for (idx, entry) in self.entries.iter().enumerate() {
            self.by_key.insert(entry.key.clone(), idx as u32);
        }
        self.forget_metrics();
    }
}
