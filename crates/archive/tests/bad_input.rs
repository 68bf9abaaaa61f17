//! Whatever the bytes are: imported or refused. The bodies are those of the fuzz targets.

use proptest::prelude::*;

#[path = "../../../fuzz/bodies/archive_bundle.rs"]
mod archive_bundle;
#[path = "../../../fuzz/bodies/archive_json.rs"]
mod archive_json;

const PIECES: [&str; 14] = [
    "{\"metric\":{\"__name__\":\"a\"},\"values\":[[1,\"2\"],[2,\"NaN\"]]}",
    "{\"metric\":{},\"value\":[1.5,\"1\"]}",
    "{\"metric\":{\"__name__\":\"h\"},\"histogram\":[1,{\"count\":\"3\",\"sum\":\"1\",\"buckets\":[[0,\"1\",\"2\",\"3\"]]}]}",
    "{\"metric\":{\"__name__\":\"h\"},\"histograms\":[[1e300,{\"count\":\"-3\",\"sum\":\"1\",\"buckets\":[[3,\"-Inf\",\"+Inf\",\"3\"]]}]]}",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"data\"",
    "\"result\"",
    "\"error\"",
    "1",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn json_of_any_pieces(first in any::<u8>(), pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12), end in any::<bool>()) {
        let mut bytes = vec![first];
        bytes.extend_from_slice(pieces.concat().as_bytes());
        if end {
            bytes.extend_from_slice(b"]}}");
        }
        archive_json::run(&bytes);
    }

    #[test]
    fn bundles_of_any_bytes(bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(3), any::<u8>()], 0..200)) {
        archive_bundle::run(&bytes);
    }
}
