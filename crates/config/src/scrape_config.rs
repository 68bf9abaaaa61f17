//! One item of `scrape_configs`: what it may say, its defaults, and what Prometheus refuses of it.

use crate::access::{self, Access};
use crate::diagnostic::{Diagnostics, Severity};
use crate::discovery::{self, Discovery};
use crate::parse::Global;
use crate::read;
use crate::relabel::{self, Action, Rule};
use crate::yaml::{Node, Place};
use model::Millis;

/// A scrape configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeConfig {
    /// The name of the pool, and the `job` label of its targets unless relabelling changes it.
    pub job_name: String,
    /// Time between scrapes.
    pub scrape_interval: Millis,
    /// How long a scrape may take; never longer than the interval.
    pub scrape_timeout: Millis,
    /// The path of the URL.
    pub metrics_path: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Parameters of the URL, in the order of the text.
    pub params: Vec<(String, Vec<String>)>,
    /// Exposed labels win over those of the target.
    pub honor_labels: bool,
    /// Exposed times are used.
    pub honor_timestamps: bool,
    /// Staleness markers also for series with times of their own.
    pub track_timestamps_staleness: bool,
    /// Protobuf is asked for first.
    pub native_histograms: bool,
    /// Bounds of a scrape.
    pub limits: Limits,
    /// At most so many targets, or none is scraped; 0 is no bound.
    pub target_limit: u64,
    /// Credentials and headers.
    pub access: Access,
    /// Where targets come from, in the order of the text.
    pub discoveries: Vec<Discovery>,
    /// Rules for targets.
    pub relabel_configs: Vec<Rule>,
    /// Rules for samples.
    pub metric_relabel_configs: Vec<Rule>,
    /// Where it stands.
    pub at: Place,
}

/// Bounds of a scrape that fail the whole of it; 0 is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Samples after relabelling.
    pub sample_limit: u64,
    /// Labels of a sample, its name and those of the target among them.
    pub label_limit: u64,
    /// Bytes of a label's name.
    pub label_name_length_limit: u64,
    /// Bytes of a label's value.
    pub label_value_length_limit: u64,
    /// Bytes of a body, uncompressed.
    pub body_size_limit: u64,
}

impl Limits {
    /// Takes a setting if it is one of these; the answer is whether it is.
    pub(crate) fn take(&mut self, name: &str, path: &str, value: &Node, out: &mut Diagnostics) -> bool {
        let place = match name {
            "sample_limit" => &mut self.sample_limit,
            "label_limit" => &mut self.label_limit,
            "label_name_length_limit" => &mut self.label_name_length_limit,
            "label_value_length_limit" => &mut self.label_value_length_limit,
            "body_size_limit" => {
                self.body_size_limit = read::bytes(value, path, out).unwrap_or(self.body_size_limit);
                return true;
            }
            _ => return false,
        };
        *place = read::count(value, path, out).unwrap_or(*place);
        true
    }
}

const KEYS: [&str; 36] = [
    "job_name",
    "scrape_interval",
    "scrape_timeout",
    "metrics_path",
    "scheme",
    "params",
    "honor_labels",
    "honor_timestamps",
    "track_timestamps_staleness",
    "sample_limit",
    "target_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
    "body_size_limit",
    "keep_dropped_targets",
    "static_configs",
    "dns_sd_configs",
    "http_sd_configs",
    "file_sd_configs",
    "relabel_configs",
    "metric_relabel_configs",
    "enable_compression",
    "scrape_protocols",
    "fallback_scrape_protocol",
    "scrape_native_histograms",
    "scrape_classic_histograms",
    "always_scrape_classic_histograms",
    "convert_classic_histograms_to_nhcb",
    "native_histogram_bucket_limit",
    "native_histogram_min_bucket_factor",
    "metric_name_validation_scheme",
    "metric_name_escaping_scheme",
    "scrape_failure_log_file",
    "extra_scrape_metrics",
    "basic_auth",
];

/// Ways to find targets that need the interfaces of others.
const OTHER_DISCOVERIES: [&str; 26] = [
    "aws_sd_configs",
    "azure_sd_configs",
    "consul_sd_configs",
    "digitalocean_sd_configs",
    "docker_sd_configs",
    "dockerswarm_sd_configs",
    "ec2_sd_configs",
    "eureka_sd_configs",
    "gce_sd_configs",
    "hetzner_sd_configs",
    "ionos_sd_configs",
    "kubernetes_sd_configs",
    "kuma_sd_configs",
    "lightsail_sd_configs",
    "linode_sd_configs",
    "marathon_sd_configs",
    "nerve_sd_configs",
    "nomad_sd_configs",
    "openstack_sd_configs",
    "ovhcloud_sd_configs",
    "puppetdb_sd_configs",
    "scaleway_sd_configs",
    "serverset_sd_configs",
    "stackit_sd_configs",
    "triton_sd_configs",
    "uyuni_sd_configs",
];

