//! Values: columns while the query runs, vectors and matrices when it is done.

use model::{Labels, LabelsBuilder, METRIC_NAME, STALE_NAN, StepGrid, Timestamp, is_stale};
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
    Vector(Vec<(Labels, f64)>),
    /// Raw samples of a range selector at one time.
    Samples(Vec<RawSeries>),
    /// One column a series, sorted by labels.
    Matrix(Matrix),
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
        let padded = |labels: Labels, values: Vec<f64>| {
            let mut all = Vec::with_capacity(len + more);
            all.resize(len, STALE_NAN);
            all.extend(values);
            MatrixSeries { labels, values: all }
        };
        for mut series in std::mem::take(&mut self.series) {
            while let Some(new) = tail.next_if(|new| new.labels < series.labels) {
                merged.push(padded(new.labels, new.values));
            }
            match tail.next_if(|new| new.labels == series.labels) {
                Some(new) => series.values.extend(new.values),
                None => series.values.resize(len + more, STALE_NAN),
            }
            merged.push(series);
        }
        merged.extend(tail.map(|new| padded(new.labels, new.values)));
        self.series = merged;
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
}

impl Column {
    pub(crate) fn is_blank(&self) -> bool {
        self.vs.iter().all(|&v| is_stale(v))
    }

    pub(crate) fn final_labels(&self) -> Labels {
        if self.drop_name { without_name(&self.labels) } else { self.labels.clone() }
    }
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
    let mut builder = LabelsBuilder::from_labels(labels);
    builder.retain(|name| !is_metadata(name)).labels()
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
