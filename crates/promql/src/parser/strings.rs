//! Quoted texts: the escapes of Go.

use super::Parser;
use crate::diagnostic::{Diagnostic, Span};
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// Takes a string token and gives its text. A bad escape is reported and left out.
    pub(super) fn string(&mut self) -> String {
        let token = self.next();
        let text = token.span.text(self.src);
        let quote = text.chars().next().unwrap_or('"');
        let body_start = quote.len_utf8().min(text.len());
        let body_end = if token.kind == TokenKind::OpenString { text.len() } else { text.len() - 1 };
        if token.kind == TokenKind::OpenString {
            let message = format!("this text has no closing {quote}");
            self.push(Diagnostic::error(token.span, message).with_hint(format!("add {quote} where it ends")));
        }
        let body = text.get(body_start..body_end.max(body_start)).unwrap_or("");
        if quote == '`' {
            return body.to_owned();
        }
        let (value, bad) = unescape(body, quote);
        if let Some((start, end)) = bad {
            let offset = token.span.start + body_start;
            let span = Span::new(offset + start, offset + end);
            let escape = span.text(self.src).to_owned();
            let hint = "a backslash in a text is written `\\\\`; in `backticks` it stands for itself";
            self.push(Diagnostic::error(span, format!("`{escape}` is no escape sequence")).with_hint(hint));
        }
        value
    }
}

/// What a quoted text stands for; bad escapes are left out.
pub(crate) fn text_of(quoted: &str) -> String {
    let quote = quoted.chars().next().unwrap_or('"');
    let body = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
    if quote == '`' { body.to_owned() } else { unescape(body, quote).0 }
}

/// The text without its escapes, and the place of the first bad one.
fn unescape(body: &str, quote: char) -> (String, Option<(usize, usize)>) {
    let mut bytes = Vec::with_capacity(body.len());
    let mut bad = None;
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let start = body.len() - rest.len() + at;
        let tail = &rest[at + 1..];
        let kind = tail.chars().next();
        let digits = |n: usize, from: usize, radix: u32| {
            tail.get(from..from + n)
                .filter(|t| t.bytes().all(|b| char::from(b).is_digit(radix)))
                .and_then(|t| u32::from_str_radix(t, radix).ok())
        };
        let mut utf8 = [0; 4];
        let mut scalar =
            |code: Option<u32>| code.and_then(char::from_u32).map(|c| c.encode_utf8(&mut utf8).as_bytes().to_vec());
        let (value, len) = match kind {
            Some('a') => (Some(vec![7]), 1),
            Some('b') => (Some(vec![8]), 1),
            Some('f') => (Some(vec![12]), 1),
            Some('n') => (Some(vec![b'\n']), 1),
            Some('r') => (Some(vec![b'\r']), 1),
            Some('t') => (Some(vec![b'\t']), 1),
            Some('v') => (Some(vec![11]), 1),
            Some('\\') => (Some(vec![b'\\']), 1),
            Some(c) if c == quote => (Some(vec![quote as u8]), 1),
            Some('x') => (digits(2, 1, 16).map(|v| vec![v as u8]), 3),
            Some('u') => (scalar(digits(4, 1, 16)), 5),
            Some('U') => (scalar(digits(8, 1, 16)), 9),
            Some('0'..='7') => (digits(3, 0, 8).filter(|v| *v < 256).map(|v| vec![v as u8]), 3),
            _ => (None, kind.map_or(0, char::len_utf8)),
        };
        match value {
            Some(value) => {
                bytes.extend(value);
                rest = &tail[len..];
            }
            None => {
                let end = start + 1 + kind.map_or(0, char::len_utf8);
                bad = bad.or(Some((start, end)));
                rest = &body[end..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    // `\xff` can make bytes that are no UTF-8; no label value has them.
    (String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()), bad)
}
