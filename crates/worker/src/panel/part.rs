//! One expression on its steps, evaluated slice by slice.

use super::Clock;
use crate::limits::{FIRST_SLICE_MS, MAX_QUERY, SLICE_MS};
use crate::problem;
use engine::{Annotations, EvalError, EvalErrorKind, Interrupt, Limits, Matrix, Options, QueryOutput, Value, evaluate};
use frame::Source;
use model::{StepGrid, TimeRange, Timestamp};
use promql::Expr;
use protocol::Problem;
use tsdb::{Changes, Head};

/// Steps that are evaluated at once if not more: at one step alone the engine answers as to an instant query.
const MIN_SLICE: usize = 2;

/// What a slice knows of time.
pub(super) struct Timing<'a> {
    pub(super) clock: Clock<'a>,
    /// When the query began.
    pub(super) started_ms: f64,
    slice_started: f64,
}

impl<'a> Timing<'a> {
    /// A slice that begins now.
    pub(super) fn new(clock: Clock<'a>, started_ms: f64) -> Self {
        Timing { clock, started_ms, slice_started: clock() }
    }

    /// Milliseconds since the slice began.
    pub(super) fn elapsed_ms(&self) -> f64 {
        (self.clock)() - self.slice_started
    }
}

/// How far a part is.
pub(super) enum Progress {
    /// There are steps left.
    More,
    /// All of it: the value of an instant query; that of a range query is the part's matrix.
    Done(Value),
}

/// An expression on a grid.
///
/// Invariant: no step of `matrix` before its first `n_fresh` can be about a sample that was stored after it was evaluated.
#[derive(Debug)]
pub(super) struct Part {
    /// Which expression of the panel.
    pub(super) source: Source,
    /// Its text.
    pub(super) text: String,
    pub(super) expr: Expr,
    /// All steps.
    pub(super) grid: StepGrid,
    /// The steps that are done.
    pub(super) matrix: Matrix,
    /// Remarks on them.
    pub(super) annotations: Annotations,
    /// What was remarked on the steps that were there before; they are evaluated again if the new ones differ in that.
    reused: Option<Annotations>,
    n_fresh: usize,
    is_range: bool,
    /// Steps of the next slice; 0 before the first one, which tries all.
    slice: usize,
    /// Samples that were read.
    pub(super) n_samples: u64,
    /// Steps that were evaluated.
    pub(super) n_evaluated: usize,
}

impl Part {
    /// An expression at one time.
    pub(super) fn instant(expr: Expr, grid: StepGrid) -> Self {
        Part { is_range: false, ..Part::range(Source::default(), String::new(), expr, grid) }
    }

    /// An expression at all steps of a grid.
    pub(super) fn range(source: Source, text: String, expr: Expr, grid: StepGrid) -> Self {
        Part {
            source,
            text,
            expr,
            grid,
            matrix: Matrix::default(),
            annotations: Annotations::default(),
            reused: None,
            n_fresh: usize::MAX,
            is_range: true,
            slice: 0,
            n_samples: 0,
            n_evaluated: 0,
        }
    }

    /// Goes on where another evaluation of the same expression ended: `matrix` has the first steps of the grid.
    pub(super) fn reuse(&mut self, matrix: Matrix, annotations: Annotations) {
        self.matrix = matrix;
        self.reused = Some(annotations);
    }

    /// What was stored and dropped since the last slice: which steps may be kept.
    pub(super) fn changed(&mut self, changes: &Changes) {
        if changes.has_dropped {
            self.n_fresh = 0;
        }
        if let Some(oldest) = changes.oldest_written {
            self.n_fresh = self.n_fresh.min(steps_before(&self.grid, oldest));
        }
    }

    /// What can be kept for the next request: steps that nothing was stored behind, and what was remarked on all.
    pub(super) fn into_kept(mut self) -> (Matrix, Annotations) {
        if let Some(reused) = self.reused {
            self.annotations.merge(reused);
        }
        self.matrix.keep_steps(0..self.n_fresh);
        (self.matrix, self.annotations)
    }

