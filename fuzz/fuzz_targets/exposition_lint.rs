//! Any bytes as text to lint: nothing panics, and places lie in the text.
#![no_main]

use exposition::{Format, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let n_lines = body.split(|b| *b == b'\n').count();
    for format in [Format::PrometheusText, Format::OpenMetrics] {
        let found = lint(body, format);
        assert!(found.iter().all(|v| (1..=n_lines).contains(&v.line) && v.column >= 1));
        assert!(found.windows(2).all(|pair| (pair[0].line, pair[0].column) <= (pair[1].line, pair[1].column)));
    }
});
