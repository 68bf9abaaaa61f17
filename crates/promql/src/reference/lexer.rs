//! Text to tokens as Prometheus' lexer cuts it, one at a time: what it refuses is an error at once.
//!
//! Three places have rules of their own: between braces there are no keywords, between brackets there are
//! only durations, and everywhere else there is the rest.

use super::quoted;
use crate::ast::BinaryOp;
use crate::functions;

/// What a token is, as far as the grammar tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    /// A name that is no keyword and has no colon.
    Name,
    /// A name with a colon.
    MetricName,
    Number,
    Duration,
    Text,
    /// Brackets, `,`, `:`, `=`.
    Punct,
    /// `+`, `and`, `=~`, `@` …
    Operator,
    Aggregation,
    /// `by`, `on`, `offset` …
    Keyword,
    /// `start`, `end`, `step`, `range`, `min_of`, `max_of`: also names of functions.
    Word,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

impl Token<'_> {
    /// How messages name it.
    pub(super) fn describe(&self) -> String {
        match self.kind {
            Kind::End => "end of input".to_owned(),
            Kind::Name => format!("identifier {}", quoted(self.text)),
            Kind::MetricName => format!("metric identifier {}", quoted(self.text)),
            Kind::Number => format!("number {}", shortened(self.text)),
            Kind::Duration => format!("duration {}", shortened(self.text)),
            Kind::Text => format!("string {}", shortened(self.text)),
            Kind::Punct | Kind::Word => shortened(self.text),
            Kind::Operator => format!("<op:{}>", self.text),
            Kind::Aggregation => format!("<aggr:{}>", self.text),
            Kind::Keyword => format!("<{}>", self.text),
        }
    }
}

/// Quoted; of a long text the first ten characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(10) {
        Some((cut, _)) if text.len() > 10 => format!("{}...", quoted(&text[..cut])),
        _ => quoted(text),
    }
}

/// Where the cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    Braces,
    /// Behind `[`: only what a duration is made of.
    Brackets,
}

