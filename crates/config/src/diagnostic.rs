//! What there is to say of a place of a text.

use crate::yaml::Place;

/// More is not listed: somebody mends the first ones first.
pub(crate) const MAX_DIAGNOSTICS: usize = 100;

/// A remark on a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where by name: `scrape_configs[2].scrape_interval`; empty for the text as a whole.
    pub path: String,
    /// Where.
    pub at: Option<Place>,
    /// What there is to know: a sentence.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Prometheus would refuse the text.
    Error,
    /// Prometheus knows it, Promenade does not do it.
    Unsupported,
    /// A secret has to be entered: [`crate::SECRET`] stands for it.
    MissingSecret,
    /// Worth knowing.
    Notice,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    pub(crate) list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn put(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MAX_DIAGNOSTICS && !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    pub(crate) fn error(&mut self, path: &str, at: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.say(Severity::Error, path, at, message, hint);
    }

    pub(crate) fn say(
        &mut self,
        severity: Severity,
        path: &str,
        at: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (message, hint) = (message.into(), hint.into());
        self.put(Diagnostic { severity, path: path.to_owned(), at: Some(at), message, hint });
    }
}
