//! A whole text: `global`, `scrape_configs`, and what is left out.

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::read;
use crate::redact::redact;
use crate::scrape_config::{self, Limits, ScrapeConfig};
use crate::yaml::{self, Node, Place};
use model::Millis;

/// A configuration as Prometheus reads it, with its defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// What holds for all.
    pub global: Global,
    /// The pools, in the order of the text.
    pub scrape_configs: Vec<ScrapeConfig>,
}

/// What holds for all scrape configurations that say nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// Time between scrapes.
    pub scrape_interval: Millis,
    /// How long a scrape may take.
    pub scrape_timeout: Millis,
    /// Labels for other systems; they are on no series here.
    pub external_labels: Vec<(String, String)>,
    /// Protobuf is asked for first.
    pub native_histograms: bool,
    /// Bounds of a scrape.
    pub limits: Limits,
    /// At most so many targets a pool; 0 is no bound.
    pub target_limit: u64,
}

impl Default for Global {
    fn default() -> Self {
        Global {
            scrape_interval: Millis(60_000),
            scrape_timeout: Millis(10_000),
            external_labels: Vec::new(),
            native_histograms: false,
            limits: Limits::default(),
            target_limit: 0,
        }
    }
}

/// A text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// What could be read; whole if there is no error.
    pub config: Config,
    /// Remarks in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The text without its secrets.
    pub redacted: String,
}

impl Parsed {
    /// Whether Prometheus would take it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
    }

    /// The line of a remark, without secrets; empty if it has none.
    #[must_use]
    pub fn line(&self, at: Place) -> &str {
        self.redacted.lines().nth((at.line as usize).saturating_sub(1)).unwrap_or_default()
    }
}

impl Config {
    /// Takes secrets that have to be entered from the same job of a configuration in which they were.
    pub fn fill_secrets(&mut self, other: &Config) {
        for config in &mut self.scrape_configs {
            let Some(known) = other.scrape_configs.iter().find(|known| known.job_name == config.job_name) else {
                continue;
            };
            config.access.fill(&known.access);
            for (discovery, known) in config.discoveries.iter_mut().zip(&known.discoveries) {
                if let (crate::Discovery::Http(http), crate::Discovery::Http(known)) = (discovery, known)
                    && http.url == known.url
                {
                    http.access.fill(&known.access);
                }
            }
        }
    }
}

const KEYS: [&str; 12] = [
    "global",
    "runtime",
    "scrape_configs",
    "scrape_config_files",
    "rule_files",
    "alerting",
    "remote_write",
    "remote_read",
    "storage",
    "tracing",
    "otlp",
    "prometheus",
];

/// Reads a text. `has_files` says that files which it names can be read, as by the relay.
#[must_use]
pub fn parse(text: &str, has_files: bool) -> Parsed {
    let mut out = Diagnostics::default();
    let mut config = Config::default();
    match yaml::read(text) {
        Ok(root) => config = read_root(&root, has_files, &mut out),
        Err(error) => {
            let message = format!("This is no YAML: {}.", error.message);
            let hint = "Look at the indentation, colons and quotes of this line and the one before.".to_owned();
            out.put(Diagnostic { severity: Severity::Error, path: String::new(), at: error.at, message, hint });
        }
    }
    let mut diagnostics = out.list;
    model::sort::by_key(&mut diagnostics, |diagnostic| diagnostic.at);
    Parsed { config, diagnostics, redacted: redact(text) }
}

