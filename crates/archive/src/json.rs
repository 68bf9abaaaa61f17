//! Answers of Prometheus' API: `query` (a vector or raw samples), `query_range`. One series a step, so that a large answer
//! can be stopped.
//!
//! The frame of the answer is read by hand, each series of the result by serde. Times are seconds, values texts. What the
//! API leaves out is not there: staleness markers, starts, exemplars, the schema of native histograms. That follows from
//! the bounds of their buckets; where it does not, they become histograms with bounds of their own.

mod histogram;

pub(crate) use histogram::JsonHistogram;

use crate::pending::Pending;
use model::{Labels, METRIC_NAME, Timestamp};
use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// Samples of one step, about.
const SAMPLES_OF_STEP: usize = 50_000;

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) kind: JsonErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JsonErrorKind {
    /// It is no JSON, or breaks off.
    Syntax(String),
    /// It is JSON without series and samples: what it is instead.
    NoSamples(&'static str),
    /// The server answered with an error.
    Refused(String),
}

/// An answer that is being read.
#[derive(Debug)]
pub(crate) struct JsonReader {
    body: Vec<u8>,
    pos: usize,
    state: State,
    /// What becomes the name of series that have none.
    name: String,
    pub(crate) n_bad_histograms: u64,
    pub(crate) n_named: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    /// In an object: 0 is the answer, 1 its `data`.
    Object(u8),
    /// Before an element of the result.
    Result(u8),
    /// Behind a value of an object of this depth.
    Behind(u8),
    Done,
}

/// A series of a result.
#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    metric: Option<BTreeMap<String, String>>,
    #[serde(default)]
    values: Vec<(Seconds, Number)>,
    #[serde(default)]
    value: Option<(Seconds, Number)>,
    #[serde(default)]
    histograms: Vec<(Seconds, JsonHistogram)>,
    #[serde(default)]
    histogram: Option<(Seconds, JsonHistogram)>,
}

/// A time in seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
struct Seconds(f64);

impl Seconds {
    fn timestamp(self) -> Timestamp {
        Timestamp((self.0 * 1_000.0).round() as i64)
    }
}

