//! Texts of what is marked on a graph: events, and notes of the user.

use crate::texts::units::span;
use frame::{Mark, MarkKind};
use model::number::grouped;

/// What happened, in a few words: `Counter reset`, `3 counter resets`, `Note`.
#[must_use]
pub fn what(mark: &Mark) -> String {
    let (one, many) = match mark.kind {
        MarkKind::CounterReset => ("Counter reset", "counter resets"),
        MarkKind::TargetDown => ("Target down", "targets down"),
        MarkKind::TargetUp => ("Target up", "targets up"),
        MarkKind::Restart => ("Process restarted", "processes restarted"),
        MarkKind::NewSeries => ("New series", "new series"),
        MarkKind::Note => ("Note", "notes"),
        MarkKind::Difference => ("Differs from the server", "differences from the server"),
    };
    if mark.count <= 1 { one.to_owned() } else { format!("{} {many}", grouped(mark.count.into())) }
}

/// Of what: the labels of a target or series, or the text of a note. Nothing where that says no more.
#[must_use]
pub fn of_what(mark: &Mark) -> Option<String> {
    match mark.kind {
        MarkKind::Note => (!mark.text.is_empty()).then(|| mark.text.clone()),
        _ if mark.labels.is_empty() => None,
        // It stands for several, of which one is named.
        _ if mark.count > 1 => Some(format!("{} and others", mark.labels)),
        _ => Some(mark.labels.to_string()),
    }
}

/// When: a time, or from when to when and how long. `format` writes a time, ms since the epoch.
#[must_use]
pub fn when(mark: &Mark, format: impl Fn(i64) -> String) -> String {
    if mark.end_ms <= mark.at_ms {
        return format(mark.at_ms);
    }
    let lasted = span(mark.end_ms.saturating_sub(mark.at_ms));
    format!("{} to {}, {lasted}", format(mark.at_ms), format(mark.end_ms))
}

/// All of it in a sentence, spoken.
#[must_use]
pub fn sentence(mark: &Mark, format: impl Fn(i64) -> String) -> String {
    let of_what = of_what(mark).map(|of| format!(": {of}")).unwrap_or_default();
    format!("{}, {}{of_what}", what(mark), when(mark, format))
}

/// The list of notes.
#[must_use]
pub fn notes(n: usize) -> String {
    if n == 0 { "Notes".to_owned() } else { format!("Notes ({})", grouped(n as u64)) }
}

/// What notes are for.
pub const NOTES_HINT: &str = "Notes mark what happened on every graph: a deployment, an outage, a test. They stay in \
                              this browser. With the cursor on a graph the key `n` writes one at its time.";
/// Writes a note.
pub const ADD_NOTE: &str = "Add note";
/// Changes a note.
pub const EDIT: &str = "Edit";
/// Takes a note away.
pub const DELETE: &str = "Delete";
/// Brings it back.
pub const UNDO: &str = "Undo";
/// Takes a message away.
pub const DISMISS: &str = "Dismiss";
/// A note was deleted.
pub const DELETED: &str = "The note was deleted.";
/// Keeps a note.
pub const SAVE: &str = "Save";
/// Keeps nothing.
pub const CANCEL: &str = "Cancel";
/// Shows the graphs around a note.
pub const GO: &str = "Show on the graphs";

/// The form of a new note.
pub const NEW_NOTE: &str = "New note";
/// The form of one that is there.
pub const EDIT_NOTE: &str = "Edit note";
/// What it says.
pub const NOTE_TEXT: &str = "Text";
/// How long that may be.
pub const NOTE_TEXT_HELP: &str = "At most 280 characters.";
/// It says nothing.
pub const NOTE_TEXT_MISSING: &str = "A note needs a text.";
/// When it began.
pub const NOTE_AT: &str = "At";
/// How that is written.
pub const NOTE_AT_HELP: &str = "Such as 2026-05-01 13:00, now, or now-5m.";
/// How long it lasted.
pub const NOTE_LASTS: &str = "Lasts";
/// How that is written.
pub const NOTE_LASTS_HELP: &str = "Such as 10m or 2h. Empty for a moment.";

/// What a button does to which note.
#[must_use]
pub fn of_note(verb: &str, text: &str) -> String {
    format!("{verb} note: {text}")
}

/// No other note fits.
#[must_use]
pub fn full(max: usize) -> String {
    format!("Not saved: {max} notes are the most that are kept. Delete one to add another.")
}

#[cfg(test)]
mod tests {
    //! Marks and what is said of them.
    use super::*;
    use expect_test::expect;
    use model::Labels;

    #[test]
    fn every_mark_says_what_of_what_and_when() {
        let mark = |kind, end_ms, count| Mark {
            kind,
            at_ms: 1_000,
            end_ms,
            labels: match kind {
                MarkKind::Note => Labels::empty(),
                _ => Labels::from_pairs([("job", "api")]),
            },
            count,
            text: if kind == MarkKind::Note { "deploy <b>v2</b>".to_owned() } else { String::new() },
        };
        let lines: Vec<String> = [
            mark(MarkKind::CounterReset, 1_000, 1),
            mark(MarkKind::CounterReset, 1_000, 1_200),
            mark(MarkKind::TargetDown, 301_000, 1),
            mark(MarkKind::TargetUp, 1_000, 2),
            mark(MarkKind::Restart, 1_000, 1),
            mark(MarkKind::NewSeries, 1_000, 7),
            Mark { labels: Labels::empty(), ..mark(MarkKind::NewSeries, 1_000, 1) },
            mark(MarkKind::Note, 1_000, 1),
            mark(MarkKind::Note, 61_000, 1),
        ]
        .iter()
        .map(|mark| sentence(mark, |ms| format!("{} s", ms / 1_000)))
        .collect();
        expect![[r#"
            Counter reset, 1 s: {job="api"}
            1,200 counter resets, 1 s: {job="api"} and others
            Target down, 1 s to 301 s, 5 min: {job="api"}
            2 targets up, 1 s: {job="api"} and others
            Process restarted, 1 s: {job="api"}
            7 new series, 1 s: {job="api"} and others
            New series, 1 s
            Note, 1 s: deploy <b>v2</b>
            Note, 1 s to 61 s, 1 min: deploy <b>v2</b>"#]]
        .assert_eq(&lines.join("\n"));
        assert_eq!([0, 1, 1_500].map(notes), ["Notes", "Notes (1)", "Notes (1,500)"]);
    }
}
