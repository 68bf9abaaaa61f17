//! A graph in words, for those who do not see it.

use super::names::whole_name;
use super::shown::bucket_name;
use crate::browser::zone::Zone;
use crate::texts::legend as texts;
use chart::{Unit, format};
use frame::{FrameSeries, StepGrid, is_gap};
use protocol::GraphAnswer;

/// So many series are told one by one.
const N_TOLD: usize = 10;

/// What a graph shows: how many series, from when to when; of the first ones their last, least and greatest value, whether
/// they rise or fall, and how often they pause. `units` has one for each expression.
#[must_use]
pub fn summary(answer: &GraphAnswer, units: &[Unit], zone: &Zone) -> String {
    sentences(answer, units, &zone.format(answer.start_ms), &zone.format(answer.end_ms))
}

fn sentences(answer: &GraphAnswer, units: &[Unit], from: &str, to: &str) -> String {
    let series = &answer.frame.series;
    let mut out = vec![texts::summary(series.len(), from, to)];
    out.extend(series.iter().take(N_TOLD).map(|series| {
        let name = whole_name(answer, series);
        let stats = &series.stats;
        if stats.min.is_nan() {
            return texts::series_without_values(&name);
        }
        let unit = units.get(usize::from(series.source.query_idx)).or(units.last()).copied().unwrap_or_default();
        let short = |v| format::short(unit, v);
        let (trend, n_gaps) = course(series, &answer.frame.grid);
        texts::series_summary(&name, &short(stats.last), (&short(stats.min), &short(stats.max)), trend, n_gaps)
    }));
    if series.len() > N_TOLD {
        out.push(texts::more_series(series.len() - N_TOLD));
    }
    let heat = answer.frame.heat.iter().filter(|heat| heat.fits(&answer.frame.grid));
    out.extend(heat.filter_map(|heat| {
        let (low, high) = (*heat.edges.first()?, *heat.edges.last()?);
        let mut fullest = None;
        for (idx, &count) in heat.cells.iter().enumerate().filter(|(_, count)| !is_gap(**count)) {
            if fullest.is_none_or(|(_, most)| count > most) {
                fullest = Some((idx % heat.n_rows(), count));
            }
        }
        let (row, most) = fullest?;
        let bucket = bucket_name(*heat.edges.get(row)?, *heat.edges.get(row + 1)?);
        let most = format::short(Unit::None, most);
        Some(texts::heat_summary(heat.n_rows(), &bucket_name(low, high), &most, &bucket))
    }));
    out.join(" ")
}

/// Whether a series rises or falls: how far the mean of its last third lies from that of its first, as a part of all it
/// went through. And how often it pauses between its samples.
fn course(series: &FrameSeries, grid: &StepGrid) -> (&'static str, usize) {
    /// A smaller part is no trend.
    const LEAST: f64 = 0.25;
    let (mut finite, mut n_gaps) = (Vec::new(), 0);
    let mut pauses = false;
    for (_, v) in series.points.iter(grid) {
        if is_gap(v) {
            pauses = !finite.is_empty();
        } else if v.is_finite() {
            n_gaps += usize::from(pauses);
            pauses = false;
            finite.push(v);
        }
    }
    let span = series.stats.max - series.stats.min;
    let third = finite.len().div_ceil(3);
    let mean = |part: &[f64]| part.iter().map(|v| v / part.len() as f64).sum::<f64>();
    let moved = (mean(&finite[finite.len() - third..]) - mean(&finite[..third])) / span;
    let trend = match moved {
        _ if span == 0.0 => texts::CONSTANT,
        moved if moved >= LEAST => texts::RISING,
        moved if moved <= -LEAST => texts::FALLING,
        _ => texts::LEVEL,
    };
    (trend, n_gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use frame::{Frame, FrameSeries, Points, SeriesStats, StepGrid, gap};
    use model::{Labels, Millis, Timestamp};

    #[test]
    fn a_graph_is_told_in_a_few_sentences() {
        let series = |idx: usize, vs: Vec<f64>| FrameSeries {
            source: frame::Source::default(),
            labels: Labels::from_pairs([("__name__", "up"), ("i", &idx.to_string())]),
            stats: SeriesStats::of(&vs),
            points: Points::Dense(vs),
        };
        let mut all = vec![series(0, vec![1.0, 3_000.0, 2.0]), series(1, vec![gap(); 3])];
        all.extend((2..13).map(|idx| series(idx, vec![0.5; 3])));
        let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: 3 };
        let answer = GraphAnswer {
            source: protocol::SourceChoice::Local,
            comparison: None,
            panel: protocol::PanelId(1),
            generation: 1,
            expr: "up".to_owned(),
            extras: protocol::Extras::default(),
            failed: Vec::new(),
            start_ms: 0,
            end_ms: 2_000,
            step_ms: 1_000,
            frame: Frame { grid, n_series_total: all.len(), series: all, ..Frame::default() },
            warnings: Vec::new(),
            infos: Vec::new(),
            stats: protocol::QueryStats::default(),
        };
        expect![[r#"13 series from 12:00 to 12:01. up{i="0"}: last 2, min 1, max 3k, without a trend. up{i="1"}: no finite values. up{i="2"}: last 0.5, min 0.5, max 0.5, constant. up{i="3"}: last 0.5, min 0.5, max 0.5, constant. up{i="4"}: last 0.5, min 0.5, max 0.5, constant. up{i="5"}: last 0.5, min 0.5, max 0.5, constant. up{i="6"}: last 0.5, min 0.5, max 0.5, constant. up{i="7"}: last 0.5, min 0.5, max 0.5, constant. up{i="8"}: last 0.5, min 0.5, max 0.5, constant. up{i="9"}: last 0.5, min 0.5, max 0.5, constant. And 3 more."#]].assert_eq(&sentences(&answer, &[], "12:00", "12:01"));
    }

    #[test]
    fn a_trend_is_told_where_there_is_one() {
        let of = |vs: &[f64]| {
            let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: vs.len() };
            let series = FrameSeries {
                source: frame::Source::default(),
                labels: Labels::empty(),
                stats: SeriesStats::of(vs),
                points: Points::Dense(vs.to_vec()),
            };
            course(&series, &grid)
        };
        let gap = gap();
        assert_eq!(of(&[1.0, 2.0, 3.0]), ("rising", 0));
        assert_eq!(of(&[3.0, gap, 2.0, gap, gap, 1.0, gap]), ("falling", 2));
        assert_eq!(of(&[gap, 1.0, 9.0, 1.0, 9.0, 1.0, 9.0]), ("without a trend", 0));
        assert_eq!(of(&[4.0]), ("constant", 0));
        assert_eq!(of(&[f64::NAN, 1.0, f64::INFINITY, 1e308, -1e308]).1, 0);
    }

    #[test]
    fn a_heat_map_is_told_by_its_fullest_bucket() {
        let mut answer = crate::components::graph::shown::tests::answer(Vec::new());
        let cells = vec![1.0, 2.0, gap(), gap(), 7.5, 0.0];
        answer.frame.heat = vec![frame::HeatMap { query_idx: 0, edges: vec![0.0, 0.5, f64::INFINITY], cells }];
        assert_eq!(
            sentences(&answer, &[], "12:00", "12:01"),
            "0 series from 12:00 to 12:01. Heat map of 2 buckets over (0, +Inf]: at most 7.5 in one step, in (0, 0.5]."
        );
    }
}
