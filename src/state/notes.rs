//! Notes of the user at a time or over a range of time, kept in the browser between visits and shown on every graph.
//!
//! Several tabs may change them: each change reads what is stored, changes one note of it and writes it back at once.
//! The functions on lists are pure; [`Notes`] puts them to the browser's storage.

pub mod draft;

use crate::browser::storage;
use draft::NoteDraft;
use frame::{Frame, Mark, MarkKind};
use leptos::prelude::*;
use model::Labels;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The name they are stored under.
const NAME: &str = "promenade.notes";

/// So many are kept: all of them are read, and looked through for each picture.
pub const MAX_NOTES: usize = 500;

/// The longest text, in characters.
pub const MAX_CHARS: usize = 280;

/// Times beyond these are none that a browser knows, ms since the epoch.
const MAX_TIME_MS: i64 = 8_640_000_000_000_000;

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Tells it from the others.
    pub id: u64,
    /// When what it tells of began, ms since the epoch.
    pub at_ms: i64,
    /// When that ended; the same for a moment.
    pub end_ms: i64,
    /// What it says.
    pub text: String,
}

/// No other note fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// The text of a note as it is kept: in one line, not too long.
#[must_use]
pub fn cleaned(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    model::cluster::first_chars(&words.join(" "), MAX_CHARS).trim_end().to_owned()
}

/// Reads what was stored, by whatever version: what makes no sense is left out.
#[must_use]
pub fn read(json: &str) -> Vec<Note> {
    let stored: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let mut notes: Vec<Note> = Vec::new();
    for note in stored.into_iter().filter_map(|value| serde_json::from_value::<Note>(value).ok()).take(MAX_NOTES) {
        let times = -MAX_TIME_MS..=MAX_TIME_MS;
        let note = Note { text: cleaned(&note.text), end_ms: note.end_ms.max(note.at_ms), ..note };
        let is_known = notes.iter().any(|known| known.id == note.id);
        if !is_known && !note.text.is_empty() && times.contains(&note.at_ms) && times.contains(&note.end_ms) {
            notes.push(note);
        }
    }
    sort(&mut notes);
    notes
}

/// Puts a note among others, in place of the one with its number.
///
/// # Errors
/// If there are [`MAX_NOTES`] others.
pub fn put(notes: &mut Vec<Note>, note: Note) -> Result<(), Full> {
    let is_full = notes.len() >= MAX_NOTES;
    match notes.iter_mut().find(|known| known.id == note.id) {
        Some(known) => *known = note,
        None if is_full => return Err(Full),
        None => notes.push(note),
    }
    sort(notes);
    Ok(())
}

/// Takes a note away.
pub fn take(notes: &mut Vec<Note>, id: u64) -> Option<Note> {
    let at = notes.iter().position(|note| note.id == id)?;
    Some(notes.remove(at))
}

/// A number that no note has.
#[must_use]
pub fn fresh_id(notes: &[Note]) -> u64 {
    // A number that somebody wrote into the storage by hand may be the last there is.
    let next = notes.iter().map(|note| note.id).max().map_or(0, |id| id.wrapping_add(1));
    let is_free = |id: &u64| notes.iter().all(|note| note.id != *id);
    (0..=notes.len() as u64).map(|n| next.wrapping_add(n)).find(is_free).unwrap_or(next)
}

/// In the order of time.
fn sort(notes: &mut Vec<Note>) {
    model::sort::by(notes, |a: &Note, b: &Note| (a.at_ms, a.end_ms, a.id).cmp(&(b.at_ms, b.end_ms, b.id)));
}

/// The mark of a note.
#[must_use]
pub fn mark(note: &Note) -> Mark {
    Mark {
        kind: MarkKind::Note,
        at_ms: note.at_ms,
        end_ms: note.end_ms,
        labels: Labels::empty(),
        count: 1,
        text: note.text.clone(),
    }
}

