//! Text to tokens: every byte belongs to a token, a blank or a comment; nothing is ever refused here.
//!
//! The only context is whether a `[` is open: inside, `:` separates range and step of a subquery;
//! outside it belongs to a metric's name.

use crate::diagnostic::Span;
use crate::functions;

/// What a token is. Keywords are [`TokenKind::Ident`]: whether `sum` or `by` is one depends on where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name: metric, label, function, keyword.
    Ident,
    /// A number: `1`, `1.5e3`, `0x1f`, `1_000`.
    Number,
    /// Digits and units: `5m`, `1h30m`.
    Duration,
    /// A quoted text, quotes included.
    String,
    /// A quoted text without its end.
    OpenString,
    /// An operator or punctuation; its text tells which.
    Punct,
    /// `# …` to the end of the line.
    Comment,
    /// A character that means nothing here.
    Unknown,
    /// Behind the last token.
    End,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// Operators and punctuation, longer ones first.
const PUNCT: [&str; 29] = [
    "==", "!=", "<=", ">=", "=~", "!~", "</", ">/", "+", "-", "*", "/", "%", "^", "=", "<", ">", "(", ")", "{", "}",
    "[", "]", ",", ":", "@", "!", "~", ";",
];

/// All tokens of a text, comments among them, ended by [`TokenKind::End`].
#[must_use]
pub fn lex(src: &str) -> Vec<Token> {
    let mut lexer = Lexer { src, pos: 0, brackets: 0 };
    let mut tokens = Vec::with_capacity(src.len() / 4 + 2);
    while let Some(token) = lexer.next_token() {
        tokens.push(token);
    }
    tokens.push(Token { kind: TokenKind::End, span: Span::new(src.len(), src.len()) });
    tokens
}

struct Lexer<'a> {
    src: &'a str,
    pos: usize,
    brackets: u32,
}

impl Lexer<'_> {
    fn next_token(&mut self) -> Option<Token> {
        let rest = self.src[self.pos..].trim_start_matches([' ', '\t', '\n', '\r']);
        self.pos = self.src.len() - rest.len();
        let first = rest.chars().next()?;
        let (kind, len) = if first == '#' {
            (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            number(rest)
        } else if first.is_ascii_alphabetic() || first == '_' || (first == ':' && self.brackets == 0) {
            let colon = self.brackets == 0;
            let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || (c == ':' && colon)));
            (TokenKind::Ident, len.unwrap_or(rest.len()))
        } else if matches!(first, '"' | '\'' | '`') {
            string(rest, first)
        } else if let Some(punct) = PUNCT.iter().find(|p| rest.starts_with(**p)) {
            match *punct {
                "[" => self.brackets += 1,
                "]" => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            (TokenKind::Punct, punct.len())
        } else {
            (TokenKind::Unknown, first.len_utf8())
        };
        let span = Span::new(self.pos, self.pos + len);
        self.pos = span.end;
        Some(Token { kind, span })
    }
}

/// A number or duration at the start of `rest`, which begins with a digit or point.
fn number(rest: &str) -> (TokenKind, usize) {
    if let Some(len) = duration_len(rest) {
        return (TokenKind::Duration, len);
    }
    let bytes = rest.as_bytes();
    let digits = |from: usize, ok: fn(&u8) -> bool| from + bytes[from..].iter().take_while(|b| ok(b)).count();
    if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
        return (TokenKind::Number, digits(2, |b| b.is_ascii_hexdigit() || *b == b'_'));
    }
    let decimal: fn(&u8) -> bool = |b| b.is_ascii_digit() || *b == b'_';
    let mut len = digits(0, decimal);
    if bytes.get(len) == Some(&b'.') {
        len = digits(len + 1, decimal);
    }
    if matches!(bytes.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
        if bytes.get(len + 1 + sign).is_some_and(u8::is_ascii_digit) {
            len = digits(len + 1 + sign, decimal);
        }
    }
    // `5q` is one wrong token, not a number and a name.
    let tail = digits(len, |b| b.is_ascii_alphanumeric() || *b == b'_');
    (TokenKind::Number, tail)
}

/// Length of `(digits unit)+` at the start, if the text has that form.
fn duration_len(rest: &str) -> Option<usize> {
    let mut len = 0;
    loop {
        let tail = &rest[len..];
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            break;
        }
        let after = &tail[digits..];
        let unit = if after.starts_with("ms") {
            2
        } else if after.starts_with(['s', 'm', 'h', 'd', 'w', 'y']) {
            1
        } else {
            return None;
        };
        len += digits + unit;
    }
    let ends_there = !rest[len..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    (len > 0 && ends_there).then_some(len)
}

fn string(rest: &str, quote: char) -> (TokenKind, usize) {
    let mut escaped = false;
    for (idx, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            return (TokenKind::String, idx + 1);
        } else if c == '\n' && quote != '`' {
            return (TokenKind::OpenString, idx);
        }
    }
    (TokenKind::OpenString, rest.len())
}

/// How an editor colours a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenClass {
    /// A metric's name.
    Metric,
    /// A label's name.
    Label,
    /// A function.
    Function,
    /// An aggregation.
    Aggregation,
    /// `by`, `offset`, `bool`, `and` …
    Keyword,
    /// A number.
    Number,
    /// A duration.
    Duration,
    /// A quoted text.
    String,
    /// An operator.
    Operator,
    /// Brackets and commas.
    Punctuation,
    /// A comment.
    Comment,
    /// Something that cannot stand here.
    Invalid,
}

