//! One fetch: from the page's request to the target's answer, within a time, a size and a number of redirects.
//!
//! Two routes use it. `/relay/scrape` answers when the whole body is there, so that a failure half way is told as one.
//! `/relay/fetch` hands the body on while it arrives, for answers of servers that may be large, and takes forms.

/// What the page asks for.
mod wish;

/// Headers for the target.
mod forward;

/// Addresses that were checked, and the encryption on top.
mod connect;

/// What drives a connection and ends it.
mod connection;

/// A target's body, unpacked, within the limit.
mod body;

/// What is noted of each fetch: counters, and a line for each target that begins to fail or recovers.
mod journal;

pub(crate) use connect::read_authorities;
pub(crate) use connection::Open;
pub(crate) use forward::header_name;
pub(crate) use journal::{Purpose, Watch};

use crate::configuration::Configuration;
use crate::failure::{Deadline, Failure, Kind, Step};
use crate::headers;
use crate::metrics::Metrics;
use crate::names::Names;
use crate::policy::Policy;
use axum::body::Body;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, CONTENT_TYPE, DATE, HOST, HeaderName, LOCATION,
    SERVER, USER_AGENT, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use body::{Reading, Streaming};
use connect::Connector;
use connection::{Answer, Driver};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use journal::Journal;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::CertificateDer;
use url::Url;
use wish::{MAX_URL, Wish, bad_request, checked, shown};

/// What the relay calls itself at targets.
const AGENT: &str = concat!("Promenade/", env!("CARGO_PKG_VERSION"));

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// The most bytes of a target's header.
const MAX_HEAD: usize = 64 << 10;

/// Exporters that ask others, such as those of probes and of switches, end before this many seconds have passed.
const SCRAPE_TIMEOUT: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// Headers of a target that say what it is and why it refuses; the page gets them as `X-Target-NAME`.
const TELLING: [HeaderName; 4] = [DATE, SERVER, WWW_AUTHENTICATE, ACCESS_CONTROL_ALLOW_ORIGIN];

/// The most bytes of such a header that are told.
const MAX_TELLING: usize = 512;

/// What a fetcher is made of.
#[derive(Debug)]
pub(crate) struct FetcherConfig {
    pub(crate) policy: Arc<Policy>,
    pub(crate) names: Arc<Names>,
    pub(crate) own: Own,
    pub(crate) max_body: usize,
    pub(crate) max_scrapes: usize,
    pub(crate) authorities: Vec<CertificateDer<'static>>,
    pub(crate) configuration: Option<Arc<Configuration>>,
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
pub(crate) struct Fetcher {
    policy: Arc<Policy>,
    names: Arc<Names>,
    own: Own,
    max_body: usize,
    max_scrapes: usize,
    slots: Arc<Semaphore>,
    connector: Connector,
    configuration: Option<Arc<Configuration>>,
    journal: Arc<Journal>,
    metrics: Metrics,
}

/// What a target answered, whatever its status; the body is still to be read.
struct Fetched {
    url: Url,
    head: hyper::http::response::Parts,
    body: Streaming,
}

impl Fetcher {
    pub(crate) fn new(config: FetcherConfig) -> Self {
        Fetcher {
            policy: config.policy,
            names: config.names,
            own: config.own,
            max_body: config.max_body,
            max_scrapes: config.max_scrapes,
            slots: Arc::new(Semaphore::new(config.max_scrapes.min(Semaphore::MAX_PERMITS))),
            connector: Connector::new(config.authorities),
            configuration: config.configuration,
            journal: Arc::default(),
            metrics: config.metrics,
        }
    }

    /// Answers a request for `/relay/scrape` or `/relay/fetch`, once it is known that the page itself asks.
    pub(crate) async fn answer(&self, head: Parts, body: Body, purpose: Purpose) -> Response {
        let mut watch = Watch::begin(&self.metrics, &self.journal, purpose);
        let answered = async {
            let slot = self.slot().inspect_err(|failure| watch.end(Some(failure)))?;
            let wish = self.read(&head, body).await.inspect_err(|failure| watch.end(Some(failure)))?;
            watch.target(shown(&wish.url));
            let fetched = self.fetch(&wish, purpose, watch, slot).await?;
            Ok(match purpose {
                Purpose::Scrape => {
                    let headers = fetched.scrape_headers();
                    (headers, Body::new(fetched.body.collect().await?)).into_response()
                }
                Purpose::Fetch => {
                    let (status, headers) = fetched.fetch_headers();
                    (status, headers, Body::new(fetched.body.begun().await?)).into_response()
                }
            })
        };
        answered.await.unwrap_or_else(Failure::into_response)
    }

