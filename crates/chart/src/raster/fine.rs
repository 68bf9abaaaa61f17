//! Fine lines: how much of each pixel they cover, added up column by column and mixed in once the line has passed.

use super::ink::{Ink, Surface};
use std::ops::Range;

/// How much of each pixel the line covers, for the columns that it has not passed yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Fine {
    height: usize,
    /// A power of two: column `c` lies at `c & (n - 1)`.
    n: usize,
    coverage: Vec<f32>,
    /// The rows that are touched, from and to (outside), of each column.
    rows: Vec<(usize, usize)>,
    /// The first column that is not mixed into the picture yet, and the one after the last touched.
    live: (usize, usize),
}

impl Fine {
    /// Draws a line; the points are finite.
    pub(super) fn stroke(&mut self, surface: &mut Surface<'_>, points: &[(f32, f32)], width: f32, ink: Ink) {
        let height = surface.clip.bottom.max(0) as usize;
        self.n = ((4.0 * width + 8.0) as usize).next_power_of_two();
        self.height = height;
        // What was mixed in is zero again, so only the size may have to change.
        if self.coverage.len() != self.n * height {
            self.coverage.clear();
            self.coverage.resize(self.n * height, 0.0);
            self.rows.clear();
            self.rows.resize(self.n, (usize::MAX, 0));
        }
        self.live = (0, 0);
        for ends in points.windows(2) {
            let (from, to) = if ends[0].0 <= ends[1].0 { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
            if to.0 - from.0 >= (to.1 - from.1).abs() {
                self.flat(surface, from, to, width, ink);
            } else {
                self.steep(surface, from, to, width, ink);
            }
        }
        self.flush(surface, ink);
    }

    /// The coverage of some rows of a column, to add to.
    #[inline]
    fn touch(&mut self, surface: &mut Surface<'_>, ink: Ink, column: usize, rows: &Range<usize>) -> &mut [f32] {
        if self.live.0 == self.live.1 {
            self.live = (column, column);
        }
        if column < self.live.0 {
            // The line has turned back.
            self.flush(surface, ink);
            self.live = (column, column);
        }
        while column >= self.live.0 + self.n {
            self.mix(surface, ink, self.live.0);
            self.live.0 += 1;
            if self.live.0 > self.live.1 {
                self.live = (column, column);
            }
        }
        self.live.1 = self.live.1.max(column + 1);
        let slot = column & (self.n - 1);
        let touched = &mut self.rows[slot];
        *touched = (touched.0.min(rows.start), touched.1.max(rows.end));
        let base = slot * self.height;
        &mut self.coverage[base + rows.start..base + rows.end]
    }

    fn flush(&mut self, surface: &mut Surface<'_>, ink: Ink) {
        for column in self.live.0..self.live.1 {
            self.mix(surface, ink, column);
        }
        self.live = (0, 0);
    }

    /// Mixes a column into the picture and forgets it.
    fn mix(&mut self, surface: &mut Surface<'_>, ink: Ink, column: usize) {
        let slot = column & (self.n - 1);
        let (from, to) = std::mem::replace(&mut self.rows[slot], (usize::MAX, 0));
        if from >= to {
            return;
        }
        let base = slot * self.height;
        let pixels = surface.column(column as i32, from as i32, to as i32);
        for (pixel, coverage) in pixels.iter_mut().zip(&mut self.coverage[base + from..base + to]) {
            ink.cover(pixel, std::mem::take(coverage));
        }
    }

    /// A segment wider than high: in each column a piece of a band, as high as the line is wide across it.
    fn flat(&mut self, surface: &mut Surface<'_>, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        if dx <= 0.0 {
            return;
        }
        let slope = dy / dx;
        let half = width * 0.5 * (1.0 + slope * slope).sqrt();
        let clip = surface.clip;
        for column in clipped(from.0, to.0, (clip.left, clip.right)) {
            let (left, right) = (greater(column as f32, from.0), lesser(column as f32 + 1.0, to.0));
            let middle = from.1 + ((left + right) * 0.5 - from.0) * slope;
            let (top, bottom) = (middle - half, middle + half);
            let rows = clipped(top, bottom, (clip.top, clip.bottom));
            if rows.is_empty() {
                continue;
            }
            let part = right - left;
            let first = rows.start as f32;
            let coverage = self.touch(surface, ink, column, &rows);
            for (idx, coverage) in (0i32..).zip(coverage) {
                let row = first + idx as f32;
                *coverage += (lesser(row + 1.0, bottom) - greater(row, top)) * part;
            }
        }
    }

    /// A segment higher than wide: in each row a piece of a band, as wide as the line is across it.
    fn steep(&mut self, surface: &mut Surface<'_>, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let slope = dx / dy;
        let length = (1.0 + slope * slope).sqrt();
        let half = width * 0.5 * length;
        // A bit longer at both ends, so that corners are filled.
        let longer = width * 0.3 / length;
        let (top, bottom) = (lesser(from.1, to.1) - longer, greater(from.1, to.1) + longer);
        let from_x = |y: f32| from.0 + (y - from.1) * slope;
        let (a, b) = (from_x(top), from_x(bottom));
        let (left, right) = (lesser(a, b) - half, greater(a, b) + half);
        let is_upright = slope.abs() < 1e-4;
        let rise = 1.0 / slope;
        let clip = surface.clip;
        for column in clipped(left, right, (clip.left, clip.right)) {
            let (column_left, column_right) = (column as f32, column as f32 + 1.0);
            // The rows in which the band touches the column.
            let (high, low) = if is_upright {
                (top, bottom)
            } else {
                let enters = from.1 + (column_left - half - from.0) * rise;
                let leaves = from.1 + (column_right + half - from.0) * rise;
                (greater(lesser(enters, leaves), top), lesser(greater(enters, leaves), bottom))
            };
            let rows = clipped(high, low, (clip.top, clip.bottom));
            if rows.is_empty() {
                continue;
            }
            let last = (rows.end - 1) as f32;
            let first = rows.start as f32;
            let coverage = self.touch(surface, ink, column, &rows);
            let across = |row: f32| {
                let x = from.0 + (row + 0.5 - from.1) * slope;
                greater(lesser(x + half, column_right) - greater(x - half, column_left), 0.0)
            };
            let along = |row: f32| greater(lesser(row + 1.0, bottom) - greater(row, top), 0.0);
            // Only the first and the last row may be covered in part; the loop between has no branches.
            if let [only] = coverage {
                *only += across(first) * along(first);
            } else if let [start, middle @ .., end] = coverage {
                *start += across(first) * along(first);
                for (idx, coverage) in (1i32..).zip(middle) {
                    *coverage += across(first + idx as f32);
                }
                *end += across(last) * along(last);
            }
        }
    }
}

/// The lesser of two numbers. One instruction, where `f32::min` takes care of NaN with several.
#[inline]
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The greater of two numbers.
#[inline]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The columns (or rows) from one place to another, of those from `low` to `high` (outside).
#[inline]
fn clipped(from: f32, to: f32, (low, high): (i32, i32)) -> Range<usize> {
    // Casts cut fractions off and stay in range; for what lies left of the picture, zero is right anyway.
    let start = (from as i32).clamp(low, high);
    let whole = to as i32;
    let stop = whole.saturating_add(i32::from(to > whole as f32)).clamp(start, high);
    start as usize..stop as usize
}
