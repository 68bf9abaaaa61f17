//! Asks the browser not to delete what this page stored.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::JsValue;

/// Asks for it; `done` hears whether the browser agreed. Some ask the user, so this belongs behind a click.
pub fn ask(done: impl FnOnce(bool) + 'static) {
    let promise = storage().and_then(|storage| storage.persist().ok());
    let Some(promise) = promise else {
        done(false);
        return;
    };
    let done = std::rc::Rc::new(std::cell::Cell::new(Some(done)));
    let failed = done.clone();
    let on_done = Closure::once_into_js(move |granted: JsValue| {
        done.take().into_iter().for_each(|done| done(granted.is_truthy()));
    });
    let on_failed = Closure::once_into_js(move |_: JsValue| failed.take().into_iter().for_each(|done| done(false)));
    let (then, catch): (js_sys::Function, js_sys::Function) = (on_done.unchecked_into(), on_failed.unchecked_into());
    let promise: &JsValue = promise.as_ref();
    if let Ok(method) = js_sys::Reflect::get(promise, &"then".into()) {
        let _ = method.unchecked_into::<js_sys::Function>().call2(promise, &then, &catch);
    }
}

/// Whether there is somebody to ask: not over plain http, except on localhost.
#[must_use]
pub fn can_ask() -> bool {
    storage().is_some()
}

fn storage() -> Option<web_sys::StorageManager> {
    let navigator = leptos::prelude::window().navigator();
    let storage = js_sys::Reflect::get(&navigator, &"storage".into()).ok().filter(JsValue::is_object)?;
    Some(storage.unchecked_into())
}
