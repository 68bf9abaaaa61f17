//! Texts of the graph, its tooltip and its legend.

use crate::components::series_table::rows::grouped as grouped_u64;

/// The name of a graph for those who do not see it.
#[must_use]
pub fn name(expr: &str) -> String {
    format!("Graph of {expr}")
}

/// How the part with the lines is used.
pub const KEYS: &str = "Left and right move along the time axis, plus and minus zoom, 0 and Ctrl+Z go back. \
                        Enter goes to the newest sample: from there arrow keys walk along the lines, up and down from \
                        line to line, Enter pins, Escape ends.";

/// What the part with the lines is.
pub const ROLE: &str = "graph";

/// Axes without lines.
pub const EMPTY: &str = "No samples in this time range";

/// Every series was switched off, or none has a number to draw.
pub const NOTHING_FINITE: &str = "No finite values in this time range";

/// The list below the graph.
pub const LEGEND: &str = "Legend";

/// How the legend is used.
pub const LEGEND_HINT: &str = "Click a series to see it alone, Ctrl-click (or ⌘, Shift) to switch it on or off.";

/// A cap on the series was met.
#[must_use]
pub fn capped(n_shown: usize, n_total: usize) -> String {
    format!("showing {} of {} series", grouped(n_shown), grouped(n_total))
}

/// Before the labels that all series of a graph have.
pub const SHARED: &str = " of ";

/// How many series there are.
#[must_use]
pub fn n_series(n: usize) -> String {
    if n == 1 { "1 series".to_owned() } else { format!("{} series", grouped(n)) }
}

/// The button that brings the rest of a long legend.
#[must_use]
pub fn show_all(n: usize) -> String {
    format!("Show all {}", grouped(n))
}

/// The button that folds a long legend.
#[must_use]
pub fn show_first(n: usize) -> String {
    format!("Show the first {n} only")
}

/// A graph in a sentence.
#[must_use]
pub fn summary(n: usize, from: &str, to: &str) -> String {
    format!("{} from {from} to {to}.", n_series(n))
}

/// A series in a sentence.
#[must_use]
pub fn series_summary(name: &str, least: &str, greatest: &str, last: &str) -> String {
    format!("{name}: least {least}, greatest {greatest}, last {last}.")
}

/// A series of which there is nothing to tell.
#[must_use]
pub fn series_without_values(name: &str) -> String {
    format!("{name}: no finite values.")
}

/// What of a long graph is not told.
#[must_use]
pub fn more_series(n: usize) -> String {
    format!("And {} more.", grouped(n))
}

/// What the keys have reached, spoken.
#[must_use]
pub fn spoken(name: &str, value: &str, time: &str) -> String {
    format!("{value} at {time}, {name}")
}

fn grouped(n: usize) -> String {
    grouped_u64(n as u64)
}
