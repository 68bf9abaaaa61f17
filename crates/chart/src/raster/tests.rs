//! Lines against a slow twin that measures distances at 64 places of each pixel.

use super::*;
use crate::theme::Rgb;
use proptest::prelude::*;

const INK: Rgb = Rgb(10, 20, 30);
const SIZE: u32 = 48;
const FILL: Fill = Fill { colour: INK, alpha: 1.0 };

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
    raster.stroke(points, width, FILL, false);
    raster.take_pixels().chunks(4).map(|pixel| f32::from(pixel[3]) / 255.0).collect()
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
fn dense_lines_run_where_fine_ones_do() {
    let points: Vec<(f32, f32)> = (0..30).map(|i| (i as f32 * 1.7, 24.0 + 20.0 * libm::sinf(i as f32))).collect();
    let mut raster = Raster::new(SIZE, SIZE);
    raster.stroke(&points, 1.5, FILL, true);
    let coarse: Vec<f32> = raster.take_pixels().chunks(4).map(|pixel| f32::from(pixel[3]) / 255.0).collect();
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
    for is_dense in [false, true] {
        outside(is_dense);
    }
}

fn outside(is_dense: bool) {
    let mut raster = Raster::new(8, 8);
    let far = [(-1e9, -1e9), (4.0, 4.0), (1e9, 1e9), (3.0, f32::NAN), (f32::INFINITY, 2.0), (-5.0, 1e30), (9.0, -1e30)];
    raster.stroke(&far, 1.5, FILL, is_dense);
    raster.disc((-3.0, 100.0), 50.0, FILL);
    raster.stroke(&[(1.0, 1.0)], 1.5, FILL, is_dense);
    raster.stroke(&[], 1.5, FILL, is_dense);
    raster.clear(0, 0);
    raster.stroke(&[(0.0, 0.0), (4.0, 4.0)], 1.5, FILL, is_dense);
    raster.clear(8, 8);
    raster.stroke(&[(-4.0, 4.0), (12.0, 4.0)], 2.0, FILL, is_dense);
    let pixels = raster.take_pixels();
    assert_eq!(pixels.len(), 256);
    assert!(pixels.chunks(4).skip(24).take(16).all(|pixel| pixel[3] == 255));
    assert!(raster.take_pixels().iter().all(|byte| *byte == 0), "what was taken is gone");
}

#[test]
fn a_later_line_lies_above_an_earlier_one() {
    let mut raster = Raster::new(8, 8);
    let fill = |colour| Fill { colour, alpha: 1.0 };
    raster.stroke(&[(0.0, 4.0), (8.0, 4.0)], 2.0, fill(Rgb(255, 0, 0)), false);
    raster.stroke(&[(4.0, 0.0), (4.0, 8.0)], 2.0, fill(Rgb(0, 0, 255)), false);
    let pixels = raster.take_pixels();
    let pixel = |x: usize, y: usize| pixels[(y * 8 + x) * 4..][..4].to_vec();
    assert_eq!(pixel(1, 4), [255, 0, 0, 255]);
    assert_eq!(pixel(4, 4), [0, 0, 255, 255]);
    assert_eq!(pixel(1, 1), [0, 0, 0, 0]);
}

#[test]
fn a_dot_is_round() {
    let mut raster = Raster::new(9, 9);
    raster.disc((4.5, 4.5), 3.0, FILL);
    let pixels = raster.take_pixels();
    let alpha = |x: usize, y: usize| pixels[(y * 9 + x) * 4 + 3];
    assert_eq!((alpha(4, 4), alpha(4, 2), alpha(1, 1), alpha(0, 4)), (255, 255, 0, 0));
}

/// What the strips of a small picture cover: left, top, width, height.
fn strip_bounds(raster: &mut Raster) -> Option<(u32, u32, u32, u32)> {
    let mut bounds = None;
    raster.take_strips(|strip| {
        assert_eq!(strip.bytes.len() as u32, strip.width * strip.height * 4);
        bounds = Some((strip.left, strip.top, strip.width, strip.height));
        Some(())
    });
    bounds
}