/// Reads an item of `scrape_configs`.
pub(crate) fn read(
    node: &Node,
    path: &str,
    global: &Global,
    has_files: bool,
    out: &mut Diagnostics,
) -> Option<ScrapeConfig> {
    if node.is_null() {
        out.error(path, node.at, "There is nothing in this scrape configuration.", "Add `job_name` and targets.");
        return None;
    }
    let section = read::section(node, path, out)?;
    let mut config = ScrapeConfig {
        job_name: String::new(),
        scrape_interval: Millis::ZERO,
        scrape_timeout: Millis::ZERO,
        metrics_path: "/metrics".to_owned(),
        scheme: "http".to_owned(),
        params: Vec::new(),
        honor_labels: false,
        honor_timestamps: true,
        track_timestamps_staleness: false,
        native_histograms: global.native_histograms,
        limits: Limits::default(),
        target_limit: 0,
        access: Access::default(),
        discoveries: Vec::new(),
        relabel_configs: Vec::new(),
        metric_relabel_configs: Vec::new(),
        at: node.at,
    };
    let mut client = access::Reading::default();
    for (name, path, key, value) in section.entries() {
        if client.take(name, &path, key, value, has_files, out) || config.limits.take(name, &path, value, out) {
            continue;
        }
        let flag = |place: &mut bool, out: &mut Diagnostics| {
            *place = read::boolean(value, &path, out).unwrap_or(*place);
        };
        match name {
            "job_name" => config.job_name = read::text(value, &path, out).unwrap_or_default(),
            "scrape_interval" => config.scrape_interval = read::time(value, &path, out).unwrap_or_default(),
            "scrape_timeout" => config.scrape_timeout = read::time(value, &path, out).unwrap_or_default(),
            "metrics_path" => {
                let found = read::text(value, &path, out).filter(|text| !text.is_empty());
                config.metrics_path = found.unwrap_or(config.metrics_path);
            }
            "scheme" => {
                let found = read::text(value, &path, out).unwrap_or_default();
                match found.as_str() {
                    "" => {}
                    "http" | "https" => config.scheme = found,
                    _ => out.say(
                        Severity::Notice,
                        &path,
                        value.at,
                        format!("Targets with the scheme {} cannot be scraped.", value.kind()),
                        "Expected `http` or `https`, unless relabelling sets `__scheme__`.",
                    ),
                }
            }
            "params" => {
                let params = read::section(value, &path, out).map(|all| all.entries().collect::<Vec<_>>());
                for (name, path, _, value) in params.unwrap_or_default() {
                    config.params.push((name.to_owned(), read::texts(value, &path, out)));
                }
            }
            "honor_labels" => flag(&mut config.honor_labels, out),
            "honor_timestamps" => flag(&mut config.honor_timestamps, out),
            "track_timestamps_staleness" => flag(&mut config.track_timestamps_staleness, out),
            "target_limit" => config.target_limit = read::count(value, &path, out).unwrap_or_default(),
            "keep_dropped_targets" => {
                read::count(value, &path, out);
            }
            "static_configs" => config.discoveries.extend(discovery::statics(value, &path, out)),
            "dns_sd_configs" => config.discoveries.extend(discovery::dns(value, &path, out)),
            "http_sd_configs" => config.discoveries.extend(discovery::http(value, &path, has_files, out)),
            "file_sd_configs" => config.discoveries.extend(discovery::files(value, &path, out)),
            "relabel_configs" => config.relabel_configs = rules(value, &path, out),
            "metric_relabel_configs" => config.metric_relabel_configs = rules(value, &path, out),
            _ if protocols(name, value, &path, &mut config.native_histograms, key, out) => {}
            _ if OTHER_DISCOVERIES.contains(&name) => {
                let why =
                    "targets come from `static_configs`, `dns_sd_configs`, `http_sd_configs` and `file_sd_configs`";
                read::unsupported(name, &path, key, value, why, out);
            }
            _ => {
                let known = KEYS.iter().chain(&access::KEYS).chain(&OTHER_DISCOVERIES).copied().collect::<Vec<_>>();
                read::unknown(name, &path, key, &known, out);
            }
        }
    }
    config.access = client.finish(path, node, out);
    if config.job_name.is_empty() {
        out.error(path, node.at, "There is no `job_name`.", "Add one; each scrape configuration has its own.");
    }
    times(&mut config, path, global, out);
    config.limits = with_defaults(config.limits, global.limits);
    if config.target_limit == 0 {
        config.target_limit = global.target_limit;
    }
    addresses(&config, path, node, out);
    Some(config)
}

