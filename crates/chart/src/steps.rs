//! Lines that stay level until the next sample, or where it is missing.

use crate::common::EachRun;
use crate::drawing::Drawing;
use crate::layout::Layout;
use crate::options::Options;
use crate::pen::Pen;
use frame::{Frame, Points, StepGrid};

/// Draws every series that is shown.
pub(crate) fn draw<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    for (series, style) in frame.series.iter().zip(&drawing.styles).filter(|(_, style)| style.is_shown) {
        let mut stroke = options.stroke(style);
        stroke.is_dense = drawing.is_dense(frame);
        let mut drawn = Ok(());
        each_run(&series.points, &frame.grid, &drawing.layout, style.axis, &mut |run| {
            if drawn.is_ok() {
                drawn = match run {
                    [dot] => pen.dot(*dot, options.dot_px() as f32, stroke.fill),
                    line => pen.line(line, &stroke),
                };
            }
        });
        drawn?;
    }
    Ok(())
}

/// Calls `each` with the corners of each part, pixels. A part has one point only if it is the last sample, alone.
pub(crate) fn each_run(points: &Points, grid: &StepGrid, layout: &Layout, axis: u8, each: EachRun<'_>) {
    let scale = layout.value(axis);
    let mut run: Vec<(f32, f32)> = Vec::new();
    for (t, v) in points.iter(grid) {
        let (x, y) = (layout.time.to_px(t) as f32, scale.to_px(v) as f32);
        if let Some(&(_, level)) = run.last()
            && level != y
        {
            run.push((x, level));
        }
        if v.is_finite() && y.is_finite() {
            run.push((x, y));
        } else if !run.is_empty() {
            each(&run);
            run.clear();
        }
    }
    if !run.is_empty() {
        each(&run);
    }
}
