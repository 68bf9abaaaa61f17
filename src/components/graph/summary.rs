//! A graph in words, for those who do not see it.

use super::names::full_name;
use crate::browser::zone::Zone;
use crate::texts::graph as texts;
use chart::{Unit, format};
use protocol::GraphAnswer;

/// So many series are told one by one.
const N_TOLD: usize = 5;

/// What a graph shows: how many series, from when to when, and the least, greatest and last value of
/// the first ones.
#[must_use]
pub fn summary(answer: &GraphAnswer, unit: Unit, zone: &Zone) -> String {
    sentences(answer, unit, &zone.format(answer.start_ms), &zone.format(answer.end_ms))
}

fn sentences(answer: &GraphAnswer, unit: Unit, from: &str, to: &str) -> String {
    let series = &answer.frame.series;
    let mut out = vec![texts::summary(series.len(), from, to)];
    out.extend(series.iter().take(N_TOLD).map(|series| {
        let name = full_name(&series.labels, &answer.expr);
        let stats = &series.stats;
        if stats.min.is_nan() {
            return texts::series_without_values(&name);
        }
        let short = |v| format::short(unit, v);
        texts::series_summary(&name, &short(stats.min), &short(stats.max), &short(stats.last))
    }));
    if series.len() > N_TOLD {
        out.push(texts::more_series(series.len() - N_TOLD));
    }
    out.join(" ")
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
        all.extend((2..8).map(|idx| series(idx, vec![0.5; 3])));
        let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len: 3 };
        let answer = GraphAnswer {
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
        expect![[r#"8 series from 12:00 to 12:01. up{i="0"}: least 1, greatest 3k, last 2. up{i="1"}: no finite values. up{i="2"}: least 0.5, greatest 0.5, last 0.5. up{i="3"}: least 0.5, greatest 0.5, last 0.5. up{i="4"}: least 0.5, greatest 0.5, last 0.5. And 3 more."#]].assert_eq(&sentences(&answer, Unit::None, "12:00", "12:01"));
    }
}
