//! The configuration that runs: a `prometheus.yml` as a set of pools, each with what it discovers and the targets of it.
//!
//! The worker owns it. A text is read ([`report`]), its pools look for targets ([`errand`] says what is to be asked, the
//! driver asks), what they find is relabelled and becomes targets ([`pool`]). As with Prometheus' own reload, a text with
//! errors changes nothing, and a target that is the same before and after goes on as it is.
//!
//! Secrets stay here: what the page is told has `<secret>` in their place, and a text that comes back with that takes them
//! from the configuration before.

pub(crate) mod errand;
mod export;
mod pool;
mod report;

use crate::limits::{MAX_GIVEN_FILES, MAX_TARGETS};
use crate::state::Worker;
use crate::target::Target;
use config::{Config, MAX_BYTES};
use model::{Millis, Timestamp};
use pool::Pool;
use protocol::{
    ConfigNews, ConfigOrigin, ConfigReport, ConfigRequest, ConfigStatus, ConfigText, Event, FIRST_CONFIGURED,
    FailedConfig, LoadedConfig, Problem, TargetId,
};
use std::collections::BTreeMap;

/// What the worker knows of configurations.
#[derive(Debug, Default)]
pub(crate) struct Configs {
    loaded: Option<Loaded>,
    failed: Option<FailedConfig>,
    /// What is being fetched from where.
    fetching: Option<String>,
    /// Where secrets come from that a text leaves out: the configuration that was loaded last, also while another tab runs it.
    known: Config,
    /// What this tab would load as the owner of the store.
    pub(crate) wanted: Option<ConfigText>,
    next_target: u32,
    /// Attempts to load something that ended.
    n_attempts: u32,
    pub(crate) errands: errand::Errands,
    /// What the page was told last.
    told: Option<ConfigStatus>,
}

/// A configuration that runs.
#[derive(Debug)]
struct Loaded {
    origin: ConfigOrigin,
    /// Without secrets.
    redacted: String,
    files: BTreeMap<String, String>,
    report: ConfigReport,
    pools: Vec<Pool>,
    at: Timestamp,
}

impl Configs {
    /// When something has to be asked again.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        if self.errands.is_full() {
            return None;
        }
        let pools = self.loaded.iter().flat_map(|loaded| &loaded.pools);
        pools.filter_map(Pool::next_wake).chain(self.errands.next_wake()).min()
    }

    /// The pool of a target.
    fn pool(&self, name: &str) -> Option<&Pool> {
        self.loaded.as_ref()?.pools.iter().find(|pool| pool.config.job_name == name)
    }

    /// Whether there was no room for something.
    pub(crate) fn has_left_out(&self) -> bool {
        self.loaded.iter().flat_map(|loaded| &loaded.pools).any(Pool::has_left_out)
    }

    fn status(&self) -> ConfigStatus {
        let loaded = self.loaded.as_ref().map(|loaded| {
            let pools: Vec<_> = loaded.pools.iter().map(Pool::status).collect();
            LoadedConfig {
                origin: loaded.origin.clone(),
                text: loaded.redacted.clone(),
                files: loaded.files.iter().map(|(name, text)| (name.clone(), text.clone())).collect(),
                report: loaded.report.clone(),
                n_targets: pools.iter().map(|pool| pool.n_targets).sum(),
                n_left_out: pools.iter().map(|pool| pool.n_left_out).sum(),
                pools,
                loaded_ms: loaded.at.0,
            }
        });
        let (failed, fetching) = (self.failed.clone(), self.fetching.clone());
        ConfigStatus { loaded, failed, fetching, n_attempts: self.n_attempts }
    }
}

impl Worker {
    /// Does what the page asks about configurations.
    pub(crate) fn config_request(&mut self, request: ConfigRequest, now: Timestamp) {
        match request {
            ConfigRequest::Load(text) => self.load_config(text, now),
            ConfigRequest::Check { id, text } => {
                let report = report::of(&config::parse(&text.0, false));
                self.tell(Event::Config(ConfigNews::Checked { id, report }));
            }
            ConfigRequest::Fetch { url } => self.fetch_config(&url),
            ConfigRequest::AskRelay { load } => {
                let has_relay = self.has_relay();
                self.configs.errands.ask_relay_config(load, has_relay);
            }
            ConfigRequest::Remove => {
                self.configs.loaded = None;
                self.configs.failed = None;
                self.configs.wanted = None;
                self.configs.errands.forget_pools();
                self.sync_targets(now);
            }
            ConfigRequest::Refresh { pool } => {
                for one in self.configs.loaded.iter_mut().flat_map(|loaded| &mut loaded.pools) {
                    if pool.as_ref().is_none_or(|name| *name == one.config.job_name) {
                        one.refresh_now();
                    }
                }
            }
            ConfigRequest::GiveFile { name, text } => self.give_file(name, text, now),
            ConfigRequest::Discovered { pool } => {
                let targets = self.configs.pool(&pool).map(Pool::discovered).unwrap_or_default();
                self.tell(Event::Config(ConfigNews::Discovered(targets)));
            }
            ConfigRequest::Export { id } => self.export_config(id),
        }
        self.tell_config();
    }

