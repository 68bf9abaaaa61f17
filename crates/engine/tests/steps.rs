//! A range query gives at each step the bits that an instant query gives there: windows that slide, plans that are kept
//! and columns that are combined at once change nothing.

use engine::{Options, Point, Value as Answer, evaluate};
use model::{Labels, Millis, STALE_NAN, StepGrid, TimeRange, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tsdb::{Head, HeadOptions};

const QUERIES: [&str; 20] = [
    "rate(a[1m])",
    "increase(a[25s] offset 10s)",
    "delta(a[2m])",
    "max_over_time(a[1m])",
    "min_over_time(a[45s])",
    "max_over_time(rate(a[40s])[2m:7s])",
    "sum by (t) (a)",
    "avg by (t) (a)",
    "sum(rate(a[1m]))",
    "count without (n) (a)",
    "min by (t) (a)",
    "max by (t) (a)",
    "group by (n) (a)",
    "stddev by (t) (a)",
    "quantile by (t) (0.7, a)",
    "topk(2, a)",
    "topk by (t) (1, rate(a[1m]))",
    "bottomk(3, a)",
    "rate(a[1m]) / on (t) group_left sum by (t) (a)",
    "a",
];

/// A series: which target scrapes it, and what each scrape found.
type Found = (u8, Vec<Option<f64>>);

fn head_of(all: &[Found]) -> Head {
    let mut head = Head::new(HeadOptions::default());
    for (idx, (target, found)) in all.iter().enumerate() {
        let labels = [("__name__", "a".to_owned()), ("t", target.to_string()), ("n", idx.to_string())];
        let labels = Labels::from_pairs(labels);
        for (scrape, v) in found.iter().enumerate() {
            let t = scrape as i64 * 15_000 + i64::from(*target) * 1_700 + (scrape as i64 * 7_919 % 3);
            if let Some(v) = v {
                head.append(&labels, Timestamp(t), *v).expect("in order");
            }
        }
    }
    head
}

/// Values by labels, as bits; the steps are instants of a grid, or a grid.
fn ask(head: &Head, query: &str, grid: StepGrid, whole: TimeRange, as_range: bool) -> BTreeMap<String, Vec<u64>> {
    let expr = promql::parse_strict(query, &tsdb::validate_regex).expect(query);
    let value = evaluate(head, &expr, grid, whole, as_range, &Options::default()).expect(query).value;
    let bits = |v: f64| if v.is_nan() && v.to_bits() != STALE_NAN.to_bits() { 0 } else { v.to_bits() };
    match value {
        Answer::Matrix(matrix) => matrix
            .series
            .into_iter()
            .map(|series| (series.labels.to_string(), series.values.into_iter().map(bits).collect()))
            .collect(),
        Answer::Vector(rows) => rows
            .into_iter()
            .filter_map(|(labels, point)| match point {
                Point::Float(v) => Some((labels.to_string(), vec![bits(v)])),
                Point::Histogram(_) => None,
            })
            .collect(),
        other => panic!("{query} gave {other:?}"),
    }
}

fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(STALE_NAN)),
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 1e-310]).prop_map(Some),
        4 => (-3_i32..4).prop_map(|v| Some(f64::from(v))),
        6 => (0.0..1e4).prop_map(Some),
    ]
}

/// Mostly a counter, with a reset now and then.
fn series() -> impl Strategy<Value = Found> {
    let anything = prop::collection::vec(value(), 0..60);
    let counter = prop::collection::vec((0_u32..40, 0_u32..50), 0..60).prop_map(|steps| {
        let mut v = 0.0;
        let count = |(reset, by): (u32, u32)| {
            v = if reset == 0 { 0.0 } else { v + f64::from(by) * 0.1 };
            Some(v)
        };
        steps.into_iter().map(count).collect()
    });
    (0_u8..3, prop_oneof![anything, counter])
}

proptest! {
    #[test]
    fn a_range_is_its_instants(all in prop::collection::vec(series(), 0..7), start in -2..6_i64, step in 1_000..70_000_i64) {
        let head = head_of(&all);
        let grid = StepGrid { start: Timestamp(start * 33_333), step: Millis(step), len: 14 };
        let whole = TimeRange { start: grid.start, end: grid.end() };
        for query in QUERIES {
            let range = ask(&head, query, grid, whole, true);
            let mut instants: BTreeMap<String, Vec<u64>> = BTreeMap::new();
            for step_idx in 0..grid.len {
                let one = StepGrid { start: grid.time(step_idx), step: Millis(1), len: 1 };
                for (labels, bits) in ask(&head, query, one, whole, false) {
                    instants.entry(labels).or_insert_with(|| vec![STALE_NAN.to_bits(); grid.len])[step_idx] = bits[0];
                }
            }
            prop_assert_eq!(range, instants, "{}", query);
        }
    }
}

proptest! {
    #[test]
    fn a_matrix_that_lost_steps_and_got_them_again_is_the_same(all in prop::collection::vec(series(), 0..7), from in 0..8_usize, to in 8..15_usize) {
        let head = head_of(&all);
        let grid = StepGrid { start: Timestamp(0), step: Millis(40_000), len: 14 };
        let whole = TimeRange { start: grid.start, end: grid.end() };
        let expr = promql::parse_strict("rate(a[1m])", &tsdb::validate_regex).expect("sound");
        let matrix = |grid| match evaluate(&head, &expr, grid, whole, true, &Options::default()).expect("sound").value {
            Answer::Matrix(matrix) => matrix,
            other => panic!("{other:?}"),
        };
        let part = |from, to| StepGrid { start: grid.time(from), step: grid.step, len: to - from };
        let bits = |matrix: &engine::Matrix| -> Vec<(String, Vec<u64>)> {
            let of = |s: &engine::MatrixSeries| (s.labels.to_string(), s.values.iter().map(|v| v.to_bits()).collect());
            matrix.series.iter().map(of).collect()
        };
        let mut kept = matrix(grid);
        kept.keep_steps(from..to);
        prop_assert_eq!(bits(&kept), bits(&matrix(part(from, to.min(14)))));
        if to < 14 {
            kept.append_steps(matrix(part(to, 14)));
        }
        prop_assert_eq!(kept.grid, part(from, 14));
        prop_assert_eq!(bits(&kept), bits(&matrix(part(from, 14))));
    }
}
