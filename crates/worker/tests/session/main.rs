//! The worker as the page drives it, without a browser: requests and time go in, the world answers fetches,
//! events come out.

mod beside;
mod checkup;
mod compared;
mod configs;
mod graphs;
// Generated scrapes need the system's randomness.
#[cfg(not(target_arch = "wasm32"))]
mod live;
mod sources;
mod told;

use model::{Millis, Timestamp};
use protocol::{
    Density, Event, Extras, Health, Lookup, Origin, PanelId, QueryKind, QueryRequest, Request, StepChoice, TableResult,
    TargetId, TargetSpec, TargetStatus, Upload, Via, WireMatcher, WorkerSettings,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use worker::{Answer, ErrandReply, ErrandStep, FetchFailure, Outcome, RelayInfo, Reply, ScrapePlan, Step, Worker};

const START: i64 = 1_700_000_000_000;

/// A page with its worker in a world of targets.
struct Page {
    worker: Worker,
    now: i64,
    /// What a URL answers, asked directly or through the relay.
    world: BTreeMap<&'static str, Reply>,
    events: RefCell<Vec<Event>>,
    fetched: Vec<String>,
}

impl Page {
    fn open() -> Self {
        let mut page = Page {
            worker: Worker::default(),
            now: START,
            world: BTreeMap::new(),
            events: RefCell::default(),
            fetched: Vec::new(),
        };
        let settings =
            WorkerSettings { page_origin: "http://page:8080".to_owned(), retention_ms: 3_600_000, max_bytes: 1 << 30 };
        page.send(Request::Hello(settings));
        page
    }

    fn send(&mut self, request: Request) {
        self.worker.handle(request, Timestamp(self.now));
        self.turn();
    }

    fn add(&mut self, id: u32, url: &str) {
        let spec = TargetSpec { interval_ms: 1_000, ..TargetSpec::new(url) };
        self.send(Request::AddTarget { id: TargetId(id), spec });
    }

    fn turn(&mut self) {
        for errand in self.worker.begin_errands(Timestamp(self.now)) {
            let reply = match errand.what {
                ErrandStep::Follow(mut plan) => ErrandReply::Followed(Box::new(self.follow(&mut plan))),
                ErrandStep::AskRelay { url, .. } => {
                    self.fetched.push(url.clone());
                    let answer = self.world.get(url.as_str()).and_then(|reply| reply.clone().ok());
                    ErrandReply::Relay(answer.map(|answer| (answer.status, answer.body)))
                }
            };
            self.worker.finish_errand(errand.id, reply, Timestamp(self.now));
        }
        for mut job in self.worker.begin_due(Timestamp(self.now)) {
            let outcome = self.follow(&mut job.plan);
            self.worker.finish(&job, outcome, 12.0, Timestamp(self.now));
        }
        self.worker.tick(Timestamp(self.now));
        while self.worker.step_query(Timestamp(self.now), &|| 0.0) {}
        self.events.get_mut().extend(self.worker.take_events());
    }

    /// Does what a plan says, in the world.
    fn follow(&mut self, plan: &mut ScrapePlan) -> Outcome {
        loop {
            match plan.step() {
                Step::Fetch(fetch) => {
                    let target = match fetch.via {
                        Via::Relay => {
                            fetch.url.rsplit("url=").next().unwrap_or("").replace("%3A", ":").replace("%2F", "/")
                        }
                        _ => fetch.url.clone(),
                    };
                    let headers = fetch.headers.0.iter().map(|(name, value)| format!(" {name}: {value}"));
                    self.fetched.push(format!("{:?} {target}{}", fetch.via, headers.collect::<String>()));
                    let reply = match (self.world.get(target.as_str()), fetch.via) {
                        // Nothing here sends the header that lets a page read it.
                        (_, Via::Direct) if !target.starts_with("http://page") && !target.contains("cors") => {
                            Err(FetchFailure::Opaque)
                        }
                        (Some(reply), _) => reply.clone(),
                        (None, Via::Relay) => Err(FetchFailure::Known(scrape::ScrapeFailure::Refused)),
                        (None, _) => Err(FetchFailure::Opaque),
                    };
                    plan.reply(reply);
                }
                Step::AskRelay(_) => plan.relay_is(false),
                Step::Probe(_) => plan.answers(false),
                Step::Done(outcome) => return *outcome,
            }
        }
    }

    /// Lets a time pass, a tenth of a second at a time.
    fn pass(&mut self, time: Millis) {
        for _ in 0..time.0 / 100 {
            self.now += 100;
            self.turn();
        }
    }

    fn with_relay(mut self) -> Self {
        let relay = RelayInfo { name: "promenade-relay".to_owned(), version: "1".to_owned(), max_body_bytes: 1 << 20 };
        self.worker.set_relay(Some(relay), Timestamp(self.now));
        self
    }

    fn answers(&mut self, url: &'static str, status: u16, body: &str) {
        self.world.insert(url, Ok(Answer { status, content_type: None, body: body.as_bytes().to_vec() }));
    }

    fn target(&self, id: u32) -> TargetStatus {
        let events = self.events.borrow();
        let all = events.iter().rev().find_map(|event| match event {
            Event::Targets { targets } => Some(targets),
            _ => None,
        });
        all.and_then(|all| all.iter().find(|t| t.id == TargetId(id)).cloned()).expect("the page was told of the target")
    }

    fn last<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.events.borrow().iter().rev().find_map(pick)
    }

    /// The rows of an instant query, as `labels value`.
    fn table(&mut self, expr: &str) -> Vec<String> {
        let kind = QueryKind::Instant { at_ms: None };
        self.send(Request::Query(QueryRequest {
            panel: PanelId(1),
            generation: 1,
            expr: expr.to_owned(),
            source: protocol::SourceChoice::Local,
            kind,
        }));
        let rows = self.last(|event| match event {
            Event::Table(answer) => match &answer.result {
                TableResult::Vector { rows } => Some(rows.clone()),
                TableResult::Scalar { v } => Some(vec![protocol::Row { labels: Vec::new(), v: *v, text: None }]),
                _ => None,
            },
            Event::Failed { origin: Origin::Panel { .. }, problem } => panic!("{problem:?}"),
            _ => None,
        });
        let text = |row: &protocol::Row| {
            let labels = model::Labels::from_pairs(row.labels.iter().map(|(n, v)| (n, v)));
            format!("{labels} {}", model::number::format(row.v))
        };
        rows.expect("a table").iter().map(text).collect()
    }
}

