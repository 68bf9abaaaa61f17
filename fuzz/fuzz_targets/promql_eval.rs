//! Any text as a query over a small store; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

#[path = "../bodies/promql_eval.rs"]
mod body;

static HEAD: LazyLock<tsdb::Head> = LazyLock::new(body::head);

fuzz_target!(|query: &str| body::run(&HEAD, query));
