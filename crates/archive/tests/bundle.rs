//! Bundles: everything comes back to the bit; what is torn, damaged or of a later format is refused and leaves nothing.

use crate::shared::{empty, export, import};
use archive::{BundleError, ExportFormat, ImportError, Selection};
use model::{
    Bucket, CounterResetHint, Exemplar, Histogram, Labels, METRIC_NAME, MetricFamily, MetricKind, STALE_NAN, TimeRange,
    Timestamp,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use tsdb::{Head, SampleBuf};

const PAGE: &str = r#"{"query":"g0.expr=up"}"#;

fn bundle(head: &Head) -> Vec<u8> {
    let family = MetricFamily {
        name: "a".to_owned(),
        kind: MetricKind::GaugeHistogram,
        help: "\"ü\"\n".to_owned(),
        unit: "bytes".to_owned(),
    };
    let families: BTreeMap<String, MetricFamily> = [("a".to_owned(), family)].into();
    let format = ExportFormat::Bundle { page: PAGE.to_owned() };
    export(head, &Selection::default(), &format, &families).0
}

/// Everything to the bit.
fn bits(head: &Head) -> String {
    let mut out = String::new();
    for series in head.select(&[], TimeRange::ALL).expect("no regex") {
        let mut buf = SampleBuf::default();
        head.read(series, TimeRange::ALL, &mut buf);
        let vs: Vec<u64> = buf.vs.iter().map(|v| v.to_bits()).collect();
        let labels = head.labels(series).expect("a series");
        let _ = writeln!(out, "{labels} {:?} {vs:x?} {:?} {:?}", buf.ts, buf.starts, buf.histograms);
    }
    out
}

fn histogram(schema: i8, n: i32) -> Histogram {
    Histogram {
        counter_reset_hint: CounterResetHint::Gauge,
        schema,
        zero_threshold: 1e-9,
        zero_count: 1.0,
        count: 6.0,
        sum: f64::NAN,
        positive: (0..n).map(|idx| Bucket { idx: idx * 3 - 4, count: 0.5 }).collect(),
        negative: vec![Bucket { idx: 40, count: 1.0 }],
        custom_values: Arc::from([]),
    }
}

fn small() -> Head {
    let mut head = empty();
    let a = head.get_or_create(&Labels::from_pairs([(METRIC_NAME, "a"), ("ü", "\"\n")])).expect("room");
    for (t, v, start) in [(-5, 1.0, None), (7, STALE_NAN, Some(3)), (8, f64::from_bits(0x7ff8_dead_beef_0001), Some(3))]
    {
        head.append_since(a, Timestamp(t), v, start.map(Timestamp)).expect("in order");
    }
    let h = head.get_or_create(&Labels::from_pairs([("job", "nameless")])).expect("room");
    head.append_histogram(h, Timestamp(1), Arc::new(histogram(3, 2)), Some(Timestamp(1))).expect("in order");
    head.append_histogram(h, Timestamp(2), Arc::new(Histogram::stale()), None).expect("in order");
    head.append(&Labels::from_pairs([("job", "nameless")]), Timestamp(3), -0.0).expect("in order");
    for (at, t) in [(4, None), (5, Some(Timestamp(5)))] {
        let exemplar = Exemplar { labels: Labels::from_pairs([("id", "x")]), v: -0.0, t };
        assert!(head.append_exemplar(a, exemplar, Timestamp(at)));
    }
    head
}

#[test]
fn a_bundle_holds_everything() {
    let head = small();
    let file = bundle(&head);
    let mut again = empty();
    let imported = import(&mut again, "x.promenade", &file).expect("a bundle");
    assert_eq!(bits(&again), bits(&head));
    assert_eq!((imported.n_series, imported.n_stored, imported.page.as_deref()), (2, 6, Some(PAGE)));
    assert_eq!(
        imported.families.get("a").map(|family| (family.kind, family.help.as_str(), family.unit.as_str())),
        Some((MetricKind::GaugeHistogram, "\"ü\"\n", "bytes"))
    );
    let exemplars: Vec<_> = again.exemplars().map(|(_, e)| (e.exemplar.v.to_bits(), e.at, e.exemplar.t)).collect();
    assert_eq!(
        exemplars,
        [((-0.0f64).to_bits(), Timestamp(4), None), ((-0.0f64).to_bits(), Timestamp(5), Some(Timestamp(5)))]
    );
    assert_eq!(bundle(&again), file);
    let nothing = bundle(&empty());
    let imported = import(&mut empty(), "x", &nothing).expect("targets and panels only");
    assert_eq!((imported.n_samples, imported.page.as_deref()), (0, Some(PAGE)));
}

#[test]
fn a_bundle_cut_anywhere_is_refused_and_leaves_nothing() {
    let file = bundle(&small());
    for len in 10..file.len() {
        let mut head = empty();
        let error = import(&mut head, "x", &file[..len]).expect_err("torn");
        assert!(matches!(error, ImportError::Bundle(BundleError::Torn { .. })), "{len}: {error}");
        assert_eq!(head.stats().n_samples, 0);
    }
    let mut longer = file.clone();
    longer.push(b'x');
    assert!(matches!(import(&mut empty(), "x", &longer), Err(ImportError::Bundle(BundleError::Damaged { .. }))));
}

#[test]
fn every_changed_byte_is_found() {
    let file = bundle(&small());
    for at in 10..file.len() {
        for bit in [0x01, 0x80] {
            let mut changed = file.clone();
            changed[at] ^= bit;
            // An older version has the same parts.
            let is_version = (10..14).contains(&at);
            let mut head = empty();
            let result = import(&mut head, "x", &changed);
            assert!(result.is_err() || is_version, "byte {at}");
            assert!(result.is_ok() || head.stats().n_samples == 0, "byte {at}");
        }
    }
}

#[test]
fn a_later_format_is_refused_with_its_number() {
    let mut file = bundle(&small());
    file[10] = 7;
    let error = import(&mut empty(), "x", &file).expect_err("newer");
    assert_eq!(error.to_string(), "the bundle has the format 7; this Promenade reads up to 1");
}

fn any_head() -> impl Strategy<Value = Head> {
    let v = prop_oneof![any::<u64>().prop_map(f64::from_bits), any::<i16>().prop_map(f64::from), Just(STALE_NAN)];
    let floats = prop::collection::btree_map(any::<i32>(), (v, prop::option::of(1i64..100)), 0..20);
    let histograms = prop::collection::btree_map(any::<i32>(), (-4i8..=8, 0i32..5), 0..3);
    prop::collection::vec(("\\PC{0,3}", floats, histograms), 0..6).prop_map(|all| {
        let mut head = empty();
        for (value, floats, histograms) in all {
            let series = head.get_or_create(&Labels::from_pairs([(METRIC_NAME, "x"), ("l", &value)])).expect("room");
            for (t, (v, start)) in floats {
                // A time that is taken, or in the past, is left out.
                let _ = head.append_since(series, Timestamp(t.into()), v, start.map(Timestamp));
            }
            for (t, (schema, n)) in histograms {
                let _ = head.append_histogram(series, Timestamp(t.into()), Arc::new(histogram(schema, n)), None);
            }
        }
        head
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_store_comes_back(head in any_head()) {
        let mut again = empty();
        import(&mut again, "x", &bundle(&head)).expect("a bundle");
        // A series without samples is not written.
        let with_samples = |text: String| text.lines().filter(|l| !l.contains("[] [] [] HistogramBuf { ts: []")).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(with_samples(bits(&again)), with_samples(bits(&head)));
    }
}
