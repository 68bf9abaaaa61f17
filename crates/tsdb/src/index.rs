//! Which series have which labels. Each pair of name and value stands here once, with the series that have it; a series
//! is a list of pairs.
//!
//! A label's text is many times as long as what tells it from others: of the series of a target, `instance` and `job` are the
//! same. With the text of its own beside it a series took 250 bytes of index.

use crate::heap;
use crate::slots::SeriesRef;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use model::Labels;
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};

/// Names a pair as long as a series has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PairId(u32);

impl PairId {
    /// Less than [`Index::n_pairs`].
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }
}

/// Names a label name as long as a pair has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NameId(u32);

#[derive(Debug)]
struct Pair {
    name: NameId,
    value: Box<str>,
    /// Sorted.
    series: Vec<SeriesRef>,
}

#[derive(Debug)]
struct Name {
    text: Box<str>,
    /// Unsorted.
    pairs: Vec<PairId>,
}

/// Invariant: a pair is in `by_text` and with its name as long as a series has it, then it is in `free_pairs`; names
/// likewise, as long as there is a pair.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pairs: Vec<Pair>,
    free_pairs: Vec<PairId>,
    by_text: HashTable<PairId>,
    names: Vec<Name>,
    free_names: Vec<NameId>,
    by_name: HashMap<Box<str>, NameId, FixedState>,
}

const HASH: FixedState = FixedState::with_seed(0);

fn hash_pair(name: NameId, value: &str) -> u64 {
    HASH.hash_one((name.0, value))
}

/// The hash of a series' pairs.
pub(crate) fn hash_pairs(pairs: impl Iterator<Item = PairId>) -> u64 {
    let mut hasher = HASH.build_hasher();
    pairs.for_each(|pair| hasher.write_u32(pair.0));
    hasher.finish()
}

impl Index {
    /// The pairs of labels as far as they are known; whether all of them are. `out` holds those of another series: of
    /// neighbours most are the same, so they are compared with these before they are looked up.
    pub(crate) fn find(&self, labels: &Labels, out: &mut Vec<Option<PairId>>) -> bool {
        let (mut n, mut is_whole) = (0, true);
        for (name, value) in labels {
            let near = out.get(n).copied().flatten().filter(|&pair| self.pair(pair) == (name, value));
            let pair = near.or_else(|| self.find_pair(name, value));
            is_whole &= pair.is_some();
            match out.get_mut(n) {
                Some(place) => *place = pair,
                None => out.push(pair),
            }
            n += 1;
        }
        out.truncate(n);
        is_whole
    }

    fn find_pair(&self, name: &str, value: &str) -> Option<PairId> {
        let name = *self.by_name.get(name)?;
        self.by_text.find(hash_pair(name, value), |&pair| self.is_pair(pair, name, value)).copied()
    }

    fn is_pair(&self, pair: PairId, name: NameId, value: &str) -> bool {
        self.pairs.get(pair.0 as usize).is_some_and(|pair| pair.name == name && *pair.value == *value)
    }

    /// The pairs of labels, of which these are known; the others are made, and wait for [`Index::add`].
    pub(crate) fn make(&mut self, labels: &Labels, known: &mut [Option<PairId>]) -> Box<[PairId]> {
        let pairs = labels.iter().zip(known);
        pairs.map(|((name, value), known)| *known.get_or_insert_with(|| self.make_pair(name, value))).collect()
    }

    fn make_pair(&mut self, name: &str, value: &str) -> PairId {
        let name = match self.by_name.get(name) {
            Some(&name) => name,
            None => self.make_name(name),
        };
        let pair = Pair { name, value: Box::from(value), series: Vec::new() };
        let id = match self.free_pairs.pop() {
            Some(id) => {
                self.pairs[id.0 as usize] = pair;
                id
            }
            None => {
                grow(&mut self.pairs);
                self.pairs.push(pair);
                PairId((self.pairs.len() - 1) as u32)
            }
        };
        let of_name = &mut self.names[name.0 as usize].pairs;
        grow(of_name);
        of_name.push(id);
        let pairs = &self.pairs;
        self.by_text.insert_unique(hash_pair(name, value), id, |pair| {
            let Pair { name, value, .. } = &pairs[pair.0 as usize];
            hash_pair(*name, value)
        });
        id
    }

    fn make_name(&mut self, text: &str) -> NameId {
        let name = Name { text: Box::from(text), pairs: Vec::new() };
        let id = match self.free_names.pop() {
            Some(id) => {
                self.names[id.0 as usize] = name;
                id
            }
            None => {
                self.names.push(name);
                NameId((self.names.len() - 1) as u32)
            }
        };
        self.by_name.insert(Box::from(text), id);
        id
    }

    /// Adds a series with these pairs.
    pub(crate) fn add(&mut self, series: SeriesRef, pairs: &[PairId]) {
        for pair in pairs {
            let Some(Pair { series: list, .. }) = self.pairs.get_mut(pair.0 as usize) else { continue };
            grow(list);
            // One that takes the place of another may come before others.
            let at = if list.last() < Some(&series) { list.len() } else { list.partition_point(|&one| one < series) };
            list.insert(at, series);
        }
    }

