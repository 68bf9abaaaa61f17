//! What is read and written is read again as it was: real bodies, and generated ones; and the lint finds nothing in it.

use crate::suites::cases::corpus;
use expect_test::expect;
use exposition::writer::{self, Column, Losses};
use exposition::{Entry, Format, Parser, Severity, lint};
use model::{Labels, METRIC_NAME, MetricFamily, MetricKind, STALE_NAN, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// All that a body says.
#[derive(Debug, Default)]
struct Body {
    columns: Vec<Column>,
    families: BTreeMap<String, MetricFamily>,
}

fn read(bytes: &[u8], format: Format) -> Body {
    let mut parser = Parser::new(bytes, format);
    let mut body = Body::default();
    let mut by_labels: BTreeMap<Labels, Column> = BTreeMap::new();
    while let Some(entry) = parser.next_entry().expect("metrics") {
        let (Entry::Type { name, .. } | Entry::Help { name, .. } | Entry::Unit { name, .. }) = &entry else {
            let Entry::Series(series) = entry else { continue };
            let labels = parser.labels().expect("labels");
            let column = by_labels.entry(labels.clone()).or_insert_with(|| Column { labels, ..Column::default() });
            column.exemplars.extend(parser.exemplar().map(|exemplar| (column.vs.len(), exemplar)));
            column.ts.extend(series.timestamp.map(|t| t.0));
            column.vs.push(series.value);
            continue;
        };
        let name = name.to_string();
        let family = body.families.entry(name.clone()).or_default();
        family.name = name;
        match entry {
            Entry::Type { kind, .. } => family.kind = kind,
            Entry::Help { text, .. } => family.help = text.into_owned(),
            Entry::Unit { unit, .. } => family.unit = unit.into_owned(),
            Entry::Series(_) => {}
        }
    }
    body.columns = by_labels.into_values().collect();
    body
}

/// What is lost on the way, family by family; panics if a sample is.
fn there_and_back(name: &str, bytes: &[u8], from: Format, to: Format) -> (Vec<String>, Losses) {
    let body = read(bytes, from);
    let (text, losses) = writer::write(body.columns.clone(), &body.families, to);
    let errors: Vec<String> = lint(&text, to)
        .into_iter()
        .filter(|v| to == Format::OpenMetrics && v.rule.severity() == Severity::Error)
        .map(|v| v.to_string())
        .collect();
    assert!(
        errors.is_empty(),
        "{name}: {}\n{}",
        errors.join("\n"),
        String::from_utf8_lossy(&text[..text.len().min(4_000)])
    );
    let again = read(&text, to);
    assert_eq!(again.columns.len(), body.columns.len(), "{name}: number of series");
    for (a, b) in body.columns.iter().zip(&again.columns) {
        assert_eq!(a.labels, b.labels, "{name}");
        assert_eq!(a.ts, b.ts, "{name}: times of {}", a.labels);
        let bits = |vs: &[f64]| vs.iter().map(|v| if v.is_nan() { f64::NAN } else { *v }.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&a.vs), bits(&b.vs), "{name}: values of {}", a.labels);
        if to == Format::OpenMetrics && losses.n_exemplars == 0 {
            assert_eq!(a.exemplars, b.exemplars, "{name}: exemplars of {}", a.labels);
        }
    }
    let mut changed = Vec::new();
    for column in &body.columns {
        let metric = column.labels.metric_name().expect("a name");
        let about = |families: &BTreeMap<String, MetricFamily>| {
            writer::family_of(metric, families).map(|f| (f.kind, f.help.clone())).unwrap_or_default()
        };
        let (before, after) = (about(&body.families), about(&again.families));
        if before != after {
            changed.push(format!("{metric}: {} {}", before.0.as_str(), after.0.as_str()));
        }
    }
    changed.dedup();
    (changed, losses)
}

