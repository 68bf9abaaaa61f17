//! Files in the origin private file system: written synchronously through a handle that only workers get.

use super::{DiskError, DiskErrorKind, js};
use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

/// How often a file that another tab still holds is tried, and how long it waits between: a tab that lets go does so
/// within milliseconds, one that hangs never.
const MAX_TRIES: u32 = 20;
const TRY_EVERY_MS: u32 = 25;

/// A folder of private files.
#[derive(Debug)]
pub struct PrivateFiles {
    folder: FileSystemDirectoryHandle,
    /// The file that was appended to last: a log is, each second.
    log: RefCell<Option<Open>>,
}

/// A file that this worker alone may write; closed when it goes.
#[derive(Debug)]
struct Open {
    name: String,
    handle: FileSystemSyncAccessHandle,
    /// Where the next bytes go.
    end: f64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.handle.close();
    }
}

impl PrivateFiles {
    /// Opens the folder, made if it is not there, and writes something to see whether that works.
    pub(super) async fn open(folder: &str) -> Result<Self, DiskError> {
        let navigator = js::get(&js_sys::global(), "navigator").unwrap_or_default();
        let storage = js::get(&navigator, "storage").ok_or_else(|| DiskError::other("this browser has none here"))?;
        let root = js::ask(&storage, "getDirectory", &[]).await?;
        let make = js::object(&[("create", JsValue::TRUE)]);
        let folder = js::ask(&root, "getDirectoryHandle", &[JsValue::from_str(folder), make]).await?;
        let files = PrivateFiles { folder: folder.unchecked_into(), log: RefCell::new(None) };
        // Tabs that start at the same time must not meet in one file.
        let probe = format!("probe-{}", (js_sys::Math::random() * 1e9) as u64);
        let written = files.write(&probe, b"?").await;
        let _ = files.delete(&probe).await;
        match written {
            // What was stored can be read all the same, and room can be made.
            Err(error) if error.kind != DiskErrorKind::Full => Err(error),
            _ => Ok(files),
        }
    }

    pub(super) async fn list(&self) -> Result<Vec<(String, u64)>, DiskError> {
        let entries = self.folder.values();
        let mut names = Vec::new();
        loop {
            let next = JsFuture::from(entries.next_iterator()?).await?;
            let Some(entry) = js::get(&next, "value").filter(|_| js::get(&next, "done") != Some(JsValue::TRUE)) else {
                break;
            };
            if js::text(&entry, "kind") == "file" {
                // All are asked for before the first answer: each is a way to another process.
                let file: FileSystemFileHandle = entry.unchecked_into();
                names.push((file.name(), file.get_file()));
            }
        }
        let mut files = Vec::with_capacity(names.len());
        for (name, file) in names {
            let file = JsFuture::from(file).await;
            if name.starts_with("probe-") {
                // Of a tab that starts, or of one that was killed while it did. Somebody's open file stays.
                let _ = self.delete(&name).await;
                continue;
            }
            let bytes = js::get(&file?, "size").and_then(|size| size.as_f64()).unwrap_or_default();
            files.push((name, bytes as u64));
        }
        Ok(files)
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, DiskError> {
        let file = self.handle_of(name, false).await?;
        let snapshot = JsFuture::from(file.get_file()).await?;
        let buffer = js::ask(&snapshot, "arrayBuffer", &[]).await?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    pub(super) async fn append(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let open = self.log.take().filter(|open| open.name == name);
        let mut open = match open {
            Some(open) => open,
            None => self.open_file(name).await?,
        };
        if let Err(error) = open.append(bytes) {
            // Half of a record would stand in the way of the next one. If that fails too, the reader cuts it.
            let _ = open.handle.truncate_with_f64(open.end);
            let _ = open.handle.flush();
            return Err(error);
        }
        self.log.replace(Some(open));
        Ok(())
    }

    pub(super) async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        self.let_go_of(name);
        let mut open = self.open_file(name).await?;
        open.handle.truncate_with_f64(0.0)?;
        open.end = 0.0;
        open.append(bytes)
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), DiskError> {
        self.let_go_of(name);
        match JsFuture::from(self.folder.remove_entry(name)).await.map_err(DiskError::from) {
            Err(error) if error.kind != DiskErrorKind::Gone => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn close(&self) {
        self.log.replace(None);
    }

    fn let_go_of(&self, name: &str) {
        let mut log = self.log.borrow_mut();
        if log.as_ref().is_some_and(|open| open.name == name) {
            *log = None;
        }
    }

    async fn handle_of(&self, name: &str, may_make: bool) -> Result<FileSystemFileHandle, DiskError> {
        let make = js::object(&[("create", JsValue::from_bool(may_make))]);
        let file = js::ask(&self.folder, "getFileHandle", &[JsValue::from_str(name), make]).await?;
        Ok(file.unchecked_into())
    }

    async fn open_file(&self, name: &str) -> Result<Open, DiskError> {
        let file = self.handle_of(name, true).await?;
        let mut n_tries = 1;
        let handle: FileSystemSyncAccessHandle = loop {
            match js::ask(&file, "createSyncAccessHandle", &[]).await {
                Ok(handle) => break handle.unchecked_into(),
                Err(error) => {
                    let error = DiskError::from(error);
                    if error.kind != DiskErrorKind::Busy || n_tries == MAX_TRIES {
                        return Err(error);
                    }
                    n_tries += 1;
                    TimeoutFuture::new(TRY_EVERY_MS).await;
                }
            }
        };
        let mut open = Open { name: name.to_owned(), handle, end: 0.0 };
        open.end = open.handle.get_size()?;
        Ok(open)
    }
}

impl Open {
    /// Adds bytes and waits until they are on the disk.
    fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let at = FileSystemReadWriteOptions::new();
        at.set_at(self.end);
        let n_written = self.handle.write_with_u8_array_and_options(bytes, &at)?;
        if n_written as usize != bytes.len() {
            return Err(DiskError::full(n_written as usize, bytes.len()));
        }
        self.handle.flush()?;
        self.end += n_written;
        Ok(())
    }
}
