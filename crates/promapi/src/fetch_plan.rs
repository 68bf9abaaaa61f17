//! What has to be fetched from a server so that an expression can be evaluated here: which series, over which time.
//!
//! Each selector of the expression becomes a [`SelectorFetch`] that covers all samples the engine looks at for it:
//! lookback, ranges, subqueries around it, `offset` and `@`. [`ApiRequest::raw`](crate::ApiRequest::raw) asks for one.
//!
//! The API shows no staleness markers: a series that ended lives on for the length of the lookback.

use model::{METRIC_NAME, MatchOp, Matcher, Millis, StepGrid, TimeRange, Timestamp};
use promql::Span;
use promql::ast::{At, Call, DurationExpr, Expr, Extension, VectorSelector, millis_of};
use promql::functions::FunctionId;

/// How much may be fetched for one expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Selectors: each is a request to each source.
    pub max_selectors: usize,
    /// The length of time of each. Raw samples are many: a series at 15 seconds has 40,000 a week.
    pub max_span: Millis,
}

impl Default for FetchLimits {
    fn default() -> Self {
        FetchLimits { max_selectors: 20, max_span: Millis(7 * 86_400_000) }
    }
}

/// All that has to be fetched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchPlan {
    /// Without repetition, in the order of the expression.
    pub selectors: Vec<SelectorFetch>,
}

/// The samples of the series that match.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectorFetch {
    /// All conditions, that on the name among them.
    pub matchers: Vec<Matcher>,
    /// From when to when, both ends in it.
    pub range: TimeRange,
    /// Where the first such selector stands.
    pub span: Span,
}

impl SelectorFetch {
    /// The conditions on other labels, and those on a label that only exists here, such as `source`.
    #[must_use]
    pub fn split_label(&self, label: &str) -> (Vec<Matcher>, Vec<Matcher>) {
        self.matchers.iter().cloned().partition(|matcher| matcher.name != label)
    }
}

/// Why nothing is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A duration has no value.
    #[error("this duration has no value")]
    Duration(Span),
    /// A part is missing.
    #[error("the expression is not complete")]
    Incomplete(Span),
    /// There are more selectors than are fetched.
    #[error("the expression has more than {max} different selectors; each of them is fetched from each source")]
    TooManySelectors {
        /// How many may be.
        max: usize,
        /// The first one too many.
        span: Span,
    },
    /// A selector looks at more time than is fetched.
    #[error("raw samples of {} would be fetched, at most {} are; choose a shorter range", duration(.span_ms), duration(.max_ms))]
    TooLong {
        /// How much it looks at, ms.
        span_ms: i64,
        /// How much may be, ms.
        max_ms: i64,
        /// Where it stands.
        span: Span,
    },
}

fn duration(ms: &i64) -> String {
    model::duration::format(Millis(*ms))
}

/// What has to be fetched for an expression on a grid, with this lookback.
///
/// # Errors
/// If the expression is not complete, or too much would have to be fetched.
pub fn fetch_plan(expr: &Expr, grid: StepGrid, lookback: Millis, limits: &FetchLimits) -> Result<FetchPlan, PlanError> {
    let whole = Window { first: grid.start.0, last: grid.end().0 };
    // An instant query has no step.
    let step = if grid.len > 1 { grid.step } else { Millis::ZERO };
    let mut walk = Walk { whole, step, lookback_ms: lookback.0, limits, plan: FetchPlan::default() };
    if grid.len > 0 {
        walk.expr(expr, whole)?;
    }
    Ok(walk.plan)
}

/// The first and the last time at which something is evaluated, ms.
#[derive(Clone, Copy, Debug)]
struct Window {
    first: i64,
    last: i64,
}

struct Walk<'a> {
    whole: Window,
    step: Millis,
    lookback_ms: i64,
    limits: &'a FetchLimits,
    plan: FetchPlan,
}

