//! time_range

pub mod ladder;
