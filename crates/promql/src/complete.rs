//! What can stand at the cursor: the part an editor replaces, and what it may be replaced with.
//!
//! Static items (functions, aggregations, keywords, durations) come from here; names of metrics and
//! labels and their values are the caller's, which asks the store with the matchers given in [`Want`].

mod items;

use crate::ast::{BinaryOp, ValueType};
use crate::diagnostic::Span;
use crate::functions;
use crate::keywords::{self, Keyword};
use crate::lexer::{Sym, Token, TokenKind, lex};
use model::{METRIC_NAME, MatchOp, Matcher};

pub use items::{Item, ItemKind, dynamic_item, score, static_items};

/// What can stand at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The whole token at the cursor, or the empty place there.
    pub replace: Span,
    /// What has been typed of it.
    pub prefix: String,
    /// The quote around the place, if the cursor is inside a quoted text.
    pub quote: Option<char>,
    /// What may stand here, in the order in which it is offered.
    pub wants: Vec<Want>,
}

/// A kind of thing that can stand at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Names of metrics.
    MetricNames,
    /// Names of labels of the series that match.
    LabelNames {
        /// What the rest of the selector says; empty: all series.
        matchers: Vec<Matcher>,
    },
    /// Values of a label of the series that match.
    LabelValues {
        /// The label.
        label: String,
        /// What the rest of the selector says.
        matchers: Vec<Matcher>,
        /// The cursor stands inside quotes already.
        quoted: bool,
    },
    /// Functions.
    Functions,
    /// Aggregations.
    Aggregations,
    /// These keywords or operators.
    Keywords(&'static [Keyword]),
    /// These durations, or units behind a number.
    Durations(Vec<String>),
}

const UNITS: [&str; 7] = ["s", "m", "h", "d", "w", "y", "ms"];
const RANGES: [&str; 9] = ["1m", "5m", "10m", "30m", "1h", "6h", "1d", "10s", "30s"];

/// What can stand at a byte position of a text.
#[must_use]
pub fn complete(src: &str, cursor: usize) -> Completion {
    let mut cursor = cursor.min(src.len());
    while !src.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let mut tokens = lex(src);
    let in_comment = |t: &Token| t.kind == TokenKind::Comment && t.span.start < cursor && cursor <= t.span.end;
    if tokens.iter().any(in_comment) {
        let replace = Span::new(cursor, cursor);
        return Completion { replace, prefix: String::new(), quote: None, wants: Vec::new() };
    }
    tokens.retain(|t| t.kind != TokenKind::Comment && t.kind != TokenKind::End);
    let at = tokens.iter().position(|t| t.span.start < cursor && cursor <= t.span.end && is_word(t, cursor));
    let (replace, n_before) = match at {
        Some(idx) => (tokens[idx].span, idx),
        None => (Span::new(cursor, cursor), tokens.iter().take_while(|t| t.span.end <= cursor).count()),
    };
    let before = &tokens[..n_before];
    let word = at.map(|idx| tokens[idx]);
    let prefix = src.get(replace.start..cursor).unwrap_or("").to_owned();
    let context = Context { src, before, word, tokens: &tokens, n_before };
    let wants = context.wants();
    match word {
        // Inside quotes only the text between them is replaced.
        Some(token) if matches!(token.kind, TokenKind::String | TokenKind::OpenString) => {
            let inner = Span::new(
                replace.start + 1,
                if token.kind == TokenKind::String { replace.end - 1 } else { replace.end },
            );
            let quote = src[replace.start..].chars().next();
            Completion { replace: inner, prefix: prefix.get(1..).unwrap_or("").to_owned(), quote, wants }
        }
        _ => Completion { replace, prefix, quote: None, wants },
    }
}

/// Whether the cursor is in or at the end of a token that completion replaces.
fn is_word(token: &Token, cursor: usize) -> bool {
    match token.kind {
        TokenKind::Ident | TokenKind::Number | TokenKind::Duration | TokenKind::OpenString => true,
        TokenKind::String => cursor < token.span.end,
        _ => false,
    }
}

