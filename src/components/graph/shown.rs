//! The values of the series that are shown, time by time: what the table below a graph and the files are made of.

use super::names::Names;
use crate::components::legend::visibility::{SeriesKey, Visibility};
use frame::{FrameSeries, Points, SeriesStats, Source, is_gap};
use model::{Labels, number};
use protocol::GraphAnswer;
use std::sync::Arc;

/// The answer with a series for each row of its heat maps: how many observations fell into a range of values.
#[must_use]
pub fn with_heat(answer: &Arc<GraphAnswer>) -> Arc<GraphAnswer> {
    let frame = &answer.frame;
    if frame.heat.is_empty() {
        return Arc::clone(answer);
    }
    let mut with_rows = GraphAnswer::clone(answer);
    for heat in frame.heat.iter().filter(|heat| heat.fits(&frame.grid)) {
        let source = Source { query_idx: heat.query_idx, is_previous: false };
        let rows = heat.edges.windows(2).enumerate().map(|(row, edges)| {
            let vs: Vec<f64> = (0..frame.grid.len).filter_map(|step| heat.column(step).get(row).copied()).collect();
            let labels = Labels::from_pairs([("bucket", bucket_name(edges[0], edges[1]))]);
            FrameSeries { source, labels, stats: SeriesStats::of(&vs), points: Points::Dense(vs) }
        });
        with_rows.frame.series.extend(rows);
    }
    Arc::new(with_rows)
}

/// A range of values: above the lower bound, up to the upper one.
#[must_use]
pub fn bucket_name(low: f64, high: f64) -> String {
    format!("({}, {}]", number::format_short(low), number::format_short(high))
}

/// The series of an answer that are shown, in its order.
#[must_use]
pub fn shown_series<'a>(answer: &'a GraphAnswer, visibility: &Visibility) -> Vec<&'a FrameSeries> {
    let visibility = visibility.fitted(answer.frame.series.iter().map(SeriesKey::of));
    answer.frame.series.iter().filter(|series| visibility.shows(&SeriesKey::of(series))).collect()
}

/// The times at which one of some series has a sample, ms since the epoch, ascending.
#[must_use]
pub fn times(answer: &GraphAnswer, series: &[&FrameSeries]) -> Vec<f64> {
    let mut times: Vec<f64> = Vec::new();
    // Series that are not decimated share their times, so there is little to merge.
    for series in series {
        let own: Vec<f64> =
            series.points.iter(&answer.frame.grid).filter(|(_, v)| !is_gap(*v)).map(|(t, _)| t).collect();
        if own != times {
            times = merged(&times, &own);
        }
    }
    times
}

fn merged(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x <= y => a.next(),
            (Some(_), None) => a.next(),
            _ => b.next(),
        };
        match next {
            Some(&t) if out.last() != Some(&t) => out.push(t),
            Some(_) => {}
            None => return out,
        }
    }
}

/// Walks the samples of some series through times that ascend.
pub struct Walk<'a> {
    answer: &'a GraphAnswer,
    series: &'a [&'a FrameSeries],
    at: Vec<usize>,
}

impl<'a> Walk<'a> {
    /// At the beginning.
    #[must_use]
    pub fn new(answer: &'a GraphAnswer, series: &'a [&'a FrameSeries]) -> Self {
        Walk { answer, series, at: vec![0; series.len()] }
    }

    /// The value of each series at a time that is not before the one asked for last.
    pub fn row(&mut self, t: f64) -> impl Iterator<Item = Option<f64>> {
        let grid = &self.answer.frame.grid;
        self.series.iter().zip(&mut self.at).map(move |(series, at)| {
            let mut found = None;
            while let Some((time, v)) = series.points.get(grid, *at).filter(|(time, _)| *time <= t) {
                if time == t && !is_gap(v) {
                    found = Some(v);
                }
                *at += 1;
            }
            found
        })
    }
}

/// A part of the values, for a table on the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// What the series are called.
    pub columns: Vec<String>,
    /// The expression of each of them.
    pub queries: Vec<u16>,
    /// The times, ms since the epoch, and what each series was then.
    pub rows: Vec<(i64, Vec<Option<f64>>)>,
    /// How many series are shown in the graph.
    pub n_columns: usize,
    /// How many times they have.
    pub n_rows: usize,
}

/// The first series and the last times of what is shown.
#[must_use]
pub fn values(
    answer: &GraphAnswer,
    visibility: &Visibility,
    names: &Names,
    max_columns: usize,
    max_rows: usize,
) -> Values {
    let mut series = shown_series(answer, visibility);
    let n_columns = series.len();
    series.truncate(max_columns);
    let times = times(answer, &series);
    let first = times.len().saturating_sub(max_rows);
    let mut walk = Walk::new(answer, &series);
    let rows = times[first..].iter().map(|&t| (t as i64, walk.row(t).collect())).collect();
    Values {
        columns: series.iter().map(|series| names.own(answer, series)).collect(),
        queries: series.iter().map(|series| series.source.query_idx).collect(),
        rows,
        n_columns,
        n_rows: times.len(),
    }
}

