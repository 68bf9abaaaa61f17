//! What is scraped now, as a `prometheus.yml` for a server of one's own and a Compose file that starts it.
//!
//! Invariant: no secret is written; [`SECRET`] stands where one is to be filled in.

use crate::access::Auth;
use crate::redact::SECRET;
use crate::scrape_config::Limits;
use crate::write::scalar;
use crate::{Access, relabel::Rule};
use model::{Millis, duration};
use std::fmt::Write as _;

/// A target that is scraped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its `job` label.
    pub job: String,
    /// What is fetched.
    pub url: String,
    /// Its other labels; `instance` among them if that is not what is fetched.
    pub labels: Vec<(String, String)>,
    /// How it is scraped.
    pub settings: Settings,
}

/// What the targets of one scrape configuration share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Time between scrapes.
    pub interval: Millis,
    /// How long one may take.
    pub timeout: Millis,
    /// Exposed labels win.
    pub honor_labels: bool,
    /// Exposed times are used.
    pub honor_timestamps: bool,
    /// Credentials and headers; their secrets are left out.
    pub access: Access,
    /// Bounds.
    pub limits: Limits,
    /// Rules for samples.
    pub metric_relabel_configs: Vec<Rule>,
}

/// The files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// For Prometheus.
    pub prometheus_yml: String,
    /// For `docker compose`.
    pub compose_yml: String,
    /// Places where a secret has to be filled in.
    pub n_secrets: u32,
    /// Targets whose URL is none; they are left out.
    pub n_left_out: u32,
}

/// A part of a URL each.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    scheme: String,
    authority: String,
    path: String,
    params: Vec<(String, Vec<String>)>,
}

/// A scrape configuration of the file.
struct Group<'a> {
    job: &'a str,
    place: Place,
    settings: &'a Settings,
    targets: Vec<(String, &'a [(String, String)])>,
}

/// Writes targets, those that share all but their address and labels together, in their order.
#[must_use]
pub fn files(targets: &[Exported]) -> Files {
    let mut files = Files::default();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for target in targets {
        let Some(place) = split(&target.url) else {
            files.n_left_out += 1;
            continue;
        };
        let (authority, place) = (place.authority.clone(), Place { authority: String::new(), ..place });
        let is_it = |group: &&mut Group<'_>| {
            group.job == target.job && group.place == place && *group.settings == target.settings
        };
        match groups.iter_mut().find(is_it) {
            Some(group) => group.targets.push((authority, &target.labels)),
            None => groups.push(Group {
                job: &target.job,
                place,
                settings: &target.settings,
                targets: vec![(authority, &target.labels)],
            }),
        }
    }
    let mut out = String::from("# Written by Promenade: the targets that were scraped in the tab.\n");
    out.push_str("global:\n  scrape_interval: 15s\n\nscrape_configs:\n");
    if groups.is_empty() {
        out.truncate(out.len() - 1);
        out.push_str(" []\n");
    }
    let mut names: Vec<String> = Vec::new();
    for group in &groups {
        // A name that is there already gets a number; the label stays what it is.
        let base = if group.job.is_empty() { "targets" } else { group.job };
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        let name = std::iter::once(base.to_owned()).chain(numbered).find(|name| !names.contains(name));
        let name = name.unwrap_or_default();
        let label = (name != base).then_some(base);
        write_group(&mut out, &name, label, group, &mut files.n_secrets);
        names.push(name);
    }
    files.prometheus_yml = out;
    files.compose_yml = compose(&groups);
    files
}

