//! Texts of the service discovery page.

use crate::components::series_table::rows::{counted, grouped};
use crate::pages::discovery::filter::Kind;
use protocol::{DiscoveryStatus, Fate, PoolStatus};

pub const INTRO: &str = "What was found to scrape, and what the rules of its pool made of it.";
pub const SEARCH: &str = "Search discovered targets";
pub const SEARCH_HINT: &str = "Search labels, before and after";
pub const FATE: &str = "What became of them";
pub const ALL_FATES: &str = "All of them";
pub const NONE_YET: &str =
    "Nothing was discovered yet. Add an endpoint on the page of targets, or paste a prometheus.yml there.";
pub const NONE_MATCH: &str = "No discovered target has this fate and these words.";
pub const LOADING: &str = "Loading …";
pub const DISCOVERED: &str = "Discovered labels";
pub const LABELS: &str = "Labels of the target";
pub const DISCOVER_AGAIN: &str = "Discover again";
pub const SOURCES: &str = "Where targets come from";
pub const BY_HAND: &str = "added by hand";
pub const AFTER: &str = "Labels after this rule";
pub const NO_CHANGE: &str = "changes nothing";
pub const DROPPED_HERE: &str = "drops the target";
pub const TO_TARGET: &str = "Show it among the targets";
pub const SHOW_ALL: &str = "Show all";

pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Scraped => "scraped",
        Kind::Dropped => "dropped",
        Kind::Other => "neither",
    }
}

/// `12 discovered · 10 scraped · 2 dropped`
pub fn pool(status: &PoolStatus) -> String {
    let PoolStatus { n_discovered, n_targets, n_dropped, n_left_out, n_invalid, .. } = status;
    let mut out = format!("{} discovered · {} scraped", grouped((*n_discovered).into()), grouped((*n_targets).into()));
    for (n, what) in [(n_dropped, "dropped"), (n_left_out, "without room"), (n_invalid, "that cannot be scraped")] {
        if *n > 0 {
            out.push_str(&format!(" · {} {what}", grouped((*n).into())));
        }
    }
    out
}

pub fn source(source: &DiscoveryStatus, last: Option<&str>, next: Option<&str>) -> String {
    let what = if source.what.is_empty() { source.kind.clone() } else { format!("{}: {}", source.kind, source.what) };
    let mut out = format!("{what}, {}", counted(source.n_targets.into(), "target", "targets"));
    for (name, time) in [("last asked", last), ("next", next)] {
        if let Some(time) = time {
            out.push_str(&format!(", {name} {time}"));
        }
    }
    out
}

/// What became of a target, in a word.
pub fn fate(fate: &Fate) -> String {
    match fate {
        Fate::Scraped(_) => "scraped".to_owned(),
        Fate::Dropped(rule_idx) => format!("dropped by rule {}", rule_idx + 1),
        Fate::Duplicate => "twice there".to_owned(),
        Fate::LeftOut => "no room".to_owned(),
        Fate::Invalid(_) => "cannot be scraped".to_owned(),
    }
}

/// Why a target is not scraped, in a sentence; nothing where a word says it.
pub fn why(fate: &Fate) -> String {
    match fate {
        Fate::Duplicate => {
            "Another target of this pool has the same labels and address; it is scraped once.".to_owned()
        }
        Fate::LeftOut => "The tab scrapes no more targets at once. Drop some with a rule, or add a filter.".to_owned(),
        Fate::Invalid(why) => why.clone(),
        Fate::Scraped(_) | Fate::Dropped(_) => String::new(),
    }
}

/// The summary of the steps of a target.
pub fn steps(n_steps: usize, n_changing: usize) -> String {
    format!("{}, {} of them changed it", counted(n_steps as u64, "rule", "rules"), grouped(n_changing as u64))
}

pub fn rule(number: u32) -> String {
    format!("Rule {}", number + 1)
}

/// What a rule did to a label, in a word.
pub fn change(old: Option<&str>, new: Option<&str>) -> &'static str {
    match (old, new) {
        (None, _) => "new",
        (_, None) => "removed",
        _ => "changed",
    }
}

pub fn cut(n_shown: usize, n_all: usize) -> String {
    format!("The first {} of {} are shown.", grouped(n_shown as u64), grouped(n_all as u64))
}

pub fn more(n_sent: usize, n_all: u32) -> String {
    format!("Only the first {} of {} targets are listed.", grouped(n_sent as u64), grouped(n_all.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_says_only_what_there_is() {
        let mut status = PoolStatus { n_discovered: 1_200, n_targets: 200, ..PoolStatus::default() };
        assert_eq!(pool(&status), "1,200 discovered · 200 scraped");
        (status.n_dropped, status.n_left_out) = (2, 998);
        assert_eq!(pool(&status), "1,200 discovered · 200 scraped · 2 dropped · 998 without room");
        assert_eq!(fate(&Fate::Dropped(1)), "dropped by rule 2");
    }
}
