//! Reads files that the user chose or dropped.

use std::cell::Cell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::JsValue;

/// Larger files are not read: the page would hold them twice while it hands them to the worker.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// It has so many bytes, more than [`MAX_FILE_BYTES`].
    TooLarge(u64),
    /// It was changed, moved or is a folder.
    Unreadable,
}

/// A file that was read, or was not.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// Its name, without folders.
    pub name: String,
    /// The media type the system has for it; often none.
    pub media_type: Option<String>,
    /// Its bytes.
    pub body: Result<Vec<u8>, FileProblem>,
}

/// Reads a file; `done` gets it later.
pub fn read(file: &web_sys::File, done: impl FnOnce(ReadFile) + 'static) {
    let name = file.name();
    let media_type = Some(file.type_()).filter(|media_type| !media_type.is_empty());
    let size = file.size() as u64;
    if size > MAX_FILE_BYTES {
        done(ReadFile { name, media_type, body: Err(FileProblem::TooLarge(size)) });
        return;
    }
    let Ok(reader) = web_sys::FileReader::new() else {
        done(ReadFile { name, media_type, body: Err(FileProblem::Unreadable) });
        return;
    };
    let source = reader.clone();
    let done = Cell::new(Some(done));
    let on_end = Closure::once_into_js(move |_: JsValue| {
        let bytes = source.result().ok().filter(JsCast::is_instance_of::<js_sys::ArrayBuffer>);
        let body = bytes.map(|bytes| js_sys::Uint8Array::new(&bytes).to_vec()).ok_or(FileProblem::Unreadable);
        if let Some(done) = done.take() {
            done(ReadFile { name, media_type, body });
        }
    });
    // Comes last, after success, failure and abortion.
    reader.set_onloadend(Some(on_end.unchecked_ref()));
    // It throws only if the reader is busy; this one is new.
    let _ = reader.read_as_array_buffer(file);
}

/// Reads the first bytes of a file; `done` gets them later, none if they cannot be read.
pub fn head(file: &web_sys::File, n_bytes: u32, done: impl FnOnce(Vec<u8>) + 'static) {
    let head = file.slice_with_f64_and_f64(0.0, f64::from(n_bytes));
    leptos::task::spawn_local(async move {
        let buffer = match head {
            Ok(head) => wasm_bindgen_futures::JsFuture::from(head.array_buffer()).await.ok(),
            Err(_) => None,
        };
        done(buffer.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec()).unwrap_or_default());
    });
}

/// The files of a list.
#[must_use]
pub fn list(files: &web_sys::FileList) -> Vec<web_sys::File> {
    (0..files.length()).filter_map(|idx| files.item(idx)).collect()
}
