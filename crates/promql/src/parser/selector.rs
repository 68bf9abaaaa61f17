//! Selectors and what stands behind them: `{…}`, `[…]`, `offset`, `@`, `anchored`, `smoothed`.

use super::Parser;
use super::pattern::accepts_empty;
use crate::ast::{At, BinaryOp, DurationExpr, Expr, Extension, MatrixSelector, Subquery, ValueType, VectorSelector};
use crate::diagnostic::{Diagnostic, Span};
use crate::lexer::{Sym, TokenKind};
use model::{METRIC_NAME, MatchOp, Matcher, Timestamp};

impl Parser<'_> {
    /// `name`, `name{…}` or `{…}`. `labels_only`: the selector of `info`, which may match everything.
    pub(super) fn selector(&mut self, labels_only: bool) -> VectorSelector {
        let start = self.peek();
        let mut name = None;
        let mut matchers = Vec::new();
        if start.kind == TokenKind::Ident {
            self.next();
            name = Some(start.span.text(self.src).to_owned());
        }
        let mut complete = true;
        if self.at(Sym::OpenBrace) {
            let bare = name.is_some();
            complete = self.braces(bare, &mut name, &mut matchers);
        }
        if let Some(name) = &name {
            matchers.push(Matcher::new(METRIC_NAME, MatchOp::Equal, name.as_str()));
        }
        if labels_only {
            // `info` takes no metric, only matchers, that on the name among them.
            name = None;
        }
        let span = start.span.to(self.before().span);
        if complete && !labels_only && !matchers.iter().any(demands_something) {
            let hint = "add the name of a metric, or a matcher such as `job=\"…\"`";
            self.push(
                Diagnostic::error(span, "a selector needs at least one matcher that does not match the empty text")
                    .with_hint(hint),
            );
        }
        VectorSelector { name, matchers, offset: None, at: None, extension: None, span, selector_span: span }
    }

    /// The matchers in braces, behind a bare name or alone. Whether they were without errors.
    fn braces(&mut self, bare: bool, name: &mut Option<String>, matchers: &mut Vec<Matcher>) -> bool {
        let n_before = self.diagnostics.len();
        let open = self.next();
        while !self.at(Sym::CloseBrace) {
            let token = self.peek();
            let label = match token.kind {
                TokenKind::Ident if !token.span.text(self.src).contains(':') => {
                    self.next();
                    token.span.text(self.src).to_owned()
                }
                TokenKind::String | TokenKind::OpenString => {
                    let text = self.string();
                    if self.at(Sym::Comma) || self.at(Sym::CloseBrace) || self.peek().kind == TokenKind::End {
                        self.quoted_name(text, token.span, bare, name, matchers);
                        if self.at(Sym::Comma) {
                            self.next();
                        } else {
                            break;
                        }
                        continue;
                    }
                    text
                }
                _ => {
                    let found = self.found();
                    self.error_here(format!("expected a label's name, found {found}"), "");
                    break;
                }
            };
            let op = match self.peek().sym {
                Sym::Assign => Some(MatchOp::Equal),
                Sym::Op(BinaryOp::Ne) => Some(MatchOp::NotEqual),
                Sym::Match => Some(MatchOp::Regex),
                Sym::NotMatch => Some(MatchOp::NotRegex),
                _ => None,
            };
            let Some(op) = op else {
                let found = self.found();
                self.error_here(format!("expected `=`, `!=`, `=~` or `!~` after `{label}`, found {found}"), "");
                break;
            };
            self.next();
            let value_token = self.peek();
            if !matches!(value_token.kind, TokenKind::String | TokenKind::OpenString) {
                let found = self.found();
                self.error_here(
                    format!("expected a quoted value after `{label}{}`, found {found}", op.as_str()),
                    "put the value in double quotes",
                );
                break;
            }
            let value = self.string();
            if matches!(op, MatchOp::Regex | MatchOp::NotRegex)
                && let Some(Err(error)) = self.validate_regex.map(|validate| validate(&value))
            {
                let message = format!("this is no regular expression (RE2 syntax): {error}");
                self.push(Diagnostic::error(value_token.span, message));
            }
            if label == METRIC_NAME && bare {
                let message =
                    format!("the metric's name is set twice: `{}` and `{value}`", name.as_deref().unwrap_or(""));
                self.push(Diagnostic::error(token.span.to(value_token.span), message));
            }
            matchers.push(Matcher::new(label, op, value));
            if self.at(Sym::Comma) {
                self.next();
            } else if matches!(self.peek().kind, TokenKind::Ident | TokenKind::String) {
                let found = self.found();
                self.error_here(format!("expected `,` or `}}`, found {found}"), "put a comma between the matchers");
            } else {
                break;
            }
        }
        self.close(Sym::CloseBrace, open);
        self.diagnostics.len() == n_before
    }

    /// `{"name"}`: a quoted metric name. Two of them are allowed, though hardly ever meant.
    fn quoted_name(
        &mut self,
        text: String,
        span: Span,
        bare: bool,
        name: &mut Option<String>,
        matchers: &mut Vec<Matcher>,
    ) {
        if text.is_empty() {
            self.push(Diagnostic::error(span, "expected a metric's name, found an empty text"));
        } else if name.is_none() {
            *name = Some(text);
        } else if bare {
            let message = format!("the metric's name is set twice: `{}` and `{text}`", name.as_deref().unwrap_or(""));
            self.push(Diagnostic::error(span, message));
            matchers.push(Matcher::new(METRIC_NAME, MatchOp::Equal, text));
        } else {
            matchers.push(Matcher::new(METRIC_NAME, MatchOp::Equal, text));
        }
    }

    /// Ranges and modifiers behind an expression.
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Expr {
        loop {
            // A chain of subqueries nests the tree as deep as parentheses do.
            if self.height >= super::MAX_DEPTH {
                return self.give_up();
            }
            if self.at(Sym::OpenBracket) {
                expr = self.brackets(expr);
            } else if self.at(Sym::Offset) {
                self.next();
                let height = self.height;
                let offset = self.offset_duration();
                self.height = height;
                self.check_duration(&offset, None);
                let end = self.before().span;
                self.modify(&mut expr, end, "offset", |slots| {
                    !slots.offset.replace(offset).is_some_and(|old| is_offset(&old))
                });
            } else if self.at(Sym::At) {
                let at_token = self.next();
                let at = self.at_time();
                let end = self.before().span;
                if let Some(at) = at {
                    self.modify(&mut expr, at_token.span.to(end), "@", |slots| slots.at.replace(at).is_none());
                }
            } else if self.at(Sym::Anchored) || self.at(Sym::Smoothed) {
                let token = self.next();
                let extension = if token.sym == Sym::Anchored { Extension::Anchored } else { Extension::Smoothed };
                self.extend(&mut expr, token.span, extension);
            } else {
                return expr;
            }
        }
    }

    fn extend(&mut self, expr: &mut Expr, span: Span, extension: Extension) {
        let selector = match expr {
            Expr::Vector(selector) => selector,
            Expr::Matrix(matrix) => {
                matrix.span = matrix.span.to(span);
                &mut matrix.selector
            }
            _ => {
                let message = format!("`{}` can only stand behind a selector such as `up[5m]`", span.text(self.src));
                self.push(Diagnostic::error(span, message));
                return;
            }
        };
        let other = selector.extension.replace(extension).is_some_and(|old| old != extension);
        selector.span = selector.span.to(span);
        if other {
            self.push(Diagnostic::error(span, "`anchored` and `smoothed` cannot be used together"));
        }
    }

    /// Sets a modifier on the selector or subquery it belongs to; `set` says whether it was free.
    fn modify(&mut self, expr: &mut Expr, end: Span, what: &str, set: impl FnOnce(Slots<'_>) -> bool) {
        let was_free = match expr {
            Expr::Vector(e) => {
                e.span = e.span.to(end);
                set(Slots { offset: &mut e.offset, at: &mut e.at })
            }
            Expr::Matrix(e) => {
                e.span = e.span.to(end);
                set(Slots { offset: &mut e.selector.offset, at: &mut e.selector.at })
            }
            Expr::Subquery(e) => {
                e.span = e.span.to(end);
                set(Slots { offset: &mut e.offset, at: &mut e.at })
            }
            Expr::Missing(_) => return,
            other => {
                let message = format!("`{what}` can only stand behind a selector such as `up`, `up[5m]` or a subquery");
                let hint = "put it inside, behind the metric";
                let span = other.span();
                self.push(Diagnostic::error(span.to(end), message).with_hint(hint));
                return;
            }
        };
        if !was_free {
            self.push(Diagnostic::error(end, format!("`{what}` can only be given once")));
        }
    }

    /// `[5m]` or `[5m:1m]`
    fn brackets(&mut self, expr: Expr) -> Expr {
        let open = self.next();
        let height = self.height;
        let range = self.duration("`[`");
        let is_subquery = self.at(Sym::Colon);
        let mut step = None;
        if is_subquery {
            self.next();
            if !self.at(Sym::CloseBracket) {
                step = Some(self.duration("`:`"));
            }
        }
        let close = self.close(Sym::CloseBracket, open);
        let span = expr.span().to(close);
        self.check_duration(&range, Some("range"));
        if let Some(step) = &step {
            self.check_duration(step, Some("step"));
        }
        self.height = height;
        if is_subquery {
            self.height += 1;
            return Expr::Subquery(Box::new(Subquery { expr, range, step, offset: None, at: None, span }));
        }
        match expr {
            Expr::Vector(selector) => {
                // Prometheus only minds what it knows already: `up @ start()[5m]` passes.
                if selector.offset.as_ref().is_some_and(|o| is_offset(o) && !o.is_computed())
                    || matches!(selector.at, Some(At::Time(_)))
                {
                    let message = "the range has to stand before `offset` and `@`";
                    let hint = format!("write `{}[…] offset …`", selector.selector_span.text(self.src));
                    self.push(Diagnostic::error(open.span.to(close), message).with_hint(hint));
                }
                Expr::Matrix(MatrixSelector { selector, range, span })
            }
            Expr::Missing(_) => Expr::Missing(span),
            other => {
                let hint = "for the values of an expression over time write a subquery: `(…)[5m:]`";
                let message = format!(
                    "a range can only stand behind a selector; this gives {}",
                    article(other.value_type().as_str())
                );
                self.push(Diagnostic::error(open.span.to(close), message).with_hint(hint));
                if other.value_type() == ValueType::Matrix {
                    return other;
                }
                // What is most likely meant, so that the call around it has nothing to complain about.
                self.height += 1;
                Expr::Subquery(Box::new(Subquery { expr: other, range, step, offset: None, at: None, span }))
            }
        }
    }

    /// Whether a fixed duration can be meant: `positive` names what has to be longer than nothing.
    fn check_duration(&mut self, duration: &DurationExpr, positive: Option<&str>) {
        let Some(length) = duration.fixed() else { return };
        match positive {
            Some(what) if length.0 <= 0 => {
                let hint = format!("a {what} has to be longer than nothing");
                self.push(Diagnostic::error(duration.span(), "duration must be greater than 0").with_hint(hint));
            }
            _ if length.0.unsigned_abs() > MAX_DURATION_MS => {
                let message = if duration.is_computed() { "duration is out of range" } else { "duration out of range" };
                let hint = "a duration can be 292 years at most";
                self.push(Diagnostic::error(duration.span(), message).with_hint(hint));
            }
            _ => {}
        }
    }

    /// The time behind `@`.
    fn at_time(&mut self) -> Option<At> {
        let token = self.peek();
        for (word, at) in [(Sym::Start, At::Start), (Sym::End, At::End)] {
            if self.at(word) && self.peek_at(1).sym == Sym::OpenParen {
                self.next();
                let open = self.next();
                self.close(Sym::CloseParen, open);
                return Some(at);
            }
        }
        let sign = self.at(Sym::Op(BinaryOp::Sub)) || self.at(Sym::Op(BinaryOp::Add));
        let negative = sign && self.next().sym == Sym::Op(BinaryOp::Sub);
        let seconds = match self.peek().kind {
            TokenKind::Number | TokenKind::Duration => self.number().value,
            TokenKind::Ident if super::number_of(self.peek().sym).is_some() => {
                self.next();
                f64::INFINITY
            }
            _ => {
                let found = self.found();
                self.error_here(
                    format!("expected a time in seconds since 1970, `start()` or `end()` after `@`, found {found}"),
                    "",
                );
                return None;
            }
        };
        let millis = seconds * 1000.0;
        if !millis.is_finite() || millis.abs() >= 9.2e18 {
            self.push(Diagnostic::error(token.span.to(self.before().span), "this time is out of range"));
            return None;
        }
        Some(At::Time(Timestamp::from_secs_f64(if negative { -seconds } else { seconds })))
    }
}

/// Whether an offset shifts anything; one of 0 may be given again.
fn is_offset(offset: &DurationExpr) -> bool {
    offset.fixed().is_none_or(|length| length.0 != 0)
}

/// Where modifiers go.
struct Slots<'a> {
    offset: &'a mut Option<DurationExpr>,
    at: &'a mut Option<At>,
}

/// Longest duration, in milliseconds: Prometheus counts nanoseconds in 64 bits.
pub(crate) const MAX_DURATION_MS: u64 = i64::MAX as u64 / 1_000_000;

/// Whether a matcher refuses a series without the label. Regular expressions are judged by their form
/// only; where that does not tell, they are taken to refuse it.
pub(crate) fn demands_something(matcher: &Matcher) -> bool {
    match matcher.op {
        MatchOp::Equal => !matcher.value.is_empty(),
        MatchOp::NotEqual => matcher.value.is_empty(),
        MatchOp::Regex => !accepts_empty(&matcher.value),
        MatchOp::NotRegex => accepts_empty(&matcher.value),
    }
}

fn article(name: &str) -> String {
    if name.starts_with(['a', 'e', 'i', 'o', 'u']) { format!("an {name}") } else { format!("a {name}") }
}
