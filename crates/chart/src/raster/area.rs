//! Filled areas: each edge adds to the columns it passes how much lies below it, so that a walk down a column
//! tells of each pixel what is covered, exactly. Only the rows between the edges are walked.

use super::ink::{Clip, Ink, Surface};

/// What the edges have added, column by column, kept for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Area {
    /// One row more than there are: what lies below the picture. All zero between two areas.
    changes: Vec<f32>,
    /// The rows that are touched, from and to (outside), of each column.
    rows: Vec<(i32, i32)>,
}

impl Area {
    /// Fills a polygon, its last point joined to its first. One with places that are not finite is left out.
    pub(super) fn fill(
        &mut self,
        surface: &mut Surface<'_>,
        outline: impl Iterator<Item = (f32, f32)> + Clone,
        ink: Ink,
    ) {
        let clip = surface.clip;
        let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
        let mut last = None;
        for (x, y) in outline.clone() {
            if !(x + y).is_finite() {
                return;
            }
            (left, right) = (left.min(x), right.max(x));
            last = Some((x, y));
        }
        let Some(mut from) = last.filter(|_| !clip.is_empty() && !ink.is_clear()) else {
            return;
        };
        let left = (left.floor() as i32).clamp(clip.left, clip.right);
        let right = (right.ceil() as i32).clamp(left, clip.right);
        let edges = Clip { left, right, ..clip };
        let n_rows = (clip.bottom - clip.top) as usize + 1;
        let n_columns = (right - left) as usize;
        if self.changes.len() < n_rows * n_columns {
            self.changes.resize(n_rows * n_columns, 0.0);
        }
        self.rows.clear();
        self.rows.resize(n_columns, (i32::MAX, i32::MIN));
        for to in outline {
            self.edge(&edges, n_rows, from, to);
            from = to;
        }
        self.walk(surface, &edges, n_rows, ink);
    }

    fn edge(&mut self, clip: &Clip, n_rows: usize, from: (f32, f32), to: (f32, f32)) {
        // Positive where the polygon's upper side goes to the right.
        let (sign, from, to) = if from.0 <= to.0 { (1.0, from, to) } else { (-1.0, to, from) };
        let (left, right) = (greater(from.0, clip.left as f32), lesser(to.0, clip.right as f32));
        if left >= right {
            return;
        }
        let slope = (to.1 - from.1) / (to.0 - from.0);
        let y_at = |x: f32| from.1 + (x - from.0) * slope;
        let end = if right == to.0 { to.1 } else { y_at(right) };
        let mut x = left;
        let mut y = if left == from.0 { from.1 } else { y_at(left) };
        let first = left as i32;
        let last = (right.ceil() as i32 - 1).max(first);
        for column in first..=last {
            let next = lesser((column + 1) as f32, right);
            let next_y = if column == last { end } else { y_at(next) };
            self.piece(clip, n_rows, (column - clip.left) as usize, (next - x) * sign, y, next_y);
            (x, y) = (next, next_y);
        }
    }

    /// A piece of an edge within a column: `across` wide, with a sign.
    fn piece(&mut self, clip: &Clip, n_rows: usize, column: usize, across: f32, y: f32, next_y: f32) {
        let (high, low) = (clip.top as f32, clip.bottom as f32);
        let (a, b) = (lesser(y, next_y), greater(y, next_y));
        let (top, bottom) = (a.clamp(high, low), b.clamp(high, low));
        let base = column * n_rows;
        let Some((changes, rows)) = self.changes.get_mut(base..base + n_rows).zip(self.rows.get_mut(column)) else {
            return;
        };
        let (first, last) = ((top - high) as usize, (bottom - high) as usize);
        *rows = (rows.0.min(first as i32), rows.1.max(last as i32 + 1));
        // In one row: what lies below the middle of the piece is covered, and all of the rows below.
        let mut add = |row: usize, across: f32, middle: f32| {
            let below = middle - row as f32;
            if let Some(change) = changes.get_mut(row) {
                *change += across * (1.0 - below);
            }
            if let Some(change) = changes.get_mut(row + 1) {
                *change += across * below;
            }
        };
        let height = b - a;
        if first == last && (height <= 0.0 || (a >= high && b <= low)) {
            add(first, across, (top + bottom) * 0.5 - high);
            return;
        }
        let per_row = across / height;
        // What runs above or below the picture counts for its edge.
        add(0, (lesser(b, high) - lesser(a, high)) * per_row, 0.0);
        add(n_rows - 1, (greater(b, low) - greater(a, low)) * per_row, 0.0);
        let (top, bottom) = (top - high, bottom - high);
        for row in first..=last {
            let (from, to) = (greater(row as f32, top), lesser((row + 1) as f32, bottom));
            if from < to {
                add(row, (to - from) * per_row, (from + to) * 0.5);
            }
        }
        if a < high {
            rows.0 = 0;
        }
    }

    /// Walks down the columns and mixes in what is covered.
    fn walk(&mut self, surface: &mut Surface<'_>, clip: &Clip, n_rows: usize, ink: Ink) {
        for (column, &(from, to)) in self.rows.iter().enumerate() {
            if from >= to {
                continue;
            }
            // The last row is what lies below the picture.
            let end = (to + 1).min(n_rows as i32);
            let base = column * n_rows;
            let changes = self.changes.get_mut(base + from as usize..base + end as usize).unwrap_or_default();
            let bottom = (clip.top + end).min(clip.bottom);
            let pixels = surface.column(clip.left + column as i32, clip.top + from, bottom);
            let mut covered = 0.0;
            for (pixel, change) in pixels.iter_mut().zip(&mut *changes) {
                covered += *change;
                ink.cover(pixel, if covered < 0.0 { -covered } else { covered });
            }
            changes.fill(0.0);
        }
    }
}

/// Fills a rectangle; its edges cover pixels in part.
pub(super) fn rect(surface: &mut Surface<'_>, from: (f32, f32), to: (f32, f32), ink: Ink) {
    let clip = surface.clip;
    let (left, right) = (greater(from.0, clip.left as f32), lesser(to.0, clip.right as f32));
    let (top, bottom) = (greater(from.1, clip.top as f32), lesser(to.1, clip.bottom as f32));
    // What is NaN is not less either.
    if !(left < right && top < bottom) || clip.is_empty() || ink.is_clear() {
        return;
    }
    let area = Clip { left: left as i32, top: top as i32, right: right.ceil() as i32, bottom: bottom.ceil() as i32 };
    let area = area.within(clip);
    let part = |at: i32, from: f32, to: f32| lesser((at + 1) as f32, to) - greater(at as f32, from);
    for column in area.left..area.right {
        let wide = part(column, left, right);
        match surface.column(column, area.top, area.bottom) {
            [only] => ink.cover(only, wide * (bottom - top)),
            [first, inner @ .., last] => {
                ink.cover(first, wide * part(area.top, top, bottom));
                if wide >= 1.0 {
                    ink.fill(inner);
                } else {
                    inner.iter_mut().for_each(|pixel| ink.cover(pixel, wide));
                }
                ink.cover(last, wide * part(area.bottom - 1, top, bottom));
            }
            [] => {}
        }
    }
}

#[inline]
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
