//! A heat map: how many observations fell into each range of values at each step.
//!
//! [`exponential`], [`custom`] and [`classic`] make one of the histograms of an expression. What is counted is never
//! split: rows are made so wide that each bucket lies in one, so that a column's total is that of its histograms.

mod rows;
#[cfg(test)]
mod tests;

use crate::series::gap;
use model::{Histogram, StepGrid};
use rows::{Exponential, Rows, common_bounds, thinned};

/// At most so many rows, for more are not told apart on a screen. Exponential buckets get coarser by whole schemas, so that
/// all of them stay equally high; the coarsest one has a few more if values lie at both ends of what a float can be.
pub const MAX_ROWS: usize = 200;

/// The counts of one or more histograms at every step of a frame, summed over series.
///
/// Rows are ranges of values that follow each other; a row says nothing of how large its range is, so an
/// exponential histogram reads as on a logarithmic axis and a classic one as its `le` values stand.
///
/// Equality is by bits, so that gaps compare.
#[derive(Clone, Debug, Default)]
pub struct HeatMap {
    /// Which expression of the panel it is of.
    pub query_idx: u16,
    /// The bounds of the rows, ascending: row `i` holds values above `edges[i]` up to `edges[i + 1]`. One more than
    /// there are rows. The first may be `-Inf`, the last `+Inf`.
    pub edges: Vec<f64>,
    /// The counts (or rates), step by step, each from the lowest row to the highest; [`crate::gap`] in all rows of a
    /// step without a histogram. Never negative.
    pub cells: Vec<f64>,
}

impl PartialEq for HeatMap {
    fn eq(&self, other: &Self) -> bool {
        let same =
            |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
        self.query_idx == other.query_idx && same(&self.edges, &other.edges) && same(&self.cells, &other.cells)
    }
}

impl HeatMap {
    /// How many rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// The cells of a step, from the lowest row to the highest; empty outside of the grid.
    #[must_use]
    pub fn column(&self, step_idx: usize) -> &[f64] {
        let n = self.n_rows();
        let start = step_idx.saturating_mul(n);
        self.cells.get(start..start.saturating_add(n)).unwrap_or_default()
    }

    /// Whether there are as many cells as rows and steps.
    #[must_use]
    pub fn fits(&self, grid: &StepGrid) -> bool {
        self.cells.len() == self.n_rows() * grid.len
    }
}

/// The map of native histograms with standard schemas, each with its step; others are passed over. `None` if there is
/// none.
///
/// All of them are merged to the coarsest schema that one of them has, and to a coarser one if the rows are too many.
/// Counts that are no positive number are not drawn.
#[must_use]
pub fn exponential(query_idx: u16, n_steps: usize, all: &[(usize, &Histogram)]) -> Option<HeatMap> {
    let all = || all.iter().filter(|(step_idx, h)| *step_idx < n_steps && !h.uses_custom_buckets());
    let layout = Exponential::of(all().map(|(_, h)| *h))?;
    let mut cells = Cells::new(layout.rows(), n_steps);
    for (step_idx, h) in all() {
        cells.open(*step_idx);
        cells.add(*step_idx, layout.zero_row(), h.zero_count);
        for bucket in &h.negative {
            cells.add(*step_idx, layout.negative_row(h.schema, bucket.idx), bucket.count);
        }
        for bucket in &h.positive {
            cells.add(*step_idx, layout.positive_row(h.schema, bucket.idx), bucket.count);
        }
    }
    cells.finish(query_idx)
}

/// The map of native histograms with bounds of their own, each with its step; others are passed over. `None` if there is
/// none.
///
/// Its rows end where all of the histograms have a bound.
#[must_use]
pub fn custom(query_idx: u16, n_steps: usize, all: &[(usize, &Histogram)]) -> Option<HeatMap> {
    let all = || all.iter().filter(|(step_idx, h)| *step_idx < n_steps && h.uses_custom_buckets());
    let mut uppers = thinned(common_bounds(all().map(|(_, h)| &h.custom_values))?, MAX_ROWS - 1);
    uppers.push(f64::INFINITY);
    let mut cells = Cells::new(Rows::up_to(&uppers), n_steps);
    for (step_idx, h) in all() {
        cells.open(*step_idx);
        for bucket in &h.positive {
            let upper = match usize::try_from(bucket.idx) {
                Ok(at) => h.custom_values.get(at).copied().unwrap_or(f64::INFINITY),
                Err(_) => f64::NEG_INFINITY,
            };
            cells.add(*step_idx, uppers.partition_point(|row| *row < upper), bucket.count);
        }
    }
    cells.finish(query_idx)
}

