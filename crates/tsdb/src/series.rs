//! The samples of one series: floats in chunks in the order of time, native histograms beside them.
//!
//! A series holds both kinds at different times if its exporter changed its mind. The two lists are kept apart, so that the
//! many series without histograms pay a pointer for them and no more.

use model::{CounterResetHint, Histogram, Labels, TimeRange, is_stale};
use std::sync::Arc;

/// A chunk is closed at so many samples: small enough that a range query skips what it does not need,
/// large enough that the fixed cost of a chunk does not count.
const CHUNK_SAMPLES: usize = 120;

/// Times (ms since the epoch) and values of samples, as many of each.
#[derive(Clone, Debug, Default)]
pub struct SampleBuf {
    /// Times of floats, strictly increasing within a series.
    pub ts: Vec<i64>,
    /// Floats; staleness markers among them.
    pub vs: Vec<f64>,
    /// When the counter behind each float began to count, ms, 0 where that is not known. Empty if it is known of none.
    pub starts: Vec<i64>,
    /// Native histograms, at other times than the floats.
    pub histograms: HistogramBuf,
}

impl SampleBuf {
    /// Forgets the samples, keeps the memory.
    pub fn clear(&mut self) {
        self.ts.clear();
        self.vs.clear();
        self.starts.clear();
        self.histograms.clear();
    }

    /// How many samples of both kinds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ts.len() + self.histograms.ts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Times and native histograms, as many of each.
#[derive(Clone, Debug, Default)]
pub struct HistogramBuf {
    /// Times, ms, strictly increasing within a series.
    pub ts: Vec<i64>,
    /// The histograms; one whose sum is a staleness marker is one.
    pub hs: Vec<Arc<Histogram>>,
    /// When counting began, ms, 0 where that is not known. Empty if it is known of none.
    pub starts: Vec<i64>,
}

impl HistogramBuf {
    /// Forgets the samples, keeps the memory.
    pub fn clear(&mut self) {
        self.ts.clear();
        self.hs.clear();
        self.starts.clear();
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }

    fn push(&mut self, t: i64, h: Arc<Histogram>, start: i64) {
        push_start(&mut self.starts, self.ts.len(), start);
        self.ts.push(t);
        self.hs.push(h);
    }
}

/// Adds the start time of sample number `n`; the list stays empty as long as no start is known.
fn push_start(starts: &mut Vec<i64>, n: usize, start: i64) {
    if start != 0 || !starts.is_empty() {
        starts.resize(n, 0);
        starts.push(start);
    }
}

/// Appends the start times of samples `from..to`, of which there are already `n` samples in `out`.
fn copy_starts(starts: &[i64], from: usize, to: usize, out: &mut Vec<i64>, n: usize) {
    if starts.is_empty() {
        if !out.is_empty() {
            out.resize(n + to - from, 0);
        }
    } else {
        out.resize(n, 0);
        out.extend_from_slice(&starts[from..to]);
    }
}

/// The newest sample of a series.
#[derive(Clone, Debug)]
pub(crate) enum Last<'a> {
    Float(i64, f64),
    Histogram(i64, &'a Arc<Histogram>),
}

impl Last<'_> {
    pub(crate) fn time(&self) -> i64 {
        match self {
            Last::Float(t, _) | Last::Histogram(t, _) => *t,
        }
    }
}

/// What is known of the floats of a series without a look at them. A selection that reads 1,200 samples of each series
/// for a rate looks at each of them twice less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// There may be staleness markers.
    pub has_markers: bool,
    /// Of some float it may be known since when it counts.
    pub has_starts: bool,
    /// A float may be less than one before it: it is no counter, or one that was reset.
    pub has_falls: bool,
}

/// Floats of a stretch of time.
#[derive(Debug)]
struct Chunk {
    /// The first and the last time, beside the pointers: to find a chunk costs no cache miss a chunk.
    first: i64,
    last: i64,
    ts: Vec<i64>,
    vs: Vec<f64>,
    starts: Vec<i64>,
}

impl Chunk {
    /// The indices of the samples of a range.
    fn within(&self, range: TimeRange) -> (usize, usize) {
        let from = if self.first >= range.start.0 { 0 } else { n_before(&self.ts, range.start.0) };
        let is_all = self.last <= range.end.0;
        let to = if is_all { self.ts.len() } else { self.ts.partition_point(|&t| t <= range.end.0) };
        (from, to)
    }
}

/// Invariant: times are strictly increasing over all chunks and within the histograms, no time is in both, no chunk is
/// empty, only the last one has room; [`Series::push`] and [`Series::push_histogram`] are the only writers.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    chunks: Vec<Chunk>,
    /// The times of the oldest and the newest sample of either kind. Most selections ask for nothing else.
    span: Option<(i64, i64)>,
    shape: Shape,
    /// The newest float that is a number.
    newest_number: f64,
    histograms: Option<Box<HistogramBuf>>,
}

