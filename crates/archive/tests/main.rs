//! All tests of the crate's outside in one program.

mod bad_input;
mod bundle;
mod export;
mod import;
mod promtool;
mod shared;
