//! The values of all series at a time, for the box that lists them and for the dots under a hair.

use super::picture::Picture;
use frame::{Frame, Points, StepGrid, is_gap};

/// A list shows so many; of more the greatest, and how many are left out.
pub const MAX_LISTED: usize = 20;

/// A sample of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Which series of the frame.
    pub series_idx: usize,
    /// Which of its points.
    pub point_idx: usize,
    /// The value; it may be infinite or NaN.
    pub v: f64,
}

/// Of each series that `shows` the sample nearest to a time, if it is no farther away than `within_ms`. In the order of
/// the frame.
#[must_use]
pub fn at(frame: &Frame, shows: impl Fn(usize) -> bool, t: f64, within_ms: f64) -> Vec<Sample> {
    let series = frame.series.iter().enumerate().filter(|(idx, _)| shows(*idx));
    series
        .filter_map(|(series_idx, series)| {
            let (point_idx, v) = nearest(&series.points, &frame.grid, t, within_ms)?;
            Some(Sample { series_idx, point_idx, v })
        })
        .collect()
}

/// As [`at`], of what is drawn in a picture; samples half a step or a pixel away count.
#[must_use]
pub fn in_picture(picture: &Picture, t: f64) -> Vec<Sample> {
    let time = &picture.drawing.layout.time;
    let pixel_ms = time.to_time(time.left + picture.drawing.layout.scale) - time.start;
    let within_ms = pixel_ms.max(picture.answer.frame.grid.step.0 as f64 / 2.0);
    at(&picture.answer.frame, |idx| picture.drawing.shows(idx), t, within_ms)
}

/// The greatest first, at most [`MAX_LISTED`], but `nearest` always; and how many are left out.
#[must_use]
pub fn listed(mut samples: Vec<Sample>, nearest: Option<usize>) -> (Vec<Sample>, usize) {
    // What is no number comes last.
    let rank = |sample: &Sample| (!sample.v.is_nan(), sample.v);
    model::sort::by(&mut samples, |a, b| {
        let ((a_is, a_v), (b_is, b_v)) = (rank(a), rank(b));
        b_is.cmp(&a_is).then(b_v.total_cmp(&a_v)).then(a.series_idx.cmp(&b.series_idx))
    });
    let n_left_out = samples.len().saturating_sub(MAX_LISTED);
    if let Some(at) = samples.iter().position(|sample| Some(sample.series_idx) == nearest)
        && at >= MAX_LISTED
    {
        samples.swap(MAX_LISTED - 1, at);
    }
    samples.truncate(MAX_LISTED);
    (samples, n_left_out)
}

fn nearest(points: &Points, grid: &StepGrid, t: f64, within_ms: f64) -> Option<(usize, f64)> {
    let from = match points {
        Points::Dense(_) => {
            let steps = ((t - within_ms - grid.start.0 as f64) / (grid.step.0 as f64).max(1.0)).ceil();
            // Negative and NaN become 0.
            steps as usize
        }
        Points::Sparse { ts, .. } => ts.partition_point(|&at| at < t - within_ms),
    };
    let mut best = None::<(f64, usize, f64)>;
    for idx in from..points.len() {
        let (at, v) = points.get(grid, idx)?;
        if at > t + within_ms {
            break;
        }
        let distance = (at - t).abs();
        // A time that is none is near nothing.
        if distance <= within_ms && !is_gap(v) && best.is_none_or(|(least, ..)| distance < least) {
            best = Some((distance, idx, v));
        }
    }
    best.map(|(_, idx, v)| (idx, v))
}

#[cfg(test)]
mod tests {
    //! Which samples belong to a time.
    use super::*;
    use frame::{FrameSeries, SeriesStats, Source, gap};
    use model::{Labels, Millis, Timestamp};
    use proptest::prelude::*;

    fn frame(all: Vec<Points>, len: usize) -> Frame {
        let series = all.into_iter().map(|points| FrameSeries {
            source: Source::default(),
            labels: Labels::empty(),
            stats: SeriesStats::of(&[]),
            points,
        });
        let grid = StepGrid { start: Timestamp(1_000), step: Millis(100), len };
        Frame { grid, series: series.collect(), ..Frame::default() }
    }

    #[test]
    fn a_series_without_a_sample_there_is_left_out() {
        let dense = Points::Dense(vec![1.0, gap(), 3.0, f64::INFINITY]);
        let sparse = Points::Sparse { ts: vec![1_000.0, 1_190.0], vs: vec![5.0, 6.0] };
        let frame = frame(vec![dense, sparse], 4);
        let at = |t: f64| at(&frame, |_| true, t, 50.0).iter().map(|s| (s.series_idx, s.v)).collect::<Vec<_>>();
        assert_eq!(at(1_000.0), [(0, 1.0), (1, 5.0)]);
        assert_eq!(at(1_100.0), []);
        assert_eq!(at(1_170.0), [(0, 3.0), (1, 6.0)]);
        assert_eq!(at(1_300.0), [(0, f64::INFINITY)]);
        assert_eq!(at(f64::NAN), []);
        assert_eq!(at(-1e18), []);
    }

    #[test]
    fn a_list_begins_with_the_greatest_and_has_the_nearest() {
        let sample = |series_idx: usize, v: f64| Sample { series_idx, point_idx: 0, v };
        let many: Vec<Sample> = (0..30).map(|idx| sample(idx, idx as f64)).collect();
        let (list, n_left_out) = listed(many.clone(), Some(3));
        assert_eq!((list.len(), n_left_out, list[0].v, list[19].series_idx), (20, 10, 29.0, 3));
        assert_eq!(listed(many, None).0[19].v, 10.0);
        let (list, n_left_out) = listed(vec![sample(0, f64::NAN), sample(1, f64::INFINITY), sample(2, -1.0)], None);
        assert_eq!((list.iter().map(|s| s.series_idx).collect::<Vec<_>>(), n_left_out), (vec![1, 2, 0], 0));
    }

    proptest! {
        #[test]
        fn the_nearest_is_that_of_a_look_at_all_points(
            vs in proptest::collection::vec(prop_oneof![Just(gap()), -9.0..9.0f64], 0..40),
            is_sparse: bool,
            t in 500.0..6_000.0f64,
            within in 0.0..400.0f64,
        ) {
            let len = vs.len();
            let points = if is_sparse {
                Points::Sparse { ts: (0..len).map(|i| 1_000.0 + 100.0 * i as f64).collect(), vs }
            } else {
                Points::Dense(vs)
            };
            let frame = frame(vec![points], len);
            let of_all = frame.series[0].points.iter(&frame.grid).filter(|(at, v)| !is_gap(*v) && (at - t).abs() <= within);
            let least = of_all.map(|(at, v)| ((at - t).abs(), v)).min_by(|a, b| a.0.total_cmp(&b.0));
            let found = at(&frame, |_| true, t, within);
            prop_assert_eq!(found.first().map(|s| s.v), least.map(|(_, v)| v));
        }
    }
}
