//! A sample line: name, labels, value, time, exemplar.

use super::{Parser, Series, Span};
use crate::cursor::error_at;
use crate::error::{ErrorKind, ParseError, shorten, show};
use crate::format::Format;
use crate::value::parse_value;
use model::Timestamp;

impl<'a> Parser<'a> {
    pub(super) fn series(&mut self) -> Result<Series<'a>, ParseError> {
        let start = self.cursor.pos;
        let key = self.series_key()?;
        let value = self.value(start)?;
        let is_text = self.format == Format::PrometheusText;
        let timestamp = if is_text { self.text_timestamp()? } else { self.openmetrics_tail(start)? };
        Ok(Series { key, value, timestamp, has_exemplar: self.exemplar.is_some() })
    }

    /// Name and labels.
    pub(super) fn series_key(&mut self) -> Result<&'a [u8], ParseError> {
        let start = self.cursor.pos;
        self.entry_start = start;
        self.labels.clear();
        self.exemplar = None;
        let name = self.cursor.take_name(true);
        if !name.is_empty() {
            self.labels.push(Span { name: None, value: start..self.cursor.pos, escaped: false });
        } else if self.cursor.peek() != Some(b'{') {
            return Err(self.cursor.expected("a metric's name or `#`", start));
        }
        let is_text = self.format == Format::PrometheusText;
        if is_text {
            self.cursor.skip_blanks();
        }
        let mut key_end = start + name.len();
        if self.cursor.eat(b'{') {
            let mut labels = std::mem::take(&mut self.labels);
            let result = self.label_list(&mut labels, true);
            self.labels = labels;
            result?;
            key_end = self.cursor.pos;
        }
        if !self.labels.iter().any(|span| span.name.is_none()) {
            return Err(error_at(self.cursor.input, start, ErrorKind::NoMetricName));
        }
        Ok(&self.cursor.input[start..key_end])
    }

    /// Labels up to and with `}`. `with_name`: a quoted text alone is the metric's name.
    pub(super) fn label_list(&mut self, out: &mut Vec<Span>, with_name: bool) -> Result<(), ParseError> {
        let open = self.cursor.pos - 1;
        let is_text = self.format == Format::PrometheusText;
        let mut after_comma = false;
        loop {
            self.skip_text_blanks();
            // In OpenMetrics 1.0 no comma may stand before the brace.
            if (self.format != Format::OpenMetrics || !after_comma) && self.cursor.eat(b'}') {
                return Ok(());
            }
            let from = self.cursor.pos;
            let (name, mut escaped) = if let Some((name, escaped)) = self.cursor.take_quoted(is_text) {
                self.check_utf8(from, name)?;
                (from + 1..from + 1 + name.len(), escaped)
            } else {
                let name = self.cursor.take_name(false);
                if name.is_empty() {
                    return Err(self.cursor.expected("a label's name", open));
                }
                (from..self.cursor.pos, false)
            };
            let quoted = self.cursor.input[from] == b'"';
            self.skip_text_blanks();
            if quoted && with_name && matches!(self.cursor.peek(), Some(b',' | b'}')) {
                if out.iter().any(|span| span.name.is_none()) {
                    return Err(error_at(
                        self.cursor.input,
                        from,
                        ErrorKind::DuplicateLabel { name: "__name__".to_owned() },
                    ));
                }
                out.push(Span { name: None, value: name, escaped });
                if self.lenient && !is_text && self.cursor.eat_text(b", ") {
                    after_comma = true;
                    continue;
                }
            } else {
                if !self.cursor.eat(b'=') {
                    return Err(self.cursor.expected("`=`", from));
                }
                self.skip_text_blanks();
                let value_at = self.cursor.pos;
                let Some((value, value_escaped)) = self.cursor.take_quoted(is_text) else {
                    return Err(self.cursor.expected("a quoted value", from));
                };
                self.check_utf8(value_at, value)?;
                escaped |= value_escaped;
                out.push(Span { name: Some(name), value: value_at + 1..value_at + 1 + value.len(), escaped });
            }
            self.skip_text_blanks();
            after_comma = self.cursor.eat(b',');
            // The server reads classic labels without a comma between them, too.
            let at_label = self.cursor.peek().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'"'));
            if !after_comma && self.cursor.peek() != Some(b'}') && !(is_text && at_label) {
                return Err(self.cursor.expected("`,` or `}`", open));
            }
        }
    }

    pub(super) fn value(&mut self, start: usize) -> Result<f64, ParseError> {
        if self.format == Format::PrometheusText {
            self.cursor.skip_blanks();
        } else if !self.cursor.eat(b' ') {
            return Err(self.cursor.expected("a blank and a value", start));
        }
        let at = self.cursor.pos;
        let is_text = self.format == Format::PrometheusText;
        let token = self.cursor.take_while(|b| !(matches!(b, b' ' | b'\n') || is_text && b == b'\t'));
        parse_value(token).ok_or_else(|| {
            let after = shorten(self.cursor.input[start..at].trim_ascii());
            let found = if token.is_empty() { show(&self.cursor.input[at..]) } else { format!("`{}`", shorten(token)) };
            error_at(self.cursor.input, at, ErrorKind::BadNumber { after, found })
        })
    }

    /// The rest of a line of the classic format: milliseconds or nothing.
    pub(super) fn text_timestamp(&mut self) -> Result<Option<Timestamp>, ParseError> {
        self.cursor.skip_blanks();
        let at = self.cursor.pos;
        let token = self.cursor.take_while(|b| b.is_ascii_digit());
        let timestamp = if token.is_empty() {
            None
        } else {
            let ms = std::str::from_utf8(token).ok().and_then(|text| text.parse().ok());
            let found = || ErrorKind::BadTimestamp { found: format!("`{}`", shorten(token)) };
            Some(Timestamp(ms.ok_or_else(|| error_at(self.cursor.input, at, found()))?))
        };
        self.cursor.skip_blanks();
        if self.cursor.peek().is_some() && !self.cursor.eat(b'\n') {
            let what = if timestamp.is_some() { "the end of the line" } else { "a time stamp or the end of the line" };
            return Err(self.cursor.expected(what, at));
        }
        Ok(timestamp)
    }

    /// The rest of a line of OpenMetrics: seconds, an exemplar, both or nothing.
    fn openmetrics_tail(&mut self, start: usize) -> Result<Option<Timestamp>, ParseError> {
        let mut timestamp = None;
        if self.cursor.rest().starts_with(b" ") && !self.cursor.rest().starts_with(b" # {") {
            self.cursor.pos += 1;
            timestamp = Some(self.seconds()?);
        }
        if self.cursor.eat_text(b" # {") {
            self.read_exemplar(start)?;
        }
        if self.cursor.peek().is_none() {
            return Err(self.cursor.error(ErrorKind::NoEof));
        }
        if !self.cursor.eat(b'\n') {
            return Err(self.cursor.expected("the end of the line", start));
        }
        Ok(timestamp)
    }

    fn read_exemplar(&mut self, start: usize) -> Result<(), ParseError> {
        let name =
            self.labels.iter().find(|span| span.name.is_none()).map(|span| &self.cursor.input[span.value.clone()]);
        let name = name.unwrap_or(&[]);
        if !self.lenient && !name.ends_with(b"_total") && !name.ends_with(b"_bucket") {
            return Err(self.cursor.error(ErrorKind::ExemplarNotAllowed { metric: shorten(name) }));
        }
        let mut spans = Vec::new();
        self.label_list(&mut spans, false)?;
        let v = self.value(start)?;
        let t = if self.cursor.eat(b' ') { Some(self.seconds()?) } else { None };
        self.exemplar = Some((spans, v, t));
        Ok(())
    }

    /// A time in seconds.
    pub(super) fn seconds(&mut self) -> Result<Timestamp, ParseError> {
        let at = self.cursor.pos;
        let token = self.cursor.take_while(|b| !matches!(b, b' ' | b'\n'));
        match parse_value(token).filter(|v| v.is_finite()) {
            // Towards zero, as Prometheus converts it.
            Some(seconds) => Ok(Timestamp((seconds * 1000.0) as i64)),
            None => {
                let found =
                    if token.is_empty() { show(&self.cursor.input[at..]) } else { format!("`{}`", shorten(token)) };
                Err(error_at(self.cursor.input, at, ErrorKind::BadTimestamp { found }))
            }
        }
    }

    fn skip_text_blanks(&mut self) {
        if self.format == Format::PrometheusText {
            self.cursor.skip_blanks();
        }
    }

    pub(super) fn check_utf8(&self, at: usize, text: &[u8]) -> Result<(), ParseError> {
        if self.valid_utf8 || std::str::from_utf8(text).is_ok() {
            return Ok(());
        }
        let bad = std::str::from_utf8(text).map_or_else(|e| e.valid_up_to(), |_| 0);
        Err(error_at(self.cursor.input, at + 1 + bad, ErrorKind::NotUtf8))
    }
}
