//! Dense lines: one bar in each pixel column, from the highest to the lowest place of the line in it.
//!
//! Bars wait until there are many, and are then drawn some columns at a time: a processor keeps the pixels of these at
//! hand, which makes a thousand lines twice as fast.
//!
//! Invariant: what is drawn follows from the first, the least, the greatest and the last point of each column alone, so
//! that a decimated line has the same pixels.

mod hidden;
mod shared;
mod track;

use super::ink::{Ink, Surface};
use hidden::Hidden;
use shared::Shared;
use track::{Track, column};

/// So many bars wait at most: two megabytes. With half a megabyte a thousand lines come back to each pixel so rarely that
/// it has left the cache of the processor.
const MAX_WAITING: usize = 1 << 18;

/// So many columns are drawn together; at 600 rows their pixels take 19 kB.
const BLOCK: usize = 8;

/// Four rows, in 256ths of a pixel.
const ROWS: [i32; 4] = [0, 256, 512, 768];

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
    /// What several lines have in common.
    shared: Shared,
    /// What nothing can be seen through.
    hidden: Hidden,
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
        // To follow each by itself is a third of the work for a thousand lines of a thousand points.
        if self.shared.knows(points, left, n) {
            self.shared.bars(points, &mut self.spans);
        } else {
            Track { left, spans: &mut self.spans }.follow(points);
        }
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
        let is_under = self.lines.iter().all(|line| line.ink.is_under);
        if is_under {
            self.hidden.fit(surface);
        }
        for block in (left..right).step_by(BLOCK) {
            for &Line { left, n, start, ink } in &self.lines {
                let from = block.max(left);
                let to = (block + BLOCK).min(left + n);
                if from < to
                    && let Some(ends) = self.ends.get(start + from - left..start + to - left)
                {
                    let hidden = is_under.then_some(&mut self.hidden);
                    draw(surface, from, ends, ink, hidden);
                }
            }
        }
        self.forget();
    }

    /// Drops what waits.
    fn forget(&mut self) {
        self.lines.clear();
        self.ends.clear();
    }

    /// Begins anew: drops what waits, and nothing is hidden any more.
    pub(super) fn clear(&mut self) {
        self.forget();
        self.hidden.clear();
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

/// Draws bars of one line in columns side by side; what is hidden says that they lie under what is there.
fn draw(surface: &mut Surface<'_>, left: usize, ends: &[(i32, i32)], ink: Ink, mut hidden: Option<&mut Hidden>) {
    for (column, &(from, to)) in (left..).zip(ends) {
        if from >= to {
            continue;
        }
        if let Some(hidden) = &mut hidden {
            if !bar_under(surface, hidden, column, (from, to), ink) {
                continue;
            }
        } else {
            bar(surface, column, (from, to), ink);
        }
        if let Some(touched) = surface.touched.get_mut(column) {
            *touched = (touched.0.min(from >> 8), touched.1.max((to + 255) >> 8));
        }
    }
}

/// Draws what can be seen of a bar that lies under what is there, and says whether that is anything.
#[inline]
fn bar_under(surface: &mut Surface<'_>, hidden: &mut Hidden, column: usize, (from, to): (i32, i32), ink: Ink) -> bool {
    let (mut row, end) = ((from >> 8) as usize, ((to + 255) >> 8) as usize);
    let mut is_seen = false;
    while row < end {
        let n = (end - row).min(hidden::WINDOW);
        let start = column * surface.height + row;
        let (above, below) = (from - ((row as i32) << 8), to - ((row as i32) << 8));
        is_seen |= hidden.look(column, row, n, |idx| {
            // From the upper edge of the first of four rows to the ends of the bar.
            let (above, below) = (above - 256 * idx as i32, below - 256 * idx as i32);
            let parts = ROWS.map(|row| ((below - row).clamp(0, 256) - (above - row).clamp(0, 256)) as u32);
            let four = surface.pixels.get_mut(start + idx..)?.first_chunk_mut()?;
            Some(ink.mix_four_under(four, parts))
        });
        row += n;
    }
    is_seen
}

/// Draws a bar that has a length over what is there.
#[inline]
fn bar(surface: &mut Surface<'_>, column: usize, (from, to): (i32, i32), ink: Ink) {
    let (first, last) = (from >> 8, to >> 8);
    let at = column * surface.height + first as usize;
    let below = to - (first << 8);
    let part = |row: i32| (below - 256 * row).clamp(0, 256) as u32;
    // Four rows at once: most bars have no more, and nearly all no more than eight.
    let mut mix = |at: usize, parts: [u32; 4]| {
        if let Some(four) = surface.pixels.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            ink.mix_four(four, parts);
        }
    };
    mix(at, [part(0) - (from & 255) as u32, part(1), part(2), part(3)]);
    if last <= first + 3 {
        return;
    }
    mix(at + 4, [part(4), part(5), part(6), part(7)]);
    if last > first + 7 {
        let end = column * surface.height + last as usize;
        if let Some(inner) = surface.pixels.get_mut(at + 8..end) {
            ink.fill(inner);
        }
        let rest = (to & 255) as u32;
        if let Some(pixel) = surface.pixels.get_mut(end).filter(|_| rest > 0) {
            ink.mix(pixel, rest);
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
