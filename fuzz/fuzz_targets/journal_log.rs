//! Any bytes as a log; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/journal_log.rs"]
mod body;
#[path = "../bodies/journal_files.rs"]
mod files;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
