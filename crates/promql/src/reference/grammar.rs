//! Tokens against Prometheus' grammar: no tree, only the first fault and what is said of it.
//!
//! Its parser is generated from rules; at a token that fits nowhere it falls back to the innermost open rule
//! that has a message for that. [`Grammar::within`] keeps those. Tokens are read as late as possible, because
//! a fault of a finished part is said before a fault of the token behind it.

use super::lexer::{Kind, Lexer, Token};
use super::quoted;
use crate::ast::{BinaryOp, Extension};
use crate::functions;
use crate::parser::{MAX_DEPTH, MAX_DURATION_MS, ValidateRegex, literal, number_word};
use model::duration::{self, DurationError};
use model::number;

/// The text of the first fault, if there is one.
pub(super) fn check(src: &str, validate_regex: ValidateRegex<'_>) -> Result<(), String> {
    let mut grammar = Grammar { lexer: Lexer::new(src), ahead: None, within: Vec::new(), depth: 0, validate_regex };
    if grammar.peek()?.kind == Kind::End {
        return Err("no expression found in input".to_owned());
    }
    grammar.expr(1)?;
    match grammar.peek()?.kind {
        Kind::End => Ok(()),
        _ => grammar.unexpected(),
    }
}

struct Grammar<'a> {
    lexer: Lexer<'a>,
    ahead: Option<Token<'a>>,
    /// Context and expectation of the rules that are open, the innermost last.
    within: Vec<(&'static str, &'static str)>,
    depth: usize,
    validate_regex: ValidateRegex<'a>,
}

/// What modifiers have to know of the expression before them.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Vector(Modifiers),
    Matrix(Modifiers),
    Subquery(Modifiers),
    Other,
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Modifiers {
    offset: bool,
    /// The offset is a number other than 0.
    fixed_offset: bool,
    at: bool,
    /// `@` with a number.
    fixed_at: bool,
    extension: Option<Extension>,
}

const DURATION: &str = "number, duration, step(), or range()";
const NOT_A_SELECTOR: &str = "must be preceded by an instant vector selector or range vector selector or a subquery";

