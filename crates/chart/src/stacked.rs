//! Areas upon each other, in the order of the frame: those above zero upwards, those below zero downwards.
//!
//! A series without a sample at a step adds nothing there, and its area ends at the steps beside. What belongs to
//! different axes, and the previous period, stands in stacks of its own; the previous period has no areas.

use crate::common::{EachRun, Times, first_not_before, value_at};
use crate::drawing::Drawing;
use crate::options::{MAX_AXES, Options, SeriesStyle};
use crate::pen::{Fill, Pen};
use crate::scale::Extent;
use frame::{Frame, gap};
use std::convert::Infallible;

/// How much of what lies below an area covers.
const AREA_ALPHA: f32 = 0.3;

/// One stack, as high as it is yet at each time.
#[derive(Clone, Default)]
struct Sums {
    /// Of the values above zero.
    up: Vec<f64>,
    /// Of those below.
    down: Vec<f64>,
}

/// Which stack a series stands in.
fn stack_of(style: &SeriesStyle) -> usize {
    usize::from(style.axis).min(MAX_AXES - 1) * 2 + usize::from(style.is_pale)
}

/// The values of a series at the common times, and how high the stack is below it.
struct Layer<'a> {
    series_idx: usize,
    values: &'a [f64],
    below: &'a Sums,
}

