//! A cursor over a piece of JSON that may end anywhere: each function reads one thing whole, or says that it needs more
//! bytes.

use crate::error::SyntaxError;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Why a thing was not read.
#[derive(Debug)]
pub(super) enum Stop {
    /// The piece ends within it.
    More,
    /// It is something else. The offset counts from the beginning of the piece.
    Wrong(SyntaxError),
}

pub(super) type Scan<T> = Result<T, Stop>;

/// Values within values of one element are at most so deep; the API has four. It is the bound of serde, too.
const MAX_DEPTH: usize = 100;

/// A place in a piece of JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) pos: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or(&[])
    }

    /// The next byte that is no blank.
    #[inline]
    pub(super) fn peek(&mut self) -> Scan<u8> {
        loop {
            match self.bytes.get(self.pos) {
                None => return Err(Stop::More),
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.pos += 1,
                Some(byte) => return Ok(*byte),
            }
        }
    }

    /// Takes a byte that has to be there.
    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> Scan<()> {
        if self.peek()? == byte {
            self.pos += 1;
            return Ok(());
        }
        Err(self.wrong(&format!("`{}`", char::from(byte))))
    }

    /// Takes a byte if it is there.
    #[inline]
    pub(super) fn eat_if(&mut self, byte: u8) -> Scan<bool> {
        let is_there = self.peek()? == byte;
        self.pos += usize::from(is_there);
        Ok(is_there)
    }

    /// Takes what divides values of a list or an object; the answer is whether it goes on.
    #[inline]
    pub(super) fn goes_on(&mut self, end: u8) -> Scan<bool> {
        match self.peek()? {
            b',' => {
                self.pos += 1;
                // Nothing may be missing behind it.
                if self.peek()? == end { Err(self.wrong("a value")) } else { Ok(true) }
            }
            byte if byte == end => {
                self.pos += 1;
                Ok(false)
            }
            _ => Err(self.wrong(&format!("`,` or `{}`", char::from(end)))),
        }
    }

    /// A name and its colon.
    pub(super) fn key(&mut self) -> Scan<Cow<'a, str>> {
        let key = self.text()?;
        self.eat(b':')?;
        // What is behind it has begun, so that nobody has to ask.
        self.peek()?;
        Ok(key)
    }

    /// A text in quotes.
    pub(super) fn text(&mut self) -> Scan<Cow<'a, str>> {
        if self.peek()? != b'"' {
            return Err(self.wrong("a text in quotes"));
        }
        let start = self.pos + 1;
        let mut at = start;
        let mut is_escaped = false;
        loop {
            match self.bytes.get(at) {
                None => return Err(Stop::More),
                Some(b'"') => break,
                Some(b'\\') => {
                    is_escaped = true;
                    at += 2;
                }
                Some(0..0x20) => {
                    self.pos = at;
                    return Err(self.wrong("a text without control characters"));
                }
                Some(_) => at += 1,
            }
        }
        let (from, raw) = (self.pos, self.bytes.get(start..at).unwrap_or(&[]));
        self.pos = at + 1;
        if is_escaped {
            return self.serde(from).map(Cow::Owned);
        }
        match std::str::from_utf8(raw) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => {
                self.pos = start + error.valid_up_to();
                Err(self.wrong("text in UTF-8"))
            }
        }
    }

    /// Any value, whole, read by serde.
    pub(super) fn value<T: DeserializeOwned>(&mut self) -> Scan<T> {
        let from = self.skip()?;
        self.serde(from)
    }

    /// Goes behind any value, without a look into it; the answer is where it begins.
    fn skip(&mut self) -> Scan<usize> {
        let first = self.peek()?;
        let start = self.pos;
        let mut depth = 0usize;
        match first {
            b'{' | b'[' | b'"' => {}
            _ => {
                // A number or a word: up to what cannot be a part of it.
                let len =
                    self.rest().iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
                self.pos += len.ok_or(Stop::More)?;
                return Ok(start);
            }
        }
        loop {
            let at = self.pos;
            match self.bytes.get(at) {
                None => return Err(Stop::More),
                Some(b'"') => {
                    let mut end = at + 1;
                    loop {
                        match self.bytes.get(end) {
                            None => return Err(Stop::More),
                            Some(b'"') => break,
                            Some(b'\\') => end += 2,
                            Some(_) => end += 1,
                        }
                    }
                    self.pos = end;
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(self.wrong(&format!("at most {MAX_DEPTH} lists and objects within each other")));
                    }
                }
                Some(b'}' | b']') => depth = depth.saturating_sub(1),
                Some(_) => {}
            }
            self.pos += 1;
            if depth == 0 {
                return Ok(start);
            }
        }
    }

    /// Reads what stands between a place and the cursor.
    fn serde<T: DeserializeOwned>(&self, from: usize) -> Scan<T> {
        let piece = self.bytes.get(from..self.pos).unwrap_or(&[]);
        serde_json::from_slice(piece).map_err(|error| {
            let text = error.to_string();
            let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
            let (found, expected) = text.split_once(", expected ").unwrap_or((text, "a value as the API has it"));
            let found = found.strip_prefix("invalid type: ").unwrap_or(found);
            // Lines within one value are not worth the count.
            let column = if error.line() == 1 { error.column().saturating_sub(1) } else { 0 };
            let offset = (from + column) as u64;
            Stop::Wrong(SyntaxError { offset, expected: expected.to_owned(), found: found.to_owned() })
        })
    }

    /// An error at the cursor.
    pub(super) fn wrong(&self, expected: &str) -> Stop {
        let found = match self.bytes.get(self.pos) {
            None => "its end".to_owned(),
            Some(b'`') => "a backtick".to_owned(),
            Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(*byte)),
            Some(byte) => format!("byte {byte:#04x}"),
        };
        Stop::Wrong(SyntaxError { offset: self.pos as u64, expected: expected.to_owned(), found })
    }
}
