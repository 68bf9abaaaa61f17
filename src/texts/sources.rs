//! Texts of servers that are asked: their page, and the choice of a panel.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use protocol::{Comparison, Health, Problem, ReportFailure, ReportKind, SourceWay, Via};

pub const TITLE: &str = "Sources";
pub const INTRO: &str = "Servers with the Prometheus HTTP API: Prometheus, VictoriaMetrics, Thanos, Mimir and others. Each panel \
                         can ask one of them, all of them at once, or what this tab scrapes.";
pub const NONE_YET: &str = "There is none yet. Paste the address of a server into the field of the Explore page, or add it here \
                            with user, token or tenant.";
pub const LIST: &str = "Sources";
pub const ADD: &str = "Add source";
pub const EDIT: &str = "Edit";
pub const CHECK: &str = "Check now";
pub const REMOVE: &str = "Remove";
pub const UNDO: &str = "Undo";
pub const DISMISS: &str = "Dismiss";
pub const SHOW: &str = "Show details";
pub const EXPLORE: &str = "Explore";
pub const METRICS: &str = "Metrics";
pub const GO_TO_SOURCES: &str = "Go to the sources";
pub const NEW_TAB: &str = "Opens in a new tab";
pub const LACKS_SECRETS: &str =
    "Its secrets went with the tab in which they were entered. Edit it and enter them again.";

pub fn state(health: Health) -> &'static str {
    match health {
        Health::Up => "up",
        Health::Down => "down",
        Health::Unknown => "looking",
    }
}

pub fn way(via: Option<Via>) -> &'static str {
    crate::texts::targets::way(via)
}

/// `Prometheus 2.42.0`
pub fn server(kind: Option<&str>, version: Option<&str>) -> String {
    match (kind, version) {
        (None, _) => String::new(),
        (Some(kind), None) => kind.to_owned(),
        (Some(kind), Some(version)) => format!("{kind} {version}"),
    }
}

/// How far a clock is off; nothing to say of less than a second.
pub fn clock(skew_ms: Option<i64>) -> String {
    match skew_ms {
        None => String::new(),
        Some(ms) if ms.abs() < 1_000 => "in step".to_owned(),
        Some(ms) if ms > 0 => format!("{} ahead", units::span(ms)),
        Some(ms) => format!("{} behind", units::span(-ms)),
    }
}

/// The same where nothing else says that it is about a clock, and only if there is something to say.
pub fn clock_fact(skew_ms: Option<i64>) -> String {
    match clock(skew_ms).as_str() {
        "" | "in step" => String::new(),
        off => format!("clock {off}"),
    }
}

pub fn checked(ago: &str) -> String {
    format!("checked {ago}")
}

pub fn removed(name: &str) -> String {
    format!("{name} is no longer asked. Panels that show it say so.")
}

// The choice of a panel.

pub const SOURCE: &str = "Source";
pub const THIS_TAB: &str = "This tab";
pub const ALL_SOURCES: &str = "All sources and this tab";
pub const COMPARE: &str = "Compare with this tab";
pub const COMPARE_HINT: &str = "Evaluates the query here, too, and marks points that differ";

pub fn missing_name(name: &str) -> String {
    format!("{name} (not there)")
}

pub fn unknown_name(name: &str) -> String {
    format!(
        "There is no source called `{name}` in this browser: an address names sources, but does not bring them along. Add a source \
         with this name, or choose another one."
    )
}

pub fn down(name: &str, problem: &Problem) -> String {
    format!("{name} does not answer: {}", problem.message)
}

pub fn skew(name: &str, skew_ms: i64) -> String {
    let (off, which) = if skew_ms > 0 { (skew_ms, "ahead of") } else { (-skew_ms, "behind") };
    format!(
        "The clock of {name} is {} {which} that of this computer: what is new there seems old or not to have happened yet. Set both \
         clocks by a time server.",
        units::span(off)
    )
}

// What differs.

pub const DIFFERENCES: &str = "Comparison with the server";
pub const DIFFERENCES_TABLE: &str = "Differing points";
pub const DIFFERENCE_COLUMNS: [&str; 4] = ["Time", "Series", "Here", "Server"];
pub const NO_VALUE: &str = "none";

pub fn differing(comparison: &Comparison) -> String {
    let Comparison { n_points, n_differing, n_series, points } = comparison;
    if *n_points == 0 {
        return "Neither this tab nor the server has a point here.".to_owned();
    }
    let all = counted(*n_points, "point", "points");
    if *n_differing == 0 {
        return format!("This tab and the server say the same at all {all}.");
    }
    let listed = points.len() as u64;
    let shown =
        if listed < *n_differing { format!("; the first {} are listed", grouped(listed)) } else { String::new() };
    let series = counted(u64::from(*n_series), "series", "series");
    let at_least = if listed < *n_differing { "at least " } else { "" };
    format!("{} of {all} differ, in {at_least}{series}{shown}.", grouped(*n_differing))
}

