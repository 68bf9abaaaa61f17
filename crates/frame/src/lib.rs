//! What crosses from the worker to the page and is drawn: columns of points, and how many are enough.
//!
//! A [`Frame`] is the picture of a range query before it is a picture: per series its labels, its
//! statistics and its points. [`decimate`] leaves at most four points per pixel column and keeps
//! extremes, ends and gaps. The crate knows no query and no drawing.
#![forbid(unsafe_code)]

pub mod blocks;
pub mod decimate;
pub mod heat;
mod marks;
mod series;

pub use heat::HeatMap;
pub use marks::{FrameExemplar, Mark, MarkKind, merged_marks, thinned_exemplars};
pub use model::StepGrid;
pub use series::{Frame, FrameSeries, GAP_BITS, Points, SeriesStats, Source, gap, is_gap};
