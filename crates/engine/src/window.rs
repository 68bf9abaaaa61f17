//! Range selectors and subqueries: a window slides over the samples of each series once.
//!
//! The samples of a series (without staleness markers) are loaded into one buffer that all series
//! share; a window is two indices into it, and functions borrow the slice between them. Floats and native
//! histograms have an index pair each: [`map_windows`] is for functions that look at floats only, [`map_mixed`]
//! for those that know both.

mod batch;

pub(crate) use batch::Batch;

use crate::annotations::Annotations;
use crate::eval::{Evaluator, left_open, reference_span};
use crate::limits::EvalError;
use crate::selector;
use crate::value::{Column, Point, Reference};
use batch::Spans;
use model::{CounterResetHint, Histogram, Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale, quote};
use promql::Span;
use promql::ast::{Expr, Extension, Subquery};
use std::sync::Arc;
use tsdb::{SampleBuf, SeriesRef};

/// The samples a range function sees at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    /// Times of floats, ms.
    pub(crate) ts: &'a [i64],
    /// Floats.
    pub(crate) vs: &'a [f64],
    /// When the counter behind each float began to count, ms, 0 if unknown; empty if known of none.
    pub(crate) starts: &'a [i64],
    /// Times of native histograms, ms.
    pub(crate) hts: &'a [i64],
    /// Native histograms.
    pub(crate) hs: &'a [Arc<Histogram>],
    /// When each histogram began to count, as for floats.
    pub(crate) hstarts: &'a [i64],
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
    /// Windows reach so far beyond the start and the end of the range, ms.
    reach: (i64, i64),
    /// Of what lies before the range only the newest sample is seen.
    anchored: bool,
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
                let lookback = evaluator.options.lookback_delta.0;
                let reach = match matrix.selector.extension {
                    None => (0, 0),
                    Some(Extension::Anchored) => (lookback, 0),
                    Some(Extension::Smoothed) => (lookback, lookback),
                };
                let range = evaluator.positive_duration(&matrix.range)?;
                let reference = evaluator.reference(matrix.selector.at, matrix.selector.offset.as_ref())?;
                let (first, last) = reference_span(&reference, &evaluator.grid);
                let before = first.saturating_sub(range.0).saturating_sub(reach.0);
                let bounds = left_open(before, last.saturating_add(reach.1));
                let series = if evaluator.grid.len == 0 {
                    Vec::new()
                } else {
                    selector::select(evaluator, &matrix.selector, bounds)?
                };
                evaluator.check_size(series.len(), matrix.span)?;
                let kind = Kind::Selector { series, range: bounds };
                let anchored = matrix.selector.extension == Some(Extension::Anchored);
                Ok(Source { kind, reference, range, reach, anchored, span: matrix.span })
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
        let mut start = open_start.div_euclid(step.0).saturating_mul(step.0);
        if start <= open_start {
            start = start.saturating_add(step.0);
        }
        let mut grid = StepGrid::new(Timestamp(start), Timestamp(last), step);
        if evaluator.grid.len == 0 {
            grid.len = 0;
        }
        evaluator.count(grid.len, subquery.span)?;
        let columns = evaluator.on_grid(grid, |evaluator| evaluator.vector(&subquery.expr))?;
        let kind = Kind::Subquery { grid, columns };
        Ok(Source { kind, reference, range, reach: (0, 0), anchored: false, span: subquery.span })
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
                evaluator.read(series[idx], *range, buf);
                if evaluator.head.shape(series[idx]).has_markers || !buf.histograms.is_empty() {
                    drop_markers(buf);
                }
            }
            Kind::Subquery { grid, columns } => {
                for (step_idx, &v) in columns[idx].vs.iter().enumerate() {
                    if !is_stale(v) {
                        buf.ts.push(grid.time(step_idx).0);
                        buf.vs.push(v);
                    }
                }
                for (step_idx, h) in columns[idx].hs.iter() {
                    buf.histograms.ts.push(grid.time(step_idx).0);
                    buf.histograms.hs.push(h.clone());
                }
            }
        }
        let in_histograms: usize = buf.histograms.hs.iter().map(|h| h.positive.len() + h.negative.len()).sum();
        evaluator.count(buf.len() + in_histograms, self.span)
    }

    /// A subquery may skip the samples that a hint compares with, and repeat the one after a reset: what is known
    /// about resets does not hold among its samples.
    fn forget_reset_hints(&self, buf: &mut SampleBuf) {
        if matches!(self.kind, Kind::Selector { .. }) {
            return;
        }
        for h in &mut buf.histograms.hs {
            if matches!(h.counter_reset_hint, CounterResetHint::Reset | CounterResetHint::NotReset) {
                Arc::make_mut(h).counter_reset_hint = CounterResetHint::Unknown;
            }
        }
    }

    /// Shows an anchored range's windows all they reach, for functions that choose among it themselves.
    pub(crate) fn unanchored(self) -> Source {
        Source { anchored: false, ..self }
    }

    /// The start (which is not in it) and the end of a step's range, ms.
    pub(crate) fn limits(&self, grid: &StepGrid, step_idx: usize) -> (i64, i64) {
        let end = self.reference.time(grid, step_idx);
        (end.saturating_sub(self.range.0), end)
    }

    /// The indices of the samples of a step's window.
    pub(crate) fn bounds(&self, grid: &StepGrid, step_idx: usize, ts: &[i64]) -> (usize, usize) {
        let (start, end) = self.limits(grid, step_idx);
        let (first, last) = (start.saturating_sub(self.reach.0), end.saturating_add(self.reach.1));
        (ts.partition_point(|&t| t <= first), ts.partition_point(|&t| t <= last))
    }

    /// Calls `each` with the step and its window, for all steps in order. Windows may be empty.
    pub(crate) fn slide(&self, grid: &StepGrid, buf: &SampleBuf, mut each: impl FnMut(usize, Window<'_>)) {
        let (mut from, mut to) = (0, 0);
        let (mut h_from, mut h_to) = (0, 0);
        let histograms = &buf.histograms;
        for step_idx in 0..grid.len {
            let (start, end) = self.limits(grid, step_idx);
            let (first, last) = (start.saturating_sub(self.reach.0), end.saturating_add(self.reach.1));
            advance(&buf.ts, first, last, &mut from, &mut to);
            advance(&histograms.ts, first, last, &mut h_from, &mut h_to);
            // What is before the anchor may be the anchor's own place at a later step: the indices stay.
            let (first, h_first) = if self.anchored {
                anchor(&buf.ts[..to], &histograms.ts[..h_to], start, from, h_from)
            } else {
                (from, h_from)
            };
            let window = Window {
                ts: &buf.ts[first..to],
                vs: &buf.vs[first..to],
                starts: buf.starts.get(first..to).unwrap_or(&[]),
                hts: &histograms.ts[h_first..h_to],
                hs: &histograms.hs[h_first..h_to],
                hstarts: histograms.starts.get(h_first..h_to).unwrap_or(&[]),
                start,
                end,
                now: grid.time(step_idx).0,
            };
            each(step_idx, window);
        }
    }
}

