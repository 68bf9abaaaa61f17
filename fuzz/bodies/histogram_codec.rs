//! Any bytes as histograms, each against the one before: what comes out is stored, and comes out the same again.

use model::Histogram;
use tsdb::bytes::Reader;
use tsdb::{decode_histogram, encode_histogram};

/// The body of the fuzz target; a test runs it on written histograms that were changed.
pub fn run(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    let mut before: Option<Histogram> = None;
    while let Some(h) = decode_histogram(&mut reader, before.as_ref()) {
        assert!(h.positive.is_sorted_by(|a, b| a.idx < b.idx) && h.negative.is_sorted_by(|a, b| a.idx < b.idx));
        let mut again = Vec::new();
        encode_histogram(&h, before.as_ref(), &mut again);
        let same = decode_histogram(&mut Reader::new(&again), before.as_ref()).expect("what was written");
        assert!(same.equals(&h) && same.counter_reset_hint == h.counter_reset_hint);
        assert_eq!((same.positive.len(), same.negative.len()), (h.positive.len(), h.negative.len()));
        before = Some(h);
    }
}
