//! What a server says of itself: build, run time, store, command line.

use super::common::{count, or_default, time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a server was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BuildInfo {
    /// `2.42.0`.
    #[serde(deserialize_with = "or_default")]
    pub version: String,
    /// The commit.
    #[serde(deserialize_with = "or_default")]
    pub revision: String,
    /// The branch.
    #[serde(deserialize_with = "or_default")]
    pub branch: String,
    /// When, as the server writes it.
    #[serde(deserialize_with = "or_default")]
    pub build_date: String,
    /// The version of Go.
    #[serde(deserialize_with = "or_default")]
    pub go_version: String,
    /// What it is, where it is not Prometheus: `Grafana Mimir`.
    #[serde(deserialize_with = "or_default")]
    pub application: String,
}

/// How a server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuntimeInfo {
    /// Since when it runs.
    #[serde(rename = "startTime", with = "time")]
    pub start_time_ms: Option<i64>,
    /// Its clock (Prometheus 3).
    #[serde(rename = "serverTime", with = "time")]
    pub server_time_ms: Option<i64>,
    /// Whether the configuration was read the last time.
    #[serde(rename = "reloadConfigSuccess", deserialize_with = "or_default")]
    pub is_config_good: bool,
    /// When that was.
    #[serde(rename = "lastConfigTime", with = "time")]
    pub last_config_time_ms: Option<i64>,
    /// How often the write-ahead log was damaged.
    #[serde(rename = "corruptionCount", deserialize_with = "count")]
    pub n_corruptions: u64,
    /// Goroutines.
    #[serde(rename = "goroutineCount", deserialize_with = "count")]
    pub n_goroutines: u64,
    /// How long samples are kept: `15d`.
    #[serde(rename = "storageRetention", deserialize_with = "or_default")]
    pub storage_retention: String,
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TsdbStatus {
    /// Its newest part (Prometheus).
    #[serde(deserialize_with = "or_default")]
    pub head_stats: Option<HeadStats>,
    /// All series (VictoriaMetrics).
    #[serde(deserialize_with = "count")]
    pub total_series: u64,
    /// Series by metric, most first.
    #[serde(deserialize_with = "or_default")]
    pub series_count_by_metric_name: Vec<NameCount>,
    /// Values by label, most first.
    #[serde(deserialize_with = "or_default")]
    pub label_value_count_by_label_name: Vec<NameCount>,
    /// Bytes by label, most first (Prometheus).
    #[serde(deserialize_with = "or_default")]
    pub memory_in_bytes_by_label_name: Vec<NameCount>,
    /// Series by `label=value`, most first.
    #[serde(deserialize_with = "or_default")]
    pub series_count_by_label_value_pair: Vec<NameCount>,
    /// Series by label, most first (VictoriaMetrics).
    #[serde(deserialize_with = "or_default")]
    pub series_count_by_label_name: Vec<NameCount>,
}

/// The newest part of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeadStats {
    /// Series.
    #[serde(rename = "numSeries", deserialize_with = "count")]
    pub n_series: u64,
    /// Pairs of labels and values.
    #[serde(rename = "numLabelPairs", deserialize_with = "count")]
    pub n_label_pairs: u64,
    /// Chunks.
    #[serde(rename = "chunkCount", deserialize_with = "count")]
    pub n_chunks: u64,
    /// The oldest sample, ms since the epoch; the greatest number where there is none.
    #[serde(rename = "minTime", deserialize_with = "or_default")]
    pub min_time_ms: i64,
    /// The newest sample, ms since the epoch; the least number where there is none.
    #[serde(rename = "maxTime", deserialize_with = "or_default")]
    pub max_time_ms: i64,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NameCount {
    /// The name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// How many.
    #[serde(rename = "value", alias = "count", deserialize_with = "count")]
    pub n: u64,
}

/// The command line, by flag without dashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(pub BTreeMap<String, String>);