/// A number in a text (`"+Inf"`), or as such.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number(pub(crate) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Number;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number in quotes")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                let parsed = model::number::parse(text).map(Number);
                parsed.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Number, E> {
                Ok(Number(v))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Number, E> {
                Ok(Number(v as f64))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Number, E> {
                Ok(Number(v as f64))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl JsonReader {
    pub(crate) fn new(body: Vec<u8>, name: &str) -> Self {
        let pos = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        JsonReader { body, pos, state: State::Start, name: legal_name(name), n_bad_histograms: 0, n_named: 0 }
    }

    /// Bytes read, and all.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.pos as u64, self.body.len() as u64)
    }

    /// Reads on; the answer is whether all is read.
    ///
    /// # Errors
    /// If it is no answer with samples.
    pub(crate) fn step(&mut self, pending: &mut Pending) -> Result<bool, JsonError> {
        let end = pending.samples.len() + SAMPLES_OF_STEP;
        // An element without samples takes time, too.
        for _ in 0..SAMPLES_OF_STEP / 10 {
            if self.state == State::Done {
                return Ok(true);
            }
            if pending.samples.len() >= end {
                break;
            }
            self.token(pending)?;
        }
        Ok(false)
    }

    fn token(&mut self, pending: &mut Pending) -> Result<(), JsonError> {
        self.skip_blanks();
        match self.state {
            State::Start => {
                if self.peek() == Some(b'[') {
                    return Err(self.error(JsonErrorKind::NoSamples("a list")));
                }
                self.eat(b'{')?;
                self.state = State::Object(0);
            }
            State::Object(depth) => {
                if self.peek() == Some(b'}') {
                    self.pos += 1;
                    self.state = State::Behind(depth.wrapping_sub(1));
                    return Ok(());
                }
                let key: String = self.read()?;
                self.skip_blanks();
                self.eat(b':')?;
                self.skip_blanks();
                match (depth, key.as_str(), self.peek()) {
                    (0, "data", Some(b'{')) => {
                        self.pos += 1;
                        self.state = State::Object(1);
                    }
                    (0, "data", Some(b'[')) => {
                        return Err(self.error(JsonErrorKind::NoSamples("a list of series or names")));
                    }
                    (0, "error", Some(b'"')) => {
                        let at = self.pos;
                        let message = self.read()?;
                        self.pos = at;
                        return Err(self.error(JsonErrorKind::Refused(message)));
                    }
                    // The answer, or only its data, as some tools keep it.
                    (_, "result", Some(b'[')) => {
                        self.pos += 1;
                        self.state = State::Result(depth);
                    }
                    _ => {
                        self.read::<IgnoredAny>()?;
                        self.state = State::Behind(depth);
                    }
                }
            }
            State::Result(depth) => {
                if self.peek() == Some(b']') {
                    self.pos += 1;
                    self.state = State::Behind(depth);
                    return Ok(());
                }
                if self.peek() != Some(b'{') {
                    return Err(self.error(JsonErrorKind::NoSamples("a single number or text")));
                }
                let at = self.pos;
                let element: Element = self.read()?;
                if let Err(kind) = self.element(element, pending) {
                    self.pos = at;
                    return Err(self.error(kind));
                }
                self.skip_blanks();
                if self.peek() == Some(b',') {
                    self.pos += 1;
                } else if self.peek() != Some(b']') {
                    return Err(self.expected("`,` or `]`"));
                }
            }
            State::Behind(u8::MAX) => {
                if self.peek().is_some() {
                    return Err(self.expected("the end"));
                }
                self.state = State::Done;
            }
            State::Behind(depth) => match self.peek() {
                Some(b',') => {
                    self.pos += 1;
                    self.state = State::Object(depth);
                }
                Some(b'}') => {
                    self.pos += 1;
                    self.state = State::Behind(depth.wrapping_sub(1));
                }
                _ => return Err(self.expected("`,` or `}`")),
            },
            State::Done => {}
        }
        Ok(())
    }

    fn element(&mut self, element: Element, pending: &mut Pending) -> Result<(), JsonErrorKind> {
        let Element { metric, values, value, histograms, histogram } = element;
        let Some(metric) = metric else { return Err(JsonErrorKind::NoSamples("a list of something else")) };
        let mut labels = Labels::from_pairs(metric);
        if labels.metric_name().is_none() {
            // A store finds no series without any label, and none is drawn without a name.
            let pairs = labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned()));
            labels = Labels::from_pairs(pairs.chain([(METRIC_NAME.to_owned(), self.name.clone())]));
            self.n_named += 1;
        }
        let series = pending.series(labels);
        for (t, Number(v)) in values.into_iter().chain(value) {
            pending.push(series, t.timestamp(), v);
        }
        for (t, h) in histograms.into_iter().chain(histogram) {
            match h.histogram() {
                Some(h) => pending.push_histogram(series, t.timestamp(), h, None),
                None => self.n_bad_histograms += 1,
            }
        }
        Ok(())
    }

    /// Reads one value where the reader is.
    fn read<'de, T: Deserialize<'de>>(&'de mut self) -> Result<T, JsonError> {
        let rest = self.body.get(self.pos..).unwrap_or(&[]);
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<T>();
        let read = stream.next();
        let offset = stream.byte_offset();
        match read {
            Some(Ok(value)) => {
                self.pos += offset;
                Ok(value)
            }
            Some(Err(error)) => {
                let (line, column) = place(&self.body, self.pos);
                // Lines and columns of serde count from where it began.
                let (line, column) = match error.line() {
                    0 | 1 => (line, column + error.column().saturating_sub(1)),
                    more => (line + more - 1, error.column()),
                };
                let text = error.to_string();
                let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
                Err(JsonError { line, column, kind: JsonErrorKind::Syntax(text.to_owned()) })
            }
            None => Err(self.expected("a value")),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.pos).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.pos += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.pos += 1;
            return Ok(());
        }
        Err(self.expected(match byte {
            b'{' => "`{`",
            _ => "`:`",
        }))
    }

    fn expected(&self, what: &str) -> JsonError {
        let found = match self.peek() {
            None => "the end of the file".to_owned(),
            Some(b) => format!("`{}`", char::from(b).escape_default()),
        };
        self.error(JsonErrorKind::Syntax(format!("expected {what}, found {found}")))
    }

    fn error(&self, kind: JsonErrorKind) -> JsonError {
        let (line, column) = place(&self.body, self.pos);
        JsonError { line, column, kind }
    }
}

/// Line and column of a byte, from 1.
fn place(body: &[u8], pos: usize) -> (usize, usize) {
    let before = body.get(..pos).unwrap_or(body);
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    (line, String::from_utf8_lossy(before.get(line_start..).unwrap_or(&[])).chars().count() + 1)
}

/// A metric's name that is like a text.
fn legal_name(text: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let name = name.trim_matches('_').to_owned();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() { format!("result_{name}") } else { name }
}