#[test]
fn a_target_is_scraped_through_the_relay_and_says_so() {
    let mut page = Page::open().with_relay();
    page.answers("http://node:9100/metrics", 200, "# TYPE x_total counter\nx_total 5\n");
    page.add(1, "node:9100");
    let target = page.target(1);
    assert_eq!((target.health, target.via, target.n_samples), (Health::Up, Some(Via::Relay), 1));
    assert_eq!(target.url, "http://node:9100/metrics");
    assert_eq!(target.labels[0], ("job".to_owned(), "node".to_owned()));
    assert!(target.notices[0].contains("through the relay"), "{:?}", target.notices);
    assert_eq!(page.table("x_total"), [r#"x_total{instance="node:9100", job="node"} 5"#]);
    assert_eq!(page.table("up"), [r#"up{instance="node:9100", job="node"} 1"#]);
    page.fetched.clear();
    page.pass(Millis(2_000));
    assert_eq!(page.fetched, ["Relay http://node:9100/metrics"; 2], "the way is remembered");
}

#[test]
fn a_scrape_that_began_before_the_relay_was_found_does_not_lose_it() {
    let mut page = Page::open();
    page.answers("http://page:8080/metrics", 200, "x 1\n");
    page.answers("http://node:9100/metrics", 200, "x 1\n");
    let spec = TargetSpec::new("http://page:8080/metrics");
    page.worker.handle(Request::AddTarget { id: TargetId(1), spec }, Timestamp(page.now));
    let mut job = page.worker.begin_due(Timestamp(page.now)).pop().expect("it is due");
    page = page.with_relay();
    job.plan.reply(page.world["http://page:8080/metrics"].clone());
    let Step::Done(outcome) = job.plan.step() else { panic!("one answer is enough") };
    page.worker.finish(&job, *outcome, 1.0, Timestamp(page.now));
    page.add(2, "node:9100");
    assert_eq!(page.target(2).via, Some(Via::Relay));
}

#[test]
fn up_goes_to_0_and_back_and_the_series_end_meanwhile() {
    let mut page = Page::open().with_relay();
    page.answers("http://node:9100/metrics", 200, "x 5\n");
    page.add(1, "node:9100");
    page.world.clear();
    page.pass(Millis(1_000));
    let target = page.target(1);
    assert_eq!(target.health, Health::Down);
    assert!(target.problem.as_ref().is_some_and(|p| p.message.contains("refused") && !p.hint.is_empty()), "{target:?}");
    assert_eq!(page.table("up"), [r#"up{instance="node:9100", job="node"} 0"#]);
    assert_eq!(page.table("x"), [] as [&str; 0]);
    page.answers("http://node:9100/metrics", 200, "x 6\n");
    page.pass(Millis(1_000));
    assert_eq!(page.table("x"), [r#"x{instance="node:9100", job="node"} 6"#]);
    assert_eq!(page.target(1).problem, None);
}

#[test]
fn the_path_of_a_spring_app_is_found() {
    let mut page = Page::open().with_relay();
    page.answers("http://app:8080/metrics", 404, "<!doctype html>");
    page.answers("http://app:8080/actuator/prometheus", 200, "jvm_threads 7\n");
    page.add(1, "app:8080");
    let target = page.target(1);
    assert_eq!((target.health, target.url.as_str()), (Health::Up, "http://app:8080/actuator/prometheus"));
    assert!(target.notices.iter().any(|n| n.contains("found at")), "{:?}", target.notices);
    page.fetched.clear();
    page.pass(Millis(1_000));
    assert_eq!(page.fetched, ["Relay http://app:8080/actuator/prometheus"]);
}

#[test]
fn a_bad_line_drops_the_scrape_names_its_place_and_keeps_the_body() {
    let mut page = Page::open().with_relay();
    let mut body: String = (0..10_000).map(|i| format!("x{{i=\"{i}\"}} {i}\n")).collect();
    body.insert_str(body.len() / 2 - body.len() / 2 % 2, "");
    let body = body.replacen("x{i=\"5000\"} 5000\n", "x{i=\"5000\"} fivethousand\n", 1);
    page.answers("http://bad:1/metrics", 200, &body);
    page.answers("http://good:1/metrics", 200, "y 1\n");
    page.add(1, "bad:1");
    page.add(2, "good:1");
    let problem = page.target(1).problem.expect("a problem");
    assert_eq!(problem.at, Some((5_001, 13)));
    assert!(problem.message.starts_with("Line 5001, column 13: expected a number"), "{}", problem.message);
    assert_eq!(page.target(2).health, Health::Up);
    assert_eq!(page.table("count(x)"), [] as [&str; 0]);
    page.send(Request::RawBody { id: TargetId(1) });
    let n_bytes = page.last(|e| match e {
        Event::RawBody { body, body_bytes, .. } => Some((body.len() as u64, *body_bytes)),
        _ => None,
    });
    assert_eq!(n_bytes, Some((body.len() as u64, body.len() as u64)));
}

#[test]
fn what_cannot_be_scraped_says_why() {
    let mut page = Page::open();
    for (id, typed, want) in [
        (1, "ftp://x", "`ftp://x` cannot be scraped."),
        (2, "", "There is nothing to add."),
        (3, "http://u:p@x", "`http://u:p@x` cannot be scraped."),
    ] {
        page.add(id, typed);
        let told = page.last(|event| match event {
            Event::Failed { origin: Origin::Target { id }, problem } => Some((id.0, problem.clone())),
            _ => None,
        });
        let (told_id, problem) = told.expect("a problem");
        assert_eq!((told_id, problem.message.as_str()), (id, want));
        assert!(!problem.hint.is_empty());
    }
}

#[test]
fn a_hundred_thousand_series_are_refused_with_the_limit_named() {
    let mut page = Page::open().with_relay();
    let body: String = (0..100_001).map(|i| format!("x{{i=\"{i}\"}} 1\n")).collect();
    page.answers("http://big:1/metrics", 200, &body);
    page.add(1, "big:1");
    let problem = page.target(1).problem.expect("a problem");
    assert!(problem.message.contains("100,001 samples, more than 100,000"), "{}", problem.message);
    assert_eq!(page.table("up"), [r#"up{instance="big:1", job="big"} 0"#]);
}

#[test]
fn a_pasted_text_keeps_its_times_and_a_bad_one_leaves_nothing() {
    let mut page = Page::open();
    let upload = |name: &str, body: &str| {
        Request::Upload(Upload {
            id: TargetId(9),
            name: name.to_owned(),
            media_type: None,
            body: body.as_bytes().to_vec(),
        })
    };
    page.send(upload("dump.prom", "x 1\nx 2 3 4\n"));
    let problem = page.last(|event| match event {
        Event::Failed { origin: Origin::Target { .. }, problem } => Some(problem.clone()),
        _ => None,
    });
    assert!(problem.is_some_and(|p| p.at.is_some_and(|at| at.0 == 2) && !p.message.contains("`up`")));
    // Far older than the retention of an hour.
    let old = START - 7 * 24 * 3_600_000;
    page.send(upload("dump.prom", &format!("y 5 {old}\ny 6 {}\n", old + 1_000)));
    assert_eq!(page.target(9).via, Some(Via::Pasted));
    page.pass(Millis(61_000));
    let kind = QueryKind::Instant { at_ms: Some(old + 1_500) };
    page.send(Request::Query(QueryRequest {
        panel: PanelId(1),
        generation: 1,
        expr: "y".to_owned(),
        source: protocol::SourceChoice::Local,
        kind,
    }));
    let v = page.last(|event| match event {
        Event::Table(answer) => match &answer.result {
            TableResult::Vector { rows } => rows.first().map(|row| row.v),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(v, Some(6.0), "the retention did not drop what was just uploaded");
}

#[test]
fn families_tell_type_help_and_series_and_whose_they_are() {
    let mut page = Page::open().with_relay();
    page.answers(
        "http://a:1/metrics",
        200,
        "# HELP h_seconds How long.\n# TYPE h_seconds histogram\nh_seconds_bucket{le=\"1\"} 1\nh_seconds_bucket{le=\"+Inf\"} 2\n\
         h_seconds_sum 3\nh_seconds_count 2\n# TYPE c_total counter\nc_total 1\nplain 4\n",
    );
    page.add(1, "a:1");
    let families = page.last(|event| match event {
        Event::Families { families } => Some(families.clone()),
        _ => None,
    });
    let told: Vec<String> = families
        .expect("families")
        .iter()
        .filter(|f| !f.name.starts_with("scrape_"))
        .map(|f| format!("{} {} {} {}", f.name, f.kind, f.n_series, f.metrics.join("+")))
        .collect();
    assert_eq!(
        told,
        [
            "c_total counter 1 c_total",
            "h_seconds histogram 4 h_seconds_bucket+h_seconds_count+h_seconds_sum",
            "plain unknown 1 plain",
            "up gauge 1 up"
        ]
    );
}

#[test]
fn a_removed_target_ends_its_series_and_keeps_what_was_stored() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    page.pass(Millis(500));
    page.send(Request::RemoveTarget { id: TargetId(1) });
    page.pass(Millis(100));
    assert_eq!(page.table("x"), [] as [&str; 0]);
    assert_eq!(page.table("count_over_time(x[1m])"), [r#"{instance="a:1", job="a"} 1"#]);
    page.fetched.clear();
    page.pass(Millis(3_000));
    assert!(page.fetched.is_empty());
}

#[test]
fn a_paused_target_is_scraped_only_when_asked() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    let mut spec = page.target(1).spec;
    spec.paused = true;
    page.send(Request::UpdateTarget { id: TargetId(1), spec });
    page.fetched.clear();
    page.pass(Millis(3_000));
    assert!(page.fetched.is_empty());
    page.send(Request::ScrapeNow { id: TargetId(1) });
    assert_eq!(page.fetched.len(), 1);
}

#[test]
fn completion_looks_up_labels_and_values_of_matching_series() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x{code=\"200\"} 1\nx{code=\"404\"} 1\ny{code=\"500\"} 1\n");
    page.add(1, "a:1");
    let matchers = vec![WireMatcher { name: "__name__".to_owned(), op: "=".to_owned(), value: "x".to_owned() }];
    page.send(Request::Lookup {
        id: 7,
        source: protocol::SourceChoice::Local,
        what: Lookup::LabelValues { label: "code".to_owned(), matchers },
        limit: 10,
    });
    let values = page.last(|event| match event {
        Event::LookedUp { id: 7, values, truncated: false } => Some(values.clone()),
        _ => None,
    });
    assert_eq!(values.expect("values"), ["200", "404"]);
}

fn range_query(expr: &str, range_ms: i64, step: StepChoice) -> QueryRequest {
    let kind =
        QueryKind::Range { end_ms: None, range_ms, step, width_px: 800, max_series: 100, extras: Extras::default() };
    QueryRequest {
        panel: PanelId(1),
        generation: 1,
        expr: expr.to_owned(),
        source: protocol::SourceChoice::Local,
        kind,
    }
}

#[test]
fn a_graph_has_a_gap_where_the_target_was_down() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    page.pass(Millis(5_000));
    page.world.clear();
    page.pass(Millis(5_000));
    page.answers("http://a:1/metrics", 200, "x 2\n");
    page.pass(Millis(5_000));
    page.send(Request::Query(range_query("x", 15_000, StepChoice::Fixed { step_ms: 1_000 })));
    let graph = page.last(|event| match event {
        Event::Graph(answer) => Some(answer.clone()),
        _ => None,
    });
    let graph = graph.expect("a graph");
    let drawn: String = graph.frame.series[0]
        .points
        .iter(&graph.frame.grid)
        .map(|(_, v)| if frame::is_gap(v) { "-".to_owned() } else { v.to_string() })
        .collect();
    assert_eq!(drawn, "111111-----22222");
}

#[test]
fn the_newest_sample_is_on_the_graph_at_once() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.now += 1_234;
    page.add(1, "a:1");
    page.send(Request::Query(range_query("x", 3_600_000, StepChoice::Auto(Density::Medium))));
    let graph = page.last(|event| match event {
        Event::Graph(answer) => Some(answer.clone()),
        _ => None,
    });
    let graph = graph.expect("a graph");
    assert_eq!((graph.frame.series.len(), graph.end_ms % graph.step_ms), (1, 0));
}

#[test]
fn a_query_says_what_is_wrong_with_it_and_where() {
    let mut page = Page::open();
    for (expr, message, hint) in [
        ("rate(x[5m]", "Expected `)`", ""),
        ("rat(x[5m])", "rat", "rate"),
        ("x", "11,001 steps; at most 11,000", "step"),
    ] {
        page.send(Request::Query(range_query(expr, 11_000_000, StepChoice::Fixed { step_ms: 1_000 })));
        let problem = page.last(|event| match event {
            Event::Failed { origin: Origin::Panel { .. }, problem } => Some(problem.clone()),
            _ => None,
        });
        let problem = problem.expect("a problem");
        let text = format!("{} {}", problem.message, problem.hint);
        assert!(text.contains(message) && text.contains(hint), "{expr}: {problem:?}");
        assert!(problem.span.is_some());
    }
}

#[test]
fn a_slow_query_is_cut_into_slices_and_gives_the_same_picture() {
    let mut page = Page::open().with_relay();
    let body: String = (0..300).map(|i| format!("x{{i=\"{i}\"}} {i}\n")).collect();
    page.answers("http://a:1/metrics", 200, &body);
    page.add(1, "a:1");
    page.pass(Millis(60_000));
    let query = || range_query("sum_over_time(x[60s:1s])", 60_000, StepChoice::Auto(Density::Medium));
    let graph = |page: &mut Page, clock: &dyn Fn() -> f64| {
        page.worker.handle(Request::Query(query()), Timestamp(page.now));
        let mut n_slices = 1;
        while page.worker.step_query(Timestamp(page.now), clock) {
            n_slices += 1;
        }
        let graph = page.worker.take_events().into_iter().find_map(|event| match event {
            Event::Graph(answer) => Some(answer.frame),
            _ => None,
        });
        (graph.expect("a graph"), n_slices)
    };
    let (whole, n_whole) = graph(&mut page, &|| 0.0);
    // Who closes the panel has its results forgotten.
    page.worker.handle(Request::Cancel { panel: PanelId(1) }, Timestamp(page.now));
    // Each look at the clock takes 60 ms.
    let ticks = Cell::new(0.0);
    let (sliced, n_sliced) = graph(&mut page, &|| {
        ticks.set(ticks.get() + 60.0);
        ticks.get()
    });
    assert_eq!((n_whole, n_sliced > 2), (1, true), "{n_sliced} slices");
    assert_eq!(whole, sliced);
}

#[test]
fn only_the_newest_query_of_a_panel_is_answered() {
    let mut page = Page::open();
    for generation in 1..=3 {
        let kind = QueryKind::Instant { at_ms: None };
        let query = QueryRequest {
            panel: PanelId(4),
            generation,
            expr: format!("{generation}"),
            source: protocol::SourceChoice::Local,
            kind,
        };
        page.worker.handle(Request::Query(query), Timestamp(page.now));
    }
    page.turn();
    let answered: Vec<u32> = page
        .events
        .borrow()
        .iter()
        .filter_map(|event| match event {
            Event::Table(answer) => Some(answer.generation),
            _ => None,
        })
        .collect();
    assert_eq!(answered, [3]);
}

#[test]
fn a_query_over_too_many_samples_is_stopped_with_the_limit_named() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    page.pass(Millis(2_000));
    page.send(Request::Query(range_query("sum_over_time(x[100h:1ms])", 3_600_000, StepChoice::Auto(Density::Medium))));
    let problem = page.last(|event| match event {
        Event::Failed { origin: Origin::Panel { .. }, problem } => Some(problem.clone()),
        _ => None,
    });
    let problem = problem.expect("a problem");
    assert!(problem.message.starts_with("Stopped at "), "{problem:?}");
    assert!(problem.hint.starts_with("Narrow"), "{problem:?}");
}

#[test]
fn absurd_queries_are_answered_and_the_next_one_too() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x{i=\"1\"} 1\nx{i=\"2\"} NaN\n");
    page.add(1, "a:1");
    page.pass(Millis(2_000));
    let deep = format!("{}x{}", "(".repeat(1_000), ")".repeat(1_000));
    let long = "x+".repeat(1 << 19);
    let queries = [
        "",
        " ",
        "(",
        "sum by (",
        "rate(x[5m",
        "x{i=~\"(a+)+b",
        "\"",
        "x @",
        "x offset",
        deep.as_str(),
        long.as_str(),
        "x{i=~\"(a+)+b\"}",
        "x{i=~\"(a{1000}){1000}\"}",
        "topk(NaN, x)",
        "x @ 9000000000000000",
        "x offset -292y",
        "sum_over_time(x[292y:1ms])",
        "x * on() x",
    ];
    let hour = 3_600_000;
    for (n, expr) in queries.into_iter().enumerate() {
        let range = |end_ms, range_ms, step_ms| QueryKind::Range {
            end_ms,
            range_ms,
            step: StepChoice::Fixed { step_ms },
            width_px: 800,
            max_series: 100,
            extras: Extras::default(),
        };
        let kinds = [
            QueryKind::Instant { at_ms: None },
            QueryKind::Instant { at_ms: Some(i64::MIN) },
            QueryKind::Instant { at_ms: Some(i64::MAX) },
            range(None, hour, 60_000),
            // Steps and ranges that are none, and times at the ends of time.
            range(None, hour, 0),
            range(None, hour, -1),
            range(None, -hour, 60_000),
            range(Some(i64::MIN), hour, 60_000),
            range(Some(i64::MAX), i64::MAX, i64::MAX),
            range(Some(0), i64::MAX, i64::MAX / 3),
        ];
        for (k, kind) in kinds.into_iter().enumerate() {
            let (panel, generation) = (PanelId(7), (n * 100 + k) as u32);
            page.events.get_mut().clear();
            page.send(Request::Query(QueryRequest {
                panel,
                generation,
                expr: expr.to_owned(),
                source: protocol::SourceChoice::Local,
                kind,
            }));
            let answered = page.last(|event| match event {
                Event::Failed { origin: Origin::Panel { .. }, problem } => {
                    assert!(!problem.message.is_empty(), "{problem:?}");
                    let inside =
                        problem.span.is_none_or(|span| span.start <= span.end && span.end as usize <= expr.len());
                    Some(inside)
                }
                Event::Table(_) | Event::Graph(_) => Some(true),
                _ => None,
            });
            assert_eq!(answered, Some(true), "{} in kind {k}", &expr[..expr.len().min(40)]);
        }
    }
    assert_eq!(page.table("count(x)"), ["{} 2"]);
}
