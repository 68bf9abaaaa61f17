//! What a server is and where its API lies, whether it answers, and how far its clock is off.

use super::question::{Failure, Outcome, Question, Ways};
use super::{Purpose, next_check};
use crate::limits::{CHECK_TIMEOUT, MAX_RECOGNISED_PLACES, MAX_RECOGNISING, RECOGNISE_TIMEOUT};
use crate::state::Worker;
use model::{Millis, Timestamp};
use promapi::{
    Address, ApiError, ApiRequest, Base, Detected, Detection, DetectionError, DetectionStep, HttpReply, NoReply,
    ReadLimits, ServerKind, Shape,
};
use protocol::{Access, Auth, Event, Health, Problem, Recognised, Secret, SourceId, SourceWay, Via};

/// How far looking at a source is.
#[derive(Debug)]
pub(super) enum Checking {
    /// What is it?
    Detecting(Box<Detection>),
    /// What time is it there?
    Clock,
}

/// An address that is being looked at.
#[derive(Debug)]
pub(super) struct Recognising {
    detection: Detection,
    access: Access,
    expr: Option<String>,
    /// The likeliest place of the API.
    first: Option<Base>,
    /// The way that the last answer took.
    via: Option<Via>,
}

/// The answer of a clock is one number.
const CLOCK_LIMITS: ReadLimits = ReadLimits { max_bytes: 64 << 10, max_series: 1, max_samples: 1 };

impl Worker {
    /// Looks at the sources that are due.
    pub(super) fn check_sources(&mut self, now: Timestamp) {
        let is_due = |source: &&mut super::Source| source.checking.is_none() && source.check_at <= now;
        let mut due = Vec::new();
        for source in self.sources.list.iter_mut().filter(is_due) {
            // An address that is none, or one too many: looking again changes nothing.
            let Some(detection) = Detection::new(&source.places()) else {
                source.check_at = Timestamp(i64::MAX);
                continue;
            };
            let is_known = source.server.is_some();
            source.checking = Some(if is_known { Checking::Clock } else { Checking::Detecting(Box::new(detection)) });
            source.status.is_checking = true;
            due.push(source.id);
        }
        let has_begun = !due.is_empty();
        due.into_iter().for_each(|id| self.go_on_checking(id, now));
        if has_begun {
            self.tell_sources();
        }
    }

    /// Asks the next thing that has to be known of a source.
    fn go_on_checking(&mut self, id: SourceId, now: Timestamp) {
        let Some(source) = self.sources.get_mut(id) else { return };
        let (base, request, shape) = match &source.checking {
            None => return,
            Some(Checking::Clock) => {
                let Some(base) = source.base.clone() else { return };
                let request = ApiRequest::query("time()", None, &source.ask(CHECK_TIMEOUT));
                (base, request, Some((Shape::Instant, CLOCK_LIMITS)))
            }
            Some(Checking::Detecting(detection)) => match detection.step() {
                DetectionStep::Ask(base, mut request) => {
                    request.timeout = CHECK_TIMEOUT;
                    (base, request, None)
                }
                DetectionStep::Done(Ok(detected)) => {
                    source.detected(detected);
                    source.checking = Some(Checking::Clock);
                    return self.go_on_checking(id, now);
                }
                DetectionStep::Done(Err(error)) => {
                    let problem = source.last_failure.take().unwrap_or_else(|| problem_of(&error));
                    return self.end_check(id, Err(problem), now);
                }
            },
        };
        let (access, way, via) = (source.status.spec.access.clone(), source.status.spec.way, source.status.via);
        let ways = Ways { way, via, ..self.ways() };
        let question = Question::new(self.sources.serial(), &base, &request, &access, ways, shape);
        self.sources.put(question, Purpose::Check(id));
    }

    /// Takes in an answer of a check.
    pub(super) fn checked(
        &mut self,
        id: SourceId,
        via: Via,
        outcome: Result<Outcome, Failure>,
        took: Millis,
        now: Timestamp,
    ) {
        let Some(source) = self.sources.get_mut(id) else { return };
        match &mut source.checking {
            None => {}
            Some(Checking::Detecting(detection)) => {
                source.last_failure = match &outcome {
                    Err(failure @ Failure::Fetch(_)) => Some(failure.problem(&source.status.url)),
                    _ => None,
                };
                if outcome.is_ok() {
                    source.status.via = Some(via);
                }
                detection.reply(reply_of(outcome));
                self.go_on_checking(id, now);
            }
            Some(Checking::Clock) => {
                let result = match outcome {
                    // It may answer although what its clock says is not to be had.
                    Ok(Outcome::Query(answer)) => Ok(answer.data.number().map(|seconds| seconds * 1_000.0)),
                    Ok(Outcome::Whole(_)) => Ok(None),
                    Err(Failure::Api(ApiError::Refused { .. })) => Ok(None),
                    Err(failure) => Err(failure.problem(&source.status.url)),
                };
                if result.is_ok() {
                    source.status.via = Some(via);
                    source.status.latency_ms = Some(took.0 as f64);
                }
                // Half of the time was the way there, about.
                let here = now.0 as f64 - took.0 as f64 / 2.0;
                let result = result.map(|there| there.map(|there| (there - here).round() as i64));
                self.end_check(id, result, now);
            }
        }
    }

