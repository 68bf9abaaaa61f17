//! Texts of the graph and its tooltip.

/// The name of a graph for those who do not see it.
#[must_use]
pub fn name(expr: &str) -> String {
    format!("Graph of {expr}")
}

/// How the part with the lines is used.
pub const KEYS: &str = "Left and right move along the time axis, plus and minus zoom, 0 and Ctrl+Z go back. \
                        Enter goes to the newest sample: from there arrow keys walk along the lines, up and down from \
                        line to line, Enter pins, Escape ends. N writes a note at the cursor.";

/// What the part with the lines is.
pub const ROLE: &str = "graph";

/// Axes without lines.
pub const EMPTY: &str = "No samples in this time range";

/// Every series was switched off, or none has a number to draw.
pub const NOTHING_FINITE: &str = "No finite values in this time range";

/// What the keys have reached, spoken.
#[must_use]
pub fn spoken(name: &str, value: &str, time: &str) -> String {
    format!("{value} at {time}, {name}")
}
