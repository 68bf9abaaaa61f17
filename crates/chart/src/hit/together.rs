//! The samples of all series at one time: for a tooltip of all, and for forms in which they stand upon or beside each
//! other.

use super::{Hit, MAX_DISTANCE, hit_at};
use crate::bars::Group;
use crate::common::{Times, nearest_index};
use crate::drawing::Drawing;
use crate::options::Form;
use crate::{stacked, states};
use frame::{Frame, is_gap};

/// The samples of all series that are shown, at the step nearest to a time, in the order of the frame. A series that has
/// none there, or none that is drawn, is left out.
///
/// Costs a binary search in each series; none if it is not decimated.
#[must_use]
pub fn all_at(frame: &Frame, drawing: &Drawing, t: f64) -> Vec<Hit> {
    let Some(t) = nearest_step(frame, t) else {
        return Vec::new();
    };
    let time = &drawing.layout.time;
    // A decimated series has a sample in each pixel column where there are any.
    let column = (time.end - time.start) / (time.right - time.left) * drawing.layout.pixel();
    let reach = (frame.grid.step.0.max(1) as f64 / 2.0).max(1.5 * column);
    let sample = |series_idx: usize| {
        let points = &frame.series.get(series_idx)?.points;
        let point_idx = nearest_index(points, &frame.grid, t)?;
        let (at, v) = points.get(&frame.grid, point_idx)?;
        ((at - t).abs() <= reach).then(|| Hit { series_idx, point_idx, t: at, v, x: time.to_px(at), y: f64::NAN })
    };
    let mut hits = Vec::new();
    match drawing.form {
        Form::Heatmap => {}
        Form::Stacked => stacked::each_bound(frame, drawing, t, frame.series.len(), &mut |series_idx, base, v| {
            let y = drawing.layout.value(drawing.style(series_idx).axis).to_px(base + v);
            hits.extend(sample(series_idx).map(|hit| Hit { y, ..hit }).filter(|hit| hit.y.is_finite()));
        }),
        Form::States => hits.extend(drawing.rows.iter().enumerate().filter_map(|(nth, &series_idx)| {
            let (top, bottom) = states::row_edges(drawing, nth);
            sample(series_idx).filter(|hit| !is_gap(hit.v)).map(|hit| Hit { y: (top + bottom) / 2.0, ..hit })
        })),
        form => {
            let group = Group::of(frame, drawing);
            let shown = (0..frame.series.len()).filter(|&idx| drawing.shows(idx));
            hits.extend(shown.enumerate().filter_map(|(nth, series_idx)| {
                let hit = sample(series_idx).filter(|hit| hit.v.is_finite())?;
                let y = drawing.layout.value(drawing.style(series_idx).axis).to_px(hit.v);
                let x = if form == Form::Bars { group.left(nth, hit.x) + group.width / 2.0 } else { hit.x };
                y.is_finite().then_some(Hit { x, y, ..hit })
            }));
        }
    }
    hits
}

/// The time of the step nearest to a time.
fn nearest_step(frame: &Frame, t: f64) -> Option<f64> {
    let grid = &frame.grid;
    let step = ((t - grid.start.0 as f64) / grid.step.0.max(1) as f64).round();
    // Negative and NaN become 0.
    Some(grid.time((step as usize).min(grid.len.checked_sub(1)?)).0 as f64)
}

/// The sample of the layer at a place, or of the one whose upper edge is nearest.
pub(super) fn in_stack(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<Hit> {
    let t = drawing.layout.time.to_time(x);
    // Exactly there if there are areas; else at the nearest step that may have some.
    let times = Times::of(frame);
    let step = ((t - times.start) / times.step).round();
    // Negative and NaN become 0.
    let nearest = times.at((step as usize).min(times.len.saturating_sub(1)));
    let series_idx = layer_at(frame, drawing, t, y).or_else(|| {
        let is_near = (drawing.layout.time.to_px(nearest) - x).abs() <= MAX_DISTANCE * drawing.layout.scale;
        if is_near { layer_at(frame, drawing, nearest, y) } else { None }
    })?;
    let point_idx = nearest_index(&frame.series.get(series_idx)?.points, &frame.grid, t)?;
    hit_at(frame, drawing, series_idx, point_idx)
}

fn layer_at(frame: &Frame, drawing: &Drawing, t: f64, y: f64) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    stacked::each_bound(frame, drawing, t, frame.series.len(), &mut |idx, base, v| {
        let scale = drawing.layout.value(drawing.style(idx).axis);
        let (a, b) = (scale.to_px(base), scale.to_px(base + v));
        // An area counts as no distance at all; the previous period has only a line.
        let is_within = y >= a.min(b) && y <= a.max(b) && a != b && !drawing.style(idx).is_pale;
        let distance = if is_within { -1.0 } else { (b - y).abs() };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, idx));
        }
    });
    best.map(|(_, idx)| idx)
}

/// The sample whose bar is at or nearest to a place.
pub(super) fn in_group(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<Hit> {
    let mut best: Option<(f64, f64, Hit)> = None;
    let width = Group::of(frame, drawing).width;
    for hit in all_at(frame, drawing, drawing.layout.time.to_time(x)) {
        // How far beside the bar, then how far from its end: bars narrower than a pixel lie upon each other.
        let (beside, beyond) = (((hit.x - x).abs() - width / 2.0).max(0.0), (hit.y - y).abs());
        if best.is_none_or(|(b, e, _)| (beside, beyond) < (b, e)) {
            best = Some((beside, beyond, hit));
        }
    }
    best.filter(|(beside, ..)| *beside <= MAX_DISTANCE * drawing.layout.scale).map(|(_, _, hit)| hit)
}
