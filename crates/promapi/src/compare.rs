//! Where two answers to the same question differ: ours and that of a server, or those of two servers.

use model::{Histogram, Labels, Matrix, MatrixSeries, StepGrid, Timestamp, is_stale};

/// What counts as a difference, and how many are listed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareOptions {
    /// Values are equal if they differ by at most this part of the greater one. Sums in another order differ in the
    /// last digits.
    pub tolerance: f64,
    /// At most so many differences are listed; all are counted.
    pub max_listed: usize,
}

impl Default for CompareOptions {
    fn default() -> Self {
        CompareOptions { tolerance: 1e-9, max_listed: 1_000 }
    }
}

/// How two answers compare.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Points that are in both and equal.
    pub n_equal: u64,
    /// Points that are in both and differ.
    pub n_differing: u64,
    /// Points that only the first answer has.
    pub n_only_here: u64,
    /// Points that only the second answer has.
    pub n_only_there: u64,
    /// Series that only the first answer has.
    pub n_series_only_here: usize,
    /// Series that only the second answer has.
    pub n_series_only_there: usize,
    /// Steps that only one of the answers has; their points are not compared.
    pub n_steps_apart: usize,
    /// The differences, by series and time.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Points that are not equal.
    #[must_use]
    pub fn n_differences(&self) -> u64 {
        self.n_differing + self.n_only_here + self.n_only_there
    }
}

/// A point that is not the same in both.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its series.
    pub labels: Labels,
    /// Its time.
    pub t: Timestamp,
    /// What differs.
    pub kind: DifferenceKind,
}

/// What differs. A native histogram is told by its count of observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DifferenceKind {
    /// Both have a value.
    Values {
        /// That of the first answer.
        here: f64,
        /// That of the second.
        there: f64,
    },
    /// Both have native histograms, that differ in something.
    Histograms {
        /// Observations of the first.
        here: f64,
        /// Observations of the second.
        there: f64,
    },
    /// One has a number and the other a native histogram.
    Kinds,
    /// The second answer has no value here.
    OnlyHere(f64),
    /// The first answer has none.
    OnlyThere(f64),
}

/// Compares two answers, whose series are sorted by labels.
#[must_use]
pub fn compare(here: &Matrix, there: &Matrix, options: &CompareOptions) -> Comparison {
    let steps = common_steps(here.grid, there.grid);
    let n_steps_apart = here.grid.len + there.grid.len - 2 * steps.len();
    let comparison = Comparison { n_steps_apart, ..Comparison::default() };
    let mut walk = Walk { steps: &steps, grid: here.grid, options, comparison };
    let (mut ours, mut theirs) = (here.series.iter().peekable(), there.series.iter().peekable());
    loop {
        let order = match (ours.peek(), theirs.peek()) {
            (None, None) => return walk.comparison,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => a.labels.cmp(&b.labels),
        };
        let a = if order.is_le() { ours.next() } else { None };
        let b = if order.is_ge() { theirs.next() } else { None };
        walk.series(a, b);
    }
}

/// The steps at the same times, as indices in both.
fn common_steps(a: StepGrid, b: StepGrid) -> Vec<(usize, usize)> {
    let mut common = Vec::with_capacity(a.len.min(b.len));
    let (mut i, mut j) = (0, 0);
    while i < a.len && j < b.len {
        match a.time(i).cmp(&b.time(j)) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common.push((i, j));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    common
}

struct Walk<'a> {
    steps: &'a [(usize, usize)],
    grid: StepGrid,
    options: &'a CompareOptions,
    comparison: Comparison,
}

/// A value of a step.
enum Value<'a> {
    Float(f64),
    Histogram(&'a Histogram),
}

impl Value<'_> {
    fn number(&self) -> f64 {
        match self {
            Value::Float(v) => *v,
            Value::Histogram(h) => h.count,
        }
    }
}

fn value(series: Option<&MatrixSeries>, step_idx: usize) -> Option<Value<'_>> {
    let series = series?;
    match series.values.get(step_idx) {
        Some(v) if !is_stale(*v) => Some(Value::Float(*v)),
        _ => series.histograms.get(step_idx).map(|h| Value::Histogram(h)),
    }
}

impl Walk<'_> {
    fn series(&mut self, ours: Option<&MatrixSeries>, theirs: Option<&MatrixSeries>) {
        let Some(labels) = ours.or(theirs).map(|series| &series.labels) else { return };
        self.comparison.n_series_only_here += usize::from(theirs.is_none());
        self.comparison.n_series_only_there += usize::from(ours.is_none());
        for &(here_idx, there_idx) in self.steps {
            let kind = match (value(ours, here_idx), value(theirs, there_idx)) {
                (None, None) => continue,
                (Some(here), None) => {
                    self.comparison.n_only_here += 1;
                    DifferenceKind::OnlyHere(here.number())
                }
                (None, Some(there)) => {
                    self.comparison.n_only_there += 1;
                    DifferenceKind::OnlyThere(there.number())
                }
                (Some(here), Some(there)) => match self.differs(&here, &there) {
                    None => {
                        self.comparison.n_equal += 1;
                        continue;
                    }
                    Some(kind) => {
                        self.comparison.n_differing += 1;
                        kind
                    }
                },
            };
            if self.comparison.differences.len() < self.options.max_listed {
                let difference = Difference { labels: labels.clone(), t: self.grid.time(here_idx), kind };
                self.comparison.differences.push(difference);
            }
        }
    }

    fn differs(&self, here: &Value<'_>, there: &Value<'_>) -> Option<DifferenceKind> {
        let tolerance = self.options.tolerance;
        match (here, there) {
            (Value::Float(a), Value::Float(b)) => {
                (!close(*a, *b, tolerance)).then_some(DifferenceKind::Values { here: *a, there: *b })
            }
            (Value::Histogram(a), Value::Histogram(b)) => (!same_histogram(a, b, tolerance))
                .then_some(DifferenceKind::Histograms { here: a.count, there: b.count }),
            _ => Some(DifferenceKind::Kinds),
        }
    }
}

/// Whether two values are the same, NaN and NaN included.
fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b
        || a.is_nan() && b.is_nan()
        || (a - b).abs() <= tolerance * a.abs().max(b.abs()) && a.is_finite() && b.is_finite()
}

/// By what the API shows of them: counts, sum, and the buckets that hold something.
fn same_histogram(a: &Histogram, b: &Histogram, tolerance: f64) -> bool {
    let close = |a: f64, b: f64| close(a, b, tolerance);
    let (mut ours, mut theirs) =
        (a.buckets().filter(|bucket| bucket.count != 0.0), b.buckets().filter(|bucket| bucket.count != 0.0));
    if !close(a.count, b.count) || !close(a.sum, b.sum) {
        return false;
    }
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if close(a.lower, b.lower) && close(a.upper, b.upper) && close(a.count, b.count) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests;
