//! Targets, good and bad, and the one line that the page gets of each.

use crate::harness::{Running, Target, empty_dir};
use expect_test::{Expect, expect};
use std::io::{Read, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

const OK: &str = "200 OK\r\nContent-Type: text/plain; version=0.0.4";

fn check(target: &Target, expected: &Expect) {
    expected.assert_eq(&Running::start(|_| ()).scrape(&target.url("/metrics")).line());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunked(end: &str) -> Target {
    Target::saying(format!("HTTP/1.1 {OK}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n{end}"))
}

#[test]
fn a_body_comes_as_it_is_with_status_and_type_of_the_target_and_can_never_be_a_document() {
    let target = Target::answering(OK, b"up 1\n# not UTF-8: \xff\n");
    let answer = Running::start(|_| ()).scrape(&target.url("/metrics?a=b#c"));
    assert_eq!(answer.body, b"up 1\n# not UTF-8: \xff\n");
    assert_eq!(answer.header("x-target-url"), target.url("/metrics?a=b"));
    let shown: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-target-url"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    expect![[r#"
        content-type: application/octet-stream
        cache-control: no-store
        content-security-policy: sandbox; default-src 'none'; frame-ancestors 'none'
        content-disposition: attachment
        x-target-content-type: text/plain; version=0.0.4
        x-target-status: 200
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        content-length: 20
        connection: close"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn a_target_sees_nothing_of_the_caller_but_what_it_accepts() {
    let target = Target::answering(OK, b"");
    let relay = Running::start(|_| ());
    let query = format!("url={}&timeout_ms=1500", target.url("/metrics").replace(':', "%3A"));
    let headers = [
        "X-Promenade: 1",
        "Accept: application/openmetrics-text;version=1.0.0",
        "Cookie: session=secret",
        "Authorization: Basic c2VjcmV0",
        "Referer: http://127.0.0.1/",
        "User-Agent: Browser/1",
        "Accept-Language: eo",
        "X-Forwarded-For: 10.0.0.1",
    ];
    assert_eq!(relay.get(&format!("/relay/scrape?{query}"), &headers).status, 200);
    let request = target.requests().remove(0).replace(&target.address.to_string(), "TARGET");
    // The time that is left depends on the machine.
    let (before, after) = request.split_once("timeout-seconds: 1.").unwrap();
    let request = format!("{before}timeout-seconds: 1.{}", after.trim_start_matches(|c: char| c.is_ascii_digit()));
    expect![[r#"
        GET /metrics HTTP/1.1
        host: TARGET
        user-agent: Promenade/0.1.0
        accept: application/openmetrics-text;version=1.0.0
        accept-encoding: gzip
        x-prometheus-scrape-timeout-seconds: 1.
        connection: close

    "#]]
    .assert_eq(&request.replace('\r', ""));
}

#[test]
fn every_status_is_handed_on_with_its_body() {
    check(
        &Target::answering("404 Not Found\r\nContent-Type: text/html", b"<p>no</p>"),
        &expect![[r#"ok 404 `text/html` "<p>no</p>""#]],
    );
    check(&Target::answering("401 Unauthorized\r\nWWW-Authenticate: Basic", b""), &expect![[r#"ok 401 `` """#]]);
    check(&Target::answering("500 Oops", b"failed"), &expect![[r#"ok 500 `` "failed""#]]);
    check(&Target::answering("304 Not Modified", b""), &expect![[r#"ok 304 `` """#]]);
    check(&Target::saying("HTTP/1.1 204 No Content\r\n\r\n"), &expect![[r#"ok 204 `` """#]]);
    check(&Target::answering("301 Moved", b"nowhere"), &expect![[r#"ok 301 `` "nowhere""#]]);
}

#[test]
fn old_and_unusual_framings_are_read_to_their_end() {
    check(&Target::saying("HTTP/1.0 200 OK\r\n\r\nup 1\n"), &expect![[r#"ok 200 `` "up 1\n""#]]);
    check(&chunked("0\r\n\r\n"), &expect![[r#"ok 200 `text/plain; version=0.0.4` "up 1\n""#]]);
    check(
        &Target::saying(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 {OK}\r\n\r\nup 1\n")),
        &expect![[r#"ok 200 `text/plain; version=0.0.4` "up 1\n""#]],
    );
}

#[test]
fn compressed_bodies_arrive_unpacked() {
    let packed = gzip(b"up 1\n");
    check(&Target::answering("200 OK\r\nContent-Encoding: gzip", &packed), &expect![[r#"ok 200 `` "up 1\n""#]]);
    check(
        &Target::answering("200 OK\r\nContent-Encoding: x-gzip", &[packed.clone(), packed].concat()),
        &expect![[r#"ok 200 `` "up 1\nup 1\n""#]],
    );
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(b"up 1\n").unwrap();
    check(
        &Target::answering("200 OK\r\nContent-Encoding: deflate", &deflate.finish().unwrap()),
        &expect![[r#"ok 200 `` "up 1\n""#]],
    );
    check(&Target::answering("200 OK\r\nContent-Encoding: gzip", b""), &expect![[r#"ok 200 `` """#]]);
    check(
        &Target::answering("200 OK\r\nContent-Encoding: br", b"\x0b\x02\x80up 1\n\x03"),
        &expect![
            "502 other: http://127.0.0.1:PORT/metrics compressed its answer as `br`, though only gzip was asked for"
        ],
    );
    check(
        &Target::answering("200 OK\r\nContent-Encoding: gzip", b"no_gzip_at_all 1\n"),
        &expect![
            "502 other: the compressed answer of http://127.0.0.1:PORT/metrics cannot be unpacked (invalid gzip header)"
        ],
    );
}

#[test]
fn a_body_that_breaks_off_is_cut_off() {
    check(
        &Target::saying(format!("HTTP/1.1 {OK}\r\nContent-Length: 100\r\n\r\nup 1\n")),
        &expect!["502 cut_off: http://127.0.0.1:PORT/metrics closed the connection before its answer was complete"],
    );
    check(
        &chunked(""),
        &expect!["502 cut_off: http://127.0.0.1:PORT/metrics closed the connection before its answer was complete"],
    );
    check(
        &chunked("8\r\nup"),
        &expect!["502 cut_off: http://127.0.0.1:PORT/metrics closed the connection before its answer was complete"],
    );
    let packed = gzip("up 1\n".repeat(100).as_bytes());
    check(
        &Target::answering("200 OK\r\nContent-Encoding: gzip", &packed[..packed.len() - 9]),
        &expect!["502 cut_off: the compressed answer of http://127.0.0.1:PORT/metrics ends before its end"],
    );
    check(
        &Target::saying(""),
        &expect!["502 cut_off: 127.0.0.1:PORT closed the connection before its answer was complete"],
    );
    check(
        &Target::saying("HTTP/1.1 200 OK\r\nContent-"),
        &expect!["502 cut_off: 127.0.0.1:PORT closed the connection before its answer was complete"],
    );
}

#[test]
fn a_body_over_the_limit_is_dropped_packed_or_not_announced_or_not() {
    let huge = vec![b'#'; (1 << 20) + 1];
    check(
        &Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"),
        &expect!["502 too_large: the answer of http://127.0.0.1:PORT/metrics is larger than 1048576 bytes"],
    );
    check(
        &Target::saying("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        &expect![
            "502 other: 127.0.0.1:PORT does not answer in HTTP/1.1; if it wants an encrypted connection, use https:"
        ],
    );
    check(
        &Target::saying([b"HTTP/1.0 200 OK\r\n\r\n".as_slice(), &huge].concat()),
        &expect!["502 too_large: the answer of http://127.0.0.1:PORT/metrics is larger than 1048576 bytes"],
    );
    let bomb = gzip(&vec![b'#'; 64 << 20]);
    assert!(bomb.len() < 100_000);
    check(
        &Target::answering("200 OK\r\nContent-Encoding: gzip", &bomb),
        &expect!["502 too_large: the answer of http://127.0.0.1:PORT/metrics is larger than 1048576 bytes"],
    );
    let endless = Target::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'#'; 4096]).is_ok() {}
    });
    check(
        &endless,
        &expect!["502 too_large: the answer of http://127.0.0.1:PORT/metrics is larger than 1048576 bytes"],
    );
    let just_right = Running::start(|_| ()).scrape(&Target::answering(OK, &huge[1..]).url("/"));
    assert_eq!((just_right.status, just_right.body.len()), (200, 1 << 20));
}

#[test]
fn a_header_without_end_is_refused() {
    let endless = Target::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Filler: 0123456789012345678901234567890123456789\r\n").is_ok() {}
    });
    check(&endless, &expect!["502 too_large: the header of the answer of 127.0.0.1:PORT is too large"]);
}

#[test]
fn what_is_no_http_is_named_whoever_speaks_first() {
    let expected =
        "502 other: 127.0.0.1:PORT does not answer in HTTP/1.1; if it wants an encrypted connection, use https:";
    let greeting = Target::start_raw(|mut stream, _| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        let _ = stream.read(&mut [0; 4096]);
    });
    let alert = Target::saying(b"\x15\x03\x01\x00\x02\x02\x46".as_slice());
    let relay = Running::start(|_| ());
    // Which of both comes first on the wire changes from time to time.
    for _ in 0..20 {
        assert_eq!(relay.scrape(&greeting.url("/")).line(), expected);
        assert_eq!(relay.scrape(&alert.url("/")).line(), expected);
    }
    let leaving = Target::start_raw(|stream, _| drop(stream));
    for _ in 0..20 {
        let line = relay.scrape(&leaving.url("/")).line();
        assert!(line.starts_with("502 cut_off: "), "{line}");
    }
}

#[test]
fn nobody_there_and_nobody_known() {
    let relay = Running::start(|_| ());
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    expect!["502 refused: 127.0.0.1:PORT refused the connection: nothing listens there"]
        .assert_eq(&relay.scrape(&format!("http://{free}/metrics")).line());
    expect!["502 refused: localhost:PORT refused the connection: nothing listens there"]
        .assert_eq(&relay.scrape(&format!("http://localhost:{}/metrics", free.port())).line());
    expect!["502 unknown_host: the name nobody.invalid is not known"]
        .assert_eq(&relay.scrape("http://nobody.invalid/metrics").line());
}

#[test]
fn each_step_of_a_slow_target_ends_with_the_time_that_the_page_gave() {
    let relay = Running::start(|_| ());
    let silent = Target::start(|mut stream, _| drop(stream.read(&mut [0])));
    let stuck = Target::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nup");
        let _ = stream.read(&mut [0]);
    });
    let trickle = Target::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b"#").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let started = Instant::now();
    expect![
        "504 timed_out: 127.0.0.1:PORT did not answer within 400 ms: the connection was accepted, but no answer began"
    ]
    .assert_eq(&relay.scrape_within(&silent.url("/"), 400).line());
    expect!["504 timed_out: http://127.0.0.1:PORT/ did not answer within 400 ms: the answer began, but did not end"]
        .assert_eq(&relay.scrape_within(&stuck.url("/"), 400).line());
    expect!["504 timed_out: http://127.0.0.1:PORT/ did not answer within 400 ms: the answer began, but did not end"]
        .assert_eq(&relay.scrape_within(&trickle.url("/"), 400).line());
    let tls = silent.url("/").replace("http:", "https:");
    expect!["504 timed_out: 127.0.0.1:PORT did not answer within 400 ms: the encrypted connection was not agreed on"]
        .assert_eq(&relay.scrape_within(&tls, 400).line());
    // How far it gets in so little depends on the machine.
    let line = relay.scrape_within(&silent.url("/"), 0).line();
    assert!(line.starts_with("504 timed_out: ") && line.contains(" did not answer within 1 ms: "), "{line}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn localhost_is_found_on_either_of_its_addresses() {
    let relay = Running::start(|_| ());
    let v4 = Target::answering(OK, b"four 4\n");
    expect![[r#"ok 200 `text/plain; version=0.0.4` "four 4\n""#]]
        .assert_eq(&relay.scrape(&format!("http://localhost:{}/", v4.address.port())).line());
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        println!("skipped: this machine has no IPv6");
        return;
    };
    let v6 = Target::listening(listener, |mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nsix 6\n");
    });
    expect![[r#"ok 200 `` "six 6\n""#]]
        .assert_eq(&relay.scrape(&format!("http://localhost:{}/", v6.address.port())).line());
    expect![[r#"ok 200 `` "six 6\n""#]].assert_eq(&relay.scrape(&v6.url("/")).line());
}

#[test]
fn redirects_are_followed_five_times() {
    let relay = Running::start(|_| ());
    let hops = Target::start(|mut stream, request| {
        let n_left: u32 = request["GET /".len()..].split(' ').next().unwrap().parse().unwrap();
        let answer = match n_left {
            0 => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n".to_owned(),
            n_left => format!("HTTP/1.1 302 Found\r\nLocation: /{}\r\nContent-Length: 0\r\n\r\n", n_left - 1),
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    let answer = relay.scrape(&hops.url("/5"));
    assert_eq!((answer.status, answer.header("x-target-url")), (200, hops.url("/0").as_str()));
    assert_eq!(hops.requests().len(), 6);
    expect!["502 redirects: more than 5 redirects, the last one to http://127.0.0.1:PORT/0"]
        .assert_eq(&relay.scrape(&hops.url("/6")).line());
    let circle = Target::answering("308 Permanent Redirect\r\nLocation: /metrics?token=secret", b"");
    check(&circle, &expect!["502 redirects: more than 5 redirects, the last one to http://127.0.0.1:PORT/metrics"]);
}

#[test]
fn a_redirect_is_held_to_the_rules_of_the_first_address() {
    let to = |location: &str| Target::answering(&format!("307 Temporary\r\nLocation: {location}"), b"");
    check(
        &to("http://169.254.169.254/latest/meta-data/"),
        &expect![
            "403 forbidden: 169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow 169.254.169.254`"
        ],
    );
    check(
        &to("http://[::ffff:a9fe:a9fe]/"),
        &expect![
            "403 forbidden: ::ffff:169.254.169.254 is an address at which clouds hand out credentials; if it is meant, start the relay with `--allow ::ffff:169.254.169.254`"
        ],
    );
    check(
        &to("file:///etc/passwd"),
        &expect![
            "502 redirects: http://127.0.0.1:PORT/metrics redirects to file:///etc/passwd: it has to begin with http:// or https://, not with file:"
        ],
    );
    check(
        &to("http://me:secret@127.0.0.1/"),
        &expect![
            "502 redirects: http://127.0.0.1:PORT/metrics redirects to http://127.0.0.1/: a name and a password in the address are not sent; take them out"
        ],
    );
    check(
        &to("http://[broken?token=secret"),
        &expect![
            "502 redirects: http://127.0.0.1:PORT/metrics redirects to what is not an address: invalid IPv6 address"
        ],
    );
}

#[test]
fn more_scrapes_than_allowed_at_a_time_are_told_so_and_a_place_is_free_again() {
    let relay = Arc::new(Running::start(|config| config.max_scrapes = 1));
    let silent = Target::start(|mut stream, _| drop(stream.read(&mut [0])));
    let (asking, url) = (Arc::clone(&relay), silent.url("/"));
    let first = std::thread::spawn(move || asking.scrape_within(&url, 1_000).status);
    while silent.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    expect![
        "503 busy: as many scrapes as --max-scrapes of the relay allows (1) are running already; it is tried again"
    ]
    .assert_eq(&relay.scrape(&silent.url("/")).line());
    assert_eq!(first.join().unwrap(), 504);
    assert_eq!(relay.scrape(&Target::answering(OK, b"").url("/")).status, 200);
}

#[test]
fn a_scrape_that_nobody_waits_for_ends() {
    let relay = Running::start(|config| config.max_scrapes = 1);
    let silent = Target::start(|mut stream, _| drop(stream.read(&mut [0])));
    let mut page = TcpStream::connect(relay.address).unwrap();
    let url = silent.url("/");
    write!(page, "GET /relay/scrape?url={url}&timeout_ms=60000 HTTP/1.1\r\nHost: localhost\r\nX-Promenade: 1\r\n\r\n")
        .unwrap();
    while silent.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(page);
    let target = Target::answering(OK, b"");
    let deadline = Instant::now() + Duration::from_secs(10);
    while relay.scrape(&target.url("/")).status == 503 {
        assert!(Instant::now() < deadline, "the place of the scrape is not free");
    }
    let metrics = relay.get("/metrics", &[]).text();
    assert!(metrics.contains("promenade_relay_scrapes_total{outcome=\"cancelled\"} 1\n"), "{metrics}");
    assert!(metrics.contains("promenade_relay_scrapes_in_flight 0\n"), "{metrics}");
}

/// A target that speaks TLS with a certificate for `name`, and the PEM file of its authority.
fn encrypted(name: &str) -> (Target, std::path::PathBuf) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let file = empty_dir(&format!("ca-{}", name.replace(['.', ':'], "-"))).join("ca.pem");
    std::fs::write(&file, certificate.pem()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let target = Target::start_raw(move |stream, _| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        if tls.read(&mut [0; 4096]).is_ok() {
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n");
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    (target, file)
}

#[test]
fn an_encrypted_target_is_read_if_its_authority_is_trusted_and_named_for_what_is_wrong_if_not() {
    let (target, ca) = encrypted("localhost");
    let url = format!("https://localhost:{}/metrics", target.address.port());
    let trusting = Running::start(|config| config.ca.push(ca));
    expect![[r#"ok 200 `` "up 1\n""#]].assert_eq(&trusting.scrape(&url).line());
    expect!["502 tls: the certificate of 127.0.0.1 is for another name"]
        .assert_eq(&trusting.scrape(&url.replace("localhost", "127.0.0.1")).line());
    expect!["502 tls: the certificate of localhost is not signed by an authority that this machine trusts"]
        .assert_eq(&Running::start(|_| ()).scrape(&url).line());
    let plain = Target::start_raw(|mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    expect!["502 tls: 127.0.0.1 does not answer with TLS on this port; if it speaks plain HTTP, use http:"]
        .assert_eq(&trusting.scrape(&plain.url("/").replace("http:", "https:")).line());
    let closing = Target::start_raw(|mut stream, _| drop(stream.read(&mut [0; 4096])));
    expect!["502 tls: 127.0.0.1 closed the connection during the TLS handshake"]
        .assert_eq(&trusting.scrape(&closing.url("/").replace("http:", "https:")).line());
}
