//! What the user prefers, and the targets to scrape, kept in the browser between visits.

use crate::browser::storage;
use crate::browser::zone::Zone;
use leptos::prelude::*;
use protocol::{TargetId, TargetSpec};
use serde::{Deserialize, Serialize};

/// Colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The name it is stored under.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// The user's preferences; each change is stored at once.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Colours.
    pub theme: RwSignal<Theme>,
    /// Whose clocks are shown.
    pub zone: RwSignal<Zone>,
    /// Whether the page is dark now, also where the system decides.
    pub is_dark: Memo<bool>,
}

impl Settings {
    /// Reads what is stored and goes on storing what changes.
    #[must_use]
    pub fn load() -> Self {
        let theme = RwSignal::new(match storage::get("promenade.theme").as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        });
        let zone = storage::get("promenade.zone").and_then(|name| Zone::from_name(&name)).unwrap_or_default();
        let zone = RwSignal::new(zone);
        let system_dark = system_is_dark();
        let is_dark = Memo::new(move |_| match theme.get() {
            Theme::System => system_dark.get(),
            Theme::Light => false,
            Theme::Dark => true,
        });
        Effect::new(move || {
            storage::set("promenade.theme", theme.get().name());
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-theme", if is_dark.get() { "dark" } else { "light" });
            }
        });
        Effect::new(move || zone.with(|zone| storage::set("promenade.zone", zone.name())));
        Settings { theme, zone, is_dark }
    }
}

/// Whether the system asks for dark colours, and when it changes its mind.
fn system_is_dark() -> RwSignal<bool> {
    let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let dark = RwSignal::new(query.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    if let Some(query) = query {
        let on_change = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::MediaQueryListEvent)>::new(
            move |event: web_sys::MediaQueryListEvent| {
                dark.try_set(event.matches());
            },
        );
        query.set_onchange(Some(wasm_bindgen::JsCast::unchecked_ref(on_change.as_ref())));
        // Lives as long as the page.
        on_change.forget();
    }
    dark
}

/// A target as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTarget {
    /// Its number.
    pub id: TargetId,
    /// What to scrape, and how.
    pub spec: TargetSpec,
}

/// The stored targets; `None` on a first visit.
#[must_use]
pub fn stored_targets() -> Option<Vec<StoredTarget>> {
    serde_json::from_str(&storage::get("promenade.targets")?).ok()
}

/// Stores the targets for the next visit.
pub fn store_targets(targets: &[StoredTarget]) {
    if let Ok(text) = serde_json::to_string(targets) {
        storage::set("promenade.targets", &text);
    }
}
