//! What a scrape does to the store: samples, `up` and its companions, staleness markers.
//!
//! The rules are those of Prometheus: a body counts as a whole, one bad line drops it and `up` is 0; a series
//! that was in the last scrape and is not in this one gets a staleness marker, all of them after a failed one;
//! series with explicit times get none unless asked for.

mod read;

use crate::cache::{self, Cache};
use crate::dropped::Dropped;
use crate::failure::ScrapeFailure;
use config::Limits;
use config::relabel::Rule;
use exposition::Format;
use model::{Histogram, INSTANCE, JOB, LabelsBuilder, METRIC_NAME, MetricFamily, Millis, STALE_NAN, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tsdb::{AppendError, Head, SeriesRef};

/// How a target is scraped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeConfig {
    /// The `job` label.
    pub job: String,
    /// The `instance` label.
    pub instance: String,
    /// More labels of the target.
    pub labels: Vec<(String, String)>,
    /// On a conflict the exposed label wins; otherwise it is renamed to `exported_…`.
    pub honor_labels: bool,
    /// Explicit times are used; otherwise the time of the scrape.
    pub honor_timestamps: bool,
    /// Staleness markers also for series with explicit times.
    pub track_timestamps_staleness: bool,
    /// At most so many samples a scrape, whatever becomes of them: what a tab can show.
    pub sample_limit: usize,
    /// Rules for samples, `metric_relabel_configs`: applied once to each series that is new to the target.
    pub rules: Arc<[Rule]>,
    /// Bounds that the configuration sets.
    pub limits: Limits,
}

impl ScrapeConfig {
    /// The defaults of Prometheus, and a limit of 100,000 samples: what a tab can show.
    pub fn new(job: impl Into<String>, instance: impl Into<String>) -> Self {
        ScrapeConfig {
            job: job.into(),
            instance: instance.into(),
            labels: Vec::new(),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            sample_limit: 100_000,
            rules: Arc::from([]),
            limits: Limits::default(),
        }
    }

    /// All labels of the target: `job`, `instance`, then the others in their order. Those that are empty are none.
    #[must_use]
    pub fn target_labels(&self) -> Vec<(String, String)> {
        let own = [(JOB.to_owned(), self.job.clone()), (INSTANCE.to_owned(), self.instance.clone())];
        let others = self.labels.iter().filter(|(name, _)| name != JOB && name != INSTANCE && name != METRIC_NAME);
        own.into_iter().filter(|(_, value)| !value.is_empty()).chain(others.cloned()).collect()
    }
}

/// A body as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// The bytes, decoded from any transfer encoding.
    pub bytes: &'a [u8],
    /// Its format.
    pub format: Format,
}

/// What a scrape did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScrapeReport {
    /// Samples in the body; in one that is not good, those before the bad line.
    pub n_samples: usize,
    /// Samples of these that rules of the target dropped.
    pub n_relabelled_away: usize,
    /// Series that the last good scrape of this target did not expose.
    pub n_series_added: usize,
    /// Samples that were not stored, by reason.
    pub dropped: Dropped,
    /// Why it failed, if it did.
    pub failure: Option<ScrapeFailure>,
}

/// A sample may be so far ahead of its scrape, as in Prometheus: clocks differ, but not by more.
const MAX_AHEAD: Millis = Millis(10 * 60 * 1_000);

/// One target: what it exposed last, and what is known of its metrics.
#[derive(Debug)]
pub struct ScrapeLoop {
    config: ScrapeConfig,
    cache: Cache,
    /// Counts scrapes, good or bad.
    scrape: u32,
    /// The last scrape that was good and not empty: what it exposed is known.
    last_full: u32,
    families: BTreeMap<String, MetricFamily>,
    /// Of the metadata that the families were made of last.
    metadata_hash: Option<u64>,
    /// `up` and its companions, in the order of [`REPORTS`].
    reports: Vec<SeriesRef>,
}

const REPORTS: [&str; 5] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];

