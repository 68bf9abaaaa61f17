//! Range selectors and subqueries: a window slides over the samples of each series once.
//!
//! The samples of a series (without staleness markers) are loaded into one buffer that all series
//! share; a window is two indices into it, and functions borrow the slice between them.

use crate::eval::{Evaluator, left_open, reference_span};
use crate::limits::EvalError;
use crate::selector;
use crate::value::{Column, GAP, Reference};
use model::{Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};
use promql::Span;
use promql::ast::{Expr, Subquery};
use tsdb::{SampleBuf, SeriesRef};

/// The samples a range function sees at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    /// Times, ms.
    pub(crate) ts: &'a [i64],
    /// Values.
    pub(crate) vs: &'a [f64],
    /// The start of the range (which is not in it), ms.
    pub(crate) start: i64,
    /// The end of the range, ms.
    pub(crate) end: i64,
    /// The time of the evaluation, ms; differs from `end` by `offset` and `@`.
    pub(crate) now: i64,
}

/// Where the samples of a range come from.
pub(crate) struct Source {
    kind: Kind,
    reference: Reference,
    range: Millis,
    span: Span,
}

enum Kind {
    Selector { series: Vec<SeriesRef>, range: TimeRange },
    Subquery { grid: StepGrid, columns: Vec<Column> },
}

impl Source {
    /// Finds the series of a range selector, or evaluates a subquery.
    pub(crate) fn open(evaluator: &mut Evaluator<'_>, expr: &Expr) -> Result<Source, EvalError> {
        match expr.unwrap_parens() {
            Expr::Matrix(matrix) => {
                if matrix.selector.extension.is_some() {
                    return Err(EvalError::not_supported(matrix.span, "`anchored` and `smoothed`"));
                }
                let range = evaluator.positive_duration(&matrix.range)?;
                let reference = evaluator.reference(matrix.selector.at, matrix.selector.offset.as_ref())?;
                let (first, last) = reference_span(&reference, &evaluator.grid);
                let bounds = left_open(first.saturating_sub(range.0), last);
                let series = if evaluator.grid.len == 0 {
                    Vec::new()
                } else {
                    selector::select(evaluator, &matrix.selector, bounds)?
                };
                evaluator.check_size(series.len(), matrix.span)?;
                Ok(Source { kind: Kind::Selector { series, range: bounds }, reference, range, span: matrix.span })
            }
            Expr::Subquery(subquery) => Source::subquery(evaluator, subquery),
            other => Err(EvalError::invalid(other.span(), "expected a range vector")),
        }
    }

    fn subquery(evaluator: &mut Evaluator<'_>, subquery: &Subquery) -> Result<Source, EvalError> {
        let range = evaluator.positive_duration(&subquery.range)?;
        let step = match &subquery.step {
            Some(step) => evaluator.positive_duration(step)?,
            None => evaluator.options.default_step,
        };
        let reference = evaluator.reference(subquery.at, subquery.offset.as_ref())?;
        let (first, last) = reference_span(&reference, &evaluator.grid);
        // Steps are multiples of the step since the epoch, whatever the query's own grid, and the
        // start of the range is not in it.
        let open_start = first.saturating_sub(range.0);
        let mut start = open_start.div_euclid(step.0) * step.0;
        if start <= open_start {
            start = start.saturating_add(step.0);
        }
        let mut grid = StepGrid::new(Timestamp(start), Timestamp(last), step);
        if evaluator.grid.len == 0 {
            grid.len = 0;
        }
        evaluator.count(grid.len, subquery.span)?;
        let columns = evaluator.on_grid(grid, |evaluator| evaluator.vector(&subquery.expr))?;
        Ok(Source { kind: Kind::Subquery { grid, columns }, reference, range, span: subquery.span })
    }

    /// How many series.
    pub(crate) fn len(&self) -> usize {
        match &self.kind {
            Kind::Selector { series, .. } => series.len(),
            Kind::Subquery { columns, .. } => columns.len(),
        }
    }

    /// The labels of a series, and whether its name is to be dropped.
    pub(crate) fn labels(&self, evaluator: &Evaluator<'_>, idx: usize) -> (Labels, bool) {
        match &self.kind {
            Kind::Selector { series, .. } => (evaluator.head.labels(series[idx]).cloned().unwrap_or_default(), false),
            Kind::Subquery { columns, .. } => (columns[idx].labels.clone(), columns[idx].drop_name),
        }
    }

