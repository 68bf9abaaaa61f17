//! Whom a key is meant for.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// Whether a key is meant for nothing in particular: not for a field, a menu, an open dialog, or what has handled it.
#[must_use]
pub fn is_for_page(event: &KeyboardEvent) -> bool {
    if event.is_composing() || event.default_prevented() {
        return false;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let in_field = target.is_some_and(|element| {
        element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]").ok().flatten().is_some()
    });
    !in_field && document().query_selector("dialog[open]").ok().flatten().is_none()
}

/// Whether it is a key alone, which the browser does not want either.
#[must_use]
pub fn is_single(event: &KeyboardEvent) -> bool {
    !(event.ctrl_key() || event.meta_key() || event.alt_key())
}
