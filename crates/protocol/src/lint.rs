//! What the check of a body found: as a server reads it, and as the specification has it.

use crate::TargetId;
use serde::{Deserialize, Serialize};

/// The answer to [`crate::Request::Lint`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintReport {
    /// Of which target.
    pub id: TargetId,
    /// When the body was fetched, ms since the epoch; the page shows the body of this time.
    pub at_ms: i64,
    /// What the body was taken for: "OpenMetrics 1.0".
    pub format: String,
    /// How a Prometheus server reads it.
    pub server: ServerVerdict,
    /// Whether there are rules to check: there are none for protobuf.
    pub has_rules: bool,
    /// The rules that it breaks, in the order of their places.
    pub violations: Vec<LintViolation>,
    /// There may be more than are listed.
    pub is_capped: bool,
    /// Only so many bytes were checked, as the rest is not kept; `None`: all of it.
    pub checked_bytes: Option<u64>,
}

/// How a Prometheus server reads a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerVerdict {
    /// It takes it.
    Accepted {
        /// How many samples it has.
        n_samples: u64,
    },
    /// It drops all of it.
    Refused {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
        /// What is wrong there.
        message: String,
    },
}

/// A place where a body breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintViolation {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The rule's short name.
    pub rule: String,
    /// What the rule asks for.
    pub sentence: String,
    /// The section of the specification that has it.
    pub section: String,
    /// What is wrong with it here.
    pub detail: String,
    /// The specification forbids it; otherwise it is only advised against.
    pub is_error: bool,
}
