//! One scrape: from the query string to the body, within a time, a size and a number of redirects.

/// Names to addresses.
mod resolve;

/// A connection to an address that was checked.
mod connect;

/// A target's body, unpacked, within the limit.
mod body;

/// Why a scrape failed.
mod failure;

/// A line for each target that begins to fail, and for each that recovers.
mod journal;

pub(crate) use connect::read_authorities;
pub(crate) use failure::{Failure, Kind};

use crate::headers;
use crate::metrics::Metrics;
use crate::policy::Policy;
use axum::body::Body;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use connect::Connector;
use failure::Deadline;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use journal::Journal;
use resolve::Names;
use std::collections::BTreeSet;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::CertificateDer;
use url::Url;

/// What the relay calls itself at targets.
const AGENT: &str = concat!("Promenade/", env!("CARGO_PKG_VERSION"));

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// How long a scrape may take where the page does not say it; Prometheus' own default.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Milliseconds that a page may ask for.
const TIMEOUTS_MS: std::ops::RangeInclusive<u64> = 1..=120_000;

/// The longest URL and the longest `Accept` that are handed on, in bytes.
const MAX_URL: usize = 8 << 10;
const MAX_ACCEPT: usize = 1 << 10;

/// The most bytes of a target's header.
const MAX_HEAD: usize = 64 << 10;

/// Exporters that ask others, such as those of probes and of switches, end before this many seconds have passed.
const SCRAPE_TIMEOUT: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// What a scraper is made of.
#[derive(Debug)]
pub(crate) struct ScraperConfig {
    pub(crate) policy: Policy,
    pub(crate) own: Own,
    pub(crate) max_body: usize,
    pub(crate) max_scrapes: usize,
    pub(crate) authorities: Vec<CertificateDer<'static>>,
    pub(crate) metrics: Metrics,
}

/// Where this relay itself is found, so that it is not sent round in a circle.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) address: SocketAddr,
    pub(crate) origins: BTreeSet<String>,
}

/// Fetches what the page asks for.
#[derive(Debug)]
pub(crate) struct Scraper {
    policy: Policy,
    own: Own,
    max_body: usize,
    max_scrapes: usize,
    slots: Semaphore,
    names: Names,
    connector: Connector,
    journal: Journal,
    metrics: Metrics,
}

/// What the page asks for, read and bounded.
#[derive(Debug)]
struct Wish {
    url: Url,
    timeout: Duration,
    accept: HeaderValue,
}

