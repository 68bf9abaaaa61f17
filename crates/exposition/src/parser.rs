//! The pull parser: one entry a call, nothing allocated for a series.

mod comments;
mod composite;
mod known;
mod openmetrics2;
mod samples;

use crate::cursor::{Cursor, error_at};
use crate::error::{ErrorKind, ParseError};
use crate::format::Format;
use model::{Exemplar, Labels, LabelsBuilder, METRIC_NAME, MetricKind, Timestamp};
use std::borrow::Cow;
use std::ops::Range;

pub use openmetrics2::OpenMetrics2Parser;

/// A thing that a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    /// A sample of a series. [`Parser::labels`] and [`Parser::exemplar`] tell more of it.
    Series(Series<'a>),
    /// `# TYPE`
    Type {
        /// The family.
        name: Cow<'a, str>,
        /// Its type.
        kind: MetricKind,
    },
    /// `# HELP`
    Help {
        /// The family.
        name: Cow<'a, str>,
        /// The text, unescaped.
        text: Cow<'a, str>,
    },
    /// `# UNIT`
    Unit {
        /// The family.
        name: Cow<'a, str>,
        /// Its unit.
        unit: Cow<'a, str>,
    },
}

/// A sample of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Series<'a> {
    /// Name and labels as they stand in the text: the same bytes are the same series.
    pub key: &'a [u8],
    /// The value.
    pub value: f64,
    /// The explicit time, if the text gives one.
    pub timestamp: Option<Timestamp>,
    /// It has an exemplar.
    pub has_exemplar: bool,
}

/// A label of the current series, as it stands in the text.
#[derive(Clone, Debug)]
struct Span {
    /// `None`: the metric's name.
    name: Option<Range<usize>>,
    value: Range<usize>,
    /// There are backslashes in name or value.
    escaped: bool,
}

/// Reads a whole body.
///
/// A body is good or bad as a whole: after an error nothing more is read.
#[derive(Debug)]
pub struct Parser<'a> {
    cursor: Cursor<'a>,
    format: Format,
    /// All of the input is UTF-8, so that no part needs a check.
    valid_utf8: bool,
    /// Then all of it as text, but for a parser that goes on where another one paused: it does not check again.
    whole: Option<&'a str>,
    labels: Vec<Span>,
    exemplar: Option<(Vec<Span>, f64, Option<Timestamp>)>,
    /// Where the entry that was read last begins.
    entry_start: usize,
    /// For the lint, which has its own word on exemplars and on blanks.
    lenient: bool,
    done: bool,
}

/// A place in a body at which one parser stopped and the next goes on: [`Parser::pause`].
#[derive(Clone, Copy, Debug)]
pub struct Paused {
    pos: usize,
    format: Format,
    valid_utf8: bool,
    done: bool,
}

impl Paused {
    /// How many bytes are read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.pos
    }
}

/// A label as it was read: nothing sorted, empty values too.
#[derive(Clone, Debug)]
pub(crate) struct RawLabel<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
    /// The byte at which name, or value of the metric's name, begins.
    pub(crate) pos: usize,
    /// A line break stands in the value as such.
    pub(crate) line_break: bool,
}

impl<'a> Parser<'a> {
    /// A parser of a body.
    #[must_use]
    pub fn new(input: &'a [u8], format: Format) -> Self {
        let whole = std::str::from_utf8(input).ok();
        Parser {
            cursor: Cursor { input, pos: 0 },
            format,
            valid_utf8: whole.is_some(),
            whole,
            labels: Vec::new(),
            exemplar: None,
            entry_start: 0,
            lenient: false,
            done: false,
        }
    }

    /// Where this parser is, so that another one can go on there: reading a large body in parts.
    #[must_use]
    pub fn pause(&self) -> Paused {
        Paused { pos: self.cursor.pos, format: self.format, valid_utf8: self.valid_utf8, done: self.done }
    }

    /// A parser of the same body that goes on where another one paused.
    #[must_use]
    pub fn resume(input: &'a [u8], paused: Paused) -> Self {
        let Paused { pos, format, valid_utf8, done } = paused;
        let cursor = Cursor { input, pos: pos.min(input.len()) };
        let (labels, exemplar) = (Vec::new(), None);
        Parser { cursor, format, valid_utf8, whole: None, labels, exemplar, entry_start: pos, lenient: false, done }
    }

    /// A parser that leaves the places of exemplars, and the blank behind a quoted name, to the caller's judgement.
    pub(crate) fn new_lenient(input: &'a [u8], format: Format) -> Self {
        Parser { lenient: true, ..Parser::new(input, format) }
    }

    /// Goes on behind the line that could not be read.
    pub(crate) fn skip_line(&mut self) {
        let is_read = self.cursor.pos > self.entry_start && self.cursor.input.get(self.cursor.pos - 1) == Some(&b'\n');
        if !is_read {
            self.cursor.take_line();
        }
        self.done = false;
    }

    /// The byte at which the entry that was read last begins.
    pub(crate) fn entry_start(&self) -> usize {
        self.entry_start
    }

    /// The byte behind all that was read.
    pub(crate) fn position(&self) -> usize {
        self.cursor.pos
    }

