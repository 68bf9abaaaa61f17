//! Files that the page handed over: their bytes are read here, through gzip where they begin so, piece by piece up to
//! their bound. What is written goes to the page piece by piece.

use super::{Driver, now};
use crate::import::{FileFailure, ImportNeed, is_gzip};
use crate::limits::MAX_IMPORT_BYTES;
use protocol::{ImportRequest, Request, transfer};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, File, ReadableStream, ReadableStreamDefaultReader};

/// What tells a file's kind and the time of its samples.
const HEAD_BYTES: usize = 64 << 10;

impl Driver {
    /// Keeps the files that are attached to a request.
    pub(super) fn take_files(&self, request: &Request, data: &JsValue) {
        if let Request::Import(ImportRequest::Begin { id, .. }) = request {
            let files = transfer::attached(data).into_iter().filter_map(|file| file.dyn_into().ok()).collect();
            *self.0.files.borrow_mut() = (*id, files);
        }
    }

    /// Reads files in a task of its own until no import needs one.
    pub(super) fn import(&self) {
        if self.0.worker.borrow().import_needs().is_none() || self.0.is_importing.replace(true) {
            return;
        }
        let driver = self.clone();
        spawn_local(async move {
            loop {
                let Some((id, need)) = driver.0.worker.borrow().import_needs() else { break };
                match need {
                    ImportNeed::Head(file) => {
                        let head = match driver.file(id, file) {
                            Some(file) => read_head(&file).await.unwrap_or_default(),
                            None => Vec::new(),
                        };
                        driver.0.worker.borrow_mut().import_head(id, &head);
                    }
                    ImportNeed::Body(file) => {
                        let body = match driver.file(id, file) {
                            Some(file) => read_all(&file).await,
                            None => Err(FileFailure::Unreadable),
                        };
                        driver.0.worker.borrow_mut().import_body(id, body, now());
                    }
                    ImportNeed::Step => {
                        driver.0.worker.borrow_mut().step_import(now(), &|| driver.clock());
                        gloo_timers::future::TimeoutFuture::new(0).await;
                    }
                }
                driver.flush();
            }
            driver.0.is_importing.set(false);
            driver.0.files.borrow_mut().1.clear();
            driver.turn();
        });
    }

    /// Writes a file in a task of its own, one slice a turn of the event loop.
    pub(super) fn export(&self) {
        if !self.0.worker.borrow().is_exporting() || self.0.is_exporting.replace(true) {
            return;
        }
        let driver = self.clone();
        spawn_local(async move {
            loop {
                let more = driver.0.worker.borrow_mut().step_export(&|| driver.clock());
                driver.flush();
                if !more {
                    break;
                }
                gloo_timers::future::TimeoutFuture::new(0).await;
            }
            driver.0.is_exporting.set(false);
        });
    }

    fn file(&self, id: u32, file: u32) -> Option<File> {
        let files = self.0.files.borrow();
        files.1.get(file as usize).filter(|_| files.0 == id).cloned()
    }
}

/// The first bytes as they are after gzip.
async fn read_head(file: &File) -> Option<Vec<u8>> {
    let head = first_bytes(file, HEAD_BYTES).await?;
    if !is_gzip(&head) {
        return Some(head);
    }
    match read(decompressed(file)?, HEAD_BYTES).await {
        // More than that is not wanted.
        Ok(head) | Err((_, head)) => Some(head),
    }
}

async fn read_all(file: &File) -> Result<Vec<u8>, FileFailure> {
    let head = first_bytes(file, 16).await.ok_or(FileFailure::Unreadable)?;
    let is_gzip = is_gzip(&head);
    if !is_gzip && file.size() > MAX_IMPORT_BYTES as f64 {
        return Err(FileFailure::TooLarge);
    }
    let stream = if is_gzip { decompressed(file) } else { Some(file.stream()) };
    match read(stream.ok_or(FileFailure::BadGzip)?, MAX_IMPORT_BYTES).await {
        Ok(body) => Ok(body),
        Err((Stop::TooLong, _)) => Err(FileFailure::TooLarge),
        Err((Stop::BrokeOff, _)) if is_gzip => Err(FileFailure::BadGzip),
        Err((Stop::BrokeOff, _)) => Err(FileFailure::Unreadable),
    }
}

async fn first_bytes(file: &Blob, n: usize) -> Option<Vec<u8>> {
    let head = file.slice_with_f64_and_f64(0.0, n as f64).ok()?;
    let buffer = JsFuture::from(head.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// The bytes of a gzip file as a stream; `None` if the browser cannot do that.
fn decompressed(file: &Blob) -> Option<ReadableStream> {
    // Not among the stable bindings.
    let class = js_sys::Reflect::get(&js_sys::global(), &"DecompressionStream".into()).ok()?;
    let class: js_sys::Function = class.dyn_into().ok()?;
    let stream = js_sys::Reflect::construct(&class, &js_sys::Array::of1(&"gzip".into())).ok()?;
    Some(file.stream().pipe_through(stream.unchecked_ref()))
}

enum Stop {
    TooLong,
    BrokeOff,
}

/// Reads a stream to its end, or to a bound; then what was read up to there comes with the reason.
async fn read(stream: ReadableStream, max: usize) -> Result<Vec<u8>, (Stop, Vec<u8>)> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let Ok(chunk) = JsFuture::from(reader.read()).await else { return Err((Stop::BrokeOff, body)) };
        let field = |name: &str| js_sys::Reflect::get(&chunk, &JsValue::from_str(name)).ok();
        if field("done").is_none_or(|done| done.is_truthy()) {
            return Ok(body);
        }
        let Some(bytes) = field("value").and_then(|value| value.dyn_into::<js_sys::Uint8Array>().ok()) else {
            return Err((Stop::BrokeOff, body));
        };
        let start = body.len();
        let n = (bytes.length() as usize).min(max - start);
        body.resize(start + n, 0);
        bytes.subarray(0, n as u32).copy_to(&mut body[start..]);
        if n < bytes.length() as usize {
            let _ = reader.cancel();
            return Err((Stop::TooLong, body));
        }
    }
}
