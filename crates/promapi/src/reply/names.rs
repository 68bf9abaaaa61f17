//! What exists: names of labels and their values, series, types and help of metrics, exemplars.

use super::common::{number, or_default};
use model::{Labels, LabelsBuilder, MetricFamily, MetricKind, Timestamp};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;

/// Names of labels, as the server sorts them.
pub type LabelNames = Vec<String>;
/// Values of a label, as the server sorts them.
pub type LabelValues = Vec<String>;

/// Label sets of series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesList(pub Vec<Labels>);

impl<'de> Deserialize<'de> for SeriesList {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let list = Option::<Vec<ReadLabels>>::deserialize(from)?.unwrap_or_default();
        Ok(SeriesList(list.into_iter().map(|labels| labels.0).collect()))
    }
}

/// Labels as an object of texts.
#[derive(Default)]
struct ReadLabels(Labels);

impl<'de> Deserialize<'de> for ReadLabels {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = ReadLabels;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReadLabels, A::Error> {
                let mut builder = LabelsBuilder::new();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    builder.set(&name, &value);
                }
                Ok(ReadLabels(builder.labels()))
            }
        }
        from.deserialize_map(Read)
    }
}

/// What is known of metrics, by their names. Targets may differ in what they say of one metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Metadata(pub BTreeMap<String, Vec<MetadataEntry>>);

/// What one or more targets say of a metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MetadataEntry {
    /// `counter`, `gauge` …
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// The help text.
    #[serde(deserialize_with = "or_default")]
    pub help: String,
    /// The unit, mostly empty.
    #[serde(deserialize_with = "or_default")]
    pub unit: String,
}

impl Metadata {
    /// What is said first of each metric, sorted by name.
    pub fn families(&self) -> impl Iterator<Item = MetricFamily> + '_ {
        self.0.iter().filter_map(|(name, entries)| {
            let MetadataEntry { kind, help, unit } = entries.first()?;
            let kind = MetricKind::ALL.into_iter().find(|of| of.as_str() == kind.as_str()).unwrap_or_default();
            Some(MetricFamily { name: name.clone(), kind, help: help.clone(), unit: unit.clone() })
        })
    }
}

/// Exemplars of series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exemplars(pub Vec<ExemplarSeries>);

/// Exemplars of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarSeries {
    /// The series' labels.
    pub labels: Labels,
    /// In the order of time.
    pub exemplars: Vec<ExemplarOf>,
}

/// An exemplar.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarOf {
    /// Its own labels, such as `trace_id`.
    pub labels: Labels,
    /// The observed value.
    pub v: f64,
    /// When.
    pub t: Timestamp,
}

impl<'de> Deserialize<'de> for Exemplars {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Series {
            #[serde(default)]
            series_labels: ReadLabels,
            #[serde(default)]
            exemplars: Vec<One>,
        }
        #[derive(Deserialize)]
        struct One {
            #[serde(default)]
            labels: ReadLabels,
            #[serde(deserialize_with = "number")]
            value: f64,
            #[serde(deserialize_with = "number")]
            timestamp: f64,
        }
        let list = Option::<Vec<Series>>::deserialize(from)?.unwrap_or_default();
        let exemplar =
            |one: One| ExemplarOf { labels: one.labels.0, v: one.value, t: Timestamp::from_secs_f64(one.timestamp) };
        let series = list.into_iter().map(|series| ExemplarSeries {
            labels: series.series_labels.0,
            exemplars: series.exemplars.into_iter().map(exemplar).collect(),
        });
        Ok(Exemplars(series.collect()))
    }
}
