//! A note while it is being written: texts of its fields, and the note they make.

use super::{Note, cleaned};
use crate::components::time_range::ladder::{End, format_range, parse_end, parse_range};
use crate::texts::marks as texts;

/// A note while it is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteDraft {
    /// The note that is changed; a new one has no number.
    pub id: Option<u64>,
    /// When it began, ms since the epoch, unless `at` says something else.
    pub at_ms: i64,
    /// What was typed for that; `None` while nobody has.
    pub at: Option<String>,
    /// How long it lasted, as `10m`; empty for a moment.
    pub lasts: String,
    /// What it says.
    pub text: String,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// When.
    At,
    /// How long.
    Lasts,
    /// What.
    Text,
}

impl NoteDraft {
    /// A new one.
    #[must_use]
    pub fn new(at_ms: i64, end_ms: i64) -> Self {
        NoteDraft { at_ms, lasts: length(at_ms, end_ms), ..NoteDraft::default() }
    }

    /// One that is there already.
    #[must_use]
    pub fn of(note: &Note) -> Self {
        let lasts = length(note.at_ms, note.end_ms);
        NoteDraft { id: Some(note.id), at_ms: note.at_ms, at: None, lasts, text: note.text.clone() }
    }

    /// Begin and end, ms since the epoch, if all fields make sense. `to_utc` takes the time of the zone's clocks as if
    /// it were UTC and gives the real one.
    ///
    /// # Errors
    /// What is wrong with which field.
    pub fn check(&self, now_ms: i64, to_utc: impl Fn(i64) -> i64) -> Result<(i64, i64), Vec<(Field, String)>> {
        let mut wrong = Vec::new();
        if cleaned(&self.text).is_empty() {
            wrong.push((Field::Text, texts::NOTE_TEXT_MISSING.to_owned()));
        }
        let at_ms = match self.at.as_deref().map(|text| parse_end(text, now_ms, to_utc)) {
            None => self.at_ms,
            Some(Ok(End::At(at_ms))) => at_ms,
            Some(Ok(End::Now)) => now_ms,
            Some(Err(problem)) => {
                wrong.push((Field::At, problem));
                self.at_ms
            }
        };
        let lasts = self.lasts.trim();
        let lasts_ms = match lasts {
            "" => Ok(0),
            text => parse_range(text),
        };
        let lasts_ms = lasts_ms.unwrap_or_else(|problem| {
            wrong.push((Field::Lasts, problem.to_string()));
            0
        });
        if wrong.is_empty() { Ok((at_ms, at_ms.saturating_add(lasts_ms))) } else { Err(wrong) }
    }
}

fn length(at_ms: i64, end_ms: i64) -> String {
    if end_ms > at_ms { format_range(end_ms.saturating_sub(at_ms)) } else { String::new() }
}
