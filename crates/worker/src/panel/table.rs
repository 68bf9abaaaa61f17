//! The answer to an instant query: rows, as many as the page can show.

use super::Asked;
use crate::limits::{MAX_TABLE_ROWS, MAX_TABLE_SAMPLES};
use engine::{Point, Value};
use model::Labels;
use model::number::grouped;
use protocol::{Comparison, Event, Note, QueryStats, Row, SeriesSamples, TableAnswer, TableResult};

/// What is said beside a table.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    pub(super) warnings: Vec<Note>,
    pub(super) infos: Vec<Note>,
    pub(super) comparison: Option<Comparison>,
}

/// The answer for the page.
pub(super) fn answer(asked: Asked, value: Value, at_ms: i64, remarks: Remarks, stats: QueryStats) -> Event {
    let Remarks { warnings, mut infos, comparison } = remarks;
    let (result, n_series, capped) = table_of(value);
    infos.extend(capped);
    Event::Table(TableAnswer {
        panel: asked.panel,
        generation: asked.generation,
        expr: asked.expr,
        source: asked.source,
        at_ms,
        result,
        warnings,
        infos,
        stats: QueryStats { n_series: n_series as u32, ..stats },
        comparison,
    })
}

/// The rows that the page gets, how many series there are, and what to say if not all of them are there.
fn table_of(value: Value) -> (TableResult, usize, Option<Note>) {
    match value {
        Value::Scalar { v } => (TableResult::Scalar { v }, 1, None),
        Value::String(text) => (TableResult::String { text }, 1, None),
        Value::Vector(rows) => {
            let n_series = rows.len();
            let rows = rows.into_iter().take(MAX_TABLE_ROWS).map(|(labels, point)| row(&labels, &point));
            (TableResult::Vector { rows: rows.collect() }, n_series, capped(n_series))
        }
        Value::Samples(all) => {
            let n_series = all.len();
            let mut room = MAX_TABLE_SAMPLES;
            let mut series = Vec::new();
            for one in all.into_iter().take(MAX_TABLE_ROWS) {
                let n = one.samples.len();
                if n > room {
                    break;
                }
                room -= n;
                series.push(samples(&one.labels, one.samples));
            }
            let said = (series.len() < n_series).then(|| cut(series.len(), n_series));
            (TableResult::Matrix { series }, n_series, said)
        }
        Value::Matrix(matrix) => {
            // Only a range query gives one.
            let first = |s: engine::MatrixSeries| {
                let point = match s.histograms.get(0) {
                    Some(h) => Point::Histogram(h.clone()),
                    None => Point::Float(*s.values.first()?),
                };
                Some(row(&s.labels, &point))
            };
            let rows: Vec<Row> = matrix.series.into_iter().filter_map(first).take(MAX_TABLE_ROWS).collect();
            let n_series = rows.len();
            (TableResult::Vector { rows }, n_series, None)
        }
    }
}

/// Raw samples of a series, floats and histograms in the order of their times.
fn samples(labels: &Labels, samples: tsdb::SampleBuf) -> SeriesSamples {
    let tsdb::SampleBuf { ts, vs, histograms, .. } = samples;
    let labels = pairs(labels);
    if histograms.is_empty() {
        return SeriesSamples { labels, ts: ts.iter().map(|&t| t as f64).collect(), vs, texts: Vec::new() };
    }
    let mut all: Vec<(i64, f64, Option<String>)> = ts.into_iter().zip(vs).map(|(t, v)| (t, v, None)).collect();
    let shown = histograms.ts.iter().zip(&histograms.hs).filter(|(_, h)| !h.is_stale());
    all.extend(shown.map(|(&t, h)| (t, h.count, Some(h.to_string()))));
    model::sort::by_key(&mut all, |(t, _, _)| *t);
    let texts = all.iter().enumerate().filter_map(|(idx, (_, _, text))| Some((idx as u32, text.clone()?))).collect();
    let (ts, vs) = all.iter().map(|(t, v, _)| (*t as f64, *v)).unzip();
    SeriesSamples { labels, ts, vs, texts }
}

fn row(labels: &Labels, point: &Point) -> Row {
    match point {
        Point::Float(v) => Row { labels: pairs(labels), v: *v, text: None },
        Point::Histogram(h) => Row { labels: pairs(labels), v: h.count, text: Some(h.to_string()) },
    }
}

fn capped(n_series: usize) -> Option<Note> {
    (n_series > MAX_TABLE_ROWS).then(|| cut(MAX_TABLE_ROWS, n_series))
}

fn cut(n_shown: usize, n_series: usize) -> Note {
    Note {
        message: format!("Showing {} of {} series.", grouped(n_shown as u64), grouped(n_series as u64)),
        hint: "Add a matcher, or aggregate, to see all.".to_owned(),
        span: None,
        query_idx: 0,
    }
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
