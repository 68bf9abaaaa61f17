//! Texts of configurations: what was loaded, what is wrong with it, and the panel that shows it.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use protocol::{ConfigNote, ConfigOrigin, ConfigReport, DiscoveryStatus, LoadedConfig, Problem};

pub const TITLE: &str = "Configuration";
pub const NONE: &str = "No configuration runs. Paste or drop a prometheus.yml, or enter its address above.";
pub const WRITE: &str = "Write a configuration";
pub const EDIT: &str = "Edit configuration";
pub const RELOAD: &str = "Reload configuration";
pub const REFRESH: &str = "Look for targets now";
pub const REMOVE: &str = "Remove configuration";
pub const EXPORT: &str = "Export targets";
pub const UNDO: &str = "Undo";
pub const DISMISS: &str = "Dismiss";
pub const REMOVED: &str = "The configuration was removed, and its targets with it. What was scraped stays.";
pub const SHOW: &str = "Show configuration";

pub const EDITOR_TITLE: &str = "prometheus.yml";
pub const EDITOR_FIELD: &str = "Text of the configuration";
pub const EDITOR_HELP: &str = "Where `<secret>` stands, the secret that is known stays. Secrets are not stored: after a reload of the page they have to be entered again.";
pub const LOAD: &str = "Load";
pub const CANCEL: &str = "Cancel";
pub const CLOSE: &str = "Close";

pub const EXPORT_TITLE: &str = "Targets as files";
pub const EXPORT_HELP: &str = "What is scraped now, for a Prometheus of your own. Put both files into one folder and run `docker compose up` there.";
pub const PROMETHEUS_FILE: &str = "prometheus.yml";
pub const COMPOSE_FILE: &str = "compose.yaml";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied.";
pub const NOT_COPIED: &str = "The browser does not let this page copy. Select the text and copy it by hand.";
pub const DOWNLOAD: &str = "Download";

pub const OFFERED: &str = "The relay was started with a configuration.";
pub const LOAD_OFFERED: &str = "Load it";
pub const DECLINE: &str = "Not now";

pub const ERRORS: &str = "Errors";
pub const UNSUPPORTED: &str = "Not supported";
pub const NOTICES: &str = "Worth knowing";
pub const MISSING: &str = "Secrets to enter again";
pub const DISCOVERIES: &str = "Where targets come from";
pub const DISCOVERY_COLUMNS: [&str; 4] = ["Setting", "Asked for", "Targets", "State"];

/// What a configuration is called.
pub fn name(origin: &ConfigOrigin) -> String {
    match origin {
        ConfigOrigin::Pasted => "The pasted configuration".to_owned(),
        ConfigOrigin::File(name) | ConfigOrigin::Url(name) => name.clone(),
        ConfigOrigin::Relay => "The relay's configuration".to_owned(),
    }
}

pub fn reading() -> String {
    "Reading the configuration …".to_owned()
}

fn jobs_and_targets(loaded: &LoadedConfig) -> String {
    let jobs = counted(u64::from(loaded.report.n_jobs), "job", "jobs");
    let targets = counted(u64::from(loaded.n_targets), "target", "targets");
    format!("{jobs}, {targets}")
}

/// The sentence about what runs.
pub fn runs(loaded: &LoadedConfig) -> String {
    format!("{} runs: {}.", name(&loaded.origin), jobs_and_targets(loaded))
}

pub fn left_out(n: u32) -> String {
    let targets = counted(u64::from(n), "target was", "targets were");
    format!("{targets} left out: a tab scrapes at most 200. Drop some with relabel_configs, or remove others.")
}

pub fn pool_left_out(pool: &str, n: u32) -> String {
    format!("{pool}: {}", counted(u64::from(n), "target left out", "targets left out"))
}

/// Why nothing of a text runs.
pub fn errors(name: &str, report: &ConfigReport, keeps_running: bool) -> Problem {
    let errors = counted(report.errors.len() as u64, "error", "errors");
    let goes_on = if keeps_running { "The configuration before goes on." } else { "" };
    let message = format!("{name} has {errors}; nothing of it runs. {goes_on}");
    Problem { message: message.trim_end().to_owned(), hint: String::new(), ..Problem::default() }
}

pub fn unsupported(n: usize) -> String {
    match n {
        1 => "1 part is not supported; the rest runs".to_owned(),
        n => format!("{} parts are not supported; the rest runs", grouped(n as u64)),
    }
}

