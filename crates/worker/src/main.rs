use wasm_bindgen::prelude::*;
#[wasm_bindgen]
extern "C" { #[wasm_bindgen(js_namespace = console)] fn log(v: &JsValue); }
fn main(){ let v = JsValue::from_str("worker is up"); log(&v.clone()); }
