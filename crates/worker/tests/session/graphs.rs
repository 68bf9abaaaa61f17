//! Graphs of several expressions, of the period before, aligned, and as heat maps; and what of them is bad input.

use super::*;
use expect_test::{Expect, expect};
use frame::{Points, is_gap};
use protocol::{GraphAnswer, Problem};

/// A request for a graph of the last so many milliseconds.
pub(super) struct Ask<'a> {
    pub(super) exprs: &'a [&'a str],
    pub(super) range_ms: i64,
    pub(super) step_ms: i64,
    pub(super) end_ms: Option<i64>,
    pub(super) width_px: u32,
    pub(super) max_series: u32,
    pub(super) extras: Extras,
}

impl<'a> Ask<'a> {
    pub(super) fn of(exprs: &'a [&'a str], range_ms: i64, step_ms: i64) -> Self {
        let extras = Extras::default();
        Ask { exprs, range_ms, step_ms, end_ms: None, width_px: 800, max_series: 100, extras }
    }

    pub(super) fn request(&self, panel: u32, generation: u32) -> Request {
        let also = self.exprs.iter().skip(1).map(|&expr| expr.to_owned()).collect();
        let kind = QueryKind::Range {
            end_ms: self.end_ms,
            range_ms: self.range_ms,
            step: StepChoice::Fixed { step_ms: self.step_ms },
            width_px: self.width_px,
            max_series: self.max_series,
            extras: Extras { also, ..self.extras.clone() },
        };
        let expr = self.exprs.first().map_or("", |expr| expr).to_owned();
        Request::Query(QueryRequest {
            panel: PanelId(panel),
            generation,
            expr,
            source: protocol::SourceChoice::Local,
            kind,
        })
    }
}

impl Page {
    /// The answer, as it is after it crossed to the page.
    pub(super) fn asks(&mut self, ask: &Ask<'_>) -> Result<GraphAnswer, Problem> {
        use protocol::Wire;
        self.events.get_mut().clear();
        self.send(ask.request(1, 1));
        let answer = self.last(|event| match event {
            Event::Graph(_) => Some(event.clone()),
            Event::Failed { origin: Origin::Panel { .. }, problem } => panic_or(problem),
            _ => None,
        });
        match answer {
            Some(event) => match Event::from_envelope(event.clone().into_envelope()) {
                Ok(Event::Graph(there)) => {
                    assert_eq!(Event::Graph(there.clone()), event);
                    Ok(there)
                }
                other => panic!("{other:?}"),
            },
            None => Err(self
                .last(|event| match event {
                    Event::Failed { problem, .. } => Some(problem.clone()),
                    _ => None,
                })
                .expect("an answer")),
        }
    }

    pub(super) fn graph(&mut self, ask: &Ask<'_>) -> GraphAnswer {
        self.asks(ask).expect("a graph")
    }
}

fn panic_or(problem: &Problem) -> Option<Event> {
    assert!(!problem.message.is_empty());
    None
}

/// A series a line, with its points.
fn lines(answer: &GraphAnswer) -> String {
    let line = |series: &frame::FrameSeries| {
        let points = series.points.iter(&answer.frame.grid);
        let points: Vec<String> = points.map(|(_, v)| if is_gap(v) { "-".to_owned() } else { v.to_string() }).collect();
        let before = if series.source.is_previous { " before" } else { "" };
        format!("{}{before} {}: {}\n", series.source.query_idx, series.labels, points.join(" "))
    };
    answer.frame.series.iter().map(line).collect()
}

/// Two targets, scraped each second for six seconds; a counts up to 6, b has no `y`.
fn page() -> Page {
    let mut page = Page::open().with_relay();
    page.add(1, "a:1");
    page.add(2, "b:1");
    for n in 1..=6 {
        page.answers("http://a:1/metrics", 200, &format!("# TYPE x gauge\nx {n}\ny {}\n", n * 10));
        page.answers("http://b:1/metrics", 200, "# TYPE x gauge\nx 7\n");
        page.pass(Millis(1_000));
    }
    page
}

