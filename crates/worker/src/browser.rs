//! Binds the worker to its scope: messages in and out, one timer, fetches.
//!
//! Everything runs on one thread. The state is borrowed for one step at a time and never across an `await`; what
//! begins a scrape or finds a query that waits spawns a task for it. Timers of a worker are not slowed down when
//! the tab is in the background, so scraping goes on there.

mod channel;
pub mod disk;
mod doctor;
mod fetch;
mod files;
mod js;
mod keeping;
mod lock;

use crate::config::errand::{Errand, ErrandReply, ErrandStep};
use crate::source::plan::{Outcome, ScrapePlan, Step};
use crate::source::remote::question::{Question, QuestionStep};
use crate::state::{Job, Worker};
use crate::tabs::Word;
use gloo_timers::callback::Timeout;
use keeping::Keeping;
use model::Timestamp;
use protocol::{Event, Request, Wire, transfer};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, DedicatedWorkerGlobalScope, MessageEvent};

/// The longest time the timer sleeps: a clock that is set back is noticed after it.
const MAX_SLEEP_MS: i64 = 10_000;

/// Starts listening and says so.
pub fn start() {
    console_error_panic_hook::set_once();
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let driver = Driver(Rc::new(Inner {
        scope: scope.clone(),
        worker: RefCell::new(Worker::default()),
        timer: RefCell::new(None),
        is_querying: Cell::new(false),
        keeping: Keeping::default(),
        files: RefCell::default(),
        is_importing: Cell::new(false),
        is_exporting: Cell::new(false),
        questions: RefCell::default(),
    }));
    driver.open_store();
    let listener = driver.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| listener.receive(&event));
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    on_message.forget();
    driver.post(Event::Ready { build_id: protocol::BUILD_ID.to_owned() });
}

struct Inner {
    scope: DedicatedWorkerGlobalScope,
    worker: RefCell<Worker>,
    timer: RefCell<Option<Timeout>>,
    /// A task evaluates queries until none waits.
    is_querying: Cell<bool>,
    keeping: Keeping,
    /// The files of the import that is going on, and its number.
    files: RefCell<(u32, Vec<web_sys::File>)>,
    /// A task reads files until no import needs one.
    is_importing: Cell<bool>,
    /// A task writes a file until it is whole.
    is_exporting: Cell<bool>,
    /// Questions to servers that are under way, and how to give them up.
    questions: RefCell<BTreeMap<u64, Option<AbortController>>>,
}

/// The one owner of the state.
#[derive(Clone)]
struct Driver(Rc<Inner>);

impl Driver {
    fn receive(&self, message: &MessageEvent) {
        match transfer::from_js(&message.data()).and_then(Request::from_envelope) {
            Ok(request) => {
                let is_hello = matches!(request, Request::Hello(_));
                self.take_files(&request, &message.data());
                let Some(request) = self.wait_with(request) else { return };
                self.0.worker.borrow_mut().handle(request, now());
                if is_hello {
                    self.look_for_relay();
                }
                self.turn();
            }
            Err(error) => {
                let problem = protocol::Problem {
                    message: format!("The worker did not understand the page: {error}."),
                    hint: "Reload the page to get both from one build.".to_owned(),
                    ..protocol::Problem::default()
                };
                self.post(Event::Failed { origin: protocol::Origin::Worker, problem });
            }
        }
    }

    /// After anything happened: begin what is due, tell the page what there is to tell, sleep until the next time.
    fn turn(&self) {
        let (jobs, errands) = {
            let mut worker = self.0.worker.borrow_mut();
            worker.read_clocks(now(), self.clock());
            let errands = worker.begin_errands(now());
            let jobs = worker.begin_due(now());
            worker.set_memory(memory_bytes());
            worker.tick(now());
            (jobs, errands)
        };
        for errand in errands {
            let driver = self.clone();
            spawn_local(async move { driver.run(errand).await });
        }
        for job in jobs {
            let driver = self.clone();
            spawn_local(async move { driver.scrape(job).await });
        }
        self.check_up();
        self.ask_servers();
        self.save();
        self.flush();
        self.query();
        self.look_at_quota_sometimes();
        self.import();
        self.export();
        self.sleep();
    }

    /// Until there is something to do.
    fn sleep(&self) {
        let next = self.0.worker.borrow().next_wake();
        let sleep = next.map_or(MAX_SLEEP_MS, |next| (next - now()).0).clamp(0, MAX_SLEEP_MS) as u32;
        let driver = self.clone();
        // The timer that is replaced is cancelled.
        *self.0.timer.borrow_mut() = Some(Timeout::new(sleep, move || driver.turn()));
    }

    async fn scrape(&self, mut job: Job) {
        let began = self.clock();
        let outcome = self.follow(&mut job.plan).await;
        self.0.worker.borrow_mut().finish(&job, *outcome, self.clock() - began, now());
        self.turn();
    }

