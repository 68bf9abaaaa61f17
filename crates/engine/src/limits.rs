//! What a query may cost, and how it fails.

use model::Millis;
use promql::Span;

/// Bounds of one evaluation. Each error names the bound that was met.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Samples read and values computed: 50 million are a second or two, as Prometheus' default.
    pub max_samples: u64,
    /// Steps of a range query: 11,000, the limit of Prometheus' API, more than a screen has columns.
    pub max_steps: usize,
    /// Series of any intermediate result.
    pub max_series: usize,
    /// Bytes of the columns of one intermediate result: wasm memory never shrinks again.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_samples: 50_000_000, max_steps: 11_000, max_series: 200_000, max_bytes: 1 << 29 }
    }
}

/// Why an evaluation was stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// The user or a newer request.
    Cancelled,
    /// It took longer than the caller allows.
    TimedOut(Millis),
}

/// How to evaluate.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// A sample counts for so long.
    pub lookback_delta: Millis,
    /// The step of a subquery that names none.
    pub default_step: Millis,
    /// Bounds.
    pub limits: Limits,
    /// Asked every few thousand samples whether to stop.
    pub interrupted: Option<&'a dyn Fn() -> Option<Interrupt>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            lookback_delta: Millis::from_secs(300),
            default_step: Millis::from_secs(60),
            limits: Limits::default(),
            interrupted: None,
        }
    }
}

/// Why there is no answer, and where in the expression.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalError {
    /// What happened.
    pub kind: EvalErrorKind,
    /// The part of the expression it happened in.
    pub span: Span,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvalErrorKind {
    /// The expression, the data or a parameter do not allow it. The text is Prometheus' where it has one.
    #[error("{0}")]
    Invalid(String),
    /// Too many samples.
    #[error("the query needs more than {0} samples")]
    TooManySamples(u64),
    /// Too many steps.
    #[error("the query has {found} steps; at most {max} are evaluated")]
    TooManySteps {
        /// Asked for.
        found: usize,
        /// Allowed.
        max: usize,
    },
    /// Too many series.
    #[error("a part of the query has more than {0} series")]
    TooManySeries(usize),
    /// Too much memory.
    #[error("a part of the query needs more than {0} bytes")]
    TooManyBytes(usize),
    /// Stopped from outside.
    #[error("the query was stopped")]
    Interrupted(Interrupt),
}

impl EvalError {
    pub(crate) fn invalid(span: Span, message: impl Into<String>) -> Self {
        EvalError { kind: EvalErrorKind::Invalid(message.into()), span }
    }

    /// What to do about it; may be empty.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match &self.kind {
            EvalErrorKind::Invalid(message) => hint_of(message),
            EvalErrorKind::TooManySteps { .. } => "choose a greater step or a shorter range",
            EvalErrorKind::Interrupted(Interrupt::Cancelled) => "",
            EvalErrorKind::TooManySamples(_) | EvalErrorKind::TooManyBytes(_) | EvalErrorKind::Interrupted(_) => {
                "narrow the range or add a matcher"
            }
            EvalErrorKind::TooManySeries(_) => "add a matcher, or aggregate by fewer labels",
        }
    }
}

/// What to do about what the data or a parameter do not allow.
fn hint_of(message: &str) -> &'static str {
    const HINTS: &[(&str, &str)] = &[
        ("found duplicate series", "match by more labels, or aggregate that side before"),
        ("multiple matches for labels: many-to-one", "add group_left or group_right, or match by more labels"),
        ("multiple matches for labels: grouping", "take fewer labels from the other side, or match by more"),
        (
            "vector cannot contain metrics",
            "series differ in their names only: aggregate them, or keep them apart by label_replace",
        ),
        ("Parameter value is NaN", "the first argument has to be a number of series"),
        ("Ratio value is NaN", "the first argument has to be a number between -1 and 1"),
        ("Scalar value", "the first argument has to be a number of series"),
        ("duration", "write a duration such as 5m"),
        ("division by zero", "write a duration such as 5m"),
        ("modulo by zero", "write a duration such as 5m"),
        ("invalid label name", "a label needs a name"),
        ("invalid destination label name", "a label needs a name"),
        ("invalid source label name", "a label needs a name"),
        ("invalid expression type", "a graph needs an instant vector or a number"),
        ("`", "look at the regular expression"),
    ];
    HINTS.iter().find(|(start, _)| message.starts_with(start)).map_or("check the marked part", |(_, hint)| hint)
}

impl std::fmt::Display for EvalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for EvalError {}
