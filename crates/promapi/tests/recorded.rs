//! Answers that Prometheus 2.42 gave to the queries of the compliance suite.

use crate::twin::{naive, read, samples};
use model::{StepGrid, Timestamp};
use promapi::{ApiError, Shape};
use serde_json::Value;
use std::path::Path;

#[test]
fn recorded_answers_are_read_to_the_bit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/promql/compliance/expected.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let (mut n_good, mut n_refused) = (0, 0);
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let ms = |field: &str| (line[field].as_f64().unwrap() * 1_000.0).round() as i64;
        let grid = StepGrid::new(Timestamp(ms("start")), Timestamp(ms("end")), model::Millis(ms("step")));
        let body = serde_json::to_vec(&line["response"]).unwrap();
        for lengths in [[usize::MAX], [1], [97]] {
            match read(&body, Shape::Range(grid), &lengths) {
                Ok(answer) => {
                    assert_eq!(answer.n_left_out, 0, "{}", line["query"]);
                    assert_eq!(samples(answer), naive(&body), "{}", line["query"]);
                    n_good += 1;
                }
                Err(ApiError::Refused { message, .. }) => {
                    assert_eq!(message, line["response"]["error"].as_str().unwrap());
                    n_refused += 1;
                }
                Err(error) => panic!("{}: {error}", line["query"]),
            }
        }
    }
    assert!(n_good > 900 && n_refused > 0, "{n_good} answers, {n_refused} errors");
}
