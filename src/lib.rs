//! The page: what is shown, and what the user asks for. It neither parses samples nor evaluates queries;
//! that is the worker's work, and [`client`] is the way to it.
//!
//! In reading order: [`app`] (layout and pages), [`state`] (the three homes of state), [`client`],
//! [`pages`], [`components`], [`browser`] (wrappers over web-sys).

pub mod app;
pub mod browser;
pub mod canvas;
pub mod client;
pub mod components;
pub mod live;
pub mod pages;
pub mod state;
mod texts;

pub use app::App;
