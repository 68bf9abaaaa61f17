//! What is drawn beside the series: exemplars as diamonds, events as triangles at the upper edge, ranges as bands.

use crate::drawing::Drawing;
use crate::heatmap;
use crate::layout::{Layout, css};
use crate::options::{Dash, Form, Options};
use crate::pen::{Fill, Pen, Stroke};
use crate::theme::Rgb;
use frame::{Frame, FrameExemplar, Mark};

/// Half a diamond of an exemplar, CSS pixels.
const DIAMOND: f64 = 4.0;

/// Half a triangle of an event, CSS pixels.
const TRIANGLE: f64 = 5.0;

/// The pointer may be so far beside, CSS pixels.
const REACH: f64 = 8.0;

/// How much a band covers, and the line of an event.
const BAND_ALPHA: f32 = 0.12;
const LINE_ALPHA: f32 = 0.6;

/// Draws exemplars and events of a frame, where a drawing has their axes.
///
/// # Errors
/// If the pen cannot draw.
pub fn draw_marks<P: Pen>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut P,
) -> Result<(), P::Error> {
    draw(frame, options, drawing, pen)
}

fn draw<E>(frame: &Frame, options: &Options<'_>, drawing: &Drawing, pen: &mut dyn Pen<Error = E>) -> Result<(), E> {
    for mark in &frame.marks {
        event(mark, options, &drawing.layout, pen)?;
    }
    let size = (DIAMOND * options.scale) as f32;
    let edge = (options.scale.max(1.0)) as f32;
    for exemplar in &frame.exemplars {
        if let Some((x, y)) = exemplar_place(frame, drawing, exemplar) {
            // A rim of the background, so that it stands out from the lines it lies on.
            diamond((x as f32, y as f32), size + edge, options.theme.background, pen)?;
            diamond((x as f32, y as f32), size, options.theme.exemplar, pen)?;
        }
    }
    Ok(())
}

fn diamond<E>((x, y): (f32, f32), size: f32, colour: Rgb, pen: &mut dyn Pen<Error = E>) -> Result<(), E> {
    pen.area(&[(x, y - size), (x + size, y), (x, y + size), (x - size, y)], Fill { colour, alpha: 1.0 })
}

fn event<E>(mark: &Mark, options: &Options<'_>, layout: &Layout, pen: &mut dyn Pen<Error = E>) -> Result<(), E> {
    let colour = options.theme.mark(mark.kind);
    if mark.end_ms > mark.at_ms {
        band(layout, (mark.at_ms as f64, mark.end_ms as f64), colour, pen)?;
    }
    let Some(x) = within(layout, mark.at_ms as f64) else {
        return Ok(());
    };
    let (x, top, bottom) = (x as f32, layout.plot.top as f32, layout.plot.bottom as f32);
    let stroke = Stroke {
        fill: Fill { colour, alpha: LINE_ALPHA },
        width: layout.pixel().max(options.scale) as f32,
        dash: Dash::Dashed,
        is_dense: false,
    };
    pen.line(&[(x, top), (x, bottom)], &stroke)?;
    let size = (TRIANGLE * options.scale) as f32;
    pen.area(&[(x - size, top), (x + size, top), (x, top + 1.6 * size)], Fill { colour, alpha: 1.0 })
}

/// Fills a range of times from the upper to the lower edge of the plot, palely: what is true for as long.
pub fn band<E>(layout: &Layout, (from, to): (f64, f64), colour: Rgb, pen: &mut dyn Pen<Error = E>) -> Result<(), E> {
    let edge = |t: f64| layout.time.to_px(t).clamp(f64::from(layout.plot.left), f64::from(layout.plot.right));
    let (left, right) = (layout.snap(edge(from)), layout.snap(edge(to)));
    if right <= left {
        return Ok(());
    }
    let (top, bottom) = (layout.plot.top as f32, layout.plot.bottom as f32);
    pen.rect((left as f32, top), (right as f32, bottom), Fill { colour, alpha: BAND_ALPHA })
}

