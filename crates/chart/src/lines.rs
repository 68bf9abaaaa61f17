//! Cuts a series into the lines and dots that are drawn: a gap, NaN or infinity ends a line, and a
//! sample between two such ends becomes a dot.
//!
//! Only what is to be seen is looked at, with the neighbours by which lines reach the edges. Where points lie closer than
//! the pixel columns of the plot, M4 keeps of each column what it shows.

use crate::drawing::Drawing;
use crate::layout::Layout;
use crate::options::Options;
use crate::pen::{Fill, Pen, Stroke};
use crate::scale::ValueScale;
use frame::blocks::BlocksOf;
use frame::decimate::{Columns, extremes};
use frame::{Frame, Points, StepGrid};
use std::ops::Range;

/// With more steps than this in a pixel column a line is one bar a column: what is finer cannot be seen.
const MAX_FINE_STEPS: f64 = 2.0;

/// So many segments are drawn with smooth edges in a few milliseconds. Where lines are more they are dense, too: nobody
/// tells hundreds of lines apart by their edges.
const MAX_FINE_SEGMENTS: usize = 40_000;

/// So many dense lines hide much of each other.
const MANY: usize = 30;

/// A pixel column with more points than this is searched for its extremes; those of others are all drawn.
const MAX_WHOLE_COLUMN: usize = 6;

/// Values far outside of the axis are drawn as far as this, in pixels of the backend: an f32 keeps quarters of these.
const FAR: f64 = 1e6;

/// Draws every series that is shown as a line from sample to sample.
///
/// # Errors
/// If the pen cannot draw.
pub fn draw<P: Pen>(frame: &Frame, options: &Options<'_>, drawing: &Drawing, pen: &mut P) -> Result<(), P::Error> {
    let n_shown = drawing.styles.iter().filter(|style| style.is_shown).count();
    let mut view = View::new(&frame.grid, &drawing.layout, pen.units_per_px(), n_shown);
    let width = options.stroke_px() as f32;
    let radius = options.dot_px() as f32;
    // The last series lies uppermost, so the order is the other one where each is drawn under those before.
    let is_under = view.is_dense && n_shown >= MANY && pen.draw_under(true);
    let n = frame.series.len();
    for idx in (0..n).map(|nth| if is_under { n - 1 - nth } else { nth }) {
        let (Some(series), Some(style)) = (frame.series.get(idx), drawing.styles.get(idx)) else {
            continue;
        };
        if !style.is_shown {
            continue;
        }
        let fill = Fill { colour: style.colour, alpha: 1.0 };
        let stroke = Stroke { fill, width, dash: style.dash, is_dense: view.is_dense };
        let mut drawn = Ok(());
        let blocks = match &series.points {
            Points::Dense(vs) if view.leaves_out(vs.len()) => frame.blocks.of(idx, n, vs),
            _ => None,
        };
        view.each_run(&series.points, blocks, drawing.layout.value(style.axis), |run| {
            if drawn.is_ok() {
                drawn = match run {
                    [dot] => pen.dot(*dot, radius, fill),
                    line => pen.line(line, &stroke),
                };
            }
        });
        drawn?;
    }
    if is_under {
        pen.draw_under(false);
    }
    Ok(())
}

/// Calls `draw` with the points of each part, in fractions of pixels of the backend. A part has one point or more. Of
/// points closer than CSS pixels only those are left that these show.
pub fn each_run(points: &Points, grid: &StepGrid, layout: &Layout, axis: u8, draw: impl FnMut(&[(f32, f32)])) {
    View::new(grid, layout, layout.scale, 1).each_run(points, None, layout.value(axis), draw);
}

/// What is to be seen of a grid, and where its times lie. All series of a frame share it.
struct View<'a> {
    grid: &'a StepGrid,
    layout: &'a Layout,
    /// Bars are drawn rather than lines.
    is_dense: bool,
    columns: Columns,
    /// Where the columns begin, in pixels, and how many units make one.
    left_px: f64,
    unit: f64,
    /// The steps between the edges.
    steps: Range<usize>,
    /// The same column by column, if points are to be left out.
    cuts: Vec<Cut>,
    /// Where each of them lies.
    xs: Vec<f32>,
    run: Run,
    values: Vec<f32>,
}

/// The steps of a pixel column, and where the first and the last of them lie.
struct Cut {
    steps: Range<usize>,
    xs: (f32, f32),
}

