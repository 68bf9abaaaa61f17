//! Times at which the samples of several series can be compared or added up.

use frame::{Frame, Points, StepGrid, gap};

/// What is done with each part of a line, in pixels.
pub(crate) type EachRun<'a> = &'a mut dyn FnMut(&[(f32, f32)]);

/// Decimated series have samples at times of their own; so many common ones are more than a screen has pixels.
const MAX_RESAMPLED: usize = 4_096;

/// Evenly spaced steps: those of the frame, or some of them if series of it are decimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Times {
    pub(crate) start: f64,
    pub(crate) step: f64,
    pub(crate) len: usize,
}

impl Times {
    /// The common times of a frame.
    pub(crate) fn of(frame: &Frame) -> Self {
        let grid = &frame.grid;
        let longest = frame.series.iter().map(|series| match &series.points {
            Points::Dense(vs) => vs.len(),
            Points::Sparse { .. } => 0,
        });
        let is_dense = frame.series.iter().all(|series| matches!(series.points, Points::Dense(_)));
        let (len, stride) = if is_dense {
            (longest.max().unwrap_or(0), 1)
        } else {
            let stride = grid.len.div_ceil(MAX_RESAMPLED).max(1);
            (grid.len.div_ceil(stride), stride)
        };
        Times { start: grid.start.0 as f64, step: (grid.step.0.max(1) as f64) * stride as f64, len }
    }

    pub(crate) fn at(&self, idx: usize) -> f64 {
        self.start + self.step * idx as f64
    }

    /// The values of a series at all times; a gap where it has none, or none that is finite.
    pub(crate) fn values(&self, points: &Points, grid: &StepGrid, out: &mut Vec<f64>) {
        out.clear();
        match points {
            Points::Dense(vs) if self.step == grid.step.0.max(1) as f64 => {
                let finite = |v: &f64| if v.is_finite() { *v } else { gap() };
                out.extend(vs.iter().take(self.len).map(finite));
                out.resize(self.len, gap());
            }
            _ => {
                // Both go forward in time.
                let mut split = 0;
                for idx in 0..self.len {
                    let t = self.at(idx);
                    while points.get(grid, split).is_some_and(|(at, _)| at < t) {
                        split += 1;
                    }
                    out.push(between(points, grid, split, t));
                }
            }
        }
    }
}

/// The value of a series at a time: that of a sample, or on the line between two neighbours; a gap if there is neither.
pub(crate) fn value_at(points: &Points, grid: &StepGrid, t: f64) -> f64 {
    between(points, grid, first_not_before(points, grid, t), t)
}

/// The same, where the first point at or after the time is known.
fn between(points: &Points, grid: &StepGrid, split: usize, t: f64) -> f64 {
    let after = points.get(grid, split);
    let v = match after {
        Some((at, v)) if at == t => v,
        Some((next, b)) => match split.checked_sub(1).and_then(|idx| points.get(grid, idx)) {
            Some((before, a)) if a.is_finite() && b.is_finite() => {
                let part = (t - before) / (next - before);
                a * (1.0 - part) + b * part
            }
            _ => gap(),
        },
        None => gap(),
    };
    if v.is_finite() { v } else { gap() }
}

/// The index of the first point at or after a time.
pub(crate) fn first_not_before(points: &Points, grid: &StepGrid, t: f64) -> usize {
    match points {
        Points::Dense(vs) => {
            let steps = ((t - grid.start.0 as f64) / (grid.step.0 as f64).max(1.0)).ceil();
            // Negative and NaN become 0.
            (steps as usize).min(vs.len())
        }
        Points::Sparse { ts, .. } => ts.partition_point(|&at| at < t),
    }
}

/// The index of the point nearest to a time, gaps counted.
pub(crate) fn nearest_index(points: &Points, grid: &StepGrid, t: f64) -> Option<usize> {
    let split = first_not_before(points, grid, t);
    let time = |idx: usize| points.get(grid, idx).map(|(at, _)| at);
    match (split.checked_sub(1).and_then(time), time(split)) {
        (Some(before), Some(after)) => Some(if t - before < after - t { split - 1 } else { split }),
        (Some(_), None) => Some(split - 1),
        (None, Some(_)) => Some(split),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    //! Decimated and dense columns, and what they are at common times.
    use super::*;
    use frame::decimate::decimate;
    use frame::{FrameSeries, SeriesStats, Source};
    use model::{Labels, Millis, Timestamp};

    #[test]
    fn what_is_decimated_keeps_its_line_and_its_gaps() {
        let grid = StepGrid { start: Timestamp(1_000), step: Millis(10), len: 10_000 };
        let dense: Vec<f64> =
            (0..10_000).map(|i| if (3_000..4_000).contains(&i) { gap() } else { f64::from(i) * 0.5 }).collect();
        let points = decimate(&grid, dense.clone(), 100);
        assert!(matches!(points, Points::Sparse { .. }));
        let stats = SeriesStats::of(&dense);
        let series = FrameSeries { source: Source::default(), labels: Labels::empty(), points, stats };
        let frame = Frame { grid, series: vec![series], n_series_total: 1, ..Frame::default() };
        let times = Times::of(&frame);
        assert_eq!((times.len, times.step), (3_334, 30.0));
        let mut values = Vec::new();
        times.values(&frame.series[0].points, &grid, &mut values);
        for (idx, v) in values.iter().enumerate() {
            let want = dense[idx * 3];
            assert!((v - want).abs() < 1e-6 || (!v.is_finite() && !want.is_finite()), "{idx}: {v} is not {want}");
        }
        let near = |t: f64| nearest_index(&Points::Dense(dense.clone()), &grid, t);
        assert_eq!((near(0.0), near(1_014.0), near(1_016.0), near(1e9)), (Some(0), Some(1), Some(2), Some(9_999)));
    }
}
