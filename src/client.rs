//! The only owner of the worker: sends requests, folds what comes back into the session.

mod early;

use crate::browser::folder::ChosenFile;
use crate::state::session::{Session, WorkerState};
use crate::state::settings::{Settings, config as stored_config, targets as stored};
use crate::texts::shell as texts;
use early::Early;
use leptos::prelude::*;
use protocol::{
    BUILD_ID, ConfigNews, ConfigOrigin, ConfigRequest, ConfigText, Event, FIRST_CONFIGURED, ImportFile, ImportNews,
    ImportRequest, Lookup, Origin, Recognised, Request, SourceChoice, TargetId, TargetSpec, Upload, Wire,
    WorkerSettings, transfer,
};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Requests kept until the worker is there. It starts in under a second; more than this is a defect.
const MAX_WAITING: usize = 1_000;

type LookupDone = Box<dyn FnOnce(Vec<String>, bool)>;
type RecogniseDone = Box<dyn FnOnce(Option<Recognised>)>;

struct Inner {
    worker: Option<web_sys::Worker>,
    is_ready: bool,
    waiting: Vec<Request>,
    lookups: BTreeMap<u32, LookupDone>,
    recognising: BTreeMap<u32, RecogniseDone>,
    /// Of look-ups, and of addresses that are looked at.
    next_lookup: u32,
    next_upload: u32,
    /// An import is going on.
    is_importing: bool,
    /// Files of imports by their numbers, until they are sent.
    files: BTreeMap<u32, Vec<ChosenFile>>,
}

/// A target that was removed and can still be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its number.
    pub id: TargetId,
    /// What it was called on the page.
    pub name: String,
    /// Its settings; `None` for a snapshot, which is only hidden until the offer is gone.
    pub spec: Option<TargetSpec>,
}

/// The way to the worker.
#[derive(Clone, Copy)]
pub struct Client {
    inner: StoredValue<Inner, LocalStorage>,
    session: Session,
    settings: Settings,
    /// The target that was removed last, while "Undo" is offered.
    pub removed: RwSignal<Option<Removed>>,
    /// The configuration that was removed last, while "Undo" is offered.
    pub removed_config: RwSignal<Option<ConfigText>>,
}