/// What a target answered, whatever its status.
#[derive(Debug)]
struct Scraped {
    url: Url,
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Scraper {
    pub(crate) fn new(config: ScraperConfig) -> Self {
        Scraper {
            policy: config.policy,
            own: config.own,
            max_body: config.max_body,
            max_scrapes: config.max_scrapes,
            slots: Semaphore::new(config.max_scrapes.min(Semaphore::MAX_PERMITS)),
            names: Names::default(),
            connector: Connector::new(config.authorities),
            journal: Journal::default(),
            metrics: config.metrics,
        }
    }

    /// Answers `GET /relay/scrape?query`, once it is known that the page itself asks.
    pub(crate) async fn answer(&self, query: &str, headers: &HeaderMap) -> Response {
        let mut count = Count::begin(&self.metrics);
        let outcome = match self.slots.try_acquire() {
            Ok(_slot) => match Wish::read(query, headers) {
                Ok(wish) => {
                    let outcome = self.fetch(&wish).await;
                    self.journal.note(&wish.url, outcome.as_ref().err());
                    outcome
                }
                Err(failure) => Err(failure),
            },
            Err(_) => Err(Failure::new(
                Kind::Busy,
                format!(
                    "as many scrapes as --max-scrapes of the relay allows ({}) are running already; it is tried again",
                    self.max_scrapes
                ),
            )),
        };
        count.outcome = outcome.as_ref().map_or_else(|failure| failure.kind.label(), |_| "ok");
        match outcome {
            Ok(scraped) => scraped.into_response(),
            Err(failure) => failure.into_response(),
        }
    }

    /// Follows redirects to the answer that is none; each hop is checked like the first.
    async fn fetch(&self, wish: &Wish) -> Result<Scraped, Failure> {
        let deadline = Deadline { at: Instant::now() + wish.timeout, timeout: wish.timeout };
        let mut url = wish.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&url, wish, &deadline).await?;
            let Some(next) = redirect(&url, &response)? else {
                return self.read(url, response, &deadline).await;
            };
            url = next;
        }
        Err(Failure::new(
            Kind::Redirects,
            format!("more than {MAX_REDIRECTS} redirects, the last one to {}", shown(&url)),
        ))
    }

    /// Resolves, checks, connects to what was checked, and asks; returns when the header of the answer is there.
    async fn ask(&self, url: &Url, wish: &Wish, deadline: &Deadline) -> Result<Answer, Failure> {
        let host = url.host().ok_or_else(|| bad_request(format!("{url} names no host")))?;
        let port = url.port_or_known_default().unwrap_or(80);
        let place = format!("{host}:{port}");
        let found =
            deadline.within(self.names.addresses(&host), &place, "its name was still being looked up").await??;
        let mut refusal = None;
        let mut checked = Vec::new();
        for ip in found {
            match self.policy.check(&host, port, ip) {
                Ok(()) => checked.push(SocketAddr::new(ip, port)),
                Err(why) => refusal = refusal.or(Some(why)),
            }
        }
        match refusal {
            Some(why) if checked.is_empty() => return Err(Failure::new(Kind::Forbidden, why.to_string())),
            _ => {}
        }
        if self.own.is_meant(url, &checked) {
            let message =
                "that is this relay itself, which would ask itself without end; its own metrics are at /metrics";
            return Err(Failure::new(Kind::Forbidden, message.to_owned()));
        }
        let connecting = connect::connect(&checked, &place);
        let stream = deadline.within(connecting, &place, "the connection was not accepted").await??;
        if url.scheme() == "https" {
            let securing = self.connector.secure(stream, &host);
            let stream = deadline.within(securing, &place, "the encrypted connection was not agreed on").await??;
            self.send(stream, url, wish, deadline, &place).await
        } else {
            self.send(stream, url, wish, deadline, &place).await
        }
    }

    async fn send<S>(
        &self,
        stream: S,
        url: &Url,
        wish: &Wish,
        deadline: &Deadline,
        place: &str,
    ) -> Result<Answer, Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
            .await
            .map_err(|error| Failure::of_answer(&error, place))?;
        let mut driver = Driver(tokio::spawn(connection));
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let seconds = deadline.at.saturating_duration_since(Instant::now()).as_secs_f64();
        let request = hyper::Request::get(path)
            .header(HOST, authority)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, &wish.accept)
            .header(ACCEPT_ENCODING, "gzip")
            .header(SCRAPE_TIMEOUT, format!("{seconds:.3}"))
            .header(CONNECTION, "close")
            .body(Empty::new())
            .map_err(|error| bad_request(format!("{} cannot be asked for: {error}", shown(url))))?;
        let asking = sender.send_request(request);
        let waiting = "the connection was accepted, but no answer began";
        match deadline.within(asking, place, waiting).await? {
            Ok(response) => Ok(Answer { response, _driver: driver }),
            // The request was not sent; the connection knows why.
            Err(error) if error.is_canceled() || error.is_closed() => {
                Err(deadline.within(driver.failure(&error, place), place, waiting).await?)
            }
            Err(error) => Err(Failure::of_answer(&error, place)),
        }
    }

    async fn read(&self, url: Url, answer: Answer, deadline: &Deadline) -> Result<Scraped, Failure> {
        let (head, incoming) = answer.response.into_parts();
        let place = shown(&url);
        let reading = body::read(incoming, &head.headers, self.max_body, &self.metrics.fetched_bytes, &place);
        let body = deadline.within(reading, &place, "the answer began, but did not end").await??;
        Ok(Scraped { url, status: head.status, content_type: head.headers.get(CONTENT_TYPE).cloned(), body })
    }
}

