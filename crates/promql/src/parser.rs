//! Tokens to tree: a hand-written precedence parser that goes on after an error.
//!
//! Every problem becomes a diagnostic and the missing part an [`Expr::Missing`], so that a half-typed
//! query still has a tree to highlight, complete and explain. Nesting is bounded, so that neither this
//! parser nor a later walk over the tree can overflow the stack.

mod duration;
mod pattern;
mod selector;
mod strings;

use crate::ast::{
    Aggregate, Binary, BinaryOp, Call, Cardinality, Expr, NumberLiteral, Paren, StringLiteral, Unary, VectorMatching,
};
use crate::check;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::functions::{self, Aggregation};
use crate::lexer::{Sym, Token, TokenKind, lex};

pub(crate) use duration::literal;
pub(crate) use selector::{MAX_DURATION_MS, demands_something};
pub(crate) use strings::text_of;

/// Deepest tree. The engine's recursion costs about a kilobyte a level, and wasm has a stack of one megabyte.
pub const MAX_DEPTH: usize = 256;

/// Longest expression, in bytes. The longest ones of real dashboards have a few kilobytes.
pub const MAX_LEN: usize = 1 << 20;

/// More problems than this are not worth reading; it also bounds the work on garbage.
const MAX_DIAGNOSTICS: usize = 32;

/// How many tokens a missing closing bracket is looked for.
const MAX_SKIP: usize = 200;

/// Checks a regular expression; the error is its text.
pub type ValidateRegex<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// What became of a text.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; complete if there is no error among the diagnostics.
    pub expr: Expr,
    /// All problems, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses an expression and checks its types; regular expressions are taken as they are.
#[must_use]
pub fn parse(src: &str) -> Parsed {
    parse_with(src, None)
}

/// Parses an expression and checks its types, and its regular expressions with `validate_regex`.
#[must_use]
pub fn parse_with(src: &str, validate_regex: Option<ValidateRegex<'_>>) -> Parsed {
    if src.len() > MAX_LEN {
        let message = format!("the expression is {} bytes long; at most {MAX_LEN} can be read", src.len());
        return Parsed {
            expr: Expr::Missing(Span::default()),
            diagnostics: vec![Diagnostic::error(Span::default(), message)],
        };
    }
    let mut parser = Parser::new(src, validate_regex);
    let expr = parser.whole();
    let mut diagnostics = parser.diagnostics;
    check::check(&expr, &mut diagnostics);
    model::sort::by_key(&mut diagnostics, |d| (d.span.start, d.span.end));
    diagnostics.truncate(MAX_DIAGNOSTICS);
    Parsed { expr, diagnostics }
}

pub(crate) struct Parser<'a> {
    src: &'a str,
    tokens: Vec<Token>,
    pos: usize,
    /// How many brackets, signs and right sides are open around the current token.
    depth: usize,
    /// The height of the tree parsed last: a chain such as `a + b + c` nests to the left without
    /// opening anything, so that `depth` alone would not bound the tree.
    height: usize,
    too_deep: bool,
    diagnostics: Vec<Diagnostic>,
    validate_regex: Option<ValidateRegex<'a>>,
}

impl<'a> Parser<'a> {
    fn new(src: &'a str, validate_regex: Option<ValidateRegex<'a>>) -> Self {
        let mut tokens = lex(src);
        tokens.retain(|t| t.kind != TokenKind::Comment);
        Parser { src, tokens, pos: 0, depth: 0, height: 0, too_deep: false, diagnostics: Vec::new(), validate_regex }
    }

    fn whole(&mut self) -> Expr {
        if self.peek().kind == TokenKind::End {
            self.error_here("expected an expression, found nothing", "type the name of a metric, such as `up`");
            return Expr::Missing(self.peek().span);
        }
        let mut expr = self.expr(0);
        if self.peek().kind == TokenKind::End || self.too_deep {
            return expr;
        }
        let found = self.found();
        let hint = match self.peek().span.text(self.src) {
            ")" | "]" | "}" => "there is no matching opening bracket",
            "=" => "to compare, write `==`",
            "=~" | "!~" => "regular expressions can only stand in braces: `up{job=~\"a.*\"}`",
            "&" => "to keep series that both sides have, write `and`",
            "|" => "to join the series of both sides, write `or`",
            "." => "a name with points is written `{\"a.b\"}`",
            "$" => "variables of dashboards have to be filled in first",
            _ => "two expressions need an operator between them",
        };
        self.error_here(format!("expected the end of the expression, found {found}"), hint);
        // The rest is read for its own problems; what an operator joins still belongs to the tree.
        while self.peek().kind != TokenKind::End {
            if self.binary_op().is_some() {
                expr = self.binary_rest(expr, 0);
                continue;
            }
            let height = self.height;
            let begins = matches!(self.peek().kind, TokenKind::Ident | TokenKind::Number | TokenKind::Duration);
            if begins || self.at(Sym::OpenParen) || self.at(Sym::OpenBrace) {
                self.expr(0);
            } else {
                self.next();
            }
            self.height = height;
        }
        expr
    }

