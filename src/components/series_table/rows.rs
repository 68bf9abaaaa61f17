//! The rows of a table of series: filtered, sorted, capped, copied. No row is ever reordered or left
//! out without the user having asked for it or being told.

pub use model::number::grouped;

use model::number;
use protocol::{Row, TableResult};
use std::cmp::Ordering;
use std::fmt::Write as _;

/// So many rows are put into the page at first: more make a phone stutter.
pub const ROW_CAP: usize = 200;

/// So many samples of one series are at first.
pub const SAMPLE_CAP: usize = 100;

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the engine gave them: sorted by labels, or as `sort` and `topk` say.
    #[default]
    Given,
    /// By name and labels.
    Series {
        /// Z first.
        descending: bool,
    },
    /// By value; NaN always last.
    Value {
        /// The greatest first.
        descending: bool,
    },
}

impl Sort {
    /// After a click on the head of the series column: up, down, as given.
    #[must_use]
    pub fn by_series(self) -> Self {
        match self {
            Sort::Series { descending: false } => Sort::Series { descending: true },
            Sort::Series { descending: true } => Sort::Given,
            _ => Sort::Series { descending: false },
        }
    }

    /// After a click on the head of the value column: the greatest first, the least first, as given.
    #[must_use]
    pub fn by_value(self) -> Self {
        match self {
            Sort::Value { descending: true } => Sort::Value { descending: false },
            Sort::Value { descending: false } => Sort::Given,
            _ => Sort::Value { descending: true },
        }
    }
}

/// Indices of the rows that contain every word of the filter, in the order asked for.
#[must_use]
pub fn arranged(rows: &[Row], sort: Sort, filter: &str) -> Vec<usize> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let mut picked: Vec<usize> = (0..rows.len()).filter(|&idx| matches(&rows[idx].labels, &words)).collect();
    model::sort::by(&mut picked, |&a, &b| match sort {
        Sort::Given => Ordering::Equal,
        Sort::Series { descending } => flipped(series_order(&rows[a].labels, &rows[b].labels), descending),
        Sort::Value { descending } => value_order(rows[a].v, rows[b].v, descending),
    });
    picked
}

/// Whether each word stands in a name or value of the labels, or in a pair written `name="value"`.
#[must_use]
pub fn matches(labels: &[(String, String)], words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let text = series_text(labels).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// By name first, then pair by pair: as a reader looks them up.
fn series_order(a: &[(String, String)], b: &[(String, String)]) -> Ordering {
    let name = |labels: &[(String, String)]| {
        labels.iter().find(|(n, _)| n == model::METRIC_NAME).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    name(a).cmp(&name(b)).then_with(|| a.cmp(b))
}

fn value_order(a: f64, b: f64, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => flipped(a.total_cmp(&b), descending),
        (a_nan, b_nan) => a_nan.cmp(&b_nan),
    }
}

fn flipped(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}

/// `name{a="b"}` as PromQL writes it.
#[must_use]
pub fn series_text(labels: &[(String, String)]) -> String {
    model::Labels::from_pairs(labels.iter().map(|(n, v)| (n, v))).to_string()
}

/// The parts of a series as it is shown: its name, then each label with its quoted value.
#[must_use]
pub fn series_parts(labels: &[(String, String)]) -> (Option<&str>, Vec<(&str, String)>) {
    let name = labels.iter().find(|(n, _)| n == model::METRIC_NAME).map(|(_, v)| v.as_str());
    let pairs = labels.iter().filter(|(n, _)| n != model::METRIC_NAME);
    (name, pairs.map(|(n, v)| (n.as_str(), model::quote(v))).collect())
}

/// The whole result as text with tabs, for a spreadsheet: a line a series, or a line a sample with
/// its time in seconds.
#[must_use]
pub fn as_text(result: &TableResult, order: &[usize]) -> String {
    let mut out = String::new();
    match result {
        TableResult::Scalar { v } => out.push_str(&number::format(*v)),
        TableResult::String { text } => out.push_str(text),
        TableResult::Vector { rows } => {
            for row in order.iter().filter_map(|&idx| rows.get(idx)) {
                let _ = writeln!(out, "{}\t{}", series_text(&row.labels), row.shown());
            }
        }
        TableResult::Matrix { series } => {
            for one in order.iter().filter_map(|&idx| series.get(idx)) {
                let name = series_text(&one.labels);
                for (t, value) in one.shown() {
                    let _ = writeln!(out, "{name}\t{}\t{value}", t / 1_000.0);
                }
            }
        }
    }
    out
}

/// How many rows a result has, and what they are called.
#[must_use]
pub fn n_rows(result: &TableResult) -> usize {
    match result {
        TableResult::Scalar { .. } | TableResult::String { .. } => 1,
        TableResult::Vector { rows } => rows.len(),
        TableResult::Matrix { series } => series.len(),
    }
}

/// A count and its noun: `1 series`, `2 samples`. The plural is given, because "series" has none of its own.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, job: &str, v: f64) -> Row {
        Row {
            labels: vec![("__name__".to_owned(), name.to_owned()), ("job".to_owned(), job.to_owned())],
            v,
            text: None,
        }
    }

    fn rows() -> Vec<Row> {
        vec![row("up", "b", 2.0), row("up", "a", f64::NAN), row("errors", "a", -1.0), row("up", "c", f64::INFINITY)]
    }

    #[test]
    fn rows_stay_as_given_until_a_head_is_clicked() {
        let rows = rows();
        assert_eq!(arranged(&rows, Sort::Given, ""), [0, 1, 2, 3]);
        assert_eq!(arranged(&rows, Sort::Given.by_value(), ""), [3, 0, 2, 1]);
        assert_eq!(arranged(&rows, Sort::Given.by_value().by_value(), ""), [2, 0, 3, 1]);
        assert_eq!(Sort::Given.by_value().by_value().by_value(), Sort::Given);
        assert_eq!(arranged(&rows, Sort::Given.by_series(), ""), [2, 1, 0, 3]);
        assert_eq!(Sort::Given.by_series().by_series().by_series(), Sort::Given);
    }

    #[test]
    fn every_word_of_the_filter_has_to_match() {
        let rows = rows();
        assert_eq!(arranged(&rows, Sort::Given, "UP a"), [1]);
        assert_eq!(arranged(&rows, Sort::Given, "job=\"a\""), [1, 2]);
        assert_eq!(arranged(&rows, Sort::Given, "nothing"), [] as [usize; 0]);
    }

    #[test]
    fn a_copy_is_exact_and_in_the_order_shown() {
        let result = TableResult::Vector { rows: rows() };
        assert_eq!(as_text(&result, &[2, 3]), "errors{job=\"a\"}\t-1\nup{job=\"c\"}\t+Inf\n");
        assert_eq!(as_text(&TableResult::Scalar { v: 0.1 }, &[]), "0.1");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!([grouped(0), grouped(999), grouped(1_000), grouped(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "sample", "samples"), "1 sample");
    }
}
