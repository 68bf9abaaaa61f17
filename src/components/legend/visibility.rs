//! Which series of a graph are drawn: all, one that was isolated, or all but some.
//!
//! Series are remembered by expression and labels, not by their place, so that a refresh that adds or drops
//! a series does not change what is shown.

use frame::FrameSeries;
use model::Labels;
use std::collections::BTreeSet;

/// What makes a series of a graph the same as one of the answer before. The same series of an earlier period is one with it:
/// both have one colour, and are switched together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    /// The number of its expression.
    pub query_idx: u16,
    /// Its labels.
    pub labels: Labels,
}

impl SeriesKey {
    /// Of a series of a frame.
    #[must_use]
    pub fn of(series: &FrameSeries) -> Self {
        SeriesKey { query_idx: series.source.query_idx, labels: series.labels.clone() }
    }
}

/// What the clicks on a legend have left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Nothing was clicked.
    #[default]
    All,
    /// Only these.
    Only(BTreeSet<SeriesKey>),
    /// All but these.
    Except(BTreeSet<SeriesKey>),
}

impl Visibility {
    /// Whether a series is drawn.
    #[must_use]
    pub fn shows(&self, key: &SeriesKey) -> bool {
        match self {
            Visibility::All => true,
            Visibility::Only(shown) => shown.contains(key),
            Visibility::Except(hidden) => !hidden.contains(key),
        }
    }

    /// A plain click: this one alone; once more: all.
    #[must_use]
    pub fn isolated(&self, key: &SeriesKey) -> Self {
        match self {
            Visibility::Only(shown) if shown.len() == 1 && shown.contains(key) => Visibility::All,
            _ => Visibility::Only(BTreeSet::from([key.clone()])),
        }
    }

    /// A click with Ctrl or Cmd: this one on or off, the others as they are.
    #[must_use]
    pub fn toggled(&self, key: &SeriesKey) -> Self {
        let flip = |set: &BTreeSet<SeriesKey>| {
            let mut set = set.clone();
            if !set.remove(key) {
                set.insert(key.clone());
            }
            set
        };
        match self {
            Visibility::All => Visibility::Except(flip(&BTreeSet::new())),
            Visibility::Except(hidden) => match flip(hidden) {
                hidden if hidden.is_empty() => Visibility::All,
                hidden => Visibility::Except(hidden),
            },
            // The last one cannot be taken away: an empty graph would look like missing data.
            Visibility::Only(shown) => match flip(shown) {
                shown if shown.is_empty() => Visibility::All,
                shown => Visibility::Only(shown),
            },
        }
    }

    /// The state for a new answer: if nothing of it would be drawn, everything is.
    #[must_use]
    pub fn fitted(&self, mut series: impl Iterator<Item = SeriesKey>) -> Self {
        if *self == Visibility::All || series.any(|key| self.shows(&key)) { self.clone() } else { Visibility::All }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str) -> SeriesKey {
        SeriesKey { query_idx: 0, labels: Labels::from_pairs([("__name__", name)]) }
    }

    #[test]
    fn a_click_isolates_and_a_second_one_brings_all_back() {
        let (a, b) = (series("a"), series("b"));
        let only_a = Visibility::All.isolated(&a);
        assert!(only_a.shows(&a) && !only_a.shows(&b));
        assert_eq!(only_a.isolated(&a), Visibility::All);
        assert!(only_a.isolated(&b).shows(&b));
    }

    #[test]
    fn a_click_with_ctrl_toggles_one() {
        let (a, b, c) = (series("a"), series("b"), series("c"));
        let without_a = Visibility::All.toggled(&a);
        assert!(!without_a.shows(&a) && without_a.shows(&b));
        assert_eq!(without_a.toggled(&a), Visibility::All);
        let a_and_b = Visibility::All.isolated(&a).toggled(&b);
        assert!(a_and_b.shows(&a) && a_and_b.shows(&b) && !a_and_b.shows(&c));
        assert_eq!(a_and_b.toggled(&b).toggled(&a), Visibility::All);
    }

    #[test]
    fn the_same_labels_of_another_expression_are_another_series() {
        let a = series("a");
        let other = SeriesKey { query_idx: 1, ..a.clone() };
        assert!(!Visibility::All.isolated(&a).shows(&other));
    }

    #[test]
    fn an_answer_without_the_isolated_series_shows_all_of_it() {
        let (a, b) = (series("a"), series("b"));
        let only_a = Visibility::All.isolated(&a);
        assert_eq!(only_a.fitted([a, b.clone()].into_iter()), only_a);
        assert_eq!(only_a.fitted([b].into_iter()), Visibility::All);
    }
}
