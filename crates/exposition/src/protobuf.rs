//! Prometheus protobuf: a body of `io.prometheus.client.MetricFamily` messages, each behind its length.
//!
//! [`ProtobufParser`] gives the entries that text would, and native histograms, which text does not have. It reads this
//! one message and nothing else of protobuf: 40 fields of numbers, texts and messages. A general crate
//! (`prost`, `quick-protobuf`) would build each family as a tree of vectors first, would bring generated code or a build
//! step, and would still leave spans and suffixes to do; here a series that is known costs a copy of its labels' bytes.

mod metric;
mod native;
mod show;
mod wire;

use crate::error::{ErrorKind, ParseError, shorten};
use crate::parser::Entry;
use metric::Metric;
use model::{Exemplar, Histogram, Labels, LabelsBuilder, METRIC_NAME, MetricKind, Timestamp};
use std::borrow::Cow;
use wire::{Message, Value};

pub(crate) use metric::{Sample, label_number};
pub(crate) use native::Native;
pub use show::protobuf_as_text;

/// A thing that a body says.
#[derive(Clone, Debug, PartialEq)]
pub enum ProtobufEntry<'a> {
    /// Type, help or unit of a family; never a series.
    Metadata(Entry<'a>),
    /// A sample of a float. The parser tells more of it: [`ProtobufParser::key`] and what follows there.
    Float(f64),
    /// A native histogram; its series has the family's name.
    Histogram(Histogram),
}

/// Reads a whole body. A body is good or bad as a whole: after an error nothing more is read.
#[derive(Debug)]
pub struct ProtobufParser<'a> {
    body: Message<'a>,
    family: Option<Family<'a>>,
    metric: Metric<'a>,
    /// How many of the metric's samples were given.
    n_given: usize,
    key: Vec<u8>,
    done: bool,
}

#[derive(Debug)]
struct Family<'a> {
    name: &'a str,
    help: &'a str,
    unit: &'a str,
    kind: MetricKind,
    /// Its fields, metrics among them.
    fields: Message<'a>,
    /// Lines of metadata that were given.
    n_metadata: u8,
}

impl<'a> ProtobufParser<'a> {
    /// A parser of a body.
    #[must_use]
    pub fn new(body: &'a [u8]) -> Self {
        ProtobufParser {
            body: Message::new(body),
            family: None,
            metric: Metric::default(),
            n_given: 0,
            key: Vec::new(),
            done: false,
        }
    }

    /// The next entry, or `None` at the end.
    ///
    /// # Errors
    /// At the first thing that a Prometheus server would not accept. The line is 1, the column counts bytes.
    pub fn next_entry(&mut self) -> Result<Option<ProtobufEntry<'a>>, ParseError> {
        if self.done {
            return Ok(None);
        }
        let entry = self.advance();
        self.done = !matches!(entry, Ok(Some(_)));
        entry
    }

    fn advance(&mut self) -> Result<Option<ProtobufEntry<'a>>, ParseError> {
        loop {
            if let Some(family) = &mut self.family
                && let Some(entry) = family.metadata()
            {
                return Ok(Some(ProtobufEntry::Metadata(entry)));
            }
            if self.n_given < self.metric.samples.len() {
                self.n_given += 1;
                self.write_key();
                return Ok(self.sample().map(|sample| ProtobufEntry::Float(sample.v)));
            }
            if self.family.is_some() && self.next_metric()? {
                if let Some(histogram) = self.metric.histogram.take() {
                    self.write_key();
                    return Ok(Some(ProtobufEntry::Histogram(histogram)));
                }
                continue;
            }
            if self.body.is_empty() {
                return Ok(None);
            }
            let message = self.body.delimited()?;
            self.family = Family::read(message)?;
        }
    }

    fn next_metric(&mut self) -> Result<bool, ParseError> {
        self.metric = Metric::default();
        self.n_given = 0;
        let Some(family) = &mut self.family else { return Ok(false) };
        while let Some((number, value)) = family.fields.field()? {
            if let (4, Value::Bytes(message)) = (number, value) {
                self.metric = Metric::read(message, family.kind)?;
                return Ok(true);
            }
        }
        self.family = None;
        Ok(false)
    }

    fn sample(&self) -> Option<&metric::Sample> {
        self.metric.samples.get(self.n_given.checked_sub(1)?)
    }

    fn name(&self) -> (&'a str, &'static str) {
        (self.family.as_ref().map_or("", |family| family.name), self.sample().map_or("", |sample| sample.suffix))
    }

    /// Name, labels as they are encoded, and the label that tells the samples of a metric apart. Lengths stand in it, so
    /// that no two series have one key.
    fn write_key(&mut self) {
        let (name, suffix) = self.name();
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        // A key of text never begins with this byte: a target may change its format.
        key.push(0xff);
        let part = |key: &mut Vec<u8>, bytes: &[u8]| {
            key.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            key.extend_from_slice(bytes);
        };
        part(&mut key, name.as_bytes());
        part(&mut key, suffix.as_bytes());
        if let Some((name, value)) = self.sample().and_then(|sample| sample.label.as_ref()) {
            part(&mut key, name.as_bytes());
            part(&mut key, value.as_bytes());
        }
        key.push(u8::from(self.sample().is_none()));
        for label in &self.metric.labels {
            part(&mut key, label.bytes());
        }
        self.key = key;
    }

    /// Bytes that are the same for the same series: name and labels as they are encoded.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The explicit time of the sample that was read last, if there is one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.metric.timestamp
    }

    /// When the metric began to count, if it says so.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        self.metric.start
    }

    /// The exemplars of the sample that was read last: one at most of a float, some of a native histogram.
    #[must_use]
    pub fn exemplars(&self) -> &[Exemplar] {
        match self.sample() {
            Some(sample) => sample.exemplar.as_slice(),
            None => &self.metric.exemplars,
        }
    }

    /// The labels of the sample that was read last, its name among them.
    ///
    /// # Errors
    /// If a label stands twice, has no name, or is not UTF-8.
    pub fn labels(&self) -> Result<Labels, ParseError> {
        let mut builder = LabelsBuilder::new();
        self.labels_into(&mut builder)?;
        Ok(builder.labels())
    }

    /// Makes a builder hold the labels of the sample that was read last, and nothing else.
    ///
    /// # Errors
    /// If a label stands twice, has no name, or is not UTF-8.
    pub fn labels_into(&self, builder: &mut LabelsBuilder) -> Result<(), ParseError> {
        builder.clear();
        let (name, suffix) = self.name();
        builder.push_new(METRIC_NAME, &format!("{name}{suffix}"));
        let mut names = vec![METRIC_NAME];
        if let Some((name, value)) = self.sample().and_then(|sample| sample.label.as_ref()) {
            builder.push_new(name, value);
            names.push(name);
        }
        for &label in &self.metric.labels {
            let (name, value) = metric::pair(label)?;
            if name.is_empty() {
                return Err(label.error(ErrorKind::BadProtobuf { what: "a label has no name" }));
            }
            builder.push_new(name, value);
            names.push(name);
        }
        model::sort::by(&mut names, Ord::cmp);
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => {
                let place = self.metric.labels.first().copied().unwrap_or(self.body);
                Err(place.error(ErrorKind::DuplicateLabel { name: pair[0].to_owned() }))
            }
            None => Ok(()),
        }
    }

    /// Whether the sample that was read last names a label, be its value empty or not.
    #[must_use]
    pub fn names_label(&self, name: &str) -> bool {
        let own = self.sample().and_then(|sample| sample.label.as_ref()).is_some_and(|label| label.0 == name);
        own || self.metric.labels.iter().any(|label| metric::pair(*label).is_ok_and(|pair| pair.0 == name))
    }
}

