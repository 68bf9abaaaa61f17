//! What is remembered between visits, or for as long as the tab is open. A browser that stores nothing (private window)
//! is no error.

/// For how long something is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Until it is deleted, for all tabs.
    OnDevice,
    /// For this tab, over reloads.
    ForTab,
}

fn storage(kept: Kept) -> Option<web_sys::Storage> {
    let window = leptos::prelude::window();
    let storage = match kept {
        Kept::OnDevice => window.local_storage(),
        Kept::ForTab => window.session_storage(),
    };
    storage.ok().flatten()
}

/// What was stored under a name.
#[must_use]
pub fn get(name: &str) -> Option<String> {
    get_in(Kept::OnDevice, name)
}

/// Stores a text under a name.
pub fn set(name: &str, value: &str) {
    set_in(Kept::OnDevice, name, value);
}

/// What was stored under a name, for so long.
#[must_use]
pub fn get_in(kept: Kept, name: &str) -> Option<String> {
    storage(kept)?.get_item(name).ok().flatten()
}

/// Stores a text under a name, for so long.
pub fn set_in(kept: Kept, name: &str, value: &str) {
    if let Some(storage) = storage(kept) {
        let _ = storage.set_item(name, value);
    }
}

/// Whether anything is remembered at all.
#[must_use]
pub fn works() -> bool {
    set("promenade.probe", "1");
    get("promenade.probe").is_some()
}
