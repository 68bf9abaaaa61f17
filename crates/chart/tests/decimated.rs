//! Decimated columns draw the very pixels that all their points do, and none where there is a gap.

use chart::layout::{Layout, Rect};
use chart::raster::{Raster, UNITS_PER_PX};
use chart::scale::{TimeScale, ValueScale};
use chart::{AxisOptions, AxisRange, Drawing, Form, MAX_AXES, Options, SeriesStyle, Theme, draw_series};
use frame::decimate::decimate;
use frame::{Frame, FrameSeries, Points, SeriesStats, Source, StepGrid, gap};
use model::{Labels, Millis, Timestamp};
use proptest::prelude::*;

const HEIGHT: u32 = 64;

/// A picture as wide as its plot, but for a margin of whole pixels on the left.
#[derive(Clone, Copy, Debug)]
struct Paper {
    margin: u32,
    width: u32,
    dpr: f64,
    /// Its axis shows fixed values, so that lines may leave the plot.
    is_fixed: bool,
}

/// The pixels of some series, drawn upon each other.
fn pixels(columns: &[Points], grid: &StepGrid, paper: Paper) -> Vec<u8> {
    let Paper { margin, width, dpr, is_fixed } = paper;
    let range = if is_fixed { AxisRange::Fixed { min: Some(-1.0), max: Some(1.0) } } else { AxisRange::Fit };
    let units = |px: u32| (px * UNITS_PER_PX) as i32;
    let plot = Rect { left: units(margin), top: units(2), right: units(margin + width), bottom: units(HEIGHT - 2) };
    let (start_ms, end_ms) = (grid.start.0, grid.end().0);
    let scale = dpr * f64::from(UNITS_PER_PX);
    let value = ValueScale::linear(-1.0, 1.0, f64::from(plot.top), f64::from(plot.bottom));
    let layout = Layout {
        plot,
        time: TimeScale::new(start_ms, end_ms, f64::from(plot.left), f64::from(plot.right)),
        values: [value; MAX_AXES],
        n_axes: 1,
        scale,
    };
    let styles: Vec<SeriesStyle> = (0..columns.len()).map(|idx| SeriesStyle::plain(Theme::LIGHT.series(idx))).collect();
    let options = Options {
        start_ms,
        end_ms,
        form: Form::Lines,
        axes: &[AxisOptions { range, ..AxisOptions::default() }],
        theme: Theme::LIGHT,
        series: &styles,
        names: &[],
        offset: &|_| 0,
        scale,
        font: "sans-serif",
    };
    let series = columns.iter().map(|points| FrameSeries {
        source: Source::default(),
        labels: Labels::empty(),
        points: points.clone(),
        stats: SeriesStats::of(&[]),
    });
    let frame = Frame { grid: *grid, series: series.collect(), n_series_total: columns.len(), ..Frame::default() };
    let drawing = Drawing::new(&frame, &options, layout);
    let mut raster = Raster::new(margin + width, HEIGHT);
    raster.set_clip(plot);
    draw_series(&frame, &options, &drawing, &mut raster).expect("pixels do not refuse");
    raster.take_pixels()
}

/// A column of one of the kinds that lines are made of, with what has no place strewn in.
fn column() -> impl Strategy<Value = Vec<f64>> {
    let kind = prop_oneof![Just("walk"), Just("noise"), Just("plateaus"), Just("spikes"), Just("still")];
    let odd = prop_oneof![
        4 => Just(gap()),
        2 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        // Far beyond the axis, but finite.
        1 => Just(1e300),
        1 => Just(-7.0),
    ];
    let strewn = proptest::collection::vec((0.0..1.0f64, 1usize..40, odd), 0..30);
    (kind, proptest::collection::vec(-1.0..1.0f64, 600..3_000), strewn).prop_map(|(kind, noise, strewn)| {
        let mut level = 0.0;
        let mut vs: Vec<f64> = noise
            .iter()
            .enumerate()
            .map(|(idx, &v)| {
                level = match kind {
                    "walk" => (level + v * 0.1f64).clamp(-1.0, 1.0),
                    "noise" => v,
                    "plateaus" if idx % 97 == 0 => v,
                    "spikes" if v > 0.99 => 1.0,
                    "spikes" => -0.5,
                    _ => level,
                };
                level
            })
            .collect();
        for (place, len, odd) in strewn {
            let from = (place * vs.len() as f64) as usize;
            vs.iter_mut().skip(from).take(len).for_each(|slot| *slot = odd);
        }
        vs
    })
}

/// Widths of less than a quarter of the points, so that these are decimated, whole and broken ratios.
fn paper() -> impl Strategy<Value = Paper> {
    let dpr = prop_oneof![Just(1.0), Just(1.25), Just(1.5), Just(2.0), Just(2.625), Just(3.0)];
    (0u32..60, 1u32..149, dpr, proptest::bool::ANY).prop_map(|(margin, width, dpr, is_fixed)| Paper {
        margin,
        width,
        dpr,
        is_fixed,
    })
}

