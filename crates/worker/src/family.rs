//! One metric family with what its samples do not say: exemplars, and since when its series count.

use crate::families;
use crate::limits::{MAX_FAMILY_ROWS, MAX_FAMILY_SERIES};
use crate::state::Worker;
use model::{Labels, METRIC_NAME, MatchOp, Matcher, Millis, TimeRange, Timestamp, number};
use protocol::{Event, FamilyDetails, FamilyExemplar, FamilyStart, Starts};
use std::cmp::Reverse;
use tsdb::{Head, SampleBuf, SeriesExemplar};

/// A series whose newest sample is older tells nothing of now.
const RECENT: Millis = Millis(10 * 60_000);

impl Worker {
    /// Tells the page of a family.
    pub(crate) fn family(&mut self, name: &str, now: Timestamp) {
        let all = families::families(&self.head, &self.targets, &self.storage.families);
        let metrics = all.into_iter().find(|family| family.name == name).map_or(Vec::new(), |family| family.metrics);
        let (exemplars, n_exemplars) = self.exemplars(&metrics);
        let starts = starts(&self.head, &metrics, now);
        self.tell(Event::Family(FamilyDetails { name: name.to_owned(), exemplars, n_exemplars, starts }));
    }

    /// The newest exemplars of some metrics, and how many there are.
    fn exemplars(&self, metrics: &[String]) -> (Vec<FamilyExemplar>, u32) {
        let is_of = |labels: &Labels| labels.metric_name().is_some_and(|own| metrics.iter().any(|name| name == own));
        let mut found: Vec<_> = self.head.exemplars().filter(|(labels, _)| is_of(labels)).collect();
        let n_exemplars = found.len() as u32;
        found.reverse();
        model::sort::by_key(&mut found, |(_, one)| Reverse(one.at));
        let wire = |(series, one): (&Labels, &SeriesExemplar)| FamilyExemplar {
            series: pairs(series),
            labels: pairs(&one.exemplar.labels),
            value: number::format(one.exemplar.v),
            t_ms: Some(one.at.0),
        };
        (found.into_iter().take(MAX_FAMILY_ROWS).map(wire).collect(), n_exemplars)
    }
}

/// Since when the series of some metrics count, as far as their newest samples say.
fn starts(head: &Head, metrics: &[String], now: Timestamp) -> Option<Starts> {
    let range = TimeRange { start: now - RECENT, end: Timestamp(i64::MAX) };
    let mut found: Vec<(i64, &Labels)> = Vec::new();
    let mut buf = SampleBuf::default();
    for metric in metrics {
        let matcher = Matcher::new(METRIC_NAME, MatchOp::Equal, metric.as_str());
        let series = head.select(&[matcher], range).unwrap_or_default();
        for series in series.into_iter().take(MAX_FAMILY_SERIES) {
            if !head.shape(series).has_starts && !head.has_histograms(series) {
                continue;
            }
            buf.clear();
            head.read(series, range, &mut buf);
            let newest = [buf.starts.last(), buf.histograms.starts.last()].into_iter().flatten().max();
            if let (Some(&start), Some(labels)) = (newest.filter(|start| **start > 0), head.labels(series)) {
                found.push((start, labels));
            }
        }
    }
    model::sort::by_key(&mut found, |(start, _)| Reverse(*start));
    let (newest, oldest) = (found.first()?.0, found.last()?.0);
    let n_series = found.len() as u32;
    let series = found.into_iter().take(MAX_FAMILY_ROWS);
    let series = series.map(|(start_ms, labels)| FamilyStart { series: pairs(labels), start_ms }).collect();
    Some(Starts { n_series, oldest_ms: oldest, newest_ms: newest, series })
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
