//! Any query over a small store of everything there is: it ends within its limits, with an answer or with an
//! error that has a text and a place.

use engine::{Interrupt, Limits, Options, Value, evaluate};
use model::{Bucket, Histogram, Labels, Millis, STALE_NAN, StepGrid, TimeRange, Timestamp};
use std::cell::Cell;
use std::sync::Arc;
use tsdb::{Head, HeadOptions};

const STEP: Millis = Millis(15_000);
const N_SAMPLES: i64 = 80;

/// Counters with resets, gauges with every odd value and gaps, classic and native histograms.
pub fn head() -> Head {
    let mut head = Head::new(HeadOptions::default());
    for (idx, (job, instance)) in [("api", "a"), ("api", "b"), ("web", "a")].into_iter().enumerate() {
        let labels = |name: &str, more: &[(&str, &str)]| {
            let pairs = [("__name__", name), ("job", job), ("instance", instance)];
            Labels::from_pairs(pairs.into_iter().chain(more.iter().copied()))
        };
        for n in 0..N_SAMPLES {
            let t = Timestamp(n * STEP.0 + idx as i64 * 7);
            let mut float = |labels: &Labels, v: f64| {
                head.append(labels, t, v).expect("in order");
            };
            let odd = [1.0, f64::NAN, f64::INFINITY, -0.0, f64::NEG_INFINITY, STALE_NAN, 1e300, -1.5];
            float(&labels("gauge", &[]), odd[(n as usize + idx) % odd.len()]);
            if n % 20 < 12 {
                float(&labels("up", &[]), f64::from(u8::from(n % 7 > 0)));
            }
            for code in ["200", "500"] {
                float(&labels("requests_total", &[("code", code)]), ((n * (idx as i64 + 2)) % 50) as f64);
            }
            for (le, share) in [("0.1", 1), ("1", 3), ("+Inf", 4)] {
                float(&labels("latency_bucket", &[("le", le)]), (n * share) as f64);
            }
            float(&labels("target_info", &[("version", if n < 40 { "1" } else { "2" })]), 1.0);
            for (name, custom) in [("native", false), ("custom", true)] {
                let series = head.get_or_create(&labels(name, &[])).expect("room");
                head.append_histogram(series, t, Arc::new(histogram(n % 33, custom)), None).expect("in order");
            }
        }
    }
    head
}

fn histogram(n: i64, custom: bool) -> Histogram {
    let n = n as f64;
    let bucket = |idx, count| Bucket { idx, count };
    let mut h = Histogram { count: 4.0 * n, sum: 3.5 * n, ..Histogram::default() };
    h.positive = vec![bucket(0, n), bucket(1, 2.0 * n), bucket(2, n)];
    if custom {
        h.schema = model::CUSTOM_BUCKETS_SCHEMA;
        h.custom_values = Arc::from([0.5, 1.0]);
    } else {
        h.negative = vec![bucket(1, n)];
        (h.zero_threshold, h.zero_count, h.count) = (0.001, n, 6.0 * n);
    }
    h
}

/// The body of the fuzz target; a test runs it on generated queries.
pub fn run(head: &Head, query: &str) {
    // Long texts are for the parser's target.
    if query.len() > 1_000 {
        return;
    }
    let Ok(expr) = promql::parse_strict(query, &tsdb::validate_regex) else { return };
    let limits = Limits { max_samples: 300_000, max_steps: 100, max_series: 1_000, max_bytes: 1 << 22 };
    let asked = Cell::new(0);
    let interrupted = || {
        asked.set(asked.get() + 1);
        (asked.get() > 2_000).then_some(Interrupt::Cancelled)
    };
    let options = Options { limits, interrupted: Some(&interrupted), ..Options::default() };
    let (start, end) = (Timestamp(600_000), Timestamp(900_000));
    for (grid, as_range) in
        [(StepGrid { start: end, step: Millis(1), len: 1 }, false), (StepGrid::new(start, end, Millis(30_000)), true)]
    {
        asked.set(0);
        let whole = TimeRange { start: grid.start, end };
        match evaluate(head, &expr, grid, whole, as_range, &options) {
            Ok(output) => {
                if let Value::Matrix(matrix) = &output.value {
                    assert_eq!(matrix.grid.len, grid.len, "{query}");
                }
                let notes = &output.annotations;
                for note in notes.warnings.iter().chain(&notes.infos) {
                    assert!(query.get(note.span.start..note.span.end).is_some(), "{query}: {note:?}");
                }
            }
            Err(error) => {
                assert!(!error.to_string().is_empty(), "{query}");
                assert!(query.get(error.span.start..error.span.end).is_some(), "{query}: {error:?}");
            }
        }
    }
}
