//! Rules of a server and the alerts that come of them.

use super::common::{float, or_default, time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All rules, by group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// The groups, in the order of the server.
    #[serde(deserialize_with = "or_default")]
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleGroup {
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The file in which it stands; a namespace elsewhere.
    #[serde(deserialize_with = "or_default")]
    pub file: String,
    /// Every so many seconds it is evaluated.
    #[serde(rename = "interval", with = "float")]
    pub interval_secs: f64,
    /// Its rules in their order.
    #[serde(deserialize_with = "or_default")]
    pub rules: Vec<Rule>,
    /// How long the last evaluation took, seconds.
    #[serde(rename = "evaluationTime", with = "float")]
    pub evaluation_secs: f64,
    /// When it was evaluated last.
    #[serde(rename = "lastEvaluation", with = "time")]
    pub last_evaluation_ms: Option<i64>,
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// What it makes.
    #[serde(rename = "type")]
    pub kind: RuleKind,
    /// The alert, or the series it records.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its expression.
    #[serde(deserialize_with = "or_default")]
    pub query: String,
    /// For so many seconds it has to hold before an alert fires.
    #[serde(rename = "duration", with = "float")]
    pub for_secs: f64,
    /// For so many seconds an alert fires on.
    #[serde(rename = "keepFiringFor", with = "float")]
    pub keep_firing_for_secs: f64,
    /// Labels that it adds.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of its alerts, before their templates are filled in.
    #[serde(deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
    /// Its alerts that are pending or firing.
    #[serde(deserialize_with = "or_default")]
    pub alerts: Vec<Alert>,
    /// `ok`, `err` or `unknown`.
    #[serde(deserialize_with = "or_default")]
    pub health: String,
    /// Why the last evaluation failed, empty if it did not.
    #[serde(rename = "lastError", deserialize_with = "or_default")]
    pub last_error: String,
    /// The worst state of its alerts.
    pub state: AlertState,
    /// How long the last evaluation took, seconds.
    #[serde(rename = "evaluationTime", with = "float")]
    pub evaluation_secs: f64,
    /// When it was evaluated last.
    #[serde(rename = "lastEvaluation", with = "time")]
    pub last_evaluation_ms: Option<i64>,
}

/// What a rule makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// Alerts.
    #[default]
    Alerting,
    /// Series.
    Recording,
    /// Something else.
    #[serde(other)]
    Unknown,
}

/// The answer of `alerts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alerts {
    /// Alerts that are pending or firing.
    #[serde(deserialize_with = "or_default")]
    pub alerts: Vec<Alert>,
}

/// An alert.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alert {
    /// Its labels, `alertname` among them.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// Its annotations, filled in.
    #[serde(deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
    /// Whether it fires.
    pub state: AlertState,
    /// Since when its expression holds.
    #[serde(rename = "activeAt", with = "time")]
    pub active_at_ms: Option<i64>,
    /// The value of its expression.
    #[serde(with = "float")]
    pub value: f64,
}

/// The state of an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// It fires.
    Firing,
    /// Its expression holds, but not for long enough.
    Pending,
    /// All is well.
    Inactive,
    /// Nothing was evaluated yet, or it is a state that is not known.
    #[default]
    #[serde(other)]
    Unknown,
}
