//! What a server scrapes, and what it found but does not scrape.

use super::common::{count, float, or_default, time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The targets of a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Targets {
    /// Those that are scraped.
    #[serde(rename = "activeTargets", deserialize_with = "or_default")]
    pub active: Vec<ActiveTarget>,
    /// Those that relabelling dropped.
    #[serde(rename = "droppedTargets", deserialize_with = "or_default")]
    pub dropped: Vec<DroppedTarget>,
    /// How many were dropped, by scrape pool; they need not all be listed.
    #[serde(rename = "droppedTargetCounts", deserialize_with = "or_default")]
    pub n_dropped_by_pool: BTreeMap<String, u64>,
}

/// A target that is scraped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ActiveTarget {
    /// Labels before relabelling.
    #[serde(deserialize_with = "or_default")]
    pub discovered_labels: BTreeMap<String, String>,
    /// Labels that its series get.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// The scrape configuration it belongs to.
    #[serde(deserialize_with = "or_default")]
    pub scrape_pool: String,
    /// What is fetched, as the server writes it; it may be reachable from there only.
    #[serde(deserialize_with = "or_default")]
    pub scrape_url: String,
    /// The same as seen from outside.
    #[serde(deserialize_with = "or_default")]
    pub global_url: String,
    /// Why the last scrape failed, empty if it did not.
    #[serde(deserialize_with = "or_default")]
    pub last_error: String,
    /// When it was scraped last.
    #[serde(rename = "lastScrape", with = "time")]
    pub last_scrape_ms: Option<i64>,
    /// How long that took, seconds.
    #[serde(rename = "lastScrapeDuration", with = "float")]
    pub last_scrape_duration_secs: f64,
    /// Samples of the last scrape (VictoriaMetrics).
    #[serde(rename = "lastSamplesScraped", deserialize_with = "count")]
    pub n_last_samples: u64,
    /// How it is.
    pub health: TargetHealth,
    /// How often it is scraped: `15s`.
    #[serde(deserialize_with = "or_default")]
    pub scrape_interval: String,
    /// After how long a scrape is given up: `10s`.
    #[serde(deserialize_with = "or_default")]
    pub scrape_timeout: String,
}

/// How a target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetHealth {
    /// The last scrape went well.
    Up,
    /// The last scrape failed.
    Down,
    /// It was not scraped yet.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A target that is not scraped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DroppedTarget {
    /// Its labels before relabelling.
    #[serde(deserialize_with = "or_default")]
    pub discovered_labels: BTreeMap<String, String>,
    /// The scrape configuration it belongs to (Prometheus 3).
    #[serde(deserialize_with = "or_default")]
    pub scrape_pool: String,
}
