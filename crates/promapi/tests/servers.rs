//! Everything the API has, asked of real servers on loopback: Prometheus and VictoriaMetrics, both scraping a node exporter.

mod process;

use crate::twin::{naive, read, samples};
use model::{MatchOp, Matcher, Millis, StepGrid, TimeRange, Timestamp};
use process::Running;
use promapi::reply::{
    Alerts, BuildInfo, Exemplars, Flags, LabelNames, LabelValues, Metadata, RuleKind, Rules, RuntimeInfo, SeriesList,
    TargetHealth, Targets, TsdbStatus,
};
use promapi::{
    Address, AnswerReader, ApiEndpoint, ApiError, ApiRequest, Ask, Base, Data, Detected, Detection, DetectionStep,
    ErrorType, HttpReply, Method, Offer, ReadLimits, Reply, Server, ServerKind, Shape, read_reply,
};
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A server that is asked.
struct Asked<'a> {
    running: &'a Running,
    base: Base,
    server: Server,
    ask: Ask,
    /// Its samples lie before this time.
    now: Timestamp,
}

/// Finds the API as the product does.
fn detect(typed: &str, running: &Running) -> Detected {
    let mut detection = Detection::new(&Address::parse(typed).unwrap().candidates).unwrap();
    for _ in 0..30 {
        match detection.step() {
            DetectionStep::Ask(base, request) => detection.reply(Ok(running.ask(&base, &request))),
            DetectionStep::Done(found) => return found.unwrap(),
        }
    }
    panic!("{typed} is not decided");
}

