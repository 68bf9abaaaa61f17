//! Names: their records as the page gets them, and a name server whose answers change.

use crate::harness::{Answer, Running, Target};
use expect_test::{Expect, expect};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{MX, NS, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use relay::Config;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// A name server on loopback; it ends with the value.
struct NameServer {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    n_asked: Arc<AtomicUsize>,
}

impl NameServer {
    /// `answer` gets a name with its final dot, a type, and how often it was asked before.
    fn start(answer: impl Fn(&str, RecordType, usize) -> Vec<RData> + Send + 'static) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let (is_over, n_asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (over, asked) = (Arc::clone(&is_over), Arc::clone(&n_asked));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while !over.load(Ordering::SeqCst) {
                let Ok((n_read, client)) = socket.recv_from(&mut buffer) else { continue };
                let Ok(request) = Message::from_vec(&buffer[..n_read]) else { continue };
                let query = request.queries.first().unwrap().clone();
                let found = answer(&query.name().to_string(), query.query_type(), asked.fetch_add(1, Ordering::SeqCst));
                let mut response = Message::response(request.metadata.id, request.metadata.op_code);
                response.add_query(query.clone());
                if found.is_empty() {
                    response.metadata.response_code = ResponseCode::NXDomain;
                }
                for data in found {
                    response.add_answer(Record::from_rdata(query.name().clone(), 7, data));
                }
                let _ = socket.send_to(&response.to_vec().unwrap(), client);
            }
        });
        NameServer { address, is_over, n_asked }
    }

    /// As [`NameServer::start`], for what is always the same.
    fn with(records: &'static [(&'static str, &'static str)]) -> NameServer {
        NameServer::start(move |name, kind, _| {
            let fits = records.iter().filter(|(found, _)| *found == name);
            fits.filter_map(|(_, text)| parse(text)).filter(|data| data.record_type() == kind).collect()
        })
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// `A 10.0.0.1`, `SRV 80 web.example.`
fn parse(text: &str) -> Option<RData> {
    let (kind, rest) = text.split_once(' ')?;
    let name = |text: &str| Name::from_ascii(text).unwrap();
    Some(match kind {
        "A" => RData::A(rest.parse().unwrap()),
        "AAAA" => RData::AAAA(rest.parse().unwrap()),
        "MX" => RData::MX(MX::new(10, name(rest))),
        "NS" => RData::NS(NS(name(rest))),
        "SRV" => {
            let (port, target) = rest.split_once(' ')?;
            RData::SRV(SRV::new(1, 1, port.parse().unwrap(), name(target)))
        }
        _ => return None,
    })
}

fn resolve(relay: &Running, query: &str) -> Answer {
    relay.get(&format!("/relay/resolve?{query}"), &["X-Promenade: 1", "Sec-Fetch-Site: same-origin"])
}

fn check(server: &NameServer, change: impl FnOnce(&mut Config), queries: &[&str], expected: &Expect) {
    let relay = Running::start(|config| {
        config.dns = vec![server.address];
        change(config);
    });
    let lines: Vec<String> =
        queries.iter().map(|query| format!("{query} -> {}\n", resolve(&relay, query).text())).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn records_of_each_kind_are_told_with_the_time_that_they_are_good_for() {
    let server = NameServer::with(&[
        ("web.example.", "A 10.0.0.3"),
        ("web.example.", "A 10.0.0.4"),
        ("web.example.", "AAAA fd00::3"),
        ("_metrics._tcp.example.", "SRV 9100 a.example."),
        ("_metrics._tcp.example.", "SRV 9101 b.example."),
        ("example.", "MX mail.example."),
        ("example.", "NS ns.example."),
    ]);
    check(
        &server,
        |_| (),
        &[
            "name=web.example",
            "name=WEB.example.&type=a",
            "name=web.example&type=AAAA",
            "name=_metrics._tcp.example&type=SRV",
            "name=example&type=MX",
            "name=example&type=NS",
            "name=web.example&type=SRV",
            "name=nobody.example&type=A",
        ],
        &expect![[r#"
            name=web.example -> {"records":[{"target":"10.0.0.3","port":null},{"target":"10.0.0.4","port":null}],"ttl_s":7}
            name=WEB.example.&type=a -> {"records":[{"target":"10.0.0.3","port":null},{"target":"10.0.0.4","port":null}],"ttl_s":7}
            name=web.example&type=AAAA -> {"records":[{"target":"fd00::3","port":null}],"ttl_s":7}
            name=_metrics._tcp.example&type=SRV -> {"records":[{"target":"a.example","port":9100},{"target":"b.example","port":9101}],"ttl_s":7}
            name=example&type=MX -> {"records":[{"target":"mail.example","port":null}],"ttl_s":7}
            name=example&type=NS -> {"records":[{"target":"ns.example","port":null}],"ttl_s":7}
            name=web.example&type=SRV -> {"records":[],"ttl_s":30}
            name=nobody.example&type=A -> {"records":[],"ttl_s":30}
        "#]],
    );
}

#[test]
fn names_of_this_machine_are_known_without_a_server() {
    let relay = Running::start(|_| ());
    expect![[r#"{"records":[{"target":"127.0.0.1","port":null}],"ttl_s":30}"#]]
        .assert_eq(&resolve(&relay, "name=localhost&type=A").text());
    expect![[r#"{"records":[{"target":"::1","port":null}],"ttl_s":30}"#]]
        .assert_eq(&resolve(&relay, "name=localhost&type=AAAA").text());
}

#[test]
fn questions_that_make_no_sense_and_callers_that_are_not_the_page_are_refused() {
    let relay = Running::start(|_| ());
    let long = format!("name={}", "a".repeat(254));
    let queries = ["", "name=", "name=a&type=TXT", "name=a&name=b", "name=10.0.0.1", "name=a%20b", "name=a%2Fb", &long];
    let lines: Vec<String> = queries.iter().map(|query| resolve(&relay, query).line()).collect();
    expect![[r#"
        400 bad_request: ?name=… is missing: the name to look up
        400 bad_request: ?name=… is missing: the name to look up
        400 bad_request: type is `TXT`, not one of A, AAAA, SRV, MX and NS
        400 bad_request: `name` is not known here, or was given twice; expected ?name=…&type=…
        400 bad_request: name is not a name that can be looked up: letters, digits, `-`, `_` and dots
        400 bad_request: name is not a name that can be looked up: letters, digits, `-`, `_` and dots
        400 bad_request: name is not a name that can be looked up: letters, digits, `-`, `_` and dots
        400 bad_request: name is not a name that can be looked up: letters, digits, `-`, `_` and dots"#]]
    .assert_eq(&lines.join("\n"));
    assert_eq!(relay.get("/relay/resolve?name=localhost", &[]).status, 403);
    let other = ["X-Promenade: 1", "Sec-Fetch-Site: cross-site"];
    assert_eq!(relay.get("/relay/resolve?name=localhost", &other).status, 403);
}

#[test]
fn a_relay_that_is_held_to_some_hosts_tells_nothing_of_the_others() {
    let server = NameServer::with(&[
        ("web.example.", "A 10.0.0.3"),
        ("web.example.", "A 192.168.0.3"),
        ("evil.example.", "A 169.254.169.254"),
        ("_all.example.", "SRV 9100 web.example."),
        ("_all.example.", "SRV 9200 web.example."),
        ("_all.example.", "SRV 9100 hidden.example."),
        ("_all.example.", "SRV 1 named.example."),
        ("hidden.example.", "A 192.168.0.3"),
    ]);
    let queries = ["name=web.example", "name=evil.example", "name=_all.example&type=SRV", "name=hidden.example"];
    check(
        &server,
        |config| config.allow = ["10.0.0.0/8:9100", "named.example"].map(|text| text.parse().unwrap()).into(),
        &queries,
        &expect![[r#"
            name=web.example -> {"records":[{"target":"10.0.0.3","port":null}],"ttl_s":7}
            name=evil.example -> {"kind":"forbidden","message":"what evil.example leads to may not be fetched by this relay (--allow)"}
            name=_all.example&type=SRV -> {"records":[{"target":"web.example","port":9100},{"target":"named.example","port":1}],"ttl_s":7}
            name=hidden.example -> {"kind":"forbidden","message":"what hidden.example leads to may not be fetched by this relay (--allow)"}
        "#]],
    );
    check(
        &server,
        |_| (),
        &queries[1..2],
        &expect![[r#"
        name=evil.example -> {"kind":"forbidden","message":"what evil.example leads to may not be fetched by this relay (--allow)"}
    "#]],
    );
}

#[test]
fn a_server_that_is_silent_is_told_apart_from_a_name_that_is_not_known() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let relay = Running::start(|config| config.dns = vec![silent.local_addr().unwrap()]);
    let answer = relay.scrape_within("http://web.example/", 300);
    expect!["504 timed_out: web.example:80 did not answer within 300 ms: its name was still being looked up"]
        .assert_eq(&answer.line());
    assert!(answer.text().contains("\"detail\":\"lookup\""), "{}", answer.text());
}

#[test]
fn a_service_with_an_underscore_in_its_name_is_found() {
    let target = Target::answering("200 OK", b"up 1\n");
    let server = NameServer::with(&[("my_app.example.", "A 127.0.0.1")]);
    let relay = Running::start(|config| config.dns = vec![server.address]);
    let port = target.address.port();
    expect![[r#"ok 200 `` "up 1\n""#]].assert_eq(&relay.scrape(&format!("http://My_App.example:{port}/")).line());
    expect!["502 unknown_host: the name other_app.example is not known"]
        .assert_eq(&relay.scrape(&format!("http://other_app.example:{port}/")).line());
    check(
        &server,
        |_| (),
        &["name=my_app.example&type=A"],
        &expect![[r#"
            name=my_app.example&type=A -> {"records":[{"target":"127.0.0.1","port":null}],"ttl_s":7}
        "#]],
    );
}

#[test]
fn a_name_whose_answer_changes_is_checked_at_the_address_that_is_connected_to() {
    let target = Target::answering("200 OK", b"up 1\n");
    let forbidden = Target::answering("200 OK", b"secret 1\n");
    // First an address that may be fetched; from then on one that may not, as an attacker would do it.
    let server = NameServer::start(|_, kind, n_before| match (kind, n_before) {
        (RecordType::A, 0 | 1) => vec![parse("A 127.0.0.1").unwrap()],
        (RecordType::A, _) => vec![parse("A 169.254.169.254").unwrap()],
        _ => Vec::new(),
    });
    let relay = Running::start(|config| config.dns = vec![server.address]);
    let url = |name: &str, target: &Target| format!("http://{name}:{}/", target.address.port());
    expect![[r#"ok 200 `` "up 1\n""#]].assert_eq(&relay.scrape(&url("rebind.example", &target)).line());
    // A lookup is one question a family: had the connection asked again, there would be more.
    assert_eq!(server.n_asked.load(Ordering::SeqCst), 2);
    expect!["403 forbidden: 169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow 169.254.169.254`"]
        .assert_eq(&relay.scrape(&url("other.example", &forbidden)).line());
    assert!(forbidden.requests().is_empty());
}

#[test]
fn a_name_with_a_good_and_a_forbidden_address_leads_to_the_good_one_only() {
    let target = Target::answering("200 OK", b"up 1\n");
    let server = NameServer::start(|_, kind, _| match kind {
        RecordType::A => ["A 169.254.169.254", "A 127.0.0.1"].iter().filter_map(|text| parse(text)).collect(),
        RecordType::AAAA => vec![parse("AAAA ::ffff:169.254.169.254").unwrap()],
        _ => Vec::new(),
    });
    let relay = Running::start(|config| config.dns = vec![server.address]);
    expect![[r#"ok 200 `` "up 1\n""#]]
        .assert_eq(&relay.scrape(&format!("http://mixed.example:{}/", target.address.port())).line());
}

#[test]
fn a_redirect_to_a_name_that_leads_to_a_forbidden_address_is_refused() {
    let server = NameServer::with(&[("inside.example.", "A 169.254.169.254"), ("far.example.", "A 10.0.0.1")]);
    for (to, allow) in [("http://inside.example/", None), ("http://far.example/", Some("127.0.0.0/8"))] {
        let target = Target::answering(&format!("302 Found\r\nLocation: {to}"), b"");
        let relay = Running::start(|config| {
            config.dns = vec![server.address];
            config.allow = allow.into_iter().map(|text: &str| text.parse().unwrap()).collect();
        });
        let line = relay.scrape(&target.url("/")).line();
        assert!(line.starts_with("403 forbidden: "), "{line}");
    }
}