/// `job` is the label of its targets where that is not the name.
fn write_group(out: &mut String, name: &str, job: Option<&str>, group: &Group<'_>, n_secrets: &mut u32) {
    let Settings { interval, timeout, honor_labels, honor_timestamps, access, limits, metric_relabel_configs } =
        group.settings;
    let mut line = |depth: usize, text: &str| {
        out.extend(std::iter::repeat_n(' ', depth));
        out.push_str(text);
        out.push('\n');
    };
    line(2, &format!("- job_name: {}", scalar(name)));
    line(4, &format!("scrape_interval: {}", duration::format(*interval)));
    line(4, &format!("scrape_timeout: {}", duration::format(*timeout)));
    if group.place.scheme != "http" {
        line(4, &format!("scheme: {}", scalar(&group.place.scheme)));
    }
    if group.place.path != "/metrics" {
        line(4, &format!("metrics_path: {}", scalar(&group.place.path)));
    }
    if !group.place.params.is_empty() {
        line(4, "params:");
        for (name, values) in &group.place.params {
            let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
            line(6, &format!("{}: [{}]", scalar(name), values.join(", ")));
        }
    }
    if *honor_labels {
        line(4, "honor_labels: true");
    }
    if !honor_timestamps {
        line(4, "honor_timestamps: false");
    }
    for (name, value) in [
        ("sample_limit", limits.sample_limit),
        ("label_limit", limits.label_limit),
        ("label_name_length_limit", limits.label_name_length_limit),
        ("label_value_length_limit", limits.label_value_length_limit),
    ] {
        if value > 0 {
            line(4, &format!("{name}: {value}"));
        }
    }
    if limits.body_size_limit > 0 {
        line(4, &format!("body_size_limit: {}B", limits.body_size_limit));
    }
    match &access.auth {
        Auth::None => {}
        Auth::Basic { username, .. } => {
            line(4, "basic_auth:");
            line(6, &format!("username: {}", scalar(username.text().unwrap_or(SECRET))));
            line(6, &format!("password: {SECRET} # Fill in the password."));
            *n_secrets += 1;
        }
        Auth::Token { kind, .. } => {
            line(4, "authorization:");
            line(6, &format!("type: {}", scalar(kind)));
            line(6, &format!("credentials: {SECRET} # Fill in the token."));
            *n_secrets += 1;
        }
    }
    // Prometheus knows headers of one's own from 2.55 on.
    if !access.headers.is_empty() {
        line(4, "http_headers: # Needs Prometheus 2.55 or newer.");
        for (name, _) in &access.headers {
            line(6, &format!("{}:", scalar(name)));
            line(8, &format!("secrets: [{SECRET}] # Fill in the value."));
            *n_secrets += 1;
        }
    }
    if !metric_relabel_configs.is_empty() {
        line(4, "metric_relabel_configs:");
        for rule in metric_relabel_configs {
            for (idx, text) in rule.to_yaml().lines().enumerate() {
                line(6, &format!("{}{text}", if idx == 0 { "- " } else { "  " }));
            }
        }
    }
    line(4, "static_configs:");
    for (authority, labels) in &group.targets {
        line(6, &format!("- targets: [{}]", scalar(authority)));
        let mut labels: Vec<(&str, &str)> =
            labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        labels.extend(job.map(|job| ("job", job)));
        labels.retain(|(name, value)| {
            let is_default = *name == "instance" && value == authority;
            !(is_default || value.is_empty())
        });
        if !labels.is_empty() {
            line(8, "labels:");
            for (name, value) in labels {
                line(10, &format!("{name}: {}", scalar(value)));
            }
        }
    }
}

/// A Prometheus with the file, and the relay. In the network of the machine where a target is on the machine itself.
fn compose(groups: &[Group<'_>]) -> String {
    let hosts = groups.iter().flat_map(|group| &group.targets).map(|(authority, _)| authority.as_str());
    let is_local = |authority: &str| {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        host == "localhost" || host.starts_with("127.") || host == "[::1]"
    };
    let is_host = hosts.into_iter().any(is_local);
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{text}");
    };
    line("# Written by Promenade. Put it beside prometheus.yml and run `docker compose up`;");
    line("# then open http://localhost:9090 (Prometheus) and http://localhost:9919 (Promenade).");
    if is_host {
        line("# Some targets are on this machine, so the containers use its network; Docker Desktop has to allow that");
        line("# (Settings, Resources, Network, Enable host networking).");
    }
    line("services:");
    line("  prometheus:");
    line("    image: prom/prometheus:v3.5.0");
    line("    command:");
    line("      - --config.file=/etc/prometheus/prometheus.yml");
    line("      - --storage.tsdb.path=/prometheus");
    if is_host {
        line("      - --web.listen-address=127.0.0.1:9090");
        line("    network_mode: host");
    } else {
        line("    ports: ['127.0.0.1:9090:9090']");
    }
    line("    volumes:");
    line("      - ./prometheus.yml:/etc/prometheus/prometheus.yml:ro");
    line("      - prometheus-data:/prometheus");
    line("  promenade:");
    line("    build: https://github.com/promenade-metrics/promenade.git");
    if is_host {
        // In the machine's own network it listens on this machine alone.
        line("    entrypoint: ['/relay', '--listen', '127.0.0.1:9919']");
        line("    command: ['--config', '/prometheus.yml']");
        line("    network_mode: host");
    } else {
        line("    # It is reached from this machine alone, so it may do without names and passwords.");
        line("    command: ['--no-auth', '--config', '/prometheus.yml']");
        line("    ports: ['127.0.0.1:9919:9919']");
    }
    line("    volumes: ['./prometheus.yml:/prometheus.yml:ro']");
    line("volumes:");
    line("  prometheus-data: {}");
    out
}

fn split(url: &str) -> Option<Place> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.is_empty() {
        return None;
    }
    let mut params: Vec<(String, Vec<String>)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (unescape(name, true), unescape(value, true));
        match params.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => params.push((name, vec![value])),
        }
    }
    let path = if path.is_empty() { "/".to_owned() } else { unescape(path, false) };
    Some(Place { scheme: scheme.to_owned(), authority: authority.to_owned(), path, params })
}

/// The text that was escaped for a URL; what is no escape stays.
fn unescape(text: &str, has_plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) if has_plus => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
