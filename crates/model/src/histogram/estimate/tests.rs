//! Quantiles, fractions and variances: what is known of them, and properties.

use super::super::sample::{custom, exponential};
use super::*;
use proptest::prelude::*;

fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-9 * (1.0 + b.abs())
}

#[track_caller]
fn quantiles(h: &Histogram, want: &[(f64, f64)]) {
    for &(q, want) in want {
        let got = h.quantile(q);
        assert!(close(got.value, want), "{q} of {h}: {} instead of {want}", got.value);
        assert_eq!(got.nan, None);
    }
}

const INF: f64 = f64::INFINITY;

#[test]
fn quantiles_lie_on_a_logarithmic_scale_in_exponential_buckets() {
    let h = exponential(0, 9.0, (0.0, 0.0), &[], &[0.0, 2.0, 2.0]);
    let half = std::f64::consts::SQRT_2;
    quantiles(
        &h,
        &[
            (0.0, 1.0),
            (0.25, half),
            (0.5, 2.0),
            (0.75, 2.0 * half),
            (1.0, 4.0),
            (-0.1, -INF),
            (1.1, INF),
            (f64::NAN, f64::NAN),
        ],
    );
    let h = exponential(0, -9.0, (0.0, 0.0), &[0.0, 2.0, 2.0], &[]);
    quantiles(&h, &[(0.0, -4.0), (0.25, -2.0 * half), (0.75, -half), (1.0, -1.0)]);
    quantiles(&Histogram::default(), &[(0.5, f64::NAN), (2.0, INF)]);
}

#[test]
fn quantiles_lie_on_a_linear_scale_in_the_zero_bucket() {
    quantiles(&exponential(0, 0.0, (0.5, 4.0), &[], &[]), &[(0.0, -0.5), (0.5, 0.0), (1.0, 0.5)]);
    // With observations on one side only, those in the zero bucket are there too.
    quantiles(&exponential(0, 0.0, (0.5, 4.0), &[], &[0.0, 4.0]), &[(0.0, 0.0), (0.25, 0.25), (1.0, 2.0)]);
    quantiles(&exponential(0, 0.0, (0.5, 4.0), &[0.0, 4.0], &[]), &[(0.0, -2.0), (0.75, -0.25), (1.0, 0.0)]);
}

#[test]
fn quantiles_lie_on_a_linear_scale_in_custom_buckets() {
    let h = custom(9.0, &[2.0, 6.0], &[4.0, 4.0, 2.0]);
    quantiles(&h, &[(0.0, 0.0), (0.2, 1.0), (0.6, 4.0), (0.9, 6.0), (1.0, 6.0)]);
    quantiles(&custom(9.0, &[-2.0, 6.0], &[4.0, 4.0, 2.0]), &[(0.2, -2.0), (0.6, 2.0)]);
}

#[test]
fn observations_that_are_no_number_make_a_quantile_uncertain() {
    let h = Histogram { count: 5.0, ..exponential(0, f64::NAN, (0.0, 0.0), &[], &[0.0, 4.0]) };
    let low = h.quantile(0.4);
    assert_eq!((low.value, low.nan), (std::f64::consts::SQRT_2, Some(NanObservations::Skewed)));
    let high = h.quantile(0.9);
    assert!(high.value.is_nan() && high.nan == Some(NanObservations::Result));
    let all = h.fraction(-INF, INF);
    assert!(close(all.value, 0.8) && all.nan == Some(NanObservations::Excluded));
    // -Inf and +Inf have a NaN sum, too.
    let h = exponential(0, f64::NAN, (0.0, 0.0), &[], &[0.0, 4.0]);
    assert_eq!((h.quantile(0.4).nan, h.fraction(0.0, 1.0).nan), (None, None));
    // Buckets that hold less than the count without such observations.
    let h = Histogram { count: 50.0, ..exponential(0, 1.0, (0.0, 0.0), &[], &[0.0, 4.0]) };
    assert_eq!(h.quantile(0.4).value, 2.0);
}

