//! Finds the sample under the pointer and walks from sample to sample, for the pointer and the arrow keys.

mod cells;
mod together;

pub use cells::{HeatHit, StateHit, heat_at, state_at};
pub use together::all_at;

use crate::common::first_not_before;
use crate::drawing::Drawing;
use crate::options::Form;
use frame::{Frame, FrameSeries};

/// A sample of a series, and where it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Which series of the frame.
    pub series_idx: usize,
    /// Which of its points.
    pub point_idx: usize,
    /// When, ms since the epoch.
    pub t: f64,
    /// The value as it came; finite, but where states are shown: there it is any sample.
    pub v: f64,
    /// Where, pixels of the backend.
    pub x: f64,
    /// Where, pixels of the backend.
    pub y: f64,
}

/// A sample farther away than this in time, in CSS pixels, is not under the pointer.
const MAX_DISTANCE: f64 = 60.0;

/// The sample that is meant by a place: of the area, bar or row under it, or of the series whose line passes nearest
/// above or below it. A heat map has no samples, see [`heat_at`].
///
/// Costs a binary search in each series that is shown.
#[must_use]
pub fn nearest(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<Hit> {
    match drawing.form {
        Form::Heatmap => None,
        Form::States => cells::nearest(frame, drawing, x, y),
        Form::Stacked => together::in_stack(frame, drawing, x, y),
        Form::Bars => together::in_group(frame, drawing, x, y),
        Form::Lines | Form::Points | Form::Steps => nearest_line(frame, drawing, x, y),
    }
}

fn nearest_line(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<Hit> {
    let t = drawing.layout.time.to_time(x);
    let mut best: Option<(f64, Hit)> = None;
    for (series_idx, series) in frame.series.iter().enumerate() {
        if !drawing.shows(series_idx) {
            continue;
        }
        let Some((distance, hit)) = in_series(frame, drawing, series_idx, series, t, (x, y)) else {
            continue;
        };
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, hit));
        }
    }
    best.map(|(_, hit)| hit)
}

/// The distance of a series' line from a place, and the sample of it that is meant.
fn in_series(
    frame: &Frame,
    drawing: &Drawing,
    series_idx: usize,
    series: &FrameSeries,
    t: f64,
    (x, y): (f64, f64),
) -> Option<(f64, Hit)> {
    let (points, grid) = (&series.points, &frame.grid);
    let at = |point_idx: usize| hit_at(frame, drawing, series_idx, point_idx);
    // The first point at or after the time; its neighbours of the same pixel column count too, because
    // a decimated column has up to four.
    let split = first_not_before(points, grid, t);
    let scale = drawing.layout.scale;
    let column = scale.max(1.0);
    let after = walk(split..points.len(), at, x, column);
    let before = walk((0..split).rev(), at, x, column);
    let within_column = before.iter().chain(&after).filter(|hit| (hit.x - x).abs() <= column);
    let square = |hit: &Hit| (hit.x - x) * (hit.x - x) + (hit.y - y) * (hit.y - y);
    if let Some(hit) = within_column.min_by(|a, b| square(a).total_cmp(&square(b))) {
        return Some((square(hit).sqrt(), *hit));
    }
    let (before, after) = (before.first(), after.first());
    let nearer = match (before, after) {
        (Some(b), Some(a)) => {
            if x - b.x <= a.x - x {
                b
            } else {
                a
            }
        }
        (one, other) => one.or(other)?,
    };
    match (before, after) {
        // Between two neighbours there is a line, however far apart they are.
        (Some(b), Some(a)) if a.point_idx == b.point_idx + 1 && drawing.form == Form::Steps => {
            Some(((b.y - y).abs(), *b))
        }
        (Some(b), Some(a)) if a.point_idx == b.point_idx + 1 && drawing.form == Form::Lines => {
            let part = (x - b.x) / (a.x - b.x).max(f64::MIN_POSITIVE);
            Some(((b.y + (a.y - b.y) * part - y).abs(), *nearer))
        }
        _ if (nearer.x - x).abs() <= MAX_DISTANCE * scale => Some((square(nearer).sqrt(), *nearer)),
        _ => None,
    }
}

