//! What a writer puts into protobuf comes out again, and what lies is refused.

use super::*;
use expect_test::{Expect, expect};
use model::Bucket;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Writes a message, field by field.
#[derive(Clone, Debug, Default)]
struct Out(Vec<u8>);

impl Out {
    fn varint(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.0.push(v as u8 | 0x80);
            v >>= 7;
        }
        self.0.push(v as u8);
    }

    fn uint(mut self, number: u64, v: u64) -> Out {
        self.varint(number << 3);
        self.varint(v);
        self
    }

    fn sint(self, number: u64, v: i64) -> Out {
        self.uint(number, (v << 1 ^ v >> 63) as u64)
    }

    fn float(mut self, number: u64, v: f64) -> Out {
        self.varint(number << 3 | 1);
        self.0.extend(v.to_le_bytes());
        self
    }

    fn bytes(mut self, number: u64, bytes: impl AsRef<[u8]>) -> Out {
        self.varint(number << 3 | 2);
        self.varint(bytes.as_ref().len() as u64);
        self.0.extend(bytes.as_ref());
        self
    }

    fn message(self, number: u64, message: Out) -> Out {
        self.bytes(number, message.0)
    }

    fn labels(self, labels: &[(&str, &str)]) -> Out {
        labels.iter().fold(self, |out, (name, value)| out.message(1, Out::default().bytes(1, name).bytes(2, value)))
    }

    fn time(self, number: u64, ms: i64) -> Out {
        self.message(number, Out::default().uint(1, (ms / 1000) as u64).uint(2, (ms % 1000 * 1_000_000) as u64))
    }

    /// A body of one family.
    fn body(self) -> Vec<u8> {
        let mut out = Out::default();
        out.varint(self.0.len() as u64);
        out.0.extend(self.0);
        out.0
    }
}

fn family(name: &str, kind: u64) -> Out {
    Out::default().bytes(1, name).bytes(2, "Help.").uint(3, kind)
}

fn read(body: &[u8]) -> String {
    let mut parser = ProtobufParser::new(body);
    let mut out = String::new();
    let mut keys: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    loop {
        let value = match parser.next_entry() {
            Ok(None) => return out,
            Err(error) => return format!("{out}{error}\n"),
            Ok(Some(ProtobufEntry::Metadata(entry))) => {
                let _ = writeln!(out, "{entry:?}");
                continue;
            }
            Ok(Some(ProtobufEntry::Float(v))) => v.to_string(),
            Ok(Some(ProtobufEntry::Histogram(histogram))) => histogram.test_expression(),
        };
        let labels = match parser.labels() {
            Ok(labels) => labels.to_string(),
            Err(error) => return format!("{out}{error}\n"),
        };
        let known = keys.entry(parser.key().to_vec()).or_insert_with(|| labels.clone());
        assert_eq!(*known, labels, "one key, two series");
        let _ = write!(out, "{labels} {value}");
        parser.timestamp().iter().for_each(|t| out.push_str(&format!(" @{}", t.0)));
        parser.start().iter().for_each(|t| out.push_str(&format!(" since {}", t.0)));
        for exemplar in parser.exemplars() {
            let _ = write!(out, " # {} {} {:?}", exemplar.labels, exemplar.v, exemplar.t.map(|t| t.0));
        }
        out.push('\n');
    }
}

fn check(body: &[u8], expect: &Expect) {
    expect.assert_eq(&read(body));
}