impl<'a> View<'a> {
    fn new(grid: &'a StepGrid, layout: &'a Layout, unit: f64, n_series: usize) -> Self {
        let unit = if unit.is_finite() { unit.max(1e-3) } else { 1.0 };
        let left_px = (layout.time.left / unit).round();
        let n = ((layout.time.right / unit).round() - left_px).clamp(1.0, f64::from(u16::MAX)) as usize;
        let columns = Columns::new(layout.time.start, layout.time.end, n);
        let steps = between(grid, layout.time.start, layout.time.end);
        let step = (grid.step.0 as f64).max(1.0);
        let per_column = (layout.time.end - layout.time.start) / step / n as f64;
        // By the grid alone, never by the points: decimated or not, a series is drawn in one way.
        let n_segments = n_series.saturating_mul(steps.len().min(n * MAX_FINE_STEPS as usize));
        let is_dense = per_column > MAX_FINE_STEPS || n_segments > MAX_FINE_SEGMENTS;
        let mut view = View {
            grid,
            layout,
            is_dense,
            columns,
            left_px,
            unit,
            steps,
            cuts: Vec::new(),
            xs: Vec::new(),
            run: Run::default(),
            values: Vec::new(),
        };
        view.run.edges = if is_dense {
            let right = ((left_px + n as f64) as f32).next_down();
            ((left_px * unit) as f32, right * unit as f32)
        } else {
            (layout.time.left as f32, layout.time.right as f32)
        };
        view
    }

    /// Where a time lies. Dense lines are told of each point its very column, whatever is rounded on the way.
    #[inline]
    fn x(&self, t: f64) -> f32 {
        if !self.is_dense {
            return self.layout.time.to_px(t) as f32;
        }
        let column = (self.left_px + self.columns.of(t) as f64) as f32;
        let x = (self.left_px + self.columns.place(t)) as f32;
        x.clamp(column, (column + 1.0).next_down()) * self.unit as f32
    }

    /// The steps of a series of so many that are to be seen.
    fn steps_of(&self, len: usize) -> Range<usize> {
        self.steps.start.min(len)..self.steps.end.min(len)
    }

    /// Whether points are left out of a dense series of so many: only what its pixel columns show is drawn.
    fn leaves_out(&self, len: usize) -> bool {
        self.steps_of(len).len() > self.columns.n() * MAX_WHOLE_COLUMN
    }

    /// Calls `draw` with each part of a series. Blocks are those of its points.
    fn each_run(
        &mut self,
        points: &Points,
        blocks: Option<BlocksOf<'_>>,
        value: &ValueScale,
        mut draw: impl FnMut(&[(f32, f32)]),
    ) {
        let mut run = std::mem::take(&mut self.run);
        run.begin();
        match points {
            Points::Dense(vs) => self.dense(vs, blocks, value, &mut run, &mut draw),
            Points::Sparse { ts, vs } => {
                let from = ts.partition_point(|&t| t < self.layout.time.start).saturating_sub(1);
                let to = ts.partition_point(|&t| t <= self.layout.time.end).saturating_add(1).min(ts.len());
                let (ts, vs) = (ts.get(from..to).unwrap_or(&[]), vs.get(from..to).unwrap_or(&[]));
                for (&t, &v) in ts.iter().zip(vs) {
                    self.add(t, v, value, &mut run, &mut draw);
                }
            }
        }
        run.flush(&mut draw);
        self.run = run;
    }

    /// Any point, also one beyond the edges.
    fn add(&self, t: f64, v: f64, value: &ValueScale, run: &mut Run, draw: &mut impl FnMut(&[(f32, f32)])) {
        let y = place(v, value);
        if y.is_nan() {
            run.flush(draw);
        } else if t < self.layout.time.start {
            run.before = Some((self.layout.time.to_px(t), f64::from(y)));
        } else if t > self.layout.time.end {
            run.leave((self.layout.time.to_px(t), f64::from(y)), draw);
        } else {
            run.push((self.x(t), y));
        }
    }