/// Alpha of each pixel, row by row, as a digit: 0 for none, 9 for nearly all, # for all.
fn digits(raster: &mut Raster) -> String {
    let digit = |pixel: &[u8]| if pixel[3] == 255 { '#' } else { char::from(b'0' + (u16::from(pixel[3]) / 26) as u8) };
    let width = 4 * raster.size().0 as usize;
    let pixels = raster.take_pixels();
    let rows = pixels.chunks(width);
    rows.map(|row| row.chunks(4).map(digit).collect::<String>() + "\n").collect()
}

#[test]
fn a_picture_on_a_ground_hides_what_it_covers_and_nothing_else() {
    // Wider than columns that are turned together, and not by a multiple of them.
    let mut raster = Raster::new(21, 6);
    let fill = |colour| Fill { colour, alpha: 1.0 };
    let Ok(()) = raster.rect((4.0, 4.0), (72.0, 12.0), fill(Rgb(255, 0, 0)));
    let Ok(()) = raster.rect((4.0, 12.0), (72.0, 16.0), Fill { alpha: 0.5, ..fill(Rgb(255, 0, 0)) });
    let Ok(()) = raster.rect((8.0, 16.0), (12.0, 20.0), fill(Rgb(255, 0, 0)));
    let bar = |left, top, right, bottom, colour| GroundBar { left, top, right, bottom, colour };
    let (green, blue) = (Rgb(0, 255, 0), Rgb(0, 0, 255));
    let bars = [bar(-5, 4, 99, 99, green), bar(10, -3, 11, 99, blue), bar(50, 50, 60, 60, blue)];
    let ground = Ground { colour: Rgb(255, 255, 255), bars: &bars };
    let mut seen = Vec::new();
    let shown = raster.take_strips_on(&ground, |strip| {
        assert_eq!((strip.left, strip.top, strip.width, strip.height), (1, 1, 17, 4));
        let name = |pixel: &[u8]| match pixel {
            [255, 0, 0, 255] => 'R',
            [254..=255, 126..=128, 126..=128, 255] => 'r',
            [126..=128, 0, 126..=128, 255] => 'p',
            [0, 255, 0, 255] => 'G',
            [0, 0, 255, 255] => 'B',
            _ => '?',
        };
        seen.extend(strip.bytes.chunks(4 * 17).map(|row| row.chunks(4).map(name).collect::<String>()));
        Some(())
    });
    assert_eq!(shown, Some(()));
    assert_eq!(seen, ["RRRRRRRRRRRRRRRRR", "RRRRRRRRRRRRRRRRR", "rrrrrrrrrprrrrrrr", "GRGGGGGGGBGGGGGGG"]);
}

