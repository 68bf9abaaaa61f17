//! What a bundle holds for the page: targets and panels.

use crate::state::settings::targets::{StoredTarget, without_secrets};
use protocol::TargetSpec;
use serde::{Deserialize, Serialize};

/// More than a page has; a larger list is no page's.
const MAX_TARGETS: usize = 200;

/// Targets and panels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFile {
    /// Targets, without secrets.
    #[serde(default)]
    pub targets: Vec<TargetSpec>,
    /// The panels, as they stand in the address.
    #[serde(default)]
    pub query: String,
}

impl PageFile {
    /// What is kept of these.
    #[must_use]
    pub fn of(targets: Vec<StoredTarget>, query: &str) -> Self {
        let spec = |target: StoredTarget| TargetSpec { url: without_secrets(&target.spec.url).0, ..target.spec };
        PageFile { targets: targets.into_iter().map(spec).collect(), query: query.to_owned() }
    }

    /// As it stands in a bundle.
    #[must_use]
    pub fn write(&self) -> String {
        // Texts and numbers only: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`PageFile::write`] wrote; `None` if it is something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut file: PageFile = serde_json::from_str(text).ok()?;
        file.targets.truncate(MAX_TARGETS);
        Some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::TargetId;

    #[test]
    fn secrets_stay_at_home() {
        let spec = TargetSpec::new("http://me:secret@host:9100/metrics?token=abc&x=1");
        let file = PageFile::of(vec![StoredTarget { id: TargetId(2), spec }], "g0.expr=up");
        let text = file.write();
        assert!(!text.contains("secret") && !text.contains("abc"), "{text}");
        assert_eq!(PageFile::read(&text), Some(file));
        assert_eq!(PageFile::read("[1]"), None);
    }
}