    fn dense(
        &mut self,
        vs: &[f64],
        blocks: Option<BlocksOf<'_>>,
        value: &ValueScale,
        run: &mut Run,
        draw: &mut impl FnMut(&[(f32, f32)]),
    ) {
        let steps = self.steps_of(vs.len());
        let time = |idx: usize| self.grid.time(idx).0 as f64;
        if let Some((before, &v)) = steps.start.checked_sub(1).and_then(|idx| Some((idx, vs.get(idx)?))) {
            self.add(time(before), v, value, run, draw);
        }
        if self.leaves_out(vs.len()) {
            if self.cuts.is_empty() {
                let cuts = self.columns.cut(self.grid, self.steps.clone());
                let xs = |steps: &Range<usize>| (self.x(time(steps.start)), self.x(time(steps.end - 1)));
                self.cuts = cuts.map(|(_, steps)| Cut { xs: xs(&steps), steps }).collect();
            }
            for Cut { steps, xs } in &self.cuts {
                let steps = steps.start.min(vs.len())..steps.end.min(vs.len());
                let part = vs.get(steps.clone()).unwrap_or(&[]);
                let kept = blocks.map_or_else(|| extremes(part), |blocks| blocks.extremes(steps.clone()));
                let kept = kept.map(|(min, max)| (place(min, value), place(max, value)));
                match (kept, part) {
                    (Some((min, max)), [first, .., last]) if !min.is_nan() && !max.is_nan() => {
                        run.push((xs.0, place(*first, value)));
                        run.points.extend([(xs.0, min), (xs.0, max), (xs.1, place(*last, value))]);
                    }
                    _ => steps.zip(part).for_each(|(idx, &v)| self.add(time(idx), v, value, run, draw)),
                }
            }
        } else {
            if self.xs.is_empty() {
                self.xs = self.steps.clone().map(|idx| self.x(time(idx))).collect();
            }
            // Values first: a loop over them alone takes two at a time.
            let mut ys = std::mem::take(&mut self.values);
            ys.clear();
            ys.extend(vs[steps.clone()].iter().map(|&v| place(v, value)));
            run.push_all(&self.xs, &ys, draw);
            self.values = ys;
        }
        if let Some(&v) = vs.get(steps.end) {
            self.add(time(steps.end), v, value, run, draw);
        }
    }
}

/// The vertical place of a value; NaN for what has none.
#[inline]
fn place(v: f64, value: &ValueScale) -> f32 {
    let y = value.to_px(v);
    // The comparison is false for NaN, and so is what an axis has no place for.
    if v.is_finite() && y.abs() <= f64::MAX { y.clamp(-FAR, FAR) as f32 } else { f32::NAN }
}

/// The steps of a grid from one time to another, both counted.
fn between(grid: &StepGrid, start: f64, end: f64) -> Range<usize> {
    let step = (grid.step.0 as f64).max(1.0);
    let first = grid.start.0 as f64;
    // Casts stay in range; NaN and what is negative become 0.
    let from = (((start - first) / step).ceil() as usize).min(grid.len);
    let to = if end < first { 0 } else { (((end - first) / step).floor() as usize).saturating_add(1).min(grid.len) };
    from..to.max(from)
}

/// A part of a series as it is collected.
#[derive(Default)]
struct Run {
    points: Vec<(f32, f32)>,
    /// The point before the left edge, if the line comes from there.
    before: Option<(f64, f64)>,
    /// The edges of the plot.
    edges: (f32, f32),
}

impl Run {
    fn begin(&mut self) {
        self.points.clear();
        self.before = None;
    }

    #[inline]
    fn push(&mut self, at: (f32, f32)) {
        if let Some(before) = self.before.take() {
            self.points.push(crossing(before, (f64::from(at.0), f64::from(at.1)), self.edges.0));
        }
        self.points.push(at);
    }

    /// Points side by side; those without a place end the line.
    fn push_all(&mut self, xs: &[f32], ys: &[f32], draw: &mut impl FnMut(&[(f32, f32)])) {
        let mut from = 0;
        for part in ys.split_inclusive(|y| y.is_nan()) {
            let n = part.len() - usize::from(part.last().is_some_and(|y| y.is_nan()));
            if let (Some(&x), [y, ..]) = (xs.get(from), &part[..n]) {
                self.push((x, *y));
                let rest = xs.iter().skip(from + 1).zip(&part[1..n]);
                self.points.extend(rest.map(|(&x, &y)| (x, y)));
            }
            if n < part.len() {
                self.flush(draw);
            }
            from += part.len();
        }
    }

    /// The next point lies beyond the right edge: the line ends there.
    fn leave(&mut self, at: (f64, f64), draw: &mut impl FnMut(&[(f32, f32)])) {
        let last = self.points.last().map(|&(x, y)| (f64::from(x), f64::from(y)));
        if let Some(before) = self.before.take() {
            self.points.extend([crossing(before, at, self.edges.0), crossing(before, at, self.edges.1)]);
        } else if let Some(last) = last {
            self.points.push(crossing(last, at, self.edges.1));
        }
        self.flush(draw);
    }

    fn flush(&mut self, draw: &mut impl FnMut(&[(f32, f32)])) {
        if !self.points.is_empty() {
            draw(&self.points);
        }
        self.begin();
    }
}

/// Where the line between two points crosses an edge.
fn crossing(from: (f64, f64), to: (f64, f64), edge: f32) -> (f32, f32) {
    let share = (f64::from(edge) - from.0) / (to.0 - from.0);
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 };
    (edge, (from.1 + (to.1 - from.1) * share) as f32)
}
