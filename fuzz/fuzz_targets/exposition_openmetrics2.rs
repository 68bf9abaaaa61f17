//! Any bytes as OpenMetrics 2.0: nothing panics, the end is the end, and histograms that come out can be stored.
#![no_main]

use exposition::{Format, ProtobufEntry, RichParser};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Some(mut parser) = RichParser::new(body, Format::OpenMetrics2) else { return };
    loop {
        match parser.next_entry() {
            Ok(Some(ProtobufEntry::Metadata(_))) => {}
            Ok(Some(entry)) => {
                if let ProtobufEntry::Histogram(histogram) = entry {
                    assert_eq!(histogram.validate(), Ok(()));
                }
                if let Ok(labels) = parser.labels() {
                    assert!(labels.metric_name().is_some_and(|name| !name.is_empty()));
                }
                assert!(parser.exemplars().len() <= body.len());
            }
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
