//! Answers of servers as they are handed on, headers for them, and forms.

use crate::harness::{Running, Target, fetch_path};
use expect_test::{Expect, expect};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const FORM: &str = "application/x-www-form-urlencoded";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_answer_comes_with_status_type_and_date_of_the_server_and_can_never_be_a_document() {
    let target = Target::answering(
        "422 Unprocessable Entity\r\nContent-Type: application/json\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\
         Server: nginx\r\nSet-Cookie: a=b\r\nAccess-Control-Allow-Origin: https://a.example\r\nX-Other: 1",
        b"{\"status\":\"error\"}",
    );
    let answer = Running::start(|_| ()).fetch(&target.url("/api/v1/query?query=up#x"), &[]);
    assert_eq!((answer.status, answer.text().as_str()), (422, "{\"status\":\"error\"}"));
    assert_eq!(answer.header("x-target-url"), target.url("/api/v1/query?query=up"));
    let shown = answer.headers.iter().filter(|(name, _)| name != "x-target-url");
    let shown: Vec<String> = shown.map(|(name, value)| format!("{name}: {value}")).collect();
    expect![[r#"
        content-type: application/json
        cache-control: no-store
        content-security-policy: sandbox; default-src 'none'; frame-ancestors 'none'
        content-disposition: attachment
        date: Mon, 01 Jan 2024 00:00:00 GMT
        x-target-status: 422
        x-target-date: Mon, 01 Jan 2024 00:00:00 GMT
        x-target-server: nginx
        x-target-access-control-allow-origin: https://a.example
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        content-length: 18
        connection: close"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn a_refusal_of_the_server_is_told_without_a_question_of_the_browser() {
    let target = Target::answering("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"prom\"", b"no");
    let answer = Running::start(|_| ()).fetch(&target.url("/"), &[]);
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, ""));
    assert_eq!(answer.header("x-target-www-authenticate"), "Basic realm=\"prom\"");
    let proxy = Target::answering("407 Proxy Authentication Required", b"no");
    let answer = Running::start(|_| ()).fetch(&proxy.url("/"), &[]);
    assert_eq!((answer.status, answer.header("x-target-status")), (502, "407"));
}

