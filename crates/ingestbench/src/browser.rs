//! What `web/worker.js` calls.

use ingestbench::{Ingest, Remote, decode, describe};
use querybench::Loader;
use tsdb::Head;
use wasm_bindgen::prelude::wasm_bindgen;

/// The stores.
#[wasm_bindgen]
#[derive(Default)]
pub struct Bench {
    ingest: Ingest,
    loader: Option<Loader>,
    head: Option<Head>,
    remote: Option<Remote>,
}

#[wasm_bindgen]
impl Bench {
    /// Empty stores.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Bench {
        console_error_panic_hook::set_once();
        Bench::default()
    }

    /// See [`Ingest::parse`].
    ///
    /// # Errors
    /// As there.
    pub fn parse(&self, bytes: &[u8]) -> Result<usize, String> {
        self.ingest.parse(bytes)
    }

    /// See [`Ingest::prepare`].
    pub fn prepare(&mut self) {
        self.ingest.prepare();
    }

    /// See [`Ingest::store_new`].
    ///
    /// # Errors
    /// As there.
    pub fn store_new(&mut self, bytes: &[u8]) -> Result<usize, String> {
        self.ingest.store_new(bytes)
    }

    /// See [`Ingest::store_known`].
    ///
    /// # Errors
    /// As there.
    pub fn store_known(&mut self, bytes: &[u8]) -> Result<usize, String> {
        self.ingest.store_known(bytes)
    }

    /// Begins a store with the lines of `series.jsonl`.
    ///
    /// # Errors
    /// If they are something else.
    pub fn load(&mut self, series: &str) -> Result<(), String> {
        self.loader = Some(Loader::new(series)?);
        Ok(())
    }

    /// Takes the next piece of `data.bin`.
    ///
    /// # Errors
    /// If it does not fit the series.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), String> {
        self.loader.as_mut().ok_or("the data is complete")?.push(piece)
    }

    /// Ends the data. How large the store is; see [`describe`].
    ///
    /// # Errors
    /// If some is missing.
    pub fn finish(&mut self) -> Result<String, String> {
        let head = self.head.insert(self.loader.take().ok_or("the data is complete")?.finish()?);
        Ok(describe(head))
    }

    /// See [`Remote::new`].
    pub fn begin_answer(&mut self, start_ms: f64, step_ms: f64, n_steps: usize) {
        self.remote = Some(Remote::new(start_ms as i64, step_ms as i64, n_steps));
    }

    /// See [`Remote::push`].
    ///
    /// # Errors
    /// As there.
    pub fn push_answer(&mut self, piece: &[u8]) -> Result<(), String> {
        self.remote.as_mut().ok_or("no answer was begun")?.push(piece)
    }

    /// See [`Remote::finish`].
    ///
    /// # Errors
    /// As there.
    pub fn end_answer(&mut self) -> Result<usize, String> {
        self.remote.take().ok_or("no answer was begun")?.finish()
    }

    /// See [`decode`].
    pub fn decode(&self) -> usize {
        self.head.as_ref().map_or(0, decode)
    }
}
