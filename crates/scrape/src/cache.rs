//! The series of a target by the text in which they are exposed.
//!
//! A target exposes the same lines in the same order every time, so a line is first compared with the one
//! at the same place of the last scrape; only if that differs is it looked up by hash.

use exposition::Format;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet, HashTable};
use model::{LE, Labels, METRIC_NAME, QUANTILE};
use std::hash::BuildHasher;
use tsdb::{Head, SeriesRef};

/// A series of a target.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where its text is in the texts of all.
    key: (usize, u32),
    /// Its place in the store, once it is there.
    pub(crate) series: Option<SeriesRef>,
    /// The last good scrape that exposed it, counted from 1.
    pub(crate) seen: u32,
    /// The last good scrape in which its absence would have meant its end: not where samples carry their own time.
    pub(crate) tracked: u32,
    /// The metric whose start a `_created` series can tell, from 1; 0: there is none.
    pub(crate) metric: u32,
    /// It is tracked, and no staleness marker has been written since.
    pub(crate) live: bool,
    /// The last sample of it was a native histogram.
    pub(crate) is_histogram: bool,
    /// What it says of its metric: when that began to count.
    pub(crate) is_created: bool,
    /// Its labels are among those that wait for a place in the store.
    is_waiting: bool,
    /// A rule of the target drops it: it never has a place in the store.
    pub(crate) is_dropped: bool,
}

impl Entry {
    /// It has a place in the store, its labels wait for one, or it is to have none.
    fn is_known(&self) -> bool {
        self.series.is_some() || self.is_waiting || self.is_dropped
    }
}

/// The series of a target.
///
/// Invariant: `entries` and `by_key` hold each series once; an entry that was not seen for [`KEPT`] scrapes is gone from
/// both. An entry that has no place in the store and does not wait for one is unknown: [`Cache::find`] does not give it.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) entries: Vec<Entry>,
    /// The texts, one after the other: the next line's is in the processor's cache then.
    keys: Vec<u8>,
    /// With their hashes, so that a table that grows need not read all texts again.
    by_key: HashTable<(u32, u32)>,
    /// What the last look-up knows of a text that was not found: its hash, and its entry if there is one.
    missed: (u32, Option<u32>),
    /// Labels of series that were read and have no place in the store yet. Most are in it, and the store knows the labels.
    waiting: Vec<(u32, Labels)>,
    /// Numbers of metrics by family and labels.
    metrics: HashMap<(Box<str>, Labels), u32, FixedState>,
    last_metric: u32,
    /// Where the next line is expected.
    next: usize,
    /// What the store says of removed series.
    n_removals: u64,
    /// The format of the scrape, and which was the first of those that had it without another between.
    format: Option<Format>,
    format_since: u32,
}

/// Series that vanished are kept for so many scrapes: some flap.
const KEPT: u32 = 10;

fn hash(key: &[u8]) -> u32 {
    FixedState::with_seed(0).hash_one(key) as u32
}

/// A table takes the place from the low bits of a hash and a check from the high ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn text(keys: &[u8], (start, len): (usize, u32)) -> &[u8] {
    keys.get(start..start + len as usize).unwrap_or(&[])
}

impl Cache {
    /// Begins a scrape at the first line. Series that the store has dropped lose their places.
    pub(crate) fn rewind(&mut self, head: &Head, scrape: u32, format: Format) {
        self.next = 0;
        self.waiting.clear();
        if self.format != Some(format) {
            (self.format, self.format_since) = (Some(format), scrape);
        }
        if self.n_removals != head.n_removals() {
            self.n_removals = head.n_removals();
            for entry in &mut self.entries {
                entry.series = entry.series.filter(|&series| head.contains(series));
            }
        }
    }

    /// The text of the line that is expected next, if its series is known and the text is good in this format;
    /// [`Cache::found_next`] takes it.
    #[inline]
    pub(crate) fn next_key(&self) -> Option<&[u8]> {
        let entry = self.entries.get(self.next)?;
        ((entry.series.is_some() || entry.is_dropped) && entry.seen >= self.format_since)
            .then(|| text(&self.keys, entry.key))
    }

