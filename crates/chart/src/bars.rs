//! Bars from zero, side by side at each step.

use crate::common::EachRun;
use crate::drawing::Drawing;
use crate::options::{MAX_AXES, Options};
use crate::pen::Pen;
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
    if group.pitch < drawing.layout.pixel() {
        return draw_narrow(frame, options, drawing, &group, pen);
    }
    let mut drawn = Ok(());
    for (nth, series_idx) in (0..frame.series.len()).filter(|&idx| drawing.shows(idx)).enumerate() {
        let fill = options.stroke(&drawing.style(series_idx)).fill;
        each_bar(frame, drawing, series_idx, &mut |x, top, bottom| {
            if drawn.is_ok() {
                let left = group.left(nth, x);
                drawn = pen.rect((left as f32, top as f32), ((left + group.width) as f32, bottom as f32), fill);
            }
        });
    }
    drawn
}

/// Draws bars of which several share a pixel column. They would be drawn upon each other, a million of them for seconds;
/// so the last ones come first, and of the others only what stands out from behind them.
fn draw_narrow<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    group: &Group,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let (layout, pixel) = (&drawing.layout, drawing.layout.pixel());
    let column_of = |x: f64| (x / pixel).floor();
    let first = column_of(f64::from(layout.plot.left));
    let n_columns = (column_of(f64::from(layout.plot.right)) - first + 1.0).max(1.0) as usize;
    let shown: Vec<usize> = (0..frame.series.len()).filter(|&idx| drawing.shows(idx)).collect();
    let mut drawn = Ok(());
    // All bars of an axis touch its base, so what is covered of a column is one piece.
    for axis in 0..MAX_AXES as u8 {
        let base = layout.value(axis).base_px();
        let mut covered = vec![(base, base); n_columns];
        for (nth, &series_idx) in shown.iter().enumerate().rev() {
            let style = drawing.style(series_idx);
            if style.axis.min(MAX_AXES as u8 - 1) != axis {
                continue;
            }
            let fill = options.stroke(&style).fill;
            each_bar(frame, drawing, series_idx, &mut |x, top, bottom| {
                let middle = column_of(group.left(nth, x) + group.width / 2.0);
                // Negative becomes out of range, not zero.
                let column = if middle >= first { (middle - first) as usize } else { n_columns };
                let Some(covered) = covered.get_mut(column).filter(|_| drawn.is_ok()) else {
                    return;
                };
                let (left, right) = ((middle * pixel) as f32, ((middle + 1.0) * pixel) as f32);
                if top < covered.0 {
                    drawn = pen.rect((left, top as f32), (right, covered.0 as f32), fill);
                    covered.0 = top;
                }
                if bottom > covered.1 && drawn.is_ok() {
                    drawn = pen.rect((left, covered.1 as f32), (right, bottom as f32), fill);
                    covered.1 = bottom;
                }
            });
        }
    }
    drawn
}

/// Calls `each` with the end of each bar of a series that is away from zero.
pub(crate) fn each_end(frame: &Frame, drawing: &Drawing, series_idx: usize, each: EachRun<'_>) {
    let group = Group::of(frame, drawing);
    let nth = (0..series_idx).filter(|&idx| drawing.shows(idx)).count();
    let base = drawing.layout.value(drawing.style(series_idx).axis).base_px();
    each_bar(frame, drawing, series_idx, &mut |x, top, bottom| {
        let (left, end) = (group.left(nth, x), if top < base { top } else { bottom });
        each(&[(left as f32, end as f32), ((left + group.width) as f32, end as f32)]);
    });
}

/// Calls `each` with the place of a bar in time and its upper and lower end, all in pixels.
fn each_bar(frame: &Frame, drawing: &Drawing, series_idx: usize, each: &mut dyn FnMut(f64, f64, f64)) {
    let Some(series) = frame.series.get(series_idx) else {
        return;
    };
    let layout = &drawing.layout;
    let scale = layout.value(drawing.style(series_idx).axis);
    let base = scale.base_px();
    for (t, v) in series.points.iter(&frame.grid) {
        let y = scale.to_px(v);
        if !y.is_finite() {
            continue;
        }
        // Zero is seen too: as a line on the axis.
        let (top, bottom) = if (y - base).abs() >= layout.pixel() {
            (y.min(base), y.max(base))
        } else if y <= base {
            (base - layout.pixel(), base)
        } else {
            (base, base + layout.pixel())
        };
        each(layout.time.to_px(t), top, bottom);
    }
}