    /// Does what a plan says until it is decided.
    async fn follow(&self, plan: &mut ScrapePlan) -> Box<Outcome> {
        loop {
            match plan.step() {
                Step::Fetch(fetch) => {
                    let reply = fetch::fetch(&fetch).await;
                    plan.reply(reply);
                }
                Step::AskRelay(url) => {
                    let info = fetch::ask_relay(&url).await;
                    plan.relay_is(info.is_some());
                    self.0.worker.borrow_mut().set_relay(info, now());
                }
                Step::Probe(url) => plan.answers(fetch::answers(&url).await),
                Step::Done(outcome) => return outcome,
            }
        }
    }

    /// Asks what a configuration needs.
    async fn run(&self, errand: Errand) {
        let reply = match errand.what {
            ErrandStep::Follow(mut plan) => ErrandReply::Followed(self.follow(&mut plan).await),
            ErrandStep::AskRelay { url, timeout } => ErrandReply::Relay(fetch::relay(&url, timeout).await),
        };
        self.0.worker.borrow_mut().finish_errand(errand.id, reply, now());
        self.turn();
    }

    /// Asks what is to be asked, and gives up what nobody waits for any more.
    fn ask_servers(&self) {
        let (questions, withdrawn) = {
            let mut worker = self.0.worker.borrow_mut();
            (worker.take_questions(now()), worker.take_withdrawn())
        };
        for serial in withdrawn {
            if let Some(Some(abort)) = self.0.questions.borrow_mut().remove(&serial) {
                abort.abort();
            }
        }
        for question in questions {
            self.0.questions.borrow_mut().insert(question.serial, None);
            let driver = self.clone();
            spawn_local(async move { driver.ask(question).await });
        }
    }

    async fn ask(&self, mut question: Question) {
        let serial = question.serial;
        loop {
            // Given up between two fetches.
            if !self.0.questions.borrow().contains_key(&serial) {
                return;
            }
            match question.step(now()) {
                QuestionStep::Fetch(fetch) => {
                    let keep = |abort| {
                        if let Some(place) = self.0.questions.borrow_mut().get_mut(&serial) {
                            *place = Some(abort);
                        }
                    };
                    fetch::ask(&fetch, &mut question, keep).await;
                }
                QuestionStep::AskRelay(url) => {
                    let info = fetch::ask_relay(&url).await;
                    question.relay_is(info.is_some());
                    self.0.worker.borrow_mut().set_relay(info, now());
                }
                QuestionStep::Probe(url) => question.answers(fetch::answers(&url).await),
                QuestionStep::Done => break,
            }
        }
        if self.0.questions.borrow_mut().remove(&serial).is_some() {
            self.0.worker.borrow_mut().answered(question, now());
            self.turn();
        }
    }

    fn look_for_relay(&self) {
        let Some(url) = self.0.worker.borrow().relay_info_url() else { return };
        let driver = self.clone();
        spawn_local(async move {
            let info = fetch::ask_relay(&url).await;
            driver.0.worker.borrow_mut().set_relay(info, now());
            // What waited for it begins.
            driver.turn();
        });
    }

    /// Evaluates queries in a task of their own, one slice a turn of the event loop.
    fn query(&self) {
        // What is written now comes first; the end of it begins here again.
        if self.is_saving() || self.0.is_querying.replace(true) {
            return;
        }
        let driver = self.clone();
        spawn_local(async move {
            loop {
                if driver.is_saving() {
                    break;
                }
                let clock = || driver.clock();
                let more = driver.0.worker.borrow_mut().step_query(now(), &clock);
                driver.flush();
                if !more {
                    break;
                }
                gloo_timers::future::TimeoutFuture::new(0).await;
            }
            driver.0.is_querying.set(false);
        });
    }

    fn flush(&self) {
        let events = self.0.worker.borrow_mut().take_events();
        for event in events {
            let mut worker = self.0.worker.borrow_mut();
            if worker.is_for_all(&event) {
                worker.say(Word::Told(event.clone()));
            }
            self.post(event);
        }
        self.say_words();
    }

    fn post(&self, event: Event) {
        let (message, transfer_list) = transfer::to_js(&event.into_envelope());
        // It fails only for what cannot be cloned, and texts and buffers can.
        let _ = self.0.scope.post_message_with_transfer(&message, &transfer_list);
    }

    fn clock(&self) -> f64 {
        self.0.scope.performance().map_or_else(js_sys::Date::now, |performance| performance.now())
    }
}

/// The clock, read here and nowhere else in the worker.
fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

fn memory_bytes() -> u64 {
    core::arch::wasm32::memory_size(0) as u64 * 65_536
}
