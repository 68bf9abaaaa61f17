//! The relay with a prometheus.yml: what the page is told of it, and which targets get its credentials.

use crate::harness::{Answer, Running, Target, config, empty_dir, fetch_path};
use expect_test::expect;
use relay::Relay;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What `Authorization` holds for `prom` with the password `hunter2`.
const BASIC: &str = "authorization: Basic cHJvbTpodW50ZXIy";

/// A directory with these files; the first one is the configuration.
fn files(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = empty_dir(name);
    for (file, text) in files {
        let path = dir.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir.join(files[0].0)
}

fn start(config_file: &Path) -> Running {
    Running::start(|config| config.config_file = Some(config_file.to_owned()))
}

fn ask(relay: &Running, path: &str) -> Answer {
    relay.get(path, &["X-Promenade: 1", "Sec-Fetch-Site: same-origin"])
}

fn scrape(relay: &Running, job: &str, url: &str) -> Answer {
    ask(relay, &format!("{}&job={job}", fetch_path(url, 5_000).replace("/fetch", "/scrape")))
}

#[test]
fn the_page_gets_the_text_without_its_secrets_and_nobody_else_gets_it() {
    let path = files(
        "config-text",
        &[(
            "prometheus.yml",
            "# mine\nscrape_configs:\n- job_name: app\n  basic_auth: {username: prom, password: hunter2}\n  static_configs: [{targets: ['a:1']}]\n",
        )],
    );
    let relay = start(&path);
    let answer = ask(&relay, "/relay/config");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/yaml; charset=utf-8"));
    expect![[r#"
        # mine
        scrape_configs:
        - job_name: app
          basic_auth: {username: prom, password: <secret>}
          static_configs: [{targets: ['a:1']}]
    "#]]
    .assert_eq(&answer.text());
    assert!(ask(&relay, "/relay/info").text().contains("\"has_config\":true"));
    assert_eq!(relay.get("/relay/config", &[]).status, 403);
    assert_eq!(relay.get("/relay/config", &["X-Promenade: 1", "Sec-Fetch-Site: cross-site"]).status, 403);
    let without = Running::start(|_| ());
    for path in ["/relay/config", "/relay/discover?job=app&index=0"] {
        let answer = ask(&without, path);
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("was started without --config"), "{}", answer.text());
    }
}

#[test]
fn targets_in_the_files_that_a_job_names_are_listed_and_other_files_are_not() {
    let path = files(
        "config-files",
        &[
            (
                "prometheus.yml",
                "scrape_configs:\n- job_name: app\n  file_sd_configs:\n  - files: [targets/*.json, more.yml]\n  - files: [none/*.yml]\n  - files: [broken.json]\n",
            ),
            ("targets/b.json", "[{\"targets\": [\"b:1\", \"b:2\"], \"labels\": {\"env\": \"test\"}}]"),
            ("targets/a.json", "[{\"targets\": [\"a:1\"]}]"),
            ("targets/other.yml", "- targets: [other:1]\n"),
            ("more.yml", "- targets: [c:1]\n"),
            ("broken.json", "{\"targets\": []}"),
        ],
    );
    let relay = start(&path);
    let dir = path.parent().unwrap().display().to_string();
    let lines: Vec<String> = [
        "job=app&index=0",
        "job=app&index=1",
        "job=app&index=2",
        "job=app&index=3",
        "job=other&index=0",
        "job=app",
        "index=0",
    ]
    .iter()
    .map(|query| format!("{query} -> {}", ask(&relay, &format!("/relay/discover?{query}")).text().replace(&dir, "DIR")))
    .collect();
    expect![[r#"
        job=app&index=0 -> [{"targets":["a:1"],"labels":{"__meta_filepath":"DIR/targets/a.json"}},{"targets":["b:1","b:2"],"labels":{"__meta_filepath":"DIR/targets/b.json","env":"test"}},{"targets":["c:1"],"labels":{"__meta_filepath":"DIR/more.yml"}}]
        job=app&index=1 -> []
        job=app&index=2 -> {"kind":"other","message":"DIR/broken.json: Expected a list of `targets` and `labels`, found a mapping"}
        job=app&index=3 -> {"kind":"bad_request","message":"the job `app` has no file_sd_configs with the index 3, counted from 0"}
        job=other&index=0 -> {"kind":"bad_request","message":"the relay's --config has no job `other`"}
        job=app -> {"kind":"bad_request","message":"expected ?job=…&index=…: a job, and which of its file_sd_configs, counted from 0"}
        index=0 -> {"kind":"bad_request","message":"expected ?job=…&index=…: a job, and which of its file_sd_configs, counted from 0"}"#]].assert_eq(&lines.join("\n"));
    // Files are read anew each time.
    fs::write(path.parent().unwrap().join("more.yml"), "- targets: [d:1]\n").unwrap();
    assert!(ask(&relay, "/relay/discover?job=app&index=0").text().contains("\"d:1\""));
}

/// A target, and a configuration with a job for it; `TARGET` and `PORT` in the text are its own.
fn with_target(name: &str, text: &str, more: &[(&str, &str)]) -> (Target, PathBuf) {
    let target = Target::answering("200 OK", b"up 1\n");
    let text = text.replace("TARGET", &target.address.to_string()).replace("PORT", &target.address.port().to_string());
    let more: Vec<(&str, String)> =
        more.iter().map(|(file, text)| (*file, text.replace("TARGET", &target.address.to_string()))).collect();
    let all: Vec<(&str, &str)> = std::iter::once(("prometheus.yml", text.as_str()))
        .chain(more.iter().map(|(file, text)| (*file, text.as_str())))
        .collect();
    (target, files(name, &all))
}

#[test]
fn the_targets_of_a_job_get_its_credentials_however_they_are_found() {
    for (name, found_by, more) in [
        ("static", "static_configs: [{targets: ['TARGET']}]", &[][..]),
        ("files", "file_sd_configs: [{files: ['t*.yml']}]", &[("t1.yml", "- targets: ['TARGET']\n")]),
        ("dns", "dns_sd_configs: [{names: [localhost], type: A, port: PORT}]", &[]),
        (
            "relabelled",
            "static_configs: [{targets: ['nowhere:1']}]\n  relabel_configs: [{target_label: __address__, replacement: 'TARGET'}]",
            &[],
        ),
    ] {
        let text = format!(
            "scrape_configs:\n- job_name: app\n  basic_auth: {{username: prom, password: hunter2}}\n  {found_by}\n"
        );
        let (target, path) = with_target(&format!("config-{name}"), &text, more);
        let answer = scrape(&start(&path), "app", &target.url("/metrics?a=b"));
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let request = target.requests().remove(0);
        assert!(request.contains(BASIC), "{name}: {request}");
    }
}

#[test]
fn nobody_else_gets_them() {
    let (target, path) = with_target(
        "config-others",
        "scrape_configs:\n\
         - job_name: app\n  basic_auth: {username: prom, password: hunter2}\n  static_configs: [{targets: ['TARGET', 'dropped:1']}]\n  \
           relabel_configs: [{source_labels: [__address__], regex: 'dropped:1', action: drop}]\n\
         - job_name: away\n  basic_auth: {username: prom, password: hunter2}\n  static_configs: [{targets: ['TARGET']}]\n  \
           relabel_configs: [{target_label: __address__, replacement: 'far.example:1'}]\n\
         - job_name: open\n  static_configs: [{targets: ['a:1']}]\n",
        &[],
    );
    let other = Target::answering("200 OK", b"up 1\n");
    let relay = start(&path);
    let lines: Vec<String> = [
        ("app", target.url("/other")),
        ("app", other.url("/metrics")),
        ("app", target.url("/metrics").replace("127.0.0.1", "localhost")),
        ("app", target.url("/metrics").replace("http:", "https:")),
        ("app", "http://dropped:1/metrics".to_owned()),
        ("away", target.url("/metrics")),
        ("none", target.url("/metrics")),
    ]
    .iter()
    .map(|(job, url)| scrape(&relay, job, url).line())
    .collect();
    expect![[r#"
        403 forbidden: http://127.0.0.1:PORT/other is no target that the static, DNS or file discovery of the job `app` in the relay's --config yields, so its credentials are not sent there
        403 forbidden: http://127.0.0.1:PORT/metrics is no target that the static, DNS or file discovery of the job `app` in the relay's --config yields, so its credentials are not sent there
        403 forbidden: http://localhost:PORT/metrics is no target that the static, DNS or file discovery of the job `app` in the relay's --config yields, so its credentials are not sent there
        403 forbidden: https://127.0.0.1:PORT/metrics is no target that the static, DNS or file discovery of the job `app` in the relay's --config yields, so its credentials are not sent there
        403 forbidden: http://dropped:1/metrics is no target that the static, DNS or file discovery of the job `app` in the relay's --config yields, so its credentials are not sent there
        403 forbidden: http://127.0.0.1:PORT/metrics is no target that the static, DNS or file discovery of the job `away` in the relay's --config yields, so its credentials are not sent there
        400 bad_request: the relay's --config has no job `none`"#]].assert_eq(&lines.join("\n"));
    assert!(target.requests().is_empty() && other.requests().is_empty());
    // A job without credentials has nothing to lose.
    assert_eq!(scrape(&relay, "open", &other.url("/metrics")).status, 200);
    assert!(!other.requests().concat().contains("authorization"));
    assert_eq!(
        scrape(&Running::start(|_| ()), "app", &target.url("/metrics")).line(),
        "400 bad_request: the relay was started without --config, so it has no job `app`"
    );
}

#[test]
fn a_redirect_away_loses_them_and_what_the_page_sends_itself_wins() {
    let other = Target::answering("200 OK", b"up 1\n");
    let (target, path) = with_target(
        "config-redirect",
        "scrape_configs:\n- job_name: app\n  authorization: {credentials: hunter2}\n  static_configs: [{targets: ['TARGET']}]\n",
        &[],
    );
    let relay = start(&path);
    let path = format!("{}&job=app", fetch_path(&target.url("/metrics"), 5_000).replace("/fetch", "/scrape"));
    let own = "Promenade-Forward-Authorization: Bearer own";
    assert_eq!(relay.get(&path, &["X-Promenade: 1", own]).status, 200);
    let request = target.requests().remove(0);
    assert!(request.contains("authorization: Bearer own") && !request.contains("hunter2"), "{request}");

    let away = Target::answering(&format!("302 Found\r\nLocation: {}", other.url("/metrics")), b"");
    let text = format!(
        "scrape_configs:\n- job_name: app\n  authorization: {{credentials: hunter2}}\n  static_configs: [{{targets: ['{}']}}]\n",
        away.address
    );
    let relay = start(&files("config-redirected", &[("prometheus.yml", &text)]));
    assert_eq!(scrape(&relay, "app", &away.url("/metrics")).status, 200);
    assert!(away.requests().concat().contains("authorization: Bearer hunter2"));
    assert!(!other.requests().concat().contains("authorization"), "{:?}", other.requests());
}

#[test]
fn secrets_in_files_are_read_when_they_are_needed_and_a_missing_one_is_named() {
    let (target, path) = with_target(
        "config-secret-files",
        "scrape_configs:\n\
         - job_name: app\n  basic_auth: {username: prom, password_file: secrets/password}\n  static_configs: [{targets: ['TARGET']}]\n\
         - job_name: gone\n  authorization: {credentials_file: secrets/gone}\n  static_configs: [{targets: ['TARGET']}]\n\
         - job_name: empty\n  basic_auth: {username: prom, password: <secret>}\n  static_configs: [{targets: ['TARGET']}]\n",
        &[("secrets/password", "hunter2\n")],
    );
    let relay = start(&path);
    assert_eq!(scrape(&relay, "app", &target.url("/metrics")).status, 200);
    assert!(target.requests().remove(0).contains(BASIC));
    let dir = path.parent().unwrap().display().to_string();
    let lines = ["gone", "empty"].map(|job| scrape(&relay, job, &target.url("/metrics")).line().replace(&dir, "DIR"));
    expect![[r#"
        502 other: the credentials of the job `gone`: DIR/secrets/gone cannot be read: No such file or directory (os error 2)
        502 other: the credentials of the job `empty`: `<secret>` stands where the secret has to be"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn a_file_that_changes_counts_and_a_broken_one_leaves_what_was_there() {
    let (target, path) = with_target(
        "config-reload",
        "scrape_configs:\n- job_name: app\n  basic_auth: {username: prom, password: other}\n  static_configs: [{targets: ['TARGET']}]\n",
        &[],
    );
    let relay = start(&path);
    let good = fs::read_to_string(&path).unwrap();
    let wait_for = |part: &str| {
        let started = Instant::now();
        loop {
            assert_eq!(scrape(&relay, "app", &target.url("/metrics")).status, 200);
            if target.requests().pop().unwrap().contains(part) {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "{part} does not come");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    wait_for("authorization: Basic cHJvbTpvdGhlcg==");
    fs::write(&path, "scrape_configs: [{job_name: app, static_configs: 7}]\n").unwrap();
    std::thread::sleep(Duration::from_millis(2_500));
    wait_for("authorization: Basic cHJvbTpvdGhlcg==");
    fs::write(&path, good.replace("other", "hunter2")).unwrap();
    wait_for(BASIC);
}

#[tokio::test]
async fn a_relay_does_not_start_with_a_configuration_that_is_wrong() {
    let path = files("config-wrong", &[("prometheus.yml", "scrape_configs:\n- job_nam: app\n")]);
    let mut lines = Vec::new();
    for path in [&path, &path.with_file_name("gone.yml")] {
        let mut config = config();
        config.config_file = Some(path.clone());
        let dir = path.parent().unwrap().display().to_string();
        lines.push(Relay::bind(config).await.unwrap_err().to_string().replace(&dir, "DIR"));
    }
    expect![[r#"
        --config: DIR/prometheus.yml, line 2, column 3: There is no setting `job_nam` here. Did you mean `job_name`? (and 1 more)
        --config: DIR/gone.yml cannot be read: No such file or directory (os error 2)"#]].assert_eq(&lines.join("\n"));
}
