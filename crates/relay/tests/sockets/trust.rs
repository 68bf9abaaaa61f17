//! Who may ask and what for: other pages, other names, other methods, other addresses.

use crate::harness::{Running, Target};
use expect_test::{Expect, expect};

/// The answer to `GET /relay/scrape` of a good target with these header lines; `HOST` is the relay's own.
fn check(headers: &[&str], expected: &Expect) {
    let target = Target::answering("200 OK", b"up 1\n");
    let relay = Running::start(|config| config.page_origins.push("http://127.0.0.1:8080".parse().unwrap()));
    let headers: Vec<String> = headers.iter().map(|line| line.replace("HOST", &relay.address.to_string())).collect();
    let url = target.url("/metrics");
    let answer = relay.send(&format!(
        "GET /relay/scrape?url={url} HTTP/1.1\r\nConnection: close\r\n{}\r\n\r\n",
        headers.join("\r\n")
    ));
    expected.assert_eq(&answer.line());
    assert_eq!(answer.status == 200, !target.requests().is_empty(), "a refused scrape must not reach its target");
    let granted: Vec<_> = answer.headers.iter().filter(|(name, _)| name.starts_with("access-control-")).collect();
    assert!(granted.is_empty(), "{granted:?}");
}

#[test]
fn the_page_itself_may_ask() {
    check(&["Host: HOST", "X-Promenade: 1", "Sec-Fetch-Site: same-origin"], &expect![[r#"ok 200 `` "up 1\n""#]]);
    check(
        &["Host: localhost:8080", "X-Promenade: 1", "Sec-Fetch-Site: same-origin"],
        &expect![[r#"ok 200 `` "up 1\n""#]],
    );
    check(&["Host: HOST", "X-Promenade: 1", "Origin: http://127.0.0.1:8080"], &expect![[r#"ok 200 `` "up 1\n""#]]);
    check(&["Host: HOST", "X-Promenade: 1", "Origin: http://HOST"], &expect![[r#"ok 200 `` "up 1\n""#]]);
    check(&["Host: HOST", "X-Promenade: 1"], &expect![[r#"ok 200 `` "up 1\n""#]]);
}

#[test]
fn other_pages_may_not() {
    check(
        &["Host: HOST", "Sec-Fetch-Site: same-origin"],
        &expect![
            "403 forbidden: the header `x-promenade: 1` is missing: only the page of Promenade fetches through this relay"
        ],
    );
    check(
        &["Host: HOST", "X-Promenade: 1", "Sec-Fetch-Site: cross-site"],
        &expect!["403 forbidden: another page asked: this relay works for its own page only"],
    );
    check(
        &["Host: HOST", "X-Promenade: 1", "Sec-Fetch-Site: same-site"],
        &expect!["403 forbidden: another page asked: this relay works for its own page only"],
    );
    check(
        &["Host: HOST", "X-Promenade: 1", "Sec-Fetch-Site: none"],
        &expect!["403 forbidden: another page asked: this relay works for its own page only"],
    );
    check(
        &["Host: HOST", "X-Promenade: 1", "Origin: https://evil.example"],
        &expect![
            "403 forbidden: a page of https://evil.example asked: this relay works for its own page only; if that is where Promenade is served, start it with `--page-origin https://evil.example`"
        ],
    );
    check(
        &["Host: HOST", "X-Promenade: 1", "Origin: null"],
        &expect!["403 forbidden: a page of null asked: this relay works for its own page only"],
    );
}

#[test]
fn a_foreign_name_that_leads_here_is_refused_everywhere() {
    let rebound = ["Host: rebound.example:9919", "X-Promenade: 1", "Sec-Fetch-Site: same-origin"];
    check(
        &rebound,
        &expect![
            "403 forbidden: this relay does not go by the name rebound.example; if it should, start it with `--page-origin http://rebound.example:9919`"
        ],
    );
    check(&["X-Promenade: 1"], &expect!["403 forbidden: the request has no single valid Host header"]);
    let relay = Running::start(|_| ());
    for path in ["/", "/metrics", "/relay/info", "/relay/scrape"] {
        let answer = relay.send(&format!("GET {path} HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"));
        assert_eq!(answer.status, 403, "{path}");
    }
}

#[test]
fn only_get_is_possible_and_a_preflight_gets_no_permission() {
    let relay = Running::start(|_| ());
    let mut lines = Vec::new();
    for method in ["OPTIONS", "POST", "PUT", "DELETE", "HEAD", "TRACE"] {
        for path in ["/relay/scrape?url=http://127.0.0.1/", "/relay/info", "/metrics", "/"] {
            let answer = relay.send(&format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nX-Promenade: 1\r\n\
                 Access-Control-Request-Method: GET\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ));
            assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control-")));
            lines.push(format!("{method} {path} -> {} allow: {}", answer.status, answer.header("allow")));
        }
    }
    expect![[r#"
        OPTIONS /relay/scrape?url=http://127.0.0.1/ -> 405 allow: GET
        OPTIONS /relay/info -> 405 allow: GET, HEAD
        OPTIONS /metrics -> 405 allow: GET, HEAD
        OPTIONS / -> 405 allow: GET, HEAD
        POST /relay/scrape?url=http://127.0.0.1/ -> 405 allow: GET
        POST /relay/info -> 405 allow: GET, HEAD
        POST /metrics -> 405 allow: GET, HEAD
        POST / -> 405 allow: GET, HEAD
        PUT /relay/scrape?url=http://127.0.0.1/ -> 405 allow: GET
        PUT /relay/info -> 405 allow: GET, HEAD
        PUT /metrics -> 405 allow: GET, HEAD
        PUT / -> 405 allow: GET, HEAD
        DELETE /relay/scrape?url=http://127.0.0.1/ -> 405 allow: GET
        DELETE /relay/info -> 405 allow: GET, HEAD
        DELETE /metrics -> 405 allow: GET, HEAD
        DELETE / -> 405 allow: GET, HEAD
        HEAD /relay/scrape?url=http://127.0.0.1/ -> 405 allow: GET
        HEAD /relay/info -> 200 allow: 
        HEAD /metrics -> 200 allow: 
        HEAD / -> 503 allow: 
        TRACE /relay/scrape?url=http://127.0.0.1/ -> 405 allow: GET
        TRACE /relay/info -> 405 allow: GET, HEAD
        TRACE /metrics -> 405 allow: GET, HEAD
        TRACE / -> 405 allow: GET, HEAD"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_request_that_makes_no_sense_is_told_what_is_wrong() {
    let relay = Running::start(|_| ());
    let lines: Vec<String> = [
        "",
        "url=",
        "url=localhost%3A9100",
        "url=ftp%3A%2F%2Flocalhost",
        "url=file%3A%2F%2F%2Fetc%2Fpasswd",
        "url=javascript%3Aalert(1)",
        "url=http%3A%2F%2F",
        "url=http%3A%2F%2Fme%3Asecret%40127.0.0.1%2F",
        "url=http%3A%2F%2Fme%40127.0.0.1%2F",
        "url=http%3A%2F%2F127.0.0.1%2F&timeout_ms=soon",
        "url=http%3A%2F%2F127.0.0.1%2F&timeout_ms=-1",
        "url=http%3A%2F%2F127.0.0.1%2F&url=http%3A%2F%2F127.0.0.1%2F",
        "url=http%3A%2F%2F127.0.0.1%2F&method=POST",
    ]
    .iter()
    .map(|query| format!("{query} -> {}", relay.get(&format!("/relay/scrape?{query}"), &["X-Promenade: 1"]).line()))
    .collect();
    expect![[r#"
         -> 400 bad_request: ?url=… is missing: the address to fetch
        url= -> 400 bad_request: `` is not an address: relative URL without a base
        url=localhost%3A9100 -> 400 bad_request: it has to begin with http:// or https://, not with localhost:
        url=ftp%3A%2F%2Flocalhost -> 400 bad_request: it has to begin with http:// or https://, not with ftp:
        url=file%3A%2F%2F%2Fetc%2Fpasswd -> 400 bad_request: it has to begin with http:// or https://, not with file:
        url=javascript%3Aalert(1) -> 400 bad_request: it has to begin with http:// or https://, not with javascript:
        url=http%3A%2F%2F -> 400 bad_request: `http://` is not an address: empty host
        url=http%3A%2F%2Fme%3Asecret%40127.0.0.1%2F -> 400 bad_request: a name and a password in the address are not sent; take them out
        url=http%3A%2F%2Fme%40127.0.0.1%2F -> 400 bad_request: a name and a password in the address are not sent; take them out
        url=http%3A%2F%2F127.0.0.1%2F&timeout_ms=soon -> 400 bad_request: timeout_ms is `soon`, not a number of milliseconds
        url=http%3A%2F%2F127.0.0.1%2F&timeout_ms=-1 -> 400 bad_request: timeout_ms is `-1`, not a number of milliseconds
        url=http%3A%2F%2F127.0.0.1%2F&url=http%3A%2F%2F127.0.0.1%2F -> 400 bad_request: `url` is not known here, or was given twice; expected ?url=…&timeout_ms=…
        url=http%3A%2F%2F127.0.0.1%2F&method=POST -> 400 bad_request: `method` is not known here, or was given twice; expected ?url=…&timeout_ms=…"#]].assert_eq(&lines.join("\n"));
    let long = format!("/relay/scrape?url=http://127.0.0.1/{}", "a".repeat(9_000));
    expect!["400 bad_request: the address is longer than 8192 bytes"]
        .assert_eq(&relay.get(&long, &["X-Promenade: 1"]).line());
    let accept = format!("Accept: {}", "a".repeat(2_000));
    expect!["400 bad_request: the header Accept is longer than 1024 bytes"]
        .assert_eq(&relay.get("/relay/scrape?url=http://127.0.0.1/", &["X-Promenade: 1", &accept]).line());
}

#[test]
fn metadata_addresses_are_refused_unless_a_pattern_holds_them() {
    let relay = Running::start(|_| ());
    let lines: Vec<String> = [
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]:9100/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
    ]
    .iter()
    .map(|url| format!("{url} -> {}", relay.scrape(url).line()))
    .collect();
    expect![[r#"
        http://169.254.169.254/latest/meta-data/ -> 403 forbidden: 169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow 169.254.169.254`
        http://2852039166/ -> 403 forbidden: 169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow 169.254.169.254`
        http://0xa9fea9fe/ -> 403 forbidden: 169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow 169.254.169.254`
        http://[::ffff:169.254.169.254]/ -> 403 forbidden: ::ffff:169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow ::ffff:169.254.169.254`
        http://[fe80::1]:9100/ -> 403 forbidden: fe80::1 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow fe80::1`
        http://[fd00:ec2::254]/ -> 403 forbidden: fd00:ec2::254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow fd00:ec2::254`
        http://100.100.100.200/ -> 403 forbidden: 100.100.100.200 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow 100.100.100.200`"#]].assert_eq(&lines.join("\n"));
    let allowing = Running::start(|config| config.allow.push("169.254.169.254".parse().unwrap()));
    // Whatever the network says: it was asked.
    assert_ne!(allowing.scrape_within("http://169.254.169.254/", 100).status, 403);
}

#[test]
fn with_patterns_only_what_fits_is_fetched() {
    let allowed = Target::answering("200 OK", b"up 1\n");
    let other = Target::answering("200 OK", b"up 1\n");
    let port = allowed.address.port();
    let relay = Running::start(|config| config.allow = vec![format!("localhost:{port}").parse().unwrap()]);
    expect![[r#"ok 200 `` "up 1\n""#]].assert_eq(&relay.scrape(&allowed.url("/")).line());
    expect![[r#"ok 200 `` "up 1\n""#]].assert_eq(&relay.scrape(&format!("http://localhost:{port}/")).line());
    expect!["403 forbidden: 127.0.0.1 fits no --allow pattern of the relay"]
        .assert_eq(&relay.scrape(&other.url("/")).line());
    expect!["403 forbidden: 0.0.0.0 fits no --allow pattern of the relay"]
        .assert_eq(&relay.scrape(&format!("http://0.0.0.0:{port}/")).line());
    let to_other = Target::answering(&format!("302 Found\r\nLocation: {}", other.url("/")), b"");
    let port = to_other.address.port();
    let relay = Running::start(|config| config.allow = vec![format!("127.0.0.1:{port}").parse().unwrap()]);
    expect!["403 forbidden: 127.0.0.1 fits no --allow pattern of the relay"]
        .assert_eq(&relay.scrape(&to_other.url("/")).line());
    assert!(other.requests().is_empty());
}

#[test]
fn the_relay_is_not_sent_round_in_a_circle() {
    let relay = Running::start(|config| config.page_origins.push("http://127.0.0.1:8080".parse().unwrap()));
    let own = relay.address;
    for url in [
        format!("http://{own}/relay/scrape?url=http%3A%2F%2F{own}%2Frelay%2Fscrape"),
        format!("http://localhost:{}/relay/info", own.port()),
        "http://127.0.0.1:8080/relay/scrape?url=http%3A%2F%2F127.0.0.1".to_owned(),
        format!("http://{own}/a/../relay/scrape"),
    ] {
        let line = relay.scrape(&url).line();
        assert!(line.starts_with("403 forbidden: that is this relay itself"), "{url}: {line}");
    }
    let metrics = relay.scrape(&format!("http://{own}/metrics"));
    assert_eq!((metrics.status, metrics.header("x-target-status")), (200, "200"));
    // A detour that is not seen ends at the guard: the mark is not handed on.
    let detour = Target::answering(&format!("302 Found\r\nLocation: http://{own}//relay/scrape"), b"");
    let answer = relay.scrape(&detour.url("/"));
    assert_ne!(answer.header("x-target-status"), "200");
}
