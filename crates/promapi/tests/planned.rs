//! What a plan fetches is enough: an expression gives the same over the fetched samples as over the whole store.

use engine::{Options, Value, evaluate};
use model::{Labels, Matrix, Millis, StepGrid, TimeRange, Timestamp};
use promapi::{CompareOptions, FetchLimits, SelectorFetch, compare, fetch_plan};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tsdb::{Head, HeadOptions, SampleBuf};

/// Samples of every 7 seconds over an hour, with a pause in which the series are gone.
fn store() -> Head {
    let mut head = Head::new(HeadOptions::default());
    for (idx, name) in ["a", "b", "target_info"].into_iter().enumerate() {
        for instance in ["x", "y"] {
            let labels =
                Labels::from_pairs([("__name__", name), ("instance", instance), ("job", "j"), ("extra", name)]);
            for n in 0..514i64 {
                if !(200..240).contains(&(n + idx as i64)) {
                    let v = (n * (idx as i64 + 2) % 97) as f64;
                    head.append(&labels, Timestamp(n * 7_000 + idx as i64 * 100), v).unwrap();
                }
            }
        }
    }
    head
}

/// A store of no more than what was planned.
fn fetched(whole: &Head, selectors: &[SelectorFetch]) -> Head {
    let mut found: BTreeMap<Labels, BTreeMap<i64, f64>> = BTreeMap::new();
    for SelectorFetch { matchers, range, .. } in selectors {
        for series in whole.select(matchers, *range).unwrap() {
            let mut buf = SampleBuf::default();
            whole.read(series, *range, &mut buf);
            let samples = found.entry(whole.labels(series).unwrap().clone()).or_default();
            samples.extend(buf.ts.into_iter().zip(buf.vs));
        }
    }
    let mut head = Head::new(HeadOptions::default());
    for (labels, samples) in found {
        for (t, v) in samples {
            head.append(&labels, Timestamp(t), v).unwrap();
        }
    }
    head
}

fn run(head: &Head, text: &str, grid: StepGrid) -> Matrix {
    let whole = TimeRange { start: grid.start, end: grid.end() };
    let expr = promql::parse(text).expr;
    let output = evaluate(head, &expr, grid, whole, true, &Options::default());
    match output.unwrap_or_else(|error| panic!("{text}: {error:?}")).value {
        Value::Matrix(matrix) => matrix,
        other => panic!("{other:?} of {text}"),
    }
}

/// A selector with or without modifiers, of one sample or a range.
fn selector() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("a"), Just("b{instance=\"x\"}"), Just("{__name__=~\"a|b\"}")];
    let offset = prop_oneof![3 => Just(""), 1 => Just(" offset 3m"), 1 => Just(" offset -90s")];
    let at = prop_oneof![4 => Just(""), 1 => Just(" @ 1500"), 1 => Just(" @ start()"), 1 => Just(" @ end()")];
    let range =
        prop_oneof![Just(None), Just(Some("40s")), Just(Some("6m")), Just(Some("step() * 2")), Just(Some("range()"))];
    (name, offset, at, range).prop_map(|(name, offset, at, range)| match range {
        None => format!("{name}{at}{offset}"),
        Some(range) => format!("last_over_time({name}[{range}]{at}{offset})"),
    })
}

fn expression() -> impl Strategy<Value = String> {
    let subquery = (
        selector(),
        prop_oneof![Just("5m:30s"), Just("3m:"), Just("10m:1m")],
        prop_oneof![Just(""), Just(" offset 2m"), Just(" @ end()")],
    )
        .prop_map(|(inner, range, modifier)| format!("sum_over_time(({inner})[{range}]{modifier})"));
    let leaf = prop_oneof![
        3 => selector(),
        2 => subquery,
        1 => Just("rate(a[1m] anchored)".to_owned()),
        1 => Just("rate(b[2m] smoothed) or a smoothed".to_owned()),
        1 => Just("info(a, {extra=~\".+\"})".to_owned()),
        1 => Just("max_over_time(rate(b[1m])[4m:15s] offset 1m)".to_owned()),
        1 => Just("timestamp(a) + absent_over_time(b[2m])".to_owned()),
    ];
    proptest::collection::vec(leaf, 1..4).prop_map(|parts| {
        let parts: Vec<String> = parts.iter().map(|part| format!("sum by (instance) ({part})")).collect();
        parts.join(" + ")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_is_planned_is_enough(text in expression(), start in 600_000..3_000_000i64, step in 5_000..90_000i64, len in 2..30usize) {
        let grid = StepGrid { start: Timestamp(start), step: Millis(step), len };
        let whole = store();
        let plan = fetch_plan(&promql::parse(&text).expr, grid, Millis(300_000), &FetchLimits::default()).unwrap();
        let part = fetched(&whole, &plan.selectors);
        let comparison = compare(&run(&part, &text, grid), &run(&whole, &text, grid), &CompareOptions { tolerance: 0.0, max_listed: 3 });
        prop_assert_eq!(comparison.n_differences(), 0, "{}: {:?}", text, comparison);
    }
}
