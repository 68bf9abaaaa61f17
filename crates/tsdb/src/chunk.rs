//! A sealed chunk: floats that change no more, as bytes, with what is known of them without decoding.

mod summary;

use crate::codec;
use crate::heap;
use crate::series::copy_starts;
use crate::times::{Scratch, Times, Tracks};
use model::TimeRange;
use std::sync::Arc;
use summary::Written;

pub(crate) use summary::Summary;

/// How many floats of a series are open and sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSizes {
    /// At most so many are open: as they are, so that nothing is decoded to read them.
    pub open: usize,
    /// So many of these, the oldest ones, are sealed at once.
    pub sealed_at_once: usize,
    /// A sealed chunk grows up to so many.
    pub chunk: usize,
}

impl Default for ChunkSizes {
    /// At least 32 floats stay open, eight minutes at 15 s: what an instant query looks at. With 120 open ones, 10,000
    /// series of six hours would not stay within 24 MB. With chunks of 1,024 the generated data of the query benchmark
    /// takes 0.02 bytes a sample less, but a query of an hour, which is 240 samples, decodes twice as many.
    fn default() -> Self {
        ChunkSizes { open: 64, sealed_at_once: 32, chunk: 512 }
    }
}

/// Three words, because there are many: what is known of the floats is in front of them in `bytes`.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) times: Arc<Times>,
    bytes: Box<[u8]>,
    /// Of few series a start is known.
    #[expect(clippy::box_collection, reason = "a word rather than three")]
    starts: Option<Box<Vec<i64>>>,
}

impl Chunk {
    /// Seals times, floats and known starts, together with those of the chunk before if they are not more than `max`.
    pub(crate) fn seal(
        chunks: &mut Vec<Chunk>,
        tracks: &mut Tracks,
        max: usize,
        (ts, vs, starts): (&[i64], &[f64], &[i64]),
    ) {
        let before = chunks.pop_if(|chunk| chunk.times.len + ts.len() <= max);
        let times = tracks.seal(before.as_ref().map(|chunk| &chunk.times), ts);
        let n_before = times.len - ts.len();
        let mut all_starts = Vec::new();
        if let Some(before) = &before {
            copy_starts(before.starts(), 0, n_before, &mut all_starts, 0);
        }
        copy_starts(starts, 0, ts.len(), &mut all_starts, n_before);
        let starts = (!all_starts.is_empty()).then(|| {
            all_starts.shrink_to_fit();
            Box::new(all_starts)
        });
        // What suits the first floats may not be the best for more: a quarter is encoded anew, and settles it.
        let is_settled = times.len > max / 4;
        let bytes =
            before.as_ref().filter(|_| is_settled).and_then(|before| before.appended(vs)).unwrap_or_else(|| {
                let mut all = Vec::with_capacity(times.len);
                if let Some(before) = &before {
                    before.decode(n_before, &mut all);
                }
                all.extend_from_slice(vs);
                encode(&all)
            });
        // Spare room for chunks would be more than what many series hold.
        chunks.reserve_exact(1);
        chunks.push(Chunk { times, bytes, starts });
    }

    /// A chunk of bytes that [`encode`] may have written, as many floats as there are times; `None` if it did not.
    pub(crate) fn from_bytes(times: Arc<Times>, bytes: &[u8], starts: Vec<i64>) -> Option<Chunk> {
        let chunk = Chunk { times, bytes: bytes.into(), starts: (!starts.is_empty()).then(|| Box::new(starts)) };
        let n = chunk.times.len;
        let is_constant = codec::is_constant(&chunk.bytes);
        let has_head = is_constant || summary::written_len(&chunk.bytes).is_some_and(|len| len < chunk.bytes.len());
        let is_whole = has_head && n > 0 && codec::is_whole(chunk.floats(), n);
        (is_whole && (chunk.starts().is_empty() || chunk.starts().len() == n)).then_some(chunk)
    }

    /// The bytes with other floats after them, if these fit in.
    fn appended(&self, vs: &[f64]) -> Option<Box<[u8]>> {
        let Summary { first, last, min, max } = self.summary();
        let (more_min, more_max) = extremes(vs);
        let mut floats = Vec::with_capacity(self.bytes.len() + 8 * vs.len());
        codec::append_floats(self.floats(), last, vs, &mut floats)?;
        let summary = Summary {
            first,
            last: vs.last().copied().unwrap_or(last),
            min: if more_min < min { more_min } else { min },
            max: if more_max > max { more_max } else { max },
        };
        Some(summary.with(floats))
    }