/// Moves the indices of a window on to the times in `(start, end]`.
#[inline]
fn advance(ts: &[i64], start: i64, end: i64, from: &mut usize, to: &mut usize) {
    while *to < ts.len() && ts[*to] <= end {
        *to += 1;
    }
    while *from < *to && ts[*from] <= start {
        *from += 1;
    }
}

/// Where a window of floats from `from` and histograms from `h_from` on begins, if of what is not after a time only the
/// newest sample of either kind is kept. Without a sample after that time it begins at its end.
fn anchor(ts: &[i64], hts: &[i64], time: i64, from: usize, h_from: usize) -> (usize, usize) {
    let float = from + ts[from..].partition_point(|&t| t <= time);
    let histogram = h_from + hts[h_from..].partition_point(|&t| t <= time);
    let before = |ts: &[i64], from: usize, idx: usize| (idx > from).then(|| ts[idx - 1]);
    match (before(ts, from, float), before(hts, h_from, histogram)) {
        _ if float == ts.len() && histogram == hts.len() => (float, histogram),
        (Some(t), h_t) if h_t.is_none_or(|h_t| t >= h_t) => (float - 1, histogram),
        (_, Some(_)) => (float, histogram - 1),
        _ => (float, histogram),
    }
}

/// A function of windows that may hold native histograms.
pub(crate) type MixedKernel<'k> = dyn FnMut(usize, &Window<'_>, &mut Remarks<'_>) -> Option<Point> + 'k;

