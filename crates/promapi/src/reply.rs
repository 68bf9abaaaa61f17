//! All answers but those to queries: small enough to be read whole, with serde.
//!
//! Servers and versions differ in what they say: fields that are not known are ignored, those that are missing or
//! `null` are empty. Times are milliseconds since the epoch, `None` where the server says that it never happened.

mod common;
mod names;
mod rules;
mod status;
mod targets;

pub use names::{ExemplarOf, ExemplarSeries, Exemplars, LabelNames, LabelValues, Metadata, MetadataEntry, SeriesList};
pub use rules::{Alert, AlertState, Alerts, Rule, RuleGroup, RuleKind, Rules};
pub use status::{BuildInfo, Flags, HeadStats, NameCount, RuntimeInfo, TsdbStatus};
pub use targets::{ActiveTarget, DroppedTarget, TargetHealth, Targets};

use crate::error::{ApiError, ErrorType, SyntaxError};
use crate::http::{HttpHead, HttpReply};
use common::or_default;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The beginning of a body that is told to the user when it is no answer of the API, bytes: a line or two.
const TOLD_BYTES: usize = 300;

/// An answer of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Reply<T> {
    /// What was asked for.
    pub data: T,
    /// What the server warns of.
    #[serde(default, deserialize_with = "or_default")]
    pub warnings: Vec<String>,
    /// What the server remarks.
    #[serde(default, deserialize_with = "or_default")]
    pub infos: Vec<String>,
}

/// The frame of an answer; what is in it depends on the status.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Frame<T> {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    data: Option<T>,
    #[serde(default, deserialize_with = "or_default")]
    warnings: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    infos: Vec<String>,
}

/// The frame of an error.
#[derive(Deserialize)]
struct ErrorFrame {
    status: String,
    #[serde(default, rename = "errorType", deserialize_with = "or_default")]
    kind: String,
    #[serde(default, deserialize_with = "or_default")]
    error: String,
}

/// Reads an answer that is no answer to a query.
///
/// # Errors
/// If the server answered with an error, or with something else than the API.
pub fn read_reply<T: DeserializeOwned + Default>(reply: &HttpReply) -> Result<Reply<T>, ApiError> {
    if let Some(error) = failure(&reply.head, &reply.body) {
        return Err(error);
    }
    let frame: Frame<T> = match serde_json::from_slice(&reply.body) {
        Ok(frame) => frame,
        Err(error) => return Err(not_json(&reply.head, &reply.body).unwrap_or_else(|| syntax(&reply.body, &error))),
    };
    if frame.status.as_deref() != Some("success") {
        return Err(ApiError::NotApi { found: "other JSON" });
    }
    Ok(Reply { data: frame.data.unwrap_or_default(), warnings: frame.warnings, infos: frame.infos })
}

/// The error that an answer is, if it is one: by its body, else by its status.
pub(crate) fn failure(head: &HttpHead, body: &[u8]) -> Option<ApiError> {
    if let Some(error) = refused(head, body) {
        return Some(error);
    }
    let status = head.status;
    if head.is_success() {
        return None;
    }
    let message = told(head, body);
    Some(match status {
        401 | 403 => ApiError::Unauthorized { status, message },
        404 | 405 | 410 | 501 => ApiError::NotOffered { status },
        // So says VictoriaMetrics.
        400 if message.contains("unsupported path requested") => ApiError::NotOffered { status },
        _ => ApiError::Status { status, message },
    })
}

/// An error of the API.
fn refused(head: &HttpHead, body: &[u8]) -> Option<ApiError> {
    // Good answers are not read twice: an error says so within its first bytes, whatever the status.
    let beginning = body.get(..64).unwrap_or(body);
    if head.is_success() && !beginning.windows(7).any(|part| part == b"\"error\"") {
        return None;
    }
    let frame: ErrorFrame = serde_json::from_slice(body).ok().filter(|frame: &ErrorFrame| frame.status == "error")?;
    let status = head.status;
    if matches!(status, 401 | 403) {
        return Some(ApiError::Unauthorized { status, message: frame.error });
    }
    Some(ApiError::Refused { status, kind: ErrorType::from_text(&frame.kind), message: frame.error })
}

/// What a body is that is no JSON.
pub(crate) fn not_json(head: &HttpHead, body: &[u8]) -> Option<ApiError> {
    let text = body.trim_ascii_start();
    let found = match text.first() {
        None => "empty",
        Some(b'{' | b'[' | b'"') => return None,
        Some(b'<') => "a web page",
        Some(b'#') => "metrics text",
        Some(_) if head.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html")) => "a web page",
        Some(_) => "a text",
    };
    Some(ApiError::NotApi { found })
}

/// The beginning of a body for the user: nothing of a web page, whose words are markup.
fn told(head: &HttpHead, body: &[u8]) -> String {
    if matches!(not_json(head, body), Some(ApiError::NotApi { found: "a web page" | "empty" })) {
        return String::new();
    }
    let text = String::from_utf8_lossy(body.get(..TOLD_BYTES).unwrap_or(body));
    let line = text.trim().lines().next().unwrap_or("");
    line.trim_end_matches('\u{fffd}').to_owned()
}

fn syntax(body: &[u8], error: &serde_json::Error) -> ApiError {
    // serde counts lines from 1 and bytes of the line.
    let before: usize =
        body.split_inclusive(|b| *b == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    let offset = (before + error.column().saturating_sub(1)) as u64;
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let (found, expected) = match text.split_once(", expected ") {
        Some((found, expected)) => {
            (found.strip_prefix("invalid type: ").unwrap_or(found).to_owned(), expected.to_owned())
        }
        None if error.is_eof() => ("its end".to_owned(), "more".to_owned()),
        None => (text.to_owned(), "JSON of the API".to_owned()),
    };
    ApiError::Syntax(SyntaxError { offset, expected, found })
}

#[cfg(test)]
mod tests;
