//! Files into the store, one after the other, oldest first. The worker says what it needs next ([`ImportNeed`]); whoever
//! can read files gives it.

use crate::limits::{IMPORT_SLICE_MS, MAX_IMPORT_BYTES, MAX_IMPORT_FILES, TELL_IMPORT_EVERY};
use crate::losses;
use crate::panel::Clock;
use crate::problem;
use crate::state::Worker;
use crate::storage::uploads::JOB;
use crate::target::Target;
use archive::{Import, ImportError, ImportSource, Imported, Kind};
use model::{Millis, Timestamp};
use protocol::{
    Dropped, Event, FileResult, Health, ImportFile, ImportNews, ImportRequest, ImportedFile, Problem, TargetId,
    TargetSpec,
};
use scrape::ScrapeConfig;
use std::collections::{BTreeSet, VecDeque};

/// What an import needs from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportNeed {
    /// The first bytes of a file, decompressed: [`Worker::import_head`].
    Head(u32),
    /// All of it, decompressed: [`Worker::import_body`].
    Body(u32),
    /// Only time: [`Worker::step_import`].
    Step,
}

/// Why the bytes of a file are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFailure {
    /// It has more bytes than are read, compressed or not.
    TooLarge,
    /// It was changed, moved, or is a folder.
    Unreadable,
    /// It begins as gzip does, but breaks off or is damaged.
    BadGzip,
}

/// The import that is going on.
#[derive(Debug, Default)]
pub(crate) struct Importing {
    id: u32,
    files: Vec<ImportFile>,
    /// Times of the files whose first bytes were seen.
    heads: Vec<Timestamp>,
    /// Files that wait to be read, in the order of their times; empty until all heads are seen.
    waiting: VecDeque<u32>,
    reading: Option<(u32, Box<Import>)>,
    told: Option<f64>,
    found: Found,
}

/// What was in the files so far.
#[derive(Debug, Default)]
struct Found {
    /// Files of which something was stored.
    files: Vec<u32>,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
    metrics: BTreeSet<String>,
    n_stored: u64,
    n_new_series: u64,
    dropped: Dropped,
    /// Samples from here on are not too old.
    keep_since: Option<Timestamp>,
}

/// Names of metrics that are told of a file.
const MAX_NAMES: usize = 12;

impl Worker {
    pub(crate) fn import(&mut self, request: ImportRequest, now: Timestamp) {
        match request {
            ImportRequest::Begin { id, mut files } => {
                // One at a time: the one before ends here.
                self.end_import(true, now);
                if self.storage.is_reader() {
                    files.truncate(1);
                    self.tell_file(id, 0, FileResult::Failed(not_ours()));
                    files.clear();
                }
                for file in MAX_IMPORT_FILES..files.len() {
                    self.tell_file(id, file as u32, FileResult::Failed(too_many()));
                }
                files.truncate(MAX_IMPORT_FILES);
                self.importing = Some(Importing { id, files, ..Importing::default() });
                self.end_if_done(now);
            }
            ImportRequest::Cancel { id } => {
                if self.importing.as_ref().is_some_and(|importing| importing.id == id) {
                    self.end_import(true, now);
                }
            }
        }
    }

    /// What the import that is going on needs next, and its number.
    #[must_use]
    pub fn import_needs(&self) -> Option<(u32, ImportNeed)> {
        let current = self.importing.as_ref()?;
        let need = if current.heads.len() < current.files.len() {
            ImportNeed::Head(current.heads.len() as u32)
        } else if current.reading.is_some() {
            ImportNeed::Step
        } else {
            ImportNeed::Body(*current.waiting.front()?)
        };
        Some((current.id, need))
    }

    /// Takes in the first bytes of the file that was asked for; none if they cannot be read.
    pub fn import_head(&mut self, id: u32, head: &[u8]) {
        let Some(current) = self.importing.as_mut().filter(|importing| importing.id == id) else { return };
        let Some(file) = current.files.get(current.heads.len()) else { return };
        let time = archive::first_time(head).unwrap_or_else(|| time_of(file));
        current.heads.push(time);
        if current.heads.len() == current.files.len() {
            let mut order: Vec<u32> = (0..current.files.len() as u32).collect();
            let key = |file: &u32| {
                let at = *file as usize;
                (current.heads.get(at).copied(), current.files.get(at).map(|file| file.path.clone()))
            };
            model::sort::by_key(&mut order, key);
            current.waiting = order.into();
        }
    }

    /// Takes in the bytes of the file that was asked for.
    pub fn import_body(&mut self, id: u32, body: Result<Vec<u8>, FileFailure>, now: Timestamp) {
        let Some(current) = self.importing.as_mut().filter(|importing| importing.id == id) else { return };
        let Some(file) = current.waiting.pop_front() else { return };
        let Some(known) = current.files.get(file as usize) else { return };
        let body =
            body.and_then(|body| if body.len() > MAX_IMPORT_BYTES { Err(FileFailure::TooLarge) } else { Ok(body) });
        match body {
            Ok(body) => {
                let source = ImportSource { path: known.path.clone(), at: time_of(known).min(now), body };
                current.reading = Some((file, Box::new(Import::new(source))));
            }
            Err(failure) => {
                let problem = of_failure(failure, known);
                self.tell_file(id, file, FileResult::Failed(problem));
                self.end_if_done(now);
            }
        }
    }

