//! Texts of what hands do on a graph: zooming, the boxes that stay.

use crate::components::series_table::rows::grouped;

/// The button that undoes a zoom.
pub const UNDO_ZOOM: &str = "Undo zoom";

/// What the button does besides.
pub const UNDO_ZOOM_TITLE: &str = "Back by one zoom or move (double click, Ctrl+Z)";

/// The button that undoes all zooms.
pub const RESET_ZOOM: &str = "Reset";

/// What it does.
pub const RESET_ZOOM_TITLE: &str = "Back to what was shown before the first zoom (0)";

/// The buttons.
pub const ZOOM: &str = "Zoom";

/// What is shown now, spoken.
#[must_use]
pub fn showing(from: &str, to: &str) -> String {
    format!("Showing {from} to {to}")
}

/// The same for a range that follows the clock.
#[must_use]
pub fn showing_last(range: &str) -> String {
    format!("Showing the last {range}")
}

/// Labels that are only counted.
#[must_use]
pub fn more_labels(n: usize) -> String {
    if n == 1 { "and 1 more label".to_owned() } else { format!("and {} more labels", grouped(n as u64)) }
}

/// Series that are only counted.
#[must_use]
pub fn more_values(n: usize) -> String {
    format!("and {} more", grouped(n as u64))
}

/// A box stays, spoken and shown.
pub const PINNED: &str = "Pinned: Tab goes to it, Escape closes it.";

/// There are as many boxes as fit.
#[must_use]
pub fn too_many_pins(max: usize) -> String {
    format!("{max} boxes are pinned already: close one first.")
}

/// A box that stays, for those who do not see it.
#[must_use]
pub fn pin_name(name: &str, value: &str) -> String {
    format!("Pinned: {name} {value}")
}

/// The part of a box by which it is moved.
pub const MOVE_PIN: &str = "Drag to move, or use the arrow keys";

/// The button that closes a box.
pub const CLOSE_PIN: &str = "Close";

/// What a click on a name or a label does.
#[must_use]
pub fn copy(what: &str) -> String {
    format!("Copy {what}")
}

/// It is on the clipboard.
#[must_use]
pub fn copied(what: &str) -> String {
    format!("Copied {what}")
}

/// What the box at the cursor tells from now on.
#[must_use]
pub fn lists(all: bool) -> &'static str {
    if all { "The box at the cursor lists all series." } else { "The box at the cursor is about the nearest series." }
}

/// In the list of keys: the box at the cursor.
pub const LISTS_ALL: &str = "The box at a graph\u{2019}s cursor lists all series";

/// What it means.
pub const LISTS_ALL_HINT: &str = "Otherwise the nearest one, with its labels. The key a changes it on a graph.";

/// From when to when, and how long that is.
#[must_use]
pub fn lasting(from: &str, to: &str, span: &str) -> String {
    format!("{from} to {to}, {span}")
}

/// A cell of a heat map: its bucket.
#[must_use]
pub fn bucket(from: &str, to: &str) -> String {
    match (from, to) {
        ("-Inf", _) => format!("up to {to}"),
        (_, "+Inf") => format!("above {from}"),
        _ => format!("above {from}, up to {to}"),
    }
}

/// How much of all observations of a step a bucket holds.
#[must_use]
pub fn part_of(part: &str, total: &str) -> String {
    format!("{part} of {total}")
}

/// An exemplar and its metric.
#[must_use]
pub fn exemplar_of(metric: &str) -> String {
    if metric.is_empty() { "Exemplar".to_owned() } else { format!("Exemplar of {metric}") }
}

/// An event stands for several, of which one is named.
pub const AND_OTHERS: &str = "and others";
