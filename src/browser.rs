//! Thin typed wrappers over the browser: clock, time zones, the address, what is stored, dialogs, files and folders, downloads, the clipboard.

pub mod clipboard;
pub mod clock;
pub mod dialog;
pub mod download;
pub mod files;
pub mod folder;
pub mod keys;
pub mod location;
pub mod page_state;
pub mod persistence;
pub mod storage;
pub mod zone;

/// The browser's clock, ms since the epoch. Read here and nowhere else in the page.
#[must_use]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}
