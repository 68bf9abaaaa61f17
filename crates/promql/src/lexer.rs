//! Text to tokens: every byte belongs to a token, a blank or a comment; nothing is ever refused here.
//!
//! The only context is whether a `[` is open: inside, `:` separates range and step of a subquery;
//! outside it belongs to a metric's name.

use crate::ast::BinaryOp;
use crate::diagnostic::Span;
use crate::functions::{self, Aggregation};

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
    /// `# …` to the end of the line; a `\r` ends it, too.
    Comment,
    /// A character that means nothing here.
    Unknown,
    /// Behind the last token.
    End,
}

/// Which operator, punctuation or keyword a token may be, told once so that nobody compares texts. Whether a
/// word is a keyword still depends on where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the text that it is named after")]
pub enum Sym {
    /// None of these.
    None,
    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    At,
    /// `=`
    Assign,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
    /// A binary operator, words such as `and` among them.
    Op(BinaryOp),
    Aggregation(Aggregation),
    By,
    Without,
    Bool,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Offset,
    Anchored,
    Smoothed,
    Start,
    End,
    Step,
    Range,
    MinOf,
    MaxOf,
    Inf,
    Nan,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Which one it is.
    pub sym: Sym,
    /// Where it stands.
    pub span: Span,
}

/// All tokens of a text, comments among them, ended by [`TokenKind::End`].
#[must_use]
pub fn lex(src: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(src.len() / 4 + 2);
    let bytes = src.as_bytes();
    let mut brackets = 0u32;
    let mut pos = 0;
    loop {
        while matches!(bytes.get(pos), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            pos += 1;
        }
        let Some(&first) = bytes.get(pos) else { break };
        let rest = &src[pos..];
        let (kind, sym, len) = match first {
            b'#' => (TokenKind::Comment, Sym::None, end_of_line(bytes, pos) - pos),
            b'0'..=b'9' => number(rest),
            b'.' if bytes.get(pos + 1).is_some_and(u8::is_ascii_digit) => number(rest),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => word(rest, brackets == 0),
            b':' if brackets == 0 => word(rest, true),
            b'"' | b'\'' | b'`' => string(rest, first),
            _ => match punct(first, bytes.get(pos + 1).copied().unwrap_or(0)) {
                Some((sym, len)) => {
                    match sym {
                        Sym::OpenBracket => brackets += 1,
                        Sym::CloseBracket => brackets = brackets.saturating_sub(1),
                        _ => {}
                    }
                    (TokenKind::Punct, sym, len)
                }
                None => (TokenKind::Unknown, Sym::None, rest.chars().next().map_or(1, char::len_utf8)),
            },
        };
        tokens.push(Token { kind, sym, span: Span::new(pos, pos + len) });
        pos += len;
    }
    tokens.push(Token { kind: TokenKind::End, sym: Sym::None, span: Span::new(src.len(), src.len()) });
    tokens
}

/// The end of the line that `from` is in.
fn end_of_line(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(bytes.len(), |len| from + len)
}

/// Operators and punctuation by their first two bytes.
fn punct(first: u8, second: u8) -> Option<(Sym, usize)> {
    use BinaryOp as B;
    Some(match (first, second) {
        (b'=', b'=') => (Sym::Op(B::Eq), 2),
        (b'!', b'=') => (Sym::Op(B::Ne), 2),
        (b'<', b'=') => (Sym::Op(B::Le), 2),
        (b'>', b'=') => (Sym::Op(B::Ge), 2),
        (b'=', b'~') => (Sym::Match, 2),
        (b'!', b'~') => (Sym::NotMatch, 2),
        (b'<', b'/') => (Sym::Op(B::TrimUpper), 2),
        (b'>', b'/') => (Sym::Op(B::TrimLower), 2),
        (b'+', _) => (Sym::Op(B::Add), 1),
        (b'-', _) => (Sym::Op(B::Sub), 1),
        (b'*', _) => (Sym::Op(B::Mul), 1),
        (b'/', _) => (Sym::Op(B::Div), 1),
        (b'%', _) => (Sym::Op(B::Mod), 1),
        (b'^', _) => (Sym::Op(B::Pow), 1),
        (b'<', _) => (Sym::Op(B::Lt), 1),
        (b'>', _) => (Sym::Op(B::Gt), 1),
        (b'=', _) => (Sym::Assign, 1),
        (b'(', _) => (Sym::OpenParen, 1),
        (b')', _) => (Sym::CloseParen, 1),
        (b'{', _) => (Sym::OpenBrace, 1),
        (b'}', _) => (Sym::CloseBrace, 1),
        (b'[', _) => (Sym::OpenBracket, 1),
        (b']', _) => (Sym::CloseBracket, 1),
        (b',', _) => (Sym::Comma, 1),
        (b':', _) => (Sym::Colon, 1),
        (b'@', _) => (Sym::At, 1),
        (b'!' | b'~' | b';', _) => (Sym::None, 1),
        _ => return None,
    })
}