impl<'a> Grammar<'a> {
    fn peek(&mut self) -> Result<Token<'a>, String> {
        match self.ahead {
            Some(token) => Ok(token),
            None => Ok(*self.ahead.insert(self.lexer.next()?)),
        }
    }

    fn take(&mut self) -> Result<Token<'a>, String> {
        let token = self.peek()?;
        self.ahead = None;
        Ok(token)
    }

    fn at(&mut self, text: &str) -> Result<bool, String> {
        let token = self.peek()?;
        Ok(!matches!(token.kind, Kind::Text | Kind::Name | Kind::End) && token.text.eq_ignore_ascii_case(text))
    }

    fn accept(&mut self, text: &str) -> Result<bool, String> {
        let hit = self.at(text)?;
        if hit {
            self.ahead = None;
        }
        Ok(hit)
    }

    fn demand(&mut self, text: &str) -> Result<(), String> {
        if self.accept(text)? { Ok(()) } else { self.unexpected() }
    }

    fn unexpected<T>(&mut self) -> Result<T, String> {
        let (context, expected) = self.within.last().copied().unwrap_or(("", ""));
        self.unexpected_in(context, expected)
    }

    fn unexpected_in<T>(&mut self, context: &str, expected: &str) -> Result<T, String> {
        let mut text = format!("unexpected {}", self.peek()?.describe());
        if !context.is_empty() {
            text = format!("{text} in {context}");
        }
        if !expected.is_empty() {
            text = format!("{text}, expected {expected}");
        }
        Err(text)
    }

    fn within<T>(
        &mut self,
        context: &'static str,
        expected: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        self.within.push((context, expected));
        let result = body(self);
        self.within.pop();
        result
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > 2 * MAX_DEPTH {
            return Err(format!("the expression is nested deeper than {MAX_DEPTH} levels"));
        }
        Ok(())
    }

    // Expressions.

    fn expr(&mut self, min_precedence: u8) -> Result<Shape, String> {
        self.deeper()?;
        let mut shape = self.unary()?;
        while let Some(op) = self.binary_op()?.filter(|op| op.precedence() >= min_precedence) {
            self.take()?;
            self.binary_modifiers()?;
            self.expr(op.precedence() + u8::from(op != BinaryOp::Pow))?;
            shape = Shape::Other;
        }
        self.depth -= 1;
        Ok(shape)
    }

    fn binary_op(&mut self) -> Result<Option<BinaryOp>, String> {
        let token = self.peek()?;
        Ok(if token.kind == Kind::Operator { BinaryOp::from_text(token.text) } else { None })
    }

    fn unary(&mut self) -> Result<Shape, String> {
        if self.accept("+")? || self.accept("-")? {
            self.expr(BinaryOp::Pow.precedence())?;
            return Ok(Shape::Other);
        }
        let shape = self.primary()?;
        self.postfix(shape)
    }

    fn primary(&mut self) -> Result<Shape, String> {
        let token = self.peek()?;
        match token.kind {
            Kind::Number | Kind::Duration => {
                self.number()?;
                Ok(Shape::Other)
            }
            Kind::Text => {
                self.take()?;
                Ok(Shape::Other)
            }
            Kind::Punct if token.text == "(" => {
                self.take()?;
                self.expr(1)?;
                self.demand(")")?;
                Ok(Shape::Other)
            }
            Kind::Punct if token.text == "{" => self.braces(),
            _ if !is_metric_name(token) => self.unexpected(),
            _ => self.named(),
        }
    }

    /// What begins with a name: aggregation, call or selector.
    fn named(&mut self) -> Result<Shape, String> {
        let name = self.take()?;
        if name.kind == Kind::Aggregation && (self.at("(")? || self.at("by")? || self.at("without")?) {
            return self.within("aggregation", "", |g| g.aggregation(name));
        }
        if matches!(name.kind, Kind::Name | Kind::Word) && self.at("(")? {
            self.arguments()?;
            if functions::find(name.text).is_none() {
                return Err(format!("unknown function with name {}", quoted(name.text)));
            }
            return Ok(Shape::Other);
        }
        if self.at("{")? { self.braces() } else { Ok(Shape::Vector(Modifiers::default())) }
    }

    fn aggregation(&mut self, name: Token<'a>) -> Result<Shape, String> {
        let grouped = self.aggregation_modifier()?;
        if !self.at("(")? {
            return self.unexpected();
        }
        let n_args = self.arguments()?;
        if !grouped {
            self.aggregation_modifier()?;
        }
        let has_param = functions::aggregation(name.text).is_some_and(|info| info.param.is_some());
        let wanted = 1 + usize::from(has_param);
        match n_args {
            0 => Err("no arguments for aggregate expression provided".to_owned()),
            n if n != wanted => {
                Err(format!("wrong number of arguments for aggregate expression provided, expected {wanted}, got {n}"))
            }
            _ => Ok(Shape::Other),
        }
    }

    fn aggregation_modifier(&mut self) -> Result<bool, String> {
        let hit = self.accept("by")? || self.accept("without")?;
        if hit {
            self.label_list()?;
        }
        Ok(hit)
    }

    /// From the opening parenthesis to the closing one; how many arguments there are.
    fn arguments(&mut self) -> Result<usize, String> {
        self.demand("(")?;
        if self.accept(")")? {
            return Ok(0);
        }
        let mut n = 0;
        loop {
            self.expr(1)?;
            n += 1;
            if self.accept(",")? {
                let next = self.peek()?;
                let begins = matches!(next.kind, Kind::Number | Kind::Duration | Kind::Text)
                    || matches!(next.text, "(" | "{" | "+" | "-")
                    || is_metric_name(next);
                if !begins {
                    return Err("trailing commas not allowed in function call args".to_owned());
                }
            } else {
                self.demand(")")?;
                return Ok(n);
            }
        }
    }

    fn binary_modifiers(&mut self) -> Result<(), String> {
        self.accept("bool")?;
        if self.accept("on")? || self.accept("ignoring")? {
            self.label_list()?;
            if (self.accept("group_left")? || self.accept("group_right")?) && self.at("(")? {
                self.label_list()?;
            }
        }
        if self.accept("fill")? {
            return self.fill_value();
        }
        for (first, second) in [("fill_left", "fill_right"), ("fill_right", "fill_left")] {
            if self.accept(first)? {
                self.fill_value()?;
                if self.accept(second)? {
                    self.fill_value()?;
                }
                break;
            }
        }
        Ok(())
    }

    fn fill_value(&mut self) -> Result<(), String> {
        self.demand("(")?;
        let _ = self.accept("+")? || self.accept("-")?;
        if !matches!(self.peek()?.kind, Kind::Number | Kind::Duration) {
            return self.unexpected();
        }
        self.number()?;
        self.demand(")")
    }

    fn label_list(&mut self) -> Result<(), String> {
        const CONTEXT: &str = "grouping opts";
        if !self.accept("(")? {
            return self.unexpected_in(CONTEXT, "\"(\"");
        }
        if self.accept(")")? {
            return Ok(());
        }
        loop {
            let token = self.peek()?;
            let is_label = is_metric_name(token)
                || token.kind == Kind::Text
                || ["bool", "on", "ignoring", "group_left", "group_right", "atan2"]
                    .iter()
                    .any(|w| token.text.eq_ignore_ascii_case(w));
            if !is_label {
                return self.unexpected_in(CONTEXT, "label");
            }
            self.take()?;
            if token.kind == Kind::Text && token.text.len() == 2 {
                return Err("invalid label name for grouping: \"\"".to_owned());
            }
            if self.accept(",")? {
                if self.accept(")")? {
                    return Ok(());
                }
            } else if self.accept(")")? {
                return Ok(());
            } else {
                return self.unexpected_in(CONTEXT, "\",\" or \")\"");
            }
        }
    }

    // Selectors.

    fn braces(&mut self) -> Result<Shape, String> {
        const CONTEXT: &str = "label matching";
        self.demand("{")?;
        while !self.accept("}")? {
            let name = self.peek()?;
            match name.kind {
                Kind::Name | Kind::Text => self.take()?,
                _ => return self.unexpected_in(CONTEXT, "identifier or \"}\""),
            };
            if ["=", "!=", "=~", "!~"].contains(&self.peek()?.text) && self.peek()?.kind != Kind::Text {
                let op = self.take()?;
                if self.peek()?.kind != Kind::Text {
                    return self.unexpected_in(CONTEXT, "string");
                }
                let value = self.take()?;
                if op.text.ends_with('~') {
                    let pattern = crate::parser::text_of(value.text);
                    (self.validate_regex)(&pattern).map_err(|e| regex_error(&pattern, &e))?;
                }
            } else if name.kind == Kind::Name {
                return self.unexpected_in(CONTEXT, "label matching operator");
            }
            if !self.accept(",")? && !self.at("}")? {
                return self.unexpected_in(CONTEXT, "\",\" or \"}\"");
            }
        }
        Ok(Shape::Vector(Modifiers::default()))
    }

    fn postfix(&mut self, mut shape: Shape) -> Result<Shape, String> {
        loop {
            if self.accept("[")? {
                shape = self.brackets(shape)?;
            } else if self.accept("offset")? {
                let value = self.within("offset", DURATION, Self::offset_duration)?;
                let (Shape::Vector(m) | Shape::Matrix(m) | Shape::Subquery(m)) = &mut shape else {
                    return Err(format!("offset modifier {NOT_A_SELECTOR}"));
                };
                if m.offset {
                    return Err("offset may not be set multiple times".to_owned());
                }
                m.fixed_offset = value.is_some_and(|v| v != 0.0);
                m.offset = m.fixed_offset || value.is_none();
            } else if self.accept("@")? {
                let seconds = self.within("@", "timestamp", Self::at_time)?;
                if let Some(seconds) = seconds
                    && (!seconds.is_finite() || seconds.abs() >= i64::MAX as f64)
                {
                    let shown = if seconds.is_finite() { format!("{seconds:.6}") } else { number::format(seconds) };
                    return Err(format!("timestamp out of bounds for @ modifier: {shown}"));
                }
                let (Shape::Vector(m) | Shape::Matrix(m) | Shape::Subquery(m)) = &mut shape else {
                    return Err(format!("@ modifier {NOT_A_SELECTOR}"));
                };
                if m.at {
                    return Err("@ <timestamp> may not be set multiple times".to_owned());
                }
                (m.at, m.fixed_at) = (true, seconds.is_some());
            } else if self.accept("anchored")? {
                shape = extended(shape, Extension::Anchored)?;
            } else if self.accept("smoothed")? {
                shape = extended(shape, Extension::Smoothed)?;
            } else {
                return Ok(shape);
            }
        }
    }

    fn brackets(&mut self, shape: Shape) -> Result<Shape, String> {
        self.within("subquery or range selector", DURATION, Self::positive_duration)?;
        if self.accept(":")? {
            if self.accept("]")? {
                return Ok(Shape::Subquery(Modifiers::default()));
            }
            let expected = "number, duration, step(), range(), or \"]\"";
            self.within("subquery selector", expected, Self::positive_duration)?;
            if !self.accept("]")? {
                return self.unexpected_in("subquery selector", "\"]\"");
            }
            return Ok(Shape::Subquery(Modifiers::default()));
        }
        if !self.accept("]")? {
            return self.unexpected_in("subquery or range", "\":\" or \"]\"");
        }
        match shape {
            Shape::Vector(m) if m.fixed_offset => Err("no offset modifiers allowed before range".to_owned()),
            Shape::Vector(m) if m.fixed_at => Err("no @ modifiers allowed before range".to_owned()),
            Shape::Vector(m) => Ok(Shape::Matrix(m)),
            _ => Err("ranges only allowed for vector selectors".to_owned()),
        }
    }

    /// `None` for `start()` and `end()`.
    fn at_time(&mut self) -> Result<Option<f64>, String> {
        if self.accept("start")? || self.accept("end")? {
            self.demand("(")?;
            self.demand(")")?;
            return Ok(None);
        }
        let negative = self.at("-")?;
        if negative || self.at("+")? {
            self.take()?;
        }
        if !matches!(self.peek()?.kind, Kind::Number | Kind::Duration) {
            return self.unexpected();
        }
        let value = self.number()?;
        Ok(Some(if negative { -value } else { value }))
    }

    // Numbers and durations. A value is `None` where it is computed.

    fn number(&mut self) -> Result<f64, String> {
        let token = self.take()?;
        if token.kind == Kind::Duration {
            return match duration::parse(token.text) {
                Ok(length) if length.0.unsigned_abs() <= MAX_DURATION_MS => Ok(length.as_secs_f64()),
                Ok(_) | Err(DurationError::TooLarge) => Err("duration out of range".to_owned()),
                Err(_) => Err(format!("not a valid duration string: {}", quoted(token.text))),
            };
        }
        if let Some(value) = number_word(token.text) {
            return Ok(value);
        }
        literal(token.text).ok_or_else(|| {
            let too_large = token.text.parse::<f64>().is_ok_and(f64::is_infinite);
            let reason = if too_large { "value out of range" } else { "invalid syntax" };
            format!("error parsing number: strconv.ParseFloat: parsing {}: {reason}", quoted(token.text))
        })
    }

    fn positive_duration(&mut self) -> Result<(), String> {
        match self.duration(1)? {
            Some(value) if value <= 0.0 => Err("duration must be greater than 0".to_owned()),
            _ => Ok(()),
        }
    }

    fn duration(&mut self, min_precedence: u8) -> Result<Option<f64>, String> {
        self.deeper()?;
        let mut value = if self.at("+")? || self.at("-")? {
            let negative = self.take()?.text == "-";
            signed(self.duration(BinaryOp::Pow.precedence())?, negative)
        } else {
            self.duration_primary()?
        };
        while let Some(op) = self.binary_op()?.filter(|op| is_arithmetic(*op) && op.precedence() >= min_precedence) {
            self.take()?;
            let right = self.duration(op.precedence() + u8::from(op != BinaryOp::Pow))?;
            match op {
                BinaryOp::Div if right == Some(0.0) => return Err("division by zero".to_owned()),
                BinaryOp::Mod if right == Some(0.0) => return Err("modulo by zero".to_owned()),
                _ => value = None,
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    /// Behind `offset`: operators belong to what is around it, unless there are parentheses.
    fn offset_duration(&mut self) -> Result<Option<f64>, String> {
        if self.at("+")? || self.at("-")? {
            self.deeper()?;
            let negative = self.take()?.text == "-";
            let value = self.offset_duration()?;
            self.depth -= 1;
            return Ok(signed(value, negative));
        }
        self.duration_primary()
    }

    fn duration_primary(&mut self) -> Result<Option<f64>, String> {
        let token = self.peek()?;
        match token.kind {
            Kind::Number | Kind::Duration => {
                let value = self.number()?;
                let most = MAX_DURATION_MS as f64 / 1000.0;
                if value.abs() > most { Err("duration out of range".to_owned()) } else { Ok(Some(value)) }
            }
            Kind::Punct if token.text == "(" => {
                self.take()?;
                let value = self.duration(1)?;
                self.demand(")")?;
                Ok(value)
            }
            Kind::Word if !self.at("start")? && !self.at("end")? => {
                let has_operands = token.text.len() == 6;
                self.take()?;
                self.demand("(")?;
                if has_operands {
                    self.duration(1)?;
                    self.demand(",")?;
                    self.duration(1)?;
                }
                self.demand(")")?;
                Ok(None)
            }
            _ => self.unexpected(),
        }
    }
}

/// What Go says of a pattern for the reason that the `regex` crate gives; other reasons stay as they are.
fn regex_error(pattern: &str, reason: &str) -> String {
    let told = match reason {
        "unclosed group" => format!("missing closing ): `{pattern}`"),
        "unopened group" => format!("unexpected ): `{pattern}`"),
        "unclosed character class" => {
            format!("missing closing ]: `{}`", pattern.rfind('[').map_or(pattern, |at| &pattern[at..]))
        }
        "repetition operator missing expression" => {
            let operator = pattern.find(['*', '+', '?']).map_or("", |at| &pattern[at..=at]);
            format!("missing argument to repetition operator: `{operator}`")
        }
        "incomplete escape sequence, reached end of pattern prematurely" => {
            "trailing backslash at end of expression: ``".to_owned()
        }
        reason => reason.to_owned(),
    };
    format!("error parsing regexp: {told}")
}

fn signed(value: Option<f64>, negative: bool) -> Option<f64> {
    if negative { value.map(|v| -v) } else { value }
}

fn is_arithmetic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Pow)
}

/// Whether a metric may be called so without quotes.
fn is_metric_name(token: Token<'_>) -> bool {
    match token.kind {
        Kind::Name | Kind::MetricName | Kind::Aggregation | Kind::Word => true,
        Kind::Operator => ["and", "or", "unless"].iter().any(|w| token.text.eq_ignore_ascii_case(w)),
        Kind::Keyword => {
            !["bool", "on", "ignoring", "group_left", "group_right"].iter().any(|w| token.text.eq_ignore_ascii_case(w))
        }
        _ => false,
    }
}

fn extended(shape: Shape, extension: Extension) -> Result<Shape, String> {
    let word = if extension == Extension::Anchored { "anchored" } else { "smoothed" };
    let mut shape = shape;
    match &mut shape {
        Shape::Vector(m) | Shape::Matrix(m) => {
            if m.extension.is_some_and(|old| old != extension) {
                return Err("anchored and smoothed modifiers cannot be used together".to_owned());
            }
            m.extension = Some(extension);
            Ok(shape)
        }
        Shape::Subquery(_) => Err(format!("{word} modifier is not supported for subqueries")),
        Shape::Other => Err(format!("{word} modifier not implemented")),
    }
}
