//! The only owner of the worker: sends requests, folds what comes back into the session.

use crate::state::session::{Session, WorkerState};
use crate::state::settings;
use leptos::prelude::*;
use protocol::{Event, Lookup, Request, TargetId, TargetSpec, Wire, WorkerSettings, transfer};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Requests kept until the worker is there. It starts in under a second; more than this is a defect.
const MAX_WAITING: usize = 1_000;

/// How long samples are kept: a working day and more, in some ten megabytes.
const RETENTION_MS: i64 = 24 * 3_600_000;

/// The file that Trunk writes for the worker: it loads the worker's wasm.
const WORKER_SCRIPT: &str = "./promenade-worker_loader.js";

type LookupDone = Box<dyn FnOnce(Vec<String>, bool)>;

struct Inner {
    worker: Option<web_sys::Worker>,
    is_ready: bool,
    waiting: Vec<Request>,
    lookups: BTreeMap<u32, LookupDone>,
    next_lookup: u32,
}

/// The way to the worker.
#[derive(Clone, Copy)]
pub struct Client {
    inner: StoredValue<Inner, LocalStorage>,
    session: Session,
}

impl Client {
    /// Starts the worker. What cannot work is told by the session.
    #[must_use]
    pub fn start(session: Session) -> Self {
        let inner = StoredValue::new_local(Inner {
            worker: None,
            is_ready: false,
            waiting: Vec::new(),
            lookups: BTreeMap::new(),
            next_lookup: 0,
        });
        let client = Client { inner, session };
        let Ok(worker) = web_sys::Worker::new(WORKER_SCRIPT) else {
            session.worker.set(WorkerState::Failed(
                "This browser does not let the page start its worker. Promenade needs web workers and WebAssembly: \
                 allow scripts for this page, or use another browser."
                    .to_owned(),
            ));
            return client;
        };
        let on_message =
            Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| client.receive(&event));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            let detail = event.dyn_ref::<web_sys::ErrorEvent>().map(web_sys::ErrorEvent::message).unwrap_or_default();
            client.session.worker.set(WorkerState::Failed(format!(
                "The worker, which scrapes and evaluates, stopped{}{detail}. Reload the page; targets are kept.",
                if detail.is_empty() { "" } else { ": " },
            )));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Both live as long as the page.
        on_message.forget();
        on_error.forget();
        inner.update_value(|inner| inner.worker = Some(worker));
        client
    }

    /// Asks the worker for something. Before it is ready the request waits.
    pub fn send(&self, request: Request) {
        let problem = self.inner.try_update_value(|inner| match &inner.worker {
            Some(worker) if inner.is_ready => post(worker, request),
            _ => {
                if inner.waiting.len() < MAX_WAITING {
                    inner.waiting.push(request);
                }
                true
            }
        });
        if problem == Some(false) {
            self.session.worker.set(WorkerState::Failed(
                "The page could not reach its worker. Reload the page; targets are kept.".to_owned(),
            ));
        }
    }

    /// Looks up names or values; `done` gets at most `limit` of them, sorted, and whether there are more.
    pub fn lookup(&self, what: Lookup, limit: u32, done: impl FnOnce(Vec<String>, bool) + 'static) {
        let id = self.inner.try_update_value(|inner| {
            inner.next_lookup = inner.next_lookup.wrapping_add(1);
            inner.lookups.insert(inner.next_lookup, Box::new(done));
            inner.next_lookup
        });
        if let Some(id) = id {
            self.send(Request::Lookup { id, what, limit });
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
            Ok(event) => {
                let is_ready = matches!(event, Event::Ready { .. });
                self.session.fold(event);
                if is_ready {
                    self.greet();
                }
            }
            Err(error) => self.session.worker.set(WorkerState::Failed(format!(
                "Page and worker do not understand each other ({error}). Reload the page to get both from one build."
            ))),
        }
    }

    /// The first messages: who asks, what to scrape, and what waited.
    fn greet(&self) {
        let page_origin = window().location().origin().unwrap_or_default();
        let waiting = self.inner.try_update_value(|inner| {
            inner.is_ready = true;
            std::mem::take(&mut inner.waiting)
        });
        self.send(Request::Hello(WorkerSettings { page_origin: page_origin.clone(), retention_ms: RETENTION_MS }));
        let targets = settings::stored_targets().unwrap_or_else(|| vec![own_relay(&page_origin)]);
        for target in targets {
            self.send(Request::AddTarget { id: target.id, spec: target.spec });
        }
        waiting.into_iter().flatten().for_each(|request| self.send(request));
    }
}

/// What a first visit scrapes: the relay that served the page, so that something moves at once.
fn own_relay(page_origin: &str) -> settings::StoredTarget {
    let mut spec = TargetSpec::new(format!("{page_origin}/metrics"));
    spec.job = "promenade-relay".to_owned();
    settings::StoredTarget { id: TargetId(1), spec }
}

fn post(worker: &web_sys::Worker, request: Request) -> bool {
    let (message, transfer_list) = transfer::to_js(&request.into_envelope());
    worker.post_message_with_transfer(&message, &transfer_list).is_ok()
}