/// The cursor over a text.
pub(super) struct Lexer<'a> {
    src: &'a str,
    at: usize,
    place: Place,
    parens: i32,
    brackets: bool,
    seen_colon: bool,
    seen_duration: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(src: &'a str) -> Self {
        Lexer { src, at: 0, place: Place::Outside, parens: 0, brackets: false, seen_colon: false, seen_duration: false }
    }

    /// The next token, comments left out.
    pub(super) fn next(&mut self) -> Result<Token<'a>, String> {
        loop {
            let rest = self.src[self.at..].trim_start_matches([' ', '\t', '\n', '\r']);
            self.at = self.src.len() - rest.len();
            if !(rest.starts_with('#') && self.place != Place::Brackets) {
                break;
            }
            self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
        }
        match self.place {
            Place::Outside => self.outside(),
            Place::Braces => self.in_braces(),
            Place::Brackets => self.in_brackets(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.src[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn accept(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let hit = self.peek().is_some_and(wanted);
        if hit {
            self.take();
        }
        hit
    }

    fn token(&self, kind: Kind, start: usize) -> Result<Token<'a>, String> {
        Ok(Token { kind, text: &self.src[start..self.at] })
    }

    fn outside(&mut self) -> Result<Token<'a>, String> {
        let start = self.at;
        let Some(c) = self.peek() else {
            return match (self.parens, self.brackets) {
                (0, false) => self.token(Kind::End, start),
                (0, true) => Err("unclosed left bracket".to_owned()),
                _ => Err("unclosed left parenthesis".to_owned()),
            };
        };
        if self.at_number() {
            return self.number();
        }
        if is_alpha(c) || c == ':' {
            return if self.brackets { self.word_in_brackets() } else { self.word() };
        }
        self.take();
        match c {
            ',' => self.token(Kind::Punct, start),
            '*' | '/' | '%' | '+' | '-' | '^' | '@' => self.token(Kind::Operator, start),
            '=' if self.accept(|c| c == '=') => self.token(Kind::Operator, start),
            '=' if self.peek() == Some('~') => Err("unexpected character after '=': '~'".to_owned()),
            '=' => self.token(Kind::Punct, start),
            '!' if self.accept(|c| c == '=') => self.token(Kind::Operator, start),
            '!' => Err(format!("unexpected character after '!': {}", quoted_char(self.peek()))),
            '<' | '>' => {
                self.accept(|c| c == '=' || c == '/');
                self.token(Kind::Operator, start)
            }
            '"' | '\'' | '`' => self.text(c, start),
            '(' | ')' => self.paren(c, start),
            '{' => {
                self.place = Place::Braces;
                self.token(Kind::Punct, start)
            }
            '[' if self.brackets => Err("unexpected left bracket '['".to_owned()),
            '[' => {
                (self.brackets, self.seen_colon) = (true, false);
                self.place = Place::Brackets;
                self.token(Kind::Punct, start)
            }
            ']' if !self.brackets => Err("unexpected right bracket ']'".to_owned()),
            ']' => {
                self.brackets = false;
                self.token(Kind::Punct, start)
            }
            c => Err(format!("unexpected character: {}", quoted_char(Some(c)))),
        }
    }

    fn paren(&mut self, c: char, start: usize) -> Result<Token<'a>, String> {
        self.parens += if c == '(' { 1 } else { -1 };
        if self.parens < 0 {
            return Err("unexpected right parenthesis ')'".to_owned());
        }
        self.token(Kind::Punct, start)
    }

    fn in_braces(&mut self) -> Result<Token<'a>, String> {
        let start = self.at;
        let Some(c) = self.take() else {
            return Err("unexpected end of input inside braces".to_owned());
        };
        match c {
            c if is_alpha(c) => {
                while self.accept(is_alphanumeric) {}
                self.token(Kind::Name, start)
            }
            ',' => self.token(Kind::Punct, start),
            '"' | '\'' | '`' => self.text(c, start),
            '=' if self.accept(|c| c == '~') => self.token(Kind::Operator, start),
            '=' => self.token(Kind::Punct, start),
            '!' if self.accept(|c| c == '~' || c == '=') => self.token(Kind::Operator, start),
            '!' => Err(format!("unexpected character after '!' inside braces: {}", quoted_char(self.peek()))),
            '{' => Err("unexpected left brace '{'".to_owned()),
            '}' => {
                self.place = Place::Outside;
                self.token(Kind::Punct, start)
            }
            c => Err(format!("unexpected character inside braces: {}", quoted_char(Some(c)))),
        }
    }

    fn in_brackets(&mut self) -> Result<Token<'a>, String> {
        let start = self.at;
        let Some(c) = self.peek() else {
            return Err("unexpected end of input in duration expression".to_owned());
        };
        if self.at_number() {
            // Behind the number the general rules hold again, but for words.
            self.seen_duration = true;
            self.place = Place::Outside;
            return self.number();
        }
        self.take();
        match c {
            ']' => {
                (self.brackets, self.seen_colon, self.place) = (false, false, Place::Outside);
                self.token(Kind::Punct, start)
            }
            ':' if !self.seen_duration => Err("unexpected colon before duration in duration expression".to_owned()),
            ':' if self.seen_colon => Err("unexpected repeated colon in duration expression".to_owned()),
            ':' => {
                self.seen_colon = true;
                self.token(Kind::Punct, start)
            }
            '(' | ')' => self.paren(c, start),
            '+' | '-' | '*' | '/' | '%' | '^' => self.token(Kind::Operator, start),
            ',' => self.token(Kind::Punct, start),
            c if is_alpha(c) => {
                self.at = start;
                self.duration_word(&format!("unexpected character in duration expression: {}", quoted_char(Some(c))))
            }
            c => Err(format!("unexpected character in duration expression: {}", quoted_char(Some(c)))),
        }
    }

    /// A letter or colon behind a number in brackets.
    fn word_in_brackets(&mut self) -> Result<Token<'a>, String> {
        let start = self.at;
        let c = self.peek();
        if c == Some(':') {
            if self.seen_colon {
                return Err("unexpected colon ':'".to_owned());
            }
            self.take();
            self.seen_colon = true;
            return self.token(Kind::Punct, start);
        }
        self.duration_word(&format!("unexpected character: {}, expected ':'", quoted_char(c)))
    }

    fn duration_word(&mut self, otherwise: &str) -> Result<Token<'a>, String> {
        let start = self.at;
        while self.accept(is_alpha) {}
        let word = &self.src[start..self.at];
        let known = ["step", "range", "min_of", "max_of"].iter().any(|w| word.eq_ignore_ascii_case(w));
        if known { self.token(Kind::Word, start) } else { Err(otherwise.to_owned()) }
    }

    fn word(&mut self) -> Result<Token<'a>, String> {
        let start = self.at;
        while self.accept(|c| is_alphanumeric(c) || c == ':') {}
        let word = &self.src[start..self.at];
        let is = |words: &[&str]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
        let kind = if word.contains(':') {
            Kind::MetricName
        } else if is(&["inf", "nan"]) {
            Kind::Number
        } else if functions::aggregation(word).is_some() {
            Kind::Aggregation
        } else if BinaryOp::from_text(word).is_some() {
            Kind::Operator
        } else if is(&["fill", "fill_left", "fill_right"]) {
            // Metrics may have these names: only a parenthesis makes them keywords.
            let rest = self.src[self.at..].trim_start_matches([' ', '\t', '\n', '\r']);
            if rest.starts_with('(') { Kind::Keyword } else { Kind::Name }
        } else if is(&KEYWORDS) {
            Kind::Keyword
        } else if is(&["start", "end", "step", "range", "min_of", "max_of"]) {
            Kind::Word
        } else {
            Kind::Name
        };
        self.token(kind, start)
    }

    /// Behind the opening quote.
    fn text(&mut self, quote: char, start: usize) -> Result<Token<'a>, String> {
        loop {
            match self.take() {
                Some(c) if c == quote => return self.token(Kind::Text, start),
                Some('\\') if quote != '`' => self.escape(quote)?,
                None if quote == '`' => return Err("unterminated raw string".to_owned()),
                None => return Err("unterminated quoted string".to_owned()),
                Some('\n') if quote != '`' => return Err("unterminated quoted string".to_owned()),
                Some('\u{fffd}') => return Err("invalid UTF-8 rune".to_owned()),
                Some(_) => {}
            }
        }
    }

    /// Behind a backslash.
    fn escape(&mut self, quote: char) -> Result<(), String> {
        let not_terminated = || "escape sequence not terminated".to_owned();
        let c = self.take().ok_or_else(not_terminated)?;
        let (digits, radix, most) = match c {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => return Ok(()),
            c if c == quote => return Ok(()),
            '0'..='7' => {
                self.at -= 1;
                (3, 8, 255)
            }
            'x' => (2, 16, 255),
            'u' => (4, 16, 0x10_ffff),
            'U' => (8, 16, 0x10_ffff),
            c => return Err(format!("unknown escape sequence {}", code_point(c))),
        };
        let mut code = 0u32;
        for _ in 0..digits {
            let c = self.take().ok_or_else(not_terminated)?;
            let digit = c.to_digit(radix);
            let digit = digit.ok_or_else(|| format!("illegal character {} in escape sequence", code_point(c)))?;
            code = code.wrapping_mul(radix).wrapping_add(digit);
        }
        if code > most || (0xd800..0xe000).contains(&code) {
            return Err("escape sequence is an invalid Unicode code point".to_owned());
        }
        Ok(())
    }

    fn at_number(&self) -> bool {
        let mut chars = self.src[self.at..].chars();
        match chars.next() {
            Some('.') => chars.next().is_some_and(|c| c.is_ascii_digit()),
            c => c.is_some_and(|c| c.is_ascii_digit()),
        }
    }

    fn number(&mut self) -> Result<Token<'a>, String> {
        let start = self.at;
        if self.scan_number() {
            return self.token(Kind::Number, start);
        }
        if self.scan_duration() {
            return self.token(Kind::Duration, start);
        }
        // The character that does not fit belongs to the text that is shown.
        Err(format!("bad number or duration syntax: {}", quoted(&self.src[start..self.at])))
    }

    /// Digits, points, exponents and underscores, but not every order of them; what follows must be no letter.
    fn scan_number(&mut self) -> bool {
        let hex = self.accept(|c| c == '0') && self.accept(|c| matches!(c, 'x' | 'X'));
        if hex {
            self.accept(|c| c == '_');
        }
        let digit = |c: char| if hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
        self.accept(|c| c == '.');
        self.accept(digit);
        let (mut point, mut exponent) = (false, false);
        loop {
            match self.peek() {
                Some('.') if point => {
                    self.take();
                    return false;
                }
                Some('.') => {
                    self.take();
                    point = true;
                    if self.accept(|c| matches!(c, '_' | '.')) || hex {
                        return false;
                    }
                }
                // In hexadecimal numbers an `e` counts as an exponent first, too.
                Some('e' | 'E') => {
                    self.take();
                    if exponent {
                        return false;
                    }
                    exponent = true;
                    self.accept(|c| matches!(c, '+' | '-'));
                    if self.accept(|c| matches!(c, '.' | '_' | 'e' | 'E')) || self.peek().is_none() {
                        return false;
                    }
                }
                Some('_') => {
                    self.take();
                    if self.accept(|c| matches!(c, '.' | '_' | 'e' | 'E')) || self.peek().is_none() {
                        return false;
                    }
                }
                Some(c) if digit(c) => while self.accept(digit) {},
                _ => return !self.peek().is_some_and(is_alphanumeric),
            }
        }
    }

    /// The rest of a duration whose first digits have been read. A year can only stand first.
    fn scan_duration(&mut self) -> bool {
        if !self.accept(|c| "smhdwy".contains(c)) {
            return false;
        }
        self.accept(|c| c == 's');
        while self.accept(|c| c.is_ascii_digit()) {
            while self.accept(|c| c.is_ascii_digit()) {}
            if !self.accept(|c| "smhdw".contains(c)) {
                return false;
            }
            self.accept(|c| c == 's');
        }
        !self.accept(is_alphanumeric)
    }
}

/// Words that are keywords where they are not between braces.
const KEYWORDS: [&str; 10] =
    ["offset", "smoothed", "anchored", "by", "without", "on", "ignoring", "group_left", "group_right", "bool"];

fn is_alpha(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

fn is_alphanumeric(c: char) -> bool {
    is_alpha(c) || c.is_ascii_digit()
}

/// `'x'`; the end of the text counts as an unknown character.
fn quoted_char(c: Option<char>) -> String {
    match c.unwrap_or('\u{fffd}') {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", quoted(c.encode_utf8(&mut [0; 4])).trim_matches('"')),
    }
}

/// `U+0071 'q'`
fn code_point(c: char) -> String {
    if c.is_control() { format!("U+{:04X}", c as u32) } else { format!("U+{:04X} '{c}'", c as u32) }
}
