//! What is known of a failed connection: facts, each with where it came from.

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What the page knows of itself.
    pub page: PageFacts,
    /// The address that was asked for.
    pub url: String,
    /// What was hoped for there.
    pub purpose: Purpose,
    /// Credentials or other headers go with each request: the browser asks the server before it sends them.
    pub sends_headers: bool,
    /// How long a scrape or question may usually take.
    pub timeout_ms: i64,
    /// The browser's clock, ms since the epoch.
    pub now_ms: i64,
    /// What is known of the relay.
    pub relay: RelayFact,
    /// What was tried, in any order.
    pub attempts: Vec<Attempt>,
}

/// What only the page can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFacts {
    /// `location.origin`
    pub origin: String,
    /// `isSecureContext`: it came over https, or from this machine.
    pub is_secure: bool,
    /// `navigator.onLine`
    pub is_online: bool,
    /// Whether it may reach this machine.
    pub loopback: Permission,
    /// Whether it may reach the local network.
    pub local_network: Permission,
}

/// The state of one of Chrome's permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// This browser knows no such permission: nothing is in the way.
    #[default]
    Unsupported,
    /// The user said yes.
    Granted,
    /// The user said no, or the browser did for them.
    Denied,
    /// Nobody was asked yet.
    Prompt,
}

/// What was hoped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Metrics text.
    Metrics,
    /// Prometheus' HTTP API.
    Api,
}

/// What is known of the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayFact {
    /// It answered.
    Here,
    /// Nothing answers as a relay under the page's origin.
    Missing,
    /// It was there before, and is no more.
    Gone,
}

/// One fetch and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was fetched.
    pub url: String,
    /// How.
    pub way: Way,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took_ms: i64,
}

/// How a fetch was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// By the browser, to be read.
    Direct,
    /// By the browser, unread (`no-cors`): whether anything answers at all.
    Blind,
    /// By the relay.
    Relay,
}

/// What came of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer that was read, whatever its status.
    Answered(Box<Seen>),
    /// Something answered; what, may not be read.
    Unread,
    /// It failed, and the browser does not say why.
    Opaque,
    /// No answer in so many milliseconds.
    TimedOut {
        /// What was waited.
        after_ms: i64,
    },
    /// The relay: nobody listens there.
    Refused,
    /// The relay: the name leads nowhere.
    UnknownHost,
    /// The relay: no encrypted connection could be made.
    Tls(TlsFault),
    /// The relay: the network does not lead there.
    Unreachable(String),
    /// The answer broke off.
    CutOff,
    /// The answer is too large.
    TooLarge,
    /// Too many redirects, or one to nowhere.
    Redirects(String),
    /// What answers speaks no HTTP.
    NotHttp,
    /// The relay does not want to.
    Forbidden(String),
    /// The relay could not be reached, or has no time.
    NoRelay,
    /// Something else; the text says what.
    Other(String),
}

/// What is wrong with an encrypted connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// Signed by itself, or by an authority that nobody trusts.
    Untrusted,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is for another name.
    OtherName,
    /// What answers speaks no TLS at all.
    Plain,
    /// Something else; the text says what.
    Other(String),
}

impl TlsFault {
    /// The fault that the relay speaks of: by its word for programs, else by its sentence.
    #[must_use]
    pub fn of_relay(detail: Option<&str>, message: &str) -> TlsFault {
        match detail {
            Some("unknown_issuer" | "no_roots") => return TlsFault::Untrusted,
            Some("expired") => return TlsFault::Expired,
            Some("not_yet_valid") => return TlsFault::NotYetValid,
            Some("wrong_name") => return TlsFault::OtherName,
            Some("not_tls") => return TlsFault::Plain,
            _ => {}
        }
        let says = |part: &str| message.contains(part);
        if says("not signed by an authority") || says("no root certificates") {
            TlsFault::Untrusted
        } else if says("has expired") {
            TlsFault::Expired
        } else if says("not valid yet") {
            TlsFault::NotYetValid
        } else if says("is for another name") {
            TlsFault::OtherName
        } else if says("does not answer with TLS") {
            TlsFault::Plain
        } else {
            TlsFault::Other(message.to_owned())
        }
    }
}

/// An answer as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// What its body is.
    pub body: BodyKind,
    /// The beginning of its body.
    pub head: String,
    /// What its clock says: its `Date`, or a metric that is the time. Whole seconds in ms since the epoch.
    pub clock_ms: Option<i64>,
    /// Headers that only a relay sees.
    pub told: Option<Told>,
}

/// Headers of an answer that browsers hide from pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// `Server`
    pub server: Option<String>,
    /// `WWW-Authenticate`
    pub authenticate: Option<String>,
    /// `Access-Control-Allow-Origin`
    pub allow_origin: Option<String>,
}

/// What a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// Metrics.
    Metrics {
        /// Samples that were counted, in what was read of it.
        n_samples: usize,
    },
    /// An answer of Prometheus' HTTP API.
    Api,
    /// A web page.
    Html,
    /// Other JSON.
    Json,
    /// Nothing.
    Empty,
    /// Text that is no metrics; the sentence says what is wrong, and where.
    Text(String),
}

impl Seen {
    /// Whether it is what was hoped for.
    #[must_use]
    pub fn is_good(&self, purpose: Purpose) -> bool {
        let fits = match purpose {
            Purpose::Metrics => matches!(self.body, BodyKind::Metrics { n_samples: 1.. }),
            Purpose::Api => self.body == BodyKind::Api,
        };
        (200..300).contains(&self.status) && fits
    }
}

impl Evidence {
    /// What came of a way to the address itself.
    #[must_use]
    pub fn of(&self, way: Way) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.way == way && attempt.url == self.url)
    }

    /// The answer of the address itself that was read, by the browser or else by the relay.
    #[must_use]
    pub fn read(&self) -> Option<(&Seen, &Attempt)> {
        [Way::Direct, Way::Relay].into_iter().filter_map(|way| self.of(way)).find_map(|attempt| {
            match &attempt.outcome {
                Outcome::Answered(seen) => Some((&**seen, attempt)),
                _ => None,
            }
        })
    }

    /// A good answer elsewhere.
    #[must_use]
    pub fn found(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| {
            attempt.url != self.url && matches!(&attempt.outcome, Outcome::Answered(seen) if seen.is_good(self.purpose))
        })
    }

    /// All heads of bodies that were read, those of the address itself first.
    pub(crate) fn heads(&self) -> Vec<&str> {
        let own = |attempt: &&Attempt| attempt.url == self.url;
        let (first, then): (Vec<&Attempt>, Vec<&Attempt>) = self.attempts.iter().partition(own);
        first
            .into_iter()
            .chain(then)
            .filter_map(|attempt| match &attempt.outcome {
                Outcome::Answered(seen) => Some(seen.head.as_str()),
                _ => None,
            })
            .collect()
    }
}