#[cfg(test)]
pub mod tests {
    //! Values time by time, of columns and of decimated series.
    use super::*;
    use expect_test::expect;
    use frame::{Frame, HeatMap, gap};
    use model::{Millis, StepGrid, Timestamp};

    /// An answer over three steps of a second.
    pub fn answer(series: Vec<FrameSeries>) -> GraphAnswer {
        let grid = StepGrid { start: Timestamp(1_000), step: Millis(1_000), len: 3 };
        GraphAnswer {
            source: protocol::SourceChoice::Local,
            comparison: None,
            panel: protocol::PanelId(1),
            generation: 1,
            expr: "rate(x[5m])".to_owned(),
            extras: protocol::Extras { previous_ms: Some(3_600_000), ..protocol::Extras::default() },
            failed: Vec::new(),
            start_ms: 1_000,
            end_ms: 3_000,
            step_ms: 1_000,
            frame: Frame { grid, n_series_total: series.len(), series, ..Frame::default() },
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: protocol::QueryStats::default(),
        }
    }

    /// A series of the first expression.
    pub fn dense(labels: &[(&str, &str)], vs: &[f64]) -> FrameSeries {
        FrameSeries {
            source: Source::default(),
            labels: Labels::from_pairs(labels.iter().copied()),
            stats: SeriesStats::of(vs),
            points: Points::Dense(vs.to_vec()),
        }
    }

    fn sparse(label: &str, ts: &[f64], vs: &[f64]) -> FrameSeries {
        let points = Points::Sparse { ts: ts.to_vec(), vs: vs.to_vec() };
        FrameSeries { points, ..dense(&[("x", label)], vs) }
    }

    fn rows(answer: &GraphAnswer, visibility: &Visibility, (columns, rows): (usize, usize)) -> String {
        let values = values(answer, visibility, &Names::of(answer, "{{x}}"), columns, rows);
        let row = |(t, vs): &(i64, Vec<Option<f64>>)| format!("{t} {vs:?}");
        let rows: Vec<String> = values.rows.iter().map(row).collect();
        format!("{:?} of {}, {} times\n{}", values.columns, values.n_columns, values.n_rows, rows.join("\n"))
    }

    #[test]
    fn times_of_all_series_are_rows_and_gaps_are_empty() {
        let all = answer(vec![
            dense(&[("x", "a")], &[1.0, gap(), f64::NAN]),
            sparse("b", &[1_000.0, 1_500.0, 1_500.0, 3_000.0], &[4.0, 5.0, gap(), f64::INFINITY]),
            dense(&[("x", "c")], &[gap(); 3]),
        ]);
        expect![[r#"
            ["a", "b", "c"] of 3, 3 times
            1000 [Some(1.0), Some(4.0), None]
            1500 [None, Some(5.0), None]
            3000 [Some(NaN), Some(inf), None]"#]]
        .assert_eq(&rows(&all, &Visibility::All, (20, 200)));
        expect![[r#"
            ["a"] of 3, 2 times
            3000 [Some(NaN)]"#]]
        .assert_eq(&rows(&all, &Visibility::All, (1, 1)));
        let only = Visibility::All.isolated(&SeriesKey::of(&all.frame.series[2]));
        expect![[r#"
            ["c"] of 1, 0 times
        "#]]
        .assert_eq(&rows(&all, &only, (20, 200)));
    }

    #[test]
    fn a_heat_map_has_a_column_for_each_bucket() {
        let mut all = answer(vec![dense(&[("x", "a")], &[1.0; 3])]);
        let edges = vec![f64::NEG_INFINITY, 0.5, f64::INFINITY];
        let cells = vec![1.0, 2.0, gap(), gap(), 3.0, 0.0];
        all.frame.heat = vec![
            HeatMap { query_idx: 0, edges: edges.clone(), cells },
            HeatMap { query_idx: 0, edges, cells: vec![1.0] },
        ];
        let all = with_heat(&Arc::new(all));
        let values = values(&all, &Visibility::All, &Names::of(&all, ""), 20, 200);
        assert_eq!(values.columns, ["{x=\"a\"}", "{bucket=\"(-Inf, 0.5]\"}", "{bucket=\"(0.5, +Inf]\"}"]);
        assert_eq!(values.rows[0].1, [Some(1.0), Some(1.0), Some(2.0)]);
        assert_eq!(values.rows[1].1, [Some(1.0), None, None]);
        assert_eq!(values.rows[2].1, [Some(1.0), Some(3.0), Some(0.0)]);
    }
}
