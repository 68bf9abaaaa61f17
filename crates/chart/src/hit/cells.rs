//! What lies under the pointer where the plot is made of rows: a cell of a heat map, a state.

use super::{Hit, hit_at};
use crate::common::nearest_index;
use crate::drawing::Drawing;
use crate::options::Form;
use crate::states;
use frame::Frame;

/// A cell of a heat map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatHit {
    /// Which heat map of the frame.
    pub heat_idx: usize,
    /// Which step.
    pub step_idx: usize,
    /// Which row, from the lowest.
    pub row_idx: usize,
    /// Its bucket holds values above this one.
    pub from: f64,
    /// Up to this one.
    pub to: f64,
    /// How many observations (or how many a second); zero for an empty cell.
    pub count: f64,
    /// Of all rows of the step together.
    pub total_of_column: f64,
    /// When, ms since the epoch.
    pub t: f64,
}

/// The cell at a place. `None` outside of the plot, and where the step has no histogram.
#[must_use]
pub fn heat_at(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<HeatHit> {
    let heat_idx = drawing.heat_idx?;
    let heat = frame.heat.get(heat_idx)?;
    if !drawing.layout.plot.contains(x, y) {
        return None;
    }
    let (grid, t) = (&frame.grid, drawing.layout.time.to_time(x));
    let step = ((t - grid.start.0 as f64) / grid.step.0.max(1) as f64).round();
    if step < 0.0 || step >= grid.len as f64 {
        return None;
    }
    let step_idx = step as usize;
    let row_idx = (drawing.layout.value(0).to_value(y).max(0.0) as usize).min(heat.n_rows().checked_sub(1)?);
    let column = heat.column(step_idx);
    let count = column.get(row_idx).copied().filter(|count| !count.is_nan())?;
    Some(HeatHit {
        heat_idx,
        step_idx,
        row_idx,
        from: *heat.edges.get(row_idx)?,
        to: *heat.edges.get(row_idx + 1)?,
        count,
        total_of_column: column.iter().sum(),
        t: grid.time(step_idx).0 as f64,
    })
}

/// A stretch of time with one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateHit {
    /// Which series of the frame.
    pub series_idx: usize,
    /// Its value; NaN if that is what was sampled.
    pub v: f64,
    /// When its first sample was, ms since the epoch.
    pub from_ms: i64,
    /// When its last sample was.
    pub to_ms: i64,
}

/// The state at a place. `None` where there is none.
#[must_use]
pub fn state_at(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<StateHit> {
    let series_idx = row_at(drawing, y)?;
    if drawing.form != Form::States || !drawing.layout.plot.contains(x, y) {
        return None;
    }
    let t = drawing.layout.time.to_time(x);
    let series = frame.series.get(series_idx)?;
    let time = |idx: usize| series.points.get(&frame.grid, idx).map_or(0, |(t, _)| t as i64);
    let mut found = None;
    states::each_stretch(series, &frame.grid, &mut |stretch| {
        if stretch.from <= t && t < stretch.to {
            let (from_ms, to_ms) = (time(stretch.first), time(stretch.last));
            found = Some(StateHit { series_idx, v: stretch.v, from_ms, to_ms });
        }
    });
    found
}

/// The series whose row is at a height; the nearest for what is above or below all.
fn row_at(drawing: &Drawing, y: f64) -> Option<usize> {
    let n_rows = drawing.rows.len();
    let above = n_rows as f64 - drawing.layout.value(0).to_value(y);
    // Negative and NaN become 0.
    drawing.rows.get((above as usize).min(n_rows.checked_sub(1)?)).copied()
}

/// The sample of the row at a height that is nearest in time, as long as its state is shown there.
pub(super) fn nearest(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<Hit> {
    let series_idx = row_at(drawing, y)?;
    let series = frame.series.get(series_idx)?;
    let point_idx = nearest_index(&series.points, &frame.grid, drawing.layout.time.to_time(x))?;
    hit_at(frame, drawing, series_idx, point_idx)
}
