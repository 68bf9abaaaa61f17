//! The lines of a difference: those with the words and the kinds of change that are asked for, in an order.

use crate::components::series_table::rows::matches;
use protocol::{ChangeKind, DiffAnswer, FamilyChange, SeriesChange};
use std::cmp::Ordering;

/// What is shown of a difference, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Only series that have each of these words in their name or labels.
    pub search: String,
    /// Series of these kinds of change.
    pub kinds: Vec<ChangeKind>,
    /// The order of the families.
    pub order: Order,
}

/// The order of families and series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// What moved most, measured by its size, first.
    Moved,
    /// What moved by the greatest number first.
    Difference,
    /// By name.
    Name,
}

impl Order {
    /// All of them, with their names.
    pub const ALL: [(Order, &'static str); 3] =
        [(Order::Moved, "moved most"), (Order::Difference, "greatest difference"), (Order::Name, "name")];
}

/// All kinds of change, in the order of their boxes.
pub const KINDS: [ChangeKind; 4] = [ChangeKind::New, ChangeKind::Gone, ChangeKind::Moved, ChangeKind::Reset];

impl Default for Shown {
    fn default() -> Self {
        Shown { search: String::new(), kinds: KINDS.to_vec(), order: Order::Moved }
    }
}

/// A family with the series of it that are shown, by their places in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arranged {
    /// Its place.
    pub family: usize,
    /// Theirs.
    pub series: Vec<usize>,
}

/// The families that have something to show.
#[must_use]
pub fn arranged(answer: &DiffAnswer, shown: &Shown) -> Vec<Arranged> {
    let words: Vec<String> = shown.search.split_whitespace().map(str::to_lowercase).collect();
    let all_kinds = shown.kinds.len() == KINDS.len();
    let mut out = Vec::new();
    for (family_idx, family) in answer.families.iter().enumerate() {
        let fits = |one: &SeriesChange| shown.kinds.contains(&one.kind) && matches(&one.labels, &words);
        let mut series: Vec<usize> =
            (0..family.series.len()).filter(|&idx| family.series.get(idx).is_some_and(fits)).collect();
        // What is said of a family may be all that changed, or its series were too many to be listed.
        let is_named = words.iter().all(|word| family.name.to_lowercase().contains(word.as_str()));
        if series.is_empty() && !(family.series.is_empty() && all_kinds && is_named) {
            continue;
        }
        model::sort::by(&mut series, |&a, &b| match (family.series.get(a), family.series.get(b)) {
            (Some(a), Some(b)) => match shown.order {
                Order::Moved => Ordering::Equal,
                Order::Difference => size(b).total_cmp(&size(a)),
                Order::Name => a.labels.cmp(&b.labels),
            },
            _ => Ordering::Equal,
        });
        out.push(Arranged { family: family_idx, series });
    }
    model::sort::by(&mut out, |a, b| match (answer.families.get(a.family), answer.families.get(b.family)) {
        (Some(a), Some(b)) => match shown.order {
            Order::Moved => Ordering::Equal,
            Order::Difference => family_size(b).total_cmp(&family_size(a)),
            Order::Name => a.name.cmp(&b.name),
        },
        _ => Ordering::Equal,
    });
    out
}

fn family_size(family: &FamilyChange) -> f64 {
    family.series.iter().map(size).fold(0.0, f64::max)
}

/// By how much a series moved; what is new or gone by all it has.
fn size(series: &SeriesChange) -> f64 {
    let Some(part) = series.parts.first() else { return 0.0 };
    let moved = series.difference(part).or(part.to).or(part.from).unwrap_or_default().abs();
    if moved.is_nan() { 0.0 } else { moved }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ChangeCounts, DiffRequest, DiffSide, Moment, PartChange, PartName, TargetId};

    fn series(name: &str, kind: ChangeKind, from: Option<f64>, to: Option<f64>) -> SeriesChange {
        let parts = vec![PartChange { part: PartName::Value, from, to }];
        let labels = vec![("__name__".to_owned(), name.to_owned()), ("code".to_owned(), "200".to_owned())];
        SeriesChange { labels, kind, is_counter: false, parts, n_more_parts: 0 }
    }

    fn answer() -> DiffAnswer {
        let family = |name: &str, series: Vec<SeriesChange>| FamilyChange {
            name: name.to_owned(),
            kind: "gauge".to_owned(),
            presence: None,
            said: Vec::new(),
            counts: ChangeCounts::default(),
            series,
        };
        let side = DiffSide { id: TargetId(1), moment: Moment::Last };
        DiffAnswer {
            request: DiffRequest { from: side, to: side },
            at_ms: (None, None),
            n_series: (0, 0),
            problem: None,
            notices: Vec::new(),
            families: vec![
                family("said", Vec::new()),
                family(
                    "b",
                    vec![
                        series("b", ChangeKind::Moved, Some(1.0), Some(2.0)),
                        series("b", ChangeKind::New, None, Some(9.0)),
                    ],
                ),
                family("a", vec![series("a", ChangeKind::Gone, Some(50.0), None)]),
            ],
            n_families: 3,
            n_families_same: 0,
            counts: ChangeCounts::default(),
        }
    }

    #[test]
    fn families_and_series_come_in_the_order_that_is_asked_for() {
        let answer = answer();
        let names = |shown: &Shown| {
            let all = arranged(&answer, shown);
            all.iter().map(|one| format!("{}{:?}", answer.families[one.family].name, one.series)).collect::<Vec<_>>()
        };
        let with = |order| Shown { order, ..Shown::default() };
        assert_eq!(names(&with(Order::Moved)), ["said[]", "b[0, 1]", "a[0]"]);
        assert_eq!(names(&with(Order::Difference)), ["a[0]", "b[1, 0]", "said[]"]);
        assert_eq!(names(&with(Order::Name)), ["a[0]", "b[0, 1]", "said[]"]);
        assert_eq!(names(&Shown { kinds: vec![ChangeKind::New], ..Shown::default() }), ["b[1]"]);
        assert_eq!(names(&Shown { search: "code=\"200\" A".to_owned(), ..Shown::default() }), ["a[0]"]);
        assert_eq!(names(&Shown { search: "sai".to_owned(), ..Shown::default() }), ["said[]"]);
    }
}
