//! Histograms over time: a column a step, a row a bucket, the darker the more observations.
//!
//! Rows are as high as each other, whatever their buckets span. Counts are told by a logarithmic scale of colours; an
//! empty bucket and a step without a histogram have none.

use crate::axes::Plan;
use crate::drawing::Drawing;
use crate::format;
use crate::layout::{Layout, css};
use crate::options::Options;
use crate::pen::{Fill, Pen};
use crate::scale::ValueScale;
use crate::theme::N_HEAT;
use crate::ticks::Tick;
use frame::{Frame, HeatMap};

/// Counts that are less than this part of the greatest have the first colour: what is left of a rate that should be
/// zero would take all others.
const MAX_RATIO: f64 = 1e5;

/// Which heat map of a frame is drawn: the first whose expression is shown. Several ones cannot be drawn upon each
/// other, and their buckets cannot be added up.
pub(crate) fn first_shown(frame: &Frame, options: &Options<'_>) -> Option<usize> {
    frame.heat.iter().position(|heat| {
        let mut of_it = (0..frame.series.len()).filter(|&idx| frame.series[idx].source.query_idx == heat.query_idx);
        let is_whole = heat.n_rows() > 0 && heat.fits(&frame.grid);
        is_whole && (of_it.clone().next().is_none() || of_it.any(|idx| options.style(idx).is_shown))
    })
}

/// The axis on which row `i` lies from `i` to `i + 1`, with the bounds of the rows as ticks.
pub(crate) fn plan(frame: &Frame, options: &Options<'_>, height: f64) -> Plan {
    let Some(heat) = first_shown(frame, options).map(|idx| &frame.heat[idx]) else {
        return Plan { scale: ValueScale::linear(0.0, 1.0, 0.0, 1.0), ticks: Vec::new(), has_grid: false };
    };
    let series_idx = frame.series.iter().position(|series| series.source.query_idx == heat.query_idx);
    let unit = options.axis(series_idx.map_or(0, |idx| options.style(idx).axis)).unit;
    let n_rows = heat.n_rows();
    let scale = ValueScale::linear(0.0, n_rows as f64, 0.0, 1.0);
    // Every so many-th bound, counted from the lowest; both ends always, as far as there is room.
    let room = height / (css::LINE * options.scale);
    let every = (n_rows as f64 / room.max(1.0)).ceil().max(1.0) as usize;
    let mut rows: Vec<usize> = vec![n_rows];
    rows.extend((0..n_rows).filter(|row| row % every == 0 && (n_rows - row >= every || *row == 0)));
    rows.sort_unstable();
    let bound = |row: usize| heat.edges.get(row).copied().unwrap_or(f64::NAN);
    let ticks = rows.into_iter().map(|row| Tick { at: row as f64, text: format::short(unit, bound(row)) }).collect();
    Plan { scale, ticks, has_grid: false }
}

/// Where a value lies on the axis, in rows from below; `None` for NaN and what is outside of all rows.
pub(crate) fn row_position(heat: &HeatMap, v: f64) -> Option<f64> {
    // A row holds its upper bound, not its lower one.
    let row = heat.edges.partition_point(|edge| *edge < v).checked_sub(1)?;
    let (low, high) = (heat.edges.get(row)?, heat.edges.get(row + 1)?);
    let part = (v - low) / (high - low);
    // NaN, and rows without an end.
    Some(row as f64 + if part.is_finite() && low.is_finite() && high.is_finite() { part } else { 0.5 })
}

/// The colours of counts: the least and the greatest that have one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatScale {
    /// The count with the first colour; what is less and above zero has it too.
    pub min: f64,
    /// The count with the last colour.
    pub max: f64,
}

impl HeatScale {
    /// For the counts of a heat map. `None` if all are zero.
    #[must_use]
    pub fn of(heat: &HeatMap) -> Option<Self> {
        let counts = || heat.cells.iter().copied().filter(|v| *v > 0.0 && v.is_finite());
        let max = counts().fold(f64::NAN, f64::max);
        let min = counts().fold(f64::NAN, f64::min).max(max / MAX_RATIO);
        (min > 0.0 && min <= max).then_some(HeatScale { min, max })
    }

    /// The count from which on a colour is used, for a legend; the first is used for all that is less, too.
    #[must_use]
    pub fn begin(&self, level: usize) -> f64 {
        self.min * libm::pow(self.max / self.min, level.min(N_HEAT) as f64 / N_HEAT as f64)
    }

    /// The colour of a count, from 0 to [`N_HEAT`] - 1; `None` for no observations.
    #[must_use]
    pub fn level(&self, count: f64) -> Option<usize> {
        if count.is_nan() || count <= 0.0 {
            return None;
        }
        let span = libm::log(self.max / self.min);
        let part = if span > 0.0 { libm::log(count.min(self.max) / self.min) / span } else { 1.0 };
        Some(((part.clamp(0.0, 1.0) * N_HEAT as f64) as usize).min(N_HEAT - 1))
    }
}

