//! What the worker tells the page.

use crate::answer::{GraphAnswer, TableAnswer};
use crate::config::ConfigNews;
use crate::diff::DiffAnswer;
use crate::doctor::DiagnosisNews;
use crate::family::FamilyDetails;
use crate::file::{ExportNews, ImportNews};
use crate::history::TargetHistory;
use crate::lint::LintReport;
use crate::losses::Losses;
use crate::source::{Recognised, ReportAnswer, SourceStatus};
use crate::storage::StorageStatus;
use crate::target::TargetStatus;
use crate::{Generation, PanelId, TargetId, WireSpan};
use serde::{Deserialize, Serialize};

/// A message to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker is up and listens; it says so before anything is sent to it.
    Ready {
        /// The build it belongs to: the page refuses another one.
        build_id: String,
    },
    /// All targets, whenever one of them changed. In the order in which they were added.
    Targets {
        /// The targets.
        targets: Vec<TargetStatus>,
    },
    /// All metric families, sorted by name, after a scrape that changed the list.
    Families {
        /// The families.
        families: Vec<FamilyInfo>,
    },
    /// How full the store is, after each scrape and at most once a second.
    Store(StoreStatus),
    /// Where samples are kept, whenever something of that changed, at most once a second.
    Storage(Box<StorageStatus>),
    /// Where the relay is.
    Relay {
        /// It answered under the page's origin.
        available: bool,
        /// Its version, if it answered.
        version: Option<String>,
    },
    /// New samples are stored: a panel that follows live data may ask again.
    Scraped {
        /// Of which target.
        id: TargetId,
        /// The time of its samples, ms since the epoch.
        at_ms: i64,
    },
    /// The answer to a range query.
    Graph(GraphAnswer),
    /// The answer to an instant query.
    Table(TableAnswer),
    /// The answer to [`crate::Request::Lookup`].
    LookedUp {
        /// The request's number.
        id: u32,
        /// Sorted.
        values: Vec<String>,
        /// There were more than the limit.
        truncated: bool,
    },
    /// The answer to [`crate::Request::RawBody`].
    RawBody {
        /// Of which target.
        id: TargetId,
        /// Content-Type of the answer, if there was one.
        content_type: Option<String>,
        /// When it was fetched, ms since the epoch; `None` if there is no body yet.
        at_ms: Option<i64>,
        /// The first megabytes of the body.
        #[serde(skip)]
        body: Vec<u8>,
        /// The whole length of the body.
        body_bytes: u64,
        /// It was protobuf, and `body` is a text that says the same.
        is_decoded: bool,
    },
    /// What was lost so far, whenever that changed.
    Losses(Losses),
    /// The answer to [`crate::Request::Lint`]; `None` if there is no body.
    Linted {
        /// Of which target.
        id: TargetId,
        /// What was found.
        report: Option<LintReport>,
    },
    /// The answer to [`crate::Request::History`].
    History(TargetHistory),
    /// The answer to [`crate::Request::Diff`].
    Diff(Box<DiffAnswer>),
    /// How a diagnosis goes, and what it found.
    Diagnosis(DiagnosisNews),
    /// The answer to [`crate::Request::Family`].
    Family(FamilyDetails),
    /// All sources, whenever one of them changed. In the order in which they were added.
    Sources {
        /// The sources.
        sources: Vec<SourceStatus>,
    },
    /// The answer to [`crate::Request::Recognise`].
    Recognised {
        /// The request's number.
        id: u32,
        /// The server that is there; `None` if none with this API is.
        server: Option<Recognised>,
    },
    /// The answer to [`crate::Request::Report`].
    Report(Box<ReportAnswer>),
    /// How an import goes.
    Import(ImportNews),
    /// How an export goes.
    Export(ExportNews),
    /// What there is to say of a configuration.
    Config(ConfigNews),
    /// Something did not work.
    Failed {
        /// For whom.
        origin: Origin,
        /// What, where, what to do.
        problem: Problem,
    },
}

/// Who asked for what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A query.
    Panel {
        /// Which panel.
        panel: PanelId,
        /// Which request.
        generation: Generation,
    },
    /// A target: its URL could not be understood, an upload was no metrics text.
    Target {
        /// Which one.
        id: TargetId,
    },
    /// The worker itself.
    Worker,
}

/// A problem in plain words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What happened, to what. One or two sentences.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// Where in the expression.
    pub span: Option<WireSpan>,
    /// Where in a body: line and column, from 1.
    pub at: Option<(u32, u32)>,
    /// More places of the same expression: a parse finds all its errors at once.
    #[serde(default)]
    pub more: Vec<Note>,
}

/// A warning, an info, or one more error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What there is to know.
    pub message: String,
    /// What to do about it; may be empty.
    #[serde(default)]
    pub hint: String,
    /// Where in the expression.
    pub span: Option<WireSpan>,
    /// Which expression of the panel it is about, from 0.
    #[serde(default)]
    pub query_idx: u16,
}

/// A metric family in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyInfo {
    /// Its name, without `_bucket`, `_sum`, `_count`.
    pub name: String,
    /// `counter`, `gauge`, `histogram`, `summary`, `info`, `stateset`, `gaugehistogram`, `unknown`.
    pub kind: String,
    /// Its help text; may be empty.
    pub help: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Series of it in the store.
    pub n_series: u32,
    /// Names of metrics that belong to it: `x_bucket`, `x_sum`, `x_count`; only its own for most.
    pub metrics: Vec<String>,
    /// Targets that expose it.
    pub targets: Vec<TargetId>,
}

/// How full the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoreStatus {
    /// Series.
    pub n_series: u64,
    /// Samples.
    pub n_samples: u64,
    /// Bytes of samples and index, about.
    pub bytes: u64,
    /// Time of the oldest sample, ms since the epoch.
    pub oldest_ms: Option<i64>,
    /// Time of the newest sample.
    pub newest_ms: Option<i64>,
    /// How long samples are kept.
    pub retention_ms: i64,
    /// At most so many series.
    pub max_series: u64,
    /// Bytes of wasm memory of the worker.
    pub memory_bytes: u64,
}
