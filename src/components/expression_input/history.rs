//! Expressions that were run: newest first, each once, kept in the browser; and the walk through them.

use crate::browser::storage;

/// So many are kept.
pub const MAX_ENTRIES: usize = 50;

/// The name they are stored under.
const KEY: &str = "promenade.history";

/// What is stored; nothing where nothing can be read.
#[must_use]
pub fn stored() -> Vec<String> {
    let text = storage::get(KEY).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Puts an expression on top, and stores it.
pub fn remember(expr: &str) {
    let entries = with_newest(stored(), expr);
    if let Ok(text) = serde_json::to_string(&entries) {
        storage::set(KEY, &text);
    }
}

/// The entries with one more on top.
#[must_use]
pub fn with_newest(mut entries: Vec<String>, expr: &str) -> Vec<String> {
    let expr = expr.trim();
    if !expr.is_empty() {
        entries.retain(|entry| entry != expr);
        entries.insert(0, expr.to_owned());
        entries.truncate(MAX_ENTRIES);
    }
    entries
}

/// A walk through the entries; what was in the field before it began comes back at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Of the entry that is shown; `None` is the draft.
    at: Option<usize>,
    draft: String,
}

impl Walk {
    /// The next older entry, other than what is shown; `None` at the oldest.
    pub fn older(&mut self, entries: &[String], shown: &str) -> Option<String> {
        let next = match self.at {
            Some(at) => at + 1,
            None => 0,
        };
        let (at, entry) = entries.iter().enumerate().skip(next).find(|(_, entry)| *entry != shown.trim())?;
        if self.at.is_none() {
            shown.clone_into(&mut self.draft);
        }
        self.at = Some(at);
        Some(entry.clone())
    }

    /// The next newer entry, and behind the newest the draft; `None` there.
    pub fn newer(&mut self, entries: &[String]) -> Option<String> {
        let at = self.at?;
        match at.checked_sub(1).and_then(|at| entries.get(at)) {
            Some(entry) => {
                self.at = Some(at - 1);
                Some(entry.clone())
            }
            None => {
                self.at = None;
                Some(std::mem::take(&mut self.draft))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Lists of expressions and walks through them.
    use super::*;

    fn entries(of: &[&str]) -> Vec<String> {
        of.iter().map(|&s| s.to_owned()).collect()
    }

    #[test]
    fn each_is_kept_once_and_the_oldest_go() {
        assert_eq!(with_newest(entries(&["b", "a"]), " a "), ["a", "b"]);
        assert_eq!(with_newest(entries(&["a"]), "  "), ["a"]);
        let many: Vec<String> = (0..MAX_ENTRIES).map(|i| i.to_string()).collect();
        let more = with_newest(many, "new");
        assert_eq!((more.len(), more[0].as_str(), more[MAX_ENTRIES - 1].as_str()), (MAX_ENTRIES, "new", "48"));
    }

    #[test]
    fn a_walk_comes_back_to_the_draft() {
        let list = entries(&["c", "b", "a"]);
        let mut walk = Walk::default();
        assert_eq!(walk.newer(&list), None);
        assert_eq!(walk.older(&list, "draft").as_deref(), Some("c"));
        assert_eq!(walk.older(&list, "c").as_deref(), Some("b"));
        assert_eq!(walk.older(&list, "b").as_deref(), Some("a"));
        assert_eq!(walk.older(&list, "a"), None);
        assert_eq!(walk.newer(&list).as_deref(), Some("b"));
        assert_eq!(walk.newer(&list).as_deref(), Some("c"));
        assert_eq!(walk.newer(&list).as_deref(), Some("draft"));
        assert_eq!(walk.newer(&list), None);
    }

    #[test]
    fn what_is_shown_already_is_stepped_over() {
        let mut walk = Walk::default();
        assert_eq!(walk.older(&entries(&["up", "down"]), "up ").as_deref(), Some("down"));
    }
}
