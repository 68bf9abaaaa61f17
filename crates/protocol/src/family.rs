//! All that is known of a metric family besides its samples: exemplars, and since when it counts.

use serde::{Deserialize, Serialize};

type Pairs = Vec<(String, String)>;

/// The answer to [`crate::Request::Family`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyDetails {
    /// Of which family.
    pub name: String,
    /// The newest exemplars, the newest first; at most a hundred.
    pub exemplars: Vec<FamilyExemplar>,
    /// How many exemplars are kept.
    pub n_exemplars: u32,
    /// Since when its series count; none if no exporter says so.
    pub starts: Option<Starts>,
}

/// An exemplar and the series it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyExemplar {
    /// The series.
    pub series: Pairs,
    /// Its own labels, such as `trace_id`.
    pub labels: Pairs,
    /// The observed value as it is shown: JSON has no NaN.
    pub value: String,
    /// When it was observed, if the exporter says so; ms since the epoch.
    pub t_ms: Option<i64>,
}

/// Since when series count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starts {
    /// Series that say so.
    pub n_series: u32,
    /// The first of all, ms since the epoch.
    pub oldest_ms: i64,
    /// The last of all: the last reset that is known.
    pub newest_ms: i64,
    /// Single series, the newest start first; at most a hundred.
    pub series: Vec<FamilyStart>,
}

/// Since when a series counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyStart {
    /// The series.
    pub series: Pairs,
    /// ms since the epoch.
    pub start_ms: i64,
}
