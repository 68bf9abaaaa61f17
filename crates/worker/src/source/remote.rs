//! Servers that are asked over the Prometheus HTTP API: which there are, how they are, and what is asked of them now.
//!
//! Nothing here fetches. [`Worker::take_questions`] gives the driver [`Question`]s to carry out, [`Worker::take_withdrawn`] the
//! numbers of those that nobody waits for any more, and [`Worker::answered`] takes in what came of each. In reading order:
//! [`question`] (one of them, and the ways it may take), [`check`] (what a server is, and what its clock says), [`report`] (what it says of itself),
//! [`names`] (completion).

pub(crate) mod check;
mod names;
pub mod question;
mod report;

use crate::limits::{CHECK_SOURCE_EVERY, MAX_QUESTIONS, MAX_SOURCES, RETRY_SOURCE_EVERY};
use crate::panel::remote::PanelPart;
use crate::state::Worker;
use check::Checking;
use model::{Millis, Timestamp};
pub(crate) use names::LookUp;
use promapi::{Address, ApiEndpoint, ApiError, ApiRequest, Ask, Base, Offer, ReadLimits, Server, ServerKind, Shape};
use protocol::{
    Event, Generation, Health, PanelId, Problem, QueryRequest, ReportKind, SourceChoice, SourceId, SourceSpec,
    SourceStatus, SourceWay, Via,
};
use question::{Answered, Failure, Outcome, Question, Ways};
use std::collections::BTreeMap;

/// A server.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) id: SourceId,
    pub(crate) status: SourceStatus,
    /// Where its API is, once that is known.
    pub(crate) base: Option<Base>,
    /// Where it may be.
    candidates: Vec<Base>,
    /// What it is, once that is known.
    pub(crate) server: Option<Server>,
    /// When it is looked at again.
    check_at: Timestamp,
    checking: Option<Checking>,
    /// Why it could not be reached, in more words than a search for the API has.
    last_failure: Option<Problem>,
    /// Names of metrics, until what is said of them has come, too.
    names: Vec<String>,
}

/// All servers, and the questions that are under way.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// In the order in which they were added.
    pub(crate) list: Vec<Source>,
    /// Questions that the driver has not taken yet.
    fresh: Vec<Question>,
    /// What is to be done with the answers, by the number of the question.
    purposes: BTreeMap<u64, Purpose>,
    /// Questions that are to be given up.
    withdrawn: Vec<u64>,
    n_asked: u64,
    /// Addresses that are being looked at, by the number of the request.
    recognising: BTreeMap<u32, check::Recognising>,
    /// Look-ups that wait, by the number of the request.
    looking_up: BTreeMap<u32, names::LookingUp>,
    /// Questions of panels to servers of which it is not known yet where their API is, at most one a panel.
    held: Vec<QueryRequest>,
}

/// What an answer is for.
#[derive(Debug)]
enum Purpose {
    /// A step of finding out what a source is.
    Check(SourceId),
    /// A step of finding out what an address is.
    Recognise(u32),
    Report(SourceId, ReportKind, ApiEndpoint),
    Lookup {
        id: u32,
        limit: usize,
    },
    Panel(PanelPart),
}

impl Sources {
    pub(crate) fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.iter().find(|source| source.id == id)
    }

    fn get_mut(&mut self, id: SourceId) -> Option<&mut Source> {
        self.list.iter_mut().find(|source| source.id == id)
    }

    /// When a source is to be looked at.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.list.iter().filter(|source| source.checking.is_none()).map(|source| source.check_at).min()
    }

    fn put(&mut self, question: Question, purpose: Purpose) {
        self.purposes.insert(question.serial, purpose);
        self.fresh.push(question);
    }

    fn serial(&mut self) -> u64 {
        self.n_asked += 1;
        self.n_asked
    }

    /// Nobody waits for these answers any more.
    fn withdraw(&mut self, is_it: &dyn Fn(&Purpose) -> bool) {
        let gone: Vec<u64> = self.purposes.iter().filter(|(_, purpose)| is_it(purpose)).map(|(&id, _)| id).collect();
        for serial in gone {
            self.purposes.remove(&serial);
            let n_fresh = self.fresh.len();
            self.fresh.retain(|question| question.serial != serial);
            if self.fresh.len() == n_fresh {
                self.withdrawn.push(serial);
            }
        }
    }

    /// Gives up what a panel waits for; the answer is the generation of what was not even asked.
    pub(crate) fn withdraw_panel(&mut self, panel: PanelId) -> Option<Generation> {
        let held = self.held.iter().position(|request| request.panel == panel);
        let generation = held.map(|at| self.held.swap_remove(at).generation);
        self.withdraw(&|purpose| matches!(purpose, Purpose::Panel(part) if part.panel == panel));
        generation
    }

    /// The servers that a choice asks.
    fn asked_by(&self, choice: SourceChoice) -> Vec<SourceId> {
        match choice {
            SourceChoice::Local => Vec::new(),
            SourceChoice::Remote(id) | SourceChoice::Compare(id) => vec![id],
            SourceChoice::All => self.list.iter().map(|source| source.id).collect(),
        }
    }

    /// Keeps a question of a panel until it is known where its servers have their API; gives it back if that is known.
    pub(crate) fn hold(&mut self, request: QueryRequest) -> Option<QueryRequest> {
        let is_unknown = |id: &SourceId| {
            self.get(*id).is_some_and(|source| source.base.is_none() && source.status.health == Health::Unknown)
        };
        if self.asked_by(request.source).iter().any(is_unknown) {
            self.held.push(request);
            return None;
        }
        Some(request)
    }
}

