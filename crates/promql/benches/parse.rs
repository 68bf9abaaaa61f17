//! How long an expression takes from text to checked tree, and what an editor asks at each key.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const USUAL: &str = "sum by (job, code) (rate(http_requests_total{job=\"api\",code=~\"5..\"}[5m])) / on (job) group_left () sum by (job) (rate(http_requests_total{job=\"api\"}[5m]))";

fn parse(c: &mut Criterion) {
    c.bench_function("parse a selector", |b| b.iter(|| promql::parse(black_box("up{job=\"node\"}"))));
    c.bench_function("parse a usual query", |b| b.iter(|| promql::parse(black_box(USUAL))));
    c.bench_function("highlight a usual query", |b| b.iter(|| promql::highlight(black_box(USUAL))));
    c.bench_function("complete in a usual query", |b| b.iter(|| promql::complete::complete(black_box(USUAL), 50)));
    let long = vec![USUAL; 50].join(" or ");
    c.bench_function("parse 8 kB", |b| b.iter(|| promql::parse(black_box(&long))));
}

criterion_group!(benches, parse);
criterion_main!(benches);