    fn end_check(&mut self, id: SourceId, result: Result<Option<i64>, Problem>, now: Timestamp) {
        let Some(source) = self.sources.get_mut(id) else { return };
        source.checking = None;
        source.status.is_checking = false;
        source.status.checked_ms = Some(now.0);
        match result {
            Ok(skew_ms) => {
                source.status.health = Health::Up;
                source.status.problem = None;
                source.status.skew_ms = skew_ms;
            }
            Err(problem) => {
                source.status.health = Health::Down;
                source.status.problem = Some(problem);
                source.status.latency_ms = None;
                // Another one may come up in its place.
                source.server = None;
            }
        }
        source.check_at = next_check(source.status.health, now);
        self.tell_sources();
        self.ask_held(now);
    }

    /// Looks at what is behind an address.
    pub(crate) fn recognise(&mut self, id: u32, url: &str) {
        let none = Event::Recognised { id, server: None };
        let Ok(address) = Address::parse(url) else { return self.tell(none) };
        let n = address.candidates.len().min(MAX_RECOGNISED_PLACES);
        let detection = address.candidates.get(..n).and_then(Detection::new);
        let Some(detection) = detection.filter(|_| self.sources.recognising.len() < MAX_RECOGNISING) else {
            return self.tell(none);
        };
        let auth = address
            .userinfo
            .map_or(Auth::None, |user| Auth::Basic { username: user.username, password: Secret(user.password) });
        let access = Access { auth, headers: Vec::new() };
        let first = address.candidates.into_iter().next();
        let recognising = Recognising { detection, access, expr: address.expr, first, via: None };
        self.sources.recognising.insert(id, recognising);
        self.go_on_recognising(id);
    }

    fn go_on_recognising(&mut self, id: u32) {
        let ways = self.ways();
        let Some(one) = self.sources.recognising.get(&id) else { return };
        let found = match one.detection.step() {
            DetectionStep::Ask(base, mut request) => {
                request.timeout = RECOGNISE_TIMEOUT;
                let ways = Ways { via: one.via, way: SourceWay::Auto, ..ways };
                let access = one.access.clone();
                let question = Question::new(self.sources.serial(), &base, &request, &access, ways, None);
                self.sources.put(question, Purpose::Recognise(id));
                return;
            }
            DetectionStep::Done(Ok(Detected { base, server })) => Some((base, server.kind, false)),
            DetectionStep::Done(Err(DetectionError::Unauthorized { base, error })) if is_of_api(&error) => {
                Some((base, ServerKind::Unknown, true))
            }
            // A graph is of a server, also of one that does not answer now; nobody has metrics there.
            DetectionStep::Done(Err(_)) => {
                one.first.clone().filter(|_| one.expr.is_some()).map(|base| (base, ServerKind::Unknown, false))
            }
        };
        let expr = self.sources.recognising.remove(&id).and_then(|one| one.expr);
        let server = found.map(|(base, kind, needs_access)| Recognised {
            url: base.as_str().to_owned(),
            kind: kind.as_str().to_owned(),
            needs_access,
            expr,
        });
        self.tell(Event::Recognised { id, server });
    }

    /// Takes in an answer to it.
    pub(super) fn recognised_step(&mut self, id: u32, via: Via, outcome: Result<Outcome, Failure>) {
        let Some(one) = self.sources.recognising.get_mut(&id) else { return };
        one.via = Some(via);
        one.detection.reply(reply_of(outcome));
        self.go_on_recognising(id);
    }
}

impl super::Source {
    /// Where its API may be, the place where it was first.
    fn places(&self) -> Vec<Base> {
        let known = self.base.iter().cloned();
        known.chain(self.candidates.iter().filter(|base| Some(*base) != self.base.as_ref()).cloned()).collect()
    }

    fn detected(&mut self, detected: Detected) {
        let Detected { base, server } = detected;
        self.status.url = base.as_str().to_owned();
        self.status.kind = Some(server.kind.as_str().to_owned());
        self.status.version = Some(server.version.clone()).filter(|version| !version.is_empty());
        // What is not the API often may not be read; the API itself mostly may.
        self.status.via = None;
        self.base = Some(base);
        self.server = Some(server);
        self.tell_offers();
    }
}

/// What a search for the API takes in.
fn reply_of(outcome: Result<Outcome, Failure>) -> Result<HttpReply, NoReply> {
    match outcome {
        Ok(Outcome::Whole(reply)) => Ok(reply),
        Ok(Outcome::Query(_)) => Err(NoReply { why: None }),
        Err(Failure::Api(error)) => Err(NoReply { why: Some(error.to_string()) }),
        Err(Failure::Fetch(_)) => Err(NoReply { why: None }),
    }
}

/// Any page may want credentials. One that says so in the words of the API is a server of it; of the others it is only
/// known that they answered 401 where it would be.
fn is_of_api(error: &ApiError) -> bool {
    matches!(error, ApiError::Unauthorized { status: 401, .. })
}

fn problem_of(error: &DetectionError) -> Problem {
    match error {
        DetectionError::NoReply { base, .. } => Failure::Fetch(scrape::ScrapeFailure::Opaque).problem(base.as_str()),
        DetectionError::Unauthorized { base, error } | DetectionError::NotApi { base, error } => {
            Failure::Api(error.clone()).problem(base.as_str())
        }
    }
}
