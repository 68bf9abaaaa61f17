//! Answers to queries: columns on a grid, values at one time, raw samples.

use model::{Histogram, Labels, Matrix, Point, Timestamp};
use std::sync::Arc;

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its values.
    pub data: Data,
    /// What the server warns of, in its words.
    pub warnings: Vec<String>,
    /// What the server remarks, in its words (Prometheus 3).
    pub infos: Vec<String>,
    /// Not all of the stores behind the server answered (VictoriaMetrics).
    pub is_partial: bool,
    /// Values that are left out: at times that are no step of the grid, or not later than the one before.
    pub n_left_out: u64,
    /// Native histograms whose buckets fit no schema, which are left out.
    pub n_bad_histograms: u64,
    /// Bytes of the body.
    pub n_bytes: u64,
}

/// The values of an answer.
#[derive(Clone, Debug)]
pub enum Data {
    /// One column a series, sorted by labels: what a range query gives.
    ///
    /// The grid is the one that was asked for, unless all values are off it by the same time: some servers begin at a whole
    /// multiple of the step. Then it is the server's.
    Matrix(Matrix),
    /// One value a series, in the order of the server, with the time of each.
    Vector(Vec<(Labels, Timestamp, Point)>),
    /// A number.
    Scalar {
        /// When it was evaluated.
        t: Timestamp,
        /// The number.
        v: f64,
    },
    /// A text.
    String {
        /// When it was evaluated.
        t: Timestamp,
        /// The text.
        text: String,
    },
    /// Raw samples, in the order of the server: what a range selector at one time gives.
    Samples(Vec<RawSeries>),
}

impl Data {
    /// The number that an expression without series gives. VictoriaMetrics has no scalars: there it is a vector of one value
    /// without labels.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Data::Scalar { v, .. } => Some(*v),
            Data::Vector(vector) => match vector.as_slice() {
                [(labels, _, Point::Float(v))] if labels.is_empty() => Some(*v),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A series with the samples that the server has stored, or those of a range query when they are not put on a grid.
#[derive(Clone, Debug)]
pub struct RawSeries {
    /// Its labels.
    pub labels: Labels,
    /// Times of floats, ms, strictly increasing.
    pub ts: Vec<i64>,
    /// As many floats. The API never shows staleness markers.
    pub vs: Vec<f64>,
    /// Native histograms with their times, ms, strictly increasing.
    pub histograms: Vec<(i64, Arc<Histogram>)>,
}
