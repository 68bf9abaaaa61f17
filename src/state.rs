//! The three homes of state: the address ([`url`], and its panels in [`explore`]), what the worker said
//! ([`session`]), what the user prefers ([`settings`]). Everything else on the page is derived from them.

pub mod additions;
pub mod config;
pub mod diagnoses;
pub mod explore;
pub mod exports;
pub mod imports;
pub mod notes;
pub mod page_file;
pub mod session;
pub mod settings;
pub mod sources;
pub mod url;
