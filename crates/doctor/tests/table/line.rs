//! A line of facts, read: the words are explained in the main file.

use doctor::{Attempt, BodyKind, Evidence, Outcome, PageFacts, Permission, Purpose, RelayFact, Seen, TlsFault, Way};

const NOW_MS: i64 = 1_795_762_800_000;

fn seen(status: u16, body: BodyKind, head: &str) -> Outcome {
    let seen = Seen { status, content_type: None, body, head: head.to_owned(), clock_ms: None, told: None };
    Outcome::Answered(Box::new(seen))
}

fn outcome(word: &str) -> Outcome {
    match word {
        "unread" => Outcome::Unread,
        "opaque" => Outcome::Opaque,
        "timeout" => Outcome::TimedOut { after_ms: 15_000 },
        "refused" => Outcome::Refused,
        "unknown" => Outcome::UnknownHost,
        "untrusted" => Outcome::Tls(TlsFault::Untrusted),
        "expired" => Outcome::Tls(TlsFault::Expired),
        "othername" => Outcome::Tls(TlsFault::OtherName),
        "plain" => Outcome::Tls(TlsFault::Plain),
        "unreachable" => Outcome::Unreachable("no machine answers".to_owned()),
        "cutoff" => Outcome::CutOff,
        "toolarge" => Outcome::TooLarge,
        "nothttp" => Outcome::NotHttp,
        "redirects" => Outcome::Redirects("more than 5 redirects".to_owned()),
        "forbidden" => Outcome::Forbidden("10.0.0.1 fits no --allow pattern of the relay".to_owned()),
        "norelay" => Outcome::NoRelay,
        "good" | "slow" => seen(200, BodyKind::Metrics { n_samples: 40 }, "up 1\n"),
        "skewed" => match seen(200, BodyKind::Metrics { n_samples: 40 }, "up 1\n") {
            Outcome::Answered(seen) => {
                Outcome::Answered(Box::new(Seen { clock_ms: Some(NOW_MS - 3_600_000), ..*seen }))
            }
            other => other,
        },
        "html" => seen(200, BodyKind::Html, "<!doctype html><title>Shop</title>"),
        "json" => seen(200, BodyKind::Json, "{\"status\":\"up\"}"),
        "api" => seen(200, BodyKind::Api, "{\"status\":\"success\"}"),
        "empty" => seen(200, BodyKind::Empty, ""),
        "text" => seen(200, BodyKind::Text("line 3: expected a number".to_owned()), "a b\n"),
        "whitelabel" => seen(404, BodyKind::Html, "<h1>Whitelabel Error Page</h1>"),
        "go404" => seen(404, BodyKind::Text(String::new()), "404 page not found\n"),
        "k8s401" => seen(401, BodyKind::Json, "{\"kind\":\"Status\",\"code\":401}"),
        "dockerapi" => seen(404, BodyKind::Json, "{\"message\":\"page not found\"}"),
        status => seen(status.parse().expect(status), BodyKind::Html, ""),
    }
}

pub fn evidence(line: &str) -> Evidence {
    let mut evidence = Evidence {
        page: PageFacts {
            origin: "http://127.0.0.1:8080".to_owned(),
            is_secure: true,
            is_online: true,
            loopback: Permission::Unsupported,
            local_network: Permission::Unsupported,
        },
        url: String::new(),
        purpose: Purpose::Metrics,
        sends_headers: false,
        timeout_ms: 5_000,
        now_ms: NOW_MS,
        relay: RelayFact::Missing,
        attempts: Vec::new(),
    };
    for word in line.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let permission = || match value {
            "denied" => Permission::Denied,
            "prompt" => Permission::Prompt,
            _ => Permission::Granted,
        };
        let mut tried = |way, url: &str| {
            let took_ms = if value == "slow" { 7_200 } else { 12 };
            evidence.attempts.push(Attempt { url: url.to_owned(), way, outcome: outcome(value), took_ms });
        };
        match name {
            "page" => {
                evidence.page.origin = value.to_owned();
                let is_loopback = value.contains("127.0.0.1") || value.contains("localhost");
                evidence.page.is_secure = value.starts_with("https:") || is_loopback;
            }
            "url" => evidence.url = value.to_owned(),
            "direct" => tried(Way::Direct, &evidence.url.clone()),
            "blind" => tried(Way::Blind, &evidence.url.clone()),
            "relay" => {
                evidence.relay = RelayFact::Here;
                let url = evidence.url.clone();
                evidence.attempts.push(Attempt { url, way: Way::Relay, outcome: outcome(value), took_ms: 12 });
            }
            "gone" => evidence.relay = RelayFact::Gone,
            "offline" => evidence.page.is_online = false,
            "api" => evidence.purpose = Purpose::Api,
            "headers" => evidence.sends_headers = true,
            "loopback" => evidence.page.loopback = permission(),
            "local" => evidence.page.local_network = permission(),
            _ => match name.split_once(':') {
                Some(("at", url)) => tried(Way::Relay, url),
                Some(("atdirect", url)) => tried(Way::Direct, url),
                Some(("atblind", url)) => tried(Way::Blind, url),
                _ => panic!("no such fact: {word}"),
            },
        }
    }
    evidence
}
