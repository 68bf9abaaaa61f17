//! How a series is called in legend, tooltip and summary.

use model::Labels;

/// The name of a series: its labels as PromQL writes them, or the expression if it has none.
#[must_use]
pub fn full_name(labels: &Labels, expr: &str) -> String {
    if labels.is_empty() { expr.to_owned() } else { labels.to_string() }
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
    use super::*;

    #[test]
    fn long_names_are_cut_in_their_middle() {
        assert_eq!(halves("up"), ("up", ""));
        let name = "http_requests_total{code=\"200\", instance=\"localhost:9100\"}";
        let (head, tail) = halves(name);
        assert_eq!(format!("{head}{tail}"), name);
        assert_eq!(tail, "ce=\"localhost:9100\"}");
        assert_eq!(halves(&"ä".repeat(60)).1.chars().count(), 22);
    }

    #[test]
    fn a_series_without_labels_is_called_by_its_query() {
        assert_eq!(full_name(&Labels::empty(), "sum(up)"), "sum(up)");
        assert_eq!(full_name(&Labels::from_pairs([("__name__", "up"), ("job", "a")]), "up"), "up{job=\"a\"}");
    }
}
