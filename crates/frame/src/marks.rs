//! What is drawn beside the series: exemplars, and events at a point or over a range of time.

use model::{Labels, StepGrid};
use std::cmp::Reverse;

/// An exemplar of a series of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameExemplar {
    /// Which expression of the panel it belongs to.
    pub query_idx: u16,
    /// The series in the store that it came with.
    pub series: Labels,
    /// Its own labels, a trace's id among them.
    pub labels: Labels,
    /// When, ms since the epoch.
    pub t: f64,
    /// The observed value.
    pub v: f64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// A counter fell: it began anew.
    CounterReset,
    /// A target could no longer be scraped; lasts until it could again.
    TargetDown,
    /// A target could be scraped again.
    TargetUp,
    /// `process_start_time_seconds` changed: the process was restarted.
    Restart,
    /// Series appeared that were not there before.
    NewSeries,
    /// A note of the user.
    Note,
    /// Two evaluations of the same differ.
    Difference,
}

/// An event at a point or over a range of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What happened.
    pub kind: MarkKind,
    /// When it began, ms since the epoch.
    pub at_ms: i64,
    /// When it ended; the same as `at_ms` for a point in time.
    pub end_ms: i64,
    /// Of what: the labels of a target or series; empty for a note.
    pub labels: Labels,
    /// How many of the same kind it stands for, 1 or more: what happens in one pixel is told as one.
    pub count: u32,
    /// The text of a note; else empty.
    pub text: String,
}

/// The kinds, the most important first: what goes last where there are too many.
const BY_IMPORTANCE: [MarkKind; 7] = [
    MarkKind::Note,
    MarkKind::Difference,
    MarkKind::TargetDown,
    MarkKind::Restart,
    MarkKind::TargetUp,
    MarkKind::CounterReset,
    MarkKind::NewSeries,
];

impl Mark {
    /// Makes one of both: the labels that both have, the longer range.
    fn add(&mut self, other: &Mark) {
        self.labels = self.labels.only(|name| self.labels.get(name) == other.labels.get(name));
        self.at_ms = self.at_ms.min(other.at_ms);
        self.end_ms = self.end_ms.max(other.end_ms);
        self.count = self.count.saturating_add(other.count);
    }
}

/// Makes one of marks of a kind that begin in the same pixel column, and keeps the `max` most important ones, in the order
/// of time. Notes stay as they are written.
#[must_use]
pub fn merged_marks(mut marks: Vec<Mark>, grid: &StepGrid, width_px: u32, max: usize) -> Vec<Mark> {
    model::sort::by_key(&mut marks, |mark| (mark.kind, mark.at_ms));
    let column = |mark: &Mark| column_of(mark.at_ms as f64, grid, width_px);
    let mut merged: Vec<(usize, Mark)> = Vec::new();
    for mark in marks {
        let place = column(&mark);
        match merged.last_mut() {
            Some((at, last)) if mark.kind != MarkKind::Note && last.kind == mark.kind && *at == place => {
                last.add(&mark)
            }
            _ => merged.push((place, mark)),
        }
    }
    let mut marks: Vec<Mark> = merged.into_iter().map(|(_, mark)| mark).collect();
    if marks.len() > max {
        let rank = |kind| BY_IMPORTANCE.iter().position(|other| *other == kind);
        model::sort::by_key(&mut marks, |mark| (rank(mark.kind), Reverse(mark.count), mark.at_ms));
        marks.truncate(max);
    }
    model::sort::by_key(&mut marks, |mark| (mark.at_ms, mark.kind));
    marks
}

/// At most `max` exemplars, in the order of time: of each part of the range as many, the greatest values first.
#[must_use]
pub fn thinned_exemplars(mut exemplars: Vec<FrameExemplar>, grid: &StepGrid, max: usize) -> Vec<FrameExemplar> {
    if exemplars.len() > max {
        let part = |one: &FrameExemplar| column_of(one.t, grid, (max / 2).max(1) as u32);
        model::sort::by(&mut exemplars, |a, b| part(a).cmp(&part(b)).then(b.v.total_cmp(&a.v)));
        let mut place = (0, 0);
        let mut ranked = Vec::with_capacity(exemplars.len());
        for one in exemplars {
            let here = part(&one);
            place = if place.0 == here { (here, place.1 + 1) } else { (here, 0) };
            ranked.push((place.1, one));
        }
        model::sort::by(&mut ranked, |a, b| a.0.cmp(&b.0).then(b.1.v.total_cmp(&a.1.v)));
        exemplars = ranked.into_iter().take(max).map(|(_, one)| one).collect();
    }
    model::sort::by(&mut exemplars, |a, b| a.t.total_cmp(&b.t));
    exemplars
}

