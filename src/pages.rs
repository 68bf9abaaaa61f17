//! The pages, one file each.

pub mod discovery;
pub mod metrics;
pub mod query;
pub mod sources;
pub mod status;
pub mod targets;