    /// Runs a text in place of the one before, if it is good.
    pub(crate) fn load_config(&mut self, text: ConfigText, now: Timestamp) {
        self.configs.fetching = None;
        self.configs.n_attempts += 1;
        let is_of_relay = text.origin == ConfigOrigin::Relay;
        let mut parsed = config::parse(&text.text, is_of_relay);
        if !parsed.is_good() {
            let redacted = std::mem::take(&mut parsed.redacted);
            let report = report::with_lines(&parsed, &redacted);
            self.configs.failed = Some(FailedConfig { origin: text.origin, report, problem: None, text: redacted });
            return;
        }
        self.configs.failed = None;
        parsed.config.fill_secrets(&self.configs.known);
        self.configs.known.clone_from(&parsed.config);
        let report = report::of_loaded(&parsed, is_of_relay);
        let old = self.configs.loaded.take();
        let mut files: BTreeMap<String, String> = text.files.iter().cloned().collect();
        let mut old_pools = Vec::new();
        if let Some(old) = old {
            for (name, text) in old.files {
                files.entry(name).or_insert(text);
            }
            old_pools = old.pools;
        }
        let mut pools = Vec::new();
        for config in parsed.config.scrape_configs {
            let same = old_pools.iter().position(|pool| pool.config.job_name == config.job_name);
            let same = same.map(|idx| old_pools.swap_remove(idx));
            pools.push(Pool::new(pools.len(), config, same, is_of_relay, &files));
        }
        files.retain(|name, _| pools.iter().any(|pool| pool.names_file(name)));
        self.configs.errands.forget_pools();
        self.configs.loaded =
            Some(Loaded { origin: text.origin.clone(), redacted: parsed.redacted, files, report, pools, at: now });
        self.configs.wanted = Some(text);
        self.sync_targets(now);
    }

    /// A file that `file_sd_configs` name.
    fn give_file(&mut self, name: String, text: String, now: Timestamp) {
        self.configs.n_attempts += 1;
        let named = self.configs.loaded.as_ref().is_some_and(|l| l.pools.iter().any(|pool| pool.names_file(&name)));
        let fails = |message: String, hint: &str| {
            let problem = Problem { message, hint: hint.to_owned(), ..Problem::default() };
            Some(FailedConfig {
                problem: Some(problem),
                origin: ConfigOrigin::File(name.clone()),
                ..Default::default()
            })
        };
        let n_bytes: usize = self.configs.loaded.iter().flat_map(|l| l.files.values()).map(String::len).sum();
        self.configs.failed = if !named {
            fails(format!("No file_sd_configs of the configuration name {name}."), "Load the configuration first.")
        } else if n_bytes + text.len() > MAX_GIVEN_FILES {
            fails(format!("{name} is too large."), "Files of targets have 4 MiB together.")
        } else if let Err(error) = config::file_sd::parse(&text) {
            fails(format!("{name} holds no targets. {error}"), "Mend the file and drop it again.")
        } else {
            None
        };
        if self.configs.failed.is_some() {
            return;
        }
        if let Some(loaded) = &mut self.configs.loaded {
            loaded.pools.iter_mut().for_each(|pool| pool.give_file(&name, &text, now));
            if let Some(wanted) = &mut self.configs.wanted {
                wanted.files.retain(|(known, _)| *known != name);
                wanted.files.push((name.clone(), text.clone()));
            }
            loaded.files.insert(name, text);
        }
        self.sync_targets(now);
    }

    fn fetch_config(&mut self, url: &str) {
        let (shown, _) = config::redact_url(url);
        self.configs.fetching = Some(shown.clone());
        if let Err(error) = self.configs.errands.fetch_config(url) {
            self.config_failed(ConfigOrigin::Url(shown), crate::problem::of_endpoint(&error, url));
        }
    }