pub fn show_differences(n: usize) -> String {
    format!("Show all {}", grouped(n as u64))
}

/// The name of a line that a server evaluated, beside the same of this tab.
pub fn of_server(name: &str) -> String {
    format!("{name} (server)")
}

/// Lists those lines in the legend, too.
pub fn list_of_server(n: usize) -> String {
    format!("List the {} of the server", counted(n as u64, "line", "lines"))
}

// An empty answer.

pub const EMPTY: &str = "The server answered: no series has samples here.";
pub const EMPTY_HINT: &str =
    "Check the names and values, or look at a longer or an earlier range. The Metrics page lists what the server has.";

// Metrics of a server.

pub fn loading_metrics(name: &str) -> String {
    format!("Asking {name} for its metrics …")
}

pub fn no_metrics(name: &str) -> String {
    format!("{name} has no metrics yet.")
}

// The form.

pub const FORM_ADD: &str = "Add a source";
pub const FORM_EDIT: &str = "Settings of the source";
pub const SAVE: &str = "Save";
pub const CANCEL: &str = "Cancel";
pub const URL: &str = "Address";
pub const URL_HELP: &str = "The address of the server, such as http://localhost:9090; with its prefix, if it has one.";
pub const NAME: &str = "Name";
pub const NAME_HELP: &str = "What it is called in panels, in addresses, and as the label source. Empty: its host.";
pub const WAY: &str = "Way";
pub const WAY_HELP: &str = "The browser asks it itself where it may, else the relay does.";
pub const WAYS: [(SourceWay, &str); 3] = [
    (SourceWay::Auto, "Directly, or through the relay"),
    (SourceWay::Direct, "Directly"),
    (SourceWay::Relay, "Through the relay"),
];
pub const AUTH: &str = "Who asks";
pub const AUTHS: [&str; 3] = ["Nobody in particular", "User and password", "Token"];
pub const USER: &str = "User";
pub const PASSWORD: &str = "Password";
pub const TOKEN: &str = "Token";
pub const TENANT: &str = "Tenant";
pub const TENANT_HELP: &str = "Sent as X-Scope-OrgID, which Mimir and others ask for. Empty: none.";
pub const HEADERS: &str = "More headers";
pub const HEADERS_HELP: &str = "One Name: value a line.";
pub const KEEP: &str = "Keep secrets on this device";
pub const KEEP_HELP: &str = "Otherwise password, token and header values are kept for this tab only. They are never part of a link or an export.";
pub const BAD_URL: &str = "Enter an address such as http://localhost:9090.";
pub const CREDENTIALS_IN_URL: &str = "User and password do not belong into the address: use the fields below.";
pub const NAME_RESERVED: &str = "This name means something else; choose another one.";
pub const NAME_TAKEN: &str = "Another source has this name.";
pub const NO_USER: &str = "Enter the name of the user.";
pub const BAD_USER: &str = "The name of a user has no colon.";
pub const NO_TOKEN: &str = "Enter the token.";
pub const BAD_TOKEN: &str = "A token has only letters, digits and signs of ASCII; check what was pasted.";

pub fn bad_header(line: &str) -> String {
    let name = line.split(':').next().unwrap_or(line);
    format!("\u{201c}{name}\u{201d}: write Name: value, with a name of letters, digits and dashes.")
}

// What a server says of itself.

pub fn report(what: ReportKind) -> &'static str {
    match what {
        ReportKind::Build => "Build",
        ReportKind::Runtime => "Runtime",
        ReportKind::Cardinality => "Store",
        ReportKind::Targets => "Targets",
        ReportKind::Rules => "Rules",
        ReportKind::Alerts => "Alerts",
        ReportKind::Metrics => "Metrics",
    }
}

/// The name in the address.
pub fn report_word(what: ReportKind) -> &'static str {
    match what {
        ReportKind::Build => "build",
        ReportKind::Runtime => "runtime",
        ReportKind::Cardinality => "store",
        ReportKind::Targets => "targets",
        ReportKind::Rules => "rules",
        ReportKind::Alerts => "alerts",
        ReportKind::Metrics => "metrics",
    }
}

pub const REPORTS: &str = "What the server says";
pub const REFRESH: &str = "Refresh";
pub const ASKING: &str = "Asking the server …";
pub const FILTER: &str = "Filter";
pub const POOL: &str = "Pool";
pub const ALL_POOLS: &str = "All pools";
pub const HEALTH: &str = "State";
pub const ALL_STATES: &str = "All states";
pub const BACK: &str = "All sources";
pub const NOT_OFFERED: &str = "This server does not offer it.";
pub const ANSWERS_EMPTY: &str =
    "This server answers, but has nothing to say: another program behind it would, such as vmalert for rules.";
