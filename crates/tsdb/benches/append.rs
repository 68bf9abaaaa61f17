//! Appending and reading back samples of known series: what each scrape and each query costs in the store.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::{Labels, TimeRange, Timestamp};
use std::hint::black_box;
use tsdb::{Head, HeadOptions, SampleBuf, SeriesRef};

const N_SERIES: usize = 10_000;

fn filled(n_scrapes: i64) -> (Head, Vec<SeriesRef>) {
    let mut head = Head::new(HeadOptions::default());
    let series: Vec<SeriesRef> = (0..N_SERIES)
        .map(|idx| {
            let labels = Labels::from_pairs([
                ("__name__", "http_requests_total".to_owned()),
                ("code", [200, 204, 400, 404, 500][idx % 5].to_string()),
                ("handler", format!("/api/v1/path/{}", idx / 5)),
            ]);
            head.get_or_create(&labels).expect("there is room")
        })
        .collect();
    for scrape in 0..n_scrapes {
        for (idx, &one) in series.iter().enumerate() {
            head.append_ref(one, Timestamp(scrape * 15_000), (scrape * idx as i64) as f64).expect("in order");
        }
    }
    (head, series)
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append");
    group.throughput(Throughput::Elements(N_SERIES as u64)).sample_size(20);
    let (mut head, series) = filled(0);
    let mut now = 0;
    group.bench_function("a sample to each of 10,000 series", |b| {
        b.iter(|| {
            now += 5_000;
            for &one in &series {
                let _ = head.append_ref(one, Timestamp(now), now as f64);
            }
            // The retention is a day; a bench is longer.
            if now % 5_000_000 == 0 {
                head.truncate(Timestamp(now));
            }
        });
    });
    let (head, series) = filled(240);
    group.throughput(Throughput::Elements(N_SERIES as u64 * 240));
    group.bench_function("read an hour of 10,000 series", |b| {
        let mut buf = SampleBuf::default();
        b.iter(|| {
            let mut sum = 0.0;
            for &one in &series {
                buf.clear();
                head.read(one, TimeRange::ALL, &mut buf);
                sum += buf.vs.iter().sum::<f64>();
            }
            black_box(sum)
        });
    });
    group.finish();
}

criterion_group!(benches, append);
criterion_main!(benches);