#[cfg(test)]
mod tests {
    //! Bars narrower than pixels against a twin that paints all of them, one upon the other.
    use super::*;
    use crate::layout::{Layout, Rect};
    use crate::options::{AxisOptions, Form};
    use crate::pen::{Fill, Stroke};
    use crate::scale::{TimeScale, ValueScale};
    use crate::theme::{Rgb, Theme};
    use frame::{FrameSeries, Points, SeriesStats, Source, StepGrid, gap};
    use model::{Labels, Millis, Timestamp};
    use proptest::prelude::*;
    use std::convert::Infallible;

    /// The colour of each pixel of 20 times 40.
    struct Canvas(Vec<Option<Rgb>>);

    impl Pen for Canvas {
        type Error = Infallible;

        fn line(&mut self, _: &[(f32, f32)], _: &Stroke) -> Result<(), Infallible> {
            Ok(())
        }

        fn area(&mut self, _: &[(f32, f32)], _: Fill) -> Result<(), Infallible> {
            Ok(())
        }

        fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Fill) -> Result<(), Infallible> {
            for row in from.1.max(0.0) as usize..to.1.min(40.0) as usize {
                for column in from.0.max(0.0) as usize..to.0.min(20.0) as usize {
                    self.0[row * 20 + column] = Some(fill.colour);
                }
            }
            Ok(())
        }

        fn dot(&mut self, _: (f32, f32), _: f32, _: Fill) -> Result<(), Infallible> {
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn what_stands_out_is_what_is_seen(
            columns in proptest::collection::vec(
                proptest::collection::vec(proptest::option::of(-10i8..=30), 21), 2..24),
        ) {
            let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: 21 };
            let series = columns.iter().map(|column| {
                let vs: Vec<f64> = column.iter().map(|v| v.map_or(gap(), f64::from)).collect();
                let stats = SeriesStats::of(&vs);
                FrameSeries { source: Source::default(), labels: Labels::empty(), points: Points::Dense(vs), stats }
            });
            let frame = Frame { grid, series: series.collect(), n_series_total: columns.len(), ..Frame::default() };
            let layout = Layout {
                plot: Rect { left: 0, top: 0, right: 20, bottom: 40 },
                time: TimeScale::new(0, 20_000, 0.0, 20.0),
                values: [ValueScale::linear(-10.0, 30.0, 0.0, 40.0); MAX_AXES],
                n_axes: 1,
                scale: 1.0,
            };
            let options = Options {
                start_ms: 0,
                end_ms: 20_000,
                form: Form::Bars,
                axes: &[AxisOptions::default()],
                theme: Theme::LIGHT,
                series: &[],
                names: &[],
                offset: &|_| 0,
                scale: 1.0,
                font: "sans-serif",
            };
            let drawing = Drawing::new(&frame, &options, layout);
            let group = Group::of(&frame, &drawing);
            prop_assert!(group.pitch < 1.0);
            let mut canvas = Canvas(vec![None; 800]);
            let Ok(()) = draw(&frame, &options, &drawing, &mut canvas);
            let mut twin = Canvas(vec![None; 800]);
            for (idx, column) in columns.iter().enumerate() {
                let fill = Fill { colour: Theme::LIGHT.series(idx), alpha: 1.0 };
                for (step, v) in column.iter().enumerate() {
                    if let Some(v) = *v {
                        let x = (group.left(idx, step as f64) + 0.5).floor() as f32;
                        let y = 30.0 - f32::from(v);
                        let (top, bottom) = if v == 0 { (29.0, 30.0) } else { (y.min(30.0), y.max(30.0)) };
                        let Ok(()) = twin.rect((x, top), (x + 1.0, bottom), fill);
                    }
                }
            }
            prop_assert!(canvas.0 == twin.0);
        }
    }
}
