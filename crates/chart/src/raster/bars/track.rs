//! Follows a line from point to point: how far up and down it goes in each pixel column.

use super::{greater, lesser};

/// The columns that a line runs through.
pub(super) struct Track<'a> {
    /// The first column.
    pub(super) left: i32,
    /// Of each column, from top to bottom, in pixels.
    pub(super) spans: &'a mut [(f32, f32)],
}

impl Track<'_> {
    /// Extends the bar of each column by what the line has in it.
    pub(super) fn follow(&mut self, points: &[(f32, f32)]) {
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
                    self.forward(at + 1, to, (x, y), slope)
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

    /// Crosses columns to the right; the edge on which the line enters the last. Each edge is reckoned from the point, as
    /// [`super::shared`] does: what was added up would differ in its last bits.
    #[inline]
    fn forward(&mut self, from: i32, to: i32, (x, y): (f32, f32), slope: f32) -> f32 {
        let edge_of = |column: i32| y + (column as f32 - x) * slope;
        // What lies left of the picture is not walked through.
        let from = from.max(self.left.min(to));
        let mut edge = edge_of(from);
        let end = to.min(self.left.saturating_add(self.spans.len() as i32));
        for column in from..end {
            let next = edge_of(column + 1);
            self.extend(column, lesser(edge, next), greater(edge, next));
            edge = next;
        }
        edge_of(to)
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
pub(super) fn column(x: f32) -> i32 {
    // A cast cuts fractions off, in both directions.
    x as i32 - i32::from(x < 0.0)
}