/// The marks of the notes of a range of time, both ends included, ms since the epoch.
#[must_use]
pub fn marks(notes: &[Note], start_ms: i64, end_ms: i64) -> Vec<Mark> {
    let is_within = |note: &&Note| note.at_ms <= end_ms && note.end_ms >= start_ms;
    notes.iter().filter(is_within).map(mark).collect()
}

/// A frame of nothing but notes: it is drawn over any other, and asked what lies under the pointer, so that notes come
/// and go without a copy of an answer.
#[must_use]
pub fn frame_of(notes: &[Note], start_ms: i64, end_ms: i64) -> Frame {
    Frame { marks: marks(notes, start_ms, end_ms), ..Frame::default() }
}

/// The notes, and what is being done to them; cheap to copy.
#[derive(Clone, Copy)]
pub struct Notes {
    /// All of them, in the order of time.
    pub all: RwSignal<Arc<Vec<Note>>>,
    /// The note that is being written or changed.
    pub draft: RwSignal<Option<NoteDraft>>,
    /// What was deleted last and can be brought back.
    pub deleted: RwSignal<Option<Note>>,
}

impl Notes {
    /// Reads what is stored, and follows what other tabs write.
    #[must_use]
    pub fn load() -> Self {
        let all = RwSignal::new(Arc::new(stored().unwrap_or_default()));
        let notes = Notes { all, draft: RwSignal::new(None), deleted: RwSignal::new(None) };
        let handle = window_event_listener(leptos::ev::storage, move |event| {
            // Without a key all was cleared.
            if event.key().is_none_or(|key| key == NAME) {
                all.set(Arc::new(stored().unwrap_or_default()));
            }
        });
        on_cleanup(move || handle.remove());
        notes
    }

    /// The notes of a range of time as a frame; what is on the page hears changes by [`Notes::all`].
    #[must_use]
    pub fn frame(&self, start_ms: i64, end_ms: i64) -> Arc<Frame> {
        self.all.with_untracked(|all| Arc::new(frame_of(all, start_ms, end_ms)))
    }

    /// Begins a note; over a range if its ends differ.
    pub fn begin(&self, at_ms: i64, end_ms: i64) {
        self.draft.set(Some(NoteDraft::new(at_ms, end_ms)));
    }

    /// Begins to change a note.
    pub fn edit(&self, id: u64) {
        let found = self.all.with_untracked(|all| all.iter().find(|note| note.id == id).cloned());
        if let Some(note) = found {
            self.draft.set(Some(NoteDraft::of(&note)));
        }
    }

    /// Keeps a note: a new one where it has no number yet.
    ///
    /// # Errors
    /// If no other fits.
    pub fn keep(&self, id: Option<u64>, at_ms: i64, end_ms: i64, text: &str) -> Result<(), Full> {
        self.change(|notes| {
            let id = id.unwrap_or_else(|| fresh_id(notes));
            put(notes, Note { id, at_ms, end_ms, text: cleaned(text) })
        })
    }

    /// Deletes a note; [`Notes::undo`] brings it back.
    pub fn delete(&self, id: u64) {
        if let Some(note) = self.change(|notes| take(notes, id)) {
            self.deleted.set(Some(note));
        }
    }

    /// Brings back what was deleted last.
    pub fn undo(&self) {
        let Some(note) = self.deleted.get_untracked() else {
            return;
        };
        let result = self.change(|notes| {
            // Another tab may have given its number away.
            let is_taken = notes.iter().any(|known| known.id == note.id);
            let id = if is_taken { fresh_id(notes) } else { note.id };
            put(notes, Note { id, ..note })
        });
        if result.is_ok() {
            self.deleted.set(None);
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Note>) -> T) -> T {
        // Where the browser stores nothing they live as long as the page.
        let mut notes = stored().unwrap_or_else(|| self.all.get_untracked().to_vec());
        let result = change(&mut notes);
        if let Ok(text) = serde_json::to_string(&notes) {
            storage::set(NAME, &text);
        }
        self.all.set(Arc::new(notes));
        result
    }
}

fn stored() -> Option<Vec<Note>> {
    storage::get(NAME).map(|text| read(&text))
}

#[cfg(test)]
mod tests;
