//! Cuts a series into the lines and dots that are drawn: a gap, NaN or infinity ends a line, and a
//! sample between two such ends becomes a dot.

use crate::drawing::Drawing;
use crate::layout::Layout;
use crate::options::Options;
use crate::pen::{Fill, Pen, Stroke};
use frame::{Frame, Points, StepGrid};

/// Draws every series that is shown as a line from sample to sample.
///
/// # Errors
/// If the pen cannot draw.
pub fn draw<P: Pen>(frame: &Frame, options: &Options<'_>, drawing: &Drawing, pen: &mut P) -> Result<(), P::Error> {
    for (series, style) in frame.series.iter().zip(&drawing.styles) {
        if !style.is_shown {
            continue;
        }
        let fill = Fill { colour: style.colour, alpha: 1.0 };
        let width = options.stroke_px() as f32;
        let stroke = Stroke { fill, width, dash: style.dash, is_dense: false };
        let mut drawn = Ok(());
        each_run(&series.points, &frame.grid, &drawing.layout, style.axis, |run| {
            if drawn.is_ok() {
                drawn = match run {
                    [dot] => pen.dot(*dot, options.dot_px() as f32, fill),
                    line => pen.line(line, &stroke),
                };
            }
        });
        drawn?;
    }
    Ok(())
}

/// Calls `draw` with the points of each part, in fractions of pixels. A part has one point or more.
pub fn each_run(points: &Points, grid: &StepGrid, layout: &Layout, axis: u8, mut draw: impl FnMut(&[(f32, f32)])) {
    let value = layout.value(axis);
    // Points outside the range of the axis (an answer a step older than its range) are left out.
    let (first, last) = (layout.time.start - 1.0, layout.time.end + 1.0);
    let mut run: Vec<(f32, f32)> = Vec::with_capacity(points.len());
    let mut flush = |run: &mut Vec<(f32, f32)>| {
        if !run.is_empty() {
            draw(run);
            run.clear();
        }
    };
    let mut add = |t: f64, v: f64| {
        if v.is_finite() && t >= first && t <= last {
            run.push((layout.time.to_px(t) as f32, value.to_px(v) as f32));
        } else {
            flush(&mut run);
        }
    };
    match points {
        Points::Dense(vs) => {
            let (start, step) = (grid.start.0 as f64, grid.step.0 as f64);
            vs.iter().enumerate().for_each(|(idx, &v)| add(start + step * idx as f64, v));
        }
        Points::Sparse { ts, vs } => ts.iter().zip(vs).for_each(|(&t, &v)| add(t, v)),
    }
    flush(&mut run);
}
