//! Queries, times and data that nobody means: each has an answer or an error with its place and a hint, soon, and nothing
//! panics.

use engine::{EvalError, EvalErrorKind, Interrupt, Limits, Options, QueryOutput, Value, evaluate};
use model::{Labels, Millis, STALE_NAN, StepGrid, TimeRange, Timestamp};
use std::time::{Duration, Instant};
use tsdb::{Head, HeadOptions};

/// Every kind of node, with operands that make it stumble.
const QUERIES: &[&str] = &[
    "x",
    "x @ 9000000000000000",
    "x @ -9000000000000000",
    "x offset 292y",
    "x offset -292y",
    "x @ 9000000000000000 offset -292y",
    "x @ start() offset -292y",
    "x smoothed",
    "x[292y]",
    "x[1ms]",
    "x[292y] offset 292y",
    "x[292y] @ -9000000000000000 offset 292y",
    "rate(x[292y])",
    "increase(x[292y] anchored)",
    "delta(x[1m] smoothed @ 9000000000000000 offset -292y)",
    "sum_over_time(x[292y] offset -292y)",
    "x[292y:291y]",
    "x[292y:1ms]",
    "sum_over_time(x[292y:100y] @ -9000000000000000 offset 292y)",
    "max_over_time(max_over_time(max_over_time(x[292y:73y])[292y:73y])[292y:73y])",
    "count_over_time(vector(1)[1h:1ms])",
    "x[1m:292y]",
    "x[range():step()]",
    "x offset -step() * 0",
    "x[1m * 1e300]",
    "x[10^300]",
    "x offset (0 / 0)",
    "x offset (1m % 0)",
    "predict_linear(x[5m], 1e308)",
    "predict_linear(x[5m], NaN)",
    "double_exponential_smoothing(x[5m], 0.5, 2)",
    "quantile_over_time(NaN, x[5m])",
    "topk(NaN, x)",
    "topk(Inf, x)",
    "topk(-Inf, x)",
    "bottomk(1e19, x)",
    "limitk(NaN, x)",
    "limit_ratio(NaN, x)",
    "limit_ratio(1e308, x)",
    "topk(scalar(nothing), x)",
    "quantile(NaN, x)",
    "count_values(\"\", x)",
    "count_values(\"a b\", x)",
    "histogram_quantile(NaN, x)",
    "histogram_quantile(0.5, x)",
    "histogram_fraction(NaN, Inf, x)",
    "year(vector(Inf))",
    "month(vector(-1e300))",
    "days_in_month(vector(NaN))",
    "day_of_year(vector(9e18))",
    "hour(vector(-9.3e18))",
    "round(x, 0)",
    "round(x, 1e-320)",
    "clamp(x, NaN, 1)",
    "clamp(x, 2, 1)",
    "x % 0",
    "x ^ 1e308",
    "0 % 0",
    "vector(9e307) * 1e10",
    "label_replace(x, \"n\", \"$1\", \"i\", \"(.*)\")",
    "label_replace(x, \"i\", \"\", \"i\", \".*\")",
    "label_replace(x, \"__name__\", \"\", \"\", \"\")",
    "label_replace(x, \"a b\", \"\", \"i\", \".*\")",
    "label_join(x, \"i\", \"\", \"nothing\")",
    "x * on(j) x",
    "x * on(j) group_left x",
    "x + ignoring(i) y",
    "y + ignoring(i) x",
    "-{__name__=~\"x|y\", i=\"0\"}",
    "sum without () ({__name__=~\".+\"})",
    "info(x)",
    "absent(x[5m:1m] @ 5)",
    "absent_over_time(x[1ms] offset 292y)",
    "sort_by_label(x, \"nothing\")",
    "{long=~\"(a+)+b\"}",
    "{long=~\"(a|a)*b\"}",
    "{long=~\".*.*.*.*.*.*.*.*b\"}",
    "{long!~\"((a*)*)*b\"}",
    "label_replace({long!=\"\"}, \"n\", \"$1\", \"long\", \"(a*)*(a*)*b\")",
    "x{i=~\"x{1000}{1000}{1000}\"}",
    "timestamp(x offset -292y)",
    "time()",
    "time() ^ 40",
    "end() - start()",
    "\"text\"",
    "scalar(x)",
    "1 / 0",
];

fn head() -> Head {
    let mut head = Head::new(HeadOptions { retention: Millis(i64::MAX / 4), ..HeadOptions::default() });
    for (name, i) in [("x", 0), ("x", 1), ("x", 2), ("y", 0)] {
        let labels = [("__name__", name.to_owned()), ("i", i.to_string()), ("j", "same".to_owned())];
        let labels = Labels::from_pairs(labels);
        for (idx, v) in [1.0, f64::NAN, f64::INFINITY, STALE_NAN, -1e308, 1e308, 0.0].into_iter().enumerate() {
            head.append(&labels, Timestamp(idx as i64 * 15_000), v).expect("in order");
        }
    }
    let long = Labels::from_pairs([("__name__", "l".to_owned()), ("long", "a".repeat(50_000))]);
    head.append(&long, Timestamp(0), 1.0).expect("in order");
    head
}

