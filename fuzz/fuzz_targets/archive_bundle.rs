//! Any bytes as a bundle; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/archive_bundle.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