    /// Fills the buffer with the samples of a series, staleness markers left out.
    pub(crate) fn load(&self, evaluator: &mut Evaluator<'_>, idx: usize, buf: &mut SampleBuf) -> Result<(), EvalError> {
        match &self.kind {
            Kind::Selector { series, range } => {
                evaluator.head.read(series[idx], *range, buf);
                if buf.vs.iter().any(|&v| is_stale(v)) {
                    drop_stale(buf);
                }
            }
            Kind::Subquery { grid, columns } => {
                for (step_idx, &v) in columns[idx].vs.iter().enumerate() {
                    if !is_stale(v) {
                        buf.ts.push(grid.time(step_idx).0);
                        buf.vs.push(v);
                    }
                }
            }
        }
        evaluator.count(buf.len(), self.span)
    }

    /// The indices of the samples of a step's window.
    pub(crate) fn bounds(&self, grid: &StepGrid, step_idx: usize, ts: &[i64]) -> (usize, usize) {
        let end = self.reference.time(grid, step_idx);
        let start = end.saturating_sub(self.range.0);
        (ts.partition_point(|&t| t <= start), ts.partition_point(|&t| t <= end))
    }

    /// Calls `each` with the step and its window, for all steps in order. Windows may be empty.
    pub(crate) fn slide(&self, grid: &StepGrid, buf: &SampleBuf, mut each: impl FnMut(usize, Window<'_>)) {
        let (mut from, mut to) = (0, 0);
        for step_idx in 0..grid.len {
            let end = self.reference.time(grid, step_idx);
            let start = end.saturating_sub(self.range.0);
            while to < buf.ts.len() && buf.ts[to] <= end {
                to += 1;
            }
            while from < to && buf.ts[from] <= start {
                from += 1;
            }
            let now = grid.time(step_idx).0;
            each(step_idx, Window { ts: &buf.ts[from..to], vs: &buf.vs[from..to], start, end, now });
        }
    }
}

/// Applies a function to the windows of all series: `kernel(step, window)` gives the value of a step, or
/// `None`. Windows without a sample are not asked. `keeps_name`: the result keeps the metric's name.
pub(crate) fn map_windows(
    evaluator: &mut Evaluator<'_>,
    expr: &Expr,
    keeps_name: bool,
    mut kernel: impl FnMut(usize, Window<'_>) -> Option<f64>,
) -> Result<Vec<Column>, EvalError> {
    // One copy of the loop for two dozen functions: a copy each was 60 kB of wasm.
    let kernel: &mut dyn FnMut(usize, Window<'_>) -> Option<f64> = &mut kernel;
    map_windows_inlined(evaluator, expr, keeps_name, kernel)
}

/// The same with the kernel compiled into the loop: for what is asked most.
pub(crate) fn map_windows_inlined(
    evaluator: &mut Evaluator<'_>,
    expr: &Expr,
    keeps_name: bool,
    mut kernel: impl FnMut(usize, Window<'_>) -> Option<f64>,
) -> Result<Vec<Column>, EvalError> {
    let source = Source::open(evaluator, expr)?;
    let grid = evaluator.grid;
    let mut columns = Vec::with_capacity(source.len());
    let mut buf = SampleBuf::default();
    for idx in 0..source.len() {
        buf.clear();
        source.load(evaluator, idx, &mut buf)?;
        evaluator.count(grid.len, expr.span())?;
        let mut vs = vec![GAP; grid.len];
        let mut n_looked_at = 0;
        source.slide(&grid, &buf, |step_idx, window| {
            n_looked_at += window.ts.len();
            if !window.ts.is_empty()
                && let Some(v) = kernel(step_idx, window)
            {
                vs[step_idx] = v;
            }
        });
        evaluator.work(n_looked_at, expr.span())?;
        let (labels, drop_name) = source.labels(evaluator, idx);
        let column = Column { labels, drop_name: drop_name || !keeps_name, vs };
        if !column.is_blank() {
            columns.push(column);
        }
    }
    Ok(columns)
}

fn drop_stale(buf: &mut SampleBuf) {
    let mut kept = 0;
    for idx in 0..buf.ts.len() {
        if !is_stale(buf.vs[idx]) {
            buf.ts[kept] = buf.ts[idx];
            buf.vs[kept] = buf.vs[idx];
            kept += 1;
        }
    }
    buf.ts.truncate(kept);
    buf.vs.truncate(kept);
}