#[test]
fn a_rectangle_covers_its_edges_in_part() {
    let mut raster = Raster::new(7, 5);
    raster.rect((2.0, 6.0), (22.0, 14.0), FILL).unwrap();
    raster.rect((25.0, 0.0), (26.0, 99.0), Fill { alpha: 0.5, ..FILL }).unwrap();
    assert_eq!(strip_bounds(&mut raster.clone()), Some((0, 0, 7, 5)));
    expect_test::expect![[r#"
        0000001
        2444421
        4####41
        2444421
        0000001
    "#]]
    .assert_eq(&digits(&mut raster));
}

#[test]
fn an_area_is_cut_at_the_clip_and_its_slopes_are_smooth() {
    let mut raster = Raster::new(12, 8);
    raster.set_clip(Rect { left: 4, top: 8, right: 44, bottom: 28 });
    raster.area(&[(-40.0, 80.0), (24.0, -8.0), (88.0, 80.0)], FILL).unwrap();
    let bounds = strip_bounds(&mut raster.clone()).expect("something was drawn");
    expect_test::expect![[r#"
        000000000000
        000000000000
        0029####9200
        008######800
        07########70
        0##########0
        0##########0
        000000000000
    "#]]
    .assert_eq(&digits(&mut raster));
    let (left, top, width, height) = bounds;
    assert!(left >= 1 && top >= 2 && left + width <= 11 && top + height <= 7);
}

#[test]
fn nothing_is_drawn_outside_of_the_clip_but_whole_dots_and_lines_along_its_edge() {
    let mut raster = Raster::new(10, 10);
    raster.set_clip(Rect { left: 8, top: 8, right: 32, bottom: 32 });
    raster.rect((-100.0, -100.0), (100.0, 100.0), Fill { alpha: 0.1, ..FILL }).unwrap();
    let stroke = |is_dense| Stroke { fill: FILL, width: 8.0, dash: Dash::Solid, is_dense };
    raster.line(&[(0.0, 8.0), (39.0, 8.0)], &stroke(false)).unwrap();
    raster.line(&[(0.0, 32.0), (39.0, 32.0)], &stroke(true)).unwrap();
    raster.dot((32.0, 20.0), 4.0, FILL).unwrap();
    raster.dot((34.0, 20.0), 4.0, FILL).unwrap();
    expect_test::expect![[r#"
        0000000000
        00######00
        00######00
        0011111100
        0011111870
        0011111870
        0011111100
        00######00
        00######00
        0000000000
    "#]]
    .assert_eq(&digits(&mut raster));
}

#[test]
fn a_broken_line_has_gaps() {
    let mut raster = Raster::new(24, 3);
    let stroke = Stroke { fill: FILL, width: 4.0, dash: Dash::Dashed, is_dense: false };
    raster.line(&[(0.0, 6.0), (96.0, 6.0)], &stroke).unwrap();
    assert_eq!(digits(&mut raster).lines().nth(1), Some("#####000#####000#####000"));
}

#[test]
fn a_cleared_picture_is_empty_again() {
    let mut raster = Raster::new(16, 16);
    let line = [(1.0, 14.0), (15.0, 2.0)];
    for is_dense in [false, true] {
        raster.stroke(&line, 3.0, FILL, is_dense);
        raster.area(&[(0.0, 0.0), (64.0, 10.0), (30.0, 70.0)], FILL).unwrap();
        assert!(strip_bounds(&mut raster).is_some());
        raster.clear(16, 16);
        assert!(raster.take_pixels().iter().all(|&byte| byte == 0));
        assert_eq!(strip_bounds(&mut raster), None);
    }
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

    #[test]
    fn an_area_covers_what_lies_in_it(
        corners in proptest::collection::vec((-20.0f32..70.0, -20.0f32..70.0), 3),
        // A picture that was drawn on before leaves nothing behind.
        other in proptest::collection::vec((-20.0f32..70.0, -20.0f32..70.0), 3..6),
    ) {
        let mut raster = Raster::new(SIZE, SIZE);
        let units = |points: &[(f32, f32)]| points.iter().map(|(x, y)| (x * 4.0, y * 4.0)).collect::<Vec<_>>();
        raster.area(&units(&other), FILL).unwrap();
        raster.clear(SIZE, SIZE);
        raster.area(&units(&corners), FILL).unwrap();
        let side = |(ax, ay): (f32, f32), (bx, by): (f32, f32), (x, y): (f32, f32)| (bx - ax) * (y - ay) - (by - ay) * (x - ax);
        let inside = |at: (f32, f32)| {
            let sides = [0, 1, 2].map(|idx| side(corners[idx], corners[(idx + 1) % 3], at));
            sides.iter().all(|&s| s >= 0.0) || sides.iter().all(|&s| s <= 0.0)
        };
        const N: usize = 8;
        let place = |whole: usize, part: usize| whole as f32 + (part as f32 + 0.5) / N as f32;
        let (mut sum, mut greatest) = (0.0f32, 0.0f32);
        for (idx, pixel) in raster.take_pixels().chunks(4).enumerate() {
            let (column, row) = (idx % SIZE as usize, idx / SIZE as usize);
            let hits = (0..N * N).filter(|i| inside((place(column, i % N), place(row, i / N)))).count();
            let difference = (f32::from(pixel[3]) / 255.0 - hits as f32 / (N * N) as f32).abs();
            greatest = greatest.max(difference);
            sum += difference;
        }
        prop_assert!(greatest < 0.15 && sum < 20.0, "{greatest}, {sum}");
        let (left, top, width, height) = strip_bounds(&mut raster).unwrap_or_default();
        for (idx, pixel) in raster.take_pixels().chunks(4).enumerate() {
            let (column, row) = (idx as u32 % SIZE, idx as u32 / SIZE);
            let within = (left..left + width).contains(&column) && (top..top + height).contains(&row);
            prop_assert!(within || pixel[3] == 0, "ink at {column}, {row} outside of what is said");
        }
    }
}
