//! What page and worker say to each other, and how it crosses the thread.
//!
//! The page sends [`Request`]s, the worker answers with [`Event`]s; both are closed enums. A message
//! is a small head (JSON through serde) beside a list of columns ([`Column`]): floats and bytes travel
//! as buffers that change hands without a copy ([`transfer`]). Text of a scrape is only ever a value
//! in these types, never markup.
//!
//! Versions: both wasm modules are built together; a worker whose `build_id` differs from the
//! page's is refused ([`Event::Ready`]).
#![forbid(unsafe_code)]

mod access;
mod answer;
mod columns;
mod config;
mod diff;
mod doctor;
mod event;
mod family;
mod file;
mod history;
mod lint;
mod losses;
mod request;
mod source;
mod storage;
mod target;
pub mod transfer;

pub use access::{Access, Auth, Secret};
pub use answer::{GraphAnswer, QueryStats, Row, SeriesSamples, TableAnswer, TableResult};
pub use columns::{Column, Envelope, Wire, WireError};
pub use config::{
    ConfigNews, ConfigNote, ConfigOrigin, ConfigReport, ConfigRequest, ConfigStatus, ConfigText, DiscoveredTarget,
    DiscoveryStatus, FIRST_CONFIGURED, FailedConfig, Fate, LabelChange, LoadedConfig, PoolStatus, PoolTargets,
    RelabelStep,
};
pub use diff::{
    ChangeCounts, ChangeKind, DiffAnswer, DiffRequest, DiffSide, FamilyChange, Moment, PartChange, PartName,
    SeriesChange,
};
pub use doctor::{
    Cure, DiagnoseRequest, Diagnosis, DiagnosisNews, DoctorFact, DoctorPicture, DoctorReport, FactMark, FactOrigin,
    PageState, Patient, Snippet,
};
pub use event::{Event, FamilyInfo, Note, Origin, Problem, StoreStatus};
pub use family::{FamilyDetails, FamilyExemplar, FamilyStart, Starts};
pub use file::{
    ExportNews, ExportRequest, ExportWhat, FileForm, FileResult, ImportFile, ImportNews, ImportRequest, ImportedFile,
};
pub use history::{ScrapeErrors, ScrapeRecord, TargetHistory};
pub use lint::{LintReport, LintViolation, ServerVerdict};
pub use losses::{ClockJump, Dropped, Evicted, JumpKind, Losses};
pub use request::{
    Density, Extras, Lookup, QueryKind, QueryRequest, Request, StepChoice, Upload, WireMatcher, WorkerSettings,
};
pub use source::{
    Comparison, Difference, Recognised, Report, ReportAnswer, ReportFailure, ReportKind, SourceChoice, SourceSpec,
    SourceStatus, SourceWay,
};
pub use storage::{Freed, Restored, StoragePlace, StorageRole, StorageStatus, StorageTrouble, TroubleKind};
pub use target::{Health, TargetSpec, TargetStatus, Via};

pub use promapi::reply;
use serde::{Deserialize, Serialize};

/// Names the build: a hash of the sources, set by `cargo xtask`. Page and worker refuse each other when theirs differ.
pub const BUILD_ID: &str = match option_env!("PROMENADE_BUILD_ID") {
    Some(id) => id,
    None => "development",
};

/// Names a panel of the query page for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PanelId(pub u32);

/// Names a target. The page chooses it and keeps it over reloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetId(pub u32);

/// Names a server that is asked over the Prometheus HTTP API. The page chooses it and keeps it over reloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// Counts the requests of one panel; an answer to an older one is dropped.
pub type Generation = u32;

/// A byte range of an expression, end exclusive: where a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireSpan {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}
