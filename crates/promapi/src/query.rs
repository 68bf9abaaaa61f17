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

/// Makes one series of those with equal labels: what several selectors found of it, each over its own time. Sorted by labels; of
/// samples at the same time the first one stays.
#[must_use]
pub fn merge_raw(mut series: Vec<RawSeries>) -> Vec<RawSeries> {
    model::sort::by(&mut series, |a, b| a.labels.cmp(&b.labels));
    let mut merged: Vec<RawSeries> = Vec::with_capacity(series.len());
    for next in series {
        match merged.last_mut().filter(|last| last.labels == next.labels) {
            Some(last) => last.add(next),
            None => merged.push(next),
        }
    }
    merged
}

impl RawSeries {
    fn add(&mut self, other: RawSeries) {
        let floats = merge_by_time(
            std::mem::take(&mut self.ts).into_iter().zip(std::mem::take(&mut self.vs)),
            other.ts.into_iter().zip(other.vs),
        );
        (self.ts, self.vs) = floats.into_iter().unzip();
        self.histograms = merge_by_time(std::mem::take(&mut self.histograms).into_iter(), other.histograms.into_iter());
    }
}

/// Two lists whose times increase; of two items at the same time the first list's.
fn merge_by_time<T>(a: impl Iterator<Item = (i64, T)>, b: impl Iterator<Item = (i64, T)>) -> Vec<(i64, T)> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    let mut merged = Vec::with_capacity(a.size_hint().0 + b.size_hint().0);
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return merged,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((t, _)), Some((u, _))) => t.cmp(u),
        };
        let from_a = if order.is_le() { a.next() } else { None };
        let from_b = if order.is_ge() { b.next() } else { None };
        merged.extend(from_a.or(from_b));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_selectors_found_of_one_series_becomes_one() {
        let series = |name: &str, samples: &[(i64, f64)]| {
            let (ts, vs) = samples.iter().copied().unzip();
            RawSeries { labels: Labels::from_pairs([("a", name)]), ts, vs, histograms: Vec::new() }
        };
        let found = vec![
            series("y", &[(5, 5.0), (7, 7.0)]),
            series("x", &[(1, 1.0)]),
            series("y", &[(1, 1.0), (5, 50.0), (6, 6.0), (9, 9.0)]),
        ];
        let merged = merge_raw(found);
        let told: Vec<_> = merged.iter().map(|s| (s.labels.get("a").unwrap(), s.ts.clone(), s.vs.clone())).collect();
        assert_eq!(told, [("x", vec![1], vec![1.0]), ("y", vec![1, 5, 6, 7, 9], vec![1.0, 5.0, 6.0, 7.0, 9.0])],);
    }
}