/// Applies a function of floats to the windows of all series: `kernel(step, window)` gives the value of a step, or
/// `None`. Windows without a float are not asked; histograms are left out, with a remark where there are floats
/// beside them. `keeps_name`: the result keeps the metric's name.
pub(crate) fn map_windows(
    evaluator: &mut Evaluator<'_>,
    expr: &Expr,
    keeps_name: bool,
    mut kernel: impl FnMut(usize, Window<'_>) -> Option<f64>,
) -> Result<Vec<Column>, EvalError> {
    map_series(evaluator, expr, keeps_name, Kernels { batch: None, each: &mut kernel, mixed: None })
}

/// The same for a function that knows native histograms: `mixed` is asked for series that hold some, about windows
/// that are not empty; `kernel` only for series of floats.
pub(crate) fn map_mixed(
    evaluator: &mut Evaluator<'_>,
    expr: &Expr,
    keeps_name: bool,
    mut kernel: impl FnMut(usize, Window<'_>) -> Option<f64>,
    mixed: &mut MixedKernel<'_>,
) -> Result<Vec<Column>, EvalError> {
    map_series(evaluator, expr, keeps_name, Kernels { batch: None, each: &mut kernel, mixed: Some(mixed) })
}

/// The same for a function that also knows how to do all windows of a series at once. `batch` is asked for series
/// without histograms and known starts, of ranges without an extension; it gives the very bits that `each` would.
pub(crate) fn map_batches(
    evaluator: &mut Evaluator<'_>,
    expr: &Expr,
    batch: &mut BatchKernel<'_>,
    each: &mut Kernel<'_>,
    mixed: Option<&mut MixedKernel<'_>>,
) -> Result<Vec<Column>, EvalError> {
    map_series(evaluator, expr, false, Kernels { batch: Some(batch), each, mixed })
}

/// The forms of one function. One copy of the loop serves all functions: a copy each was 60 kB of wasm.
struct Kernels<'a, 'b, 'e, 'm> {
    batch: Option<&'a mut BatchKernel<'b>>,
    each: &'a mut Kernel<'e>,
    mixed: Option<&'a mut MixedKernel<'m>>,
}

/// The value of a window of floats, if there is one.
pub(crate) type Kernel<'k> = dyn FnMut(usize, Window<'_>) -> Option<f64> + 'k;
/// Writes the values of all steps over gaps.
pub(crate) type BatchKernel<'k> = dyn FnMut(&Batch<'_>, &mut [f64]) + 'k;

