//! What happened to the series of a graph and their targets: counter resets, targets down and up, restarts, new series.

use super::concerned::selectors;
use super::graph::World;
use crate::families;
use crate::limits::{MAX_MARK_METRICS, MAX_MARK_SAMPLES, MAX_MARK_SERIES, MAX_MARKS};
use frame::{Mark, MarkKind, merged_marks};
use model::number::grouped;
use model::{
    INSTANCE, JOB, Labels, METRIC_NAME, MatchOp, Matcher, MetricFamily, Millis, StepGrid, TimeRange, Timestamp,
    is_stale,
};
use promql::Expr;
use protocol::Note;
use std::collections::{BTreeMap, BTreeSet};
use tsdb::{Head, SampleBuf, Scratch, SeriesRef};

/// A sample tells of a target for so long, as of everything else.
const LOOKBACK: Millis = Millis(5 * 60 * 1_000);

/// Clients that count their age compute when they were started, and not always to the same second.
const JITTER_SECONDS: f64 = 1.0;

/// The marks of a graph, and what to say if not all was looked at.
pub(super) fn of(
    world: &World<'_>,
    exprs: &[(u16, Expr)],
    grid: &StepGrid,
    width_px: u32,
) -> (Vec<Mark>, Option<Note>) {
    let range = TimeRange { start: grid.start, end: grid.end() };
    let mut series: Vec<SeriesRef> = Vec::new();
    for matchers in exprs.iter().flat_map(|(_, expr)| selectors(expr)) {
        series.extend(world.head.select(matchers, range).unwrap_or_default());
    }
    let mut known = BTreeSet::new();
    series.retain(|series| known.insert(*series));
    let n_series = series.len();
    series.truncate(MAX_MARK_SERIES);
    let mut search =
        Search { head: world.head, range, marks: Vec::new(), n_samples: 0, is_cut: n_series > series.len() };
    let targets: BTreeSet<Labels> = series
        .iter()
        .filter_map(|series| world.head.labels(*series))
        .map(target_of)
        .filter(|of| !of.is_empty())
        .collect();
    search.up(&targets);
    search.restarts(&targets);
    search.resets(&series, &families::described(world.targets, world.families));
    search.new_series(&series);
    let note = search.is_cut.then(|| Note {
        message: format!("Not all events were looked for: the graph is about {} series.", grouped(n_series as u64)),
        hint: "Narrow the range or add a matcher.".to_owned(),
        ..Note::default()
    });
    (merged_marks(search.marks, grid, width_px, MAX_MARKS), note)
}

fn target_of(labels: &Labels) -> Labels {
    labels.only(|name| name == JOB || name == INSTANCE)
}

struct Search<'a> {
    head: &'a Head,
    range: TimeRange,
    marks: Vec<Mark>,
    n_samples: usize,
    /// A limit was met.
    is_cut: bool,
}

impl<'a> Search<'a> {
    /// The floats of a series in the range and of the lookback before it, in the order of time.
    fn visit(&mut self, series: SeriesRef, scratch: &mut Scratch, visit: &mut dyn FnMut(i64, f64)) {
        if self.n_samples > MAX_MARK_SAMPLES {
            self.is_cut = true;
            return;
        }
        let range = TimeRange { start: self.range.start - LOOKBACK, end: self.range.end };
        self.n_samples += self.head.visit_floats(series, range, scratch, |ts, vs| {
            ts.iter().zip(vs).for_each(|(&t, &v)| visit(t, v));
        });
    }

    fn mark(&mut self, kind: MarkKind, at_ms: i64, end_ms: i64, labels: &Labels) {
        if end_ms >= self.range.start.0 && at_ms <= self.range.end.0 {
            let labels = labels.clone();
            self.marks.push(Mark { kind, at_ms, end_ms: end_ms.max(at_ms), labels, count: 1, text: String::new() });
        }
    }

    /// The series of a metric that belong to some targets.
    fn of_targets(&mut self, metric: &str, targets: &BTreeSet<Labels>) -> Vec<(SeriesRef, Labels)> {
        let range = TimeRange { start: self.range.start - LOOKBACK, end: self.range.end };
        let matcher = Matcher::new(METRIC_NAME, MatchOp::Equal, metric);
        let found = self.head.select(&[matcher], range).unwrap_or_default().into_iter();
        let found = found.filter_map(|series| Some((series, target_of(self.head.labels(series)?))));
        let found: Vec<_> = found.filter(|(_, target)| targets.contains(target)).collect();
        self.is_cut |= found.len() > MAX_MARK_SERIES;
        found.into_iter().take(MAX_MARK_SERIES).collect()
    }

    /// From the first `up` of 0 to the next one that is not. Where there is none, for as long as the last 0 counts.
    fn up(&mut self, targets: &BTreeSet<Labels>) {
        let mut scratch = Scratch::default();
        for (series, target) in self.of_targets("up", targets) {
            // When it went down, and the last time it was.
            let mut down: Option<(i64, i64)> = None;
            let mut found: Vec<(MarkKind, i64, i64)> = Vec::new();
            self.visit(series, &mut scratch, &mut |t, v| {
                if let Some((since, last)) = down
                    && (v != 0.0 || t - last > LOOKBACK.0)
                {
                    // Nobody looked meanwhile, or the target was removed: it is not known how long it was down.
                    let is_known = t - last <= LOOKBACK.0;
                    found.push((MarkKind::TargetDown, since, if is_known { t } else { last }));
                    if is_known && !is_stale(v) {
                        found.push((MarkKind::TargetUp, t, t));
                    }
                    down = None;
                }
                if v == 0.0 {
                    down = Some((down.map_or(t, |(since, _)| since), t));
                }
            });
            if let Some((since, last)) = down {
                let end = self.range.end.0;
                found.push((MarkKind::TargetDown, since, if end - last <= LOOKBACK.0 { end } else { last }));
            }
            for (kind, at_ms, end_ms) in found {
                self.mark(kind, at_ms, end_ms, &target);
            }
        }
    }