impl ScrapeLoop {
    /// A target that has not been scraped.
    #[must_use]
    pub fn new(config: ScrapeConfig) -> Self {
        ScrapeLoop {
            config,
            cache: Cache::default(),
            scrape: 0,
            last_full: 0,
            families: BTreeMap::new(),
            metadata_hash: None,
            reports: Vec::new(),
        }
    }

    /// How it is scraped.
    #[must_use]
    pub fn config(&self) -> &ScrapeConfig {
        &self.config
    }

    /// Types, help and units of the metrics it exposes, by name.
    #[must_use]
    pub fn families(&self) -> &BTreeMap<String, MetricFamily> {
        &self.families
    }

    /// Names of the metrics that the last good scrape exposed.
    #[must_use]
    pub fn metric_names(&self, head: &Head) -> BTreeSet<String> {
        let exposed = self.cache.entries.iter().filter(|entry| entry.seen >= self.last_full);
        let mut names = BTreeSet::new();
        for name in exposed.filter_map(|entry| head.metric_name(entry.series?)) {
            if !names.contains(name) {
                names.insert(name.to_owned());
            }
        }
        names
    }

    /// Stores what a scrape brought. `at` is when it began: the time of its samples.
    pub fn ingest(
        &mut self,
        head: &mut Head,
        body: Result<Body<'_>, ScrapeFailure>,
        at: Timestamp,
        duration: Millis,
    ) -> ScrapeReport {
        self.scrape += 1;
        let mut report = ScrapeReport::default();
        report.failure = body.and_then(|body| self.store(head, body, at, false, &mut report)).err();
        self.mark_vanished(head, at);
        let up = if report.failure.is_none() { 1.0 } else { 0.0 };
        let (n, added) = (report.n_samples as f64, report.n_series_added as f64);
        let n_kept = report.n_samples.saturating_sub(report.n_relabelled_away) as f64;
        let values = [up, duration.as_secs_f64(), n, n_kept, added];
        if let Err(AppendError::TooManySeries(limit)) = self.write_reports(head, at, &values) {
            report.failure.get_or_insert(ScrapeFailure::StoreFull { limit });
        }
        report
    }

    /// Stores a text as one snapshot: no `up`, no staleness markers.
    ///
    /// # Errors
    /// If it is no metrics text or does not fit.
    pub fn ingest_snapshot(
        &mut self,
        head: &mut Head,
        body: Body<'_>,
        at: Timestamp,
    ) -> Result<ScrapeReport, ScrapeFailure> {
        self.scrape += 1;
        let mut report = ScrapeReport::default();
        self.store(head, body, at, true, &mut report)?;
        Ok(report)
    }

    /// The target is scraped no more: its series end here.
    pub fn end(&mut self, head: &mut Head, at: Timestamp) {
        self.scrape += 1;
        self.mark_vanished(head, at);
        for &series in &self.reports {
            // Newer or already there: then there is nothing to end.
            let _ = head.append_ref(series, at, STALE_NAN);
        }
    }

