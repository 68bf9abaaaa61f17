//! Texts of the status page.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;

pub const TITLE: &str = "Status";
pub const STORE: &str = "Store";
pub const SERIES: &str = "Series";
pub const SAMPLES: &str = "Samples";
pub const SIZE: &str = "Size";
pub const OLDEST: &str = "Oldest sample";
pub const NEWEST: &str = "Newest sample";
pub const RETENTION: &str = "Samples are kept for";
pub const MEMORY: &str = "Memory of the worker";
pub const NONE: &str = "none";
pub const DELETE: &str = "Delete all samples";
pub const CANCEL: &str = "Cancel";

pub const RELAY: &str = "Relay";
pub const RELAY_HINT: &str =
    "Fetches what the browser may not read itself. It is the program that serves this page: cargo xtask serve.";
pub const RELAY_STATE: &str = "State";
pub const RELAY_LOOKING: &str = "looking for it …";
pub const RELAY_NONE: &str =
    "none answers under this page\u{2019}s address: only targets that allow other origins can be scraped";

pub const PAGE: &str = "This page";
pub const VERSION: &str = "Version";
pub const BUILD: &str = "Build";
pub const BROWSER: &str = "Browser";
pub const CLIPBOARD: &str = "Clipboard";
pub const CLIPBOARD_YES: &str = "can be written";
pub const CLIPBOARD_NO: &str = "cannot be written: it needs https or localhost";
pub const STORAGE: &str = "Targets and settings";
pub const STORAGE_YES: &str = "are kept in this browser between visits";
pub const STORAGE_NO: &str = "are not kept: this browser stores nothing for this page";
pub const CONTENT: &str = "Addresses it can scrape";
pub const CONTENT_HTTP: &str = "http and https";
pub const CONTENT_HTTPS: &str =
    "https, and http only on localhost: a page with https may not fetch from http, except through the relay";

/// `1,234 of at most 500,000`
pub fn series(n: u64, max: u64) -> String {
    if max == 0 { grouped(n) } else { format!("{} of at most {}", grouped(n), grouped(max)) }
}

/// `3.2 MB, 1.4 bytes a sample`
pub fn size(bytes: u64, n_samples: u64) -> String {
    if n_samples == 0 {
        return units::bytes(bytes);
    }
    format!("{}, {:.1} bytes a sample with its index", units::bytes(bytes), bytes as f64 / n_samples as f64)
}

/// `6 h`, `3 d`
pub fn retention(ms: i64) -> String {
    let hours = ms / 3_600_000;
    if hours <= 24 { counted(hours as u64, "hour", "hours") } else { counted(hours as u64 / 24, "day", "days") }
}

pub fn relay_answers(version: &str) -> String {
    format!("answers, version {version}")
}

pub fn delete_title(n_samples: u64, n_series: u64) -> String {
    format!("Delete {} of {}?", counted(n_samples, "sample", "samples"), counted(n_series, "series", "series"))
}

pub const DELETE_HINT: &str =
    "This cannot be undone. Targets stay and go on being scraped; snapshots of texts and files are removed.";

pub fn delete(n_samples: u64) -> String {
    format!("Delete {}", counted(n_samples, "sample", "samples"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_with_their_bounds() {
        assert_eq!(series(1_234, 500_000), "1,234 of at most 500,000");
        assert_eq!(size(3_200_000, 1_000_000), "3.2 MB, 3.2 bytes a sample with its index");
        assert_eq!([3_600_000, 86_400_000, 7 * 86_400_000].map(retention), ["1 hour", "24 hours", "7 days"]);
        assert_eq!(delete_title(1, 2_000), "Delete 1 sample of 2,000 series?");
    }
}
