//! Exemplars of all series: a ring of the newest ones, as in Prometheus.

use crate::head::Head;
use crate::slots::SeriesRef;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Exemplar, Labels, Timestamp};
use std::collections::VecDeque;

/// At most so many are kept: some megabytes, and more than a graph shows.
const MAX_EXEMPLARS: usize = 10_000;

/// An exemplar with its series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesExemplar {
    /// Its series.
    pub series: SeriesRef,
    /// Its own time, or that of the sample that it came with.
    pub at: Timestamp,
    /// The exemplar.
    pub exemplar: Exemplar,
}

/// Invariant: `newest` names for each series with an exemplar in the ring the last one, by its number.
#[derive(Debug, Default)]
pub(crate) struct Exemplars {
    ring: VecDeque<SeriesExemplar>,
    /// How many have left the ring: the number of its first one.
    n_gone: u64,
    newest: HashMap<SeriesRef, u64, FixedState>,
}

impl Exemplars {
    /// Adds one, if it is another than the newest of its series and not older. Exporters repeat theirs at each scrape.
    fn add(&mut self, one: SeriesExemplar) -> bool {
        if let Some(last) =
            self.newest.get(&one.series).and_then(|number| self.ring.get((number - self.n_gone) as usize))
        {
            let same = one.exemplar.v.to_bits() == last.exemplar.v.to_bits()
                && one.exemplar.labels == last.exemplar.labels
                && one.exemplar.t == last.exemplar.t;
            if same || one.at < last.at {
                return false;
            }
        }
        if self.ring.len() >= MAX_EXEMPLARS
            && let Some(oldest) = self.ring.pop_front()
        {
            if self.newest.get(&oldest.series) == Some(&self.n_gone) {
                self.newest.remove(&oldest.series);
            }
            self.n_gone += 1;
        }
        self.newest.insert(one.series, self.n_gone + self.ring.len() as u64);
        self.ring.push_back(one);
        true
    }

    /// Forgets those of series that are not to be kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(SeriesRef) -> bool) {
        if self.newest.keys().all(|&series| keep(series)) {
            return;
        }
        self.ring.retain(|one| keep(one.series));
        self.newest.clear();
        for (number, one) in (self.n_gone..).zip(&self.ring) {
            self.newest.insert(one.series, number);
        }
    }

    /// Bytes, estimated.
    pub(crate) fn bytes(&self) -> usize {
        let each = size_of::<SeriesExemplar>() + size_of::<(SeriesRef, u64)>() + 16;
        self.ring.iter().map(|one| each + one.exemplar.labels.byte_len()).sum()
    }
}

impl Head {
    /// Keeps an exemplar; `at` is the time of its sample, which is its own if it has none. Returns whether it is a new one.
    pub fn append_exemplar(&mut self, series: SeriesRef, exemplar: Exemplar, at: Timestamp) -> bool {
        if !self.contains(series) {
            return false;
        }
        let one = SeriesExemplar { series, at: exemplar.t.unwrap_or(at), exemplar };
        let copy = self.recorded.is_some().then(|| one.clone());
        let is_new = self.exemplars.add(one);
        if let (true, Some(recorded), Some(copy)) = (is_new, &mut self.recorded, copy) {
            recorded.exemplars.push(copy);
        }
        is_new
    }

    /// The newest exemplars with the labels of their series, in the order in which they came.
    pub fn exemplars(&self) -> impl Iterator<Item = (&Labels, &SeriesExemplar)> {
        self.exemplars.ring.iter().filter_map(|one| Some((self.labels(one.series)?, one)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::HeadOptions;

    #[test]
    fn each_is_kept_once_and_the_newest_stay() {
        let mut head = Head::new(HeadOptions::default());
        let labels = |idx: usize| Labels::from_pairs([("__name__", "m".to_owned()), ("idx", idx.to_string())]);
        let series: Vec<_> = (0..3).map(|idx| head.get_or_create(&labels(idx)).expect("room")).collect();
        let exemplar = |v: f64| Exemplar { labels: Labels::from_pairs([("trace_id", "x")]), v, t: None };
        assert!(head.append_exemplar(series[0], exemplar(1.0), Timestamp(10)));
        assert!(!head.append_exemplar(series[0], exemplar(1.0), Timestamp(20)), "the same again");
        assert!(!head.append_exemplar(series[0], exemplar(2.0), Timestamp(5)), "older");
        assert!(head.append_exemplar(series[1], exemplar(1.0), Timestamp(5)), "of another series");
        for n in 0..2 * MAX_EXEMPLARS {
            assert!(head.append_exemplar(series[2], exemplar(n as f64), Timestamp(n as i64)));
        }
        assert_eq!(head.exemplars().count(), MAX_EXEMPLARS);
        let (of, last) = head.exemplars().last().expect("some");
        assert_eq!((of, last.exemplar.v), (&labels(2), (2 * MAX_EXEMPLARS - 1) as f64));
        assert!(!head.append_exemplar(SeriesRef(77), exemplar(1.0), Timestamp(10)));
    }
}
