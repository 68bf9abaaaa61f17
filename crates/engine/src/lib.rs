//! Evaluates PromQL over the store, one column of values a series.
//!
//! [`evaluate`] takes an expression and a grid of times; an instant query is a grid of one. Every node
//! gives whole columns ([`Column`](value::Column)): output labels, groups and join tables are made before the first
//! value, and inner loops run over slices. The answers are those of Prometheus 3: left-open ranges,
//! staleness markers, names dropped at the end of the query.
//!
//! The engine reads no clock: it asks [`Options::interrupted`] whether to go on.
#![forbid(unsafe_code)]

mod aggregate;
mod annotations;
mod binary;
mod durations;
mod eval;
mod functions;
mod kahan;
mod keys;
mod limits;
mod query;
mod read;
mod selector;
mod value;
mod window;

pub use annotations::{Annotation, Annotations};
pub use limits::{EvalError, EvalErrorKind, Interrupt, Limits, Options};
pub use model::{Histograms, Matrix, MatrixSeries, Point};
pub use query::{QueryOutput, Stats, evaluate};
pub use value::{RawSeries, Value};
