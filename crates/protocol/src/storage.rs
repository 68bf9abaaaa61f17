//! Where samples are kept on this device, by which tab, and how that goes.

use serde::{Deserialize, Serialize};

/// Everything that the page shows of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageStatus {
    /// What this tab does with the store.
    pub role: StorageRole,
    /// Where it is.
    pub place: StoragePlace,
    /// Why it is only in memory, in the browser's words; else empty.
    pub why: String,
    /// The browser lets tabs agree on who writes.
    pub has_locks: bool,
    /// Bytes of the store's files.
    pub n_bytes: u64,
    /// How many files of the log there are.
    pub n_logs: u32,
    /// How many blocks.
    pub n_blocks: u32,
    /// Bytes that everything of this origin takes, as the browser counts.
    pub usage: Option<u64>,
    /// Bytes that it may take.
    pub quota: Option<u64>,
    /// The browser does not clear it by itself where room gets scarce.
    pub is_persisted: Option<bool>,
    /// What was found at the start.
    pub restored: Option<Restored>,
    /// What was deleted last to stay below the quota.
    pub freed: Option<Freed>,
    /// Bytes of the last write that worked, and how long it took, in milliseconds.
    pub written: Option<(u64, f64)>,
    /// Why nothing can be written now.
    pub trouble: Option<StorageTrouble>,
}

/// What a tab does with the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageRole {
    /// It looks for the store, and who has it.
    #[default]
    Starting,
    /// It reads what was stored.
    Restoring {
        /// Bytes that were read.
        n_done: u64,
        /// Bytes of all files.
        n_bytes: u64,
    },
    /// It scrapes and writes.
    Owner,
    /// Another tab does; this one reads along.
    Reader {
        /// Whether that tab answers.
        is_answered: bool,
    },
}

/// Where the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoragePlace {
    /// In this tab's memory alone.
    #[default]
    Memory,
    /// In the private files of the origin.
    PrivateFiles,
    /// In IndexedDB.
    IndexedDb,
}

/// What was found at the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    /// Series.
    pub n_series: u64,
    /// Samples.
    pub n_samples: u64,
    /// Bytes of the files.
    pub n_bytes: u64,
    /// How long it took.
    pub took_ms: f64,
    /// Bytes at the end of the log that were not whole: a write was under way when the browser ended.
    pub n_cut_bytes: u64,
    /// Files that could not be used, each with the reason.
    pub damaged: Vec<String>,
}

/// What was deleted to stay below the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freed {
    /// Bytes that went.
    pub n_bytes: u64,
    /// When, ms since the epoch.
    pub at_ms: i64,
}

/// Why nothing can be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageTrouble {
    /// What is the matter.
    pub kind: TroubleKind,
    /// What the browser said.
    pub detail: String,
    /// Since when, ms since the epoch.
    pub since_ms: i64,
}

/// What is the matter with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TroubleKind {
    /// There is no room.
    Full,
    /// A write failed.
    Failed,
    /// What is there was written by a newer Promenade: it is left as it is.
    Newer,
}
