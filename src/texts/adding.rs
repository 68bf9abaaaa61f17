//! Texts of adding endpoints, texts and files.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use protocol::Problem;

pub const FIELD: &str = "Metrics URL or metrics text";
pub const INVITATION: &str = "Paste a metrics URL, a Prometheus URL, metrics text, or a prometheus.yml";
pub const PLACEHOLDER: &str =
    "http://localhost:9100/metrics, host:port, :9323, a Prometheus server, or a prometheus.yml";
pub const ADD: &str = "Add endpoint";
pub const OPEN_FILE: &str = "Open a file";
pub const DROP_HINT: &str = "Drop files to read the metrics in them, or a prometheus.yml to run it";
pub const EXAMPLES: &str = "For example";
pub const ADDED: &str = "Added";
pub const PASTED: &str = "Pasted text";
pub const SETTINGS: &str = "Settings";
pub const UNDO: &str = "Undo";
pub const TRY_AGAIN: &str = "Try again";
pub const DISMISS: &str = "Dismiss";
pub const GO_TO_TARGET: &str = "Go to the target";
pub const SECRET: &str =
    "Its address holds a secret, which is used now but not stored: after a reload, enter it again.";

/// What an example is called, and what it puts into the field.
pub fn examples(origin: &str) -> [(&'static str, String); 3] {
    [("this relay", format!("{origin}/metrics")), ("Docker", ":9323".to_owned()), ("node exporter", ":9100".to_owned())]
}

fn problem(message: impl Into<String>, hint: &str) -> Problem {
    Problem { message: message.into(), hint: hint.to_owned(), ..Problem::default() }
}

pub fn nothing_to_add() -> Problem {
    problem("There is nothing to add yet.", "Enter an address such as localhost:9100, or paste metrics text.")
}

pub fn is_a_query() -> Problem {
    problem(
        "This looks like a query, not like an address or metrics text.",
        "Queries belong into the field \u{201c}Expression\u{201d} of the Explore page.",
    )
}

pub fn too_many(n: usize) -> Problem {
    let max = crate::components::add_endpoint::recognise::MAX_ADDRESSES;
    problem(
        format!("These are {} addresses; at most {max} are added at once.", grouped(n as u64)),
        "Add them in several parts.",
    )
}

pub fn file_too_large(name: &str, bytes: u64, max: u64) -> Problem {
    problem(
        format!("{name} has {}; files of up to {} are read.", units::bytes(bytes), units::bytes(max)),
        "Split it, or leave out metrics you do not need.",
    )
}

pub fn file_unreadable(name: &str) -> Problem {
    problem(format!("{name} could not be read."), "It may be a folder, or have been changed or moved. Choose it again.")
}

pub fn scraping(name: &str) -> String {
    format!("Scraping {name} …")
}

/// The first graph of a server: what it scrapes, and whether that works.
pub const FIRST_OF_SOURCE: &str = "sum by (job) (up)";

pub fn looking(name: &str) -> String {
    format!("Looking at {name} …")
}

pub fn found_source(name: &str, kind: &str) -> String {
    format!("{name} is {kind}: it is asked for its samples, and not scraped.")
}

pub fn reading(name: &str) -> String {
    format!("Reading {name} …")
}

pub fn found(name: &str, n_metrics: usize, n_series: u32, interval_ms: Option<u32>) -> String {
    if n_series == 0 {
        return format!("{name} answered, but holds no metrics{}.", scraping_on(interval_ms));
    }
    let metrics = counted(n_metrics as u64, "metric", "metrics");
    let series = counted(u64::from(n_series), "series", "series");
    format!("{name}: found {metrics}, {series}{}.", scraping_on(interval_ms))
}

fn scraping_on(interval_ms: Option<u32>) -> String {
    interval_ms.map_or_else(String::new, |ms| format!(", scraping every {}", units::interval(ms)))
}

pub fn known(name: &str) -> String {
    format!("{name} is a target already; it is not added twice.")
}

pub fn graph(name: &str) -> String {
    format!("Graph {name}")
}

pub fn tried_again(interval_ms: u32) -> String {
    format!("It stays a target and is tried again every {}.", units::interval(interval_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_said_with_its_counts() {
        assert_eq!(
            found("localhost:9100", 214, 1_234, Some(5_000)),
            "localhost:9100: found 214 metrics, 1,234 series, scraping every 5 s."
        );
        assert_eq!(found("a.txt", 1, 1, None), "a.txt: found 1 metric, 1 series.");
        assert_eq!(found(":1", 0, 0, Some(1_000)), ":1 answered, but holds no metrics, scraping every 1 s.");
    }
}