impl Client {
    /// Takes over the worker that was started with the page. What cannot work is told by the session.
    #[must_use]
    pub fn start(session: Session, settings: Settings) -> Self {
        let inner = StoredValue::new_local(Inner {
            worker: None,
            is_ready: false,
            waiting: Vec::new(),
            lookups: BTreeMap::new(),
            recognising: BTreeMap::new(),
            next_lookup: 0,
            // Of their own in each tab and at each visit: what was dropped before comes back with its number.
            next_upload: stored::FIRST_UPLOAD + (js_sys::Math::random() * 3e9) as u32,
            is_importing: false,
            files: BTreeMap::new(),
        });
        let (removed, removed_config) = (RwSignal::new(None), RwSignal::new(None));
        let client = Client { inner, session, settings, removed, removed_config };
        // Before anything can be added: an endpoint that is pasted while the worker starts comes beside it.
        if stored::load().is_none() {
            stored::change(|targets| targets.push(own_relay()));
        }
        let Some(Early { worker, messages, error }) = early::take() else {
            session.worker.set(WorkerState::Failed(texts::NO_WORKER.to_owned()));
            return client;
        };
        let on_message =
            Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| client.receive(&event));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            let detail = event.dyn_ref::<web_sys::ErrorEvent>().map(web_sys::ErrorEvent::message).unwrap_or_default();
            client.session.worker.set(WorkerState::Failed(texts::worker_stopped(&detail)));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Both live as long as the page.
        on_message.forget();
        on_error.forget();
        inner.update_value(|inner| inner.worker = Some(worker));
        messages.iter().for_each(|message| client.receive(message));
        if !error.is_empty() {
            session.worker.set(WorkerState::Failed(texts::worker_stopped(&error)));
        }
        let bounds = move || (settings.retention_ms.get(), settings.max_bytes.get());
        let configure = move |_: &_, _: Option<&_>, _| client.send(Request::Configure(client.worker_settings()));
        Effect::watch(bounds, configure, false);
        client
    }

    /// Asks the worker for something. Before it is ready the request waits.
    pub fn send(&self, request: Request) {
        let problem = self.inner.try_update_value(|inner| match &inner.worker {
            Some(worker) if inner.is_ready => {
                let files = match &request {
                    Request::Import(ImportRequest::Begin { id, .. }) => inner.files.remove(id),
                    _ => None,
                };
                post(worker, request, &files.unwrap_or_default())
            }
            _ => {
                if inner.waiting.len() < MAX_WAITING {
                    inner.waiting.push(request);
                }
                true
            }
        });
        if problem == Some(false) {
            self.session.worker.set(WorkerState::Failed(texts::WORKER_UNREACHABLE.to_owned()));
        }
    }

    /// Looks up names or values; `done` gets at most `limit` of them, sorted, and whether there are more.
    pub fn lookup(
        &self,
        source: SourceChoice,
        what: Lookup,
        limit: u32,
        done: impl FnOnce(Vec<String>, bool) + 'static,
    ) {
        let id = self.inner.try_update_value(|inner| {
            inner.next_lookup = inner.next_lookup.wrapping_add(1);
            inner.lookups.insert(inner.next_lookup, Box::new(done));
            inner.next_lookup
        });
        if let Some(id) = id {
            self.send(Request::Lookup { id, source, what, limit });
        }
    }

    /// Finds out whether a server with the Prometheus HTTP API is at an address.
    pub fn recognise(&self, url: &str, done: impl FnOnce(Option<Recognised>) + 'static) {
        let id = self.inner.try_update_value(|inner| {
            inner.next_lookup = inner.next_lookup.wrapping_add(1);
            inner.recognising.insert(inner.next_lookup, Box::new(done));
            inner.next_lookup
        });
        if let Some(id) = id {
            self.send(Request::Recognise { id, url: url.to_owned() });
        }
    }

    fn receive(&self, message: &web_sys::MessageEvent) {
        let event = transfer::from_js(&message.data()).and_then(Event::from_envelope);
        match event {
            Ok(Event::LookedUp { id, values, truncated }) => {
                if let Some(Some(done)) = self.inner.try_update_value(|inner| inner.lookups.remove(&id)) {
                    done(values, truncated);
                }
            }
            Ok(Event::Recognised { id, server }) => {
                if let Some(Some(done)) = self.inner.try_update_value(|inner| inner.recognising.remove(&id)) {
                    done(server);
                }
            }
            Ok(Event::Ready { build_id }) if build_id != BUILD_ID => {
                self.session.worker.set(WorkerState::Failed(texts::other_build(BUILD_ID, &build_id)));
            }
            Ok(event) => {
                let is_ready = matches!(event, Event::Ready { .. });
                if let Event::Failed { origin: Origin::Target { id }, .. } = &event {
                    self.unstore_refused(*id);
                }
                if let Event::Config(ConfigNews::Status(status)) = &event {
                    stored_config::keep(status);
                }
                let is_imported = matches!(event, Event::Import(ImportNews::Done { .. }));
                self.session.fold(event);
                if is_ready {
                    self.greet();
                }
                if is_imported {
                    self.import_next();
                }
            }
            Err(error) => self.session.worker.set(WorkerState::Failed(texts::not_understood(&error.to_string()))),
        }
    }

    /// The first messages: who asks, what to scrape, and what waited.
    fn greet(&self) {
        let waiting = self.inner.try_update_value(|inner| {
            inner.is_ready = true;
            std::mem::take(&mut inner.waiting)
        });
        let settings = self.worker_settings();
        // A browser that stores nothing is on its first visit every time.
        let targets = stored::load().unwrap_or_else(|| vec![own_relay()]);
        let waiting: Vec<Request> = waiting.unwrap_or_default();
        self.send(Request::Hello(settings));
        for target in targets {
            // What was added meanwhile is stored already, and comes below with all that may not be stored.
            let is_waiting = |request: &Request| matches!(request, Request::AddTarget { id, .. } if *id == target.id);
            if !waiting.iter().any(is_waiting) {
                self.send(Request::AddTarget { id: target.id, spec: target.spec });
            }
        }
        self.load_stored_config(&waiting);
        waiting.into_iter().for_each(|request| self.send(request));
    }

    /// The configuration of the last visit; that of the relay where there is nothing else to scrape.
    fn load_stored_config(&self, waiting: &[Request]) {
        let kept = stored_config::load();
        let is_of_relay = kept.as_ref().is_some_and(|kept| kept.origin == ConfigOrigin::Relay);
        let is_first = stored::load().is_none_or(|targets| targets.iter().all(|target| target.id == stored::OWN_RELAY));
        let is_replaced = waiting.iter().any(|request| matches!(request, Request::Config(_)));
        let load = is_of_relay || kept.is_none() && is_first && !is_replaced;
        if let Some(kept) = kept.filter(|_| !is_replaced) {
            self.config(ConfigRequest::Load(kept));
        }
        self.config(ConfigRequest::AskRelay { load });
    }

    fn worker_settings(&self) -> WorkerSettings {
        WorkerSettings {
            page_origin: window().location().origin().unwrap_or_default(),
            retention_ms: self.settings.retention_ms.get_untracked(),
            max_bytes: self.settings.max_bytes.get_untracked(),
        }
    }
}