impl<'a> Family<'a> {
    /// A family; none if it has no metrics, as nothing is said of it then.
    fn read(message: Message<'a>) -> Result<Option<Family<'a>>, ParseError> {
        let mut family =
            Family { name: "", help: "", unit: "", kind: MetricKind::Counter, fields: message, n_metadata: 0 };
        let mut fields = message;
        let mut n_metrics = 0;
        while let Some((number, value)) = fields.field()? {
            match (number, value) {
                (1, Value::Bytes(text)) => family.name = text.text()?,
                (2, Value::Bytes(text)) => family.help = text.text()?,
                (3, Value::Varint(kind)) => family.kind = kind_of(kind, &message)?,
                (4, Value::Bytes(_)) => n_metrics += 1,
                (5, Value::Bytes(text)) => family.unit = text.text()?,
                _ => {}
            }
        }
        if n_metrics == 0 {
            return Ok(None);
        }
        if family.name.is_empty() {
            return Err(message.error(ErrorKind::NoMetricName));
        }
        let base = if family.kind == MetricKind::Counter {
            family.name.strip_suffix("_total").unwrap_or(family.name)
        } else {
            family.name
        };
        let fits = base.strip_suffix(family.unit).is_some_and(|head| head.ends_with('_'));
        if !family.unit.is_empty() && !fits {
            let (unit, metric) = (shorten(family.unit.as_bytes()), family.name.to_owned());
            return Err(message.error(ErrorKind::UnitNotSuffix { unit, metric }));
        }
        Ok(Some(family))
    }

    fn metadata(&mut self) -> Option<Entry<'a>> {
        let name = Cow::Borrowed(self.name);
        self.n_metadata = self.n_metadata.saturating_add(1);
        match self.n_metadata {
            1 => Some(Entry::Help { name, text: Cow::Borrowed(self.help) }),
            2 if !self.unit.is_empty() => Some(Entry::Unit { name, unit: Cow::Borrowed(self.unit) }),
            2 => self.metadata(),
            3 => Some(Entry::Type { name, kind: self.kind }),
            _ => None,
        }
    }
}

fn kind_of(kind: u64, message: &Message<'_>) -> Result<MetricKind, ParseError> {
    Ok(match kind {
        0 => MetricKind::Counter,
        1 => MetricKind::Gauge,
        2 => MetricKind::Summary,
        3 => MetricKind::Unknown,
        4 => MetricKind::Histogram,
        5 => MetricKind::GaugeHistogram,
        _ => return Err(message.error(ErrorKind::UnknownType { found: format!("`{kind}`") })),
    })
}

#[cfg(test)]
mod tests;
