//! Values: columns while the query runs, vectors and matrices when it is done.

use crate::limits::EvalError;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use model::{Histogram, Labels, METRIC_NAME, STALE_NAN, StepGrid, Timestamp, is_stale};
use promql::Span;
use std::ops::Range;
use std::sync::Arc;
use tsdb::SampleBuf;

/// The answer to a query.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number.
    Scalar {
        /// The number.
        v: f64,
    },
    /// A text.
    String(String),
    /// One value a series, in the order of the query.
    Vector(Vec<(Labels, Point)>),
    /// Raw samples of a range selector at one time.
    Samples(Vec<RawSeries>),
    /// One column a series, sorted by labels.
    Matrix(Matrix),
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

    /// Whether there is room for histograms: if not, no step has one.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn set(&mut self, step_idx: usize, h: Arc<Histogram>) {
        if self.0.len() <= step_idx {
            self.0.resize(step_idx + 1, None);
        }
        self.0[step_idx] = Some(h);
    }

    /// Takes the histogram of a step away.
    pub(crate) fn take(&mut self, step_idx: usize) -> Option<Arc<Histogram>> {
        self.0.get_mut(step_idx)?.take()
    }

    /// Steps and histograms, to be changed in place; what becomes `None` is gone.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut Option<Arc<Histogram>>)> {
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

/// A series with raw samples.
#[derive(Clone, Debug)]
pub struct RawSeries {
    /// Its labels.
    pub labels: Labels,
    /// Its samples.
    pub samples: SampleBuf,
}

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

/// One series of an intermediate result.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its labels; `__name__` stays until the end even if it is to be dropped, so that an outer
    /// `label_replace` or `by` can still use it.
    pub(crate) labels: Labels,
    /// `__name__` goes at the end of the query.
    pub(crate) drop_name: bool,
    /// One value a step; [`STALE_NAN`] where there is none.
    pub(crate) vs: Vec<f64>,
    /// Native histograms at steps without a float.
    pub(crate) hs: Histograms,
}

impl Column {
    /// A series of floats.
    pub(crate) fn floats(labels: Labels, drop_name: bool, vs: Vec<f64>) -> Self {
        Column { labels, drop_name, vs, hs: Histograms::default() }
    }

    /// A series without a value at any step.
    pub(crate) fn blank(labels: Labels, drop_name: bool, n_steps: usize) -> Self {
        Column::floats(labels, drop_name, vec![GAP; n_steps])
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.vs.iter().all(|&v| is_stale(v)) && self.hs.is_empty()
    }

    /// Whether there is a value of either kind at a step.
    #[inline]
    pub(crate) fn has(&self, step_idx: usize) -> bool {
        !is_stale(self.vs[step_idx]) || self.hs.get(step_idx).is_some()
    }

    /// The value of a step.
    pub(crate) fn point(&self, step_idx: usize) -> Option<Point> {
        let v = self.vs[step_idx];
        if is_stale(v) { self.hs.get(step_idx).cloned().map(Point::Histogram) } else { Some(Point::Float(v)) }
    }

    /// Sets the value of a step.
    pub(crate) fn set(&mut self, step_idx: usize, point: Point) {
        match point {
            Point::Float(v) => self.vs[step_idx] = v,
            Point::Histogram(h) => self.hs.set(step_idx, h),
        }
    }

    /// Takes the value of a step away.
    pub(crate) fn unset(&mut self, step_idx: usize) {
        self.vs[step_idx] = GAP;
        self.hs.take(step_idx);
    }

    /// Takes all histograms away: what a function of floats does with them.
    pub(crate) fn drop_histograms(&mut self) {
        self.hs = Histograms::default();
    }

    pub(crate) fn final_labels(&self) -> Labels {
        if self.drop_name { without_name(&self.labels) } else { self.labels.clone() }
    }
}

/// Makes one series of those with equal labels. An error where both have a value at the same step. The name is dropped
/// if the first one drops it.
pub(crate) fn merge_equal(columns: Vec<Column>, span: Span) -> Result<Vec<Column>, EvalError> {
    if !has_equal(&columns) {
        return Ok(columns);
    }
    let mut out: Vec<Column> = Vec::with_capacity(columns.len());
    let mut places: HashMap<Labels, usize, FixedState> = HashMap::default();
    for column in columns {
        let Some(&idx) = places.get(&column.labels) else {
            places.insert(column.labels.clone(), out.len());
            out.push(column);
            continue;
        };
        for step_idx in 0..column.vs.len() {
            let Some(point) = column.point(step_idx) else { continue };
            if out[idx].has(step_idx) {
                return Err(EvalError::invalid(span, "vector cannot contain metrics with the same labelset"));
            }
            out[idx].set(step_idx, point);
        }
    }
    Ok(out)
}

fn has_equal(columns: &[Column]) -> bool {
    // Columns come sorted from the store, and mostly stay so: then none is there twice.
    if columns.is_sorted_by(|a, b| a.labels < b.labels) {
        return false;
    }
    let mut known: HashSet<&Labels, FixedState> = HashSet::default();
    !columns.iter().all(|column| known.insert(&column.labels))
}

/// What a node of the expression gives, for all steps.
#[derive(Clone, Debug)]
pub(crate) enum Eval {
    /// One number a step.
    Scalar(Vec<f64>),
    /// A text.
    String(String),
    /// Series.
    Vector(Vec<Column>),
}

/// "No value at this step".
pub(crate) const GAP: f64 = STALE_NAN;

/// Labels that say what a metric is rather than whose it is: they go where the name goes.
pub(crate) fn is_metadata(label: &str) -> bool {
    matches!(label, METRIC_NAME | "__type__" | "__unit__")
}

/// The labels without `__name__`, type and unit.
pub(crate) fn without_name(labels: &Labels) -> Labels {
    if !labels.iter().any(|(name, _)| is_metadata(name)) {
        return labels.clone();
    }
    labels.only(|name| !is_metadata(name))
}

/// Time of a step in seconds.
pub(crate) fn seconds(grid: &StepGrid, step_idx: usize) -> f64 {
    grid.time(step_idx).as_secs_f64()
}

/// Where in time samples are looked for, for each step: the step's time or a fixed one, less the offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub(crate) fixed: Option<Timestamp>,
    pub(crate) offset_ms: i64,
}

impl Reference {
    pub(crate) fn time(&self, grid: &StepGrid, step_idx: usize) -> i64 {
        self.fixed.unwrap_or_else(|| grid.time(step_idx)).0.saturating_sub(self.offset_ms)
    }
}