    /// There is no text.
    pub(crate) fn config_failed(&mut self, origin: ConfigOrigin, problem: Problem) {
        self.configs.fetching = None;
        self.configs.n_attempts += 1;
        self.configs.failed = Some(FailedConfig { origin, problem: Some(problem), ..FailedConfig::default() });
    }

    /// Makes the targets what the pools say: what is new begins, what is gone ends, what is the same goes on.
    pub(crate) fn sync_targets(&mut self, now: Timestamp) {
        let own = self.targets.iter().filter(|target| !target.status.is_configured).count();
        let mut room = MAX_TARGETS.saturating_sub(own);
        let mut old: Vec<Target> = Vec::new();
        let mut kept: Vec<Target> = Vec::new();
        for target in std::mem::take(&mut self.targets) {
            if target.status.is_configured { old.push(target) } else { kept.push(target) }
        }
        let Configs { loaded, next_target, .. } = &mut self.configs;
        let mut free = std::mem::take(next_target);
        for pool in loaded.iter_mut().flat_map(|loaded| &mut loaded.pools) {
            let is_of_relay = pool.is_of_relay;
            pool.settle(&mut room, &mut |target, config| {
                let is_it = |old: &Target| old.is_same_pool_target(&config.job_name, target);
                if let Some(idx) = old.iter().position(is_it) {
                    let mut same = old.remove(idx);
                    same.take_config(config, target, is_of_relay, now);
                    let id = same.id;
                    kept.push(same);
                    return id;
                }
                let is_taken = |id: u32, kept: &[Target], old: &[Target]| {
                    kept.iter().chain(old).any(|target| target.id == TargetId(id))
                };
                let mut id = FIRST_CONFIGURED + free % FIRST_CONFIGURED;
                while is_taken(id, &kept, &old) {
                    free = free.wrapping_add(1);
                    id = FIRST_CONFIGURED + free % FIRST_CONFIGURED;
                }
                free = free.wrapping_add(1);
                kept.push(Target::configured(TargetId(id), config, target, is_of_relay, now));
                TargetId(id)
            });
        }
        *next_target = free;
        for mut target in old {
            target.scrape_loop.end(&mut self.head, now);
        }
        self.targets = kept;
        self.untold();
        self.tell_targets();
        self.tell_config();
    }

    /// Tells the page of the configuration, if something of that changed.
    pub(crate) fn tell_config(&mut self) {
        // Several changes of one turn are told once.
        let status = self.configs.status();
        if self.configs.told.as_ref() != Some(&status) {
            self.configs.told = Some(status.clone());
            self.retell_config();
        }
    }

    /// Tells it again: somebody may not have heard it.
    pub(crate) fn retell_config(&mut self) {
        self.forget_events(|event| matches!(event, Event::Config(ConfigNews::Status(_))));
        let status = Box::new(self.configs.status());
        self.tell(Event::Config(ConfigNews::Status(status)));
    }

    /// The other tab's configuration, for when this one becomes the owner.
    pub(crate) fn owner_runs_config(&mut self, status: &ConfigStatus) {
        let runs = status.loaded.as_ref();
        let same = |wanted: &ConfigText| runs.is_some_and(|runs| config::redact(&wanted.text) == runs.text);
        if !self.configs.wanted.as_ref().is_some_and(same) {
            self.configs.wanted = runs.map(|runs| ConfigText {
                text: runs.text.clone(),
                origin: runs.origin.clone(),
                files: runs.files.clone(),
            });
        }
    }

    /// The targets of the configuration go: another tab runs it from now on.
    pub(crate) fn let_go_of_config(&mut self) {
        self.configs.loaded = None;
        self.configs.errands.forget_pools();
    }

    /// What comes when a relay is found: pools that need it look again.
    pub(crate) fn relay_came(&mut self) {
        self.configs.errands.relay_came();
        for pool in self.configs.loaded.iter_mut().flat_map(|loaded| &mut loaded.pools) {
            pool.relay_came();
        }
    }
}

/// A text longer than is read is not worth a fetch either.
pub(crate) const MAX_CONFIG_BYTES: usize = MAX_BYTES;

/// How often a discovery may be asked at most: a name server has others to answer.
pub(crate) const MIN_REFRESH: Millis = Millis(1_000);