fn check(answer: &GraphAnswer, want: &Expect) {
    want.assert_eq(&lines(answer));
}

#[test]
fn several_expressions_are_one_picture_and_blank_ones_keep_their_number() {
    let mut page = page();
    let answer = page.graph(&Ask::of(&["sum(x)", " ", "y", "5"], 2_000, 1_000));
    check(
        &answer,
        &expect![[r#"
            0 {}: 11 12 13
            2 y{instance="a:1", job="a"}: 40 50 60
            3 {}: 5 5 5
        "#]],
    );
    assert_eq!((answer.expr_of(0), answer.expr_of(2), answer.frame.n_series_total), ("sum(x)", "y", 3));
    assert_eq!((answer.stats.n_series, answer.failed.len()), (3, 0));
    check(
        &page.graph(&Ask::of(&["", "y"], 1_000, 1_000)),
        &expect![[r#"
            1 y{instance="a:1", job="a"}: 50 60
        "#]],
    );
}

#[test]
fn an_expression_that_fails_is_told_and_the_others_are_drawn() {
    let mut page = page();
    let answer = page.graph(&Ask::of(&["rate(", "y", "x * on (nothing) x", "rate(y[3s])"], 1_000, 1_000));
    check(
        &answer,
        &expect![[r#"
            1 y{instance="a:1", job="a"}: 50 60
            3 {instance="a:1", job="a"}: 10 10
        "#]],
    );
    let failed: Vec<u16> = answer.failed.iter().map(|(query_idx, _)| *query_idx).collect();
    assert_eq!(failed, [0, 2]);
    assert!(answer.failed.iter().all(|(_, problem)| problem.span.is_some()), "{:?}", answer.failed);
    let infos: Vec<(u16, &str)> = answer.infos.iter().map(|note| (note.query_idx, note.message.as_str())).collect();
    assert!(matches!(infos[..], [(3, text)] if text.contains("might not be a counter")), "{infos:?}");
    let problem = page.asks(&Ask::of(&["", "sum(", "rat(x)"], 1_000, 1_000)).expect_err("all fail");
    assert!(problem.message.contains("`sum`"), "the first that is not blank: {problem:?}");
    let problem = page.asks(&Ask::of(&["", " "], 1_000, 1_000)).expect_err("nothing to ask");
    assert!(!problem.message.is_empty());
}

#[test]
fn each_expression_has_its_own_cap_of_series() {
    let mut page = page();
    let ask = Ask { max_series: 1, ..Ask::of(&["x", "up"], 0, 1_000) };
    let answer = page.graph(&ask);
    check(
        &answer,
        &expect![[r#"
            0 x{instance="a:1", job="a"}: 6
            1 up{instance="a:1", job="a"}: 1
        "#]],
    );
    assert_eq!(answer.frame.n_series_total, 4);
}

#[test]
fn the_period_before_lies_on_the_same_steps() {
    let mut page = page();
    let extras = Extras { previous_ms: Some(3_000), ..Extras::default() };
    let answer = page.graph(&Ask { extras, ..Ask::of(&["y", "nothing"], 2_000, 1_000) });
    check(
        &answer,
        &expect![[r#"
            0 y{instance="a:1", job="a"}: 40 50 60
            0 before y{instance="a:1", job="a"}: 10 20 30
        "#]],
    );
    assert_eq!(answer.stats.n_series, 1);
    for previous_ms in [0, -1, i64::MIN, 86_400_000, i64::MAX] {
        let extras = Extras { previous_ms: Some(previous_ms), ..Extras::default() };
        let answer = page.graph(&Ask { extras, ..Ask::of(&["y"], 2_000, 1_000) });
        assert_eq!((answer.frame.series.len(), answer.failed.len()), (1, 0), "{previous_ms}");
        assert_eq!((answer.warnings.len(), answer.infos.len()), (0, 0), "{previous_ms}");
    }
}

#[test]
fn aligned_series_have_a_value_at_each_step_and_a_pixel_for_it() {
    let mut page = page();
    let aligned = Extras { is_aligned: true, ..Extras::default() };
    let answer = page.graph(&Ask { extras: aligned, width_px: 100, ..Ask::of(&["x"], 3_600_000, 1_000) });
    assert_eq!((answer.step_ms, answer.frame.grid.step.0, answer.frame.grid.len), (37_000, 37_000, 98));
    for series in &answer.frame.series {
        assert!(matches!(&series.points, Points::Dense(vs) if vs.len() == 98));
    }
    let free = page.graph(&Ask { width_px: 100, ..Ask::of(&["x"], 3_600_000, 1_000) });
    assert_eq!((free.step_ms, free.frame.grid.len), (1_000, 3_601));
    assert!(matches!(&free.frame.series[0].points, Points::Sparse { .. }));
}

/// A row a line, the highest first.
fn rows(answer: &GraphAnswer) -> String {
    let mut out = String::new();
    for map in &answer.frame.heat {
        assert!(map.fits(&answer.frame.grid));
        for row in (0..map.n_rows()).rev() {
            let cells = (0..answer.frame.grid.len).map(|step_idx| map.column(step_idx)[row]);
            let cells: Vec<String> = cells.map(|v| if is_gap(v) { "-".to_owned() } else { v.to_string() }).collect();
            out += &format!("{} {:?}..{:?}: {}\n", map.query_idx, map.edges[row], map.edges[row + 1], cells.join(" "));
        }
    }
    out
}

#[test]
fn classic_histograms_are_a_heat_map_and_what_is_none_stays_a_line() {
    let mut page = Page::open().with_relay();
    page.add(1, "a:1");
    for n in [1, 3] {
        page.answers(
            "http://a:1/metrics",
            200,
            &format!(
                "# TYPE h histogram\nh_bucket{{le=\"0.5\"}} {n}\nh_bucket{{le=\"1.0\"}} {}\nh_bucket{{le=\"+Inf\"}} {}\n\
                 h_sum 1\nh_count {}\nodd{{le=\"<b>\"}} 4\nodd{{le=\"NaN\"}} 4\n",
                2 * n,
                5 * n,
                5 * n
            ),
        );
        page.pass(Millis(1_000));
    }
    let heat = Extras { heat: true, previous_ms: Some(60_000), ..Extras::default() };
    let answer = page.graph(&Ask { extras: heat.clone(), ..Ask::of(&["h_bucket", "h_count", "odd"], 2_000, 1_000) });
    expect![[r#"
        0 1.0..inf: - 3 9
        0 0.5..1.0: - 1 3
        0 -inf..0.5: - 1 3
    "#]]
    .assert_eq(&rows(&answer));
    check(
        &answer,
        &expect![[r#"
            1 h_count{instance="a:1", job="a"}: - 5 15
            2 odd{instance="a:1", job="a", le="<b>"}: - 4 4
            2 odd{instance="a:1", job="a", le="NaN"}: - 4 4
        "#]],
    );
    assert_eq!((answer.frame.n_series_total, answer.infos.len()), (3, 0));
    let lines = page.graph(&Ask::of(&["h_bucket"], 2_000, 1_000));
    assert_eq!((lines.frame.series.len(), lines.frame.heat.len()), (3, 0));
}

/// A native histogram and a classic one of custom bounds, as text of OpenMetrics 2.0.
const NATIVE: &str = "# TYPE n histogram\nn {count:12,sum:18.4,schema:0,zero_threshold:0.25,zero_count:2,\
                      negative_spans:[0:1],negative_buckets:[3],positive_spans:[1:2],positive_buckets:[3,4]}\n# EOF\n";

#[test]
fn native_histograms_are_a_heat_map_or_said_to_be_not_drawn() {
    let mut page = Page::open().with_relay();
    page.world.insert(
        "http://a:1/metrics",
        Ok(Answer {
            status: 200,
            content_type: Some("application/openmetrics-text; version=2.0.0".to_owned()),
            body: NATIVE.as_bytes().to_vec(),
        }),
    );
    page.add(1, "a:1");
    page.pass(Millis(1_000));
    assert_eq!(page.target(1).problem, None);
    let answer = page.graph(&Ask::of(&["n"], 1_000, 1_000));
    assert_eq!((answer.frame.series.len(), answer.frame.n_series_total, answer.frame.heat.len()), (0, 0, 0));
    assert_eq!((answer.stats.n_series, answer.infos.len()), (1, 1));
    assert!(answer.infos[0].message.contains("native histograms"), "{:?}", answer.infos);
    assert!(answer.infos[0].hint.contains("heat map"), "{:?}", answer.infos);
    let heat = Extras { heat: true, ..Extras::default() };
    let mixed = ["n", "label_replace(vector(4), \"le\", \"1\", \"\", \"\") or n"];
    let answer = page.graph(&Ask { extras: heat, ..Ask::of(&mixed, 1_000, 1_000) });
    expect![[r#"
        0 2.0..4.0: 4 4
        0 1.0..2.0: 3 3
        0 -0.5..1.0: 2 2
        0 -1.0..-0.5: 3 3
        1 -inf..1.0: 4 4
        1 2.0..4.0: 4 4
        1 1.0..2.0: 3 3
        1 -0.5..1.0: 2 2
        1 -1.0..-0.5: 3 3
    "#]]
    .assert_eq(&rows(&answer));
    assert_eq!((answer.frame.series.len(), answer.infos.len()), (0, 0));
}

#[test]
fn absurd_ranges_steps_and_extras_are_answered() {
    let mut page = page();
    let long = "l".repeat(10_000);
    page.answers("http://a:1/metrics", 200, &format!("x{{l=\"{long}\"}} 1\nh_bucket{{le=\"{long}\"}} 2\n"));
    page.pass(Millis(1_000));
    let all = |previous_ms| Extras {
        previous_ms: Some(previous_ms),
        is_aligned: previous_ms % 2 == 0,
        heat: true,
        exemplars: true,
        marks: true,
        ..Extras::default()
    };
    let exprs = ["x", "sum(x)", "{__name__=~\".+\"}", "rate(x[1m])", "h_bucket", "x @ end()", "topk(1, x)", "up"];
    let decade = 315_360_000_000;
    for (range_ms, step_ms) in [
        (1_000, 1_000),
        (1_000, 1),
        (10, 1),
        (decade, decade / 250),
        (0, 1),
        (-5, 0),
        (10, 1_000),
        (i64::MAX, i64::MAX),
    ] {
        for previous_ms in [1, 60_000, i64::MAX, i64::MIN, -1_000] {
            for (end_ms, width_px) in
                [(None, 800), (None, 0), (Some(i64::MAX), 3), (Some(i64::MIN), 800), (Some(-5), 1)]
            {
                let ask = Ask { end_ms, width_px, extras: all(previous_ms), ..Ask::of(&exprs, range_ms, step_ms) };
                let answer = page.asks(&ask);
                let is_fine = answer.as_ref().is_ok_and(|answer| answer.failed.is_empty());
                assert!(is_fine, "{range_ms} {step_ms} {previous_ms} {end_ms:?} {width_px}: {answer:?}");
            }
        }
    }
    let answer = page.graph(&Ask::of(&["x"], 1_000, 1_000));
    assert!(answer.frame.series.iter().any(|series| series.labels.get("l") == Some(&long)));
}

#[test]
fn more_expressions_than_there_are_colours_are_refused_one_by_one() {
    let mut page = page();
    let many = vec!["y"; 40];
    let answer = page.graph(&Ask::of(&many, 1_000, 1_000));
    assert_eq!((answer.frame.series.len(), answer.failed.len()), (32, 8));
    assert!(answer.failed[0].1.message.contains("32"), "{:?}", answer.failed[0]);
}

#[test]
fn a_graph_of_more_points_than_there_is_room_for_says_so() {
    let mut page = Page::open().with_relay();
    let body: String = (0..2_000).map(|i| format!("x{{i=\"{i}\"}} {i}\n")).collect();
    page.answers("http://a:1/metrics", 200, &body);
    page.add(1, "a:1");
    page.pass(Millis(1_000));
    let aligned = Extras { is_aligned: true, ..Extras::default() };
    let ask = Ask { max_series: 10_000, width_px: 11_000, extras: aligned, ..Ask::of(&["x"], 10_000_000, 1_000) };
    let answer = page.graph(&ask);
    let n_floats: usize = answer.frame.series.iter().map(|series| series.points.len()).sum();
    assert!(n_floats <= 8 << 20 && answer.frame.series.len() > 800, "{n_floats}");
    assert_eq!(answer.frame.n_series_total, 2_000);
    assert!(answer.infos[0].message.starts_with("Showing 838 of 2,000 series"), "{:?}", answer.infos);
}

#[test]
fn an_expression_that_meets_a_limit_leaves_the_others_alone() {
    let mut page = page();
    let answer = page.graph(&Ask::of(&["y", "sum_over_time(y[100h:1ms])", "y"], 600_000, 1_000));
    assert_eq!((answer.frame.series.len(), answer.failed.len()), (2, 1));
    let (query_idx, problem) = &answer.failed[0];
    assert!(*query_idx == 1 && problem.message.starts_with("Stopped at "), "{problem:?}");
}

#[test]
fn what_is_evaluated_in_slices_is_the_same_picture() {
    let mut page = Page::open().with_relay();
    let body = |n: usize| -> String {
        (0..200).map(|i| format!("x{{i=\"{i}\"}} {}\nh_bucket{{i=\"{i}\",le=\"{}\"}} {n}\n", n * i, i % 7)).collect()
    };
    page.add(1, "a:1");
    for n in 0..30 {
        page.answers("http://a:1/metrics", 200, &body(n % 11));
        page.pass(Millis(1_000));
    }
    let extras = Extras {
        previous_ms: Some(7_000),
        heat: true,
        exemplars: true,
        marks: true,
        is_aligned: true,
        ..Extras::default()
    };
    let exprs = ["sum_over_time(x[60s:1s])", "sum by (le) (h_bucket)", "rate(", "avg_over_time(x[60s:1s])"];
    let ask = Ask { extras, ..Ask::of(&exprs, 60_000, 1_000) };
    let mut answer = |panel: u32, clock: &dyn Fn() -> f64| {
        page.worker.handle(ask.request(panel, 1), Timestamp(page.now));
        let mut n_slices = 1;
        while page.worker.step_query(Timestamp(page.now), clock) {
            n_slices += 1;
        }
        let graph = page.worker.take_events().into_iter().find_map(|event| match event {
            Event::Graph(answer) => Some((answer.frame, answer.failed, answer.warnings, answer.infos)),
            _ => None,
        });
        (graph.expect("a graph"), n_slices)
    };
    let (whole, n_whole) = answer(1, &|| 0.0);
    assert!(!whole.0.heat.is_empty() && !whole.0.series.is_empty());
    // Each look at the clock takes 30 ms.
    let ticks = Cell::new(0.0);
    let (sliced, n_sliced) = answer(2, &|| {
        ticks.set(ticks.get() + 30.0);
        ticks.get()
    });
    assert_eq!((n_whole, n_sliced > 2), (1, true), "{n_sliced} slices");
    assert_eq!(whole, sliced);
}
