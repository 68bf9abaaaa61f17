//! Writes a line to the log when a target begins to fail, fails in another way, or recovers; not at each scrape.

use super::{Failure, shown};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tracing::{debug, info};
use url::Url;

/// How many failing targets are remembered; beyond it, all are forgotten and named again.
const MAX_TARGETS: usize = 1_000;

/// The targets that fail now, by host and path, and how. What follows the `?` of an address is never logged.
#[derive(Debug, Default)]
pub(super) struct Journal {
    failing: Mutex<BTreeMap<String, &'static str>>,
}

impl Journal {
    /// Notes how a scrape ended.
    pub(super) fn note(&self, url: &Url, failure: Option<&Failure>) {
        let target = shown(url);
        debug!("{target}: {}", failure.map_or("ok", |failure| failure.kind.label()));
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Some(failure) => {
                if failing.len() >= MAX_TARGETS {
                    failing.clear();
                }
                let kind = failure.kind.label();
                if failing.insert(target.clone(), kind) != Some(kind) {
                    info!("{target} fails ({kind}): {failure}");
                }
            }
            None => {
                if failing.remove(&target).is_some() {
                    info!("{target} answers again");
                }
            }
        }
    }
}