/// Grids as long as a column; times large enough that a millisecond is not exact in an f32.
fn grid(len: usize, start: i64, step: i64) -> StepGrid {
    StepGrid { start: Timestamp(start), step: Millis(step), len }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_decimated_line_has_the_pixels_of_all_its_points(
        column in column(),
        paper in paper(),
        start in prop_oneof![Just(0i64), 1_600_000_000_000i64..1_800_000_000_000],
        step in prop_oneof![Just(1i64), Just(15_000), 1i64..100_000],
    ) {
        let grid = grid(column.len(), start, step);
        let decimated = decimate(&grid, column.clone(), paper.width);
        let is_decimated = matches!(decimated, Points::Sparse { .. });
        prop_assert!(is_decimated);
        let (all, few) = (pixels(&[Points::Dense(column)], &grid, paper), pixels(&[decimated], &grid, paper));
        let differ = all.iter().zip(&few).position(|(a, b)| a != b);
        let place = differ.map(|at| ((at / 4) % (paper.margin + paper.width) as usize, at / 4 / (paper.margin + paper.width) as usize));
        prop_assert_eq!(place, None);
    }

    #[test]
    fn many_lines_have_the_pixels_of_all_their_points(columns in proptest::collection::vec(column(), 2..5), paper in paper()) {
        let len = columns.iter().map(Vec::len).min().unwrap_or(0);
        let grid = grid(len, 1_700_000_000_000, 1_000);
        let whole: Vec<Points> = columns.iter().map(|column| Points::Dense(column[..len].to_vec())).collect();
        let few: Vec<Points> = columns.iter().map(|column| decimate(&grid, column[..len].to_vec(), paper.width)).collect();
        prop_assert!(pixels(&whole, &grid, paper) == pixels(&few, &grid, paper));
    }

    #[test]
    fn nothing_is_inked_where_there_is_a_gap(
        column in column(),
        paper in paper(),
        (from, to) in (0.0..0.9f64, 0.05..0.9f64),
        what in prop_oneof![Just(gap()), Just(f64::NAN), Just(f64::INFINITY)],
    ) {
        let mut column = column;
        let len = column.len();
        let gap = (from * len as f64) as usize..(((from + to).min(1.0)) * len as f64) as usize;
        column[gap.clone()].fill(what);
        let grid = grid(len, 1_700_000_000_000, 1_000);
        // The pixel columns in which no step but those of the gap lies; a dot beside it is as wide as two CSS pixels.
        let place = |idx: usize| idx as f64 / (len - 1) as f64 * f64::from(paper.width);
        let dot = 2.0 * paper.dpr + 1.0;
        let left = if gap.start == 0 { 0.0 } else { (place(gap.start - 1) + dot).floor() + 1.0 };
        let right = if gap.end == len { f64::from(paper.width) } else { (place(gap.end) - dot).floor() };
        for points in [decimate(&grid, column.clone(), paper.width), Points::Dense(column)] {
            let pixels = pixels(&[points], &grid, paper);
            let row_width = (paper.margin + paper.width) as usize;
            for (idx, pixel) in pixels.chunks(4).enumerate() {
                let at = (idx % row_width) as f64 - f64::from(paper.margin);
                prop_assert!(pixel[3] == 0 || at < left || at >= right, "ink in column {at} of the gap {left} to {right}");
            }
        }
    }
}

#[test]
fn a_line_reaches_the_edges_of_a_part_of_its_range() {
    // Ten points, of which the plot shows one and a half to three and a half; seen as lines, not bars.
    let grid = grid(10, 0, 1_000);
    let paper = Paper { margin: 4, width: 100, dpr: 1.0, is_fixed: false };
    let units = |px: u32| (px * UNITS_PER_PX) as i32;
    let plot = Rect { left: units(4), top: 0, right: units(104), bottom: units(HEIGHT) };
    let layout = |start_ms, end_ms| Layout {
        plot,
        time: TimeScale::new(start_ms, end_ms, f64::from(plot.left), f64::from(plot.right)),
        values: [ValueScale::linear(-1.0, 1.0, 0.0, f64::from(plot.bottom)); MAX_AXES],
        n_axes: 1,
        scale: f64::from(UNITS_PER_PX) * paper.dpr,
    };
    let runs = |vs: &[f64], points: Points, start, end| {
        assert_eq!(points.len(), vs.len());
        let mut runs = Vec::new();
        chart::lines::each_run(&points, &grid, &layout(start, end), 0, |run| runs.push(run.to_vec()));
        runs
    };
    let vs: Vec<f64> = (0..10).map(|idx| f64::from(idx) / 10.0).collect();
    let ts: Vec<f64> = (0..10).map(|idx| f64::from(idx) * 1_000.0).collect();
    for points in [Points::Dense(vs.clone()), Points::Sparse { ts, vs: vs.clone() }] {
        let part = runs(&vs, points.clone(), 1_500, 3_500);
        let xs: Vec<f32> = part[0].iter().map(|(x, _)| *x).collect();
        assert_eq!((part.len(), xs), (1, vec![16.0, 116.0, 316.0, 416.0]));
        let between = runs(&vs, points.clone(), 1_200, 1_800);
        let y = |v: f32| 128.0 - v * 128.0;
        assert!(
            between[0]
                .iter()
                .zip([(16.0, y(0.12)), (416.0, y(0.18))])
                .all(|(a, b)| (a.1 - b.1).abs() < 0.01 && a.0 == b.0)
        );
        assert!(runs(&vs, points.clone(), 20_000, 30_000).is_empty());
        assert!(runs(&vs, points, -9_000, -5_000).is_empty());
    }
}