#[test]
fn fractions_are_the_inverse_of_quantiles() {
    let h = exponential(0, 123.75, (0.001, 1.0), &[1.0, 2.0], &[2.0, 4.0, 8.0, 16.0]);
    for (lower, upper, want) in [
        (-INF, 2.0, 10.0),
        (2.0, INF, 24.0),
        (-INF, -1.0, 2.0),
        (-INF, 0.0, 3.5),
        (-INF, std::f64::consts::SQRT_2, 8.0),
        (-INF, INF, 34.0),
        (3.0, 3.0, 0.0),
        (4.0, 3.0, 0.0),
        (100.0, INF, 0.0),
        (f64::NAN, 1.0, f64::NAN),
    ] {
        let got = h.fraction(lower, upper).value * h.count;
        assert!(close(got, want), "{lower} to {upper}: {got} instead of {want}");
    }
    let h = custom(172.5, &[5.0, 10.0, 15.0, 20.0], &[1.0, 6.0, 4.0, 3.0, 1.0]);
    for (lower, upper, want) in
        [(-INF, 15.0, 11.0), (15.0, INF, 4.0), (-INF, 2.5, 0.5), (7.5, 12.5, 5.0), (-INF, 99.0, 14.0)]
    {
        let got = h.fraction(lower, upper).value * h.count;
        assert!(close(got, want), "{lower} to {upper}: {got} instead of {want}");
    }
    assert!(Histogram::default().fraction(0.0, 1.0).value.is_nan());
}

#[test]
fn the_variance_is_that_of_the_middles_of_buckets() {
    // 1, 2, 3 and 4, as a histogram of schema 2 sees them.
    let h = exponential(2, 10.0, (0.0, 0.0), &[], &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    assert!(close(h.stddev(), 1.078_799_318_004_381_1), "{}", h.stddev());
    assert_eq!(h.mean(), 2.5);
    let h = exponential(0, -100.0, (0.0, 0.0), &[0.0, 0.0, 0.0, 0.0, 10.0], &[]);
    // All in (8, 16]: its geometric middle is 8 * sqrt 2.
    let delta = 10.0 - 8.0 * std::f64::consts::SQRT_2;
    assert!(close(h.stdvar(), delta * delta) && close(h.stddev(), delta.abs()));
    assert!(exponential(0, f64::NAN, (0.0, 0.0), &[], &[1.0]).stdvar().is_nan());
    let h = custom(4.0, &[2.0, 4.0], &[0.0, 2.0]);
    assert!(close(h.stdvar(), 1.0));
}

proptest! {
    #[test]
    fn quantiles_lie_within_the_filled_buckets_and_grow(
        schema in -2i8..5, neg in prop::collection::vec(0..9u32, 0..6), pos in prop::collection::vec(0..9u32, 0..6),
        zero in 0..5u32, q in 0.0..1.0f64, step in 0.0..0.3f64
    ) {
        let floats = |side: &[u32]| side.iter().map(|n| f64::from(*n)).collect::<Vec<_>>();
        let h = exponential(schema, 1.0, (0.01, f64::from(zero)), &floats(&neg), &floats(&pos));
        if h.count > 0.0 {
            let (low, high) = (h.quantile(q).value, h.quantile((q + step).min(1.0)).value);
            prop_assert!(low <= high * (1.0 + 1e-12 * high.signum()) + 1e-12, "{} {}", low, high);
            let filled: Vec<_> = h.buckets().filter(|b| b.count > 0.0).collect();
            let (first, last) = (filled[0].lower, filled[filled.len() - 1].upper);
            prop_assert!(first - first.abs() * 1e-12 <= low && low <= last + last.abs() * 1e-12, "{} in {}", low, h);
            // Half the observations are below the median, as far as buckets tell.
            let back = h.fraction(f64::NEG_INFINITY, low).value;
            prop_assert!(back >= q - 1e-9, "{} {} {}", q, low, back);
        }
    }
}
