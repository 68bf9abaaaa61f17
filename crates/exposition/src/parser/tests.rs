//! Bodies and what is read of them.

use super::{Entry, Parser};
use crate::format::Format;
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn check(format: Format, body: &str, expect: &Expect) {
    expect.assert_eq(&read(format, body.as_bytes()));
}

fn read(format: Format, body: &[u8]) -> String {
    let mut parser = Parser::new(body, format);
    let mut out = String::new();
    loop {
        match parser.next_entry() {
            Ok(None) => return out,
            Ok(Some(Entry::Series(series))) => match parser.labels() {
                Ok(labels) => {
                    out.push_str(&format!("{labels} {}", series.value));
                    series.timestamp.iter().for_each(|t| out.push_str(&format!(" @{}", t.0)));
                    parser.exemplar().iter().for_each(|e| out.push_str(&format!(" # {} {} {:?}", e.labels, e.v, e.t)));
                    out.push('\n');
                }
                Err(error) => return format!("{out}{error}\n"),
            },
            Ok(Some(other)) => out.push_str(&format!("{other:?}\n")),
            Err(error) => return format!("{out}{error}\n"),
        }
    }
}

#[test]
fn the_classic_format_reads_as_prometheus_reads_it() {
    check(
        Format::PrometheusText,
        "# HELP a_total Lines\\nand \\\\ \\\"quotes\\\".\n# TYPE a_total counter\n# a comment\n#TYPE x\n \na_total{code=\"200\" , b = \"x\\\"y\\n\",} 1.5e3 1700000000123\na_total +Inf\n{\"utf8.näme\",\"l.n\"=\"v\"} NaN\nlast 7",
        &expect![[r#"
            Help { name: "a_total", text: "Lines\nand \\ \\\"quotes\\\"." }
            Type { name: "a_total", kind: Counter }
            a_total{b="x\"y\n", code="200"} 1500 @1700000000123
            a_total inf
            {"utf8.näme", "l.n"="v"} NaN
            last 7
        "#]],
    );
}

#[test]
fn openmetrics_reads_units_times_and_exemplars() {
    check(
        Format::OpenMetrics,
        "# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds \\\"x\\\"\na_seconds_bucket{le=\"+Inf\"} 3 12.5 # {trace_id=\"ü\"} 0.5 1.25\na_seconds_created 1.7e9\n# EOF\n",
        &expect![[r#"
            Type { name: "a_seconds", kind: Histogram }
            Unit { name: "a_seconds", unit: "seconds" }
            Help { name: "a_seconds", text: "\"x\"" }
            a_seconds_bucket{le="+Inf"} 3 @12500 # {trace_id="ü"} 0.5 Some(Timestamp(1250))
            a_seconds_created 1700000000
        "#]],
    );
}

#[test]
fn an_error_says_where_what_was_expected_and_what_was_found() {
    let text = Format::PrometheusText;
    let cases: &[(Format, &str, Expect)] = &[
        (
            text,
            "a 1\nhttp_requests_total{code=\"200\"} NaNs\n",
            expect![[r#"
            a 1
            Line 2, column 33: expected a number after `http_requests_total{code="200"}`, found `NaNs`
        "#]],
        ),
        (
            text,
            "a{b=\"c\" 1",
            expect![[r#"
            Line 1, column 9: expected `,` or `}` after `{b="c"`, found `1`
        "#]],
        ),
        (
            text,
            "a{b=\"c",
            expect![[r#"
            Line 1, column 5: expected a quoted value after `b=`, found `"c`
        "#]],
        ),
        (
            text,
            "ä 1",
            expect![[r#"
            Line 1, column 1: expected a metric's name or `#`, found `ä 1`
        "#]],
        ),
        (
            text,
            "a",
            expect![[r#"
            Line 1, column 2: expected a number after `a`, found the end of the text
        "#]],
        ),
        (
            text,
            "a 1 12 x",
            expect![[r#"
            Line 1, column 8: expected the end of the line after `12`, found `x`
        "#]],
        ),
        (
            text,
            "<!DOCTYPE html><html>",
            expect![[r#"
            Line 1, column 1: this is a web page (HTML), not metrics text
        "#]],
        ),
        (
            text,
            "{\"status\": \"success\"}",
            expect![[r#"
            Line 1, column 1: this is JSON, not metrics text
        "#]],
        ),
        (
            text,
            "a{b=\"1\",b=\"2\"} 1",
            expect![[r#"
            Line 1, column 9: the label `b` stands twice in this series
        "#]],
        ),
        (
            text,
            "# TYPE a thing",
            expect![[r#"
            Line 1, column 10: there is no metric type `thing`
        "#]],
        ),
        (
            Format::OpenMetrics,
            "a 1\n",
            expect![[r#"
            a 1
            Line 2, column 1: the text does not end with `# EOF`: it was probably cut off
        "#]],
        ),
        (
            Format::OpenMetrics,
            "# UNIT a_x seconds\n# EOF",
            expect![[r#"
            Line 1, column 12: the unit `seconds` is not the last part of the metric's name `a_x`
        "#]],
        ),
        (
            Format::OpenMetrics,
            "a 1 # {x=\"y\"} 1\n# EOF",
            expect![[r#"
            Line 1, column 8: `a` cannot have an exemplar: only counters (`…_total`) and histogram buckets (`…_bucket`) can
        "#]],
        ),
    ];
    for (format, body, expect) in cases {
        check(*format, body, expect);
    }
    assert_eq!(read(text, b"a{b=\"x\xffy\"} 1"), "Line 1, column 7: these bytes are not UTF-8\n");
}

#[test]
fn what_the_server_takes_and_refuses_at_the_edges() {
    let (text, openmetrics) = (Format::PrometheusText, Format::OpenMetrics);
    let good = |format, body: &str| !read(format, body.as_bytes()).contains("Line ");
    for (format, body, want) in [
        // No comma between labels, a line break in a value: in the classic format only.
        (text, "a{b=\"c\"d=\"e\"} 1\n", true),
        (openmetrics, "a{b=\"c\"d=\"e\"} 1\n# EOF\n", false),
        (text, "a{b=\"c\nd\"} 1\n", true),
        (openmetrics, "a{b=\"c\nd\"} 1\n# EOF\n", false),
        (text, "a{b=\"c\\\nd\"} 1\n", false),
        (text, "a{b=\"c\",,} 1\n", false),
        (text, "a{,} 1\n", false),
        // Blanks before a name, carriage returns, times before 1970.
        (text, " a 1\n", false),
        (text, "  # HELP a b\n", true),
        (text, "a 1\r\n", false),
        (text, "# TYPE a counter\r\n", false),
        (text, "a 1 -1\n", false),
        (openmetrics, "a 1 -1\n# EOF\n", true),
        // Types of the other format.
        (text, "# TYPE a unknown\n", false),
        (openmetrics, "# TYPE a untyped\n# EOF\n", false),
        (text, "# TYPE a stateset\n", false),
        (openmetrics, "# TYPE a stateset\n# EOF\n", true),
    ] {
        assert_eq!(good(format, body), want, "{body:?}");
    }
    assert!(read(text, b"# HELP a \xff\n").contains("these bytes are not UTF-8"));
}

#[test]
fn a_line_of_very_many_labels_is_read_at_once() {
    let labels: Vec<String> = (0..200_000).map(|idx| format!("l{idx}=\"v\"")).collect();
    let body = format!("a{{{}}} 1\na{{{},l7=\"v\"}} 1\n", labels.join(","), labels.join(","));
    let mut parser = Parser::new(body.as_bytes(), Format::PrometheusText);
    assert!(matches!(parser.next_entry(), Ok(Some(Entry::Series(_)))));
    assert_eq!(parser.labels().map(|labels| labels.len()), Ok(200_001));
    assert!(matches!(parser.next_entry(), Ok(Some(Entry::Series(_)))));
    let error = parser.labels().expect_err("a label stands twice");
    assert_eq!((error.line, error.to_string().contains("`l7` stands twice")), (2, true), "{error}");
}

proptest! {
    #[test]
    fn nothing_panics(body in proptest::collection::vec(prop::sample::select(b"ab_:{}=\",\\\n \t#1.eE+-TYPEHLUNI\xff\x00".to_vec()), 0..80)) {
        read(Format::PrometheusText, &body);
        read(Format::OpenMetrics, &body);
    }
}
