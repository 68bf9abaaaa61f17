//! Tests at the boundary of the crate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Plans against the engine.
mod planned;
/// Recorded answers of a Prometheus.
mod recorded;
/// Everything the API has, asked of real servers.
mod servers;
/// The reader against serde and a naive conversion, over generated answers in any pieces.
mod twin;
