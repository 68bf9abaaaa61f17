//! Any bytes as an answer to a query; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/promapi_reader.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
