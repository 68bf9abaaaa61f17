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
    let mut layout = layout();
    if form == Form::States {
        layout.values = [ValueScale::linear(0.0, columns.len() as f64, 0.0, 100.0); MAX_AXES];
    }
    let series = columns.into_iter().map(series).collect();
    let frame = Frame { grid, series, n_series_total, ..Frame::default() };
    let drawing = drawn(&frame, form, layout);
    (frame, drawing)
}

fn layout() -> Layout {
    Layout {
        plot: Rect { left: 0, top: 0, right: 100, bottom: 100 },
        time: TimeScale::new(0, 10_000, 0.0, 100.0),
        values: [ValueScale::linear(0.0, 10.0, 0.0, 100.0); MAX_AXES],
        n_axes: 1,
        scale: 1.0,
    }
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

/// Bars, areas and rows are found by where they are; the value before the sample's is the one in the picture.
fn all(frame: &Frame, drawing: &Drawing, t: f64) -> Vec<(usize, f64, f64)> {
    all_at(frame, drawing, t).into_iter().map(|hit| (hit.series_idx, hit.v, hit.y)).collect()
}

#[test]
fn in_a_stack_the_area_under_the_pointer_is_meant() {
    let (frame, mut drawing) = picture_of(
        Form::Stacked,
        vec![
            Points::Dense(vec![2.0, 2.0, gap(), 2.0, 2.0]),
            Points::Dense(vec![3.0, 3.0, 3.0, f64::NAN, 3.0]),
            Points::Dense(vec![1.0, 1.0, 1.0, 1.0, 1.0]),
        ],
    );
    assert_eq!(found(&frame, &drawing, 1.0, 90.0), Some((0, 0.0, 2.0)));
    assert_eq!(found(&frame, &drawing, 6.0, 60.0), Some((1, 1_000.0, 3.0)));
    assert_eq!(found(&frame, &drawing, 6.0, 45.0), Some((2, 1_000.0, 1.0)));
    assert_eq!(found(&frame, &drawing, 6.0, 5.0), Some((2, 1_000.0, 1.0)), "above all: the nearest edge");
    assert_eq!(found(&frame, &drawing, 20.0, 90.0), Some((1, 2_000.0, 3.0)), "the lowest has no sample there");
    assert_eq!(found(&frame, &drawing, 50.0, 90.0), Some((0, 4_000.0, 2.0)), "beside the last step");
    assert_eq!(all(&frame, &drawing, 3_100.0), [(0, 2.0, 80.0), (2, 1.0, 70.0)]);
    assert_eq!(drawing.place(&frame, 2, 2), Some((20.0, 60.0)));
    assert_eq!(drawing.place(&frame, 1, 3), None);
    drawing.styles[0].is_shown = false;
    assert_eq!(drawing.place(&frame, 2, 0), Some((0.0, 60.0)), "what is hidden holds nothing up");
    drawing.styles[1].axis = 1;
    assert_eq!(drawing.place(&frame, 2, 0), Some((0.0, 90.0)), "a stack an axis");
}

#[test]
fn a_bar_is_found_by_its_width_and_by_its_height_where_it_has_none() {
    let (frame, drawing) = picture_of(Form::Bars, vec![Points::Dense(vec![5.0; 11]), Points::Dense(vec![2.0; 11])]);
    // A step is 10 pixels, the two bars have 4 each.
    assert_eq!(found(&frame, &drawing, 28.0, 99.0), Some((0, 3_000.0, 5.0)));
    assert_eq!(found(&frame, &drawing, 32.0, 99.0), Some((1, 3_000.0, 2.0)));
    assert_eq!(drawing.place(&frame, 0, 3), Some((28.0, 50.0)));
    let mut ends = Vec::new();
    drawing.each_run(&frame, 1, |run| ends.push(run.to_vec()));
    assert_eq!((ends.len(), &ends[3]), (11, &vec![(30.0, 80.0), (34.0, 80.0)]));
    let first = at_time(&frame, &drawing, 1, 3_000.0).unwrap();
    assert_eq!(step_over_series(&frame, &drawing, &first, true).series_idx, 0);
    let many = (0..100).map(|v| Points::Dense(vec![f64::from(v) / 10.0; 11])).collect();
    let (frame, drawing) = picture_of(Form::Bars, many);
    let hit = nearest(&frame, &drawing, 30.0, 100.0 - 48.0).unwrap();
    assert!((hit.v - 4.8).abs() < 1.0, "{hit:?}");
}

#[test]
fn a_step_is_told_by_its_level_and_a_dot_by_its_distance() {
    let columns = || vec![Points::Dense(vec![1.0, 9.0, 1.0]), Points::Dense(vec![6.0, 6.0, 6.0])];
    let (frame, drawing) = picture_of(Form::Steps, columns());
    assert_eq!(found(&frame, &drawing, 8.0, 88.0), Some((0, 0.0, 1.0)), "level until the next sample");
    assert_eq!(found(&frame, &drawing, 8.0, 44.0), Some((1, 0.0, 6.0)));
    let (frame, drawing) = picture_of(Form::Points, columns());
    assert_eq!(found(&frame, &drawing, 5.0, 55.0), Some((1, 0.0, 6.0)));
    assert_eq!(found(&frame, &drawing, 9.0, 12.0), Some((0, 1_000.0, 9.0)));
}

#[test]
fn rows_of_states_are_found_with_their_stretches() {
    let (frame, drawing) = picture_of(
        Form::States,
        vec![
            Points::Dense(vec![1.0, 1.0, 0.0, 0.0, gap(), 1.0]),
            Points::Sparse { ts: vec![0.0, 5_000.0, 6_000.0], vs: vec![f64::NAN, gap(), f64::INFINITY] },
        ],
    );
    let at = |x: f64, y: f64| state_at(&frame, &drawing, x, y).map(|s| (s.series_idx, s.v, s.from_ms, s.to_ms));
    assert_eq!(at(16.0, 10.0), Some((0, 0.0, 2_000, 3_000)), "the upper row");
    assert_eq!(at(34.0, 10.0), Some((0, 0.0, 2_000, 3_000)));
    assert_eq!(at(36.0, 10.0), None, "half a step after the last sample");
    assert_eq!(at(60.0, 99.0), Some((1, f64::INFINITY, 6_000, 6_000)));
    assert!(at(3.0, 99.0).is_some_and(|(_, v, ..)| v.is_nan()), "NaN is a sample");
    assert_eq!(at(30.0, 99.0), None);
    assert_eq!(at(30.0, 101.0), None, "outside");
    assert_eq!(all(&frame, &drawing, 2_000.0), [(0, 0.0, 25.0)]);
    assert_eq!(drawing.place(&frame, 1, 2), Some((60.0, 75.0)));
    let hit = nearest(&frame, &drawing, 31.0, 2.0).unwrap();
    assert_eq!((hit.series_idx, hit.t, hit.v), (0, 3_000.0, 0.0));
    assert_eq!(step_over_series(&frame, &drawing, &at_time(&frame, &drawing, 0, 0.0).unwrap(), false).series_idx, 1);
}

#[test]
fn a_cell_of_a_heat_map_tells_its_bucket_and_its_part() {
    let (mut frame, _) = picture_of(Form::Heatmap, vec![]);
    let edges = vec![0.0, 0.5, 1.0, f64::INFINITY];
    let mut cells = [1.0, 2.0, 3.0].repeat(11);
    cells[3..6].fill(gap());
    frame.heat.push(frame::HeatMap { query_idx: 0, edges, cells });
    let layout = Layout { values: [ValueScale::linear(0.0, 3.0, 0.0, 100.0); MAX_AXES], ..layout() };
    let drawing = drawn(&frame, Form::Heatmap, layout);
    let hit = heat_at(&frame, &drawing, 21.0, 99.0).unwrap();
    assert_eq!((hit.step_idx, hit.row_idx, hit.t), (2, 0, 2_000.0));
    assert_eq!((hit.from, hit.to, hit.count, hit.total_of_column), (0.0, 0.5, 1.0, 6.0));
    assert_eq!(heat_at(&frame, &drawing, 100.0, 0.0).unwrap().to, f64::INFINITY);
    assert_eq!(heat_at(&frame, &drawing, 10.0, 50.0), None, "no histogram at that step");
    assert_eq!(heat_at(&frame, &drawing, 10.0, 101.0), None, "outside");
    assert_eq!(nearest(&frame, &drawing, 21.0, 99.0), None);
}

#[test]
fn marks_and_exemplars_are_found_within_reach() {
    let (mut frame, drawing) = picture(vec![Points::Dense(vec![5.0; 11])]);
    let labels = Labels::empty;
    let exemplar = |t, v| frame::FrameExemplar { query_idx: 0, series: labels(), labels: labels(), t, v };
    frame.exemplars = vec![exemplar(1_000.0, 5.0), exemplar(1_500.0, 5.0), exemplar(2_000.0, 99.0)];
    let mark = |at_ms, end_ms| {
        let kind = frame::MarkKind::TargetDown;
        frame::Mark { kind, at_ms, end_ms, labels: labels(), count: 1, text: String::new() }
    };
    frame.marks = vec![mark(2_000, 6_000), mark(3_000, 3_000)];
    let exemplar_at = |x, y| drawing.exemplar_at(&frame, x, y);
    assert_eq!((exemplar_at(11.0, 50.0), exemplar_at(14.0, 52.0), exemplar_at(50.0, 50.0)), (Some(0), Some(1), None));
    assert_eq!(exemplar_at(20.0, 3.0), Some(2), "beyond the axis, so at its edge");
    let mark_at = |x, y| drawing.mark_at(&frame, x, y);
    assert_eq!((mark_at(22.0, 2.0), mark_at(29.0, 2.0), mark_at(50.0, 2.0)), (Some(0), Some(1), Some(0)));
    assert_eq!((mark_at(22.0, 60.0), mark_at(80.0, 2.0)), (None, None));
}

#[test]
fn a_drawing_moves_with_its_range() {
    let (frame, drawing) = picture(vec![Points::Dense(vec![5.0; 11])]);
    let moved = drawing.with_range(5_000, 15_000);
    assert_eq!(moved.place(&frame, 0, 7), Some((20.0, 50.0)));
    let mut runs = Vec::new();
    moved.each_run(&frame, 0, |run| runs.push((run[0], run[run.len() - 1])));
    assert_eq!(runs, [((0.0, 50.0), (50.0, 50.0))]);
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

    /// The twin adds up what lies below at one step.
    #[test]
    fn stacks_are_as_high_as_what_they_hold(
        columns in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(-5i8..=10), 11), 1..6),
        step in 0usize..11,
        is_sparse: bool,
    ) {
        let value = |v: &Option<i8>| v.map_or(gap(), f64::from);
        let points = |column: &Vec<Option<i8>>| {
            let vs: Vec<f64> = column.iter().map(value).collect();
            if is_sparse {
                Points::Sparse { ts: (0..11).map(|i| f64::from(i) * 1_000.0).collect(), vs }
            } else {
                Points::Dense(vs)
            }
        };
        let (frame, drawing) = picture_of(Form::Stacked, columns.iter().map(points).collect());
        let hits = all_at(&frame, &drawing, step as f64 * 1_000.0 + 400.0);
        let (mut up, mut down) = (0.0, 0.0);
        let mut want = Vec::new();
        for (idx, column) in columns.iter().enumerate() {
            let Some(v) = column[step].map(f64::from) else { continue };
            let side = if v < 0.0 { &mut down } else { &mut up };
            *side += v;
            want.push((idx, v, *side));
        }
        prop_assert_eq!(hits.len(), want.len());
        for (hit, (idx, v, top)) in hits.iter().zip(want) {
            prop_assert_eq!((hit.series_idx, hit.v, hit.point_idx), (idx, v, step));
            // Zero may lie on either side.
            prop_assert!(v == 0.0 || (hit.y - (100.0 - top * 10.0)).abs() < 1e-9, "{:?} is not at {}", hit, top);
            let place = drawing.place(&frame, idx, step).unwrap();
            prop_assert!((place.1 - hit.y).abs() < 1e-9);
            let mut tops = Vec::new();
            drawing.each_run(&frame, idx, |run| tops.extend_from_slice(run));
            prop_assert!(tops.iter().any(|(x, y)| (f64::from(*x) - hit.x).abs() + (f64::from(*y) - hit.y).abs() < 0.01));
        }
    }
}
