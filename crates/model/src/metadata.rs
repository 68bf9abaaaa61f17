//! What an exporter says about its metrics besides numbers.

use crate::labels::Labels;
use crate::time::Timestamp;

/// The kind of a metric, as `# TYPE` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MetricKind {
    /// Only goes up, but for resets.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Buckets, count and sum of observations.
    Histogram,
    /// Buckets of what is there now.
    GaugeHistogram,
    /// Quantiles, count and sum of observations.
    Summary,
    /// Labels that describe something; the value is 1.
    Info,
    /// One series a state; 1 for the states that hold.
    StateSet,
    /// Not said (`unknown` in OpenMetrics, `untyped` in the classic format).
    #[default]
    Unknown,
}

impl MetricKind {
    /// All of them. The log on disk names a kind by its place here: add at the end.
    pub const ALL: [MetricKind; 8] = [
        MetricKind::Unknown,
        MetricKind::Counter,
        MetricKind::Gauge,
        MetricKind::Histogram,
        MetricKind::GaugeHistogram,
        MetricKind::Summary,
        MetricKind::Info,
        MetricKind::StateSet,
    ];

    /// The word of OpenMetrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
            MetricKind::GaugeHistogram => "gaugehistogram",
            MetricKind::Summary => "summary",
            MetricKind::Info => "info",
            MetricKind::StateSet => "stateset",
            MetricKind::Unknown => "unknown",
        }
    }
}

/// What is known of all series of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricFamily {
    /// The family's name: without `_bucket`, `_sum` and `_count` for histograms and summaries.
    pub name: String,
    /// Its kind.
    pub kind: MetricKind,
    /// The help text, unescaped; empty if there is none.
    pub help: String,
    /// The unit (`seconds`); empty if there is none.
    pub unit: String,
}

/// An example observation that an exporter attached to a sample, such as a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// Labels of the example (`trace_id`).
    pub labels: Labels,
    /// The observed value.
    pub v: f64,
    /// When it was observed, if the exporter said so.
    pub t: Option<Timestamp>,
}
