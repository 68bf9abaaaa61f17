//! The layout of long expressions, as Prometheus' formatter does it: whatever fits 100 characters stays in one
//! line; else arguments, operands and brackets get lines of their own, two blanks deeper.
//!
//! Prometheus drops comments. Here each stands in a line of its own above the argument or operand that it was
//! written at, which is split for it if need be.

use super::{aggregate_head, operator, sign, subquery_suffix};
use crate::ast::Expr;
use crate::diagnostic::Span;
use crate::lexer::{Sym, Token, TokenKind, lex};
use std::fmt::{self, Formatter, Write as _};

/// Longest line.
const MAX_WIDTH: usize = 100;

/// The text of a tree laid out for reading. Selectors are never split.
#[must_use]
pub fn format(expr: &Expr) -> String {
    laid_out(expr, Vec::new())
}

/// The same for the text that the tree was read from, with its comments.
#[must_use]
pub fn format_source(src: &str, expr: &Expr) -> String {
    laid_out(expr, comments(src, expr))
}

fn laid_out<'a>(expr: &Expr, comments: Vec<Comment<'a>>) -> String {
    let mut layout = Layout { out: String::new(), comments };
    layout.item(expr, 0);
    layout.out
}

/// A comment and the part of the tree above which it goes.
struct Comment<'a> {
    above: Span,
    text: &'a str,
}

/// All comments of a text, each with its place.
fn comments<'a>(src: &'a str, root: &Expr) -> Vec<Comment<'a>> {
    let mut found = Vec::new();
    let mut before: Option<Token> = None;
    let tokens = lex(src);
    for (idx, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::Comment {
            before = Some(*token);
            continue;
        }
        let after = tokens[idx..].iter().find(|t| t.kind != TokenKind::Comment);
        let anchor = anchor(src, before, *token, after.copied());
        let text = token.span.text(src).trim_end();
        found.push(Comment { above: item_at(root, root.span(), anchor), text });
    }
    found
}

/// The byte of the token that a comment speaks of: what stands before it in its line, else what follows. What
/// opens something or joins two things is not meant itself, nor is what closes or separates.
fn anchor(src: &str, before: Option<Token>, comment: Token, after: Option<Token>) -> usize {
    let opens = |t: &Token| {
        matches!(t.sym, Sym::OpenParen | Sym::OpenBrace | Sym::OpenBracket | Sym::Comma | Sym::Op(_))
            && t.kind != TokenKind::End
    };
    let closes = |t: &Token| {
        matches!(t.sym, Sym::CloseParen | Sym::CloseBrace | Sym::CloseBracket | Sym::Comma) || t.kind == TokenKind::End
    };
    let same_line = |t: &Token| !src.get(t.span.end..comment.span.start).unwrap_or("\n").contains(['\n', '\r']);
    let before = before.filter(|t| !opens(t));
    let after = after.filter(|t| !closes(t));
    let chosen = before.filter(same_line).or(after).or(before);
    chosen.map_or(0, |t| t.span.start)
}

/// The innermost part that begins a line when everything is split, around a byte.
fn item_at(expr: &Expr, item: Span, at: usize) -> Span {
    let holds = |e: &Expr| (e.span().start..e.span().end).contains(&at);
    match expr {
        Expr::Binary(e) if at < e.op_span.start => item_at(&e.lhs, item, at),
        Expr::Binary(e) => item_at(&e.rhs, e.rhs.span(), at),
        Expr::Unary(e) => item_at(&e.expr, item, at),
        Expr::Subquery(e) => item_at(&e.expr, item, at),
        Expr::Paren(_) | Expr::Aggregate(_) | Expr::Call(_) => {
            match expr.children().into_iter().find(|child| holds(child)) {
                Some(child) => item_at(child, child.span(), at),
                None => item,
            }
        }
        _ => item,
    }
}

struct Layout<'a> {
    out: String,
    comments: Vec<Comment<'a>>,
}

impl Layout<'_> {
    /// Writes an expression that begins a line at this level.
    fn item(&mut self, expr: &Expr, level: usize) {
        for comment in self.comments.iter().filter(|c| c.above == expr.span()) {
            indent(&mut self.out, level);
            self.out.push_str(comment.text);
            self.out.push('\n');
        }
        indent(&mut self.out, level);
        self.inline(expr, level);
    }

    /// Writes an expression behind what already stands in its line.
    fn inline(&mut self, expr: &Expr, level: usize) {
        let line = expr.to_string();
        if line.len() <= MAX_WIDTH && !self.has_comment_inside(expr) {
            self.out.push_str(&line);
            return;
        }
        match expr {
            Expr::Aggregate(e) => {
                put(&mut self.out, |f| aggregate_head(f, e));
                self.bracketed(e.param.iter().chain([&e.expr]), level);
            }
            Expr::Call(e) => {
                self.out.push_str(&e.name);
                self.bracketed(e.args.iter(), level);
            }
            Expr::Paren(e) => self.bracketed([&e.expr].into_iter(), level),
            Expr::Binary(e) => {
                // The left side is one level deeper than its operator: its line is indented already.
                indent(&mut self.out, 1);
                self.inline(&e.lhs, level + 1);
                self.out.push('\n');
                indent(&mut self.out, level);
                put(&mut self.out, |f| operator(f, e));
                self.out.push('\n');
                self.item(&e.rhs, level + 1);
            }
            Expr::Unary(e) => {
                self.out.push(sign(e));
                let start = self.out.len();
                self.inline(&e.expr, level);
                let trimmed = self.out[start..].trim_start().to_owned();
                self.out.truncate(start);
                self.out.push_str(&trimmed);
            }
            Expr::Subquery(e) => {
                self.inline(&e.expr, level);
                put(&mut self.out, |f| subquery_suffix(f, e));
            }
            _ => self.out.push_str(&line),
        }
    }

    fn bracketed<'e>(&mut self, items: impl Iterator<Item = &'e Expr>, level: usize) {
        self.out.push_str("(\n");
        for (idx, item) in items.enumerate() {
            if idx > 0 {
                self.out.push_str(",\n");
            }
            self.item(item, level + 1);
        }
        self.out.push('\n');
        indent(&mut self.out, level);
        self.out.push(')');
    }

    fn has_comment_inside(&self, expr: &Expr) -> bool {
        let span = expr.span();
        self.comments.iter().any(|c| span.start <= c.above.start && c.above.end <= span.end && c.above != span)
    }
}

fn indent(out: &mut String, level: usize) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

/// Appends what a printing function writes.
fn put(out: &mut String, print: impl Fn(&mut Formatter<'_>) -> fmt::Result) {
    let _ = write!(out, "{}", fmt::from_fn(print));
}
