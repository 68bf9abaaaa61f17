//! The routes, what every request has to pass before it is answered, and what every answer carries.

use crate::auth::Auth;
use crate::clients::{self, Rates};
use crate::configuration::Configuration;
use crate::connections::Ends;
use crate::failure::{Failure, Kind};
use crate::fetch::{Fetcher, Purpose};
use crate::files::Files;
use crate::guard::Guard;
use crate::headers;
use crate::metrics::Metrics;
use crate::resolve::Resolver;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use ipnet::IpNet;
use std::sync::Arc;
use std::time::Instant;
use tracing::{debug, warn};

/// Answers everybody, so that whoever starts the relay knows whether it is well. It tells nothing else.
const HEALTH: &str = "/relay/health";

/// Methods of routes that read, with an answer that stands for itself.
const GET: [Method; 1] = [Method::GET];
/// Those of what may be asked for without its body.
const GET_AND_HEAD: [Method; 2] = [Method::GET, Method::HEAD];
/// Those of what takes forms.
const GET_AND_POST: [Method; 2] = [Method::GET, Method::POST];

/// What all requests share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) guard: Guard,
    /// `None`: everybody may use the relay.
    pub(crate) auth: Option<Auth>,
    pub(crate) rates: Rates,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) files: Files,
    pub(crate) fetcher: Fetcher,
    pub(crate) resolver: Resolver,
    /// What `--config` names.
    pub(crate) configuration: Option<Arc<Configuration>>,
    pub(crate) metrics: Metrics,
    pub(crate) max_body: usize,
}

/// All routes; requests need [`Ends`] among their extensions.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/relay/info", any(answer_info))
        .route("/relay/scrape", any(answer_scrape))
        .route("/relay/fetch", any(answer_fetch))
        .route("/relay/resolve", any(answer_resolve))
        .route("/relay/config", any(answer_config))
        .route("/relay/discover", any(answer_discover))
        .route(HEALTH, any(answer_health))
        .route("/metrics", any(answer_metrics))
        .fallback(answer_page)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app), finish))
        .with_state(app)
}

/// The route of an answer, as it is counted: one of a fixed few.
#[derive(Clone, Copy, Debug)]
struct Route(&'static str);

/// Lets a request through or refuses it, and sets and counts what every answer has.
async fn finish(
    State(app): State<Arc<App>>,
    Extension(ends): Extension<Ends>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let route = route_of(request.uri().path());
    let client = clients::client(ends, request.headers(), &app.trusted_proxies);
    let passed = if route == HEALTH { Ok(()) } else { pass(&app, ends, client, request.headers()).await };
    let mut response = match passed {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal,
    };
    headers::harden(response.headers_mut());
    let route = response.extensions().get::<Route>().map_or(route, |Route(route)| route);
    let (code, took) = (response.status().as_u16(), started.elapsed());
    debug!(%client, route, code, ms = took.as_secs_f64() * 1e3, "answered");
    app.metrics.count_request(route, code, took);
    response
}

/// What every request has to pass: how often its client may ask, the name by which the relay is called, who asks.
async fn pass(app: &App, ends: Ends, client: std::net::IpAddr, headers: &HeaderMap) -> Result<(), Response> {
    app.rates.take(client, Instant::now()).map_err(|wait| {
        let message = "more requests than --max-rate of the relay allows; it is tried again".to_owned();
        let seconds = HeaderValue::from(wait.as_secs() + 1);
        (HeaderMap::from_iter([(RETRY_AFTER, seconds)]), Failure::new(Kind::Throttled, message)).into_response()
    })?;
    app.guard
        .check_host(headers, ends.local)
        .map_err(|reason| Failure::new(Kind::Forbidden, reason).into_response())?;
    let Some(auth) = &app.auth else { return Ok(()) };
    auth.check(headers, client).await.map_err(|refused| {
        if refused.failure.kind == Kind::Throttled {
            warn!(%client, "a client waits: its name or password were wrong too often");
        }
        (refused.headers, refused.failure).into_response()
    })
}

fn route_of(path: &str) -> &'static str {
    const FIXED: [&str; 9] = [
        "/relay/info",
        "/relay/scrape",
        "/relay/fetch",
        "/relay/resolve",
        "/relay/config",
        "/relay/discover",
        HEALTH,
        "/metrics",
        "/",
    ];
    FIXED.into_iter().find(|route| *route == path).unwrap_or("/{file}")
}

#[derive(serde::Serialize)]
struct Info {
    name: &'static str,
    version: &'static str,
    max_body_bytes: usize,
    /// Whether there is an answer at `/relay/config`.
    has_config: bool,
}

async fn answer_info(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), &GET_AND_HEAD) {
        return refusal;
    }
    if let Err(reason) = app.guard.check_page(request.headers(), true) {
        return Failure::new(Kind::Forbidden, reason).into_response();
    }
    json(&Info {
        name: "promenade-relay",
        version: env!("CARGO_PKG_VERSION"),
        max_body_bytes: app.max_body,
        has_config: app.configuration.is_some(),
    })
}

