//! The series that are known to the disk: each has a number that stays, whatever the store calls it after a restart.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::Labels;
use tsdb::{Head, SeriesRef};

/// Stands for the series files in place of a segment.
pub(crate) const IN_FILE: u32 = u32::MAX;
/// Stands for no segment: they are numbered from 1.
const NOWHERE: u32 = 0;

/// What is known of a series.
#[derive(Clone, Debug)]
pub(crate) struct KnownSeries {
    /// Its number on the disk.
    pub(crate) number: u32,
    /// The segment that names it, or [`IN_FILE`].
    pub(crate) named_in: u32,
    /// The segment that the next two are about.
    segment: u32,
    /// The bits of its last float there; at first 0.
    pub(crate) last_bits: u64,
    /// The start of its last float there, 0 where that is not known.
    pub(crate) last_start: i64,
    /// The time of its newest sample in a block.
    pub(crate) in_block: i64,
    /// It may have newer samples.
    pub(crate) is_dirty: bool,
}

/// The series by their places in the store.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_ref: HashMap<SeriesRef, KnownSeries, FixedState>,
    next_number: u32,
}

impl Known {
    /// Nothing is known; numbers begin here.
    pub(crate) fn new(next_number: u32) -> Self {
        Known { by_ref: HashMap::default(), next_number }
    }

    /// Adds a series that the disk has. One with several numbers keeps the last.
    pub(crate) fn insert(&mut self, series: SeriesRef, number: u32, is_in_file: bool, in_block: i64, is_dirty: bool) {
        let named_in = if is_in_file { IN_FILE } else { NOWHERE };
        let before = self.by_ref.get(&series);
        let is_dirty = is_dirty || before.is_some_and(|before| before.is_dirty);
        let in_block = before.map_or(in_block, |before| before.in_block.max(in_block));
        let one = KnownSeries { number, named_in, segment: NOWHERE, last_bits: 0, last_start: 0, in_block, is_dirty };
        self.by_ref.insert(series, one);
    }

    /// The series, which has samples that no block has; `None` if the store does not have it.
    #[inline]
    pub(crate) fn touch(&mut self, series: SeriesRef, head: &Head) -> Option<&mut KnownSeries> {
        let entry = match self.by_ref.entry(series) {
            hashbrown::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            hashbrown::hash_map::Entry::Vacant(entry) => {
                if !head.contains(series) {
                    return None;
                }
                let number = self.next_number;
                self.next_number = number.checked_add(1)?;
                entry.insert(KnownSeries {
                    number,
                    named_in: NOWHERE,
                    segment: NOWHERE,
                    last_bits: 0,
                    last_start: 0,
                    in_block: i64::MIN,
                    is_dirty: true,
                })
            }
        };
        entry.is_dirty = true;
        Some(entry)
    }

    /// The series for a sample in a segment, which from then on names it.
    #[inline]
    pub(crate) fn entry<'a>(
        &mut self,
        series: SeriesRef,
        segment: u32,
        head: &'a Head,
        new: &mut Vec<(u32, &'a Labels)>,
    ) -> Option<&mut KnownSeries> {
        let entry = self.touch(series, head)?;
        if entry.segment != segment {
            if entry.named_in != IN_FILE && entry.named_in != segment {
                new.push((entry.number, head.labels(series)?));
                entry.named_in = segment;
            }
            (entry.segment, entry.last_bits, entry.last_start) = (segment, 0, 0);
        }
        Some(entry)
    }

    /// The number of a series that has one.
    pub(crate) fn number(&self, series: SeriesRef) -> Option<u32> {
        Some(self.by_ref.get(&series)?.number)
    }

    /// The series, if it has a number.
    pub(crate) fn get_mut(&mut self, series: SeriesRef) -> Option<&mut KnownSeries> {
        self.by_ref.get_mut(&series)
    }

    /// The series that are wanted, sorted by their numbers.
    pub(crate) fn sorted(&self, wanted: impl Fn(&KnownSeries) -> bool) -> Vec<(u32, SeriesRef)> {
        let mut found: Vec<_> =
            self.by_ref.iter().filter(|(_, one)| wanted(one)).map(|(&series, one)| (one.number, series)).collect();
        found.sort_unstable();
        found
    }

    /// Forgets the series that the store has not.
    pub(crate) fn prune(&mut self, head: &Head) {
        self.by_ref.retain(|&series, _| head.contains(series));
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.by_ref.len()
    }

    /// Forgets all of them. Their numbers are not used again.
    pub(crate) fn clear(&mut self) {
        self.by_ref.clear();
    }
}
