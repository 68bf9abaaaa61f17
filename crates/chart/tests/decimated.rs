//! Decimated columns draw the same pixels as all their points do.

use chart::MAX_AXES;
use chart::layout::{Layout, Rect};
use chart::lines::each_run;
use chart::raster::Raster;
use chart::scale::{TimeScale, ValueScale};
use chart::theme::Rgb;
use frame::decimate::decimate;
use frame::{Points, StepGrid, gap};
use model::{Millis, Timestamp};
use proptest::prelude::*;

const WIDTH: u32 = 64;
const HEIGHT: u32 = 48;

fn pixels(points: &Points, grid: &StepGrid) -> Vec<u8> {
    let layout = Layout {
        plot: Rect { left: 0, top: 0, right: WIDTH as i32, bottom: HEIGHT as i32 },
        time: TimeScale::new(grid.start.0, grid.end().0, 0.0, f64::from(WIDTH)),
        values: [ValueScale::linear(-1.0, 1.0, 4.0, f64::from(HEIGHT) - 4.0); MAX_AXES],
        n_axes: 1,
        scale: 1.0,
    };
    let mut raster = Raster::new(WIDTH, HEIGHT);
    // One bar a column: what decimation promises to keep.
    raster.set_coarse(true);
    each_run(points, grid, &layout, 0, |run| {
        if run.len() > 1 {
            raster.stroke(run.iter().copied(), 1.5, Rgb(0, 0, 0));
        }
    });
    raster.pixels().chunks(4).map(|pixel| pixel[3]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_decimated_line_has_the_pixels_of_all_its_points(
        column in proptest::collection::vec(
            prop_oneof![20 => -1.0..1.0f64, 1 => Just(gap()), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)],
            400..2_000,
        ),
        smoothness in 0.0..0.99f64,
    ) {
        let mut level = 0.0;
        let column: Vec<f64> = column
            .into_iter()
            .map(|v| if v.is_finite() { level = level * smoothness + v * (1.0 - smoothness); level } else { v })
            .collect();
        let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: column.len() };
        let decimated = decimate(&grid, column.clone(), WIDTH);
        let is_decimated = matches!(decimated, Points::Sparse { .. });
        prop_assert!(is_decimated);
        let (all, few) = (pixels(&Points::Dense(column), &grid), pixels(&decimated, &grid));
        // Points that lie on the border of two columns may be rounded to either.
        let n_different = all.iter().zip(&few).filter(|(a, b)| a.abs_diff(**b) > 8).count();
        prop_assert!(n_different * 100 <= all.len(), "{n_different} of {} pixels differ", all.len());
    }
}
