//! Which targets are shown, as it stands in the address: `pool=node&health=down&search=web`.

use crate::state::url::{percent_decode, percent_encode};
use protocol::{Health, TargetStatus, Via};

/// Pool, state and words that a shown target has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Which pools.
    pub pool: PoolChoice,
    /// Only targets of this state.
    pub state: Option<State>,
    /// Only targets that have each of these words in their address, labels or problem.
    pub search: String,
}

impl Filter {
    /// Shows what has a text.
    #[must_use]
    pub fn only(search: String) -> Self {
        Filter { search, ..Filter::default() }
    }

    /// Reads the part of the address behind the `?`; what means nothing is left out.
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let mut filter = Filter::default();
        for (name, value) in query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode(value);
            match name {
                "pool" if value.is_empty() => filter.pool = PoolChoice::All,
                "pool" => filter.pool = PoolChoice::One(value),
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
        let pool = match &self.pool {
            PoolChoice::Automatic => None,
            PoolChoice::All => Some(""),
            PoolChoice::One(name) => Some(name.as_str()),
        };
        let search = Some(self.search.as_str()).filter(|search| !search.is_empty());
        let mut out = String::new();
        for (name, value) in [("pool", pool), ("health", self.state.map(State::name)), ("search", search)] {
            if let Some(value) = value {
                out.push_str(if out.is_empty() { "" } else { "&" });
                out.push_str(name);
                out.push('=');
                percent_encode(value, &mut out);
            }
        }
        out
    }

    /// Whether a target is shown, as far as its pool does not matter.
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

/// Which pools are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PoolChoice {
    /// All of them, or the first of very many.
    #[default]
    Automatic,
    /// All of them, be they many.
    All,
    /// This one.
    One(String),
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

    #[test]
    fn the_address_holds_the_filter() {
        let pool = PoolChoice::One("my pool".to_owned());
        let filter = Filter { pool, state: Some(State::Down), search: "node a&b=1".to_owned() };
        assert_eq!(filter.encode(), "pool=my%20pool&health=down&search=node%20a%26b%3D1");
        assert_eq!(Filter::decode(&filter.encode()), filter);
        assert_eq!(Filter::decode("?health=odd&x&search="), Filter::default());
        assert_eq!(Filter::default().encode(), "");
        let all = Filter { pool: PoolChoice::All, ..Filter::default() };
        assert_eq!((all.encode().as_str(), Filter::decode("pool=")), ("pool=", all));
        assert_eq!(Filter::decode("search=a+b"), Filter::only("a b".to_owned()));
    }

    #[test]
    fn all_words_must_be_there() {
        let mut target = crate::pages::targets::pools::tests::target(1, "Node", Health::Up);
        let shows = |target: &TargetStatus, query: &str| Filter::decode(query).shows(target);
        assert!(shows(&target, "") && shows(&target, "health=up") && shows(&target, "search=job=node 9100"));
        assert!(!shows(&target, "health=down") && !shows(&target, "search=9100 other"));
        target.spec.paused = true;
        assert!(shows(&target, "health=paused") && !shows(&target, "health=up"));
    }
}
