//! Servers that are asked: found, evaluated by, gathered from, compared with; and what of them does not work.

use super::*;
use expect_test::{Expect, expect};
use protocol::{
    Access, Auth, Recognised, Report, ReportFailure, ReportKind, Secret, SourceChoice, SourceId, SourceSpec,
    SourceStatus, SourceWay,
};
use std::rc::Rc;
use worker::{ApiFetch, Question, QuestionStep};

/// What a server answers to a path with its parameters, asked directly or through the relay; `None`: nobody is there.
type Server = Rc<dyn Fn(&str, Via) -> Option<(u16, String)>>;

impl Page {
    /// Carries out what is to be asked, until nothing is.
    fn ask_servers(&mut self, server: &Server, log: &mut Vec<String>) {
        for _ in 0..100 {
            let questions = self.worker.take_questions(Timestamp(self.now));
            if questions.is_empty() {
                break;
            }
            for question in questions {
                let question = self.carry_out(question, server, log);
                self.worker.answered(question, Timestamp(self.now));
            }
            while self.worker.step_query(Timestamp(self.now), &|| 0.0) {}
        }
        while self.worker.step_query(Timestamp(self.now), &|| 0.0) {}
        self.events.get_mut().extend(self.worker.take_events());
    }

    fn carry_out(&self, mut question: Question, server: &Server, log: &mut Vec<String>) -> Question {
        for _ in 0..10 {
            match question.step(Timestamp(self.now)) {
                QuestionStep::Fetch(fetch) => answer(&mut question, &fetch, server, log),
                QuestionStep::AskRelay(_) => question.relay_is(false),
                QuestionStep::Probe(_) => question.answers(true),
                QuestionStep::Done => return question,
            }
        }
        panic!("a question without an end");
    }

    fn source(&self, id: u32) -> SourceStatus {
        let all = self.last(|event| match event {
            Event::Sources { sources } => Some(sources.clone()),
            _ => None,
        });
        all.and_then(|all| all.into_iter().find(|one| one.id == SourceId(id))).expect("the page was told of the source")
    }

    fn add_source(&mut self, id: u32, name: &str, access: Access, server: &Server) -> Vec<String> {
        let url = format!("http://{name}:9090");
        let spec = SourceSpec { name: name.to_owned(), url, access, way: SourceWay::Auto };
        self.send(Request::AddSource { id: SourceId(id), spec });
        let mut log = Vec::new();
        self.ask_servers(server, &mut log);
        log
    }

    fn ask(&mut self, source: SourceChoice, expr: &str, kind: QueryKind, server: &Server) -> Event {
        self.events.get_mut().clear();
        let query = QueryRequest { panel: PanelId(1), generation: 1, expr: expr.to_owned(), source, kind };
        self.send(Request::Query(query));
        self.ask_servers(server, &mut Vec::new());
        self.last(|event| match event {
            Event::Graph(_) | Event::Table(_) | Event::Failed { .. } => Some(event.clone()),
            _ => None,
        })
        .expect("an answer")
    }
}

