//! Reduces a series to at most four points per pixel column; extremes, ends and gaps survive.
//!
//! M4 (first, least, greatest and last value of each column) draws the same pixels as all points
//! would, because a column of a line chart shows no more than where the line enters, how far it goes
//! up and down, and where it leaves. A gap or a value that is not finite ends a group, so no line is
//! ever drawn where there was none.
//!
//! Invariant: who decimates and who draws tell columns apart by the same function, [`Columns::of`].

use crate::series::{Points, gap, is_gap};
use model::StepGrid;
use std::ops::Range;

/// Decimation begins above so many points per pixel column: below it would hardly drop a point.
const MIN_POINTS_PER_COLUMN: usize = 4;

/// The pixel columns of a plot: which of them a time lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    start_ms: f64,
    per_ms: f64,
    n: usize,
}

impl Columns {
    /// The columns of a plot `n` pixels wide with these times (ms since the epoch) at its edges.
    #[must_use]
    pub fn new(start_ms: f64, end_ms: f64, n: usize) -> Self {
        let n = n.max(1);
        let per_ms = n as f64 / (end_ms - start_ms);
        Columns { start_ms, per_ms: if per_ms.is_finite() && per_ms > 0.0 { per_ms } else { 0.0 }, n }
    }

    /// How many there are, 1 or more.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// How far a time lies to the right of the left edge, in columns.
    #[inline]
    #[must_use]
    pub fn place(&self, t: f64) -> f64 {
        (t - self.start_ms) * self.per_ms
    }

    /// The column of a time. What lies beyond an edge counts for the column at that edge, and so does the right edge itself.
    #[inline]
    #[must_use]
    pub fn of(&self, t: f64) -> usize {
        // Casts stay in range: what is negative becomes 0.
        (self.place(t) as usize).min(self.n - 1)
    }

    /// Cuts steps of a grid into the columns that have some: the column and its steps, from left to right.
    pub fn cut(self, grid: &StepGrid, steps: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (start, step) = (grid.start.0 as f64, (grid.step.0 as f64).max(1.0));
        let time = move |idx: usize| start + step * idx as f64;
        let mut from = steps.start;
        std::iter::from_fn(move || {
            if from >= steps.end {
                return None;
            }
            let column = self.of(time(from));
            let right = self.start_ms + (column + 1) as f64 / self.per_ms;
            // The division may miss by one; the function above decides.
            let mut to = (((right - start) / step).ceil() as usize).clamp(from + 1, steps.end);
            if column + 1 == self.n || self.per_ms <= 0.0 {
                to = steps.end;
            }
            while to > from + 1 && self.of(time(to - 1)) > column {
                to -= 1;
            }
            while to < steps.end && self.of(time(to)) == column {
                to += 1;
            }
            let cut = (column, from..to);
            from = to;
            Some(cut)
        })
    }
}

/// The least and the greatest of some values; `None` if there are none, or one is NaN or infinite.
#[inline]
#[must_use]
pub fn extremes(vs: &[f64]) -> Option<(f64, f64)> {
    /// Side by side, for four vectors of a processor: each waits for its last result.
    const LANES: usize = 8;
    let (mut min, mut max, mut sum) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES], [0.0; LANES]);
    let (chunks, rest) = vs.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            let v = chunk[lane];
            min[lane] = if v < min[lane] { v } else { min[lane] };
            max[lane] = if v > max[lane] { v } else { max[lane] };
            // NaN and infinities stay in a sum.
            sum[lane] += v;
        }
    }
    for &v in rest {
        min[0] = if v < min[0] { v } else { min[0] };
        max[0] = if v > max[0] { v } else { max[0] };
        sum[0] += v;
    }
    // The sum of huge values may be infinite, too.
    let is_finite = (sum.iter().sum::<f64>().is_finite() || vs.iter().all(|v| v.is_finite())) && !vs.is_empty();
    is_finite
        .then(|| (min.into_iter().fold(f64::INFINITY, f64::min), max.into_iter().fold(f64::NEG_INFINITY, f64::max)))
}

/// The points of a dense column for a plot `width_px` device pixels wide that shows the whole grid.
#[must_use]
pub fn decimate(grid: &StepGrid, vs: Vec<f64>, width_px: u32) -> Points {
    decimate_to(grid, vs, Columns::new(grid.start.0 as f64, grid.end().0 as f64, width_px as usize))
}