    /// What the page asks for, with the credentials of the job that it names; those that the page sends itself win.
    async fn read(&self, head: &Parts, body: Body) -> Result<Wish, Failure> {
        let mut wish = Wish::read_whole(head, body).await?;
        let Some(job) = &wish.job else { return Ok(wish) };
        let configuration = self
            .configuration
            .as_ref()
            .ok_or_else(|| bad_request(format!("the relay was started without --config, so it has no job `{job}`")))?;
        let mut headers = configuration.headers(job, &wish.url).await?;
        headers.extend(std::mem::take(&mut wish.forwarded));
        wish.forwarded = headers;
        Ok(wish)
    }

    fn slot(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.slots).try_acquire_owned().map_err(|_| {
            Failure::new(
                Kind::Busy,
                format!(
                    "as many scrapes as --max-scrapes of the relay allows ({}) are running already; it is tried again",
                    self.max_scrapes
                ),
            )
        })
    }

    /// Follows redirects to the answer that is none; each hop is checked like the first.
    async fn fetch(
        &self,
        wish: &Wish,
        purpose: Purpose,
        mut watch: Watch,
        slot: OwnedSemaphorePermit,
    ) -> Result<Fetched, Failure> {
        let deadline = Deadline::after(wish.timeout);
        let following = self.follow(wish, purpose, &deadline).await;
        let (url, answer) = following.inspect_err(|failure| watch.end(Some(failure)))?;
        let Answer { response, driver } = answer;
        let (head, incoming) = response.into_parts();
        let reading = Reading { place: shown(&url), limit: self.max_body, deadline, driver, watch, slot };
        let body = Streaming::begin(incoming, &head.headers, reading)?;
        Ok(Fetched { url, head, body })
    }

    async fn follow(&self, wish: &Wish, purpose: Purpose, deadline: &Deadline) -> Result<(Url, Answer), Failure> {
        let mut url = wish.url.clone();
        let mut forwarded = &wish.forwarded;
        let none = HeaderMap::new();
        for _ in 0..=MAX_REDIRECTS {
            let question = Question { url: &url, accept: &wish.accept, forwarded, form: wish.form.as_ref(), purpose };
            let answer = self.ask(&question, deadline).await?;
            let Some(next) = redirect(&url, &answer)? else { return Ok((url, answer)) };
            if wish.form.is_some() {
                check_form_redirect(&url, &next, answer.response.status())?;
            }
            if next.origin() != url.origin() {
                // They were meant for the first origin alone, also if the way leads back there.
                forwarded = &none;
            }
            url = next;
        }
        Err(Failure::new(
            Kind::Redirects,
            format!("more than {MAX_REDIRECTS} redirects, the last one to {}", shown(&url)),
        ))
    }

    /// Resolves, checks, connects to what was checked, and asks; returns when the header of the answer is there.
    async fn ask(&self, question: &Question<'_>, deadline: &Deadline) -> Result<Answer, Failure> {
        let url = question.url;
        let host = url.host().ok_or_else(|| bad_request(format!("{url} names no host")))?;
        let port = url.port_or_known_default().unwrap_or(80);
        let place = format!("{host}:{port}");
        let found = deadline.within(self.names.addresses(&host), &place, Step::Lookup).await??;
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
            return Err(Failure::new(Kind::Forbidden, message.to_owned()).with_detail("self"));
        }
        let stream = deadline.within(connect::connect(&checked, &place), &place, Step::Connect).await??;
        if url.scheme() == "https" {
            let securing = self.connector.secure(stream, &host);
            let stream = deadline.within(securing, &place, Step::Handshake).await??;
            self.send(stream, question, deadline, &place).await
        } else {
            self.send(stream, question, deadline, &place).await
        }
    }

    async fn send<S>(
        &self,
        stream: S,
        question: &Question<'_>,
        deadline: &Deadline,
        place: &str,
    ) -> Result<Answer, Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Failure::of_answer(&error, place))?;
        let mut driver = Driver::start(connection, &self.metrics.target_connections);
        let asking = sender.send_request(question.request(deadline)?);
        match deadline.within(asking, place, Step::Answer).await? {
            Ok(response) => Ok(Answer { response, driver }),
            // The request was not sent; the connection knows why.
            Err(error) if error.is_canceled() || error.is_closed() => {
                Err(deadline.within(driver.failure(&error, place), place, Step::Answer).await?)
            }
            Err(error) => Err(Failure::of_answer(&error, place)),
        }
    }
}

