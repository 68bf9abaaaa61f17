//! What is asked: the queries and ranges that the peers' own harness asks.

use super::peer::Kind;

/// The start of the data, seconds.
const START: i64 = 1_735_689_600;
/// The end of all queries: a minute before the end of the data.
const END: i64 = START + 6 * 3600 - 60;

const QUERIES: [(&str, &str); 9] = [
    ("sum_rate", "sum by (job) (rate(http_requests_total[5m]))"),
    ("hist_quantile", "histogram_quantile(0.99, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))"),
    ("topk_rate", "topk(5, rate(http_requests_total[5m]))"),
    ("raw_selector", r#"http_requests_total{method="GET"}"#),
    ("sum_without", "sum without (instance) (node_cpu_seconds_total)"),
    ("max_over_time", "max_over_time(go_goroutines[1h])"),
    (
        "join",
        "rate(http_requests_total[5m]) / on (instance, job) group_left rate(http_request_duration_seconds_count[5m])",
    ),
    ("subquery", "max_over_time(rate(http_request_duration_seconds_count[5m])[1h:1m])"),
    ("count_all", r#"count by (__name__) ({__name__!=""})"#),
];

/// Name, seconds before the end, step in seconds (0: one time).
const RANGES: [(&str, i64, i64); 4] =
    [("instant", 0, 0), ("range_1h_240", 3600, 15), ("range_5h_250", 18_000, 72), ("range_5h_1000", 18_000, 18)];

/// A thousand series at a thousand steps, in data of any size: all series of twenty instances.
const BIG: &str = r#"{instance=~"10[.]0[.][0-4][.][1-4]:9100"}"#;

/// What becomes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One value a series.
    Instant,
    /// Columns.
    Range,
    /// Columns as typed arrays of JavaScript, the way to them counted.
    Typed,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which query.
    pub query: &'static str,
    /// Which range.
    pub range: &'static str,
    /// What becomes of the answer.
    pub shape: Shape,
    expr: &'static str,
    start: i64,
    step: i64,
}

impl Row {
    /// `QUERY/RANGE`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.query, self.range)
    }

    /// The question for our engine.
    pub fn question(&self) -> serde_json::Value {
        serde_json::json!({
            "expr": self.expr,
            "start": self.start * 1000,
            "end": END * 1000,
            "step": self.step * 1000,
            "typed": self.shape == Shape::Typed,
        })
    }

    /// The same question for a server with Prometheus' API.
    pub fn path(&self) -> String {
        let query = encode(self.expr);
        if self.step == 0 {
            return format!("/api/v1/query?query={query}&time={END}");
        }
        format!("/api/v1/query_range?query={query}&start={}&end={END}&step={}", self.start, self.step)
    }

    /// How many times as fast as this peer we want to be.
    pub fn goal(&self, peer: Kind) -> Option<f64> {
        match (self.shape, peer) {
            (Shape::Instant, Kind::Prometheus) => Some(5.0),
            (Shape::Instant, Kind::VictoriaMetrics) => Some(6.0),
            (Shape::Range, Kind::Prometheus) => Some(6.0),
            (Shape::Range, Kind::VictoriaMetrics) => Some(1.5),
            (Shape::Typed, Kind::Prometheus) => Some(20.0),
            (Shape::Typed, Kind::VictoriaMetrics) => None,
        }
    }
}

/// All rows in the order of the table.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (query, expr) in QUERIES {
        for (range, before, step) in RANGES {
            // A million points over all series, counted: the peers' harness leaves it out, too.
            if (query, range) == ("count_all", "range_5h_1000") {
                continue;
            }
            let shape = if step == 0 { Shape::Instant } else { Shape::Range };
            rows.push(Row { query, range, shape, expr, start: END - before, step });
        }
    }
    let (start, step) = (END - 18_000, 18);
    rows.push(Row { query: "big_result", range: "typed_arrays", shape: Shape::Typed, expr: BIG, start, step });
    rows
}

/// Percent-encodes everything that is not plain.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    //! What goes over the wire.
    use super::*;

    #[test]
    fn every_query_has_its_ranges_and_the_big_answer_comes_last() {
        let names: Vec<String> = rows().iter().map(Row::name).collect();
        assert_eq!(names.len(), 9 * 4 - 1 + 1);
        assert_eq!(names.last().map(String::as_str), Some("big_result/typed_arrays"));
    }

    #[test]
    fn a_path_holds_only_what_urls_may_hold() {
        assert_eq!(encode("a{b!=\"\"}"), "a%7Bb%21%3D%22%22%7D");
        assert!(rows()[0].path().starts_with("/api/v1/query?query=sum%20by%20"));
    }
}
