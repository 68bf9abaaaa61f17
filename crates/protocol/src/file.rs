//! Files: what the page asks to be read or written, and how the worker tells how it goes.
//!
//! The files to import travel beside the request, as they are: a file is only a handle, its bytes are read in the worker.
//! What is exported comes in pieces, which the page joins.

use crate::event::Problem;
use crate::request::WireMatcher;
use serde::{Deserialize, Serialize};

/// About an import. One at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImportRequest {
    /// Reads files into the store, the oldest first. The files themselves are beside the message, in this order.
    Begin {
        /// The page's number for it.
        id: u32,
        /// What is known of each.
        files: Vec<ImportFile>,
    },
    /// Stops it. What was stored stays; the answer says how much.
    Cancel {
        /// Which one.
        id: u32,
    },
}

/// A file before it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFile {
    /// Its path in the folder that was chosen, or its name.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// When it was changed last, ms since the epoch: the time of its samples, where nothing else tells one.
    pub modified_ms: i64,
}

/// How an import goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImportNews {
    /// A file is being read.
    Progress {
        /// Of which import.
        id: u32,
        /// Which file, by its number in the request.
        file: u32,
        /// How far it is, of a thousand.
        permille: u32,
        /// Samples of it so far.
        n_samples: u64,
    },
    /// A file is done.
    File {
        /// Of which import.
        id: u32,
        /// Which file.
        file: u32,
        /// What became of it.
        result: Box<FileResult>,
    },
    /// All files are done, or the import was stopped.
    Done {
        /// Which import.
        id: u32,
        /// It was stopped.
        is_cancelled: bool,
        /// Time of the oldest sample that is there now, ms since the epoch, of all files.
        oldest_ms: Option<i64>,
        /// Time of the newest.
        newest_ms: Option<i64>,
    },
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FileResult {
    /// It was read.
    Imported(ImportedFile),
    /// It was not, and why.
    Failed(Problem),
    /// It was stopped; so many of its samples are stored.
    Cancelled {
        /// Samples.
        n_stored: u64,
    },
}

/// What was in a file, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// What it was taken for.
    pub format: String,
    /// Series in it.
    pub n_series: u64,
    /// Samples in it.
    pub n_samples: u64,
    /// Samples that were stored.
    pub n_stored: u64,
    /// Samples that were there already.
    pub n_known: u64,
    /// Samples left out: older than what is stored of their series.
    pub n_older: u64,
    /// Samples left out: there is another value at their time.
    pub n_conflicting: u64,
    /// Native histograms left out: their buckets are of no schema.
    pub n_bad_histograms: u64,
    /// Series without a name, which got the file's.
    pub n_named: u64,
    /// Time of the oldest sample, ms since the epoch.
    pub oldest_ms: Option<i64>,
    /// Time of the newest.
    pub newest_ms: Option<i64>,
    /// Names of some metrics in it, for graphs to offer.
    pub metrics: Vec<String>,
    /// What a bundle has for the page: JSON that the page wrote.
    pub page: Option<String>,
}

/// About an export. One at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExportRequest {
    /// Asks how large it would be: [`ExportNews::Size`].
    Measure {
        /// The page's number for it.
        id: u32,
        /// Of what.
        what: ExportWhat,
    },
    /// Writes a file: [`ExportNews::Piece`] until one is the last.
    Begin {
        /// The page's number for it.
        id: u32,
        /// Of what.
        what: ExportWhat,
        /// In which form.
        form: FileForm,
        /// What a bundle holds for the page: JSON.
        page: String,
    },
    /// Stops it.
    Cancel {
        /// Which one.
        id: u32,
    },
}

/// Series and times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportWhat {
    /// The series that an expression reads; all series if it is empty.
    pub expr: String,
    /// Series that match one of these, in place of those of an expression.
    pub selectors: Vec<Vec<WireMatcher>>,
    /// The first time, ms since the epoch; the oldest sample if there is none.
    pub start_ms: Option<i64>,
    /// The last time; now if there is none.
    pub end_ms: Option<i64>,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileForm {
    /// OpenMetrics text with times.
    #[default]
    OpenMetrics,
    /// A row for each sample.
    Csv,
    /// As Prometheus answers a range query.
    Json,
    /// Everything, for another Promenade.
    Bundle,
}

/// How an export goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExportNews {
    /// The answer to [`ExportRequest::Measure`].
    Size {
        /// To which request.
        id: u32,
        /// Series.
        n_series: u64,
        /// Samples, about.
        n_samples: u64,
    },
    /// The next part of the file.
    Piece {
        /// Of which export.
        id: u32,
        /// The bytes.
        #[serde(skip)]
        bytes: Vec<u8>,
        /// Series that are written.
        n_done: u64,
        /// All series.
        n_series: u64,
        /// Samples that are written.
        n_samples: u64,
        /// It is the last one.
        is_last: bool,
        /// What the form cannot hold, in sentences; with the last one.
        notes: Vec<String>,
    },
    /// It could not be written.
    Failed {
        /// Which export.
        id: u32,
        /// Why.
        problem: Problem,
    },
}
