//! The whole state of the worker, and what comes out of it: events for the page and scrapes that are due.

use crate::config::Configs;
use crate::doctor::Checkup;
use crate::export::Exporting;
use crate::families;
use crate::import::Importing;
use crate::limits::{FEW_TARGETS, MAX_RAW_BODIES_BYTES, RELAY_EVERY, TELL_EVERY, TELL_TARGETS_EVERY, TRUNCATE_EVERY};
use crate::losses::{self, Account};
use crate::panel::Panels;
use crate::problem;
use crate::source::plan::{Circumstances, Outcome, ScrapePlan};
use crate::source::relay::RelayInfo;
use crate::source::remote::Sources;
use crate::storage::Storage;
use crate::tabs::Word;
use crate::target::{RawBody, Target};
use model::{Millis, Timestamp};
use protocol::{Access, Event, FamilyInfo, Health, StoreStatus, TargetId, Via, WorkerSettings};
use scrape::{Body, ScrapeFailure};
use std::collections::BTreeMap;
use tsdb::{Head, HeadOptions, Truncated};

/// A scrape to make: run its plan and call [`Worker::finish`].
#[derive(Debug)]
pub struct Job {
    /// Of which target.
    pub id: TargetId,
    /// Which scrape of it.
    pub serial: u64,
    /// When it began: the time of its samples.
    pub at: Timestamp,
    /// What to fetch.
    pub plan: ScrapePlan,
}

/// Targets, store and queries of one page.
///
/// Invariant: nothing here reads a clock or waits; time comes in with every call.
#[derive(Debug)]
pub struct Worker {
    pub(crate) head: Head,
    /// In the order in which they were added.
    pub(crate) targets: Vec<Target>,
    pub(crate) panels: Panels,
    pub(crate) sources: Sources,
    pub(crate) importing: Option<Importing>,
    pub(crate) exporting: Option<Exporting>,
    pub(crate) settings: WorkerSettings,
    pub(crate) storage: Storage,
    pub(crate) configs: Configs,
    /// What other tabs have to be told, in order.
    pub(crate) words: Vec<Word>,
    /// Diagnoses that are to begin.
    pub(crate) checkups: Vec<Checkup>,
    relay: Option<RelayInfo>,
    /// There was a relay since the page was opened.
    had_relay: bool,
    relay_asked: Option<Timestamp>,
    /// Uploaded texts have samples from here on, which the retention would drop.
    kept_since: BTreeMap<TargetId, Timestamp>,
    pub(crate) account: Account,
    outbox: Vec<Event>,
    families_sent: Vec<FamilyInfo>,
    /// Something was stored that the page has not been told of.
    untold: bool,
    told: Option<Timestamp>,
    /// A target changed that the page has not been told of.
    has_untold_targets: bool,
    targets_told: Option<Timestamp>,
    truncated: Option<Timestamp>,
    memory_bytes: u64,
    /// Counts scrapes of all targets, so that an answer for a replaced target is never taken for the new one's.
    n_begun: u64,
}

impl Default for Worker {
    fn default() -> Self {
        let options = HeadOptions::default();
        Worker {
            head: Head::new(options),
            targets: Vec::new(),
            panels: Panels::default(),
            sources: Sources::default(),
            settings: WorkerSettings {
                page_origin: String::new(),
                retention_ms: options.retention.0,
                max_bytes: options.max_bytes as u64,
            },
            storage: Storage::default(),
            configs: Configs::default(),
            words: Vec::new(),
            importing: None,
            exporting: None,
            checkups: Vec::new(),
            relay: None,
            had_relay: false,
            relay_asked: None,
            kept_since: BTreeMap::new(),
            account: Account::default(),
            outbox: Vec::new(),
            families_sent: Vec::new(),
            untold: false,
            told: None,
            has_untold_targets: false,
            targets_told: None,
            truncated: None,
            memory_bytes: 0,
            n_begun: 0,
        }
    }
}

