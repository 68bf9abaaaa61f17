//! Texts of the query page: panels, expression field, completion, time range, table.

use crate::components::series_table::rows::{counted, grouped};

/// What a first visit graphs: how long each scrape takes. The first scrape draws it, each one after it moves it, and
/// targets that are added show up in it.
pub const FIRST_EXPR: &str = "scrape_duration_seconds";

// The page.

/// Its heading, for those who listen.
pub const EXPLORE: &str = "Explore";
/// Opens the metric list where it does not stand beside the panels.
pub const OPEN_METRICS: &str = "Metrics";
/// Closes it.
pub const CLOSE_METRICS: &str = "Close the list of metrics";
/// How often all panels ask again.
pub const REFRESH: &str = "Refresh";
/// They do not.
pub const REFRESH_OFF: &str = "Off";
/// Adds a panel.
pub const ADD_PANEL: &str = "Add panel";
/// Copies a panel.
pub const DUPLICATE_PANEL: &str = "Duplicate panel";
/// The same on its button.
pub const DUPLICATE: &str = "Duplicate";
/// Takes a panel away.
pub const REMOVE_PANEL: &str = "Remove panel";
/// Brings it back.
pub const UNDO: &str = "Undo";
/// Takes a message away.
pub const DISMISS: &str = "Dismiss";

/// A panel's name.
#[must_use]
pub fn panel(number: usize) -> String {
    format!("Panel {number}")
}

/// A panel is gone.
#[must_use]
pub fn removed(number: usize) -> String {
    format!("Panel {number} was removed.")
}

/// No more panels fit into an address.
#[must_use]
pub fn full(max: usize) -> String {
    format!("{max} panels are the most a page can hold. Remove one to add another.")
}

// A panel.

/// Runs the expression.
pub const RUN: &str = "Run";
/// The key for it.
pub const RUN_KEY: &str = "Enter in the field runs it too";
/// Lays the expression out.
pub const FORMAT: &str = "Format";
/// Stops an evaluation.
pub const CANCEL: &str = "Cancel";
/// An evaluation takes more than a moment.
pub const EVALUATING: &str = "Evaluating";
/// An instant query.
pub const TAB_TABLE: &str = "Table";
/// A range query.
pub const TAB_GRAPH: &str = "Graph";
/// The two of them.
pub const TABS: &str = "Result as";
/// Shows the table of an expression that cannot be graphed.
pub const OPEN_TABLE: &str = "Show the table";
/// An evaluation was stopped.
pub const CANCELLED: &str =
    "Cancelled. The result below, if there is one, is older. Run the expression again to renew it.";
/// A question failed, and the answer to the one before is still there.
pub const OUTDATED: &str = "The result below is that of the expression before.";
/// A fixed end time.
pub const FIXED_END: &str = "Ends at a fixed time, so it does not refresh. `Now` follows the clock again.";
/// Nothing was typed.
pub const NO_EXPRESSION: &str =
    "Type an expression above, or pick a metric from the list. Ctrl+Space shows what can stand at the cursor.";
/// What was typed was not run yet.
pub const NOT_RUN: &str = "Changed, not run yet.";
/// A text with errors has no layout.
pub const FORMAT_ERRORS: &str = "Not formatted: the expression has errors. Run it to see them.";

/// Adds an expression to a graph.
pub const ADD_EXPRESSION: &str = "Add expression";
/// What that is for.
pub const ADD_EXPRESSION_TITLE: &str = "Draw another expression in the same graph";
/// A further expression has no series; why is told of the first one only.
pub const NOTHING_OF_IT: &str = "No series of this expression in this time range.";
/// Only the graph has several.
pub const TABLE_OF_FIRST: &str = "The table shows the first expression. The others are in the graph.";

/// The letter of an expression of a panel, by its number from 0.
#[must_use]
pub fn letter(number: u16) -> String {
    let letter = u8::try_from(number).ok().filter(|number| *number < 26).map(|number| char::from(b'A' + number));
    letter.map_or_else(|| (u32::from(number) + 1).to_string(), String::from)
}

/// The field of one of several expressions.
#[must_use]
pub fn expression(letter: &str) -> String {
    format!("{EXPRESSION} {letter}")
}

/// Takes an expression out of a graph.
#[must_use]
pub fn remove_expression(letter: &str) -> String {
    format!("Remove expression {letter}")
}

