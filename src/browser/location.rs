//! The address: its path and its query, as signals that hear "back", and the way to change them.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The address, for as long as the page lives.
#[derive(Clone, Copy)]
pub struct Location {
    /// `/query`
    pub path: RwSignal<String>,
    /// `?g0.expr=up`, or nothing.
    pub query: RwSignal<String>,
}

impl Location {
    /// Reads the address and goes on listening to "back" and "forward".
    #[must_use]
    pub fn listen() -> Self {
        let (path, query) = read();
        let location = Location { path: RwSignal::new(path), query: RwSignal::new(query) };
        let handle = window_event_listener(leptos::ev::popstate, move |_| {
            let (path, query) = read();
            location.path.set(path);
            location.query.set(query);
        });
        on_cleanup(move || handle.remove());
        location
    }

    /// Goes to an address on this page; "back" comes back. Nothing happens if it is the present one.
    pub fn push(&self, path: &str, query: &str) {
        self.change(path, query, false);
    }

    /// The same without a step in the history: for what the user did not do.
    pub fn replace(&self, path: &str, query: &str) {
        self.change(path, query, true);
    }

    fn change(&self, path: &str, query: &str, replace: bool) {
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.trim_start_matches('?')) };
        if self.path.get_untracked() == path && self.query.get_untracked() == query {
            return;
        }
        if let Ok(history) = window().history() {
            let address = format!("{path}{query}");
            let _ = if replace {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(&address))
            };
        }
        self.path.set(path.to_owned());
        self.query.set(query);
    }
}

fn read() -> (String, String) {
    let location = window().location();
    (location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}
