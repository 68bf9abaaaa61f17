//! The worker that `boot.js` started while this module was still on its way, with what it has said since.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;

/// The worker and its first words.
pub(super) struct Early {
    /// The worker; nobody listens to it from now on until the client does.
    pub(super) worker: web_sys::Worker,
    /// What it said, in order.
    pub(super) messages: Vec<web_sys::MessageEvent>,
    /// Why it cannot work; empty if it can.
    pub(super) error: String,
}

/// Takes it over; `None` where the browser has no workers or refused this one.
pub(super) fn take() -> Option<Early> {
    let field = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &JsValue::from_str(name)).ok();
    let early = field(&js_sys::global(), "promenadeWorker").filter(JsValue::is_object)?;
    let worker = field(&early, "worker")?.dyn_into().ok()?;
    let messages = field(&early, "messages").map(|list| js_sys::Array::from(&list)).unwrap_or_default();
    Some(Early {
        worker,
        messages: messages.iter().filter_map(|event| event.dyn_into().ok()).collect(),
        error: field(&early, "error").and_then(|error| error.as_string()).unwrap_or_default(),
    })
}