/// A series of a classic histogram: how many observations were at most `le`, at each step; [`crate::gap`] where that is not
/// known.
#[derive(Clone, Copy, Debug)]
pub struct ClassicBucket<'a> {
    /// The upper bound; no NaN.
    pub le: f64,
    /// One value a step.
    pub values: &'a [f64],
}

/// Counts of neighbouring buckets that differ by less than this share of them differ by rounding only: sums of rates are
/// not exact, and a cell of a billionth would have a colour.
const SMALL_SHARE: f64 = 1e-12;

/// The map of classic histograms, each given by its buckets. `None` if there is none.
///
/// Buckets that count less than one below them are taken to count as much, as quantiles do. What a histogram counts
/// between two of its bounds is in the row below the upper one, though others have bounds in between.
#[must_use]
pub fn classic(query_idx: u16, n_steps: usize, mut histograms: Vec<Vec<ClassicBucket<'_>>>) -> Option<HeatMap> {
    let mut uppers: Vec<f64> = Vec::new();
    for buckets in &mut histograms {
        model::sort::by(buckets, |a, b| a.le.total_cmp(&b.le));
        uppers.extend(buckets.iter().map(|bucket| bucket.le));
    }
    model::sort::by(&mut uppers, f64::total_cmp);
    uppers.dedup();
    let highest = uppers.pop()?;
    let mut uppers = thinned(uppers, MAX_ROWS - 1);
    uppers.push(highest);
    let mut cells = Cells::new(Rows::up_to(&uppers), n_steps);
    for buckets in &histograms {
        // `le="1"` and `le="1.0"` are one bucket.
        for_each_step(buckets, n_steps, &mut |step_idx, column| {
            cells.open(step_idx);
            let mut before = 0.0;
            for &(le, count) in column {
                if count > before && count - before > SMALL_SHARE * (count + before) {
                    cells.add(step_idx, uppers.partition_point(|row| *row < le), count - before);
                    before = count;
                }
            }
        });
    }
    cells.finish(query_idx)
}

/// A bound and how many observations were at most there.
type Cumulative = (f64, f64);

/// Shows the bounds and counts of each step that has some; equal bounds as one.
fn for_each_step(buckets: &[ClassicBucket<'_>], n_steps: usize, visit: &mut dyn FnMut(usize, &[Cumulative])) {
    let mut column: Vec<Cumulative> = Vec::with_capacity(buckets.len());
    for step_idx in 0..n_steps {
        column.clear();
        for bucket in buckets {
            let Some(&count) = bucket.values.get(step_idx) else { continue };
            if !count.is_finite() {
                continue;
            }
            match column.last_mut() {
                Some((le, sum)) if *le == bucket.le => *sum += count,
                _ => column.push((bucket.le, count)),
            }
        }
        if !column.is_empty() {
            visit(step_idx, &column);
        }
    }
}

/// The cells of a map that is being made.
struct Cells {
    rows: Rows,
    cells: Vec<f64>,
}

impl Cells {
    fn new(rows: Rows, n_steps: usize) -> Self {
        let cells = vec![gap(); rows.len() * n_steps];
        Cells { rows, cells }
    }

    /// There is a histogram at this step: what is not counted is 0.
    fn open(&mut self, step_idx: usize) {
        let n = self.rows.len();
        let column = &mut self.cells[step_idx * n..(step_idx + 1) * n];
        if column.first().is_some_and(|v| v.is_nan()) {
            column.fill(0.0);
        }
    }

    /// Adds to a row by its number before rows of no height were left out.
    fn add(&mut self, step_idx: usize, row: usize, count: f64) {
        if count > 0.0 && count.is_finite() && self.rows.len() > 0 {
            self.cells[step_idx * self.rows.len() + self.rows.place(row)] += count;
        }
    }

    fn finish(self, query_idx: u16) -> Option<HeatMap> {
        (self.rows.len() > 0).then_some(HeatMap { query_idx, edges: self.rows.into_edges(), cells: self.cells })
    }
}