fn read_root(root: &Node, has_files: bool, out: &mut Diagnostics) -> Config {
    let mut config = Config::default();
    let Some(section) = read::section(root, "", out) else { return config };
    let find = |wanted: &str| section.entries().find(|(name, ..)| *name == wanted);
    if let Some((_, path, _, value)) = find("global") {
        config.global = global(value, &path, out);
    }
    for (name, path, key, value) in section.entries() {
        let why = match name {
            "global" => continue,
            "scrape_configs" => {
                for (path, item) in read::list(value, &path, out) {
                    let Some(scrape) = scrape_config::read(item, &path, &config.global, has_files, out) else {
                        continue;
                    };
                    let is_twice = config.scrape_configs.iter().any(|other| other.job_name == scrape.job_name);
                    if is_twice && !scrape.job_name.is_empty() {
                        let message =
                            format!("There are two scrape configurations with the job name `{}`.", scrape.job_name);
                        out.error(&read::child(&path, "job_name"), item.at, message, "Rename one of them.");
                    }
                    config.scrape_configs.push(scrape);
                }
                continue;
            }
            "scrape_config_files" => "write the scrape configurations of these files into this text",
            "rule_files" => "rules are not evaluated",
            "alerting" => "there is no Alertmanager to tell",
            "remote_write" => "samples stay in this browser",
            "remote_read" => "samples come from scrapes and files",
            "storage" => "how long samples are kept is a setting of the page",
            "tracing" | "runtime" => "it concerns the server itself",
            "otlp" => "nothing is received, only scraped",
            _ => {
                read::unknown(name, &path, key, &KEYS[..KEYS.len() - 1], out);
                continue;
            }
        };
        read::unsupported(name, &path, key, value, why, out);
    }
    config
}

fn global(node: &Node, path: &str, out: &mut Diagnostics) -> Global {
    const KNOWN: [&str; 21] = [
        "scrape_interval",
        "scrape_timeout",
        "evaluation_interval",
        "rule_query_offset",
        "external_labels",
        "query_log_file",
        "scrape_failure_log_file",
        "scrape_protocols",
        "scrape_native_histograms",
        "scrape_classic_histograms",
        "always_scrape_classic_histograms",
        "convert_classic_histograms_to_nhcb",
        "metric_name_validation_scheme",
        "metric_name_escaping_scheme",
        "extra_scrape_metrics",
        "sample_limit",
        "target_limit",
        "label_limit",
        "label_name_length_limit",
        "label_value_length_limit",
        "body_size_limit",
    ];
    let mut global = Global { scrape_interval: Millis::ZERO, scrape_timeout: Millis::ZERO, ..Global::default() };
    let default = Global::default();
    let mut timeout_at = node.at;
    if let Some(section) = read::section(node, path, out) {
        for (name, path, key, value) in section.entries() {
            if global.limits.take(name, &path, value, out) {
                continue;
            }
            match name {
                "scrape_interval" => global.scrape_interval = read::time(value, &path, out).unwrap_or_default(),
                "scrape_timeout" => {
                    timeout_at = value.at;
                    global.scrape_timeout = read::time(value, &path, out).unwrap_or_default();
                }
                // Rules are not evaluated: said where they stand.
                "evaluation_interval" | "rule_query_offset" => {
                    read::time(value, &path, out);
                }
                "external_labels" => global.external_labels = read::labels(value, &path, out),
                "target_limit" => global.target_limit = read::count(value, &path, out).unwrap_or_default(),
                "keep_dropped_targets" => {
                    read::count(value, &path, out);
                }
                "query_log_file" => read::unsupported(name, &path, key, value, "queries are not logged", out),
                _ if scrape_config::protocols(name, value, &path, &mut global.native_histograms, key, out) => {}
                _ => read::unknown(name, &path, key, &KNOWN, out),
            }
        }
    }
    if global.scrape_interval == Millis::ZERO {
        global.scrape_interval = default.scrape_interval;
    }
    if global.scrape_timeout > global.scrape_interval {
        let message = "The timeout of all scrapes is longer than their interval.";
        out.error(&read::child(path, "scrape_timeout"), timeout_at, message, "Shorten `scrape_timeout`.");
    }
    if global.scrape_timeout == Millis::ZERO {
        global.scrape_timeout = default.scrape_timeout.min(global.scrape_interval);
    }
    global
}