/// Real bodies beside the checkout.
fn samples() -> Vec<(String, Vec<u8>)> {
    let Some(dir) = corpus() else { return Vec::new() };
    let mut files = Vec::new();
    let mut dirs = vec![dir.join("samples"), dir.join("expfmt/valid")];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name, std::fs::read(&path).expect("a file")));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_real_body_is_written_and_read_again() {
    let mut changes = String::new();
    let mut n = 0;
    for (name, bytes) in samples() {
        let from = Format::guess(&bytes);
        if exposition::count_samples(&bytes, from).is_err() {
            continue;
        }
        n += 1;
        let (changed, losses) = there_and_back(&name, &bytes, from, Format::OpenMetrics);
        changes.push_str(&format!("{name}: {} changed", changed.len()));
        for (what, n) in
            [("exemplars", losses.n_exemplars), ("untyped", losses.n_untyped), ("samples", losses.n_samples)]
        {
            if n > 0 {
                changes.push_str(&format!(", {what} {n}"));
            }
        }
        changes.push('\n');
        for change in changed {
            changes.push_str(&format!("  {change}\n"));
        }
        there_and_back(&name, &bytes, from, Format::PrometheusText);
    }
    if n > 0 {
        expect![[r#"
            api-server.k8s-1.31.txt: 3 changed, untyped 3
              authenticated_user_requests: counter unknown
              authentication_attempts: counter unknown
              go_memstats_alloc_bytes_total: counter unknown
            cadvisor.txt: 2 changed, untyped 2
              container_hugetlb_failcnt: counter unknown
              container_memory_failcnt: counter unknown
            client_side_timestamp.metrics.prom: 0 changed
            dump-openmetrics-roundtrip-test.prom: 0 changed
            etcd.k8s-1.35.txt: 4 changed, untyped 4
              etcd_server_health_failures: counter unknown
              etcd_server_health_success: counter unknown
              etcd_server_learner_promote_successes: counter unknown
              go_memstats_alloc_bytes_total: counter unknown
            from_test_parse_0.txt: 0 changed
            from_test_parse_2.txt: 1 changed, untyped 1
              name: counter unknown
            from_test_parse_4.txt: 0 changed
            histogram.metrics.prom: 0 changed
            inconsistent_metrics.metrics.prom: 0 changed
            kube-state-metrics.k8s-1.35.txt: 0 changed
            kubelet-cadvisor.k8s-1.35.txt: 1 changed, untyped 1
              container_memory_failcnt: counter unknown
            metrics-test.prom: 0 changed
            metrics_merge_different_help.a.prom: 0 changed
            metrics_merge_empty_help.a.prom: 0 changed
            metrics_merge_no_help.a.prom: 0 changed
            metrics_merge_no_help.b.prom: 0 changed
            metrics_merge_same_help.b.prom: 0 changed
            minimal.txt: 0 changed
            node_exporter.darwin.txt: 0 changed
            node_exporter.linux.txt: 0 changed
            node_exporter.openbsd.txt: 0 changed
            prometheus-textparse.alltypes.237mfs.prom.txt: 1 changed, untyped 1
              go_memstats_alloc_bytes_total: counter unknown
            prometheus-textparse.alltypes.5mfs.om.txt: 8 changed, exemplars 6, untyped 4
              rpc_durations_histogram_seconds_bucket: histogram unknown
              rpc_durations_histogram_seconds_count: histogram unknown
              rpc_durations_histogram_seconds_created: histogram unknown
              rpc_durations_histogram_seconds_sum: histogram unknown
              rpc_durations_seconds: summary unknown
              rpc_durations_seconds_count: summary unknown
              rpc_durations_seconds_created: summary unknown
              rpc_durations_seconds_sum: summary unknown
            scheduler.k8s-1.31.txt: 3 changed, untyped 3
              authenticated_user_requests: counter unknown
              authentication_attempts: counter unknown
              go_memstats_alloc_bytes_total: counter unknown
            summary_extra_dimension.metrics.prom: 0 changed
            text.txt: 0 changed
            two_metric_files.metrics1.prom: 0 changed
        "#]]
        .assert_eq(&changes);
    }
}

fn described(families: &[(&str, MetricKind)]) -> BTreeMap<String, MetricFamily> {
    let of = |&(name, kind): &(&str, MetricKind)| {
        (name.to_owned(), MetricFamily { name: name.to_owned(), kind, ..MetricFamily::default() })
    };
    families.iter().map(of).collect()
}

fn column(labels: &[(&str, &str)], points: &[(i64, f64)]) -> Column {
    let labels = Labels::from_pairs(labels.iter().copied());
    Column::new(labels, points.iter().map(|p| p.0).collect(), points.iter().map(|p| p.1).collect())
}

fn check(columns: Vec<Column>, families: &[(&str, MetricKind)], expected: &expect_test::Expect) {
    let (text, losses) = writer::write(columns, &described(families), Format::OpenMetrics);
    let text = String::from_utf8(text).expect("UTF-8");
    let errors: Vec<_> = lint(text.as_bytes(), Format::OpenMetrics);
    let errors = errors.iter().filter(|v| v.rule.severity() == Severity::Error).map(|v| format!("{v}\n"));
    expected.assert_eq(&format!("{text}{}{losses:?}\n", errors.collect::<String>()));
}

#[test]
fn points_of_a_histogram_stand_in_the_order_of_time() {
    check(
        vec![
            column(&[(METRIC_NAME, "h_count"), ("a", "x")], &[(1_000, 2.0), (2_000, 3.0)]),
            column(&[(METRIC_NAME, "h_sum"), ("a", "x")], &[(1_000, 0.5), (2_000, 0.75)]),
            column(
                &[(METRIC_NAME, "h_bucket"), ("a", "x"), (model::LE, "+Inf")],
                &[(1_000, 2.0), (2_000, 3.0), (3_000, STALE_NAN)],
            ),
            column(&[(METRIC_NAME, "h_bucket"), ("a", "x"), (model::LE, "5")], &[(1_000, 1.0), (2_000, 1.0)]),
            column(&[(METRIC_NAME, "h_bucket"), ("a", "x"), (model::LE, "0.5")], &[(1_000, 0.0), (2_000, 1.0)]),
        ],
        &[("h", MetricKind::Histogram)],
        &expect![[r##"
            # TYPE h histogram
            h_bucket{a="x",le="0.5"} 0 1.000
            h_bucket{a="x",le="5"} 1 1.000
            h_bucket{a="x",le="+Inf"} 2 1.000
            h_count{a="x"} 2 1.000
            h_sum{a="x"} 0.5 1.000
            h_bucket{a="x",le="0.5"} 1 2.000
            h_bucket{a="x",le="5"} 1 2.000
            h_bucket{a="x",le="+Inf"} 3 2.000
            h_count{a="x"} 3 2.000
            h_sum{a="x"} 0.75 2.000
            # EOF
            Losses { n_markers: 1, n_histograms: 0, n_nameless: 0, n_exemplars: 0, n_untyped: 0, n_samples: 0 }
        "##]],
    );
}

#[test]
fn what_the_type_forbids_is_written_without_it() {
    check(
        vec![
            column(&[(METRIC_NAME, "requests")], &[(1_001, 1.0)]),
            column(&[(METRIC_NAME, "errors_total")], &[(1_000, -1.0)]),
            column(&[(METRIC_NAME, "x")], &[(1_000, 1.0)]),
            column(&[(METRIC_NAME, "x_total")], &[(1_000, 1.0)]),
            column(&[(METRIC_NAME, "s_count")], &[(1_000, 1.0)]),
            column(&[(METRIC_NAME, "s"), (model::QUANTILE, "0.5")], &[(1_000, 1.0)]),
            column(&[(METRIC_NAME, "h_bucket"), (model::LE, "1")], &[(1_000, 1.0)]),
            column(&[(METRIC_NAME, "my.name"), ("my.label", "\"\\\n")], &[(-1_500, f64::NAN)]),
            column(&[("job", "nameless")], &[(1_000, 1.0)]),
        ],
        &[
            ("requests", MetricKind::Counter),
            ("errors_total", MetricKind::Counter),
            ("x", MetricKind::Gauge),
            ("x_total", MetricKind::Counter),
            ("s", MetricKind::Summary),
            ("s_count", MetricKind::Gauge),
            ("h", MetricKind::Histogram),
            ("my.name", MetricKind::Gauge),
        ],
        &expect![[r##"
            # TYPE errors_total unknown
            errors_total -1 1.000
            # TYPE h_bucket unknown
            h_bucket{le="1"} 1 1.000
            # TYPE "my.name" gauge
            {"my.name","my.label"="\"\\\n"} NaN -1.500
            # TYPE requests unknown
            requests 1 1.0010000000000001
            # TYPE s unknown
            s{quantile="0.5"} 1 1.000
            # TYPE s_count unknown
            s_count 1 1.000
            # TYPE x gauge
            x 1 1.000
            # TYPE x_total unknown
            x_total 1 1.000
            # EOF
            Losses { n_markers: 0, n_histograms: 0, n_nameless: 1, n_exemplars: 0, n_untyped: 8, n_samples: 0 }
        "##]],
    );
}

#[test]
fn since_when_a_counter_counts_is_said_once_for_each_start() {
    let mut total = column(&[(METRIC_NAME, "c_total")], &[(10_000, 1.0), (20_000, 2.0), (30_000, 1.0)]);
    total.starts = vec![5_001, 5_001, 25_000];
    check(
        vec![total],
        &[("c", MetricKind::Counter)],
        &expect![[r#"
        # TYPE c counter
        c_total 1 10.000
        c_created 5.001 10.000
        c_total 2 20.000
        c_total 1 30.000
        c_created 25.000 30.000
        # EOF
        Losses { n_markers: 0, n_histograms: 0, n_nameless: 0, n_exemplars: 0, n_untyped: 0, n_samples: 0 }
    "#]],
    );
}

#[test]
fn every_millisecond_is_read_back() {
    for t in
        (1_600_000_000_000i64..1_600_000_005_000).chain(-2_000..2_000).chain([4_102_444_799_999, -62_135_596_799_999])
    {
        let text = format!("a 1 {}\n# EOF\n", writer::seconds(t));
        let mut parser = Parser::new(text.as_bytes(), Format::OpenMetrics);
        let Ok(Some(Entry::Series(series))) = parser.next_entry() else { panic!("{text}") };
        assert_eq!(series.timestamp, Some(Timestamp(t)), "{text}");
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "a",
            "a_total",
            "a_bucket",
            "a_count",
            "a_sum",
            "a_created",
            "a_info",
            "b",
            "b_gsum",
            "b_total"
        ])
        .prop_map(str::to_owned),
        "\\PC{1,6}",
    ]
}

fn any_column() -> impl Strategy<Value = Column> {
    let label =
        prop::sample::select(vec![("le", "1"), ("le", "+Inf"), ("quantile", "0.5"), ("a", "x"), ("ü", "\n\"\\")]);
    let v = prop_oneof![Just(0.0), Just(1.0), Just(2.0), any::<f64>(), Just(STALE_NAN)];
    let points = prop::collection::btree_map(1_600_000_000_000i64..1_600_000_000_010, v, 1..6);
    (name(), prop::collection::vec(label, 0..3), points).prop_map(|(name, labels, points)| Column {
        labels: Labels::from_pairs(
            labels.into_iter().collect::<BTreeMap<_, _>>().into_iter().chain([(METRIC_NAME, name.as_str())]),
        ),
        ts: points.keys().copied().collect(),
        vs: points.values().copied().collect(),
        ..Column::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn whatever_is_stored_is_written_without_an_error_and_without_a_loss(
        columns in prop::collection::vec(any_column(), 0..8),
        kinds in prop::collection::vec((name(), 0usize..8), 0..6),
        is_text in any::<bool>(),
    ) {
        let all = [
            MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram, MetricKind::GaugeHistogram, MetricKind::Summary,
            MetricKind::Info, MetricKind::StateSet, MetricKind::Unknown,
        ];
        let kinds: Vec<_> = kinds.iter().map(|(name, kind)| (name.as_str(), all[*kind])).collect();
        let columns: BTreeMap<Labels, Column> = columns.into_iter().map(|c| (c.labels.clone(), c)).collect();
        let columns: Vec<Column> = columns.into_values().collect();
        let format = if is_text { Format::PrometheusText } else { Format::OpenMetrics };
        let (text, losses) = writer::write(columns.clone(), &described(&kinds), format);
        if !is_text {
            let errors: Vec<_> = lint(&text, format).into_iter().filter(|v| v.rule.severity() == Severity::Error).collect();
            prop_assert!(errors.is_empty(), "{:?}\n{}", errors, String::from_utf8_lossy(&text));
        }
        let again = read(&text, format);
        let mut n_markers = 0;
        let mut want = Vec::new();
        for mut column in columns {
            let points: Vec<_> = column.ts.iter().copied().zip(column.vs).collect();
            let kept: Vec<_> = points.iter().filter(|(_, v)| !model::is_stale(*v)).collect();
            n_markers += (points.len() - kept.len()) as u64;
            column.ts = kept.iter().map(|p| p.0).collect();
            column.vs = kept.iter().map(|p| p.1).collect();
            if !kept.is_empty() {
                want.push(column);
            }
        }
        prop_assert_eq!(losses.n_markers, n_markers);
        prop_assert_eq!(losses.n_samples, 0);
        prop_assert_eq!(again.columns.len(), want.len(), "{}", String::from_utf8_lossy(&text));
        for (a, b) in want.iter().zip(&again.columns) {
            prop_assert_eq!(&a.labels, &b.labels);
            prop_assert_eq!(&a.ts, &b.ts);
            prop_assert!(a.vs.iter().zip(&b.vs).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
        }
    }
}
