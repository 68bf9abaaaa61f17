//! What is read of one series, and how all of them become an answer.

use super::points::{Column, Points, Target};
use crate::query::RawSeries;
use model::histogram::BoundedBucket;
use model::{Histogram, Histograms, Labels, Matrix, MatrixSeries, Point, STALE_NAN, Timestamp};
use serde::Deserialize;
use std::sync::Arc;

/// The element that is being read.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) labels: Option<Labels>,
    pub(super) column: Column,
    pub(super) slot: usize,
    pub(super) histograms: Vec<(i64, Arc<Histogram>)>,
    pub(super) value: Option<(Timestamp, Point)>,
    pub(super) is_range: bool,
}

/// A histogram as the API writes it.
#[derive(Deserialize)]
pub(super) struct JsonHistogram {
    count: String,
    sum: String,
    /// Which bounds belong to the bucket, lower, upper, count.
    #[serde(default)]
    buckets: Vec<(u8, String, String, String)>,
}

impl JsonHistogram {
    pub(super) fn histogram(&self) -> Option<Histogram> {
        let parse = |text: &str| model::number::parse(text);
        let bucket = |(_, lower, upper, count): &(u8, String, String, String)| {
            Some(BoundedBucket { lower: parse(lower)?, upper: parse(upper)?, count: parse(count)? })
        };
        let buckets: Option<Vec<BoundedBucket>> = self.buckets.iter().map(bucket).collect();
        Histogram::from_bounds(parse(&self.count)?, parse(&self.sum)?, &buckets?)
    }
}

/// A series that was read whole.
#[derive(Debug)]
pub(super) struct ReadSeries {
    pub(super) labels: Labels,
    pub(super) column: Column,
    /// With their times, ms, strictly increasing.
    pub(super) histograms: Vec<(i64, Arc<Histogram>)>,
}

impl ReadSeries {
    /// As samples that are on no grid.
    pub(super) fn raw(self) -> RawSeries {
        let ReadSeries { labels, column: Column { ts, vs }, histograms } = self;
        RawSeries { labels, ts, vs, histograms }
    }
}

impl Points {
    /// All series on the grid, which had `n_asked` steps.
    pub(super) fn matrix(&mut self, series: Vec<ReadSeries>, n_asked: usize) -> Matrix {
        let mut read = Vec::with_capacity(series.len());
        let mut n_steps = 0;
        let Target::Grid(grid) = &mut self.target else {
            return Matrix::default();
        };
        for ReadSeries { labels, column, histograms: raw } in series {
            let mut histograms = Histograms::default();
            n_steps = n_steps.max(column.vs.len());
            for (t_ms, h) in raw {
                match grid.step_of(t_ms) {
                    Some(step_idx) => {
                        n_steps = n_steps.max(step_idx + 1);
                        histograms.set(step_idx, h);
                    }
                    None => self.n_left_out += 1,
                }
            }
            read.push(MatrixSeries { labels, values: column.vs, histograms });
        }
        // A grid that was moved has a step more than was asked for, which need not be used.
        grid.grid.len = n_asked.max(n_steps).min(grid.grid.len);
        for series in &mut read {
            series.values.resize(grid.grid.len, STALE_NAN);
        }
        if !read.is_sorted_by(|a, b| a.labels <= b.labels) {
            model::sort::by(&mut read, |a, b| a.labels.cmp(&b.labels));
        }
        Matrix { grid: grid.grid, series: read }
    }
}