impl Worker {
    /// What the page has to be told, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.outbox)
    }

    /// The scrapes that are to begin now.
    pub fn begin_due(&mut self, now: Timestamp) -> Vec<Job> {
        let mut jobs = Vec::new();
        let may_ask_relay = self.relay_asked.is_none_or(|asked| now - asked >= RELAY_EVERY);
        let around = Circumstances { may_ask_relay, ..self.circumstances() };
        for target in &mut self.targets {
            let circumstances = Circumstances {
                timeout: target.timeout(),
                native_histograms: target.status.spec.native_histograms,
                access: target.access().clone(),
                relay_job: target.relay_job().map(str::to_owned),
                ..around.clone()
            };
            let skipped = target.skipped();
            let plan = target.begin_if_due(now, self.n_begun + 1, circumstances);
            self.untold |= self.account.left_out(skipped, target.skipped());
            if let Some(plan) = plan {
                self.n_begun += 1;
                jobs.push(Job { id: target.id, serial: self.n_begun, at: now, plan });
            }
        }
        if !jobs.is_empty() {
            self.tell_targets();
        }
        jobs
    }

    /// The circumstances of a fetch in which nothing is asked for in particular.
    pub(crate) fn circumstances(&self) -> Circumstances {
        Circumstances {
            page_origin: self.settings.page_origin.clone(),
            has_relay: self.relay.is_some(),
            relay_max_body: self.relay.as_ref().map_or(crate::MAX_BODY_BYTES, |relay| relay.max_body_bytes),
            may_ask_relay: false,
            via: None,
            discover: false,
            timeout: Millis(10_000),
            native_histograms: false,
            access: Access::default(),
            relay_job: None,
            accept: None,
        }
    }

    /// When [`Worker::begin_due`] or [`Worker::tick`] has something to do next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let scrapes = self.targets.iter().filter_map(|target| target.schedule.as_ref()?.next_due());
        let news = self.untold.then(|| self.told.map_or(Timestamp::MIN, |told| told + TELL_EVERY));
        let targets = || self.targets_told.map_or(Timestamp::MIN, |told| told + TELL_TARGETS_EVERY);
        let news = news.into_iter().chain(self.has_untold_targets.then(targets));
        let errands = self.configs.next_wake().filter(|_| !self.is_reader());
        let own = scrapes.chain(news).chain(errands);
        own.chain(self.storage.next_wake()).chain(self.sources.next_wake()).min()
    }

    /// Takes in the end of a scrape. One of a target that is gone or was changed meanwhile is dropped.
    pub fn finish(&mut self, job: &Job, outcome: Outcome, duration_ms: f64, now: Timestamp) {
        if job.plan.lost_relay() && self.relay.is_some() {
            self.set_relay(None, now);
        }
        let Some(target) = self.targets.iter_mut().find(|t| t.id == job.id && t.serial == job.serial) else {
            return;
        };
        target.took(&outcome, job.at, duration_ms);
        let Outcome { endpoint, via, answer, failure } = outcome;
        let body = match (&answer, failure) {
            (_, Some(failure)) => Err(failure),
            (Some(answer), None) => Ok(Body { bytes: &answer.body, format: answer.format() }),
            (None, None) => Err(ScrapeFailure::Other("there is no answer".to_owned())),
        };
        // A page that says "not metrics" is read again here; a body that is metrics is read once.
        let duration = Millis(duration_ms.round() as i64);
        let report = target.scrape_loop.ingest(&mut self.head, body, job.at, duration);
        let problem = report.failure.as_ref().map(|failure| problem::of_scrape(failure, &endpoint.url));
        let had_metrics = !target.metrics.is_empty();
        target.stored(&report, problem, &self.head);
        self.account.dropped(losses::wire(report.dropped));
        target.status.notices = notices(target, via);
        target.remember(&report, answer.as_ref().map_or(0, |answer| answer.body.len() as u64));
        if report.failure.is_none() && (report.n_series_added > 0 || !had_metrics) {
            self.storage.has_news();
        }
        if let Some(answer) = answer {
            target.keep_body(answer.body, answer.content_type, job.at);
        }
        self.bound_bodies();
        self.stored_something(job.id, job.at);
    }

    /// What has to be done now and then: drop what is too old, tell the page how full the store is.
    pub fn tick(&mut self, now: Timestamp) {
        if self.truncated.is_none_or(|at| now - at >= TRUNCATE_EVERY) {
            self.truncated = Some(now);
            let max_bytes = usize::try_from(self.settings.max_bytes).unwrap_or(usize::MAX);
            let options = HeadOptions { retention: self.effective_retention(now), max_bytes, ..*self.head.options() };
            self.head.set_options(options);
            let truncated = self.head.truncate(now);
            self.account.truncated(&truncated, max_bytes, now);
            self.untold |= truncated != Truncated::default();
        }
        if self.has_untold_targets && self.targets_told.is_none_or(|told| now - told >= TELL_TARGETS_EVERY) {
            self.targets_told = Some(now);
            self.tell_targets_now();
        }
        if self.untold && self.told.is_none_or(|told| now - told >= TELL_EVERY) {
            self.untold = false;
            self.told = Some(now);
            self.tell_families();
            let news = self.account.news();
            self.outbox.extend(news);
            let status = self.store_status();
            self.tell(Event::Store(status));
        }
        self.tell_storage_sometimes(now);
    }

    /// What is known of the relay now.
    pub fn set_relay(&mut self, relay: Option<RelayInfo>, now: Timestamp) {
        self.relay_asked = Some(now);
        let version = relay.as_ref().map(|relay| relay.version.clone());
        self.tell(Event::Relay { available: version.is_some(), version });
        let is_new = relay.is_some() && self.relay.is_none();
        self.had_relay |= relay.is_some();
        self.relay = relay;
        if is_new {
            self.relay_came();
        }
    }

    /// Whether the relay answered when it was last asked.
    #[must_use]
    pub(crate) fn has_relay(&self) -> bool {
        self.relay.is_some()
    }

    /// Whether a relay answered at any time since the page was opened.
    #[must_use]
    pub(crate) fn had_relay(&self) -> bool {
        self.had_relay
    }

    /// Where the relay says what it is, once the page has said where it comes from.
    #[must_use]
    pub fn relay_info_url(&self) -> Option<String> {
        let origin = &self.settings.page_origin;
        (!origin.is_empty()).then(|| crate::source::relay::info_url(origin))
    }

    /// The settings changed: the store is looked through at the next tick.
    pub(crate) fn truncate_soon(&mut self) {
        self.truncated = None;
    }

    /// The clock was set back: what was done "a minute ahead" would not be done again before that minute has come.
    pub(crate) fn forget_future(&mut self, now: Timestamp) {
        for time in [&mut self.told, &mut self.targets_told, &mut self.truncated, &mut self.relay_asked] {
            *time = time.filter(|time| *time <= now);
        }
    }

    /// Bytes of memory this worker has; only its driver knows.
    pub fn set_memory(&mut self, bytes: u64) {
        self.memory_bytes = bytes;
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.outbox.push(event);
    }

    /// Events that are not to be told after all.
    pub(crate) fn forget_events(&mut self, is_old: impl Fn(&Event) -> bool) {
        self.outbox.retain(|event| !is_old(event));
    }

    /// Tells something in place of what was told of it in the same turn.
    pub(crate) fn tell_once(&mut self, event: Event, is_same: fn(&Event) -> bool) {
        self.outbox.retain(|event| !is_same(event));
        self.outbox.push(event);
    }

    /// A target changed: the page hears of it now, or soon where there are very many.
    pub(crate) fn tell_targets(&mut self) {
        if self.targets.len() > FEW_TARGETS {
            self.has_untold_targets = true;
        } else {
            self.tell_targets_now();
        }
    }

    fn tell_targets_now(&mut self) {
        self.has_untold_targets = false;
        // Several changes of one turn are told once.
        self.forget_events(|event| matches!(event, Event::Targets { .. }));
        let own = || self.targets.iter().map(Target::status).collect();
        let targets = self.targets_of_owner().unwrap_or_else(own);
        self.tell(Event::Targets { targets });
    }

    pub(crate) fn target(&mut self, id: TargetId) -> Option<&mut Target> {
        self.targets.iter_mut().find(|target| target.id == id)
    }

    /// Adds a target, in place of one with the same id.
    pub(crate) fn put_target(&mut self, target: Target) {
        match self.target(target.id) {
            Some(place) => *place = target,
            None => self.targets.push(target),
        }
    }

    /// Samples came: the page hears of it now, and of the store soon.
    pub(crate) fn stored_something(&mut self, id: TargetId, at: Timestamp) {
        self.untold = true;
        self.tell_targets();
        self.tell_when_kept(Event::Scraped { id, at_ms: at.0 });
    }

    pub(crate) fn untold(&mut self) {
        self.untold = true;
    }

    pub(crate) fn retention(&self) -> Millis {
        Millis(self.settings.retention_ms)
    }

    pub(crate) fn keep_since(&mut self, id: TargetId, time: Timestamp) {
        self.kept_since.insert(id, time);
    }

    pub(crate) fn keep_no_more(&mut self, id: TargetId) {
        self.kept_since.remove(&id);
    }

    pub(crate) fn keep_nothing_older(&mut self) {
        self.kept_since.clear();
    }

    fn effective_retention(&self, now: Timestamp) -> Millis {
        let setting = self.retention();
        self.kept_since.values().map(|since| now - *since).fold(setting, Millis::max)
    }

    fn tell_families(&mut self) {
        let families = families::families(&self.head, &self.targets, &self.storage.families);
        if families != self.families_sent {
            self.families_sent.clone_from(&families);
            self.tell(Event::Families { families });
        }
    }

    pub(crate) fn store_status(&self) -> StoreStatus {
        let stats = self.head.stats();
        StoreStatus {
            n_series: stats.n_series as u64,
            n_samples: stats.n_samples as u64,
            bytes: stats.bytes as u64,
            oldest_ms: stats.oldest.map(|t| t.0),
            newest_ms: stats.newest.map(|t| t.0),
            retention_ms: self.settings.retention_ms,
            max_series: self.head.options().max_series as u64,
            memory_bytes: self.memory_bytes,
        }
    }

    /// Drops the oldest raw bodies until all of them fit their bound: those that are only there to be compared first,
    /// those that the user marked last.
    pub(crate) fn bound_bodies(&mut self) {
        let kinds: [fn(&mut Target) -> &mut Option<RawBody>; 3] =
            [|t| &mut t.before, |t| &mut t.raw, |t| &mut t.marked];
        for body in kinds {
            while self.targets.iter().map(Target::bodies_bytes).sum::<usize>() > MAX_RAW_BODIES_BYTES {
                let all = self.targets.iter_mut().map(body).filter(|raw| raw.is_some());
                match all.min_by_key(|raw| raw.as_ref().map(|raw| raw.at)) {
                    Some(oldest) => *oldest = None,
                    None => break,
                }
            }
        }
    }
}

/// Worth knowing of a target, nothing to do.
fn notices(target: &Target, via: Via) -> Vec<String> {
    let mut notices = Vec::new();
    // A target that is down says why itself.
    if via == Via::Relay && target.status.health == Health::Up {
        notices.push(
            "Your browser may not read it: its answers have no Access-Control-Allow-Origin header, or it cannot be \
             reached from the browser. It is fetched through the relay."
                .to_owned(),
        );
    }
    if let Some(missing) = target.missing_secret() {
        notices.push(missing);
    }
    if target.status.is_configured {
        return notices;
    }
    let typed = scrape::Endpoint::parse(&target.status.spec.url).map(|endpoint| endpoint.url);
    if typed.is_ok_and(|typed| !target.status.url.is_empty() && typed != target.status.url) {
        notices.push(format!("The typed path has no metrics; they were found at {}.", target.status.url));
    }
    notices
}
