//! How series are called in legend, tooltip, summary, table and files.

use crate::state::url::graph::GraphState;
use crate::texts::legend as texts;
use chart::Form;
use frame::FrameSeries;
use model::{Labels, cluster};
use protocol::GraphAnswer;

/// What the series of an answer are called beside each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// What all series of an expression share, by its number.
    common: Vec<Labels>,
    /// As the user wants them called; empty: by their own labels.
    format: String,
    previous_ms: Option<i64>,
}

impl Names {
    /// Of the series of an answer. `format` has `{{label}}` for the value of a label; empty: each series is called by what it
    /// does not share with the others of its expression.
    #[must_use]
    pub fn of(answer: &GraphAnswer, format: &str) -> Self {
        let n_queries = answer.frame.series.iter().map(|series| usize::from(series.source.query_idx) + 1).max();
        let common = (0..n_queries.unwrap_or(0)).map(|query_idx| {
            let of_query = answer
                .frame
                .series
                .iter()
                .filter(|series| usize::from(series.source.query_idx) == query_idx && !series.source.is_previous);
            common_labels(of_query.map(|series| &series.labels))
        });
        Names { common: common.collect(), format: format.trim().to_owned(), previous_ms: answer.extras.previous_ms }
    }

    /// What all series of an expression share.
    #[must_use]
    pub fn common(&self, query_idx: u16) -> Labels {
        self.common.get(usize::from(query_idx)).cloned().unwrap_or_default()
    }

    /// The name of a series beside the others of its expression.
    #[must_use]
    pub fn own(&self, answer: &GraphAnswer, series: &FrameSeries) -> String {
        let query_idx = series.source.query_idx;
        let by_format = (!self.format.is_empty()).then(|| formatted(&self.format, &series.labels));
        let name = by_format
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| own_name(&series.labels, &self.common(query_idx), answer.expr_of(query_idx)));
        dated(name, series, self.previous_ms)
    }
}

/// What the series are called beside the plot, if the form writes it there.
#[must_use]
pub fn beside_plot(answer: &GraphAnswer, state: &GraphState) -> Vec<String> {
    if state.form != Form::States {
        return Vec::new();
    }
    let names = Names::of(answer, &state.legend);
    answer.frame.series.iter().map(|series| names.own(answer, series)).collect()
}

/// The whole name of a series of an answer: all its labels, or its expression if it has none.
#[must_use]
pub fn whole_name(answer: &GraphAnswer, series: &FrameSeries) -> String {
    let name = full_name(&series.labels, answer.expr_of(series.source.query_idx));
    dated(name, series, answer.extras.previous_ms)
}

fn dated(name: String, series: &FrameSeries, previous_ms: Option<i64>) -> String {
    match previous_ms {
        _ if !series.source.is_previous => name,
        Some(ms) => texts::earlier_name(&name, ms),
        // What a server says of the same stands in the place of the period before.
        None => crate::texts::sources::of_server(&name),
    }
}

