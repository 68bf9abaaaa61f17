//! Binds, serves and ends; knows the routes, and what every answer carries.

use crate::args::{Config, ListenAddress};
use crate::files::Files;
use crate::guard::Guard;
use crate::headers;
use crate::metrics::Metrics;
use crate::policy::Policy;
use crate::scrape::{self, Failure, Kind, Own, Scraper, ScraperConfig};
use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::serve::IncomingStream;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::{info, warn};
use url::Host;

/// What answers that are being written get when the relay ends: they are small, and a browser asks again.
const GRACE: Duration = Duration::from_millis(300);

/// A relay that listens; [`Relay::run`] serves.
#[derive(Debug)]
pub struct Relay {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
}

/// Why a relay cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Threads or timers cannot be had.
    #[error("the runtime could not be started: {0}")]
    Runtime(#[source] std::io::Error),
    /// Something else listens there.
    #[error("{0} is in use by another program: end it, or choose another port with `--listen`")]
    PortInUse(ListenAddress),
    /// The address is not one of this machine, or the port is reserved.
    #[error("listening on {0} is not possible: {1}")]
    Listen(ListenAddress, #[source] std::io::Error),
    /// A file of `--ca` has no certificate in it.
    #[error("no certificate could be read from {}: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system took the socket away.
    #[error("serving ended: {0}")]
    Serve(#[source] std::io::Error),
}

/// What all requests share.
#[derive(Debug)]
struct App {
    guard: Guard,
    files: Files,
    scraper: Scraper,
    metrics: Metrics,
    max_body: usize,
}

impl Relay {
    /// Listens, so that [`Relay::local_addr`] is known; nothing is answered before [`Relay::run`].
    pub async fn bind(config: Config) -> Result<Relay, StartError> {
        let listener = listen(&config.listen).await?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(config.listen.clone(), error))?;
        let metrics = Metrics::new();
        let scraper = Scraper::new(ScraperConfig {
            policy: Policy::new(config.allow),
            own: Own { address, origins: config.page_origins.iter().map(|origin| origin.text.clone()).collect() },
            max_body: config.max_body,
            max_scrapes: config.max_scrapes,
            authorities: scrape::read_authorities(&config.ca)?,
            metrics: metrics.clone(),
        });
        let guard = Guard::new(&config.listen, &config.page_origins);
        let files = Files::new(config.dist);
        Ok(Relay {
            listener,
            address,
            app: Arc::new(App { guard, files, scraper, metrics, max_body: config.max_body }),
        })
    }

    /// The address that was bound; with port 0, the one that the system chose.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `end` is ready, then ends at once: answers that are being written get a moment, scrapes do not.
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), StartError> {
        self.announce();
        let router = Router::new()
            .route("/relay/info", any(answer_info))
            .route("/relay/scrape", any(answer_scrape))
            .route("/metrics", any(answer_metrics))
            .fallback(answer_page)
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&self.app), finish))
            .with_state(self.app);
        let (ender, mut ended) = watch::channel(false);
        let server = axum::serve(self.listener, router.into_make_service_with_connect_info::<LocalAddress>())
            .with_graceful_shutdown(async move {
                let _ = ended.wait_for(|is_over| *is_over).await;
            });
        let last_moment = async {
            end.await;
            let _ = ender.send(true);
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            outcome = server => outcome.map_err(StartError::Serve),
            () = last_moment => Ok(()),
        }
    }

    fn announce(&self) {
        info!("Promenade is at http://{}/", self.address);
        if !self.address.ip().is_loopback() {
            warn!(
                "{} is not an address of this machine alone: whoever reaches it can have this machine fetch any address \
                 that it reaches. Use 127.0.0.1, or say with --allow what may be fetched.",
                self.address
            );
        }
        if let Some(advice) = self.app.files.advice() {
            info!("{advice}");
        }
    }
}

