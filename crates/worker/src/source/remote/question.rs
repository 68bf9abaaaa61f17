//! One question to a server: directly, or through the relay where the browser may not read the answer.
//!
//! A [`Question`] is a pure state machine, as [`ScrapePlan`](crate::ScrapePlan) is for scrapes: [`Question::step`] says what to
//! do, and the driver says what came of it. A body is read chunk by chunk while it comes: that of a query goes into
//! columns at once, so no text of it is kept.

use crate::limits::MAX_ANSWER_BYTES;
use crate::problem;
use crate::source::plan::{FetchFailure, is_under};
use crate::source::relay;
use model::{Millis, Timestamp};
use promapi::{Answer, AnswerReader, ApiError, ApiRequest, Base, HttpHead, HttpReply, ReadLimits, Shape};
use protocol::{Access, Problem, SourceWay, Via};
use scrape::ScrapeFailure;

/// Servers are told the same time; they get a moment more to say that it is over.
const EXTRA: Millis = Millis(2_000);

/// The ways that are open.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    /// `location.origin` of the page.
    pub(crate) page_origin: String,
    /// The relay answered when it was last asked.
    pub(crate) has_relay: bool,
    /// A relay that was not there may be looked for again.
    pub(crate) may_ask_relay: bool,
    /// What the user wants.
    pub(crate) way: SourceWay,
    /// The way that worked last time.
    pub(crate) via: Option<Via>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionStep {
    /// Fetch this; then call [`Question::head`], [`Question::feed`] and [`Question::ended`], or [`Question::failed`].
    Fetch(ApiFetch),
    /// Ask at this URL whether there is a relay and call [`Question::relay_is`].
    AskRelay(String),
    /// Find out whether anything answers at this URL, unread, and call [`Question::answers`].
    Probe(String),
    /// It is decided: [`Worker::answered`](crate::Worker::answered).
    Done,
}

/// A fetch to make.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiFetch {
    /// What to fetch: the server, or the relay with the server in its query.
    pub url: String,
    /// Which way it is.
    pub via: Via,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Names and values; secrets are among them.
    pub headers: Vec<(String, String)>,
    /// The form of a `POST`.
    pub body: Option<String>,
    /// After so long it is given up.
    pub timeout: Millis,
}

impl std::fmt::Debug for ApiFetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "{} {} {:?} with {names:?}", self.method, self.url, self.via)
    }
}

/// A question under way.
#[derive(Debug)]
pub struct Question {
    /// Its number.
    pub serial: u64,
    base: Base,
    request: ApiRequest,
    access: Access,
    ways: Ways,
    next: Next,
    sink: Sink,
    shape: Option<(Shape, ReadLimits)>,
    tried_direct: bool,
    lost_relay: bool,
    began: Option<Timestamp>,
    failure: Option<Failure>,
    via: Via,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Direct,
    Relay,
    AskRelay,
    Probe,
    Done,
}

/// What a body goes into.
#[derive(Debug)]
enum Sink {
    /// Nothing has come.
    None,
    /// The relay's own answer.
    Refusal(HttpReply),
    /// An answer that is read when it is whole.
    Whole(HttpReply),
    /// The answer to a query.
    Query(Box<AnswerReader>),
}

/// What a server answered.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// To a query.
    Query(Box<Answer>),
    /// To anything else; it may say that something is wrong.
    Whole(HttpReply),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// The server answered, but not with what was asked for.
    Api(ApiError),
    /// It did not answer, or nobody may read it.
    Fetch(ScrapeFailure),
}

/// What came of a question.
pub(crate) struct Answered {
    /// The base of the server.
    pub(crate) url: String,
    /// The way that was taken last.
    pub(crate) via: Via,
    /// How long it took.
    pub(crate) took: Millis,
    pub(crate) outcome: Result<Outcome, Failure>,
}

impl Question {
    pub(super) fn new(
        serial: u64,
        base: &Base,
        request: &ApiRequest,
        access: &Access,
        ways: Ways,
        shape: Option<(Shape, ReadLimits)>,
    ) -> Self {
        let prefers_relay = ways.way == SourceWay::Relay
            || ways.way == SourceWay::Auto && ways.via == Some(Via::Relay) && ways.has_relay;
        let is_own = is_under(base.as_str(), &ways.page_origin) || base.as_str() == ways.page_origin;
        let next = match prefers_relay && !is_own {
            true if ways.has_relay => Next::Relay,
            true => Next::AskRelay,
            false => Next::Direct,
        };
        Question {
            serial,
            base: base.clone(),
            request: request.clone(),
            access: access.clone(),
            ways,
            next,
            sink: Sink::None,
            shape,
            tried_direct: false,
            lost_relay: false,
            began: None,
            failure: None,
            via: Via::Direct,
        }
    }