/// Formats of a scrape: in the order of Promenade, whatever stands here, but for native histograms.
pub(crate) fn protocols(
    name: &str,
    value: &Node,
    path: &str,
    native_histograms: &mut bool,
    key: &Node,
    out: &mut Diagnostics,
) -> bool {
    const PROTOCOLS: [&str; 5] = [
        "PrometheusProto",
        "OpenMetricsText0.0.1",
        "OpenMetricsText1.0.0",
        "PrometheusText0.0.4",
        "PrometheusText1.0.0",
    ];
    match name {
        "scrape_protocols" => {
            let all = read::texts(value, path, out);
            for (idx, one) in all.iter().enumerate() {
                if !PROTOCOLS.contains(&one.as_str()) {
                    let hint = format!("Known are {}.", PROTOCOLS.join(", "));
                    out.error(path, value.at, format!("There is no protocol `{one}`."), hint);
                } else if all[..idx].contains(one) {
                    out.error(path, value.at, format!("The protocol `{one}` stands here twice."), "");
                }
            }
            *native_histograms |= all.first().is_some_and(|first| first == "PrometheusProto");
            if !all.is_empty() {
                let message = "Formats are asked for in Promenade's own order; protobuf comes first if it does here.";
                out.say(Severity::Notice, path, key.at, message, "");
            }
        }
        "fallback_scrape_protocol" => {
            let found = read::text(value, path, out).unwrap_or_default();
            if !found.is_empty() && !PROTOCOLS.contains(&found.as_str()) {
                let hint = format!("Known are {}.", PROTOCOLS.join(", "));
                out.error(path, value.at, format!("There is no protocol `{found}`."), hint);
            } else {
                let message = "An answer without a format of its own is taken for Prometheus text.";
                out.say(Severity::Notice, path, key.at, message, "");
            }
        }
        "scrape_native_histograms" => {
            *native_histograms = read::boolean(value, path, out).unwrap_or(*native_histograms);
        }
        "scrape_classic_histograms" | "always_scrape_classic_histograms" => {
            if read::boolean(value, path, out) == Some(true) {
                let why = "where a histogram is native, its classic buckets are left out";
                read::unsupported(name, path, key, value, why, out);
            }
        }
        "convert_classic_histograms_to_nhcb" => {
            if read::boolean(value, path, out) == Some(true) {
                read::unsupported(name, path, key, value, "classic histograms stay what they are", out);
            }
        }
        "native_histogram_bucket_limit" | "native_histogram_min_bucket_factor" => {
            read::unsupported(name, path, key, value, "histograms keep the buckets that they have", out);
        }
        "enable_compression" => {
            if read::boolean(value, path, out) == Some(false) {
                out.say(Severity::Notice, path, key.at, "Whether answers are compressed is up to the browser.", "");
            }
        }
        "metric_name_validation_scheme" | "metric_name_escaping_scheme" => {
            const SCHEMES: [&str; 6] = ["", "utf8", "legacy", "allow-utf-8", "underscores", "dots"];
            let found = read::text(value, path, out).unwrap_or_default();
            if !SCHEMES.contains(&found.as_str()) && found != "values" {
                out.error(path, value.at, format!("There is no scheme {}.", value.kind()), "");
            } else if found == "legacy" {
                let message = "Names of any characters are accepted, as by `utf8`.";
                out.say(Severity::Notice, path, key.at, message, "");
            }
        }
        "scrape_failure_log_file" => {
            read::unsupported(name, path, key, value, "failures are shown on the page", out);
        }
        "extra_scrape_metrics" => {
            if read::boolean(value, path, out) == Some(true) {
                read::unsupported(name, path, key, value, "the page shows limits and sizes of scrapes", out);
            }
        }
        _ => return false,
    }
    true
}

fn times(config: &mut ScrapeConfig, path: &str, global: &Global, out: &mut Diagnostics) {
    if config.scrape_interval == Millis::ZERO {
        config.scrape_interval = global.scrape_interval;
    }
    if config.scrape_timeout > config.scrape_interval {
        let (timeout, interval) = (config.scrape_timeout, config.scrape_interval);
        let message = format!(
            "The timeout ({}) is longer than the interval ({}).",
            model::duration::format(timeout),
            model::duration::format(interval)
        );
        out.error(&read::child(path, "scrape_timeout"), config.at, message, "Shorten `scrape_timeout`.");
    }
    if config.scrape_timeout == Millis::ZERO {
        config.scrape_timeout = global.scrape_timeout.min(config.scrape_interval);
    }
}

