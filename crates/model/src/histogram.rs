//! Native histograms: observations counted in buckets whose bounds follow from a schema.
//!
//! All counts are floats, as they are once a query has touched them. Buckets are kept sparse: index and
//! count, sorted by index, whatever spans the exporter wrote. What one can do with a histogram lies in the modules below.

use std::sync::Arc;

/// The schema of histograms with bounds of their own ("custom buckets", what a classic histogram becomes).
pub const CUSTOM_BUCKETS_SCHEMA: i8 = -53;

/// What is known about the counter reset between a histogram and the one before it in its series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CounterResetHint {
    /// Nothing: whoever wants to know must compare.
    #[default]
    Unknown,
    /// There was a reset.
    Reset,
    /// There was none.
    NotReset,
    /// It is a gauge histogram, which may go down.
    Gauge,
}

/// One bucket: its index in the schema and how many observations it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// With a standard schema the bucket reaches up to `2^(index * 2^-schema)`; with custom bounds it is the
    /// position of the upper bound, the last one being +Inf.
    pub idx: i32,
    /// Observations, not cumulative.
    pub count: f64,
}

/// A native histogram with float counts.
///
/// Invariant: buckets are sorted by index, none occurs twice. Buckets without observations may be there; they mean nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// What is known about a reset since the histogram before it.
    pub counter_reset_hint: CounterResetHint,
    /// -4 to 8 (bounds grow by the factor `2^(2^-schema)`), or [`CUSTOM_BUCKETS_SCHEMA`].
    pub schema: i8,
    /// Observations whose absolute value is at most this are in the zero bucket.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations.
    pub count: f64,
    /// The sum of all observations. A staleness marker here makes the histogram one.
    pub sum: f64,
    /// Buckets of positive observations; with custom bounds all buckets.
    pub positive: Vec<Bucket>,
    /// Buckets of negative observations by the index of their absolute bounds; empty with custom bounds.
    pub negative: Vec<Bucket>,
    /// Upper bounds of custom buckets, increasing, +Inf implied; empty with a standard schema.
    pub custom_values: Arc<[f64]>,
}

impl Default for Histogram {
    /// The empty histogram of schema 0.
    fn default() -> Self {
        Histogram {
            counter_reset_hint: CounterResetHint::Unknown,
            schema: 0,
            zero_threshold: 0.0,
            zero_count: 0.0,
            count: 0.0,
            sum: 0.0,
            positive: Vec::new(),
            negative: Vec::new(),
            custom_values: Arc::from([]),
        }
    }
}

impl Histogram {
    /// Whether it has bounds of its own.
    #[must_use]
    pub fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// Whether it is a staleness marker.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        crate::is_stale(self.sum)
    }

    /// Whether both hold the same observations in the same layout.
    #[must_use]
    pub fn equals(&self, other: &Histogram) -> bool {
        self == other
    }

    /// Whether the counter behind it was reset since `previous`.
    #[must_use]
    pub fn detect_reset(&self, previous: &Histogram) -> bool {
        self.count < previous.count
    }
}
