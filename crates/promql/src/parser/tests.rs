//! Trees and diagnostics of whole texts.

use super::parse;
use crate::diagnostic::Severity;
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Prints a text's tree as text and its diagnostics with the part they mark.
fn check(src: &str, expect: &Expect) {
    let parsed = parse(src);
    let mut out = format!("{}\n", parsed.expr);
    for d in &parsed.diagnostics {
        let level = if d.severity == Severity::Error { "error" } else { "warning" };
        out.push_str(&format!("{level} at `{}`: {}\n", d.span.text(src), d.message));
        if !d.hint.is_empty() {
            out.push_str(&format!("  {}\n", d.hint));
        }
    }
    expect.assert_eq(&out);
}

/// The text is already in the form in which it is printed.
fn same(src: &str) {
    another(src, src);
}

/// The text is printed like this, and so is what it is printed as.
fn another(src: &str, want: &str) {
    for text in [src, want] {
        let parsed = parse(text);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        assert_eq!(parsed.expr.to_string(), want, "{text}");
    }
}

#[test]
fn expressions_print_as_prometheus_prints_them() {
    for src in [
        "1",
        "-1",
        "+Inf",
        "NaN",
        "0.5",
        "\"a\\nb\"",
        "up",
        "up{job=\"x\"}",
        "{job=~\"a|b\"}",
        "{\"http.requests\"}",
        "{\"http.requests\",\"a.b\"=\"c\"}",
        "up[5m]",
        "up[1h30m] offset 1d",
        "up offset -5m",
        "up @ 1.500",
        "up @ start() offset 5m",
        "rate(up[5m])[30m:1m] @ end() offset 1h",
        "rate(up[5m])[30m:]",
        "-up",
        "-(1 + 2)",
        "1 + 2 * 3 ^ 4 ^ 5",
        "(1 + 2) * 3",
        "a + on (x) group_left (y) b",
        "a / ignoring (x) group_right () b",
        "a > bool 1",
        "a and on () b",
        "a atan2 b",
        "a unless b or c",
        "sum(a)",
        "sum by (x, y) (a)",
        "sum without () (a)",
        "topk(3, a)",
        "count_values(\"v\", a)",
        "quantile by (\"a.b\") (0.9, a)",
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))",
        "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)\")",
        "time()",
        "up[5m] anchored",
        "up @ 1.000 smoothed offset 5m",
        "rate(up[5m] smoothed)",
        "a + fill (0) b",
        "a + on (x) fill_left (1) b",
        "up[step() * 2]",
        "up offset -step()",
        "up[max_of(5s, range())]",
        "a </ 3",
        "info(a, {b=~\".+\"})",
        "sum",
        "avg + by + offset",
        "5m",
    ] {
        same(src);
    }
    for (src, want) in [
        ("sum(a) by (x)", "sum by (x) (a)"),
        ("up{job='x',}", "up{job=\"x\"}"),
        ("{__name__=\"up\",job=`a\\b`}", "{__name__=\"up\",job=\"a\\\\b\"}"),
        ("1e3 + 0x10 + 1_000", "1000 + 16 + 1000"),
        ("up # comment\n + 1", "up + 1"),
        ("SUM BY (x) (a) AND b", "sum by (x) (a) and b"),
        ("-1 ^ 2", "-1 ^ 2"),
        ("up[60]", "up[1m]"),
        ("up offset 300", "up offset 5m"),
        ("a:b:c[5m:10s]", "a:b:c[5m:10s]"),
        ("up{b=\"1\",a=\"2\"}", "up{a=\"2\",b=\"1\"}"),
        ("{\"up\", __name__=~\"u.\"}", "{\"up\",__name__=~\"u.\"}"),
        ("{\"on\"}", "{\"on\"}"),
        ("up[min_of(60, 1m*2)]", "up[min_of(60, 1m * 2)]"),
        ("up[+step()]", "up[step()]"),
        ("up[-2 ^ 2 + 1h]", "up[-2 ^ 2 + 1h]"),
        ("up offset -2 ^ 2", "up offset -2s ^ 2"),
        ("up @ start() [5m]", "up[5m] @ start()"),
        ("up offset 0s offset 5m", "up offset 5m"),
        ("up anchored anchored", "up anchored"),
        ("up offset step() [5m]", "up[5m] offset step()"),
        ("sum by (a:b) (up)", "sum by (\"a:b\") (up)"),
        ("info(a, {} offset 5m)", "info(a, {} offset 5m)"),
        ("1e21", "1000000000000000000000"),
        ("a + fill_right (1) fill_left (2) b", "a + fill_left (2) fill_right (1) b"),
        ("info(a, {\"target_info\"})", "info(a, {__name__=\"target_info\"})"),
        ("1 + on () 2", "1 + on () 2"),
        ("up offset -0.5", "up offset -500ms"),
    ] {
        another(src, want);
    }
}

