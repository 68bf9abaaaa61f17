//! What is drawn of results: series with as many points as the plot has pixels, and heat maps.

use super::asked::Asked;
use crate::limits::MAX_GRAPH_FLOATS;
use engine::{Matrix, MatrixSeries};
use frame::heat::{self, ClassicBucket};
use frame::{Frame, FrameSeries, HeatMap, Points, SeriesStats, Source, decimate::decimate};
use model::number::grouped;
use model::{Histogram, LE, Labels, number};
use protocol::Note;
use std::collections::BTreeMap;

/// The picture of some results, one after the other.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) frame: Frame,
    /// Series of the results, but for the period before.
    pub(super) n_series: usize,
    /// What is left out, and why.
    pub(super) infos: Vec<Note>,
    n_floats: usize,
}

impl Picture {
    /// Adds a result.
    pub(super) fn add(&mut self, asked: &Asked, source: Source, matrix: &Matrix) {
        if !source.is_previous {
            self.n_series += matrix.series.len();
        }
        let mut in_map = vec![false; matrix.series.len()];
        if asked.extras.heat {
            let buckets: Vec<(usize, f64)> = matrix.series.iter().enumerate().filter_map(bucket_of).collect();
            buckets.iter().for_each(|(idx, _)| in_map[*idx] = true);
            if !source.is_previous {
                self.add_maps(source.query_idx, matrix, &buckets);
            }
        } else if !source.is_previous {
            self.infos.extend(not_drawn(source.query_idx, matrix));
        }
        // A line of a histogram has no points: it would stand in the legend for nothing.
        let is_line = |series: &MatrixSeries| series.values.iter().rev().any(|v| !frame::is_gap(*v));
        let lines = || matrix.series.iter().zip(&in_map).filter(|(series, in_map)| !**in_map && is_line(series));
        let n_lines = lines().count();
        self.frame.n_series_total += n_lines;
        for (n, (series, _)) in lines().take(asked.max_series).enumerate() {
            let points = if asked.extras.is_aligned {
                Points::Dense(series.values.clone())
            } else {
                decimate(&asked.grid, series.values.clone(), asked.width_px)
            };
            let n_floats = match &points {
                Points::Dense(vs) => vs.len(),
                Points::Sparse { ts, vs } => ts.len() + vs.len(),
            };
            if self.n_floats + n_floats > MAX_GRAPH_FLOATS {
                self.infos.push(too_many(source.query_idx, n, n_lines));
                break;
            }
            self.n_floats += n_floats;
            let stats = SeriesStats::of(&series.values);
            self.frame.series.push(FrameSeries { source, labels: series.labels.clone(), points, stats });
        }
    }

    fn add_maps(&mut self, query_idx: u16, matrix: &Matrix, buckets: &[(usize, f64)]) {
        let n_steps = matrix.grid.len;
        let mut classic: BTreeMap<Labels, Vec<ClassicBucket<'_>>> = BTreeMap::new();
        for &(idx, le) in buckets {
            let series = &matrix.series[idx];
            let of = classic.entry(series.labels.only(|name| name != LE)).or_default();
            of.push(ClassicBucket { le, values: &series.values });
        }
        let native = matrix.series.iter().flat_map(|series| series.histograms.iter());
        let native: Vec<(usize, &Histogram)> = native.map(|(step_idx, h)| (step_idx, &**h)).collect();
        let maps = [
            heat::classic(query_idx, n_steps, classic.into_values().collect()),
            heat::exponential(query_idx, n_steps, &native),
            heat::custom(query_idx, n_steps, &native),
        ];
        maps.into_iter().flatten().for_each(|map| self.add_map(map));
    }

    fn add_map(&mut self, map: HeatMap) {
        let n_floats = map.edges.len() + map.cells.len();
        if self.n_floats + n_floats > MAX_GRAPH_FLOATS {
            self.infos.push(Note {
                message: "A heat map is left out: it has more cells than there is room for.".to_owned(),
                hint: "Choose a greater step, or fewer expressions.".to_owned(),
                span: None,
                query_idx: map.query_idx,
            });
            return;
        }
        self.n_floats += n_floats;
        self.frame.heat.push(map);
    }
}

/// The bound of a series that is a bucket of a classic histogram.
fn bucket_of((idx, series): (usize, &MatrixSeries)) -> Option<(usize, f64)> {
    let le = number::parse(series.labels.get(LE)?)?;
    (!le.is_nan()).then_some((idx, le))
}

/// What to say of histograms that a graph of lines leaves out.
fn not_drawn(query_idx: u16, matrix: &Matrix) -> Option<Note> {
    let n = matrix.series.iter().filter(|series| !series.histograms.is_empty()).count();
    (n > 0).then(|| Note {
        message: format!("{} series are native histograms, which lines cannot show.", grouped(n as u64)),
        hint: "Choose the heat map, or draw a quantile of them: histogram_quantile(0.9, …).".to_owned(),
        span: None,
        query_idx,
    })
}

fn too_many(query_idx: u16, n_shown: usize, n_series: usize) -> Note {
    Note {
        message: format!(
            "Showing {} of {} series: all of them have more points than there is room for.",
            grouped(n_shown as u64),
            grouped(n_series as u64)
        ),
        hint: "Choose a greater step, or aggregate.".to_owned(),
        span: None,
        query_idx,
    }
}
