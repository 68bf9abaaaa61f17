//! One target of the worker: what was asked for, how it is scraped, and what the page is told of it.

use crate::config::errand::wire_access;
use crate::history::History;
use crate::losses;
use crate::source::plan::{Circumstances, Outcome, ScrapePlan};
use exposition::Format;
use model::{INSTANCE, JOB, Labels, Millis, Timestamp};
use protocol::{Access, Dropped, Health, Moment, Problem, ScrapeRecord, TargetId, TargetSpec, TargetStatus, Via};
use scrape::{Endpoint, EndpointError, Schedule, ScrapeConfig, ScrapeLoop, default_job};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use tsdb::Head;

/// A target.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) id: TargetId,
    pub(crate) scrape_loop: ScrapeLoop,
    /// `None` for a snapshot: there is nothing to scrape.
    pub(crate) schedule: Option<Schedule>,
    /// What is scraped now; another path than the typed one if that was found. `None` for a snapshot.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) status: TargetStatus,
    /// Names of the metrics it exposes, without `up` and its companions.
    pub(crate) metrics: BTreeSet<String>,
    /// The body of the last scrape, as far as it is kept.
    pub(crate) raw: Option<RawBody>,
    /// The one before it, to compare.
    pub(crate) before: Option<RawBody>,
    /// The one that the user marked, to compare.
    pub(crate) marked: Option<RawBody>,
    pub(crate) history: History,
    /// The scrape that was begun last; an answer to another one is dropped.
    pub(crate) serial: u64,
    /// A scrape found metrics: other paths need no look.
    was_good: bool,
    /// Scrapes that failed since the last good one.
    n_failed: u64,
    /// What a configuration says of it; `None` of one that was added by hand.
    configured: Option<Configured>,
}

/// What a configuration says of a target.
#[derive(Debug)]
struct Configured {
    config: Arc<config::ScrapeConfig>,
    /// With the URL, what makes it the same target after a reload.
    identity: Labels,
    /// Credentials as requests carry them.
    access: Access,
    /// The relay has them.
    is_of_relay: bool,
}

/// A body as it was received.
#[derive(Clone, Debug)]
pub(crate) struct RawBody {
    pub(crate) content_type: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) bytes: Vec<u8>,
    pub(crate) n_bytes: u64,
}

impl RawBody {
    /// What it is read as.
    pub(crate) fn format(&self) -> Format {
        Format::of_content_type(self.content_type.as_deref())
    }

    /// The lines that are kept as a whole, and whether some are not; the end is added where the format asks for one.
    pub(crate) fn whole_lines(&self) -> (Cow<'_, [u8]>, bool) {
        let (format, is_cut) = (self.format(), self.n_bytes > self.bytes.len() as u64);
        if !is_cut || format == Format::Protobuf {
            return (Cow::Borrowed(&self.bytes), is_cut);
        }
        (Cow::Owned(crate::lint::whole_lines(&self.bytes, format)), true)
    }
}

impl Target {
    /// A target that is scraped from now on.
    pub(crate) fn new(id: TargetId, spec: TargetSpec, now: Timestamp) -> Result<Self, EndpointError> {
        let endpoint = Endpoint::parse(&spec.url)?;
        let mut schedule = Schedule::new(interval(&spec), now);
        schedule.set_paused(spec.paused, now);
        let scrape_loop = ScrapeLoop::new(config_of(&spec, &endpoint));
        Ok(Self::with(id, spec, scrape_loop, Some(schedule), Some(endpoint)))
    }