/// The configuration: the worker owns it, the browser keeps its text without secrets.
impl Client {
    /// Asks something about the configuration.
    pub fn config(&self, request: ConfigRequest) {
        self.send(Request::Config(request));
    }

    /// Ends the configuration, also after a reload; until it is forgotten it can come back.
    pub fn remove_config(&self) {
        self.removed_config.set(stored_config::load());
        stored_config::forget();
        self.config(ConfigRequest::Remove);
    }

    /// Brings back the configuration that was removed last.
    pub fn undo_remove_config(&self) {
        if let Some(text) = self.removed_config.get_untracked() {
            self.config(ConfigRequest::Load(text));
        }
        self.removed_config.set(None);
    }
}

/// Files: the worker reads them itself, one import after the other.
impl Client {
    /// Imports files; what becomes of each is told by the session's imports.
    pub fn import(&self, mut files: Vec<ChosenFile>) {
        if files.is_empty() {
            return;
        }
        // A folder comes in any order.
        model::sort::by(&mut files, |a, b| a.path.cmp(&b.path));
        let paths = files.iter().map(|chosen| chosen.path.clone()).collect();
        let id = self.inner.try_update_value(|inner| {
            inner.next_upload = inner.next_upload.wrapping_add(1).max(stored::FIRST_UPLOAD);
            inner.files.insert(inner.next_upload, files);
            inner.next_upload
        });
        if let Some(id) = id {
            self.session.imports.begin(id, paths);
            if self.inner.with_value(|inner| !inner.is_importing) {
                self.import_next();
            }
        }
    }

    /// Stops an import; what is stored of it stays.
    pub fn cancel_import(&self, id: u32) {
        // One that waits for another is only forgotten.
        let waited = self.inner.try_update_value(|inner| inner.files.remove(&id)).flatten();
        if waited.is_some() {
            let done = ImportNews::Done { id, is_cancelled: true, oldest_ms: None, newest_ms: None };
            self.session.fold(Event::Import(done));
        } else {
            self.send(Request::Import(ImportRequest::Cancel { id }));
        }
    }

    /// Begins the import that waits longest.
    fn import_next(&self) {
        let next = self.inner.try_update_value(|inner| {
            let next = inner.files.first_key_value().map(|(id, files)| (*id, files.iter().map(about).collect()));
            inner.is_importing = next.is_some();
            next
        });
        if let Some(Some((id, files))) = next {
            self.send(Request::Import(ImportRequest::Begin { id, files }));
        }
    }
}

fn about(chosen: &ChosenFile) -> ImportFile {
    let ChosenFile { path, file } = chosen;
    ImportFile { path: path.clone(), bytes: file.size() as u64, modified_ms: file.last_modified() as i64 }
}

/// Targets: each change goes to the worker and into the browser's storage.
impl Client {
    /// Scrapes something from now on, also after a reload. The answer comes as the target's status.
    pub fn add_target(&self, spec: TargetSpec) -> TargetId {
        let known = self.session.targets.with_untracked(|targets| targets.iter().map(|t| t.id).collect::<Vec<_>>());
        let id = stored::free_id(&stored::load().unwrap_or_default(), known.into_iter());
        self.put_target(id, spec);
        id
    }

    /// Adds a target under a number that had one before: after "Undo", or once its address is corrected.
    pub fn put_target(&self, id: TargetId, spec: TargetSpec) {
        self.forget_refusal(id);
        stored::change(|targets| stored::put(targets, id, &spec));
        self.send(Request::AddTarget { id, spec });
    }

    /// Changes the settings of a target; what was scraped stays.
    pub fn update_target(&self, id: TargetId, spec: TargetSpec) {
        self.forget_refusal(id);
        // What a configuration gives stands in that.
        if !TargetSpec::is_configured(id) {
            stored::change(|targets| stored::put(targets, id, &spec));
        }
        self.send(Request::UpdateTarget { id, spec });
    }

