//! Any text as an expression; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/promql_parser.rs"]
mod body;

fuzz_target!(|src: &str| body::run(src));
