//! One reader for the formats that have native histograms and start times: protobuf and OpenMetrics 2.0.

use crate::error::ParseError;
use crate::format::Format;
use crate::parser::OpenMetrics2Parser;
use crate::protobuf::{ProtobufEntry, ProtobufParser};
use model::{Exemplar, Labels, LabelsBuilder, Timestamp};

/// The parser of a body that has more to say than classic text and OpenMetrics 1.0.
#[derive(Debug)]
pub enum RichParser<'a> {
    /// Of Prometheus protobuf.
    Protobuf(ProtobufParser<'a>),
    /// Of OpenMetrics 2.0.
    OpenMetrics2(OpenMetrics2Parser<'a>),
}

/// Asks whichever parser it is.
macro_rules! either {
    ($self:ident, $parser:ident => $answer:expr) => {
        match $self {
            RichParser::Protobuf($parser) => $answer,
            RichParser::OpenMetrics2($parser) => $answer,
        }
    };
}

impl<'a> RichParser<'a> {
    /// A parser of a body; `None` if [`crate::Parser`] reads its format.
    #[must_use]
    pub fn new(body: &'a [u8], format: Format) -> Option<Self> {
        match format {
            Format::Protobuf => Some(RichParser::Protobuf(ProtobufParser::new(body))),
            Format::OpenMetrics2 => Some(RichParser::OpenMetrics2(OpenMetrics2Parser::new(body))),
            Format::PrometheusText | Format::OpenMetrics => None,
        }
    }

    /// The next entry, or `None` at the end.
    ///
    /// # Errors
    /// At the first thing that a Prometheus server would not accept.
    pub fn next_entry(&mut self) -> Result<Option<ProtobufEntry<'a>>, ParseError> {
        either!(self, parser => parser.next_entry())
    }

    /// Bytes that are the same for the same series.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        either!(self, parser => parser.key())
    }

    /// The explicit time of the sample that was read last, if there is one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        either!(self, parser => parser.timestamp())
    }

    /// When the metric began to count, if it says so.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        either!(self, parser => parser.start())
    }

    /// The exemplars of the sample that was read last.
    #[must_use]
    pub fn exemplars(&self) -> &[Exemplar] {
        either!(self, parser => parser.exemplars())
    }

    /// The labels of the sample that was read last, its name among them.
    ///
    /// # Errors
    /// If a label stands twice or is none.
    pub fn labels(&self) -> Result<Labels, ParseError> {
        let mut builder = LabelsBuilder::new();
        self.labels_into(&mut builder)?;
        Ok(builder.labels())
    }

    /// Makes a builder hold the labels of the sample that was read last, and nothing else.
    ///
    /// # Errors
    /// If a label stands twice or is none.
    pub fn labels_into(&self, builder: &mut LabelsBuilder) -> Result<(), ParseError> {
        either!(self, parser => parser.labels_into(builder))
    }

    /// Whether the sample that was read last names a label, be its value empty or not.
    #[must_use]
    pub fn names_label(&self, name: &str) -> bool {
        either!(self, parser => parser.names_label(name))
    }
}