    /// What to do next.
    pub fn step(&mut self, now: Timestamp) -> QuestionStep {
        self.began.get_or_insert(now);
        match self.next {
            Next::Direct => QuestionStep::Fetch(self.fetch(Via::Direct)),
            Next::Relay => QuestionStep::Fetch(self.fetch(Via::Relay)),
            Next::AskRelay => QuestionStep::AskRelay(relay::info_url(&self.ways.page_origin)),
            // Not the question itself: nobody can read its answer, and the server would work for it.
            Next::Probe => QuestionStep::Probe(format!("{}/api/v1/status/buildinfo", self.base)),
            Next::Done => QuestionStep::Done,
        }
    }

    fn fetch(&mut self, via: Via) -> ApiFetch {
        self.via = via;
        self.sink = Sink::None;
        let url = self.request.url(&self.base);
        let timeout = self.request.timeout;
        let mut headers = vec![("Accept".to_owned(), ApiRequest::ACCEPT.to_owned())];
        if self.request.body().is_some() {
            headers.push(("Content-Type".to_owned(), ApiRequest::FORM_TYPE.to_owned()));
        }
        let prefix = if via == Via::Relay { relay::FORWARD } else { "" };
        headers.extend(self.access.request_headers().into_iter().map(|(name, v)| (format!("{prefix}{name}"), v)));
        let url = match via {
            Via::Relay => relay::fetch_url(&self.ways.page_origin, &url, timeout),
            _ => url,
        };
        let body = self.request.body().map(str::to_owned);
        ApiFetch { url, via, method: self.request.method.as_str(), headers, body, timeout: timeout + EXTRA }
    }

    /// The head of an answer came. `target_status` is there where the relay hands on what a server answered.
    pub fn head(&mut self, status: u16, content_type: Option<String>, target_status: Option<&str>) {
        let head = HttpHead { status, content_type };
        self.sink = match self.shape {
            _ if self.via == Via::Relay && target_status.is_none() => {
                Sink::Refusal(HttpReply { head, body: Vec::new() })
            }
            Some((shape, limits)) => Sink::Query(Box::new(AnswerReader::new(shape, head, limits))),
            None => Sink::Whole(HttpReply { head, body: Vec::new() }),
        };
    }