pub const NO_TARGETS: &str = "The server scrapes nothing.";
pub const NO_RULES: &str = "The server has no rules.";
pub const NO_ALERTS: &str = "No alert is pending or firing.";
pub const NOTHING_MATCHES: &str = "Nothing has all of these words.";
pub const NO_SOURCE: &str = "This source is not there.";
pub const TARGET_COLUMNS: [&str; 6] = ["State", "Endpoint", "Labels", "Last scrape", "Took", "Every"];
pub const RULE_COLUMNS: [&str; 5] = ["State", "Rule", "Expression", "Last evaluation", "Took"];
pub const ALERT_COLUMNS: [&str; 5] = ["State", "Alert", "Since", "Value", "What is said of it"];
pub const MORE_ROWS: &str = "Show more";

pub fn age(ago: &str) -> String {
    format!("as of {ago}")
}

pub fn failure(failure: &ReportFailure) -> String {
    match failure {
        ReportFailure::NotOffered => NOT_OFFERED.to_owned(),
        ReportFailure::Empty => ANSWERS_EMPTY.to_owned(),
        ReportFailure::Failed(problem) if problem.hint.is_empty() => problem.message.clone(),
        ReportFailure::Failed(problem) => format!("{} {}", problem.message, problem.hint),
    }
}

pub fn pool(name: &str, n_up: usize, n: usize) -> String {
    format!("{name} ({n_up}/{n} up)")
}

pub fn n_targets(n_shown: usize, n_all: usize, n_dropped: u64) -> String {
    let all = counted(n_all as u64, "target", "targets");
    let shown = if n_shown == n_all { all } else { format!("{} of {all}", grouped(n_shown as u64)) };
    if n_dropped == 0 { shown } else { format!("{shown}, {} dropped by relabelling", grouped(n_dropped)) }
}

pub fn n_rules(n_shown: usize, n_all: usize) -> String {
    let all = counted(n_all as u64, "rule", "rules");
    if n_shown == n_all { all } else { format!("{} of {all}", grouped(n_shown as u64)) }
}

pub fn n_alerts(n_shown: usize, n_all: usize) -> String {
    let all = counted(n_all as u64, "alert", "alerts");
    if n_shown == n_all { all } else { format!("{} of {all}", grouped(n_shown as u64)) }
}

pub fn group(name: &str, interval_secs: f64) -> String {
    if interval_secs > 0.0 {
        format!("{name}, every {}", units::span((interval_secs * 1_000.0) as i64))
    } else {
        name.to_owned()
    }
}

/// For how long it has to hold.
pub fn holds_for(secs: f64) -> String {
    format!("for {}", units::span((secs * 1_000.0) as i64))
}

// Build, runtime, store: names of facts.

pub const VERSION: &str = "Version";
pub const NOT_TOLD: &str = "The server does not tell";
pub const REVISION: &str = "Revision";
pub const BRANCH: &str = "Branch";
pub const BUILT: &str = "Built";
pub const GO_VERSION: &str = "Go";
pub const APPLICATION: &str = "Application";
pub const STARTED: &str = "Running since";
pub const CONFIG: &str = "Configuration";
pub const CONFIG_GOOD: &str = "read without errors";
pub const CONFIG_BAD: &str = "could not be read the last time";
pub const CONFIG_READ: &str = "Configuration read";
pub const CORRUPTIONS: &str = "Damaged parts of its log";
pub const GOROUTINES: &str = "Goroutines";
pub const RETENTION: &str = "Keeps samples for";
pub const SERIES: &str = "Series";
pub const LABEL_PAIRS: &str = "Pairs of label and value";
pub const CHUNKS: &str = "Chunks";
pub const OLDEST: &str = "Oldest sample of the head";
pub const NEWEST: &str = "Newest sample of the head";
pub const TOP_COUNT: &str = "How many";
pub const TOP_BYTES: &str = "Bytes";
pub const BY_METRIC: &str = "Metrics with most series";
pub const BY_LABEL: &str = "Labels with most values";
pub const BY_MEMORY: &str = "Labels whose values take most memory";
pub const BY_PAIR: &str = "Pairs of label and value with most series";
pub const BY_LABEL_SERIES: &str = "Labels with most series";
pub const TOP_NAME: &str = "Name";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_summed_up_in_a_sentence() {
        let of = |n_points, n_differing, n_series| Comparison { n_points, n_differing, n_series, points: Vec::new() };
        assert_eq!(differing(&of(0, 0, 0)), "Neither this tab nor the server has a point here.");
        assert_eq!(differing(&of(1_200, 0, 0)), "This tab and the server say the same at all 1,200 points.");
        assert_eq!(
            differing(&of(1_200, 3, 1)),
            "3 of 1,200 points differ, in at least 1 series; the first 0 are listed."
        );
    }

    #[test]
    fn clocks_are_told_apart() {
        for (skew, want) in [
            (None, ""),
            (Some(-999), "in step"),
            (Some(61_000), "1 min 1 s ahead"),
            (Some(-90_000), "1 min 30 s behind"),
        ] {
            assert_eq!(clock(skew).replace(' ', ""), want.replace(' ', ""), "{skew:?}");
        }
    }
}