impl Walk<'_> {
    fn expr(&mut self, expr: &Expr, window: Window) -> Result<(), PlanError> {
        match expr {
            Expr::Missing(span) => return Err(PlanError::Incomplete(*span)),
            Expr::Vector(selector) => return self.vector(selector, window),
            Expr::Matrix(matrix) => {
                let range_ms = self.duration(&matrix.range)?;
                let Window { first, last } = self.moved(window, matrix.selector.at, matrix.selector.offset.as_ref())?;
                let (before_ms, behind_ms) = match matrix.selector.extension {
                    None => (0, 0),
                    Some(Extension::Anchored) => (self.lookback_ms, 0),
                    Some(Extension::Smoothed) => (self.lookback_ms, self.lookback_ms),
                };
                let first = first.saturating_sub(range_ms).saturating_sub(before_ms);
                return self.add(&matrix.selector, Window { first, last: last.saturating_add(behind_ms) });
            }
            Expr::Subquery(subquery) => {
                let range_ms = self.duration(&subquery.range)?;
                let Window { first, last } = self.moved(window, subquery.at, subquery.offset.as_ref())?;
                return self.expr(&subquery.expr, Window { first: first.saturating_sub(range_ms), last });
            }
            Expr::Call(call) if call.func.is_some_and(|func| func.id == FunctionId::Info) => {
                return self.info(call, window);
            }
            _ => {}
        }
        let mut result = Ok(());
        expr.for_each_child(&mut |child| {
            if result.is_ok() {
                result = self.expr(child, window);
            }
        });
        result
    }

    fn vector(&mut self, selector: &VectorSelector, window: Window) -> Result<(), PlanError> {
        let Window { first, last } = self.moved(window, selector.at, selector.offset.as_ref())?;
        let behind_ms = if selector.extension == Some(Extension::Smoothed) { self.lookback_ms } else { 0 };
        let first = first.saturating_sub(self.lookback_ms);
        self.add(selector, Window { first, last: last.saturating_add(behind_ms) })
    }

    /// The series whose labels `info` adds are selected by its second argument, `target_info` where that has no name.
    fn info(&mut self, call: &Call, window: Window) -> Result<(), PlanError> {
        let mut args = call.args.iter();
        if let Some(base) = args.next() {
            self.expr(base, window)?;
        }
        let (mut matchers, span) = match args.next() {
            Some(Expr::Vector(selector)) => (selector.matchers.clone(), selector.span),
            _ => (Vec::new(), call.span),
        };
        let names = || matchers.iter().filter(|matcher| matcher.name == METRIC_NAME);
        if !names().any(|matcher| matches!(matcher.op, MatchOp::Equal | MatchOp::Regex)) {
            matchers.push(if names().next().is_none() {
                Matcher::new(METRIC_NAME, MatchOp::Equal, "target_info")
            } else {
                Matcher::new(METRIC_NAME, MatchOp::Regex, ".+_info")
            });
        }
        // It looks where the selectors of its first argument look.
        let moved = match call.args.first().map(Expr::unwrap_parens) {
            Some(Expr::Vector(selector)) => self.moved(window, selector.at, selector.offset.as_ref())?,
            _ => window,
        };
        let first = moved.first.min(window.first).saturating_sub(self.lookback_ms);
        self.add_matchers(&matchers, Window { first, last: moved.last.max(window.last) }, span)
    }

    /// The window of what has these modifiers.
    fn moved(&self, window: Window, at: Option<At>, offset: Option<&DurationExpr>) -> Result<Window, PlanError> {
        let fixed = |t: i64| Window { first: t, last: t };
        let Window { first, last } = match at {
            None => window,
            Some(At::Time(t)) => fixed(t.0),
            Some(At::Start) => fixed(self.whole.first),
            Some(At::End) => fixed(self.whole.last),
        };
        let offset_ms = offset.map_or(Ok(0), |offset| self.duration(offset))?;
        Ok(Window { first: first.saturating_sub(offset_ms), last: last.saturating_sub(offset_ms) })
    }

    fn duration(&self, duration: &DurationExpr) -> Result<i64, PlanError> {
        let range_secs = Millis(self.whole.last.saturating_sub(self.whole.first)).as_secs_f64();
        let seconds = duration.eval(self.step.as_secs_f64(), range_secs).filter(|seconds| seconds.is_finite());
        seconds.map(|seconds| millis_of(seconds).0).ok_or_else(|| PlanError::Duration(duration.span()))
    }

    fn add(&mut self, selector: &VectorSelector, window: Window) -> Result<(), PlanError> {
        self.add_matchers(&selector.matchers, window, selector.span)
    }

    /// Adds samples from after `first` to `last`, with those of an equal selector if they touch.
    fn add_matchers(&mut self, matchers: &[Matcher], window: Window, span: Span) -> Result<(), PlanError> {
        let mut start = window.first.saturating_add(1);
        let mut end = window.last.max(start);
        // What was added before may touch what lies between.
        let touches = |of: &SelectorFetch, start: i64, end: i64| {
            of.matchers == matchers
                && of.range.start.0 <= end.saturating_add(1)
                && start <= of.range.end.0.saturating_add(1)
        };
        let selectors = &mut self.plan.selectors;
        let (mut place, mut first_span) = (selectors.len(), span);
        while let Some(idx) = selectors.iter().position(|of| touches(of, start, end)) {
            let known = selectors.remove(idx);
            (start, end) = (start.min(known.range.start.0), end.max(known.range.end.0));
            (place, first_span) = (place.min(idx), known.span);
        }
        let span_ms = end.saturating_sub(start).saturating_add(1);
        if span_ms > self.limits.max_span.0 {
            return Err(PlanError::TooLong { span_ms, max_ms: self.limits.max_span.0, span });
        }
        if selectors.len() >= self.limits.max_selectors {
            return Err(PlanError::TooManySelectors { max: self.limits.max_selectors, span });
        }
        let range = TimeRange { start: Timestamp(start), end: Timestamp(end) };
        let place = place.min(selectors.len());
        selectors.insert(place, SelectorFetch { matchers: matchers.to_vec(), range, span: first_span });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
