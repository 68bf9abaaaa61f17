//! The configuration as it is kept between visits: its text without secrets, which have to be entered again.

use crate::browser::storage;
use protocol::{ConfigOrigin, ConfigStatus, ConfigText};

/// The name it is stored under.
const NAME: &str = "promenade.config";
/// The name under which it is remembered that the relay's configuration was declined.
const DECLINED: &str = "promenade.config.declined";
/// Files of targets are kept up to so many bytes together: browsers store five million characters.
const MAX_FILES_BYTES: usize = 1 << 20;

/// The stored configuration.
#[must_use]
pub fn load() -> Option<ConfigText> {
    serde_json::from_str(&storage::get(NAME)?).ok()
}

/// Keeps what runs; the worker has taken the secrets out.
pub fn keep(status: &ConfigStatus) {
    let Some(loaded) = &status.loaded else { return };
    let fits = loaded.files.iter().map(|(_, text)| text.len()).sum::<usize>() <= MAX_FILES_BYTES;
    let files = if fits { loaded.files.clone() } else { Vec::new() };
    let text = ConfigText { text: loaded.text.clone(), origin: loaded.origin.clone(), files };
    if let Ok(json) = serde_json::to_string(&text)
        && storage::get(NAME).as_ref() != Some(&json)
    {
        storage::set(NAME, &json);
    }
}

/// Keeps none.
pub fn forget() {
    storage::set(NAME, "");
}

/// Does not offer this configuration again.
pub fn decline(text: &ConfigText) {
    storage::set(DECLINED, &fingerprint(&text.text));
}

/// Whether this configuration is to be offered: it does not run, and nobody declined it.
#[must_use]
pub fn is_news(text: &ConfigText) -> bool {
    let runs = load().is_some_and(|kept| kept.origin == ConfigOrigin::Relay && kept.text == text.text);
    !runs && storage::get(DECLINED).as_deref() != Some(fingerprint(&text.text).as_str())
}

/// A short name for a text: FNV-1a.
fn fingerprint(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