impl Source {
    fn new(id: SourceId, spec: SourceSpec, now: Timestamp) -> Self {
        let address = Address::parse(&spec.url);
        let problem = address.as_ref().err().map(|error| Problem {
            message: format!("`{}` is not the address of a server.", spec.url.trim()),
            hint: crate::problem::sentence(&error.to_string()),
            ..Problem::default()
        });
        let candidates = address.map(|address| address.candidates).unwrap_or_default();
        let status = SourceStatus {
            id,
            url: candidates.first().map(|base| base.as_str().to_owned()).unwrap_or_default(),
            spec,
            health: if problem.is_some() { Health::Down } else { Health::Unknown },
            kind: None,
            version: None,
            missing: Vec::new(),
            via: None,
            skew_ms: None,
            latency_ms: None,
            checked_ms: None,
            is_checking: false,
            problem,
        };
        Source {
            id,
            status,
            base: None,
            candidates,
            server: None,
            check_at: now,
            checking: None,
            last_failure: None,
            names: Vec::new(),
        }
    }

    /// What is known of the server for the way a question is written.
    pub(crate) fn ask(&self, timeout: Millis) -> Ask {
        let kind = self.server.as_ref().map_or(ServerKind::Unknown, |server| server.kind);
        Ask { timeout, kind, ..Ask::default() }
    }

    fn tell_offers(&mut self) {
        let Some(server) = &self.server else { return };
        let is_missing = |what: &ReportKind| report::endpoints(*what).iter().all(|of| server.offers(*of) == Offer::No);
        self.status.missing = ReportKind::ALL.into_iter().filter(is_missing).collect();
    }
}

impl Worker {
    /// The questions that are to be asked now.
    pub fn take_questions(&mut self, now: Timestamp) -> Vec<Question> {
        self.check_sources(now);
        std::mem::take(&mut self.sources.fresh)
    }