impl<'a> Asked<'a> {
    fn new(running: &'a Running, typed: &str) -> Self {
        let Detected { base, server } = detect(typed, running);
        let ask = Ask { kind: server.kind, ..Ask::default() };
        let now = Timestamp(running.now_ms());
        let asked = Asked { running, base, server, ask, now };
        // The first scrapes come within a second or two.
        let deadline = Instant::now() + Duration::from_secs(40);
        while asked.n_series("count_over_time(up[2m]) >= 5") < 3 {
            assert!(
                Instant::now() < deadline,
                "{} has no samples of its targets:\n{}",
                asked.server,
                running.log_tail()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
        Asked { now: Timestamp(running.now_ms()), ..asked }
    }

    fn n_series(&self, expr: &str) -> usize {
        match self.answer(&ApiRequest::query(expr, None, &self.ask), Shape::Instant).unwrap().data {
            Data::Vector(vector) => vector.len(),
            other => panic!("{other:?}"),
        }
    }

    fn answer(&self, request: &ApiRequest, shape: Shape) -> Result<promapi::Answer, ApiError> {
        let HttpReply { head, body } = self.running.ask(&self.base, request);
        let mut reader = AnswerReader::new(shape, head, ReadLimits::default());
        for piece in body.chunks(1_000) {
            reader.feed(piece)?;
        }
        reader.finish()
    }

    fn small<T: DeserializeOwned + Default>(&self, request: &ApiRequest) -> Result<Reply<T>, ApiError> {
        read_reply(&self.running.ask(&self.base, request))
    }

    /// An answer that has to be as the server's kind says.
    fn offered<T: DeserializeOwned + Default>(&self, request: &ApiRequest) -> Option<T> {
        let offer = self.server.offers(request.endpoint);
        match self.small::<T>(request) {
            Ok(reply) => {
                assert_ne!(offer, Offer::No, "{} offers {:?}", self.server, request.endpoint);
                Some(reply.data)
            }
            Err(ApiError::NotOffered { .. }) => {
                assert_eq!(offer, Offer::No, "{} does not offer {:?}", self.server, request.endpoint);
                None
            }
            Err(error) => panic!("{} {:?}: {error} ({error:?})", self.server, request.endpoint),
        }
    }

    fn last_minute(&self) -> TimeRange {
        TimeRange { start: self.now - Millis(60_000), end: self.now }
    }

    fn range_answers_are_read_to_the_bit(&self) {
        // Not a whole multiple of the step from the epoch.
        let grid = StepGrid { start: self.now - Millis(30_000) + Millis(123), step: Millis(400), len: 75 };
        let long = format!("up or {}", vec!["vector(1)"; 300].join(" or "));
        let exprs = [
            "up",
            "{__name__=~\"node_cpu.+|node_load.+\"}",
            "rate(node_cpu_seconds_total[10s])",
            "node_memory_MemFree_bytes / 7",
            "up / 0 * 0",
            "1 / (up - up)",
            "time()",
            "absent(up)",
            &long,
        ];
        for expr in exprs {
            let request = ApiRequest::query_range(expr, grid, &self.ask);
            assert_eq!(request.method, if expr.len() > 1_000 { Method::Post } else { Method::Get });
            let HttpReply { head, body } = self.running.ask(&self.base, &request);
            assert!(head.is_success(), "{expr}: {}", String::from_utf8_lossy(&body));
            for lengths in [vec![usize::MAX], vec![1], vec![7, 1_000]] {
                let answer = read(&body, Shape::Range(grid), &lengths).unwrap();
                assert_eq!((answer.n_left_out, answer.n_bytes), (0, body.len() as u64), "{expr} of {}", self.server);
                let Data::Matrix(matrix) = &answer.data else { panic!("{expr}") };
                assert_eq!(matrix.grid, grid, "{expr} of {}", self.server);
                assert_eq!(samples(answer), naive(&body), "{expr} of {}", self.server);
            }
        }
    }

    fn instant_answers_have_their_shapes(&self) {
        let instant = |expr: &str| {
            let request = ApiRequest::query(expr, Some(self.now), &self.ask);
            self.answer(&request.by(Method::Post).unwrap(), Shape::Instant).unwrap().data
        };
        assert!(matches!(instant("up"), Data::Vector(vector) if vector.len() == 3));
        // VictoriaMetrics has no scalars; its texts are vectors, too.
        match instant("1.5") {
            Data::Scalar { v, t } => assert_eq!((v, t), (1.5, self.now)),
            Data::Vector(vector) => assert_eq!(vector.len(), 1),
            other => panic!("{other:?}"),
        }
        // Its clock is this machine's, to the second, and not what it was half a minute ago.
        let clock = self.answer(&ApiRequest::query("time()", None, &self.ask), Shape::Instant);
        let there = clock.ok().and_then(|clock| clock.data.number()).expect("a number");
        let here = SystemTime::now().duration_since(UNIX_EPOCH).expect("a year after 1970").as_secs_f64();
        assert!((there - here).abs() < 5.0, "{} says {there}, here it is {here}", self.server);
        let matchers = [Matcher::new("__name__", MatchOp::Equal, "up"), Matcher::new("job", MatchOp::Regex, "node.*")];
        let range = TimeRange { start: self.now - Millis(20_000), end: self.now - Millis(1_000) };
        let raw = self.answer(&ApiRequest::raw(&matchers, range, &self.ask), Shape::Instant).unwrap().data;
        let Data::Samples(series) = raw else { panic!("raw samples of {}: {raw:?}", self.server) };
        assert_eq!(series.len(), 1, "{}", self.server);
        let ts = &series[0].ts;
        assert!(ts.len() >= 2 && ts.is_sorted() && ts.len() == series[0].vs.len(), "{ts:?}");
        assert!(ts.iter().all(|t| (range.start.0 - 1..=range.end.0).contains(t)), "{ts:?} in {range:?}");
        assert_eq!(series[0].labels.get("job"), Some("node"));
    }

    fn names_are_there(&self) {
        let (ask, range) = (&self.ask, Some(self.last_minute()));
        let labels: LabelNames = self.offered(&ApiRequest::labels(&["up"], range, ask)).unwrap();
        assert_eq!(labels, ["__name__", "instance", "job"]);
        let post = ApiRequest::labels(&["up"], range, ask).by(Method::Post).unwrap();
        assert_eq!(self.offered::<LabelNames>(&post).unwrap(), labels);
        let jobs: LabelValues = self.offered(&ApiRequest::label_values("job", &[], range, ask)).unwrap();
        assert!(jobs.contains(&"node".to_owned()) && jobs.contains(&"self".to_owned()), "{jobs:?}");
        let names: LabelValues =
            self.offered(&ApiRequest::label_values("__name__", &["{job=\"node\"}"], range, ask)).unwrap();
        assert!(names.contains(&"node_cpu_seconds_total".to_owned()) && names.len() > 100);
        let series: SeriesList = self.offered(&ApiRequest::series(&["up", "node_load1"], range, ask)).unwrap();
        assert_eq!(series.0.len(), 4, "{series:?}");
        assert!(series.0.iter().any(|labels| labels.metric_name() == Some("node_load1")));
        let metadata: Option<Metadata> = self.offered(&ApiRequest::metadata(Some("node_load1"), ask));
        if self.server.offers(ApiEndpoint::Metadata) == Offer::Yes {
            let families: Vec<_> = metadata.unwrap().families().collect();
            assert_eq!((families.len(), families[0].kind.as_str()), (1, "gauge"));
        }
        let exemplars: Option<Exemplars> = self.offered(&ApiRequest::exemplars("up", self.last_minute(), ask));
        assert_eq!(exemplars, Some(Exemplars::default()));
    }

    fn the_state_of_the_server_is_told(&self) {
        let plain = |endpoint| ApiRequest::plain(endpoint, &self.ask);
        let targets: Targets = self.offered(&plain(ApiEndpoint::Targets)).unwrap();
        let node =
            targets.active.iter().find(|target| target.labels.get("job").is_some_and(|job| job == "node")).unwrap();
        assert_eq!((node.health, node.last_error.as_str()), (TargetHealth::Up, ""));
        assert!(
            node.scrape_url.ends_with("/metrics") && node.discovered_labels.contains_key("__address__"),
            "{node:?}"
        );
        let age_ms = self.running.now_ms() - node.last_scrape_ms.unwrap();
        assert!((-1_000..30_000).contains(&age_ms), "{age_ms} ms ago");
        assert!(
            targets.active.iter().any(|target| target.health == TargetHealth::Down && !target.last_error.is_empty())
        );

        let rules = self.offered::<Rules>(&plain(ApiEndpoint::Rules)).unwrap();
        let alerts = self.offered::<Alerts>(&plain(ApiEndpoint::Alerts)).unwrap();
        if self.server.offers(ApiEndpoint::Rules) == Offer::Yes {
            let group = &rules.groups[0];
            assert_eq!((group.name.as_str(), group.interval_secs, group.rules.len()), ("group", 1.0, 2));
            assert_eq!((group.rules[0].kind, group.rules[0].health.as_str()), (RuleKind::Recording, "ok"));
            assert_eq!(group.rules[1].annotations["summary"], "{{ $labels.job }} is down");
            assert_eq!(alerts.alerts[0].annotations["summary"], "gone is down");
            assert_eq!((alerts.alerts[0].value, alerts.alerts[0].active_at_ms.is_some()), (0.0, true));
        } else {
            assert_eq!((rules, alerts), (Rules::default(), Alerts::default()));
        }

        let status: TsdbStatus = self.offered(&ApiRequest::tsdb_status(&self.ask)).unwrap();
        let most = &status.series_count_by_metric_name;
        assert!(most.len() == 10 && most.is_sorted_by(|a, b| a.n >= b.n) && most[0].n > 1, "{status:?}");
        assert_eq!(status.head_stats.is_some(), self.server.kind == ServerKind::Prometheus);
        if let Some(info) = self.offered::<RuntimeInfo>(&plain(ApiEndpoint::RuntimeInfo)) {
            assert!(info.is_config_good && info.n_goroutines > 5);
            assert!((0..120_000).contains(&(self.running.now_ms() - info.start_time_ms.unwrap())));
        }
        if let Some(flags) = self.offered::<Flags>(&plain(ApiEndpoint::Flags)) {
            assert!(flags.0.contains_key("storage.tsdb.path"));
        }
        self.offered::<BuildInfo>(&plain(ApiEndpoint::BuildInfo));
    }

    fn errors_are_the_servers_words(&self) {
        let ask = |expr: &str| self.answer(&ApiRequest::query(expr, Some(self.now), &self.ask), Shape::Instant);
        match ask("sum(") {
            Err(ApiError::Refused { kind: ErrorType::BadData | ErrorType::Execution, message, .. }) => {
                assert!(message.contains("sum(") || message.contains("parenthesis"), "{message}");
            }
            other => panic!("{other:?}"),
        }
        match ask("up + on(instance) group_left() {__name__=~\"up|node_load1\", job=\"node\"}") {
            Err(ApiError::Refused { kind: ErrorType::Execution, .. }) => {}
            other => panic!("{} finds a series twice: {other:?}", self.server),
        }
        let missing = self.running.get(&format!("{}/api/v1/nothing", self.base));
        let error = read_reply::<LabelNames>(&missing).unwrap_err();
        assert!(matches!(error, ApiError::NotOffered { .. }), "{error:?}");
    }

    fn all(&self) {
        self.range_answers_are_read_to_the_bit();
        self.instant_answers_have_their_shapes();
        self.names_are_there();
        self.the_state_of_the_server_is_told();
        self.errors_are_the_servers_words();
    }
}

#[test]
fn prometheus_answers_everything() {
    let Some(node) = Running::node_exporter() else { return };
    let Some(prometheus) = Running::prometheus(node.port, "") else { return };
    let asked = Asked::new(&prometheus, &format!("http://127.0.0.1:{}/graph?g0.expr=up", prometheus.port));
    assert_eq!(asked.server.kind, ServerKind::Prometheus);
    assert!(asked.server.version.starts_with(|c: char| c.is_ascii_digit()), "{}", asked.server);
    asked.all();
}

#[test]
fn prometheus_is_found_behind_its_prefix() {
    let Some(node) = Running::node_exporter() else { return };
    let Some(prometheus) = Running::prometheus(node.port, "/prometheus") else { return };
    for path in ["", "/", "/prometheus", "/prometheus/graph?g0.expr=up", "/prometheus/api/v1/query?query=1"] {
        let found = detect(&format!("127.0.0.1:{}{path}", prometheus.port), &prometheus);
        assert_eq!((found.base.prefix(), found.server.kind), ("/prometheus", ServerKind::Prometheus), "{path}");
    }
}

#[test]
fn victoria_metrics_answers_what_it_has() {
    let Some(node) = Running::node_exporter() else { return };
    let Some(victoria) = Running::victoria_metrics(node.port) else { return };
    let asked = Asked::new(&victoria, &format!("http://127.0.0.1:{}/vmui/?#/?g0.expr=up", victoria.port));
    assert_eq!(asked.server.kind, ServerKind::VictoriaMetrics);
    asked.all();

    // Without its own parameter it moves the range to whole steps: then its grid is taken.
    let grid = StepGrid { start: asked.now - Millis(30_000) + Millis(123), step: Millis(400), len: 75 };
    let request = ApiRequest::query_range("up", grid, &Ask::default());
    let answer = asked.answer(&request, Shape::Range(grid)).unwrap();
    let Data::Matrix(matrix) = answer.data else { panic!("no matrix") };
    assert_eq!((answer.n_left_out, matrix.series.len(), matrix.grid.start.0 % 400), (0, 3, 0));
}
