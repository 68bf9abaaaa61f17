//! The wire format of protobuf: fields of a message, one after the other, never beyond its end.

use crate::error::{ErrorKind, ParseError};

/// A message: a part of a body, and how far it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    body: &'a [u8],
    pos: usize,
    end: usize,
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    Bytes(Message<'a>),
}

impl<'a> Message<'a> {
    /// A whole body.
    pub(super) fn new(body: &'a [u8]) -> Self {
        Message { body, pos: 0, end: body.len() }
    }

    /// A message without fields, where one is not there.
    pub(super) fn empty() -> Self {
        Message::new(&[])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pos >= self.end
    }

    /// What is not read yet.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.body.get(self.pos..self.end).unwrap_or(&[])
    }

    /// The text that the message is.
    pub(super) fn text(&self) -> Result<&'a str, ParseError> {
        std::str::from_utf8(self.bytes())
            .map_err(|error| self.error_at(self.pos + error.valid_up_to(), ErrorKind::NotUtf8))
    }

    /// Takes a message behind its length.
    pub(super) fn delimited(&mut self) -> Result<Message<'a>, ParseError> {
        let at = self.pos;
        let len = self.varint()?;
        let end = usize::try_from(len).ok().and_then(|len| self.pos.checked_add(len)).filter(|end| *end <= self.end);
        let end =
            end.ok_or_else(|| self.error_at(at, ErrorKind::BadProtobuf { what: "a length goes beyond the end" }))?;
        let message = Message { body: self.body, pos: self.pos, end };
        self.pos = end;
        Ok(message)
    }

    /// The next field's number and value.
    pub(super) fn field(&mut self) -> Result<Option<(u64, Value<'a>)>, ParseError> {
        if self.is_empty() {
            return Ok(None);
        }
        let at = self.pos;
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(self.fixed64()?),
            2 => Value::Bytes(self.delimited()?),
            5 => {
                self.take(4)?;
                Value::Fixed32
            }
            // Groups are long gone from the language.
            _ => return Err(self.error_at(at, ErrorKind::BadProtobuf { what: "there is no such kind of field" })),
        };
        Ok(Some((tag >> 3, value)))
    }

    pub(super) fn varint(&mut self) -> Result<u64, ParseError> {
        let at = self.pos;
        let mut out = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?.first().copied().unwrap_or(0);
            out |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(out);
            }
        }
        Err(self.error_at(at, ErrorKind::BadProtobuf { what: "a number has too many bytes" }))
    }

    pub(super) fn fixed64(&mut self) -> Result<u64, ParseError> {
        let bytes = self.take(8)?;
        Ok(bytes.iter().rev().fold(0, |out, byte| out << 8 | u64::from(*byte)))
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], ParseError> {
        let end = self.pos + n;
        if end > self.end {
            return Err(self.error(ErrorKind::BadProtobuf { what: "the message is cut off" }));
        }
        let bytes = self.body.get(self.pos..end).unwrap_or(&[]);
        self.pos = end;
        Ok(bytes)
    }

    /// An error at the next byte: a body has one line, and a byte is a column.
    pub(super) fn error(&self, kind: ErrorKind) -> ParseError {
        self.error_at(self.pos, kind)
    }

    fn error_at(&self, pos: usize, kind: ErrorKind) -> ParseError {
        ParseError { line: 1, column: pos + 1, kind }
    }
}

impl<'a> Value<'a> {
    /// A float; 0 for a value of another kind, as readers skip those.
    pub(super) fn float(self) -> f64 {
        match self {
            Value::Fixed64(bits) => f64::from_bits(bits),
            _ => 0.0,
        }
    }

    pub(super) fn unsigned(self) -> u64 {
        match self {
            Value::Varint(v) => v,
            _ => 0,
        }
    }

    /// A number of type `int64` or `int32`.
    pub(super) fn signed(self) -> i64 {
        self.unsigned() as i64
    }

    /// A number of type `sint64` or `sint32`.
    pub(super) fn zigzag(self) -> i64 {
        zigzag(self.unsigned())
    }

    pub(super) fn message(self) -> Message<'a> {
        match self {
            Value::Bytes(message) => message,
            _ => Message::empty(),
        }
    }
}

/// A number of type `sint64`: the sign is its lowest bit.
pub(super) fn zigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}
