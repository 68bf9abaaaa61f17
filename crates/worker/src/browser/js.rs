//! Calls of what `web-sys` has no stable types for: locks, durable transactions, iterators.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A field of an object; `None` where it is undefined or null.
pub(super) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A text in a field of an object; empty where there is none.
pub(super) fn text(object: &JsValue, name: &str) -> String {
    get(object, name).and_then(|value| value.as_string()).unwrap_or_default()
}

/// Calls a method.
pub(super) fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method = get(object, name).and_then(|method| method.dyn_into::<Function>().ok());
    let method = method.ok_or_else(|| js_sys::Error::new(&format!("this browser has no `{name}`")))?;
    method.apply(object, &arguments.iter().collect::<Array>())
}

/// Calls a method that answers later.
pub(super) async fn ask(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&call(object, name, arguments)?)).await
}

/// An object with these fields.
pub(super) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A fresh object takes every field.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// A promise with the functions that settle it.
pub(super) struct Later {
    /// It.
    pub(super) promise: Promise,
    /// Fulfils it.
    pub(super) resolve: Function,
    /// Fails it.
    pub(super) reject: Function,
}

impl Later {
    /// One that nobody has settled.
    pub(super) fn new() -> Self {
        let mut functions = None;
        let promise = Promise::new(&mut |resolve, reject| functions = Some((resolve, reject)));
        // Promises call their function at once.
        let (resolve, reject) = functions.unwrap_or_default();
        Later { promise, resolve, reject }
    }

    /// Fulfils it with a value; a second time does nothing.
    pub(super) fn fulfil(&self, value: &JsValue) {
        let _ = self.resolve.call1(&JsValue::UNDEFINED, value);
    }

    /// Fails it; a second time does nothing.
    pub(super) fn fail(&self, error: &JsValue) {
        let _ = self.reject.call1(&JsValue::UNDEFINED, error);
    }
}

/// Waits for one of the events of an object; the answer is whether it was the first of them.
pub(super) async fn one_of(target: &JsValue, good: &str, bad: &[&str]) -> bool {
    let later = Later::new();
    let settle = later.resolve.clone();
    let on_good = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        let _ = settle.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
    });
    let settle = later.resolve.clone();
    let on_bad = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        let _ = settle.call1(&JsValue::UNDEFINED, &JsValue::FALSE);
    });
    let set = |name: &str, value: &JsValue| {
        let _ = Reflect::set(target, &JsValue::from_str(name), value);
    };
    set(good, on_good.as_ref());
    bad.iter().for_each(|name| set(name, on_bad.as_ref()));
    let answer = JsFuture::from(later.promise).await;
    // The closures go with this function: nothing may call them any more.
    set(good, &JsValue::NULL);
    bad.iter().for_each(|name| set(name, &JsValue::NULL));
    answer.is_ok_and(|answer| answer.is_truthy())
}
