//! Lines against a slow twin that measures distances at 64 places of each pixel.

use super::*;
use proptest::prelude::*;

const INK: Rgb = Rgb(10, 20, 30);
const SIZE: u32 = 48;

/// The parts of the pixels within half a width of the line.
fn twin(points: &[(f32, f32)], width: f32) -> Vec<f32> {
    const N: usize = 8;
    let near = |x: f32, y: f32| {
        points.windows(2).any(|ends| {
            let ((x0, y0), (x1, y1)) = (ends[0], ends[1]);
            let (dx, dy) = (x1 - x0, y1 - y0);
            let along = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).max(1e-12)).clamp(0.0, 1.0);
            (x - x0 - dx * along).hypot(y - y0 - dy * along) <= width / 2.0
        })
    };
    let place = |whole: usize, part: usize| whole as f32 + (part as f32 + 0.5) / N as f32;
    (0..(SIZE * SIZE) as usize)
        .map(|pixel| {
            let (column, row) = (pixel % SIZE as usize, pixel / SIZE as usize);
            let hits = (0..N * N).filter(|i| near(place(column, i % N), place(row, i / N))).count();
            hits as f32 / (N * N) as f32
        })
        .collect()
}

fn drawn(points: &[(f32, f32)], width: f32) -> Vec<f32> {
    let mut raster = Raster::new(SIZE, SIZE);
    raster.stroke(points.iter().copied(), width, INK);
    raster.pixels().chunks(4).map(|pixel| f32::from(pixel[3]) / 255.0).collect()
}

/// The greatest and the mean difference of the pixels that either touches.
fn difference(points: &[(f32, f32)], width: f32) -> (f32, f32) {
    let (want, got) = (twin(points, width), drawn(points, width));
    let touched = || want.iter().zip(&got).filter(|(a, b)| **a > 0.0 || **b > 0.0).map(|(a, b)| (a - b).abs());
    (touched().fold(0.0, f32::max), touched().sum::<f32>() / touched().count().max(1) as f32)
}

#[test]
fn straight_lines_of_any_slope_have_smooth_edges() {
    for ((dx, dy), width) in [
        ((40.0, 0.0), 1.5),
        ((40.0, 4.3), 1.5),
        ((40.0, -31.0), 1.5),
        ((40.0, 40.0), 3.0),
        ((20.0, 40.0), 1.5),
        ((0.5, 40.0), 1.5),
        ((0.0, 40.0), 3.0),
        ((11.0, -40.0), 6.0),
    ] {
        // From outside to outside: where lines end they are cut straight here and round there.
        let (x, y) = (24.2, 23.7);
        let (greatest, mean) = difference(&[(x - 2.0 * dx, y - 2.0 * dy), (x + 2.0 * dx, y + 2.0 * dy)], width);
        assert!(greatest < 0.16 && mean < 0.05, "{dx} to the right, {dy} down: {greatest:.2}, {mean:.3}");
    }
}

#[test]
fn a_level_line_covers_what_it_covers() {
    let got = drawn(&[(0.0, 10.25), (48.0, 10.25)], 1.5);
    let column = |row: usize| got[row * SIZE as usize + 24];
    let near = |a: f32, b: f32| (a - b).abs() < 0.01;
    assert!(near(column(9), 0.5) && near(column(10), 1.0) && near(column(11), 0.0), "{} {}", column(9), column(10));
}

#[test]
fn many_points_in_a_column_are_one_bar_and_not_many_layers() {
    let zigzag: Vec<(f32, f32)> =
        (0..400).map(|i| (10.0 + i as f32 / 40.0, if i % 2 == 0 { 5.0 } else { 40.0 })).collect();
    let got = drawn(&zigzag, 1.5);
    assert!((10..40).all(|row| got[row * SIZE as usize + 14] > 0.99));
    assert!((0..4).chain(42..48).all(|row| got[row * SIZE as usize + 14] == 0.0));
}