    /// A target that a configuration gives: scraped at the URL and with the labels that relabelling left.
    pub(crate) fn configured(
        id: TargetId,
        config: &Arc<config::ScrapeConfig>,
        found: &config::Discovered,
        is_of_relay: bool,
        now: Timestamp,
    ) -> Self {
        let label = |name: &str| found.labels.get(name).unwrap_or_default().to_owned();
        let (job, instance) = (label(JOB), label(INSTANCE));
        let others = found.labels.iter().filter(|(name, _)| ![JOB, INSTANCE].contains(name));
        let labels: Vec<_> = others.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let ms = |time: Millis| u32::try_from(time.0).unwrap_or(u32::MAX);
        let spec = TargetSpec {
            job: job.clone(),
            labels: labels.clone(),
            interval_ms: ms(found.interval),
            timeout_ms: ms(found.timeout),
            honor_labels: config.honor_labels,
            honor_timestamps: config.honor_timestamps,
            track_timestamps_staleness: config.track_timestamps_staleness,
            native_histograms: config.native_histograms,
            ..TargetSpec::new(found.url.clone())
        };
        let scrape = ScrapeConfig {
            labels,
            honor_labels: config.honor_labels,
            honor_timestamps: config.honor_timestamps,
            track_timestamps_staleness: config.track_timestamps_staleness,
            rules: Arc::from(config.metric_relabel_configs.clone()),
            limits: config.limits,
            ..ScrapeConfig::new(job, instance.as_str())
        };
        let endpoint = Endpoint { url: found.url.clone(), instance };
        let schedule = Schedule::new(found.interval, now);
        let mut target = Self::with(id, spec, ScrapeLoop::new(scrape), Some(schedule), Some(endpoint));
        target.status.pool.clone_from(&config.job_name);
        target.status.is_configured = true;
        target.configured = Some(Configured {
            config: Arc::clone(config),
            identity: found.identity.clone(),
            access: wire_access(&config.access),
            is_of_relay,
        });
        target
    }

    /// Whether it is what a pool found: the same URL and labels.
    pub(crate) fn is_same_pool_target(&self, pool: &str, found: &config::Discovered) -> bool {
        let is_it = |own: &Configured| own.identity == found.identity;
        self.status.pool == pool && self.status.spec.url == found.url && self.configured.as_ref().is_some_and(is_it)
    }

    /// Takes over what a changed configuration says of it. Its series go on, also where other rules or limits make it read
    /// everything anew.
    pub(crate) fn take_config(
        &mut self,
        config: &Arc<config::ScrapeConfig>,
        found: &config::Discovered,
        is_of_relay: bool,
        now: Timestamp,
    ) {
        let paused = self.status.spec.paused;
        let fresh = Self::configured(self.id, config, found, is_of_relay, now);
        if self.scrape_loop.config() != fresh.scrape_loop.config() {
            self.scrape_loop = fresh.scrape_loop;
        }
        if let Some(schedule) = &mut self.schedule {
            schedule.set_interval(found.interval, now);
        }
        self.status.spec = TargetSpec { paused, ..fresh.status.spec };
        self.configured = fresh.configured;
    }

    /// What a configuration says of it.
    pub(crate) fn scrape_config(&self) -> Option<&config::ScrapeConfig> {
        Some(&self.configured.as_ref()?.config)
    }

    /// Credentials and headers of its requests.
    pub(crate) fn access(&self) -> &Access {
        self.configured.as_ref().map_or(&self.status.spec.access, |own| &own.access)
    }

    /// The job whose credentials the relay has.
    pub(crate) fn relay_job(&self) -> Option<&str> {
        let own = self.configured.as_ref().filter(|own| own.is_of_relay && own.config.access.is_missing())?;
        Some(&own.config.job_name)
    }

    /// That a secret of it has to be entered, if that is so.
    pub(crate) fn missing_secret(&self) -> Option<String> {
        let own = self.configured.as_ref().filter(|own| !own.is_of_relay && own.config.access.is_missing())?;
        let job = &own.config.job_name;
        Some(format!(
            "It is scraped without credentials: those of the job {job} have to be entered in the configuration."
        ))
    }

    /// A target that stands for a text.
    pub(crate) fn snapshot(id: TargetId, spec: TargetSpec, config: ScrapeConfig) -> Self {
        let mut target = Self::with(id, spec, ScrapeLoop::new(config), None, None);
        target.status.via = Some(Via::Pasted);
        target
    }

