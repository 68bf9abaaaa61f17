//! OpenMetrics 2.0: start times in the line of their sample, histograms and summaries as one value with fields, several
//! exemplars a sample.
//!
//! A histogram or summary that is not native is given as the series that OpenMetrics 1.0 has of it, so that it is the same
//! one whatever format its target sends. What is accepted is what a Prometheus server with this experiment accepts.

use super::composite::Composite;
use super::{Entry, Parser};
use crate::cursor::error_at;
use crate::error::{ErrorKind, ParseError};
use crate::format::Format;
use crate::protobuf::{ProtobufEntry, Sample};
use model::{Exemplar, LE, Labels, LabelsBuilder, METRIC_NAME, MetricKind, Timestamp};
use std::borrow::Cow;

/// Reads a whole body. A body is good or bad as a whole: after an error nothing more is read.
#[derive(Debug)]
pub struct OpenMetrics2Parser<'a> {
    text: Parser<'a>,
    family: Family<'a>,
    /// Of a composite value.
    samples: Vec<Sample>,
    /// How many of them were given.
    n_given: usize,
    timestamp: Option<Timestamp>,
    start: Option<Timestamp>,
    /// Those of a plain number or a native histogram.
    exemplars: Vec<Exemplar>,
    /// Name and labels as they stand in the text.
    series: &'a [u8],
    /// A key of what a composite value was taken apart into.
    key: Vec<u8>,
    is_part: bool,
}

/// What the lines so far said of the family that they are at.
#[derive(Debug, Default)]
struct Family<'a> {
    name: Cow<'a, str>,
    kind: MetricKind,
    has_unit: bool,
}

impl<'a> OpenMetrics2Parser<'a> {
    /// A parser of a body.
    #[must_use]
    pub fn new(input: &'a [u8]) -> Self {
        OpenMetrics2Parser {
            text: Parser::new(input, Format::OpenMetrics2),
            family: Family::default(),
            samples: Vec::new(),
            n_given: 0,
            timestamp: None,
            start: None,
            exemplars: Vec::new(),
            series: &[],
            key: Vec::new(),
            is_part: false,
        }
    }

