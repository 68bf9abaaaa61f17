//! Finds out where the API is and which server answers, one small question after the other.
//!
//! [`Detection`] is a state machine that fetches nothing: [`Detection::step`] says what to ask where,
//! [`Detection::reply`] takes in what came of it.

use crate::address::Base;
use crate::error::ApiError;
use crate::http::{HttpReply, NoReply};
use crate::reply::{BuildInfo, read_reply};
use crate::request::{ApiEndpoint, ApiRequest, Ask};
use crate::server::{Server, ServerKind};
use model::{Millis, Timestamp};

/// The answers are tiny; a server that needs longer is of no use.
const TIMEOUT: Millis = Millis(10_000);

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum DetectionStep {
    /// Ask this at this place and call [`Detection::reply`].
    Ask(Base, ApiRequest),
    /// It is decided.
    Done(Result<Detected, DetectionError>),
}

/// A server that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// Where its API is.
    pub base: Base,
    /// Which it is.
    pub server: Server,
}

/// Why no server was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectionError {
    /// Nothing answers there, or the browser does not let the page read it. Another way, such as the relay, may help.
    #[error("no answer from {base}{}", why.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    NoReply {
        /// Where it was asked.
        base: Base,
        /// In words, if that is known.
        why: Option<String>,
    },
    /// It wants credentials, or others; the API is there.
    #[error("{error}")]
    Unauthorized {
        /// Where.
        base: Base,
        /// What it answered.
        error: ApiError,
    },
    /// A server answers everywhere, but not with the API.
    #[error("there is no Prometheus API at {base}: {}", in_short(.error))]
    NotApi {
        /// The likeliest place.
        base: Base,
        /// What it answered there.
        error: ApiError,
    },
}

fn in_short(error: &ApiError) -> String {
    match error {
        ApiError::NotApi { found } => format!("the answer is {found}"),
        ApiError::NotOffered { status } => format!("the answer has status {status}"),
        other => other.to_string(),
    }
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Detection {
    /// Places that are not tried yet, the next one last.
    rest: Vec<Base>,
    base: Base,
    next: Next,
    /// What the first place answered.
    first: Option<(Base, ApiError)>,
}

#[derive(Clone, Debug)]
enum Next {
    /// The version.
    BuildInfo,
    /// Whether there is an API at all.
    Query,
    /// Whether it knows more than PromQL.
    Dialect(Option<BuildInfo>),
    Done(Result<Detected, DetectionError>),
}

impl Detection {
    /// An answer to one of these questions has at most so many bytes; whoever fetches may stop there.
    pub const MAX_BODY_BYTES: u64 = 64 << 10;

    /// A search at some places, the likeliest first. `None` without any.
    #[must_use]
    pub fn new(candidates: &[Base]) -> Option<Self> {
        let (base, rest) = candidates.split_first()?;
        let rest = rest.iter().rev().cloned().collect();
        Some(Detection { rest, base: base.clone(), next: Next::BuildInfo, first: None })
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> DetectionStep {
        let ask = Ask { timeout: TIMEOUT, ..Ask::default() };
        let request = match &self.next {
            Next::BuildInfo => ApiRequest::plain(ApiEndpoint::BuildInfo, &ask),
            Next::Query => ApiRequest::query("1", Some(Timestamp(0)), &ask),
            // PromQL has no such operator.
            Next::Dialect(_) => ApiRequest::query("1 default 2", Some(Timestamp(0)), &ask),
            Next::Done(result) => return DetectionStep::Done(result.clone()),
        };
        DetectionStep::Ask(self.base.clone(), request)
    }

    /// Takes in what came of the last step.
    pub fn reply(&mut self, reply: Result<HttpReply, NoReply>) {
        let reply = match reply {
            Ok(reply) => reply,
            Err(NoReply { why }) => return self.no_reply(why),
        };
        match std::mem::replace(&mut self.next, Next::BuildInfo) {
            Next::BuildInfo => match read_reply::<BuildInfo>(&reply) {
                Ok(info) => self.with_info(info.data),
                Err(error @ ApiError::Unauthorized { .. }) => self.unauthorized(error),
                // Old servers, proxies that let only queries pass.
                _ => self.next = Next::Query,
            },
            Next::Query => match read_reply::<serde::de::IgnoredAny>(&reply) {
                // An error of the API is an API, too: it may want a tenant or be an agent.
                Ok(_) => self.next = Next::Dialect(None),
                Err(error @ (ApiError::Unauthorized { .. } | ApiError::Refused { status: 401 | 403, .. })) => {
                    self.unauthorized(error);
                }
                Err(ApiError::Refused { .. }) => self.next = Next::Dialect(None),
                Err(error) => self.elsewhere(error),
            },
            Next::Dialect(info) => {
                let knows_more = read_reply::<serde::de::IgnoredAny>(&reply).is_ok();
                let kind = if knows_more { ServerKind::VictoriaMetrics } else { ServerKind::Unknown };
                // VictoriaMetrics says the version of a Prometheus here.
                let version = info.filter(|_| !knows_more).map_or(String::new(), |info| info.version);
                self.found(Server::new(kind, version));
            }
            Next::Done(result) => self.next = Next::Done(result),
        }
    }

    fn with_info(&mut self, info: BuildInfo) {
        let kind = if info.application.contains("Mimir") {
            ServerKind::Mimir
        } else if !info.application.is_empty() && !info.application.contains("Prometheus") {
            ServerKind::Unknown
        } else if info.version.starts_with("0.") {
            // Prometheus had no such endpoint before 2.14.
            ServerKind::Thanos
        } else if info.revision.is_empty() && info.go_version.is_empty() {
            self.next = Next::Dialect(Some(info));
            return;
        } else {
            ServerKind::Prometheus
        };
        self.found(Server::new(kind, info.version));
    }

    fn found(&mut self, server: Server) {
        self.next = Next::Done(Ok(Detected { base: self.base.clone(), server }));
    }

    fn unauthorized(&mut self, error: ApiError) {
        self.next = Next::Done(Err(DetectionError::Unauthorized { base: self.base.clone(), error }));
    }

    fn no_reply(&mut self, why: Option<String>) {
        // The other paths of the same host would not answer either.
        let origin = self.base.origin().to_owned();
        self.rest.retain(|base| base.origin() != origin);
        match self.rest.pop() {
            Some(base) => (self.base, self.next) = (base, Next::BuildInfo),
            None => {
                let error = match self.first.take() {
                    Some((base, error)) => DetectionError::NotApi { base, error },
                    None => DetectionError::NoReply { base: self.base.clone(), why },
                };
                self.next = Next::Done(Err(error));
            }
        }
    }

    fn elsewhere(&mut self, error: ApiError) {
        let (base, error) = self.first.get_or_insert((self.base.clone(), error)).clone();
        match self.rest.pop() {
            Some(next) => (self.base, self.next) = (next, Next::BuildInfo),
            None => self.next = Next::Done(Err(DetectionError::NotApi { base, error })),
        }
    }
}

#[cfg(test)]
mod tests;
