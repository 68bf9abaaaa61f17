//! The difference of two scrapes: what is asked for, and what is answered.

use crate::TargetId;
use crate::event::Problem;
use serde::{Deserialize, Serialize};

/// Two scrapes to compare: from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffRequest {
    /// What it was.
    pub from: DiffSide,
    /// What it is.
    pub to: DiffSide,
}

/// A scrape of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffSide {
    /// Of which target.
    pub id: TargetId,
    /// Which one.
    pub moment: Moment,
}

/// Which scrape of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// The last one, by its body.
    Last,
    /// The one before, by its body.
    Before,
    /// The one that was marked by [`crate::Request::Mark`], by its body.
    Marked,
    /// What the store has of a time, ms since the epoch: for each series its last value in the five minutes before.
    Stored(i64),
}

/// The answer to [`crate::Request::Diff`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffAnswer {
    /// What was asked for.
    pub request: DiffRequest,
    /// When the two scrapes were, ms since the epoch; `None` for one that is not there.
    pub at_ms: (Option<i64>, Option<i64>),
    /// Series of each.
    pub n_series: (u32, u32),
    /// Why there is no difference to show: a scrape is not there, or its body is no metrics.
    pub problem: Option<Problem>,
    /// Worth knowing of how it was compared.
    pub notices: Vec<String>,
    /// Families that changed, the one that moved most first.
    pub families: Vec<FamilyChange>,
    /// Families that changed, also those that are not listed.
    pub n_families: u32,
    /// Families in which nothing changed.
    pub n_families_same: u32,
    /// Series of all families.
    pub counts: ChangeCounts,
}

/// How many series changed, and how. A histogram counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Only in the second.
    pub n_new: u32,
    /// Only in the first.
    pub n_gone: u32,
    /// In both, with other values.
    pub n_moved: u32,
    /// In both, and it began to count again.
    pub n_reset: u32,
    /// In both, with the same values.
    pub n_same: u32,
}

impl ChangeCounts {
    /// Series that are not as they were.
    #[must_use]
    pub fn n_changed(&self) -> u32 {
        self.n_new + self.n_gone + self.n_moved + self.n_reset
    }
}

/// A family in which something changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyChange {
    /// Its name.
    pub name: String,
    /// `counter`, `gauge`, `histogram`, …
    pub kind: String,
    /// `None` where it is in both; else new or gone.
    pub presence: Option<ChangeKind>,
    /// What it says of itself, and said otherwise: `type`, `help` or `unit`, from what, to what.
    pub said: Vec<(String, String, String)>,
    /// All its series.
    pub counts: ChangeCounts,
    /// Series that changed, the one that moved most first; not all of many.
    pub series: Vec<SeriesChange>,
}

/// How a series changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    /// It was not there before.
    New,
    /// It is there no more.
    Gone,
    /// It has another value.
    Moved,
    /// It began to count again.
    Reset,
}

/// A series that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesChange {
    /// Sorted by name, `__name__` among them.
    pub labels: Vec<(String, String)>,
    /// How it changed.
    pub kind: ChangeKind,
    /// It only goes up, but for resets.
    pub is_counter: bool,
    /// Its value; or count, sum and the buckets that changed.
    pub parts: Vec<PartChange>,
    /// Parts that changed and are not listed.
    pub n_more_parts: u32,
}

/// One number of a series. The floats cross beside the JSON; one that is not there is a staleness marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartChange {
    /// Which one.
    pub part: PartName,
    /// What it was.
    #[serde(skip)]
    pub from: Option<f64>,
    /// What it is.
    #[serde(skip)]
    pub to: Option<f64>,
}

/// The numbers that a series is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartName {
    /// The value of a plain series.
    Value,
    /// How many observations.
    Count,
    /// Their sum.
    Sum,
    /// When it began to count, in seconds.
    Created,
    /// Buckets of a native histogram that have observations.
    Populated,
    /// Observations of one bucket alone, by its upper bound.
    Bucket(String),
    /// The value at a quantile.
    Quantile(String),
}

impl SeriesChange {
    /// By how much a number of this series changed: of what counts the increase, which after a reset is all it has. `None`
    /// where it was not there, or is there no more.
    #[must_use]
    pub fn difference(&self, part: &PartChange) -> Option<f64> {
        let (from, to) = (part.from?, part.to?);
        let counts = matches!(part.part, PartName::Value | PartName::Count | PartName::Sum | PartName::Bucket(_));
        Some(if self.kind == ChangeKind::Reset && counts { to } else { to - from })
    }
}

impl DiffAnswer {
    /// The time from the first scrape to the second in seconds, where a rate makes sense: of one target, and later.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        let (from, to) = (self.at_ms.0?, self.at_ms.1?);
        (self.request.from.id == self.request.to.id && to > from).then(|| (to - from) as f64 / 1_000.0)
    }

    /// All numbers in their order, for the column beside the head.
    pub(crate) fn numbers(&mut self) -> impl Iterator<Item = &mut Option<f64>> {
        let parts = self.families.iter_mut().flat_map(|family| &mut family.series).flat_map(|one| &mut one.parts);
        parts.flat_map(|part| [&mut part.from, &mut part.to])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_grew_by_all_it_has_after_a_reset() {
        let series =
            |kind| SeriesChange { labels: Vec::new(), kind, is_counter: true, parts: Vec::new(), n_more_parts: 0 };
        let part = |part, from, to| PartChange { part, from, to };
        let moved = series(ChangeKind::Moved);
        assert_eq!(moved.difference(&part(PartName::Value, Some(3.0), Some(5.0))), Some(2.0));
        assert_eq!(moved.difference(&part(PartName::Value, None, Some(5.0))), None);
        let reset = series(ChangeKind::Reset);
        assert_eq!(reset.difference(&part(PartName::Count, Some(30.0), Some(5.0))), Some(5.0));
        assert_eq!(reset.difference(&part(PartName::Quantile("0.5".to_owned()), Some(3.0), Some(2.0))), Some(-1.0));
    }
}
