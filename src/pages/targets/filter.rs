//! Which targets are shown, as it stands in the address: `health=down&search=node`.

use crate::state::url::{percent_decode, percent_encode};
use protocol::{Health, TargetStatus, Via};

/// State and words that a shown target has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only targets of this state.
    pub state: Option<State>,
    /// Only targets that have each of these words in their address, labels or problem.
    pub search: String,
}

impl Filter {
    /// Shows what has a text.
    #[must_use]
    pub fn only(search: String) -> Self {
        Filter { state: None, search }
    }

    /// Reads the part of the address behind the `?`; what means nothing is left out.
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let mut filter = Filter::default();
        for (name, value) in query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode(value);
            match name {
                "health" => filter.state = State::ALL.into_iter().find(|state| state.name() == value),
                "search" => filter.search = value,
                _ => {}
            }
        }
        filter
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::new();
        if let Some(state) = self.state {
            out.push_str("health=");
            out.push_str(state.name());
        }
        if !self.search.is_empty() {
            out.push_str(if out.is_empty() { "search=" } else { "&search=" });
            percent_encode(&self.search, &mut out);
        }
        out
    }

    /// Whether a target is shown.
    #[must_use]
    pub fn shows(&self, target: &TargetStatus) -> bool {
        if self.state.is_some_and(|state| state != State::of(target)) {
            return false;
        }
        let mut words = self.search.split_whitespace().map(str::to_lowercase).peekable();
        if words.peek().is_none() {
            return true;
        }
        let mut text = format!("{} {}", target.url, target.spec.url);
        for (name, value) in &target.labels {
            text.push_str(&format!(" {name}={value}"));
        }
        if let Some(problem) = &target.problem {
            text.push_str(&format!(" {}", problem.message));
        }
        let text = text.to_lowercase();
        words.all(|word| text.contains(&word))
    }
}

/// The state of a target in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The last scrape worked.
    Up,
    /// It failed.
    Down,
    /// There was none yet.
    Waiting,
    /// It is not scraped until resumed.
    Paused,
    /// A text that is never scraped.
    Snapshot,
}

impl State {
    /// All states, in the order of the filter.
    pub const ALL: [State; 5] = [State::Up, State::Down, State::Waiting, State::Paused, State::Snapshot];

    /// The state of a target. A paused one is not said to be up or down: nobody looked lately.
    #[must_use]
    pub fn of(target: &TargetStatus) -> State {
        match target.health {
            _ if target.via == Some(Via::Pasted) => State::Snapshot,
            _ if target.spec.paused => State::Paused,
            Health::Up => State::Up,
            Health::Down => State::Down,
            Health::Unknown => State::Waiting,
        }
    }

    /// The word, also in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Up => "up",
            State::Down => "down",
            State::Waiting => "waiting",
            State::Paused => "paused",
            State::Snapshot => "snapshot",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{TargetId, TargetSpec};

    #[test]
    fn the_address_holds_the_filter() {
        let filter = Filter { state: Some(State::Down), search: "node a&b=1".to_owned() };
        assert_eq!(filter.encode(), "health=down&search=node%20a%26b%3D1");
        assert_eq!(Filter::decode(&filter.encode()), filter);
        assert_eq!(Filter::decode("?health=odd&x&search="), Filter::default());
        assert_eq!(Filter::default().encode(), "");
        assert_eq!(Filter::decode("search=a+b"), Filter::only("a b".to_owned()));
    }

    #[test]
    fn all_words_must_be_there() {
        let mut target = TargetStatus {
            id: TargetId(1),
            pool: String::new(),
            is_configured: false,
            spec: TargetSpec::new(":9100"),
            url: "http://localhost:9100/metrics".to_owned(),
            labels: vec![("job".to_owned(), "Node".to_owned())],
            health: Health::Up,
            via: None,
            last_scrape_ms: None,
            next_scrape_ms: None,
            duration_ms: None,
            n_samples: 0,
            n_series_added: 0,
            body_bytes: 0,
            n_scrapes: 0,
            n_slow: 0,
            n_slept: 0,
            dropped_last: protocol::Dropped::default(),
            dropped: protocol::Dropped::default(),
            scraping: false,
            problem: None,
            notices: Vec::new(),
        };
        let shows = |target: &TargetStatus, query: &str| Filter::decode(query).shows(target);
        assert!(shows(&target, "") && shows(&target, "health=up") && shows(&target, "search=job=node 9100"));
        assert!(!shows(&target, "health=down") && !shows(&target, "search=9100 other"));
        target.spec.paused = true;
        assert!(shows(&target, "health=paused") && !shows(&target, "health=up"));
    }
}
