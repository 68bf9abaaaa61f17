//! Answers cut at any byte, and what is read of them.

use super::*;
use crate::query::RawSeries;
use expect_test::{Expect, expect};
use model::Millis;

/// Three steps from 60 s, 15 s apart.
const GRID: StepGrid = StepGrid { start: Timestamp(60_000), step: Millis(15_000), len: 3 };

fn read(body: &str, shape: Shape, limits: ReadLimits) -> Result<Answer, ApiError> {
    let mut reader = AnswerReader::new(shape, HttpHead::ok(), limits);
    for piece in body.as_bytes().chunks(11) {
        reader.feed(piece)?;
    }
    reader.finish()
}

fn told(answer: Answer) -> String {
    let mut lines = Vec::new();
    let point = |point: &Point| match point {
        Point::Float(v) => v.to_string(),
        Point::Histogram(h) => h.to_string(),
    };
    match answer.data {
        Data::Matrix(matrix) => {
            lines.push(format!("{} steps from {}", matrix.grid.len, matrix.grid.start.0));
            for series in matrix.series {
                let value = |(idx, v): (usize, &f64)| match series.histograms.get(idx) {
                    Some(h) => h.to_string(),
                    None if model::is_stale(*v) => "_".to_owned(),
                    None => v.to_string(),
                };
                let values = series.values.iter().enumerate().map(value).collect::<Vec<_>>().join(" ");
                lines.push(format!("{} {values}", series.labels));
            }
        }
        Data::Vector(vector) => {
            lines.extend(vector.iter().map(|(labels, t, v)| format!("{labels} {} @{}", point(v), t.0)));
        }
        Data::Scalar { t, v } => lines.push(format!("scalar {v} @{}", t.0)),
        Data::String { t, text } => lines.push(format!("string {text:?} @{}", t.0)),
        Data::Samples(series) => lines.extend(
            series
                .into_iter()
                .map(|RawSeries { labels, ts, vs, histograms }| format!("{labels} {ts:?} {vs:?} {}", histograms.len())),
        ),
    }
    for (what, n) in [("left out", answer.n_left_out), ("bad histograms", answer.n_bad_histograms)] {
        if n > 0 {
            lines.push(format!("{n} {what}"));
        }
    }
    if answer.is_partial {
        lines.push("partial".to_owned());
    }
    lines.extend(answer.warnings.into_iter().map(|text| format!("warning {text}")));
    lines.extend(answer.infos.into_iter().map(|text| format!("info {text}")));
    lines.join("\n")
}

fn check(shape: Shape, body: &str, want: &Expect) {
    let said = match read(body, shape, ReadLimits::default()) {
        Ok(answer) => told(answer),
        Err(error) => format!("error: {error}"),
    };
    want.assert_eq(&said);
}

fn range(result: &str, want: &Expect) {
    let body = format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":{result}}}}}"#);
    check(Shape::Range(GRID), &body, want);
}