async fn answer_health(request: Request) -> Response {
    refuse_method(request.method(), &GET_AND_HEAD)
        .unwrap_or_else(|| (headers::data("text/plain; charset=utf-8"), "well\n").into_response())
}

async fn answer_scrape(State(app): State<Arc<App>>, request: Request) -> Response {
    answer_target(&app, request, Purpose::Scrape, &GET).await
}

async fn answer_fetch(State(app): State<Arc<App>>, request: Request) -> Response {
    answer_target(&app, request, Purpose::Fetch, &GET_AND_POST).await
}

async fn answer_target(app: &App, request: Request, purpose: Purpose, methods: &[Method]) -> Response {
    if let Some(refusal) = refuse_method(request.method(), methods).or_else(|| refuse_caller(app, request.headers())) {
        return refusal;
    }
    let (head, body) = request.into_parts();
    app.fetcher.answer(head, body, purpose).await
}

async fn answer_resolve(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), &GET).or_else(|| refuse_caller(&app, request.headers())) {
        return refusal;
    }
    match app.resolver.answer(request.uri().query().unwrap_or_default()).await {
        Ok(answer) => json(&answer),
        Err(failure) => failure.into_response(),
    }
}

async fn answer_config(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), &GET).or_else(|| refuse_caller(&app, request.headers())) {
        return refusal;
    }
    match &app.configuration {
        Some(configuration) => (headers::data("text/yaml; charset=utf-8"), configuration.text().await).into_response(),
        None => without_config(),
    }
}

async fn answer_discover(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), &GET).or_else(|| refuse_caller(&app, request.headers())) {
        return refusal;
    }
    let Some(configuration) = &app.configuration else { return without_config() };
    let (mut job, mut idx) = (None, None);
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        match &*name {
            "job" if job.is_none() => job = Some(value.into_owned()),
            "index" if idx.is_none() => idx = value.parse::<usize>().ok(),
            _ => {}
        }
    }
    let (Some(job), Some(idx)) = (job, idx) else {
        let message = "expected ?job=…&index=…: a job, and which of its file_sd_configs, counted from 0".to_owned();
        return Failure::new(Kind::BadRequest, message).into_response();
    };
    match configuration.discover(&job, idx).await {
        Ok(groups) => json(&groups),
        Err(failure) => failure.into_response(),
    }
}

fn without_config() -> Response {
    let message = "the relay was started without --config, so it has no configuration".to_owned();
    (StatusCode::NOT_FOUND, Failure::new(Kind::BadRequest, message)).into_response()
}

async fn answer_metrics(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), &GET_AND_HEAD) {
        return refusal;
    }
    match app.metrics.text(request.headers()) {
        Ok((content_type, text)) => (headers::data(content_type), text).into_response(),
        Err(error) => Failure::new(Kind::Other, error.to_string()).into_response(),
    }
}

async fn answer_page(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), &GET_AND_HEAD) {
        return refusal;
    }
    let path = request.uri().path();
    if path == "/relay" || path.starts_with("/relay/") {
        let message =
            format!("the relay has no {path}, only info, scrape, fetch, resolve, config, discover and health");
        return (StatusCode::NOT_FOUND, Failure::new(Kind::BadRequest, message)).into_response();
    }
    let found = app.files.find(path, request.headers()).await;
    // Of an answer to HEAD, hyper sends the headers alone.
    let mut response = (found.status, found.headers, Body::from(found.body)).into_response();
    if found.is_page {
        response.extensions_mut().insert(Route("/"));
    }
    response
}

/// Refuses who is not the page's own code.
fn refuse_caller(app: &App, headers: &HeaderMap) -> Option<Response> {
    let reason = app.guard.check_page(headers, false).and_then(|()| Guard::check_mark(headers)).err()?;
    warn!("a request was refused: {reason}");
    Some(Failure::new(Kind::Forbidden, reason).into_response())
}

fn json(answer: &impl serde::Serialize) -> Response {
    match serde_json::to_string(answer) {
        Ok(json) => (headers::data("application/json"), json).into_response(),
        Err(error) => Failure::new(Kind::Other, error.to_string()).into_response(),
    }
}

fn refuse_method(method: &Method, possible: &[Method]) -> Option<Response> {
    if possible.contains(method) {
        return None;
    }
    let possible = possible.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let failure = Failure::new(Kind::BadRequest, format!("{method} is not possible here, only {possible}"));
    let allow = HeaderValue::from_str(&possible).unwrap_or(HeaderValue::from_static("GET"));
    Some((StatusCode::METHOD_NOT_ALLOWED, HeaderMap::from_iter([(ALLOW, allow)]), failure).into_response())
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::BAD_GATEWAY);
        (status, headers::data("application/json"), self.json()).into_response()
    }
}
