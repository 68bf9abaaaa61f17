//! Any bytes as packed samples; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/tsdb_chunk.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