/// Keywords that follow an operand; elsewhere a metric may have their name.
const AFTER_OPERAND: [&str; 7] = ["and", "or", "unless", "atan2", "offset", "anchored", "smoothed"];
/// Keywords that a parenthesis follows.
const BEFORE_PAREN: [&str; 7] = ["by", "without", "on", "ignoring", "fill", "fill_left", "fill_right"];
/// Words that no metric can have as a bare name.
const ALWAYS: [&str; 5] = ["bool", "on", "ignoring", "group_left", "group_right"];

/// Classes of all tokens, in the order of the text; blanks are between them.
#[must_use]
pub fn highlight(src: &str) -> Vec<(Span, TokenClass)> {
    let tokens = lex(src);
    let mut out = Vec::with_capacity(tokens.len());
    let mut braces = 0u32;
    // Parentheses that hold label names: `by (…)`, `on (…)`, `group_left (…)`.
    let mut label_list = false;
    let mut before = "";
    // The token before ended an operand, so that an operator or a modifier follows.
    let mut operand = false;
    for (idx, token) in tokens.iter().enumerate() {
        let text = token.span.text(src);
        let next = tokens.get(idx + 1).map_or("", |t| t.span.text(src));
        let class = match token.kind {
            TokenKind::End => break,
            TokenKind::Comment => TokenClass::Comment,
            TokenKind::Number => TokenClass::Number,
            TokenKind::Duration => TokenClass::Duration,
            TokenKind::String | TokenKind::OpenString => TokenClass::String,
            TokenKind::Unknown => TokenClass::Invalid,
            TokenKind::Punct => {
                match text {
                    "{" => braces += 1,
                    "}" => braces = braces.saturating_sub(1),
                    "(" => label_list = is_label_list(before),
                    ")" => label_list = false,
                    _ => {}
                }
                if matches!(text, "(" | ")" | "{" | "}" | "[" | "]" | "," | ":") {
                    TokenClass::Punctuation
                } else {
                    TokenClass::Operator
                }
            }
            TokenKind::Ident => {
                let is_one_of = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(text));
                if braces > 0 || label_list {
                    TokenClass::Label
                } else if is_one_of(&["inf", "nan"]) {
                    TokenClass::Number
                } else if (operand && is_one_of(&AFTER_OPERAND))
                    || (next == "(" && is_one_of(&BEFORE_PAREN))
                    || is_one_of(&ALWAYS)
                    || (before == "@" && is_one_of(&["start", "end"]))
                {
                    TokenClass::Keyword
                } else if functions::aggregation(text).is_some() && (next == "(" || is_grouping(next)) {
                    TokenClass::Aggregation
                } else if next == "(" {
                    if functions::find(text).is_some() { TokenClass::Function } else { TokenClass::Invalid }
                } else {
                    TokenClass::Metric
                }
            }
        };
        if token.kind != TokenKind::Comment {
            operand = match token.kind {
                TokenKind::Punct => matches!(text, ")" | "]" | "}"),
                TokenKind::Ident => !matches!(class, TokenClass::Keyword),
                _ => true,
            };
        }
        if token.kind != TokenKind::Comment {
            before = text;
        }
        out.push((token.span, class));
    }
    out
}

fn is_grouping(text: &str) -> bool {
    text.eq_ignore_ascii_case("by") || text.eq_ignore_ascii_case("without")
}

fn is_label_list(before: &str) -> bool {
    ["by", "without", "on", "ignoring", "group_left", "group_right"].iter().any(|k| before.eq_ignore_ascii_case(k))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(src: &str, expect: &Expect) {
        let tokens: Vec<String> =
            highlight(src).into_iter().map(|(span, class)| format!("{class:?} {}", span.text(src))).collect();
        expect.assert_eq(&tokens.join(", "));
    }

    #[test]
    fn a_word_has_the_colour_of_what_it_is_at_its_place() {
        check(
            "sum by (job) (rate(up{job=\"x\"}[5m] offset 1h)) # note",
            &expect![[
                r#"Aggregation sum, Keyword by, Punctuation (, Label job, Punctuation ), Punctuation (, Function rate, Punctuation (, Metric up, Punctuation {, Label job, Operator =, String "x", Punctuation }, Punctuation [, Duration 5m, Punctuation ], Keyword offset, Duration 1h, Punctuation ), Punctuation ), Comment # note"#
            ]],
        );
        check(
            "offset and by or sum unless start",
            &expect!["Metric offset, Keyword and, Metric by, Keyword or, Metric sum, Keyword unless, Metric start"],
        );
        check(
            "a > bool on (b) group_left (c) end{d=~'e'} @ end()",
            &expect![
                "Metric a, Operator >, Keyword bool, Keyword on, Punctuation (, Label b, Punctuation ), Keyword group_left, Punctuation (, Label c, Punctuation ), Metric end, Punctuation {, Label d, Operator =~, String 'e', Punctuation }, Operator @, Keyword end, Punctuation (, Punctuation )"
            ],
        );
        check(
            "ratee(a[1m:step()*2]) + Inf $",
            &expect![
                "Invalid ratee, Punctuation (, Metric a, Punctuation [, Duration 1m, Punctuation :, Function step, Punctuation (, Punctuation ), Operator *, Number 2, Punctuation ], Punctuation ), Operator +, Number Inf, Invalid $"
            ],
        );
        check("a{b=\"half", &expect![[r#"Metric a, Punctuation {, Label b, Operator =, String "half"#]]);
    }
}
