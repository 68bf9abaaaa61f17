//! Tests at the boundary of the crate.

/// Recorded answers of a Prometheus.
mod recorded;
/// Everything the API has, asked of real servers.
mod servers;
/// The reader against serde and a naive conversion, over generated answers in any pieces.
mod twin;