/// A name by a format such as `{{job}} on {{instance}}`: labels by their values, missing ones by nothing. Braces that do
/// not close stand for themselves.
#[must_use]
pub fn formatted(format: &str, labels: &Labels) -> String {
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((text, tail)) = rest.split_once("{{") {
        let Some((label, tail)) = tail.split_once("}}") else {
            break;
        };
        out.push_str(text);
        out.push_str(labels.get(label.trim()).unwrap_or_default());
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The name of a series: its labels as PromQL writes them, or the expression if it has none.
#[must_use]
pub fn full_name(labels: &Labels, expr: &str) -> String {
    if labels.is_empty() { expr.to_owned() } else { labels.to_string() }
}

/// The labels that all series have with the same value, the metric's name among them. A series alone
/// has none: it is called by its whole name.
#[must_use]
pub fn common_labels<'a>(mut series: impl Iterator<Item = &'a Labels>) -> Labels {
    let (Some(first), Some(second)) = (series.next(), series.next()) else {
        return Labels::empty();
    };
    let mut common: Vec<(&str, &str)> = first.iter().collect();
    for labels in std::iter::once(second).chain(series) {
        if common.is_empty() {
            break;
        }
        common.retain(|&(name, value)| labels.get(name) == Some(value));
    }
    Labels::from_pairs(common)
}

/// The name of a series beside others: only what it does not share with all of them.
#[must_use]
pub fn own_name(labels: &Labels, common: &Labels, expr: &str) -> String {
    let own = Labels::from_pairs(labels.iter().filter(|(name, _)| common.get(name).is_none()));
    // A series whose labels are all shared is the one that lacks what the others have.
    if own.is_empty() { full_name(labels, expr) } else { own.to_string() }
}

/// A name in two parts: the first may be cut off at its end, the second stays, so that what is left
/// out of a long name is its middle.
#[must_use]
pub fn halves(name: &str) -> (&str, &str) {
    /// Enough for `instance="host:9100"}`.
    const TAIL: usize = 22;
    let n_chars = name.chars().count();
    if n_chars <= 2 * TAIL {
        return (name, "");
    }
    let tail = name.char_indices().nth(n_chars - TAIL).map_or(name.len(), |(at, _)| at);
    // An accent stays with its letter, a flag and what is joined in one piece.
    name.split_at(cluster::cut_at(name, tail))
}

#[cfg(test)]
mod tests {
    //! Label sets and what they are called.
    use super::*;

    fn series(pairs: &[(&str, &str)]) -> Labels {
        Labels::from_pairs(pairs.iter().copied())
    }

    #[test]
    fn long_names_are_cut_in_their_middle() {
        assert_eq!(halves("up"), ("up", ""));
        let name = "http_requests_total{code=\"200\", instance=\"localhost:9100\"}";
        let (head, tail) = halves(name);
        assert_eq!(format!("{head}{tail}"), name);
        assert_eq!(tail, "ance=\"localhost:9100\"}");
        assert_eq!(halves(&"ä".repeat(60)).1.chars().count(), 22);
    }

    #[test]
    fn no_cut_parts_an_accent_from_its_letter() {
        // An e with an accent of its own, over and over: every other place is none to cut at.
        let name = format!("x{}", "e\u{301}".repeat(40));
        assert!(halves(&name).1.starts_with('e'));
        let name = format!("{}{}", "a".repeat(40), "\u{301}".repeat(60));
        assert_eq!(halves(&name).1.chars().count(), 22, "a heap of accents without end is cut all the same");
        let family = "👩\u{200d}👩\u{200d}👧";
        let families = family.repeat(20);
        assert!(halves(&families).1.starts_with(family));
        let (head, tail) = (format!("{}\u{202e}", "ש".repeat(50)), "x".repeat(22));
        assert_eq!(halves(&format!("{head}{tail}")), (head.as_str(), tail.as_str()));
    }

    #[test]
    fn a_format_takes_the_values_of_labels() {
        let labels = series(&[("__name__", "up"), ("job", "node"), ("le", "<b>{{job}}</b>")]);
        for (format, want) in [
            ("{{job}}", "node"),
            ("{{ job }} of {{__name__}}!", "node of up!"),
            ("{{missing}}{{job}}", "node"),
            ("{{le}}", "<b>{{job}}</b>"),
            ("plain", "plain"),
            ("{{job", "{{job"),
            ("a }} {{job}} {{", "a }} node {{"),
            ("{{}}{{{{job}}", ""),
        ] {
            assert_eq!(formatted(format, &labels), want, "{format}");
        }
    }

    #[test]
    fn a_series_without_labels_is_called_by_its_query() {
        assert_eq!(full_name(&Labels::empty(), "sum(up)"), "sum(up)");
        assert_eq!(full_name(&series(&[("__name__", "up"), ("job", "a")]), "up"), "up{job=\"a\"}");
    }

    #[test]
    fn what_all_series_share_is_told_once() {
        let all = [
            series(&[("__name__", "cpu"), ("job", "node"), ("cpu", "0")]),
            series(&[("__name__", "cpu"), ("job", "node"), ("cpu", "1"), ("mode", "idle")]),
            series(&[("__name__", "cpu"), ("job", "node")]),
        ];
        let common = common_labels(all.iter());
        assert_eq!(common.to_string(), "cpu{job=\"node\"}");
        let names: Vec<String> = all.iter().map(|labels| own_name(labels, &common, "cpu")).collect();
        assert_eq!(names, ["{cpu=\"0\"}", "{cpu=\"1\", mode=\"idle\"}", "cpu{job=\"node\"}"]);
        assert!(common_labels(all.iter().take(1)).is_empty());
        assert!(common_labels(std::iter::empty()).is_empty());
        let differ = [series(&[("__name__", "a")]), series(&[("__name__", "b")])];
        assert!(common_labels(differ.iter()).is_empty());
    }
}
