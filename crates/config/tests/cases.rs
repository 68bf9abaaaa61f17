//! Texts and what is said of them.

use config::{Config, Discovery, Severity};
use expect_test::{Expect, expect};
use model::Millis;

/// A text with a little of everything that runs.
pub(crate) const WHOLE: &str = "\
global:
  scrape_interval: 30s
  external_labels: {region: eu}
scrape_configs:
  - job_name: node
    scrape_timeout: 5s
    metrics_path: /m
    scheme: https
    params: {module: [http_2xx, other]}
    honor_labels: true
    honor_timestamps: false
    sample_limit: 1000
    body_size_limit: 15MB
    basic_auth: {username: me, password: hunter2}
    static_configs:
      - targets: ['a:9100', 'b:9100']
        labels: {env: test}
    relabel_configs:
      - source_labels: [__address__]
        regex: '(.*):\\d+'
        target_label: host
    metric_relabel_configs:
      - {source_labels: [__name__], regex: 'go_.*', action: drop}
  - job_name: dns
    dns_sd_configs:
      - names: [_prom._tcp.example.org]
      - {names: [app, other], type: A, port: 8080, refresh_interval: 5s}
  - job_name: lists
    authorization: {credentials_file: /run/token}
    http_sd_configs: [{url: 'http://sd/targets', bearer_token: t}]
    file_sd_configs: [{files: ['targets/*.yml', one.json]}]
";

/// Every remark: place, severity, path, message, hint.
fn check(text: &str, expected: &Expect) {
    let parsed = config::parse(text, false);
    let mut out = String::new();
    for diagnostic in &parsed.diagnostics {
        let place = diagnostic.at.map_or_else(String::new, |at| format!("{}:{} ", at.line, at.column));
        let space = if diagnostic.hint.is_empty() { "" } else { " " };
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Unsupported => "unsupported",
            Severity::MissingSecret => "secret",
            Severity::Notice => "notice",
        };
        out.push_str(&format!(
            "{place}{severity} {}: {}{space}{}\n",
            diagnostic.path, diagnostic.message, diagnostic.hint
        ));
    }
    expected.assert_eq(&out);
}

fn good(text: &str) -> Config {
    let parsed = config::parse(text, false);
    assert!(parsed.is_good(), "{:?}", parsed.diagnostics);
    parsed.config
}

#[test]
fn everything_is_where_it_belongs() {
    let config = good(WHOLE);
    let [node, dns, lists] = &config.scrape_configs[..] else { panic!("{config:?}") };
    assert_eq!((node.scrape_interval, node.scrape_timeout), (Millis(30_000), Millis(5_000)));
    assert_eq!((dns.scrape_interval, dns.scrape_timeout), (Millis(30_000), Millis(10_000)));
    assert_eq!((node.metrics_path.as_str(), node.scheme.as_str()), ("/m", "https"));
    assert_eq!(node.params, [("module".to_owned(), vec!["http_2xx".to_owned(), "other".to_owned()])]);
    assert!(node.honor_labels && !node.honor_timestamps && dns.honor_timestamps);
    assert_eq!((node.limits.sample_limit, node.limits.body_size_limit), (1_000, 15 << 20));
    assert!(!format!("{config:?}").contains("hunter2"));
    let Discovery::Dns(second) = &dns.discoveries[1] else { panic!("{dns:?}") };
    assert_eq!((second.names.len(), second.port, second.refresh_interval), (2, 8080, Millis(5_000)));
    let Discovery::Http(http) = &lists.discoveries[0] else { panic!("{lists:?}") };
    assert_eq!(http.refresh_interval, Millis(60_000));
    let Discovery::File(files) = &lists.discoveries[1] else { panic!("{lists:?}") };
    assert!(files.names("a.yml") && files.names("one.json") && !files.names("two.json"));
}

