//! Which series has which colour: a series keeps its colour while it is in the answers to one
//! expression, whatever comes and goes beside it.

use model::Labels;
use std::collections::{BTreeMap, BTreeSet};

/// The places in the palette that the series of the newest answer hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    expr: String,
    of_labels: BTreeMap<Labels, usize>,
    /// In the order of the answer's series.
    pub of_series: Vec<usize>,
}

impl Colours {
    /// The places for the next answer. Series that stay keep theirs; new ones take the first free.
    #[must_use]
    pub fn next<'a>(before: Option<&Self>, expr: &str, series: impl Iterator<Item = &'a Labels> + Clone) -> Self {
        let before = before.filter(|before| before.expr == expr);
        let held = |labels: &Labels| before.and_then(|before| before.of_labels.get(labels)).copied();
        let taken: BTreeSet<usize> = series.clone().filter_map(held).collect();
        let mut free = (0..).filter(|place| !taken.contains(place));
        let of_series: Vec<usize> =
            series.clone().map(|labels| held(labels).or_else(|| free.next()).unwrap_or_default()).collect();
        let of_labels = series.cloned().zip(of_series.iter().copied()).collect();
        Colours { expr: expr.to_owned(), of_labels, of_series }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_keep_their_colours_while_others_come_and_go() {
        let all: Vec<Labels> = ["a", "b", "c", "d"].iter().map(|v| Labels::from_pairs([("x", *v)])).collect();
        let pick = |names: &[usize]| names.iter().map(|&i| &all[i]).collect::<Vec<_>>();
        let next = |before: Option<&Colours>, expr: &str, names: &[usize]| {
            Colours::next(before, expr, pick(names).into_iter())
        };
        let first = next(None, "x", &[1, 2]);
        assert_eq!(first.of_series, [0, 1]);
        let second = next(Some(&first), "x", &[0, 1, 2]);
        assert_eq!(second.of_series, [2, 0, 1], "b and c keep theirs");
        let third = next(Some(&second), "x", &[0, 2, 3]);
        assert_eq!(third.of_series, [2, 1, 0], "d takes what b has left");
        assert_eq!(next(Some(&third), "y", &[3, 0]).of_series, [0, 1], "another query begins anew");
    }
}
