//! OpenMetrics text, family by family. Whether the rules of its type allow a family what it holds is looked at first.

use super::{PIECE_BYTES, exemplars_of};
use exposition::Format;
use exposition::writer::{Column, Losses, Metric, MetricWriter, Planned, Writer, plan};
use model::{Labels, MetricFamily, MetricKind, TimeRange};
use std::collections::{BTreeMap, VecDeque};
use tsdb::{Head, SampleBuf, SeriesExemplar, SeriesRef};

/// Samples that are checked, or lines that are written, in one go.
const AT_ONCE: usize = 20_000;

#[derive(Debug)]
pub(super) struct OpenMetrics {
    range: TimeRange,
    families: VecDeque<Planned>,
    by_metric: BTreeMap<String, Vec<SeriesRef>>,
    exemplars: BTreeMap<SeriesRef, Vec<SeriesExemplar>>,
    current: Option<Family>,
    writer: Writer,
    buf: SampleBuf,
    n_series: usize,
    n_done: usize,
    pub(super) n_samples: u64,
    pub(super) losses: Losses,
}

/// The family that is being written.
#[derive(Debug)]
struct Family {
    planned: Planned,
    /// Its metrics: the series of each.
    metrics: Vec<Vec<SeriesRef>>,
    /// Up to here the metrics are known to keep the rules.
    n_checked: usize,
    n_written: usize,
    writing: Option<MetricWriter>,
    /// Its first lines are written.
    has_head: bool,
}

impl OpenMetrics {
    pub(super) fn new(
        head: &Head,
        series: &[SeriesRef],
        range: TimeRange,
        families: &BTreeMap<String, MetricFamily>,
    ) -> Self {
        let mut by_metric: BTreeMap<String, Vec<SeriesRef>> = BTreeMap::new();
        let mut losses = Losses::default();
        for &one in series {
            match head.labels(one).and_then(Labels::metric_name) {
                Some(name) => match by_metric.get_mut(name) {
                    Some(list) => list.push(one),
                    None => {
                        by_metric.insert(name.to_owned(), vec![one]);
                    }
                },
                None => losses.n_nameless += 1,
            }
        }
        OpenMetrics {
            range,
            families: plan(by_metric.keys().map(String::as_str), families, Format::OpenMetrics).into(),
            by_metric,
            exemplars: exemplars_of(head, range),
            current: None,
            writer: Writer::new(Format::OpenMetrics),
            buf: SampleBuf::default(),
            n_series: series.len(),
            n_done: losses.n_nameless as usize,
            n_samples: 0,
            losses,
        }
    }

    pub(super) fn progress(&self) -> (usize, usize) {
        (self.n_done, self.n_series)
    }

    pub(super) fn next_piece(&mut self, head: &Head) -> (Vec<u8>, bool) {
        // Samples looked at in this piece.
        let mut n_looked = 0;
        while self.writer.len() < PIECE_BYTES && n_looked < AT_ONCE {
            let Some(family) = self.current.take().or_else(|| self.next_family(head)) else {
                self.writer.end();
                return (self.writer.take(), true);
            };
            self.current = self.go_on(family, head, &mut n_looked);
        }
        (self.writer.take(), false)
    }

    fn next_family(&mut self, head: &Head) -> Option<Family> {
        let planned = self.families.pop_front()?;
        let mut metrics: BTreeMap<Labels, Vec<SeriesRef>> = BTreeMap::new();
        // Most families have one series for each metric.
        let mut single = Vec::new();
        let is_single = planned.part_label().is_none() && planned.metrics.len() == 1;
        for &series in planned.metrics.iter().filter_map(|name| self.by_metric.get(name)).flatten() {
            if is_single {
                single.push(vec![series]);
            } else if let Some(labels) = head.labels(series) {
                metrics.entry(planned.metric_key(labels)).or_default().push(series);
            }
        }
        let metrics = if is_single { single } else { metrics.into_values().collect() };
        let needs_check = !matches!(planned.family.kind, MetricKind::Gauge | MetricKind::Unknown);
        let n_checked = if needs_check { 0 } else { metrics.len() };
        Some(Family { planned, metrics, n_checked, n_written: 0, writing: None, has_head: false })
    }

    /// Does a part of the work on a family; gives it back unless it is done.
    fn go_on(&mut self, mut family: Family, head: &Head, n_looked: &mut usize) -> Option<Family> {
        if let Some(series) = family.metrics.get(family.n_checked) {
            let metric = self.metric(&family.planned, series, head);
            *n_looked += metric.columns.iter().map(|column| column.vs.len()).sum::<usize>();
            if !metric.fits(&family.planned.family, Format::OpenMetrics) {
                // The losses tell of one family, not of its parts.
                for part in family.planned.split().into_iter().rev() {
                    self.families.push_front(part);
                }
                return None;
            }
            family.n_checked += 1;
            return Some(family);
        }
        if let Some(mut writing) = family.writing.take() {
            let n_before = self.writer.len();
            if writing.write_some(&mut self.writer, AT_ONCE) {
                self.losses.add(writing.losses());
            } else {
                family.writing = Some(writing);
            }
            *n_looked += (self.writer.len() - n_before) / 50;
            return Some(family);
        }
        let series = family.metrics.get(family.n_written)?;
        self.n_done += series.len();
        family.n_written += 1;
        self.losses.n_histograms += self.n_histograms(series, head);
        let metric = self.metric(&family.planned, series, head);
        let n_markers = |column: &Column| column.vs.iter().filter(|v| model::is_stale(**v)).count();
        let n_samples: usize = metric.columns.iter().map(|column| column.vs.len() - n_markers(column)).sum();
        self.n_samples += n_samples as u64;
        if n_samples > 0 && !family.has_head {
            family.has_head = true;
            self.losses.n_untyped += u64::from(family.planned.is_untyped);
            self.writer.family(&family.planned.family);
        }
        family.writing = Some(MetricWriter::new(metric, &family.planned.family, Format::OpenMetrics));
        Some(family)
    }

    fn n_histograms(&mut self, series: &[SeriesRef], head: &Head) -> u64 {
        let with_some = series.iter().filter(|one| head.has_histograms(**one));
        let mut n = 0;
        for &one in with_some {
            self.buf.clear();
            head.read(one, self.range, &mut self.buf);
            n += self.buf.histograms.len() as u64;
        }
        n
    }

    /// The samples of a metric.
    fn metric(&mut self, planned: &Planned, series: &[SeriesRef], head: &Head) -> Metric {
        let mut metric = Metric::default();
        for &one in series {
            let Some(labels) = head.labels(one) else { continue };
            self.buf.clear();
            head.read(one, self.range, &mut self.buf);
            let SampleBuf { ts, vs, starts, .. } = std::mem::take(&mut self.buf);
            if ts.is_empty() {
                continue;
            }
            let mut column = Column { starts, ..Column::new(labels.clone(), ts, vs) };
            for exemplar in self.exemplars.get(&one).into_iter().flatten() {
                // It stands at the first sample that is not older.
                let at = column.ts.partition_point(|&sample| sample < exemplar.at.0);
                column.exemplars.push((at.min(column.ts.len() - 1), exemplar.exemplar.clone()));
            }
            column.exemplars.sort_by_key(|(at, _)| *at);
            metric.columns.push(column);
        }
        planned.arrange(&mut metric);
        metric
    }
}