    /// The next entry, or `None` at the end.
    ///
    /// # Errors
    /// At the first thing that a Prometheus server would not accept.
    pub fn next_entry(&mut self) -> Result<Option<ProtobufEntry<'a>>, ParseError> {
        if self.text.done {
            return Ok(None);
        }
        if self.text.cursor.pos == 0
            && let Some(kind) = super::other_document(self.text.cursor.input)
        {
            self.text.done = true;
            return Err(self.text.cursor.error(kind));
        }
        let entry = self.advance();
        self.text.done = !matches!(entry, Ok(Some(_)));
        entry
    }

    /// Goes on behind the line that could not be read.
    pub(crate) fn skip_line(&mut self) {
        self.samples.clear();
        self.n_given = 0;
        self.text.skip_line();
    }

    fn advance(&mut self) -> Result<Option<ProtobufEntry<'a>>, ParseError> {
        if let Some(sample) = self.samples.get(self.n_given) {
            let v = sample.v;
            self.n_given += 1;
            self.write_key();
            return Ok(Some(ProtobufEntry::Float(v)));
        }
        self.samples.clear();
        self.n_given = 0;
        self.exemplars.clear();
        (self.timestamp, self.start, self.is_part) = (None, None, false);
        match self.text.cursor.peek() {
            None => Err(self.text.cursor.error(ErrorKind::NoEof)),
            Some(b'#') => match self.text.openmetrics_comment()? {
                None => Ok(None),
                Some(entry) => self.metadata(entry).map(|entry| Some(ProtobufEntry::Metadata(entry))),
            },
            Some(_) => self.sample().map(Some),
        }
    }

    fn metadata(&mut self, entry: Entry<'a>) -> Result<Entry<'a>, ParseError> {
        let start = self.text.entry_start;
        let (Entry::Type { name, .. } | Entry::Help { name, .. } | Entry::Unit { name, .. }) = &entry else {
            return Ok(entry);
        };
        self.enter(name.clone(), start)?;
        match &entry {
            Entry::Type { kind, .. } => {
                if *kind == MetricKind::Info && !self.family.name.ends_with("_info") {
                    return Err(self.bad("the name of an info ends with `_info`"));
                }
                self.family.kind = *kind;
            }
            Entry::Unit { unit, .. } => self.family.has_unit = !unit.is_empty(),
            _ => {}
        }
        if self.family.has_unit && matches!(self.family.kind, MetricKind::Info | MetricKind::StateSet) {
            return Err(self.bad("an info or a stateset has no unit"));
        }
        Ok(entry)
    }

    /// Another name is another family, of which nothing is known yet.
    fn enter(&mut self, name: Cow<'a, str>, pos: usize) -> Result<(), ParseError> {
        if name.is_empty() {
            return Err(error_at(self.text.cursor.input, pos, ErrorKind::NoMetricName));
        }
        if name != self.family.name {
            self.family = Family { name, ..Family::default() };
        }
        Ok(())
    }

    fn bad(&self, why: &str) -> ParseError {
        error_at(self.text.cursor.input, self.text.entry_start, ErrorKind::BadSample { why: why.to_owned() })
    }

    fn sample(&mut self) -> Result<ProtobufEntry<'a>, ParseError> {
        let start = self.text.cursor.pos;
        self.series = self.text.series_key()?;
        let Some(name) = self.text.labels.first().filter(|span| span.name.is_none()) else {
            return Err(self.bad("the metric's name is the first in the braces"));
        };
        let name = self.text.text(&name.value, name.escaped);
        self.enter(name, start)?;
        let kind = self.family.kind;
        let is_composite = self.text.cursor.rest().starts_with(b" {");
        if !is_composite {
            if matches!(kind, MetricKind::Histogram | MetricKind::GaugeHistogram | MetricKind::Summary) {
                return Err(self.bad(&format!("the value of a {} has fields: {{count:…,sum:…,…}}", kind.as_str())));
            }
            let v = self.text.value(start)?;
            self.check_number(v)?;
            self.tail(start)?;
            return Ok(ProtobufEntry::Float(v));
        }
        self.text.cursor.pos += 1;
        let composite = self.text.composite(kind, start)?;
        self.tail(start)?;
        match composite {
            Composite::Native(histogram) => Ok(ProtobufEntry::Histogram(*histogram)),
            Composite::Samples(mut samples) => {
                share(std::mem::take(&mut self.exemplars), &mut samples);
                self.samples = samples;
                self.is_part = true;
                self.n_given = 1;
                self.write_key();
                Ok(ProtobufEntry::Float(self.samples.first().map_or(0.0, |sample| sample.v)))
            }
        }
    }

    fn check_number(&self, v: f64) -> Result<(), ParseError> {
        match self.family.kind {
            MetricKind::Counter if v.is_nan() => Err(self.bad("the value of a counter is a number")),
            MetricKind::Info if v != 1.0 => Err(self.bad("the value of an info is 1")),
            MetricKind::StateSet if v != 0.0 && v != 1.0 => Err(self.bad("the value of a state is 0 or 1")),
            MetricKind::StateSet if !self.text.names_label(&self.family.name) => {
                Err(self.bad(&format!("a state stands in a label `{}`", self.family.name)))
            }
            _ => Ok(()),
        }
    }

    /// The rest of a line: a time, a start time, exemplars, each of them or none.
    fn tail(&mut self, start: usize) -> Result<(), ParseError> {
        let text = &mut self.text;
        if text.cursor.rest().starts_with(b" ") && !text.cursor.rest().starts_with(b" # {") {
            if !text.cursor.rest().starts_with(b" st@") {
                text.cursor.pos += 1;
                self.timestamp = Some(text.seconds()?);
            }
            if text.cursor.eat_text(b" st@") {
                self.start = Some(text.seconds()?).filter(|start| start.0 != 0);
            }
        }
        while text.cursor.eat_text(b" # {") {
            let mut spans = Vec::new();
            text.label_list(&mut spans, false)?;
            let v = text.value(start)?;
            if !text.cursor.eat(b' ') {
                return Err(text.cursor.expected("a blank and the time of the exemplar", start));
            }
            let t = Some(text.seconds()?);
            let labels = spans.iter().map(|span| (text.name_of(span), text.text(&span.value, span.escaped)));
            self.exemplars.push(Exemplar { labels: Labels::from_pairs(labels), v, t });
        }
        if text.cursor.peek().is_none() {
            return Err(text.cursor.error(ErrorKind::NoEof));
        }
        if !text.cursor.eat(b'\n') {
            return Err(text.cursor.expected("the end of the line", start));
        }
        Ok(())
    }

    fn part(&self) -> Option<&Sample> {
        self.samples.get(self.n_given.checked_sub(1)?).filter(|_| self.is_part)
    }

    fn write_key(&mut self) {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        if let Some(part) = self.part() {
            // No text begins with this byte, and none holds the one that parts these.
            key.push(0xfe);
            key.extend_from_slice(self.series);
            for text in [part.suffix, part.label.as_ref().map_or("", |label| &label.1)] {
                key.push(0xff);
                key.extend_from_slice(text.as_bytes());
            }
        }
        self.key = key;
    }

    /// Bytes that are the same for the same series.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        if self.is_part { &self.key } else { self.series }
    }

    /// The explicit time of the sample that was read last, if there is one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// When the metric began to count, if it says so.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// The exemplars of the sample that was read last.
    #[must_use]
    pub fn exemplars(&self) -> &[Exemplar] {
        match self.part() {
            Some(part) => part.exemplar.as_slice(),
            None => &self.exemplars,
        }
    }

    /// Makes a builder hold the labels of the sample that was read last, and nothing else.
    ///
    /// # Errors
    /// If a label stands twice.
    pub fn labels_into(&self, builder: &mut LabelsBuilder) -> Result<(), ParseError> {
        self.text.labels_into(builder)?;
        let Some(part) = self.part() else { return Ok(()) };
        builder.set(METRIC_NAME, &format!("{}{}", self.family.name, part.suffix));
        if let Some((name, value)) = &part.label {
            if self.text.names_label(name) {
                let kind = ErrorKind::DuplicateLabel { name: (*name).to_owned() };
                return Err(error_at(self.text.cursor.input, self.text.entry_start, kind));
            }
            builder.set(name, value);
        }
        Ok(())
    }

    /// Whether the sample that was read last names a label, be its value empty or not.
    #[must_use]
    pub fn names_label(&self, name: &str) -> bool {
        let own = self.part().and_then(|part| part.label.as_ref()).is_some_and(|label| label.0 == name);
        own || self.text.names_label(name)
    }
}

/// Gives each exemplar to the bucket in which it lies: there OpenMetrics 1.0 has it. Of two in one bucket the last one
/// counts.
fn share(exemplars: Vec<Exemplar>, samples: &mut [Sample]) {
    for exemplar in exemplars {
        let bucket = samples.iter_mut().find(|sample| {
            let le =
                sample.label.as_ref().filter(|label| label.0 == LE).and_then(|label| model::number::parse(&label.1));
            le.is_some_and(|le| exemplar.v <= le)
        });
        if let Some(sample) = bucket {
            sample.exemplar = Some(exemplar);
        }
    }
}

#[cfg(test)]
mod tests;
