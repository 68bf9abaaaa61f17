//! Sums, differences and coarser schemas: what is known of them, and properties.

use super::super::sample::{buckets, custom, exponential};
use super::*;
use proptest::prelude::*;

/// `a`, `+` or `-`, `b` and the test expression of the result.
fn check(a: &Histogram, op: char, b: &Histogram, want: &str) -> Combined {
    let mut got = a.clone();
    let combined = if op == '+' { got.add(b) } else { got.sub(b) };
    assert_eq!(got.test_expression(), want);
    combined.expect("they fit")
}

#[test]
fn counts_are_added_bucket_by_bucket() {
    let a = exponential(0, 1.0, (0.5, 1.0), &[1.0], &[0.0, 2.0]);
    let b = exponential(0, 2.0, (0.5, 2.0), &[], &[0.0, 0.0, 3.0]);
    check(&a, '+', &b, "{{count:9 sum:3 z_bucket:3 z_bucket_w:0.5 offset:1 buckets:[2 3] n_buckets:[1]}}");
    check(&a, '-', &b, "{{count:-1 sum:-1 z_bucket:-1 z_bucket_w:0.5 offset:1 buckets:[2 -3] n_buckets:[1]}}");
}

#[test]
fn the_coarser_schema_wins_whichever_side_has_it() {
    let fine = exponential(2, 0.0, (0.0, 0.0), &[], &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let coarse = exponential(0, 0.0, (0.0, 0.0), &[], &[1.0, 1.0]);
    // Indices 1 to 4 are the bucket (1, 2].
    let want = "{{count:8 buckets:[2 5 1]}}";
    check(&fine, '+', &coarse, want);
    check(&coarse, '+', &fine, want);
    assert_eq!(fine.copy_to_schema(0).test_expression(), "{{count:6 buckets:[1 4 1]}}");
    assert_eq!(fine.copy_to_schema(-1).test_expression(), "{{schema:-1 count:6 buckets:[1 5]}}");
    assert!(fine.copy_to_schema(4).equals(&fine));
}

#[test]
fn the_wider_zero_bucket_swallows_buckets_and_ends_between_filled_ones() {
    let narrow = exponential(0, 0.0, (0.001, 1.0), &[2.0, 4.0], &[3.0, 5.0]);
    // Up to 0.5: nothing of (0.5, 1] is inside.
    let wide = exponential(0, 0.0, (0.5, 10.0), &[], &[]);
    let want = "{{count:25 z_bucket:11 z_bucket_w:0.5 buckets:[3 5] n_buckets:[2 4]}}";
    check(&narrow, '+', &wide, want);
    check(&wide, '+', &narrow, want);
    // 0.7 is within (0.5, 1]: the zero bucket grows to 1, on both sides.
    let wide = exponential(0, 0.0, (0.7, 10.0), &[], &[]);
    let want = "{{count:25 z_bucket:16 z_bucket_w:1 offset:1 buckets:[5] n_offset:1 n_buckets:[4]}}";
    check(&narrow, '+', &wide, want);
    check(&wide, '+', &narrow, want);
    // A filled bucket of the other histogram widens it again.
    let other = exponential(-1, 0.0, (0.7, 10.0), &[], &[0.0, 1.0]);
    let both = exponential(-1, 0.0, (0.001, 1.0), &[0.0, 2.0], &[]);
    check(
        &both,
        '+',
        &other,
        "{{schema:-1 count:14 z_bucket:11 z_bucket_w:0.7 offset:1 buckets:[1] n_offset:1 n_buckets:[2]}}",
    );
}

#[test]
fn custom_bounds_meet_in_those_that_both_have() {
    let a = custom(1.0, &[2.0, 4.0, 6.0], &[1.0, 2.0, 5.0, 7.0]);
    let b = custom(2.0, &[2.0, 3.0, 4.0, 6.0], &[1.0, 0.0, 1.0, 5.0, 8.0]);
    let combined = check(&a, '+', &b, "{{schema:-53 count:30 sum:3 custom_values:[2 4 6] buckets:[2 3 10 15]}}");
    assert!(combined.bounds_reconciled);
    let combined = check(&b, '-', &a, "{{schema:-53 sum:1 custom_values:[2 4 6] offset:1 buckets:[-1 0 1]}}");
    assert!(combined.bounds_reconciled);
    assert!(
        !check(&a, '+', &a, "{{schema:-53 count:30 sum:2 custom_values:[2 4 6] buckets:[2 4 10 14]}}")
            .bounds_reconciled
    );
    let none = custom(0.0, &[5.0], &[1.0, 1.0]);
    check(&a, '+', &none, "{{schema:-53 count:17 sum:1 custom_values:[] buckets:[17]}}");
}

#[test]
fn custom_and_standard_schemas_do_not_mix() {
    let a = custom(1.0, &[2.0], &[1.0, 2.0]);
    let mut b = exponential(0, 1.0, (0.0, 0.0), &[], &[1.0]);
    let before = b.clone();
    let error = b.add(&a).expect_err("they differ");
    assert_eq!(
        error.to_string(),
        "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas"
    );
    assert_eq!(b, before);
}

#[test]
fn hints_spread_and_collide() {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    for (a, b, want, collision) in [
        (Unknown, Unknown, Unknown, false),
        (Gauge, Reset, Gauge, false),
        (NotReset, Gauge, Gauge, false),
        (Unknown, Reset, Unknown, false),
        (NotReset, Unknown, Unknown, false),
        (NotReset, NotReset, NotReset, false),
        (NotReset, Reset, Unknown, true),
        (Reset, NotReset, Unknown, true),
    ] {
        let mut sum = Histogram { counter_reset_hint: a, ..Histogram::default() };
        let combined = sum.add(&Histogram { counter_reset_hint: b, ..Histogram::default() }).expect("they fit");
        assert_eq!((sum.counter_reset_hint, combined.counter_reset_collision), (want, collision), "{a:?} {b:?}");
    }
}

#[test]
fn layouts_that_make_no_sense_do_no_harm() {
    let odd = Histogram {
        zero_threshold: f64::NAN,
        positive: buckets(i32::MAX - 2, &[1.0, 2.0]),
        negative: buckets(i32::MIN, &[1.0]),
        ..Histogram::default()
    };
    for mut h in [odd.clone(), exponential(8, 1.0, (1e300, 1.0), &[1.0], &[1.0]), Histogram::stale()] {
        h.add(&odd).expect("both are exponential");
        let _ = (h.to_string(), h.test_expression(), h.detect_reset(&odd), h.quantile(0.5), h.fraction(0.0, 1.0));
        let _ = (h.trim_upper(1.0), h.copy_to_schema(-4), h.stdvar());
    }
}

/// Histograms with any of the schemas and of the thresholds.
fn any_histogram(schema: std::ops::RangeInclusive<i8>, thresholds: &'static [f64]) -> impl Strategy<Value = Histogram> {
    let side = || prop::collection::btree_map(-20..20i32, 0..100u32, 0..8);
    (schema, side(), side(), 0..50u32, prop::sample::select(thresholds)).prop_map(
        |(schema, positive, negative, zero, zero_threshold)| {
            let list = |side: std::collections::BTreeMap<i32, u32>| {
                side.into_iter().map(|(idx, n)| Bucket { idx, count: f64::from(n) }).collect::<Vec<_>>()
            };
            let outside = |b: &Bucket| upper_bound(b.idx, schema, &[]) > zero_threshold;
            let (mut positive, mut negative) = (list(positive), list(negative));
            positive.retain(outside);
            negative.retain(outside);
            let all = positive.iter().chain(&negative).map(|b| b.count).fold(0.0, |a, b| a + b);
            Histogram {
                schema,
                zero_threshold,
                zero_count: f64::from(zero),
                count: all + f64::from(zero),
                sum: all,
                positive,
                negative,
                ..Histogram::default()
            }
        },
    )
}

/// Any will do if the schemas are equal.
const THRESHOLDS: &[f64] = &[0.0, 0.001, 0.3, 0.5, 2.0];
/// Those that are bounds in all schemas used here.
const COMMON: &[f64] = &[0.0, 0.0625, 1.0];

fn held(h: &Histogram) -> f64 {
    h.zero_count + h.positive.iter().chain(&h.negative).map(|b| b.count).sum::<f64>()
}

/// Two histograms that an exact result is known for: a zero bucket that ends within a bucket of the coarser schema is
/// no part of Prometheus' sums either, it counts what lies there twice.
fn any_pair() -> impl Strategy<Value = (Histogram, Histogram)> {
    prop_oneof![
        (any_histogram(1..=1, THRESHOLDS), any_histogram(1..=1, THRESHOLDS)),
        (any_histogram(-2..=3, COMMON), any_histogram(-2..=3, COMMON)),
    ]
}

proptest! {
    #[test]
    fn addition_keeps_every_observation_and_does_not_depend_on_the_order((a, b) in any_pair()) {
        let (mut ab, mut ba) = (a.clone(), b.clone());
        prop_assert!(ab.add(&b).is_ok() && ba.add(&a).is_ok());
        prop_assert_eq!(held(&ab), held(&a) + held(&b));
        prop_assert_eq!(ab.count, held(&ab));
        prop_assert!(ab.positive.is_sorted_by(|x, y| x.idx < y.idx));
        ab.compact();
        ba.compact();
        prop_assert!(ab.equals(&ba), "{} {}", ab, ba);
    }

    #[test]
    fn subtraction_takes_back_what_was_added((a, b) in any_pair()) {
        let mut sum = a.clone();
        prop_assert!(sum.add(&b).is_ok() && sum.sub(&b).is_ok());
        prop_assert_eq!(held(&sum), held(&a));
        if a.zero_threshold == sum.zero_threshold {
            prop_assert!(sum.equals(&a.copy_to_schema(sum.schema)), "{} {}", sum, a);
        }
    }

    #[test]
    fn a_coarser_schema_keeps_the_count_and_can_be_reached_in_steps(
        a in any_histogram(3..=3, THRESHOLDS), schema in -4i8..3
    ) {
        let direct = a.copy_to_schema(schema);
        prop_assert_eq!(held(&direct), held(&a));
        let mut steps = a;
        for s in (schema..3).rev() {
            steps = steps.copy_to_schema(s);
        }
        prop_assert!(steps.equals(&direct));
    }

    #[test]
    fn nothing_is_reset_by_adding((a, b) in any_pair()) {
        let mut sum = a.clone();
        prop_assert!(sum.add(&b).is_ok());
        prop_assert!(!sum.detect_reset(&a), "{} after {}", sum, a);
    }

    #[test]
    fn compensation_changes_nothing_where_sums_are_exact((a, b) in any_pair()) {
        let mut sum = a.clone();
        let mut kahan = crate::histogram::KahanHistogram::new(a);
        prop_assert_eq!(sum.add(&b), kahan.add(&b));
        sum.compact();
        prop_assert_eq!(sum, kahan.value());
    }
}
