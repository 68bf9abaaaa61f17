//! The store: samples in, selections out. Everything is in memory; time comes in as arguments.
//!
//! [`Head`] owns the series. [`Head::append_ref`] is the only writer of samples, [`Head::select`] finds
//! series by [`Matchers`](CompiledMatcher), [`Head::read`] gives the samples of a range. What is older than the
//! retention goes with [`Head::truncate`].
//!
//! ```
//! use model::{Labels, MatchOp, Matcher, TimeRange, Timestamp};
//! let mut head = tsdb::Head::new(tsdb::HeadOptions::default());
//! let up = Labels::from_pairs([("__name__", "up"), ("job", "x")]);
//! head.append(&up, Timestamp(1_000), 1.0)?;
//! let found = head.select(&[Matcher::new("job", MatchOp::Equal, "x")], TimeRange::ALL).expect("no regex, no error");
//! assert_eq!(head.labels(found[0]), Some(&up));
//! # Ok::<(), tsdb::AppendError>(())
//! ```
#![forbid(unsafe_code)]

pub mod bytes;
mod chunk;
mod codec;
mod exemplars;
mod head;
mod heap;
mod histograms;
mod index;
mod matcher;
mod order;
mod packed;
mod record;
mod series;
mod slots;
mod times;

pub use chunk::ChunkSizes;
pub use codec::{decode_histogram, encode_histogram};
pub use exemplars::SeriesExemplar;
pub use head::{AppendError, Changes, Head, HeadOptions, HeadStats, Truncated};
pub use matcher::{CompiledMatcher, RegexError, anchored_regex, validate_regex};
pub use packed::{DamagedBytes, Loaded, Packer};
pub use record::{Recorded, RecordedHistogram};
pub use series::{HistogramBuf, SampleBuf, Shape};
pub use slots::SeriesRef;
pub use times::Scratch;
