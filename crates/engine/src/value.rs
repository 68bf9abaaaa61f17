//! Values: columns while the query runs, vectors and matrices when it is done.

use crate::limits::EvalError;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
pub(crate) use model::{Histograms, Matrix, MatrixSeries, Point};
use model::{Labels, METRIC_NAME, STALE_NAN, StepGrid, Timestamp, is_stale};
use promql::Span;
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

/// A series with raw samples.
#[derive(Clone, Debug)]
pub struct RawSeries {
    /// Its labels.
    pub labels: Labels,
    /// Its samples.
    pub samples: SampleBuf,
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