impl Wish {
    fn read(query: &str, headers: &HeaderMap) -> Result<Wish, Failure> {
        let mut text = None;
        let mut timeout = DEFAULT_TIMEOUT;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "url" if text.is_none() => text = Some(value),
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
        Ok(Wish { url, timeout, accept })
    }
}

impl Own {
    /// Whether a URL leads back to `/relay` of this relay, directly or through the proxy of one of its pages.
    ///
    /// The mark that `/relay/scrape` asks for is never handed on, so a detour that is not seen here ends at the guard.
    fn is_meant(&self, url: &Url, addresses: &[SocketAddr]) -> bool {
        let is_relay = url.path() == "/relay" || url.path().starts_with("/relay/");
        let is_here = |address: &SocketAddr| {
            let own = self.address.ip();
            let ip = address.ip().to_canonical();
            address.port() == self.address.port() && (ip.is_loopback() || ip == own || own.is_unspecified())
        };
        is_relay && (addresses.iter().any(is_here) || self.origins.contains(&url.origin().ascii_serialization()))
    }
}

impl IntoResponse for Scraped {
    fn into_response(self) -> Response {
        let mut headers = headers::foreign_data();
        headers.insert(HeaderName::from_static("x-target-status"), HeaderValue::from(self.status.as_u16()));
        if let Some(content_type) = self.content_type {
            headers.insert(HeaderName::from_static("x-target-content-type"), content_type);
        }
        if let Ok(url) = HeaderValue::from_str(self.url.as_str()) {
            headers.insert(HeaderName::from_static("x-target-url"), url);
        }
        (headers, Body::from(self.body)).into_response()
    }
}

/// An answer whose header is there, and the task that reads on.
struct Answer {
    response: hyper::Response<Incoming>,
    _driver: Driver,
}

/// Ends the connection with the scrape, also when the page no longer waits for it.
struct Driver(tokio::task::JoinHandle<Result<(), hyper::Error>>);

impl Driver {
    /// Why the connection ended before it was asked anything: that is either its own end or within `error`.
    async fn failure(&mut self, error: &hyper::Error, place: &str) -> Failure {
        let end = (&mut self.0).await;
        let cause = match &end {
            Ok(Err(error)) => Some(error),
            _ => error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>()),
        };
        cause.map_or_else(|| Failure::cut_off(place), |cause| Failure::before_request(cause, place))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Counts a scrape once, also when the page no longer waits for it.
struct Count<'a> {
    metrics: &'a Metrics,
    started: Instant,
    outcome: &'static str,
}

impl<'a> Count<'a> {
    fn begin(metrics: &'a Metrics) -> Self {
        metrics.scrapes_in_flight.inc();
        Count { metrics, started: Instant::now(), outcome: "cancelled" }
    }
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        self.metrics.scrapes_in_flight.dec();
        self.metrics.count_scrape(self.outcome, self.started.elapsed());
    }
}

/// Where an answer sends on to; `None`: it is an answer.
fn redirect(from: &Url, answer: &Answer) -> Result<Option<Url>, Failure> {
    if !matches!(answer.response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.response.headers().get(LOCATION) else { return Ok(None) };
    let why =
        |to: &str, why: String| Failure::new(Kind::Redirects, format!("{} redirects to {to}: {why}", shown(from)));
    let next = from
        .join(&String::from_utf8_lossy(location.as_bytes()))
        .map_err(|error| why("what is not an address", error.to_string()))?;
    if next.as_str().len() > MAX_URL {
        return Err(why("an address", format!("it is longer than {MAX_URL} bytes")));
    }
    let to = shown(&next);
    checked(next).map(Some).map_err(|reason| why(&to, reason))
}

/// What every address has to be, the first one and those of redirects.
fn checked(mut url: Url) -> Result<Url, String> {
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
fn shown(url: &Url) -> String {
    use url::Position::{AfterPath, BeforeHost, BeforeUsername};
    format!("{}{}", &url[..BeforeUsername], &url[BeforeHost..AfterPath])
}

fn bad_request(message: String) -> Failure {
    Failure::new(Kind::BadRequest, message)
}
