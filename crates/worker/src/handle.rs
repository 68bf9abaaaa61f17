//! One arm for each request of the page.

use crate::limits::{MAX_LOOKUP, MAX_TARGETS};
use crate::problem;
use crate::source::remote::LookUp;
use crate::source::upload;
use crate::state::Worker;
use crate::target::Target;
use exposition::Format;
use model::{Matcher, Timestamp};
use protocol::{
    Event, Lookup, Origin, PanelId, Problem, Request, SourceChoice, TargetId, TargetSpec, WireMatcher, WorkerSettings,
};

impl Worker {
    /// Does what the page asks for, or notes that it has to be done.
    pub fn handle(&mut self, request: Request, now: Timestamp) {
        // What changes the store is the owner's to do.
        let Some(request) = self.hand_on(request) else { return };
        match request {
            Request::Hello(settings) | Request::Configure(settings) => self.configure(settings),
            Request::AddTarget { id, spec } => self.add_target(id, &spec, now),
            Request::UpdateTarget { id, spec } => self.update_target(id, &spec, now),
            // It would come back with the next discovery.
            Request::RemoveTarget { id } if TargetSpec::is_configured(id) => {}
            Request::RemoveTarget { id } => self.remove_target(id, now),
            Request::ScrapeNow { id } => {
                if let Some(target) = self.target(id) {
                    target.scrape_now();
                }
            }
            Request::Upload(upload) if !self.has_room(upload.id) => self.tell_too_many(upload.id),
            Request::Upload(upload) => upload::store(self, upload, now),
            Request::Import(request) => self.import(request, now),
            Request::Export(request) => self.export(request, now),
            Request::Config(request) => self.config_request(request, now),
            Request::RawBody { id } => self.raw_body(id),
            Request::Lint { id } => self.lint(id),
            Request::History { id } => self.history(id),
            Request::Mark { id } => self.mark(id),
            Request::Diff(request) => self.diff(request),
            Request::Diagnose(request) => self.diagnose(request, now),
            Request::Family { name } => self.family(&name, now),
            Request::Query(query) if query.source != SourceChoice::Local => {
                self.sources.withdraw_panel(query.panel);
                self.panels.forget(query.panel);
                self.ask_remote(query, now);
            }
            Request::Query(query) => {
                self.sources.withdraw_panel(query.panel);
                if let Some(answer) = self.panels.put(query) {
                    self.tell(answer);
                }
            }
            Request::Cancel { panel } => self.cancel(panel),
            Request::Lookup { id, source, what, limit } => {
                self.lookup(id, source, &what, limit.min(MAX_LOOKUP) as usize, now);
            }
            Request::AddSource { id, spec } => self.add_source(id, spec, now),
            Request::RemoveSource { id } => self.remove_source(id, now),
            Request::CheckSource { id } => self.check_source(id, now),
            Request::Recognise { id, url } => self.recognise(id, &url),
            Request::Report { source, what } => self.ask_report(source, what, now),
            Request::ClearStore => {
                self.head.clear();
                self.clear_disk(now);
                self.keep_nothing_older();
                // A snapshot without its samples is nothing.
                self.targets.retain(|target| target.schedule.is_some());
                self.untold();
                self.tell_targets();
            }
            // Only the driver has locks and disks.
            Request::TakeStore | Request::LookAtStorage => {}
        }
    }

    fn configure(&mut self, settings: WorkerSettings) {
        self.settings = settings;
        self.truncate_soon();
        let status = self.store_status();
        self.tell(Event::Store(status));
    }

    fn add_target(&mut self, id: TargetId, spec: &TargetSpec, now: Timestamp) {
        if !self.has_room(id) {
            self.tell_too_many(id);
            return;
        }
        match Target::new(id, spec.clone(), now) {
            Ok(target) => {
                self.end(id, now);
                self.put_target(target);
                self.tell_targets();
            }
            Err(error) => {
                let problem = problem::of_endpoint(&error, &spec.url);
                self.tell(Event::Failed { origin: Origin::Target { id }, problem });
            }
        }
    }

