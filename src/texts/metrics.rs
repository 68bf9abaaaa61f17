//! Texts of the list of metrics and its page.

use crate::components::series_table::rows::{counted, grouped};
use protocol::FamilyInfo;

pub const TITLE: &str = "Metrics";
pub const INTRO: &str =
    "Everything that the targets expose. A click opens the query that fits the metric\u{2019}s type.";
pub const LIST: &str = "Metrics";
pub const SEARCH: &str = "Search metrics";
pub const SEARCH_HINT: &str = "Search metrics";
pub const BY_TYPE: &str = "By type";
pub const TARGET: &str = "Target";
pub const ALL_TARGETS: &str = "All targets";
pub const NOT_FOUND: &str = "No metric has all of these words in its name, type or help text.";
pub const CLEAR: &str = "Show all metrics";
pub const NO_METRICS: &str = "No metrics yet. They appear here after the first scrape of a target.";

/// `12 of 214 metrics`, `214 metrics`
pub fn count(n_found: usize, n_all: usize) -> String {
    let all = counted(n_all as u64, "metric", "metrics");
    if n_found == n_all { all } else { format!("{} of {all}", grouped(n_found as u64)) }
}

pub fn show_all(n: usize) -> String {
    format!("Show all {}", grouped(n as u64))
}

pub fn heading(kind: &str, n: usize) -> String {
    format!("{kind} · {}", grouped(n as u64))
}

pub fn n_series(n: u32) -> String {
    if n == 0 {
        return String::new();
    }
    counted(u64::from(n), "series", "series")
}

/// The number alone; nothing where it is not known, as of a server's.
pub fn n_of(n: u32) -> String {
    if n == 0 { String::new() } else { grouped(u64::from(n)) }
}

/// The type in the few letters that a narrow column has; nothing where there is none.
pub fn short_kind(kind: &str) -> &str {
    match kind {
        "unknown" | "untyped" => "",
        kind => kind,
    }
}

/// Unit and number of targets, where there is something to say.
pub fn facts(family: &FamilyInfo) -> String {
    let mut facts = Vec::new();
    if !family.unit.is_empty() {
        facts.push(format!("unit {}", family.unit));
    }
    if family.targets.len() > 1 {
        facts.push(counted(family.targets.len() as u64, "target", "targets"));
    }
    facts.join(" · ")
}

/// A line of the narrow list, for those who listen.
pub fn spoken(family: &FamilyInfo) -> String {
    // What is seen comes first, in the same order: who says it to the computer means this.
    if family.n_series == 0 {
        return format!("{} {}", family.name, family.kind);
    }
    format!("{} {}, {}", family.name, n_series(family.n_series), family.kind)
}

/// Everything about a family, for the pointer that rests on it.
pub fn title(family: &FamilyInfo) -> String {
    let mut lines = vec![family.name.clone()];
    let mut facts = vec![family.kind.clone()];
    facts.extend(Some(n_series(family.n_series)).filter(|text| !text.is_empty()));
    facts.extend(Some(self::facts(family)).filter(|facts| !facts.is_empty()));
    lines.push(facts.join(" · "));
    lines.extend(Some(family.help.clone()).filter(|help| !help.is_empty()));
    lines.join("\n")
}
