//! Notes how each fetch ended: in the counters, and in the log when a target begins to fail, fails in another way, or
//! recovers; not each time.

use crate::failure::Failure;
use crate::metrics::Metrics;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;
use tracing::{debug, info};

/// How many failing targets are remembered; beyond it, all are forgotten and named again.
const MAX_TARGETS: usize = 1_000;

/// What a fetch is for; it has a route of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Metrics of a target, answered as a whole.
    Scrape,
    /// An answer of a server, handed on while it arrives.
    Fetch,
}

/// The targets that fail now, by host and path, and how. What follows the `?` of an address is never logged.
#[derive(Debug, Default)]
pub(super) struct Journal {
    failing: Mutex<BTreeMap<String, &'static str>>,
}

impl Journal {
    /// Notes how a fetch of this target ended.
    fn note(&self, target: &str, failure: Option<&Failure>) {
        debug!(target_url = target, outcome = failure.map_or("ok", |failure| failure.kind.label()), "fetched");
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Some(failure) => {
                if failing.len() >= MAX_TARGETS {
                    failing.clear();
                }
                let kind = failure.kind.label();
                if failing.insert(target.to_owned(), kind) != Some(kind) {
                    info!("{target} fails ({kind}): {failure}");
                }
            }
            None => {
                if failing.remove(target).is_some() {
                    info!("{target} answers again");
                }
            }
        }
    }
}

/// Sees a fetch to its end and notes it once, also when the page no longer waits for it.
#[derive(Debug)]
pub(crate) struct Watch {
    metrics: Metrics,
    journal: Arc<Journal>,
    purpose: Purpose,
    started: Instant,
    /// The address without its query; `None` until the request was understood.
    target: Option<String>,
    outcome: &'static str,
}

impl Watch {
    pub(super) fn begin(metrics: &Metrics, journal: &Arc<Journal>, purpose: Purpose) -> Self {
        metrics.scrapes_in_flight.inc();
        Watch {
            metrics: metrics.clone(),
            journal: Arc::clone(journal),
            purpose,
            started: Instant::now(),
            target: None,
            outcome: "cancelled",
        }
    }

    /// Names the target, so that the log tells of it.
    pub(super) fn target(&mut self, target: String) {
        self.target = Some(target);
    }

    /// Bytes that the target sent.
    pub(super) fn count_bytes(&self, n_bytes: usize) {
        self.metrics.fetched_bytes.inc_by(n_bytes as u64);
    }

    /// It ended, well or not.
    pub(super) fn end(&mut self, failure: Option<&Failure>) {
        self.outcome = failure.map_or("ok", |failure| failure.kind.label());
        if let Some(target) = &self.target {
            self.journal.note(target, failure);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.metrics.scrapes_in_flight.dec();
        self.metrics.count_fetch(self.purpose, self.outcome, self.started.elapsed());
    }
}
