//! legend

pub mod visibility;
