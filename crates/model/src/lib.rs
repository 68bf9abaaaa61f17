//! The vocabulary of metrics, one type each: every other crate speaks in these words.
//!
//! In reading order: what identifies a series ([`Labels`], [`Matcher`]), what it holds ([`Sample`], [`STALE_NAN`],
//! [`Histogram`]), what a query gives ([`Matrix`]), when ([`Timestamp`], [`Millis`], [`TimeRange`]), how times and numbers
//! are written ([`duration`], [`number`]), what a server is called ([`authority`]), what a misspelt name may mean
//! ([`near`]), where a text may be cut ([`cluster`]), and what is known about a family of series ([`MetricFamily`]).
//!
//! ```
//! use model::{Labels, METRIC_NAME};
//! let labels = Labels::from_pairs([("job", "docker"), (METRIC_NAME, "up")]);
//! assert_eq!(labels.get("job"), Some("docker"));
//! assert_eq!(labels.to_string(), r#"up{job="docker"}"#);
//! ```
//!
//! The crate knows no clock, no input and output, no format of a scrape and no query.
#![forbid(unsafe_code)]

pub mod authority;
pub mod civil;
pub mod cluster;
pub mod duration;
mod grid;
pub mod histogram;
mod labels;
mod matcher;
mod matrix;
mod metadata;
pub mod near;
pub mod number;
mod sample;
pub mod sort;
mod time;

pub use grid::StepGrid;
pub use histogram::{Bucket, CUSTOM_BUCKETS_SCHEMA, CounterResetHint, Histogram, HistogramError};
pub use labels::{
    INSTANCE, JOB, LE, Labels, LabelsBuilder, LabelsText, METRIC_NAME, QUANTILE, is_legacy_label_name,
    is_legacy_metric_name, quote,
};
pub use matcher::{MatchOp, Matcher};
pub use matrix::{Histograms, Matrix, MatrixSeries, Point};
pub use metadata::{Exemplar, MetricFamily, MetricKind};
pub use sample::{STALE_NAN, STALE_NAN_BITS, Sample, is_stale};
pub use time::{Millis, TimeRange, Timestamp};