    /// Binary operators of at least this precedence, and what they combine.
    fn expr(&mut self, min_precedence: u8) -> Expr {
        self.depth += 1;
        let lhs = self.unary();
        let expr = self.binary_rest(lhs, min_precedence);
        self.depth -= 1;
        expr
    }

    /// The operators behind a left side.
    fn binary_rest(&mut self, mut lhs: Expr, min_precedence: u8) -> Expr {
        let mut height = self.height;
        while let Some(op) = self.binary_op() {
            if op.precedence() < min_precedence {
                break;
            }
            if height >= MAX_DEPTH {
                self.give_up();
                break;
            }
            let op_token = self.next();
            let (return_bool, matching) = self.binary_modifiers(op);
            let op_span = op_token.span.to(self.before().span);
            // `^` is right-associative: its right side may hold another `^`.
            let next_precedence = if op == BinaryOp::Pow { op.precedence() } else { op.precedence() + 1 };
            let rhs = self.expr(next_precedence);
            height = height.max(self.height) + 1;
            let span = lhs.span().to(rhs.span());
            lhs = Expr::Binary(Box::new(Binary { op, lhs, rhs, return_bool, matching, op_span, span }));
        }
        self.height = height;
        lhs
    }

    fn binary_op(&self) -> Option<BinaryOp> {
        match self.peek().sym {
            Sym::Op(op) => Some(op),
            _ => None,
        }
    }

    fn unary(&mut self) -> Expr {
        let token = self.peek();
        if self.at(Sym::Op(BinaryOp::Sub)) || self.at(Sym::Op(BinaryOp::Add)) {
            if self.depth >= MAX_DEPTH {
                return self.give_up();
            }
            self.next();
            // A sign binds looser than `^` and tighter than `*`.
            self.depth += 1;
            let expr = self.expr(BinaryOp::Pow.precedence());
            self.depth -= 1;
            self.height += 1;
            let negative = token.sym == Sym::Op(BinaryOp::Sub);
            let span = token.span.to(expr.span());
            // A signed number is a number, as Prometheus prints it.
            return match expr {
                Expr::Number(number) if !number.is_duration => {
                    let value = if negative { -number.value } else { number.value };
                    Expr::Number(NumberLiteral { value, span, ..number })
                }
                expr => Expr::Unary(Box::new(Unary { negative, expr, span })),
            };
        }
        let primary = self.primary();
        self.postfix(primary)
    }

    fn primary(&mut self) -> Expr {
        if self.depth >= MAX_DEPTH {
            return self.give_up();
        }
        self.height = 1;
        let token = self.peek();
        match token.kind {
            TokenKind::Number | TokenKind::Duration => {
                let number = self.number();
                Expr::Number(number)
            }
            TokenKind::String | TokenKind::OpenString => {
                let span = token.span;
                Expr::String(StringLiteral { value: self.string(), span })
            }
            TokenKind::Punct if token.sym == Sym::OpenParen => self.paren(),
            TokenKind::Punct if token.sym == Sym::OpenBrace => Expr::Vector(self.selector(false)),
            TokenKind::Ident => self.named(),
            _ => {
                let found = self.found();
                self.error_here(format!("expected an expression, found {found}"), "");
                let ends_something =
                    matches!(token.sym, Sym::CloseParen | Sym::CloseBracket | Sym::CloseBrace | Sym::Comma);
                if !ends_something && token.kind != TokenKind::End && self.binary_op().is_none() {
                    self.next();
                }
                Expr::Missing(Span::new(token.span.start, token.span.start))
            }
        }
    }