/// An argument of a call.
#[derive(Clone, Copy)]
struct Argument {
    /// Where the parenthesis is.
    open: usize,
    /// What it has to be.
    kind: ValueType,
    /// It is a text that names a label.
    names_label: bool,
}

#[derive(Clone, Copy)]
struct Context<'a> {
    src: &'a str,
    before: &'a [Token],
    word: Option<Token>,
    tokens: &'a [Token],
    n_before: usize,
}

impl Context<'_> {
    fn text(&self, token: Token) -> &str {
        token.span.text(self.src)
    }

    fn last(&self, back: usize) -> &str {
        self.before.len().checked_sub(back + 1).map_or("", |idx| self.text(self.before[idx]))
    }

    /// The token so many before the cursor.
    fn sym(&self, back: usize) -> Sym {
        self.before.len().checked_sub(back + 1).map_or(Sym::None, |idx| self.before[idx].sym)
    }

    fn wants(&self) -> Vec<Want> {
        let argument = match self.open_bracket() {
            Some((open, "{")) => return self.in_braces(open),
            Some((_, "[")) => return self.duration(),
            Some((open, _)) if open > 0 => {
                let opener = self.before[open - 1];
                match opener.sym {
                    Sym::By | Sym::Without | Sym::On | Sym::Ignoring | Sym::GroupLeft | Sym::GroupRight => {
                        return self.grouping_labels(open);
                    }
                    Sym::Fill | Sym::FillLeft | Sym::FillRight => return vec![Want::Keywords(keywords::NUMBERS)],
                    _ => self.argument(open),
                }
            }
            _ => None,
        };
        if self.is_offset() {
            return self.duration();
        }
        if let Some(word) = self.word {
            match word.kind {
                TokenKind::String | TokenKind::OpenString => return self.label_argument(argument),
                TokenKind::Number | TokenKind::Duration => return Vec::new(),
                _ => {}
            }
        }
        if self.sym(0) == Sym::At {
            return vec![Want::Keywords(keywords::AT_TIMES)];
        }
        if matches!(self.sym(0), Sym::Aggregation(_)) {
            return vec![Want::Keywords(keywords::GROUPING)];
        }
        if let Some(behind) = self.behind_parenthesis() {
            return behind;
        }
        if self.after_operand() {
            return self.behind_operand();
        }
        self.operand(argument)
    }

    /// Where an operand begins: whatever gives one, and what may stand between the operator and it.
    fn operand(&self, argument: Option<Argument>) -> Vec<Want> {
        let begins_argument = matches!(self.sym(0), Sym::OpenParen | Sym::Comma);
        match argument.map(|a| a.kind) {
            Some(ValueType::String) if begins_argument => return Vec::new(),
            Some(ValueType::Scalar) if begins_argument => {
                return vec![Want::Functions, Want::Keywords(keywords::NUMBERS)];
            }
            _ => {}
        }
        let mut wants = vec![Want::MetricNames, Want::Functions, Want::Aggregations];
        // A sign joins nothing, unless an operand stands before it.
        let joined = match self.sym(0) {
            Sym::Bool => self.before.len().checked_sub(2).and_then(|idx| self.joins(idx)),
            _ => self.before.len().checked_sub(1).and_then(|idx| self.joins(idx)),
        };
        if let Some(op) = joined {
            if op.is_comparison() && self.sym(0) != Sym::Bool {
                wants.push(Want::Keywords(keywords::COMPARISON));
            }
            wants.push(Want::Keywords(keywords::MATCHING));
            if !op.is_set() {
                wants.push(Want::Keywords(keywords::FILL));
            }
        }
        wants
    }

    /// The operator at this place, if it joins two operands.
    fn joins(&self, idx: usize) -> Option<BinaryOp> {
        let Sym::Op(op) = self.before[idx].sym else { return None };
        let before = Context { before: &self.before[..idx], n_before: idx, ..*self };
        before.after_operand().then_some(op)
    }

    /// Behind `on (…)`, `group_left (…)`, `fill (…)`: more of them, or the right side.
    fn behind_parenthesis(&self) -> Option<Vec<Want>> {
        let open = self.closed_parenthesis();
        let (opener, at) = match open {
            Some(open) => {
                (open.checked_sub(1).map_or(Sym::None, |idx| self.before[idx].sym), open - usize::from(open > 0))
            }
            // `group_left` needs no list.
            None => (self.sym(0), self.before.len().saturating_sub(1)),
        };
        let mut more = match opener {
            Sym::On | Sym::Ignoring if open.is_some() => {
                let op = (0..at).rev().find_map(|idx| self.joins(idx));
                if op.is_some_and(BinaryOp::is_set) {
                    Vec::new()
                } else {
                    vec![Want::Keywords(keywords::GROUP), Want::Keywords(keywords::FILL)]
                }
            }
            Sym::GroupLeft | Sym::GroupRight => vec![Want::Keywords(keywords::FILL)],
            Sym::FillLeft | Sym::FillRight if open.is_some() => vec![Want::Keywords(keywords::FILL)],
            Sym::Fill if open.is_some() => Vec::new(),
            Sym::By | Sym::Without if open.is_some() => {
                // Before the parenthesis of `sum by (job) (…)` or behind `sum(up) by (job)`.
                let behind = at > 0 && self.before[at - 1].sym == Sym::CloseParen;
                if behind {
                    return Some(vec![Want::Keywords(keywords::OPERATORS)]);
                }
                Vec::new()
            }
            _ => return None,
        };
        more.splice(0..0, [Want::MetricNames, Want::Functions, Want::Aggregations]);
        Some(more)
    }

    /// Where an operand has ended: its modifiers and what joins it with another.
    fn behind_operand(&self) -> Vec<Want> {
        let mut wants = Vec::new();
        let last = self.before.last();
        let is_selector = matches!(self.sym(0), Sym::CloseBrace | Sym::CloseBracket)
            || last.is_some_and(|t| t.kind == TokenKind::Ident && !matches!(t.sym, Sym::Inf | Sym::Nan));
        let called = self.closed_parenthesis().and_then(|open| open.checked_sub(1));
        // `offset 5m`, `offset -5m`, `@ 100`, `@ start()`: another modifier may follow.
        let first = called.unwrap_or(self.before.len().saturating_sub(1));
        let modified = (1..=2).any(|back| {
            first.checked_sub(back).is_some_and(|idx| matches!(self.before[idx].sym, Sym::Offset | Sym::At))
        });
        if is_selector || modified {
            wants.push(Want::Keywords(keywords::MODIFIERS));
        }
        if called.is_some_and(|idx| matches!(self.before[idx].sym, Sym::Aggregation(_))) {
            wants.push(Want::Keywords(keywords::GROUPING));
        }
        wants.push(Want::Keywords(keywords::OPERATORS));
        wants
    }

    /// Whether the cursor is in the duration behind `offset`, sign included.
    fn is_offset(&self) -> bool {
        let signed = matches!(self.sym(0), Sym::Op(BinaryOp::Add | BinaryOp::Sub));
        let at = if signed { 1 } else { 0 };
        let Some(idx) = self.before.len().checked_sub(at + 1) else { return false };
        // A metric may be called `offset`.
        self.before[idx].sym == Sym::Offset
            && Context { before: &self.before[..idx], n_before: idx, ..*self }.after_operand()
    }

    /// Which argument of which function the cursor is in.
    fn argument(&self, open: usize) -> Option<Argument> {
        let opener = self.before[open - 1];
        let mut nested = 0usize;
        let mut idx = 0;
        for token in &self.before[open + 1..] {
            match token.sym {
                Sym::OpenParen | Sym::OpenBrace | Sym::OpenBracket => nested += 1,
                Sym::CloseParen | Sym::CloseBrace | Sym::CloseBracket => nested = nested.saturating_sub(1),
                Sym::Comma if nested == 0 => idx += 1,
                _ => {}
            }
        }
        let name = self.text(opener);
        let kind = if let Sym::Aggregation(op) = opener.sym {
            match (op.info().param, idx) {
                (Some(param), 0) => param,
                _ => ValueType::Vector,
            }
        } else {
            functions::find(name)?.arg_type(idx)
        };
        let names_label = match (functions::find(name).map(|f| f.name), idx) {
            (Some("label_replace"), 1 | 3) => true,
            (Some("label_join"), n) => n == 1 || n > 2,
            (Some("sort_by_label" | "sort_by_label_desc"), n) => n > 0,
            _ => false,
        };
        Some(Argument { open, kind, names_label })
    }

    /// Inside quotes outside braces: the name of a label, where the function takes one.
    fn label_argument(&self, argument: Option<Argument>) -> Vec<Want> {
        match argument {
            Some(argument) if argument.names_label => {
                let metric = (argument.open..self.n_before).find(|&idx| self.is_metric(idx));
                vec![Want::LabelNames { matchers: self.name_matcher(metric) }]
            }
            _ => Vec::new(),
        }
    }

    /// Whether an operand ended just before the cursor, so that only an operator or modifier can follow.
    fn after_operand(&self) -> bool {
        let Some(&last) = self.before.last() else {
            return false;
        };
        match last.kind {
            // A word that joins is no operand.
            TokenKind::Ident => {
                let sym = last.sym;
                !matches!(sym, Sym::Op(_) | Sym::Bool)
                    && !matches!(sym, Sym::On | Sym::Ignoring | Sym::GroupLeft | Sym::GroupRight)
            }
            TokenKind::Punct => matches!(last.sym, Sym::CloseParen | Sym::CloseBrace | Sym::CloseBracket),
            TokenKind::Number | TokenKind::Duration | TokenKind::String => true,
            _ => false,
        }
    }

    /// Where the parenthesis was opened that ends just before the cursor.
    fn closed_parenthesis(&self) -> Option<usize> {
        if self.sym(0) != Sym::CloseParen {
            return None;
        }
        let mut nested = 0usize;
        (0..self.before.len()).rev().find(|&idx| {
            match self.before[idx].sym {
                Sym::CloseParen => nested += 1,
                Sym::OpenParen => nested = nested.saturating_sub(1),
                _ => {}
            }
            nested == 0
        })
    }

    /// The innermost bracket that is open at the cursor.
    fn open_bracket(&self) -> Option<(usize, &str)> {
        let mut nested = 0usize;
        for (idx, &token) in self.before.iter().enumerate().rev() {
            match self.text(token) {
                ")" | "]" | "}" if token.kind == TokenKind::Punct => nested += 1,
                text @ ("(" | "[" | "{") if token.kind == TokenKind::Punct => {
                    if nested == 0 {
                        return Some((idx, text));
                    }
                    nested -= 1;
                }
                _ => {}
            }
        }
        None
    }

    fn in_braces(&self, open: usize) -> Vec<Want> {
        let name = open.checked_sub(1).map(|idx| self.before[idx]).filter(|t| t.kind == TokenKind::Ident);
        let mut matchers: Vec<Matcher> =
            name.map(|t| Matcher::new(METRIC_NAME, MatchOp::Equal, self.text(t))).into_iter().collect();
        let is_op = |text: &str| matches!(text, "=" | "!=" | "=~" | "!~");
        let value_of = if is_op(self.last(0)) { Some(unquote(self.last(1))) } else { None };
        // The other matchers of the braces, before and behind the cursor, narrow what is offered.
        let mut idx = open + 1;
        while idx + 2 < self.tokens.len() && self.text(self.tokens[idx]) != "}" {
            let (label, op, value) = (self.tokens[idx], self.text(self.tokens[idx + 1]), self.tokens[idx + 2]);
            let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
            if let (Some(op), TokenKind::String) = (ops.into_iter().find(|o| o.as_str() == op), value.kind) {
                let is_current = (idx..=idx + 2).contains(&self.n_before) && self.word.is_some();
                if !is_current {
                    matchers.push(Matcher::new(unquote(self.text(label)), op, unquote(self.text(value))));
                }
                idx += 3;
            } else {
                // A text alone is the metric's name.
                let alone = label.kind == TokenKind::String && matches!(self.tokens[idx + 1].sym, Sym::Comma);
                if alone && idx != self.n_before {
                    matchers.push(Matcher::new(METRIC_NAME, MatchOp::Equal, unquote(self.text(label))));
                }
                idx += 1;
            }
        }
        if matchers.is_empty() && self.is_info_selector(open) {
            matchers.push(Matcher::new(METRIC_NAME, MatchOp::Equal, "target_info"));
        }
        let quoted = self.word.is_some_and(|w| matches!(w.kind, TokenKind::String | TokenKind::OpenString));
        match value_of {
            Some(label) => vec![Want::LabelValues { label, matchers, quoted }],
            None if matches!(self.last(0), "{" | ",") && quoted && name.is_none() => {
                vec![Want::LabelNames { matchers }, Want::MetricNames]
            }
            None if matches!(self.last(0), "{" | ",") => vec![Want::LabelNames { matchers }],
            // Behind a label's name its operator, also half-typed.
            None if self.word.is_none() && self.is_label_before(open) => {
                vec![Want::Keywords(keywords::MATCH_OPERATORS)]
            }
            None => Vec::new(),
        }
    }

    /// Whether a label's name without an operator ends just before the cursor.
    fn is_label_before(&self, open: usize) -> bool {
        let idx = self.before.len() - 1;
        idx > open
            && matches!(self.before[idx].kind, TokenKind::Ident | TokenKind::String)
            && matches!(self.before[idx - 1].sym, Sym::OpenBrace | Sym::Comma)
    }

    /// Whether the braces are the second argument of `info`.
    fn is_info_selector(&self, open: usize) -> bool {
        let outside = Context { before: &self.before[..open], n_before: open, word: None, ..*self };
        let Some((paren, "(")) = outside.open_bracket() else { return false };
        paren > 0 && self.text(self.before[paren - 1]) == "info" && self.before[open - 1].sym == Sym::Comma
    }

    /// Labels in `by (…)`: of the metrics in the expression.
    fn grouping_labels(&self, open: usize) -> Vec<Want> {
        if !matches!(self.last(0), "(" | ",") {
            return Vec::new();
        }
        // The operand usually stands behind the list: the first metric there, else the last before.
        let close =
            (self.n_before..self.tokens.len()).find(|&i| self.text(self.tokens[i]) == ")").unwrap_or(self.tokens.len());
        let metric = (close..self.tokens.len())
            .find(|&i| self.is_metric(i))
            .or_else(|| (0..open).rev().find(|&i| self.is_metric(i)));
        vec![Want::LabelNames { matchers: self.name_matcher(metric) }]
    }

    fn name_matcher(&self, metric: Option<usize>) -> Vec<Matcher> {
        metric.map(|i| Matcher::new(METRIC_NAME, MatchOp::Equal, self.text(self.tokens[i]))).into_iter().collect()
    }

    /// Whether a token of the whole text is the name of a metric.
    fn is_metric(&self, idx: usize) -> bool {
        let next = self.tokens.get(idx + 1).map_or(Sym::None, |t| t.sym);
        self.tokens[idx].kind == TokenKind::Ident && self.tokens[idx].sym == Sym::None && next != Sym::OpenParen
    }

    /// Durations: units behind digits, common ranges otherwise, nothing behind a complete one.
    fn duration(&self) -> Vec<Want> {
        match self.word {
            Some(word) if word.kind == TokenKind::Number => {
                let digits = self.text(word);
                if !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Vec::new();
                }
                vec![Want::Durations(UNITS.iter().map(|unit| format!("{digits}{unit}")).collect())]
            }
            Some(word) if word.kind == TokenKind::Ident && self.begins_duration() => {
                vec![Want::Keywords(keywords::DURATION_CALLS)]
            }
            Some(_) => Vec::new(),
            None if self.begins_duration() => vec![
                Want::Durations(RANGES.iter().map(|&r| r.to_owned()).collect()),
                Want::Keywords(keywords::DURATION_CALLS),
            ],
            None => Vec::new(),
        }
    }

    fn begins_duration(&self) -> bool {
        matches!(self.sym(0), Sym::OpenBracket | Sym::OpenParen | Sym::Colon | Sym::Comma | Sym::Offset | Sym::Op(_))
    }
}

fn unquote(text: &str) -> String {
    let inner = text.trim_matches(['"', '\'', '`']);
    inner.replace("\\\\", "\\").replace("\\\"", "\"")
}

#[cfg(test)]
mod tests;