/// The first finite sample of a walk and all others in the pixel column of `x`.
fn walk(indices: impl Iterator<Item = usize>, at: impl Fn(usize) -> Option<Hit>, x: f64, column: f64) -> Vec<Hit> {
    /// Far more than a decimated column holds; a long gap ends the walk.
    const MAX_STEPS: usize = 64;
    let mut hits = Vec::new();
    for point_idx in indices.take(MAX_STEPS) {
        let Some(hit) = at(point_idx) else {
            continue;
        };
        if !hits.is_empty() && (hit.x - x).abs() > column {
            break;
        }
        hits.push(hit);
    }
    hits
}

/// The finite sample nearest to a time, of one series.
#[must_use]
pub fn at_time(frame: &Frame, drawing: &Drawing, series_idx: usize, t: f64) -> Option<Hit> {
    let points = &frame.series.get(series_idx)?.points;
    let at = |idx| hit_at(frame, drawing, series_idx, idx);
    let split = first_not_before(points, &frame.grid, t);
    let after = (split..points.len()).find_map(at);
    let before = (0..split).rev().find_map(at);
    match (before, after) {
        (Some(b), Some(a)) => Some(if t - b.t < a.t - t { b } else { a }),
        (one, other) => one.or(other),
    }
}

/// The next finite sample of the same series, to the right or to the left; the same at the end.
#[must_use]
pub fn step_in_time(frame: &Frame, drawing: &Drawing, from: &Hit, to_the_right: bool) -> Hit {
    let Some(series) = frame.series.get(from.series_idx) else {
        return *from;
    };
    let at = |idx| hit_at(frame, drawing, from.series_idx, idx);
    let next = if to_the_right {
        (from.point_idx + 1..series.points.len()).find_map(at)
    } else {
        (0..from.point_idx.min(series.points.len())).rev().find_map(at)
    };
    next.unwrap_or(*from)
}

/// The sample at about the same time on the next line, area, bar or row above or below; the same at the last.
#[must_use]
pub fn step_over_series(frame: &Frame, drawing: &Drawing, from: &Hit, up: bool) -> Hit {
    // Lines that lie on each other are walked in the order of the frame.
    let key = |hit: &Hit| (-hit.y, hit.series_idx);
    let ahead = |a: (f64, usize), b: (f64, usize)| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)).is_gt() == up && a != b;
    let mut best: Option<Hit> = None;
    let mut consider = |hit: Hit| {
        let is_near = (hit.x - from.x).abs() <= MAX_DISTANCE * drawing.layout.scale;
        if is_near && ahead(key(&hit), key(from)) && best.is_none_or(|b| ahead(key(&b), key(&hit))) {
            best = Some(hit);
        }
    };
    let others = |idx: usize| idx != from.series_idx;
    match drawing.form {
        Form::Stacked | Form::Bars | Form::States => {
            all_at(frame, drawing, from.t).into_iter().filter(|hit| others(hit.series_idx)).for_each(&mut consider);
        }
        _ => (0..frame.series.len())
            .filter(|&idx| others(idx) && drawing.shows(idx))
            .filter_map(|idx| at_time(frame, drawing, idx, from.t))
            .for_each(&mut consider),
    }
    best.unwrap_or(*from)
}

/// A point, if it is a sample that is drawn.
fn hit_at(frame: &Frame, drawing: &Drawing, series_idx: usize, point_idx: usize) -> Option<Hit> {
    let (t, v) = frame.series.get(series_idx)?.points.get(&frame.grid, point_idx)?;
    let (x, y) = drawing.place(frame, series_idx, point_idx)?;
    Some(Hit { series_idx, point_idx, t, v, x, y })
}

#[cfg(test)]
mod tests;