fn map_series(
    evaluator: &mut Evaluator<'_>,
    expr: &Expr,
    keeps_name: bool,
    mut kernels: Kernels<'_, '_, '_, '_>,
) -> Result<Vec<Column>, EvalError> {
    let source = Source::open(evaluator, expr)?;
    let grid = evaluator.grid;
    let mut columns: Vec<Option<Column>> = vec![None; source.len()];
    let mut buf = SampleBuf::default();
    let mut spans = Spans::default();
    for idx in batch::visits(&source, evaluator) {
        buf.clear();
        let is_known = spans.read_known(&source, evaluator, idx, &mut buf.vs);
        if is_known {
            evaluator.count(buf.vs.len(), source.span)?;
        } else {
            buf.clear();
            source.load(evaluator, idx, &mut buf)?;
            source.forget_reset_hints(&mut buf);
        }
        evaluator.count(grid.len, expr.span())?;
        let (labels, drop_name) = source.labels(evaluator, idx);
        let mut column = Column::blank(labels, drop_name || !keeps_name, grid.len);
        let windows = match &kernels.batch {
            Some(_) if is_known => Some(spans.known(&source, evaluator, idx, &buf.vs)),
            Some(_) => spans.batch(&source, evaluator, idx, &buf),
            None => None,
        };
        let n_looked_at = match (windows, &mut kernels.batch, &mut kernels.mixed) {
            (Some(windows), Some(batch), _) => {
                batch(&windows, &mut column.vs);
                windows.vs.len() + grid.len
            }
            (_, _, Some(mixed)) if !buf.histograms.is_empty() => {
                slide_mixed(evaluator, &source, &buf, expr.span(), &mut column, &mut **mixed)?
            }
            _ => slide_floats(evaluator, &source, &buf, expr.span(), &mut column, kernels.each)?,
        };
        evaluator.work(n_looked_at, expr.span())?;
        if !column.is_blank() {
            columns[idx] = Some(column);
        }
    }
    Ok(columns.into_iter().flatten().collect())
}

/// Fills the column of a series with a function of floats; how many samples were looked at.
fn slide_floats(
    evaluator: &mut Evaluator<'_>,
    source: &Source,
    buf: &SampleBuf,
    span: Span,
    column: &mut Column,
    each: &mut Kernel<'_>,
) -> Result<usize, EvalError> {
    let grid = evaluator.grid;
    let mut work = Work::default();
    let mut is_mixed = false;
    source.slide(&grid, buf, |step_idx, window| {
        if work.is_stopped(evaluator, window.ts.len(), span) {
            return;
        }
        is_mixed |= !window.hts.is_empty() && !window.ts.is_empty();
        if !window.ts.is_empty()
            && let Some(v) = each(step_idx, window)
        {
            column.vs[step_idx] = v;
        }
    });
    if is_mixed {
        let name = column.labels.metric_name().unwrap_or("");
        let remarks = &mut Remarks { annotations: &mut evaluator.annotations, name, span };
        remarks.ignored_histograms();
    }
    work.done()
}

/// Work on the windows of one series: many large ones may take longer than anybody waits.
#[derive(Default)]
struct Work {
    /// Samples looked at that the evaluator does not know of yet.
    n_new: usize,
    stopped: Option<EvalError>,
}

impl Work {
    /// Adds a window; whether the query was stopped.
    #[inline]
    fn is_stopped(&mut self, evaluator: &mut Evaluator<'_>, n: usize, span: Span) -> bool {
        self.n_new += n;
        if self.n_new >= 100_000 && self.stopped.is_none() {
            self.stopped = evaluator.work(std::mem::take(&mut self.n_new), span).err();
        }
        self.stopped.is_some()
    }

    /// What is still to be told.
    fn done(self) -> Result<usize, EvalError> {
        self.stopped.map_or(Ok(self.n_new), Err)
    }
}

/// Fills the column of a series with native histograms; how many samples were looked at.
fn slide_mixed(
    evaluator: &mut Evaluator<'_>,
    source: &Source,
    buf: &SampleBuf,
    span: Span,
    column: &mut Column,
    mixed: &mut MixedKernel<'_>,
) -> Result<usize, EvalError> {
    let grid = evaluator.grid;
    let name = column.labels.metric_name().unwrap_or("").to_owned();
    let mut work = Work::default();
    source.slide(&grid, buf, |step_idx, window| {
        // A histogram is as much work as its buckets, but those of one series are much alike.
        let n_buckets = window.hs.first().map_or(0, |h| h.positive.len() + h.negative.len());
        let n = window.ts.len() + window.hs.len() * (1 + n_buckets);
        if work.is_stopped(evaluator, n, span) || (window.ts.is_empty() && window.hts.is_empty()) {
            return;
        }
        let mut remarks = Remarks { annotations: &mut evaluator.annotations, name: &name, span };
        if let Some(point) = mixed(step_idx, &window, &mut remarks) {
            column.set(step_idx, point);
        }
    });
    work.done()
}

