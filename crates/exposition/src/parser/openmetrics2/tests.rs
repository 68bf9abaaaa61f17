//! Bodies of OpenMetrics 2.0: what each line becomes, and what is refused.

use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::fmt::Write as _;

fn read(body: &str) -> String {
    let mut parser = OpenMetrics2Parser::new(body.as_bytes());
    let mut out = String::new();
    let mut builder = LabelsBuilder::new();
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
        if let Err(error) = parser.labels_into(&mut builder) {
            return format!("{out}{error}\n");
        }
        let _ = write!(out, "{} {value}", builder.labels());
        parser.timestamp().iter().for_each(|t| out.push_str(&format!(" @{}", t.0)));
        parser.start().iter().for_each(|t| out.push_str(&format!(" since {}", t.0)));
        for exemplar in parser.exemplars() {
            let _ = write!(out, " # {} {} {:?}", exemplar.labels, exemplar.v, exemplar.t.map(|t| t.0));
        }
        out.push('\n');
    }
}

fn check(body: &str, expect: &Expect) {
    expect.assert_eq(&read(body));
}

#[test]
fn numbers_have_times_starts_and_exemplars() {
    check(
        "# TYPE rides_total counter\n# UNIT rides_total rides\nrides_total{line=\"1\"} 17 1520879607.789 st@1520430000.123 # \
         {id=\"a\"} 0.5 1 # {} 2 3\nrides_total{line=\"2\",} 3 st@5\n{\"dots.here\",\"a.b\"=\"c\"} 1 9\n\
         # TYPE state stateset\nstate{state=\"on\"} 1\n# TYPE build_info info\nbuild_info{v=\"1\"} 1\n# EOF\n",
        &expect![[r#"
            Type { name: "rides_total", kind: Counter }
            Unit { name: "rides_total", unit: "rides" }
            rides_total{line="1"} 17 @1520879607789 since 1520430000123 # {id="a"} 0.5 Some(1000) # {} 2 Some(3000)
            rides_total{line="2"} 3 since 5000
            {"dots.here", "a.b"="c"} 1 @9000
            Type { name: "state", kind: StateSet }
            state{state="on"} 1
            Type { name: "build_info", kind: Info }
            build_info{v="1"} 1
        "#]],
    );
}

#[test]
fn histograms_and_summaries_become_the_series_that_openmetrics_1_has_of_them() {
    check(
        "# TYPE h histogram\nh{a=\"b\"} {count:17,sum:32.5,bucket:[0.1:8,1:11,+Inf:17]} 5 st@0.5 # {id=\"x\"} 0.5 1\n\
         # TYPE g gaugehistogram\ng {gcount:2,gsum:-3,bucket:[-Inf:0,-1:2,+Inf:2]}\n\
         # TYPE s summary\ns {count:3,sum:4,quantile:[0.5:1,0.99:NaN]} st@1\ns{x=\"y\"} {sum:0,count:0,quantile:[]}\n# EOF",
        &expect![[r#"
            Type { name: "h", kind: Histogram }
            h_count{a="b"} 17 @5000 since 500
            h_sum{a="b"} 32.5 @5000 since 500
            h_bucket{a="b", le="0.1"} 8 @5000 since 500
            h_bucket{a="b", le="1.0"} 11 @5000 since 500 # {id="x"} 0.5 Some(1000)
            h_bucket{a="b", le="+Inf"} 17 @5000 since 500
            Type { name: "g", kind: GaugeHistogram }
            g_gcount 2
            g_gsum -3
            g_bucket{le="-Inf"} 0
            g_bucket{le="-1.0"} 2
            g_bucket{le="+Inf"} 2
            Type { name: "s", kind: Summary }
            s_count 3 since 1000
            s_sum 4 since 1000
            s{quantile="0.5"} 1 since 1000
            s{quantile="0.99"} NaN since 1000
            s_count{x="y"} 0
            s_sum{x="y"} 0
        "#]],
    );
}

#[test]
fn native_histograms_stay_whole() {
    check(
        "# TYPE h histogram\nh {count:59,sum:1.2e2,schema:7,zero_threshold:1e-4,zero_count:0,negative_spans:[1:2],\
         negative_buckets:[5,7],positive_spans:[-1:2,3:4],positive_buckets:[5,7,10,9,8,8]} st@1 # {id=\"a\"} 0.67 2 # {} 1.2 3\n\
         h{x=\"both\"} {count:2,sum:3,schema:0,zero_threshold:0,zero_count:0,positive_spans:[0:2],positive_buckets:[1,1],\
         bucket:[0.5:1,+Inf:2]}\n\
         h{x=\"none\"} {count:0,sum:0,schema:3,zero_threshold:1e-4,zero_count:0}\n\
         # TYPE g gaugehistogram\ng {gcount:0.01,gsum:2,schema:0,zero_threshold:0,zero_count:0,positive_spans:[1:2],\
         positive_buckets:[0.005,0.005]}\n# EOF\n",
        &expect![[r#"
            Type { name: "h", kind: Histogram }
            h {{schema:7 count:59 sum:120 z_bucket_w:0.0001 offset:-1 buckets:[5 7 0 0 0 10 9 8 8] n_offset:1 n_buckets:[5 7]}} since 1000 # {id="a"} 0.67 Some(2000) # {} 1.2 Some(3000)
            h{x="both"} {{count:2 sum:3 buckets:[1 1]}}
            h{x="none"} {{schema:3 z_bucket_w:0.0001}}
            Type { name: "g", kind: GaugeHistogram }
            g {{count:0.01 sum:2 counter_reset_hint:gauge offset:1 buckets:[0.005 0.005]}}
        "#]],
    );
}

#[test]
fn what_a_server_refuses_is_refused_with_its_place() {
    let histogram = |value: &str| format!("# TYPE h histogram\nh {value}\n# EOF\n");
    let cases: Vec<(String, &str)> = vec![
        ("a 1\n".to_owned(), "Line 2, column 1: the text does not end"),
        ("a 1\n# EOF\nb 1\n".to_owned(), "Line 3, column 1: there is more"),
        ("a 1 st@1 5\n# EOF\n".to_owned(), "Line 1, column 9: expected the end of the line"),
        ("a 1 # {} 1\n# EOF\n".to_owned(), "expected a blank and the time of the exemplar"),
        (
            "a {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n".to_owned(),
            "belongs to a histogram or a summary, not to a unknown",
        ),
        ("{a=\"b\",\"c\"} 1\n# EOF\n".to_owned(), "the first in the braces"),
        ("# TYPE a counter\na NaN\n# EOF\n".to_owned(), "Line 2, column 1: the value of a counter"),
        ("# TYPE a info\n# EOF\n".to_owned(), "ends with `_info`"),
        ("# TYPE a_info info\na_info 2\n# EOF\n".to_owned(), "the value of an info is 1"),
        ("# TYPE a_info info\n# UNIT a_info info\n# EOF\n".to_owned(), "has no unit"),
        ("# TYPE a stateset\na 1\n# EOF\n".to_owned(), "a state stands in a label `a`"),
        (histogram("1"), "the value of a histogram has fields"),
        (histogram("{}"), "the field `count` is missing"),
        (histogram("{count:1,sum:1}"), "the field `bucket` is missing"),
        (histogram("{count:1,sum:1,bucket:[1:1]}"), "there is no bucket up to `+Inf`"),
        (histogram("{count:1,sum:1,bucket:[2:1,1:1,+Inf:1]}"), "Line 2, column 30: the bounds of buckets"),
        (histogram("{count:1,sum:x,bucket:[+Inf:1]}"), "Line 2, column 16: expected a number after `sum:`, found `x`"),
        (histogram("{count:1,count:1}"), "the field `count` stands twice"),
        (histogram("{count:1,gsum:1}"), "the field `gsum` does not belong here"),
        (histogram("{count: 1}"), "expected `,` or `}`"),
        (histogram("{count:1,summe:1}"), "expected a field such as `count`"),
        (histogram("{count:1,sum:1,schema:9,zero_threshold:0,zero_count:1}"), "from -4 to 8"),
        (
            histogram("{count:2,sum:1,schema:0,zero_threshold:0,zero_count:1}"),
            "1 observations in buckets, and 2 altogether",
        ),
        (
            histogram(
                "{count:1,sum:1,schema:0,zero_threshold:0,zero_count:0,positive_spans:[0:2],positive_buckets:[1]}",
            ),
            "spans of 2",
        ),
        (
            "# TYPE h histogram\nh{le=\"1\"} {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n".to_owned(),
            "the label `le` stands twice",
        ),
        ("<html>".to_owned(), "web page"),
    ];
    for (body, want) in cases {
        let said = read(&body);
        assert!(said.contains(want), "{body}\n{said}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut parser = OpenMetrics2Parser::new(&body);
        while let Ok(Some(_)) = parser.next_entry() {
            let _ = parser.labels_into(&mut LabelsBuilder::new());
        }
    }

    #[test]
    fn anything_that_looks_like_it_is_read_or_refused(
        body in "(# TYPE h (histogram|summary|gaugehistogram)\n)?(h(\\{a=\"b\"\\})? \\{?[a-z_]{0,6}:?\\[?[-0-9:.,+Inf]{0,12}\\]?[,}]{0,2}( st@[0-9.]{0,3})?\n){0,4}# EOF"
    ) {
        let _ = read(&body);
    }
}
