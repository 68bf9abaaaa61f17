//! What is counted and told, and the program from its start to its end.

use crate::harness::{Running, Target, config};
use expect_test::expect;
use exposition::{Entry, Format, Parser};
use relay::{Relay, StartError};
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn info_tells_name_version_and_limit() {
    let answer = Running::start(|_| ()).get("/relay/info", &["Sec-Fetch-Site: same-origin"]);
    assert_eq!(answer.header("content-type"), "application/json");
    expect![[r#"{"name":"promenade-relay","version":"0.1.0","max_body_bytes":1048576,"has_config":false}"#]]
        .assert_eq(&answer.text());
    assert_eq!(Running::start(|_| ()).get("/relay/info", &["Sec-Fetch-Site: cross-site"]).status, 403);
}

#[test]
fn requests_and_scrapes_are_counted_by_route_and_outcome() {
    let relay = Running::start(|_| ());
    let target = Target::answering("200 OK", b"up 1\n");
    relay.get("/", &[]);
    relay.get("/query", &[]);
    relay.get("/gone.js", &[]);
    relay.get("/relay/scrape", &[]);
    relay.scrape(&target.url("/"));
    relay.scrape("http://nobody.invalid/");
    relay.get("/metrics", &[]);
    let text = relay.get("/metrics", &[]).text();
    let kept = text.lines().filter(|line| {
        ["http_requests_total{", "scrapes_total{", "bytes_total", "in_flight ", "_count"]
            .iter()
            .any(|part| line.contains(part))
    });
    let mut kept: Vec<&str> = kept.filter(|line| !line.starts_with('#')).collect();
    kept.sort_unstable();
    expect![[r#"
        promenade_relay_fetch_duration_seconds_count 0
        promenade_relay_fetched_bytes_total 5
        promenade_relay_http_request_duration_seconds_count{path="/"} 1
        promenade_relay_http_request_duration_seconds_count{path="/metrics"} 1
        promenade_relay_http_request_duration_seconds_count{path="/relay/scrape"} 3
        promenade_relay_http_request_duration_seconds_count{path="/{file}"} 2
        promenade_relay_http_requests_total{path="/",code="200"} 0
        promenade_relay_http_requests_total{path="/",code="503"} 1
        promenade_relay_http_requests_total{path="/metrics",code="200"} 1
        promenade_relay_http_requests_total{path="/relay/info",code="200"} 0
        promenade_relay_http_requests_total{path="/relay/scrape",code="200"} 1
        promenade_relay_http_requests_total{path="/relay/scrape",code="403"} 1
        promenade_relay_http_requests_total{path="/relay/scrape",code="502"} 1
        promenade_relay_http_requests_total{path="/{file}",code="200"} 0
        promenade_relay_http_requests_total{path="/{file}",code="404"} 1
        promenade_relay_http_requests_total{path="/{file}",code="503"} 1
        promenade_relay_scrape_duration_seconds_count 2
        promenade_relay_scrapes_in_flight 0
        promenade_relay_scrapes_total{outcome="ok"} 1
        promenade_relay_scrapes_total{outcome="unknown_host"} 1"#]]
    .assert_eq(&kept.join("\n"));
}

#[test]
fn metrics_are_read_by_the_parser_of_the_page_in_both_formats() {
    let relay = Running::start(|_| ());
    relay.scrape("http://nobody.invalid/");
    for (accept, media_type) in [
        (
            "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        ("Accept: */*", "text/plain; version=0.0.4; charset=utf-8"),
    ] {
        let answer = relay.get("/metrics", &[accept]);
        assert_eq!(answer.header("content-type"), media_type);
        let (n_samples, n_families) = count(&answer.body, media_type);
        assert!(n_samples >= 40 && n_families >= 8, "{n_samples} samples, {n_families} families");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_tells_what_the_kernel_knows_of_it() {
    let text = Running::start(|_| ()).get("/metrics", &[]).text();
    for name in [
        "process_start_time_seconds",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_threads",
    ] {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value: f64 = line.unwrap_or_else(|| panic!("no {name}")).parse().unwrap();
        assert!(value >= 0.0, "{name} {value}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_and_an_address_that_is_not_ours_are_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut of_taken = config();
    of_taken.listen = taken.local_addr().unwrap().to_string().parse().unwrap();
    let error = Relay::bind(of_taken).await.unwrap_err();
    assert!(matches!(error, StartError::PortInUse(_)));
    expect!["ADDRESS is in use by another program: end it, or choose another port with `--listen`"]
        .assert_eq(&error.to_string().replace(&taken.local_addr().unwrap().to_string(), "ADDRESS"));
    let mut of_other = config();
    of_other.listen = "192.0.2.1:0".parse().unwrap();
    let error = Relay::bind(of_other).await.unwrap_err().to_string();
    assert!(error.starts_with("listening on 192.0.2.1:0 is not possible: "), "{error}");
    let mut of_file = config();
    of_file.ca.push("no-such.pem".into());
    let error = Relay::bind(of_file).await.unwrap_err().to_string();
    assert!(error.starts_with("no certificate could be read from no-such.pem: "), "{error}");
}

/// The program itself and its log; it is killed with the value.
struct Program {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Program {
    fn start(arguments: &[&str]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relay"));
        let mut child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Program { child, log }
    }

    /// Where it listens, from the first line of its log.
    #[cfg(unix)]
    fn address(&mut self) -> SocketAddr {
        let mut first = String::new();
        self.log.read_line(&mut first).unwrap();
        let address = first.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        address.unwrap_or_else(|| panic!("no address: {first}")).parse().unwrap()
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// Whether it went well, and the rest of what it wrote to stderr.
    fn end(mut self) -> (bool, String) {
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().success(), log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_program_says_what_is_wrong_with_its_arguments() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (is_fine, log) = Program::start(&["--listen", &address]).end();
    assert!(!is_fine && log.contains("is in use by another program"), "{log}");
    let (is_fine, log) = Program::start(&["--allow", "http://a.example/"]).end();
    assert!(!is_fine && log.contains("expected a name, *.NAME, an address"), "{log}");
}

#[cfg(unix)]
#[test]
fn the_program_warns_of_open_addresses_and_ends_at_once_with_sigterm() {
    let mut program = Program::start(&["--listen", "0.0.0.0:0", "--no-auth", "--dist", "no-such-directory"]);
    let mut first = String::new();
    program.log.read_line(&mut first).unwrap();
    assert!(first.contains("Promenade is at http://0.0.0.0:"), "{first}");
    let started = Instant::now();
    program.signal("TERM");
    let (is_fine, log) = program.end();
    assert!(is_fine, "{log}");
    assert!(started.elapsed() < Duration::from_secs(2), "it took {:?}", started.elapsed());
    assert!(log.contains("--no-auth lets everybody in"), "{log}");
    assert!(log.contains("Run `cargo xtask dist` to build it"), "{log}");
}

#[test]
fn beyond_this_machine_it_starts_only_with_passwords_or_when_it_is_told_that_everybody_may() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let (is_fine, log) = Program::start(&["--listen", address]).end();
        assert!(!is_fine, "{log}");
        for part in ["is not an address of this machine alone", "--auth-file FILE", "htpasswd -B", "--no-auth"] {
            assert!(log.contains(part), "{log}");
        }
    }
    let (is_fine, log) = Program::start(&["--listen", "0.0.0.0:0", "--auth-file", "no-such-file"]).end();
    assert!(!is_fine && log.contains("--auth-file: no-such-file cannot be read"), "{log}");
    let (is_fine, log) = Program::start(&["--no-auth", "--auth-file", "users"]).end();
    assert!(!is_fine && log.contains("cannot be used with"), "{log}");
}

#[cfg(unix)]
#[test]
fn the_log_is_an_object_a_line_if_wanted_and_holds_no_query_and_no_secret() {
    let mut program = Program::start(&["--listen", "127.0.0.1:0", "--log-format", "json", "--log", "debug"]);
    let address = program.address();
    let target = Target::answering("200 OK", b"up 1\n");
    let url = target.url("/metrics%3Ftoken=hunter2");
    let request = format!(
        "GET /relay/scrape?url={url} HTTP/1.1\r\nHost: localhost\r\nX-Promenade: 1\r\nConnection: close\r\n\
         Promenade-Forward-Authorization: Bearer hunter3\r\nAuthorization: Basic aHVudGVyNDpodW50ZXI0\r\n\r\n"
    );
    let answer = crate::harness::send_to(address, &request);
    assert_eq!(answer.status, 200);
    program.signal("TERM");
    let (is_fine, log) = program.end();
    assert!(is_fine, "{log}");
    let mut messages = Vec::new();
    for line in log.lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(object["timestamp"].is_string() && object["level"].is_string(), "{line}");
        messages.push(object["message"].as_str().unwrap_or_default().to_owned());
    }
    assert!(
        messages.iter().any(|message| message == "fetched") && messages.iter().any(|message| message == "answered")
    );
    for secret in ["hunter2", "hunter3", "aHVudGVyNDpodW50ZXI0"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn the_program_says_whether_a_relay_is_well() {
    let relay = Running::start(|_| ());
    let listen = relay.address.to_string();
    let (is_fine, log) = Program::start(&["--health", "--listen", &listen]).end();
    assert!(is_fine && log.is_empty(), "{log}");
    let other = Target::answering("404 Not Found", b"");
    let (is_fine, log) = Program::start(&["--health", "--listen", &other.address.to_string()]).end();
    assert!(!is_fine && log.contains("is not a relay that is well"), "{log}");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (is_fine, log) = Program::start(&["--health", "--listen", &free]).end();
    assert!(!is_fine && log.contains("does not answer"), "{log}");
}

/// Samples and declared families of a text that the page's own parser reads to its end.
fn count(body: &[u8], media_type: &str) -> (usize, usize) {
    let mut parser = Parser::new(body, Format::of_content_type(Some(media_type)));
    let (mut n_samples, mut n_families) = (0, 0);
    while let Some(entry) = parser.next_entry().unwrap() {
        match entry {
            Entry::Series(_) => n_samples += 1,
            Entry::Type { .. } => n_families += 1,
            _ => {}
        }
    }
    (n_samples, n_families)
}
