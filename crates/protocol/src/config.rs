//! A `prometheus.yml` that runs in the tab: what the page asks of it, and what the worker says of it.
//!
//! One configuration is loaded at a time. The worker owns it: its pools, what each discovers, and the targets that come
//! of that, which stand among the others in [`crate::Event::Targets`] ([`crate::TargetStatus::pool`],
//! [`crate::TargetStatus::is_configured`]). The page keeps the text without its secrets
//! ([`LoadedConfig::text`]) and sends it again after a reload.

use crate::access::Secret;
use crate::event::Problem;
use crate::{TargetId, TargetSpec};
use serde::{Deserialize, Serialize};

/// Numbers of targets from here on, below those of uploads, are given by the worker to targets of a configuration.
pub const FIRST_CONFIGURED: u32 = 500_000_000;

/// What the page asks about configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConfigRequest {
    /// Runs this configuration from now on, in place of the one before. Targets that are in both go on; a text with
    /// errors changes nothing. Answered by [`ConfigNews::Status`].
    Load(ConfigText),
    /// Reads a text and says what it is, without running it: [`ConfigNews::Checked`].
    Check {
        /// Comes back with the answer.
        id: u32,
        /// The text; there may be passwords in it.
        text: Secret,
    },
    /// Fetches a text, directly or through the relay, and runs it as [`ConfigRequest::Load`] would.
    Fetch {
        /// Where it is: `http(s)://…/prometheus.yml`.
        url: String,
    },
    /// Fetches what the relay was started with, and loads or offers it: [`ConfigNews::Offered`], or nothing if there is
    /// none.
    AskRelay {
        /// Run it at once.
        load: bool,
    },
    /// Ends the configuration and its targets; what was stored stays.
    Remove,
    /// Discovers again now, all pools or one.
    Refresh {
        /// A `job_name`; `None`: all.
        pool: Option<String>,
    },
    /// A file that `file_sd_configs` name, dropped onto the page: its targets are used from now on.
    GiveFile {
        /// The file's name, without folders.
        name: String,
        /// JSON or YAML: a list of `targets` and `labels`.
        text: String,
    },
    /// Asks for what a pool discovered, with each step of relabelling: [`ConfigNews::Discovered`]. Answered once; ask
    /// again when [`PoolStatus::version`] changes.
    Discovered {
        /// The `job_name`.
        pool: String,
    },
    /// Writes the targets that are scraped now, of the configuration and added by hand: [`ConfigNews::Exported`].
    Export {
        /// Comes back with the answer.
        id: u32,
    },
}

/// A configuration and where it comes from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigText {
    /// YAML, as Prometheus reads it. It may hold secrets.
    pub text: String,
    /// Where it comes from.
    pub origin: ConfigOrigin,
    /// Files that its `file_sd_configs` name: their names, without folders, and texts.
    #[serde(default)]
    pub files: Vec<(String, String)>,
}

impl std::fmt::Debug for ConfigText {
    /// Without the text: there may be passwords in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ConfigText { text, origin, files } = self;
        write!(f, "ConfigText({origin:?}, {} bytes, {} files)", text.len(), files.len())
    }
}

/// Where a configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfigOrigin {
    /// It was pasted or typed.
    #[default]
    Pasted,
    /// A file of this name was dropped or opened.
    File(String),
    /// It was fetched from this URL, without secrets.
    Url(String),
    /// The relay was started with it: the relay adds its credentials itself.
    Relay,
}

/// What the worker says about configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConfigNews {
    /// What runs, and what became of the last attempt to load something; whenever one of them changed.
    Status(Box<ConfigStatus>),
    /// The answer to [`ConfigRequest::Check`].
    Checked {
        /// The number of the request.
        id: u32,
        /// What it is.
        report: ConfigReport,
    },
    /// The answer to [`ConfigRequest::AskRelay`], if the relay has a configuration that was not loaded at once.
    Offered(ConfigText),
    /// The answer to [`ConfigRequest::Discovered`].
    Discovered(PoolTargets),
    /// The answer to [`ConfigRequest::Export`].
    Exported {
        /// The number of the request.
        id: u32,
        /// A `prometheus.yml` with the targets of now, without secrets: `<secret>` stands where one is to be filled in.
        prometheus_yml: String,
        /// A Compose file that starts Prometheus with it, and the relay.
        compose_yml: String,
        /// Places where a secret has to be filled in.
        n_secrets: u32,
    },
}