    /// Something that begins with a name: number word, aggregation, call or metric.
    fn named(&mut self) -> Expr {
        let token = self.peek();
        if let Some(value) = number_of(token.sym) {
            self.next();
            return Expr::Number(NumberLiteral { value, is_duration: false, span: token.span });
        }
        let next = self.peek_at(1).sym;
        match token.sym {
            Sym::Aggregation(op) if matches!(next, Sym::OpenParen | Sym::By | Sym::Without) => {
                return self.aggregate(op);
            }
            _ if next == Sym::OpenParen => return self.call(),
            Sym::On | Sym::Ignoring | Sym::GroupLeft | Sym::GroupRight | Sym::Bool | Sym::Op(BinaryOp::Atan2) => {
                let text = token.span.text(self.src);
                let hint = "it belongs behind a binary operator; a metric of this name is written `{\"…\"}`";
                self.error_here(format!("expected an expression, found the keyword `{text}`"), hint);
                self.next();
                return Expr::Missing(token.span);
            }
            _ => {}
        }
        Expr::Vector(self.selector(false))
    }

    fn paren(&mut self) -> Expr {
        let open = self.next();
        let expr = self.expr(0);
        self.height += 1;
        let close = self.close(Sym::CloseParen, open);
        Expr::Paren(Box::new(Paren { expr, span: open.span.to(close) }))
    }

