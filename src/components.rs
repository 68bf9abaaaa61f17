//! Parts of pages, one file each.

pub mod completion_list;
pub mod expression_input;
pub mod legend;
pub mod series_table;
pub mod time_range;
