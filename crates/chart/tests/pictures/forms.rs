//! What stands for a series: areas, bars, dots, steps, cells and stretches of time.

use super::{Case, on_axes};
use chart::{AxisOptions, AxisRange, Form, Theme, Unit};
use frame::{HeatMap, gap};

const G: f64 = gap();

#[test]
fn series_of_a_stack_appear_and_vanish() {
    let columns = vec![
        vec![1.0, 2.0, 2.0, 2.0, G, G, G, 2.0, 2.0, 2.0, 2.0],
        vec![G, G, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, G, 1.0, G],
        vec![1.0, 1.0, 1.0, f64::NAN, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, f64::INFINITY],
    ];
    Case { columns, form: Form::Stacked, ..Case::default() }.check("stacked");
}

#[test]
fn what_is_below_zero_is_stacked_downwards() {
    let columns = vec![
        vec![2.0, 2.0, 2.0, -2.0, -2.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0],
        vec![1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    ];
    Case { columns, form: Form::Stacked, ..Case::default() }.check("stacked_negative");
}

#[test]
fn bars_stand_side_by_side() {
    let columns = vec![
        vec![1.0, 2.0, 3.0, G, 2.0, 1.0, 0.0, -1.0, -2.0, 1.0, 2.0],
        vec![3.0, 2.0, 1.0, 1.0, G, 1.0, 2.0, 3.0, f64::NAN, 0.0, 1.0],
    ];
    Case { columns, form: Form::Bars, ..Case::default() }.check("bars");
}

#[test]
fn more_bars_than_pixels_are_a_pixel_wide() {
    let columns = vec![(0..601).map(|i| f64::from(i % 7)).collect(), (0..601).map(|i| f64::from(i % 3)).collect()];
    let svg = Case { columns, form: Form::Bars, step_ms: 1_000, size: (200, 120), ..Case::default() }.svg();
    let bars: Vec<&str> = svg.lines().filter(|line| line.starts_with("<rect")).skip(1).collect();
    assert!(bars.len() > 130 && bars.iter().all(|bar| bar.contains("width=\"4\"")), "{svg}");
}

#[test]
fn a_dot_a_sample() {
    let columns = vec![
        (0..11).map(|i| f64::from((i * 5) % 11)).collect(),
        vec![1.0, G, 3.0, f64::NAN, 5.0, f64::INFINITY, 7.0, 8.0, 9.0, 9.0, 9.0],
    ];
    Case { columns, form: Form::Points, ..Case::default() }.check("points");
}

#[test]
fn a_step_is_level_until_the_next_sample() {
    let columns = vec![vec![1.0, 2.0, 3.0, G, 2.0, G, G, 4.0, 4.0, 1.0, 2.0], vec![G, G, G, G, G, G, G, G, G, G, 3.0]];
    Case { columns, form: Form::Steps, ..Case::default() }.check("steps");
}

/// Buckets as client libraries have them, filled as by answers that become slower and slower.
fn classic() -> HeatMap {
    let edges = vec![0.0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, f64::INFINITY];
    let cell = |step: i32, row: i32| match (step, (row - step * 2 / 3).abs()) {
        (4, _) => G,
        (_, far) if far > 3 => 0.0,
        (_, far) => [900.0, 60.0, 3.0, 0.02][far as usize],
    };
    let cells = (0..11).flat_map(|step| (0..9).map(move |row| cell(step, row))).collect();
    HeatMap { query_idx: 0, edges, cells }
}

fn seconds() -> Vec<AxisOptions> {
    vec![AxisOptions { unit: Unit::Seconds, ..AxisOptions::default() }]
}

#[test]
fn buckets_are_rows_and_counts_are_colours() {
    Case { heat: vec![classic()], form: Form::Heatmap, axes: seconds(), ..Case::default() }.check("heat_classic");
    let theme = Theme::DARK;
    Case { heat: vec![classic()], form: Form::Heatmap, axes: seconds(), theme, ..Case::default() }.check("heat_dark");
}

#[test]
fn many_rows_have_as_many_bounds_as_there_is_room_for() {
    // Both sides of zero in powers of the eighth root of two, and a row around zero.
    let upper: Vec<f64> = (-60..=60).map(|i| libm::pow(2.0, f64::from(i) / 8.0)).collect();
    let edges: Vec<f64> = upper.iter().rev().map(|v| -v).chain(upper.iter().copied()).collect();
    let n_rows = edges.len() - 1;
    let cells = (0..11).flat_map(|step| (0..n_rows).map(move |row| ((row + step * 20) % 97) as f64)).collect();
    let heat = HeatMap { query_idx: 0, edges, cells };
    Case { heat: vec![heat], form: Form::Heatmap, axes: seconds(), ..Case::default() }.check("heat_native");
}

#[test]
fn a_heat_map_of_nothing_has_axes() {
    let empty = HeatMap { query_idx: 0, edges: vec![0.0, 1.0], cells: vec![0.0; 11] };
    let broken = HeatMap { query_idx: 0, edges: vec![0.0, 1.0], cells: vec![1.0; 3] };
    let draw = |heat| Case { heat, form: Form::Heatmap, ..Case::default() }.svg();
    for svg in [draw(vec![]), draw(vec![empty]), draw(vec![broken])] {
        assert!(svg.contains("12:00") && svg.matches("<rect").count() == 1, "only the ground: {svg}");
    }
}

#[test]
fn states_are_stretches_of_time() {
    let columns = vec![
        vec![1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, G, G, 1.0, 1.0],
        vec![0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        vec![2.0, 2.0, 3.0, 3.0, 2.5, f64::NAN, f64::NAN, f64::INFINITY, 1.0, 1.0, 0.0],
        vec![G; 11],
    ];
    let names = vec![
        "up{instance=\"docker:9323\"}".to_owned(),
        format!("a name of two hundred letters {}", "and one more ".repeat(13)),
        "<b>&amp;\u{7} \u{5d0}\u{5d1}\u{5d2}</b>".to_owned(),
    ];
    Case { columns, names, form: Form::States, size: (640, 180), ..Case::default() }.check("states");
}

#[test]
fn as_many_states_as_there_is_room_for() {
    let case = Case { columns: vec![vec![1.0; 11]; 100], form: Form::States, ..Case::default() };
    let svg = case.svg();
    assert_eq!(svg.matches("m{i=&quot;").count(), 13, "{svg}");
}

#[test]
fn forms_on_two_axes_and_a_fixed_one() {
    let columns = vec![vec![1.0; 11], vec![2.0; 11], vec![100.0; 11]];
    let fixed = AxisRange::Fixed { min: Some(0.5), max: Some(2.5) };
    let axes = vec![AxisOptions { range: fixed, ..AxisOptions::default() }, AxisOptions::default()];
    let styles = on_axes(Theme::LIGHT, &[0, 0, 1]);
    for (form, name) in [(Form::Stacked, "stacked_fixed"), (Form::Bars, "bars_fixed")] {
        let (columns, axes, styles) = (columns.clone(), axes.clone(), styles.clone());
        Case { columns, axes, styles, form, ..Case::default() }.check(name);
    }
}
