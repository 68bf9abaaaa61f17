//! The doctor's question and answer: what page and worker say about a connection that failed.

use crate::access::Access;
use crate::{SourceId, TargetId};
use serde::{Deserialize, Serialize};

/// Asks why something cannot be reached: [`crate::Event::Diagnosis`]. The checks take a few seconds and send requests of
/// their own; a new question about the same patient replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseRequest {
    /// Whom it is about.
    pub patient: Patient,
    /// Counts the questions of this page: an answer to an older one is dropped.
    pub serial: u32,
    /// The address: that of a target, or that of a server of Prometheus' API without `/api/v1`.
    pub url: String,
    /// Credentials that go with each request of a server. For a target the worker knows them.
    #[serde(default)]
    pub access: Access,
    /// How long a scrape or a question may usually take.
    pub timeout_ms: u32,
    /// What only the page can know.
    pub page: PageState,
}

/// Whom a diagnosis is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Patient {
    /// Something that is scraped.
    Target(TargetId),
    /// A server that is asked over its API.
    Source(SourceId),
}

/// What only the page can know of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageState {
    /// `isSecureContext`
    pub is_secure: bool,
    /// `navigator.onLine`
    pub is_online: bool,
    /// The state of Chrome's permission to reach this machine: `granted`, `denied`, `prompt`; `None` in browsers that
    /// know no such permission.
    pub loopback: Option<String>,
    /// The same for the local network.
    pub local_network: Option<String>,
}

/// How a diagnosis goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisNews {
    /// Whom it is about.
    pub patient: Patient,
    /// The number of the question.
    pub serial: u32,
    /// Checks that are done.
    pub n_done: u32,
    /// Checks that are known of so far; more may follow.
    pub n_checks: u32,
    /// The end.
    pub report: Option<Box<DoctorReport>>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorReport {
    /// The likeliest first; never empty.
    pub diagnoses: Vec<Diagnosis>,
    /// What they rest on.
    pub facts: Vec<DoctorFact>,
}

/// One cause and its cures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What happened, in one sentence.
    pub sentence: String,
    /// It was seen; otherwise it is only likely.
    pub is_proved: bool,
    /// It works as it is: there is nothing that has to be done.
    pub is_fine: bool,
    /// An address that works.
    pub found: Option<String>,
    /// What to do, the easiest first.
    pub cures: Vec<Cure>,
    /// What names mean inside and outside a container, where that is the point.
    pub picture: Option<DoctorPicture>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cure {
    /// A few words.
    pub title: String,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What to copy.
    pub snippets: Vec<Snippet>,
}

/// A text to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// Where it goes: the name of a file, or "Terminal".
    pub place: String,
    /// Its language: `json`, `yaml`, `sh` …
    pub language: String,
    /// It.
    pub text: String,
}

/// A picture made of characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorPicture {
    /// What it is about.
    pub title: String,
    /// It, with line ends.
    pub drawing: String,
    /// The same in sentences.
    pub sentences: Vec<String>,
}

/// Something that was found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorFact {
    /// Whether it is in the way.
    pub mark: FactMark,
    /// Who says so.
    pub origin: FactOrigin,
    /// What.
    pub text: String,
}

/// Whether a fact is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactMark {
    /// As it should be.
    Good,
    /// In the way.
    Bad,
    /// Neither, or not known.
    Neutral,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactOrigin {
    /// The address itself.
    Address,
    /// The browser.
    Browser,
    /// The relay.
    Relay,
    /// The server's answer.
    Answer,
}