    fn with(
        id: TargetId,
        spec: TargetSpec,
        scrape_loop: ScrapeLoop,
        schedule: Option<Schedule>,
        endpoint: Option<Endpoint>,
    ) -> Self {
        let status = TargetStatus {
            id,
            pool: scrape_loop.config().job.clone(),
            is_configured: false,
            spec,
            url: endpoint.as_ref().map(|e| e.url.clone()).unwrap_or_default(),
            labels: scrape_loop.config().target_labels(),
            health: Health::Unknown,
            via: None,
            last_scrape_ms: None,
            next_scrape_ms: None,
            duration_ms: None,
            n_samples: 0,
            n_series_added: 0,
            body_bytes: 0,
            n_scrapes: 0,
            n_slow: 0,
            n_slept: 0,
            dropped_last: Dropped::default(),
            dropped: Dropped::default(),
            marked_ms: None,
            scraping: false,
            problem: None,
            notices: Vec::new(),
        };
        let metrics = BTreeSet::new();
        Target {
            id,
            scrape_loop,
            schedule,
            endpoint,
            status,
            metrics,
            raw: None,
            before: None,
            marked: None,
            history: History::default(),
            serial: 0,
            was_good: false,
            n_failed: 0,
            configured: None,
        }
    }

    /// Takes over new settings. What is scraped or how it is labelled makes it another target: then the caller
    /// ends the old one and makes a new one; the answer is whether that is so.
    pub(crate) fn reconfigure(&mut self, spec: &TargetSpec, now: Timestamp) -> bool {
        if self.configured.is_some() {
            // Only whether it is paused is the user's to say.
            if let Some(schedule) = &mut self.schedule {
                schedule.set_paused(spec.paused, now);
            }
            self.status.spec.paused = spec.paused;
            return false;
        }
        let old = &self.status.spec;
        let same_series = old.url == spec.url
            && old.job == spec.job
            && old.labels == spec.labels
            && old.honor_labels == spec.honor_labels
            && old.honor_timestamps == spec.honor_timestamps
            && old.track_timestamps_staleness == spec.track_timestamps_staleness;
        if !same_series {
            return true;
        }
        if let Some(schedule) = &mut self.schedule {
            schedule.set_interval(interval(spec), now);
            schedule.set_paused(spec.paused, now);
        }
        self.status.spec = spec.clone();
        false
    }

    /// The plan of a scrape that begins now, if one is due.
    pub(crate) fn begin_if_due(
        &mut self,
        now: Timestamp,
        serial: u64,
        circumstances: Circumstances,
    ) -> Option<ScrapePlan> {
        let schedule = self.schedule.as_mut()?;
        let endpoint = self.endpoint.clone()?;
        if !schedule.begin_if_due(now) {
            return None;
        }
        // Another path is looked for at the first scrape, then ever more rarely.
        let discover =
            self.configured.is_none() && !self.was_good && (self.n_failed == 0 || self.n_failed.is_power_of_two());
        self.serial = serial;
        self.status.scraping = true;
        Some(ScrapePlan::new(endpoint, Circumstances { via: self.status.via, discover, ..circumstances }))
    }

    /// Another scrape is asked for by the user, who may have mended something: other paths are looked at again.
    pub(crate) fn scrape_now(&mut self) {
        self.n_failed = 0;
        if let Some(schedule) = &mut self.schedule {
            schedule.ask();
        }
    }

    /// What is known of an ended scrape before it is stored.
    pub(crate) fn took(&mut self, outcome: &Outcome, at: Timestamp, duration_ms: f64) {
        if let Some(schedule) = &mut self.schedule {
            schedule.finished();
        }
        if outcome.failure.is_none()
            && let Some(endpoint) = &mut self.endpoint
            && *endpoint != outcome.endpoint
        {
            *endpoint = outcome.endpoint.clone();
            self.status.url.clone_from(&outcome.endpoint.url);
        }
        self.status.via = Some(outcome.via);
        self.status.last_scrape_ms = Some(at.0);
        self.status.duration_ms = Some(duration_ms);
        self.status.n_scrapes += 1;
        self.status.scraping = false;
    }

    /// What storing it gave.
    pub(crate) fn stored(&mut self, report: &scrape::ScrapeReport, problem: Option<Problem>, head: &Head) {
        let is_good = report.failure.is_none();
        self.was_good |= is_good;
        self.n_failed = if is_good { 0 } else { self.n_failed + 1 };
        let status = &mut self.status;
        status.health = if is_good { Health::Up } else { Health::Down };
        if is_good {
            status.n_samples = report.n_samples as u32;
            status.n_series_added = report.n_series_added as u32;
        }
        status.dropped_last = losses::wire(report.dropped);
        losses::add(&mut status.dropped, status.dropped_last);
        status.problem = problem;
        if is_good && (report.n_series_added > 0 || self.metrics.is_empty()) {
            self.metrics = self.scrape_loop.metric_names(head);
        }
    }