    fn update_target(&mut self, id: TargetId, spec: &TargetSpec, now: Timestamp) {
        let Some(target) = self.target(id) else {
            // One of a configuration that is gone is not added by hand.
            if !TargetSpec::is_configured(id) {
                self.add_target(id, spec, now);
            }
            return;
        };
        if target.reconfigure(spec, now) {
            self.add_target(id, spec, now);
        } else {
            self.tell_targets();
        }
    }

    fn remove_target(&mut self, id: TargetId, now: Timestamp) {
        self.end(id, now);
        self.forget_upload(id);
        self.targets.retain(|target| target.id != id);
        // One that was left out has its place now.
        if self.configs.has_left_out() {
            self.sync_targets(now);
        }
        self.untold();
        self.tell_targets();
    }

    /// Its series end here, if it is there.
    fn end(&mut self, id: TargetId, now: Timestamp) {
        if let Some(target) = self.targets.iter_mut().find(|target| target.id == id && target.schedule.is_some()) {
            target.scrape_loop.end(&mut self.head, now);
        }
    }

    fn has_room(&self, id: TargetId) -> bool {
        self.targets.len() < MAX_TARGETS || self.targets.iter().any(|target| target.id == id)
    }

    fn tell_too_many(&mut self, id: TargetId) {
        let problem = Problem {
            message: format!("There are {MAX_TARGETS} targets, the most that one tab scrapes."),
            hint: "Remove some that you do not need.".to_owned(),
            ..Problem::default()
        };
        self.tell(Event::Failed { origin: Origin::Target { id }, problem });
    }

    pub(crate) fn raw_body(&mut self, id: TargetId) {
        let raw = self.target(id).and_then(|target| target.raw.as_ref());
        let event = match raw {
            Some(raw) => {
                let is_decoded = raw.format() == Format::Protobuf;
                let body = if is_decoded { exposition::protobuf_as_text(&raw.bytes) } else { raw.bytes.clone() };
                let (content_type, body_bytes) = (raw.content_type.clone(), raw.n_bytes);
                Event::RawBody { id, content_type, at_ms: Some(raw.at.0), body, body_bytes, is_decoded }
            }
            None => {
                let (content_type, at_ms, body) = (None, None, Vec::new());
                Event::RawBody { id, content_type, at_ms, body, body_bytes: 0, is_decoded: false }
            }
        };
        self.tell(event);
    }

    fn cancel(&mut self, panel: PanelId) {
        let held = self.sources.withdraw_panel(panel);
        if let Some(generation) = self.panels.cancel(panel).or(held) {
            let problem = Problem { message: "The query was stopped.".to_owned(), ..Problem::default() };
            self.tell(Event::Failed { origin: Origin::Panel { panel, generation }, problem });
        }
    }

    fn lookup(&mut self, id: u32, source: SourceChoice, what: &Lookup, limit: usize, now: Timestamp) {
        let (Lookup::LabelNames { matchers } | Lookup::LabelValues { matchers, .. }) = what;
        // A half-typed pattern matches nothing yet.
        let matchers = matchers_of(matchers);
        let local = |matchers: &Vec<Matcher>| match what {
            Lookup::LabelNames { .. } => self.head.label_names(matchers).ok(),
            Lookup::LabelValues { label, .. } => self.head.label_values(label, matchers).ok(),
        };
        if source != SourceChoice::Local {
            let local = matchers.as_ref().filter(|_| source == SourceChoice::All).and_then(local);
            let looked = LookUp { id, choice: source, what, limit };
            self.look_up_remote(&looked, &matchers.unwrap_or_default(), local.unwrap_or_default(), now);
            return;
        }
        let mut values = matchers.as_ref().and_then(local).unwrap_or_default();
        let truncated = values.len() > limit;
        values.truncate(limit);
        self.tell(Event::LookedUp { id, values, truncated });
    }
}

fn matchers_of(matchers: &[WireMatcher]) -> Option<Vec<Matcher>> {
    matchers.iter().map(WireMatcher::to_matcher).collect()
}
