//! Breaks a line into the pieces that are drawn of it.

use crate::options::Dash;
use crate::pen::Stroke;

impl Dash {
    /// The lengths of what is drawn and what is left out, by turns, in widths of the line; empty for a whole line.
    #[must_use]
    pub const fn pattern(self) -> &'static [f32] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[5.0, 3.0],
            Dash::Dotted => &[1.2, 2.4],
            Dash::DashDotted => &[5.0, 2.4, 1.2, 2.4],
        }
    }
}

/// More pieces than these on one line cannot be seen on any screen; the rest is drawn whole.
const MAX_PIECES: usize = 20_000;

/// Calls `draw` with each piece of a broken line, two points or more.
pub fn each_piece(points: &[(f32, f32)], stroke: &Stroke, mut draw: impl FnMut(&[(f32, f32)])) {
    let pattern = stroke.dash.pattern();
    let (Some(&first), Some(&length)) = (points.first(), pattern.first()) else {
        draw(points);
        return;
    };
    let unit = stroke.width.max(0.1);
    let (mut turn, mut left, mut n_pieces) = (0, length * unit, 0);
    let mut piece = vec![first];
    let mut from = first;
    for &to in &points[1..] {
        loop {
            let whole = (to.0 - from.0).hypot(to.1 - from.1);
            // So false for NaN, too: then the pieces go on behind it.
            if !(whole > left) || n_pieces >= MAX_PIECES {
                left -= if whole.is_finite() { whole } else { 0.0 };
                turn += if n_pieces >= MAX_PIECES { turn % 2 } else { 0 };
                from = to;
                piece.push(to);
                break;
            }
            let part = left / whole;
            from = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            piece.push(from);
            if turn % 2 == 0 {
                draw(&piece);
                n_pieces += 1;
            }
            piece.clear();
            piece.push(from);
            turn += 1;
            left = pattern[turn % pattern.len()] * unit;
        }
    }
    if turn % 2 == 0 && piece.len() > 1 {
        draw(&piece);
    }
}

#[cfg(test)]
mod tests {
    //! Lines, and the pieces that are drawn of them.
    use super::*;
    use crate::pen::Fill;
    use crate::theme::Rgb;

    fn pieces(points: &[(f32, f32)], dash: Dash) -> Vec<Vec<(f32, f32)>> {
        let fill = Fill { colour: Rgb(0, 0, 0), alpha: 1.0 };
        let mut pieces = Vec::new();
        each_piece(points, &Stroke { fill, width: 2.0, dash, is_dense: false }, |piece| pieces.push(piece.to_vec()));
        pieces
    }

    #[test]
    fn a_dash_goes_round_a_corner() {
        let corner = [(0.0, 0.0), (24.0, 0.0), (24.0, 40.0)];
        assert_eq!(pieces(&corner, Dash::Solid), [corner.to_vec()]);
        assert_eq!(
            pieces(&corner, Dash::Dashed),
            [
                vec![(0.0, 0.0), (10.0, 0.0)],
                vec![(16.0, 0.0), (24.0, 0.0), (24.0, 2.0)],
                vec![(24.0, 8.0), (24.0, 18.0)],
                vec![(24.0, 24.0), (24.0, 34.0)],
            ]
        );
    }

    #[test]
    fn a_line_of_any_length_ends() {
        assert_eq!(pieces(&[(0.0, 0.0)], Dash::Dotted), Vec::<Vec<(f32, f32)>>::new());
        assert!(pieces(&[(0.0, 0.0), (f32::MAX, 0.0)], Dash::Dotted).len() <= MAX_PIECES + 1);
        assert!(pieces(&[(0.0, 0.0), (f32::NAN, 0.0), (20.0, 0.0)], Dash::DashDotted).len() < 10);
    }
}