/// Where a function over windows says what is odd, in Prometheus' words.
pub(crate) struct Remarks<'a> {
    annotations: &'a mut Annotations,
    /// The metric's name, empty if the series has none.
    name: &'a str,
    /// What the remark is about.
    span: Span,
}

impl Remarks<'_> {
    pub(crate) fn warn(&mut self, text: &str) {
        self.annotations.warn(self.span, text);
    }

    pub(crate) fn info(&mut self, text: &str) {
        self.annotations.info(self.span, text);
    }

    /// A warning that ends with the metric's name.
    pub(crate) fn warn_on_metric(&mut self, text: &str) {
        self.annotations.warn(self.span, format!("{text} metric name {}", quote(self.name)));
    }

    /// The same about another part of the expression.
    pub(crate) fn at(&mut self, span: Span) -> Remarks<'_> {
        Remarks { annotations: self.annotations, name: self.name, span }
    }

    /// The range holds floats and histograms, and the function only looks at floats.
    pub(crate) fn ignored_histograms(&mut self) {
        let name = quote(self.name);
        let text =
            format!("ignored histograms in a range containing both floats and histograms for metric name {name}");
        self.annotations.info(self.span, text);
    }

    /// The range holds floats and histograms, and the function cannot do with both.
    pub(crate) fn mixed_types(&mut self) {
        self.warn_on_metric("encountered a mix of histograms and floats for");
    }

    /// The range holds histograms with a standard schema and with custom bounds.
    pub(crate) fn mixed_schemas(&mut self) {
        self.warn_on_metric("vector contains a mix of histograms with exponential and custom buckets schemas for");
    }

    /// A sample says that it counts since before the one before it.
    pub(crate) fn start_overlaps(&mut self) {
        let name = quote(self.name);
        let text = format!("sample has start time that overlaps with previous sample timestamp for metric {name}");
        self.annotations.warn(self.span, text);
    }

    /// The function is one of counters and the histogram is none, or the same for gauges.
    pub(crate) fn not_a(&mut self, what: &str) {
        self.annotations.warn(self.span, format!("this native histogram metric is not a {what}: {}", quote(self.name)));
    }
}

/// Takes the staleness markers out.
pub(crate) fn drop_markers(buf: &mut SampleBuf) {
    if buf.vs.iter().any(|&v| is_stale(v)) {
        drop_stale(buf);
    }
    if buf.histograms.hs.iter().any(|h| h.is_stale()) {
        drop_stale_histograms(buf);
    }
}

fn drop_stale(buf: &mut SampleBuf) {
    let mut kept = 0;
    for idx in 0..buf.ts.len() {
        if !is_stale(buf.vs[idx]) {
            buf.ts[kept] = buf.ts[idx];
            buf.vs[kept] = buf.vs[idx];
            if let Some(&start) = buf.starts.get(idx) {
                buf.starts[kept] = start;
            }
            kept += 1;
        }
    }
    buf.ts.truncate(kept);
    buf.vs.truncate(kept);
    buf.starts.truncate(kept);
}

fn drop_stale_histograms(buf: &mut SampleBuf) {
    let histograms = &mut buf.histograms;
    let mut kept = 0;
    for idx in 0..histograms.ts.len() {
        if !histograms.hs[idx].is_stale() {
            histograms.ts[kept] = histograms.ts[idx];
            histograms.hs.swap(kept, idx);
            if let Some(&start) = histograms.starts.get(idx) {
                histograms.starts[kept] = start;
            }
            kept += 1;
        }
    }
    histograms.ts.truncate(kept);
    histograms.hs.truncate(kept);
    histograms.starts.truncate(kept);
}
