//! What the user prefers, the targets to scrape and the configuration, kept in the browser between visits.

pub mod config;
pub mod legend_columns;
pub mod sources;
pub mod targets;

#[cfg(test)]
mod contrast;

use crate::browser::storage;
use crate::browser::zone::Zone;
use crate::live::{effect, memo};
use legend_columns::Columns;
use leptos::prelude::*;

/// How long samples may be kept, in milliseconds: what the status page offers.
pub const RETENTIONS_MS: [i64; 6] =
    [3_600_000, 6 * 3_600_000, 12 * 3_600_000, 24 * 3_600_000, 3 * 24 * 3_600_000, 7 * 24 * 3_600_000];

/// How many bytes the store may take: what the status page offers.
pub const MAX_BYTES: [u64; 7] =
    [10_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_000_000_000];

/// A day of 10,000 series takes a fifth of it, and a laptop does not notice.
const DEFAULT_MAX_BYTES: u64 = 500_000_000;

/// A working day and more, in some ten megabytes.
const DEFAULT_RETENTION_MS: i64 = 24 * 3_600_000;

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

    /// The one that the theme button goes to.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
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
    /// How long samples are kept, in milliseconds.
    pub retention_ms: RwSignal<i64>,
    /// How many bytes the store may take.
    pub max_bytes: RwSignal<u64>,
    /// Whether keys without Ctrl or Alt do something outside of fields. Those who speak to their computer
    /// must be able to switch them off.
    pub single_keys: RwSignal<bool>,
    /// Which columns legends have.
    pub legend_columns: RwSignal<Columns>,
    /// Whether the box at a graph's cursor lists all series, not the nearest alone.
    pub lists_all: RwSignal<bool>,
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
        let retention_ms = storage::get("promenade.retention_ms").and_then(|text| text.parse().ok());
        let retention_ms =
            RwSignal::new(retention_ms.filter(|ms| RETENTIONS_MS.contains(ms)).unwrap_or(DEFAULT_RETENTION_MS));
        let max_bytes = storage::get("promenade.max_bytes").and_then(|text| text.parse().ok());
        let max_bytes = RwSignal::new(max_bytes.filter(|n| MAX_BYTES.contains(n)).unwrap_or(DEFAULT_MAX_BYTES));
        let single_keys = RwSignal::new(storage::get("promenade.single_keys").as_deref() != Some("off"));
        let columns = storage::get("promenade.legend_columns").map(|words| Columns::parse(&words));
        let legend_columns = RwSignal::new(columns.unwrap_or_default());
        let lists_all = RwSignal::new(storage::get("promenade.tooltip").as_deref() == Some("all"));
        let system_dark = system_is_dark();
        let is_dark = memo(move |_| match theme.get() {
            Theme::System => system_dark.get(),
            Theme::Light => false,
            Theme::Dark => true,
        });
        effect(move || {
            storage::set("promenade.theme", theme.get().name());
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-theme", if is_dark.get() { "dark" } else { "light" });
            }
        });
        effect(move || zone.with(|zone| storage::set("promenade.zone", zone.name())));
        effect(move || storage::set("promenade.retention_ms", &retention_ms.get().to_string()));
        effect(move || storage::set("promenade.max_bytes", &max_bytes.get().to_string()));
        effect(move || storage::set("promenade.single_keys", if single_keys.get() { "on" } else { "off" }));
        effect(move || storage::set("promenade.legend_columns", &legend_columns.get().words()));
        effect(move || storage::set("promenade.tooltip", if lists_all.get() { "all" } else { "nearest" }));
        Settings { theme, zone, retention_ms, max_bytes, single_keys, legend_columns, lists_all, is_dark }
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
