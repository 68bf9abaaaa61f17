//! What is offered where; `|` marks the cursor.

use super::*;
use expect_test::{Expect, expect};

/// `|` marks the cursor.
fn check(marked: &str, expect: &Expect) {
    let cursor = marked.find('|').expect("a cursor");
    let src = marked.replacen('|', "", 1);
    let completion = complete(&src, cursor);
    let wants: Vec<String> = completion
        .wants
        .iter()
        .map(|want| match want {
            Want::LabelNames { matchers } => format!("labels {}", join(matchers)),
            Want::LabelValues { label, matchers, quoted } => {
                format!("values of {label} {} quoted={quoted}", join(matchers))
            }
            Want::Durations(items) => format!("durations {}…", items[0]),
            Want::Keywords(items) => format!("keywords {}…", items[0].name),
            other => format!("{other:?}"),
        })
        .collect();
    expect.assert_eq(&format!("{:?} {}", completion.replace.text(&src), wants.join("; ")));
}

fn join(matchers: &[Matcher]) -> String {
    format!("{{{}}}", matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

#[test]
fn what_can_stand_at_the_cursor() {
    check("|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("ra|te_x", &expect![[r#""rate_x" MetricNames; Functions; Aggregations"#]]);
    check("rate(ht|", &expect![[r#""ht" MetricNames; Functions; Aggregations"#]]);
    check("up{|", &expect![[r#""" labels {__name__="up"}"#]]);
    check("up{jo|b=\"x\"}", &expect![[r#""job" labels {__name__="up"}"#]]);
    check("up{a=\"b\",job=\"|\"}", &expect![[r#""" values of job {__name__="up",a="b"} quoted=true"#]]);
    check("up{job=~|", &expect![[r#""" values of job {__name__="up"} quoted=false"#]]);
    check("up[|", &expect![[r#""" durations 1m…; keywords step()…"#]]);
    check("up[5|]", &expect![[r#""5" durations 5s…"#]]);
    check("up[5m|]", &expect![[r#""5m" "#]]);
    check("sum by (|) (up)", &expect![[r#""" labels {__name__="up"}"#]]);
    check("sum |", &expect![[r#""" keywords by…"#]]);
    check("up |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("up + |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords on…; keywords fill…"#]]);
    check("up offset |", &expect![[r#""" durations 1m…; keywords step()…"#]]);
    check("sum(up) |", &expect![[r#""" keywords by…; keywords +…"#]]);
    check("sum by (a) (up) |", &expect![[r#""" keywords +…"#]]);
    check("(up) |", &expect![[r#""" keywords +…"#]]);
    check(
        "up > |",
        &expect![[r#""" MetricNames; Functions; Aggregations; keywords bool…; keywords on…; keywords fill…"#]],
    );
    check("up > bool |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords on…; keywords fill…"#]]);
    check("a * on (x) group_left (y) |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords fill…"#]]);
    check(
        "a + on (x) |",
        &expect![[r#""" MetricNames; Functions; Aggregations; keywords group_left…; keywords fill…"#]],
    );
    check("sum by (x) |", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("-|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("{\"ht|", &expect![[r#""ht" labels {}; MetricNames"#]]);
    check("sum by (|) (a + b) or c", &expect![[r#""" labels {__name__="a"}"#]]);
    check("rate(up[5m] |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("up @ |", &expect![[r#""" keywords start()…"#]]);
    check("up{job |}", &expect![[r#""" keywords =…"#]]);
    check("up{job=\"x\" |}", &expect![[r#""" "#]]);
    check("up{job=\"x\", |}", &expect![[r#""" labels {__name__="up",job="x"}"#]]);
    check("{\"a.b\", job=\"|\"}", &expect![[r#""" values of job {__name__="a.b"} quoted=true"#]]);
    check("{__name__=\"|\"}", &expect![[r#""" values of __name__ {} quoted=true"#]]);
    check("up # what|", &expect![[r#""" "#]]);
    check("up offset -|", &expect![[r#""" durations 1m…; keywords step()…"#]]);
    check("up offset 5|", &expect![[r#""5" durations 5s…"#]]);
    check("up offset 5m |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("up @ start() |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("offset |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("up[st|", &expect![[r#""st" keywords step()…"#]]);
    check("up[5m:|", &expect![[r#""" durations 1m…; keywords step()…"#]]);
    check("up[5m + |", &expect![[r#""" durations 1m…; keywords step()…"#]]);
    check("up[5m |", &expect![[r#""" "#]]);
    check("up[5m] |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("up[5m:1m] |", &expect![[r#""" keywords offset…; keywords +…"#]]);
    check("rate(up[5m])[|", &expect![[r#""" durations 1m…; keywords step()…"#]]);
    check("rate(up[5m]) |", &expect![[r#""" keywords +…"#]]);
    check("rate(|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("topk(|", &expect![[r#""" Functions; keywords Inf…"#]]);
    check("topk(5, |", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("round(up, |", &expect![[r#""" Functions; keywords Inf…"#]]);
    check("label_replace(up, |", &expect![[r#""" "#]]);
    check("label_replace(up, \"|\"", &expect![[r#""" labels {__name__="up"}"#]]);
    check("label_replace(up, \"a\", \"|\"", &expect![[r#""" "#]]);
    check("sort_by_label(up{a=\"b\"}, \"|", &expect![[r#""" labels {__name__="up"}"#]]);
    check("info(up, {|", &expect![[r#""" labels {__name__="target_info"}"#]]);
    check("sum(-|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("a - -|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("a and |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords on…"#]]);
    check("a and on (x) |", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
    check("a == bool on (x) group_left |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords fill…"#]]);
    check("a + fill_left (1) |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords fill…"#]]);
    check("a + fill (|", &expect![[r#""" keywords Inf…"#]]);
    check("a + on (|) b", &expect![[r#""" labels {__name__="b"}"#]]);
    check("sum(up) by (x) |", &expect![[r#""" keywords +…"#]]);
    check("sum(up) b|", &expect![[r#""b" keywords by…; keywords +…"#]]);
    check("up unl|", &expect![[r#""unl" keywords offset…; keywords +…"#]]);
    check("5 |", &expect![[r#""" keywords +…"#]]);
    check("\"te|xt\"", &expect![[r#""text" "#]]);
    check(
        "a * on (job) |",
        &expect![[r#""" MetricNames; Functions; Aggregations; keywords group_left…; keywords fill…"#]],
    );
}

#[test]
fn what_is_inserted_is_quoted_and_escaped() {
    let insert = |want: &Want, found: &str, quote| dynamic_item(want, found, quote).insert;
    let names = Want::LabelNames { matchers: Vec::new() };
    let values = Want::LabelValues { label: "a".to_owned(), matchers: Vec::new(), quoted: true };
    assert_eq!(insert(&Want::MetricNames, "up", None), "up");
    assert_eq!(insert(&Want::MetricNames, "http.up", None), r#"{"http.up"}"#);
    assert_eq!(insert(&Want::MetricNames, "http.up", Some('"')), "http.up");
    assert_eq!(insert(&names, "job", None), "job");
    assert_eq!(insert(&names, "a.b", None), r#""a.b""#);
    assert_eq!(insert(&values, r#"C:\"x"#, None), r#""C:\\\"x""#);
    assert_eq!(insert(&values, r#"C:\"x"#, Some('"')), r#"C:\\\"x"#);
    assert_eq!(insert(&values, "it's \"x\"", Some('\'')), r#"it\'s "x""#);
    assert_eq!(insert(&values, r"C:\x", Some('`')), r"C:\x");
}

#[test]
fn a_prefix_wins_and_common_functions_come_first() {
    let best = |typed: &str| {
        let items = static_items(&[Want::Functions, Want::Aggregations]);
        let mut scored: Vec<_> =
            items.iter().filter_map(|i| Some((-score(&i.label, typed)?, i.label.as_str()))).collect();
        scored.sort_unstable();
        scored[0].1.to_owned()
    };
    assert_eq!([best("ra"), best("de"), best("co"), best("hq")], ["rate", "delta", "count", "histogram_quantile"]);
}
