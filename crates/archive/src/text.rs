//! Metrics text of either format to samples, some thousand lines a step.

use crate::pending::{Extra, Pending};
use exposition::{Entry, Format, ParseError, Parser, Paused};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{INSTANCE, JOB, LE, Labels, LabelsBuilder, METRIC_NAME, MetricKind, QUANTILE, Timestamp};
use std::collections::BTreeMap;

/// Lines of one step: some ten milliseconds.
const LINES_OF_STEP: usize = 20_000;

/// A text that is being read.
#[derive(Debug)]
pub(crate) struct TextReader {
    body: Vec<u8>,
    format: Format,
    paused: Paused,
    /// Series by name and labels as they stand in the text.
    by_key: HashMap<Box<[u8]>, Known, FixedState>,
    /// The family that an OpenMetrics text is at, if it can have `_created` series.
    counting: Option<String>,
    metrics: HashMap<(String, Labels), u32, FixedState>,
    /// The metric of each series that is in one with a start.
    metric_of: BTreeMap<u32, u32>,
    /// What `_created` series say: since when a metric counts, by its number and the time at which it was said.
    starts: BTreeMap<(u32, i64), Timestamp>,
    /// Some sample has no time of its own.
    has_untimed: bool,
    /// The time of those.
    at: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    series: u32,
    /// It says since when this metric counts.
    created_of: Option<u32>,
}

impl TextReader {
    pub(crate) fn new(body: Vec<u8>, at: Timestamp) -> Self {
        let format = Format::guess(&body);
        // A byte order mark is no part of a text.
        let mut body = body;
        if body.starts_with(b"\xef\xbb\xbf") {
            body.drain(..3);
        }
        let paused = Parser::new(&body, format).pause();
        TextReader {
            body,
            format,
            paused,
            by_key: HashMap::default(),
            counting: None,
            metrics: HashMap::default(),
            metric_of: BTreeMap::new(),
            starts: BTreeMap::new(),
            has_untimed: false,
            at,
        }
    }

    /// Whether it ends as OpenMetrics does.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Bytes read, and all.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.paused.position() as u64, self.body.len() as u64)
    }

    /// Reads on; the answer is whether all is read.
    ///
    /// # Errors
    /// At the first line that a Prometheus server would not take.
    pub(crate) fn step(&mut self, pending: &mut Pending) -> Result<bool, ParseError> {
        let body = std::mem::take(&mut self.body);
        let mut parser = Parser::resume(&body, self.paused);
        let mut result = Ok(false);
        for _ in 0..LINES_OF_STEP {
            match parser.next_entry() {
                Ok(Some(entry)) => {
                    if let Err(error) = self.entry(entry, &parser, pending) {
                        result = Err(error);
                        break;
                    }
                }
                Ok(None) => {
                    result = Ok(true);
                    break;
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        self.paused = parser.pause();
        self.body = body;
        result
    }

    /// What can be said only at the end: starts of counting, labels.
    pub(crate) fn finish(self, pending: &mut Pending, instance: &str) {
        self.put_starts(pending);
        // A text whose samples all have times was taken from a store, and says itself where they are from. Another one is
        // what a target answers; it gets the labels that a scrape would give it, where it has none of its own.
        if self.has_untimed {
            pending.relabel(|labels| {
                let mut builder = LabelsBuilder::from_labels(labels);
                for (name, value) in [(JOB, crate::import::JOB_OF_FILES), (INSTANCE, instance)] {
                    if builder.get(name).is_none() {
                        builder.set(name, value);
                    }
                }
                builder.labels()
            });
        }
    }

    fn entry(&mut self, entry: Entry<'_>, parser: &Parser<'_>, pending: &mut Pending) -> Result<(), ParseError> {
        let series = match entry {
            Entry::Series(series) => series,
            Entry::Type { name, kind } => {
                let counts = matches!(kind, MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary);
                let is_openmetrics = self.format == Format::OpenMetrics;
                self.counting = (counts && is_openmetrics).then(|| name.to_string());
                if let Some(family) = pending.family(&name) {
                    family.kind = kind;
                }
                return Ok(());
            }
            Entry::Help { name, text } => {
                if let Some(family) = pending.family(&name) {
                    family.help = text.into_owned();
                }
                return Ok(());
            }
            Entry::Unit { name, unit } => {
                if let Some(family) = pending.family(&name) {
                    family.unit = unit.into_owned();
                }
                return Ok(());
            }
        };
        let known = match self.by_key.get(series.key) {
            Some(known) => *known,
            None => {
                let labels = parser.labels()?;
                let created_of = self.metric(&labels, pending);
                let known = Known { series: pending.series(labels), created_of };
                self.by_key.insert(Box::from(series.key), known);
                known
            }
        };
        self.has_untimed |= series.timestamp.is_none();
        let t = series.timestamp.unwrap_or(self.at);
        if series.has_exemplar
            && let Some(exemplar) = parser.exemplar()
        {
            pending.push_exemplar(known.series, t, exemplar);
        }
        if let Some(metric) = known.created_of {
            // Towards zero, as times are read.
            let start = Timestamp((series.value * 1_000.0) as i64);
            if series.value.is_finite() && start.0 > 0 {
                self.starts.insert((metric, t.0), start);
            }
        }
        pending.push(known.series, t, series.value);
        Ok(())
    }

    /// Notes to which metric a new series belongs. The answer is that metric, if the series says since when it counts.
    fn metric(&mut self, labels: &Labels, pending: &Pending) -> Option<u32> {
        let family = self.counting.as_ref()?;
        let suffix = labels.metric_name()?.strip_prefix(&**family)?;
        if !["", "_total", "_count", "_sum", "_bucket", "_created"].contains(&suffix) {
            return None;
        }
        let key = (family.clone(), labels.only(|name| !matches!(name, METRIC_NAME | LE | QUANTILE)));
        let next = self.metrics.len() as u32;
        let metric = *self.metrics.entry(key).or_insert(next);
        if suffix == "_created" {
            return Some(metric);
        }
        // The number that the series is about to get.
        self.metric_of.insert(pending.labels.len() as u32, metric);
        None
    }

    /// Gives each sample the start that was said last before it or with it.
    fn put_starts(&self, pending: &mut Pending) {
        if self.starts.is_empty() {
            return;
        }
        let mut numbers: HashMap<Timestamp, u32, FixedState> = HashMap::default();
        for idx in 0..pending.samples.len() {
            let Some(sample) = pending.samples.get(idx).copied() else { break };
            let Some(&metric) = self.metric_of.get(&sample.series) else { continue };
            let Some((_, &start)) = self.starts.range((metric, i64::MIN)..=(metric, sample.t)).next_back() else {
                continue;
            };
            let extra = match numbers.get(&start) {
                Some(&extra) => extra,
                None => {
                    let extra = pending.add_extra(Extra { start: Some(start), histogram: None });
                    numbers.insert(start, extra);
                    extra
                }
            };
            if let Some(sample) = pending.samples.get_mut(idx) {
                sample.extra = extra;
            }
        }
    }
}
