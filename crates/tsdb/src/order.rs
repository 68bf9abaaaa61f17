//! The place of each series among all, sorted by labels: so a selection is sorted by numbers.
//!
//! To sort the 2,000 series of a metric by their labels took 0.6 ms; to find them and sort them by their places takes
//! 0.02 ms.

use crate::heap;
use crate::slots::SeriesRef;
use std::cmp::Ordering;
use std::sync::OnceLock;

/// Knows the order at the first question after series were added, so that a scrape of new ones does not wait for it.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Sorted by labels, without those of `added`.
    sorted: Vec<SeriesRef>,
    added: Vec<SeriesRef>,
    ranks: OnceLock<Ranks>,
}

#[derive(Debug, Default)]
struct Ranks {
    /// All series, sorted by labels, if some were added; else the list beside it is that.
    sorted: Vec<SeriesRef>,
    /// The index in the sorted list, by place.
    rank: Vec<u32>,
}

impl Order {
    /// Adds a series.
    pub(crate) fn add(&mut self, series: SeriesRef) {
        self.settle();
        self.added.push(series);
    }

    /// Forgets the series that are not to be kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(SeriesRef) -> bool) {
        self.settle();
        self.sorted.retain(|&series| keep(series));
        self.added.retain(|&series| keep(series));
        self.sorted.shrink_to(self.sorted.len() + self.sorted.len() / 4);
    }

    /// Sorts series by their labels.
    pub(crate) fn sort(&self, found: &mut [SeriesRef], compare: impl Fn(SeriesRef, SeriesRef) -> Ordering) {
        let ranks = self.ranks.get_or_init(|| self.ranks(compare));
        found.sort_unstable_by_key(|series| ranks.rank.get(series.place()));
    }

    /// Takes over what the last question worked out.
    fn settle(&mut self) {
        if let Some(ranks) = self.ranks.take()
            && !self.added.is_empty()
        {
            self.sorted = ranks.sorted;
            self.added = Vec::new();
        }
    }

    fn ranks(&self, compare: impl Fn(SeriesRef, SeriesRef) -> Ordering) -> Ranks {
        let sorted = if self.added.is_empty() { Vec::new() } else { self.merged(compare) };
        let all = if self.added.is_empty() { &self.sorted } else { &sorted };
        let n_places = all.iter().map(|series| series.place() + 1).max().unwrap_or(0);
        let mut rank = vec![0; n_places];
        for (idx, series) in all.iter().enumerate() {
            rank[series.place()] = idx as u32;
        }
        Ranks { sorted, rank }
    }

    /// Few series are added to many: each finds its place by bisection.
    fn merged(&self, compare: impl Fn(SeriesRef, SeriesRef) -> Ordering) -> Vec<SeriesRef> {
        let mut added = self.added.clone();
        model::sort::by(&mut added, |&a, &b| compare(a, b));
        let mut sorted = Vec::with_capacity(self.sorted.len() + added.len());
        let mut rest = &self.sorted[..];
        for series in added {
            let (before, after) = rest.split_at(rest.partition_point(|&other| compare(other, series).is_lt()));
            sorted.extend_from_slice(before);
            sorted.push(series);
            rest = after;
        }
        sorted.extend_from_slice(rest);
        sorted
    }

    /// Bytes of all this.
    pub(crate) fn bytes(&self) -> usize {
        let ranks = self.ranks.get().map_or(0, |ranks| heap::list(&ranks.sorted) + heap::list(&ranks.rank));
        heap::list(&self.sorted) + heap::list(&self.added) + ranks
    }
}
