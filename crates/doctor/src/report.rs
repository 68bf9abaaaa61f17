//! What comes out: causes with how sure they are, the evidence, and cures with texts to copy.

use crate::exporter::Exporter;

/// The answer to "why?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is probably there.
    pub exporter: Exporter,
    /// The likeliest first; never empty.
    pub diagnoses: Vec<Diagnosis>,
    /// What it rests on.
    pub facts: Vec<Fact>,
}

/// One cause and its cures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which one.
    pub cause: Cause,
    /// How sure.
    pub certainty: Certainty,
    /// What happened, in one sentence.
    pub sentence: String,
    /// It works as it is: there is nothing that has to be done.
    pub is_fine: bool,
    /// What to do, the easiest first; empty where nothing has to be done.
    pub cures: Vec<Cure>,
    /// The address that works, where one was found.
    pub found: Option<String>,
    /// What `127.0.0.1` and other names mean inside and outside a container, where that is the point.
    pub picture: Option<Picture>,
}

/// Why it does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It does now.
    Works,
    /// The browser has no network.
    Offline,
    /// The metrics are on another path.
    WrongPath,
    /// The metrics are on the same port of another host.
    WrongHost,
    /// `http:` where it should be `https:`, or the other way round.
    WrongScheme,
    /// A status that is no success.
    Status(u16),
    /// What answers is no metrics.
    NotMetrics,
    /// Later than the time-out.
    Slow,
    /// No answer at all in time.
    TimedOut,
    /// Its clock is not this machine's.
    ClockSkew,
    /// The browser may not read the answer.
    Cors,
    /// The relay runs on another machine than the browser, or in a container.
    RelayElsewhere,
    /// Chrome guards the local network.
    LocalNetwork,
    /// An `http:` address on an `https:` page.
    MixedContent,
    /// Nobody listens.
    Refused,
    /// The name leads nowhere.
    UnknownHost,
    /// The network does not lead there.
    Unreachable,
    /// No encrypted connection.
    Tls,
    /// The answer broke off.
    CutOff,
    /// The answer is too large.
    TooLarge,
    /// Redirects without an end.
    Redirects,
    /// No HTTP there.
    NotHttp,
    /// The relay does not want to.
    RelayForbids,
    /// There is no relay, which could tell and fetch.
    NoRelay,
    /// It could be many things.
    Opaque,
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It was seen.
    Proved,
    /// It fits what was seen.
    Likely,
}

/// Something that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Whether it is in the way.
    pub mark: Mark,
    /// Who says so.
    pub origin: Origin,
    /// What.
    pub text: String,
}

/// Whether a fact is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Good,
    /// In the way.
    Bad,
    /// Neither, or not known.
    Neutral,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The address itself.
    Address,
    /// The browser, of the page or of a fetch.
    Browser,
    /// The relay.
    Relay,
    /// The server's answer.
    Answer,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// A few words.
    pub title: String,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What to copy.
    pub snippets: Vec<Snippet>,
}

/// A text to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Where it goes: the name of a file, or "Terminal".
    pub place: String,
    /// Its language: `json`, `yaml`, `sh` …
    pub language: &'static str,
    /// It.
    pub text: String,
}

/// A picture made of characters, with words for those who do not see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is about.
    pub title: String,
    /// It, with line ends.
    pub drawing: String,
    /// The same in sentences.
    pub sentences: Vec<String>,
}