#[test]
fn families_read_as_their_text_would() {
    let exemplar = Out::default().labels(&[("trace_id", "x")]).float(2, 0.5).time(3, 1_700_000_000_123);
    let counter = Out::default().float(1, 3.0).message(2, exemplar.clone()).time(3, 1_600_000_000_500);
    let metric = Out::default().labels(&[("b", "ü"), ("a", "")]).message(3, counter).uint(6, 1_700_000_000_500);
    let mut body = family("a_seconds_total", 0).message(4, metric).bytes(5, "seconds").body();
    let gauge = |v| Out::default().message(2, Out::default().float(1, v));
    body.extend(family("g.ü", 1).message(4, gauge(1.5)).message(4, gauge(f64::NAN).labels(&[("x", "y")])).body());
    body.extend(family("without_metrics", 1).body());
    let quantile = |q: f64, v: f64| Out::default().float(1, q).float(2, v);
    let summary = Out::default().uint(1, 7).float(2, 9.5).message(3, quantile(0.5, 1.0)).message(3, quantile(1.0, 2.0));
    body.extend(family("s", 2).message(4, Out::default().message(4, summary.time(4, 5_000))).body());
    let bucket = |le: f64, n| Out::default().uint(1, n).float(2, le);
    let histogram = Out::default().uint(1, 4).float(2, 1e6).message(3, bucket(1e6, 2).message(3, exemplar));
    body.extend(family("h", 5).message(4, Out::default().message(7, histogram)).body());
    // The type stands behind the metric; a field from the future.
    let metric = Out::default().message(5, Out::default().float(1, 2.0));
    body.extend(Out::default().message(4, metric).bytes(1, "u").uint(3, 3).bytes(99, "?").body());
    let shown = protobuf_as_text(&body);
    let shown = String::from_utf8_lossy(&shown);
    let shown: Vec<&str> = shown.lines().take(5).collect();
    expect![[r##"
        # HELP a_seconds_total Help.
        # UNIT a_seconds_total seconds
        # TYPE a_seconds_total counter
        a_seconds_total{b="ü"} 3 1700000000.5 st@1600000000.5 # {trace_id="x"} 0.5 1700000000.123
        # HELP g.ü Help."##]]
    .assert_eq(&shown.join("\n"));
    check(
        &body,
        &expect![[r##"
            Help { name: "a_seconds_total", text: "Help." }
            Unit { name: "a_seconds_total", unit: "seconds" }
            Type { name: "a_seconds_total", kind: Counter }
            a_seconds_total{b="ü"} 3 @1700000000500 since 1600000000500 # {trace_id="x"} 0.5 Some(1700000000123)
            Help { name: "g.ü", text: "Help." }
            Type { name: "g.ü", kind: Gauge }
            {"g.ü"} 1.5
            {"g.ü", x="y"} NaN
            Help { name: "s", text: "Help." }
            Type { name: "s", kind: Summary }
            s_count 7 since 5000
            s_sum 9.5 since 5000
            s{quantile="0.5"} 1 since 5000
            s{quantile="1.0"} 2 since 5000
            Help { name: "h", text: "Help." }
            Type { name: "h", kind: GaugeHistogram }
            h_count 4
            h_sum 1000000
            h_bucket{le="1e+06"} 2 # {trace_id="x"} 0.5 Some(1700000000123)
            h_bucket{le="+Inf"} 4
            Help { name: "u", text: "" }
            Type { name: "u", kind: Unknown }
            u 2
        "##]],
    );
}

#[test]
fn what_lies_is_refused() {
    let native = |histogram: Out| family("h", 4).message(4, Out::default().message(7, histogram)).body();
    let span = |offset, length| Out::default().sint(1, offset).uint(2, length);
    let spanned = |length, deltas: &[i64]| {
        let out = Out::default().uint(1, 3).float(2, 1.0).message(12, span(0, length));
        deltas.iter().fold(out, |out, delta| out.sint(13, *delta))
    };
    let gauge = Out::default().message(2, Out::default().float(1, 1.0));
    let mut cut = family("g", 1).message(4, gauge.clone()).body();
    cut.pop();
    for (body, want) in [
        (vec![0x80], "cut off"),
        (vec![5, 1, 2], "a length goes beyond the end"),
        (cut, "a length goes beyond the end"),
        (vec![0xff; 12], "too many bytes"),
        (Out(vec![0x0b]).body(), "no such kind of field"),
        (family("g", 9).message(4, gauge.clone()).body(), "no metric type `9`"),
        (family("", 1).message(4, gauge.clone()).body(), "no metric name"),
        (family("g", 1).bytes(5, "s").message(4, gauge.clone()).body(), "the unit `s` is not the last part"),
        (Out::default().bytes(1, [0xff]).message(4, gauge.clone()).body(), "not UTF-8"),
        (family("g", 1).message(4, gauge.clone().labels(&[("a", "b"), ("a", "c")])).body(), "`a` stands twice"),
        (family("g", 1).message(4, gauge.labels(&[("", "b")])).body(), "a label has no name"),
        (native(spanned(2, &[1])), "spans of 2 buckets, and counts of 1"),
        (native(spanned(u64::MAX, &[1])), "and counts of 1"),
        (native(spanned(2, &[1, -2])), "negative or not finite"),
        (native(spanned(2, &[1, 2])), "4 observations in buckets, and 3 altogether"),
        (native(spanned(2, &[1, 1]).sint(5, 99)), "got schema 99"),
        (native(spanned(2, &[1, 1]).message(12, span(-1, 0))), "begins within the one before it"),
        (native(spanned(0, &[]).message(12, span(i64::MAX, 1)).sint(13, 3)), "beyond all numbers"),
    ] {
        let got = read(&body);
        assert!(got.contains(want), "{got} is not about {want}");
    }
}

/// A native histogram as a message, and what it is.
fn native() -> impl Strategy<Value = (Out, Histogram, bool)> {
    let side = || prop::collection::btree_map(-40i32..40, 1u32..1_000, 0..12);
    (side(), side(), 0u32..50, -4i8..=8, any::<[bool; 3]>()).prop_map(|(negative, positive, zero, schema, flags)| {
        let [is_float, is_packed, is_gauge] = flags;
        let buckets = |side: &BTreeMap<i32, u32>| {
            side.iter().map(|(idx, n)| Bucket { idx: *idx, count: f64::from(*n) }).collect::<Vec<_>>()
        };
        let count = negative.values().chain(positive.values()).map(|n| u64::from(*n)).sum::<u64>() + u64::from(zero);
        let mut out = Out::default().float(2, 1.5).sint(5, i64::from(schema)).float(6, 0.25).time(15, 12_345);
        out = if is_float {
            out.float(4, count as f64).float(8, f64::from(zero))
        } else {
            out.uint(1, count).uint(7, u64::from(zero))
        };
        for (side, first_field) in [(&negative, 9), (&positive, 12)] {
            let (mut next, mut last) = (0i64, 0i64);
            let (mut deltas, mut counts) = (Out::default(), Vec::new());
            // An empty side has a span, too: without any it would be a classic histogram.
            if side.is_empty() {
                out = out.message(first_field, Out::default());
            }
            for (idx, n) in side {
                // Gaps of one are filled with an empty bucket, as exporters do.
                let gap = i64::from(*idx) - next;
                let fill = u64::from(gap == 1 && next != 0);
                let offset = if fill == 1 { 0 } else { gap };
                out = out.message(first_field, Out::default().sint(1, offset).uint(2, 1 + fill));
                let all = if fill == 1 { vec![0, i64::from(*n)] } else { vec![i64::from(*n)] };
                for count in all {
                    let delta = count - last;
                    last = count;
                    if is_float && is_packed {
                        counts.extend((count as f64).to_le_bytes());
                    } else if is_float {
                        out = out.float(first_field + 2, count as f64);
                    } else if is_packed {
                        deltas.varint((delta << 1 ^ delta >> 63) as u64);
                    } else {
                        out = out.sint(first_field + 1, delta);
                    }
                }
                next = i64::from(*idx) + 1;
            }
            if !deltas.0.is_empty() {
                out = out.message(first_field + 1, deltas);
            }
            if !counts.is_empty() {
                out = out.bytes(first_field + 2, counts);
            }
        }
        let hint = if is_gauge { model::CounterResetHint::Gauge } else { model::CounterResetHint::Unknown };
        let histogram = Histogram {
            counter_reset_hint: hint,
            schema,
            zero_threshold: 0.25,
            zero_count: f64::from(zero),
            count: count as f64,
            sum: 1.5,
            positive: buckets(&positive),
            negative: buckets(&negative),
            ..Histogram::default()
        };
        (out, histogram, is_gauge)
    })
}

proptest! {
    #[test]
    fn native_histograms_come_back((message, want, is_gauge) in native()) {
        let kind = if is_gauge { 5 } else { 4 };
        let body = family("h", kind).message(4, Out::default().labels(&[("a", "b")]).message(7, message)).body();
        let mut parser = ProtobufParser::new(&body);
        let got = loop {
            match parser.next_entry() {
                Ok(Some(ProtobufEntry::Metadata(_))) => {}
                Ok(Some(ProtobufEntry::Histogram(histogram))) => break histogram,
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        };
        prop_assert_eq!(got, want);
        prop_assert_eq!(parser.start(), Some(Timestamp(12_345)));
        prop_assert_eq!(parser.labels().expect("labels").to_string(), "h{a=\"b\"}");
        prop_assert!(matches!(parser.next_entry(), Ok(None)));
    }

    #[test]
    fn gauges_come_back_whatever_their_names(
        name in "\\PC{1,9}",
        labels in prop::collection::btree_map("\\PC{1,5}", "\\PC{0,5}", 0..5),
        v in any::<f64>(),
        t in 1i64..4_000_000_000_000,
    ) {
        let pairs: Vec<_> = labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).filter(|(n, _)| *n != METRIC_NAME).collect();
        let metric = Out::default().message(2, Out::default().float(1, v)).labels(&pairs).uint(6, t as u64);
        let body = family(&name, 1).message(4, metric).body();
        let want = Labels::from_pairs(pairs.into_iter().chain([(METRIC_NAME, name.as_str())]));
        let mut parser = ProtobufParser::new(&body);
        while let Some(entry) = parser.next_entry().expect("a body") {
            if let ProtobufEntry::Float(got) = entry {
                prop_assert_eq!(got.to_bits(), v.to_bits());
                prop_assert_eq!(parser.labels().expect("labels"), want.clone());
                prop_assert_eq!(parser.timestamp(), Some(Timestamp(t)));
            }
        }
    }

    #[test]
    fn nothing_panics(noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut in any::<prop::sample::Index>(), (message, ..) in native()) {
        let mut body = family("h", 4).message(4, Out::default().labels(&[("a", "b")]).message(7, message)).body();
        for (at, byte) in noise {
            let at = at.index(body.len());
            body[at] = byte;
        }
        read(&body);
        read(&body[..cut.index(body.len())]);
    }

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&body);
    }
}
