//! The times of floats, kept once for all series that have the same ones: those of a scrape.
//!
//! While a series is written, its newest times are the first few of a [`Track`], which other series follow as well. A series
//! that leaves the common rhythm gets a track of its own. What is sealed shares [`Times`]: whoever seals the same times
//! after the same ones gets the same list. That brings times from eight bytes a sample to a hundredth of one.

use crate::codec;
use crate::heap;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::sync::{Arc, Weak};

/// Sealed times.
#[derive(Debug)]
pub(crate) struct Times {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) len: usize,
    bytes: Box<[u8]>,
}

impl Times {
    fn new(ts: &[i64]) -> Self {
        let mut bytes = Vec::new();
        codec::encode_times(ts, &mut bytes);
        let (first, last) = (ts.first().copied().unwrap_or(0), ts.last().copied().unwrap_or(0));
        Times { first, last, len: ts.len(), bytes: bytes.into() }
    }

    /// The bytes of times, of which there is at least one.
    pub(crate) fn encode(ts: &[i64], out: &mut Vec<u8>) {
        codec::encode_times(ts, out);
    }

    /// Times from bytes; `None` if these are no so many times, each later than the one before.
    pub(crate) fn from_bytes(bytes: &[u8], len: usize) -> Option<Self> {
        if len == 0 || !codec::is_whole_times(bytes, len) {
            return None;
        }
        let mut ts = Vec::with_capacity(len);
        codec::decode_times(bytes, len, &mut ts);
        let (&first, &last) = (ts.first()?, ts.last()?);
        (ts.len() == len && ts.is_sorted_by(|a, b| a < b)).then(|| Times { first, last, len, bytes: bytes.into() })
    }

    /// Appends all of them.
    pub(crate) fn decode(&self, out: &mut Vec<i64>) {
        codec::decode_times(&self.bytes, self.len, out);
    }
}

/// Times that are still written, of one or more series, which know how many of them are theirs.
#[derive(Debug, Default)]
struct Track {
    ts: Vec<i64>,
    n_users: usize,
}

/// Names a [`Track`]; no longer after the last [`Tracks::leave`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrackRef(u32);

/// The first and the last time of a list, and how many they are.
type Outline = (i64, i64, usize);

/// Invariant: a track with users is listed under its first time, one without is in `free`.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    tracks: Vec<Track>,
    free: Vec<TrackRef>,
    by_first: HashMap<i64, Vec<TrackRef>, FixedState>,
    /// The lists with an outline, whoever uses them.
    sealed: HashMap<Outline, Vec<Weak<Times>>, FixedState>,
    /// At so many outlines those that nobody uses are looked for.
    next_sweep: usize,
    /// The times that were sealed last, those before them and those that were added: the next series asks for the same.
    newest: (Weak<Times>, Weak<Times>, Vec<i64>),
    /// Room for the comparison of sealed times: the wanted ones and others.
    scratch: (Vec<i64>, Vec<i64>),
}

/// So many tracks with the same first time are looked at: more are rare, and another track is no harm.
const MAX_CANDIDATES: usize = 16;

impl Tracks {
    /// The first `n` times of a track.
    pub(crate) fn ts(&self, track: TrackRef, n: usize) -> &[i64] {
        self.tracks.get(track.0 as usize).and_then(|track| track.ts.get(..n)).unwrap_or(&[])
    }

    /// A track that begins with these times (at least one), for another user.
    pub(crate) fn join(&mut self, ts: &[i64]) -> TrackRef {
        let Some(&first) = ts.first() else { return TrackRef(u32::MAX) };
        let candidates = self.by_first.entry(first).or_default();
        for &candidate in candidates.iter().rev().take(MAX_CANDIDATES) {
            if let Some(track) = self.tracks.get_mut(candidate.0 as usize)
                && track.ts.starts_with(ts)
            {
                track.n_users += 1;
                return candidate;
            }
        }
        let new = self.free.pop().unwrap_or_else(|| {
            self.tracks.push(Track::default());
            TrackRef((self.tracks.len() - 1) as u32)
        });
        candidates.push(new);
        if let Some(track) = self.tracks.get_mut(new.0 as usize) {
            track.ts.clear();
            track.ts.extend_from_slice(ts);
            track.n_users = 1;
        }
        new
    }

    /// A user less.
    pub(crate) fn leave(&mut self, track: TrackRef) {
        let Some(slot) = self.tracks.get_mut(track.0 as usize) else { return };
        slot.n_users -= 1;
        if slot.n_users > 0 {
            return;
        }
        if let Some(first) = slot.ts.first()
            && let Some(list) = self.by_first.get_mut(first)
        {
            list.retain(|&other| other != track);
            if list.is_empty() {
                self.by_first.remove(first);
            }
        }
        slot.ts = Vec::new();
        self.free.push(track);
    }

    /// Adds a time to the first `n` (at least one) of a user, who may then be on another track.
    #[inline]
    pub(crate) fn push(&mut self, track: TrackRef, n: usize, t: i64) -> TrackRef {
        if let Some(slot) = self.tracks.get_mut(track.0 as usize) {
            match slot.ts.get(n) {
                Some(&next) if next == t => return track,
                None => {
                    slot.ts.push(t);
                    return track;
                }
                Some(_) => {}
            }
        }
        let mut ts = self.ts(track, n).to_vec();
        ts.push(t);
        self.leave(track);
        self.join(&ts)
    }

