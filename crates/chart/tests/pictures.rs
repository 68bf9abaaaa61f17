//! Pictures as text: each case draws a frame with plotters' SVG backend and compares the file in
//! `tests/pictures/`. `UPDATE_EXPECT=1 cargo test -p chart` writes them anew; look at what changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chart::{AxisOptions, AxisRange, Form, Layout, Options, Theme, Unit, draw};
use expect_test::expect_file;
use frame::{Frame, FrameSeries, Points, SeriesStats, Source, StepGrid, gap};
use model::civil::Civil;
use model::{Labels, Millis, Timestamp};
use plotters::backend::SVGBackend;

const SIZE: (u32, u32) = (640, 240);

struct Case {
    start: &'static str,
    end: &'static str,
    step_ms: i64,
    columns: Vec<Vec<f64>>,
    from_zero: bool,
    unit: Unit,
    theme: Theme,
    offset: fn(i64) -> i64,
}

impl Default for Case {
    fn default() -> Self {
        Case {
            start: "2026-05-01 12:00",
            end: "2026-05-01 12:10",
            step_ms: 60_000,
            columns: Vec::new(),
            from_zero: false,
            unit: Unit::None,
            theme: Theme::LIGHT,
            offset: |_| 0,
        }
    }
}

fn ms(text: &str) -> i64 {
    Civil::parse(text).unwrap().to_ms()
}

impl Case {
    fn of(columns: &[&[f64]]) -> Self {
        Case { columns: columns.iter().map(|column| column.to_vec()).collect(), ..Case::default() }
    }

    fn frame(&self) -> Frame {
        let grid = StepGrid::new(Timestamp(ms(self.start)), Timestamp(ms(self.end)), Millis(self.step_ms));
        let series = self.columns.iter().enumerate().map(|(idx, column)| FrameSeries {
            source: Source::default(),
            labels: Labels::from_pairs([("__name__", "m"), ("i", &idx.to_string())]),
            stats: SeriesStats::of(column),
            points: Points::Dense(column.clone()),
        });
        Frame { grid, series: series.collect(), n_series_total: self.columns.len(), ..Frame::default() }
    }

    fn draw(&self) -> (String, Layout) {
        let mut svg = String::new();
        let range = if self.from_zero { AxisRange::FromZero } else { AxisRange::Fit };
        let options = Options {
            start_ms: ms(self.start),
            end_ms: ms(self.end),
            form: Form::Lines,
            axes: &[AxisOptions { unit: self.unit, range, ..AxisOptions::default() }],
            theme: self.theme,
            series: &[],
            names: &[],
            offset: &self.offset,
            scale: 1.0,
            font: "sans-serif",
        };
        let drawing = draw(&self.frame(), &options, SVGBackend::with_string(&mut svg, SIZE)).unwrap();
        (svg, drawing.layout)
    }

    fn check(&self, name: &str) {
        let (svg, layout) = self.draw();
        assert!(layout.plot.width() > 400 && layout.plot.height() > 150, "{layout:?}");
        expect_file![format!("{}/tests/pictures/{name}.svg", env!("CARGO_MANIFEST_DIR"))].assert_eq(&svg);
    }
}

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
    Case { from_zero: true, columns: vec![column], ..Case::default() }.check("negative_from_zero");
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
    Case { unit: Unit::Bytes, columns: vec![column], ..Case::default() }.check("bytes");
}

#[test]
fn a_thousand_series_have_the_colours_of_their_turn() {
    let columns: Vec<Vec<f64>> = (0..1_000).map(|s| (0..3).map(|i| f64::from(s * 10 + i)).collect()).collect();
    let (svg, _) = Case { columns, step_ms: 300_000, ..Case::default() }.draw();
    let lines: Vec<&str> = svg.lines().filter(|line| line.contains("stroke-width=\"2\"")).collect();
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
fn a_second_and_ten_years() {
    let columns = vec![(0..11).map(f64::from).collect::<Vec<_>>()];
    let second = ("2026-05-01 12:00:00", "2026-05-01 12:00:01", 100);
    let years = ("2016-05-01 12:00:00", "2026-05-01 12:00:00", 31_536_000_000);
    for (name, (start, end, step_ms)) in [("one_second", second), ("ten_years", years)] {
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
    let (one, _) = Case::of(&[&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]]).draw();
    let (other, _) = Case::of(&[&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.99, 0.0, 1.0, 0.0]]).draw();
    assert_ne!(one, other);
}
