//! Which series has which colour: a series keeps its colour while it is in the answers to one
//! expression, whatever comes and goes beside it.

use crate::components::legend::visibility::SeriesKey;
use chart::Dash;
use std::collections::{BTreeMap, BTreeSet};

/// So many colours any eye tells apart; series beyond them have broken lines.
const N_WHOLE: usize = 8;

/// How the line of a series at a place in the palette is broken.
#[must_use]
pub fn dash_of(place: usize) -> Dash {
    const DASHES: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDotted];
    DASHES[place / N_WHOLE % DASHES.len()]
}

/// The places in the palette that the series of the newest answer hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    expr: String,
    of_key: BTreeMap<SeriesKey, usize>,
    /// In the order of the answer's series.
    pub of_series: Vec<usize>,
}

impl Colours {
    /// The places for the next answer. Series that stay keep theirs; new ones take the first free. Series with the same
    /// key (now and a day earlier) share one.
    #[must_use]
    pub fn next(before: Option<&Self>, expr: &str, series: &[SeriesKey]) -> Self {
        let before = before.filter(|before| before.expr == expr);
        let held = |key: &SeriesKey| before.and_then(|before| before.of_key.get(key)).copied();
        let taken: BTreeSet<usize> = series.iter().filter_map(held).collect();
        let mut free = (0..).filter(|place| !taken.contains(place));
        let mut of_key = BTreeMap::new();
        let place = |key: &SeriesKey| match of_key.get(key) {
            Some(&place) => place,
            None => {
                let place = held(key).or_else(|| free.next()).unwrap_or_default();
                of_key.insert(key.clone(), place);
                place
            }
        };
        let of_series = series.iter().map(place).collect();
        Colours { expr: expr.to_owned(), of_key, of_series }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;

    #[test]
    fn series_keep_their_colours_while_others_come_and_go() {
        let key = |v: &str| SeriesKey { query_idx: 0, labels: Labels::from_pairs([("x", v)]) };
        let all: Vec<SeriesKey> = ["a", "b", "c", "d"].into_iter().map(key).collect();
        let pick = |names: &[usize]| names.iter().map(|&i| all[i].clone()).collect::<Vec<_>>();
        let next = |before: Option<&Colours>, expr: &str, names: &[usize]| Colours::next(before, expr, &pick(names));
        let first = next(None, "x", &[1, 2]);
        assert_eq!(first.of_series, [0, 1]);
        let second = next(Some(&first), "x", &[0, 1, 2]);
        assert_eq!(second.of_series, [2, 0, 1], "b and c keep theirs");
        let third = next(Some(&second), "x", &[0, 2, 3]);
        assert_eq!(third.of_series, [2, 1, 0], "d takes what b has left");
        assert_eq!(next(Some(&third), "y", &[3, 0]).of_series, [0, 1], "another query begins anew");
        assert_eq!(next(None, "x", &[0, 1, 0, 1]).of_series, [0, 1, 0, 1], "now and earlier look alike");
    }

    #[test]
    fn a_second_round_of_colours_is_broken_lines() {
        assert_eq!(
            [0, 7, 8, 16, 24, 31, 32].map(dash_of),
            [Dash::Solid, Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDotted, Dash::DashDotted, Dash::Solid]
        );
    }
}
