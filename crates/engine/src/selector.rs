//! Instant selectors: for each step the newest sample within the lookback.

mod smoothed;

use crate::eval::{Evaluator, left_open, reference_span};
use crate::limits::EvalError;
use crate::value::{Column, GAP, Histograms, Point, Reference};
use model::{StepGrid, is_stale};
use promql::ast::{Extension, VectorSelector};
use tsdb::{Head, SampleBuf, Scratch, SeriesRef};

/// What of a sample is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Value,
    /// Its time in seconds, for `timestamp()`.
    Time,
    /// When its counter began, in seconds, for `start_timestamp()`.
    Start,
}

pub(crate) fn eval(evaluator: &mut Evaluator<'_>, selector: &VectorSelector) -> Result<Vec<Column>, EvalError> {
    eval_part(evaluator, selector, Part::Value)
}

pub(crate) fn eval_part(
    evaluator: &mut Evaluator<'_>,
    selector: &VectorSelector,
    part: Part,
) -> Result<Vec<Column>, EvalError> {
    let grid = evaluator.grid;
    if grid.len == 0 {
        return Ok(Vec::new());
    }
    // Only values can be smoothed, and there is nothing to anchor.
    if part == Part::Value && selector.extension == Some(Extension::Smoothed) {
        return smoothed::eval(evaluator, selector);
    }
    let reference = evaluator.reference(selector.at, selector.offset.as_ref())?;
    let lookback = evaluator.options.lookback_delta.0;
    let (first, last) = reference_span(&reference, &grid);
    let range = left_open(first.saturating_sub(lookback), last);
    let found = select(evaluator, selector, range)?;
    evaluator.check_size(found.len(), selector.span)?;
    let mut columns = Vec::with_capacity(found.len());
    let (mut buf, mut scratch) = (SampleBuf::default(), Scratch::default());
    for series in found {
        if part == Part::Value && !evaluator.head.has_histograms(series) {
            let mut vs = Vec::with_capacity(grid.len);
            let n = if grid.len == 1 {
                vs.extend(evaluator.head.newest_float(series, range, &mut scratch).map(|(_, v)| v));
                vs.len()
            } else {
                Newest::of(evaluator, &reference, &mut vs).walk(series, range, &mut scratch)
            };
            evaluator.count(n + grid.len, selector.span)?;
            if vs.iter().any(|&v| !is_stale(v)) {
                let labels = evaluator.head.labels(series).cloned().unwrap_or_default();
                columns.push(Column::floats(labels, false, vs));
            }
            continue;
        }
        buf.clear();
        evaluator.read(series, range, &mut buf);
        evaluator.count(buf.len() + grid.len, selector.span)?;
        let labels = evaluator.head.labels(series).cloned().unwrap_or_default();
        let mut column =
            Column { labels, drop_name: false, vs: Vec::with_capacity(grid.len), hs: Histograms::default() };
        newest(&buf, &grid, &reference, lookback, part, &mut column.vs);
        if !buf.histograms.is_empty() {
            newest_histograms(&buf, &grid, &reference, lookback, part, &mut column);
        }
        if !column.is_blank() {
            columns.push(column);
        }
    }
    Ok(columns)
}

/// The series of a selector that have samples in a range.
pub(crate) fn select(
    evaluator: &Evaluator<'_>,
    selector: &VectorSelector,
    range: model::TimeRange,
) -> Result<Vec<SeriesRef>, EvalError> {
    evaluator
        .head
        .select(&selector.matchers, range)
        .map_err(|error| EvalError::invalid(selector.selector_span, error.to_string()))
}

/// Finds the newest float of each step while the floats of a series pass.
struct Newest<'a> {
    head: &'a Head,
    /// Where the next step looks.
    time: i64,
    step_ms: i64,
    n_steps: usize,
    lookback: i64,
    out: &'a mut Vec<f64>,
}