/// No more expressions fit into a graph.
#[must_use]
pub fn expressions_full(max: usize) -> String {
    format!("A graph has at most {max} expressions.")
}

/// Expressions of this type have no graph.
#[must_use]
pub fn not_graphable(type_name: &str) -> String {
    let cure = if type_name == "range vector" {
        "Wrap it in a function such as `rate(…)` or `avg_over_time(…)`, or look at its samples in the table."
    } else {
        "Look at it in the table."
    };
    format!("This expression is a {type_name}, which cannot be graphed. {cure}")
}

/// What an evaluation gave and cost.
#[must_use]
pub fn stats(size: &str, ms: f64, step: Option<&str>) -> String {
    let ms = if ms < 1.0 { "under 1 ms".to_owned() } else { format!("{} ms", grouped(ms.round() as u64)) };
    let step = step.map(|step| format!(" · step {step}")).unwrap_or_default();
    format!("{size} · {ms}{step}")
}

/// How many series an answer has.
#[must_use]
pub fn n_series(count: u64) -> String {
    counted(count, "series", "series")
}

/// How many samples an evaluation read.
#[must_use]
pub fn samples_read(n_samples: u64) -> String {
    format!("{} read", counted(n_samples, "sample", "samples"))
}

/// A graph without all of its series.
#[must_use]
pub fn graph_capped(shown: u64, total: u64) -> String {
    format!(
        "The graph shows the first {} of {} series. Aggregate them (`sum by (…)`), pick some (`topk(10, …)`) or add a matcher.",
        grouped(shown),
        grouped(total)
    )
}

/// Shows more series of a graph.
#[must_use]
pub fn graph_more(count: u64) -> String {
    format!("Show {}", grouped(count))
}

/// A message of the language as a sentence: it begins with a capital and ends with a full stop.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let mut out: String = first.to_uppercase().collect();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '?', ':']) {
        out.push('.');
    }
    out
}

/// Where in an expression: the line only where there are several.
#[must_use]
pub fn place(line: usize, column: usize, has_lines: bool) -> String {
    if has_lines { format!("Line {line}, column {column}") } else { format!("Column {column}") }
}

// The expression field.

/// Its name.
pub const EXPRESSION: &str = "Expression";
/// In it while it is empty.
pub const EXPRESSION_PLACEHOLDER: &str = "PromQL · Enter runs, Shift+Enter begins a new line";
/// The list of completions.
pub const COMPLETIONS: &str = "Completions";
/// The list is open and nothing fits.
pub const NO_COMPLETIONS: &str = "Nothing known fits here.";

/// The list is longer than what is shown.
#[must_use]
pub fn more_completions(hidden: usize) -> String {
    format!("{} more: type on to narrow the list", grouped(hidden as u64))
}

// The time range.

/// The group of its fields.
pub const TIME_RANGE: &str = "Time range";
/// The range's length.
pub const RANGE: &str = "Range";
/// The next rung down.
pub const SHORTER: &str = "Shorter range";
/// The next rung up.
pub const LONGER: &str = "Longer range";
/// Where the range ends.
pub const END_TIME: &str = "End time";
/// In the field while it follows the clock.
pub const END_PLACEHOLDER: &str = "Now";
/// Half a range back.
pub const EARLIER: &str = "Earlier";
/// Half a range on.
pub const LATER: &str = "Later";
/// Follow the clock.
pub const NOW: &str = "Now";
/// The step.
pub const RESOLUTION: &str = "Resolution";
/// The step as text.
pub const STEP: &str = "Step";
/// A step of one's own.
pub const CUSTOM_STEP: &str = "Custom step";
/// Steps that fit the range.
pub const AUTO_STEPS: &str = "Fitting the range";
/// Steps that do not change with it.
pub const FIXED_STEPS: &str = "Fixed";

/// An automatic step and what it is now: `Medium: 14s`.
#[must_use]
pub fn auto_step(density: &str, step: &str) -> String {
    format!("{}: {step}", sentence(density).trim_end_matches('.'))
}

/// What was typed is not taken; Escape gives the old value back.
#[must_use]
pub fn not_taken(what: &str, kept: &str) -> String {
    format!("{} Still in use: {kept}. Escape brings it back.", sentence(what))
}

// The table.