/// Which of `n` parts of the range a time is in; what is outside is in the first or the last.
fn column_of(t: f64, grid: &StepGrid, n: u32) -> usize {
    let (start, end) = (grid.start.0 as f64, grid.end().0 as f64);
    let last = n.max(1) - 1;
    if end <= start { 0 } else { ((t - start) / (end - start) * f64::from(n)).clamp(0.0, f64::from(last)) as usize }
}

#[cfg(test)]
mod tests {
    //! What happens in one pixel is one mark; what is too much goes by its importance.
    use super::*;
    use expect_test::{Expect, expect};
    use model::{Millis, Timestamp};

    const GRID: StepGrid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: 101 };

    fn mark(kind: MarkKind, at_ms: i64, end_ms: i64, labels: &[(&str, &str)]) -> Mark {
        let labels = Labels::from_pairs(labels.iter().copied());
        Mark { kind, at_ms, end_ms, labels, count: 1, text: String::new() }
    }

    fn check(marks: Vec<Mark>, max: usize, want: &Expect) {
        let line = |m: &Mark| format!("{:?} {}..{} x{} {}\n", m.kind, m.at_ms, m.end_ms, m.count, m.labels);
        want.assert_eq(&merged_marks(marks, &GRID, 100, max).iter().map(line).collect::<String>());
    }

    #[test]
    fn marks_of_a_kind_in_one_pixel_are_one_with_the_labels_they_share() {
        let (a, b) = ([("job", "x"), ("i", "a")], [("job", "x"), ("i", "b")]);
        check(
            vec![
                mark(MarkKind::CounterReset, 5_900, 5_900, &a),
                mark(MarkKind::TargetDown, -5_000, 9_000, &a),
                mark(MarkKind::CounterReset, 5_000, 5_000, &b),
                mark(MarkKind::TargetDown, 300, 100_000, &b),
                mark(MarkKind::CounterReset, 6_000, 6_000, &b),
                mark(MarkKind::Restart, 5_100, 5_100, &a),
            ],
            10,
            &expect![[r#"
                TargetDown -5000..100000 x2 {job="x"}
                CounterReset 5000..5900 x2 {job="x"}
                Restart 5100..5100 x1 {i="a", job="x"}
                CounterReset 6000..6000 x1 {i="b", job="x"}
            "#]],
        );
    }

    #[test]
    fn the_most_important_and_most_frequent_are_kept() {
        let mut marks: Vec<Mark> =
            (0..50).map(|n| mark(MarkKind::NewSeries, n * 2_000, n * 2_000, &[("n", "1")])).collect();
        marks.push(mark(MarkKind::NewSeries, 8_000, 8_000, &[("n", "1")]));
        marks.push(mark(MarkKind::TargetDown, 90_000, 95_000, &[]));
        check(
            marks,
            2,
            &expect![[r#"
                NewSeries 8000..8000 x2 {n="1"}
                TargetDown 90000..95000 x1 {}
            "#]],
        );
    }

    #[test]
    fn two_notes_in_one_pixel_stay_two() {
        let notes = vec![mark(MarkKind::Note, 0, 0, &[]), mark(MarkKind::Note, 10, 10, &[])];
        assert_eq!(merged_marks(notes, &GRID, 100, 10).len(), 2);
        assert_eq!(merged_marks(Vec::new(), &StepGrid::default(), 0, 0), []);
    }

    #[test]
    fn exemplars_are_thinned_evenly_and_the_greatest_stay() {
        let exemplar =
            |t: f64, v: f64| FrameExemplar { query_idx: 0, series: Labels::empty(), labels: Labels::empty(), t, v };
        // All but a few are in the first tenth.
        let mut all: Vec<FrameExemplar> =
            (0..1_000).map(|n| exemplar(f64::from(n) * 10.0, f64::from(n % 97))).collect();
        all.extend((2..10).map(|n| exemplar(f64::from(n) * 10_000.0, 0.5)));
        let kept = thinned_exemplars(all.clone(), &GRID, 20);
        assert_eq!(kept.len(), 20);
        assert!(kept.is_sorted_by(|a, b| a.t <= b.t));
        assert_eq!(kept.iter().filter(|one| one.t >= 20_000.0).count(), 8, "what is rare stays");
        assert!(kept.iter().filter(|one| one.t < 10_000.0).all(|one| one.v >= 95.0), "of many the greatest stay");
        assert_eq!(thinned_exemplars(all.clone(), &GRID, 5_000).len(), all.len());
        assert_eq!(thinned_exemplars(all, &StepGrid::default(), 3).len(), 3);
    }
}
