//! Any bytes as histograms; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/histogram_codec.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