impl<'a> Newest<'a> {
    fn of(evaluator: &Evaluator<'a>, reference: &Reference, out: &'a mut Vec<f64>) -> Self {
        Newest {
            head: evaluator.head,
            time: reference.time(&evaluator.grid, 0),
            step_ms: if reference.fixed.is_some() { 0 } else { evaluator.grid.step.0 },
            n_steps: evaluator.grid.len,
            lookback: evaluator.options.lookback_delta.0,
            out,
        }
    }

    /// How many samples passed.
    fn walk(mut self, series: SeriesRef, range: model::TimeRange, scratch: &mut Scratch) -> usize {
        let mut last = (i64::MIN, GAP);
        let head = self.head;
        let n = head.visit_floats(series, range, scratch, |ts, vs| {
            let (Some(&end), Some(&end_v)) = (ts.last(), vs.last()) else { return };
            let mut idx = 0;
            // What is at the end of the piece or later may find something newer in the next one.
            while self.time < end && self.out.len() < self.n_steps {
                while ts[idx] <= self.time {
                    idx += 1;
                }
                let newest = if idx == 0 { last } else { (ts[idx - 1], vs[idx - 1]) };
                self.step(newest);
            }
            last = (end, end_v);
        });
        while self.out.len() < self.n_steps {
            self.step(last);
        }
        n
    }

    #[inline]
    fn step(&mut self, (t, v): (i64, f64)) {
        // A staleness marker is a gap as it is.
        self.out.push(if t > self.time.saturating_sub(self.lookback) { v } else { GAP });
        self.time = self.time.saturating_add(self.step_ms);
    }
}

/// For each step the newest sample in `(reference - lookback, reference]`, unless it is a staleness
/// marker. Reference times do not decrease, so one index walks the samples once.
pub(crate) fn newest(
    buf: &SampleBuf,
    grid: &StepGrid,
    reference: &Reference,
    lookback: i64,
    part: Part,
    out: &mut Vec<f64>,
) {
    let mut end = 0;
    for step_idx in 0..grid.len {
        let time = reference.time(grid, step_idx);
        while end < buf.ts.len() && buf.ts[end] <= time {
            end += 1;
        }
        let value = match end.checked_sub(1) {
            Some(idx) if buf.ts[idx] > time.saturating_sub(lookback) && !is_stale(buf.vs[idx]) => match part {
                Part::Value => buf.vs[idx],
                Part::Time => buf.ts[idx] as f64 / 1000.0,
                Part::Start => start_at(&buf.starts, idx),
            },
            _ => GAP,
        };
        out.push(value);
    }
}

fn start_at(starts: &[i64], idx: usize) -> f64 {
    starts.get(idx).copied().unwrap_or(0) as f64 / 1000.0
}

/// Puts the histograms into a column of floats, at steps where they are newer than the newest float.
pub(crate) fn newest_histograms(
    buf: &SampleBuf,
    grid: &StepGrid,
    reference: &Reference,
    lookback: i64,
    part: Part,
    column: &mut Column,
) {
    let (mut end, mut float_end) = (0, 0);
    let histograms = &buf.histograms;
    for step_idx in 0..grid.len {
        let time = reference.time(grid, step_idx);
        while end < histograms.ts.len() && histograms.ts[end] <= time {
            end += 1;
        }
        while float_end < buf.ts.len() && buf.ts[float_end] <= time {
            float_end += 1;
        }
        let Some(idx) = end.checked_sub(1) else { continue };
        let is_newest = float_end.checked_sub(1).is_none_or(|float| buf.ts[float] < histograms.ts[idx]);
        if histograms.ts[idx] <= time.saturating_sub(lookback) || !is_newest {
            continue;
        }
        column.vs[step_idx] = GAP;
        let h = &histograms.hs[idx];
        if h.is_stale() {
            continue;
        }
        match part {
            Part::Value => column.set(step_idx, Point::Histogram(h.clone())),
            Part::Time => column.set(step_idx, Point::Float(histograms.ts[idx] as f64 / 1000.0)),
            Part::Start => column.set(step_idx, Point::Float(start_at(&histograms.starts, idx))),
        }
    }
}
