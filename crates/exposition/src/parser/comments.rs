//! Lines of the two formats, and what begins with `#`.

use super::{Entry, Parser, unescape};
use crate::error::{ErrorKind, ParseError, shorten, show};
use crate::format::Format;
use model::MetricKind;
use std::borrow::Cow;

impl<'a> Parser<'a> {
    /// The next entry of the classic format. Comments and empty lines are skipped.
    pub(super) fn next_text(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        loop {
            self.cursor.take_while(|b| b == b'\n');
            let start = self.cursor.pos;
            self.cursor.skip_blanks();
            match self.cursor.peek() {
                None => return Ok(None),
                Some(b'\n') => {}
                Some(b'#') => {
                    if let Some(entry) = self.text_comment()? {
                        return Ok(Some(entry));
                    }
                }
                // The server takes the blanks for a part of the name, and the name for none.
                Some(_) if self.cursor.pos > start => {
                    return Err(self.cursor.expected("a metric's name at the start of the line", start));
                }
                Some(_) => return self.series().map(|series| Some(Entry::Series(series))),
            }
        }
    }

    fn text_comment(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let start = self.cursor.pos;
        self.entry_start = start;
        self.cursor.pos += 1;
        let blanks = self.cursor.take_while(|b| matches!(b, b' ' | b'\t'));
        let is_help = self.cursor.rest().starts_with(b"HELP");
        let is_type = self.cursor.rest().starts_with(b"TYPE");
        let behind = self.cursor.input.get(self.cursor.pos + 4);
        if blanks.is_empty() || !(is_help || is_type) || !matches!(behind, Some(b' ' | b'\t')) {
            self.cursor.take_line();
            return Ok(None);
        }
        self.cursor.pos += 4;
        self.cursor.skip_blanks();
        let name = self.family_name(start)?;
        let text_at = self.cursor.pos;
        // The server takes the first byte for the blank that separates, whatever it is but NUL; more blanks belong to
        // the text.
        let separator = self.cursor.peek();
        if separator == Some(0) {
            return Err(self.cursor.expected("a blank and a text", start));
        }
        let text = self.cursor.take_line().get(1..).unwrap_or(&[]);
        if is_help {
            // Half a character as separator leaves the other half, even where the whole body is UTF-8.
            if separator.is_some_and(|b| !b.is_ascii()) && std::str::from_utf8(text).is_err() {
                return Err(crate::cursor::error_at(self.cursor.input, text_at, ErrorKind::NotUtf8));
            }
            self.check_utf8(text_at, text)?;
            return Ok(Some(Entry::Help { name, text: help_text(text, false) }));
        }
        // The format allows more blanks than the server does.
        let kind = match if self.lenient { text.trim_ascii() } else { text } {
            b"counter" => MetricKind::Counter,
            b"gauge" => MetricKind::Gauge,
            b"histogram" => MetricKind::Histogram,
            b"summary" => MetricKind::Summary,
            b"untyped" => MetricKind::Unknown,
            _ => return Err(self.unknown_type(text_at + 1, text)),
        };
        Ok(Some(Entry::Type { name, kind }))
    }

    /// The next entry of OpenMetrics: single blanks, no empty lines, `# EOF` at the end.
    pub(super) fn next_openmetrics(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        match self.cursor.peek() {
            None => Err(self.cursor.error(ErrorKind::NoEof)),
            Some(b'#') => self.openmetrics_comment(),
            Some(_) => self.series().map(|series| Some(Entry::Series(series))),
        }
    }

    pub(super) fn openmetrics_comment(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let start = self.cursor.pos;
        self.entry_start = start;
        if self.cursor.eat_text(b"# EOF") {
            self.cursor.eat(b'\n');
            let is_end = self.cursor.peek().is_none();
            return if is_end { Ok(None) } else { Err(self.cursor.error(ErrorKind::DataAfterEof)) };
        }
        let keywords: [&[u8]; 3] = [b"# HELP ", b"# TYPE ", b"# UNIT "];
        let Some(keyword) = keywords.into_iter().find(|k| self.cursor.eat_text(k)) else {
            return Err(self.cursor.expected("a metric, `# HELP`, `# TYPE`, `# UNIT` or `# EOF`", start));
        };
        let name = self.family_name(start)?;
        if !self.cursor.eat(b' ') {
            return Err(self.cursor.expected("a blank and a text", start));
        }
        let text_at = self.cursor.pos;
        let text = self.cursor.take_line();
        Ok(Some(match keyword {
            b"# HELP " => {
                self.check_utf8(text_at - 1, text)?;
                Entry::Help { name, text: help_text(text, true) }
            }
            b"# UNIT " => {
                let unit = String::from_utf8_lossy(text);
                // In 2.0 it is a recommendation.
                let has_to_end_so = self.format == Format::OpenMetrics && !unit.is_empty();
                if has_to_end_so && !name.strip_suffix(&*unit).is_some_and(|head| head.ends_with('_')) {
                    let kind = ErrorKind::UnitNotSuffix { unit: shorten(text), metric: name.into_owned() };
                    return Err(crate::cursor::error_at(self.cursor.input, text_at, kind));
                }
                Entry::Unit { name, unit }
            }
            _ => {
                let kind = match text {
                    b"counter" => MetricKind::Counter,
                    b"gauge" => MetricKind::Gauge,
                    b"histogram" => MetricKind::Histogram,
                    b"gaugehistogram" => MetricKind::GaugeHistogram,
                    b"summary" => MetricKind::Summary,
                    b"info" => MetricKind::Info,
                    b"stateset" => MetricKind::StateSet,
                    b"unknown" => MetricKind::Unknown,
                    _ => return Err(self.unknown_type(text_at, text)),
                };
                Entry::Type { name, kind }
            }
        }))
    }

    /// The name behind `# TYPE` and the like, bare or quoted.
    fn family_name(&mut self, start: usize) -> Result<Cow<'a, str>, ParseError> {
        let from = self.cursor.pos;
        if let Some((text, escaped)) = self.cursor.take_quoted(false) {
            self.check_utf8(from, text)?;
            let text = String::from_utf8_lossy(text);
            return Ok(if escaped { Cow::Owned(unescape(&text)) } else { text });
        }
        let name = self.cursor.take_name(true);
        if name.is_empty() {
            return Err(self.cursor.expected("a metric's name", start));
        }
        Ok(String::from_utf8_lossy(name))
    }

    fn unknown_type(&self, at: usize, text: &[u8]) -> ParseError {
        let found = if text.is_empty() { show(b"\n") } else { format!("`{}`", shorten(text)) };
        crate::cursor::error_at(self.cursor.input, at, ErrorKind::UnknownType { found })
    }
}

/// Help texts escape backslashes and line breaks, in OpenMetrics quotes too.
fn help_text(text: &[u8], quotes: bool) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(text);
    if !text.contains('\\') {
        return text;
    }
    let text = if quotes { text } else { Cow::Owned(text.replace("\\\"", "\\\\\"")) };
    Cow::Owned(unescape(&text))
}
