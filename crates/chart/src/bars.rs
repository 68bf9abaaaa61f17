//! Bars from zero, side by side at each step.

use crate::drawing::Drawing;
use crate::options::Options;
use crate::pen::{Fill, Pen};
use frame::Frame;

/// The part of a step that its bars take; the rest keeps it apart from the next.
const GROUP: f64 = 0.8;

/// Where the bars of a step lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// How many bars there is room for.
    n: usize,
    /// How wide one is, a pixel or more.
    pub(crate) width: f64,
    /// From one bar to the next; less than the width if there are more bars than pixels.
    pitch: f64,
}

impl Group {
    /// Of the series that a drawing shows.
    pub(crate) fn of(frame: &Frame, drawing: &Drawing) -> Self {
        let n = (0..frame.series.len()).filter(|&idx| drawing.shows(idx)).count().max(1);
        let time = &drawing.layout.time;
        let step = frame.grid.step.0.max(1) as f64 / (time.end - time.start) * (time.right - time.left);
        // A step that is wider than the plot has nowhere to be.
        let pitch = (step * GROUP).min(time.right - time.left) / n as f64;
        Group { n, width: pitch.max(drawing.layout.pixel()), pitch }
    }

    /// The left edge of a bar, of which `nth` are before it, at a time.
    pub(crate) fn left(&self, nth: usize, x: f64) -> f64 {
        let left = x + (nth as f64 - self.n as f64 / 2.0) * self.pitch;
        // Bars wider than their pitch stay in the middle of their places.
        left - (self.width - self.pitch) / 2.0
    }

    /// The middle of the bar of a series.
    pub(crate) fn middle(&self, drawing: &Drawing, series_idx: usize, x: f64) -> f64 {
        let nth = (0..series_idx).filter(|&idx| drawing.shows(idx)).count();
        self.left(nth, x) + self.width / 2.0
    }
}

/// Draws every series that is shown.
pub(crate) fn draw<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let group = Group::of(frame, drawing);
    let layout = &drawing.layout;
    let shown = frame.series.iter().zip(&drawing.styles).filter(|(_, style)| style.is_shown);
    for (nth, (series, style)) in shown.enumerate() {
        let Fill { colour, alpha } = options.stroke(style).fill;
        let scale = layout.value(style.axis);
        let base = scale.base_px();
        for (t, v) in series.points.iter(&frame.grid) {
            let y = scale.to_px(v);
            if !y.is_finite() {
                continue;
            }
            let left = group.left(nth, layout.time.to_px(t));
            // Zero is seen too: as a line on the axis.
            let (top, bottom) = if (y - base).abs() >= layout.pixel() {
                (y.min(base), y.max(base))
            } else if y <= base {
                (base - layout.pixel(), base)
            } else {
                (base, base + layout.pixel())
            };
            let fill = Fill { colour, alpha };
            pen.rect((left as f32, top as f32), ((left + group.width) as f32, bottom as f32), fill)?;
        }
    }
    Ok(())
}
