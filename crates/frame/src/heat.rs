//! A heat map: how many observations fell into each range of values at each step.

use model::StepGrid;

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
        self.cells.get(step_idx * n..(step_idx + 1) * n).unwrap_or_default()
    }

    /// Whether there are as many cells as rows and steps.
    #[must_use]
    pub fn fits(&self, grid: &StepGrid) -> bool {
        self.cells.len() == self.n_rows() * grid.len
    }
}
