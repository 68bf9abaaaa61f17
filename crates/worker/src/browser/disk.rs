//! Where files are kept in this browser: its private files, or IndexedDB; what [`DiskOp`]s say is done here.
//!
//! Which of them is found out by writing: some browsers have the functions and refuse to store (private windows).

mod indexed_db;
mod private_files;

use super::js;
use indexed_db::IndexedDb;
use journal::DiskOp;
use private_files::PrivateFiles;
use wasm_bindgen::prelude::JsValue;

/// A folder of files that outlives the page.
#[derive(Debug)]
pub enum Disk {
    /// In the origin private file system.
    Files(PrivateFiles),
    /// In IndexedDB.
    Database(IndexedDb),
}

/// Something that could not be written, read or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskError {
    /// What is the matter, as far as it makes a difference.
    pub kind: DiskErrorKind,
    /// What the browser said.
    pub message: String,
}

/// Kinds of errors of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskErrorKind {
    /// There is no room.
    Full,
    /// Somebody else has the file open.
    Busy,
    /// The file is not there, or was changed while it was read.
    Gone,
    /// Anything else.
    Other,
}

impl DiskError {
    fn other(message: &str) -> Self {
        DiskError { kind: DiskErrorKind::Other, message: message.to_owned() }
    }

    fn full(n_written: usize, n_bytes: usize) -> Self {
        DiskError { kind: DiskErrorKind::Full, message: format!("{n_written} of {n_bytes} bytes were written") }
    }
}

impl From<JsValue> for DiskError {
    fn from(error: JsValue) -> Self {
        let (name, message) = (js::text(&error, "name"), js::text(&error, "message"));
        let kind = match name.as_str() {
            "QuotaExceededError" => DiskErrorKind::Full,
            "NoModificationAllowedError" | "InvalidStateError" => DiskErrorKind::Busy,
            "NotFoundError" | "NotReadableError" => DiskErrorKind::Gone,
            _ => DiskErrorKind::Other,
        };
        let message = match (name.as_str(), message.is_empty()) {
            (_, true) => name,
            // It says nothing.
            ("Error", false) => message,
            (_, false) => format!("{name}: {message}"),
        };
        DiskError { kind, message }
    }
}

impl Disk {
    /// The best disk that this browser has, with a folder of this name; why there is none, if so.
    ///
    /// # Errors
    /// What both said.
    pub async fn open(folder: &str) -> Result<Disk, String> {
        let of_files = match Disk::open_private_files(folder).await {
            Ok(disk) => return Ok(disk),
            Err(error) => error.message,
        };
        match Disk::open_indexed_db(folder).await {
            Ok(disk) => Ok(disk),
            Err(error) => Err(format!("private files: {of_files}; IndexedDB: {}", error.message)),
        }
    }

    /// A folder of the private files.
    ///
    /// # Errors
    /// If the browser has none, or stores nothing.
    pub async fn open_private_files(folder: &str) -> Result<Disk, DiskError> {
        PrivateFiles::open(folder).await.map(Disk::Files)
    }

    /// A database.
    ///
    /// # Errors
    /// If the browser has none, or stores nothing.
    pub async fn open_indexed_db(folder: &str) -> Result<Disk, DiskError> {
        IndexedDb::open(folder).await.map(Disk::Database)
    }

    /// Whether it is the private files.
    #[must_use]
    pub fn is_private_files(&self) -> bool {
        matches!(self, Disk::Files(_))
    }

    /// The names of all files, sorted, with their bytes.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub async fn list(&self) -> Result<Vec<(String, u64)>, DiskError> {
        let mut files = match self {
            Disk::Files(files) => files.list().await?,
            Disk::Database(database) => database.list().await?,
        };
        files.sort();
        Ok(files)
    }

    /// All bytes of a file as it is now.
    ///
    /// # Errors
    /// [`DiskErrorKind::Gone`] if it is not there or is being written: then it can be tried again.
    pub async fn read(&self, file: &str) -> Result<Vec<u8>, DiskError> {
        match self {
            Disk::Files(files) => files.read(file).await,
            Disk::Database(database) => database.read(file).await,
        }
    }

    /// Does one thing; it has reached the disk when this ends well, and has changed nothing when it does not (a file
    /// that was to be written anew may be gone). One call at a time.
    ///
    /// # Errors
    /// If it could not be done.
    pub async fn run(&self, op: &DiskOp) -> Result<(), DiskError> {
        match (self, op) {
            (Disk::Files(files), DiskOp::Append { file, bytes }) => files.append(file, bytes).await,
            (Disk::Files(files), DiskOp::Write { file, bytes }) => files.write(file, bytes).await,
            (Disk::Files(files), DiskOp::Delete { file }) => files.delete(file).await,
            (Disk::Database(database), DiskOp::Append { file, bytes }) => database.append(file, bytes).await,
            (Disk::Database(database), DiskOp::Write { file, bytes }) => database.write(file, bytes).await,
            (Disk::Database(database), DiskOp::Delete { file }) => database.delete(file).await,
        }
    }

    /// Lets go of all files, so that another tab can write them.
    pub fn close(&self) {
        match self {
            Disk::Files(files) => files.close(),
            Disk::Database(database) => database.close(),
        }
    }
}
