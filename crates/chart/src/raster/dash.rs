//! Breaks a line into dashes along its length.

use crate::options::Dash;

/// Lengths that are drawn and left out by turns, in widths of the line.
fn pattern(dash: Dash) -> &'static [f32] {
    match dash {
        Dash::Solid => &[],
        Dash::Dashed => &[5.0, 3.0],
        Dash::Dotted => &[1.2, 2.0],
        Dash::DashDotted => &[5.0, 2.0, 1.2, 2.0],
    }
}

/// A line has no more dashes: one that runs far outside of the picture is drawn whole from there on.
const MAX_DASHES: usize = 10_000;

/// Calls `draw` with the parts of a line that are drawn, each of two points or more. Places and width are in the same
/// unit; the places are finite.
pub fn dashes(points: &[(f32, f32)], dash: Dash, width: f32, mut draw: impl FnMut(&[(f32, f32)])) {
    let pattern = pattern(dash);
    let Some((&first, rest)) = points.split_first() else {
        return;
    };
    if pattern.is_empty() || width.is_nan() || width <= 0.0 {
        draw(points);
        return;
    }
    let mut part = vec![first];
    let (mut turn, mut n_dashes) = (0, 0);
    let mut left = pattern[0] * width;
    let mut from = first;
    for &to in rest {
        let mut length = (to.0 - from.0).hypot(to.1 - from.1);
        while length >= left && n_dashes < MAX_DASHES {
            let share = left / length;
            from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            length -= left;
            if turn % 2 == 0 {
                part.push(from);
                draw(&part);
                n_dashes += 1;
            }
            part.clear();
            part.push(from);
            turn = (turn + 1) % pattern.len();
            left = pattern[turn] * width;
        }
        left -= length;
        if turn % 2 == 0 {
            part.push(to);
        }
        from = to;
    }
    if turn % 2 == 0 && part.iter().any(|at| *at != part[0]) {
        draw(&part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(points: &[(f32, f32)], dash: Dash) -> Vec<Vec<(f32, f32)>> {
        let mut parts = Vec::new();
        dashes(points, dash, 1.0, |part| parts.push(part.to_vec()));
        parts
    }

    #[test]
    fn dashes_go_round_corners() {
        let corner = [(0.0, 0.0), (4.0, 0.0), (4.0, 20.0)];
        assert_eq!(parts(&corner, Dash::Solid), [corner]);
        let got = parts(&corner, Dash::Dashed);
        assert_eq!(got[0], [(0.0, 0.0), (4.0, 0.0), (4.0, 1.0)]);
        assert_eq!(got[1], [(4.0, 4.0), (4.0, 9.0)]);
        assert_eq!(got.len(), 3);
    }

    #[test]
    fn a_dash_follows_every_point_and_the_end_is_cut() {
        let line: Vec<(f32, f32)> = (0..=10).map(|x| (x as f32, 0.0)).collect();
        let got = parts(&line, Dash::DashDotted);
        let ends: Vec<(f32, f32)> = got.iter().map(|part| (part[0].0, part[part.len() - 1].0)).collect();
        assert_eq!(got[0].len(), 6);
        assert_eq!(ends[0], (0.0, 5.0));
        assert!((ends[1].0 - 7.0).abs() < 1e-5 && (ends[1].1 - 8.2).abs() < 1e-5, "{ends:?}");
        assert_eq!(ends.len(), 2, "the gap after the dot reaches beyond the end");
    }

    #[test]
    fn a_line_of_any_length_has_an_end() {
        assert!(parts(&[(0.0, 0.0), (1e6, -1e6)], Dash::Dotted).len() <= MAX_DASHES + 1);
        assert!(parts(&[], Dash::Dotted).is_empty() && parts(&[(1.0, 1.0)], Dash::Dashed).is_empty());
    }
}