    /// Evaluates some steps.
    pub(super) fn step(&mut self, head: &Head, timing: &Timing<'_>) -> Result<Progress, Problem> {
        let n_done = self.matrix.grid.len;
        let n_left = self.grid.len - n_done;
        if n_left == 0 {
            return Ok(self.ended());
        }
        let is_first = self.slice == 0;
        let mut n_steps =
            if is_first { n_left } else { self.slice.clamp(MIN_SLICE, n_left.max(MIN_SLICE)).min(n_left) };
        if n_left - n_steps < MIN_SLICE {
            n_steps = n_left;
        }
        let deadline = timing.started_ms + MAX_QUERY.0 as f64;
        // The last unit of work cannot be cut smaller; only the whole query's time bounds it.
        let may_cut = self.is_range && n_steps > MIN_SLICE;
        let slice_ms = if is_first { FIRST_SLICE_MS } else { SLICE_MS };
        let slice_started = (timing.clock)();
        let interrupted = || {
            let now = (timing.clock)();
            if now > deadline {
                Some(Interrupt::TimedOut(MAX_QUERY))
            } else if may_cut && now - slice_started > slice_ms {
                Some(Interrupt::Cancelled)
            } else {
                None
            }
        };
        let defaults = Limits::default();
        let limits = Limits { max_samples: defaults.max_samples.saturating_sub(self.n_samples), ..defaults };
        let options = Options { limits, interrupted: Some(&interrupted), ..Options::default() };
        // A slice has fewer steps than the whole, so the bound of steps is met here or never.
        if self.grid.len > limits.max_steps {
            let kind = EvalErrorKind::TooManySteps { found: self.grid.len, max: limits.max_steps };
            return Err(problem::of_evaluation(&EvalError { kind, span: self.expr.span() }, 0.0));
        }
        let whole = TimeRange { start: self.grid.start, end: self.grid.end() };
        let part = StepGrid { start: self.grid.time(n_done), step: self.grid.step, len: n_steps };
        match evaluate(head, &self.expr, part, whole, self.is_range, &options) {
            Ok(output) => {
                self.slice = n_steps;
                if (timing.clock)() - slice_started < SLICE_MS / 4.0 {
                    self.slice *= 2;
                }
                self.took(output, n_steps, timing)
            }
            Err(EvalError { kind: EvalErrorKind::Interrupted(Interrupt::Cancelled), .. }) => {
                self.slice = (n_steps / 8).max(MIN_SLICE);
                Ok(Progress::More)
            }
            Err(mut error) => {
                if let EvalErrorKind::TooManySamples(limit) = &mut error.kind {
                    *limit = defaults.max_samples;
                }
                Err(problem::of_evaluation(&error, (timing.clock)() - timing.started_ms))
            }
        }
    }

    fn took(&mut self, output: QueryOutput, n_steps: usize, timing: &Timing<'_>) -> Result<Progress, Problem> {
        self.n_samples += output.stats.n_samples;
        self.n_evaluated += n_steps;
        self.annotations.merge(output.annotations);
        if !self.is_range {
            return Ok(Progress::Done(output.value));
        }
        if let Value::Matrix(matrix) = output.value {
            self.matrix.append_steps(matrix);
        }
        let max_bytes = Limits::default().max_bytes;
        if self.matrix.series.len().saturating_mul(self.grid.len).saturating_mul(8) > max_bytes {
            let error = EvalError { kind: EvalErrorKind::TooManyBytes(max_bytes), span: self.expr.span() };
            return Err(problem::of_evaluation(&error, (timing.clock)() - timing.started_ms));
        }
        Ok(if self.matrix.grid.len < self.grid.len { Progress::More } else { self.ended() })
    }

    /// All steps are there; those of before are not if something else was remarked on them.
    fn ended(&mut self) -> Progress {
        match self.reused.take() {
            Some(reused) if self.n_evaluated == 0 => self.annotations = reused,
            Some(reused) if reused != self.annotations => {
                self.matrix = Matrix::default();
                self.annotations = Annotations::default();
                self.n_fresh = usize::MAX;
                self.slice = 0;
                return Progress::More;
            }
            _ => {}
        }
        Progress::Done(Value::Scalar { v: f64::NAN })
    }
}

/// How many steps of a grid lie before a time.
pub(super) fn steps_before(grid: &StepGrid, time: Timestamp) -> usize {
    if time <= grid.start {
        return 0;
    }
    let span = time.0.saturating_sub(grid.start.0);
    let n = span.saturating_add(grid.step.0.max(1) - 1) / grid.step.0.max(1);
    usize::try_from(n).unwrap_or(usize::MAX).min(grid.len)
}
