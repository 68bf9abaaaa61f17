//! A `prometheus.yml` that runs: what is scraped, discovered, told, and kept over a reload of it.

use super::{Page, START};
use model::Millis;
use protocol::{
    ConfigNews, ConfigOrigin, ConfigRequest, ConfigStatus, ConfigText, Event, Fate, Health, PoolTargets, Request,
    TargetStatus,
};

const TWO: &str = "\
global: {scrape_interval: 2s}
rule_files: [a.yml]
scrape_configs:
  - job_name: app
    honor_labels: true
    static_configs:
      - targets: ['cors-a:1', 'cors-b:1', 'cors-c:1']
        labels: {env: test}
    relabel_configs:
      - {source_labels: [__address__], regex: 'cors-c:.*', action: drop}
      - {source_labels: [__address__], regex: '([^:]+):.*', target_label: host}
    metric_relabel_configs:
      - {source_labels: [__name__], regex: 'go_.*', action: drop}
  - job_name: guarded
    metrics_path: /m
    basic_auth: {username: me, password: hunter2}
    static_configs: [{targets: ['cors-d:1']}]
";

impl Page {
    fn load(&mut self, text: &str) {
        let text = ConfigText { text: text.to_owned(), origin: ConfigOrigin::Pasted, files: Vec::new() };
        self.send(Request::Config(ConfigRequest::Load(text)));
    }

    fn config(&self) -> ConfigStatus {
        let events = self.events.borrow();
        let status = events.iter().rev().find_map(|event| match event {
            Event::Config(ConfigNews::Status(status)) => Some((**status).clone()),
            _ => None,
        });
        status.expect("it was told")
    }

    fn discovered(&mut self, pool: &str) -> PoolTargets {
        self.send(Request::Config(ConfigRequest::Discovered { pool: pool.to_owned() }));
        let events = self.events.borrow();
        let found = events.iter().rev().find_map(|event| match event {
            Event::Config(ConfigNews::Discovered(targets)) => Some(targets.clone()),
            _ => None,
        });
        found.expect("an answer")
    }

    fn all_targets(&self) -> Vec<TargetStatus> {
        let events = self.events.borrow();
        let targets = events.iter().rev().find_map(|event| match event {
            Event::Targets { targets } => Some(targets.clone()),
            _ => None,
        });
        targets.unwrap_or_default()
    }

    fn urls(&self) -> Vec<String> {
        self.all_targets().into_iter().map(|target| target.url).collect()
    }

    /// The names of all metrics that are stored.
    fn names(&mut self) -> Vec<String> {
        let what = protocol::Lookup::LabelValues { label: "__name__".to_owned(), matchers: Vec::new() };
        self.send(Request::Lookup { id: 1, source: protocol::SourceChoice::Local, what, limit: 100 });
        let events = self.events.borrow();
        let found = events.iter().rev().find_map(|event| match event {
            Event::LookedUp { values, .. } => Some(values.clone()),
            _ => None,
        });
        found.unwrap_or_default()
    }
}

fn page() -> Page {
    let mut page = Page::open();
    for url in ["http://cors-a:1/metrics", "http://cors-b:1/metrics", "http://cors-d:1/m"] {
        page.answers(url, 200, "app_up 1\ngo_x 2\n");
    }
    page
}

#[test]
fn a_pasted_configuration_is_scraped_as_it_says() {
    let mut page = page();
    page.load(TWO);
    page.turn();
    let loaded = page.config().loaded.expect("it runs");
    assert_eq!((loaded.report.n_jobs, loaded.n_targets, loaded.report.errors.len()), (2, 3, 0));
    assert_eq!(loaded.report.unsupported[0].path, "rule_files");
    let targets = page.all_targets();
    let of = |idx: usize| {
        let target: &TargetStatus = &targets[idx];
        (target.pool.as_str(), target.url.as_str(), target.health, target.spec.interval_ms, target.is_configured)
    };
    assert_eq!(of(0), ("app", "http://cors-a:1/metrics", Health::Up, 2_000, true));
    assert_eq!(of(2), ("guarded", "http://cors-d:1/m", Health::Up, 2_000, true));
    let labels: Vec<String> = targets[0].labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(labels, ["job=app", "instance=cors-a:1", "env=test", "host=cors-a"]);
    // Samples that a rule drops are counted, not stored.
    assert_eq!(targets[0].n_samples, 2);
    let names = page.names();
    assert!(names.contains(&"app_up".to_owned()) && names.contains(&"up".to_owned()), "{names:?}");
    assert!(page.fetched.contains(&"Direct http://cors-d:1/m Authorization: Basic bWU6aHVudGVyMg==".to_owned()));
}

