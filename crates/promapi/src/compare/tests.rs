//! Two evaluations of one expression side by side, point by point.

use super::*;
use expect_test::{Expect, expect};
use model::{Bucket, Histograms, Millis, STALE_NAN};
use std::sync::Arc;

const GAP: f64 = STALE_NAN;

fn matrix(start: i64, series: &[(&str, &[f64])]) -> Matrix {
    let len = series.first().map_or(0, |(_, values)| values.len());
    let series = series.iter().map(|(name, values)| MatrixSeries {
        labels: Labels::from_pairs([("a", *name)]),
        values: values.to_vec(),
        histograms: Histograms::default(),
    });
    Matrix { grid: StepGrid { start: Timestamp(start), step: Millis(10), len }, series: series.collect() }
}

fn check(here: &Matrix, there: &Matrix, want: &Expect) {
    let Comparison {
        n_equal,
        n_differing,
        n_only_here,
        n_only_there,
        n_series_only_here,
        n_series_only_there,
        n_steps_apart,
        differences,
    } = compare(here, there, &CompareOptions { max_listed: 4, ..CompareOptions::default() });
    let mut said = format!(
        "{n_equal} equal, {n_differing} differ, only here {n_only_here} ({n_series_only_here} series), only there {n_only_there} ({n_series_only_there}), {n_steps_apart} steps apart"
    );
    for Difference { labels, t, kind } in differences {
        said += &format!("\n{labels} {} {kind:?}", t.0);
    }
    want.assert_eq(&said);
}

#[test]
fn points_are_equal_within_the_tolerance() {
    let here = matrix(0, &[("x", &[0.1 + 0.2, f64::NAN, f64::INFINITY, GAP, 0.0])]);
    let there = matrix(0, &[("x", &[0.3, -f64::NAN, f64::INFINITY, GAP, -0.0])]);
    check(&here, &there, &expect!["4 equal, 0 differ, only here 0 (0 series), only there 0 (0), 0 steps apart"]);
    check(
        &matrix(0, &[("x", &[1.0, 1.0, f64::NAN])]),
        &matrix(0, &[("x", &[1.000_001, f64::INFINITY, 0.0])]),
        &expect![[r#"
            0 equal, 3 differ, only here 0 (0 series), only there 0 (0), 0 steps apart
            {a="x"} 0 Values { here: 1.0, there: 1.000001 }
            {a="x"} 10 Values { here: 1.0, there: inf }
            {a="x"} 20 Values { here: NaN, there: 0.0 }"#]],
    );
}

#[test]
fn missing_points_and_series_are_told_apart() {
    check(
        &matrix(0, &[("a", &[1.0, GAP]), ("b", &[1.0, 1.0]), ("d", &[GAP, GAP])]),
        &matrix(0, &[("a", &[1.0, 2.0]), ("c", &[GAP, 3.0]), ("d", &[GAP, GAP])]),
        &expect![[r#"
            1 equal, 0 differ, only here 2 (1 series), only there 2 (1), 0 steps apart
            {a="a"} 10 OnlyThere(2.0)
            {a="b"} 0 OnlyHere(1.0)
            {a="b"} 10 OnlyHere(1.0)
            {a="c"} 10 OnlyThere(3.0)"#]],
    );
}

#[test]
fn steps_that_only_one_has_are_not_compared() {
    check(
        &matrix(0, &[("a", &[1.0, 2.0, 3.0])]),
        &matrix(10, &[("a", &[2.0, 3.0, 4.0])]),
        &expect!["2 equal, 0 differ, only here 0 (0 series), only there 0 (0), 2 steps apart"],
    );
    check(
        &matrix(0, &[("a", &[1.0, 2.0])]),
        &matrix(5, &[("a", &[1.0, 2.0])]),
        &expect!["0 equal, 0 differ, only here 0 (0 series), only there 0 (0), 4 steps apart"],
    );
}

#[test]
fn histograms_are_compared_by_what_the_api_shows() {
    let with = |count: f64, threshold: f64| {
        let mut matrix = matrix(0, &[("a", &[GAP])]);
        let positive = vec![Bucket { idx: 0, count }, Bucket { idx: 1, count: 0.0 }];
        let h = Histogram { count, sum: 1.0, positive, zero_threshold: threshold, ..Histogram::default() };
        matrix.series[0].histograms.set(0, Arc::new(h));
        matrix
    };
    check(
        &with(2.0, 0.0),
        &with(2.0, 0.001),
        &expect!["1 equal, 0 differ, only here 0 (0 series), only there 0 (0), 0 steps apart"],
    );
    check(
        &with(2.0, 0.0),
        &with(3.0, 0.0),
        &expect![[r#"
        0 equal, 1 differ, only here 0 (0 series), only there 0 (0), 0 steps apart
        {a="a"} 0 Histograms { here: 2.0, there: 3.0 }"#]],
    );
    check(
        &with(2.0, 0.0),
        &matrix(0, &[("a", &[2.0])]),
        &expect![[r#"
        0 equal, 1 differ, only here 0 (0 series), only there 0 (0), 0 steps apart
        {a="a"} 0 Kinds"#]],
    );
}
