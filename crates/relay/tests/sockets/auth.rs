//! Who is let in where the relay has names and passwords, and how often anybody may ask.

use crate::harness::{Answer, Running, Target, empty_dir, fetch_path};
use base64::Engine as _;
use std::path::PathBuf;

/// A file with `ada` and her password `secret`.
fn users(name: &str) -> PathBuf {
    let file = empty_dir(name).join("users");
    std::fs::write(&file, format!("# people\nada:{}\n", bcrypt::hash("secret", 4).unwrap())).unwrap();
    file
}

fn basic(text: &str) -> String {
    format!("Authorization: Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}

#[test]
fn without_name_and_password_everything_is_closed_but_the_health_route() {
    let file = users("auth-closed");
    let relay = Running::start(|config| config.auth_file = Some(file));
    for path in
        ["/", "/metrics", "/relay/info", "/relay/scrape", "/relay/fetch", "/relay/resolve", "/app.js", "/relay/x"]
    {
        let answer = relay.get(path, &["X-Promenade: 1"]);
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, "Basic realm=\"Promenade\", charset=\"UTF-8\""),
            "{path}"
        );
        assert!(answer.text().starts_with("{\"kind\":\"unauthorized\",\"message\":\""), "{}", answer.text());
        assert_ne!(relay.get(path, &["X-Promenade: 1", &basic("ada:secret")]).status, 401, "{path}");
    }
    for headers in [&[][..], &["Host: other.example"]] {
        let answer = relay.send(&format!(
            "GET /relay/health HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n",
            headers.first().unwrap_or(&"Host: a")
        ));
        assert_eq!((answer.status, answer.text().as_str()), (200, "well\n"));
    }
    assert_eq!(relay.get("/relay/info", &[&basic("ada:wrong")]).status, 401);
}

#[test]
fn the_name_and_password_of_the_relay_never_reach_a_target() {
    let file = users("auth-kept");
    let relay = Running::start(|config| config.auth_file = Some(file));
    let target = Target::answering("200 OK", b"up 1\n");
    for path in [fetch_path(&target.url("/"), 1_000), fetch_path(&target.url("/"), 1_000).replace("/fetch", "/scrape")]
    {
        assert_eq!(relay.get(&path, &["X-Promenade: 1", &basic("ada:secret")]).status, 200);
        let other = "Promenade-Forward-Authorization: Bearer of-the-target";
        assert_eq!(relay.get(&path, &["X-Promenade: 1", &basic("ada:secret"), other]).status, 200);
    }
    let requests = target.requests();
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| !request.to_ascii_lowercase().contains("basic")), "{requests:?}");
    assert_eq!(requests.iter().filter(|request| request.contains("authorization: Bearer of-the-target")).count(), 2);
}

#[test]
fn guessing_is_slowed_down_for_the_guesser_behind_a_trusted_proxy_and_for_nobody_else() {
    let file = users("auth-guessing");
    let relay = Running::start(|config| {
        config.auth_file = Some(file);
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let ask = |client: &str, text: &str| -> Answer {
        relay.get("/relay/info", &[&basic(text), &format!("X-Forwarded-For: {client}")])
    };
    let statuses: Vec<u16> = (0..8).map(|idx| ask("10.0.0.66", &format!("ada:guess{idx}")).status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429, 429]);
    let late = ask("10.0.0.66", "ada:secret");
    assert!(late.status == 429 && !late.header("retry-after").is_empty(), "{}", late.text());
    assert_eq!(ask("10.0.0.1", "ada:secret").status, 200);
}

#[test]
fn a_client_that_asks_too_often_is_told_so() {
    let relay = Running::start(|config| config.max_rate = 2);
    let answers: Vec<Answer> = (0..6).map(|_| relay.get("/relay/info", &[])).collect();
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses[..4], [200; 4]);
    let last = answers.iter().find(|answer| answer.status == 429).expect("one is refused");
    assert_eq!(last.header("retry-after"), "1");
    assert!(last.text().contains("\"kind\":\"throttled\""), "{}", last.text());
    assert_eq!(relay.get("/relay/health", &[]).status, 200);
}
