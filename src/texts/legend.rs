//! Texts of the legend, and of what is beside it: files, values in rows, a graph in sentences.

use crate::texts::units::span;
use model::number::grouped;

/// The list below the graph.
pub const LEGEND: &str = "Legend";
/// How it is used.
pub const HINT: &str = "Click a series to see it alone, Ctrl-click (or ⌘, Shift) to switch it on or off.";
/// Before the colours of a heat map, from the least count to the greatest.
pub const HEAT_KEY: &str = "Observations:";
/// The column of names.
pub const SERIES: &str = "Series";
/// The value of the last step.
pub const LAST: &str = "Last";
/// The least value.
pub const MIN: &str = "Min";
/// The mean of all values.
pub const MEAN: &str = "Mean";
/// The greatest value.
pub const MAX: &str = "Max";
/// A column of a series that has no finite value.
pub const NO_VALUE: &str = "–";
/// The same in words.
pub const NO_FINITE_VALUE: &str = "no finite value";
/// Narrows the legend.
pub const FILTER: &str = "Filter legend";
/// Which columns there are.
pub const COLUMNS: &str = "Columns";
/// Before the labels that all series of a graph have.
pub const SHARED: &str = " of ";

/// How many series there are.
#[must_use]
pub fn n_series(n: usize) -> String {
    if n == 1 { "1 series".to_owned() } else { format!("{} series", count(n)) }
}

/// A cap on the series was met.
#[must_use]
pub fn capped(n_shown: usize, n_total: usize) -> String {
    format!("showing {} of {} series", count(n_shown), count(n_total))
}

/// How many the filter lets through.
#[must_use]
pub fn filtered(n: usize, n_total: usize) -> String {
    format!("{} of {}", count(n), n_series(n_total))
}

/// Nothing passes the filter.
#[must_use]
pub fn nothing_matches(filter: &str) -> String {
    format!("No series contains “{filter}”. Clear the filter to see all.")
}

/// The button that brings the rest of a long legend.
#[must_use]
pub fn show_all(n: usize) -> String {
    format!("Show all {}", count(n))
}

/// The button that folds a long legend.
#[must_use]
pub fn show_first(n: usize) -> String {
    format!("Show the first {n} only")
}

/// How much earlier a series is.
#[must_use]
pub fn earlier(ms: i64) -> String {
    format!("{} earlier", span(ms))
}

/// A series of the period before.
#[must_use]
pub fn earlier_name(name: &str, ms: i64) -> String {
    format!("{name} {}", earlier(ms))
}

/// The switch that lists the series of the period before.
#[must_use]
pub fn list_earlier(n: usize, ms: i64) -> String {
    format!("List {} {}", n_series(n), earlier(ms))
}

/// The letter of an expression among several.
#[must_use]
pub fn letter(query_idx: u16) -> String {
    char::from_u32(u32::from(b'A') + u32::from(query_idx % 26)).unwrap_or('?').to_string()
}

// Files and the clipboard.

/// The menu.
pub const SAVE_OR_COPY: &str = "Save or copy";
/// A picture in pixels.
pub const SAVE_PNG: &str = "Save as PNG";
/// A picture in lines.
pub const SAVE_SVG: &str = "Save as SVG";
/// A row a time, a column a series.
pub const SAVE_CSV: &str = "Save as CSV";
/// As Prometheus answers a range query.
pub const SAVE_JSON: &str = "Save as JSON";
/// The legend as a table of Markdown.
pub const COPY_MARKDOWN: &str = "Copy as Markdown table";
/// The address of this page.
pub const COPY_LINK: &str = "Copy link";
/// It is on the clipboard.
pub const COPIED: &str = "Copied.";
/// The browser refused.
pub const NOT_SAVED: &str = "The browser did not make the file. Free some memory or show fewer series, and try again.";
/// The heads of the column of times.
pub const TIME: &str = "time";

/// A file was given to the browser.
#[must_use]
pub fn saved(name: &str) -> String {
    format!("Saved {name}.")
}

// Values in rows.

/// The disclosure, and the table in it.
pub const VALUES: &str = "Values as a table";
/// The column of times.
pub const TIME_COLUMN: &str = "Time";
/// No sample at a time.
pub const NO_SAMPLE: &str = "–";
/// There is nothing to put into the table.
pub const NO_VALUES: &str = "No series is shown.";

/// What of the values the table leaves out; nothing if it has all.
#[must_use]
pub fn values_cut((n_rows, all_rows): (usize, usize), (n_columns, all_columns): (usize, usize)) -> Option<String> {
    let rows = (n_rows < all_rows).then(|| format!("the last {} of {} times", count(n_rows), count(all_rows)));
    let columns =
        (n_columns < all_columns).then(|| format!("the first {} of {} series", count(n_columns), count(all_columns)));
    let parts = [rows, columns].into_iter().flatten().collect::<Vec<_>>().join(" and ");
    (!parts.is_empty()).then(|| format!("The table has {parts}. A CSV file has all of them."))
}

// A graph in sentences.

/// The first one.
#[must_use]
pub fn summary(n: usize, from: &str, to: &str) -> String {
    format!("{} from {from} to {to}.", n_series(n))
}

/// A series in a sentence.
#[must_use]
pub fn series_summary(name: &str, last: &str, (min, max): (&str, &str), trend: &str, n_gaps: usize) -> String {
    let gaps = match n_gaps {
        0 => String::new(),
        1 => ", 1 gap".to_owned(),
        n => format!(", {} gaps", count(n)),
    };
    format!("{name}: last {last}, min {min}, max {max}, {trend}{gaps}.")
}

/// A series of which there is nothing to tell.
#[must_use]
pub fn series_without_values(name: &str) -> String {
    format!("{name}: no finite values.")
}

/// A heat map in a sentence: its buckets, the range of all of them, the fullest one.
#[must_use]
pub fn heat_summary(n_buckets: usize, range: &str, most: &str, bucket: &str) -> String {
    format!("Heat map of {} buckets over {range}: at most {most} in one step, in {bucket}.", count(n_buckets))
}

/// What of a long graph is not told.
#[must_use]
pub fn more_series(n: usize) -> String {
    format!("And {} more.", count(n))
}

/// All values are one.
pub const CONSTANT: &str = "constant";
/// It ends far above where it began.
pub const RISING: &str = "rising";
/// It ends far below where it began.
pub const FALLING: &str = "falling";
/// It ends about where it began.
pub const LEVEL: &str = "without a trend";

fn count(n: usize) -> String {
    grouped(n as u64)
}

#[cfg(test)]
mod tests {
    //! Sentences with numbers in them.
    use super::*;

    #[test]
    fn sentences_read_well() {
        assert_eq!(earlier_name("up", 86_400_000), "up 1 d earlier");
        assert_eq!(list_earlier(1, 3_600_000), "List 1 series 1 h earlier");
        assert_eq!([0, 1, 7].map(letter), ["A", "B", "H"]);
        assert_eq!(values_cut((5, 5), (2, 2)), None);
        assert_eq!(
            values_cut((200, 251), (20, 1_000)).as_deref(),
            Some(
                "The table has the last 200 of 251 times and the first 20 of 1,000 series. A CSV file has all of them."
            )
        );
        assert_eq!(
            values_cut((200, 251), (2, 2)).as_deref(),
            Some("The table has the last 200 of 251 times. A CSV file has all of them.")
        );
    }
}
