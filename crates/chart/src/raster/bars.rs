//! Dense lines: one bar in each pixel column, from the highest to the lowest place of the line in it.
//!
//! Bars wait until there are many, and are then drawn some columns at a time: a processor keeps the pixels of these at
//! hand, which makes a thousand lines twice as fast.
//!
//! Invariant: what is drawn follows from the first, the least, the greatest and the last point of each column alone, so
//! that a decimated line has the same pixels.

use super::ink::{Ink, Surface};

/// So many bars wait at most: half a megabyte.
const MAX_WAITING: usize = 1 << 16;

/// So many columns are drawn together; at 600 rows their pixels take 38 kB.
const BLOCK: usize = 16;

/// Where lines run in each column, kept for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Bars {
    /// From top to bottom, in pixels; upside down where it does not run.
    spans: Vec<(f32, f32)>,
    /// The same as wide lines have them.
    wide: Vec<(f32, f32)>,
    /// Lines that wait, in the order in which they lie upon each other.
    lines: Vec<Line>,
    /// Their bars from top to bottom in 256ths of a pixel, within the clip; one without any ends before it begins.
    ends: Vec<(i32, i32)>,
}

/// A line that waits.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Its first column, and how many it has.
    left: usize,
    n: usize,
    /// Where its bars begin in `ends`.
    start: usize,
    ink: Ink,
}

impl Bars {
    /// Adds a line; the points are finite.
    pub(super) fn stroke(&mut self, surface: &mut Surface<'_>, points: &[(f32, f32)], width: f32, ink: Ink) {
        let clip = surface.clip;
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return;
        };
        let left = column(first.0.min(last.0)).clamp(clip.left, clip.right);
        let right = column(first.0.max(last.0)).saturating_add(1).clamp(left, clip.right);
        let n = (right - left) as usize;
        self.spans.clear();
        self.spans.resize(n, (f32::INFINITY, f32::NEG_INFINITY));
        Track { left, spans: &mut self.spans }.follow(points);
        let reach = (width * 0.5 - 0.5).round().max(0.0) as usize;
        if reach > 0 {
            self.widen(width * 0.5, reach);
        }
        self.lines.push(Line { left: left as usize, n, start: self.ends.len(), ink });
        let half = width * 0.5;
        let (highest, lowest) = (clip.top << 8, clip.bottom << 8);
        self.ends.extend(self.spans.iter().map(|(top, bottom)| {
            // Casts stay in range.
            let (top, bottom) = (((top - half) * 256.0) as i32, ((bottom + half) * 256.0) as i32);
            (top.clamp(highest, lowest), bottom.clamp(highest, lowest))
        }));
        let touched = surface.touched.get_mut(left as usize..).unwrap_or_default();
        let added = self.ends.get(self.ends.len() - n..).unwrap_or_default();
        for (touched, (from, to)) in touched.iter_mut().zip(added) {
            // One without a bar changes nothing: it ends at the clip's top, and begins at its bottom.
            *touched = (touched.0.min(from >> 8), touched.1.max((to + 255) >> 8));
        }
        if self.ends.len() > MAX_WAITING {
            self.flush(surface);
        }
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Draws what waits.
    pub(super) fn flush(&mut self, surface: &mut Surface<'_>) {
        let left = self.lines.iter().map(|line| line.left).min().unwrap_or(0);
        let right = self.lines.iter().map(|line| line.left + line.n).max().unwrap_or(0);
        for block in (left..right).step_by(BLOCK) {
            for &Line { left, n, start, ink } in &self.lines {
                let from = block.max(left);
                let to = (block + BLOCK).min(left + n);
                if from < to
                    && let Some(ends) = self.ends.get(start + from - left..start + to - left)
                {
                    draw(surface, from, ends, ink);
                }
            }
        }
        self.forget();
    }

    /// Drops what waits.
    pub(super) fn forget(&mut self) {
        self.lines.clear();
        self.ends.clear();
    }

    /// A line is as wide across its steep parts: what it covers of a column, it covers of the ones beside, too.
    fn widen(&mut self, half: f32, reach: usize) {
        self.wide.clone_from(&self.spans);
        for distance in 1..=reach.min(self.spans.len().saturating_sub(1)) {
            // So much lower is the round end of a line at this distance.
            let lower = half - (half * half - (distance * distance) as f32).max(0.0).sqrt();
            let join = |to: &mut [(f32, f32)], from: &[(f32, f32)]| {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = (lesser(to.0, from.0 + lower), greater(to.1, from.1 - lower));
                }
            };
            join(&mut self.wide[distance..], &self.spans);
            join(&mut self.wide, &self.spans[distance..]);
        }
        std::mem::swap(&mut self.spans, &mut self.wide);
    }
}