impl Series {
    pub(crate) fn new(labels: Labels) -> Self {
        Series {
            labels,
            chunks: Vec::new(),
            span: None,
            shape: Shape { has_markers: false, has_starts: false, has_falls: false },
            newest_number: f64::NEG_INFINITY,
            histograms: None,
        }
    }

    /// The newest sample of either kind.
    pub(crate) fn last(&self) -> Option<Last<'_>> {
        let float = self.last_float().map(|(t, v)| Last::Float(t, v));
        match &self.histograms {
            None => float,
            Some(histograms) => {
                let (t, h) = (histograms.ts.last()?, histograms.hs.last()?);
                Some(float.filter(|f| f.time() > *t).unwrap_or(Last::Histogram(*t, h)))
            }
        }
    }

    fn last_float(&self) -> Option<(i64, f64)> {
        let chunk = self.chunks.last()?;
        Some((*chunk.ts.last()?, *chunk.vs.last()?))
    }

    /// The time of the oldest sample.
    pub(crate) fn first_time(&self) -> Option<i64> {
        self.span.map(|(first, _)| first)
    }

    fn set_span(&mut self) {
        let float = self.chunks.first().map(|c| c.first).into_iter().chain(self.chunks.last().map(|c| c.last));
        let histogram = self.histograms.iter().flat_map(|h| h.ts.first().into_iter().chain(h.ts.last()).copied());
        let (mut all, times) = (float.clone().chain(histogram.clone()), float.chain(histogram));
        self.span = all.next().map(|t| times.fold((t, t), |(first, last), t| (first.min(t), last.max(t))));
    }

    fn extend_span(&mut self, t: i64) {
        self.span = Some((self.span.map_or(t, |(first, _)| first), t));
    }

    /// Appends a float. The caller has checked that it is newer than the last sample.
    pub(crate) fn push(&mut self, t: i64, v: f64, start: i64) {
        debug_assert!(self.last().is_none_or(|last| last.time() < t), "samples are appended in the order of time");
        self.extend_span(t);
        self.shape.has_starts |= start != 0;
        if v.is_nan() {
            self.shape.has_markers |= is_stale(v);
        } else {
            self.shape.has_falls |= v < self.newest_number;
            self.newest_number = v;
        }
        match self.chunks.last_mut() {
            Some(chunk) if chunk.ts.len() < CHUNK_SAMPLES => {
                chunk.last = t;
                push_start(&mut chunk.starts, chunk.ts.len(), start);
                chunk.ts.push(t);
                chunk.vs.push(v);
            }
            last => {
                // What is closed keeps no spare room.
                if let Some(chunk) = last {
                    chunk.ts.shrink_to_fit();
                    chunk.vs.shrink_to_fit();
                    chunk.starts.shrink_to_fit();
                }
                let starts = if start == 0 { Vec::new() } else { vec![start] };
                self.chunks.push(Chunk { first: t, last: t, ts: vec![t], vs: vec![v], starts });
            }
        }
    }

    /// Appends a histogram. The caller has checked that it is newer than the last sample.
    ///
    /// What it says about a counter reset is settled here, against the sample before it, as Prometheus does when it writes
    /// a chunk: readers then need not compare.
    pub(crate) fn push_histogram(&mut self, t: i64, mut h: Arc<Histogram>, start: i64) {
        let hint = match self.last() {
            Some(Last::Histogram(_, before)) => reset_hint(&h, before),
            _ if matches!(h.counter_reset_hint, CounterResetHint::Gauge | CounterResetHint::Reset) => {
                h.counter_reset_hint
            }
            _ => CounterResetHint::Unknown,
        };
        if h.counter_reset_hint != hint {
            Arc::make_mut(&mut h).counter_reset_hint = hint;
        }
        self.extend_span(t);
        self.histograms.get_or_insert_default().push(t, h, start);
    }

    /// Whether a sample lies in the range.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        let Some((first, last)) = self.span else { return false };
        if last < range.start.0 || first > range.end.0 {
            return false;
        }
        if last <= range.end.0 || first >= range.start.0 {
            return true;
        }
        let is_in =
            |ts: &[i64]| ts[ts.partition_point(|&t| t < range.start.0)..].first().is_some_and(|&t| t <= range.end.0);
        self.chunks_from(range.start.0).first().is_some_and(|c| is_in(&c.ts))
            || self.histograms.as_ref().is_some_and(|h| is_in(&h.ts))
    }

    /// The chunks that end at a time or later.
    fn chunks_from(&self, time: i64) -> &[Chunk] {
        // What is asked for is mostly new.
        let n = self.chunks.len();
        let first = match self.chunks.last() {
            Some(newest) if newest.first <= time => n - usize::from(newest.last >= time),
            _ => self.chunks.partition_point(|c| c.last < time),
        };
        &self.chunks[first..]
    }

    /// Shows the floats of a range where they are, a chunk at a time; how many they are. Nothing is copied: a selector of
    /// 1,000 series at 240 steps takes 1.1 ms rather than 1.8 ms.
    pub(crate) fn visit_floats<'a>(&'a self, range: TimeRange, mut visit: impl FnMut(&'a [i64], &'a [f64])) -> usize {
        let mut n = 0;
        for chunk in self.chunks_from(range.start.0) {
            if chunk.first > range.end.0 {
                break;
            }
            let (from, to) = chunk.within(range);
            if from < to {
                visit(&chunk.ts[from..to], &chunk.vs[from..to]);
                n += to - from;
            }
        }
        n
    }

    /// The newest float of a range. Looks at no other sample: at one time, that is all a selector needs.
    pub(crate) fn newest_float(&self, range: TimeRange) -> Option<(i64, f64)> {
        for chunk in self.chunks.iter().rev() {
            if chunk.first > range.end.0 {
                continue;
            }
            let idx = if chunk.last <= range.end.0 {
                chunk.ts.len()
            } else {
                n_before(&chunk.ts, range.end.0.saturating_add(1))
            };
            let (t, v) = (*chunk.ts.get(idx.checked_sub(1)?)?, *chunk.vs.get(idx - 1)?);
            return (t >= range.start.0).then_some((t, v));
        }
        None
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    pub(crate) fn has_histograms(&self) -> bool {
        self.histograms.is_some()
    }

    /// Appends the samples of a range to `out`; chunks outside it are not looked at.
    pub(crate) fn read(&self, range: TimeRange, out: &mut SampleBuf) {
        for chunk in self.chunks_from(range.start.0) {
            if chunk.first > range.end.0 {
                break;
            }
            let (from, to) = chunk.within(range);
            if from >= to {
                continue;
            }
            copy_starts(&chunk.starts, from, to, &mut out.starts, out.ts.len());
            out.ts.extend_from_slice(&chunk.ts[from..to]);
            out.vs.extend_from_slice(&chunk.vs[from..to]);
        }
        if let Some(histograms) = &self.histograms {
            let from = histograms.ts.partition_point(|&t| t < range.start.0);
            let to = histograms.ts.partition_point(|&t| t <= range.end.0);
            if from < to {
                let into = &mut out.histograms;
                copy_starts(&histograms.starts, from, to, &mut into.starts, into.ts.len());
                into.ts.extend_from_slice(&histograms.ts[from..to]);
                into.hs.extend_from_slice(&histograms.hs[from..to]);
            }
        }
    }

    /// Drops whole chunks, and histograms, that end before a time; returns how many samples went, and the bytes of the
    /// histograms among them.
    pub(crate) fn truncate(&mut self, before: i64) -> (usize, usize) {
        let n_chunks = self.chunks.partition_point(|c| c.last < before);
        let mut dropped = self.chunks.drain(..n_chunks).map(|c| c.ts.len()).sum();
        let mut bytes = 0;
        if let Some(histograms) = &mut self.histograms {
            let n = histograms.ts.partition_point(|&t| t < before);
            histograms.ts.drain(..n);
            bytes = histograms.hs.drain(..n).map(|h| histogram_bytes(&h)).sum();
            if !histograms.starts.is_empty() {
                histograms.starts.drain(..n);
            }
            dropped += n;
            if histograms.is_empty() {
                self.histograms = None;
            }
        }
        self.set_span();
        (dropped, bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.histograms.is_none()
    }

    pub(crate) fn n_chunks(&self) -> usize {
        self.chunks.len()
    }

    pub(crate) fn n_samples(&self) -> usize {
        self.chunks.iter().map(|c| c.ts.len()).sum::<usize>() + self.histograms.as_ref().map_or(0, |h| h.len())
    }
}

/// How many times are before one, which is sought from the end: instant queries need the last few samples, and the
/// middle of the list would be a cache miss.
fn n_before(ts: &[i64], time: i64) -> usize {
    let mut step = 8;
    let mut known = ts.len();
    while known > step && ts[known - step] >= time {
        known -= step;
        step *= 2;
    }
    let from = known.saturating_sub(step);
    from + ts[from..known].partition_point(|&t| t < time)
}

/// What a histogram takes beside its time.
pub(crate) fn histogram_bytes(h: &Histogram) -> usize {
    size_of::<Histogram>() + size_of::<model::Bucket>() * (h.positive.len() + h.negative.len())
}

/// What a histogram says about a reset, seen from the one before it in the series.
fn reset_hint(h: &Histogram, before: &Histogram) -> CounterResetHint {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    if matches!(h.counter_reset_hint, Gauge | Reset) {
        return h.counter_reset_hint;
    }
    if before.counter_reset_hint == Gauge || before.is_stale() || h.is_stale() {
        return Unknown;
    }
    if h.count < before.count {
        return Reset;
    }
    // With another layout Prometheus begins a chunk and says nothing.
    if h.schema != before.schema || h.zero_threshold.to_bits() != before.zero_threshold.to_bits() {
        return Unknown;
    }
    let plain = |h: &Histogram| Histogram { counter_reset_hint: Unknown, ..h.clone() };
    if plain(h).detect_reset(&plain(before)) { Reset } else { NotReset }
}
