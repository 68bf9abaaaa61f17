//! Texts of the details of a metric family.

use crate::components::series_table::rows::{counted, grouped};

pub const DETAILS: &str = "Details";
pub const CLOSE: &str = "Close";
pub const LOADING: &str = "Loading …";
pub const TYPE: &str = "Type";
pub const UNIT: &str = "Unit";
pub const NO_UNIT: &str = "not given";
pub const HELP: &str = "Help";
pub const NO_HELP: &str = "not given";
pub const SERIES: &str = "Series";
pub const METRICS: &str = "Metrics";
pub const TARGETS: &str = "Targets";
pub const NO_TARGET: &str = "none exposes it now";
pub const EXEMPLARS: &str = "Exemplars";
pub const EXEMPLAR_COLUMNS: [&str; 4] = ["Exemplar", "Value", "Time", "Series"];
pub const NO_EXEMPLARS: &str =
    "None so far. An exporter attaches them to counters and histograms, in OpenMetrics or protobuf only.";
pub const NO_TIME: &str = "not given";
pub const SINCE: &str = "Counting since";
pub const SINCE_COLUMNS: [&str; 2] = ["Series", "Since"];
pub const NO_STARTS: &str = "Not said. An exporter says it of counters, histograms and summaries: as \u{2026}_created in OpenMetrics, or in protobuf.";

pub fn details_of(name: &str) -> String {
    format!("Details of {name}")
}

/// The type, and what it is for.
pub fn kind(kind: &str) -> String {
    let about = match kind {
        "counter" => "only goes up, but for restarts",
        "gauge" => "goes up and down",
        "histogram" => "counts observations in buckets",
        "gaugehistogram" => "buckets of what is there now",
        "summary" => "quantiles, count and sum of observations",
        "info" => "labels that describe something; the value is always 1",
        "stateset" => "a series for each state: 1 for those that hold",
        _ => "the exporter does not say",
    };
    format!("{kind}: {about}")
}

pub fn exemplars(n_shown: usize, n: usize) -> String {
    let all = counted(n as u64, "observation", "observations");
    if n_shown < n {
        format!("The newest {} of {all}.", grouped(n_shown as u64))
    } else {
        format!("{all}, the newest first.")
    }
}

/// Since when its series count; the last one, if it is another time.
pub fn since(n_series: u32, oldest: &str, newest: Option<String>) -> String {
    let series = counted(u64::from(n_series), "series", "series");
    match newest {
        None => format!("{series}: {oldest}."),
        Some(newest) => format!("{series}: the first one {oldest}, the last one {newest}."),
    }
}