    /// The numbers of questions that nobody waits for any more.
    pub fn take_withdrawn(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.sources.withdrawn)
    }

    pub(crate) fn add_source(&mut self, id: SourceId, spec: SourceSpec, now: Timestamp) {
        self.drop_source(id);
        let mut source = Source::new(id, spec, now);
        if self.sources.list.len() >= MAX_SOURCES && self.sources.get(id).is_none() {
            source.candidates.clear();
            source.status.health = Health::Down;
            source.status.problem = Some(Problem {
                message: format!("There are {MAX_SOURCES} sources, the most that one tab asks."),
                hint: "Remove some that you do not need.".to_owned(),
                ..Problem::default()
            });
        }
        match self.sources.get_mut(id) {
            Some(place) => *place = source,
            None => self.sources.list.push(source),
        }
        self.tell_sources();
    }

    pub(crate) fn remove_source(&mut self, id: SourceId, now: Timestamp) {
        self.drop_source(id);
        self.sources.list.retain(|source| source.id != id);
        self.tell_sources();
        self.ask_held(now);
    }

    /// Asks what waited, as far as it need not wait any longer.
    fn ask_held(&mut self, now: Timestamp) {
        for request in std::mem::take(&mut self.sources.held) {
            self.ask_remote(request, now);
        }
    }

    /// Nothing is awaited of it any more.
    fn drop_source(&mut self, id: SourceId) {
        let panels = self.panels_waiting_for(id);
        self.sources.withdraw(&|purpose| match purpose {
            Purpose::Check(of) | Purpose::Report(of, ..) => *of == id,
            _ => false,
        });
        panels.into_iter().for_each(|panel| self.source_went(panel));
    }

    pub(crate) fn check_source(&mut self, id: SourceId, now: Timestamp) {
        if let Some(source) = self.sources.get_mut(id) {
            source.check_at = now;
        }
    }

    pub(crate) fn tell_sources(&mut self) {
        let sources = self.sources.list.iter().map(|source| source.status.clone()).collect();
        self.tell_once(Event::Sources { sources }, |event| matches!(event, Event::Sources { .. }));
    }

    /// Puts a question to a source; a problem if it cannot be asked.
    fn put_question(
        &mut self,
        id: SourceId,
        request: &ApiRequest,
        shape: Option<(Shape, ReadLimits)>,
        purpose: Purpose,
    ) -> Result<u64, Problem> {
        if self.sources.purposes.len() >= MAX_QUESTIONS {
            return Err(Problem {
                message: format!("More than {MAX_QUESTIONS} questions to servers are under way."),
                hint: "Close some panels, or wait a moment.".to_owned(),
                ..Problem::default()
            });
        }
        let ways = self.ways();
        let serial = self.sources.serial();
        let Some(source) = self.sources.get(id) else { return Err(no_source()) };
        let Some(base) = source.base.as_ref().or_else(|| source.candidates.first()) else {
            return Err(source.status.problem.clone().unwrap_or_else(no_source));
        };
        let ways = Ways { way: source.status.spec.way, via: source.status.via, ..ways };
        let question = Question::new(serial, base, request, &source.status.spec.access, ways, shape);
        self.sources.put(question, purpose);
        Ok(serial)
    }

    /// Puts a question of a panel.
    pub(crate) fn ask_for_panel(
        &mut self,
        id: SourceId,
        request: &ApiRequest,
        shape: Option<(Shape, ReadLimits)>,
        part: PanelPart,
    ) -> Result<(), Problem> {
        self.put_question(id, request, shape, Purpose::Panel(part)).map(|_| ())
    }

    fn ways(&self) -> Ways {
        Ways {
            page_origin: self.settings.page_origin.clone(),
            has_relay: self.has_relay(),
            may_ask_relay: true,
            way: SourceWay::Auto,
            via: None,
        }
    }

    /// Takes in what came of a question.
    pub fn answered(&mut self, question: Question, now: Timestamp) {
        if question.lost_relay() {
            self.set_relay(None, now);
        }
        let Some(purpose) = self.sources.purposes.remove(&question.serial) else { return };
        let Answered { url, via, took, outcome } = question.into_answered(now);
        match purpose {
            Purpose::Check(id) => self.checked(id, via, outcome, took, now),
            Purpose::Recognise(id) => self.recognised_step(id, via, outcome),
            Purpose::Report(id, what, endpoint) => {
                self.heard_of(id, via, &outcome, now);
                self.reported(id, what, endpoint, &url, outcome, now);
            }
            Purpose::Lookup { id, limit } => self.names_came(id, limit, outcome),
            Purpose::Panel(part) => {
                self.heard_of(part.source, via, &outcome, now);
                let outcome = outcome.map_err(|failure| failure.problem(&url));
                self.part_came(part, outcome, now);
            }
        }
    }

    /// An answer or its absence says how a source is.
    fn heard_of(&mut self, id: SourceId, via: Via, outcome: &Result<Outcome, Failure>, now: Timestamp) {
        let Some(source) = self.sources.get_mut(id) else { return };
        let answers = match outcome {
            Ok(_) => true,
            // An error of the API is an answer; credentials that are wrong, or a proxy's page, are found out by a check.
            Err(Failure::Api(ApiError::Refused { .. } | ApiError::NotOffered { .. } | ApiError::TooMuch { .. })) => {
                true
            }
            Err(_) => false,
        };
        if answers {
            source.status.via = Some(via);
        }
        if answers != (source.status.health == Health::Up) && source.checking.is_none() {
            source.check_at = now;
        }
    }
}

fn no_source() -> Problem {
    Problem {
        message: "This source is no longer there.".to_owned(),
        hint: "Choose another one for the panel.".to_owned(),
        ..Problem::default()
    }
}

/// When a source is looked at again.
fn next_check(health: Health, now: Timestamp) -> Timestamp {
    now + if health == Health::Up { CHECK_SOURCE_EVERY } else { RETRY_SOURCE_EVERY }
}