fn word(rest: &str, colon: bool) -> (TokenKind, Sym, usize) {
    let bytes = rest.as_bytes();
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || (*b == b':' && colon);
    let len = bytes.iter().position(|b| !is_part(b)).unwrap_or(bytes.len());
    (TokenKind::Ident, sym_of_word(&bytes[..len]), len)
}

/// The longest keyword, `count_values` and `limit_ratio` among them.
const LONGEST_WORD: usize = 12;

/// The keyword that a word may be, case ignored.
fn sym_of_word(word: &[u8]) -> Sym {
    use Aggregation as A;
    if !(2..=LONGEST_WORD).contains(&word.len()) {
        return Sym::None;
    }
    let mut lower = [0; LONGEST_WORD];
    for (to, from) in lower.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    match &lower[..word.len()] {
        b"by" => Sym::By,
        b"on" => Sym::On,
        b"or" => Sym::Op(BinaryOp::Or),
        b"and" => Sym::Op(BinaryOp::And),
        b"inf" => Sym::Inf,
        b"nan" => Sym::Nan,
        b"end" => Sym::End,
        b"sum" => Sym::Aggregation(A::Sum),
        b"avg" => Sym::Aggregation(A::Avg),
        b"min" => Sym::Aggregation(A::Min),
        b"max" => Sym::Aggregation(A::Max),
        b"bool" => Sym::Bool,
        b"fill" => Sym::Fill,
        b"step" => Sym::Step,
        b"topk" => Sym::Aggregation(A::Topk),
        b"start" => Sym::Start,
        b"range" => Sym::Range,
        b"count" => Sym::Aggregation(A::Count),
        b"group" => Sym::Aggregation(A::Group),
        b"atan2" => Sym::Op(BinaryOp::Atan2),
        b"unless" => Sym::Op(BinaryOp::Unless),
        b"offset" => Sym::Offset,
        b"min_of" => Sym::MinOf,
        b"max_of" => Sym::MaxOf,
        b"limitk" => Sym::Aggregation(A::Limitk),
        b"stddev" => Sym::Aggregation(A::Stddev),
        b"stdvar" => Sym::Aggregation(A::Stdvar),
        b"without" => Sym::Without,
        b"bottomk" => Sym::Aggregation(A::Bottomk),
        b"ignoring" => Sym::Ignoring,
        b"anchored" => Sym::Anchored,
        b"smoothed" => Sym::Smoothed,
        b"quantile" => Sym::Aggregation(A::Quantile),
        b"fill_left" => Sym::FillLeft,
        b"fill_right" => Sym::FillRight,
        b"group_left" => Sym::GroupLeft,
        b"group_right" => Sym::GroupRight,
        b"limit_ratio" => Sym::Aggregation(A::LimitRatio),
        b"count_values" => Sym::Aggregation(A::CountValues),
        _ => Sym::None,
    }
}

/// A number or duration at the start of `rest`, which begins with a digit or point.
fn number(rest: &str) -> (TokenKind, Sym, usize) {
    if let Some(len) = duration_len(rest) {
        return (TokenKind::Duration, Sym::None, len);
    }
    let bytes = rest.as_bytes();
    let digits = |from: usize, ok: fn(&u8) -> bool| from + bytes[from..].iter().take_while(|b| ok(b)).count();
    if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
        return (TokenKind::Number, Sym::None, digits(2, |b| b.is_ascii_hexdigit() || *b == b'_'));
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
    (TokenKind::Number, Sym::None, tail)
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

fn string(rest: &str, quote: u8) -> (TokenKind, Sym, usize) {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            // What is escaped may be the quote or a line's end; of a longer character the rest does no harm.
            b'\\' if quote != b'`' => at += 1,
            b'\n' if quote != b'`' => return (TokenKind::OpenString, Sym::None, at),
            byte if byte == quote => return (TokenKind::String, Sym::None, at + 1),
            _ => {}
        }
        at += 1;
    }
    (TokenKind::OpenString, Sym::None, bytes.len())
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

