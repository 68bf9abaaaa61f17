//! What is remembered between visits. A browser that stores nothing (private window) is no error.

fn storage() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok().flatten()
}

/// What was stored under a name.
#[must_use]
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Stores a text under a name.
pub fn set(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, value);
    }
}

/// Whether anything is remembered at all.
#[must_use]
pub fn works() -> bool {
    set("promenade.probe", "1");
    get("promenade.probe").is_some()
}
