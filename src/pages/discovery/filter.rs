//! Which discovered targets are shown, as it stands in the address: `pool=node&fate=dropped&search=web`.

use crate::pages::targets::filter::{Filter, PoolChoice};
use protocol::{DiscoveredTarget, Fate};

/// Pool, fate and words that a shown target has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Which pools.
    pub pool: PoolChoice,
    /// Only targets of this fate.
    pub fate: Option<Kind>,
    /// Only targets that have each of these words in their labels, before relabelling or after it.
    pub search: String,
}

/// What became of a target, as far as one filters by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is scraped.
    Scraped,
    /// A rule dropped it.
    Dropped,
    /// It is neither: twice there, without room, or without an address.
    Other,
}

impl Kind {
    /// All of them, in the order of the filter.
    pub const ALL: [Kind; 3] = [Kind::Scraped, Kind::Dropped, Kind::Other];

    /// What became of a target.
    #[must_use]
    pub fn of(fate: &Fate) -> Self {
        match fate {
            Fate::Scraped(_) => Kind::Scraped,
            Fate::Dropped(_) => Kind::Dropped,
            Fate::Duplicate | Fate::LeftOut | Fate::Invalid(_) => Kind::Other,
        }
    }

    /// The word, also in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Scraped => "scraped",
            Kind::Dropped => "dropped",
            Kind::Other => "other",
        }
    }
}

impl Found {
    /// Reads the part of the address behind the `?`; what means nothing is left out.
    #[must_use]
    pub fn decode(query: &str) -> Self {
        let Filter { pool, search, .. } = Filter::decode(query);
        let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let fate = pairs.filter(|(name, _)| *name == "fate").map(|(_, value)| value).next_back();
        Found { pool, search, fate: Kind::ALL.into_iter().find(|kind| Some(kind.name()) == fate) }
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> String {
        let filter = Filter { pool: self.pool.clone(), search: self.search.clone(), state: None };
        let mut out = filter.encode();
        if let Some(kind) = self.fate {
            out.push_str(if out.is_empty() { "" } else { "&" });
            out.push_str("fate=");
            out.push_str(kind.name());
        }
        out
    }

    /// Whether a pool is shown.
    #[must_use]
    pub fn shows_pool(&self, name: &str) -> bool {
        match &self.pool {
            PoolChoice::One(one) => one == name,
            PoolChoice::Automatic | PoolChoice::All => true,
        }
    }

    /// Whether a target of a pool that is shown is shown.
    #[must_use]
    pub fn shows(&self, target: &DiscoveredTarget) -> bool {
        if self.fate.is_some_and(|kind| kind != Kind::of(&target.fate)) {
            return false;
        }
        let mut words = self.search.split_whitespace().map(str::to_lowercase).peekable();
        if words.peek().is_none() {
            return true;
        }
        let mut text = String::new();
        for (name, value) in target.discovered.iter().chain(&target.labels) {
            text.push_str(&format!(" {name}={value}"));
        }
        let text = text.to_lowercase();
        words.all(|word| text.contains(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::TargetId;

    #[test]
    fn the_address_holds_the_filter() {
        let found =
            Found { pool: PoolChoice::One("a b".to_owned()), fate: Some(Kind::Dropped), search: "x=1 y".to_owned() };
        assert_eq!(found.encode(), "pool=a%20b&search=x%3D1%20y&fate=dropped");
        assert_eq!(Found::decode(&found.encode()), found);
        assert_eq!(Found::decode("?fate=odd&health=up"), Found::default());
        assert!(found.shows_pool("a b") && !found.shows_pool("a") && Found::default().shows_pool("a"));
    }

    #[test]
    fn words_are_looked_for_in_labels_before_and_after() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut target = DiscoveredTarget {
            discovered: vec![pair("__address__", "Web-1:80"), pair("__meta_dc", "fra")],
            labels: vec![pair("instance", "web-1")],
            fate: Fate::Scraped(TargetId(1)),
            steps: Vec::new(),
        };
        let shows = |target: &DiscoveredTarget, query: &str| Found::decode(query).shows(target);
        assert!(shows(&target, "") && shows(&target, "search=__meta_dc=fra web-1") && shows(&target, "fate=scraped"));
        assert!(!shows(&target, "search=ber") && !shows(&target, "fate=dropped"));
        target.fate = Fate::LeftOut;
        assert!(shows(&target, "fate=other"));
    }
}
