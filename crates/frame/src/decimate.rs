//! Reduces a series to at most four points per pixel column; extremes, ends and gaps survive.
//!
//! M4 (first, least, greatest and last value of each column) draws the same pixels as all points
//! would, because a column of a line chart shows no more than where the line enters, how far it goes
//! up and down, and where it leaves. A gap or a value that is not finite ends a group, so no line is
//! ever drawn where there was none.

use crate::series::{Points, gap, is_gap};
use model::StepGrid;

/// Decimation begins above so many points per pixel column: below it would hardly drop a point.
const MIN_POINTS_PER_COLUMN: usize = 4;

/// The points of a dense column for a plot `width_px` device pixels wide that shows the whole grid.
#[must_use]
pub fn decimate(grid: &StepGrid, vs: Vec<f64>, width_px: u32) -> Points {
    let columns = (width_px as usize).max(1);
    if vs.len() <= columns.saturating_mul(MIN_POINTS_PER_COLUMN) {
        return Points::Dense(vs);
    }
    let mut out = Sparse { ts: Vec::with_capacity(columns * 4), vs: Vec::with_capacity(columns * 4) };
    let mut group: Option<Group> = None;
    let last_idx = vs.len() - 1;
    for (idx, &v) in vs.iter().enumerate() {
        // Steps are evenly spaced, so the column follows from the index.
        let column = idx * columns / last_idx.max(1);
        if !v.is_finite() {
            if let Some(group) = group.take() {
                group.write(grid, &mut out);
            }
            out.push_break(grid, idx, v);
            continue;
        }
        match &mut group {
            Some(group) if group.column == column => group.add(idx, v),
            _ => {
                if let Some(group) = group.replace(Group::new(column, idx, v)) {
                    group.write(grid, &mut out);
                }
            }
        }
    }
    if let Some(group) = group {
        group.write(grid, &mut out);
    }
    Points::Sparse { ts: out.ts, vs: out.vs }
}

struct Sparse {
    ts: Vec<f64>,
    vs: Vec<f64>,
}

impl Sparse {
    fn push(&mut self, grid: &StepGrid, idx: usize, v: f64) {
        self.ts.push(grid.time(idx).0 as f64);
        self.vs.push(v);
    }

    /// One gap is enough for a run of them; a NaN or infinity draws as a gap too, but stays itself
    /// so that a tooltip can show it, as long as it does not stand in a run.
    fn push_break(&mut self, grid: &StepGrid, idx: usize, v: f64) {
        match self.vs.last_mut() {
            Some(last) if !last.is_finite() => {
                if last.to_bits() != v.to_bits() && !is_gap(*last) {
                    *last = gap();
                }
            }
            _ => self.push(grid, idx, v),
        }
    }
}

/// The points of one pixel column between two gaps.
struct Group {
    column: usize,
    first: (usize, f64),
    min: (usize, f64),
    max: (usize, f64),
    last: (usize, f64),
}

impl Group {
    fn new(column: usize, idx: usize, v: f64) -> Self {
        Group { column, first: (idx, v), min: (idx, v), max: (idx, v), last: (idx, v) }
    }

    fn add(&mut self, idx: usize, v: f64) {
        if v < self.min.1 {
            self.min = (idx, v);
        }
        if v > self.max.1 {
            self.max = (idx, v);
        }
        self.last = (idx, v);
    }

    /// Writes its up to four points in the order of time, none twice.
    fn write(&self, grid: &StepGrid, out: &mut Sparse) {
        let mut points = [self.first, self.min, self.max, self.last];
        points.sort_unstable_by_key(|point| point.0);
        let mut before = None;
        for (idx, v) in points {
            if before != Some(idx) {
                out.push(grid, idx, v);
            }
            before = Some(idx);
        }
    }
}
