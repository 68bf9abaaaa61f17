//! series_table

pub mod rows;