fn grids() -> Vec<StepGrid> {
    let at = |start, end, step| StepGrid::new(Timestamp(start), Timestamp(end), Millis(step));
    vec![
        at(60_000, 60_000, 1),
        at(0, 90_000, 15_000),
        // The end before the start, and steps that are none.
        at(90_000, 0, 15_000),
        at(0, 50, 0),
        at(0, 50, -15_000),
        at(i64::MIN, i64::MIN, 1),
        at(i64::MAX, i64::MAX, 1),
        at(i64::MIN, i64::MAX, i64::MAX / 3),
        at(i64::MAX - 5, i64::MAX, 1),
        at(-9_000_000_000_000_000, 9_000_000_000_000_000, 2_000_000_000_000_000),
    ]
}

fn ask(
    head: &Head,
    query: &str,
    grid: StepGrid,
    as_range: bool,
    options: &Options<'_>,
) -> Option<Result<QueryOutput, EvalError>> {
    let expr = promql::parse_strict(query, &tsdb::validate_regex).ok()?;
    let whole = TimeRange { start: grid.start, end: grid.end() };
    Some(evaluate(head, &expr, grid, whole, as_range, options))
}

#[test]
fn absurd_queries_at_absurd_times_are_answered() {
    let limits = Limits { max_samples: 2_000_000, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let (full, empty) = (head(), Head::new(HeadOptions::default()));
    for query in QUERIES {
        for grid in grids() {
            for (head, as_range) in [(&full, true), (&full, false), (&empty, true), (&empty, false)] {
                if !as_range && grid.len != 1 {
                    continue;
                }
                let started = Instant::now();
                if let Some(Err(error)) = ask(head, query, grid, as_range, &options) {
                    assert!(error.span.end <= query.len() && error.span.start < error.span.end, "{query}: {error:?}");
                    assert!(!error.to_string().is_empty() && !error.hint().is_empty(), "{query}: {error}");
                }
                assert!(started.elapsed() < Duration::from_secs(5), "{query} {grid:?}: {:?}", started.elapsed());
            }
        }
    }
}

#[test]
fn an_empty_store_has_empty_answers() {
    let head = Head::new(HeadOptions::default());
    let grid = StepGrid { start: Timestamp(0), step: Millis(1), len: 1 };
    for query in ["x", "sum(x)", "x + y", "x or y", "rate(x[5m])", "topk(1, x)", "count_values(\"v\", x)", "x > 1"] {
        let output = ask(&head, query, grid, false, &Options::default()).expect("it is read").expect("it is answered");
        assert!(matches!(&output.value, Value::Vector(rows) if rows.is_empty()), "{query}: {output:?}");
    }
}

#[test]
fn ten_million_samples_of_one_series_stay_within_the_limits() {
    let mut head = Head::new(HeadOptions { retention: Millis(i64::MAX / 4), ..HeadOptions::default() });
    let series = head.get_or_create(&Labels::from_pairs([("__name__", "x")])).expect("a series");
    for idx in 0..10_000_000_i64 {
        head.append_since(series, Timestamp(idx), (idx % 1_000) as f64, None).expect("in order");
    }
    let now = StepGrid { start: Timestamp(10_000_000), step: Millis(1), len: 1 };
    let many = StepGrid { start: Timestamp(9_990_000), step: Millis(1), len: 10_000 };
    let started = Instant::now();
    let whole = ask(&head, "count_over_time(x[1y])", now, false, &Options::default()).expect("it is read");
    let rows = match whole.expect("within the limit").value {
        Value::Vector(rows) => rows,
        other => panic!("{other:?}"),
    };
    assert!(matches!(rows[0].1, engine::Point::Float(v) if v == 10_000_000.0));

    let limits = Limits { max_samples: 5_000_000, ..Limits::default() };
    for query in ["count_over_time(x[1y])", "x[1y]", "max_over_time(x[3h:1ms])"] {
        let error = ask(&head, query, now, false, &Options { limits, ..Options::default() }).expect("it is read");
        let error = error.expect_err("too many samples");
        assert_eq!(error.kind, EvalErrorKind::TooManySamples(5_000_000), "{query}");
        assert!(error.to_string().contains("5000000") && !error.hint().is_empty(), "{error}");
    }

    // Ten thousand windows of ten million samples each: a look at the clock ends it.
    for query in ["quantile_over_time(0.5, x[1y])", "mad_over_time(x[1y])", "stddev_over_time(x[1y])", "x[1y:1s] == 1"]
    {
        let began = Instant::now();
        let late = || (began.elapsed() > Duration::from_millis(300)).then_some(Interrupt::TimedOut(Millis(300)));
        let options = Options { interrupted: Some(&late), ..Options::default() };
        let Some(answer) = ask(&head, query, many, true, &options) else { continue };
        let error = answer.expect_err("it takes too long");
        assert_eq!(error.kind, EvalErrorKind::Interrupted(Interrupt::TimedOut(Millis(300))), "{query}");
        assert!(began.elapsed() < Duration::from_secs(20), "{query}: {:?}", began.elapsed());
    }
    println!("{:?}", started.elapsed());
}