/// Classes of all tokens, in the order of the text; blanks are between them.
#[must_use]
pub fn highlight(src: &str) -> Vec<(Span, TokenClass)> {
    let tokens = lex(src);
    let mut out = Vec::with_capacity(tokens.len());
    let mut braces = 0u32;
    // Parentheses that hold label names: `by (…)`, `on (…)`, `group_left (…)`.
    let mut label_list = false;
    let mut before = Sym::None;
    // The token before ended an operand, so that an operator or a modifier follows.
    let mut operand = false;
    for (idx, token) in tokens.iter().enumerate() {
        let text = token.span.text(src);
        let next = tokens.get(idx + 1).map_or(Sym::None, |t| t.sym);
        let class = match token.kind {
            TokenKind::End => break,
            TokenKind::Comment => TokenClass::Comment,
            TokenKind::Number => TokenClass::Number,
            TokenKind::Duration => TokenClass::Duration,
            TokenKind::String | TokenKind::OpenString => TokenClass::String,
            TokenKind::Unknown => TokenClass::Invalid,
            TokenKind::Punct => {
                match token.sym {
                    Sym::OpenBrace => braces += 1,
                    Sym::CloseBrace => braces = braces.saturating_sub(1),
                    Sym::OpenParen => label_list = is_label_list(before),
                    Sym::CloseParen => label_list = false,
                    _ => {}
                }
                if is_punctuation(token.sym) { TokenClass::Punctuation } else { TokenClass::Operator }
            }
            TokenKind::Ident => {
                let parens = next == Sym::OpenParen;
                if braces > 0 || label_list {
                    TokenClass::Label
                } else if matches!(token.sym, Sym::Inf | Sym::Nan) {
                    TokenClass::Number
                } else if is_keyword_at(token.sym, operand, parens, before) {
                    TokenClass::Keyword
                } else if matches!(token.sym, Sym::Aggregation(_)) && (parens || matches!(next, Sym::By | Sym::Without))
                {
                    TokenClass::Aggregation
                } else if parens {
                    if functions::find(text).is_some() { TokenClass::Function } else { TokenClass::Invalid }
                } else {
                    TokenClass::Metric
                }
            }
        };
        if token.kind != TokenKind::Comment {
            operand = match token.kind {
                TokenKind::Punct => matches!(token.sym, Sym::CloseParen | Sym::CloseBracket | Sym::CloseBrace),
                TokenKind::Ident => !matches!(class, TokenClass::Keyword),
                _ => true,
            };
            before = token.sym;
        }
        out.push((token.span, class));
    }
    out
}

fn is_punctuation(sym: Sym) -> bool {
    use Sym as S;
    matches!(
        sym,
        S::OpenParen
            | S::CloseParen
            | S::OpenBrace
            | S::CloseBrace
            | S::OpenBracket
            | S::CloseBracket
            | S::Comma
            | S::Colon
    )
}

/// Whether a word is a keyword here; elsewhere a metric may have its name.
fn is_keyword_at(sym: Sym, after_operand: bool, before_paren: bool, before: Sym) -> bool {
    match sym {
        Sym::Op(_) | Sym::Offset | Sym::Anchored | Sym::Smoothed => after_operand,
        Sym::By | Sym::Without | Sym::Fill | Sym::FillLeft | Sym::FillRight => before_paren,
        Sym::Bool | Sym::On | Sym::Ignoring | Sym::GroupLeft | Sym::GroupRight => true,
        Sym::Start | Sym::End => before == Sym::At,
        _ => false,
    }
}

fn is_label_list(before: Sym) -> bool {
    matches!(before, Sym::By | Sym::Without | Sym::On | Sym::Ignoring | Sym::GroupLeft | Sym::GroupRight)
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
