//! What is written reads back as the same targets, and Prometheus takes it.

use crate::promtool::{Folder, check_config};
use config::export::{Exported, Settings, files};
use config::relabel::{Action, Rule};
use config::{Access, Auth, Discovery, Limits, Secret};
use expect_test::expect;
use model::Millis;
use proptest::prelude::*;

fn settings() -> Settings {
    Settings {
        interval: Millis(5_000),
        timeout: Millis(5_000),
        honor_labels: false,
        honor_timestamps: true,
        access: Access::default(),
        limits: Limits::default(),
        metric_relabel_configs: Vec::new(),
    }
}

fn target(job: &str, url: &str, labels: &[(&str, &str)], settings: &Settings) -> Exported {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Exported { job: job.to_owned(), url: url.to_owned(), labels, settings: settings.clone() }
}

/// What a server with this file would scrape: URL and labels of each target.
fn scraped(text: &str) -> Vec<(String, String)> {
    let parsed = config::parse(text, false);
    assert!(parsed.is_good(), "{:?}\n{text}", parsed.diagnostics);
    let mut out = Vec::new();
    for scrape in &parsed.config.scrape_configs {
        for discovery in &scrape.discoveries {
            let Discovery::Static(group) = discovery else { continue };
            for target in &group.targets {
                let target = config::populate(scrape, target, &group.labels).target.expect("valid").expect("kept");
                out.push((target.url, target.labels.to_string()));
            }
        }
    }
    out
}