/// What runs, and how the last attempt to load went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfigStatus {
    /// What runs; `None` if no configuration does.
    pub loaded: Option<LoadedConfig>,
    /// The last attempt that failed; what ran before goes on. `None` after one that worked.
    pub failed: Option<FailedConfig>,
    /// A configuration is being fetched from here.
    pub fetching: Option<String>,
    /// Attempts to load something that ended, well or not, since the worker began: news of one are those with a higher
    /// count than before it.
    pub n_attempts: u32,
}

/// A configuration that runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadedConfig {
    /// Where it comes from.
    pub origin: ConfigOrigin,
    /// Its text with `<secret>` in place of every secret: what may be shown and stored.
    pub text: String,
    /// The files of `file_sd_configs` that were given, by name.
    pub files: Vec<(String, String)>,
    /// What it is.
    pub report: ConfigReport,
    /// Its pools, in the order of the text.
    pub pools: Vec<PoolStatus>,
    /// Targets that are scraped.
    pub n_targets: u32,
    /// Targets for which there was no room: see [`PoolStatus::n_left_out`].
    pub n_left_out: u32,
    /// Since when it runs, ms since the epoch.
    pub loaded_ms: i64,
}

/// An attempt to load that failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FailedConfig {
    /// Where it came from.
    pub origin: ConfigOrigin,
    /// What is wrong with the text; empty if there is none.
    pub report: ConfigReport,
    /// Why there is no text.
    pub problem: Option<Problem>,
    /// The text without its secrets, to be mended; empty if there is none.
    pub text: String,
}

/// What a text is, as `promtool check config` would say, and what of it does not run here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigReport {
    /// Prometheus would refuse it for these; nothing of it runs.
    pub errors: Vec<ConfigNote>,
    /// Parts that Prometheus knows and Promenade does not do; all else runs.
    pub unsupported: Vec<ConfigNote>,
    /// Worth knowing: what is done differently, what is accepted without effect.
    pub notices: Vec<ConfigNote>,
    /// Secrets that are missing (`<secret>`): they have to be entered again.
    pub missing_secrets: Vec<ConfigNote>,
    /// Scrape configurations.
    pub n_jobs: u32,
    /// Targets that the text itself names.
    pub n_static_targets: u32,
}

/// A remark on a place of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigNote {
    /// Where by name: `scrape_configs[2].kubernetes_sd_configs`; empty for the text as a whole.
    pub path: String,
    /// What there is to know.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
    /// Line and column, from 1.
    pub at: Option<(u32, u32)>,
    /// The line itself, shortened, with secrets hidden; may be empty.
    pub line: String,
}

/// A scrape configuration that runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolStatus {
    /// Its `job_name`.
    pub pool: String,
    /// Targets that were discovered.
    pub n_discovered: u32,
    /// Targets of these that are scraped.
    pub n_targets: u32,
    /// Targets that relabelling dropped.
    pub n_dropped: u32,
    /// Targets that there was no room for.
    pub n_left_out: u32,
    /// Targets that cannot be scraped: they have no address, or one that is none.
    pub n_invalid: u32,
    /// Where targets come from.
    pub discoveries: Vec<DiscoveryStatus>,
    /// Why the pool has no targets at all, such as a `target_limit` that is passed.
    pub problem: Option<Problem>,
    /// Counts changes of what was discovered: then [`ConfigRequest::Discovered`] is worth asking again.
    pub version: u32,
}

/// One place where a pool looks for targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiscoveryStatus {
    /// Its path in the text: `scrape_configs[0].dns_sd_configs[1]`.
    pub path: String,
    /// `static`, `dns`, `http` or `file`.
    pub kind: String,
    /// What is asked: a name with its type, a URL, file names; empty for `static`.
    pub what: String,
    /// Targets that it gave last.
    pub n_targets: u32,
    /// When it answered last, ms since the epoch.
    pub last_ms: Option<i64>,
    /// When it is asked again.
    pub next_ms: Option<i64>,
    /// Why its last answer is no good; its targets of before stay.
    pub problem: Option<Problem>,
}

