//! What the sources page shows, as it stands in the address: `source=prod&report=targets&health=down&search=node`.

use crate::state::url::{percent_decode, percent_encode};
use crate::texts::sources as texts;
use protocol::ReportKind;

/// A source, one of its reports, and what of that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The name of the source; empty: none.
    pub source: String,
    /// Which report.
    pub report: ReportKind,
    /// Words that what is shown has.
    pub search: String,
    /// Only what is in this pool of targets.
    pub pool: String,
    /// Only what is in this state.
    pub state: String,
}

impl Default for Shown {
    fn default() -> Self {
        Shown {
            source: String::new(),
            report: ReportKind::Build,
            search: String::new(),
            pool: String::new(),
            state: String::new(),
        }
    }
}

/// The reports that have a tab, from the left; the metrics have a page of their own.
pub const TABS: [ReportKind; 5] =
    [ReportKind::Build, ReportKind::Cardinality, ReportKind::Targets, ReportKind::Rules, ReportKind::Alerts];

impl Shown {
    /// A source with its first report.
    #[must_use]
    pub fn of(source: String) -> Self {
        Shown { source, ..Shown::default() }
    }

    /// Reads the part of the address behind the `?`; what means nothing is left out.
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let mut shown = Shown::default();
        for (name, value) in query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode(value);
            match name {
                "source" => shown.source = value,
                "report" => {
                    shown.report =
                        TABS.into_iter().find(|one| texts::report_word(*one) == value).unwrap_or(shown.report);
                }
                "search" => shown.search = value,
                "pool" => shown.pool = value,
                "health" => shown.state = value,
                _ => {}
            }
        }
        shown
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> String {
        let report = if self.report == ReportKind::Build { "" } else { texts::report_word(self.report) };
        let pairs = [
            ("source", self.source.as_str()),
            ("report", report),
            ("health", &self.state),
            ("pool", &self.pool),
            ("search", &self.search),
        ];
        let mut out = String::new();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(name);
            out.push('=');
            percent_encode(value, &mut out);
        }
        out
    }

    /// Whether a text has all words of the search, in upper or lower case.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.search.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_source_report_and_filters() {
        let shown = Shown {
            source: "a b:9090".to_owned(),
            report: ReportKind::Targets,
            search: "node x".to_owned(),
            pool: "p".to_owned(),
            state: "down".to_owned(),
        };
        assert_eq!(shown.encode(), "source=a%20b%3A9090&report=targets&health=down&pool=p&search=node%20x");
        assert_eq!(Shown::decode(&shown.encode()), shown);
        assert_eq!(Shown::decode("?report=odd&x&source="), Shown::default());
        assert_eq!(Shown::default().encode(), "");
        assert!(shown.finds("X and a NODE") && !shown.finds("node"));
    }
}