    /// The sealed times that are those before and those added (at least one).
    pub(crate) fn seal(&mut self, before: Option<&Arc<Times>>, added: &[i64]) -> Arc<Times> {
        let before_it = before.map_or_else(Weak::new, Arc::downgrade);
        let (newest, before_newest, added_last) = &self.newest;
        if before_newest.ptr_eq(&before_it)
            && added_last == added
            && let Some(newest) = newest.upgrade()
        {
            return newest;
        }
        let times = self.sealed(before.map(|before| &**before), added);
        let (newest, before_newest, added_last) = &mut self.newest;
        (*newest, *before_newest) = (Arc::downgrade(&times), before_it);
        added_last.clear();
        added_last.extend_from_slice(added);
        times
    }

    /// Sealed times that came from elsewhere, to be shared like others.
    pub(crate) fn adopt(&mut self, times: Times) -> Arc<Times> {
        let list = self.sealed.entry((times.first, times.last, times.len)).or_default();
        let known = list.iter().rev().take(MAX_CANDIDATES).filter_map(Weak::upgrade).find(|k| k.bytes == times.bytes);
        known.unwrap_or_else(|| {
            let times = Arc::new(times);
            list.push(Arc::downgrade(&times));
            times
        })
    }

    fn sealed(&mut self, before: Option<&Times>, added: &[i64]) -> Arc<Times> {
        let (ts, other) = &mut self.scratch;
        ts.clear();
        if let Some(before) = before {
            before.decode(ts);
        }
        ts.extend_from_slice(added);
        let outline = (ts.first().copied().unwrap_or(0), ts.last().copied().unwrap_or(0), ts.len());
        if self.sealed.len() >= self.next_sweep {
            sweep(&mut self.sealed);
            self.next_sweep = (2 * self.sealed.len()).max(64);
        }
        let list = self.sealed.entry(outline).or_default();
        for known in list.iter().rev().take(MAX_CANDIDATES).filter_map(Weak::upgrade) {
            other.clear();
            known.decode(other);
            if ts == other {
                return known;
            }
        }
        list.retain(|known| known.strong_count() > 0);
        let new = Arc::new(Times::new(ts));
        list.push(Arc::downgrade(&new));
        new
    }

    /// Forgets what nobody uses.
    pub(crate) fn sweep(&mut self) {
        sweep(&mut self.sealed);
    }

    /// As how many bytes times are sealed.
    pub(crate) fn n_sealed_bytes(&self) -> usize {
        self.sealed.values().flatten().filter_map(Weak::upgrade).map(|times| times.bytes.len()).sum()
    }

    /// Bytes of all times, each once.
    pub(crate) fn bytes(&self) -> usize {
        let open = self.tracks.iter().map(|track| heap::list(&track.ts));
        let candidates = self.by_first.values().map(heap::list);
        let lists = self.sealed.values().map(heap::list);
        let sealed = self.sealed.values().flatten().filter_map(Weak::upgrade);
        // Two counts of references are in front of each.
        let sealed = sealed
            .map(|times| heap::bytes(size_of::<Times>() + 2 * size_of::<usize>()) + heap::bytes(times.bytes.len()));
        let tables = heap::table(self.by_first.capacity(), size_of::<(i64, Vec<TrackRef>)>())
            + heap::table(self.sealed.capacity(), size_of::<(Outline, Vec<Weak<Times>>)>());
        let scratch = heap::list(&self.scratch.0) + heap::list(&self.scratch.1) + heap::list(&self.newest.2);
        let all = heap::list(&self.tracks) + heap::list(&self.free) + tables + scratch;
        all + open.sum::<usize>() + candidates.sum::<usize>() + lists.sum::<usize>() + sealed.sum::<usize>()
    }
}

fn sweep(sealed: &mut HashMap<Outline, Vec<Weak<Times>>, FixedState>) {
    sealed.retain(|_, list| {
        list.retain(|times| times.strong_count() > 0);
        !list.is_empty()
    });
}

/// Room for what is decoded while many series are read one after the other. Those of a target have the same times, which
/// are decoded once.
#[derive(Debug, Default)]
pub struct Scratch {
    times: Vec<(Arc<Times>, Vec<i64>)>,
    next: usize,
    vs: Vec<f64>,
}

/// More than the chunks of a day, so that the next series finds all of them.
const MAX_DECODED: usize = 24;

impl Scratch {
    /// The times, and room for values.
    pub(crate) fn times(&mut self, times: &Arc<Times>) -> (&[i64], &mut Vec<f64>) {
        let known = self.times.iter().position(|(known, _)| Arc::ptr_eq(known, times));
        let idx = known.unwrap_or_else(|| {
            let idx = self.next % MAX_DECODED;
            self.next = idx + 1;
            if idx == self.times.len() {
                self.times.push((Arc::clone(times), Vec::new()));
            }
            if let Some((known, ts)) = self.times.get_mut(idx) {
                *known = Arc::clone(times);
                ts.clear();
                times.decode(ts);
            }
            idx
        });
        self.vs.clear();
        (self.times.get(idx).map_or(&[], |(_, ts)| ts), &mut self.vs)
    }
}
