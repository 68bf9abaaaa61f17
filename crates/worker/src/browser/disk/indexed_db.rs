//! Files in IndexedDB, for browsers without private files: each file is a row of chunks.
//!
//! A chunk's key is `[file, number, bytes]`: the list of files with their sizes needs no look at the chunks.

use super::{DiskError, js};
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;

/// The only store of the database.
const CHUNKS: &str = "chunks";

/// A file that was written at once is cut into chunks of this size: one value of many megabytes is slow to write.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// A database of files.
#[derive(Debug)]
pub struct IndexedDb {
    database: JsValue,
    /// The file that was appended to last, and the number of its next chunk: nobody else writes it meanwhile.
    log: RefCell<Option<(String, f64)>>,
}

impl IndexedDb {
    /// Opens the database, made if it is not there, and writes something to see whether that works.
    pub(super) async fn open(name: &str) -> Result<Self, DiskError> {
        let factory = js::get(&js_sys::global(), "indexedDB").ok_or_else(|| DiskError::other("it is not there"))?;
        let request = js::call(&factory, "open", &[JsValue::from_str(name), JsValue::from_f64(1.0)])?;
        if js::one_of(&request, "onupgradeneeded", &["onsuccess", "onerror", "onblocked"]).await {
            let database = js::get(&request, "result").unwrap_or_default();
            js::call(&database, "createObjectStore", &[JsValue::from_str(CHUNKS)])?;
            finish(&request).await?;
        } else if js::text(&request, "readyState") != "done" || js::get(&request, "error").is_some() {
            return Err(error_of(&request));
        }
        let database = js::get(&request, "result").ok_or_else(|| DiskError::other("it could not be opened"))?;
        let database = IndexedDb { database, log: RefCell::new(None) };
        let probe = format!("probe-{}", (js_sys::Math::random() * 1e9) as u64);
        let written = database.write(&probe, b"?").await;
        let _ = database.delete(&probe).await;
        match written {
            // What was stored can be read all the same, and room can be made.
            Err(error) if error.kind != super::DiskErrorKind::Full => Err(error),
            _ => Ok(database),
        }
    }

    pub(super) async fn list(&self) -> Result<Vec<(String, u64)>, DiskError> {
        let mut files: Vec<(String, u64)> = Vec::new();
        for (name, _, bytes) in self.keys(&JsValue::UNDEFINED).await? {
            match files.last_mut().filter(|(last, _)| *last == name) {
                Some((_, sum)) => *sum += bytes,
                None => files.push((name, bytes)),
            }
        }
        files.retain(|(name, _)| !name.starts_with("probe-"));
        Ok(files)
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, DiskError> {
        let (_, store) = self.transaction("readonly")?;
        let request = js::call(&store, "getAll", &[range_of(name)?])?;
        let chunks = Array::from(&finish(&request).await?);
        let mut bytes = Vec::new();
        for chunk in chunks.iter().filter_map(|chunk| chunk.dyn_into::<Uint8Array>().ok()) {
            let start = bytes.len();
            bytes.resize(start + chunk.length() as usize, 0);
            chunk.copy_to(&mut bytes[start..]);
        }
        Ok(bytes)
    }

    pub(super) async fn append(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let next = match self.log.take().filter(|(log, _)| log == name) {
            Some((_, next)) => next,
            None => self.keys(&range_of(name)?).await?.last().map_or(0.0, |(_, number, _)| number + 1.0),
        };
        let (transaction, store) = self.transaction("readwrite")?;
        put(&store, name, next, bytes)?;
        commit(&transaction).await?;
        self.log.replace(Some((name.to_owned(), next + 1.0)));
        Ok(())
    }

    pub(super) async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        self.log.replace(None);
        let (transaction, store) = self.transaction("readwrite")?;
        js::call(&store, "delete", &[range_of(name)?])?;
        for (number, chunk) in bytes.chunks(MAX_CHUNK_BYTES).enumerate() {
            put(&store, name, number as f64, chunk)?;
        }
        if bytes.is_empty() {
            put(&store, name, 0.0, bytes)?;
        }
        commit(&transaction).await
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), DiskError> {
        self.log.replace(None);
        let (transaction, store) = self.transaction("readwrite")?;
        js::call(&store, "delete", &[range_of(name)?])?;
        commit(&transaction).await
    }

    /// A database may be open in many tabs; only what is known of its files is out of date now.
    pub(super) fn close(&self) {
        self.log.replace(None);
    }

    /// File, number and bytes of the chunks of a range of keys, in order.
    async fn keys(&self, range: &JsValue) -> Result<Vec<(String, f64, u64)>, DiskError> {
        let (_, store) = self.transaction("readonly")?;
        let request = js::call(&store, "getAllKeys", std::slice::from_ref(range))?;
        let keys = Array::from(&finish(&request).await?);
        let parts = |key: JsValue| {
            let key = key.dyn_into::<Array>().ok()?;
            Some((key.get(0).as_string()?, key.get(1).as_f64()?, key.get(2).as_f64()? as u64))
        };
        Ok(keys.iter().filter_map(parts).collect())
    }

    /// A transaction, and the store in it. What it changed is on the disk when it is complete.
    fn transaction(&self, mode: &str) -> Result<(JsValue, JsValue), DiskError> {
        let strict = js::object(&[("durability", JsValue::from_str("strict"))]);
        let name = JsValue::from_str(CHUNKS);
        let transaction = js::call(&self.database, "transaction", &[name.clone(), JsValue::from_str(mode), strict])?;
        let store = js::call(&transaction, "objectStore", &[name])?;
        Ok((transaction, store))
    }
}

fn put(store: &JsValue, name: &str, number: f64, bytes: &[u8]) -> Result<(), DiskError> {
    let n_bytes = JsValue::from_f64(bytes.len() as f64);
    let key = Array::of3(&JsValue::from_str(name), &JsValue::from_f64(number), &n_bytes);
    js::call(store, "put", &[Uint8Array::from(bytes).into(), key.into()])?;
    Ok(())
}

/// All keys of a file: arrays sort after everything else, so an empty one is above every number.
fn range_of(name: &str) -> Result<JsValue, DiskError> {
    let ranges = js::get(&js_sys::global(), "IDBKeyRange").unwrap_or_default();
    let name = JsValue::from_str(name);
    let (first, last) = (Array::of1(&name), Array::of2(&name, &Array::new()));
    Ok(js::call(&ranges, "bound", &[first.into(), last.into()])?)
}

/// Waits for the answer of a request.
async fn finish(request: &JsValue) -> Result<JsValue, DiskError> {
    if js::one_of(request, "onsuccess", &["onerror"]).await {
        Ok(js::get(request, "result").unwrap_or_default())
    } else {
        Err(error_of(request))
    }
}

async fn commit(transaction: &JsValue) -> Result<(), DiskError> {
    if js::one_of(transaction, "oncomplete", &["onabort"]).await { Ok(()) } else { Err(error_of(transaction)) }
}

fn error_of(target: &JsValue) -> DiskError {
    match js::get(target, "error") {
        Some(error) => DiskError::from(error),
        None => DiskError::other("it was stopped"),
    }
}
