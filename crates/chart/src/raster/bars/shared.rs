//! Lines over the same places, as the series of one grid are: which columns these lie in, and where lines cross from one
//! column to the next, is found once for all of them.
//!
//! Invariant: the bars are those of [`super::track`] to the bit, so it does not matter which of the two drew a line.

use super::track::column;
use super::{greater, lesser};

/// Places of the line before, and what was found out of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    xs: Vec<f32>,
    /// The first column, and how many there are.
    columns: (i32, usize),
    state: State,
    /// The column of each point, counted from the first.
    of_points: Vec<u32>,
    /// How far it is from each point to the next.
    widths: Vec<f32>,
    crossings: Vec<Crossing>,
    /// How lines rise between points, and where they cross from column to column; kept for their memory.
    slopes: Vec<f32>,
    edges: Vec<f32>,
}

/// What is known of some places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// One line had them: another may never come.
    #[default]
    Seen,
    /// All else is filled in.
    Known,
    /// They go back, or lie outside of the picture.
    Unfit,
}

/// Where lines go over from a column to the next one.
#[derive(Clone, Copy, Debug)]
struct Crossing {
    /// The last point before.
    point_idx: u32,
    /// How far behind that.
    beyond: f32,
}

impl Shared {
    /// Whether lines over the places of these points can be drawn by [`Shared::bars`], through `n` columns from `left`.
    pub(super) fn knows(&mut self, points: &[(f32, f32)], left: i32, n: usize) -> bool {
        let columns = (left, n);
        // Bit by bit and without a way out: several at a time.
        let differ = |xs: &[f32]| xs.iter().zip(points).fold(0, |odd, (x, at)| odd | (x.to_bits() ^ at.0.to_bits()));
        if self.columns != columns || self.xs.len() != points.len() || differ(&self.xs) != 0 {
            self.xs.clear();
            self.xs.extend(points.iter().map(|at| at.0));
            (self.columns, self.state) = (columns, State::Seen);
            return false;
        }
        if self.state == State::Seen {
            self.state = if self.lay_out() { State::Known } else { State::Unfit };
        }
        self.state == State::Known
    }

    /// `false` if the places do not go from left to right through just these columns.
    fn lay_out(&mut self) -> bool {
        let (left, n) = self.columns;
        let (Some(&first), Some(&last)) = (self.xs.first(), self.xs.last()) else {
            return false;
        };
        let is_sorted = self.xs.is_sorted();
        if !is_sorted || column(first) != left || column(last).wrapping_sub(left) as usize != n.wrapping_sub(1) {
            return false;
        }
        self.of_points.clear();
        self.of_points.extend(self.xs.iter().map(|&x| (column(x) - left) as u32));
        self.widths.clear();
        self.widths.extend(self.xs.windows(2).map(|ends| ends[1] - ends[0]));
        self.crossings.clear();
        for (point_idx, ends) in (0..).zip(self.of_points.windows(2)) {
            for passed in ends[0]..ends[1] {
                let beyond = (left + passed as i32 + 1) as f32 - self.xs[point_idx as usize];
                self.crossings.push(Crossing { point_idx, beyond });
            }
        }
        true
    }

    /// The bars of a line over the places that [`Shared::knows`]: from top to bottom of each column.
    pub(super) fn bars(&mut self, points: &[(f32, f32)], bars: &mut [(f32, f32)]) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return;
        };
        self.slopes.clear();
        let rises = points.windows(2).map(|ends| ends[1].1 - ends[0].1);
        self.slopes.extend(rises.zip(&self.widths).map(|(rise, width)| rise / width));
        self.edges.clear();
        self.edges.push(first.1);
        let slopes = &self.slopes;
        self.edges.extend(self.crossings.iter().map(|&Crossing { point_idx, beyond }| {
            let (at, slope) = (points.get(point_idx as usize), slopes.get(point_idx as usize));
            at.zip(slope).map_or(0.0, |(at, slope)| at.1 + beyond * slope)
        }));
        self.edges.push(last.1);
        for (bar, edges) in bars.iter_mut().zip(self.edges.windows(2)) {
            *bar = (lesser(edges[0], edges[1]), greater(edges[0], edges[1]));
        }
        for (&column, at) in self.of_points.iter().zip(points) {
            if let Some(bar) = bars.get_mut(column as usize) {
                *bar = (lesser(bar.0, at.1), greater(bar.1, at.1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Bars over shared places against those of each line followed by itself.
    use super::super::track::Track;
    use super::*;
    use proptest::prelude::*;

    fn followed(points: &[(f32, f32)], left: i32, n: usize) -> Vec<(f32, f32)> {
        let mut bars = vec![(f32::INFINITY, f32::NEG_INFINITY); n];
        Track { left, spans: &mut bars }.follow(points);
        bars
    }

    proptest! {
        #[test]
        fn bars_are_those_of_a_line_followed_by_itself(
            steps in proptest::collection::vec(prop_oneof![Just(0.0f32), 0.0f32..0.4, 0.0f32..9.0], 1..60),
            start in 0.0f32..40.0,
            rows in proptest::collection::vec(proptest::collection::vec(-50.0f32..700.0, 61), 1..4),
        ) {
            let mut x = start;
            let mut xs = vec![start];
            xs.extend(steps.iter().map(|step| { x += step; x }));
            let (left, n) = (column(start), (column(x) - column(start)) as usize + 1);
            let mut shared = Shared::default();
            for (nth, ys) in rows.iter().enumerate() {
                let points: Vec<(f32, f32)> = xs.iter().copied().zip(ys.iter().copied()).collect();
                prop_assert_eq!(shared.knows(&points, left, n), nth > 0, "known from the second line on");
                if nth > 0 {
                    let mut bars = vec![(0.0, 0.0); n];
                    shared.bars(&points, &mut bars);
                    prop_assert_eq!(bars, followed(&points, left, n));
                }
            }
        }
    }

    #[test]
    fn places_that_go_back_or_lie_outside_are_left_to_those_who_follow() {
        let mut shared = Shared::default();
        let mut second = |points: &[(f32, f32)], left: i32, n: usize| {
            shared.knows(points, left, n);
            shared.knows(points, left, n)
        };
        assert!(second(&[(1.0, 0.0), (3.5, 1.0)], 1, 3));
        assert!(!second(&[(1.0, 0.0), (5.0, 1.0), (3.5, 1.0)], 1, 3));
        assert!(!second(&[(-4.0, 0.0), (3.5, 1.0)], 0, 4), "begins left of the picture");
        assert!(!second(&[(1.0, 0.0), (9.5, 1.0)], 1, 3), "ends right of it");
        assert!(!second(&[], 0, 0));
    }
}
