//! What the page asks for, read from its request and bounded: where to, how long, with which headers and which form.

use super::forward;
use crate::failure::{Failure, Kind};
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Bytes;
use std::time::Duration;
use url::Url;

/// How long a fetch may take where the page does not say it; Prometheus' own default of scrapes.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Milliseconds that a page may ask for.
const TIMEOUTS_MS: std::ops::RangeInclusive<u64> = 1..=120_000;

/// The longest URL and the longest `Accept` that are handed on, in bytes.
pub(super) const MAX_URL: usize = 8 << 10;
const MAX_ACCEPT: usize = 1 << 10;

/// The most bytes of a form: an expression is a few hundred, a generated one some ten thousand.
const MAX_FORM: usize = 256 << 10;

/// How long the page may take to send its form.
const FORM_PATIENCE: Duration = Duration::from_secs(10);

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Ends of paths that take a form by `POST`: those of Prometheus' API that only read. None of them changes anything.
const FORM_PATHS: [&str; 6] = [
    "/api/v1/query",
    "/api/v1/query_range",
    "/api/v1/query_exemplars",
    "/api/v1/series",
    "/api/v1/labels",
    "/api/v1/format_query",
];

/// What the page asks for.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) url: Url,
    pub(super) timeout: Duration,
    pub(super) accept: HeaderValue,
    /// Headers for the target; they may hold secrets.
    pub(super) forwarded: HeaderMap,
    /// The body of a `POST`; `None`: a `GET`.
    pub(super) form: Option<Bytes>,
    /// The job of the relay's configuration whose credentials the target gets, where it is one of that job.
    pub(super) job: Option<String>,
}

impl Wish {
    /// Reads query string and headers of a request.
    pub(super) fn read(query: &str, headers: &HeaderMap) -> Result<Wish, Failure> {
        let mut text = None;
        let mut job = None;
        let mut timeout = DEFAULT_TIMEOUT;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "url" if text.is_none() => text = Some(value),
                "job" if job.is_none() => job = Some(value.into_owned()),
                "timeout_ms" => {
                    let ms: u64 = value
                        .parse()
                        .map_err(|_| bad_request(format!("timeout_ms is `{value}`, not a number of milliseconds")))?;
                    timeout = Duration::from_millis(ms.clamp(*TIMEOUTS_MS.start(), *TIMEOUTS_MS.end()));
                }
                _ => {
                    return Err(bad_request(format!(
                        "`{name}` is not known here, or was given twice; expected ?url=…&timeout_ms=…"
                    )));
                }
            }
        }
        let text = text.ok_or_else(|| bad_request("?url=… is missing: the address to fetch".to_owned()))?;
        if text.len() > MAX_URL {
            return Err(bad_request(format!("the address is longer than {MAX_URL} bytes")));
        }
        let url = Url::parse(&text).map_err(|error| bad_request(format!("`{text}` is not an address: {error}")))?;
        let url = checked(url).map_err(bad_request)?;
        let accept = match headers.get(ACCEPT) {
            Some(accept) if accept.len() > MAX_ACCEPT => {
                return Err(bad_request(format!("the header Accept is longer than {MAX_ACCEPT} bytes")));
            }
            Some(accept) => accept.clone(),
            None => HeaderValue::from_static("*/*"),
        };
        Ok(Wish { url, timeout, accept, forwarded: forward::read(headers)?, form: None, job })
    }

    /// As [`Wish::read`], with the form where the page posts one.
    pub(super) async fn read_whole(head: &Parts, body: Body) -> Result<Wish, Failure> {
        let mut wish = Wish::read(head.uri.query().unwrap_or_default(), &head.headers)?;
        if head.method == Method::POST {
            check_form_path(&wish.url).map_err(bad_request)?;
            wish.form = Some(read_form(&head.headers, body).await?);
        }
        Ok(wish)
    }
}

/// Whether an address may be posted to.
pub(super) fn check_form_path(url: &Url) -> Result<(), String> {
    if FORM_PATHS.iter().any(|end| url.path().ends_with(end)) {
        return Ok(());
    }
    Err(format!("{} cannot be posted to, only paths that end with one of {}", shown(url), FORM_PATHS.join(", ")))
}

async fn read_form(headers: &HeaderMap, body: Body) -> Result<Bytes, Failure> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(FORM)) {
        return Err(bad_request(format!("only a form can be posted: Content-Type has to be {FORM}")));
    }
    match tokio::time::timeout(FORM_PATIENCE, Limited::new(body, MAX_FORM).collect()).await {
        Ok(Ok(form)) => Ok(form.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Failure::new(Kind::TooLarge, format!("the form is larger than {MAX_FORM} bytes")))
        }
        Ok(Err(_)) => Err(bad_request("the form ended before its end".to_owned())),
        Err(_) => Err(bad_request(format!("the form did not arrive within {} seconds", FORM_PATIENCE.as_secs()))),
    }
}

/// What every address has to be, the first one and those of redirects.
pub(super) fn checked(mut url: Url) -> Result<Url, String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("it has to begin with http:// or https://, not with {}:", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a name and a password in the address are not sent; take them out".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// An address without its name, password and query, which may hold secrets.
pub(super) fn shown(url: &Url) -> String {
    use url::Position::{AfterPath, BeforeHost, BeforeUsername};
    format!("{}{}", &url[..BeforeUsername], &url[BeforeHost..AfterPath])
}

pub(super) fn bad_request(message: String) -> Failure {
    Failure::new(Kind::BadRequest, message)
}