fn instant(data: &str, want: &Expect) {
    check(Shape::Instant, &format!(r#"{{"status":"success","data":{data}}}"#), want);
}

#[test]
fn a_matrix_becomes_columns_with_gaps_sorted_by_labels() {
    range(
        r#"[{"metric":{"__name__":"b"},"values":[[60,"1"],[90,"3.5"]]},{"metric":{},"values":[[75.000,"NaN"]]}]"#,
        &expect![[r#"
            3 steps from 60000
            {} _ NaN _
            b 1 _ 3.5"#]],
    );
    range("[]", &expect!["3 steps from 60000"]);
}

#[test]
fn the_grid_of_a_server_that_has_its_own_is_taken() {
    range(
        r#"[{"metric":{},"values":[[55,"0"],[70,"1"],[85,"2"],[100,"3"]]}]"#,
        &expect![[r#"
        4 steps from 55000
        {} 0 1 2 3"#]],
    );
    range(
        r#"[{"metric":{},"values":[[70,"1"]]},{"metric":{"a":"b"},"values":[[70,"1"],[71,"2"],[85,"3"]]}]"#,
        &expect![[r#"
            3 steps from 55000
            {} _ 1 _
            {a="b"} _ 1 3
            1 left out"#]],
    );
}

#[test]
fn values_at_no_step_or_out_of_order_are_counted() {
    range(
        r#"[{"metric":{},"values":[[45,"0"],[60,"1"],[61,"2"],[75,"3"],[60,"4"],[90,"5"],[105,"6"]]}]"#,
        &expect![[r#"
        3 steps from 60000
        {} 1 3 5
        4 left out"#]],
    );
}

#[test]
fn native_histograms_stand_beside_the_floats() {
    range(
        r#"[{"metric":{},"values":[[60,"1"]],"histograms":[[75,{"count":"6","sum":"3.5","buckets":[[3,"-0.001","0.001","1"],[0,"0.5","1","2"],[0,"1","2","3"]]}],[90,{"count":"1","sum":"x"}]]}]"#,
        &expect![[r#"
            3 steps from 60000
            {} 1 {count:6, sum:3.5, [-0.001,0.001]:1, (0.5,1]:2, (1,2]:3} _
            1 bad histograms"#]],
    );
    instant(
        r#"{"resultType":"vector","result":[{"metric":{"a":"b"},"histogram":[1.5,{"count":"0","sum":"0"}]}]}"#,
        &expect![[r#"{a="b"} {count:0, sum:0} @1500"#]],
    );
}

#[test]
fn instant_answers_have_four_shapes() {
    instant(
        r#"{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1.5,"+Inf"]}]}"#,
        &expect![[r#"{a="b"} inf @1500"#]],
    );
    instant(r#"{"resultType":"scalar","result":[1.5,"-1e3"]}"#, &expect!["scalar -1000 @1500"]);
    instant(r#"{"resultType":"string","result":[1.5,"a\nb"]}"#, &expect![[r#"string "a\nb" @1500"#]]);
    instant(
        r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1.001,"1"],[1.001,"2"],[2,"3"]]}]}"#,
        &expect![[r#"
            {} [1001, 2000] [1.0, 3.0] 0
            1 left out"#]],
    );
    instant(
        r#"{"result":[{"value":[1,2.5],"metric":{"x":"\u00e9\ud83d\ude00"}}],"resultType":"vector"}"#,
        &expect![[r#"{x="é😀"} 2.5 @1000"#]],
    );
    instant(r#"{"resultType":"vector","result":[]}"#, &expect![[""]]);
}

#[test]
fn what_stands_beside_the_values_is_kept() {
    check(
        Shape::Range(GRID),
        r#"{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]},"stats":{"a":[1,{"b":null}]},"warnings":["w"],"infos":["i"]}"#,
        &expect![[r#"
            3 steps from 60000
            partial
            warning w
            info i"#]],
    );
}

#[test]
fn what_is_no_answer_says_where_and_why() {
    let all = |body: &str, want: &Expect| check(Shape::Range(GRID), body, want);
    all(r#"{"status":"error","errorType":"bad_data","error":"1:3: parse error"}"#, &expect!["error: 1:3: parse error"]);
    all("<html>Sign in</html>", &expect!["error: the answer is a web page, not an answer of the Prometheus API"]);
    all("", &expect!["error: the answer is empty, not an answer of the Prometheus API"]);
    all("{}", &expect!["error: the answer is other JSON, not an answer of the Prometheus API"]);
    all(
        r#"{"status":"success","data":["a"]}"#,
        &expect!["error: the answer is other JSON, not an answer of the Prometheus API"],
    );
    all(r#"[1]"#, &expect!["error: byte 0 of the answer: expected `{`, found `[`"]);
    all(
        r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"#,
        &expect!["error: byte 75 of the answer: expected more of the answer, found its end"],
    );
    all(r#"{"status":"success"} x"#, &expect!["error: byte 21 of the answer: expected nothing more, found `x`"]);
    range(
        r#"[{"metric":{},"values":[[60,"1"],]}]"#,
        &expect!["error: byte 92 of the answer: expected a value, found `]`"],
    );
    range(
        r#"[{"metric":{},"values":[[60,"1x"]]}]"#,
        &expect!["error: byte 88 of the answer: expected a number, found `1`"],
    );
    range(
        r#"[{"metric":{},"values":[["a","1"]]}]"#,
        &expect![[r#"error: byte 84 of the answer: expected a time in seconds, found `"`"#]],
    );
    range(
        r#"[{"metric":{"a":1},"values":[]}]"#,
        &expect!["error: byte 75 of the answer: expected a text in quotes, found `1`"],
    );
    range(
        "[{\"metric\":{\"a\":\"\u{1}\"}}]",
        &expect!["error: byte 76 of the answer: expected a text without control characters, found byte 0x01"],
    );
    range(
        &format!("[{{\"x\":{}}}]", "[".repeat(200)),
        &expect!["error: byte 165 of the answer: expected at most 100 lists and objects within each other, found `[`"],
    );
}

#[test]
fn there_is_a_limit_to_everything() {
    let body = |n: usize| {
        let series = (0..n).map(|idx| format!(r#"{{"metric":{{"a":"{idx}"}},"values":[[60,"1"],[75,"1"]]}}"#));
        format!(r#"{{"status":"success","data":{{"result":[{}]}}}}"#, series.collect::<Vec<_>>().join(","))
    };
    let limits = ReadLimits { max_bytes: 1_000, max_series: 10, max_samples: 24 };
    let error = |n, limits| read(&body(n), Shape::Range(GRID), limits).expect_err("too much").to_string();
    assert!(read(&body(8), Shape::Range(GRID), limits).is_ok());
    assert_eq!(error(9, limits), "the answer has more than 24 samples");
    assert_eq!(error(11, ReadLimits { max_samples: 1_000, ..limits }), "the answer has more than 10 series");
    assert_eq!(error(8, ReadLimits { max_bytes: 300, ..limits }), "the answer has more than 300 bytes");
    let mut reader = AnswerReader::new(Shape::Instant, HttpHead::ok(), ReadLimits::default());
    reader.feed(b"{\"status\":\"").unwrap();
    let mut fed = Ok(());
    for _ in 0..100 {
        fed = fed.and_then(|()| reader.feed(&[b'a'; 100_000]));
    }
    assert!(matches!(fed, Err(ApiError::TooMuch { .. })), "a text has no end");
}

#[test]
fn the_body_of_a_bad_status_is_its_message() {
    let read = |status, body: &str| {
        let mut reader =
            AnswerReader::new(Shape::Instant, HttpHead { status, content_type: None }, ReadLimits::default());
        reader.feed(body.as_bytes()).unwrap();
        reader.finish().unwrap_err()
    };
    let error = r#"{"status":"error","errorType":"execution","error":"many-to-many"}"#;
    assert_eq!(read(422, error).to_string(), "many-to-many");
    assert_eq!(read(503, "too busy\n").to_string(), "the server answered 503: too busy");
    assert_eq!(read(404, "").to_string(), "the server does not offer this (status 404)");
}
