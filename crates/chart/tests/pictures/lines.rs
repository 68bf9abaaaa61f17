//! Lines from sample to sample, and values that are none, huge, tiny or equal.

use super::{Case, ms};
use chart::{AxisOptions, AxisRange, Dash, SeriesStyle, Theme, Unit};
use frame::{Source, gap};

#[test]
fn a_gap_ends_the_line_and_a_sample_alone_is_a_dot() {
    let g = gap();
    Case::of(&[&[1.0, 2.0, 3.0, g, g, 5.0, g, 4.0, 3.0, 2.0, 1.0]]).check("gap");
}

#[test]
fn infinities_and_nan_are_gaps_and_leave_the_axis_alone() {
    Case::of(&[&[1.0, 2.0, f64::INFINITY, 2.0, 1.0, f64::NAN, 1.0, 2.0, f64::NEG_INFINITY, 2.0, 3.0]])
        .check("not_finite");
    Case::of(&[&[f64::NAN; 11], &[f64::INFINITY; 11]]).check("nothing_finite");
}

#[test]
fn a_single_point_is_a_dot_in_the_middle_of_its_axis() {
    Case { end: "2026-05-01 12:00", columns: vec![vec![3.5]], ..Case::default() }.check("single_point");
}

#[test]
fn a_counter_that_is_reset_falls_in_one_step() {
    Case::of(&[&[1_000.0, 1_250.0, 1_500.0, 1_750.0, 2_000.0, 0.0, 250.0, 500.0, 750.0, 1_000.0, 1_250.0]])
        .check("counter_reset");
}

#[test]
fn an_empty_frame_has_axes() {
    Case::of(&[]).check("empty");
}

#[test]
fn equal_values_lie_in_the_middle() {
    Case::of(&[&[1.0; 11]]).check("all_equal");
    Case::of(&[&[0.0; 11]]).check("all_zero");
}

#[test]
fn negative_values_and_an_axis_that_shows_zero() {
    let column: Vec<f64> = (0..11).map(|i| -30.0 - f64::from(i % 4)).collect();
    Case::of(&[&column]).check("negative");
    let axes = vec![AxisOptions { range: AxisRange::FromZero, ..AxisOptions::default() }];
    Case { axes, columns: vec![column], ..Case::default() }.check("negative_from_zero");
}

#[test]
fn tiny_differences_of_great_values_are_told_apart() {
    let column: Vec<f64> = (0..11).map(|i| 1e9 + f64::from(i % 3)).collect();
    Case::of(&[&column]).check("tiny_range");
    Case::of(&[&(0..11).map(|i| 1e-12 * f64::from(i)).collect::<Vec<_>>()]).check("tiny_values");
}

#[test]
fn the_greatest_numbers_there_are() {
    Case::of(&[&[f64::MIN, f64::MAX, 0.0, 1e308, -1e308, 5e-324, f64::MAX, 1.0, 2.0, 3.0, f64::MIN]]).check("huge");
}

#[test]
fn units_are_written_at_the_ticks() {
    let column: Vec<f64> = (0..11).map(|i| f64::from(i) * 3e8).collect();
    let axes = vec![AxisOptions { unit: Unit::Bytes, ..AxisOptions::default() }];
    Case { axes, columns: vec![column], ..Case::default() }.check("bytes");
}

#[test]
fn a_thousand_series_have_the_colours_of_their_turn() {
    let columns: Vec<Vec<f64>> = (0..1_000).map(|s| (0..3).map(|i| f64::from(s * 10 + i)).collect()).collect();
    let svg = Case { columns, step_ms: 300_000, ..Case::default() }.svg();
    let lines: Vec<&str> = svg.lines().filter(|line| line.contains("stroke-width=\"6\"")).collect();
    assert_eq!(lines.len(), 1_000);
    for (idx, line) in lines.iter().enumerate() {
        let colour = Theme::LIGHT.series(idx).css().to_uppercase();
        assert!(line.contains(&colour), "series {idx} is not {colour}: {line}");
    }
}

/// Berlin in 2026: an hour ahead of UTC, two from 29 March to 25 October.
fn berlin(at_ms: i64) -> i64 {
    if (ms("2026-03-29 01:00")..ms("2026-10-25 01:00")).contains(&at_ms) { 7_200_000 } else { 3_600_000 }
}

#[test]
fn clocks_change_within_the_picture() {
    for (name, start, end) in [
        ("clocks_forward", "2026-03-28 20:00", "2026-03-29 06:00"),
        ("clocks_back", "2026-10-24 20:00", "2026-10-25 06:00"),
    ] {
        let columns = vec![(0..21).map(f64::from).collect()];
        Case { start, end, step_ms: 1_800_000, columns, offset: berlin, ..Case::default() }.check(name);
    }
}

#[test]
fn ranges_from_ten_milliseconds_to_ten_years() {
    let columns = vec![(0..11).map(f64::from).collect::<Vec<_>>()];
    for (name, start, end, step_ms) in [
        ("ten_milliseconds", "2026-05-01 12:00:00", "2026-05-01 12:00:00.010", 1),
        ("one_second", "2026-05-01 12:00:00", "2026-05-01 12:00:01", 100),
        ("one_year", "2025-05-01 12:00:00", "2026-05-01 12:00:00", 3_153_600_000),
        ("ten_years", "2016-05-01 12:00:00", "2026-05-01 12:00:00", 31_536_000_000),
    ] {
        Case { start, end, step_ms, columns: columns.clone(), ..Case::default() }.check(name);
    }
}

#[test]
fn dark_colours() {
    let columns = (0..8).map(|s| (0..11).map(|i| f64::from(s + i)).collect()).collect();
    Case { theme: Theme::DARK, columns, ..Case::default() }.check("dark");
}

#[test]
fn a_point_off_by_a_pixel_changes_the_picture() {
    let one = Case::of(&[&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]]).svg();
    let other = Case::of(&[&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.99, 0.0, 1.0, 0.0]]).svg();
    assert_ne!(one, other);
}

#[test]
fn lines_are_broken_so_that_they_differ_without_colours() {
    let columns: Vec<Vec<f64>> = (0..4).map(|s| (0..11).map(|i| f64::from(s * 3 + i % 3)).collect()).collect();
    let dashes = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDotted];
    let style = |(idx, dash)| SeriesStyle { dash, ..SeriesStyle::plain(Theme::LIGHT.series(idx)) };
    let styles = dashes.into_iter().enumerate().map(style).collect();
    Case { columns, styles, ..Case::default() }.check("dashes");
}

#[test]
fn the_period_before_is_pale_and_what_lies_between_is_tinted() {
    let now: Vec<f64> = vec![5.0, 6.0, 8.0, 7.0, 5.0, 3.0, 2.0, 4.0, gap(), 6.0, 7.0];
    let before: Vec<f64> = vec![5.0, 5.0, 5.0, 6.0, 6.0, 5.0, 4.0, 3.0, 5.0, gap(), 5.0];
    let colour = Theme::LIGHT.series(0);
    let styles = vec![SeriesStyle::plain(colour), SeriesStyle { is_pale: true, ..SeriesStyle::plain(colour) }];
    let sources = vec![Source::default(), Source { is_previous: true, ..Source::default() }];
    Case { columns: vec![now, before], styles, sources, ..Case::default() }.check("previous");
}