#[test]
fn the_defaults_are_those_of_prometheus() {
    let config = good("scrape_configs: [{job_name: a}]");
    let a = &config.scrape_configs[0];
    assert_eq!((a.scrape_interval, a.scrape_timeout), (Millis(60_000), Millis(10_000)));
    assert_eq!((a.metrics_path.as_str(), a.scheme.as_str()), ("/metrics", "http"));
    // A timeout that nobody set is never longer than the interval.
    let config =
        good("global: {scrape_interval: 3s}\nscrape_configs: [{job_name: a}, {job_name: b, scrape_interval: 1s}]");
    let timeouts: Vec<i64> = config.scrape_configs.iter().map(|scrape| scrape.scrape_timeout.0).collect();
    assert_eq!(timeouts, [3_000, 1_000]);
    assert_eq!(good("").scrape_configs.len(), 0);
}

#[test]
fn records_become_targets() {
    let config = good(WHOLE);
    let [Discovery::Dns(srv), Discovery::Dns(a)] = &config.scrape_configs[1].discoveries[..] else { panic!() };
    let srv = srv.group("_prom._tcp.example.org", &[("node-1.example.org.".to_owned(), Some(9100))]);
    let a = a.group("app", &[("10.0.0.3".to_owned(), None), ("fe80::1".to_owned(), None)]);
    expect![[r#"
        [
            [
                (
                    "__address__",
                    "node-1.example.org:9100",
                ),
                (
                    "__meta_dns_name",
                    "_prom._tcp.example.org",
                ),
                (
                    "__meta_dns_srv_record_target",
                    "node-1.example.org.",
                ),
                (
                    "__meta_dns_srv_record_port",
                    "9100",
                ),
            ],
        ]
        [
            [
                (
                    "__address__",
                    "10.0.0.3:8080",
                ),
                (
                    "__meta_dns_name",
                    "app",
                ),
            ],
            [
                (
                    "__address__",
                    "[fe80::1]:8080",
                ),
                (
                    "__meta_dns_name",
                    "app",
                ),
            ],
        ]
    "#]]
    .assert_eq(&format!("{:#?}\n{:#?}\n", srv.targets, a.targets));
}

#[test]
fn what_is_wrong_has_its_place_and_a_cure() {
    check(
        "scrape_config:\n  - job_name: a\n",
        &expect![[r#"
        1:1 error scrape_config: There is no setting `scrape_config` here. Did you mean `scrape_configs`?
    "#]],
    );
    check(
        "scrape_configs:\n  - job_name: a\n    scrape_intervall: 5s\n    scheme: ftp\n",
        &expect![[r#"
        3:5 error scrape_configs[0].scrape_intervall: There is no setting `scrape_intervall` here. Did you mean `scrape_interval`?
        4:13 notice scrape_configs[0].scheme: Targets with the scheme `ftp` cannot be scraped. Expected `http` or `https`, unless relabelling sets `__scheme__`.
    "#]],
    );
    check(
        "global:\n  scrape_interval: 15\n  scrape_timeout: 1 m\n",
        &expect![[r#"
        2:20 error global.scrape_interval: Expected a duration such as `5m` or `1h30m` (units y, w, d, h, m, s, ms, each once and in this order); found `15`. Add a unit: `15s` are 15 seconds.
        3:19 error global.scrape_timeout: Expected a duration such as `5m` or `1h30m` (units y, w, d, h, m, s, ms, each once and in this order); found `1 m`.
    "#]],
    );
    check(
        "global: {scrape_interval: 5s, scrape_timeout: 6s}\n",
        &expect![[r#"
        1:47 error global.scrape_timeout: The timeout of all scrapes is longer than their interval. Shorten `scrape_timeout`.
    "#]],
    );
    check(
        "scrape_configs:\n  - {job_name: a, scrape_interval: 5s, scrape_timeout: 6s}\n  - {job_name: a}\n  - {}\n  -\n",
        &expect![[r#"
        2:5 error scrape_configs[0].scrape_timeout: The timeout (6s) is longer than the interval (5s). Shorten `scrape_timeout`.
        3:5 error scrape_configs[1].job_name: There are two scrape configurations with the job name `a`. Rename one of them.
        4:5 error scrape_configs[2]: There is no `job_name`. Add one; each scrape configuration has its own.
        5:4 error scrape_configs[3]: There is nothing in this scrape configuration. Add `job_name` and targets.
    "#]],
    );
    check(
        "scrape_configs:\n- job_name: a\n  static_configs:\n  - targets: [a:1, 'http://b:2/metrics']\n    labels: {'a-b': 1}\n",
        &expect![[r#"
        4:20 error scrape_configs[0].static_configs: `http://b:2/metrics` is no host with a port. Write `b:2`, and the rest as `scheme` and `metrics_path`.
        5:14 error scrape_configs[0].static_configs[0].labels.a-b: `a-b` is no name for a label. A label's name is made of letters, digits and `_`, and begins with no digit.
    "#]],
    );
    check(
        "scrape_configs:\n- job_name: a\n  static_configs:\n    targets: [a:1]\n  honor_labels: 'true'\n  sample_limit: -1\n  body_size_limit: 5 bananas\n",
        &expect![[r#"
        4:5 error scrape_configs[0].static_configs: Expected a list, found a mapping. Begin each item with `- `.
        5:17 error scrape_configs[0].honor_labels: Expected `true` or `false`, found `true`. Remove the quotes.
        6:17 error scrape_configs[0].sample_limit: Expected a whole number from 0 on, found `-1`.
        7:20 error scrape_configs[0].body_size_limit: Expected a size, found `5 bananas`. A number with one of the units B, KB, MB, GB, TB, such as `15MB`.
    "#]],
    );
    check(
        "scrape_configs:\n- job_name: a\n  dns_sd_configs: [{names: [x], type: A}, {type: TXT, port: 70000}]\n  http_sd_configs: [{url: ftp://x}, {}]\n  file_sd_configs: [{files: ['a/*/b.json', x.txt]}]\n",
        &expect![[r#"
        3:20 error scrape_configs[0].dns_sd_configs[0]: Records of type A have no port. Add `port: 9100`, or the port your targets listen on.
        3:43 error scrape_configs[0].dns_sd_configs[1]: There are no `names` to resolve. Add `names: [example.org]`.
        3:50 error scrape_configs[0].dns_sd_configs[1].type: Expected SRV, A, AAAA, MX or NS, found `TXT`.
        3:61 error scrape_configs[0].dns_sd_configs[1].port: `70000` is no port. At most 65535.
        4:27 error scrape_configs[0].http_sd_configs[0].url: Expected a URL with `http:` or `https:`.
        4:37 error scrape_configs[0].http_sd_configs[1]: There is no `url` of a list of targets. Add `url: http://…`.
        5:21 error scrape_configs[0].file_sd_configs[0]: `a/*/b.json` is no name for a file of targets. It ends with .json, .yml or .yaml; only its last part may have one `*`.
        5:21 error scrape_configs[0].file_sd_configs[0]: `x.txt` is no name for a file of targets. It ends with .json, .yml or .yaml; only its last part may have one `*`.
    "#]],
    );
    check(
        "scrape_configs:\n- job_name: a\n  basic_auth: {username: a, password: b, password_file: c}\n  bearer_token: x\n",
        &expect![[r#"
        2:3 error scrape_configs[0]: More than one of `basic_auth`, `authorization`, `bearer_token` and `oauth2` is set. Keep one of them.
        3:42 error scrape_configs[0].basic_auth.password_file: There are both `password` and `password_file`. Remove one of them.
        3:57 unsupported scrape_configs[0].basic_auth.password_file: `password_file` is not supported here: a browser cannot read the file. Write its contents in place of it, or start the relay with this configuration (`--config`).
    "#]],
    );
    check(
        "a: b: c\n",
        &expect![[r#"
        1:5 error : This is no YAML: mapping values are not allowed in this context. Look at the indentation, colons and quotes of this line and the one before.
    "#]],
    );
    check(
        "global: 5\n",
        &expect![[r#"
        1:9 error global: Expected settings such as `name: value`, found `5`.
    "#]],
    );
    check(
        "global: {scrape_interval: 5s}\nglobal: {}\n",
        &expect![[r#"
        2:1 error global: `global` is set twice. Remove one of them.
    "#]],
    );
}

#[test]
fn what_is_not_done_is_named() {
    check(
        "rule_files: [a.yml]\nalerting: {alertmanagers: []}\nremote_write: []\nremote_read: [{url: x}]\nstorage: {tsdb: {}}\n\
         scrape_configs:\n- job_name: a\n  kubernetes_sd_configs: [{role: pod}]\n  tls_config: {insecure_skip_verify: true, ca_file: x}\n  \
         oauth2: {client_id: x}\n  proxy_url: http://p\n  scrape_classic_histograms: true\n  scrape_protocols: [PrometheusProto]\n  \
         track_timestamps_staleness: true\n  enable_compression: false\n- job_name: b\n  basic_auth: {password_file: x}\n",
        &expect![[r#"
            1:1 unsupported rule_files: `rule_files` is not supported: rules are not evaluated.
            2:1 unsupported alerting: `alerting` is not supported: there is no Alertmanager to tell.
            4:1 unsupported remote_read: `remote_read` is not supported: samples come from scrapes and files.
            5:1 unsupported storage: `storage` is not supported: how long samples are kept is a setting of the page.
            8:3 unsupported scrape_configs[0].kubernetes_sd_configs: `kubernetes_sd_configs` is not supported: targets come from `static_configs`, `dns_sd_configs`, `http_sd_configs` and `file_sd_configs`.
            9:16 unsupported scrape_configs[0].tls_config.insecure_skip_verify: `insecure_skip_verify` is not supported: certificates are always checked; add the authority to those that this machine trusts.
            9:44 unsupported scrape_configs[0].tls_config.ca_file: `ca_file` is not supported: add the authority to those that this machine trusts.
            10:3 unsupported scrape_configs[0].oauth2: `oauth2` is not supported: Promenade fetches no tokens.
            11:3 unsupported scrape_configs[0].proxy_url: `proxy_url` is not supported: the browser and the relay choose their proxies themselves.
            12:3 unsupported scrape_configs[0].scrape_classic_histograms: `scrape_classic_histograms` is not supported: where a histogram is native, its classic buckets are left out.
            13:3 notice scrape_configs[0].scrape_protocols: Formats are asked for in Promenade's own order; protobuf comes first if it does here.
            15:3 notice scrape_configs[0].enable_compression: Whether answers are compressed is up to the browser.
            17:31 unsupported scrape_configs[1].basic_auth.password_file: `password_file` is not supported here: a browser cannot read the file. Write its contents in place of it, or start the relay with this configuration (`--config`).
        "#]],
    );
}

#[test]
fn secrets_that_are_missing_are_named_and_can_be_filled_in() {
    let parsed = config::parse(WHOLE, false);
    assert!(!parsed.redacted.contains("hunter2"), "{}", parsed.redacted);
    check(
        &parsed.redacted,
        &expect![[r#"
        14:42 secret scrape_configs[0].basic_auth.password: `password` is missing: `<secret>` stands in its place. Enter it again; secrets are not stored.
        29:39 unsupported scrape_configs[2].authorization.credentials_file: `credentials_file` is not supported here: a browser cannot read the file. Write its contents in place of it, or start the relay with this configuration (`--config`).
        30:64 secret scrape_configs[2].http_sd_configs[0].bearer_token: `bearer_token` is missing: `<secret>` stands in its place. Enter it again; secrets are not stored.
    "#]],
    );
    let mut again = config::parse(&parsed.redacted, false).config;
    assert!(again.scrape_configs[0].access.is_missing());
    again.fill_secrets(&parsed.config);
    assert_eq!(again, parsed.config);
}
