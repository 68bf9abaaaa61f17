//! The relay as the worker speaks to it: URLs, and what its answers mean.

use crate::source::plan::{Answer, FetchFailure, Reply};
use model::Millis;
use scrape::ScrapeFailure;
use serde::Deserialize;

/// What the relay says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RelayInfo {
    /// `promenade-relay`; anything else is another program under the page's origin.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The greatest body it passes on.
    #[serde(default = "default_max_body")]
    pub max_body_bytes: u64,
}

fn default_max_body() -> u64 {
    crate::MAX_BODY_BYTES
}

/// Where the relay says what it is.
pub(crate) fn info_url(page_origin: &str) -> String {
    format!("{page_origin}/relay/info")
}

/// What stands before the name of a header that the relay sends on.
pub(crate) const FORWARD: &str = "Promenade-Forward-";

/// Where the relay fetches a URL; with the credentials of a job of its own configuration.
pub(crate) fn scrape_url(page_origin: &str, url: &str, timeout: Millis, job: Option<&str>) -> String {
    let mut out = format!("{page_origin}/relay/scrape?timeout_ms={}", timeout.0.max(1));
    if let Some(job) = job {
        out.push_str("&job=");
        escape(job, &mut out);
    }
    out.push_str("&url=");
    escape(url, &mut out);
    out
}

/// Where the relay asks a server: it hands on the body while it comes.
pub(crate) fn fetch_url(page_origin: &str, url: &str, timeout: Millis) -> String {
    let mut out = format!("{page_origin}/relay/fetch?timeout_ms={}&url=", timeout.0.max(1));
    escape(url, &mut out);
    out
}

/// Where the relay says what a name leads to.
pub(crate) fn resolve_url(page_origin: &str, name: &str, record_type: &str) -> String {
    let mut out = format!("{page_origin}/relay/resolve?type={record_type}&name=");
    escape(name, &mut out);
    out
}

/// Where the relay lists the targets in the files of a job of its own configuration.
pub(crate) fn discover_url(page_origin: &str, job: &str, idx: usize) -> String {
    let mut out = format!("{page_origin}/relay/discover?index={idx}&job=");
    escape(job, &mut out);
    out
}

/// Where the relay's own configuration is.
pub(crate) fn config_url(page_origin: &str) -> String {
    format!("{page_origin}/relay/config")
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0').to_ascii_uppercase();
                out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

/// The relay's description of itself, if that is what answered.
#[must_use]
pub fn read_info(status: u16, body: &[u8]) -> Option<RelayInfo> {
    let info: RelayInfo = serde_json::from_slice(body).ok()?;
    (status == 200 && info.name == "promenade-relay").then_some(info)
}

/// The records of a name, hosts or addresses with the ports that they give.
///
/// # Errors
/// What is wrong: a part of a sentence.
pub(crate) fn read_records(status: u16, body: &[u8]) -> Result<Vec<(String, Option<u16>)>, String> {
    #[derive(Deserialize)]
    struct Found {
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        target: String,
        port: Option<u16>,
    }
    if status != 200 {
        return Err(refusal(status, body));
    }
    let found: Found = serde_json::from_slice(body).map_err(|_| NOT_THE_RELAY.to_owned())?;
    Ok(found.records.into_iter().map(|record| (record.target, record.port)).collect())
}

/// What answers in place of the relay, or an old one.
const NOT_THE_RELAY: &str = "the relay's answer makes no sense; it may be of another version";

/// Why the relay refused something: a part of a sentence.
pub(crate) fn refusal(status: u16, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Why {
        #[serde(alias = "error")]
        message: String,
    }
    match serde_json::from_slice::<Why>(body) {
        Ok(why) => why.message.trim_end_matches('.').to_owned(),
        Err(_) => format!("the relay answered with status {status}; it may be of another version"),
    }
}

/// Why the relay has no answer of the target.
#[derive(Debug, Deserialize)]
struct Refusal {
    kind: String,
    #[serde(default)]
    message: String,
}

/// What came of asking the relay for a target. `target_status` and `target_content_type` are its headers.
pub fn read_reply(
    answer: Answer,
    target_status: Option<&str>,
    target_content_type: Option<String>,
    timeout: Millis,
) -> Reply {
    if answer.status == 200
        && let Some(status) = target_status.and_then(|text| text.parse().ok())
    {
        return Ok(Answer { status, content_type: target_content_type, body: answer.body });
    }
    Err(no_answer(&answer.body, timeout))
}

/// Why the relay has no answer of a target, from its own.
pub(crate) fn no_answer(body: &[u8], timeout: Millis) -> FetchFailure {
    match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => FetchFailure::Known(failure_of(refusal, timeout)),
        // A proxy before the relay, or another program: the relay itself cannot be reached.
        Err(_) => FetchFailure::NoRelay,
    }
}

fn failure_of(refusal: Refusal, timeout: Millis) -> ScrapeFailure {
    let Refusal { kind, message } = refusal;
    match kind.as_str() {
        "refused" => ScrapeFailure::Refused,
        "unknown_host" => ScrapeFailure::UnknownHost,
        "timed_out" => ScrapeFailure::TimedOut(timeout),
        "tls" => ScrapeFailure::Tls(message),
        "unreachable" => ScrapeFailure::Unreachable(message),
        "too_large" => ScrapeFailure::TooLarge { limit: crate::MAX_BODY_BYTES },
        "cut_off" => ScrapeFailure::CutOff,
        "forbidden" | "bad_request" => ScrapeFailure::RelayRefused(message),
        _ => ScrapeFailure::Other(message),
    }
}

#[cfg(test)]
mod tests {
    //! What the relay's answers mean.
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, content_type: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_url_is_passed_on_whole() {
        assert_eq!(
            scrape_url("http://h:1", "http://[::1]:9/m?a=b&c#d", Millis(500), None),
            "http://h:1/relay/scrape?timeout_ms=500&url=http%3A%2F%2F%5B%3A%3A1%5D%3A9%2Fm%3Fa%3Db%26c%23d"
        );
        assert_eq!(
            scrape_url("http://h:1", "http://a", Millis(500), Some("b c")),
            "http://h:1/relay/scrape?timeout_ms=500&job=b%20c&url=http%3A%2F%2Fa"
        );
    }

    #[test]
    fn only_our_relay_is_one() {
        let ours = r#"{"name":"promenade-relay","version":"0.1.0","max_body_bytes":1}"#;
        assert_eq!(read_info(200, ours.as_bytes()).map(|i| i.version).as_deref(), Some("0.1.0"));
        assert_eq!(read_info(200, b"<!doctype html>"), None);
        assert_eq!(read_info(200, br#"{"name":"x","version":"1"}"#), None);
        assert_eq!(read_info(404, ours.as_bytes()), None);
    }

    #[test]
    fn the_targets_status_is_told_apart_from_the_relays() {
        let timeout = Millis(1_000);
        let reply = read_reply(answer(200, "up 1\n"), Some("503"), Some("text/plain".to_owned()), timeout);
        assert_eq!(reply.map(|a| a.status), Ok(503));
        let refused = read_reply(answer(502, r#"{"kind":"refused","message":"x"}"#), None, None, timeout);
        assert_eq!(refused, Err(FetchFailure::Known(ScrapeFailure::Refused)));
        let html = read_reply(answer(200, "<!doctype html>"), None, None, timeout);
        assert_eq!(html, Err(FetchFailure::NoRelay));
    }
}