#[test]
fn targets_that_share_settings_stand_together() {
    let mut guarded = settings();
    guarded.access.auth =
        Auth::Basic { username: Secret::Text("me".to_owned()), password: Secret::Text("hunter2".to_owned()) };
    guarded.access.headers = vec![("X-Scope-OrgID".to_owned(), Secret::Text("hunter2".to_owned()))];
    guarded.limits.body_size_limit = 5 << 20;
    guarded.metric_relabel_configs = vec![Rule::new(Action::LabelDrop, "a b").unwrap()];
    let plain = settings();
    let written = files(&[
        target("node", "http://localhost:9100/metrics", &[("instance", "localhost:9100"), ("env", "test")], &plain),
        target("node", "http://b:9100/metrics", &[("instance", "the second")], &plain),
        target("node", "https://c/x?a=1&b=2%203&a=z", &[("instance", "c")], &guarded),
        target("", "http://d:1/metrics", &[], &plain),
        target("x", "nonsense", &[], &plain),
    ]);
    expect![[r#"
        # Written by Promenade: the targets that were scraped in the tab.
        global:
          scrape_interval: 15s

        scrape_configs:
          - job_name: node
            scrape_interval: 5s
            scrape_timeout: 5s
            static_configs:
              - targets: ['localhost:9100']
                labels:
                  env: test
              - targets: ['b:9100']
                labels:
                  instance: 'the second'
          - job_name: node-2
            scrape_interval: 5s
            scrape_timeout: 5s
            scheme: https
            metrics_path: /x
            params:
              a: ['1', z]
              b: ['2 3']
            body_size_limit: 5242880B
            basic_auth:
              username: me
              password: <secret> # Fill in the password.
            http_headers: # Needs Prometheus 2.55 or newer.
              X-Scope-OrgID:
                secrets: [<secret>] # Fill in the value.
            metric_relabel_configs:
              - regex: 'a b'
                action: labeldrop
            static_configs:
              - targets: [c]
                labels:
                  job: node
          - job_name: targets
            scrape_interval: 5s
            scrape_timeout: 5s
            static_configs:
              - targets: ['d:1']
    "#]]
    .assert_eq(&written.prometheus_yml);
    expect![[r#"
        # Written by Promenade. Put it beside prometheus.yml and run `docker compose up`;
        # then open http://localhost:9090 (Prometheus) and http://localhost:9919 (Promenade).
        # Some targets are on this machine, so the containers use its network; Docker Desktop has to allow that
        # (Settings, Resources, Network, Enable host networking).
        services:
          prometheus:
            image: prom/prometheus:v3.5.0
            command:
              - --config.file=/etc/prometheus/prometheus.yml
              - --storage.tsdb.path=/prometheus
              - --web.listen-address=127.0.0.1:9090
            network_mode: host
            volumes:
              - ./prometheus.yml:/etc/prometheus/prometheus.yml:ro
              - prometheus-data:/prometheus
          promenade:
            build: https://github.com/promenade-metrics/promenade.git
            entrypoint: ['/relay', '--listen', '127.0.0.1:9919']
            command: ['--config', '/prometheus.yml']
            network_mode: host
            volumes: ['./prometheus.yml:/prometheus.yml:ro']
        volumes:
          prometheus-data: {}
    "#]]
    .assert_eq(&written.compose_yml);
    assert_eq!((written.n_secrets, written.n_left_out), (2, 1));
    expect![[r#"
        [
            (
                "http://localhost:9100/metrics",
                "{env=\"test\", instance=\"localhost:9100\", job=\"node\"}",
            ),
            (
                "http://b:9100/metrics",
                "{instance=\"the second\", job=\"node\"}",
            ),
            (
                "https://c/x?a=1&a=z&b=2%203",
                "{instance=\"c\", job=\"node\"}",
            ),
            (
                "http://d:1/metrics",
                "{instance=\"d:1\", job=\"targets\"}",
            ),
        ]"#]]
    .assert_eq(&format!("{:#?}", scraped(&written.prometheus_yml)));
}

#[test]
fn prometheus_takes_what_is_written() {
    let mut guarded = settings();
    guarded.access.auth = Auth::Token { kind: "Bearer".to_owned(), credentials: Secret::Missing };
    guarded.limits = Limits { sample_limit: 1, label_limit: 2, body_size_limit: 3, ..Limits::default() };
    let targets = [
        target("a: b", "http://a:1/x y?z=%00", &[("instance", "'\"\\"), ("l", "yes")], &settings()),
        target("a: b", "http://a:1/metrics", &[("instance", "a:1"), ("l", "\u{85}\n#")], &guarded),
    ];
    let folder = Folder::new("export");
    for text in [files(&targets).prometheus_yml, files(&[]).prometheus_yml] {
        let Some(theirs) = check_config(&folder, &text) else { return };
        assert_eq!(theirs, Ok(()), "{text}");
    }
}

proptest! {
    #[test]
    fn every_target_comes_back(
        parts in prop::collection::vec(
            ("[a-c \\n:']{0,3}", "[a-c]{1,2}(:[1-9]{1,4})?", "/[a-z%?#é ]{0,4}", prop::collection::vec(("[a-c]", "[a-d &=+]{0,2}"), 0..3), "\\PC{0,4}"),
            0..6,
        ),
    ) {
        let mut targets = Vec::new();
        let mut expected = Vec::new();
        let escape = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        for (job, address, path, params, label) in parts {
            let query: Vec<String> = params.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
            let sep = if query.is_empty() { "" } else { "?" };
            let url = format!("http://{address}/{}{sep}{}", escape(&path[1..]), query.join("&"));
            let labels = [("instance", address.as_str()), ("l", label.as_str())];
            let exported = target(&job, &url, &labels, &settings());
            let job = if job.is_empty() { "targets" } else { &job };
            let all = model::Labels::from_pairs(labels.into_iter().chain([("job", job)]));
            expected.push(all.to_string());
            targets.push(exported);
        }
        let written = files(&targets);
        let mut labels: Vec<String> = scraped(&written.prometheus_yml).into_iter().map(|(_, labels)| labels).collect();
        labels.sort();
        expected.sort();
        prop_assert_eq!(labels, expected, "{}", written.prometheus_yml);
        // What is read and written again is the same text.
        prop_assert!(config::parse(&written.prometheus_yml, false).diagnostics.is_empty());
    }
}
