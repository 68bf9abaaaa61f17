//! Maps of histograms written out, and random ones against their totals and a look at every bucket.

use super::*;
use crate::is_gap;
use expect_test::{Expect, expect};
use model::Bucket;
use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use proptest::prelude::*;

fn buckets(first: i32, counts: &[f64]) -> Vec<Bucket> {
    (first..).zip(counts).map(|(idx, &count)| Bucket { idx, count }).collect()
}

fn native(schema: i8, zero: (f64, f64), negative: Vec<Bucket>, positive: Vec<Bucket>) -> Histogram {
    let (zero_threshold, zero_count) = zero;
    Histogram { schema, zero_threshold, zero_count, negative, positive, ..Histogram::default() }
}

fn with_bounds(bounds: &[f64], counts: &[f64]) -> Histogram {
    let (positive, custom_values) = (buckets(0, counts), bounds.into());
    Histogram { schema: CUSTOM_BUCKETS_SCHEMA, positive, custom_values, ..Histogram::default() }
}

/// A row a line, the highest first, as a map is looked at.
fn check(map: Option<HeatMap>, want: &Expect) {
    let Some(map) = map else {
        want.assert_eq("none");
        return;
    };
    let n_steps = map.cells.len() / map.n_rows();
    let line = |row: usize| {
        let cells = (0..n_steps).map(|step_idx| map.column(step_idx)[row]);
        let cells: Vec<String> = cells.map(|v| if is_gap(v) { "-".to_owned() } else { v.to_string() }).collect();
        format!("{:?}..{:?}: {}\n", map.edges[row], map.edges[row + 1], cells.join(" "))
    };
    want.assert_eq(&(0..map.n_rows()).rev().map(line).collect::<String>());
}

