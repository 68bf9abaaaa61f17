//! The samples of one series: chunks in the order of time.

use model::{Labels, TimeRange};

/// A chunk is closed at so many samples: small enough that a range query skips what it does not need,
/// large enough that the fixed cost of a chunk does not count.
const CHUNK_SAMPLES: usize = 120;

/// Times (ms since the epoch) and values of samples, as many of each.
#[derive(Clone, Debug, Default)]
pub struct SampleBuf {
    /// Times, strictly increasing within a series.
    pub ts: Vec<i64>,
    /// Values; staleness markers among them.
    pub vs: Vec<f64>,
}

impl SampleBuf {
    /// Forgets the samples, keeps the memory.
    pub fn clear(&mut self) {
        self.ts.clear();
        self.vs.clear();
    }

    /// How many samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }
}

/// Invariant: times are strictly increasing over all chunks, no chunk is empty, only the last one has
/// room; [`Series::push`] is the only writer.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    chunks: Vec<SampleBuf>,
}

impl Series {
    pub(crate) fn new(labels: Labels) -> Self {
        Series { labels, chunks: Vec::new() }
    }

    /// The newest sample.
    pub(crate) fn last(&self) -> Option<(i64, f64)> {
        let chunk = self.chunks.last()?;
        Some((*chunk.ts.last()?, *chunk.vs.last()?))
    }

    /// The time of the oldest sample.
    pub(crate) fn first_time(&self) -> Option<i64> {
        self.chunks.first()?.ts.first().copied()
    }

    /// Appends a sample. The caller has checked that it is newer than the last one.
    pub(crate) fn push(&mut self, t: i64, v: f64) {
        debug_assert!(self.last().is_none_or(|(last, _)| last < t), "samples are appended in the order of time");
        match self.chunks.last_mut() {
            Some(chunk) if chunk.ts.len() < CHUNK_SAMPLES => {
                chunk.ts.push(t);
                chunk.vs.push(v);
            }
            last => {
                // What is closed keeps no spare room.
                if let Some(chunk) = last {
                    chunk.ts.shrink_to_fit();
                    chunk.vs.shrink_to_fit();
                }
                self.chunks.push(SampleBuf { ts: vec![t], vs: vec![v] });
            }
        }
    }

    /// Whether a sample lies in the range.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        let first = self.chunks.partition_point(|c| c.ts.last().is_some_and(|&t| t < range.start.0));
        self.chunks[first..].first().is_some_and(|c| {
            c.ts[c.ts.partition_point(|&t| t < range.start.0)..].first().is_some_and(|&t| t <= range.end.0)
        })
    }

    /// Appends the samples of a range to `out`; chunks outside it are not looked at.
    pub(crate) fn read(&self, range: TimeRange, out: &mut SampleBuf) {
        let first = self.chunks.partition_point(|c| c.ts.last().is_some_and(|&t| t < range.start.0));
        for chunk in &self.chunks[first..] {
            let from = chunk.ts.partition_point(|&t| t < range.start.0);
            let to = chunk.ts.partition_point(|&t| t <= range.end.0);
            if from >= to {
                break;
            }
            out.ts.extend_from_slice(&chunk.ts[from..to]);
            out.vs.extend_from_slice(&chunk.vs[from..to]);
        }
    }

    /// Drops whole chunks that end before a time; returns how many samples went.
    pub(crate) fn truncate(&mut self, before: i64) -> usize {
        let n_chunks = self.chunks.partition_point(|c| c.ts.last().is_some_and(|&t| t < before));
        self.chunks.drain(..n_chunks).map(|c| c.ts.len()).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn n_chunks(&self) -> usize {
        self.chunks.len()
    }

    pub(crate) fn n_samples(&self) -> usize {
        self.chunks.iter().map(SampleBuf::len).sum()
    }
}
