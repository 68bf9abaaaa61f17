//! What is drawn beside the series: exemplars, and what happened to the targets.

use super::graphs::Ask;
use super::*;
use expect_test::{Expect, expect};
use protocol::GraphAnswer;

const MINUTE: i64 = 60_000;

fn with_marks() -> Extras {
    Extras { marks: true, ..Extras::default() }
}

fn ask<'a>(exprs: &'a [&'a str]) -> Ask<'a> {
    Ask { extras: with_marks(), ..Ask::of(exprs, MINUTE, 1_000) }
}

fn check(answer: &GraphAnswer, want: &Expect) {
    let at = |ms: i64| (ms - START) as f64 / 1_000.0;
    let line = |m: &frame::Mark| format!("{:?} {}..{} x{} {}\n", m.kind, at(m.at_ms), at(m.end_ms), m.count, m.labels);
    want.assert_eq(&answer.frame.marks.iter().map(line).collect::<String>());
}

/// What a counter's target answers.
fn body(v: u32, started: i64, more: &str) -> String {
    format!("# TYPE c counter\nc_total {v}\n# TYPE g gauge\ng {v}\nprocess_start_time_seconds {started}\n{more}")
}

#[test]
fn what_happened_to_a_target_is_marked_on_graphs_of_its_series_only() {
    let mut page = Page::open().with_relay();
    let start = START / 1_000 - 100;
    page.answers("http://a:1/metrics", 200, &body(5, start, ""));
    page.answers("http://b:1/metrics", 200, "other 1\n");
    page.add(1, "a:1");
    page.add(2, "b:1");
    page.pass(Millis(10_000));
    page.answers("http://a:1/metrics", 503, "");
    page.pass(Millis(5_000));
    page.answers("http://a:1/metrics", 200, &body(1, START / 1_000 + 14, "c_total{code=\"500\"} 1\n"));
    page.pass(Millis(10_000));
    check(
        &page.graph(&ask(&["rate(c_total[1m])"])),
        &expect![[r#"
            TargetDown 11..16 x1 {instance="a:1", job="a"}
            Restart 14..14 x1 {instance="a:1", job="a"}
            CounterReset 16..16 x1 c_total{instance="a:1", job="a"}
            TargetUp 16..16 x1 {instance="a:1", job="a"}
            NewSeries 16..16 x1 c_total{code="500", instance="a:1", job="a"}
        "#]],
    );
    // A gauge may fall.
    check(
        &page.graph(&ask(&["g"])),
        &expect![[r#"
            TargetDown 11..16 x1 {instance="a:1", job="a"}
            Restart 14..14 x1 {instance="a:1", job="a"}
            TargetUp 16..16 x1 {instance="a:1", job="a"}
        "#]],
    );
    for expr in ["other", "c_total offset 1s", "time()", "nothing"] {
        assert_eq!(page.graph(&ask(&[expr])).frame.marks, [], "{expr}");
    }
    assert_eq!(page.graph(&Ask::of(&["c_total"], MINUTE, 1_000)).frame.marks, [], "not asked for");
    // In few pixels they are fewer, in a range after them there are none.
    let narrow = page.graph(&Ask { width_px: 1, ..ask(&["c_total", "g"]) });
    assert!(narrow.frame.marks.len() == 5 && narrow.frame.marks.iter().all(|mark| mark.count == 1));
    check(&page.graph(&Ask { range_ms: 5_000, ..ask(&["c_total"]) }), &expect![""]);
}

#[test]
fn a_target_that_is_down_is_so_until_now_and_one_that_was_removed_until_then() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    page.pass(Millis(3_000));
    page.world.clear();
    page.pass(Millis(4_000));
    let ask = Ask { extras: with_marks(), ..Ask::of(&["x", "up"], MINUTE, 1_000) };
    check(
        &page.graph(&ask),
        &expect![[r#"
            TargetDown 4..7 x1 {instance="a:1", job="a"}
        "#]],
    );
    page.pass(Millis(500));
    page.send(Request::RemoveTarget { id: TargetId(1) });
    page.pass(Millis(4_000));
    check(
        &page.graph(&ask),
        &expect![[r#"
            TargetDown 4..7.5 x1 {instance="a:1", job="a"}
        "#]],
    );
    // A graph that begins meanwhile shows the rest.
    let later = page.graph(&Ask { end_ms: Some(START + 7_000), range_ms: 1_000, ..ask });
    check(
        &later,
        &expect![[r#"
            TargetDown 4..7 x1 {instance="a:1", job="a"}
        "#]],
    );
}

#[test]
fn resets_of_many_series_are_one_mark_a_pixel() {
    let mut page = Page::open().with_relay();
    let body = |v: u32| -> String { (0..300).map(|i| format!("c_total{{i=\"{i}\"}} {v}\n")).collect() };
    page.answers("http://a:1/metrics", 200, &body(9));
    page.add(1, "a:1");
    page.pass(Millis(3_000));
    page.answers("http://a:1/metrics", 200, &body(2));
    page.pass(Millis(3_000));
    check(
        &page.graph(&Ask { extras: with_marks(), ..Ask::of(&["c_total"], MINUTE, 1_000) }),
        &expect![[r#"
            CounterReset 4..4 x300 c_total{instance="a:1", job="a"}
        "#]],
    );
}

#[test]
fn exemplars_belong_to_the_metrics_of_the_expression_and_to_the_range() {
    let mut page = Page::open().with_relay();
    let openmetrics = |page: &mut Page, n: i64| {
        let at = page.now as f64 / 1_000.0;
        let body = format!(
            "# TYPE h histogram\nh_bucket{{le=\"1\"}} {n} # {{trace_id=\"low{n}\"}} 0.{n} {at}\nh_bucket{{le=\"+Inf\"}} {n}\n\
             h_sum 1\nh_count {n}\n# TYPE c counter\nc_total {n} # {{trace_id=\"c{n}\"}} 1.5\n# EOF\n"
        );
        let content_type = Some("application/openmetrics-text; version=1.0.0".to_owned());
        page.world.insert("http://a:1/metrics", Ok(Answer { status: 200, content_type, body: body.into_bytes() }));
    };
    openmetrics(&mut page, 1);
    page.add(1, "a:1");
    for n in 2..6 {
        openmetrics(&mut page, n);
        page.pass(Millis(1_000));
    }
    assert_eq!(page.target(1).problem, None);
    let extras = Extras { exemplars: true, ..Extras::default() };
    let told = |answer: &GraphAnswer| -> Vec<String> {
        let one = |e: &frame::FrameExemplar| {
            format!("{} {} {}", e.query_idx, e.labels.get("trace_id").unwrap_or_default(), e.v)
        };
        answer.frame.exemplars.iter().map(one).collect()
    };
    let quantile = ["1", "histogram_quantile(0.9, sum by (le) (rate(h_bucket[1m])))"];
    let all = page.graph(&Ask { extras: extras.clone(), ..ask(&quantile) });
    assert_eq!(told(&all), ["1 low1 0.1", "1 low2 0.2", "1 low3 0.3", "1 low4 0.4", "1 low5 0.5"]);
    assert!(all.frame.exemplars.iter().all(|e| e.series.metric_name() == Some("h_bucket")));
    let short = Ask { extras: extras.clone(), range_ms: 1_000, ..ask(&["rate(c_total[1m])"]) };
    assert_eq!(told(&page.graph(&short)), ["0 c4 1.5", "0 c5 1.5"]);
    for expr in ["h_count", "c_total{job=\"b\"}", "c_total offset 1m", "c_total @ end()"] {
        assert_eq!(told(&page.graph(&Ask { extras: extras.clone(), ..ask(&[expr]) })), [] as [&str; 0], "{expr}");
    }
    assert_eq!(told(&page.graph(&Ask::of(&["c_total"], MINUTE, 1_000))), [] as [&str; 0], "not asked for");
}