#[test]
fn exponential_histograms_of_all_schemas_are_added() {
    let fine = native(1, (0.0, 0.0), vec![], buckets(1, &[1.0, 2.0, 4.0]));
    let coarse = native(0, (0.0, 0.0), vec![], buckets(0, &[8.0, 0.0, 16.0]));
    check(
        exponential(0, 3, &[(0, &fine), (2, &fine), (2, &coarse)]),
        &expect![[r#"
            2.0..4.0: 4 - 20
            1.0..2.0: 3 - 3
            0.5..1.0: 0 - 8
        "#]],
    );
}

#[test]
fn zero_stands_between_negative_and_positive_buckets() {
    let h = native(0, (0.25, 3.0), buckets(0, &[1.0, 2.0]), buckets(1, &[4.0]));
    check(
        exponential(0, 1, &[(0, &h)]),
        &expect![[r#"
            1.0..2.0: 4
            -0.5..1.0: 3
            -1.0..-0.5: 1
            -2.0..-1.0: 2
        "#]],
    );
    let both = native(0, (0.0, 0.0), buckets(0, &[1.0]), buckets(0, &[2.0]));
    check(
        exponential(0, 1, &[(0, &both)]),
        &expect![[r#"
            0.5..1.0: 2
            -0.5..0.5: 0
            -1.0..-0.5: 1
        "#]],
    );
}

#[test]
fn what_reaches_into_the_widest_zero_bucket_is_in_it() {
    let narrow = native(0, (0.0, 1.0), vec![], buckets(-3, &[2.0, 4.0, 8.0, 16.0]));
    let wide = native(0, (0.3, 32.0), vec![], buckets(0, &[64.0]));
    check(
        exponential(0, 2, &[(0, &narrow), (1, &wide)]),
        &expect![[r#"
            0.5..1.0: 16 64
            -0.3..0.5: 15 32
        "#]],
    );
}

#[test]
fn histograms_without_observations_are_no_gap() {
    let empty = native(3, (0.5, 0.0), vec![], buckets(7, &[0.0]));
    check(
        exponential(0, 2, &[(1, &empty)]),
        &expect![[r#"
            -0.5..0.5: - 0
        "#]],
    );
    check(exponential(0, 2, &[]), &expect!["none"]);
    check(custom(0, 2, &[(0, &empty)]), &expect!["none"]);
}

#[test]
fn bounds_that_not_all_have_are_left_out() {
    let (a, b) = (with_bounds(&[1.0, 2.0, 5.0], &[1.0, 2.0, 4.0, 8.0]), with_bounds(&[2.0, 3.0], &[16.0, 32.0, 64.0]));
    check(
        custom(0, 2, &[(0, &a), (0, &b), (1, &a)]),
        &expect![[r#"
            2.0..inf: 108 12
            -inf..2.0: 19 3
        "#]],
    );
}

fn classic_of(n_steps: usize, histograms: &[&[(f64, &[f64])]]) -> Option<HeatMap> {
    let histograms = histograms
        .iter()
        .map(|buckets| buckets.iter().map(|&(le, values)| ClassicBucket { le, values }).collect())
        .collect();
    classic(0, n_steps, histograms)
}

#[test]
fn classic_buckets_are_subtracted_and_added_over_histograms() {
    let inf = f64::INFINITY;
    check(
        classic_of(
            3,
            &[
                &[(inf, &[10.0, gap(), 10.0]), (1.0, &[1.0, gap(), 1.0]), (5.0, &[7.0, gap(), 7.0])],
                &[(1.0, &[gap(), gap(), 2.0]), (inf, &[gap(), gap(), 4.0])],
            ],
        ),
        &expect![[r#"
            5.0..inf: 3 - 5
            1.0..5.0: 6 - 6
            -inf..1.0: 1 - 3
        "#]],
    );
}

#[test]
fn classic_buckets_that_count_less_than_one_below_are_repaired() {
    let inf = f64::INFINITY;
    check(
        classic_of(1, &[&[(1.0, &[5.0]), (2.0, &[3.0]), (3.0, &[5.0 + 1e-13]), (4.0, &[f64::NAN]), (inf, &[9.0])]]),
        &expect![[r#"
            4.0..inf: 4
            3.0..4.0: 0
            2.0..3.0: 0
            1.0..2.0: 0
            -inf..1.0: 5
        "#]],
    );
    check(
        classic_of(1, &[&[(1.0, &[-5.0]), (2.0, &[-3.0])]]),
        &expect![[r#"
            1.0..2.0: 0
            -inf..1.0: 0
        "#]],
    );
}

#[test]
fn bounds_of_equal_value_are_one_and_bounds_of_no_room_are_left_out() {
    check(
        classic_of(1, &[&[(f64::NEG_INFINITY, &[1.0]), (1.0, &[2.0]), (1.0, &[3.0])]]),
        &expect![[r#"
            -inf..1.0: 5
        "#]],
    );
    check(classic_of(1, &[&[(f64::NEG_INFINITY, &[1.0])]]), &expect!["none"]);
    check(classic_of(1, &[]), &expect!["none"]);
}

#[test]
fn thousands_of_bounds_become_as_many_rows_as_a_screen_has() {
    let counts: Vec<f64> = (0..5_000).map(f64::from).collect();
    let buckets = counts.iter().map(|le| ClassicBucket { le: *le, values: std::slice::from_ref(le) }).collect();
    let map = classic(0, 1, vec![buckets]).expect("a map");
    assert!((100..=MAX_ROWS).contains(&map.n_rows()), "{} rows", map.n_rows());
    assert_eq!((map.column(0).iter().sum::<f64>(), map.edges.last()), (4_999.0, Some(&4_999.0)));
    let bounds: Vec<f64> = (0..5_000).map(f64::from).collect();
    let h = with_bounds(&bounds, &vec![1.0; 5_001]);
    let map = custom(0, 1, &[(0, &h)]).expect("a map");
    assert!((100..=MAX_ROWS).contains(&map.n_rows()), "{} rows", map.n_rows());
    assert_eq!(map.column(0).iter().sum::<f64>(), 5_001.0);
}

#[test]
fn buckets_at_both_ends_of_all_numbers_have_a_row() {
    let ends = vec![Bucket { idx: i32::MIN, count: 1.0 }, Bucket { idx: i32::MAX, count: 2.0 }];
    for schema in -4..=8 {
        let h = native(schema, (0.0, 4.0), ends.clone(), ends.clone());
        let map = exponential(0, 1, &[(0, &h)]).expect("a map");
        assert_eq!(map.column(0).iter().sum::<f64>(), 10.0, "schema {schema}");
        assert_eq!((map.edges.first(), map.edges.last()), (Some(&f64::NEG_INFINITY), Some(&f64::INFINITY)));
        assert!(map.n_rows() < 300, "{} rows", map.n_rows());
    }
}

/// Whole numbers, so that sums in any order are the same.
fn counts() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((0_u32..20).prop_map(f64::from), 0..40)
}

fn histogram() -> impl Strategy<Value = Histogram> {
    let zero = (prop::sample::select(vec![0.0, 1e-3, 0.25, 0.7, 3.0]), (0_u32..9).prop_map(f64::from));
    let exponential = (-4_i8..=8, zero, (-60..60_i32, counts()), (-60..60_i32, counts())).prop_map(
        |(schema, zero, negative, positive)| {
            native(schema, zero, buckets(negative.0, &negative.1), buckets(positive.0, &positive.1))
        },
    );
    let bounds = prop::collection::btree_set(-9_i32..9, 0..9);
    let custom = (bounds, counts()).prop_map(|(bounds, counts)| {
        let bounds: Vec<f64> = bounds.into_iter().map(f64::from).collect();
        let n = counts.len().min(bounds.len() + 1);
        with_bounds(&bounds, &counts[..n])
    });
    prop_oneof![exponential, custom]
}

fn total(h: &Histogram) -> f64 {
    h.zero_count + h.negative.iter().chain(&h.positive).map(|bucket| bucket.count).sum::<f64>()
}

proptest! {
    #[test]
    fn each_bucket_is_counted_once_in_the_row_it_lies_in(all in prop::collection::vec((0..4_usize, histogram()), 0..6)) {
        let refs: Vec<(usize, &Histogram)> = all.iter().map(|(step_idx, h)| (*step_idx, h)).collect();
        for is_custom in [false, true] {
            let map = if is_custom { custom(3, 4, &refs) } else { exponential(3, 4, &refs) };
            let own = || refs.iter().filter(|(_, h)| h.uses_custom_buckets() == is_custom);
            prop_assert_eq!(map.is_some(), own().next().is_some());
            let Some(map) = map else { continue };
            prop_assert!(map.edges.is_sorted_by(|a, b| a < b), "{:?}", map.edges);
            prop_assert!(map.n_rows() <= MAX_ROWS);
            for step_idx in 0..4 {
                let column = map.column(step_idx);
                prop_assert_eq!(column.len(), map.n_rows());
                let here: Vec<_> = own().filter(|(at, _)| *at == step_idx).collect();
                if here.is_empty() {
                    prop_assert!(column.iter().all(|v| is_gap(*v)));
                    continue;
                }
                // Whole numbers of observations: no order of adding them makes a difference.
                prop_assert_eq!(column.iter().sum::<f64>(), here.iter().map(|(_, h)| total(h)).sum::<f64>());
                let mut naive = vec![0.0; map.n_rows()];
                let zero = own().map(|(_, h)| h.zero_threshold).fold(0.0, f64::max);
                for bucket in here.iter().flat_map(|(_, h)| h.buckets()).filter(|bucket| bucket.count > 0.0) {
                    let middle = if bucket.lower >= f64::MAX {
                        f64::INFINITY
                    } else if bucket.upper <= f64::MIN {
                        f64::NEG_INFINITY
                    } else {
                        bucket.lower.max(f64::MIN) / 2.0 + bucket.upper.min(f64::MAX) / 2.0
                    };
                    let middle = if middle.abs() <= zero { 0.0 } else { middle };
                    let row = map.edges.iter().filter(|edge| **edge < middle).count().saturating_sub(1);
                    naive[row.min(map.n_rows() - 1)] += bucket.count;
                }
                prop_assert_eq!(column, &naive[..], "{:?}", map.edges);
            }
        }
    }

    #[test]
    fn a_column_of_classic_histograms_counts_what_they_count(
        all in prop::collection::vec(prop::collection::btree_map(-5_i32..5, counts(), 1..5), 1..4),
    ) {
        let n_steps = 6;
        // Cumulative, as exporters write them; a step is missing where a bucket has fewer.
        let mut columns: Vec<Vec<(f64, Vec<f64>)>> = Vec::new();
        for buckets in &all {
            let mut sums = vec![0.0; n_steps];
            let cumulative = buckets.iter().map(|(le, counts)| {
                let values = (0..n_steps).map(|step_idx| match counts.get(step_idx) {
                    Some(count) => {
                        sums[step_idx] += count;
                        sums[step_idx]
                    }
                    None => gap(),
                });
                (f64::from(*le), values.collect())
            });
            columns.push(cumulative.collect());
        }
        let histograms = columns.iter().map(|h| h.iter().map(|(le, values)| ClassicBucket { le: *le, values }).collect());
        let map = classic(0, n_steps, histograms.collect()).expect("there is a bucket");
        for step_idx in 0..n_steps {
            let known: Vec<f64> = columns
                .iter()
                .filter_map(|h| h.iter().map(|(_, values)| values[step_idx]).filter(|v| !is_gap(*v)).reduce(f64::max))
                .collect();
            let column = map.column(step_idx);
            prop_assert_eq!(known.is_empty(), column.iter().all(|v| is_gap(*v)));
            if !known.is_empty() {
                prop_assert_eq!(column.iter().sum::<f64>(), known.iter().sum::<f64>());
            }
        }
    }
}
