//! Texts of the targets page, the form of a target, and the raw body.

use crate::components::series_table::rows::{counted, grouped};
use crate::pages::targets::lines::MAX_HITS;
use crate::texts::units;
use protocol::{TargetSpec, TargetStatus, Via};

pub const TITLE: &str = "Targets";
pub const TABS: &str = "Targets and service discovery";
pub const COLUMNS: [&str; 9] =
    ["State", "Endpoint", "Last scrape", "Took", "Every, timeout", "Samples", "New series", "Size", "Way"];
pub const FILTER_STATE: &str = "State";
pub const FILTER_TEXT: &str = "Search targets";
pub const FILTER_HINT: &str = "Search addresses and labels";
pub const ALL_STATES: &str = "All states";
pub const NONE_YET: &str =
    "Nothing is scraped yet. Add an endpoint above, or drop a file with metrics anywhere on the page.";
pub const FILTER_POOL: &str = "Pool";
pub const ALL_POOLS: &str = "All pools";
pub const SHOW_ALL_POOLS: &str = "Show all pools";
pub const SHOW_EMPTY: &str = "Show them";
pub const HIDE_EMPTY: &str = "Hide them";
pub const NONE_MATCH: &str = "No target has this pool, this state and these words.";
pub const CLEAR_FILTER: &str = "Show all targets";

pub const SCRAPE_NOW: &str = "Scrape now";
pub const PAUSE: &str = "Pause";
pub const RESUME: &str = "Resume";
pub const EDIT: &str = "Edit";
pub const RAW_BODY: &str = "Raw body";
pub const HISTORY: &str = "History";
pub const COMPARE: &str = "Compare";
pub const COPY_LABELS: &str = "Copy labels";
pub const COPY_LABEL: &str = "A double click copies it";
pub const REMOVE: &str = "Remove";
pub const UNDO: &str = "Undo";
pub const DISMISS: &str = "Dismiss";
pub const NOT_YET: &str = "not yet";
pub const SCRAPING: &str = "scraping …";
pub const NEW_TAB: &str = "Opens in a new tab";
pub const REFUSED: &str = "The new settings were not taken over; the old ones are kept.";

/// What a target is called where there is one line for it.
pub fn name(target: &TargetStatus) -> String {
    if target.url.is_empty() { target.spec.url.clone() } else { target.url.clone() }
}

pub fn count(n_shown: usize, n_all: usize) -> String {
    let all = counted(n_all as u64, "target", "targets");
    if n_shown == n_all { all } else { format!("{} of {all}", grouped(n_shown as u64)) }
}

/// The name of a table of targets.
pub fn pool_table(pool: &str) -> String {
    format!("Targets of {pool}")
}

/// `3/4 up`; what is not scraped is only counted.
pub fn pool_state(n_up: usize, n_scraped: usize, n_all: usize) -> String {
    match (n_scraped, n_all) {
        (0, 0) => "no targets".to_owned(),
        (0, _) => "not scraped".to_owned(),
        _ => format!("{}/{} up", grouped(n_up as u64), grouped(n_scraped as u64)),
    }
}

/// How many are shown, where not all of them are.
pub fn pool_count(n_shown: usize, n_all: usize) -> String {
    if n_shown == n_all {
        String::new()
    } else {
        format!("{} of {} shown", grouped(n_shown as u64), grouped(n_all as u64))
    }
}

pub fn many_pools(n_pools: usize, chosen: &str) -> String {
    format!("There are {} pools; only \u{201c}{chosen}\u{201d} is shown.", grouped(n_pools as u64))
}

pub fn empty_pools(n_empty: usize, is_shown: bool) -> String {
    let pools = counted(n_empty as u64, "pool has", "pools have");
    let hidden = match (is_shown, n_empty) {
        (true, _) => "",
        (false, 1) => " and is hidden",
        (false, _) => " and are hidden",
    };
    format!("{pools} no target to show{hidden}.")
}

/// `5 s, 5 s`: the time between scrapes, and the time that one may take.
pub fn every(spec: &TargetSpec) -> String {
    format!("{}, {}", units::interval(spec.interval_ms), units::interval(spec.timeout_ms.min(spec.interval_ms)))
}

pub fn way(via: Option<Via>) -> &'static str {
    match via {
        None => "",
        Some(Via::Direct) => "direct",
        Some(Via::Relay) => "relay",
        Some(Via::Pasted) => "pasted",
    }
}

/// `Line 41, column 17`
pub fn place((line, column): (u32, u32)) -> String {
    format!("Line {}, column {}.", grouped(u64::from(line)), grouped(u64::from(column)))
}

/// A message, with its place unless it says so itself.
pub fn with_place(message: &str, at: Option<(u32, u32)>) -> String {
    match at {
        Some((line, column)) if !message.to_lowercase().contains(&format!("line {line}, column {column}")) => {
            format!("{message} {}", place((line, column)))
        }
        _ => message.to_owned(),
    }
}

pub fn removed(name: &str) -> String {
    format!("{name} is no longer scraped; what was stored stays.")
}

pub fn removed_snapshot(name: &str) -> String {
    format!("{name} was removed from the list; what was stored stays.")
}

// The form.

pub const FORM_TITLE: &str = "Settings of the target";
pub const SAVE: &str = "Save";
pub const CANCEL: &str = "Cancel";
pub const URL: &str = "Address";
pub const URL_HELP: &str =
    "http://host:port/path, host:port, or :port for this computer. Without a path, /metrics is added.";
