//! Errors of the layers below as the page shows them: what happened, where, what to do.

use engine::{Annotation, EvalError, EvalErrorKind, Interrupt};
use exposition::ErrorKind;
use model::duration;
use model::number::grouped;
use promql::{Diagnostic, Severity, Span};
use protocol::{Note, Problem, WireSpan};
use scrape::{EndpointError, ScrapeFailure};

/// A scrape that failed.
pub(crate) fn of_scrape(failure: &ScrapeFailure, url: &str) -> Problem {
    let at = match failure {
        // A web page or JSON is not metrics anywhere, not at one place.
        ScrapeFailure::NotMetrics(error) if !matches!(error.kind, ErrorKind::Html | ErrorKind::Json) => {
            Some((error.line as u32, error.column as u32))
        }
        _ => None,
    };
    Problem { message: failure.message(url), hint: failure.hint().to_owned(), at, ..Problem::default() }
}

/// A text that is no URL to scrape.
pub(crate) fn of_endpoint(error: &EndpointError, typed: &str) -> Problem {
    let typed = typed.trim();
    let message = match error {
        EndpointError::Empty => "There is nothing to add.".to_owned(),
        _ => format!("`{typed}` cannot be scraped."),
    };
    Problem { message, hint: sentence(&error.to_string()), ..Problem::default() }
}

/// An expression with errors; the first one leads, the others follow it.
pub(crate) fn of_diagnostics(diagnostics: &[Diagnostic]) -> Problem {
    let mut errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let Some(first) = errors.next() else {
        return Problem { message: "The expression cannot be read.".to_owned(), ..Problem::default() };
    };
    Problem {
        message: sentence(&first.message),
        hint: sentence(&first.hint),
        span: Some(wire_span(first.span)),
        at: None,
        more: errors
            .map(|d| Note {
                message: sentence(&d.message),
                hint: sentence(&d.hint),
                span: Some(wire_span(d.span)),
                query_idx: 0,
            })
            .collect(),
    }
}

/// An expression that could not be evaluated. `after_ms` is how long it was tried.
pub(crate) fn of_evaluation(error: &EvalError, after_ms: f64) -> Problem {
    let after = format!("{:.1} s", after_ms / 1_000.0);
    let message = match &error.kind {
        EvalErrorKind::TooManySamples(limit) => format!("Stopped at {} samples after {after}.", grouped(*limit)),
        EvalErrorKind::TooManySeries(limit) => {
            format!("A part of the query has more than {} series.", grouped(*limit as u64))
        }
        EvalErrorKind::TooManyBytes(limit) => {
            format!("Stopped at {} MiB of intermediate results after {after}.", limit >> 20)
        }
        EvalErrorKind::TooManySteps { found, max } => {
            format!("The query has {} steps; at most {} are evaluated.", grouped(*found as u64), grouped(*max as u64))
        }
        EvalErrorKind::Interrupted(Interrupt::TimedOut(limit)) => {
            format!("Stopped after {}, the longest a query may take.", duration::format(*limit))
        }
        kind => sentence(&kind.to_string()),
    };
    Problem { message, hint: sentence(error.hint()), span: Some(wire_span(error.span)), ..Problem::default() }
}

/// A remark of the engine on an expression of a panel.
pub(crate) fn note(annotation: &Annotation, query_idx: u16) -> Note {
    let span = Some(wire_span(annotation.span));
    Note { message: sentence(&annotation.message), hint: String::new(), span, query_idx }
}

/// A first letter in upper case and a full stop, unless there are some: messages of the layers below are parts of
/// sentences.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let mut out: String = first.to_uppercase().collect();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '?', ':', '!']) {
        out.push('.');
    }
    out
}

fn wire_span(span: Span) -> WireSpan {
    WireSpan { start: span.start as u32, end: span.end as u32 }
}
