//! Flags of the servers that keep metrics.

use super::sh;
use crate::report::Snippet;

/// The pattern is anchored by Prometheus; dots are escaped, so that they mean dots.
pub(crate) fn prometheus_cors(page: &str) -> Snippet {
    sh(format!("prometheus --web.cors.origin='{}'", page.replace('.', "\\.")))
}

pub(crate) fn victoria_cors() -> Snippet {
    sh("victoria-metrics -http.disableCORS=false")
}