/// What one hop asks.
struct Question<'a> {
    url: &'a Url,
    accept: &'a HeaderValue,
    forwarded: &'a HeaderMap,
    form: Option<&'a Bytes>,
    purpose: Purpose,
}

impl Question<'_> {
    fn request(&self, deadline: &Deadline) -> Result<hyper::Request<Full<Bytes>>, Failure> {
        let path = &self.url[url::Position::BeforePath..url::Position::AfterQuery];
        let authority = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut request = match self.form {
            Some(_) => hyper::Request::post(path),
            None => hyper::Request::get(path),
        };
        request = request
            .header(HOST, authority)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, self.accept)
            .header(ACCEPT_ENCODING, "gzip");
        if self.purpose == Purpose::Scrape {
            let seconds = deadline.at.saturating_duration_since(Instant::now()).as_secs_f64();
            request = request.header(SCRAPE_TIMEOUT, format!("{seconds:.3}"));
        }
        if self.form.is_some() {
            request = request.header(CONTENT_TYPE, wish::FORM);
        }
        for (name, value) in self.forwarded {
            request = request.header(name, value);
        }
        request
            .header(CONNECTION, "close")
            .body(Full::new(self.form.cloned().unwrap_or_default()))
            .map_err(|error| bad_request(format!("{} cannot be asked for: {error}", shown(self.url))))
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
            // Systems take 0.0.0.0 for this machine.
            let is_this_machine = ip.is_loopback() || ip.is_unspecified() || ip == own || own.is_unspecified();
            address.port() == self.address.port() && is_this_machine
        };
        is_relay && (addresses.iter().any(is_here) || self.origins.contains(&url.origin().ascii_serialization()))
    }
}

impl Fetched {
    /// A scrape is answered with 200: the target's own status stands in a header.
    fn scrape_headers(&self) -> HeaderMap {
        let mut headers = headers::foreign_data();
        if let Some(content_type) = self.head.headers.get(CONTENT_TYPE) {
            headers.insert(HeaderName::from_static("x-target-content-type"), content_type.clone());
        }
        self.tell(&mut headers);
        headers
    }

    /// The answer of a server is handed on with its status and type. It still can never be a document of the page.
    fn fetch_headers(&self) -> (StatusCode, HeaderMap) {
        let mut headers = headers::foreign_data();
        for name in [CONTENT_TYPE, DATE] {
            if let Some(value) = self.head.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        self.tell(&mut headers);
        let status = match self.head.status {
            // A browser takes it for one of its own proxy and shows no answer at all.
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => StatusCode::BAD_GATEWAY,
            status => status,
        };
        (status, headers)
    }

    fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("x-target-status"), HeaderValue::from(self.head.status.as_u16()));
        if let Ok(url) = HeaderValue::from_str(self.url.as_str()) {
            headers.insert(HeaderName::from_static("x-target-url"), url);
        }
        for name in TELLING {
            let value = self.head.headers.get(&name).filter(|value| value.len() <= MAX_TELLING);
            if let (Some(value), Ok(name)) = (value, HeaderName::try_from(format!("x-target-{name}"))) {
                headers.insert(name, value.clone());
            }
        }
    }
}

/// Where an answer sends on to; `None`: it is an answer.
fn redirect(from: &Url, answer: &Answer) -> Result<Option<Url>, Failure> {
    if !matches!(answer.response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.response.headers().get(LOCATION) else { return Ok(None) };
    let next = from
        .join(&String::from_utf8_lossy(location.as_bytes()))
        .map_err(|error| redirects(from, "what is not an address", &error.to_string()))?;
    if next.as_str().len() > MAX_URL {
        return Err(redirects(from, "an address", &format!("it is longer than {MAX_URL} bytes")));
    }
    let to = shown(&next);
    checked(next).map(Some).map_err(|reason| redirects(from, &to, &reason))
}

/// A form goes where it was meant to go, by the method that was meant, or nowhere.
fn check_form_redirect(from: &Url, next: &Url, status: StatusCode) -> Result<(), Failure> {
    let why = if !matches!(status.as_u16(), 307 | 308) {
        format!("the status {} does not say that a form is to be posted there again", status.as_u16())
    } else if next.origin() != from.origin() {
        "a form is not posted to another server; give that address instead".to_owned()
    } else {
        match wish::check_form_path(next) {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        }
    };
    Err(redirects(from, &shown(next), &why))
}

fn redirects(from: &Url, to: &str, why: &str) -> Failure {
    Failure::new(Kind::Redirects, format!("{} redirects to {to}: {why}", shown(from)))
}
