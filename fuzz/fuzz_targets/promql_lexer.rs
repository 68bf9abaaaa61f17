//! Any text as tokens; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/promql_lexer.rs"]
mod body;

fuzz_target!(|src: &str| body::run(src));
