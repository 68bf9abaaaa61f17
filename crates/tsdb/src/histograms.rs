//! The native histograms of a series: the newest as they are, older ones sealed in chunks of bytes.
//!
//! A histogram of 40 buckets takes 850 bytes as it is and some 60 in a chunk; a day of a hundred series at 15 s would be
//! half a gigabyte, and is 35 MB. To decode one takes 0.7 µs, most of it to make the list of its buckets
//! (`cargo bench -p tsdb --bench seal`).

use crate::bytes::Reader;
use crate::chunk::{ChunkSizes, within};
use crate::codec::{decode_histogram, encode_histogram};
use crate::heap;
use crate::series::{HistogramBuf, copy_starts};
use crate::times::{Scratch, Times, Tracks};
use model::{Bucket, Histogram, TimeRange};
use std::sync::Arc;

/// Histograms that change no more, each written against the one before.
#[derive(Debug)]
struct Sealed {
    times: Arc<Times>,
    bytes: Box<[u8]>,
    /// Empty if no start is known.
    starts: Box<[i64]>,
}

/// Invariant: times are strictly increasing over all chunks and the open ones, no chunk is empty, and at least one
/// histogram is open.
#[derive(Debug, Default)]
pub(crate) struct Histograms {
    sealed: Vec<Sealed>,
    open: HistogramBuf,
}

impl Histograms {
    /// Appends a histogram that is newer than the last one.
    pub(crate) fn push(&mut self, tracks: &mut Tracks, sizes: &ChunkSizes, t: i64, h: Arc<Histogram>, start: i64) {
        if self.open.len() >= sizes.open {
            self.seal(tracks, sizes.sealed_at_once);
        }
        self.open.push(t, h, start);
    }

    /// Whether some are open that need not be.
    pub(crate) fn is_open(&self) -> bool {
        self.open.len() > 1
    }

    /// Seals all but the last one of a series that ended.
    pub(crate) fn rest(&mut self, tracks: &mut Tracks) {
        if self.open.len() > 1 {
            self.seal(tracks, self.open.len() - 1);
            self.open.ts.shrink_to_fit();
            self.open.hs.shrink_to_fit();
        }
    }

    /// Seals the oldest of the open ones.
    fn seal(&mut self, tracks: &mut Tracks, n: usize) {
        let n = n.clamp(1, self.open.len().max(1));
        let times = tracks.seal(None, self.open.ts.get(..n).unwrap_or(&[]));
        let mut bytes = Vec::new();
        let mut before: Option<&Histogram> = None;
        for h in self.open.hs.iter().take(n) {
            encode_histogram(h, before, &mut bytes);
            before = Some(h);
        }
        let starts = self.open.starts.get(..n).filter(|starts| starts.iter().any(|&start| start != 0));
        let starts = starts.unwrap_or(&[]).into();
        self.sealed.reserve_exact(1);
        self.sealed.push(Sealed { times, bytes: bytes.into(), starts });
        self.open.drop_first(n);
    }

    /// The newest one.
    pub(crate) fn last(&self) -> Option<(i64, &Arc<Histogram>)> {
        Some((*self.open.ts.last()?, self.open.hs.last()?))
    }

    /// The times of the oldest and the newest one.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let first = self.sealed.first().map(|sealed| sealed.times.first).or(self.open.ts.first().copied())?;
        Some((first, *self.open.ts.last()?))
    }

    /// Whether one lies in the range.
    pub(crate) fn overlaps(&self, range: TimeRange, scratch: &mut Scratch) -> bool {
        let is_in = |ts: &[i64]| {
            let (from, to) = within(ts, range);
            from < to
        };
        is_in(&self.open.ts) || self.sealed_in(range).any(|sealed| is_in(scratch.times(&sealed.times).0))
    }

    /// The chunks that may have some of a range.
    fn sealed_in(&self, range: TimeRange) -> impl Iterator<Item = &Sealed> {
        let from = self.sealed.partition_point(|sealed| sealed.times.last < range.start.0);
        let later = self.sealed.get(from..).unwrap_or(&[]).iter();
        later.take_while(move |sealed| sealed.times.first <= range.end.0)
    }

    /// Appends those of a range to `out`.
    pub(crate) fn read(&self, range: TimeRange, out: &mut HistogramBuf) {
        for sealed in self.sealed_in(range) {
            let mut ts = Vec::with_capacity(sealed.times.len);
            sealed.times.decode(&mut ts);
            let (from, to) = within(&ts, range);
            copy_starts(&sealed.starts, from, to, &mut out.starts, out.ts.len());
            let mut reader = Reader::new(&sealed.bytes);
            let mut before: Option<Arc<Histogram>> = None;
            for (idx, &t) in ts.iter().enumerate().take(to) {
                let Some(h) = decode_histogram(&mut reader, before.as_deref()) else { break };
                let h = Arc::new(h);
                if idx >= from {
                    out.ts.push(t);
                    out.hs.push(Arc::clone(&h));
                }
                before = Some(h);
            }
        }
        let (from, to) = within(&self.open.ts, range);
        if from < to {
            copy_starts(&self.open.starts, from, to, &mut out.starts, out.ts.len());
            out.ts.extend_from_slice(&self.open.ts[from..to]);
            out.hs.extend_from_slice(&self.open.hs[from..to]);
        }
    }

    /// Drops whole chunks that end before a time, and open ones before it. Returns how many went, and whether none is left.
    pub(crate) fn truncate(&mut self, before: i64) -> (usize, bool) {
        let n_chunks = self.sealed.partition_point(|sealed| sealed.times.last < before);
        let mut dropped: usize = self.sealed.drain(..n_chunks).map(|sealed| sealed.times.len).sum();
        // Open ones are newer than all that is sealed.
        let n = self.open.ts.partition_point(|&t| t < before);
        self.open.drop_first(n);
        dropped += n;
        (dropped, self.open.is_empty())
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.sealed.iter().map(|sealed| sealed.times.len).sum::<usize>() + self.open.len()
    }

    /// Bytes without the times of chunks.
    pub(crate) fn bytes(&self) -> usize {
        let sealed = |one: &Sealed| heap::bytes(one.bytes.len()) + heap::bytes(8 * one.starts.len());
        heap::list(&self.sealed)
            + self.sealed.iter().map(sealed).sum::<usize>()
            + heap::list(&self.open.ts)
            + heap::list(&self.open.hs)
            + heap::list(&self.open.starts)
            + self.open.hs.iter().map(|h| histogram_bytes(h)).sum::<usize>()
    }
}

/// What an open histogram takes beside its place in the list.
fn histogram_bytes(h: &Histogram) -> usize {
    let buckets = |n: usize| heap::bytes(size_of::<Bucket>() * n);
    heap::bytes(size_of::<Histogram>() + 2 * size_of::<usize>()) + buckets(h.positive.len()) + buckets(h.negative.len())
}
