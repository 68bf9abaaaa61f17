//! Targets as the page configures and shows them.

use crate::TargetId;
use crate::access::Access;
use crate::event::Problem;
use crate::losses::Dropped;
use serde::{Deserialize, Serialize};

/// What the user wants scraped. Also the form in which the page remembers targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetSpec {
    /// What the user typed: `http://host:port/path`, `host:port`, `:9323`. The worker normalises it.
    pub url: String,
    /// The `job` label; chosen by the worker where empty.
    #[serde(default)]
    pub job: String,
    /// More labels for every series of this target.
    #[serde(default)]
    pub labels: Vec<(String, String)>,
    /// Time between scrapes, in milliseconds.
    pub interval_ms: u32,
    /// How long a scrape may take, in milliseconds; never longer than the interval.
    pub timeout_ms: u32,
    /// Keep `job` and `instance` of the exposed text rather than renaming them to `exported_…`.
    #[serde(default)]
    pub honor_labels: bool,
    /// Store samples at the time the text gives, if it gives one.
    #[serde(default = "yes")]
    pub honor_timestamps: bool,
    /// Write staleness markers also for series with explicit timestamps.
    #[serde(default)]
    pub track_timestamps_staleness: bool,
    /// Ask for protobuf first, the only format that brings native histograms. Where a histogram is native, its classic
    /// buckets are left out, as in Prometheus.
    #[serde(default)]
    pub native_histograms: bool,
    /// Not scraped until resumed.
    #[serde(default)]
    pub paused: bool,
    /// Credentials and headers that go with each scrape. Without its secrets where it is stored; empty in what is told of
    /// a target of a configuration.
    #[serde(default, skip_serializing_if = "Access::is_none")]
    pub access: Access,
}

fn yes() -> bool {
    true
}

impl TargetSpec {
    /// A target with the default settings: every 5 seconds.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        TargetSpec {
            url: url.into(),
            job: String::new(),
            labels: Vec::new(),
            interval_ms: 5_000,
            timeout_ms: 5_000,
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            native_histograms: false,
            paused: false,
            access: Access::default(),
        }
    }
}

/// Whether the last scrape worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// Not scraped yet.
    #[default]
    Unknown,
    /// The last scrape worked: `up` is 1.
    Up,
    /// The last scrape failed: `up` is 0.
    Down,
}

/// The way a scrape took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    /// The browser fetched the target itself.
    Direct,
    /// Through the relay, because the browser may not read the target.
    Relay,
    /// Pasted or dropped: one snapshot, nothing to scrape.
    Pasted,
}

/// Everything the targets page shows of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// Which one.
    pub id: TargetId,
    /// The pool it belongs to: the `job_name` of its scrape configuration; of a target that was added by hand its job,
    /// chosen by the worker where the user gave none.
    pub pool: String,
    /// It comes from the loaded configuration: it changes and goes with that, and is neither edited nor removed alone.
    pub is_configured: bool,
    /// What was asked for.
    pub spec: TargetSpec,
    /// The URL that is scraped now: normalised, or the well-known path that was found. For a
    /// snapshot the name of the file, or empty.
    pub url: String,
    /// All labels every series of it gets, `job` and `instance` first.
    pub labels: Vec<(String, String)>,
    /// How the last scrape went.
    pub health: Health,
    /// The way the last scrape took.
    pub via: Option<Via>,
    /// When the last scrape began, ms since the epoch.
    pub last_scrape_ms: Option<i64>,
    /// When the next one is due.
    pub next_scrape_ms: Option<i64>,
    /// How long the last scrape took.
    pub duration_ms: Option<f64>,
    /// Samples in the last good scrape.
    pub n_samples: u32,
    /// Series that were new in the last good scrape.
    pub n_series_added: u32,
    /// Bytes of the last body, decoded.
    pub body_bytes: u64,
    /// Scrapes finished since the target was added.
    pub n_scrapes: u64,
    /// Ticks left out because the scrape before was still running.
    pub n_slow: u64,
    /// Ticks that passed while the tab or the computer slept.
    pub n_slept: u64,
    /// Samples of the last scrape that were not stored.
    pub dropped_last: Dropped,
    /// Samples that were not stored since the target was added.
    pub dropped: Dropped,
    /// When the body that is marked for comparisons was fetched, ms since the epoch.
    #[serde(default)]
    pub marked_ms: Option<i64>,
    /// A scrape is under way.
    pub scraping: bool,
    /// Why the last scrape failed.
    pub problem: Option<Problem>,
    /// Worth knowing, nothing to do: "fetched through the relay because …", "metrics were found at …".
    pub notices: Vec<String>,
}
