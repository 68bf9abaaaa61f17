//! The configuration that runs: a `prometheus.yml` as a set of pools, each with what it discovers and the targets of it.

use crate::state::Worker;
use model::Timestamp;
use protocol::{ConfigNews, ConfigRequest, ConfigStatus, Event};

impl Worker {
    /// Does what the page asks about configurations.
    pub(crate) fn config_request(&mut self, _request: ConfigRequest, _now: Timestamp) {
        self.tell(Event::Config(ConfigNews::Status(Box::new(ConfigStatus::default()))));
    }
}
