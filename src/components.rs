//! Parts of pages, one file each.

pub mod add_endpoint;
pub mod checked_field;
pub mod completion_list;
pub mod config_panel;
pub mod doctor;
pub mod export_dialog;
pub mod expression_input;
pub mod graph;
pub mod graph_options;
pub mod import_report;
pub mod legend;
pub mod menu;
pub mod metric_list;
pub mod notes;
pub mod page_link;
pub mod prose;
pub mod rows;
pub mod series_table;
pub mod show;
pub mod target_form;
pub mod time_range;
