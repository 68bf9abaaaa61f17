//! Samples of many series as bytes, and the way back into a [`Head`]: floats as sealed chunks, which are taken over without
//! decoding; lists of times once for all series that share them.
//!
//! ```text
//! how many lists of times, each: how many times · bytes of the codec of chunks
//! how many series, each:
//!   number (signed, against the one before) · flags (1 staleness markers, 2 a float is less than one before)
//!   how many chunks, each: list of times · 1 if starts are known · bytes of the chunk · [starts]
//!   how many lists of histograms, each: list of times · 1 if starts are known · [starts] · histograms, each against the last
//! ```
//! Numbers are LEB128, bytes have their length before them, starts are in the codec of times.
//!
//! Reading checks all that a query relies on: the bytes may be anything. That they are what was written is for a checksum
//! around them to say.

use crate::bytes::{Reader, put_bytes, put_signed, put_varint};
use crate::chunk::{self, Chunk};
use crate::codec::{self, decode_histogram, encode_histogram};
use crate::head::Head;
use crate::series::{SampleBuf, Shape};
use crate::slots::SeriesRef;
use crate::times::Times;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Histogram, TimeRange, Timestamp, is_stale};
use std::sync::Arc;

const HAS_MARKERS: u8 = 1;
const HAS_FALLS: u8 = 2;

/// A chunk or a list of histograms with more samples was never written.
const MAX_LEN: usize = 1 << 16;
/// A longer list of floats becomes several chunks, as in the head.
const MAX_CHUNK: usize = 512;

/// The bytes are damaged: they are none that a [`Packer`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the samples are damaged")]
pub struct DamagedBytes;

/// What [`Head::load`] brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Samples that are in the store now.
    pub n_samples: usize,
    /// Samples that are not, because their series has newer ones.
    pub n_old: usize,
    /// Samples that are left out, because nobody knows the number of their series.
    pub n_nameless: usize,
}

/// Collects samples of series to be packed.
#[derive(Debug, Default)]
pub struct Packer {
    /// Lists of times, as they are and packed.
    lists: Vec<Vec<i64>>,
    by_outline: HashMap<(i64, i64, usize), Vec<u32>, FixedState>,
    list_bytes: Vec<u8>,
    n_series: u64,
    body: Vec<u8>,
    last_number: u32,
    samples: SampleBuf,
}

impl Packer {
    /// Adds the samples of a range of a series under a number that [`Head::load`] asks for. Returns how many they are, with
    /// the times of the first and the last; none adds nothing.
    pub fn add(
        &mut self,
        head: &Head,
        series: SeriesRef,
        number: u32,
        range: TimeRange,
    ) -> Option<(usize, Timestamp, Timestamp)> {
        let mut samples = std::mem::take(&mut self.samples);
        samples.clear();
        head.read(series, range, &mut samples);
        let n = samples.len();
        let times = || samples.ts.first().into_iter().chain(samples.histograms.ts.first());
        let last_times = || samples.ts.last().into_iter().chain(samples.histograms.ts.last());
        let span = times().min().zip(last_times().max()).map(|(&first, &last)| (n, Timestamp(first), Timestamp(last)));
        if span.is_some() {
            self.n_series += 1;
            put_signed(&mut self.body, i64::from(number) - i64::from(self.last_number));
            self.last_number = number;
            self.add_floats(&samples);
            self.add_histograms(&samples);
        }
        self.samples = samples;
        span
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_series == 0
    }

