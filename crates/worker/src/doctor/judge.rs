//! What a fetch came to, as evidence: the status, what the body is, what the relay said.

use super::Probe;
use crate::limits::MAX_HEAD_BYTES;
use crate::lint::whole_lines;
use ::doctor::{BodyKind, Outcome, Purpose, Seen, TlsFault, Told, Way};
use exposition::{ErrorKind, Format};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An answer as it was heard: to the page's own fetch, or of the relay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Its status; 0 of an answer that may not be read.
    pub status: u16,
    /// Headers that can be read, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body, or the beginning of it.
    pub body: Vec<u8>,
    /// There is more of the body.
    pub is_cut: bool,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The browser does not say.
    Opaque,
    /// It was given up.
    TimedOut,
    /// It began, and broke off.
    CutOff,
}

/// The relay's own answer where it has none of the target.
#[derive(Debug, Deserialize)]
struct Refusal {
    kind: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    message: String,
}

/// The answer of Prometheus' API to anything.
#[derive(Debug, Deserialize)]
struct ApiAnswer {
    status: String,
}

/// What a probe came to.
pub(super) fn outcome(probe: &Probe, heard: Result<Heard, Silence>, purpose: Purpose) -> Outcome {
    let after_ms = probe.timeout.0;
    match (heard, probe.way) {
        (Ok(_), Way::Blind) => Outcome::Unread,
        (Ok(heard), Way::Direct) => {
            let date = heard.headers.get("date").cloned();
            let content_type = heard.headers.get("content-type").cloned();
            Outcome::Answered(Box::new(seen(&heard, content_type, date.as_deref(), None, purpose)))
        }
        (Ok(heard), Way::Relay) => relayed(heard, purpose, after_ms),
        (Err(Silence::TimedOut), _) => Outcome::TimedOut { after_ms },
        (Err(Silence::CutOff), _) => Outcome::CutOff,
        (Err(Silence::Opaque), Way::Relay) => Outcome::NoRelay,
        (Err(Silence::Opaque), _) => Outcome::Opaque,
    }
}

fn relayed(mut heard: Heard, purpose: Purpose, after_ms: i64) -> Outcome {
    let status = heard.headers.get("x-target-status").and_then(|text| text.parse().ok());
    if let (200, Some(status)) = (heard.status, status) {
        heard.status = status;
        let mut take = |name: &str| heard.headers.remove(name);
        let date = take("x-target-date");
        let content_type = take("x-target-content-type");
        let told = Told {
            server: take("x-target-server"),
            authenticate: take("x-target-www-authenticate"),
            allow_origin: take("x-target-access-control-allow-origin"),
        };
        // A relay of an older build tells of no header; then nothing is known of them.
        let told = date.is_some().then_some(told);
        return Outcome::Answered(Box::new(seen(&heard, content_type, date.as_deref(), told, purpose)));
    }
    let Ok(Refusal { kind, detail, message }) = serde_json::from_slice(&heard.body) else {
        return Outcome::NoRelay;
    };
    let message = message.trim_end_matches('.').to_owned();
    match kind.as_str() {
        "refused" => Outcome::Refused,
        "unknown_host" => Outcome::UnknownHost,
        "timed_out" => Outcome::TimedOut { after_ms },
        "tls" => Outcome::Tls(TlsFault::of_relay(detail.as_deref(), &message)),
        "unreachable" => Outcome::Unreachable(message),
        "too_large" => Outcome::TooLarge,
        "cut_off" => Outcome::CutOff,
        "redirects" => Outcome::Redirects(message),
        "forbidden" | "bad_request" | "unauthorized" => Outcome::Forbidden(message),
        "other" if message.contains("does not answer in HTTP") => Outcome::NotHttp,
        _ => Outcome::Other(message),
    }
}

fn seen(heard: &Heard, content_type: Option<String>, date: Option<&str>, told: Option<Told>, purpose: Purpose) -> Seen {
    let body = body_kind(heard, content_type.as_deref(), purpose);
    let head = heard.body.get(..MAX_HEAD_BYTES).unwrap_or(&heard.body);
    let head = String::from_utf8_lossy(head).into_owned();
    let clock_ms = date.and_then(::doctor::http_date).or_else(|| ::doctor::body_clock(&head));
    Seen { status: heard.status, content_type, body, head, clock_ms, told }
}

fn body_kind(heard: &Heard, content_type: Option<&str>, purpose: Purpose) -> BodyKind {
    let body = &heard.body;
    if body.trim_ascii().is_empty() {
        return BodyKind::Empty;
    }
    let is_api =
        || serde_json::from_slice::<ApiAnswer>(body).is_ok_and(|answer| matches!(&*answer.status, "success" | "error"));
    if (purpose == Purpose::Api || body.starts_with(b"{\"status\":\"success\"")) && is_api() {
        return BodyKind::Api;
    }
    let format = Format::of_content_type(content_type);
    if heard.is_cut && format == Format::Protobuf {
        // It cannot be counted without its end; whoever sends this type sends metrics.
        return BodyKind::Metrics { n_samples: 1 };
    }
    let whole;
    let body = if heard.is_cut {
        whole = whole_lines(body, format);
        &whole
    } else {
        body
    };
    match exposition::count_samples(body, format) {
        Ok(n_samples) => BodyKind::Metrics { n_samples },
        Err(error) => match error.kind {
            ErrorKind::Html => BodyKind::Html,
            ErrorKind::Json => BodyKind::Json,
            kind => BodyKind::Text(format!("line {}, column {}: {kind}", error.line, error.column)),
        },
    }
}
