//! Generated data and generated queries, answered twice: by the engine and by something else that should agree.
//!
//! The something else is either [`naive`], our own evaluator without any cleverness (equal to the bit, in the test run),
//! or a real Prometheus (`cargo xtask differential`). [`data`] makes the series, [`queries`] the queries, [`compare`]
//! says what differs, [`rules`] and [`explain`] whether the version of that Prometheus is why.
#![forbid(unsafe_code)]

pub mod compare;
pub mod data;
pub mod duel;
pub mod explain;
pub mod naive;
pub mod queries;
mod rng;
pub mod rules;

pub use rng::Rng;