/// What a pool discovered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolTargets {
    /// The `job_name`.
    pub pool: String,
    /// [`PoolStatus::version`] at this moment.
    pub version: u32,
    /// The `relabel_configs`, each as it would stand in a file, without the leading dash; steps point here.
    pub rules: Vec<String>,
    /// Each target that was discovered, in the order of discovery.
    pub targets: Vec<DiscoveredTarget>,
    /// There were more than are sent: so many in all.
    pub n_targets: u32,
}

/// A target as it was discovered, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveredTarget {
    /// Its labels before relabelling, sorted by name: `__address__`, `__meta_…` and what the pool adds.
    pub discovered: Vec<(String, String)>,
    /// Its labels as they are stored, sorted by name; empty if it is dropped.
    pub labels: Vec<(String, String)>,
    /// What became of it.
    pub fate: Fate,
    /// What each rule did, in order, up to the one that dropped it.
    pub steps: Vec<RelabelStep>,
}

/// What became of a discovered target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It is scraped, as this target.
    Scraped(TargetId),
    /// This rule of the pool dropped it, by its index in [`PoolTargets::rules`].
    Dropped(u32),
    /// It has the labels and the URL of another one, which is scraped.
    Duplicate,
    /// There was no room: the tab scrapes no more targets.
    LeftOut,
    /// It cannot be scraped: a sentence says why.
    Invalid(String),
}

impl Default for Fate {
    fn default() -> Self {
        Fate::Invalid(String::new())
    }
}

/// What one rule did to the labels of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelabelStep {
    /// Which rule, by its index in [`PoolTargets::rules`].
    pub rule_idx: u32,
    /// Labels that it set, with their old values (`None`: they were not there) and new ones (`None`: they were removed).
    pub changes: Vec<LabelChange>,
    /// It dropped the target.
    pub is_dropped: bool,
}

/// A label that a rule set, changed or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelChange {
    /// Its name.
    pub name: String,
    /// Its value before.
    pub old: Option<String>,
    /// Its value after.
    pub new: Option<String>,
}

impl PoolTargets {
    /// The labels of a target as they were after its first `n_steps` rules, sorted by name.
    #[must_use]
    pub fn labels_after(target: &DiscoveredTarget, n_steps: usize) -> Vec<(String, String)> {
        let mut labels = target.discovered.clone();
        for change in target.steps.iter().take(n_steps).flat_map(|step| &step.changes) {
            labels.retain(|(name, _)| *name != change.name);
            if let Some(new) = &change.new {
                let at = labels.partition_point(|(name, _)| *name < change.name);
                labels.insert(at, (change.name.clone(), new.clone()));
            }
        }
        labels
    }
}

impl TargetSpec {
    /// Whether a number is that of a target that a configuration gave.
    #[must_use]
    pub fn is_configured(id: TargetId) -> bool {
        (FIRST_CONFIGURED..2 * FIRST_CONFIGURED).contains(&id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_followed_through_the_rules() {
        let change = |name: &str, old: Option<&str>, new: Option<&str>| LabelChange {
            name: name.to_owned(),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        };
        let step = |rule_idx, changes| RelabelStep { rule_idx, changes, is_dropped: false };
        let target = DiscoveredTarget {
            discovered: vec![("__address__".to_owned(), "a:1".to_owned())],
            steps: vec![
                step(0, vec![change("b", None, Some("2"))]),
                step(1, vec![change("__address__", Some("a:1"), None), change("a", None, Some("1"))]),
            ],
            ..DiscoveredTarget::default()
        };
        let names = |n| PoolTargets::labels_after(&target, n).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(0), ["__address__"]);
        assert_eq!(names(1), ["__address__", "b"]);
        assert_eq!(names(9), ["a", "b"]);
    }

    #[test]
    fn a_configuration_is_not_printed_with_its_passwords() {
        let text = "password: hunter2".to_owned();
        let config = ConfigText { text, origin: ConfigOrigin::Pasted, files: Vec::new() };
        assert_eq!(format!("{config:?}"), "ConfigText(Pasted, 17 bytes, 0 files)");
    }
}