/// Draws bars of one line in columns side by side.
fn draw(surface: &mut Surface<'_>, left: usize, ends: &[(i32, i32)], ink: Ink) {
    let height = surface.height;
    for (column, &(from, to)) in (left..).zip(ends) {
        if from >= to {
            continue;
        }
        let (first, last) = (from >> 8, to >> 8);
        let at = column * height + first as usize;
        let below = to - (first << 8);
        let part = |row: i32| (below - 256 * row).clamp(0, 256) as u32;
        // Four rows at once: most bars have no more, and nearly all no more than eight.
        let mut mix = |at: usize, parts: [u32; 4]| {
            if let Some(four) = surface.pixels.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
                if ink.is_under { ink.mix_four_under(four, parts) } else { ink.mix_four(four, parts) }
            }
        };
        mix(at, [part(0) - (from & 255) as u32, part(1), part(2), part(3)]);
        if last <= first + 3 {
            continue;
        }
        mix(at + 4, [part(4), part(5), part(6), part(7)]);
        if last > first + 7 {
            let end = column * height + last as usize;
            if let Some(inner) = surface.pixels.get_mut(at + 8..end) {
                ink.fill(inner);
            }
            let rest = (to & 255) as u32;
            if let Some(pixel) = surface.pixels.get_mut(end).filter(|_| rest > 0) {
                ink.mix(pixel, rest);
            }
        }
    }
}

/// The columns that a line runs through.
struct Track<'a> {
    left: i32,
    spans: &'a mut [(f32, f32)],
}

impl Track<'_> {
    /// Extends the bar of each column by what the line has in it.
    fn follow(&mut self, points: &[(f32, f32)]) {
        let Some((&(mut x, mut y), rest)) = points.split_first() else {
            return;
        };
        let mut at = column(x);
        let (mut top, mut bottom) = (y, y);
        for &(to_x, to_y) in rest {
            let to = column(to_x);
            if to != at {
                let slope = (to_y - y) / (to_x - x);
                // Where the line crosses from one column to the next.
                let edge = if to > at {
                    let edge = y + ((at + 1) as f32 - x) * slope;
                    self.extend(at, lesser(top, edge), greater(bottom, edge));
                    self.forward(at + 1, to, edge, slope)
                } else {
                    self.extend(at, top, bottom);
                    self.backward((x, y), (to_x, to_y), slope)
                };
                (at, top, bottom) = (to, edge, edge);
            }
            (top, bottom) = (lesser(top, to_y), greater(bottom, to_y));
            (x, y) = (to_x, to_y);
        }
        self.extend(at, top, bottom);
    }

    /// Crosses columns to the right, from the edge on which the line enters the first; the edge on which it leaves the
    /// last.
    #[inline]
    fn forward(&mut self, from: i32, to: i32, edge: f32, slope: f32) -> f32 {
        let mut edge = edge;
        // What lies left of the picture is not walked through.
        let skipped = (self.left.min(to) - from).max(0);
        if skipped > 0 {
            edge += slope * skipped as f32;
        }
        let end = to.min(self.left.saturating_add(self.spans.len() as i32));
        for column in from + skipped..end {
            let next = edge + slope;
            self.extend(column, lesser(edge, next), greater(edge, next));
            edge = next;
        }
        edge
    }

    /// Crosses columns to the left; rare, so each is computed anew. The edge on which the line enters the last.
    #[cold]
    fn backward(&mut self, from: (f32, f32), to: (f32, f32), slope: f32) -> f32 {
        let y_at = |x: i32| from.1 + (x as f32 - from.0) * slope;
        let (first, last) = (column(to.0), column(from.0));
        let (low, high) = (self.left, self.left.saturating_add(self.spans.len() as i32));
        for column in first.saturating_add(1).max(low)..last.min(high) {
            let (a, b) = (y_at(column), y_at(column + 1));
            self.extend(column, lesser(a, b), greater(a, b));
        }
        let edge = y_at(last);
        self.extend(last, lesser(edge, from.1), greater(edge, from.1));
        y_at(first.saturating_add(1))
    }

    #[inline]
    fn extend(&mut self, column: i32, top: f32, bottom: f32) {
        let idx = column.wrapping_sub(self.left) as usize;
        if let Some((least, greatest)) = self.spans.get_mut(idx) {
            *least = lesser(*least, top);
            *greatest = greater(*greatest, bottom);
        }
    }
}

/// The pixel column of a place.
#[inline]
fn column(x: f32) -> i32 {
    // A cast cuts fractions off, in both directions.
    x as i32 - i32::from(x < 0.0)
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
