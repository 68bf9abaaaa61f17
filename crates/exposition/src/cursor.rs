//! A position in the bytes, and the small steps over them.

use crate::error::{ErrorKind, ParseError, shorten, show};

/// What a byte is in a name.
const HEAD: u8 = 1;
const DIGIT: u8 = 2;
const COLON: u8 = 4;

/// By byte: one look rather than five comparisons.
const KIND: [u8; 256] = {
    let mut kind = [0; 256];
    let mut b = 0;
    while b < 128 {
        kind[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => HEAD,
            b'0'..=b'9' => DIGIT,
            b':' => COLON,
            _ => 0,
        };
        b += 1;
    }
    kind
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) input: &'a [u8],
    pub(crate) pos: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.input.get(self.pos).copied()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.input.get(self.pos..).unwrap_or(&[])
    }

    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.pos += usize::from(there);
        there
    }

    pub(crate) fn eat_text(&mut self, text: &[u8]) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.pos += text.len();
        }
        there
    }

    /// Takes bytes as long as they are of a kind.
    #[inline]
    pub(crate) fn take_while(&mut self, kind: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.pos;
        while self.peek().is_some_and(&kind) {
            self.pos += 1;
        }
        &self.input[start..self.pos]
    }

    pub(crate) fn skip_blanks(&mut self) {
        self.take_while(|b| matches!(b, b' ' | b'\t'));
    }

    /// Takes the rest of the line and its end; gives it without the end.
    pub(crate) fn take_line(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.pos += (len + 1).min(rest.len());
        &rest[..len]
    }

    /// Takes a name: a letter, `_` or (in a metric's) `:`, then also digits. Empty if there is none.
    #[inline]
    pub(crate) fn take_name(&mut self, colon: bool) -> &'a [u8] {
        let (begins, goes_on) = if colon { (HEAD | COLON, HEAD | DIGIT | COLON) } else { (HEAD, HEAD | DIGIT) };
        let is = |b: u8, kinds: u8| KIND[usize::from(b)] & kinds != 0;
        if self.peek().is_some_and(|b| is(b, begins)) { self.take_while(|b| is(b, goes_on)) } else { &[] }
    }

    /// Takes a quoted text; gives what is between the quotes, escapes as they stand, and whether there are any.
    /// `breaks`: line breaks may stand in it, as the classic format has it.
    pub(crate) fn take_quoted(&mut self, breaks: bool) -> Option<(&'a [u8], bool)> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.pos + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at += memchr::memchr3(b'"', b'\\', b'\n', &self.input[at..])?;
            match self.input[at] {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    // The byte behind a backslash never ends the text; a line break cannot be escaped so.
                    if matches!(self.input.get(at + 1), None | Some(b'\n')) {
                        return None;
                    }
                    at += 2;
                }
                _ if breaks => at += 1,
                _ => return None,
            }
        }
        self.pos = at + 1;
        Some((&self.input[start..at], escaped))
    }

    pub(crate) fn error(&self, kind: ErrorKind) -> ParseError {
        error_at(self.input, self.pos, kind)
    }

    /// "expected … after `…`, found …": after what stands between a start and here.
    pub(crate) fn expected(&self, what: &'static str, start: usize) -> ParseError {
        let after = shorten(self.input.get(start..self.pos).unwrap_or(&[]).trim_ascii());
        self.error(ErrorKind::Expected { what, after, found: show(self.rest()) })
    }
}

/// An error at a byte: line and column are counted only now.
pub(crate) fn error_at(input: &[u8], pos: usize, kind: ErrorKind) -> ParseError {
    let before = &input[..pos.min(input.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    ParseError { line, column, kind }
}