    /// Removes series, each with its pairs. Many at once, because a list of all series of a job is long.
    pub(crate) fn remove(&mut self, mut gone: Vec<(SeriesRef, Box<[PairId]>)>) {
        gone.sort_unstable_by_key(|(series, _)| *series);
        let mut touched: Vec<PairId> = gone.iter().flat_map(|(_, pairs)| pairs.iter().copied()).collect();
        touched.sort_unstable();
        touched.dedup();
        let mut names = Vec::new();
        let mut unused = Vec::new();
        for id in touched {
            let Some(pair) = self.pairs.get_mut(id.0 as usize) else { continue };
            if pair.series.len() > gone.len() {
                let mut rest = gone.iter().map(|(series, _)| *series).peekable();
                pair.series.retain(|&series| {
                    while rest.next_if(|&other| other < series).is_some() {}
                    rest.peek() != Some(&series)
                });
            } else {
                pair.series.retain(|series| gone.binary_search_by_key(series, |(series, _)| *series).is_err());
            }
            shrink(&mut pair.series);
            if pair.series.is_empty() {
                names.push(pair.name);
                unused.push(id);
            }
        }
        let Index { pairs, by_text, .. } = self;
        for id in &unused {
            let Some(pair) = pairs.get_mut(id.0 as usize) else { continue };
            if let Ok(entry) = by_text.find_entry(hash_pair(pair.name, &pair.value), |other| other == id) {
                entry.remove();
            }
            pair.value = Box::default();
        }
        names.sort_unstable();
        names.dedup();
        for id in names {
            let Some(name) = self.names.get_mut(id.0 as usize) else { continue };
            name.pairs.retain(|pair| unused.binary_search(pair).is_err());
            shrink(&mut name.pairs);
            if name.pairs.is_empty() {
                self.by_name.remove(&name.text);
                name.text = Box::default();
                self.free_names.push(id);
            }
        }
        self.free_pairs.extend(unused);
        self.tidy();
    }

    /// Drops unused pairs at the end, and spare room that is more than what is used.
    fn tidy(&mut self) {
        while self.pairs.pop_if(|pair| pair.series.is_empty()).is_some() {}
        self.free_pairs.retain(|pair| (pair.0 as usize) < self.pairs.len());
        // The first ones are taken first, so that the last ones become free.
        self.free_pairs.sort_unstable_by(|a, b| b.cmp(a));
        shrink(&mut self.free_pairs);
        shrink(&mut self.pairs);
        if self.by_text.capacity() > 4 * self.by_text.len() {
            let pairs = &self.pairs;
            self.by_text.shrink_to_fit(|pair| {
                let Pair { name, value, .. } = &pairs[pair.0 as usize];
                hash_pair(*name, value)
            });
        }
    }

    /// The name and the value of a pair.
    pub(crate) fn pair(&self, pair: PairId) -> (&str, &str) {
        let Some(pair) = self.pairs.get(pair.0 as usize) else { return ("", "") };
        (self.names.get(pair.name.0 as usize).map_or("", |name| &name.text), &pair.value)
    }

    /// The labels that pairs are.
    pub(crate) fn labels(&self, pairs: &[PairId]) -> Labels {
        // The pairs of a series are those of labels, in their order.
        Labels::from_sorted(pairs.iter().map(|&pair| self.pair(pair))).unwrap_or_default()
    }

    /// As the labels compare: pair by pair.
    pub(crate) fn compare(&self, a: &[PairId], b: &[PairId]) -> Ordering {
        match a.iter().zip(b).find(|(a, b)| a != b) {
            Some((&a, &b)) => self.pair(a).cmp(&self.pair(b)),
            None => a.len().cmp(&b.len()),
        }
    }

    /// A label name, if a series has it.
    pub(crate) fn name(&self, name: &str) -> Option<NameId> {
        self.by_name.get(name).copied()
    }

    /// Which of the pairs of a series has a name.
    pub(crate) fn with_name(&self, pairs: &[PairId], name: NameId) -> Option<PairId> {
        pairs.iter().copied().find(|pair| self.pairs.get(pair.0 as usize).is_some_and(|pair| pair.name == name))
    }

    /// More than the number of any pair.
    pub(crate) fn n_pairs(&self) -> usize {
        self.pairs.len()
    }

    /// The series with this pair.
    pub(crate) fn postings(&self, name: &str, value: &str) -> &[SeriesRef] {
        let pair = self.find_pair(name, value).and_then(|pair| self.pairs.get(pair.0 as usize));
        pair.map_or(&[], |pair| &pair.series)
    }

    /// All values of a label with their series, in no order.
    pub(crate) fn values_unsorted(&self, name: &str) -> impl Iterator<Item = (&str, &[SeriesRef])> {
        let name = self.name(name).and_then(|name| self.names.get(name.0 as usize));
        let pairs = name.into_iter().flat_map(|name| &name.pairs);
        pairs.filter_map(|pair| self.pairs.get(pair.0 as usize)).map(|pair| (&*pair.value, &*pair.series))
    }

    /// All label names, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_name.keys().map(|name| &**name).collect();
        model::sort::by(&mut names, Ord::cmp);
        names
    }

    /// Bytes of the places that wait for new pairs.
    pub(crate) fn free_bytes(&self) -> usize {
        self.free_pairs.len() * size_of::<Pair>()
    }

    /// Bytes of all this.
    pub(crate) fn bytes(&self) -> usize {
        let pairs = self.pairs.iter().map(|pair| heap::bytes(pair.value.len()) + heap::list(&pair.series));
        let names = self.names.iter().map(|name| 2 * heap::bytes(name.text.len()) + heap::list(&name.pairs));
        let tables = heap::table(self.by_text.capacity(), size_of::<PairId>())
            + heap::table(self.by_name.capacity(), size_of::<(Box<str>, NameId)>());
        let lists = heap::list(&self.pairs) + heap::list(&self.free_pairs) + heap::list(&self.names);
        pairs.sum::<usize>() + names.sum::<usize>() + tables + lists
    }
}

/// Room for one more, and a quarter: as often as lists grow twice as much, a third of them would be spare room.
fn grow<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 4).max(3));
    }
}

/// Gives back spare room that is more than what is used.
fn shrink<T>(list: &mut Vec<T>) {
    if list.capacity() > 2 * list.len() + 4 {
        list.shrink_to_fit();
    }
}
