//! Any bytes as the classic text format: nothing panics, and what is read lies inside the text.
#![no_main]

use exposition::{Entry, Format, Parser};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let mut parser = Parser::new(body, Format::PrometheusText);
    let mut end_of_last = 0;
    loop {
        match parser.next_entry() {
            Ok(Some(Entry::Series(series))) => {
                let at = series.key.as_ptr() as usize - body.as_ptr() as usize;
                assert!(at >= end_of_last, "entries come in order");
                end_of_last = at + series.key.len();
                if let Ok(labels) = parser.labels() {
                    assert!(labels.metric_name().is_some_and(|name| !name.is_empty()) || series.key.starts_with(b"{"));
                }
                assert_eq!(series.has_exemplar, parser.exemplar().is_some());
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                let n_lines = body.split(|b| *b == b'\n').count();
                assert!(error.line >= 1 && error.line <= n_lines && error.column >= 1, "{error}");
                break;
            }
        }
    }
    assert!(matches!(parser.next_entry(), Ok(None)), "the end is the end");
});
