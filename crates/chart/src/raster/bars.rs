//! Dense lines: one bar in each pixel column, from the highest to the lowest place of the line in it.
//!
//! Invariant: what is drawn follows from the first, the least, the greatest and the last point of each column alone, so
//! that a decimated line has the same pixels.

use super::ink::{Clip, Ink, Surface, WHOLE};

/// Where a line runs in each column, kept for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Bars {
    tops: Vec<f32>,
    bottoms: Vec<f32>,
    /// The bars as wide lines have them.
    wide: (Vec<f32>, Vec<f32>),
    /// The same in 256ths of a pixel.
    ends: Vec<(i32, i32)>,
}

impl Bars {
    /// Draws a line; the points are finite. Says where.
    pub(super) fn stroke(&mut self, surface: &mut Surface<'_>, points: &[(f32, f32)], width: f32, ink: Ink) -> Clip {
        let clip = surface.clip;
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Clip::default();
        };
        let left = column(first.0.min(last.0)).clamp(clip.left, clip.right);
        let right = column(first.0.max(last.0)).saturating_add(1).clamp(left, clip.right);
        let n = (right - left) as usize;
        self.tops.clear();
        self.tops.resize(n, f32::INFINITY);
        self.bottoms.clear();
        self.bottoms.resize(n, f32::NEG_INFINITY);
        let mut track = Track { left, tops: &mut self.tops, bottoms: &mut self.bottoms };
        track.follow(points);
        let reach = (width * 0.5 - 0.5).round().max(0.0) as usize;
        if reach > 0 {
            self.widen(width * 0.5, reach);
        }
        self.ink(surface, left, width * 0.5, ink)
    }

    /// A line is as wide across its steep parts: what it covers of a column, it covers of the ones beside, too.
    fn widen(&mut self, half: f32, reach: usize) {
        let (tops, bottoms) = (&mut self.wide.0, &mut self.wide.1);
        tops.clone_from(&self.tops);
        bottoms.clone_from(&self.bottoms);
        for distance in 1..=reach.min(self.tops.len().saturating_sub(1)) {
            // So much lower is the round end of a line at this distance.
            let lower = half - (half * half - (distance * distance) as f32).max(0.0).sqrt();
            let join = |to: &mut [f32], from: &[f32]| {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = lesser(*to, *from + lower);
                }
            };
            join(&mut tops[distance..], &self.tops);
            join(tops, &self.tops[distance..]);
            let join = |to: &mut [f32], from: &[f32]| {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = greater(*to, *from - lower);
                }
            };
            join(&mut bottoms[distance..], &self.bottoms);
            join(bottoms, &self.bottoms[distance..]);
        }
        std::mem::swap(&mut self.tops, tops);
        std::mem::swap(&mut self.bottoms, bottoms);
    }

    fn ink(&mut self, surface: &mut Surface<'_>, left: i32, half: f32, ink: Ink) -> Clip {
        let (highest, lowest) = (surface.clip.top << 8, surface.clip.bottom << 8);
        self.ends.clear();
        self.ends.extend(self.tops.iter().zip(&self.bottoms).map(|(top, bottom)| {
            // Casts stay in range; a column without a bar ends before it begins.
            let (top, bottom) = (((top - half) * 256.0) as i32, ((bottom + half) * 256.0) as i32);
            (top.clamp(highest, lowest), bottom.clamp(highest, lowest))
        }));
        let (mut top, mut bottom) = (lowest, highest);
        for &(from, to) in &self.ends {
            if from < to {
                (top, bottom) = (top.min(from), bottom.max(to));
            }
        }
        let right = left + self.ends.len() as i32;
        let stride = surface.width;
        let pixels = &mut *surface.pixels;
        for (column, &(from, to)) in (left as usize..).zip(&self.ends) {
            if from >= to {
                continue;
            }
            let (first, last) = (from >> 8, to >> 8);
            let mut at = first as usize * stride + column;
            if first == last {
                if let Some(pixel) = pixels.get_mut(at) {
                    ink.mix(pixel, (to - from) as u32);
                }
                continue;
            }
            if let Some(pixel) = pixels.get_mut(at) {
                ink.mix(pixel, WHOLE - (from & 255) as u32);
            }
            at += stride;
            for _ in first + 1..last {
                if let Some(pixel) = pixels.get_mut(at) {
                    ink.mix(pixel, WHOLE);
                }
                at += stride;
            }
            let rest = (to & 255) as u32;
            if rest > 0
                && let Some(pixel) = pixels.get_mut(at)
            {
                ink.mix(pixel, rest);
            }
        }
        Clip { left, top: top >> 8, right, bottom: (bottom + 255) >> 8 }.within(surface.clip)
    }
}

/// The columns that a line runs through.
struct Track<'a> {
    left: i32,
    tops: &'a mut [f32],
    bottoms: &'a mut [f32],
}

impl Track<'_> {
    /// Extends the bar of each column by what the line has in it.
    #[inline]
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
                let (mut edge, step, side) = if to > at {
                    (y + ((at + 1) as f32 - x) * slope, slope, 1)
                } else {
                    (y + (at as f32 - x) * slope, -slope, -1)
                };
                self.extend(at, lesser(top, edge), greater(bottom, edge));
                let (from, end) = self.crossed(at, to, side, &mut edge, step);
                let mut between = from;
                while between != end {
                    let next = edge + step;
                    self.extend(between, lesser(edge, next), greater(edge, next));
                    edge = next;
                    between += side;
                }
                (at, top, bottom) = (to, edge, edge);
            }
            (top, bottom) = (lesser(top, to_y), greater(bottom, to_y));
            (x, y) = (to_x, to_y);
        }
        self.extend(at, top, bottom);
    }

    /// The columns strictly between two, without those left and right of the picture.
    #[inline]
    fn crossed(&self, at: i32, to: i32, side: i32, edge: &mut f32, step: f32) -> (i32, i32) {
        let (low, high) = (self.left, self.left + self.tops.len() as i32);
        let (from, end) = if side > 0 {
            ((at + 1).max(low.min(to)), to.min(high.max(at + 1)))
        } else {
            ((at - 1).min((high - 1).max(to)), to.max((low - 1).min(at - 1)))
        };
        *edge += step * ((from - at) * side - 1) as f32;
        (from, if (end - from) * side < 0 { from } else { end })
    }

    #[inline]
    fn extend(&mut self, column: i32, top: f32, bottom: f32) {
        let idx = column.wrapping_sub(self.left) as usize;
        if let (Some(least), Some(greatest)) = (self.tops.get_mut(idx), self.bottoms.get_mut(idx)) {
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
