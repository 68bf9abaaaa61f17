//! Puts text on the clipboard, and says so if the browser does not let it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::JsValue;

/// Copies a text; `done` hears whether it worked. Browsers give pages without a secure context
/// (plain http, not localhost) no clipboard at all.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let Some(clipboard) = clipboard() else {
        done(false);
        return;
    };
    let promise = clipboard.write_text(text);
    let done = std::rc::Rc::new(std::cell::Cell::new(Some(done)));
    let failed = done.clone();
    let on_done = Closure::once_into_js(move |_: JsValue| done.take().into_iter().for_each(|done| done(true)));
    let on_failed = Closure::once_into_js(move |_: JsValue| failed.take().into_iter().for_each(|done| done(false)));
    let then: js_sys::Function = on_done.unchecked_into();
    let catch: js_sys::Function = on_failed.unchecked_into();
    let promise: &JsValue = promise.as_ref();
    if let Ok(method) = js_sys::Reflect::get(promise, &"then".into()) {
        let _ = method.unchecked_into::<js_sys::Function>().call2(promise, &then, &catch);
    }
}

/// Whether the browser gives this page a clipboard.
#[must_use]
pub fn is_there() -> bool {
    clipboard().is_some()
}

fn clipboard() -> Option<web_sys::Clipboard> {
    let navigator = leptos::prelude::window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok().filter(|c| !c.is_undefined())?;
    Some(clipboard.unchecked_into())
}