/// The points of a dense column for a plot with these columns.
#[must_use]
pub fn decimate_to(grid: &StepGrid, vs: Vec<f64>, columns: Columns) -> Points {
    if vs.len() <= columns.n.saturating_mul(MIN_POINTS_PER_COLUMN) {
        return Points::Dense(vs);
    }
    let mut out = Sparse { ts: Vec::with_capacity(columns.n * 4), vs: Vec::with_capacity(columns.n * 4) };
    for (_, steps) in columns.cut(grid, 0..vs.len()) {
        let part = vs.get(steps.clone()).unwrap_or(&[]);
        match extremes(part) {
            Some((min, max)) => {
                let place = |v: f64| steps.start + part.iter().position(|&other| other == v).unwrap_or(0);
                out.push_group(grid, &vs, [steps.start, place(min), place(max), steps.end - 1]);
            }
            None => out.push_broken(grid, &vs, steps),
        }
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

    /// Up to four points in the order of time, none twice.
    fn push_group(&mut self, grid: &StepGrid, vs: &[f64], mut points: [usize; 4]) {
        points.sort_unstable();
        let mut before = None;
        for idx in points {
            if before != Some(idx) {
                self.push(grid, idx, vs[idx]);
            }
            before = Some(idx);
        }
    }

    /// The steps of a column with values that are not finite: each part between these is a group of its own.
    fn push_broken(&mut self, grid: &StepGrid, vs: &[f64], steps: Range<usize>) {
        let mut group: Option<[usize; 4]> = None;
        for idx in steps {
            let v = vs[idx];
            if !v.is_finite() {
                if let Some(group) = group.take() {
                    self.push_group(grid, vs, group);
                }
                self.push_break(grid, idx, v);
                continue;
            }
            let [first, min, max, _] = group.unwrap_or([idx; 4]);
            let (min, max) = (if v < vs[min] { idx } else { min }, if v > vs[max] { idx } else { max });
            group = Some([first, min, max, idx]);
        }
        if let Some(group) = group {
            self.push_group(grid, vs, group);
        }
    }
}

#[cfg(test)]
mod tests {
    //! Columns against a search through all steps, and what a column keeps.
    use super::*;
    use model::{Millis, Timestamp};
    use proptest::prelude::*;

    fn grid(start: i64, step: i64, len: usize) -> StepGrid {
        StepGrid { start: Timestamp(start), step: Millis(step), len }
    }

    proptest! {
        #[test]
        fn a_cut_has_each_step_in_its_column(
            start in 0i64..2_000_000_000_000,
            step in prop_oneof![Just(1i64), Just(15_000), 1i64..100_000],
            len in 1usize..500,
            n in 1usize..700,
            (left, right) in (-0.2f64..0.6, 0.61f64..1.3),
        ) {
            let grid = grid(start, step, len);
            let span = (grid.end().0 - start) as f64;
            let columns = Columns::new(start as f64 + left * span, start as f64 + right * span, n);
            let mut want: Vec<(usize, Range<usize>)> = Vec::new();
            for idx in 0..len {
                let column = columns.of(grid.time(idx).0 as f64);
                match want.last_mut() {
                    Some((last, steps)) if *last == column => steps.end = idx + 1,
                    _ => want.push((column, idx..idx + 1)),
                }
            }
            prop_assert_eq!(columns.cut(&grid, 0..len).collect::<Vec<_>>(), want);
        }

        #[test]
        fn extremes_are_those_of_a_search(
            vs in proptest::collection::vec(prop_oneof![9 => -1e3..1e3f64, 1 => proptest::num::f64::NORMAL], 0..40),
            odd in proptest::option::of((0usize..40, prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(gap())])),
        ) {
            let mut vs = vs;
            if let Some((at, v)) = odd && let Some(slot) = vs.get_mut(at) {
                *slot = v;
            }
            let least = vs.iter().copied().reduce(f64::min).zip(vs.iter().copied().reduce(f64::max));
            prop_assert_eq!(extremes(&vs), least.filter(|_| vs.iter().all(|v| v.is_finite())));
        }
    }

    #[test]
    fn a_column_keeps_first_least_greatest_last_and_its_gaps() {
        let vs = vec![3.0, 1.0, 5.0, 2.0, 4.0, 4.0, f64::NAN, gap(), 7.0, 7.0, 7.0, f64::INFINITY, 8.0, 9.0, 1.0];
        let Points::Sparse { ts, vs } = decimate(&grid(0, 1, 15), vs, 1) else {
            panic!("fifteen points in one column are too many");
        };
        let text: Vec<String> = ts.iter().zip(&vs).map(|(t, v)| format!("{t}:{v}")).collect();
        assert_eq!(text.join(" "), "0:3 1:1 2:5 5:4 6:NaN 8:7 10:7 11:inf 12:8 13:9 14:1");
        assert!(is_gap(vs[4]), "a NaN in a run of gaps is one");
    }

    #[test]
    fn a_range_without_length_is_one_column() {
        let columns = Columns::new(5.0, 5.0, 10);
        assert_eq!(columns.cut(&grid(5, 1, 3), 0..3).collect::<Vec<_>>(), [(0, 0..3)]);
        assert_eq!(Columns::new(0.0, 10.0, 0).n(), 1);
    }
}