#[test]
fn no_secret_is_told_to_the_page() {
    let mut page = page();
    page.load(TWO);
    page.send(Request::Config(ConfigRequest::Export { id: 1 }));
    let events = page.events.borrow();
    for event in events.iter() {
        assert!(!format!("{event:?}").contains("hunter2"));
    }
    let exported = events.iter().find_map(|event| match event {
        Event::Config(ConfigNews::Exported { prometheus_yml, n_secrets, .. }) => Some((prometheus_yml, n_secrets)),
        _ => None,
    });
    let (text, n_secrets) = exported.expect("an export");
    assert!(*n_secrets == 1 && text.contains("password: <secret>"), "{text}");
    assert!(text.contains("regex: 'go_.*'") && text.contains("env: test"), "{text}");
}

#[test]
fn what_was_discovered_is_told_with_each_step() {
    let mut page = page();
    page.load(TWO);
    let pool = page.discovered("app");
    assert_eq!((pool.rules.len(), pool.targets.len()), (2, 3));
    assert!(pool.rules[0].contains("action: drop"), "{}", pool.rules[0]);
    let fates: Vec<&Fate> = pool.targets.iter().map(|target| &target.fate).collect();
    assert!(matches!(fates[..], [Fate::Scraped(_), Fate::Scraped(_), Fate::Dropped(0)]), "{fates:?}");
    let first = &pool.targets[0];
    assert_eq!(first.steps[1].changes[0].new.as_deref(), Some("cors-a"));
    assert!(first.discovered.contains(&("__scrape_interval__".to_owned(), "2s".to_owned())));
    assert_eq!(PoolTargets::labels_after(first, 2).iter().filter(|(name, _)| name == "host").count(), 1);
}

#[test]
fn a_text_with_errors_changes_nothing_and_says_where() {
    let mut page = page();
    page.load(TWO);
    let before = page.urls();
    page.load(&TWO.replace("scrape_interval: 2s", "scrape_intervall: 2s"));
    let status = page.config();
    let failed = status.failed.expect("it was refused");
    let error = &failed.report.errors[0];
    assert_eq!((error.at, error.hint.as_str()), (Some((1, 10)), "Did you mean `scrape_interval`?"));
    assert!(error.line.starts_with("global: {scrape_intervall"), "{}", error.line);
    assert!(status.loaded.is_some() && !failed.text.contains("hunter2"));
    assert_eq!(page.urls(), before);
}

#[test]
fn targets_that_are_in_both_texts_go_on() {
    let mut page = page();
    page.load(TWO);
    page.pass(Millis(3_000));
    let before = page.all_targets();
    page.load(&TWO.replace("'cors-b:1', ", "").replace("/m\n", "/n\n"));
    let after = page.all_targets();
    assert_eq!((after[0].id, after[0].n_scrapes), (before[0].id, before[0].n_scrapes));
    assert_eq!(page.urls(), ["http://cors-a:1/metrics", "http://cors-d:1/n"]);
    // The secret stayed where the shown text, which has none, was loaded.
    let shown = page.config().loaded.expect("it runs").text;
    assert!(shown.contains("password: <secret>"), "{shown}");
    page.fetched.clear();
    page.load(&shown.replace("/n\n", "/m\n"));
    assert!(page.config().loaded.is_some_and(|loaded| loaded.report.missing_secrets.is_empty()));
    page.pass(Millis(100));
    assert!(page.fetched.iter().any(|line| line.contains("bWU6aHVudGVyMg==")), "{:?}", page.fetched);
    page.send(Request::Config(ConfigRequest::Remove));
    assert!(page.urls().is_empty() && page.config().loaded.is_none());
}

