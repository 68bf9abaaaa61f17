//! Which series have which labels: a sorted list of series for each pair.

use crate::head::SeriesRef;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::Labels;

type Values = HashMap<Box<str>, Vec<SeriesRef>, FixedState>;

/// Invariant: each list is sorted and holds each series once, because references only grow; no list and
/// no map of values is empty.
#[derive(Debug, Default)]
pub(crate) struct Index {
    names: HashMap<Box<str>, Values, FixedState>,
}

impl Index {
    /// Adds a series, whose reference is greater than all before.
    pub(crate) fn add(&mut self, series: SeriesRef, labels: &Labels) {
        for (name, value) in labels {
            let values = match self.names.get_mut(name) {
                Some(values) => values,
                None => self.names.entry(Box::from(name)).or_default(),
            };
            match values.get_mut(value) {
                Some(list) => list.push(series),
                None => {
                    values.insert(Box::from(value), vec![series]);
                }
            }
        }
    }

    /// Removes a series.
    pub(crate) fn remove(&mut self, series: SeriesRef, labels: &Labels) {
        for (name, value) in labels {
            let Some(values) = self.names.get_mut(name) else { continue };
            if let Some(list) = values.get_mut(value) {
                if let Ok(idx) = list.binary_search(&series) {
                    list.remove(idx);
                }
                if list.is_empty() {
                    values.remove(value);
                }
            }
            if values.is_empty() {
                self.names.remove(name);
            }
        }
    }

    /// The series with this pair.
    pub(crate) fn postings(&self, name: &str, value: &str) -> &[SeriesRef] {
        self.names.get(name).and_then(|values| values.get(value)).map_or(&[], Vec::as_slice)
    }

    /// All values of a label with their series, in no order.
    pub(crate) fn values_unsorted(&self, name: &str) -> impl Iterator<Item = (&str, &[SeriesRef])> {
        self.names.get(name).into_iter().flatten().map(|(value, list)| (&**value, list.as_slice()))
    }

    /// All label names, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.keys().map(|name| &**name).collect();
        model::sort::by(&mut names, Ord::cmp);
        names
    }
}