    /// Keeps the body of the last scrape, up to a bound.
    pub(crate) fn keep_body(&mut self, mut bytes: Vec<u8>, content_type: Option<String>, at: Timestamp) {
        let n_bytes = bytes.len() as u64;
        bytes.truncate(crate::MAX_RAW_BODY_BYTES);
        bytes.shrink_to_fit();
        self.status.body_bytes = n_bytes;
        self.before = self.raw.replace(RawBody { content_type, at, bytes, n_bytes });
    }

    /// Keeps the body of the last scrape until another one is marked.
    pub(crate) fn mark(&mut self) {
        self.marked.clone_from(&self.raw);
    }

    /// A body that is kept; those of the store are not.
    pub(crate) fn body(&self, moment: Moment) -> Option<&RawBody> {
        match moment {
            Moment::Last => self.raw.as_ref(),
            Moment::Before => self.before.as_ref(),
            Moment::Marked => self.marked.as_ref(),
            Moment::Stored(_) => None,
        }
    }

    /// Bytes of all bodies that are kept.
    pub(crate) fn bodies_bytes(&self) -> usize {
        [&self.raw, &self.before, &self.marked].into_iter().flatten().map(|raw| raw.bytes.len()).sum()
    }

    /// Remembers the scrape that ended, whose body had so many bytes.
    pub(crate) fn remember(&mut self, report: &scrape::ScrapeReport, body_bytes: u64) {
        let status = &self.status;
        let (Some(at_ms), Some(via)) = (status.last_scrape_ms, status.via) else { return };
        let scrape = ScrapeRecord {
            at_ms,
            duration_ms: status.duration_ms.unwrap_or_default(),
            n_samples: report.n_samples as u32,
            n_series_added: report.n_series_added as u32,
            body_bytes,
            via,
            is_failed: report.failure.is_some(),
        };
        let error = status.problem.as_ref().map(|problem| problem.message.as_str());
        self.history.add(scrape, error.filter(|_| report.failure.is_some()));
    }

    /// Scrapes that were left out: as the one before still ran, and as everything slept.
    pub(crate) fn skipped(&self) -> (u64, u64) {
        self.schedule.as_ref().map_or((0, 0), |schedule| (schedule.n_slow(), schedule.n_slept()))
    }

    /// What the page is told now.
    pub(crate) fn status(&self) -> TargetStatus {
        let mut status = self.status.clone();
        status.marked_ms = self.marked.as_ref().map(|raw| raw.at.0);
        if let Some(schedule) = &self.schedule {
            status.next_scrape_ms = schedule.next_due().map(|t| t.0).filter(|&t| t != i64::MIN);
            (status.n_slow, status.n_slept) = self.skipped();
            status.scraping = schedule.is_running();
        }
        status
    }

    /// How long a fetch of it may take: never longer than its interval.
    pub(crate) fn timeout(&self) -> Millis {
        let spec = &self.status.spec;
        Millis(i64::from(spec.timeout_ms.min(spec.interval_ms).max(1)))
    }
}

fn interval(spec: &TargetSpec) -> Millis {
    Millis(i64::from(spec.interval_ms))
}

fn config_of(spec: &TargetSpec, endpoint: &Endpoint) -> ScrapeConfig {
    let job = if spec.job.is_empty() { default_job(endpoint) } else { spec.job.clone() };
    ScrapeConfig {
        labels: spec.labels.clone(),
        honor_labels: spec.honor_labels,
        honor_timestamps: spec.honor_timestamps,
        track_timestamps_staleness: spec.track_timestamps_staleness,
        ..ScrapeConfig::new(job, endpoint.instance.as_str())
    }
}

/// The format of an upload: what was said of it, else what it looks like.
pub(crate) fn format_of(media_type: Option<&str>, body: &[u8]) -> Format {
    match Format::of_content_type(media_type) {
        Format::PrometheusText => Format::guess(body),
        known => known,
    }
}
