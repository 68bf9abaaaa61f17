//! One arm for each kind of node; every node is evaluated for all steps at once.

use crate::annotations::Annotations;
use crate::functions::extended_histogram::Notes;
use crate::limits::{EvalError, EvalErrorKind, Options};
use crate::query::merge_equal_samples;
use crate::read::{self, Detail};
use crate::value::{Column, Eval, GAP, Reference, without_name};
use crate::{aggregate, binary, durations, functions, selector, window};
use model::{Labels, Millis, StepGrid, TimeRange, Timestamp, is_stale};
use promql::Span;
use promql::ast::{At, BinaryOp, DurationExpr, Expr, Unary};
use std::sync::Arc;
use tsdb::{Head, HistogramBuf, SampleBuf, SeriesRef};

/// Asked for an interrupt once in so many samples looked at: often enough for a tenth of a second, rarely
/// enough not to be seen in a profile.
const WORK_PER_CHECK: u64 = 200_000;

pub(crate) struct Evaluator<'a> {
    pub(crate) head: &'a Head,
    pub(crate) grid: StepGrid,
    pub(crate) whole: TimeRange,
    /// The query's step, whatever grid a subquery has; 0 for an instant query.
    step: Millis,
    pub(crate) options: &'a Options<'a>,
    pub(crate) annotations: Annotations,
    /// What of native histograms is looked at here.
    detail: Detail,
    n_samples: u64,
    /// Samples looked at: each as often as windows share it.
    n_work: u64,
    next_check: u64,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(
        head: &'a Head,
        grid: StepGrid,
        whole: TimeRange,
        as_range: bool,
        options: &'a Options<'a>,
    ) -> Self {
        let annotations = Annotations::default();
        Evaluator {
            head,
            grid,
            whole,
            step: if as_range { grid.step } else { Millis::ZERO },
            options,
            annotations,
            detail: Detail::default(),
            n_samples: 0,
            n_work: 0,
            next_check: WORK_PER_CHECK,
        }
    }

    pub(crate) fn n_samples(&self) -> u64 {
        self.n_samples
    }

    pub(crate) fn eval(&mut self, expr: &Expr) -> Result<Eval, EvalError> {
        match expr {
            Expr::Number(number) => Ok(Eval::Scalar(vec![number.value; self.grid.len])),
            Expr::String(text) => Ok(Eval::String(text.value.clone())),
            Expr::Vector(selector) => selector::eval(self, selector).map(Eval::Vector),
            Expr::Paren(paren) => self.eval(&paren.expr),
            Expr::Unary(unary) => self.unary(unary),
            Expr::Binary(binary) if matches!(binary.op, BinaryOp::TrimLower | BinaryOp::TrimUpper) => {
                self.with_detail(Detail::Buckets, |evaluator| binary::eval(evaluator, binary))
            }
            Expr::Binary(binary) => binary::eval(self, binary),
            Expr::Aggregate(aggregate) => aggregate::eval(self, aggregate).map(Eval::Vector),
            Expr::Call(call) => functions::eval(self, call),
            Expr::Matrix(_) | Expr::Subquery(_) => {
                Err(EvalError::invalid(expr.span(), "a range vector can only be the argument of a function"))
            }
            Expr::Missing(span) => Err(EvalError::invalid(*span, "the expression is not complete")),
        }
    }

    /// Evaluates an expression that gives series.
    pub(crate) fn vector(&mut self, expr: &Expr) -> Result<Vec<Column>, EvalError> {
        match self.eval(expr)? {
            Eval::Vector(columns) => Ok(columns),
            _ => Err(EvalError::invalid(expr.span(), "expected an instant vector")),
        }
    }

    /// Evaluates an expression that gives a number a step.
    pub(crate) fn scalar(&mut self, expr: &Expr) -> Result<Vec<f64>, EvalError> {
        match self.eval(expr)? {
            Eval::Scalar(vs) => Ok(vs),
            _ => Err(EvalError::invalid(expr.span(), "expected a scalar")),
        }
    }

    /// Evaluates an expression that gives a text.
    pub(crate) fn string(&mut self, expr: &Expr) -> Result<String, EvalError> {
        match self.eval(expr)? {
            Eval::String(text) => Ok(text),
            _ => Err(EvalError::invalid(expr.span(), "expected a string")),
        }
    }

    /// The samples of a range selector or subquery at the only step of an instant query.
    pub(crate) fn raw_samples(&mut self, expr: &Expr) -> Result<Vec<(Labels, SampleBuf)>, EvalError> {
        let source = window::Source::open(self, expr)?;
        let mut out = Vec::new();
        let mut buf = SampleBuf::default();
        for idx in 0..source.len() {
            let (labels, drop_name) = source.labels(self, idx);
            buf.clear();
            source.load(self, idx, &mut buf)?;
            let (from, to) = source.bounds(&self.grid, 0, &buf.ts);
            let (h_from, h_to) = source.bounds(&self.grid, 0, &buf.histograms.ts);
            if from < to || h_from < h_to {
                let mut samples = SampleBuf {
                    ts: buf.ts[from..to].to_vec(),
                    vs: buf.vs[from..to].to_vec(),
                    starts: Vec::new(),
                    histograms: HistogramBuf {
                        ts: buf.histograms.ts[h_from..h_to].to_vec(),
                        hs: buf.histograms.hs[h_from..h_to].to_vec(),
                        starts: Vec::new(),
                    },
                };
                if let Some(extension) = functions::extended::of(expr) {
                    let (limits, name) = (source.limits(&self.grid, 0), labels.metric_name().unwrap_or(""));
                    let notes = &mut Notes { annotations: &mut self.annotations, name, span: expr.span() };
                    functions::extended::extend(&mut samples, limits, extension, notes);
                    if samples.is_empty() {
                        continue;
                    }
                }
                out.push((if drop_name { without_name(&labels) } else { labels }, samples));
            }
        }
        model::sort::by(&mut out, |a, b| a.0.cmp(&b.0));
        merge_equal_samples(out, expr.span())
    }

    fn unary(&mut self, unary: &Unary) -> Result<Eval, EvalError> {
        Ok(match self.eval(&unary.expr)? {
            Eval::Scalar(mut vs) => {
                if unary.negative {
                    vs.iter_mut().for_each(|v| *v = -*v);
                }
                Eval::Scalar(vs)
            }
            Eval::Vector(mut columns) => {
                if unary.negative {
                    for column in &mut columns {
                        column.drop_name = true;
                        for v in &mut column.vs {
                            *v = if is_stale(*v) { GAP } else { -*v };
                        }
                        for (_, slot) in column.hs.iter_mut() {
                            if let Some(h) = slot {
                                Arc::make_mut(h).mul(-1.0);
                            }
                        }
                    }
                }
                Eval::Vector(columns)
            }
            text @ Eval::String(_) => text,
        })
    }

    /// Counts work: samples read, values computed. The error says which limit was met.
    pub(crate) fn count(&mut self, n: usize, span: Span) -> Result<(), EvalError> {
        self.n_samples += n as u64;
        if self.n_samples > self.options.limits.max_samples {
            return Err(EvalError { kind: EvalErrorKind::TooManySamples(self.options.limits.max_samples), span });
        }
        self.work(n, span)
    }

    /// Counts work that takes time but no memory: the limit of samples does not mind it, an interrupt does.
    pub(crate) fn work(&mut self, n: usize, span: Span) -> Result<(), EvalError> {
        self.n_work += n as u64;
        if self.n_work >= self.next_check {
            self.next_check = self.n_work + WORK_PER_CHECK;
            if let Some(interrupt) = self.options.interrupted.and_then(|asked| asked()) {
                return Err(EvalError { kind: EvalErrorKind::Interrupted(interrupt), span });
            }
        }
        Ok(())
    }

    /// Refuses an intermediate result that is too large, before it is made.
    pub(crate) fn check_size(&self, n_series: usize, span: Span) -> Result<(), EvalError> {
        let limits = &self.options.limits;
        if n_series > limits.max_series {
            return Err(EvalError { kind: EvalErrorKind::TooManySeries(limits.max_series), span });
        }
        if n_series.saturating_mul(self.grid.len).saturating_mul(8) > limits.max_bytes {
            return Err(EvalError { kind: EvalErrorKind::TooManyBytes(limits.max_bytes), span });
        }
        Ok(())
    }

    /// Evaluates on another grid (a subquery's), with the same counters and remarks. Its steps may skip samples: what
    /// is seen there of histograms is all.
    pub(crate) fn on_grid<T>(&mut self, grid: StepGrid, run: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.grid, grid);
        let result = self.with_detail(Detail::Buckets, run);
        self.grid = outer;
        result
    }

    /// Evaluates a part of which only some of native histograms is looked at.
    pub(crate) fn with_detail<T>(&mut self, detail: Detail, run: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.detail;
        self.detail = detail.within(outer);
        let result = run(self);
        self.detail = outer;
        result
    }

    /// Reads the samples of a series in a range.
    pub(crate) fn read(&self, series: SeriesRef, range: TimeRange, buf: &mut SampleBuf) {
        read::read(self.head, series, range, self.detail, buf);
    }

    /// Where samples are looked for, by `@` and `offset`.
    pub(crate) fn reference(&self, at: Option<At>, offset: Option<&DurationExpr>) -> Result<Reference, EvalError> {
        let fixed = at.map(|at| match at {
            At::Time(t) => t,
            At::Start => self.whole.start,
            At::End => self.whole.end,
        });
        let offset_ms = offset.map_or(Ok(Millis::ZERO), |offset| self.duration(offset))?.0;
        Ok(Reference { fixed, offset_ms })
    }

    /// The value of a duration for this query.
    pub(crate) fn duration(&self, duration: &DurationExpr) -> Result<Millis, EvalError> {
        let (step, range) = (self.step_seconds(), (self.whole.end - self.whole.start).as_secs_f64());
        durations::value(duration, step, range)
    }

    /// The query's step in seconds; 0 for an instant query.
    pub(crate) fn step_seconds(&self) -> f64 {
        self.step.as_secs_f64()
    }

    /// A positive duration: a range or the step of a subquery.
    pub(crate) fn positive_duration(&self, duration: &DurationExpr) -> Result<Millis, EvalError> {
        let length = self.duration(duration)?;
        if length.0 <= 0 {
            return Err(EvalError::invalid(duration.span(), "duration must be greater than 0"));
        }
        Ok(length)
    }
}

/// The span of reference times over all steps.
pub(crate) fn reference_span(reference: &Reference, grid: &StepGrid) -> (i64, i64) {
    (reference.time(grid, 0), reference.time(grid, grid.len.saturating_sub(1)))
}

/// A range that leaves its start out, as the ranges of PromQL do.
pub(crate) fn left_open(start: i64, end: i64) -> TimeRange {
    TimeRange { start: Timestamp(start.saturating_add(1)), end: Timestamp(end) }
}