#[test]
fn problems_say_what_was_expected_and_what_to_do() {
    check(
        "",
        &expect![[r#"

        error at ``: expected an expression, found nothing
          type the name of a metric, such as `up`
    "#]],
    );
    check(
        "rate(up[5m]",
        &expect![[r#"
        rate(up[5m])
        error at `]`: expected `)` to close `(`, found the end
    "#]],
    );
    check(
        "ratee(up[5m])",
        &expect![[r#"
            ratee(up[5m])
            error at `ratee`: there is no function `ratee`
              did you mean `rate` or `irate` or `range`?
        "#]],
    );
    check(
        "rate(up)",
        &expect![[r#"
        rate(up)
        error at `up`: `rate` takes a range vector, this is an instant vector
          add a range: `[5m]`
    "#]],
    );
    check(
        "up[foo]",
        &expect![[r#"
        up[]
        error at `foo`: expected a duration such as `5m` after `[`, found `foo`
    "#]],
    );
    check(
        "up{job=x}",
        &expect![[r#"
        up
        error at `x`: expected a quoted value after `job=`, found `x`
          put the value in double quotes
    "#]],
    );
    check(
        "{job=~\".*\"}",
        &expect![[r#"
        {job=~".*"}
        error at `{job=~".*"}`: a selector needs at least one matcher that does not match the empty text
          add the name of a metric, or a matcher such as `job="…"`
    "#]],
    );
    check(
        "1 > 2",
        &expect![[r#"
        1 > 2
        error at `>`: a comparison of two numbers needs `bool`
          write `> bool`, which gives 0 or 1
    "#]],
    );
    check(
        "a and 1",
        &expect![[r#"
        a and 1
        error at `and`: `and` needs an instant vector on both sides
    "#]],
    );
    check(
        "sum(up) offset 5m",
        &expect![[r#"
        sum(up)
        error at `sum(up) offset 5m`: `offset` can only stand behind a selector such as `up`, `up[5m]` or a subquery
          put it inside, behind the metric
    "#]],
    );
    check(
        "a b",
        &expect![[r#"
        a
        error at `b`: expected the end of the expression, found `b`
          two expressions need an operator between them
    "#]],
    );
    check(
        "a + ",
        &expect![[r#"
        a + 
        error at `+`: expected an expression, found the end
    "#]],
    );
    check(
        "topk(up)",
        &expect![[r#"
        topk(up)
        error at `topk(up)`: `topk` takes 2 arguments, found 1
          first a scalar, then an instant vector
    "#]],
    );
    check(
        "up{job=\"x",
        &expect![[r#"
        up{job="x"}
        error at `"x`: this text has no closing "
          add " where it ends
        error at `x`: expected `}` to close `{`, found the end
    "#]],
    );
    check(
        "foo(bar{a=}, ba[5z",
        &expect![[r#"
        foo(bar, ba[NaN])
        error at `foo`: there is no function `foo`
          the completion of the expression field lists all functions
        error at `}`: expected a quoted value after `a=`, found `}`
          put the value in double quotes
        error at `5z`: `5z` is no number
          write a number such as `1.5`, `1e3` or `0x1f`, or a duration such as `5m`
        error at `z`: expected `]` to close `[`, found the end
    "#]],
    );
    check(
        "\"a\\qb\"",
        &expect![[r#"
        "ab"
        error at `\q`: `\q` is no escape sequence
          a backslash in a text is written `\\`; in `backticks` it stands for itself
    "#]],
    );
    check(
        "up[0s]",
        &expect![[r#"
        up[0s]
        error at `0s`: duration must be greater than 0
          a range has to be longer than nothing
    "#]],
    );
}

#[test]
fn one_mistake_is_one_problem_and_later_ones_are_found_too() {
    check(
        "up{job=\"x\" instance=\"y\"}",
        &expect![[r#"
        up{instance="y",job="x"}
        error at `instance`: expected `,` or `}`, found `instance`
          put a comma between the matchers
    "#]],
    );
    check(
        "increase(sum(up)[1h])",
        &expect![[r#"
        increase(sum(up)[1h:])
        error at `[1h]`: a range can only stand behind a selector; this gives an instant vector
          for the values of an expression over time write a subquery: `(…)[5m:]`
    "#]],
    );
    check(
        "rate(up[5m])) / foo(",
        &expect![[r#"
        rate(up[5m]) / foo()
        error at `)`: expected the end of the expression, found `)`
          there is no matching opening bracket
        error at `foo`: there is no function `foo`
          the completion of the expression field lists all functions
        error at `(`: expected `)` to close `(`, found the end
    "#]],
    );
    check(
        "a = b",
        &expect![[r#"
        a
        error at `=`: expected the end of the expression, found `=`
          to compare, write `==`
    "#]],
    );
    check(
        "a && b",
        &expect![[r#"
        a
        error at `&`: expected the end of the expression, found `&`
          to keep series that both sides have, write `and`
    "#]],
    );
    check(
        "foo bar baz{a=}",
        &expect![[r#"
        foo
        error at `bar`: expected the end of the expression, found `bar`
          two expressions need an operator between them
        error at `}`: expected a quoted value after `a=`, found `}`
          put the value in double quotes
    "#]],
    );
    check(
        "sum by (job rate(x[5m]))",
        &expect![[r#"
        sum by (job) ()
        error at `rate`: expected `)` to close `(`, found `rate`
        error at `)`: expected `(` and what to aggregate, found the end
    "#]],
    );
}

#[test]
fn nesting_is_bounded_and_says_so() {
    for src in [
        format!("{}1{}", "(".repeat(1_000), ")".repeat(1_000)),
        "-".repeat(100_000),
        vec!["a"; 10_000].join("+"),
        format!("a{}", "[1m:]".repeat(10_000)),
        format!("a[{}1m", "(".repeat(10_000)),
        "abs(".repeat(5_000),
    ] {
        let parsed = parse(&src);
        assert!(parsed.diagnostics.iter().any(|d| d.message.contains("nested deeper")), "{}", &src[..20]);
    }
    assert!(parse(&"a".repeat(super::MAX_LEN + 1)).diagnostics[0].message.contains("bytes long"));
}

#[test]
fn a_long_expression_is_laid_out_as_prometheus_lays_it_out() {
    let check = |src: &str, expect: &Expect| {
        let laid_out = crate::printer::format(&parse(src).expr);
        expect.assert_eq(&laid_out);
        assert_eq!(parse(&laid_out).expr.to_string(), parse(src).expr.to_string());
    };
    check("sum(up) by (job)", &expect!["sum by (job) (up)"]);
    check(
        "sum by (job, code) (rate(http_requests_total{job=\"api\",code=~\"5..\"}[5m])) / on (job) group_left () -(sum by (job) (rate(http_requests_total{job=\"api\"}[5m]) + 1)) > bool 0",
        &expect![[r#"
                sum by (job, code) (rate(http_requests_total{code=~"5..",job="api"}[5m]))
              / on (job) group_left ()
                -(sum by (job) (rate(http_requests_total{job="api"}[5m]) + 1))
            > bool
              0"#]],
    );
    check(
        "label_replace(histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket{handler=~\"/api/.+\"}[5m])))[1h:1m], \"a\", \"$1\", \"b\", \"(.*)\")",
        &expect![[r#"
            label_replace(
              histogram_quantile(
                0.99,
                sum by (le, handler) (rate(http_request_duration_seconds_bucket{handler=~"/api/.+"}[5m]))
              )[1h:1m],
              "a",
              "$1",
              "b",
              "(.*)"
            )"#]],
    );
    check(
        "topk(5, (some_rather_long_metric_name_total + another_rather_long_metric_name_total) / a_third_rather_long_metric_name_total)",
        &expect![[r#"
            topk(
              5,
                (some_rather_long_metric_name_total + another_rather_long_metric_name_total)
              /
                a_third_rather_long_metric_name_total
            )"#]],
    );
}

#[test]
fn comments_stand_above_what_they_are_written_at() {
    let check = |src: &str, expect: &Expect| {
        let laid_out = crate::printer::format_source(src, &parse(src).expr);
        expect.assert_eq(&laid_out);
        assert_eq!(crate::printer::format_source(&laid_out, &parse(&laid_out).expr), laid_out);
    };
    check(
        "up # how many",
        &expect![[r#"
        # how many
        up"#]],
    );
    check(
        "# errors\nsum(rate(a[5m])) # by job\n/ # all\nsum(rate(b[5m]))",
        &expect![[r#"
        # errors
        # by job
          sum(rate(a[5m]))
        /
          # all
          sum(rate(b[5m]))"#]],
    );
    check(
        "sum(\n  # the fast ones\n  rate(a{b=\"c\", # not d\n e=\"f\"}[5m])\n  # the end\n)",
        &expect![[r#"
        sum(
          # the fast ones
          # the end
          rate(
            # not d
            a{b="c",e="f"}[5m]
          )
        )"#]],
    );
    check(
        "topk(5, # five\n a) > 1",
        &expect![[r#"
          topk(
            5,
            # five
            a
          )
        >
          1"#]],
    );
}

const SEEDS: [&str; 6] = [
    "sum by (job) (rate(http_requests_total{code=~\"5..\",job!=\"x\"}[5m] offset 1h)) / ignoring (a) group_left (b) up > bool 3",
    "histogram_quantile(0.9, sum without (instance) (rate(x_bucket[5m:30s] @ start())))",
    "{\"utf8.name\", \"l.n\"='ü'} unless on () -a ^ 2 % 7",
    "label_replace(up, `a`, \"$1\", \"b\", \"(.*)\") and count_values(\"v\", y) by (z)",
    "a + on (x) fill_left (-1) b offset -step() * max_of(1, range())",
    "topk(5, a[1h30m] anchored @ 12.5)",
];

proptest! {
    #[test]
    fn nothing_panics_and_spans_fit(src in "[a-c0-9(){}\\[\\]\"'`=~!<>+\\-*/^@:, ü\\n\\\\.]{0,60}") {
        holds(&src);
    }

    #[test]
    fn a_half_typed_query_has_a_tree(seed in 0..SEEDS.len(), from in 0usize..160, to in 0usize..160) {
        let src = SEEDS[seed];
        let cut = |at: usize| (0..=at.min(src.len())).rev().find(|i| src.is_char_boundary(*i)).unwrap_or(0);
        holds(&src[..cut(to)]);
        holds(&src[cut(from)..]);
        let without = format!("{}{}", &src[..cut(from)], &src[cut(from.max(to))..]);
        holds(&without);
    }
}

fn holds(src: &str) {
    let parsed = parse(src);
    for d in &parsed.diagnostics {
        assert!(d.span.end <= src.len() && src.get(d.span.start..d.span.end).is_some(), "{src:?}: {d:?}");
    }
    for (span, _) in crate::highlight(src) {
        assert!(src.get(span.start..span.end).is_some_and(|t| !t.is_empty()));
    }
    for cursor in 0..=src.len() {
        let completion = crate::complete::complete(src, cursor);
        assert!(src.get(completion.replace.start..completion.replace.end).is_some(), "{src:?} at {cursor}");
    }
    if parsed.diagnostics.is_empty() {
        let printed = parsed.expr.to_string();
        assert_eq!(parse(&printed).expr.to_string(), printed, "{src:?}");
    }
}

#[test]
fn long_garbage_is_answered_quickly() {
    let mb = 1 << 20;
    for src in [
        "(".repeat(mb),
        ")".repeat(mb),
        "a ".repeat(mb / 2),
        "a{".repeat(mb / 2),
        "{a=".repeat(mb / 3),
        "a[".repeat(mb / 2),
        "abs(a b,".repeat(mb / 8),
        format!("{}{}", "(".repeat(250), "a ".repeat(mb / 2 - 200)),
        format!("a{{b=~\"{}\"}}", "(".repeat(mb - 100)),
        format!("a{{b=~\"{}\"}}", "(a|".repeat(mb / 4)),
        "\"\n".repeat(mb / 2),
        "1 by ".repeat(mb / 5),
        "ü".repeat(mb / 2),
        " ".repeat(mb),
        format!("a +{}", " ".repeat(mb - 4)),
        format!("{}a{}", "(".repeat(128), format!("{})", "+a".repeat(120)).repeat(128)),
        format!("{}a{}", "(".repeat(128), format!("{})", "[1m:]".repeat(120)).repeat(128)),
        format!("a[{}1{}]", "(".repeat(128), format!("{})", "+1".repeat(120)).repeat(128)),
        format!("{}a", "a^-".repeat(mb / 4)),
    ] {
        let start = std::time::Instant::now();
        let parsed = parse(&src);
        let _ = parsed.expr.to_string();
        let took = start.elapsed();
        // Some 0.1 s with this profile; the limit is for slow machines.
        assert!(took.as_secs_f64() < 2.0, "{took:?} for {}", src.chars().take(20).collect::<String>());
    }
}