/// Its name.
pub const RESULT: &str = "Result";
/// The column of series.
pub const SERIES: &str = "Series";
/// The column of values.
pub const VALUE: &str = "Value";
/// The column of raw samples.
pub const SAMPLES: &str = "Samples";
/// Narrows the table.
pub const FILTER: &str = "Filter series";
/// Copies the table.
pub const COPY_TABLE: &str = "Copy table";
/// Copies a series.
pub const COPY: &str = "Copy";
/// What exactly that copies.
pub const COPY_SELECTOR: &str = "Copy the selector of this series";
/// It is on the clipboard.
pub const COPIED: &str = "Copied.";
/// It is not.
pub const NOT_COPIED: &str = "Not copied: browsers give a page the clipboard only over https or on localhost. Select the text and copy it by hand.";
/// A series without any label.
pub const NO_LABELS: &str = "{}";
/// The type of a plain number.
pub const SCALAR: &str = "scalar";
/// The type of a plain text.
pub const STRING: &str = "string";

/// How many series the filter lets through.
#[must_use]
pub fn filtered(shown: u64, total: u64) -> String {
    format!("{} of {}", grouped(shown), counted(total, "series", "series"))
}

/// The table is longer than what is shown.
#[must_use]
pub fn show_all(total: u64) -> String {
    format!("Show all {}", counted(total, "series", "series"))
}

/// A series has more samples than are shown.
#[must_use]
pub fn show_all_samples(total: u64) -> String {
    format!("Show all {} samples", grouped(total))
}

/// Nothing passes the filter.
#[must_use]
pub fn nothing_matches(filter: &str) -> String {
    format!("No series contains “{filter}”. Clear the filter to see all.")
}

// Nothing there.

/// The result has no series.
pub const EMPTY: &str = "The result is empty.";
/// Takes a proposal.
pub const USE_IT: &str = "Use it";
/// Nothing was scraped so far.
pub const EMPTY_STORE: &str =
    "Nothing is stored yet. The result appears with the first samples; add an endpoint if there is none.";
/// All series are there, yet nothing came out.
pub const EMPTY_COMPUTED: &str = "All its metrics have data, but nothing is left after the operators: a comparison may \
                                  drop everything, or the labels of both sides of an operator may differ. Run its parts one by one.";

/// A metric that is not there.
#[must_use]
pub fn no_metric(name: &str) -> String {
    format!("No metric is called `{name}`.")
}

/// The nearest one.
#[must_use]
pub fn nearest_metric(name: &str) -> String {
    format!("The nearest is `{name}`.")
}

/// A matcher that lets nothing through.
#[must_use]
pub fn no_value(matcher: &str, metric: &str) -> String {
    format!("No series of `{metric}` has `{matcher}`.")
}

/// The nearest value.
#[must_use]
pub fn nearest_value(label: &str, value: &str) -> String {
    format!("The nearest `{label}` is `{value}`.")
}

/// A label that no series of the metric has.
#[must_use]
pub fn no_label(label: &str, metric: &str) -> String {
    format!("No series of `{metric}` has the label `{label}`.")
}

/// The range of a selector is too short for the pace of scraping.
#[must_use]
pub fn short_window(window: &str, interval: &str, enough: &str) -> String {
    format!(
        "A window of {window} holds less than two samples when targets are scraped every {interval}. Try `[{enough}]`."
    )
}

/// There is one sample of each series so far.
pub const YOUNG_DATA: &str = "The first samples have just arrived. A function over a window needs two of each series: the next scrape brings them.";

/// The newest sample is old.
#[must_use]
pub fn data_ended(ago: &str) -> String {
    format!("The newest sample is {ago} old: nothing was scraped since. See Targets for the reason.")
}

/// The time asked for lies before all data.
#[must_use]
pub fn before_data(oldest: &str) -> String {
    format!("The data begins at {oldest}, after the time that was asked for.")
}

#[cfg(test)]
mod tests {
    //! Sentences with numbers in them.
    use super::*;

    #[test]
    fn the_stats_line_reads_well() {
        assert_eq!(stats(&n_series(12), 3.4, None), "12 series · 3 ms");
        assert_eq!(stats(&n_series(1_234), 0.2, Some("14s")), "1,234 series · under 1 ms · step 14s");
        assert_eq!(auto_step("medium", "14s"), "Medium: 14s");
        assert_eq!(place(1, 5, false), "Column 5");
    }
}
