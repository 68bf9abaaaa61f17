//! The PromQL language of Prometheus 3: text to tree and back, and everything an editor wants to know.
//!
//! The phases in reading order: [`lexer`] (text to tokens), [`parser`] (tokens to [`ast`]), [`check`]
//! (types), [`printer`] (tree to text), [`complete`] (what can stand at the cursor). [`functions`] holds
//! the signatures and a sentence about each function, for the editor and the engine alike, [`keywords`] one
//! about each keyword and operator; [`reference`] tells wrong expressions as Prometheus does. Every
//! problem is a [`Diagnostic`] with a byte span; a half-typed query still gives a tree.
//!
//! ```
//! let parsed = promql::parse("sum by (code) (rate(http_requests_total[1m]))");
//! assert!(parsed.diagnostics.is_empty());
//! assert_eq!(parsed.expr.to_string(), "sum by (code) (rate(http_requests_total[1m]))");
//! ```
//!
//! The crate does not evaluate anything and does not compile regular expressions.
#![forbid(unsafe_code)]

pub mod ast;
pub mod check;
pub mod complete;
pub mod diagnostic;
pub mod functions;
pub mod keywords;
pub mod lexer;
pub mod parser;
pub mod printer;
pub mod reference;

pub use ast::{Expr, ValueType};
pub use diagnostic::{Diagnostic, Severity, Span};
pub use lexer::{TokenClass, highlight};
pub use parser::{Parsed, parse, parse_with};

/// Parses an expression for evaluation.
///
/// # Errors
/// All problems found, if there is an error among them.
pub fn parse_strict(src: &str, validate_regex: &dyn Fn(&str) -> Result<(), String>) -> Result<Expr, Vec<Diagnostic>> {
    let parsed = parse_with(src, Some(validate_regex));
    if parsed.diagnostics.iter().any(|d| d.severity == Severity::Error) {
        Err(parsed.diagnostics)
    } else {
        Ok(parsed.expr)
    }
}