#[test]
fn secrets_have_to_be_entered_again_after_a_reload_of_the_page() {
    let mut page = page();
    page.load(&TWO.replace("hunter2", "<secret>"));
    let loaded = page.config().loaded.expect("it runs all the same");
    assert_eq!(loaded.report.missing_secrets.len(), 1);
    assert!(page.fetched.contains(&"Direct http://cors-d:1/m".to_owned()), "{:?}", page.fetched);
    page.pass(Millis(2_000));
    assert!(page.all_targets()[2].notices[0].contains("guarded"), "{:?}", page.all_targets()[2].notices);
}

#[test]
fn names_are_resolved_by_the_relay_and_their_targets_come_and_go() {
    const RESOLVE: &str = "http://page:8080/relay/resolve?type=A&name=app.example";
    let text = "scrape_configs: [{job_name: d, dns_sd_configs: [{names: [app.example], type: A, port: 80, refresh_interval: 5s}]}]";
    let mut page = Page::open();
    page.load(text);
    let discovery = page.config().loaded.expect("it runs").pools[0].discoveries[0].clone();
    assert!(discovery.problem.is_some_and(|problem| problem.message.contains("relay")));
    page.answers(RESOLVE, 200, r#"{"records":[{"target":"10.0.0.1","port":null},{"target":"10.0.0.2"}],"ttl_s":3}"#);
    let mut page = page.with_relay();
    page.turn();
    assert_eq!(page.urls(), ["http://10.0.0.1:80/metrics", "http://10.0.0.2:80/metrics"]);
    let first = page.all_targets()[0].id;
    page.answers(RESOLVE, 200, r#"{"records":[{"target":"10.0.0.1","port":null},{"target":"10.0.0.3","port":8}]}"#);
    page.pass(Millis(5_200));
    assert_eq!(page.urls(), ["http://10.0.0.1:80/metrics", "http://10.0.0.3:8/metrics"]);
    assert_eq!(page.all_targets()[0].id, first);
    // A name server that fails takes no target away.
    page.answers(RESOLVE, 502, r#"{"kind":"unknown_host","message":"app.example is not known"}"#);
    page.pass(Millis(5_200));
    let discovery = page.config().loaded.expect("it runs").pools[0].discoveries[0].clone();
    let problem = discovery.problem.expect("it failed");
    assert_eq!(problem.message, "The name app.example could not be resolved: app.example is not known.");
    assert_eq!(page.urls().len(), 2);
}

#[test]
fn lists_of_targets_are_fetched_with_their_credentials() {
    let text = "scrape_configs:\n- job_name: l\n  http_sd_configs: [{url: 'http://cors-sd/list', bearer_token: t0k}]\n";
    let mut page = Page::open();
    page.answers("http://cors-sd/list", 200, r#"[{"targets":["cors-a:1"],"labels":{"x":"y"}}]"#);
    page.load(text);
    page.turn();
    assert!(page.fetched.contains(&"Direct http://cors-sd/list Authorization: Bearer t0k".to_owned()));
    assert_eq!(page.urls(), ["http://cors-a:1/metrics"]);
    let pool = page.discovered("l");
    let url = ("__meta_url".to_owned(), "http://cors-sd/list".to_owned());
    assert!(pool.targets[0].discovered.contains(&url), "{:?}", pool.targets[0].discovered);
    page.answers("http://cors-sd/list", 200, "nonsense: 1");
    page.pass(Millis(61_000));
    let discovery = page.config().loaded.expect("it runs").pools[0].discoveries[0].clone();
    assert!(discovery.problem.is_some() && discovery.n_targets == 1);
}

#[test]
fn a_dropped_file_gives_the_targets_that_a_browser_cannot_read() {
    let text = "scrape_configs: [{job_name: f, file_sd_configs: [{files: ['targets/*.json']}]}]";
    let give = |page: &mut Page, name: &str, text: &str| {
        let (name, text) = (name.to_owned(), text.to_owned());
        page.send(Request::Config(ConfigRequest::GiveFile { name, text }));
    };
    let mut page = Page::open();
    page.load(text);
    let discovery = page.config().loaded.expect("it runs").pools[0].discoveries[0].clone();
    assert!(discovery.problem.is_some_and(|problem| problem.hint.contains("Drop")));
    give(&mut page, "a.json", r#"[{"targets": ["a:1", "b:1"]}]"#);
    assert_eq!(page.urls().len(), 2);
    give(&mut page, "a.json", r#"[{"targets": ["a:1"]}]"#);
    assert_eq!(page.urls(), ["http://a:1/metrics"]);
    give(&mut page, "a.json", "[");
    assert!(page.config().failed.is_some_and(|failed| failed.problem.is_some()));
    give(&mut page, "a.yml", "[]");
    assert!(page.config().failed.is_some_and(|failed| failed.problem.is_some_and(|p| p.message.contains("a.yml"))));
    assert_eq!(page.urls(), ["http://a:1/metrics"]);
    // A reload of the text keeps the file.
    page.load(&text.replace("job_name: f", "job_name: g"));
    assert_eq!(page.urls(), ["http://a:1/metrics"]);
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    let targets: Vec<String> = (1..=210).map(|n| format!("'h{n}:1'")).collect();
    let text = format!("scrape_configs: [{{job_name: big, static_configs: [{{targets: [{}]}}]}}]", targets.join(","));
    let mut page = Page::open();
    page.add(1, "cors-own:1");
    page.load(&text);
    let loaded = page.config().loaded.expect("it runs");
    assert_eq!((loaded.n_targets, loaded.n_left_out, loaded.pools[0].n_left_out), (199, 11, 11));
    let pool = page.discovered("big");
    assert_eq!(pool.targets.iter().filter(|target| target.fate == Fate::LeftOut).count(), 11);
    page.send(Request::RemoveTarget { id: protocol::TargetId(1) });
    assert_eq!(page.config().loaded.expect("it runs").n_targets, 200);
    // A limit of the configuration itself leaves none.
    page.load(&text.replace("job_name: big,", "job_name: big, target_limit: 5,"));
    let loaded = page.config().loaded.expect("it runs");
    assert_eq!(loaded.n_targets, 0);
    assert!(loaded.pools[0].problem.as_ref().is_some_and(|problem| problem.message.contains("210")));
}

#[test]
fn the_relays_configuration_runs_with_credentials_that_only_it_has() {
    let mut page = Page::open();
    page.answers("http://page:8080/relay/config", 200, &TWO.replace("hunter2", "<secret>"));
    page.answers("http://page:8080/relay/discover?index=0&job=f", 200, r#"[{"targets":["cors-f:1"]}]"#);
    let mut page = page.with_relay();
    page.send(Request::Config(ConfigRequest::AskRelay { load: true }));
    page.turn();
    let loaded = page.config().loaded.expect("it runs");
    assert_eq!((loaded.origin, loaded.report.missing_secrets.len()), (ConfigOrigin::Relay, 0));
    assert!(page.fetched.contains(&"Relay http://cors-d:1/m".to_owned()), "{:?}", page.fetched);
    let files = format!("{TWO}  - {{job_name: f, file_sd_configs: [{{files: [a.json]}}]}}\n");
    page.answers("http://page:8080/relay/config", 200, "");
    let text = ConfigText { text: files, origin: ConfigOrigin::Relay, files: Vec::new() };
    page.send(Request::Config(ConfigRequest::Load(text)));
    page.turn();
    assert!(page.urls().contains(&"http://cors-f:1/metrics".to_owned()), "{:?}", page.urls());
}

#[test]
fn a_configuration_is_fetched_from_its_address() {
    let mut page = page();
    page.answers("http://cors-h/prometheus.yml", 200, TWO);
    let fetch = |url: &str| Request::Config(ConfigRequest::Fetch { url: url.to_owned() });
    page.send(fetch("http://cors-h/prometheus.yml"));
    page.turn();
    let loaded = page.config().loaded.expect("it runs");
    assert_eq!(loaded.origin, ConfigOrigin::Url("http://cors-h/prometheus.yml".to_owned()));
    assert!(loaded.loaded_ms >= START);
    page.send(fetch("http://cors-h/none.yml"));
    page.turn();
    let status = page.config();
    assert!(status.loaded.is_some() && status.failed.is_some_and(|failed| failed.problem.is_some()));
}
