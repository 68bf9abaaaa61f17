//! The sources as they are kept between visits: the list without secrets on this device, secrets for this tab or, if the user
//! wants that, on this device, too. Nowhere else are they written.

use crate::browser::storage::{self, Kept};
use protocol::{Access, SourceId, SourceSpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the list.
const NAME: &str = "promenade.sources";

/// The name of the secrets.
const SECRETS: &str = "promenade.source-secrets";

/// A source as the page has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSource {
    /// Its number.
    pub id: SourceId,
    /// Where it is, and how it wants to be asked.
    pub spec: SourceSpec,
    /// Its secrets stay on this device; else they go with this tab.
    #[serde(default)]
    pub keeps_secrets: bool,
    /// It had secrets that are no longer there: it has to be told them again.
    #[serde(default, skip_serializing)]
    pub lacks_secrets: bool,
}

/// All sources with the secrets that are still there.
#[must_use]
pub fn load() -> Vec<StoredSource> {
    let list: Vec<StoredSource> = read(storage::get(NAME)).unwrap_or_default();
    let secrets = [Kept::OnDevice, Kept::ForTab].map(secrets);
    let with_secrets = |mut source: StoredSource| {
        let found = secrets.iter().find_map(|secrets| secrets.get(&source.id.0));
        match found {
            Some(access) if access.without_secrets().0 == source.spec.access.without_secrets().0 => {
                source.spec.access = access.clone();
            }
            _ => source.lacks_secrets = !source.spec.access.is_none(),
        }
        source
    };
    list.into_iter().map(with_secrets).collect()
}

/// Stores one source, or that it is gone, and nothing of the others: several tabs may change the list.
pub fn store(id: SourceId, source: Option<&StoredSource>) {
    let mut list: Vec<StoredSource> = read(storage::get(NAME)).unwrap_or_default();
    list.retain(|stored| stored.id != id);
    if let Some(source) = source {
        let (access, _) = source.spec.access.without_secrets();
        let bare = StoredSource { spec: SourceSpec { access, ..source.spec.clone() }, ..source.clone() };
        let at = list.iter().position(|stored| stored.id > id).unwrap_or(list.len());
        list.insert(at, bare);
    }
    if let Ok(text) = serde_json::to_string(&list) {
        storage::set(NAME, &text);
    }
    for kept in [Kept::OnDevice, Kept::ForTab] {
        let mut all = secrets(kept);
        let before = all.clone();
        all.remove(&id.0);
        let source = source.filter(|source| source.keeps_secrets == (kept == Kept::OnDevice));
        if let Some(source) = source.filter(|source| source.spec.access.without_secrets().1) {
            all.insert(id.0, source.spec.access.clone());
        }
        if all != before
            && let Ok(text) = serde_json::to_string(&all)
        {
            storage::set_in(kept, SECRETS, &text);
        }
    }
}

fn secrets(kept: Kept) -> BTreeMap<u32, Access> {
    read(storage::get_in(kept, SECRETS)).unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(text: Option<String>) -> Option<T> {
    serde_json::from_str(&text?).ok()
}