    /// Goes on with the file that is being read, for one slice.
    pub fn step_import(&mut self, now: Timestamp, clock: Clock<'_>) {
        let Some(importing) = &mut self.importing else { return };
        let id = importing.id;
        let Some((file, mut import)) = importing.reading.take() else { return };
        let began = clock();
        loop {
            if let Some((oldest, _)) = import.span() {
                self.keep_import(oldest, now);
            }
            match import.step(&mut self.head) {
                Ok(None) if clock() - began < IMPORT_SLICE_MS => {}
                Ok(None) => {
                    let progress = import.progress();
                    let Some(importing) = &mut self.importing else { return };
                    importing.reading = Some((file, import));
                    if importing.told.is_none_or(|told| clock() - told >= TELL_IMPORT_EVERY.0 as f64) {
                        importing.told = Some(clock());
                        let archive::Progress { permille, n_samples, .. } = progress;
                        self.tell(Event::Import(ImportNews::Progress { id, file, permille, n_samples }));
                    }
                    return;
                }
                Ok(Some(imported)) => {
                    let imported = self.take_imported(file, imported);
                    self.tell_file(id, file, FileResult::Imported(imported));
                    break;
                }
                Err(error) => {
                    let path = self.path_of(file);
                    self.tell_file(id, file, FileResult::Failed(of_error(&error, &path)));
                    break;
                }
            }
        }
        self.untold();
        self.end_if_done(now);
    }

    fn path_of(&self, file: u32) -> String {
        let current = self.importing.as_ref();
        current.and_then(|current| current.files.get(file as usize)).map(|file| file.path.clone()).unwrap_or_default()
    }

    /// Samples older than the retention stay, as those of a pasted text do.
    fn keep_import(&mut self, oldest: Timestamp, now: Timestamp) {
        /// Kept before the oldest sample, so that a window can begin there.
        const BEFORE: Millis = Millis(3_600_000);
        let Some(importing) = &mut self.importing else { return };
        let since = oldest - BEFORE;
        let found = &mut importing.found;
        let is_older = found.keep_since.is_none_or(|kept| since < kept);
        if is_older && now - since > Millis(self.settings.retention_ms) {
            found.keep_since = Some(since);
            let id = TargetId(importing.id);
            self.keep_since(id, since);
        }
    }

    fn take_imported(&mut self, file: u32, imported: Imported) -> ImportedFile {
        let dropped =
            Dropped { out_of_order: imported.n_older, duplicate: imported.n_conflicting, ..Dropped::default() };
        self.account.dropped(dropped);
        let mut metrics = imported.metrics;
        if let Some(Importing { found, .. }) = &mut self.importing {
            found.oldest = found.oldest.into_iter().chain(imported.oldest).min();
            found.newest = found.newest.into_iter().chain(imported.newest).max();
            found.metrics.extend(metrics.iter().cloned());
            found.files.extend((imported.n_stored > 0).then_some(file));
            found.n_stored += imported.n_stored;
            found.n_new_series += imported.n_new_series;
            losses::add(&mut found.dropped, dropped);
        }
        if !imported.families.is_empty() {
            self.storage.families.extend(imported.families);
            self.storage.has_news();
        }
        metrics.truncate(MAX_NAMES);
        ImportedFile {
            format: imported.format.to_owned(),
            n_series: imported.n_series,
            n_samples: imported.n_samples,
            n_stored: imported.n_stored,
            n_known: imported.n_known,
            n_older: imported.n_older,
            n_conflicting: imported.n_conflicting,
            n_bad_histograms: imported.n_bad_histograms,
            n_named: imported.n_named,
            oldest_ms: imported.oldest.map(|t| t.0),
            newest_ms: imported.newest.map(|t| t.0),
            metrics,
            page: imported.page,
        }
    }

    fn tell_file(&mut self, id: u32, file: u32, result: FileResult) {
        self.tell(Event::Import(ImportNews::File { id, file, result: Box::new(result) }));
    }

    fn end_if_done(&mut self, now: Timestamp) {
        let is_done = self.importing.as_ref().is_some_and(|current| {
            current.heads.len() == current.files.len() && current.waiting.is_empty() && current.reading.is_none()
        });
        if is_done {
            self.end_import(false, now);
        }
    }

    /// Ends the import that is going on, if there is one.
    pub(crate) fn end_import(&mut self, is_cancelled: bool, now: Timestamp) {
        let Some(Importing { id, files, reading, mut found, .. }) = self.importing.take() else { return };
        if let Some((file, import)) = reading {
            let n_stored = import.progress().n_stored;
            found.n_stored += n_stored;
            self.tell_file(id, file, FileResult::Cancelled { n_stored });
            self.untold();
        }
        let (oldest_ms, newest_ms) = (found.oldest.map(|t| t.0), found.newest.map(|t| t.0));
        if found.n_stored > 0 {
            self.put_imported(TargetId(id), &files, found, now);
        } else {
            self.keep_no_more(TargetId(id));
        }
        self.tell(Event::Import(ImportNews::Done { id, is_cancelled, oldest_ms, newest_ms }));
    }
}