    /// Bytes so far, about.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len() + self.list_bytes.len()
    }

    /// The bytes of all that was added; the packer is empty again.
    pub fn take(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() + 20);
        put_varint(&mut out, self.lists.len() as u64);
        out.extend_from_slice(&self.list_bytes);
        put_varint(&mut out, self.n_series);
        out.extend_from_slice(&self.body);
        *self = Packer { samples: std::mem::take(&mut self.samples), ..Packer::default() };
        out
    }

    fn add_floats(&mut self, samples: &SampleBuf) {
        let (ts, vs, starts) = (&samples.ts, &samples.vs, &samples.starts);
        let is_fall = |pair: &[f64]| pair[1] < pair[0];
        // Between two floats with a NaN between them there may be a fall: it is not looked for, and said to be one.
        let has_nan = vs.iter().any(|v| v.is_nan());
        let has_falls = has_nan || vs.windows(2).any(is_fall);
        let has_markers = has_nan && vs.iter().any(|&v| is_stale(v));
        self.body.push(if has_markers { HAS_MARKERS } else { 0 } | if has_falls { HAS_FALLS } else { 0 });
        let n_chunks = ts.len().div_ceil(MAX_CHUNK);
        put_varint(&mut self.body, n_chunks as u64);
        let len = ts.len().div_ceil(n_chunks.max(1)).max(1);
        for (idx, (ts, vs)) in ts.chunks(len).zip(vs.chunks(len)).enumerate() {
            let list = self.list(ts);
            put_varint(&mut self.body, u64::from(list));
            let starts = starts.get(idx * len..idx * len + ts.len()).filter(|starts| starts.iter().any(|&s| s != 0));
            self.body.push(u8::from(starts.is_some()));
            put_bytes(&mut self.body, &chunk::encode(vs));
            self.put_starts(starts);
        }
    }

    fn add_histograms(&mut self, samples: &SampleBuf) {
        let all = &samples.histograms;
        put_varint(&mut self.body, all.len().div_ceil(MAX_LEN) as u64);
        for (idx, (ts, hs)) in all.ts.chunks(MAX_LEN).zip(all.hs.chunks(MAX_LEN)).enumerate() {
            let list = self.list(ts);
            put_varint(&mut self.body, u64::from(list));
            let starts = all.starts.get(idx * MAX_LEN..idx * MAX_LEN + ts.len());
            let starts = starts.filter(|starts| starts.iter().any(|&s| s != 0));
            self.body.push(u8::from(starts.is_some()));
            self.put_starts(starts);
            let mut before: Option<&Histogram> = None;
            for h in hs {
                encode_histogram(h, before, &mut self.body);
                before = Some(h);
            }
        }
    }

    fn put_starts(&mut self, starts: Option<&[i64]>) {
        if let Some(starts) = starts {
            let mut bytes = Vec::new();
            codec::encode_times(starts, &mut bytes);
            put_bytes(&mut self.body, &bytes);
        }
    }

    /// The number of a list of times.
    fn list(&mut self, ts: &[i64]) -> u32 {
        let (first, last) = (ts.first().copied().unwrap_or(0), ts.last().copied().unwrap_or(0));
        let same = self.by_outline.entry((first, last, ts.len())).or_default();
        let is_it = |&&number: &&u32| self.lists.get(number as usize).is_some_and(|list| list == ts);
        if let Some(&known) = same.iter().rev().take(16).find(is_it) {
            return known;
        }
        let number = self.lists.len() as u32;
        same.push(number);
        put_varint(&mut self.list_bytes, ts.len() as u64);
        let mut bytes = Vec::new();
        Times::encode(ts, &mut bytes);
        put_bytes(&mut self.list_bytes, &bytes);
        self.lists.push(ts.to_vec());
        number
    }
}

/// The samples of a series as they are read.
#[derive(Default)]
struct Unpacked {
    chunks: Vec<Chunk>,
    has_markers: bool,
    has_falls: bool,
    histograms: Vec<(i64, Arc<Histogram>, i64)>,
}

impl Unpacked {
    fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.times.len).sum::<usize>() + self.histograms.len()
    }
}

impl Head {
    /// Takes over samples that a [`Packer`] packed. `series` gives the series of a number. Samples that are not newer
    /// than what their series has are left out. Returns what came; of damaged bytes, what came before the damage stays.
    ///
    /// # Errors
    /// If the bytes are damaged.
    pub fn load(
        &mut self,
        bytes: &[u8],
        mut series: impl FnMut(u32) -> Option<SeriesRef>,
    ) -> Result<Loaded, DamagedBytes> {
        let mut reader = Reader::new(bytes);
        let mut loaded = Loaded::default();
        let mut load = || {
            let n_lists = reader.count()?;
            let mut lists = Vec::with_capacity(n_lists);
            for _ in 0..n_lists {
                let len = usize::try_from(reader.varint()?).ok().filter(|&len| len <= MAX_LEN)?;
                lists.push(self.tracks.adopt(Times::from_bytes(reader.bytes()?, len)?));
            }
            let mut number = 0_u32;
            for _ in 0..reader.count()? {
                number = u32::try_from(i64::from(number).checked_add(reader.signed()?)?).ok()?;
                let unpacked = read_series(&mut reader, &lists)?;
                match series(number) {
                    Some(series) => self.add_unpacked(series, unpacked, &mut loaded),
                    None => loaded.n_nameless += unpacked.len(),
                }
            }
            reader.is_empty().then_some(())
        };
        load().ok_or(DamagedBytes)?;
        Ok(loaded)
    }

