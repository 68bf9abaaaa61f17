//! The targets as they are kept between visits: an ordered list that several tabs may change, without secrets.
//!
//! Each change reads the list, changes one target of it and writes it back at once, so that two tabs
//! lose nothing of each other; the browser lets no other script of this origin in between.

use crate::browser::storage;
use protocol::{FIRST_CONFIGURED, TargetId, TargetSpec};
use serde::{Deserialize, Serialize};

/// The name it is stored under.
const NAME: &str = "promenade.targets";

/// Numbers from here on are for what is not stored: texts that were pasted or dropped.
pub const FIRST_UPLOAD: u32 = 1_000_000_000;

/// The relay of the page itself, which a first visit scrapes.
pub const OWN_RELAY: TargetId = TargetId(1);

/// Names of parameters whose values are secrets, in lower case.
const SECRET_PARAMETERS: [&str; 10] =
    ["token", "access_token", "auth", "auth_token", "api_key", "apikey", "key", "password", "secret", "sig"];

/// A target as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTarget {
    /// Its number.
    pub id: TargetId,
    /// What to scrape, and how.
    pub spec: TargetSpec,
}

/// The stored targets; `None` on a first visit.
#[must_use]
pub fn load() -> Option<Vec<StoredTarget>> {
    serde_json::from_str(&storage::get(NAME)?).ok()
}

/// Changes the stored list.
pub fn change(change: impl FnOnce(&mut Vec<StoredTarget>)) {
    let mut targets = load().unwrap_or_default();
    change(&mut targets);
    if let Ok(text) = serde_json::to_string(&targets) {
        storage::set(NAME, &text);
    }
}

/// Adds a target to a list or replaces the one of the same number; what may not be stored is left out.
pub fn put(targets: &mut Vec<StoredTarget>, id: TargetId, spec: &TargetSpec) {
    let (url, _) = without_secrets(&spec.url);
    let (access, _) = spec.access.without_secrets();
    let target = StoredTarget { id, spec: TargetSpec { url, access, ..spec.clone() } };
    match targets.iter_mut().find(|stored| stored.id == id) {
        Some(stored) => *stored = target,
        None => {
            // In the order of their numbers, so that one that comes back after "Undo" comes back to its place.
            let at = targets.iter().position(|stored| stored.id > id).unwrap_or(targets.len());
            targets.insert(at, target);
        }
    }
}

/// A number that no target has, here or in another tab.
#[must_use]
pub fn free_id(stored: &[StoredTarget], known: impl Iterator<Item = TargetId>) -> TargetId {
    let numbers = stored.iter().map(|target| target.id).chain(known).map(|id| id.0);
    TargetId(numbers.filter(|&id| id < FIRST_CONFIGURED).max().unwrap_or(0).max(OWN_RELAY.0) + 1)
}

/// An address as it may be stored, and whether something was left out: values of parameters whose names
/// say that they are secrets, and a user and password before the host.
#[must_use]
pub fn without_secrets(url: &str) -> (String, bool) {
    let (head, query) = url.split_once('?').map_or((url, None), |(head, query)| (head, Some(query)));
    let mut left_out = false;
    let mut out = String::with_capacity(url.len());
    let authority_at = head.find("://").map_or(0, |at| at + 3);
    let authority_end = head[authority_at..].find('/').map_or(head.len(), |at| authority_at + at);
    match head[authority_at..authority_end].rfind('@') {
        Some(at) => {
            left_out = true;
            out.push_str(&head[..authority_at]);
            out.push_str(&head[authority_at + at + 1..]);
        }
        None => out.push_str(head),
    }
    for (idx, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        out.push(if idx == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if is_secret(name) && !value.is_empty() => {
                left_out = true;
                out.push_str(name);
                out.push('=');
            }
            _ => out.push_str(pair),
        }
    }
    (out, left_out)
}

/// Whether a parameter of this name holds a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET_PARAMETERS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_and_nothing_else() {
        for (url, want) in [
            ("localhost:9100", None),
            ("http://h:1/federate?match[]=up&x", None),
            ("http://h/metrics?a=b@c", None),
            ("http://h/a@b", None),
            ("http://h/metrics?token=", None),
            ("http://me:pw@h:1/metrics", Some("http://h:1/metrics")),
            ("me:p@w@h:1", Some("h:1")),
            ("https://h/-/metrics?a=1&Token=abc&b", Some("https://h/-/metrics?a=1&Token=&b")),
            ("h?api-key=x", Some("h?api-key=")),
        ] {
            let (stored, left_out) = without_secrets(url);
            assert_eq!((stored.as_str(), left_out), (want.unwrap_or(url), want.is_some()), "{url}");
        }
    }

    #[test]
    fn credentials_are_kept_without_their_secrets() {
        let mut spec = TargetSpec::new("h:1");
        let password = protocol::Secret("hunter2".to_owned());
        spec.access.auth = protocol::Auth::Basic { username: "me".to_owned(), password };
        let mut list = Vec::new();
        put(&mut list, TargetId(2), &spec);
        let text = serde_json::to_string(&list).unwrap();
        assert!(text.contains("me") && !text.contains("hunter2"), "{text}");
        // What was stored before there were credentials is read as before.
        assert_eq!(serde_json::from_str::<Vec<StoredTarget>>(&text.replace("access", "other")).unwrap().len(), 1);
    }

    #[test]
    fn a_target_that_comes_back_comes_back_to_its_place() {
        let mut list = Vec::new();
        for id in [1, 2, 4] {
            put(&mut list, TargetId(id), &TargetSpec::new(format!("h:{id}")));
        }
        list.retain(|stored| stored.id != TargetId(2));
        put(&mut list, TargetId(2), &TargetSpec::new("h:2"));
        put(&mut list, TargetId(4), &TargetSpec::new("h:5"));
        let urls: Vec<(u32, &str)> = list.iter().map(|stored| (stored.id.0, stored.spec.url.as_str())).collect();
        assert_eq!(urls, [(1, "h:1"), (2, "h:2"), (4, "h:5")]);
    }

    #[test]
    fn a_free_number_is_free_in_all_tabs() {
        let stored = [StoredTarget { id: TargetId(3), spec: TargetSpec::new("h") }];
        assert_eq!(free_id(&stored, [TargetId(7), TargetId(FIRST_UPLOAD + 5)].into_iter()), TargetId(8));
        assert_eq!(free_id(&[], std::iter::empty()), TargetId(2));
    }
}