    /// Whether there is something to scrape that the worker may not have spoken of yet.
    #[must_use]
    pub fn expects_targets(&self) -> bool {
        stored::load().is_none_or(|targets| !targets.is_empty())
    }

    /// Scrapes no more until resumed, or again.
    pub fn pause(&self, id: TargetId, paused: bool) {
        let spec = self
            .session
            .targets
            .with_untracked(|targets| targets.iter().find(|target| target.id == id).map(|target| target.spec.clone()));
        if let Some(spec) = spec {
            self.update_target(id, TargetSpec { paused, ..spec });
        }
    }

    /// Scrapes once, at once, also while paused.
    pub fn scrape_now(&self, id: TargetId) {
        self.send(Request::ScrapeNow { id });
    }

    /// Stores a text as one snapshot.
    pub fn upload(&self, name: String, media_type: Option<String>, body: Vec<u8>) -> TargetId {
        let id = self.inner.try_update_value(|inner| {
            inner.next_upload = inner.next_upload.wrapping_add(1).max(stored::FIRST_UPLOAD);
            inner.next_upload
        });
        let id = TargetId(id.unwrap_or(stored::FIRST_UPLOAD));
        self.send(Request::Upload(Upload { id, name, media_type, body }));
        id
    }

    /// Removes a target; until the next removal or [`Client::forget_removed`] it can come back.
    pub fn remove_target(&self, id: TargetId) {
        self.forget_removed();
        let target = self.session.targets.with_untracked(|targets| targets.iter().find(|t| t.id == id).cloned());
        let Some(target) = target else { return };
        let is_snapshot = id.0 >= stored::FIRST_UPLOAD;
        if !is_snapshot {
            stored::change(|targets| targets.retain(|stored| stored.id != id));
            self.send(Request::RemoveTarget { id });
        }
        let name = if target.url.is_empty() { texts::PASTED.to_owned() } else { target.url };
        self.removed.set(Some(Removed { id, name, spec: (!is_snapshot).then_some(target.spec) }));
    }

    /// Brings back the target that was removed last.
    pub fn undo_remove(&self) {
        if let Some(Removed { id, spec: Some(spec), .. }) = self.removed.get_untracked() {
            self.put_target(id, spec);
        }
        self.removed.set(None);
    }

    /// Ends the offer to bring a target back.
    pub fn forget_removed(&self) {
        if let Some(removed) = self.removed.get_untracked() {
            if removed.spec.is_none() {
                self.send(Request::RemoveTarget { id: removed.id });
            }
            self.removed.set(None);
        }
    }

    /// What the worker refused is not there after a reload either: neither a new target nor new settings.
    fn unstore_refused(&self, id: TargetId) {
        let kept = self
            .session
            .targets
            .with_untracked(|targets| targets.iter().find(|target| target.id == id).map(|target| target.spec.clone()));
        stored::change(|targets| match &kept {
            _ if id.0 >= FIRST_CONFIGURED => {}
            Some(spec) => stored::put(targets, id, spec),
            None => targets.retain(|target| target.id != id),
        });
    }

    /// The snapshot that is hidden while its removal can be undone.
    #[must_use]
    pub fn hidden(&self) -> Option<TargetId> {
        self.removed.with(|removed| removed.as_ref().filter(|removed| removed.spec.is_none()).map(|removed| removed.id))
    }

    fn forget_refusal(&self, id: TargetId) {
        if self.session.refused.with_untracked(|refused| refused.contains_key(&id)) {
            self.session.refused.update(|refused| {
                refused.remove(&id);
            });
        }
    }
}

/// What a first visit scrapes: the relay that served the page, so that something moves at once.
fn own_relay() -> stored::StoredTarget {
    let page_origin = window().location().origin().unwrap_or_default();
    let mut spec = TargetSpec::new(format!("{page_origin}/metrics"));
    spec.job = "promenade-relay".to_owned();
    stored::StoredTarget { id: stored::OWN_RELAY, spec }
}

fn post(worker: &web_sys::Worker, request: Request, files: &[ChosenFile]) -> bool {
    let (message, transfer_list) = transfer::to_js(&request.into_envelope());
    files.iter().for_each(|chosen| transfer::attach(&message, &chosen.file));
    worker.post_message_with_transfer(&message, &transfer_list).is_ok()
}
