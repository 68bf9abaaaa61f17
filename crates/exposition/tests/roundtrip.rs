//! What is written as metrics text is read as what it was: names, labels, values, times, types and help.

use exposition::{Entry, Format, Parser};
use model::{Labels, METRIC_NAME, MetricKind, Timestamp, number};
use proptest::prelude::*;
use std::fmt::Write as _;

#[derive(Clone, Debug)]
struct Line {
    labels: Labels,
    v: f64,
    t: Option<Timestamp>,
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

/// Writes a series as the format has it; names that are not legacy names stand quoted in the braces.
fn write(out: &mut String, line: &Line, format: Format) {
    let name = line.labels.metric_name().expect("a name");
    let mut inside = Vec::new();
    if model::is_legacy_metric_name(name) {
        out.push_str(name);
    } else {
        inside.push(format!("\"{}\"", escape(name)));
    }
    for (n, v) in line.labels.iter().filter(|(n, _)| *n != METRIC_NAME) {
        let n = if model::is_legacy_label_name(n) { n.to_owned() } else { format!("\"{}\"", escape(n)) };
        inside.push(format!("{n}=\"{}\"", escape(v)));
    }
    if !inside.is_empty() {
        let _ = write!(out, "{{{}}}", inside.join(","));
    }
    let _ = write!(out, " {}", number::format_short(line.v));
    match (line.t, format) {
        (Some(t), Format::PrometheusText) => {
            let _ = write!(out, " {}", t.0);
        }
        (Some(t), Format::OpenMetrics | Format::OpenMetrics2) => {
            let _ = write!(out, " {}.{:03}", t.0 / 1000, t.0 % 1000);
        }
        (None, _) | (_, Format::Protobuf) => {}
    }
    out.push('\n');
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        any::<i32>().prop_map(f64::from),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.1)
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let name = prop_oneof!["[a-zA-Z_:][a-zA-Z0-9_:]{0,20}", "\\PC{1,12}"];
    let label = (prop_oneof!["[a-zA-Z_][a-zA-Z0-9_]{0,8}", "\\PC{1,6}"], "(\\PC|[\\\\\"\n\t{},=#]){1,20}");
    let labels = prop::collection::btree_map(label.0, label.1, 0..5);
    // Milliseconds that a time in seconds holds exactly enough; before 2100.
    let t = prop::option::of((0i64..4_102_444_800_000).prop_map(Timestamp));
    (name, labels, value(), t).prop_map(|(name, labels, v, t)| {
        let pairs = labels.into_iter().filter(|(n, _)| n != METRIC_NAME);
        let labels = Labels::from_pairs(pairs.chain([(METRIC_NAME.to_owned(), name)]));
        Line { labels, v, t }
    })
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn series_come_back(lines in prop::collection::vec(line(), 0..6), is_text in any::<bool>()) {
        let format = if is_text { Format::PrometheusText } else { Format::OpenMetrics };
        let mut text = String::new();
        lines.iter().for_each(|line| write(&mut text, line, format));
        if !is_text {
            text.push_str("# EOF\n");
        }
        let mut parser = Parser::new(text.as_bytes(), format);
        for line in &lines {
            let Ok(Some(Entry::Series(series))) = parser.next_entry() else {
                return Err(TestCaseError::fail(format!("no series for {line:?} in {text}")));
            };
            prop_assert_eq!(parser.labels().expect("labels"), line.labels.clone(), "{}", &text);
            prop_assert!(same(series.value, line.v), "{} for {:?} in {}", series.value, line, &text);
            // A time in seconds is a float: the last millisecond may be lost, as in Prometheus.
            let close = match (series.timestamp, line.t) {
                (Some(a), Some(b)) => (a.0 - b.0).abs() <= i64::from(!is_text),
                (a, b) => a == b,
            };
            prop_assert!(close, "{:?} for {:?}", series.timestamp, line.t);
        }
        prop_assert!(matches!(parser.next_entry(), Ok(None)));
    }

    #[test]
    fn types_and_help_come_back(name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,20}", help in "(\\PC|[\\\\\"\n]){0,40}") {
        let escaped = help.replace('\\', "\\\\").replace('\n', "\\n");
        let text = format!("# HELP {name} {escaped}\n# TYPE {name} counter\n");
        let mut parser = Parser::new(text.as_bytes(), Format::PrometheusText);
        let Ok(Some(Entry::Help { name: of, text: read })) = parser.next_entry() else { panic!("{text}") };
        prop_assert_eq!((&*of, &*read), (&*name, &*help));
        let Ok(Some(Entry::Type { name: of, kind })) = parser.next_entry() else { panic!("{text}") };
        prop_assert_eq!((&*of, kind), (&*name, MetricKind::Counter));
    }

    #[test]
    fn a_text_cut_off_anywhere_is_read_or_refused_and_what_was_read_stays(at in 0usize..200) {
        let text = "# HELP a_total ü\n# TYPE a_total counter\na_total{x=\"ü\\n\"} 12.5 17\nb 3\n{\"ü.b\",c=\"d\"} 1e9\nc NaN\n";
        let mut whole = Parser::new(text.as_bytes(), Format::PrometheusText);
        let cut = &text.as_bytes()[..at.min(text.len())];
        let mut parser = Parser::new(cut, Format::PrometheusText);
        while let Ok(Some(entry)) = parser.next_entry() {
            let Ok(Some(want)) = whole.next_entry() else { panic!("more entries than before") };
            if let (Entry::Series(a), Entry::Series(b)) = (&entry, &want) {
                prop_assert!(b.key.starts_with(a.key));
            }
        }
        prop_assert!(parser.next_entry().is_ok_and(|entry| entry.is_none()), "an error ends the text");
    }

    #[test]
    fn entries_stand_in_order_and_an_error_ends_the_text(
        body in prop::collection::vec(prop::sample::select(b"ab_:{}=\",\\\n \t#1.eE+-TYPEHLUNIOF<\xff\xc3\x00".to_vec()), 0..100),
        is_text in any::<bool>(),
    ) {
        let mut parser = Parser::new(&body, if is_text { Format::PrometheusText } else { Format::OpenMetrics });
        let mut end_of_last = 0;
        loop {
            match parser.next_entry() {
                Ok(Some(Entry::Series(series))) => {
                    let at = series.key.as_ptr() as usize - body.as_ptr() as usize;
                    prop_assert!(at >= end_of_last);
                    end_of_last = at + series.key.len();
                    prop_assert_eq!(series.has_exemplar, parser.exemplar().is_some());
                    let _ = parser.labels();
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    let n_lines = body.split(|b| *b == b'\n').count();
                    prop_assert!(error.line >= 1 && error.line <= n_lines && error.column >= 1, "{}", error);
                    break;
                }
            }
        }
        prop_assert!(matches!(parser.next_entry(), Ok(None)));
    }
}