    fn add_unpacked(&mut self, series: SeriesRef, unpacked: Unpacked, loaded: &mut Loaded) {
        let Unpacked { chunks, has_markers, has_falls, histograms } = unpacked;
        let has_both = !histograms.is_empty();
        let mut rest = histograms.into_iter().peekable();
        for chunk in chunks {
            let n = chunk.times.len;
            let shape = Shape { has_markers, has_falls, has_starts: false };
            let chunk = if has_both { Err(chunk) } else { self.add_chunk(series, chunk, shape) };
            match chunk {
                Ok(()) => {
                    loaded.n_samples += n;
                    if let Some(recorded) = &mut self.recorded
                        && recorded.loaded.last() != Some(&series)
                    {
                        recorded.loaded.push(series);
                    }
                }
                Err(chunk) if !has_both && self.newest(series).is_some_and(|newest| newest.0 >= chunk.times.last) => {
                    loaded.n_old += n;
                }
                Err(chunk) => {
                    let (mut ts, mut vs) = (Vec::with_capacity(n), Vec::with_capacity(n));
                    chunk.times.decode(&mut ts);
                    chunk.decode(n, &mut vs);
                    for (idx, (&t, &v)) in ts.iter().zip(&vs).enumerate() {
                        while let Some((t, h, start)) = rest.next_if(|(histogram_t, ..)| *histogram_t < t) {
                            self.add_histogram(series, t, h, start, loaded);
                        }
                        let start = chunk.starts().get(idx).copied().unwrap_or(0);
                        let is_new = self.is_new(series, t);
                        loaded.count(is_new && self.append_since(series, Timestamp(t), v, known(start)).is_ok());
                    }
                }
            }
        }
        for (t, h, start) in rest {
            self.add_histogram(series, t, h, start, loaded);
        }
    }

    fn add_histogram(&mut self, series: SeriesRef, t: i64, h: Arc<Histogram>, start: i64, loaded: &mut Loaded) {
        let is_new = self.is_new(series, t);
        loaded.count(is_new && self.append_histogram(series, Timestamp(t), h, known(start)).is_ok());
    }

    fn is_new(&self, series: SeriesRef, t: i64) -> bool {
        self.newest(series).is_none_or(|newest| newest.0 < t)
    }
}

impl Loaded {
    fn count(&mut self, is_new: bool) {
        self.n_samples += usize::from(is_new);
        self.n_old += usize::from(!is_new);
    }
}

fn known(start: i64) -> Option<Timestamp> {
    (start != 0).then_some(Timestamp(start))
}

fn read_series(reader: &mut Reader<'_>, lists: &[Arc<Times>]) -> Option<Unpacked> {
    let flags = reader.byte()?;
    let n_chunks = reader.count()?;
    let mut unpacked = Unpacked {
        has_markers: flags & HAS_MARKERS != 0,
        has_falls: flags & HAS_FALLS != 0,
        chunks: Vec::with_capacity(n_chunks.min(MAX_LEN)),
        ..Unpacked::default()
    };
    for _ in 0..n_chunks {
        let times = lists.get(usize::try_from(reader.varint()?).ok()?)?;
        let has_starts = reader.byte()? != 0;
        let bytes = reader.bytes()?;
        let starts = if has_starts { read_starts(reader, times.len)? } else { Vec::new() };
        unpacked.chunks.push(Chunk::from_bytes(Arc::clone(times), bytes, starts)?);
    }
    for _ in 0..reader.count()? {
        let times = lists.get(usize::try_from(reader.varint()?).ok()?)?;
        let has_starts = reader.byte()? != 0;
        let starts = if has_starts { read_starts(reader, times.len)? } else { Vec::new() };
        let mut ts = Vec::with_capacity(times.len);
        times.decode(&mut ts);
        let mut before: Option<Arc<Histogram>> = None;
        for (idx, &t) in ts.iter().enumerate() {
            let h = Arc::new(decode_histogram(reader, before.as_deref())?);
            unpacked.histograms.push((t, Arc::clone(&h), starts.get(idx).copied().unwrap_or(0)));
            before = Some(h);
        }
    }
    Some(unpacked)
}

fn read_starts(reader: &mut Reader<'_>, n: usize) -> Option<Vec<i64>> {
    let bytes = reader.bytes()?;
    if !codec::is_whole_times(bytes, n) {
        return None;
    }
    let mut starts = Vec::with_capacity(n);
    codec::decode_times(bytes, n, &mut starts);
    (starts.len() == n).then_some(starts)
}