pub const JOB: &str = "Job";
pub const JOB_HELP: &str = "The label job of all its series. Empty: chosen by the port or host.";
pub const LABELS: &str = "Labels";
pub const LABELS_HELP: &str = "One name=value a line, added to all its series.";
pub const INTERVAL: &str = "Interval";
pub const INTERVAL_HELP: &str =
    "The time from one scrape to the next. A slow scrape never piles up: the next one is left out.";
pub const CUSTOM: &str = "Other …";
pub const CUSTOM_INTERVAL: &str = "Other interval";
pub const TIMEOUT: &str = "Timeout";
pub const TIMEOUT_HELP: &str = "A scrape that takes longer fails. At most the interval.";
pub const HONOR_LABELS: &str = "Honor labels";
pub const HONOR_LABELS_HELP: &str =
    "Keep job and instance of the exposed text. Otherwise they become exported_job and exported_instance.";
pub const HONOR_TIMESTAMPS: &str = "Honor timestamps";
pub const HONOR_TIMESTAMPS_HELP: &str = "Store samples at the time that the text gives, if it gives one.";
pub const TRACK_STALENESS: &str = "Track staleness of timestamps";
pub const TRACK_STALENESS_HELP: &str = "End a series with its own timestamps as soon as it is no longer exposed.";
pub const NATIVE_HISTOGRAMS: &str = "Native histograms";
pub const NATIVE_HISTOGRAMS_HELP: &str = "Ask for protobuf first, the only format that has them. A histogram that is native then comes without its classic series _bucket, _sum and _count.";
pub const PAUSED: &str = "Paused";
pub const PAUSED_HELP: &str = "Not scraped until resumed; \u{201c}Scrape now\u{201d} still works.";
pub const NEW_SERIES: &str = "A change of address, job, labels or the three rules on labels and timestamps ends the old series and begins new ones.";

pub const BAD_URL: &str = "Enter an address such as localhost:9100.";
pub const BAD_DURATION: &str = "Enter a number and a unit, such as 5s, 500ms or 1m.";

pub fn bad_label(line: &str) -> String {
    format!("\u{201c}{line}\u{201d} is no label: write name=value, such as env=test.")
}

pub fn bad_label_name(name: &str) -> String {
    format!(
        "\u{201c}{name}\u{201d} cannot be a label\u{2019}s name: letters, digits and _, no digit first, and no __ at the start."
    )
}

pub fn label_twice(name: &str) -> String {
    format!("The label \u{201c}{name}\u{201d} is there twice.")
}

pub const LABEL_IS_JOB: &str = "The label job has a field of its own above.";

pub fn interval_bounds(min_ms: u32, max_ms: u32) -> String {
    format!("Enter a time from {} to {}.", units::interval(min_ms), units::interval(max_ms))
}

pub const TIMEOUT_TOO_LONG: &str = "The timeout must not be longer than the interval.";

// The raw body.

pub const RAW_SEARCH: &str = "Search lines";
pub const RAW_PREVIOUS: &str = "Previous";
pub const RAW_NEXT: &str = "Next";
pub const RAW_FAMILY: &str = "Families with this name";
pub const RAW_ONLY_HITS: &str = "Only lines that have it";
pub const RAW_WRAP: &str = "Wrap lines";
pub const RAW_AGAIN: &str = "Show the last one";
pub const RAW_SAVE: &str = "Save as a file";
pub const RAW_COPY: &str = "Copy";
pub const RAW_COPIED: &str = "Copied.";
pub const RAW_NOT_COPIED: &str =
    "The browser gives this page no clipboard: it needs https or localhost. Select the text and copy it.";
pub const RAW_LOADING: &str = "Loading …";
pub const RAW_NONE: &str = "There is no body yet: nothing has answered, or it was too long ago and has been dropped.";
pub const RAW_DECODED: &str = "The answer is protobuf, which is no text. This text says the same.";
pub const RAW_EMPTY: &str = "The body is empty.";
pub const RAW_LOSSY: &str = "It is not valid UTF-8: what cannot be read is shown as \u{fffd}.";
pub const RAW_EARLIER: &str = "Show earlier lines";
pub const RAW_LATER: &str = "Show later lines";
pub const RAW_LINES: &str = "Lines";
pub const CLOSE: &str = "Close";

pub fn raw_title(name: &str) -> String {
    format!("Raw body of {name}")
}

pub fn raw_cut(shown: u64, whole: u64) -> String {
    format!("Only the first {} of {} are kept.", units::bytes(shown), units::bytes(whole))
}

pub fn raw_facts(content_type: Option<&str>, when: &str, bytes: u64, n_lines: usize) -> String {
    let content_type = content_type.unwrap_or("no Content-Type");
    format!("{content_type} · {} · {} · {when}", units::bytes(bytes), counted(n_lines as u64, "line", "lines"))
}

/// `3 of 41`; the place that one is at counts from 0.
pub fn raw_hits(at_hit: Option<usize>, n_hits: usize) -> String {
    let all = grouped(n_hits as u64);
    match (at_hit, n_hits) {
        (_, 0) => "Nothing has it.".to_owned(),
        (_, MAX_HITS) => format!("The first {all} places are told."),
        (Some(at), _) => format!("{} of {all}", grouped(at as u64 + 1)),
        (None, _) => counted(n_hits as u64, "place has it", "places have it"),
    }
}

/// The name of a file with the body of a target; no password of its address is in it.
pub fn raw_file(target: &str) -> String {
    let (target, _) = crate::state::settings::targets::without_secrets(target);
    let host = target.split_once("://").map_or(target.as_str(), |(_, rest)| rest);
    let safe: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' }).collect();
    format!("{}.prom", safe.trim_matches('_'))
}

pub fn raw_more(n_chars: usize) -> String {
    format!(" … {} more", counted(n_chars as u64, "character", "characters"))
}