impl Worker {
    /// What was imported stands among the targets, so that it is there after a reload and can be removed.
    fn put_imported(&mut self, id: TargetId, files: &[ImportFile], found: Found, now: Timestamp) {
        let stored = found.files.iter().filter_map(|&file| files.get(file as usize));
        let paths: Vec<&str> = stored.map(|file| file.path.as_str()).collect();
        let name = match paths.as_slice() {
            [one] => (*one).to_owned(),
            [first, second] => format!("{first} and {second}"),
            [first, ..] => format!("{first} and {} more files", paths.len() - 1),
            // Of one that was stopped.
            [] => files.first().map(|file| file.path.clone()).unwrap_or_default(),
        };
        let mut spec = TargetSpec::new("");
        spec.job = JOB.to_owned();
        let mut target = Target::snapshot(id, spec, ScrapeConfig::new(JOB, name.as_str()));
        target.metrics = found.metrics;
        let status = &mut target.status;
        status.health = Health::Up;
        status.url = name;
        // What they say themselves, not what a text would get.
        status.labels = Vec::new();
        status.last_scrape_ms = Some(now.0);
        status.n_scrapes = 1;
        status.n_samples = u32::try_from(found.n_stored).unwrap_or(u32::MAX);
        status.n_series_added = u32::try_from(found.n_new_series).unwrap_or(u32::MAX);
        (status.dropped, status.dropped_last) = (found.dropped, found.dropped);
        status.body_bytes = files.iter().map(|file| file.bytes).sum();
        if found.keep_since.is_some() {
            let notice = "It holds samples older than the retention; they are kept until it is removed.";
            status.notices.push(notice.to_owned());
        }
        self.put_target(target);
        self.keep_upload(id, found.keep_since, now);
        self.stored_something(id, now);
    }
}

/// The time of a file without times: what its name says, else when it was changed last.
fn time_of(file: &ImportFile) -> Timestamp {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    archive::time_of(name).unwrap_or(Timestamp(file.modified_ms))
}

fn not_ours() -> Problem {
    Problem {
        message: "Another tab of this browser has the store; this one reads along.".to_owned(),
        hint: "Import the files there, or take the store over first.".to_owned(),
        ..Problem::default()
    }
}

fn too_many() -> Problem {
    Problem {
        message: format!("These are more files than are read at once: {MAX_IMPORT_FILES}."),
        hint: "Import them in several parts.".to_owned(),
        ..Problem::default()
    }
}

fn of_failure(failure: FileFailure, file: &ImportFile) -> Problem {
    let path = &file.path;
    let limit = MAX_IMPORT_BYTES >> 20;
    let (message, hint) = match failure {
        FileFailure::TooLarge => (
            format!("{path} is too large: files of up to {limit} MiB are read, measured without compression."),
            "Split it, or leave out metrics you do not need.",
        ),
        FileFailure::Unreadable => {
            (format!("{path} could not be read."), "It may have been changed or moved. Choose it again.")
        }
        FileFailure::BadGzip => (
            format!("{path} is compressed with gzip, but breaks off or is damaged."),
            "Nothing of it was stored. Copy or download it again.",
        ),
    };
    Problem { message, hint: hint.to_owned(), ..Problem::default() }
}

fn of_error(error: &ImportError, path: &str) -> Problem {
    let at = match error {
        ImportError::Text(error) => Some((error.line as u32, error.column as u32)),
        ImportError::Json { line, column, .. } => Some((*line as u32, *column as u32)),
        _ => None,
    };
    let hint = match error {
        ImportError::Text(_) | ImportError::Json { .. } => {
            "Nothing of the file was stored. Correct it and import it again."
        }
        ImportError::Other(_) | ImportError::NoAnswer(_) => {
            "Metrics text, OpenMetrics, answers of Prometheus' API (query, query_range), bundles, and gzip of these are read."
        }
        ImportError::Compressed => "Decompress it once.",
        ImportError::StoreFull { .. } => "Delete samples on the status page, or import fewer files.",
        ImportError::Empty | ImportError::NoSamples(_) | ImportError::Refused(_) | ImportError::Bundle(_) => "",
    };
    let mut message = problem::sentence(&error.to_string());
    if let ImportError::StoreFull { n_stored, .. } = error {
        message = format!("{message} {} samples of {path} were stored before.", model::number::grouped(*n_stored));
    }
    Problem { message, hint: hint.to_owned(), at, ..Problem::default() }
}

/// Whether a file with these first bytes is compressed: then they are to be decompressed before anything else.
#[must_use]
pub fn is_gzip(head: &[u8]) -> bool {
    archive::recognise(head) == Kind::Gzip
}
