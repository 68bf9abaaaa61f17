//! The time as a signal, for texts such as "3 s ago".

use super::now_ms;
use leptos::prelude::*;
use std::time::Duration;

/// Now, ms since the epoch; a new value every second for as long as its owner lives.
#[must_use]
pub fn every_second() -> Signal<i64> {
    let now = RwSignal::new(now_ms());
    if let Ok(handle) = set_interval_with_handle(move || now.set(now_ms()), Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    now.into()
}
