//! The place of each series among all, sorted by labels: so a selection is sorted by numbers.
//!
//! To sort the 2,000 series of a metric by their labels took 0.6 ms; to find them and sort them by their places takes
//! 0.02 ms.

use crate::head::SeriesRef;
use model::Labels;
use std::sync::OnceLock;

/// Knows the order at the first question after series were added, so that a scrape of new ones does not wait for it.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Sorted by labels, without those of `added`.
    sorted: Vec<SeriesRef>,
    added: Vec<SeriesRef>,
    places: OnceLock<Places>,
}

#[derive(Debug, Default)]
struct Places {
    /// All series, sorted by labels.
    sorted: Vec<SeriesRef>,
    /// The index in `sorted`, by reference.
    place: Vec<u32>,
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
    }

    /// Sorts series by their labels.
    pub(crate) fn sort<'a>(&self, found: &mut [SeriesRef], labels: impl Fn(SeriesRef) -> Option<&'a Labels>) {
        let places = self.places.get_or_init(|| self.merged(labels));
        found.sort_unstable_by_key(|series| places.place.get(series.0 as usize));
    }

    /// Takes over what the last question worked out.
    fn settle(&mut self) {
        if let Some(places) = self.places.take() {
            self.sorted = places.sorted;
            self.added.clear();
        }
    }

    /// Few series are added to many: each finds its place by bisection.
    fn merged<'a>(&self, labels: impl Fn(SeriesRef) -> Option<&'a Labels>) -> Places {
        let mut added = self.added.clone();
        model::sort::by(&mut added, |&a, &b| labels(a).cmp(&labels(b)));
        let mut sorted = Vec::with_capacity(self.sorted.len() + added.len());
        let mut rest = &self.sorted[..];
        for series in added {
            let own = labels(series);
            let (before, after) = rest.split_at(rest.partition_point(|&other| labels(other) < own));
            sorted.extend_from_slice(before);
            sorted.push(series);
            rest = after;
        }
        sorted.extend_from_slice(rest);
        let n_refs = sorted.iter().map(|series| series.0 as usize + 1).max().unwrap_or(0);
        let mut place = vec![0; n_refs];
        for (idx, series) in sorted.iter().enumerate() {
            place[series.0 as usize] = idx as u32;
        }
        Places { sorted, place }
    }
}
