//! The naive twin of the reader: serde's tree of the whole body, then one value after the other.

use model::{Labels, Millis, STALE_NAN, StepGrid, Timestamp};
use promapi::{Answer, AnswerReader, ApiError, Data, HttpHead, ReadLimits, Shape};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

#[path = "../../../fuzz/bodies/promapi_reader.rs"]
mod fuzz_body;

/// Reads a body in pieces of these lengths, by turns.
pub fn read(body: &[u8], shape: Shape, lengths: &[usize]) -> Result<Answer, ApiError> {
    let mut reader = AnswerReader::new(shape, HttpHead::ok(), ReadLimits::default());
    let (mut rest, mut turn) = (body, lengths.iter().cycle());
    while !rest.is_empty() {
        let (piece, more) = rest.split_at((*turn.next().unwrap()).clamp(1, rest.len()));
        reader.feed(piece)?;
        rest = more;
    }
    reader.finish()
}

/// Series with times in ms and the bits of values.
type Samples = BTreeMap<Labels, Vec<(i64, u64)>>;

/// All samples of a body, whatever its shape, read the slow way.
pub fn naive(body: &[u8]) -> Samples {
    let root: Value = serde_json::from_slice(body).unwrap();
    let mut all = Samples::new();
    for element in root["data"]["result"].as_array().unwrap() {
        let pairs =
            element["metric"].as_object().unwrap().iter().map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned()));
        let points = element.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
        let points = points.iter().chain(element.get("value"));
        let samples = points.map(|point| {
            let t = (point[0].as_f64().unwrap() * 1_000.0).round() as i64;
            (t, model::number::parse(point[1].as_str().unwrap()).unwrap().to_bits())
        });
        all.insert(Labels::from_pairs(pairs), samples.collect());
    }
    all
}

/// All samples of an answer.
pub fn samples(answer: Answer) -> Samples {
    match answer.data {
        Data::Matrix(matrix) => {
            let times: Vec<i64> = matrix.grid.times().map(|t| t.0).collect();
            let series = matrix.series.into_iter().map(|series| {
                assert_eq!(series.values.len(), times.len(), "a column has a value for each step");
                let pairs = times.iter().zip(&series.values).filter(|(_, v)| v.to_bits() != STALE_NAN.to_bits());
                (series.labels.clone(), pairs.map(|(t, v)| (*t, v.to_bits())).collect())
            });
            series.collect()
        }
        Data::Samples(series) => {
            let samples = |ts: Vec<i64>, vs: Vec<f64>| ts.into_iter().zip(vs.into_iter().map(f64::to_bits)).collect();
            series.into_iter().map(|series| (series.labels, samples(series.ts, series.vs))).collect()
        }
        Data::Vector(vector) => {
            let value = |point| match point {
                model::Point::Float(v) => v.to_bits(),
                model::Point::Histogram(_) => unreachable!("there are none"),
            };
            vector.into_iter().map(|(labels, t, point)| (labels, vec![(t.0, value(point))])).collect()
        }
        other => panic!("{other:?} has no series"),
    }
}

/// A value as servers write it.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<i16>().prop_map(|v| v.to_string()),
        3 => any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(model::number::format),
        3 => (0.0..1e6).prop_map(|v: f64| v.to_string()),
        1 => any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(|v| format!("{v:e}")),
        1 => "-?[0-9]{1,25}\\.[0-9]{1,25}",
        1 => prop_oneof![Just("NaN".to_owned()), Just("+Inf".to_owned()), Just("-Inf".to_owned()), Just("-0".to_owned())],
    ]
}

/// Labels, and for each step a value or none.
type GeneratedSeries = (BTreeMap<String, String>, Vec<Option<String>>);

#[derive(Clone, Debug)]
struct Generated {
    grid: StepGrid,
    series: Vec<GeneratedSeries>,
    is_spaced: bool,
    lengths: Vec<usize>,
}

