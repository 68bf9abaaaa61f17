//! The series by reference. The place of a series that went is taken by a new one, under another reference.
//!
//! Where targets come and go, a day brings half a million series of which few are there at a time. Their places must be
//! used again, and no reference may ever mean two series: whoever wrote one down, as the log does, would mix them up.

use crate::heap;
use crate::index::PairId;
use crate::series::Series;

/// Names a series of a [`Head`](crate::Head). A reference is never used again for another series.
///
/// The low bits are a place, the high ones count the series that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesRef(pub u32);

/// Two million places: the default limit is one million series.
const PLACE_BITS: u32 = 21;
/// A place whose references are used up stays empty; at one series an hour that takes three months.
const MAX_TURN: u32 = u32::MAX >> PLACE_BITS;

impl SeriesRef {
    fn new(turn: u32, place: usize) -> Option<Self> {
        (turn <= MAX_TURN && place < 1 << PLACE_BITS).then_some(SeriesRef(turn << PLACE_BITS | place as u32))
    }

    /// Its place: small numbers, to index lists by.
    #[inline]
    pub(crate) fn place(self) -> usize {
        (self.0 & ((1 << PLACE_BITS) - 1)) as usize
    }

    fn turn(self) -> u32 {
        self.0 >> PLACE_BITS
    }
}

#[derive(Debug)]
enum Slot {
    Used(Series),
    /// The reference of the next series that comes here, if there is one left.
    Free(Option<SeriesRef>),
}

/// Invariant: a slot's series knows the reference under which it is found here; `free` lists the slots that are free and
/// have a reference left.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// The turn of places behind the last one: those that were there before had smaller ones.
    next_turn: u32,
}

impl Slots {
    /// A place for a series with these pairs, which come back if all references are used up.
    pub(crate) fn add(&mut self, pairs: Box<[PairId]>) -> Result<SeriesRef, Box<[PairId]>> {
        while let Some(place) = self.free.pop() {
            // Places at the end may be gone.
            if let Some(slot) = self.slots.get_mut(place as usize)
                && let Slot::Free(Some(own)) = *slot
            {
                *slot = Slot::Used(Series::new(own, pairs));
                return Ok(own);
            }
        }
        let Some(own) = SeriesRef::new(self.next_turn, self.slots.len()) else { return Err(pairs) };
        if self.slots.len() == self.slots.capacity() {
            // Twice as many would be a lot of spare room: a slot is as large as many a series' samples.
            self.slots.reserve_exact((self.slots.len() / 8).max(64));
        }
        self.slots.push(Slot::Used(Series::new(own, pairs)));
        Ok(own)
    }

    #[inline]
    pub(crate) fn get(&self, series: SeriesRef) -> Option<&Series> {
        match self.slots.get(series.place()) {
            Some(Slot::Used(found)) if found.own == series => Some(found),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, series: SeriesRef) -> Option<&mut Series> {
        match self.slots.get_mut(series.place()) {
            Some(Slot::Used(found)) if found.own == series => Some(found),
            _ => None,
        }
    }

    /// In the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Series> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Used(series) => Some(series),
            Slot::Free(_) => None,
        })
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Series> {
        self.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Used(series) => Some(series),
            Slot::Free(_) => None,
        })
    }

    /// Takes out the series that are to go.
    pub(crate) fn remove_if(&mut self, is_gone: impl Fn(&Series) -> bool) -> Vec<Series> {
        let mut gone = Vec::new();
        for slot in &mut self.slots {
            if let Slot::Used(series) = slot
                && is_gone(series)
            {
                let next = SeriesRef::new(series.own.turn() + 1, series.own.place());
                if let Slot::Used(series) = std::mem::replace(slot, Slot::Free(next)) {
                    gone.push(series);
                }
            }
        }
        if !gone.is_empty() {
            self.tidy();
        }
        gone
    }

    /// Drops everything; references go on.
    pub(crate) fn clear(&mut self) {
        drop(self.remove_if(|_| true));
    }

    /// Drops free places at the end, and spare room that is more than what is used.
    fn tidy(&mut self) {
        while let Some(Slot::Free(next)) = self.slots.last() {
            self.next_turn = self.next_turn.max(next.map_or(MAX_TURN + 1, SeriesRef::turn));
            self.slots.pop();
        }
        self.free.clear();
        let has_next = self.slots.iter().enumerate().filter(|(_, slot)| matches!(slot, Slot::Free(Some(_))));
        // The first places are taken first, so that the last ones become free.
        self.free.extend(has_next.map(|(place, _)| place as u32).rev());
        self.free.shrink_to(2 * self.free.len());
        self.slots.shrink_to(self.slots.len() + self.slots.len() / 8);
    }

    /// Bytes of the places that wait for new series: one series at the end holds all places before it.
    pub(crate) fn free_bytes(&self) -> usize {
        self.free.len() * size_of::<Slot>()
    }

    /// Bytes of the places without what the series hold.
    pub(crate) fn bytes(&self) -> usize {
        heap::list(&self.slots) + heap::list(&self.free)
    }
}