    /// When each counter began; empty if that is known of none.
    pub(crate) fn starts(&self) -> &[i64] {
        self.starts.as_ref().map_or(&[], |starts| starts)
    }

    /// The bytes of the codec.
    fn floats(&self) -> &[u8] {
        let is_constant = codec::is_constant(&self.bytes);
        let n_head = if is_constant { 0 } else { summary::written_len(&self.bytes).unwrap_or(0) };
        self.bytes.get(n_head..).unwrap_or(&[])
    }

    /// Appends the first `n` floats.
    pub(crate) fn decode(&self, n: usize, out: &mut Vec<f64>) {
        codec::decode_floats(self.floats(), n, out);
    }

    /// The last float.
    pub(crate) fn last(&self) -> f64 {
        self.written().map_or_else(|| self.first(), |written| written.last)
    }

    /// What is written of the floats, unless they are all the same.
    fn written(&self) -> Option<Written> {
        if codec::is_constant(&self.bytes) { None } else { summary::read(&self.bytes) }
    }

    fn first(&self) -> f64 {
        let mut first = Vec::with_capacity(1);
        self.decode(1, &mut first);
        first.first().copied().unwrap_or(f64::NAN)
    }

    /// What is known of the floats.
    pub(crate) fn summary(&self) -> Summary {
        let first = self.first();
        let Written { last, extremes } = self.written().unwrap_or(Written { last: first, extremes: None });
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let (min, max) = extremes.unwrap_or(if last.is_nan() { none } else { (first, last) });
        Summary { first, last, min, max }
    }

    /// Whether a sample lies in the range.
    pub(crate) fn overlaps(&self, range: TimeRange, scratch: &mut Scratch) -> bool {
        let (start, end) = (range.start.0, range.end.0);
        let Times { first, last, .. } = *self.times;
        if first >= start || last <= end {
            return first <= end && last >= start;
        }
        let (ts, _) = scratch.times(&self.times);
        ts.get(ts.partition_point(|&t| t < start)).is_some_and(|&t| t <= end)
    }

    /// The times and floats of a range.
    pub(crate) fn read<'s>(&self, range: TimeRange, scratch: &'s mut Scratch) -> (&'s [i64], &'s [f64]) {
        let (ts, vs) = scratch.times(&self.times);
        let (from, to) = within(ts, range);
        self.decode(to, vs);
        (ts.get(from..to).unwrap_or(&[]), vs.get(from..to).unwrap_or(&[]))
    }

    /// How many bytes the floats are.
    pub(crate) fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes without the times and its place in the list.
    pub(crate) fn bytes(&self) -> usize {
        let starts = self.starts.as_ref().map_or(0, |list| heap::bytes(size_of::<Vec<i64>>()) + heap::list(list));
        heap::bytes(self.bytes.len()) + starts
    }
}

/// The indices of the times of a range.
pub(crate) fn within(ts: &[i64], range: TimeRange) -> (usize, usize) {
    let from = if ts.first().is_some_and(|&t| t >= range.start.0) { 0 } else { n_before(ts, range.start.0) };
    let is_all = ts.last().is_none_or(|&t| t <= range.end.0);
    let to = if is_all { ts.len() } else { ts.partition_point(|&t| t <= range.end.0) };
    (from.min(to), to)
}

/// How many times are before one, which is sought from the end: instant queries need the last few samples, and the
/// middle of the list would be a cache miss.
pub(crate) fn n_before(ts: &[i64], time: i64) -> usize {
    let mut step = 8;
    let mut known = ts.len();
    while known > step && ts[known - step] >= time {
        known -= step;
        step *= 2;
    }
    let from = known.saturating_sub(step);
    from + ts[from..known].partition_point(|&t| t < time)
}

/// A chunk's bytes.
pub(crate) fn encode(vs: &[f64]) -> Box<[u8]> {
    let mut floats = Vec::new();
    codec::encode_floats(vs, &mut floats);
    match Summary::of(vs) {
        Some(summary) => summary.with(floats),
        None => floats.into(),
    }
}

/// The least and the greatest number.
pub(crate) fn extremes(vs: &[f64]) -> (f64, f64) {
    let numbers = vs.iter().filter(|v| !v.is_nan());
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &v| {
        (if v < min { v } else { min }, if v > max { v } else { max })
    })
}
