//! Any text as a configuration; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/config.rs"]
mod body;

fuzz_target!(|text: &str| body::run(text));