/// Where a time lies, if it is one of those that are shown.
fn within(layout: &Layout, t: f64) -> Option<f64> {
    (t >= layout.time.start && t <= layout.time.end).then(|| layout.time.to_px(t))
}

/// Where an exemplar lies; at the edge if its value is beyond the axis. `None` if its time is not shown, its value is
/// NaN, or all series of its expression are hidden.
#[must_use]
pub fn exemplar_place(frame: &Frame, drawing: &Drawing, exemplar: &FrameExemplar) -> Option<(f64, f64)> {
    let x = within(&drawing.layout, exemplar.t)?;
    let layout = &drawing.layout;
    let y = match drawing.form {
        Form::States => return None,
        Form::Heatmap => {
            let heat = drawing.heat_idx.and_then(|idx| frame.heat.get(idx))?;
            if heat.query_idx != exemplar.query_idx {
                return None;
            }
            let beyond = if exemplar.v > 0.0 { heat.n_rows() as f64 } else { 0.0 };
            layout.value(0).to_px(heatmap::row_position(heat, exemplar.v).unwrap_or(beyond))
        }
        _ => {
            let is_of_it = |idx: &usize| {
                let source = frame.series[*idx].source;
                source.query_idx == exemplar.query_idx && !source.is_previous && drawing.shows(*idx)
            };
            let series_idx = (0..frame.series.len()).find(is_of_it)?;
            let y = layout.value(drawing.style(series_idx).axis).to_px(exemplar.v);
            // Zero on a logarithmic axis is below all that it shows.
            if y.is_nan() && exemplar.v <= 0.0 { f64::INFINITY } else { y }
        }
    };
    (!exemplar.v.is_nan() && !y.is_nan())
        .then(|| (x, y.clamp(f64::from(layout.plot.top), f64::from(layout.plot.bottom))))
}

impl Drawing {
    /// The exemplar at a place: the nearest within reach of a pointer. An index into the frame's.
    #[must_use]
    pub fn exemplar_at(&self, frame: &Frame, x: f64, y: f64) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (idx, exemplar) in frame.exemplars.iter().enumerate() {
            let Some((at_x, at_y)) = exemplar_place(frame, self, exemplar) else {
                continue;
            };
            let distance = libm::hypot(at_x - x, at_y - y);
            // Of those that lie on each other the one that is drawn last.
            if distance <= REACH * self.layout.scale && best.is_none_or(|(least, _)| distance <= least) {
                best = Some((distance, idx));
            }
        }
        best.map(|(_, idx)| idx)
    }

    /// The event at a place: the nearest whose triangle is within reach of a pointer, else the last range that begins
    /// before, at the upper edge. An index into the frame's marks.
    #[must_use]
    pub fn mark_at(&self, frame: &Frame, x: f64, y: f64) -> Option<usize> {
        let layout = &self.layout;
        let (top, scale) = (f64::from(layout.plot.top), layout.scale);
        if y < top - REACH * scale || y > top + (1.6 * TRIANGLE + REACH / 2.0) * scale {
            return None;
        }
        let mut best: Option<(f64, usize)> = None;
        for (idx, mark) in frame.marks.iter().enumerate() {
            let Some(distance) = within(layout, mark.at_ms as f64).map(|at| (at - x).abs()) else {
                continue;
            };
            if distance <= REACH * scale && best.is_none_or(|(least, _)| distance <= least) {
                best = Some((distance, idx));
            }
        }
        let t = layout.time.to_time(x);
        let around = |mark: &Mark| mark.end_ms > mark.at_ms && (mark.at_ms as f64..=mark.end_ms as f64).contains(&t);
        best.map(|(_, idx)| idx).or_else(|| frame.marks.iter().rposition(around))
    }
}

/// How far a triangle reaches below the upper edge, pixels of the backend: a tooltip of an event begins there.
#[must_use]
pub fn triangle_px(layout: &Layout) -> f64 {
    (1.6 * TRIANGLE + css::TICK) * layout.scale
}
