//! What moved between two expositions: series that are new, gone or changed, by how much, and what is said of them.
//!
//! [`diff`] takes two [`Snapshot`]s, each read from a body or from the store. Series that make up one histogram or summary
//! are one row: its count, its sum, and the buckets that got observations. A counter that fell was reset, and what it
//! counts since then is all it grew. What moved most, measured against its size, stands first; so a count of requests that
//! doubled is not hidden behind a clock of 1.7 billion seconds that went on by five.

mod group;
mod snapshot;

use group::Groups;
use model::{Labels, MetricFamily, MetricKind};
use std::cmp::Ordering;
use std::collections::BTreeMap;

pub use snapshot::{Snapshot, Value};

/// How much of a difference is given; all of it is counted.
#[derive(Clone, Copy, Debug)]
pub struct DiffLimits {
    /// Families that changed.
    pub max_families: usize,
    /// Series of all families together; those that moved most.
    pub max_series: usize,
    /// Buckets or quantiles of one series.
    pub max_parts: usize,
}

/// The difference of two snapshots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Families in which something changed, the one that moved most first.
    pub families: Vec<FamilyDiff>,
    /// Families in which something changed, also those that are not given.
    pub n_families: usize,
    /// Families in which nothing did.
    pub n_families_same: usize,
    /// Series of all families.
    pub counts: Counts,
}

/// How many series there are of each kind of change. A histogram or a summary counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Only in the second snapshot.
    pub n_new: usize,
    /// Only in the first.
    pub n_gone: usize,
    /// In both, with other values.
    pub n_moved: usize,
    /// In both, and it began to count again.
    pub n_reset: usize,
    /// In both, with the same values.
    pub n_same: usize,
}

/// A family in which something changed.
#[derive(Clone, Debug, PartialEq)]
pub struct FamilyDiff {
    /// Its name.
    pub name: String,
    /// Its kind in the second snapshot, or in the first where it is gone.
    pub kind: MetricKind,
    /// Whether it is there in both.
    pub presence: Presence,
    /// Types, help texts and units that are not what they were.
    pub said: Vec<SaidDiff>,
    /// All its series.
    pub counts: Counts,
    /// The series that changed, the one that moved most first; at most as many as were asked for.
    pub series: Vec<SeriesDiff>,
    /// How far it moved: 0 not at all, 1 as far as its size, 2 and more for what began anew.
    pub weight: f64,
}

/// Where a family or a series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In both snapshots.
    Both,
    /// Only in the second.
    New,
    /// Only in the first.
    Gone,
}

/// Something that is said of a family, and was said otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidDiff {
    /// What it is about.
    pub about: About,
    /// What the first snapshot says; empty if nothing.
    pub from: String,
    /// What the second says.
    pub to: String,
}

/// What a family says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// `# TYPE`
    Kind,
    /// `# HELP`
    Help,
    /// `# UNIT`
    Unit,
}

/// A series that changed: one line of a counter or gauge, or all lines of a histogram or summary.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesDiff {
    /// Its labels, its name among them; those of a histogram without `le`, under the family's name.
    pub labels: Labels,
    /// How it changed.
    pub change: Change,
    /// It only goes up, but for resets: the difference is an increase.
    pub is_counter: bool,
    /// What it is made of, as far as that changed; count and sum of a histogram always.
    pub parts: Vec<PartDiff>,
    /// Parts that changed and are not given.
    pub n_more_parts: usize,
    /// How far it moved.
    pub weight: f64,
}

/// How a series changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    New,
    /// It is there no more.
    Gone,
    /// It has another value.
    Moved,
    /// It began to count again.
    Reset,
}

/// One number of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct PartDiff {
    /// Which one.
    pub part: Part,
    /// What it was; `None` if it was not there.
    pub from: Option<f64>,
    /// What it is.
    pub to: Option<f64>,
}

/// The numbers that a series is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
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
    /// Observations of one bucket alone, by its upper bound as it is written.
    Bucket(String),
    /// The value at a quantile as it is written.
    Quantile(String),
}

