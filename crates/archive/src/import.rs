//! A file into a store: read whole, slice by slice; then stored, slice by slice.

use crate::bundle::{BundleError, BundleReader};
use crate::json::{JsonError, JsonErrorKind, JsonReader};
use crate::pending::{Pending, Storing};
use crate::recognise::{Kind, recognise};
use crate::text::TextReader;
use exposition::{Format, ParseError};
use model::{Labels, MetricFamily, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use tsdb::{AppendError, Head};

/// The job of texts that do not say one.
pub(crate) const JOB_OF_FILES: &str = "pasted";

/// Samples stored in one step: some ten milliseconds.
const STORED_IN_STEP: usize = 100_000;

/// A file to import, without gzip.
#[derive(Clone, Debug, Default)]
pub struct ImportSource {
    /// Its path inside the folder that was chosen, or its name: says what its samples are from.
    pub path: String,
    /// The time of samples without one.
    pub at: Timestamp,
    /// All of its bytes.
    pub body: Vec<u8>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Of a thousand.
    pub permille: u32,
    /// Samples read so far.
    pub n_samples: u64,
    /// Samples stored so far: what a cancelled import leaves behind.
    pub n_stored: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// What the file was taken for: "OpenMetrics text".
    pub format: &'static str,
    /// Series in the file.
    pub n_series: u64,
    /// Series that were not in the store.
    pub n_new_series: u64,
    /// Samples in the file.
    pub n_samples: u64,
    /// Samples that were stored.
    pub n_stored: u64,
    /// Samples that were in the store already.
    pub n_known: u64,
    /// Samples that are older than the newest one of their series, and were left out.
    pub n_older: u64,
    /// Samples at whose time the store has another value, which stays.
    pub n_conflicting: u64,
    /// Native histograms whose buckets are of no schema.
    pub n_bad_histograms: u64,
    /// Series without a name that got the file's.
    pub n_named: u64,
    /// The oldest sample of the file.
    pub oldest: Option<Timestamp>,
    /// The newest sample of the file.
    pub newest: Option<Timestamp>,
    /// Types, help and units, by family.
    pub families: BTreeMap<String, MetricFamily>,
    /// Names of its metrics, sorted.
    pub metrics: Vec<String>,
    /// What a bundle holds for the page: JSON.
    pub page: Option<String>,
}

/// Why a file was not imported. Unless it says otherwise, nothing of it was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is something else.
    #[error("the file is {0}, which holds no metrics")]
    Other(&'static str),
    /// gzip inside gzip.
    #[error("the file is compressed more than once")]
    Compressed,
    /// A line that is no metrics text.
    #[error("{0}")]
    Text(#[from] ParseError),
    /// JSON that is broken.
    #[error("Line {line}, column {column}: {what}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// JSON without series and samples.
    #[error("the file is JSON, but no answer to a query: it is {0}")]
    NoAnswer(&'static str),
    /// The answer of a server that says why it has none.
    #[error("the file holds the error of a server: {0}")]
    Refused(String),
    /// It has no samples.
    #[error("the file is {0} without samples")]
    NoSamples(&'static str),
    /// A bundle that cannot be opened.
    #[error("{0}")]
    Bundle(#[from] BundleError),
    /// The store holds no more series; so many samples of the file were stored before.
    #[error("the store is full: it holds the greatest number of series, {limit}")]
    StoreFull {
        /// The limit.
        limit: usize,
        /// Samples that were stored.
        n_stored: u64,
    },
}

/// A file on its way into a store.
#[derive(Debug)]
pub struct Import {
    stage: Stage,
    pending: Pending,
    imported: Imported,
    instance: String,
}

#[derive(Debug)]
enum Stage {
    Text(Box<TextReader>),
    Json(JsonReader),
    Bundle(Box<BundleReader>),
    Storing(Storing),
    Failed(ImportError),
}

impl Import {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(source: ImportSource) -> Self {
        let ImportSource { path, at, body } = source;
        let instance = crate::name::instance_of(&path);
        let mut imported = Imported::default();
        let stage = match recognise(body.get(..64 << 10).unwrap_or(&body)) {
            Kind::Empty => Stage::Failed(ImportError::Empty),
            Kind::Gzip => Stage::Failed(ImportError::Compressed),
            Kind::Other(what) => Stage::Failed(ImportError::Other(what)),
            Kind::Bundle => {
                imported.format = "Promenade bundle";
                Stage::Bundle(Box::new(BundleReader::new(body)))
            }
            Kind::Json => {
                imported.format = "JSON of Prometheus";
                Stage::Json(JsonReader::new(body, &instance))
            }
            Kind::Text => {
                let reader = TextReader::new(body, at);
                imported.format = match reader.format() {
                    Format::OpenMetrics => "OpenMetrics text",
                    _ => "metrics text",
                };
                Stage::Text(Box::new(reader))
            }
        };
        Import { stage, pending: Pending::default(), imported, instance }
    }

    /// Goes on for some ten milliseconds. The answer is what was done, once all is.
    ///
    /// # Errors
    /// If the file is not what can be imported. Nothing of it is stored then, but for [`ImportError::StoreFull`].
    pub fn step(&mut self, head: &mut Head) -> Result<Option<Imported>, ImportError> {
        let is_read = match &mut self.stage {
            Stage::Text(reader) => reader.step(&mut self.pending)?,
            Stage::Json(reader) => reader.step(&mut self.pending)?,
            Stage::Bundle(reader) => {
                let is_done = reader.step(head, &mut self.imported)?;
                return Ok(is_done.then(|| std::mem::take(&mut self.imported)));
            }
            Stage::Storing(storing) => {
                let is_done = storing.store_some(head, STORED_IN_STEP);
                let n_stored = storing.stored.n_stored;
                match is_done {
                    Ok(true) => return Ok(Some(self.done())),
                    Ok(false) => return Ok(None),
                    Err(AppendError::TooManySeries(limit)) => return Err(ImportError::StoreFull { limit, n_stored }),
                    // It is about one sample, and was counted.
                    Err(_) => return Ok(None),
                }
            }
            Stage::Failed(error) => return Err(error.clone()),
        };
        if is_read {
            self.begin_storing()?;
        }
        Ok(None)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        // Reading takes longer than storing.
        let permille =
            |(done, all): (u64, u64), from: u64, to: u64| (from + (to - from) * done.min(all) / all.max(1)) as u32;
        let reading = |progress| Progress {
            permille: permille(progress, 0, 800),
            n_samples: self.pending.samples.len() as u64,
            n_stored: 0,
        };
        match &self.stage {
            Stage::Text(reader) => reading(reader.progress()),
            Stage::Json(reader) => reading(reader.progress()),
            Stage::Bundle(reader) => Progress {
                permille: reader.permille(),
                n_samples: self.imported.n_samples,
                n_stored: self.imported.n_stored,
            },
            Stage::Storing(storing) => Progress {
                permille: permille((storing.n_done() as u64, storing.n_samples() as u64), 800, 1_000),
                n_samples: storing.n_samples() as u64,
                n_stored: storing.stored.n_stored,
            },
            Stage::Failed(_) => Progress::default(),
        }
    }

    /// The times of its samples, once all of it is read.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.imported.oldest.zip(self.imported.newest)
    }

    fn begin_storing(&mut self) -> Result<(), ImportError> {
        let mut pending = std::mem::take(&mut self.pending);
        match std::mem::replace(&mut self.stage, Stage::Failed(ImportError::Empty)) {
            Stage::Text(reader) => reader.finish(&mut pending, &self.instance),
            Stage::Json(reader) => {
                self.imported.n_bad_histograms = reader.n_bad_histograms;
                self.imported.n_named = reader.n_named;
            }
            other => self.stage = other,
        }
        let Some((oldest, newest)) = pending.span() else {
            return Err(ImportError::NoSamples(self.imported.format));
        };
        self.imported.oldest = Some(oldest);
        self.imported.newest = Some(newest);
        self.imported.n_series = pending.labels.len() as u64;
        self.imported.n_samples = pending.samples.len() as u64;
        let names: BTreeSet<&str> = pending.labels.iter().filter_map(Labels::metric_name).collect();
        self.imported.metrics = names.into_iter().map(str::to_owned).collect();
        self.imported.families = std::mem::take(&mut pending.families);
        self.stage = Stage::Storing(pending.arranged());
        Ok(())
    }

    fn done(&mut self) -> Imported {
        let mut imported = std::mem::take(&mut self.imported);
        if let Stage::Storing(storing) = &self.stage {
            let stored = storing.stored;
            imported.n_stored = stored.n_stored;
            imported.n_known = stored.n_known;
            imported.n_older = stored.n_older;
            imported.n_conflicting = stored.n_conflicting;
            imported.n_new_series = stored.n_new_series;
        }
        imported
    }
}

impl From<JsonError> for ImportError {
    fn from(error: JsonError) -> Self {
        let JsonError { line, column, kind } = error;
        match kind {
            JsonErrorKind::Syntax(what) => ImportError::Json { line, column, what },
            JsonErrorKind::NoSamples(what) => ImportError::NoAnswer(what),
            JsonErrorKind::Refused(message) => ImportError::Refused(message),
        }
    }
}
