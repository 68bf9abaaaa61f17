//! The shown values as Prometheus answers a range query, so that what reads such answers (this page too) reads them.

use crate::components::graph::shown::shown_series;
use crate::components::legend::visibility::Visibility;
use frame::{FrameSeries, is_gap};
use model::{Labels, Millis, duration, number};
use protocol::GraphAnswer;
use std::collections::BTreeSet;

/// Tells series of a second expression with the same labels.
const EXPR: &str = "expr";

/// Tells how much earlier a series is than the time it is drawn at.
const OFFSET: &str = "offset";

/// Writes the answer piece by piece, a series a line.
pub fn write(answer: &GraphAnswer, visibility: &Visibility, put: &mut dyn FnMut(&str)) {
    put("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[");
    let mut taken = BTreeSet::new();
    let mut separator = "\n";
    for series in shown_series(answer, visibility) {
        let labels = told_apart(answer, series, &taken);
        put(&format!("{separator}{{\"metric\":{},\"values\":[{}]}}", object(&labels), values(answer, series)));
        taken.insert(labels);
        separator = ",\n";
    }
    put("\n]}}\n");
}

/// The labels of a series, and more where another series has the same: an answer has no series twice.
fn told_apart(answer: &GraphAnswer, series: &FrameSeries, taken: &BTreeSet<Labels>) -> Labels {
    let mut labels = series.labels.clone();
    if let Some(ms) = answer.extras.previous_ms.filter(|_| series.source.is_previous) {
        labels = with(&labels, OFFSET, &duration::format(Millis(ms)));
    }
    if taken.contains(&labels) {
        labels = with(&labels, EXPR, answer.expr_of(series.source.query_idx));
    }
    labels
}

/// With one label more; one of the same name gives way as in Prometheus' own scrapes.
fn with(labels: &Labels, name: &str, value: &str) -> Labels {
    let moved =
        labels.iter().map(|(n, v)| (if n == name { format!("exported_{n}") } else { n.to_owned() }, v.to_owned()));
    Labels::from_pairs(moved.chain([(name.to_owned(), value.to_owned())]))
}

fn object(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// Times in seconds, values as texts.
fn values(answer: &GraphAnswer, series: &FrameSeries) -> String {
    let mut out = String::new();
    for (t, v) in series.points.iter(&answer.frame.grid).filter(|(_, v)| !is_gap(*v)) {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&format!("[{},\"{}\"]", t / 1_000.0, number::format(v)));
    }
    out
}

/// A text as JSON has it. A text is always valid JSON, so nothing can fail.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    //! Answers as they are written.
    use super::*;
    use crate::components::graph::shown::tests::{answer, dense};
    use crate::components::legend::visibility::SeriesKey;
    use expect_test::expect;
    use frame::{Source, gap};

    fn written(answer: &GraphAnswer, visibility: &Visibility) -> String {
        let mut out = String::new();
        write(answer, visibility, &mut |piece| out.push_str(piece));
        serde_json::from_str::<serde_json::Value>(&out).expect("valid JSON");
        out
    }

    #[test]
    fn what_is_shown_is_an_answer_of_prometheus() {
        let all = answer(vec![
            dense(&[("__name__", "up"), ("x", "\"<b>\\\n")], &[1.0, gap(), f64::NAN]),
            dense(&[("__name__", "up"), ("x", "b")], &[1.0; 3]),
        ]);
        let hidden = Visibility::All.toggled(&SeriesKey::of(&all.frame.series[1]));
        expect![[r#"
            {"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"up","x":"\"<b>\\\n"},"values":[[1,"1"],[3,"NaN"]]}
            ]}}
        "#]]
        .assert_eq(&written(&all, &hidden));
        expect![[r#"
            {"status":"success","data":{"resultType":"matrix","result":[
            ]}}
        "#]]
        .assert_eq(&written(&answer(Vec::new()), &Visibility::All));
    }

    #[test]
    fn no_series_is_there_twice() {
        let of = |query_idx, is_previous, labels: &[(&str, &str)]| frame::FrameSeries {
            source: Source { query_idx, is_previous },
            ..dense(labels, &[1.5])
        };
        let mut all = answer(vec![
            of(0, false, &[("a", "1")]),
            of(0, true, &[("a", "1")]),
            of(1, false, &[("a", "1")]),
            of(1, true, &[("a", "1"), ("offset", "x")]),
        ]);
        all.extras.also = vec!["y * 2".to_owned()];
        expect![[r#"
            {"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"a":"1"},"values":[[1,"1.5"]]},
            {"metric":{"a":"1","offset":"1h"},"values":[[1,"1.5"]]},
            {"metric":{"a":"1","expr":"y * 2"},"values":[[1,"1.5"]]},
            {"metric":{"a":"1","exported_offset":"x","offset":"1h"},"values":[[1,"1.5"]]}
            ]}}
        "#]]
        .assert_eq(&written(&all, &Visibility::All));
    }
}
