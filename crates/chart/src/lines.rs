//! Cuts a series into the lines and dots that are drawn: a gap, NaN or infinity ends a line, and a
//! sample between two such ends becomes a dot.

use crate::layout::Layout;
use frame::{Points, StepGrid};

/// A part of a series without interruption, in pixels of the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Two points or more.
    Line(Vec<(i32, i32)>),
    /// A sample with no neighbour.
    Dot((i32, i32)),
}

/// The parts of a series, from left to right.
#[must_use]
pub fn runs(points: &Points, grid: &StepGrid, layout: &Layout) -> Vec<Run> {
    let mut out = Vec::new();
    each_run(points, grid, layout, |run| {
        out.push(match run {
            [dot] => Run::Dot(round(*dot)),
            line => Run::Line(line.iter().copied().map(round).collect()),
        });
    });
    out
}

/// Calls `draw` with the points of each part, in fractions of pixels. A part has one point or more.
pub fn each_run(points: &Points, grid: &StepGrid, layout: &Layout, mut draw: impl FnMut(&[(f32, f32)])) {
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
            run.push((layout.time.to_px(t) as f32, layout.value.to_px(v) as f32));
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

fn round((x, y): (f32, f32)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}
