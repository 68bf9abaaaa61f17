//! Numbers, and durations with their arithmetic (`[5m * 2]`, `offset -step()`).

use super::{MAX_DEPTH, Parser};
use crate::ast::{BinaryOp, DurationExpr, NumberLiteral};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Sym, TokenKind};
use model::{duration, number};

impl Parser<'_> {
    /// Takes a number or duration token.
    pub(super) fn number(&mut self) -> NumberLiteral {
        let token = self.next();
        let text = token.span.text(self.src);
        if token.kind == TokenKind::Duration {
            let value = match duration::parse(text) {
                Ok(length) => {
                    if length.0.unsigned_abs() > super::MAX_DURATION_MS {
                        let hint = "a duration can be 292 years at most";
                        self.push(Diagnostic::error(token.span, "duration out of range").with_hint(hint));
                    }
                    length.as_secs_f64()
                }
                Err(error) => {
                    self.push(Diagnostic::error(token.span, error.to_string()));
                    f64::NAN
                }
            };
            return NumberLiteral { value, is_duration: true, span: token.span };
        }
        let value = literal(text).unwrap_or_else(|| {
            let hint = "write a number such as `1.5`, `1e3` or `0x1f`, or a duration such as `5m`";
            self.push(Diagnostic::error(token.span, format!("`{text}` is no number")).with_hint(hint));
            f64::NAN
        });
        NumberLiteral { value, is_duration: false, span: token.span }
    }

    /// The duration behind `[` or `:`: any arithmetic.
    pub(super) fn duration(&mut self, after: &str) -> DurationExpr {
        self.duration_binary(0, after)
    }

    /// The duration behind `offset`: a signed value, a call or a parenthesis; operators belong to the
    /// expression around it.
    pub(super) fn offset_duration(&mut self) -> DurationExpr {
        self.duration_unary("`offset`", false)
    }

    fn duration_binary(&mut self, min_precedence: u8, after: &str) -> DurationExpr {
        self.depth += 1;
        let mut lhs = self.duration_unary(after, true);
        let mut height = self.height;
        while let Some(op) = self.binary_op().filter(|op| op.precedence() >= 4 && op.precedence() >= min_precedence) {
            if height >= MAX_DEPTH {
                self.give_up();
                break;
            }
            let token = self.next();
            let tighter = if op == BinaryOp::Pow { op.precedence() } else { op.precedence() + 1 };
            let rhs = self.duration_binary(tighter, token.span.text(self.src));
            height = height.max(self.height) + 1;
            let span = lhs.span().to(rhs.span());
            let zero = matches!(&rhs, DurationExpr::Number(number) if number.value == 0.0);
            if zero && matches!(op, BinaryOp::Div | BinaryOp::Mod) {
                self.push(Diagnostic::error(span, "this duration divides by 0"));
            }
            lhs = DurationExpr::Binary { op, operands: Box::new([lhs, rhs]), span };
        }
        self.height = height;
        self.depth -= 1;
        lhs
    }

    fn duration_unary(&mut self, after: &str, in_brackets: bool) -> DurationExpr {
        if self.depth >= MAX_DEPTH {
            return DurationExpr::Missing(self.give_up().span());
        }
        self.height = 1;
        let token = self.peek();
        if self.at(Sym::Op(BinaryOp::Sub)) || self.at(Sym::Op(BinaryOp::Add)) {
            self.next();
            self.depth += 1;
            // In brackets a sign binds looser than `^`: `-2^2` is -4. Behind `offset` it ends the duration.
            let operand = if in_brackets {
                self.duration_binary(BinaryOp::Pow.precedence(), after)
            } else {
                self.duration_unary(after, false)
            };
            self.depth -= 1;
            self.height += 1;
            let span = token.span.to(operand.span());
            if token.sym == Sym::Op(BinaryOp::Add) {
                return operand;
            }
            return DurationExpr::Sign { negative: true, operand: Box::new(operand), span };
        }
        if self.at(Sym::OpenParen) {
            let open = self.next();
            let inner = self.duration_binary(0, "`(`");
            self.height += 1;
            let close = self.close(Sym::CloseParen, open);
            return DurationExpr::Paren(Box::new(inner), open.span.to(close));
        }
        if matches!(token.kind, TokenKind::Number | TokenKind::Duration) {
            return DurationExpr::Number(self.number());
        }
        if token.kind == TokenKind::Ident && self.peek_at(1).sym == Sym::OpenParen {
            return self.duration_call(after);
        }
        let found = self.found();
        self.error_here(format!("expected a duration such as `5m` after {after}, found {found}"), "");
        DurationExpr::Missing(token.span)
    }

    fn duration_call(&mut self, after: &str) -> DurationExpr {
        let name = self.next();
        let open = self.next();
        let word = name.span.text(self.src).to_ascii_lowercase();
        match word.as_str() {
            "step" | "range" => {
                let span = name.span.to(self.close(Sym::CloseParen, open));
                if word == "step" { DurationExpr::Step(span) } else { DurationExpr::Range(span) }
            }
            "min_of" | "max_of" => {
                self.depth += 1;
                let first = self.duration_binary(0, "`(`");
                let height = self.height;
                if self.at(Sym::Comma) {
                    self.next();
                } else {
                    let found = self.found();
                    self.error_here(format!("expected `,` and a second duration, found {found}"), "");
                }
                let second = self.duration_binary(0, "`,`");
                self.depth -= 1;
                self.height = height.max(self.height) + 1;
                let span = name.span.to(self.close(Sym::CloseParen, open));
                let operands = Box::new([first, second]);
                if word.starts_with("min") {
                    DurationExpr::Min(operands, span)
                } else {
                    DurationExpr::Max(operands, span)
                }
            }
            _ => {
                let message =
                    format!("expected a duration such as `5m` after {after}, found `{}(`", name.span.text(self.src));
                let hint = match word.as_str() {
                    "min" => "for durations it is written `min_of(…, …)`",
                    "max" => "for durations it is written `max_of(…, …)`",
                    _ => "only `step()`, `range()`, `min_of(…, …)` and `max_of(…, …)` can be called here",
                };
                self.push(Diagnostic::error(name.span, message).with_hint(hint));
                let close = self.close(Sym::CloseParen, open);
                DurationExpr::Missing(name.span.to(close))
            }
        }
    }
}

/// A number as Go writes it: underscores between digits, hexadecimal and octal whole numbers.
pub(crate) fn literal(text: &str) -> Option<f64> {
    let plain;
    let text = if text.contains('_') {
        if text.starts_with('_') || text.ends_with('_') || text.contains("__") {
            return None;
        }
        plain = text.replace('_', "");
        plain.as_str()
    } else {
        text
    };
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with(['+', '-'])).map(|v| v as f64);
    }
    if text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) {
        // Go reads a leading zero as octal, and falls back to decimal where that fails.
        if let Ok(v) = i64::from_str_radix(text, 8) {
            return Some(v as f64);
        }
    }
    number::parse(text)
}
