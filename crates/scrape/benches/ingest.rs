//! A scrape of 10,000 series: the first one, which makes them, and each one after it.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use exposition::Format;
use model::{Millis, Timestamp};
use scrape::{Body, ScrapeConfig, ScrapeLoop};
use std::fmt::Write as _;
use std::hint::black_box;
use tsdb::{Head, HeadOptions};

fn body(n_series: usize) -> String {
    let mut text = String::from("# TYPE http_requests_total counter\n");
    for idx in 0..n_series {
        let (path, code) = (idx / 5, [200, 204, 400, 404, 500][idx % 5]);
        let _ = writeln!(
            text,
            "http_requests_total{{code=\"{code}\",handler=\"/api/v1/path/{path}\",method=\"GET\"}} {}",
            idx * 7919 % 100_003
        );
    }
    text
}

fn ingest(c: &mut Criterion) {
    let text = body(10_000);
    let body = Body { bytes: text.as_bytes(), format: Format::PrometheusText };
    let mut group = c.benchmark_group("ingest");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("new series", |b| {
        b.iter_batched(
            || (Head::new(HeadOptions::default()), ScrapeLoop::new(ScrapeConfig::new("bench", "localhost:80"))),
            |(mut head, mut target)| {
                target.ingest(&mut head, Ok(black_box(body)), Timestamp(1_000), Millis(1));
                (head, target)
            },
            BatchSize::LargeInput,
        );
    });
    let (mut head, mut target) =
        (Head::new(HeadOptions::default()), ScrapeLoop::new(ScrapeConfig::new("bench", "localhost:80")));
    let mut now = Timestamp(0);
    group.bench_function("known series", |b| {
        b.iter(|| {
            now += Millis(5_000);
            let report = target.ingest(&mut head, Ok(black_box(body)), now, Millis(1));
            if now.0 % 500_000 == 0 {
                head.truncate(now);
            }
            report.n_samples
        });
    });
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
