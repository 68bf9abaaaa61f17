//! Numbers series by a part of their labels: groups, signatures of a join, histograms.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use model::{Labels, LabelsText};
use std::hash::BuildHasher;

/// The distinct parts seen so far, in the order in which they came. A part that is known costs no allocation.
#[derive(Default)]
pub(crate) struct Keys {
    labels: Vec<Labels>,
    numbers: HashTable<usize>,
    hasher: FixedState,
    text: LabelsText,
}

impl Keys {
    /// The number of the labels whose names are wanted; a new one is the number of keys before.
    pub(crate) fn number(&mut self, labels: &Labels, wanted: impl FnMut(&str) -> bool) -> usize {
        let Keys { labels: known, numbers, hasher, text } = self;
        text.set_only(labels, wanted);
        let found = numbers.entry(hasher.hash_one(&*text), |&n| *text == known[n], |&n| hasher.hash_one(&known[n]));
        *found
            .or_insert_with(|| {
                known.push(text.to_labels());
                known.len() - 1
            })
            .get()
    }

    /// The keys by their numbers.
    pub(crate) fn into_labels(self) -> Vec<Labels> {
        self.labels
    }
}
