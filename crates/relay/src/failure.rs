//! Why a request failed: a kind and a detail that the page knows, and a sentence without its full stop.

use std::error::Error;
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// What a failed request is answered with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// More of the kind, for programs: what is wrong with a certificate, which step took too long.
    pub(crate) detail: Option<&'static str>,
    /// What happened, to what, and what to do: a clause that also reads well after a colon.
    pub(crate) message: String,
}

/// The kinds that the page tells apart. The words are a contract with it: a new one is fine, another word is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody listens there.
    Refused,
    /// The name leads nowhere.
    UnknownHost,
    /// Not done within the time.
    TimedOut,
    /// No encrypted connection could be agreed on.
    Tls,
    /// The network does not lead there.
    Unreachable,
    /// More bytes than allowed.
    TooLarge,
    /// The answer ended before its end.
    CutOff,
    /// Too many redirects, or one to what cannot be fetched.
    Redirects,
    /// This relay does not do it, for whoever asks or for what is asked.
    Forbidden,
    /// The request makes no sense.
    BadRequest,
    /// Too many scrapes at a time.
    Busy,
    /// More requests of one client than allowed.
    Throttled,
    /// Nobody, or not who was meant: the relay wants a name and a password.
    Unauthorized,
    /// Something else; the message says what.
    Other,
}

impl Kind {
    /// As the page and the metrics know it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Kind::Refused => "refused",
            Kind::UnknownHost => "unknown_host",
            Kind::TimedOut => "timed_out",
            Kind::Tls => "tls",
            Kind::Unreachable => "unreachable",
            Kind::TooLarge => "too_large",
            Kind::CutOff => "cut_off",
            Kind::Redirects => "redirects",
            Kind::Forbidden => "forbidden",
            Kind::BadRequest => "bad_request",
            Kind::Busy => "busy",
            Kind::Throttled => "throttled",
            Kind::Unauthorized => "unauthorized",
            Kind::Other => "other",
        }
    }

    /// The status of the relay's own answer.
    pub(crate) fn status(self) -> u16 {
        match self {
            Kind::BadRequest => 400,
            Kind::Unauthorized => 401,
            Kind::Forbidden => 403,
            Kind::Throttled => 429,
            Kind::Busy => 503,
            Kind::TimedOut => 504,
            _ => 502,
        }
    }
}

#[derive(serde::Serialize)]
struct Json<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    message: &'a str,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: String) -> Self {
        Failure { kind, detail: None, message }
    }

    /// The same with its detail.
    pub(crate) fn with_detail(self, detail: &'static str) -> Self {
        Failure { detail: Some(detail), ..self }
    }

    /// What is answered to the page.
    pub(crate) fn json(&self) -> String {
        // Texts are always JSON.
        let json = Json { kind: self.kind.label(), detail: self.detail, message: &self.message };
        serde_json::to_string(&json).unwrap_or_default()
    }

    /// A connection that could not be made.
    pub(crate) fn of_connection(error: &io::Error, place: &str) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                Failure::new(Kind::Refused, format!("{place} refused the connection: nothing listens there"))
            }
            io::ErrorKind::TimedOut => Failure::new(
                Kind::TimedOut,
                format!("{place} did not accept the connection within the time that the system allows"),
            )
            .with_detail("connect"),
            io::ErrorKind::HostUnreachable => Failure::new(Kind::Unreachable, format!("no machine answers at {place}")),
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => {
                Failure::new(Kind::Unreachable, format!("this machine's network does not lead to {place}"))
            }
            _ => Failure::new(Kind::Unreachable, format!("connecting to {place} failed ({error})")),
        }
    }

    /// An answer that did not come, or not to its end.
    pub(crate) fn of_answer(error: &hyper::Error, place: &str) -> Self {
        if error.is_incomplete_message() || is_broken(error) {
            return Failure::cut_off(place);
        }
        if error.is_parse_too_large() {
            return Failure::new(Kind::TooLarge, format!("the header of the answer of {place} is too large"));
        }
        if error.is_parse() {
            return Failure::not_http(place);
        }
        Failure::new(Kind::Other, format!("the answer of {place} could not be read ({error})"))
    }

    /// A connection that ended before it was asked anything: the other side left, or spoke first, as HTTP never does.
    pub(crate) fn before_request(error: &hyper::Error, place: &str) -> Self {
        if error.is_incomplete_message() || is_broken(error) {
            Failure::cut_off(place)
        } else {
            Failure::not_http(place)
        }
    }

    pub(crate) fn cut_off(place: &str) -> Self {
        Failure::new(Kind::CutOff, format!("{place} closed the connection before its answer was complete"))
    }

    fn not_http(place: &str) -> Self {
        Failure::new(
            Kind::Other,
            format!("{place} does not answer in HTTP/1.1; if it wants an encrypted connection, use https:"),
        )
    }
}

/// Whether somewhere in the chain a connection ended that should not have.
fn is_broken(error: &hyper::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return matches!(
                io.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            );
        }
        next = cause.source();
    }
    false
}

/// When a fetch has to be done; one for all its steps and redirects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) timeout: Duration,
}

/// What was under way when the time was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A name was being looked up.
    Lookup,
    /// A connection was being made.
    Connect,
    /// The encryption was being agreed on.
    Handshake,
    /// The request was sent.
    Answer,
    /// The answer had begun.
    Body,
}

impl Step {
    /// For programs.
    fn label(self) -> &'static str {
        match self {
            Step::Lookup => "lookup",
            Step::Connect => "connect",
            Step::Handshake => "handshake",
            Step::Answer => "answer",
            Step::Body => "body",
        }
    }

    /// For people.
    fn progress(self) -> &'static str {
        match self {
            Step::Lookup => "its name was still being looked up",
            Step::Connect => "the connection was not accepted",
            Step::Handshake => "the encrypted connection was not agreed on",
            Step::Answer => "the connection was accepted, but no answer began",
            Step::Body => "the answer began, but did not end",
        }
    }
}

impl Deadline {
    /// From now on.
    pub(crate) fn after(timeout: Duration) -> Self {
        Deadline { at: Instant::now() + timeout, timeout }
    }

    /// Does a step, or says how far it got in time.
    pub(crate) async fn within<T>(
        &self,
        future: impl Future<Output = T>,
        place: &str,
        step: Step,
    ) -> Result<T, Failure> {
        tokio::time::timeout_at(self.at, future).await.map_err(|_| self.missed(place, step))
    }

    /// The time is over.
    pub(crate) fn missed(&self, place: &str, step: Step) -> Failure {
        let (ms, progress) = (self.timeout.as_millis(), step.progress());
        Failure::new(Kind::TimedOut, format!("{place} did not answer within {ms} ms: {progress}"))
            .with_detail(step.label())
    }
}
