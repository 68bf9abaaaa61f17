//! Two bodies, and what changed from the one to the other; generated ones against a twin that looks for each line anew.

use super::{About, Change, Counts, Diff, DiffLimits, Part, Snapshot, diff};
use expect_test::{Expect, expect};
use exposition::Format;
use proptest::prelude::*;
use std::fmt::Write as _;

const LIMITS: DiffLimits = DiffLimits { max_families: 100, max_series: 1_000, max_parts: 100 };

fn read(body: &str) -> Snapshot {
    Snapshot::read(body.as_bytes(), Format::guess(body.as_bytes())).expect(body)
}

fn show(diff: &Diff) -> String {
    let mut out = String::new();
    let Counts { n_new, n_gone, n_moved, n_reset, n_same } = diff.counts;
    let _ = writeln!(out, "{n_new} new, {n_gone} gone, {n_moved} moved, {n_reset} reset, {n_same} same");
    let number = |v: Option<f64>| v.map_or("-".to_owned(), model::number::format);
    for family in &diff.families {
        let _ = writeln!(out, "{} {} {:?}", family.name, family.kind.as_str(), family.presence);
        for said in &family.said {
            let _ = writeln!(out, "  {:?}: {:?} -> {:?}", said.about, said.from, said.to);
        }
        for series in &family.series {
            let counter = if series.is_counter { " counter" } else { "" };
            let _ = writeln!(out, "  {} {:?}{counter}", series.labels, series.change);
            for part in &series.parts {
                let _ = writeln!(out, "    {:?} {} -> {}", part.part, number(part.from), number(part.to));
            }
            if series.n_more_parts > 0 {
                let _ = writeln!(out, "    and {} more", series.n_more_parts);
            }
        }
    }
    out
}

fn check(a: &str, b: &str, expected: &Expect) {
    expected.assert_eq(&show(&diff(&read(a), &read(b), LIMITS)));
}

