//! Servers that are asked over the Prometheus HTTP API: how the page configures them, and what it is told of them.

use crate::SourceId;
use crate::access::Access;
use crate::event::{FamilyInfo, Problem};
use crate::target::{Health, Via};
use promapi::reply::{Alerts, BuildInfo, Rules, RuntimeInfo, Targets, TsdbStatus};
use serde::{Deserialize, Serialize};

/// A server to ask. Also the form in which the page remembers it, then without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// What it is called: in addresses, in the choice of a panel, and as the label `source` where several are asked at
    /// once. No two sources of a page have the same name.
    pub name: String,
    /// What the user typed: `http://host:9090`, `host:9090/prefix`. The worker normalises it.
    pub url: String,
    /// Credentials, tenant and other headers.
    #[serde(default)]
    pub access: Access,
    /// How it is reached.
    #[serde(default)]
    pub way: SourceWay,
}

/// How a source is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceWay {
    /// From the browser, and through the relay where that does not work.
    #[default]
    Auto,
    /// From the browser only.
    Direct,
    /// Through the relay only.
    Relay,
}

/// Where a panel's samples come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SourceChoice {
    /// What this tab scraped.
    #[default]
    Local,
    /// A server evaluates.
    Remote(SourceId),
    /// Raw series of all sources and of this tab, each with a label `source`, evaluated here.
    All,
    /// Evaluated here and by a server: points that differ are told.
    Compare(SourceId),
}

/// Everything the page shows of one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Which one.
    pub id: SourceId,
    /// What was asked for.
    pub spec: SourceSpec,
    /// The base of its API, normalised: `/api/v1/query` comes behind it.
    pub url: String,
    /// Whether it answered when it was last asked.
    pub health: Health,
    /// What it is: `Prometheus`, `VictoriaMetrics`, `Thanos`, `Mimir`; `None` until it has answered.
    pub kind: Option<String>,
    /// Its version, if it says so.
    pub version: Option<String>,
    /// Reports it does not offer.
    pub missing: Vec<ReportKind>,
    /// The way the last answer took.
    pub via: Option<Via>,
    /// How far its clock is ahead of this computer's, in milliseconds; `None` if it does not say.
    pub skew_ms: Option<i64>,
    /// How long its last check took, in milliseconds.
    pub latency_ms: Option<f64>,
    /// When it was last checked, ms since the epoch.
    pub checked_ms: Option<i64>,
    /// It is being checked.
    pub is_checking: bool,
    /// Why it does not answer, or not as it should.
    pub problem: Option<Problem>,
}

/// What an address turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    /// The base of its API.
    pub url: String,
    /// What it is, as in [`SourceStatus::kind`].
    pub kind: String,
    /// It answered, but wants to know who asks.
    pub needs_access: bool,
    /// The expression of a graph whose address it was.
    pub expr: Option<String>,
}

/// What can be asked of a server beside queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReportKind {
    /// Its version and how it was built.
    Build,
    /// Since when it runs, and how long it keeps samples.
    Runtime,
    /// What takes most room in its store.
    Cardinality,
    /// What it scrapes.
    Targets,
    /// Its recording and alerting rules.
    Rules,
    /// Alerts that are pending or firing.
    Alerts,
    /// Names of metrics with type, help and unit.
    Metrics,
}

impl ReportKind {
    /// All of them, in the order of the page.
    pub const ALL: [ReportKind; 7] = [
        ReportKind::Build,
        ReportKind::Runtime,
        ReportKind::Cardinality,
        ReportKind::Targets,
        ReportKind::Rules,
        ReportKind::Alerts,
        ReportKind::Metrics,
    ];
}

/// The answer to [`crate::Request::Report`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportAnswer {
    /// Of which source.
    pub source: SourceId,
    /// What was asked.
    pub what: ReportKind,
    /// When it was answered, ms since the epoch.
    pub at_ms: i64,
    /// The answer.
    pub report: Result<Report, ReportFailure>,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportFailure {
    /// The server has none of this kind.
    NotOffered,
    /// It answers only where another program stands behind it, and said nothing.
    Empty,
    /// It did not work.
    Failed(Problem),
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// Of [`ReportKind::Build`].
    Build(Box<BuildInfo>),
    /// Of [`ReportKind::Runtime`].
    Runtime(Box<RuntimeInfo>),
    /// Of [`ReportKind::Cardinality`].
    Cardinality(Box<TsdbStatus>),
    /// Of [`ReportKind::Targets`].
    Targets(Targets),
    /// Of [`ReportKind::Rules`].
    Rules(Rules),
    /// Of [`ReportKind::Alerts`].
    Alerts(Alerts),
    /// Of [`ReportKind::Metrics`]. How many series each has is not known: that is 0.
    Metrics(Vec<FamilyInfo>),
}

/// What differs between two evaluations of the same expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Points that either of them has.
    pub n_points: u64,
    /// Points that differ.
    pub n_differing: u64,
    /// Series that have such points.
    pub n_series: u32,
    /// The first of them, in the order of series and time.
    pub points: Vec<Difference>,
}

/// A point at which two evaluations differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The series.
    pub labels: Vec<(String, String)>,
    /// When, ms since the epoch.
    pub at_ms: i64,
    /// The value here as it is shown; `None` if there is none.
    pub here: Option<String>,
    /// The value of the server.
    pub there: Option<String>,
}