fn with_defaults(own: Limits, global: Limits) -> Limits {
    let or = |own, global| if own == 0 { global } else { own };
    Limits {
        sample_limit: or(own.sample_limit, global.sample_limit),
        label_limit: or(own.label_limit, global.label_limit),
        label_name_length_limit: or(own.label_name_length_limit, global.label_name_length_limit),
        label_value_length_limit: or(own.label_value_length_limit, global.label_value_length_limit),
        body_size_limit: or(own.body_size_limit, global.body_size_limit),
    }
}

/// Without rules that could mend them, addresses have to be good as they stand.
fn addresses(config: &ScrapeConfig, path: &str, node: &Node, out: &mut Diagnostics) {
    if !config.relabel_configs.is_empty() {
        return;
    }
    for discovery in &config.discoveries {
        let Discovery::Static(group) = discovery else { continue };
        let addresses = group.targets.iter().flatten().filter(|(name, _)| name == crate::target::ADDRESS);
        for (_, address) in addresses.filter(|(_, address)| address.contains('/')) {
            let host = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
            let host = host.split('/').next().unwrap_or_default();
            let at = place_of(node, address).unwrap_or(config.at);
            let path = read::child(path, "static_configs");
            let hint = format!("Write `{host}`, and the rest as `scheme` and `metrics_path`.");
            out.error(&path, at, format!("`{address}` is no host with a port."), hint);
        }
    }
}

fn place_of(node: &Node, text: &str) -> Option<Place> {
    let mut found = None;
    node.walk(&mut |node| {
        if found.is_none() && node.text() == Some(text) {
            found = Some(node.at);
        }
    });
    found
}

/// `relabel_configs` or `metric_relabel_configs`
fn rules(node: &Node, path: &str, out: &mut Diagnostics) -> Vec<Rule> {
    let items = read::list(node, path, out);
    items.into_iter().filter_map(|(path, item)| rule(item, &path, out)).collect()
}

fn rule(node: &Node, path: &str, out: &mut Diagnostics) -> Option<Rule> {
    const KNOWN: [&str; 7] =
        ["source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action"];
    if node.is_null() {
        out.error(path, node.at, "There is nothing in this rule.", "Remove it, or say what it does.");
        return None;
    }
    let section = read::section(node, path, out)?;
    let mut rule = Rule::new(Action::Replace, relabel::DEFAULT_REGEX).ok()?;
    let (mut pattern, mut action_at, n_errors) = (None, node.at, out.list.len());
    for (name, path, key, value) in section.entries() {
        match name {
            "source_labels" => {
                rule.source_labels = read::texts(value, &path, out);
                for name in rule.source_labels.iter().filter(|name| !model::is_legacy_label_name(name)) {
                    out.error(&path, value.at, format!("`{name}` is no name for a label."), "");
                }
            }
            "separator" => rule.separator = read::text(value, &path, out).unwrap_or_default(),
            "regex" => pattern = read::text(value, &path, out).map(|text| (text, path, value.at)),
            "modulus" => rule.modulus = read::count(value, &path, out).unwrap_or_default(),
            "target_label" => rule.target_label = read::text(value, &path, out).unwrap_or_default(),
            "replacement" => rule.replacement = read::text(value, &path, out).unwrap_or_default(),
            "action" => {
                action_at = value.at;
                let typed = read::text(value, &path, out).unwrap_or_default();
                match Action::ALL.iter().find(|(name, _)| typed.eq_ignore_ascii_case(name)) {
                    Some((_, action)) => rule.action = *action,
                    None => {
                        let near = model::near::nearest(&typed, Action::ALL.iter().map(|(name, _)| *name));
                        let names = Action::ALL.map(|(name, _)| name).join(", ");
                        let hint = near
                            .first()
                            .map_or(format!("It is one of {names}."), |one| format!("Did you mean `{one}`?"));
                        out.error(&path, value.at, format!("There is no action `{typed}`."), hint);
                    }
                }
            }
            _ => read::unknown(name, &path, key, &KNOWN, out),
        }
    }
    if let Some((pattern, path, at)) = pattern {
        match Rule::new(rule.action, &pattern) {
            Ok(compiled) => rule = rule.with_regex_of(compiled),
            Err(error) => {
                let mut message = error;
                message.push('.');
                out.error(&path, at, message, "");
            }
        }
    }
    if out.list.len() == n_errors
        && let Some(message) = rule.problem()
    {
        out.error(path, action_at, message, "");
    }
    Some(rule)
}