    /// Takes a part of the body; the answer is whether more of it is wanted.
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        let error = match &mut self.sink {
            Sink::None => None,
            Sink::Refusal(reply) | Sink::Whole(reply) if reply.body.len() + bytes.len() > MAX_ANSWER_BYTES => {
                Some(ApiError::TooMuch { what: "bytes", limit: MAX_ANSWER_BYTES as u64 })
            }
            Sink::Refusal(reply) | Sink::Whole(reply) => {
                reply.body.extend_from_slice(bytes);
                None
            }
            Sink::Query(reader) => reader.feed(bytes).err(),
        };
        match error {
            Some(error) => {
                self.end(Some(Failure::Api(error)));
                false
            }
            None => true,
        }
    }

    /// The body is whole.
    pub fn ended(&mut self) {
        if self.next == Next::Done {
            return;
        }
        if let Sink::Refusal(reply) = &self.sink {
            let failure = relay::no_answer(&reply.body, self.request.timeout);
            self.failed(failure);
        } else {
            self.end(None);
        }
    }

    /// There is no answer, or not all of it.
    pub fn failed(&mut self, failure: FetchFailure) {
        if self.next == Next::Done {
            return;
        }
        let via = self.via;
        self.tried_direct |= via == Via::Direct;
        let is_own = is_under(self.base.as_str(), &self.ways.page_origin);
        self.next = match failure {
            FetchFailure::Known(failure) => return self.end(Some(Failure::Fetch(failure))),
            FetchFailure::Opaque | FetchFailure::NoRelay if via == Via::Relay => {
                self.ways.has_relay = false;
                self.lost_relay = true;
                match self.ways.way {
                    SourceWay::Relay => return self.end(Some(Failure::Fetch(no_relay()))),
                    _ if self.tried_direct => Next::Probe,
                    _ => Next::Direct,
                }
            }
            _ if is_own => return self.end(Some(Failure::Fetch(ScrapeFailure::Opaque))),
            _ if self.ways.way == SourceWay::Direct => Next::Probe,
            _ if self.ways.has_relay => Next::Relay,
            _ if self.ways.may_ask_relay => Next::AskRelay,
            _ => Next::Probe,
        };
    }

    /// What came of [`QuestionStep::AskRelay`].
    pub fn relay_is(&mut self, available: bool) {
        self.ways.has_relay = available;
        self.ways.may_ask_relay = false;
        match (available, self.ways.way) {
            (true, _) => self.next = Next::Relay,
            (false, SourceWay::Relay) => self.end(Some(Failure::Fetch(no_relay()))),
            (false, _) if self.tried_direct => self.next = Next::Probe,
            (false, _) => self.next = Next::Direct,
        }
    }

    /// What came of [`QuestionStep::Probe`].
    pub fn answers(&mut self, something: bool) {
        let mixed = self.ways.page_origin.starts_with("https:") && self.base.as_str().starts_with("http:");
        self.end(Some(Failure::Fetch(match (something, mixed) {
            (true, _) => ScrapeFailure::CorsWithoutRelay,
            (false, true) => ScrapeFailure::MixedContent,
            (false, false) => ScrapeFailure::Opaque,
        })));
    }

    pub(super) fn lost_relay(&self) -> bool {
        self.lost_relay
    }

    fn end(&mut self, failure: Option<Failure>) {
        self.next = Next::Done;
        self.failure = failure;
    }

    /// What came of it. Without an end it broke off.
    pub(super) fn into_answered(self, now: Timestamp) -> Answered {
        let outcome = match (self.failure, self.sink) {
            (Some(failure), _) => Err(failure),
            (None, Sink::Whole(reply)) => Ok(Outcome::Whole(reply)),
            (None, Sink::Query(reader)) => {
                reader.finish().map(|answer| Outcome::Query(Box::new(answer))).map_err(Failure::Api)
            }
            (None, Sink::None | Sink::Refusal(_)) => Err(Failure::Fetch(ScrapeFailure::CutOff)),
        };
        let took = now - self.began.unwrap_or(now);
        Answered { url: self.base.as_str().to_owned(), via: self.via, took, outcome }
    }
}

impl Failure {
    /// In words, of the server at a URL.
    pub(crate) fn problem(&self, url: &str) -> Problem {
        match self {
            Failure::Fetch(failure) => {
                let hint = match failure {
                    ScrapeFailure::TimedOut(_) => "Narrow the range, choose a greater step, or aggregate.",
                    ScrapeFailure::CutOff => {
                        "Try again; if it stays so, look into the log of the server or of a proxy before it."
                    }
                    ScrapeFailure::Opaque => {
                        "Open the URL in a tab of its own. If it answers there, start the relay and open Promenade through it."
                    }
                    failure => failure.hint(),
                };
                let message = match failure {
                    ScrapeFailure::CutOff => format!("The answer of {url} broke off in the middle."),
                    failure => failure.message(url),
                };
                Problem { message, hint: hint.to_owned(), ..Problem::default() }
            }
            Failure::Api(error) => {
                let (message, hint) = match error {
                    ApiError::Refused { message, .. } => (problem::sentence(message), ""),
                    ApiError::Unauthorized { status: 401, .. } => (
                        format!(
                            "{url} wants to know who asks; it got no credentials, or does not know them (status 401)."
                        ),
                        "On the Sources page, Edit has fields for user and password, a token and the tenant.",
                    ),
                    ApiError::Unauthorized { .. } => (
                        format!("{url} does not allow this with these credentials (status 403)."),
                        "Check user, token and tenant of the source on the Sources page.",
                    ),
                    ApiError::NotOffered { status } => (format!("{url} does not offer this (status {status})."), ""),
                    ApiError::TooMuch { what, limit } => (
                        format!("The answer of {url} has more than {} {what}.", model::number::grouped(*limit)),
                        "Narrow the range, choose a greater step, or aggregate.",
                    ),
                    ApiError::NotApi { .. } => (
                        format!("{url}: {}", problem::sentence(&error.to_string())),
                        "Check the address of the source: it is the one before /api/v1.",
                    ),
                    ApiError::Status { .. } | ApiError::Syntax(_) => (
                        format!("{url}: {}", problem::sentence(&error.to_string())),
                        "Look into the log of the server or of a proxy before it.",
                    ),
                };
                Problem { message, hint: hint.to_owned(), ..Problem::default() }
            }
        }
    }
}

fn no_relay() -> ScrapeFailure {
    ScrapeFailure::Unreachable("it is to be asked through the relay, and there is none".to_owned())
}