#[test]
fn a_failure_of_the_relay_is_told_from_an_answer_of_the_server() {
    let relay = Running::start(|_| ());
    let answer = relay.fetch("http://nobody.invalid/", &[]);
    assert_eq!((answer.status, answer.header("x-target-status")), (502, ""));
    expect![[r#"{"kind":"unknown_host","message":"the name nobody.invalid is not known"}"#]].assert_eq(&answer.text());
    let silent = Target::start(|mut stream, _| drop(stream.read(&mut [0])));
    let answer = relay.get(&fetch_path(&silent.url("/"), 200), &["X-Promenade: 1"]);
    let text = answer.text().replace(&silent.address.to_string(), "TARGET");
    expect![[r#"{"kind":"timed_out","detail":"answer","message":"TARGET did not answer within 200 ms: the connection was accepted, but no answer began"}"#]]
        .assert_eq(&text);
    // The guard is that of scrapes.
    assert_eq!(relay.get(&fetch_path(&silent.url("/"), 200), &[]).status, 403);
    assert_eq!(relay.get(&fetch_path(&silent.url("/"), 200), &["X-Promenade: 1", "Sec-Fetch-Site: none"]).status, 403);
}

/// What a target is asked, for a fetch with these header lines.
fn asked(headers: &[&str]) -> String {
    let target = Target::answering("200 OK", b"");
    let relay = Running::start(|_| ());
    let answer = relay.fetch(&target.url("/api/v1/labels"), headers);
    if answer.status != 200 {
        return answer.line();
    }
    target.requests().remove(0).replace(&target.address.to_string(), "TARGET").replace('\r', "")
}

#[test]
fn headers_for_the_server_are_sent_on_and_those_for_the_relay_are_not() {
    expect![[r#"
        GET /api/v1/labels HTTP/1.1
        host: TARGET
        user-agent: Promenade/0.1.0
        accept: application/json
        accept-encoding: gzip
        authorization: Bearer token-of-the-server
        x-scope-orgid: tenant-7
        connection: close

    "#]]
    .assert_eq(&asked(&[
        "Accept: application/json",
        "Promenade-Forward-Authorization: Bearer token-of-the-server",
        "Promenade-Forward-X-Scope-OrgID: tenant-7",
        "Authorization: Basic b2YtdGhlOnJlbGF5",
        "Cookie: session=secret",
        "X-Forwarded-For: 10.0.0.1",
    ]));
    expect!["400 bad_request: the header host cannot be sent on: the relay sets it, or leaves it out"]
        .assert_eq(&asked(&["Promenade-Forward-Host: other.example"]));
    expect!["400 bad_request: the header transfer-encoding cannot be sent on: the relay sets it, or leaves it out"]
        .assert_eq(&asked(&["Promenade-Forward-Transfer-Encoding: chunked"]));
    expect!["400 bad_request: the header x-promenade cannot be sent on: the relay sets it, or leaves it out"]
        .assert_eq(&asked(&["Promenade-Forward-X-Promenade: 1"]));
}

#[test]
fn scrapes_send_such_headers_on_too() {
    let target = Target::answering("200 OK", b"");
    let relay = Running::start(|_| ());
    let path = fetch_path(&target.url("/metrics"), 1_000).replace("/fetch", "/scrape");
    assert_eq!(relay.get(&path, &["X-Promenade: 1", "Promenade-Forward-Authorization: Bearer t"]).status, 200);
    let request = target.requests().remove(0);
    assert!(request.contains("\r\nauthorization: Bearer t\r\n"), "{request}");
}

#[test]
fn a_redirect_to_another_origin_loses_the_headers_for_good() {
    let home = Target::start(|mut stream, request| {
        let answer = match request.split(' ').nth(1).unwrap() {
            "/near" => "HTTP/1.1 302 Found\r\nLocation: /done\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "/done" => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
            far => {
                let to = far.strip_prefix("/far?").unwrap();
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            }
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    let back = format!("302 Found\r\nLocation: {}", home.url("/done"));
    let away = Target::answering(&back, b"");
    let relay = Running::start(|_| ());
    let secret = ["Promenade-Forward-Authorization: Bearer t"];
    let has_secret = |request: &String| request.contains("Bearer t");
    assert_eq!(relay.fetch(&home.url("/near"), &secret).status, 200);
    assert_eq!(home.requests().iter().filter(|request| has_secret(request)).count(), 2);
    assert_eq!(relay.fetch(&home.url(&format!("/far?{}", away.url("/"))), &secret).status, 200);
    assert!(!away.requests().iter().any(has_secret), "{:?}", away.requests());
    let last = home.requests().pop().unwrap();
    assert!(last.starts_with("GET /done") && !has_secret(&last), "{last}");
}

#[test]
fn forms_are_posted_to_paths_that_only_read() {
    let target = Target::start(|mut stream, request| {
        let n_bytes: usize =
            request.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap().parse().unwrap();
        let mut form = request.split_once("\r\n\r\n").unwrap().1.as_bytes().to_vec();
        while form.len() < n_bytes {
            let mut buffer = [0; 4096];
            let n_read = stream.read(&mut buffer).unwrap();
            form.extend_from_slice(&buffer[..n_read]);
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", form.len());
        let _ = stream.write_all(&[head.into_bytes(), form].concat());
    });
    let relay = Running::start(|_| ());
    for path in
        ["/api/v1/query", "/prometheus/api/v1/query_range", "/select/0/prometheus/api/v1/series", "/api/v1/labels"]
    {
        let answer = relay.post(&target.url(path), FORM, "query=up&time=1");
        assert_eq!((answer.status, answer.text().as_str()), (200, "query=up&time=1"), "{path}");
    }
    let request = target.requests().remove(0).replace(&target.address.to_string(), "TARGET").replace('\r', "");
    expect![[r#"
        POST /api/v1/query HTTP/1.1
        host: TARGET
        user-agent: Promenade/0.1.0
        accept: */*
        accept-encoding: gzip
        content-type: application/x-www-form-urlencoded
        connection: close
        content-length: 15

    "#]]
    .assert_eq(request.trim_end_matches("query=up&time=1"));
    let long = format!("query={}", "a".repeat(200_000));
    assert_eq!(relay.post(&target.url("/api/v1/query"), FORM, &long).text(), long);
    let lines: Vec<String> = [
        ("/api/v1/admin/tsdb/delete_series", FORM, "match[]=up".to_owned()),
        ("/-/quit", FORM, String::new()),
        ("/api/v1/write", FORM, String::new()),
        ("/api/v1/query", "application/json", "{}".to_owned()),
        ("/api/v1/query", FORM, "a".repeat((256 << 10) + 1)),
    ]
    .iter()
    .map(|(path, content_type, form)| relay.post(&target.url(path), content_type, form).line())
    .collect();
    expect![[r#"
        400 bad_request: http://127.0.0.1:PORT/api/v1/admin/tsdb/delete_series cannot be posted to, only paths that end with one of /api/v1/query, /api/v1/query_range, /api/v1/query_exemplars, /api/v1/series, /api/v1/labels, /api/v1/format_query
        400 bad_request: http://127.0.0.1:PORT/-/quit cannot be posted to, only paths that end with one of /api/v1/query, /api/v1/query_range, /api/v1/query_exemplars, /api/v1/series, /api/v1/labels, /api/v1/format_query
        400 bad_request: http://127.0.0.1:PORT/api/v1/write cannot be posted to, only paths that end with one of /api/v1/query, /api/v1/query_range, /api/v1/query_exemplars, /api/v1/series, /api/v1/labels, /api/v1/format_query
        400 bad_request: only a form can be posted: Content-Type has to be application/x-www-form-urlencoded
        502 too_large: the form is larger than 262144 bytes"#]]
    .assert_eq(&lines.join("\n"));
    assert_eq!(target.requests().len(), 5);
}

#[test]
fn a_form_is_redirected_only_where_it_was_meant_to_go() {
    let relay = Running::start(|_| ());
    let other = Target::answering("200 OK", b"");
    let mut lines = Vec::new();
    for (status, to) in [
        ("307 Temporary Redirect", "/prometheus/api/v1/query".to_owned()),
        ("302 Found", "/prometheus/api/v1/query".to_owned()),
        ("308 Permanent Redirect", other.url("/api/v1/query")),
        ("307 Temporary Redirect", "/-/quit".to_owned()),
    ] {
        let target = Target::start(move |mut stream, request| {
            let answer = if request.starts_with("POST /prometheus/") {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_owned()
            } else {
                format!("HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            };
            let _ = stream.write_all(answer.as_bytes());
        });
        lines.push(relay.post(&target.url("/api/v1/query"), FORM, "query=up").line());
    }
    expect![[r#"
        ok 200 `` "ok"
        502 redirects: http://127.0.0.1:PORT/api/v1/query redirects to http://127.0.0.1:PORT/prometheus/api/v1/query: the status 302 does not say that a form is to be posted there again
        502 redirects: http://127.0.0.1:PORT/api/v1/query redirects to http://127.0.0.1:PORT/api/v1/query: a form is not posted to another server; give that address instead
        502 redirects: http://127.0.0.1:PORT/api/v1/query redirects to http://127.0.0.1:PORT/-/quit: http://127.0.0.1:PORT/-/quit cannot be posted to, only paths that end with one of /api/v1/query, /api/v1/query_range, /api/v1/query_exemplars, /api/v1/series, /api/v1/labels, /api/v1/format_query"#]].assert_eq(&lines.join("\n"));
    assert!(other.requests().is_empty());
}

#[test]
fn a_body_arrives_before_its_end_is_there() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let target = Target::start(move |mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(10));
        let _ = stream.write_all(b"4\r\nlast\r\n0\r\n\r\n");
    });
    let relay = Running::start(|_| ());
    let mut page = TcpStream::connect(relay.address).unwrap();
    page.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let path = fetch_path(&target.url("/"), 9_000);
    write!(page, "GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Promenade: 1\r\nConnection: close\r\n\r\n").unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    while !seen.ends_with(b"first\r\n") {
        let n_read = page.read(&mut buffer).unwrap();
        assert!(n_read > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..n_read]);
    }
    go.send(()).unwrap();
    page.read_to_end(&mut seen).unwrap();
    assert!(seen.ends_with(b"4\r\nlast\r\n0\r\n\r\n"), "{}", String::from_utf8_lossy(&seen));
}

/// How much of a target's body arrives, whether its end does, and what is counted.
fn check_cut(target: &Target, timeout_ms: u64, expected: &Expect) {
    let relay = Running::start(|_| ());
    let answer = relay.get(&fetch_path(&target.url("/"), timeout_ms), &["X-Promenade: 1"]);
    if answer.header("x-target-status").is_empty() {
        // It was known before the first byte.
        expected.assert_eq(&answer.line());
        return;
    }
    let (body, has_end) = answer.unchunked();
    let metrics = relay.get("/metrics", &[]).text();
    let counted =
        metrics.lines().filter(|line| line.starts_with("promenade_relay_fetches_total{") && !line.ends_with(" 0"));
    let outcome = counted.collect::<Vec<_>>().join(" ");
    let much = if body.len() > 100 { "much".to_owned() } else { body.len().to_string() };
    expected.assert_eq(&format!("{} {much} bytes, end {has_end}, {outcome}", answer.status));
    assert!(body.len() <= 1 << 20, "more than the limit arrived");
    // The page sees the end a moment before what belongs to it is put away.
    let is_at_rest = |metrics: &str| {
        ["promenade_relay_target_connections 0", "promenade_relay_scrapes_in_flight 0"]
            .iter()
            .all(|gauge| metrics.contains(gauge))
    };
    let mut metrics = metrics;
    for _ in 0..100 {
        if is_at_rest(&metrics) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
        metrics = relay.get("/metrics", &[]).text();
    }
    panic!("something is left: {metrics}");
}

#[test]
fn a_body_that_is_too_large_late_or_incomplete_is_cut_so_that_the_page_sees_it() {
    let endless = Target::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'#'; 4096]).is_ok() {}
    });
    check_cut(
        &endless,
        5_000,
        &expect![[r#"200 much bytes, end false, promenade_relay_fetches_total{outcome="too_large"} 1"#]],
    );
    check_cut(
        &Target::answering("200 OK\r\nContent-Encoding: gzip", &gzip(&vec![b'#'; 64 << 20])),
        5_000,
        &expect!["502 too_large: the answer of http://127.0.0.1:PORT/ is larger than 1048576 bytes"],
    );
    let packed = gzip("up 1\n".repeat(100).as_bytes());
    check_cut(
        &Target::answering("200 OK\r\nContent-Encoding: gzip", &packed[..packed.len() - 9]),
        5_000,
        &expect!["502 cut_off: the compressed answer of http://127.0.0.1:PORT/ ends before its end"],
    );
    let stuck = Target::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nup 1\n");
        let _ = stream.read(&mut [0]);
    });
    check_cut(
        &stuck,
        300,
        &expect![[r#"200 5 bytes, end false, promenade_relay_fetches_total{outcome="timed_out"} 1"#]],
    );
    check_cut(
        &Target::saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n"),
        5_000,
        &expect![[r#"200 5 bytes, end false, promenade_relay_fetches_total{outcome="cut_off"} 1"#]],
    );
    let packed = gzip(&(0..200_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    check_cut(
        &Target::answering("200 OK\r\nContent-Encoding: gzip", &packed[..packed.len() / 2]),
        5_000,
        &expect![[r#"200 much bytes, end false, promenade_relay_fetches_total{outcome="cut_off"} 1"#]],
    );
    let announced = Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n");
    expect!["502 too_large: the answer of http://127.0.0.1:PORT/ is larger than 1048576 bytes"]
        .assert_eq(&Running::start(|_| ()).fetch(&announced.url("/"), &[]).line());
    let short = Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nup 1\n");
    let answer = Running::start(|_| ()).fetch(&short.url("/"), &[]);
    assert_eq!((answer.header("content-length"), answer.body.len()), ("100", 5), "the browser sees that it is short");
}

#[test]
fn a_compressed_answer_arrives_unpacked() {
    let json = "{\"a\":1}".repeat(20_000);
    let target = Target::answering("200 OK\r\nContent-Encoding: gzip", &gzip(json.as_bytes()));
    let answer = Running::start(|_| ()).fetch(&target.url("/"), &[]);
    assert_eq!(answer.header("content-encoding"), "");
    let (body, has_end) = answer.unchunked();
    assert!(has_end && body == json.as_bytes(), "{} bytes", body.len());
}
