//! What is not in the store although it was exposed, due or stored once: told by number, never silently.

use serde::{Deserialize, Serialize};

/// Samples that were exposed and not stored, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Older than the newest sample of the series.
    pub out_of_order: u64,
    /// Of the same time as the newest sample, with another value; or the series stands twice in one body.
    pub duplicate: u64,
    /// More than ten minutes ahead of the scrape.
    pub too_far_ahead: u64,
    /// Older than the store keeps samples.
    pub too_old: u64,
}

impl Dropped {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.out_of_order + self.duplicate + self.too_far_ahead + self.too_old
    }
}

/// All that was lost since the worker started; of targets that are gone, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses {
    /// Samples that were not stored.
    pub dropped: Dropped,
    /// Scrapes left out because the one before was still running.
    pub n_slow: u64,
    /// Scrapes that were due while the tab or the computer slept.
    pub n_slept: u64,
    /// The newest jumps of the clock, the newest last; at most [`Losses::MAX_JUMPS`].
    pub jumps: Vec<ClockJump>,
    /// Samples that went because the store had reached its bytes.
    pub evicted: Option<Evicted>,
}

impl Losses {
    /// So many jumps are told of: more are no news.
    pub const MAX_JUMPS: usize = 5;
}

/// Time that did not pass as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockJump {
    /// When it was noticed, by the clock as it is now, ms since the epoch.
    pub at_ms: i64,
    /// By how much.
    pub by_ms: i64,
    /// What it was.
    pub kind: JumpKind,
}

/// What happened to the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JumpKind {
    /// The clock of the computer was set back: new samples are older than stored ones until it has caught up.
    SetBack,
    /// The clock was set forward, or the computer slept; a page cannot tell these two apart.
    Forward,
    /// The tab was stopped: time went on, and nothing ran.
    Stopped,
}

/// The oldest samples were dropped to stay within the bytes of [`crate::WorkerSettings::max_bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evicted {
    /// How many, since the worker started.
    pub n_samples: u64,
    /// The oldest ones, up to about this time, in ms since the epoch.
    pub before_ms: i64,
    /// When it was done last.
    pub at_ms: i64,
    /// The bytes that the store may have had then.
    pub max_bytes: u64,
}