async fn listen(address: &ListenAddress) -> Result<TcpListener, StartError> {
    let ips: Vec<IpAddr> = match &address.host {
        Host::Ipv4(ip) => vec![IpAddr::V4(*ip)],
        Host::Ipv6(ip) => vec![IpAddr::V6(*ip)],
        Host::Domain(name) if name == "localhost" => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        Host::Domain(name) => tokio::net::lookup_host((name.as_str(), 0))
            .await
            .map_err(|error| StartError::Listen(address.clone(), error))?
            .map(|found| found.ip())
            .collect(),
    };
    let sockets: Vec<SocketAddr> = ips.into_iter().map(|ip| SocketAddr::new(ip, address.port)).collect();
    TcpListener::bind(sockets.as_slice()).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse(address.clone()),
        _ => StartError::Listen(address.clone(), error),
    })
}

/// The address of this machine at which a connection came in.
#[derive(Clone, Copy, Debug)]
struct LocalAddress(IpAddr);

impl Connected<IncomingStream<'_, TcpListener>> for LocalAddress {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        LocalAddress(stream.io().local_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip()))
    }
}

/// The route of an answer, as it is counted: one of a fixed few.
#[derive(Clone, Copy, Debug)]
struct Route(&'static str);

/// Checks the name by which the relay was called, and sets and counts what every answer has.
async fn finish(
    State(app): State<Arc<App>>,
    ConnectInfo(LocalAddress(local)): ConnectInfo<LocalAddress>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let route = route_of(request.uri().path());
    let mut response = match app.guard.check_host(request.headers(), local) {
        Ok(()) => next.run(request).await,
        Err(reason) => Failure::new(Kind::Forbidden, reason).into_response(),
    };
    headers::harden(response.headers_mut());
    let route = response.extensions().get::<Route>().map_or(route, |Route(route)| route);
    app.metrics.count_request(route, response.status().as_u16(), started.elapsed());
    response
}

fn route_of(path: &str) -> &'static str {
    match path {
        "/relay/info" => "/relay/info",
        "/relay/scrape" => "/relay/scrape",
        "/metrics" => "/metrics",
        "/" => "/",
        _ => "/{file}",
    }
}

#[derive(serde::Serialize)]
struct Info {
    name: &'static str,
    version: &'static str,
    max_body_bytes: usize,
}

async fn answer_info(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), true) {
        return refusal;
    }
    if let Err(reason) = app.guard.check_page(request.headers(), true) {
        return Failure::new(Kind::Forbidden, reason).into_response();
    }
    let info = Info { name: "promenade-relay", version: env!("CARGO_PKG_VERSION"), max_body_bytes: app.max_body };
    match serde_json::to_string(&info) {
        Ok(json) => (headers::data("application/json"), json).into_response(),
        Err(error) => Failure::new(Kind::Other, error.to_string()).into_response(),
    }
}

async fn answer_scrape(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), false) {
        return refusal;
    }
    let headers = request.headers();
    if let Err(reason) = app.guard.check_page(headers, false).and_then(|()| Guard::check_mark(headers)) {
        warn!("a scrape was refused: {reason}");
        return Failure::new(Kind::Forbidden, reason).into_response();
    }
    app.scraper.answer(request.uri().query().unwrap_or_default(), headers).await
}

async fn answer_metrics(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), true) {
        return refusal;
    }
    match app.metrics.text(request.headers()) {
        Ok((content_type, text)) => (headers::data(content_type), text).into_response(),
        Err(error) => Failure::new(Kind::Other, error.to_string()).into_response(),
    }
}

async fn answer_page(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(refusal) = refuse_method(request.method(), true) {
        return refusal;
    }
    let path = request.uri().path();
    if path == "/relay" || path.starts_with("/relay/") {
        let message = format!("the relay has no {path}, only /relay/scrape and /relay/info");
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

/// Only reading is possible; where `is_head_fine`, without the body too.
fn refuse_method(method: &Method, is_head_fine: bool) -> Option<Response> {
    if method == Method::GET || (is_head_fine && method == Method::HEAD) {
        return None;
    }
    let message = format!("{method} is not possible here, only GET");
    let mut headers = HeaderMap::new();
    headers.insert(ALLOW, HeaderValue::from_static(if is_head_fine { "GET, HEAD" } else { "GET" }));
    let failure = Failure::new(Kind::BadRequest, message);
    Some((StatusCode::METHOD_NOT_ALLOWED, headers, failure).into_response())
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::BAD_GATEWAY);
        (status, headers::data("application/json"), self.json()).into_response()
    }
}