fn generated() -> impl Strategy<Value = Generated> {
    let grid = (prop_oneof![Just(0i64), 0..2_000_000_000_000i64, Just(1_795_370_117_250)], 1..100_000i64, 1..30usize);
    grid.prop_flat_map(|(start, step, len)| {
        let labels = proptest::collection::btree_map("[a-zA-Z_.\"é]{1,6}", "\\PC{0,12}|[\\\\\"\n\t\u{1}a]{1,5}", 0..5);
        let column = proptest::collection::vec(proptest::option::weighted(0.8, value()), len);
        let series = proptest::collection::vec((labels, column), 0..6);
        let lengths = prop_oneof![Just(vec![usize::MAX]), proptest::collection::vec(1..200usize, 1..6)];
        let grid = StepGrid { start: Timestamp(start), step: Millis(step), len };
        (Just(grid), series, any::<bool>(), lengths).prop_map(|(grid, series, is_spaced, lengths)| Generated {
            grid,
            series,
            is_spaced,
            lengths,
        })
    })
}

/// As Prometheus writes a time: milliseconds with three digits or none.
fn time_text(ms: i64) -> String {
    if ms % 1_000 == 0 { (ms / 1_000).to_string() } else { format!("{}.{:03}", ms / 1_000, ms % 1_000) }
}

fn body(generated: &Generated) -> String {
    let mut known = std::collections::BTreeSet::new();
    let mut elements = Vec::new();
    for (idx, (labels, column)) in generated.series.iter().enumerate() {
        // No series is there twice.
        let identity = Labels::from_pairs(labels.iter());
        if !known.insert(identity) {
            continue;
        }
        let points = column.iter().enumerate().filter_map(|(step_idx, v)| {
            let v = v.as_ref()?;
            Some(format!("[{},\"{v}\"]", time_text(generated.grid.time(step_idx).0)))
        });
        let (metric, values) = (
            serde_json::to_string(labels).unwrap(),
            points.collect::<Vec<_>>().join(if generated.is_spaced { ", " } else { "," }),
        );
        // The order of fields is nobody's.
        elements.push(if idx % 3 == 2 {
            format!("{{\"values\":[{values}],\"x\":[{{}}],\"metric\":{metric}}}")
        } else {
            format!("{{\"metric\":{metric},\"values\":[{values}]}}")
        });
    }
    let text = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{}]}},\"warnings\":[\"a \\\"b\\\"\"]}}",
        elements.join(",")
    );
    if generated.is_spaced { text.replace("[[", "[ [").replace("},", "} ,\n").replace("\":[", "\" :\t[") } else { text }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_range_answer_in_any_pieces_is_what_serde_and_a_loop_make_of_it(generated in generated()) {
        let text = body(&generated);
        // Spaces were put into texts of labels, too: both read the same.
        let answer = read(text.as_bytes(), Shape::Range(generated.grid), &generated.lengths).unwrap();
        prop_assert_eq!(answer.n_left_out, 0);
        prop_assert_eq!(&answer.warnings, &["a \"b\"".to_owned()]);
        prop_assert_eq!(samples(answer), naive(text.as_bytes()));
    }

    #[test]
    fn raw_samples_in_any_pieces_are_what_serde_and_a_loop_make_of_them(generated in generated()) {
        let text = body(&generated);
        let answer = read(text.as_bytes(), Shape::Instant, &generated.lengths).unwrap();
        prop_assert_eq!(samples(answer), naive(text.as_bytes()));
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error(generated in generated(), at in any::<prop::sample::Index>()) {
        let text = body(&generated);
        let cut = &text.as_bytes()[..at.index(text.len())];
        prop_assert!(read(cut, Shape::Range(generated.grid), &generated.lengths).is_err());
    }

    #[test]
    fn a_damaged_answer_never_panics_and_says_the_same_in_any_pieces(
        generated in generated(), at in any::<prop::sample::Index>(), byte in any::<u8>(), first in any::<u8>(),
    ) {
        let mut bytes = body(&generated).into_bytes();
        let len = bytes.len();
        bytes[at.index(len)] = byte;
        bytes.insert(0, first | 1);
        fuzz_body::run(&bytes);
    }

    #[test]
    fn any_bytes_say_the_same_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz_body::run(&bytes);
    }

    #[test]
    fn any_json_says_the_same_in_any_pieces(text in "[\\[\\]{}\",:0-9. a-n\\\\-]{0,80}", first in any::<u8>()) {
        let mut bytes = vec![first];
        bytes.extend_from_slice(text.as_bytes());
        fuzz_body::run(&bytes);
    }
}