/// What changed from one snapshot to another.
#[must_use]
pub fn diff(a: &Snapshot, b: &Snapshot, limits: DiffLimits) -> Diff {
    let mut families: BTreeMap<&str, Groups> = BTreeMap::new();
    for name in a.families.keys().chain(b.families.keys()) {
        families.entry(name).or_default();
    }
    both(&a.series, &b.series, |labels, from, to| {
        let metric = labels.metric_name().unwrap_or("");
        let family = crate::family::family_of(metric, &b.families)
            .or_else(|| crate::family::family_of(metric, &a.families))
            .map_or((metric, MetricKind::Unknown), |family| (family.name.as_str(), family.kind));
        families.entry(family.0).or_default().add(labels, family, from, to);
    });
    let mut out = Diff::default();
    for (name, groups) in families {
        let family = of_family(name, groups, (a.families.get(name), b.families.get(name)), limits);
        out.counts.add(family.counts);
        let is_same = family.counts.n_changed() == 0 && family.said.is_empty() && family.presence == Presence::Both;
        if is_same {
            out.n_families_same += 1;
        } else {
            out.families.push(family);
        }
    }
    out.n_families = out.families.len();
    model::sort::by(&mut out.families, |x, y| y.weight.total_cmp(&x.weight));
    out.families.truncate(limits.max_families);
    let mut room = limits.max_series;
    for family in &mut out.families {
        family.series.truncate(room);
        room -= family.series.len();
    }
    out
}

fn of_family(
    name: &str,
    groups: Groups,
    said: (Option<&MetricFamily>, Option<&MetricFamily>),
    limits: DiffLimits,
) -> FamilyDiff {
    let (was, is) = (groups.n_from > 0 || said.0.is_some(), groups.n_to > 0 || said.1.is_some());
    let presence = match (was, is) {
        (false, _) => Presence::New,
        (_, false) => Presence::Gone,
        _ => Presence::Both,
    };
    let kind = said.1.or(said.0).map_or(MetricKind::Unknown, |family| family.kind);
    let (mut counts, mut series) = (Counts::default(), Vec::new());
    for group in groups.into_groups() {
        match group.compare(limits.max_parts) {
            None => counts.n_same += 1,
            Some(changed) => {
                *match changed.change {
                    Change::New => &mut counts.n_new,
                    Change::Gone => &mut counts.n_gone,
                    Change::Moved => &mut counts.n_moved,
                    Change::Reset => &mut counts.n_reset,
                } += 1;
                series.push(changed);
            }
        }
    }
    // The groups come in the order of their labels, which equal ones keep.
    model::sort::by(&mut series, |x, y| y.weight.total_cmp(&x.weight));
    let said = if presence == Presence::Both { said_otherwise(said.0, said.1) } else { Vec::new() };
    let of_series = series.first().map_or(0.0, |one| one.weight);
    let weight = if !said.is_empty() || presence != Presence::Both { of_series.max(1.0) } else { of_series };
    FamilyDiff { name: name.to_owned(), kind, presence, said, counts, series, weight }
}

fn said_otherwise(from: Option<&MetricFamily>, to: Option<&MetricFamily>) -> Vec<SaidDiff> {
    let nothing = MetricFamily::default();
    let (from, to) = (from.unwrap_or(&nothing), to.unwrap_or(&nothing));
    let all = [
        (About::Kind, from.kind.as_str(), to.kind.as_str()),
        (About::Help, &from.help, &to.help),
        (About::Unit, &from.unit, &to.unit),
    ];
    let changed = all.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(about, from, to)| SaidDiff { about, from: from.to_owned(), to: to.to_owned() }).collect()
}

/// Walks two lists in the order of their labels: each series once, with what it is in both.
fn both<'a>(
    a: &'a [(Labels, Value)],
    b: &'a [(Labels, Value)],
    mut visit: impl FnMut(&'a Labels, Option<&'a Value>, Option<&'a Value>),
) {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => x.0.cmp(&y.0),
        };
        let from = if order.is_le() { a.next() } else { None };
        let to = if order.is_ge() { b.next() } else { None };
        if let Some((labels, _)) = from.or(to) {
            visit(labels, from.map(|(_, v)| v), to.map(|(_, v)| v));
        }
    }
}

impl Counts {
    /// Series that are not as they were.
    #[must_use]
    pub fn n_changed(&self) -> usize {
        self.n_new + self.n_gone + self.n_moved + self.n_reset
    }

    fn add(&mut self, other: Counts) {
        self.n_new += other.n_new;
        self.n_gone += other.n_gone;
        self.n_moved += other.n_moved;
        self.n_reset += other.n_reset;
        self.n_same += other.n_same;
    }
}

#[cfg(test)]
mod tests;
