//! The connection of one fetch: what drives it, and that it ends with the fetch.

use crate::failure::Failure;
use hyper::body::Incoming;
use prometheus_client::metrics::gauge::Gauge;
use std::error::Error;
use tokio::task::JoinHandle;

/// An answer whose header is there, and the task that reads on.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: hyper::Response<Incoming>,
    pub(super) driver: Driver,
}

/// Ends the connection with the fetch, also when the page no longer waits for it.
#[derive(Debug)]
pub(super) struct Driver(JoinHandle<Result<(), hyper::Error>>);

impl Driver {
    /// Drives a connection; `n_open` counts it until it is closed.
    pub(super) fn start(
        connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static,
        n_open: &Gauge,
    ) -> Driver {
        let open = Open::begin(n_open);
        Driver(tokio::spawn(async move {
            let _open = open;
            connection.await
        }))
    }

    /// Why the connection ended before it was asked anything: that is either its own end or within `error`.
    pub(super) async fn failure(&mut self, error: &hyper::Error, place: &str) -> Failure {
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

/// Counts what is open for as long as it lives.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Open {
    pub(crate) fn begin(gauge: &Gauge) -> Open {
        gauge.inc();
        Open(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
