//! completion_list

pub mod rank;