    /// Reads a whole body, then stores it: a bad line leaves nothing behind.
    fn store(
        &mut self,
        head: &mut Head,
        body: Body<'_>,
        at: Timestamp,
        is_snapshot: bool,
        report: &mut ScrapeReport,
    ) -> Result<(), ScrapeFailure> {
        let max_bytes = self.config.limits.body_size_limit;
        // As many are too many already, as in Prometheus.
        if max_bytes > 0 && body.bytes.len() as u64 >= max_bytes {
            return Err(ScrapeFailure::BodySizeLimit { limit: max_bytes });
        }
        self.cache.rewind(head, self.scrape, body.format);
        let n_known = self.cache.entries.len();
        let found = self.read(body, at, report).and_then(|read| self.find_series(head).map(|()| read));
        let mut read = found.inspect_err(|_| self.cache.truncate(n_known))?;
        if is_snapshot {
            // A dump of a store may hold several samples a series in any order of times.
            model::sort::by_key(&mut read.pending, |sample| sample.t);
        }
        // Prometheus takes nothing older than an hour before the newest sample; here a sample is kept that the retention
        // would keep, so that an exporter with old times of its own loses nothing.
        let oldest = at - head.options().retention;
        for sample in &read.pending {
            let entry = &mut self.cache.entries[sample.entry as usize];
            let extra = read.extra(sample);
            let is_new = entry.seen == 0 || entry.seen < self.last_full;
            let is_twice = entry.seen == self.scrape && !sample.own_time;
            entry.seen = self.scrape;
            if entry.is_dropped {
                continue;
            }
            let dropped = &mut report.dropped;
            if is_twice {
                // The same line twice in one body: the second one is refused, be its value the same or not.
                dropped.duplicate += 1;
                continue;
            }
            if !sample.own_time || self.config.track_timestamps_staleness {
                entry.tracked = self.scrape;
                entry.live = true;
            }
            if !is_snapshot && sample.t > at + MAX_AHEAD {
                dropped.too_far_ahead += 1;
                continue;
            }
            if !is_snapshot && sample.t < oldest {
                dropped.too_old += 1;
                continue;
            }
            entry.is_histogram = extra.is_some_and(|extra| extra.histogram.is_some());
            let Some(series) = entry.series else { continue };
            let stored = match extra {
                None => head.append_ref(series, sample.t, sample.v),
                Some(extra) => match &extra.histogram {
                    None => head.append_since(series, sample.t, sample.v, extra.start),
                    Some(histogram) => head.append_histogram(series, sample.t, Arc::clone(histogram), extra.start),
                },
            };
            match stored {
                Ok(()) => report.n_series_added += usize::from(is_new),
                Err(AppendError::OutOfOrder) => dropped.out_of_order += 1,
                Err(AppendError::DuplicateTimestamp) => dropped.duplicate += 1,
                // All series were found or made above.
                Err(AppendError::TooManySeries(_) | AppendError::UnknownSeries | AppendError::InvalidHistogram) => {}
            }
        }
        for (entry, t, exemplar) in read.exemplars {
            if let Some(series) = self.cache.entries.get(entry as usize).and_then(|entry| entry.series) {
                head.append_exemplar(series, exemplar, t);
            }
        }
        if !body.bytes.is_empty() {
            self.last_full = self.scrape;
        }
        self.cache.prune(self.scrape);
        Ok(())
    }

    /// Gives each new series its place in the store.
    fn find_series(&mut self, head: &mut Head) -> Result<(), ScrapeFailure> {
        head.reserve(self.cache.n_waiting());
        self.cache.place(|labels| head.get_or_create(labels)).map_err(|error| match error {
            AppendError::TooManySeries(limit) => ScrapeFailure::StoreFull { limit },
            error => ScrapeFailure::Other(error.to_string()),
        })
    }

    /// Marks the series of the scrape before that this one did not expose.
    fn mark_vanished(&mut self, head: &mut Head, at: Timestamp) {
        let current = self.scrape;
        for entry in self.cache.entries.iter_mut().filter(|entry| entry.live && entry.tracked < current) {
            entry.live = false;
            end_series(head, entry, at);
        }
    }

    fn write_reports(&mut self, head: &mut Head, at: Timestamp, values: &[f64; 5]) -> Result<(), AppendError> {
        if self.reports.len() != REPORTS.len() || self.reports.iter().any(|&s| !head.contains(s)) {
            self.reports.clear();
            for name in REPORTS {
                let mut labels = LabelsBuilder::new();
                labels.set(METRIC_NAME, name);
                for (name, value) in self.config.target_labels() {
                    labels.set(&name, &value);
                }
                self.reports.push(head.get_or_create(&labels.labels())?);
            }
        }
        for (&series, &v) in self.reports.iter().zip(values) {
            // Two scrapes in one millisecond: the first one counts.
            let _ = head.append_ref(series, at, v);
        }
        Ok(())
    }
}

/// Marks the end of a series with a sample of its kind.
fn end_series(head: &mut Head, entry: &cache::Entry, at: Timestamp) {
    let Some(series) = entry.series else { return };
    // A newer sample is there already: then there is nothing to end.
    let _ = if entry.is_histogram {
        head.append_histogram(series, at, Arc::new(Histogram::stale()), None)
    } else {
        head.append_ref(series, at, STALE_NAN)
    };
}

#[cfg(test)]
mod tests;