fn answer(question: &mut Question, fetch: &ApiFetch, server: &Server, log: &mut Vec<String>) {
    let url = match fetch.via {
        Via::Relay => decoded(fetch.url.rsplit("url=").next().unwrap_or("")),
        _ => fetch.url.clone(),
    };
    let url = url.trim_start_matches("http://").to_owned();
    let url = fetch.body.as_ref().map_or(url.clone(), |body| format!("{url}?{body}"));
    let names: Vec<&str> =
        fetch.headers.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "Accept").collect();
    log.push(format!("{:?} {} {}", fetch.via, url.split('?').next().unwrap_or(""), names.join(" ")).trim().to_owned());
    match server(&decoded(&url), fetch.via) {
        None => question.failed(FetchFailure::Opaque),
        Some((status, body)) => {
            let target_status = (fetch.via == Via::Relay).then(|| status.to_string());
            question.head(status, Some("application/json".to_owned()), target_status.as_deref());
            // In pieces, as they come.
            if body.as_bytes().chunks(7).all(|piece| question.feed(piece)) {
                question.ended();
            }
        }
    }
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%');
        out.push(byte.unwrap_or(*first));
        rest = tail.get(byte.map_or(0, |_| 2)..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn ok(data: &str) -> Option<(u16, String)> {
    Some((200, format!("{{\"status\":\"success\",\"data\":{data}}}")))
}

/// A Prometheus whose clock is 40 seconds ahead; it has `x` of 1, 2, 3 and so on at each ten seconds.
fn prometheus(base: &'static str, offset: f64) -> Server {
    Rc::new(move |url, _| {
        let path = url.strip_prefix(base)?;
        let (path, params) = path.split_once('?').unwrap_or((path, ""));
        let param = |name: &str| {
            params.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        let second = |name: &str| param(name).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        match path {
            "/api/v1/status/buildinfo" => ok(r#"{"version":"2.42.0","revision":"abc","goVersion":"go1.19"}"#),
            "/api/v1/query" if param("query").as_deref() == Some("time()") => {
                ok(&format!("{{\"resultType\":\"scalar\",\"result\":[1,\"{}\"]}}", START / 1_000 + 40))
            }
            "/api/v1/query" if params.contains("ms]") => {
                let end = second("time");
                let values: Vec<String> =
                    (0..30).rev().map(|n| end - f64::from(n) * 10.0).map(|t| format!("[{t},\"{offset}\"]")).collect();
                ok(&format!(
                    "{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{\"__name__\":\"x\"}},\"values\":[{}]}}]}}",
                    values.join(",")
                ))
            }
            "/api/v1/query" => {
                ok(r#"{"resultType":"vector","result":[{"metric":{"__name__":"x"},"value":[1700000000,"7"]}]}"#)
            }
            "/api/v1/query_range" => {
                let (start, end, step) = (second("start"), second("end"), second("step"));
                let n = ((end - start) / step) as i32;
                let values: Vec<String> =
                    (0..=n).map(|n| format!("[{},\"{}\"]", start + f64::from(n) * step, offset)).collect();
                ok(&format!(
                    "{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{\"__name__\":\"x\"}},\"values\":[{}]}}]}}",
                    values.join(",")
                ))
            }
            "/api/v1/label/__name__/values" => ok(r#"["x_total","y"]"#),
            "/api/v1/metadata" => ok(r#"{"x_total":[{"type":"counter","help":"All x.","unit":""}]}"#),
            "/api/v1/labels" => ok(r#"["__name__","job"]"#),
            _ => Some((404, "404 page not found".to_owned())),
        }
    })
}

fn range() -> QueryKind {
    QueryKind::Range {
        end_ms: Some(START),
        range_ms: 60_000,
        step: StepChoice::Fixed { step_ms: 10_000 },
        width_px: 800,
        max_series: 10,
        extras: Extras::default(),
    }
}

#[test]
fn a_server_is_found_with_its_version_and_its_clock() {
    let mut page = Page::open();
    page.add_source(1, "prom", Access::default(), &prometheus("prom:9090", 7.0));
    let status = page.source(1);
    assert_eq!(
        (status.health, status.kind.as_deref(), status.version.as_deref()),
        (Health::Up, Some("Prometheus"), Some("2.42.0"))
    );
    assert_eq!((status.via, status.skew_ms), (Some(Via::Direct), Some(40_000)));
}

#[test]
fn a_server_that_the_browser_may_not_read_is_asked_through_the_relay_with_its_credentials_in_headers_only() {
    let mut page = Page::open().with_relay();
    let prom = prometheus("prom:9090", 7.0);
    let server: Server = Rc::new(move |url, via| (via == Via::Relay).then(|| prom(url, via))?);
    let auth = Auth::Basic { username: "me".to_owned(), password: Secret("hunter2".to_owned()) };
    let access = Access { auth, headers: vec![("X-Scope-OrgID".to_owned(), Secret("7".to_owned()))] };
    let log = page.add_source(1, "prom", access, &server);
    expect![[r#"
        Direct prom:9090/api/v1/status/buildinfo Authorization X-Scope-OrgID
        Relay prom:9090/api/v1/status/buildinfo Promenade-Forward-Authorization Promenade-Forward-X-Scope-OrgID
        Direct prom:9090/api/v1/query Authorization X-Scope-OrgID
        Relay prom:9090/api/v1/query Promenade-Forward-Authorization Promenade-Forward-X-Scope-OrgID"#]]
    .assert_eq(&log.join("\n"));
    assert_eq!((page.source(1).health, page.source(1).via), (Health::Up, Some(Via::Relay)));
}

#[test]
fn what_is_wrong_with_a_server_is_said_with_its_cure() {
    let check = |server: Server, expected: Expect| {
        let mut page = Page::open();
        page.add_source(1, "h", Access::default(), &server);
        let problem = page.source(1).problem.expect("a problem");
        expected.assert_eq(&format!("{}\n{}", problem.message, problem.hint));
    };
    check(
        Rc::new(|_, _| None),
        expect![[r#"
        http://h:9090 answered, but your browser may not read it: the answer has no Access-Control-Allow-Origin header.
        Open Promenade through its relay, which fetches it for you, or let the target send `Access-Control-Allow-Origin: *`."#]],
    );
    check(
        Rc::new(|_, _| Some((401, "Unauthorized".to_owned()))),
        expect![[r#"
        http://h:9090 wants to know who asks; it got no credentials, or does not know them (status 401).
        On the Sources page, Edit has fields for user and password, a token and the tenant."#]],
    );
    check(
        Rc::new(|_, _| Some((200, "<html>".to_owned()))),
        expect![[r#"
        http://h:9090: The answer is a web page, not an answer of the Prometheus API.
        Check the address of the source: it is the one before /api/v1."#]],
    );
}

#[test]
fn a_server_evaluates_for_a_graph_and_for_a_table() {
    let mut page = Page::open();
    let server = prometheus("prom:9090", 7.0);
    page.add_source(1, "prom", Access::default(), &server);
    let remote = SourceChoice::Remote(SourceId(1));
    let Event::Graph(graph) = page.ask(remote, "x", range(), &server) else { panic!("a graph") };
    assert_eq!((graph.source, graph.frame.series.len(), graph.frame.series[0].stats.count), (remote, 1, 7));
    let Event::Table(table) = page.ask(remote, "x", QueryKind::Instant { at_ms: None }, &server) else {
        panic!("a table")
    };
    assert!(matches!(&table.result, TableResult::Vector { rows } if rows[0].shown() == "7"), "{table:?}");
    assert_eq!(table.at_ms, 1_700_000_000_000);
}

#[test]
fn an_error_of_a_server_is_told_in_its_words() {
    let mut page = Page::open();
    let prom = prometheus("prom:9090", 7.0);
    let server: Server = Rc::new(move |url, via| {
        if url.contains("query_range") {
            let body = r#"{"status":"error","errorType":"execution","error":"found duplicate series"}"#;
            return Some((422, body.to_owned()));
        }
        prom(url, via)
    });
    page.add_source(1, "prom", Access::default(), &server);
    let Event::Failed { problem, .. } = page.ask(SourceChoice::Remote(SourceId(1)), "x", range(), &server) else {
        panic!("an error")
    };
    assert_eq!(problem.message, "Found duplicate series.");
    // It answered: it is not said to be down.
    let told = page.last(|event| match event {
        Event::Sources { sources } => Some(sources.clone()),
        _ => None,
    });
    assert!(told.is_none_or(|all| all.iter().all(|one| one.health == Health::Up)));
}

#[test]
fn one_expression_over_two_servers_and_this_tab_tells_them_apart_by_a_label() {
    let mut page = Page::open().with_relay();
    page.answers("http://node:9100/metrics", 200, "x 5\n");
    page.add(1, "node:9100");
    let (a, b) = (prometheus("a:9090", 1.0), prometheus("b:9090", 2.0));
    let server: Server = Rc::new(move |url, via| a(url, via).or_else(|| b(url, via)));
    page.add_source(1, "a", Access::default(), &server);
    page.add_source(2, "b", Access::default(), &server);
    let mut rows = |expr: &str| {
        let Event::Table(table) = page.ask(SourceChoice::All, expr, QueryKind::Instant { at_ms: None }, &server) else {
            panic!("a table of {expr}")
        };
        let TableResult::Vector { rows } = table.result else { panic!("rows") };
        rows.iter().map(|row| format!("{:?} {}", row.labels.last(), row.shown())).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        Some(("source", "a")) 1
        Some(("source", "b")) 2
        Some(("source", "tab")) 5"#]]
    .assert_eq(&rows("sum by (source) (x)"));
    expect![[r#"None 3"#]].assert_eq(&rows("sum(x{source!=\"tab\"})"));
}

#[test]
fn points_that_differ_between_this_tab_and_a_server_are_listed_and_marked() {
    let mut page = Page::open().with_relay();
    page.answers("http://node:9100/metrics", 200, "x 5\n");
    page.add(1, "node:9100");
    let server = prometheus("prom:9090", 7.0);
    page.add_source(1, "prom", Access::default(), &server);
    let compare = SourceChoice::Compare(SourceId(1));
    let Event::Graph(graph) = page.ask(compare, "sum(x)", range(), &server) else { panic!("a graph") };
    let comparison = graph.comparison.expect("a comparison");
    // The tab has one point at the end of the range; the server has seven, with a name that the tab has not.
    assert_eq!((comparison.n_points, comparison.n_differing, comparison.n_series), (8, 8, 2));
    assert!(!graph.frame.marks.is_empty() && graph.frame.series.iter().any(|series| series.source.is_previous));
}

#[test]
fn a_newer_question_of_a_panel_gives_the_older_one_up() {
    let mut page = Page::open();
    let server = prometheus("prom:9090", 7.0);
    page.add_source(1, "prom", Access::default(), &server);
    let query = |generation| {
        let source = SourceChoice::Remote(SourceId(1));
        Request::Query(QueryRequest { panel: PanelId(1), generation, expr: "x".to_owned(), source, kind: range() })
    };
    page.send(query(1));
    let older = page.worker.take_questions(Timestamp(page.now));
    page.send(query(2));
    assert_eq!(page.worker.take_withdrawn(), older.iter().map(|question| question.serial).collect::<Vec<_>>());
    let newer = page.worker.take_questions(Timestamp(page.now));
    assert_eq!((older.len(), newer.len()), (1, 1));
    page.send(Request::Cancel { panel: PanelId(1) });
    assert_eq!(page.worker.take_withdrawn(), [newer[0].serial]);
    assert!(
        page.last(
            |event| matches!(event, Event::Failed { origin: Origin::Panel { generation: 2, .. }, .. }).then_some(())
        )
        .is_some()
    );
}

#[test]
fn what_a_server_does_not_offer_is_said() {
    let mut page = Page::open();
    let server = prometheus("prom:9090", 7.0);
    page.add_source(1, "prom", Access::default(), &server);
    let mut report = |what| {
        page.send(Request::Report { source: SourceId(1), what });
        page.ask_servers(&server, &mut Vec::new());
        let answer = page.last(|event| match event {
            Event::Report(answer) if answer.what == what => Some(answer.clone()),
            _ => None,
        });
        answer.expect("an answer").report
    };
    assert_eq!(report(ReportKind::Targets), Err(ReportFailure::NotOffered));
    let Ok(Report::Metrics(families)) = report(ReportKind::Metrics) else { panic!("metrics") };
    let families: Vec<String> = families.iter().map(|f| format!("{} {} {}", f.name, f.kind, f.help)).collect();
    assert_eq!(families, ["x_total counter All x.", "y unknown "]);
    assert_eq!(page.source(1).missing, [ReportKind::Targets]);
}

#[test]
fn names_for_completion_come_from_the_chosen_source() {
    let mut page = Page::open();
    let server = prometheus("prom:9090", 7.0);
    page.add_source(1, "prom", Access::default(), &server);
    let source = SourceChoice::Remote(SourceId(1));
    page.send(Request::Lookup { id: 9, source, what: Lookup::LabelNames { matchers: Vec::new() }, limit: 10 });
    page.ask_servers(&server, &mut Vec::new());
    let found = page.last(|event| match event {
        Event::LookedUp { id: 9, values, .. } => Some(values.clone()),
        _ => None,
    });
    assert_eq!(found, Some(vec!["__name__".to_owned(), "job".to_owned()]));
}

#[test]
fn an_address_is_recognised_as_a_server_or_not() {
    let recognise = |url: &str, server: Server| -> Option<Recognised> {
        let mut page = Page::open();
        page.send(Request::Recognise { id: 3, url: url.to_owned() });
        page.ask_servers(&server, &mut Vec::new());
        page.last(|event| match event {
            Event::Recognised { id: 3, server } => Some(server.clone()),
            _ => None,
        })
        .expect("an answer")
    };
    let server = recognise("http://h:9090/graph?g0.expr=up", prometheus("h:9090", 7.0)).expect("a server");
    assert_eq!(
        (server.url.as_str(), server.kind.as_str(), server.expr.as_deref()),
        ("http://h:9090", "Prometheus", Some("up"))
    );
    let server = recognise("h:9090", prometheus("h:9090/prometheus", 7.0)).map(|server| server.url);
    // An exporter that answers with metrics whatever is asked.
    assert_eq!(recognise("h:9100", Rc::new(|_, _| Some((200, "x 1\n".to_owned())))), None);
    assert_eq!(recognise("h:9100", Rc::new(|_, _| None)), None);
    // A graph is of a server, also while that is down.
    let down = recognise("http://h:9090/prometheus/graph?g0.expr=up", Rc::new(|_, _| None)).expect("a server");
    assert_eq!((down.url.as_str(), down.expr.as_deref()), ("http://h:9090/prometheus", Some("up")));
    assert_eq!(server, None, "nothing answers at the first place, so the second is not tried");
}
