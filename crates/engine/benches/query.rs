//! What a page asks most: rates of 2,000 series over an hour at 15 s, at one time and at 250 steps.

use criterion::{Criterion, criterion_group, criterion_main};
use engine::{Options, evaluate};
use model::{Labels, Millis, StepGrid, TimeRange, Timestamp};
use std::hint::black_box;
use tsdb::{Head, HeadOptions};

const N_SERIES: usize = 2_000;
const HOUR_MS: i64 = 3_600_000;

fn hour() -> Head {
    let mut head = Head::new(HeadOptions::default());
    for idx in 0..N_SERIES {
        let labels = Labels::from_pairs([
            ("__name__", "http_requests_total".to_owned()),
            ("code", [200, 204, 400, 404, 500][idx % 5].to_string()),
            ("instance", format!("host-{}:9100", idx % 20)),
            ("handler", format!("/api/v1/path/{}", idx / 20)),
        ]);
        let series = head.get_or_create(&labels).expect("there is room");
        let mut v = 0.0;
        for t in (0..=HOUR_MS).step_by(15_000) {
            v += (t / 15_000 * 7919 % (13 + idx as i64)) as f64;
            head.append_ref(series, Timestamp(t), v).expect("in order");
        }
    }
    head
}

fn query(c: &mut Criterion) {
    let head = hour();
    let instant = StepGrid { start: Timestamp(HOUR_MS), step: Millis(1), len: 1 };
    let range = StepGrid::new(Timestamp(0), Timestamp(HOUR_MS), Millis(HOUR_MS / 250));
    let mut group = c.benchmark_group("query");
    group.sample_size(10);
    for (name, expr) in [
        ("a selector", "http_requests_total"),
        ("rate", "rate(http_requests_total[5m])"),
        ("sum by of a rate", "sum by (code) (rate(http_requests_total[5m]))"),
        ("max_over_time", "max_over_time(http_requests_total[5m])"),
    ] {
        let expr = promql::parse_strict(expr, &tsdb::validate_regex).expect("an expression");
        for (kind, grid, as_range) in [("instant", instant, false), ("250 steps", range, true)] {
            let whole = TimeRange { start: grid.start, end: grid.end() };
            group.bench_function(format!("{name}, {kind}"), |b| {
                b.iter(|| evaluate(&head, black_box(&expr), grid, whole, as_range, &Options::default()));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, query);
criterion_main!(benches);
