//! The configuration that runs, as the worker told it: its status, what pools discovered, checks and exports.

use leptos::prelude::*;
use protocol::{ConfigNews, ConfigReport, ConfigStatus, ConfigText, PoolTargets};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files that were written from the targets of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// A `prometheus.yml`, without secrets.
    pub prometheus_yml: String,
    /// A Compose file.
    pub compose_yml: String,
    /// Places where a secret has to be filled in.
    pub n_secrets: u32,
}

/// What is known of the configuration; cheap to copy.
#[derive(Clone, Copy)]
pub struct Config {
    /// What runs, and how the last attempt to load went; `None` until the worker spoke of it.
    pub status: RwSignal<Option<Arc<ConfigStatus>>>,
    /// What the relay was started with, until it is loaded or declined.
    pub offered: RwSignal<Option<ConfigText>>,
    /// The newest check of a text with the number of its request.
    pub checked: RwSignal<Option<(u32, Arc<ConfigReport>)>>,
    /// The newest export with the number of its request.
    pub exported: RwSignal<Option<(u32, Arc<Exported>)>>,
    /// What pools discovered, by pool, as far as it was asked for.
    pub discovered: RwSignal<BTreeMap<String, Arc<PoolTargets>>>,
    last_id: StoredValue<u32>,
}

impl Config {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Config {
            status: RwSignal::new(None),
            offered: RwSignal::new(None),
            checked: RwSignal::new(None),
            exported: RwSignal::new(None),
            discovered: RwSignal::new(BTreeMap::new()),
            last_id: StoredValue::new(0),
        }
    }

    /// A number for the next check or export.
    #[must_use]
    pub fn next_id(&self) -> u32 {
        let id = self.last_id.get_value().wrapping_add(1);
        self.last_id.set_value(id);
        id
    }

    /// Takes in what the worker said.
    pub fn fold(&self, news: ConfigNews) {
        match news {
            ConfigNews::Status(status) => {
                let pools = status.loaded.as_ref().map(|loaded| &loaded.pools[..]).unwrap_or_default();
                if self.discovered.with_untracked(|all| all.keys().any(|pool| pools.iter().all(|p| p.pool != *pool))) {
                    self.discovered.update(|all| all.retain(|pool, _| pools.iter().any(|p| p.pool == *pool)));
                }
                self.status.set(Some(Arc::new(*status)));
            }
            ConfigNews::Offered(text) => self.offered.set(Some(text)),
            ConfigNews::Checked { id, report } => self.checked.set(Some((id, Arc::new(report)))),
            ConfigNews::Exported { id, prometheus_yml, compose_yml, n_secrets } => {
                self.exported.set(Some((id, Arc::new(Exported { prometheus_yml, compose_yml, n_secrets }))));
            }
            ConfigNews::Discovered(targets) => self.discovered.update(|all| {
                all.insert(targets.pool.clone(), Arc::new(targets));
            }),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{LoadedConfig, PoolStatus};

    #[test]
    fn what_a_pool_discovered_goes_with_it() {
        let owner = Owner::new();
        owner.set();
        let config = Config::new();
        let status = |pools: &[&str]| {
            let pools = pools.iter().map(|pool| PoolStatus { pool: (*pool).to_owned(), ..PoolStatus::default() });
            let loaded = Some(LoadedConfig { pools: pools.collect(), ..LoadedConfig::default() });
            ConfigNews::Status(Box::new(ConfigStatus { loaded, ..ConfigStatus::default() }))
        };
        config.fold(status(&["a", "b"]));
        for pool in ["a", "b"] {
            config.fold(ConfigNews::Discovered(PoolTargets { pool: pool.to_owned(), ..PoolTargets::default() }));
        }
        config.fold(status(&["b"]));
        assert_eq!(config.discovered.with_untracked(|all| all.keys().cloned().collect::<Vec<_>>()), ["b"]);
    }
}
