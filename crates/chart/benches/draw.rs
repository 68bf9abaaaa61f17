//! How long it takes to draw into pixels: the lines of one long series, of a thousand, and the search
//! for the sample under the pointer.

use chart::raster::{Raster, UNITS_PER_PX};
use chart::{AxisOptions, Form, Options, Theme, draw_axes, draw_series, hit};
use criterion::{Criterion, criterion_group, criterion_main};
use frame::decimate::decimate;
use frame::{Frame, FrameSeries, SeriesStats, Source, StepGrid};
use model::{Labels, Millis, Timestamp};
use std::hint::black_box;

const SIZE: (u32, u32) = (1_600, 600);

fn frame(n_series: usize, len: usize) -> Frame {
    let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len };
    let mut state = 1u32;
    let series = (0..n_series).map(|idx| {
        let mut v = idx as f64 / 10.0;
        let column: Vec<f64> = (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                v += f64::from(state >> 8) / f64::from(1 << 24) - 0.5;
                v
            })
            .collect();
        let stats = SeriesStats::of(&column);
        FrameSeries {
            source: Source::default(),
            labels: Labels::empty(),
            points: decimate(&grid, column, SIZE.0),
            stats,
        }
    });
    Frame { grid, series: series.collect(), n_series_total: n_series, ..Frame::default() }
}

fn drawing(criterion: &mut Criterion) {
    for (n_series, len) in [(1, 1_000_000), (10, 1_000), (100, 1_000), (1_000, 1_000)] {
        let frame = frame(n_series, len);
        let options = Options {
            start_ms: frame.grid.start.0,
            end_ms: frame.grid.end().0,
            form: Form::Lines,
            axes: &[AxisOptions::default()],
            theme: Theme::LIGHT,
            series: &[],
            names: &[],
            offset: &|_| 0,
            scale: f64::from(UNITS_PER_PX),
            font: "sans-serif",
        };
        let mut raster = Raster::new(SIZE.0, SIZE.1);
        let Ok(drawing) = draw_axes(&frame, &options, &mut raster) else {
            return;
        };
        criterion.bench_function(&format!("draw/{n_series}_series_of_{len}"), |bench| {
            bench.iter(|| {
                raster.clear(SIZE.0, SIZE.1);
                let drawn = draw_series(&frame, &options, &drawing, &mut raster);
                black_box((drawn.is_ok(), raster.take_pixels().len()))
            });
        });
        criterion.bench_function(&format!("hit/{n_series}_series_of_{len}"), |bench| {
            bench.iter(|| black_box(hit::nearest(&frame, &drawing, 3_000.0, 1_000.0)));
        });
    }
}

criterion_group!(benches, drawing);
criterion_main!(benches);
