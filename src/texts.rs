//! All texts of the page in one place, ready for translation: a constant for a fixed text, a function for
//! one that holds numbers or names. Components never hold a sentence of their own.

pub mod adding;
pub mod check;
pub mod config;
pub mod discovery;
pub mod doctor;
pub mod explore;
pub mod family;
pub mod files;
pub mod graph;
pub mod graph_options;
pub mod hands;
pub mod legend;
pub mod losses;
pub mod marks;
pub mod metrics;
pub mod scrapes;
pub mod shell;
pub mod sources;
pub mod status;
pub mod storage;
pub mod targets;
pub mod units;
