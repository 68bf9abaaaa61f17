//! The three homes of state: the address ([`url`]), what the worker said ([`session`]), what the user
//! prefers ([`settings`]). Everything else on the page is derived from them.

pub mod additions;
pub mod session;
pub mod settings;
pub mod url;
