//! What is said about an expression, by the parser on this page or by the worker, in one form: where it
//! is underlined, what is printed below the field, and what is kept back while somebody is still typing.

use promql::{Diagnostic, Severity, Span};
use protocol::{Note, Problem, WireSpan};

/// A problem of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The bytes it is about, if it is about some.
    pub span: Option<Span>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Remark {
    /// For the coloured copy, if it can be underlined.
    #[must_use]
    pub fn diagnostic(&self) -> Option<Diagnostic> {
        let Remark { span, severity, message, hint } = self.clone();
        span.map(|span| Diagnostic { span, severity, message, hint })
    }

    /// Whether the expression cannot be evaluated.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl From<Diagnostic> for Remark {
    fn from(diagnostic: Diagnostic) -> Self {
        let Diagnostic { span, severity, message, hint } = diagnostic;
        Remark { span: Some(span), severity, message, hint }
    }
}

/// What the parser says.
#[must_use]
pub fn parsed(src: &str) -> Vec<Remark> {
    promql::parse(src).diagnostics.into_iter().map(Remark::from).collect()
}

/// What the worker says, its first sentence first. What is about the whole expression underlines nothing.
#[must_use]
pub fn of_problem(problem: &Problem, src: &str) -> Vec<Remark> {
    let is_part = |span: &Span| !src.trim().is_empty() && span.text(src).trim() != src.trim();
    let first = Remark {
        span: problem.span.map(span).filter(is_part),
        severity: Severity::Error,
        message: problem.message.clone(),
        hint: problem.hint.clone(),
    };
    std::iter::once(first).chain(problem.more.iter().map(|note| of_note(note, Severity::Error))).collect()
}

/// A warning or one more error of the worker.
#[must_use]
pub fn of_note(note: &Note, severity: Severity) -> Remark {
    Remark { span: note.span.map(span), severity, message: note.message.clone(), hint: note.hint.clone() }
}

fn span(wire: WireSpan) -> Span {
    Span::new(wire.start as usize, wire.end as usize)
}

/// What can be said while somebody types: not that the text has no end yet, and nothing about the word
/// at the cursor, which is not whole.
#[must_use]
pub fn while_typing(src: &str, cursor: usize, remarks: Vec<Remark>) -> Vec<Remark> {
    let end = src.trim_end().len();
    let is_settled = |span: Span| span.end < end && !(span.start <= cursor && cursor <= span.end);
    remarks.into_iter().filter(|remark| remark.span.is_some_and(is_settled)).collect()
}

/// Line and column, from 1, counted in characters.
#[must_use]
pub fn place(src: &str, at: usize) -> (usize, usize) {
    let before: String = src.char_indices().take_while(|(byte, _)| *byte < at).map(|(_, c)| c).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    //! Which remarks are made about which text; `|` marks the cursor.
    use super::*;

    fn said(marked: &str) -> Vec<String> {
        let cursor = marked.find('|').expect("a cursor");
        let src = marked.replacen('|', "", 1);
        while_typing(&src, cursor, parsed(&src)).into_iter().map(|r| r.message).collect()
    }

    #[test]
    fn half_typed_text_is_not_nagged_about() {
        for marked in
            ["|", "sum(rate(x[5m]|", "up{job=|", "up{job=\"a|", "a + |", "up offset |", "rate(|)", "sum by (|) (x)"]
        {
            assert_eq!(said(marked), [] as [&str; 0], "{marked}");
        }
    }

    #[test]
    fn what_is_wrong_before_the_cursor_is_said() {
        assert_eq!(said("raet(x[5m]) + |"), ["there is no function `raet`"]);
        assert_eq!(said("rate(x) / sum(y|"), ["`rate` takes a range vector, this is an instant vector"]);
        assert_eq!(said("1 +* 2|"), ["expected an expression, found `*`"]);
    }

    #[test]
    fn the_workers_problems_keep_their_order_and_places() {
        let note = |message: &str, start, end| Note {
            message: message.to_owned(),
            hint: String::new(),
            span: Some(WireSpan { start, end }),
            query_idx: 0,
        };
        let problem = Problem {
            span: Some(WireSpan { start: 0, end: 5 }),
            message: "one".to_owned(),
            hint: "do".to_owned(),
            more: vec![note("two", 3, 4)],
            ..Problem::default()
        };
        let remarks = of_problem(&problem, "a / b ");
        assert_eq!(
            remarks.iter().map(|r| (r.message.as_str(), r.hint.as_str(), r.span)).collect::<Vec<_>>(),
            [("one", "do", None), ("two", "", Some(Span::new(3, 4)))]
        );
    }

    #[test]
    fn places_count_lines_and_characters() {
        assert_eq!([0, 1, 5].map(|at| place("aü\nb", at)), [(1, 1), (1, 2), (2, 2)]);
    }
}