    /// The series that was expected next is.
    #[inline]
    pub(crate) fn found_next(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// The series of a line, if it is known.
    #[inline]
    pub(crate) fn find(&mut self, key: &[u8]) -> Option<usize> {
        let idx = match self.entries.get(self.next) {
            Some(entry) if text(&self.keys, entry.key) == key => Some(self.next as u32),
            _ => {
                let hash = hash(key);
                let is_it = |&(idx, other): &(u32, u32)| {
                    other == hash && text(&self.keys, self.entries[idx as usize].key) == key
                };
                let idx = self.by_key.find(spread(hash), is_it).map(|(idx, _)| *idx);
                self.missed = (hash, idx);
                idx
            }
        };
        let known = idx.filter(|&idx| self.entries.get(idx as usize).is_some_and(Entry::is_known));
        if known.is_none() && idx == Some(self.next as u32) {
            self.missed = (0, idx);
        }
        self.next = known? as usize + 1;
        known.map(|idx| idx as usize)
    }

    /// Adds the series that [`Cache::find`] did not give just now, with the labels under which the store is to have it; none
    /// if it is not to have it.
    pub(crate) fn add(&mut self, key: &[u8], labels: Option<Labels>) -> usize {
        let (hash, known) = self.missed;
        let idx = known.unwrap_or(self.entries.len() as u32);
        match self.entries.get_mut(idx as usize) {
            Some(entry) => (entry.is_waiting, entry.is_dropped) = (labels.is_some(), labels.is_none()),
            None => {
                self.entries.push(Entry {
                    key: (self.keys.len(), key.len() as u32),
                    series: None,
                    seen: 0,
                    tracked: 0,
                    metric: 0,
                    live: false,
                    is_histogram: false,
                    is_created: false,
                    is_waiting: labels.is_some(),
                    is_dropped: labels.is_none(),
                });
                self.keys.extend_from_slice(key);
                self.by_key.insert_unique(spread(hash), (idx, hash), |(_, hash)| spread(*hash));
            }
        }
        self.waiting.extend(labels.map(|labels| (idx, labels)));
        self.next = idx as usize + 1;
        idx as usize
    }

    /// How many series wait for their places in the store.
    pub(crate) fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Gives the series that wait their places in the store.
    pub(crate) fn place<E>(&mut self, mut place: impl FnMut(&Labels) -> Result<SeriesRef, E>) -> Result<(), E> {
        for (idx, labels) in std::mem::take(&mut self.waiting) {
            if let Some(entry) = self.entries.get_mut(idx as usize) {
                entry.series = Some(place(&labels)?);
                entry.is_waiting = false;
            }
        }
        Ok(())
    }

    /// Notes the metric of the series that was added last: all series of one family with the same labels, but for those
    /// that tell the samples of one metric apart.
    pub(crate) fn set_metric(&mut self, family: &str, is_created: impl Fn(&str) -> Option<bool>) {
        let Some((entry, labels)) = self.waiting.last() else { return };
        let Some(is_created) = labels.metric_name().and_then(is_created) else { return };
        let labels = labels.only(|name| !matches!(name, METRIC_NAME | LE | QUANTILE));
        let last = &mut self.last_metric;
        let metric = *self.metrics.entry((Box::from(family), labels)).or_insert_with(|| {
            *last += 1;
            *last
        });
        if let Some(entry) = self.entries.get_mut(*entry as usize) {
            (entry.metric, entry.is_created) = (metric, is_created);
        }
    }

    /// Forgets the series that were added behind the first `len`: the scrape that brought them was no good.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.waiting.clear();
        self.entries.iter_mut().for_each(|entry| entry.is_waiting = false);
        if len < self.entries.len() {
            self.retain(|idx, _| idx < len);
        }
    }

    /// Forgets the metrics without series.
    fn forget_metrics(&mut self) {
        let used: HashSet<u32, FixedState> = self.entries.iter().map(|entry| entry.metric).collect();
        self.metrics.retain(|_, metric| used.contains(metric));
    }

    /// Forgets what has been gone for long, if that is worth the work.
    pub(crate) fn prune(&mut self, scrape: u32) {
        let is_old = |entry: &Entry| entry.seen.saturating_add(KEPT) < scrape;
        let n_old = self.entries.iter().filter(|e| is_old(e)).count();
        if n_old * 4 > self.entries.len() {
            self.retain(|_, entry| !is_old(entry));
        }
    }

    fn retain(&mut self, keep: impl Fn(usize, &Entry) -> bool) {
        let keys = std::mem::take(&mut self.keys);
        let mut idx = 0;
        self.entries.retain_mut(|entry| {
            idx += 1;
            let stays = keep(idx - 1, entry);
            if stays {
                let key = text(&keys, entry.key);
                entry.key.0 = self.keys.len();
                self.keys.extend_from_slice(key);
            }
            stays
        });
        self.entries.shrink_to(2 * self.entries.len());
        self.by_key = HashTable::with_capacity(self.entries.len());
        for (idx, entry) in self.entries.iter().enumerate() {
            let hash = hash(text(&self.keys, entry.key));
            self.by_key.insert_unique(spread(hash), (idx as u32, hash), |(_, hash)| spread(*hash));
        }
        self.forget_metrics();
    }
}
