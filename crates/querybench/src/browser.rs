//! What `web/worker.js` calls.

use engine::Value;
use js_sys::{Array, Float64Array};
use querybench::{Loader, Question, describe};
use tsdb::Head;
use wasm_bindgen::prelude::wasm_bindgen;

/// The store and the newest answer.
#[wasm_bindgen]
#[derive(Default)]
pub struct Bench {
    loader: Option<Loader>,
    head: Option<Head>,
    question: Option<Question>,
    value: Option<Value>,
}

#[wasm_bindgen]
impl Bench {
    /// Begins with the lines of `series.jsonl`.
    ///
    /// # Errors
    /// If they are something else.
    #[wasm_bindgen(constructor)]
    pub fn new(series: &str) -> Result<Bench, String> {
        console_error_panic_hook::set_once();
        Ok(Bench { loader: Some(Loader::new(series)?), ..Bench::default() })
    }

    /// Takes the next piece of `data.bin`.
    ///
    /// # Errors
    /// If it does not fit the series.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), String> {
        self.loader.as_mut().ok_or("the data is complete")?.push(piece)
    }

    /// Ends the data.
    ///
    /// # Errors
    /// If some is missing.
    pub fn finish(&mut self) -> Result<(), String> {
        self.head = Some(self.loader.take().ok_or("the data is complete")?.finish()?);
        Ok(())
    }

    /// Takes a question; it is not part of what is measured.
    ///
    /// # Errors
    /// If it is none.
    pub fn ask(&mut self, question: &str) -> Result<(), String> {
        self.value = None;
        self.question = Some(Question::from_json(question)?);
        Ok(())
    }

    /// Evaluates the question and keeps the answer.
    ///
    /// # Errors
    /// If the engine refuses it.
    pub fn run(&mut self) -> Result<(), String> {
        let (Some(head), Some(question)) = (&self.head, &self.question) else { return Err("no question".to_owned()) };
        self.value = Some(question.answer(head)?);
        Ok(())
    }

    /// See [`describe`].
    pub fn describe(&self) -> String {
        self.value.as_ref().map_or_else(String::new, describe)
    }

    /// The values of a range query as typed arrays.
    pub fn columns(&self) -> Array {
        match &self.value {
            Some(Value::Matrix(matrix)) => {
                matrix.series.iter().map(|series| Float64Array::from(series.values.as_slice())).collect()
            }
            _ => Array::new(),
        }
    }
}
