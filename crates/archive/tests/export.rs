//! A store into files of every kind, and back.

use crate::shared::{dump, empty, export, import};
use archive::{ExportFormat, Selection};
use expect_test::expect;
use exposition::{Format, Severity, lint};
use model::{
    Bucket, CounterResetHint, Exemplar, Histogram, LE, Labels, METRIC_NAME, MatchOp, Matcher, MetricFamily, MetricKind,
    STALE_NAN, TimeRange, Timestamp,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tsdb::Head;

fn families(of: &[(&str, MetricKind)]) -> BTreeMap<String, MetricFamily> {
    let family = |&(name, kind): &(&str, MetricKind)| {
        let family =
            MetricFamily { name: name.to_owned(), kind, help: format!("About \"{name}\"."), unit: String::new() };
        (name.to_owned(), family)
    };
    of.iter().map(family).collect()
}

fn append(head: &mut Head, labels: &[(&str, &str)], points: &[(i64, f64)]) {
    let labels = Labels::from_pairs(labels.iter().copied());
    for &(t, v) in points {
        head.append(&labels, Timestamp(t), v).expect("in order");
    }
}

fn histogram() -> Histogram {
    Histogram {
        counter_reset_hint: CounterResetHint::Unknown,
        schema: 2,
        zero_threshold: 0.001,
        zero_count: 2.0,
        count: 12.0,
        sum: 5.5,
        positive: vec![Bucket { idx: 3, count: 4.0 }, Bucket { idx: 9, count: 1.0 }],
        negative: vec![Bucket { idx: -2, count: 5.0 }],
        custom_values: Arc::from([]),
    }
}

fn store() -> Head {
    let mut head = empty();
    append(&mut head, &[(METRIC_NAME, "up"), ("job", "a, \"b\"")], &[(1_001, 1.0), (2_002, 0.0), (3_003, STALE_NAN)]);
    append(&mut head, &[(METRIC_NAME, "h_bucket"), (LE, "0.5")], &[(1_000, 1.0), (2_000, 2.0)]);
    append(&mut head, &[(METRIC_NAME, "h_bucket"), (LE, "+Inf")], &[(1_000, 1.0), (2_000, 3.0)]);
    append(&mut head, &[(METRIC_NAME, "h_sum")], &[(1_000, 0.25), (2_000, 0.5)]);
    append(&mut head, &[(METRIC_NAME, "h_count")], &[(1_000, 1.0), (2_000, 3.0)]);
    let counter = Labels::from_pairs([(METRIC_NAME, "c_total"), ("code", "200")]);
    let series = head.get_or_create(&counter).expect("room");
    head.append_since(series, Timestamp(1_500), 4.0, Some(Timestamp(1_000))).expect("in order");
    head.append_since(series, Timestamp(2_500), 5.0, Some(Timestamp(1_000))).expect("in order");
    let native = head.get_or_create(&Labels::from_pairs([(METRIC_NAME, "n")])).expect("room");
    head.append_histogram(native, Timestamp(1_000), Arc::new(histogram()), None).expect("in order");
    head
}

fn known() -> BTreeMap<String, MetricFamily> {
    families(&[("up", MetricKind::Gauge), ("h", MetricKind::Histogram), ("c_total", MetricKind::Counter)])
}

#[test]
fn openmetrics_tells_types_starts_and_exemplars() {
    let exemplar = Exemplar { labels: Labels::from_pairs([("trace_id", "x")]), v: 0.4, t: Some(Timestamp(1_700)) };
    let bucket = Labels::from_pairs([(METRIC_NAME, "h_bucket"), (LE, "0.5")]);
    let mut head = store();
    let bucket = head.find(&bucket).expect("a series");
    assert!(head.append_exemplar(bucket, exemplar, Timestamp(2_000)));
    let (text, losses) = export(&head, &Selection::default(), &ExportFormat::OpenMetrics, &known());
    let errors = lint(&text, Format::OpenMetrics);
    assert!(errors.iter().all(|v| v.rule.severity() != Severity::Error), "{errors:?}");
    expect![[r##"
        # TYPE c counter
        # HELP c About \"c_total\".
        c_total{code="200"} 4 1.500
        c_created{code="200"} 1.000 1.500
        c_total{code="200"} 5 2.500
        # TYPE h histogram
        # HELP h About \"h\".
        h_bucket{le="0.5"} 1 1.000
        h_bucket{le="+Inf"} 1 1.000
        h_count 1 1.000
        h_sum 0.25 1.000
        h_bucket{le="0.5"} 2 2.000 # {trace_id="x"} 0.4 1.700
        h_bucket{le="+Inf"} 3 2.000
        h_count 3 2.000
        h_sum 0.5 2.000
        # TYPE up gauge
        # HELP up About \"up\".
        up{job="a, \"b\""} 1 1.0010000000000001
        up{job="a, \"b\""} 0 2.0020000000000002
        # EOF
        Losses { n_markers: 1, n_histograms: 1, n_nameless: 0, n_exemplars: 0, n_untyped: 0, n_samples: 0 }"##]]
    .assert_eq(&format!("{}{losses:?}", String::from_utf8_lossy(&text)));
}

#[test]
fn csv_has_a_column_for_each_label() {
    let (text, losses) = export(&store(), &Selection::default(), &ExportFormat::Csv, &known());
    expect![[r#"
        __name__,code,job,le,__value__,__timestamp__:unix_ms
        c_total,200,,,4,1500
        c_total,200,,,5,2500
        h_bucket,,,+Inf,1,1000
        h_bucket,,,+Inf,3,2000
        h_bucket,,,0.5,1,1000
        h_bucket,,,0.5,2,2000
        h_count,,,,1,1000
        h_count,,,,3,2000
        h_sum,,,,0.25,1000
        h_sum,,,,0.5,2000
        up,,"a, ""b""",,1,1001
        up,,"a, ""b""",,0,2002
        Losses { n_markers: 1, n_histograms: 1, n_nameless: 0, n_exemplars: 0, n_untyped: 0, n_samples: 0 }"#]]
    .assert_eq(&format!("{}{losses:?}", String::from_utf8_lossy(&text).replace('\r', "")));
}

#[test]
fn json_is_an_answer_of_the_api() {
    let (text, losses) = export(&store(), &Selection::default(), &ExportFormat::Json, &known());
    expect![[r#"
        {"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"c_total","code":"200"},"values":[[1.5,"4"],[2.5,"5"]]},
        {"metric":{"__name__":"h_bucket","le":"+Inf"},"values":[[1,"1"],[2,"3"]]},
        {"metric":{"__name__":"h_bucket","le":"0.5"},"values":[[1,"1"],[2,"2"]]},
        {"metric":{"__name__":"h_count"},"values":[[1,"1"],[2,"3"]]},
        {"metric":{"__name__":"h_sum"},"values":[[1,"0.25"],[2,"0.5"]]},
        {"metric":{"__name__":"n"},"histograms":[[1,{"count":"12","sum":"5.5","buckets":[[1,"-0.7071067811865476","-0.5946035575013605","5"],[3,"-0.001","0.001","2"],[0,"1.4142135623730951","1.681792830507429","4"],[0,"4","4.756828460010884","1"]]}]]},
        {"metric":{"__name__":"up","job":"a, \"b\""},"values":[[1.001,"1"],[2.002,"0"]]}
        ]}}
        Losses { n_markers: 1, n_histograms: 0, n_nameless: 0, n_exemplars: 0, n_untyped: 0, n_samples: 0 }"#]].assert_eq(&format!("{}{losses:?}", String::from_utf8_lossy(&text)));
    let mut again = empty();
    import(&mut again, "x.json", &text).expect("an answer");
    let without_starts = dump(&store()).replace("<1000", "");
    assert_eq!(dump(&again), without_starts);
}

#[test]
fn a_selection_is_series_and_times() {
    let matcher = |name: &str, value: &str| vec![Matcher::new(name, MatchOp::Equal, value)];
    let selection = Selection {
        selectors: vec![matcher(METRIC_NAME, "up"), matcher("code", "200"), matcher(METRIC_NAME, "up")],
        range: Some(TimeRange { start: Timestamp(1_500), end: Timestamp(2_002) }),
    };
    let (text, _) = export(&store(), &selection, &ExportFormat::Csv, &known());
    expect![[r#"
        __name__,code,job,__value__,__timestamp__:unix_ms
        c_total,200,,4,1500
        up,,"a, ""b""",0,2002
    "#]]
    .assert_eq(&String::from_utf8_lossy(&text).replace('\r', ""));
    let nothing = Selection { selectors: vec![matcher("a", "b")], range: None };
    for format in [ExportFormat::Csv, ExportFormat::Json, ExportFormat::OpenMetrics] {
        let (text, _) = export(&store(), &nothing, &format, &known());
        assert!(!text.is_empty(), "{format:?}");
    }
}

/// Names that make families, and families that do not fit them.
fn any_store() -> impl Strategy<Value = Head> {
    let names = ["a", "a_total", "a_bucket", "a_count", "a_sum", "b_created", "b_total", "ü.c"];
    let series = (prop::sample::select(names.to_vec()), prop::sample::select(vec!["", "1", "+Inf", "x\n\"\\,"]));
    let v = prop_oneof![Just(1.0), Just(2.0), any::<f64>(), Just(STALE_NAN)];
    let points = prop::collection::btree_map(1_600_000_000_000i64..1_600_000_000_020, v, 1..8);
    prop::collection::vec((series, points), 1..8).prop_map(|all| {
        let mut head = empty();
        for ((name, le), points) in all {
            let labels = Labels::from_pairs([(METRIC_NAME, name), (LE, le)]);
            for (t, v) in points {
                // A series may be there already.
                let _ = head.append(&labels, Timestamp(t), v);
            }
        }
        head
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_exported_is_imported_again(head in any_store(), is_json in any::<bool>(), kind in 0usize..4) {
        let kinds = [MetricKind::Counter, MetricKind::Histogram, MetricKind::Summary, MetricKind::Gauge];
        let known = families(&[("a", kinds[kind]), ("b", MetricKind::Counter)]);
        let format = if is_json { ExportFormat::Json } else { ExportFormat::OpenMetrics };
        let (file, _) = export(&head, &Selection::default(), &format, &known);
        let want = dump(&head);
        if !want.is_empty() {
            let mut again = empty();
            import(&mut again, "x", &file).expect("our own file");
            // `_created` series say since when others count.
            let got = dump(&again);
            let bare = |text: &str| {
                let words = text.split(' ').map(|word| word.split('<').next().unwrap_or("").trim_end().to_owned());
                words.collect::<Vec<_>>().join(" ")
            };
            let lines = |text: &str| text.lines().map(bare).collect::<Vec<_>>();
            prop_assert_eq!(lines(&got), lines(&want), "{}", String::from_utf8_lossy(&file));
        }
    }

    #[test]
    fn any_bytes_are_imported_or_refused(
        head in prop::sample::select(vec!["", "{\"status\":\"success\",\"data\":{\"result\":[", "{\"data\":", "# TYPE a counter\n", "PROMENADE\n"]),
        body in prop::collection::vec(prop::sample::select(b"{}[]\":,01.e-ametricvlus\n \\\xff\x00#EOF".to_vec()), 0..60),
    ) {
        let mut store = empty();
        let bytes: Vec<u8> = head.bytes().chain(body).collect();
        let _ = import(&mut store, "x", &bytes);
    }
}