    fn call(&mut self) -> Expr {
        let name = self.next();
        let text = name.span.text(self.src);
        let func = functions::find(text);
        if func.is_none() {
            let near = functions::similar(text);
            let hint = match near.as_slice() {
                [] => "the completion of the expression field lists all functions".to_owned(),
                near => {
                    format!("did you mean {}?", near.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or "))
                }
            };
            self.push(Diagnostic::error(name.span, format!("there is no function `{text}`")).with_hint(hint));
        }
        let open = self.next();
        let is_info = func.is_some_and(|f| f.id == functions::FunctionId::Info);
        let (args, close) = self.args(open, is_info);
        Expr::Call(Call { func, name: text.to_owned(), args, span: name.span.to(close), name_span: name.span })
    }

    /// Arguments up to and with the closing parenthesis, which is where the returned span is.
    fn args(&mut self, open: Token, second_is_labels: bool) -> (Vec<Expr>, Span) {
        let mut args = Vec::new();
        let mut height = 0;
        while !self.at(Sym::CloseParen) && self.peek().kind != TokenKind::End {
            let before = self.pos;
            if second_is_labels && args.len() == 1 && self.at(Sym::OpenBrace) {
                self.height = 1;
                let selector = Expr::Vector(self.selector(true));
                args.push(self.postfix(selector));
            } else {
                args.push(self.expr(0));
                height = height.max(self.height);
            }
            if self.at(Sym::Comma) {
                let comma = self.next();
                if self.at(Sym::CloseParen) {
                    self.push(Diagnostic::error(comma.span, "expected one more argument after `,`, found `)`"));
                }
            } else if !self.at(Sym::CloseParen) {
                break;
            }
            if self.pos == before {
                break;
            }
        }
        self.height = height + 1;
        let close = self.close(Sym::CloseParen, open);
        (args, close)
    }

    fn aggregate(&mut self, op: Aggregation) -> Expr {
        let name = self.next();
        let mut grouping = self.grouping();
        if !self.at(Sym::OpenParen) {
            let found = self.found();
            self.error_here(format!("expected `(` and what to aggregate, found {found}"), "");
            let (grouping, without) = grouping.unwrap_or_default();
            let span = name.span.to(self.before().span);
            let expr = Expr::Missing(Span::new(span.end, span.end));
            return Expr::Aggregate(Box::new(Aggregate {
                op,
                expr,
                param: None,
                grouping,
                without,
                span,
                name_span: name.span,
            }));
        }
        let open = self.next();
        let (mut args, close) = self.args(open, false);
        if grouping.is_none() {
            grouping = self.grouping();
        }
        let span = name.span.to(close).to(self.before().span);
        let wanted = 1 + usize::from(op.info().param.is_some());
        if args.len() != wanted && !self.too_deep {
            let message = format!("`{}` takes {}, found {}", op.info().name, count_of(wanted, "argument"), args.len());
            let hint = match op.info().param {
                Some(kind) => format!("first a {}, then an instant vector", kind.as_str()),
                None => String::new(),
            };
            self.push(Diagnostic::error(name.span.to(close), message).with_hint(hint));
        }
        args.truncate(wanted);
        let expr = args.pop().unwrap_or(Expr::Missing(Span::new(open.span.end, open.span.end)));
        let param = args.pop();
        let (grouping, without) = grouping.unwrap_or_default();
        Expr::Aggregate(Box::new(Aggregate { op, expr, param, grouping, without, span, name_span: name.span }))
    }

    /// `by (…)` or `without (…)`: the labels, and whether it is `without`.
    fn grouping(&mut self) -> Option<(Vec<String>, bool)> {
        let without = self.at(Sym::Without);
        if !without && !self.at(Sym::By) {
            return None;
        }
        self.next();
        Some((self.label_list(), without))
    }

    /// `bool`, `on (…)`, `group_left (…)`, `fill (…)` behind an operator.
    fn binary_modifiers(&mut self, op: BinaryOp) -> (bool, VectorMatching) {
        let mut matching = VectorMatching::default();
        if op.is_set() {
            matching.cardinality = Cardinality::ManyToMany;
        }
        let mut return_bool = false;
        if self.at(Sym::Bool) {
            self.next();
            return_bool = true;
        }
        if self.at(Sym::On) || self.at(Sym::Ignoring) {
            matching.on = self.at(Sym::On);
            self.next();
            matching.labels = self.label_list();
            let group_left = self.at(Sym::GroupLeft);
            if group_left || self.at(Sym::GroupRight) {
                self.next();
                matching.cardinality = if group_left { Cardinality::ManyToOne } else { Cardinality::OneToMany };
                if self.at(Sym::OpenParen) {
                    matching.include = self.label_list();
                }
            }
        }
        self.fill_modifiers(&mut matching);
        (return_bool, matching)
    }

    /// `fill`, or `fill_left` and `fill_right` in either order, each once.
    fn fill_modifiers(&mut self, matching: &mut VectorMatching) {
        while let Some((left, right)) = filled_sides(self.peek().sym) {
            // A metric may have this name: only with a parenthesis it is the modifier.
            if self.peek_at(1).sym != Sym::OpenParen {
                break;
            }
            let token = self.next();
            let open = self.next();
            let sign = self.at(Sym::Op(BinaryOp::Sub)) || self.at(Sym::Op(BinaryOp::Add));
            let negative = sign && self.next().sym == Sym::Op(BinaryOp::Sub);
            let value = if let Some(value) = number_of(self.peek().sym) {
                self.next();
                value
            } else if matches!(self.peek().kind, TokenKind::Number | TokenKind::Duration) {
                self.number().value
            } else {
                let found = self.found();
                let which = token.span.text(self.src);
                self.error_here(format!("expected a number in `{which}(…)`, found {found}"), "");
                f64::NAN
            };
            let value = if negative { -value } else { value };
            let close = self.close(Sym::CloseParen, open);
            if (left && matching.fill_left.is_some()) || (right && matching.fill_right.is_some()) {
                let message = "the value for a missing series can only be given once for each side";
                self.push(Diagnostic::error(token.span.to(close), message));
            }
            if left {
                matching.fill_left = Some(value);
            }
            if right {
                matching.fill_right = Some(value);
            }
        }
    }

    /// `(a, b, "c.d")`: label names.
    fn label_list(&mut self) -> Vec<String> {
        let mut labels = Vec::new();
        if !self.at(Sym::OpenParen) {
            let found = self.found();
            self.error_here(format!("expected `(` and label names, found {found}"), "");
            return labels;
        }
        let open = self.next();
        while !self.at(Sym::CloseParen) {
            let token = self.peek();
            match token.kind {
                // Any name but `inf` and `nan`, which are numbers everywhere.
                TokenKind::Ident if number_of(token.sym).is_none() => {
                    labels.push(token.span.text(self.src).to_owned());
                    self.next();
                }
                TokenKind::String | TokenKind::OpenString => {
                    let name = self.string();
                    if name.is_empty() {
                        self.push(Diagnostic::error(token.span, "expected a label's name, found an empty text"));
                    }
                    labels.push(name);
                }
                _ => {
                    let found = self.found();
                    self.error_here(format!("expected a label's name, found {found}"), "");
                    break;
                }
            }
            if !self.at(Sym::Comma) {
                break;
            }
            self.next();
        }
        self.close(Sym::CloseParen, open);
        labels
    }

    // The token stream.

    fn peek(&self) -> Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Token {
        let last = self.tokens.len() - 1;
        self.tokens[(self.pos + ahead).min(last)]
    }

    /// The token before the current one; the current one at the start.
    fn before(&self) -> Token {
        self.tokens[self.pos.saturating_sub(1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.pos += 1;
        }
        token
    }

    fn at(&self, sym: Sym) -> bool {
        self.peek().sym == sym
    }

    /// Takes the closing bracket, or says that it is missing; returns where the bracketed part ends.
    fn close(&mut self, bracket: Sym, open: Token) -> Span {
        if self.at(bracket) {
            return self.next().span;
        }
        if !self.too_deep {
            let found = self.found();
            let opened = open.span.text(self.src);
            let closing = match bracket {
                Sym::CloseParen => ')',
                Sym::CloseBracket => ']',
                _ => '}',
            };
            self.error_here(format!("expected `{closing}` to close `{opened}`, found {found}"), "");
        }
        // Skip what does not belong here up to the bracket, if it comes; else go on where we are. One
        // far away hardly belongs to this bracket, and a long way for each of many would take long.
        let mut ahead = 0;
        let mut nested = 0usize;
        while ahead < MAX_SKIP {
            let token = self.peek_at(ahead);
            match token.sym {
                _ if token.kind == TokenKind::End => break,
                Sym::OpenParen | Sym::OpenBracket | Sym::OpenBrace => nested += 1,
                sym if sym == bracket && nested == 0 => {
                    self.pos += ahead + 1;
                    return token.span;
                }
                Sym::CloseParen | Sym::CloseBracket | Sym::CloseBrace if nested == 0 => break,
                Sym::CloseParen | Sym::CloseBracket | Sym::CloseBrace => nested -= 1,
                _ => {}
            }
            ahead += 1;
        }
        self.before().span
    }

    fn found(&self) -> String {
        let token = self.peek();
        match token.kind {
            TokenKind::End => "the end".to_owned(),
            _ => {
                let text = token.span.text(self.src);
                let cut = text.char_indices().nth(40).map_or(text.len(), |(idx, _)| idx);
                if cut < text.len() { format!("`{}…`", &text[..cut]) } else { format!("`{text}`") }
            }
        }
    }

    fn error_here(&mut self, message: impl Into<String>, hint: &str) {
        let mut span = self.peek().span;
        if span.start == span.end && !self.src.is_empty() {
            // At the end: mark the last character, so that there is something to underline.
            let start = self.src.trim_end().char_indices().next_back().map_or(0, |(idx, _)| idx);
            span = Span::new(start, self.src.trim_end().len());
        }
        self.push(Diagnostic::error(span, message).with_hint(hint));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        // One problem a place: what follows from the first is noise.
        let repeated = self.diagnostics.iter().any(|d| d.severity == Severity::Error && d.span == diagnostic.span);
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            if !repeated {
                self.diagnostics.push(diagnostic);
            }
        } else {
            // Nobody reads on; reading a megabyte of garbage to its end would only take long.
            self.pos = self.tokens.len() - 1;
        }
    }

    /// The tree is too deep: says so once and skips the rest of the text.
    fn give_up(&mut self) -> Expr {
        let span = self.peek().span;
        if !self.too_deep {
            self.too_deep = true;
            let message = format!("the expression is nested deeper than {MAX_DEPTH} levels");
            self.push(
                Diagnostic::error(span, message)
                    .with_hint("split it into several panels, or combine series with an aggregation"),
            );
        }
        self.pos = self.tokens.len() - 1;
        Expr::Missing(span)
    }
}

/// Whether a word cannot stand bare as a metric's name.
pub(crate) fn is_keyword(word: &str) -> bool {
    ["on", "ignoring", "group_left", "group_right", "bool", "atan2"].iter().any(|k| word.eq_ignore_ascii_case(k))
        || number_word(word).is_some()
}

fn number_of(sym: Sym) -> Option<f64> {
    match sym {
        Sym::Inf => Some(f64::INFINITY),
        Sym::Nan => Some(f64::NAN),
        _ => None,
    }
}

/// Which sides a `fill`, `fill_left` or `fill_right` is for.
fn filled_sides(sym: Sym) -> Option<(bool, bool)> {
    match sym {
        Sym::Fill => Some((true, true)),
        Sym::FillLeft => Some((true, false)),
        Sym::FillRight => Some((false, true)),
        _ => None,
    }
}

/// `Inf` and `NaN`, case ignored.
pub(crate) fn number_word(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("inf") {
        Some(f64::INFINITY)
    } else if text.eq_ignore_ascii_case("nan") {
        Some(f64::NAN)
    } else {
        None
    }
}

pub(crate) fn count_of(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

#[cfg(test)]
mod tests;