    pub(crate) fn input(&self) -> &'a [u8] {
        self.cursor.input
    }

    /// The labels of the series that was read last, in the order of the text.
    pub(crate) fn raw_labels(&self) -> Vec<RawLabel<'a>> {
        self.raw(&self.labels)
    }

    /// The labels and the value of its exemplar.
    pub(crate) fn raw_exemplar(&self) -> Option<(Vec<RawLabel<'a>>, f64)> {
        self.exemplar.as_ref().map(|(spans, v, _)| (self.raw(spans), *v))
    }

    fn raw(&self, spans: &[Span]) -> Vec<RawLabel<'a>> {
        let raw = |span: &Span| RawLabel {
            name: self.name_of(span),
            value: self.text(&span.value, span.escaped),
            pos: span.name.as_ref().unwrap_or(&span.value).start,
            line_break: self.cursor.input[span.value.clone()].contains(&b'\n'),
        };
        spans.iter().map(raw).collect()
    }

    /// The next entry, or `None` at the end.
    ///
    /// # Errors
    /// At the first thing that a Prometheus server would not accept.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        if self.done {
            return Ok(None);
        }
        if self.cursor.pos == 0
            && let Some(kind) = other_document(self.cursor.input)
        {
            self.done = true;
            return Err(self.cursor.error(kind));
        }
        let entry = match self.format {
            Format::PrometheusText => self.next_text(),
            Format::OpenMetrics => self.next_openmetrics(),
            // These have parsers of their own.
            Format::OpenMetrics2 | Format::Protobuf => {
                Err(self.cursor.error(ErrorKind::BadProtobuf { what: "it was taken for text" }))
            }
        };
        self.done |= !matches!(entry, Ok(Some(_)));
        entry
    }

    /// The labels of the series that was read last, its name among them.
    ///
    /// # Errors
    /// If a label stands twice.
    pub fn labels(&self) -> Result<Labels, ParseError> {
        let mut builder = LabelsBuilder::new();
        self.labels_into(&mut builder)?;
        Ok(builder.labels())
    }

    /// Makes a builder hold the labels of the series that was read last, and nothing else.
    ///
    /// # Errors
    /// If a label stands twice.
    pub fn labels_into(&self, builder: &mut LabelsBuilder) -> Result<(), ParseError> {
        builder.clear();
        if let Some(span) = self.duplicate() {
            let at = span.name.as_ref().map_or(self.entry_start, |n| n.start);
            let name = self.name_of(span).into_owned();
            return Err(error_at(self.cursor.input, at, ErrorKind::DuplicateLabel { name }));
        }
        for span in &self.labels {
            builder.push_new(&self.name_of(span), &self.text(&span.value, span.escaped));
        }
        Ok(())
    }

    /// The second of two labels with one name.
    fn duplicate(&self) -> Option<&Span> {
        /// Up to here comparing each with each is quickest; a line of a million labels must not take an hour.
        const FEW: usize = 16;
        let name = |span: &Span| self.name_of(span);
        if self.labels.len() <= FEW {
            let spans = self.labels.iter().enumerate();
            return spans
                .map(|(idx, span)| (span, &self.labels[..idx]))
                .find_map(|(span, before)| before.iter().any(|other| name(other) == name(span)).then_some(span));
        }
        let mut names: Vec<_> = self.labels.iter().enumerate().map(|(idx, span)| (name(span), idx)).collect();
        model::sort::by(&mut names, Ord::cmp);
        let twice = names.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1);
        twice.min().map(|idx| &self.labels[idx])
    }

    /// Whether the series that was read last names a label, be its value empty or not.
    #[must_use]
    pub fn names_label(&self, name: &str) -> bool {
        self.labels.iter().any(|span| self.name_of(span) == name)
    }

    /// The exemplar of the series that was read last.
    #[must_use]
    pub fn exemplar(&self) -> Option<Exemplar> {
        let (spans, v, t) = self.exemplar.as_ref()?;
        let labels = Labels::from_pairs(spans.iter().map(|s| (self.name_of(s), self.text(&s.value, s.escaped))));
        Some(Exemplar { labels, v: *v, t: *t })
    }

    fn name_of(&self, span: &Span) -> Cow<'a, str> {
        span.name.as_ref().map_or(Cow::Borrowed(METRIC_NAME), |range| self.text(range, span.escaped))
    }

    fn text(&self, range: &Range<usize>, escaped: bool) -> Cow<'a, str> {
        let text = match self.whole.and_then(|whole| whole.get(range.clone())) {
            Some(text) => Cow::Borrowed(text),
            None => {
                let bytes = &self.cursor.input[range.clone()];
                // Nearly always; to look for what is none costs three times as much.
                std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
            }
        };
        if escaped { Cow::Owned(unescape(&text)) } else { text }
    }
}

/// What else was sent instead of metrics text: no such text begins like these.
fn other_document(input: &[u8]) -> Option<ErrorKind> {
    let start = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input).trim_ascii_start();
    match start.first()? {
        b'<' => Some(ErrorKind::Html),
        b'[' => Some(ErrorKind::Json),
        b'{' => {
            // A quoted name is followed by `=`, `,` or `}`, a key by a colon.
            let inside = start[1..].trim_ascii_start();
            let mut cursor = Cursor { input: inside, pos: 0 };
            cursor.take_quoted(false)?;
            cursor.rest().trim_ascii_start().starts_with(b":").then_some(ErrorKind::Json)
        }
        _ => None,
    }
}

/// `\\`, `\"` and `\n`; a backslash before anything else stands for itself.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some(c @ ('\\' | '"')) => out.push(c),
            Some(c) => {
                out.push('\\');
                out.push(c);
            }
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests;
