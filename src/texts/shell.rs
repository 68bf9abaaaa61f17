//! Texts of the frame: top bar, notices, help, adding endpoints.

use crate::app::page::Page;
use crate::components::series_table::rows::{counted, grouped};
use crate::state::settings::Theme;

pub const BRAND: &str = "Promenade";
pub const SKIP: &str = "Skip to the content";
pub const PAGES: &str = "Pages";
pub const RELOAD: &str = "Reload";
pub const DISMISS: &str = "Dismiss";
pub const CLOSE: &str = "Close";

pub const STARTING: &str = "Starting: the worker, which scrapes and evaluates, is being loaded.";
pub const NO_WORKER: &str = "This browser does not let the page start its worker. Promenade needs web workers and \
                             WebAssembly: allow scripts for this page, or use another browser.";
pub const WORKER_UNREACHABLE: &str = "The page could not reach its worker. Reload the page; targets are kept.";
pub const PASTED: &str = "pasted text";

/// The name of a page in the navigation and in the title of the window.
pub fn page_name(page: Page) -> &'static str {
    match page {
        Page::Query => "Explore",
        Page::Metrics => "Metrics",
        Page::Targets => "Targets",
        Page::Discovery => "Service discovery",
        Page::Sources => "Sources",
        Page::Status => "Status",
        Page::Unknown => "Nothing here",
    }
}

/// The title of the window. A query page is known by its first expression.
pub fn window_title(page: Page, expr: &str) -> String {
    let expr: String = expr.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if page == Page::Query && !expr.is_empty() { short(&expr, 60) } else { page_name(page).to_owned() };
    format!("{name} · {BRAND}")
}

/// A text of at most so many characters; what is left out at its end is marked.
pub fn short(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some(_) => format!("{}…", model::cluster::first_chars(text, max_chars.saturating_sub(1))),
        None => text.to_owned(),
    }
}

pub fn nothing_here(path: &str) -> String {
    format!("There is no page at {path}.")
}

pub const NOTHING_HERE_HINT: &str = "The address may be mistyped, or belong to another version of Promenade.";
pub const GO_HOME: &str = "Go to the query page";

pub fn worker_stopped(detail: &str) -> String {
    let colon = if detail.is_empty() { "" } else { ": " };
    format!("The worker, which scrapes and evaluates, stopped{colon}{detail}. Reload the page; targets are kept.")
}

pub fn other_build(page: &str, worker: &str) -> String {
    format!(
        "Page and worker come from two builds ({page} and {worker}): a newer Promenade was installed while this page \
         was loaded. Reload the page to get both from one."
    )
}

pub fn not_understood(error: &str) -> String {
    format!("Page and worker do not understand each other ({error}). Reload the page to get both from one build.")
}

/// `3/3 up · 1,234 series`
pub fn status(n_up: usize, n_targets: usize, n_series: u64) -> String {
    let series = counted(n_series, "series", "series");
    match n_targets {
        0 => format!("no targets · {series}"),
        n => format!("{}/{} up · {series}", grouped(n_up as u64), grouped(n as u64)),
    }
}

pub fn theme(theme: Theme) -> String {
    format!("Theme: {}", theme.name())
}

pub const ZONE: &str = "Time zone";
pub const ZONE_LOCAL: &str = "Local time";
pub const ZONE_UTC: &str = "UTC";
pub const ZONE_OTHER: &str = "Other zone…";
pub const ZONE_DIALOG: &str = "Show times of another zone";
pub const ZONE_FIELD: &str = "Name of the zone";
pub const ZONE_HINT: &str = "Its name in the tz database, such as Europe/Berlin, America/New_York or Asia/Kolkata.";
pub const ZONE_SUBMIT: &str = "Show its times";

pub fn unknown_zone(name: &str) -> String {
    format!("This browser knows no time zone \u{201c}{name}\u{201d}. Names look like Europe/Berlin.")
}

pub const HELP: &str = "Keys and help";
pub const HELP_TITLE: &str = "Keys";
pub const SINGLE_KEYS: &str = "Single keys work outside of fields";
pub const SINGLE_KEYS_HINT: &str = "Switch them off if you speak to your computer, or press keys by accident.";

/// Keys that are pressed together or one after the other, and what they do.
pub type Keys = (&'static [&'static str], &'static str);

/// Groups of keys, each with the place where they work.
pub const KEYS: [(&str, &[Keys]); 4] = [
    (
        "On every page",
        &[
            (&["?"], "Show this list"),
            (&["/"], "Go to the first search or expression field"),
            (&["g", "e"], "Explore: the query page"),
            (&["g", "m"], "Metrics"),
            (&["g", "t"], "Targets"),
            (&["g", "d"], "Service discovery"),
            (&["g", "o"], "Sources"),
            (&["g", "s"], "Status"),
            (&["c", "t"], "Change the theme"),
        ],
    ),
    (
        "In an expression",
        &[
            (&["Enter"], "Run"),
            (&["Shift", "Enter"], "New line"),
            (&["↑", "↓"], "Choose a completion"),
            (&["Tab"], "Take the completion"),
            (&["Esc"], "Close the completions"),
        ],
    ),
    (
        "On a graph, also under the mouse",
        &[
            (&["+", "−"], "Zoom in and out, about the cursor if there is one"),
            (&["←", "→"], "Move to earlier and later times; with Shift also while walking"),
            (&["0"], "Back to what was shown before zooming, or to now"),
            (&["Ctrl", "Z"], "Undo a zoom or a move"),
            (&["n"], "Write a note at the cursor, or over the range that is being dragged"),
            (&["a"], "Box at the cursor: all series, or the nearest"),
            (&["Enter"], "Go to the newest sample and walk by arrow keys; again: pin it"),
            (&["↑", "↓"], "While walking: the line above or below"),
            (&["[", "]"], "Go to the event or note before or after the cursor"),
            (&["PgUp", "PgDn"], "While walking: ten samples back or on"),
            (&["Esc"], "End the walk; close a pinned box"),
        ],
    ),
    (
        "With the mouse",
        &[
            (&["Click"], "In a legend: show only this series, again: all"),
            (&["Ctrl", "Click"], "In a legend: show or hide this series"),
            (&["Drag"], "In a graph: zoom into a time range"),
            (&["Double click"], "In a graph: undo a zoom or a move"),
            (&["Ctrl", "Wheel"], "In a graph: zoom about the cursor; two fingers do the same"),
            (&["Shift", "Drag"], "In a graph: move the time axis; the middle button does the same"),
            (&["Click"], "In a graph: pin the box; in a pinned box: copy a label"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_the_query() {
        assert_eq!(window_title(Page::Query, ""), "Explore · Promenade");
        assert_eq!(window_title(Page::Query, "sum(\n  up)"), "sum( up) · Promenade");
        assert_eq!(window_title(Page::Query, &"é".repeat(80)).chars().count(), 60 + " · Promenade".chars().count());
        assert_eq!(window_title(Page::Targets, "up"), "Targets · Promenade");
    }

    #[test]
    fn the_status_counts_in_words() {
        assert_eq!(status(3, 3, 1234), "3/3 up · 1,234 series");
        assert_eq!(status(0, 0, 0), "no targets · 0 series");
    }
}
