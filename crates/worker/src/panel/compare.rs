//! The same expression evaluated here and by a server: which points differ.

use super::failed;
use super::remote::{RemoteRun, nothing_to_ask};
use crate::limits::MAX_DIFFERENCES;
use engine::{Point, Value};
use frame::{Mark, MarkKind, Source};
use model::{Histograms, Labels, Matrix, MatrixSeries, Millis, STALE_NAN, StepGrid, Timestamp, number};
use promapi::{CompareOptions, DifferenceKind, compare};
use protocol::{Comparison, Difference, Event, Note, QueryRequest};
use std::collections::BTreeSet;

/// What a server answered, until the same is evaluated here.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// By the number of the expression.
    pub(super) there: Vec<(Source, Matrix)>,
    value: Option<Value>,
    pub(super) warnings: Vec<Note>,
    pub(super) infos: Vec<Note>,
    series: BTreeSet<Labels>,
    comparison: Comparison,
    marks: Vec<Mark>,
}

impl Compared {
    /// What came of asking the server, with the request to be evaluated here; an event if there is nothing to compare with.
    pub(super) fn of(run: RemoteRun) -> Result<(QueryRequest, Self), Box<Event>> {
        if run.matrices.is_empty() && run.value.is_none() {
            let problem = run.failed.into_iter().next().map_or_else(nothing_to_ask, |(_, problem)| problem);
            return Err(Box::new(failed(run.asked.panel, run.asked.generation, problem)));
        }
        let mut warnings = run.warnings;
        warnings.extend(run.failed.into_iter().map(|(query_idx, problem)| Note {
            message: format!("There is nothing to compare with: {}", problem.message),
            hint: problem.hint,
            span: problem.span,
            query_idx,
        }));
        let value = run.value.map(|(value, _)| value);
        Ok((run.request, Compared { there: run.matrices, value, warnings, infos: run.infos, ..Compared::default() }))
    }

    /// Compares one expression; the answer is what the server said of it, to be drawn, too.
    pub(super) fn take(&mut self, query_idx: u16, here: &Matrix) -> Option<Matrix> {
        let at = self.there.iter().position(|(of, _)| of.query_idx == query_idx)?;
        let (_, there) = self.there.swap_remove(at);
        self.differ(here, &there);
        Some(there)
    }

    /// Compares the values at one time.
    pub(super) fn take_value(&mut self, here: &Value, at: Timestamp) {
        let Some(there) = self.value.take() else { return };
        let grid = StepGrid { start: at, step: Millis(1), len: 1 };
        match (matrix_of(here, grid), matrix_of(&there, grid)) {
            (Some(here), Some(there)) => self.differ(&here, &there),
            _ => self.infos.push(Note {
                message: "Only numbers and vectors are compared at one time.".to_owned(),
                hint: "Look at the graph to compare over a range.".to_owned(),
                ..Note::default()
            }),
        }
    }

    fn differ(&mut self, here: &Matrix, there: &Matrix) {
        let room = MAX_DIFFERENCES.saturating_sub(self.comparison.points.len());
        let found = compare(here, there, &CompareOptions { max_listed: room, ..CompareOptions::default() });
        self.comparison.n_points += found.n_equal + found.n_differences();
        self.comparison.n_differing += found.n_differences();
        for one in found.differences {
            let (here, there) = match one.kind {
                DifferenceKind::Values { here, there } => (Some(number::format(here)), Some(number::format(there))),
                DifferenceKind::Histograms { here, there } => (Some(observations(here)), Some(observations(there))),
                DifferenceKind::Kinds => (Some("of another kind".to_owned()), Some("of another kind".to_owned())),
                DifferenceKind::OnlyHere(v) => (Some(number::format(v)), None),
                DifferenceKind::OnlyThere(v) => (None, Some(number::format(v))),
            };
            let labels = one.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            self.comparison.points.push(Difference { labels, at_ms: one.t.0, here, there });
            self.marks.push(Mark {
                kind: MarkKind::Difference,
                at_ms: one.t.0,
                end_ms: one.t.0,
                labels: one.labels.clone(),
                count: 1,
                text: String::new(),
            });
            self.series.insert(one.labels);
        }
    }

    /// What differs, and the marks of it.
    pub(super) fn finish(mut self) -> (Comparison, Vec<Mark>) {
        self.comparison.n_series = self.series.len() as u32;
        (self.comparison, self.marks)
    }
}

fn observations(n: f64) -> String {
    format!("a histogram of {} observations", number::format(n))
}

/// A value at one time as a matrix of one step.
fn matrix_of(value: &Value, grid: StepGrid) -> Option<Matrix> {
    let series = |labels: &Labels, point: &Point| {
        let (v, histogram) = match point {
            Point::Float(v) => (*v, None),
            Point::Histogram(h) => (STALE_NAN, Some(h.clone())),
        };
        let mut histograms = Histograms::default();
        if let Some(h) = histogram {
            histograms.set(0, h);
        }
        MatrixSeries { labels: labels.clone(), values: vec![v], histograms }
    };
    let mut all: Vec<MatrixSeries> = match value {
        Value::Scalar { v } => vec![series(&Labels::default(), &Point::Float(*v))],
        Value::Vector(rows) => rows.iter().map(|(labels, point)| series(labels, point)).collect(),
        Value::Matrix(_) | Value::Samples(_) | Value::String(_) => return None,
    };
    model::sort::by(&mut all, |a, b| a.labels.cmp(&b.labels));
    Some(Matrix { grid, series: all })
}