#[test]
fn coarse_lines_run_where_fine_ones_do() {
    let points: Vec<(f32, f32)> = (0..30).map(|i| (i as f32 * 1.7, 24.0 + 20.0 * libm::sinf(i as f32))).collect();
    let mut raster = Raster::new(SIZE, SIZE);
    raster.set_coarse(true);
    raster.stroke(points.iter().copied(), 1.5, INK);
    let coarse: Vec<f32> = raster.pixels().chunks(4).map(|pixel| f32::from(pixel[3]) / 255.0).collect();
    let fine = drawn(&points, 1.5);
    // Whatever the one covers for the most part, the other has within a pixel.
    let near = |of: &[f32], idx: usize| {
        let (column, row) = ((idx % SIZE as usize) as i32, (idx / SIZE as usize) as i32);
        let inside = |v: i32| (0..SIZE as i32).contains(&v);
        (-1..=1)
            .flat_map(|dx| (-1..=1).map(move |dy| (column + dx, row + dy)))
            .filter(|(x, y)| inside(*x) && inside(*y))
            .any(|(x, y)| of[(y * SIZE as i32 + x) as usize] > 0.4)
    };
    for idx in 0..fine.len() {
        assert!(coarse[idx] < 0.7 || near(&fine, idx), "too much at {idx}");
        assert!(fine[idx] < 0.7 || near(&coarse, idx), "nothing at {idx}");
    }
    assert!(coarse.iter().any(|&alpha| alpha > 0.9));
}

#[test]
fn what_lies_outside_the_picture_is_cut_off() {
    for is_coarse in [false, true] {
        outside(is_coarse);
    }
}

fn outside(is_coarse: bool) {
    let mut raster = Raster::new(8, 8);
    raster.set_coarse(is_coarse);
    let far = [(-1e9, -1e9), (4.0, 4.0), (1e9, 1e9), (3.0, f32::NAN), (f32::INFINITY, 2.0), (-5.0, 1e30)];
    raster.stroke(far, 1.5, INK);
    raster.dot((-3.0, 100.0), 50.0, INK);
    raster.stroke([(1.0, 1.0)], 1.5, INK);
    raster.stroke([], 1.5, INK);
    raster.clear(0, 0);
    raster.stroke([(0.0, 0.0), (4.0, 4.0)], 1.5, INK);
    raster.clear(8, 8);
    raster.stroke([(-4.0, 4.0), (12.0, 4.0)], 2.0, INK);
    assert!(raster.pixels().chunks(4).skip(24).take(16).all(|pixel| pixel[3] == 255));
    assert_eq!(raster.pixels().len(), 256);
}

#[test]
fn a_later_line_lies_above_an_earlier_one() {
    let mut raster = Raster::new(8, 8);
    raster.stroke([(0.0, 4.0), (8.0, 4.0)], 2.0, Rgb(255, 0, 0));
    raster.stroke([(4.0, 0.0), (4.0, 8.0)], 2.0, Rgb(0, 0, 255));
    let pixel = |x: usize, y: usize| raster.pixels()[(y * 8 + x) * 4..][..4].to_vec();
    assert_eq!(pixel(1, 4), [255, 0, 0, 255]);
    assert_eq!(pixel(4, 4), [0, 0, 255, 255]);
    assert_eq!(pixel(1, 1), [0, 0, 0, 0]);
}

#[test]
fn a_dot_is_round() {
    let mut raster = Raster::new(9, 9);
    raster.dot((4.5, 4.5), 3.0, INK);
    let alpha = |x: usize, y: usize| raster.pixels()[(y * 9 + x) * 4 + 3];
    assert_eq!((alpha(4, 4), alpha(4, 2), alpha(1, 1), alpha(0, 4)), (255, 255, 0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn lines_look_like_the_twins(
        steps in proptest::collection::vec((0.0f32..8.0, 4.0f32..44.0), 6..12),
        width in prop_oneof![Just(1.5f32), Just(3.0)],
    ) {
        let mut x = 4.0;
        let points: Vec<(f32, f32)> = steps
            .into_iter()
            .map(|(dx, y)| { x += dx; (x, y) })
            .take_while(|(x, _)| *x < 44.0)
            .collect();
        prop_assume!(points.len() >= 5);
        let (greatest, mean) = difference(&points, width);
        prop_assert!(greatest <= 1.0 && mean < 0.16, "{greatest:.2}, {mean:.3}");
    }
}