#[test]
fn counters_grow_or_are_reset_and_gauges_move_by_how_much() {
    check(
        "# TYPE r_total counter\nr_total{c=\"a\"} 10\nr_total{c=\"b\"} 10\nr_total{c=\"c\"} 7\n# TYPE t gauge\nt 20\nn NaN\n",
        "# TYPE r_total counter\nr_total{c=\"a\"} 15\nr_total{c=\"b\"} 2\nr_total{c=\"c\"} 7\n# TYPE t gauge\nt 19.5\nn NaN\n",
        &expect![[r#"
            0 new, 0 gone, 2 moved, 1 reset, 2 same
            r_total counter Both
              r_total{c="b"} Reset counter
                Value 10 -> 2
              r_total{c="a"} Moved counter
                Value 10 -> 15
            t gauge Both
              t Moved
                Value 20 -> 19.5
        "#]],
    );
}

#[test]
fn what_is_new_or_gone_is_told_with_its_value_and_what_is_said_otherwise() {
    check(
        "# HELP a Old words.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE old gauge\nold 3\n",
        "# HELP a New words.\n# TYPE a counter\na{x=\"2\"} 2\na{x=\"3\"} 4\n# TYPE young gauge\nyoung 1\n",
        &expect![[r#"
            2 new, 2 gone, 0 moved, 0 reset, 1 same
            a counter Both
              Kind: "gauge" -> "counter"
              Help: "Old words." -> "New words."
              a{x="1"} Gone counter
                Value 1 -> -
              a{x="3"} New counter
                Value - -> 4
            old gauge Gone
              old Gone
                Value 3 -> -
            young gauge New
              young New
                Value - -> 1
        "#]],
    );
}

#[test]
fn a_histogram_is_one_row_with_its_own_observations_a_bucket() {
    let body = |buckets: [u32; 3], sum: f64| {
        let [a, b, c] = buckets;
        format!(
            "# TYPE h histogram\nh_bucket{{p=\"/\",le=\"0.1\"}} {a}\nh_bucket{{p=\"/\",le=\"2\"}} {b}\n\
             h_bucket{{p=\"/\",le=\"+Inf\"}} {c}\nh_sum{{p=\"/\"}} {sum}\nh_count{{p=\"/\"}} {c}\n"
        )
    };
    check(
        &body([5, 6, 6], 1.5),
        &body([5, 9, 10], 4.0),
        &expect![[r#"
            0 new, 0 gone, 1 moved, 0 reset, 0 same
            h histogram Both
              h{p="/"} Moved counter
                Count 6 -> 10
                Sum 1.5 -> 4
                Bucket("2") 1 -> 4
                Bucket("+Inf") 0 -> 1
        "#]],
    );
    check(
        &body([5, 6, 6], 1.5),
        &body([1, 1, 1], 0.1),
        &expect![[r#"
            0 new, 0 gone, 0 moved, 1 reset, 0 same
            h histogram Both
              h{p="/"} Reset counter
                Count 6 -> 1
                Sum 1.5 -> 0.1
                Bucket("0.1") 5 -> 1
                Bucket("2") 1 -> 0
        "#]],
    );
}

#[test]
fn summaries_and_openmetrics_counters_keep_their_parts_together() {
    check(
        "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} 2\ns_sum 10\ns_count 4\n# TYPE c counter\nc_total 1\nc_created 5\n# EOF\n",
        "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} 3\ns_sum 15\ns_count 6\n# TYPE c counter\nc_total 1\nc_created 9\n# EOF\n",
        &expect![[r#"
            0 new, 0 gone, 2 moved, 0 reset, 1 same
            c counter Both
              c_created Moved
                Value 5 -> 9
            s summary Both
              s Moved counter
                Count 4 -> 6
                Sum 10 -> 15
                Quantile("0.9") 2 -> 3
        "#]],
    );
}

#[test]
fn what_is_left_out_is_counted() {
    let limits = DiffLimits { max_families: 1, max_series: 2, max_parts: 2 };
    let a = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\nx 1\n";
    let b = "# TYPE h histogram\nh_bucket{le=\"1\"} 9\nh_bucket{le=\"+Inf\"} 9\nh_sum 9\nh_count 9\nx 2\n";
    let found = diff(&read(a), &read(b), limits);
    assert_eq!((found.families.len(), found.n_families, found.counts.n_moved), (1, 2, 2));
    let series = &found.families[0].series[0];
    assert_eq!((series.parts.len(), series.n_more_parts), (2, 1));
    let many = |v: u32| (0..5).map(|n| format!("x{{n=\"{n}\"}} {v}\n")).collect::<String>();
    let found = diff(&read(&many(1)), &read(&many(2)), limits);
    assert_eq!((found.families[0].series.len(), found.families[0].counts.n_moved), (2, 5));
}

#[test]
fn a_body_compared_with_itself_is_the_same() {
    let body = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum NaN\nh_count 1\n# TYPE e gauge\nx 1\n";
    let found = diff(&read(body), &read(body), LIMITS);
    assert_eq!((found.families.len(), found.n_families_same, found.counts.n_same), (0, 3, 2));
}

/// A line of a generated body: metric, label, value.
type Line = (u8, u8, i8);

fn lines() -> impl Strategy<Value = Vec<Line>> {
    proptest::collection::vec((0u8..4, 0u8..5, -2i8..4), 0..24)
}

/// Even metrics are counters.
fn body(lines: &[Line]) -> String {
    let mut out = String::from("# TYPE m0_total counter\n# TYPE m2_total counter\n# TYPE m1_total gauge\n");
    for (metric, label, v) in lines {
        let _ = writeln!(out, "m{metric}_total{{l=\"{label}\"}} {v}");
    }
    out
}

/// The value of the first line of a series.
fn first(lines: &[Line], metric: u8, label: u8) -> Option<i8> {
    lines.iter().find(|line| (line.0, line.1) == (metric, label)).map(|line| line.2)
}

proptest! {
    #[test]
    fn each_series_changed_as_a_look_at_both_lists_says(a in lines(), b in lines()) {
        let found = diff(&read(&body(&a)), &read(&body(&b)), LIMITS);
        let mut want = Counts::default();
        for metric in 0..4 {
            for label in 0..5 {
                let pair = (first(&a, metric, label), first(&b, metric, label));
                let change = match pair {
                    (None, None) => continue,
                    (None, Some(_)) => { want.n_new += 1; Some(Change::New) }
                    (Some(_), None) => { want.n_gone += 1; Some(Change::Gone) }
                    (Some(x), Some(y)) if x == y => { want.n_same += 1; None }
                    // A metric without a type is a counter by its name.
                    (Some(x), Some(y)) if y < x && metric != 1 => { want.n_reset += 1; Some(Change::Reset) }
                    _ => { want.n_moved += 1; Some(Change::Moved) }
                };
                let family = found.families.iter().find(|family| family.name == format!("m{metric}_total"));
                let labels = format!("m{metric}_total{{l=\"{label}\"}}");
                let series = family.and_then(|family| family.series.iter().find(|one| one.labels.to_string() == labels));
                prop_assert_eq!(series.map(|one| one.change), change, "{}", labels);
                if let Some(series) = series {
                    let value = &series.parts[0];
                    prop_assert_eq!(&value.part, &Part::Value);
                    prop_assert_eq!((value.from, value.to), (pair.0.map(f64::from), pair.1.map(f64::from)));
                }
            }
        }
        prop_assert_eq!(found.counts, want);
        let weights: Vec<f64> = found.families.iter().map(|family| family.weight).collect();
        prop_assert!(weights.is_sorted_by(|a, b| a >= b), "{:?}", weights);
        let about = found.families.iter().flat_map(|family| &family.said).map(|said| said.about).collect::<Vec<_>>();
        prop_assert!(!about.contains(&About::Unit));
    }

    #[test]
    fn no_body_makes_it_panic(a in "[ -~\n]{0,200}", b in "(# TYPE h (histogram|summary)\n)?(h(_bucket|_count|_sum)?(\\{le=\"[0-9a-z+.]{0,4}\"\\})? [0-9]{1,3}\n){0,6}") {
        let snapshots = [a.as_bytes(), b.as_bytes()].map(|body| Snapshot::read(body, Format::PrometheusText).unwrap_or_default());
        let forward = diff(&snapshots[0], &snapshots[1], LIMITS);
        let backward = diff(&snapshots[1], &snapshots[0], LIMITS);
        prop_assert_eq!((forward.counts.n_new, forward.counts.n_gone), (backward.counts.n_gone, backward.counts.n_new));
    }
}
