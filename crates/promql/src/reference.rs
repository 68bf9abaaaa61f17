//! What Prometheus says of a wrong expression: its text for the first error, without the position.
//!
//! The parser's own diagnostics are written for the person who types; test scripts and clients of the API
//! compare with these texts. They depend on how Prometheus reads (which token it has seen, which rule of its
//! grammar is open), so that the wrong expression is read once more here, in its order: [`lexer`], [`grammar`],
//! and, if both are content, [`types`]. Nothing of this runs for a right expression, and a program that does
//! not ask carries nothing of it.

mod grammar;
mod lexer;
mod types;

use crate::parser::{ValidateRegex, parse};

/// Prometheus' text for the first error of an expression; `None` if it accepts it.
///
/// A regular expression that `validate_regex` refuses is quoted with the reason given there.
#[must_use]
pub fn first_error(src: &str, validate_regex: ValidateRegex<'_>) -> Option<String> {
    if let Err(text) = grammar::check(src, validate_regex) {
        return Some(text);
    }
    types::first_error(src, &parse(src).expr)
}

/// A name in double quotes with Go's escapes.
fn quoted(text: &str) -> String {
    model::quote(text)
}

#[cfg(test)]
mod tests;
