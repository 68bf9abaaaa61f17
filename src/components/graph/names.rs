//! How series are called in legend, tooltip and summary.

use model::Labels;

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
    let split = name.char_indices().nth(n_chars - TAIL).map_or(name.len(), |(at, _)| at);
    name.split_at(split)
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