    /// Where a process tells of another start than before: at that start, if it lies between the two samples.
    fn restarts(&mut self, targets: &BTreeSet<Labels>) {
        let mut scratch = Scratch::default();
        for (series, target) in self.of_targets("process_start_time_seconds", targets) {
            let mut before: Option<(i64, f64)> = None;
            let mut found = Vec::new();
            self.visit(series, &mut scratch, &mut |t, v| {
                if !v.is_finite() {
                    return;
                }
                if let Some((t_before, v_before)) = before.replace((t, v))
                    && (v - v_before).abs() > JITTER_SECONDS
                {
                    let started = (v * 1_000.0) as i64;
                    found.push(if started > t_before && started <= t { started } else { t });
                }
            });
            for at_ms in found {
                self.mark(MarkKind::Restart, at_ms, at_ms, &target);
            }
        }
    }

    /// Where a counter is less than before.
    fn resets(&mut self, series: &[SeriesRef], described: &BTreeMap<String, MetricFamily>) {
        let mut scratch = Scratch::default();
        let mut kinds: BTreeMap<&'a str, bool> = BTreeMap::new();
        let head = self.head;
        for &series in series {
            let mut found: Vec<i64> = Vec::new();
            if head.has_histograms(series) {
                self.histogram_resets(series, &mut found);
            }
            let Some(metric) = head.metric_name(series) else { continue };
            let is_counter = *kinds.entry(metric).or_insert_with(|| scrape::is_counter(metric, described));
            if is_counter && head.shape(series).has_falls {
                let mut before = f64::NEG_INFINITY;
                self.visit(series, &mut scratch, &mut |t, v| {
                    if v < before {
                        found.push(t);
                    }
                    if !v.is_nan() {
                        before = v;
                    }
                });
            }
            if let Some(labels) = head.labels(series) {
                found.into_iter().for_each(|at_ms| self.mark(MarkKind::CounterReset, at_ms, at_ms, labels));
            }
        }
    }

    fn histogram_resets(&mut self, series: SeriesRef, found: &mut Vec<i64>) {
        if self.n_samples > MAX_MARK_SAMPLES {
            self.is_cut = true;
            return;
        }
        let range = TimeRange { start: self.range.start - LOOKBACK, end: self.range.end };
        let mut buf = SampleBuf::default();
        self.head.read(series, range, &mut buf);
        // Buckets are what takes time here.
        self.n_samples += 20 * buf.histograms.hs.len();
        let histograms = buf.histograms.ts.iter().zip(&buf.histograms.hs).filter(|(_, h)| !h.is_stale());
        let mut before: Option<&std::sync::Arc<model::Histogram>> = None;
        for (&t, h) in histograms {
            if before.replace(h).is_some_and(|before| h.detect_reset(before)) {
                found.push(t);
            }
        }
    }

    /// Series that began in the range, though the same metric was there before: that of the same target, or that of
    /// another one so long before that the targets were not found together.
    fn new_series(&mut self, series: &[SeriesRef]) {
        let head = self.head;
        // Where old samples were dropped, series begin at other times than they began at.
        let known_since = head.dropped_before().map_or(Timestamp::MIN, |dropped| dropped + LOOKBACK);
        let mut new: BTreeMap<&'a str, Vec<(SeriesRef, Timestamp)>> = BTreeMap::new();
        for &series in series {
            let Some(oldest) = head.oldest(series) else { continue };
            if oldest >= self.range.start
                && oldest <= self.range.end
                && oldest > known_since
                && let Some(metric) = head.metric_name(series)
            {
                new.entry(metric).or_default().push((series, oldest));
            }
        }
        self.is_cut |= new.len() > MAX_MARK_METRICS;
        for (metric, new) in new.into_iter().take(MAX_MARK_METRICS) {
            let matcher = Matcher::new(METRIC_NAME, MatchOp::Equal, metric);
            let mut of_target: BTreeMap<Labels, Timestamp> = BTreeMap::new();
            let mut of_all = Timestamp::MAX;
            for other in
                head.select(&[matcher], TimeRange::ALL).unwrap_or_default().into_iter().take(10 * MAX_MARK_SERIES)
            {
                if let (Some(oldest), Some(labels)) = (head.oldest(other), head.labels(other)) {
                    let of = of_target.entry(target_of(labels)).or_insert(oldest);
                    *of = oldest.min(*of);
                    of_all = of_all.min(oldest);
                }
            }
            for (series, oldest) in new {
                let Some(labels) = head.labels(series) else { continue };
                let is_new_of_target = of_target.get(&target_of(labels)).is_some_and(|first| *first < oldest);
                if is_new_of_target || of_all + LOOKBACK < oldest {
                    self.mark(MarkKind::NewSeries, oldest.0, oldest.0, labels);
                }
            }
        }
    }
}
