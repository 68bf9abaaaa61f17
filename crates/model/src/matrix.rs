//! What a query gives: values on the steps of a range, one column a series.
//!
//! The engine evaluates to it, answers of other servers are read into it, and frames are made of it.

use crate::grid::StepGrid;
use crate::histogram::Histogram;
use crate::labels::Labels;
use crate::sample::{STALE_NAN, is_stale};
use std::ops::Range;
use std::sync::Arc;

/// The answer to a range query.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// The steps.
    pub grid: StepGrid,
    /// The series.
    pub series: Vec<MatrixSeries>,
}

/// One series of a [`Matrix`].
#[derive(Clone, Debug)]
pub struct MatrixSeries {
    /// Its labels.
    pub labels: Labels,
    /// One value a step; [`STALE_NAN`] where there is none.
    pub values: Vec<f64>,
    /// Native histograms at steps without a float.
    pub histograms: Histograms,
}

impl Matrix {
    /// Appends the steps of another part of the same query, whose grid follows this one's.
    ///
    /// Series are matched by labels; the result is sorted by labels again.
    pub fn append_steps(&mut self, next: Matrix) {
        let (len, more) = (self.grid.len, next.grid.len);
        if len == 0 {
            *self = next;
            return;
        }
        self.grid.len += more;
        let mut tail = next.series.into_iter().peekable();
        let mut merged = Vec::with_capacity(self.series.len());
        let padded = |new: MatrixSeries| {
            let mut values = Vec::with_capacity(len + more);
            values.resize(len, STALE_NAN);
            values.extend(new.values);
            let mut histograms = Histograms::default();
            histograms.extend(len, new.histograms);
            MatrixSeries { labels: new.labels, values, histograms }
        };
        for mut series in std::mem::take(&mut self.series) {
            while let Some(new) = tail.next_if(|new| new.labels < series.labels) {
                merged.push(padded(new));
            }
            match tail.next_if(|new| new.labels == series.labels) {
                Some(new) => {
                    series.values.extend(new.values);
                    series.histograms.extend(len, new.histograms);
                }
                None => series.values.resize(len + more, STALE_NAN),
            }
            merged.push(series);
        }
        merged.extend(tail.map(padded));
        self.series = merged;
    }

    /// Drops all steps but some, and series that are left without a value.
    pub fn keep_steps(&mut self, steps: Range<usize>) {
        let to = steps.end.min(self.grid.len);
        let from = steps.start.min(to);
        self.grid = StepGrid { start: self.grid.time(from), step: self.grid.step, len: to - from };
        for series in &mut self.series {
            series.values.truncate(to);
            series.values.drain(..from);
            series.histograms.0.truncate(to);
            series.histograms.0.drain(..from.min(series.histograms.0.len()));
        }
        self.series.retain(|series| !series.is_blank());
    }

    /// Bytes of values and labels, estimated.
    #[must_use]
    pub fn bytes(&self) -> usize {
        // A histogram may have its buckets in common with others; each is counted whole.
        let histogram = |h: &Histogram| 160 + 16 * (h.positive.len() + h.negative.len());
        let each = |series: &MatrixSeries| {
            let histograms: usize = series.histograms.iter().map(|(_, h)| histogram(h)).sum();
            size_of::<MatrixSeries>()
                + 8 * (series.values.capacity() + series.histograms.0.capacity())
                + series.labels.byte_len()
                + histograms
        };
        self.series.iter().map(each).sum()
    }
}

impl MatrixSeries {
    /// Whether it has no value at any step.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        // Most series that end do so at the end.
        self.values.iter().rev().all(|&v| is_stale(v)) && self.histograms.is_empty()
    }
}

/// One value: a float or a native histogram.
#[derive(Clone, Debug)]
pub enum Point {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
}

/// The native histograms of a series, by step; most series have none, which costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Histograms(Vec<Option<Arc<Histogram>>>);

impl Histograms {
    /// The histogram of a step.
    #[must_use]
    pub fn get(&self, step_idx: usize) -> Option<&Arc<Histogram>> {
        self.0.get(step_idx)?.as_ref()
    }

    /// Whether no step has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Steps and histograms, in the order of time.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Arc<Histogram>)> {
        self.0.iter().enumerate().filter_map(|(step_idx, h)| Some((step_idx, h.as_ref()?)))
    }

    /// Whether there is no room for histograms: then no step has one. Unlike [`Histograms::is_empty`] it looks at no step.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the histogram of a step.
    pub fn set(&mut self, step_idx: usize, h: Arc<Histogram>) {
        if self.0.len() <= step_idx {
            self.0.resize(step_idx + 1, None);
        }
        self.0[step_idx] = Some(h);
    }

    /// Takes the histogram of a step away.
    pub fn take(&mut self, step_idx: usize) -> Option<Arc<Histogram>> {
        self.0.get_mut(step_idx)?.take()
    }

    /// Steps and histograms, to be changed in place; what becomes `None` is gone.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut Option<Arc<Histogram>>)> {
        self.0.iter_mut().enumerate().filter(|(_, h)| h.is_some())
    }

    /// Those of another part of the query, whose first step is `offset`.
    fn extend(&mut self, offset: usize, other: Histograms) {
        for (step_idx, h) in other.0.into_iter().enumerate() {
            if let Some(h) = h {
                self.set(offset + step_idx, h);
            }
        }
    }
}
