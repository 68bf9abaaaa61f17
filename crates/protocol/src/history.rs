//! The last scrapes of a target, as the targets page shows them.

use crate::TargetId;
use crate::target::Via;
use serde::{Deserialize, Serialize};

/// The answer to [`crate::Request::History`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetHistory {
    /// Of which target.
    pub id: TargetId,
    /// The last scrapes, the oldest first.
    pub scrapes: Vec<ScrapeRecord>,
    /// At most so many are kept.
    pub max_scrapes: u32,
    /// What went wrong since the target was added, the newest last.
    pub errors: Vec<ScrapeErrors>,
}

/// One scrape, good or bad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScrapeRecord {
    /// When it began, ms since the epoch: the time of its samples.
    pub at_ms: i64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Samples in its body; of a bad one those before the bad line.
    pub n_samples: u32,
    /// Series that the last good scrape before it did not have.
    pub n_series_added: u32,
    /// Bytes of its body, decoded; 0 where nothing answered.
    pub body_bytes: u64,
    /// The way it took.
    pub via: Via,
    /// It failed; why stands in [`TargetHistory::errors`].
    pub is_failed: bool,
}

/// A failure that happened once or again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrapeErrors {
    /// What happened.
    pub message: String,
    /// How often.
    pub count: u64,
    /// First, ms since the epoch.
    pub first_ms: i64,
    /// Last.
    pub last_ms: i64,
}
