//! Bodies of metrics to entries: pull parsers that borrow from the bytes they read.
//!
//! [`Format`] says which format it is. Of the two of text, [`Parser`] gives one [`Entry`] after the other, and
//! a [`ParseError`] says line, column and what was expected. It accepts what a Prometheus server accepts: the
//! classic text format 0.0.4 and OpenMetrics 1.0, with quoted UTF-8 names as Prometheus 3 takes them. [`ProtobufParser`] gives
//! the same entries of Prometheus protobuf, and native histograms; [`OpenMetrics2Parser`] those of OpenMetrics 2.0;
//! [`RichParser`] is whichever of the two a body needs.
//!
//! ```
//! use exposition::{Entry, Format, Parser};
//! let mut parser = Parser::new(b"# TYPE up gauge\nup{job=\"x\"} 1\n", Format::PrometheusText);
//! assert!(matches!(parser.next_entry(), Ok(Some(Entry::Type { .. }))));
//! let Ok(Some(Entry::Series(series))) = parser.next_entry() else { panic!() };
//! assert_eq!((series.key, series.value), (&b"up{job=\"x\"}"[..], 1.0));
//! assert_eq!(parser.labels()?.to_string(), "up{job=\"x\"}");
//! # Ok::<(), exposition::ParseError>(())
//! ```
//!
//! It does not judge what a scrape means: families, order and histogram rules are those of [`lint`], which says of each
//! rule that a text breaks where and how. [`writer`] goes the other way, from samples to text.
#![forbid(unsafe_code)]

mod cursor;
mod error;
mod format;
mod lint;
mod parser;
mod protobuf;
mod rich;
mod value;
pub mod writer;

pub use error::{ErrorKind, ParseError};
pub use format::{Format, accept};
pub use lint::{MAX_VIOLATIONS, Rule, Severity, Violation, lint};
pub use parser::{Entry, OpenMetrics2Parser, Parser, Paused, Series};
pub use protobuf::{ProtobufEntry, ProtobufParser, protobuf_as_text};
pub use rich::RichParser;

/// How many samples a body has.
///
/// # Errors
/// If it is not one of its format.
pub fn count_samples(body: &[u8], format: Format) -> Result<usize, ParseError> {
    let mut n_samples = 0;
    if let Some(mut parser) = RichParser::new(body, format) {
        while let Some(entry) = parser.next_entry()? {
            n_samples += usize::from(!matches!(entry, ProtobufEntry::Metadata(_)));
        }
    } else {
        let mut parser = Parser::new(body, format);
        while let Some(entry) = parser.next_entry()? {
            n_samples += usize::from(matches!(entry, Entry::Series(_)));
        }
    }
    Ok(n_samples)
}
