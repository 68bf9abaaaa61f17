//! Places in a picture and the samples they mean.

use super::*;
use crate::layout::{Layout, Rect};
use crate::options::{AxisOptions, Form, MAX_AXES, Options};
use crate::scale::{TimeScale, ValueScale};
use crate::theme::Theme;
use frame::{Points, SeriesStats, Source, StepGrid, gap};
use model::{Labels, Millis, Timestamp};
use proptest::prelude::*;

fn series(points: Points) -> FrameSeries {
    let stats = match &points {
        Points::Dense(vs) | Points::Sparse { vs, .. } => SeriesStats::of(vs),
    };
    FrameSeries { source: Source::default(), labels: Labels::empty(), points, stats }
}

/// A second is 10 pixels wide, a unit is 10 pixels high, 0 is at the lower left.
fn picture(columns: Vec<Points>) -> (Frame, Drawing) {
    picture_of(Form::Lines, columns)
}

fn picture_of(form: Form, columns: Vec<Points>) -> (Frame, Drawing) {
    let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: 11 };
    let n_series_total = columns.len();
    let layout = Layout {
        plot: Rect { left: 0, top: 0, right: 100, bottom: 100 },
        time: TimeScale::new(0, 10_000, 0.0, 100.0),
        values: [ValueScale::linear(0.0, 10.0, 0.0, 100.0); MAX_AXES],
        n_axes: 1,
        scale: 1.0,
    };
    let series = columns.into_iter().map(series).collect();
    let frame = Frame { grid, series, n_series_total, ..Frame::default() };
    let drawing = drawn(&frame, form, layout);
    (frame, drawing)
}

fn drawn(frame: &Frame, form: Form, layout: Layout) -> Drawing {
    let options = Options {
        start_ms: 0,
        end_ms: 10_000,
        form,
        axes: &[AxisOptions::default()],
        theme: Theme::LIGHT,
        series: &[],
        names: &[],
        offset: &|_| 0,
        scale: 1.0,
        font: "sans-serif",
    };
    Drawing::new(frame, &options, layout)
}

fn found(frame: &Frame, drawing: &Drawing, x: f64, y: f64) -> Option<(usize, f64, f64)> {
    nearest(frame, drawing, x, y).map(|hit| (hit.series_idx, hit.t, hit.v))
}

#[test]
fn the_line_that_passes_nearest_is_meant_and_its_nearest_sample() {
    let (frame, drawing) = picture(vec![
        Points::Dense(vec![0.0, 10.0, 0.0, 10.0, 0.0, 10.0, 0.0, 10.0, 0.0, 10.0, 0.0]),
        Points::Dense(vec![2.0; 11]),
    ]);
    assert_eq!(found(&frame, &drawing, 11.0, 3.0), Some((0, 1_000.0, 10.0)));
    assert_eq!(found(&frame, &drawing, 11.0, 78.0), Some((1, 1_000.0, 2.0)));
    // Halfway up a slope, far from both its samples.
    assert_eq!(found(&frame, &drawing, 4.9, 51.0), Some((0, 0.0, 0.0)));
    assert_eq!(found(&frame, &drawing, 5.1, 49.0), Some((0, 1_000.0, 10.0)));
}

#[test]
fn hidden_series_gaps_and_values_that_are_not_finite_are_passed_over() {
    let (frame, mut drawing) = picture(vec![
        Points::Dense(vec![5.0; 11]),
        Points::Dense(vec![1.0, gap(), f64::NAN, f64::INFINITY, 1.0, gap(), gap(), gap(), gap(), gap(), gap()]),
    ]);
    drawing.styles[0].is_shown = false;
    let at = |x: f64| nearest(&frame, &drawing, x, 50.0).map(|hit| hit.t);
    assert_eq!((at(14.0), at(26.0), at(40.0)), (Some(0.0), Some(4_000.0), Some(4_000.0)));
    assert_eq!((at(99.0), at(101.0)), (Some(4_000.0), None), "too far from any sample");
}

#[test]
fn of_a_decimated_column_the_nearest_value_is_meant() {
    let ts = vec![1_000.0, 1_010.0, 1_020.0, 1_030.0, 2_000.0];
    let (frame, drawing) = picture(vec![Points::Sparse { ts, vs: vec![5.0, 1.0, 9.0, 4.0, 4.0] }]);
    assert_eq!(found(&frame, &drawing, 10.0, 12.0), Some((0, 1_020.0, 9.0)));
    assert_eq!(found(&frame, &drawing, 10.0, 88.0), Some((0, 1_010.0, 1.0)));
}

#[test]
fn an_empty_frame_has_nothing_to_find() {
    let (frame, drawing) = picture(vec![]);
    assert_eq!(found(&frame, &drawing, 10.0, 10.0), None);
    let (frame, drawing) = picture(vec![Points::Dense(vec![]), Points::Sparse { ts: vec![], vs: vec![] }]);
    assert_eq!(found(&frame, &drawing, 10.0, 10.0), None);
}

#[test]
fn arrow_keys_walk_over_gaps_and_over_lines_that_lie_on_each_other() {
    let (frame, drawing) = picture(vec![
        Points::Dense(vec![1.0, gap(), 1.0]),
        Points::Dense(vec![3.0, 3.0, 3.0]),
        Points::Dense(vec![3.0, 3.0, 3.0]),
        Points::Dense(vec![7.0, 7.0, 7.0]),
    ]);
    let first = at_time(&frame, &drawing, 0, 0.0).unwrap();
    let right = step_in_time(&frame, &drawing, &first, true);
    assert_eq!(right.t, 2_000.0);
    assert_eq!(step_in_time(&frame, &drawing, &right, true), right);
    assert_eq!(step_in_time(&frame, &drawing, &right, false), first);
    let walk = |up| {
        let mut at = if up { first } else { at_time(&frame, &drawing, 3, 0.0).unwrap() };
        let mut seen = vec![at.series_idx];
        for _ in 0..4 {
            at = step_over_series(&frame, &drawing, &at, up);
            seen.push(at.series_idx);
        }
        seen
    };
    assert_eq!(walk(true), [0, 2, 1, 3, 3]);
    assert_eq!(walk(false), [3, 1, 2, 0, 0]);
}

proptest! {
    /// The twin looks at each point.
    #[test]
    fn on_a_sample_that_sample_is_found(
        columns in proptest::collection::vec(proptest::collection::vec(proptest::option::of(0u8..=10), 11), 1..5),
        pick in 0usize..55,
    ) {
        let dense = |column: &Vec<Option<u8>>| Points::Dense(column.iter().map(|v| v.map_or(gap(), f64::from)).collect());
        let (frame, drawing) = picture(columns.iter().map(dense).collect());
        let (series_idx, point_idx) = (pick / 11 % columns.len(), pick % 11);
        if let Some(v) = columns[series_idx][point_idx] {
            let (x, y) = (point_idx as f64 * 10.0, 100.0 - f64::from(v) * 10.0);
            let hit = nearest(&frame, &drawing, x, y).unwrap();
            prop_assert_eq!((hit.t, hit.v), (point_idx as f64 * 1_000.0, f64::from(v)));
        }
    }
}
