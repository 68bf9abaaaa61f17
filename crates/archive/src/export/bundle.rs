//! A bundle: samples as they are stored, some series a part.

use crate::bundle::{self, About};
use model::{Labels, MetricFamily, TimeRange, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use tsdb::{Head, SampleBuf, Scratch, SeriesRef};

/// Samples of a part, about: some ten milliseconds.
const SAMPLES_OF_PART: usize = 100_000;
/// Series of a part at most.
const SERIES_OF_PART: usize = 1_000;

#[derive(Debug)]
pub(super) struct Bundle {
    series: Vec<SeriesRef>,
    range: TimeRange,
    /// Series of a part.
    at_once: usize,
    next: usize,
    /// The first piece, until it is given.
    begin: Option<(Vec<u8>, u64)>,
    n_parts: u64,
    buf: SampleBuf,
    pub(super) n_samples: u64,
}

impl Bundle {
    pub(super) fn new(
        head: &Head,
        series: Vec<SeriesRef>,
        range: TimeRange,
        page: &str,
        families: &BTreeMap<String, MetricFamily>,
    ) -> Self {
        let stats = head.stats();
        let each = stats.n_samples / stats.n_series.max(1) + 1;
        let times =
            |time: fn(&Head, SeriesRef) -> Option<Timestamp>| series.iter().filter_map(move |&one| time(head, one));
        let clamp = |t: Timestamp| t.0.clamp(range.start.0, range.end.0);
        let names: BTreeSet<&str> =
            series.iter().filter_map(|&one| head.labels(one).and_then(Labels::metric_name)).collect();
        let about = About {
            oldest_ms: times(Head::oldest).min().map(clamp),
            newest_ms: times(Head::newest).max().map(clamp),
            metrics: names.into_iter().map(str::to_owned).collect(),
        };
        let begin = Some(bundle::begin(page, &about, families));
        let at_once = (SAMPLES_OF_PART / each).clamp(1, SERIES_OF_PART);
        Bundle { series, range, at_once, next: 0, begin, n_parts: 0, buf: SampleBuf::default(), n_samples: 0 }
    }

    pub(super) fn next_piece(&mut self, head: &Head) -> (Vec<u8>, bool) {
        if let Some((begin, n_parts)) = self.begin.take() {
            self.n_parts = n_parts;
            return (begin, false);
        }
        let part = self.series.get(self.next..).unwrap_or(&[]);
        let part = part.get(..self.at_once).unwrap_or(part);
        if part.is_empty() {
            return (bundle::end(self.n_parts), true);
        }
        let payload = journal::pack(head, part, self.range);
        let mut scratch = Scratch::default();
        for &one in part {
            self.n_samples += head.visit_floats(one, self.range, &mut scratch, |_, _| {}) as u64;
            if head.has_histograms(one) {
                self.buf.clear();
                head.read(one, self.range, &mut self.buf);
                self.n_samples += self.buf.histograms.len() as u64;
            }
        }
        self.next += part.len();
        self.n_parts += 1;
        (bundle::part(&payload), false)
    }

    pub(super) fn progress(&self) -> (usize, usize) {
        (self.next, self.series.len())
    }
}
