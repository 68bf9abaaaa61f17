//! expression_input

pub mod segments;