pub fn notices(n: usize) -> String {
    counted(n as u64, "remark", "remarks")
}

pub fn missing(n: usize) -> String {
    match n {
        1 => "1 secret has to be entered again; its targets are scraped without credentials".to_owned(),
        n => format!(
            "{} secrets have to be entered again; their targets are scraped without credentials",
            grouped(n as u64)
        ),
    }
}

pub fn checked(report: &ConfigReport) -> String {
    if !report.errors.is_empty() {
        return counted(report.errors.len() as u64, "error", "errors") + ".";
    }
    let jobs = counted(u64::from(report.n_jobs), "job", "jobs");
    format!("{jobs}, no errors.")
}

/// `Line 3, column 5 (scrape_configs[0].scheme)`
pub fn place(note: &ConfigNote) -> String {
    let path = if note.path.is_empty() { String::new() } else { format!(" ({})", note.path) };
    match note.at {
        Some((line, column)) => {
            format!("Line {}, column {}{path}", grouped(u64::from(line)), grouped(u64::from(column)))
        }
        None => note.path.clone(),
    }
}

/// How a discovery goes, besides its problem.
pub fn discovery_state(discovery: &DiscoveryStatus, now_ms: i64) -> String {
    match (discovery.kind.as_str(), discovery.last_ms) {
        ("static", _) => "in the text".to_owned(),
        (_, Some(last)) => format!("asked {}", units::ago(last, now_ms.max(last))),
        (_, None) if discovery.problem.is_some() => String::new(),
        (_, None) => "being asked …".to_owned(),
    }
}

/// What it means that a discovery answered, and gave nothing.
pub fn nothing_found(discovery: &DiscoveryStatus) -> Option<&'static str> {
    let DiscoveryStatus { kind, n_targets, last_ms, problem, .. } = discovery;
    if *n_targets > 0 || last_ms.is_none() || problem.is_some() {
        return None;
    }
    match kind.as_str() {
        "dns" => Some(
            "The name has no such records. Names of Compose services are known inside their network only: run the relay there.",
        ),
        "http" => Some("The list is empty."),
        "file" => Some("No target stands in the files."),
        _ => None,
    }
}

pub fn secrets_to_fill_in(n: u32) -> Option<String> {
    let text = match n {
        0 => return None,
        1 => "1 secret was left out: fill it in where `<secret>` stands.".to_owned(),
        n => format!("{} secrets were left out: fill them in where `<secret>` stands.", grouped(u64::from(n))),
    };
    Some(text)
}

pub fn too_large(name: &str) -> Problem {
    Problem {
        message: format!("{name} has more than 1 MiB; no configuration of that size is read."),
        hint: "Split it, or leave out jobs you do not need.".to_owned(),
        ..Problem::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_said_with_its_counts() {
        let report = ConfigReport { n_jobs: 4, ..ConfigReport::default() };
        let loaded = LoadedConfig { report, n_targets: 1, ..LoadedConfig::default() };
        assert_eq!(runs(&loaded), "The pasted configuration runs: 4 jobs, 1 target.");
        let origin = ConfigOrigin::File("prometheus.yml".to_owned());
        assert_eq!(runs(&LoadedConfig { origin, ..loaded }), "prometheus.yml runs: 4 jobs, 1 target.");
    }

    #[test]
    fn a_discovery_that_gave_nothing_says_what_that_means() {
        let dns = DiscoveryStatus { kind: "dns".to_owned(), last_ms: Some(1), ..DiscoveryStatus::default() };
        assert!(nothing_found(&dns).is_some_and(|text| text.contains("no such records")));
        assert_eq!(nothing_found(&DiscoveryStatus { n_targets: 1, ..dns.clone() }), None);
        assert_eq!(nothing_found(&DiscoveryStatus { last_ms: None, ..dns.clone() }), None);
        assert_eq!(nothing_found(&DiscoveryStatus { problem: Some(Problem::default()), ..dns }), None);
    }

    #[test]
    fn a_remark_says_where_it_belongs() {
        let note = ConfigNote { path: "a[0].b".to_owned(), at: Some((3, 5)), ..ConfigNote::default() };
        assert_eq!(place(&note), "Line 3, column 5 (a[0].b)");
        assert_eq!(place(&ConfigNote { path: String::new(), ..note }), "Line 3, column 5");
    }
}