/// The left edges of the columns of steps that share a pixel or are wider: first step, last step, from, to.
fn columns(frame: &Frame, layout: &Layout) -> Vec<(usize, usize, f64, f64)> {
    let grid = &frame.grid;
    let half = grid.step.0.max(1) as f64 / 2.0;
    let edge =
        |step: usize| layout.snap(layout.time.to_px(grid.start.0 as f64 + grid.step.0 as f64 * step as f64 - half));
    let mut columns = Vec::new();
    let mut first = 0;
    for step in 0..grid.len {
        let (from, to) = (edge(first), edge(step + 1));
        if to - from >= layout.pixel() || step + 1 == grid.len {
            columns.push((first, step, from, to.max(from + layout.pixel())));
            first = step + 1;
        }
    }
    columns
}

/// Draws the heat map that the drawing has chosen.
pub(crate) fn draw<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let Some(heat) = drawing.heat_idx.and_then(|idx| frame.heat.get(idx)) else {
        return Ok(());
    };
    let Some(scale) = HeatScale::of(heat) else {
        return Ok(());
    };
    let layout = &drawing.layout;
    let columns = columns(frame, layout);
    // Where steps share a pixel column, the greatest count is told.
    let level = |(first, last): (usize, usize), row: usize| {
        let counts = (first..=last).filter_map(|step| heat.column(step).get(row));
        scale.level(counts.fold(0.0, |most, count| most.max(*count)))
    };
    for row in 0..heat.n_rows() {
        let (top, bottom) = row_edges(layout, row);
        // Neighbours of one colour are one rectangle.
        let mut open: Option<(usize, f64, f64)> = None;
        let mut fill = |open: Option<(usize, f64, f64)>| match open {
            Some((level, from, to)) => {
                let fill = Fill { colour: options.theme.heat(level), alpha: 1.0 };
                pen.rect((from as f32, top as f32), (to as f32, bottom as f32), fill)
            }
            None => Ok(()),
        };
        for &(first, last, from, to) in &columns {
            let level = level((first, last), row);
            match (&mut open, level) {
                (Some((before, _, end)), Some(level)) if *before == level && *end >= from => *end = to,
                _ => fill(std::mem::replace(&mut open, level.map(|level| (level, from, to))))?,
            }
        }
        fill(open)?;
    }
    Ok(())
}

/// The upper and the lower edge of a row, on whole pixels; at least a pixel apart.
pub(crate) fn row_edges(layout: &Layout, row: usize) -> (f64, f64) {
    let edge = |row: usize| layout.snap(layout.value(0).to_px(row as f64));
    let (top, bottom) = (edge(row + 1), edge(row));
    (top.min(bottom - layout.pixel()), bottom)
}

#[cfg(test)]
mod tests {
    //! Counts and their colours, values and their rows.
    use super::*;

    fn heat(edges: &[f64], cells: &[f64]) -> HeatMap {
        HeatMap { query_idx: 0, edges: edges.to_vec(), cells: cells.to_vec() }
    }

    #[test]
    fn colours_go_by_the_logarithm_of_counts() {
        let scale = HeatScale::of(&heat(&[0.0, 1.0], &[0.0, 1.0, 10.0, frame::gap(), 4_096.0])).unwrap();
        assert_eq!((scale.min, scale.max), (1.0, 4_096.0));
        let levels = [0.0, f64::NAN, -1.0, 0.5, 1.0, 1.9, 2.1, 5.0, 2_100.0, 4_096.0, f64::INFINITY];
        let want = [None, None, None, Some(0), Some(0), Some(0), Some(1), Some(2), Some(11), Some(11), Some(11)];
        assert_eq!(levels.map(|count| scale.level(count)), want);
        for level in 0..N_HEAT {
            assert_eq!(scale.level(scale.begin(level) * 1.000_001), Some(level));
        }
        assert_eq!(HeatScale::of(&heat(&[0.0, 1.0], &[0.0, f64::NAN])), None);
        let one = HeatScale::of(&heat(&[0.0, 1.0], &[3.0, 3.0])).unwrap();
        assert_eq!(one.level(3.0), Some(N_HEAT - 1), "a single count is the most there is");
        let noisy = HeatScale::of(&heat(&[0.0, 1.0], &[1e-12, 1.0])).unwrap();
        assert_eq!((noisy.level(1e-12), noisy.level(0.1)), (Some(0), Some(9)));
    }

    #[test]
    fn a_value_lies_in_the_row_whose_upper_bound_it_may_reach() {
        let heat = heat(&[f64::NEG_INFINITY, 0.0, 1.0, 3.0, f64::INFINITY], &[]);
        let rows = [-5.0, 0.0, 0.5, 1.0, 2.0, 3.0, 9.0, f64::INFINITY, f64::NAN].map(|v| row_position(&heat, v));
        let want = [0.5, 0.5, 1.5, 2.0, 2.5, 3.0, 3.5, 3.5].map(Some);
        assert_eq!(rows[..8], want);
        assert_eq!(rows[8], None);
    }
}
