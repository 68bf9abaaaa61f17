//! One side of a difference: all series of a moment with their values, sorted, and what is said of their families.

use crate::family::described;
use exposition::{Entry, Format, ParseError, Parser, ProtobufEntry, RichParser};
use model::{Histogram, Labels, MetricFamily};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
}

/// All series of a moment.
///
/// Invariant: they are sorted by labels, none is there twice.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(super) series: Vec<(Labels, Value)>,
    pub(super) families: BTreeMap<String, MetricFamily>,
}

impl Snapshot {
    /// Of series in any order; of two with the same labels the first counts, as in a scrape.
    #[must_use]
    pub fn new(mut series: Vec<(Labels, Value)>, families: BTreeMap<String, MetricFamily>) -> Self {
        model::sort::by(&mut series, |a, b| a.0.cmp(&b.0));
        series.dedup_by(|later, kept| later.0 == kept.0);
        Snapshot { series, families }
    }

    /// Of a body, with the labels that it exposes. Times of its samples do not count.
    ///
    /// # Errors
    /// If it is none of its format.
    pub fn read(body: &[u8], format: Format) -> Result<Self, ParseError> {
        let (mut series, mut metadata) = (Vec::new(), Vec::new());
        if let Some(mut parser) = RichParser::new(body, format) {
            while let Some(entry) = parser.next_entry()? {
                let value = match entry {
                    ProtobufEntry::Metadata(entry) => {
                        metadata.push(entry);
                        continue;
                    }
                    ProtobufEntry::Float(v) => Value::Float(v),
                    ProtobufEntry::Histogram(histogram) => Value::Histogram(Arc::new(histogram)),
                };
                series.push((parser.labels()?, value));
            }
        } else {
            let mut parser = Parser::new(body, format);
            while let Some(entry) = parser.next_entry()? {
                match entry {
                    Entry::Series(one) => series.push((parser.labels()?, Value::Float(one.value))),
                    entry => metadata.push(entry),
                }
            }
        }
        let families = described(&metadata).into_iter().map(|(name, family)| (name.to_owned(), family)).collect();
        Ok(Snapshot::new(series, families))
    }

    /// How many series it has.
    #[must_use]
    pub fn n_series(&self) -> usize {
        self.series.len()
    }
}
