//! Any pattern against any value; see the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/regex_matcher.rs"]
mod body;

fuzz_target!(|texts: (&str, &str)| body::run(texts.0, texts.1));