/// Calls `each` with each series that is shown, from the lowest up.
fn each_layer<E>(
    frame: &Frame,
    times: &Times,
    style: &dyn Fn(usize) -> SeriesStyle,
    each: &mut dyn FnMut(&Layer<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut stacks = vec![Sums::default(); 2 * MAX_AXES];
    let mut values = Vec::new();
    for (series_idx, series) in frame.series.iter().enumerate() {
        let style = style(series_idx);
        if !style.is_shown {
            continue;
        }
        let sums = &mut stacks[stack_of(&style)];
        sums.up.resize(times.len, 0.0);
        sums.down.resize(times.len, 0.0);
        times.values(&series.points, &frame.grid, &mut values);
        each(&Layer { series_idx, values: &values, below: sums })?;
        for (idx, v) in values.iter().enumerate() {
            if *v > 0.0 {
                sums.up[idx] += v;
            } else if *v < 0.0 {
                sums.down[idx] += v;
            }
        }
    }
    Ok(())
}

/// What is known of the heights of the stacks of an axis.
pub(crate) fn extent(frame: &Frame, options: &Options<'_>, axis: u8) -> Extent {
    let times = Times::of(frame);
    let mut extent = Extent::NONE;
    let on_axis = |idx: usize| {
        let style = options.style(idx);
        SeriesStyle { is_shown: style.is_shown && options.axis_idx(style.axis) == axis, ..style }
    };
    let Ok(()) = each_layer::<Infallible>(frame, &times, &on_axis, &mut |layer| {
        for (idx, &v) in layer.values.iter().enumerate() {
            let below = if v < 0.0 { layer.below.down[idx] } else { layer.below.up[idx] };
            extent = extent.with(below + v);
        }
        Ok(())
    });
    extent
}

/// A part of a layer without gaps: its upper and its lower edge from left to right, pixels.
#[derive(Default)]
struct Run {
    top: Vec<(f32, f32)>,
    base: Vec<(f32, f32)>,
}

/// Calls `each` with each part of a layer.
fn each_run<E>(
    layer: &Layer<'_>,
    times: &Times,
    drawing: &Drawing,
    each: &mut dyn FnMut(&Run) -> Result<(), E>,
) -> Result<(), E> {
    let axis = drawing.styles.get(layer.series_idx).map_or(0, |style| style.axis);
    let scale = drawing.layout.value(axis);
    let side = |v: f64| if v < 0.0 { &layer.below.down } else { &layer.below.up };
    let mut run = Run::default();
    let add = |run: &mut Run, t: f64, base: f64, v: f64| {
        let x = drawing.layout.time.to_px(t) as f32;
        run.top.push((x, scale.to_px(base + v) as f32));
        run.base.push((x, scale.to_px(base) as f32));
    };
    // The value before, zero counting as what came before it.
    let mut before: Option<f64> = None;
    for (idx, &v) in layer.values.iter().enumerate() {
        if !v.is_finite() {
            if !run.top.is_empty() {
                each(&run)?;
                run = Run::default();
            }
            before = None;
            continue;
        }
        if let Some(last) = before.filter(|last| last * v < 0.0) {
            // The layer changes sides where it is zero, between two steps.
            let part = last.abs() / (last.abs() + v.abs());
            let t = times.at(idx - 1) + times.step * part;
            let at_zero = |sums: &Vec<f64>| sums[idx - 1] * (1.0 - part) + sums[idx] * part;
            add(&mut run, t, at_zero(side(last)), 0.0);
            each(&run)?;
            run = Run::default();
            add(&mut run, t, at_zero(side(v)), 0.0);
        }
        let sided = if v == 0.0 { before.unwrap_or(0.0) } else { v };
        add(&mut run, times.at(idx), side(sided)[idx], v);
        before = Some(sided);
    }
    if run.top.is_empty() { Ok(()) } else { each(&run) }
}

/// Draws every series that is shown.
pub(crate) fn draw<E>(
    frame: &Frame,
    options: &Options<'_>,
    drawing: &Drawing,
    pen: &mut dyn Pen<Error = E>,
) -> Result<(), E> {
    let times = Times::of(frame);
    each_layer(frame, &times, &|idx| drawing.style(idx), &mut |layer| {
        let style = drawing.style(layer.series_idx);
        let mut stroke = options.stroke(&style);
        stroke.is_dense = drawing.is_dense(frame);
        let fill = Fill { colour: style.colour, alpha: AREA_ALPHA };
        each_run(layer, &times, drawing, &mut |run| {
            if let ([top], [base]) = (&run.top[..], &run.base[..]) {
                // A step alone is a bar as wide as the line.
                let half = stroke.width / 2.0;
                if !style.is_pale {
                    pen.rect((top.0 - half, top.1.min(base.1)), (top.0 + half, top.1.max(base.1)), fill)?;
                }
                return pen.dot(*top, options.dot_px() as f32, stroke.fill);
            }
            // Layers that are nowhere higher than their line is thick are hidden by it: among a thousand, most.
            let is_high = run.top.iter().zip(&run.base).any(|(top, base)| (top.1 - base.1).abs() > stroke.width);
            if is_high && !style.is_pale {
                let outline: Vec<(f32, f32)> = run.top.iter().chain(run.base.iter().rev()).copied().collect();
                pen.area(&outline, fill)?;
            }
            pen.line(&run.top, &stroke)
        })
    })
}

/// Calls `each` with each part of the upper edge of one series.
pub(crate) fn each_top(frame: &Frame, drawing: &Drawing, series_idx: usize, each: EachRun<'_>) {
    let times = Times::of(frame);
    let Ok(()) = each_layer::<Infallible>(frame, &times, &|idx| drawing.style(idx), &mut |layer| {
        if layer.series_idx == series_idx {
            each_run::<Infallible>(layer, &times, drawing, &mut |run| {
                each(&run.top);
                Ok(())
            })?;
        }
        Ok(())
    });
}

/// Where a layer begins and ends at a time, as values of its axis; `None` if its series has no value there.
pub(crate) fn bounds_at(frame: &Frame, drawing: &Drawing, series_idx: usize, t: f64) -> Option<(f64, f64)> {
    let mut found = None;
    each_bound(frame, drawing, t, series_idx + 1, &mut |idx, base, v| {
        if idx == series_idx {
            found = Some((base, base + v));
        }
    });
    found
}

/// Calls `each` with series, base and value of the layers of the first `end` series at a time.
pub(crate) fn each_bound(frame: &Frame, drawing: &Drawing, t: f64, end: usize, each: &mut dyn FnMut(usize, f64, f64)) {
    let mut stacks = [(0.0, 0.0); 2 * MAX_AXES];
    for (idx, series) in frame.series.iter().enumerate().take(end) {
        let style = drawing.style(idx);
        let v = if style.is_shown { value_at(&series.points, &frame.grid, t) } else { gap() };
        if !v.is_finite() {
            continue;
        }
        let (up, down) = &mut stacks[stack_of(&style)];
        // Zero lies on the side of the value before it.
        let is_below = v < 0.0 || (v == 0.0 && is_below_before(frame, idx, t));
        each(idx, if is_below { *down } else { *up }, v);
        *(if v < 0.0 { down } else { up }) += v;
    }
}

/// Whether the last value that is not zero, in the same run, is below zero.
fn is_below_before(frame: &Frame, series_idx: usize, t: f64) -> bool {
    let Some(series) = frame.series.get(series_idx) else {
        return false;
    };
    let split = first_not_before(&series.points, &frame.grid, t);
    let run = (0..split).rev().map_while(|idx| series.points.get(&frame.grid, idx)).take_while(|(_, v)| v.is_finite());
    run.map(|(_, v)| v).find(|v| *v != 0.0).is_some_and(|v| v < 0.0)
}
