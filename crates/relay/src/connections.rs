//! Accepts connections and serves them: how many, how long a silent one may stay, and how they end.
//!
//! What a client can hold is bounded on both ways: a header has to be there within [`HEADER_PATIENCE`], which also ends
//! idle connections, and an answer has to be taken without pauses longer than [`WRITE_PATIENCE`].

/// A stream whose reader may not pause for ever.
mod paced;

use crate::fetch::Open;
use crate::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use paced::Paced;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

/// How long a header may take to arrive, and how long a connection may be idle: longer than the usual interval of
/// scrapes, so that the page keeps its connections.
const HEADER_PATIENCE: Duration = Duration::from_secs(20);

/// How long a client may take nothing of an answer that is there for it.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of a request's header: a URL and forwarded headers of the greatest size fit.
const MAX_HEAD: usize = 64 << 10;

/// The most lines of a request's header.
const MAX_HEADERS: usize = 100;

/// How long to wait when the system has no more sockets to give.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// What a connection is held to.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// How many connections are served at a time; one more waits to be accepted.
    pub(crate) max_connections: usize,
    /// How long answers may take to end once the relay is to end.
    pub(crate) grace: Duration,
    pub(crate) header_patience: Duration,
    pub(crate) write_patience: Duration,
}

impl Limits {
    pub(crate) fn new(max_connections: usize, grace: Duration) -> Self {
        Limits { max_connections, grace, header_patience: HEADER_PATIENCE, write_patience: WRITE_PATIENCE }
    }
}

/// The two ends of the connection by which a request came; an extension of each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// Who asks, or the proxy through which somebody asks.
    pub(crate) peer: IpAddr,
    /// The address of this machine that was asked.
    pub(crate) local: IpAddr,
}

/// Serves until `end` is ready; then accepts no more, and lets what runs come to its end for a while.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    metrics: &Metrics,
    end: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(end);
    loop {
        tokio::select! {
            (stream, peer, slot) = accept(&listener, &slots) => {
                let open = Open::begin(&metrics.client_connections);
                let connection = graceful.watch(connection(stream, peer, &router, &limits));
                connections.spawn(async move {
                    let _held = (slot, open);
                    if let Err(error) = connection.await {
                        debug!("a connection of {peer} ended: {error}");
                    }
                });
            }
            // Takes what has ended out of the set.
            Some(_) = connections.join_next() => {}
            () = &mut end => break,
        }
    }
    drop(listener);
    let n_open = connections.len();
    if n_open > 0 {
        info!("ending; {n_open} connections have {} s to finish", limits.grace.as_secs_f64());
    }
    if tokio::time::timeout(limits.grace, graceful.shutdown()).await.is_err() {
        warn!("what was still running after {} s was broken off", limits.grace.as_secs_f64());
    }
    connections.shutdown().await;
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(slot) = Arc::clone(slots).acquire_owned().await else { std::future::pending().await };
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            // The other side left before it was accepted.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                warn!("no connection can be accepted: {error}");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
}

type Connection = hyper::server::conn::http1::Connection<TokioIo<Paced<TcpStream>>, Service>;
type Service = TowerToHyperService<Routes>;

fn connection(stream: TcpStream, peer: SocketAddr, router: &Router, limits: &Limits) -> Connection {
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().unwrap_or(peer).ip();
    let routes = Routes { router: router.clone(), ends: Ends { peer: peer.ip().to_canonical(), local } };
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_patience)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(Paced::new(stream, limits.write_patience)), TowerToHyperService::new(routes))
}

/// The routes for one connection.
#[derive(Clone, Debug)]
struct Routes {
    router: Router,
    ends: Ends,
}

impl tower_service::Service<hyper::Request<hyper::body::Incoming>> for Routes {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = axum::routing::future::RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        // Routes are always ready.
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: hyper::Request<hyper::body::Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.ends);
        self.router.call(request)
    }
}

#[cfg(test)]
mod tests;
