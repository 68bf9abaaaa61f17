//! Texts and the rules that they break.

use super::*;
use proptest::prelude::*;

fn rules(format: Format, body: &str) -> Vec<String> {
    lint(body.as_bytes(), format).iter().map(|v| format!("{}:{} {}", v.line, v.column, v.rule.name())).collect()
}

#[test]
fn each_violation_has_its_place_and_rule() {
    let openmetrics = [
        ("", "1:1 eof"),
        ("a 1\n", "2:1 eof"),
        ("a x\nb 1\nc 1 y\n# EOF\n", "1:3 number, 3:5 timestamp"),
        ("a 1\n\nb 1\n# EOF\nb 1\n", "2:1 syntax, 5:1 eof"),
        ("# TYPE a counter\na_total -1\na_total NaN\n# EOF\n", "2:9 counter-value, 3:1 point-twice, 3:9 counter-value"),
        (
            "# TYPE a counter\n# HELP a x\n# HELP a y\na_total 1\n# UNIT a \n# EOF\n",
            "3:1 metadata-twice, 5:1 metadata-after-samples",
        ),
        ("# TYPE a counter\na 1\n# EOF\n", "2:1 sample-name"),
        ("# TYPE a_count gauge\n# TYPE a summary\n# EOF\n", "2:1 name-clash"),
        ("a 1\nb 1\na 2\n# EOF\n", "3:1 family-interleaved"),
        (
            "# TYPE a gauge\na{b=\"1\"} 1\na{b=\"2\"} 1\na{b=\"1\"} 1 5\n# EOF\n",
            "4:1 metric-interleaved, 4:1 timestamp-mixed",
        ),
        ("a 1 5\na 1 4.9999\na 1 4.9999\n# EOF\n", "2:1 timestamp-backwards"),
        (
            "# TYPE a summary\na{quantile=\"1.1\"} -1\na_count{quantile=\"0.5\"} 0.5\na 1\n# EOF\n",
            "2:3 quantile-label, 2:19 quantile-value, 3:9 quantile-label, 3:25 not-integer, 4:1 quantile-label, 4:1 metric-interleaved",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"2\"} 2\na_bucket{le=\"1\"} 3\na_bucket{le=\"3\"} 1\na_bucket{le=\"Inf\"} 4\na_sum 1\n# EOF\n",
            "3:1 bucket-order, 4:18 bucket-cumulative, 5:10 bucket-label, 6:7 sum-and-count",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"-1\"} 2\na_count 3\na_sum 3\n# EOF\n",
            "2:1 inf-bucket, 4:7 negative-bucket-sum",
        ),
        (
            "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 2\na_gcount 3\na_gsum -3\n# EOF\n",
            "3:10 count-mismatch, 4:8 negative-gsum",
        ),
        ("# TYPE a stateset\na 1\na{a=\"x\"} 2\n# EOF\n", "2:1 state-label, 3:10 state-value"),
        (
            "# TYPE a_s info\n# UNIT a_s s\na_s_info{_b=\"c\"} 2\n# EOF\n",
            "2:1 unit-not-allowed, 3:10 reserved-name, 3:18 info-value",
        ),
        (
            "# TYPE a counter\na_total 1 # {b=\"c\",b=\"c\"} 1\na_created NaN # {} 1\n# EOF\n",
            "2:20 label-twice, 3:11 created-value, 3:15 exemplar-place",
        ),
        ("# TYPE a histogram\na_bucket{le=\"1\"} 1 # {} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n", "2:20 exemplar-range"),
        ("{\"a.b\", c=\"d\"} 1\n{\"a.b\",c=\"e\"} 1\n# EOF\n", ""),
    ];
    for (body, want) in openmetrics {
        assert_eq!(rules(Format::OpenMetrics, body).join(", "), want, "{body}");
    }
}

#[test]
fn the_classic_format_has_rules_of_its_own() {
    let text = [
        ("a 1", "1:4 line-feed"),
        ("\n# a\n@b 1\na{b=\"c\nd\"} 1\n", "3:1 syntax, 4:3 line-break-in-label"),
        ("a 1\n# TYPE a counter\n# HELP a x\n# HELP a y\n", "2:1 metadata-after-samples, 4:1 metadata-twice"),
        ("a 1\na 1\nb 1\nb 1 7\na 1\n", "2:1 point-twice, 5:1 family-interleaved"),
        (
            "# TYPE a histogram\na_bucket{x=\"1\",le=\"1\"} 1\na_bucket{x=\"2\",le=\"+Inf\"} 1.5\na_bucket{x=\"1\",le=\"+Inf\"} 0\n",
            "4:27 bucket-cumulative",
        ),
        ("# TYPE a summary\na{quantile=\"x\"} -1\na_sum -1\n", "2:3 quantile-label"),
    ];
    for (body, want) in text {
        assert_eq!(rules(Format::PrometheusText, body).join(", "), want, "{body}");
    }
}

proptest! {
    #[test]
    fn a_text_that_the_parser_refuses_has_an_error_and_all_places_are_in_the_text(
        body in prop::collection::vec(prop::sample::select(
            ["a", "a_bucket", "a_sum", "{le=\"1\"}", "{a=\"", "\"}", " 1", " ", "\n", "# TYPE a ", "histogram", "gauge", "# EOF", "# {} 1", "\u{e4}", "NaN", "\n"].to_vec(),
        ), 0..40),
        is_text in any::<bool>(),
    ) {
        let body = body.concat();
        let format = if is_text { Format::PrometheusText } else { Format::OpenMetrics };
        let found = lint(body.as_bytes(), format);
        let mut parser = Parser::new(body.as_bytes(), format);
        let refused = loop {
            match parser.next_entry() {
                Ok(None) => break false,
                Ok(Some(Entry::Series(_))) if parser.labels().is_err() => break true,
                Ok(Some(_)) => {}
                Err(_) => break true,
            }
        };
        prop_assert!(!refused || found.iter().any(|v| v.rule.severity() == Severity::Error), "{body:?}");
        let n_lines = body.split('\n').count();
        prop_assert!(found.iter().all(|v| (1..=n_lines).contains(&v.line) && v.column >= 1), "{body:?}");
    }
}
