//! Targets by pool: which pools are shown, with which of their targets, and how many of each are up.

use super::filter::{Filter, PoolChoice, State};
use protocol::{TargetId, TargetStatus};
use std::collections::BTreeMap;

/// Of more pools only one is shown until the user chooses.
pub const MAX_POOLS: usize = 20;

/// A pool as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// All its targets.
    pub n_all: usize,
    /// Those that are scraped: neither paused nor snapshots.
    pub n_scraped: usize,
    /// Those of them that are up.
    pub n_up: usize,
    /// Those that fit the filter, in the order of their numbers.
    pub shown: Vec<TargetId>,
}

/// All pools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pools {
    /// Those that may be shown, by name: with targets or without.
    pub pools: Vec<Pool>,
    /// Names of all pools there are.
    pub names: Vec<String>,
    /// The one that was chosen because there are very many.
    pub automatic: Option<String>,
    /// Targets of all pools.
    pub n_all: usize,
}

impl Pools {
    /// Groups targets, and pools that may have none. The one that is `hidden` is not there.
    #[must_use]
    pub fn of(targets: &[TargetStatus], names: &[String], hidden: Option<TargetId>, filter: &Filter) -> Self {
        let mut pools: BTreeMap<&str, Pool> = BTreeMap::new();
        for name in names {
            pools.entry(name).or_insert_with(|| Pool { name: name.clone(), ..Pool::default() });
        }
        for target in targets.iter().filter(|target| Some(target.id) != hidden) {
            let name = target.pool.as_str();
            let pool = pools.entry(name).or_insert_with(|| Pool { name: name.to_owned(), ..Pool::default() });
            let state = State::of(target);
            pool.n_all += 1;
            pool.n_scraped += usize::from(matches!(state, State::Up | State::Down | State::Waiting));
            pool.n_up += usize::from(state == State::Up);
            if filter.shows(target) {
                pool.shown.push(target.id);
            }
        }
        let names: Vec<String> = pools.keys().map(|name| (*name).to_owned()).collect();
        let n_all = pools.values().map(|pool| pool.n_all).sum();
        let first = || pools.values().find(|pool| !pool.shown.is_empty()).map(|pool| pool.name.clone());
        let automatic = (filter.pool == PoolChoice::Automatic && pools.len() > MAX_POOLS).then(first).flatten();
        let one = match &filter.pool {
            PoolChoice::One(name) => Some(name),
            _ => automatic.as_ref(),
        };
        let mut pools: Vec<Pool> =
            pools.values().filter(|pool| one.is_none_or(|one| pool.name == *one)).cloned().collect();
        for pool in &mut pools {
            // A target that comes back after "Undo" comes back to its place.
            model::sort::by(&mut pool.shown, Ord::cmp);
        }
        Pools { pools, names, automatic, n_all }
    }

    /// Targets that are shown.
    #[must_use]
    pub fn n_shown(&self) -> usize {
        self.pools.iter().map(|pool| pool.shown.len()).sum()
    }

    /// Pools that may be shown and have no target to show.
    #[must_use]
    pub fn n_empty(&self) -> usize {
        self.pools.iter().filter(|pool| pool.shown.is_empty()).count()
    }

    /// A pool that may be shown, by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.name == name)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use protocol::{Health, TargetSpec};

    /// A target of a pool.
    pub fn target(id: u32, job: &str, health: Health) -> TargetStatus {
        TargetStatus {
            id: TargetId(id),
            spec: TargetSpec::new(format!("h{id}:9100")),
            url: format!("http://h{id}:9100/metrics"),
            pool: job.to_owned(),
            is_configured: false,
            labels: vec![("job".to_owned(), job.to_owned()), ("instance".to_owned(), format!("h{id}:9100"))],
            health,
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
            marked_ms: None,
            scraping: false,
            problem: None,
            notices: Vec::new(),
        }
    }

    fn shown(pools: &Pools) -> Vec<String> {
        let ids = |pool: &Pool| pool.shown.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
        pools
            .pools
            .iter()
            .map(|pool| format!("{} {}/{} of {}: {}", pool.name, pool.n_up, pool.n_scraped, pool.n_all, ids(pool)))
            .collect()
    }

    #[test]
    fn targets_stand_in_their_pools_by_name_and_number() {
        let mut paused = target(4, "b", Health::Up);
        paused.spec.paused = true;
        let all = [target(3, "b", Health::Up), target(2, "a", Health::Down), target(1, "b", Health::Unknown), paused];
        let names = ["c".to_owned()];
        let of = |query: &str, hidden| Pools::of(&all, &names, hidden, &Filter::decode(query));
        assert_eq!(shown(&of("", None)), ["a 0/1 of 1: 2", "b 1/2 of 3: 1,3,4", "c 0/0 of 0: "]);
        assert_eq!((of("", None).n_shown(), of("", None).n_empty(), of("", None).n_all), (4, 1, 4));
        assert_eq!(shown(&of("health=down", None)), ["a 0/1 of 1: 2", "b 1/2 of 3: ", "c 0/0 of 0: "]);
        assert_eq!(shown(&of("pool=b&search=h3", None)), ["b 1/2 of 3: 3"]);
        assert_eq!(shown(&of("pool=b", Some(TargetId(3)))), ["b 0/1 of 2: 1,4"]);
        assert_eq!(shown(&of("pool=z", None)), [] as [&str; 0]);
    }

    #[test]
    fn of_very_many_pools_the_first_with_targets_is_chosen_until_the_user_chooses() {
        let all: Vec<TargetStatus> = (0..30).map(|id| target(id, &format!("p{id:02}"), Health::Up)).collect();
        let of = |query: &str| Pools::of(&all, &["a".to_owned()], None, &Filter::decode(query));
        let automatic = of("");
        assert_eq!(
            (shown(&automatic), automatic.automatic.as_deref()),
            (vec!["p00 1/1 of 1: 0".to_owned()], Some("p00"))
        );
        assert_eq!(shown(&of("search=h7:")), ["p07 1/1 of 1: 7"]);
        assert_eq!((of("pool=").n_shown(), of("pool=").automatic), (30, None));
        assert_eq!(shown(&of("pool=p05")), ["p05 1/1 of 1: 5"]);
        let few = Pools::of(&all[..5], &[], None, &Filter::default());
        assert_eq!((few.n_shown(), few.automatic), (5, None));
    }
}
