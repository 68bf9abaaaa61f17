//! Which raw series an expression needs, and from when to when.

use super::*;
use expect_test::{Expect, expect};

/// From 1000 s to 1100 s, 10 s apart, lookback 5 minutes.
fn plan(text: &str, limits: &FetchLimits) -> Result<FetchPlan, PlanError> {
    let grid = StepGrid { start: Timestamp(1_000_000), step: Millis(10_000), len: 11 };
    fetch_plan(&promql::parse(text).expr, grid, Millis(300_000), limits)
}

fn check(text: &str, want: &Expect) {
    let said = match plan(text, &FetchLimits::default()) {
        Err(error) => format!("error: {error}"),
        Ok(plan) => {
            let line = |of: &SelectorFetch| {
                let matchers = of.matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                format!("{matchers} {}..={}", of.range.start.0, of.range.end.0)
            };
            plan.selectors.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    };
    want.assert_eq(&said);
}

#[test]
fn a_selector_needs_what_the_engine_looks_at() {
    check("up", &expect![[r#"__name__="up" 700001..=1100000"#]]);
    check("rate(x{a=\"b\"}[1m])", &expect![[r#"a="b",__name__="x" 940001..=1100000"#]]);
    check("x offset 1m + x offset -1m", &expect![[r#"__name__="x" 640001..=1160000"#]]);
    check("x @ 500", &expect![[r#"__name__="x" 200001..=500000"#]]);
    check(
        "x @ start() + x @ end() + y[1m] @ 2000 offset 10s",
        &expect![[r#"
        __name__="x" 700001..=1100000
        __name__="y" 1930001..=1990000"#]],
    );
    check("max_over_time(rate(x[1m])[10m:1m] offset 5m)", &expect![[r#"__name__="x" 40001..=800000"#]]);
    check(
        "x[step()] + y[range()]",
        &expect![[r#"
        __name__="x" 990001..=1100000
        __name__="y" 900001..=1100000"#]],
    );
    check(
        "info(rate(x[1m]), {a=\"b\"}) + info(y, {__name__=~\"z.*\"})",
        &expect![[r#"
        __name__="x" 940001..=1100000
        a="b",__name__="target_info" 700001..=1100000
        __name__="y" 700001..=1100000
        __name__=~"z.*" 700001..=1100000"#]],
    );
    check(
        "rate(x[1m] anchored) + y smoothed",
        &expect![[r#"
        __name__="x" 640001..=1100000
        __name__="y" 700001..=1400000"#]],
    );
    check("1 + vector(2)", &expect![[""]]);
}

#[test]
fn equal_selectors_are_fetched_once_where_they_touch() {
    check("x + x", &expect![[r#"__name__="x" 700001..=1100000"#]]);
    check("rate(x[5m]) / rate(x[1h])", &expect![[r#"__name__="x" -2599999..=1100000"#]]);
    check(
        "x + x offset 1d",
        &expect![[r#"
        __name__="x" 700001..=1100000
        __name__="x" -85699999..=-85300000"#]],
    );
    check("x + x offset 1d + rate(x[2d])", &expect![[r#"__name__="x" -171799999..=1100000"#]]);
}

#[test]
fn what_is_too_much_or_not_whole_is_refused() {
    check(
        "rate(x[30d])",
        &expect!["error: raw samples of 30d1m40s would be fetched, at most 1w are; choose a shorter range"],
    );
    check("x +", &expect!["error: the expression is not complete"]);
    check("x[1m/0]", &expect!["error: this duration has no value"]);
    let few = FetchLimits { max_selectors: 1, ..FetchLimits::default() };
    expect!["the expression has more than 1 different selectors; each of them is fetched from each source"]
        .assert_eq(&plan("x + y", &few).unwrap_err().to_string());
}

#[test]
fn conditions_on_the_source_are_taken_out() {
    let plan = plan("x{source=\"a\",b=\"c\"}", &FetchLimits::default()).unwrap();
    let (others, source) = plan.selectors[0].split_label("source");
    assert_eq!(source, [Matcher::new("source", MatchOp::Equal, "a")]);
    assert_eq!(others.len(), 2);
}
