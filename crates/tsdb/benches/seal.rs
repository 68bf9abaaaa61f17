//! Sealing and reading back what is sealed: counters, and gauges of two decimals.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::{Bucket, Histogram, Labels, TimeRange, Timestamp};
use std::hint::black_box;
use std::sync::Arc;
use tsdb::{Head, HeadOptions, SampleBuf, Scratch, SeriesRef};

const N_SERIES: u64 = 1_000;
const N_SAMPLES: i64 = 1_440;

/// A number without a pattern.
fn noise(series: u64, sample: i64) -> u64 {
    let x = (series << 32 | sample as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
}

fn values() -> Vec<Vec<f64>> {
    let one = |series: u64| {
        let mut total = 0;
        let each = (0..N_SAMPLES).map(|sample| {
            total += noise(series, sample) % (series + 2);
            if series.is_multiple_of(5) { (4_800 + noise(series, sample) % 200) as f64 / 100.0 } else { total as f64 }
        });
        each.collect()
    };
    (0..N_SERIES).map(one).collect()
}

fn filled(values: &[Vec<f64>]) -> (Head, Vec<SeriesRef>) {
    let mut head = Head::new(HeadOptions::default());
    let labels = |idx: usize| Labels::from_pairs([("__name__", "m".to_owned()), ("idx", idx.to_string())]);
    let series: Vec<_> =
        (0..values.len()).map(|idx| head.get_or_create(&labels(idx)).expect("there is room")).collect();
    for sample in 0..N_SAMPLES {
        for (&one, vs) in series.iter().zip(values) {
            head.append_ref(one, Timestamp(sample * 15_000), vs[sample as usize]).expect("in order");
        }
    }
    (head, series)
}

fn seal(c: &mut Criterion) {
    let values = values();
    let mut group = c.benchmark_group("seal");
    group.throughput(Throughput::Elements(N_SERIES * N_SAMPLES as u64)).sample_size(10);
    group.bench_function("append six hours of 1,000 series", |b| b.iter(|| filled(black_box(&values))));
    let (head, series) = filled(&values);
    group.bench_function("read them", |b| {
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
    group.bench_function("visit them", |b| {
        let mut scratch = Scratch::default();
        b.iter(|| {
            let mut sum = 0.0;
            for &one in &series {
                head.visit_floats(one, TimeRange::ALL, &mut scratch, |_, vs| sum += vs.iter().sum::<f64>());
            }
            black_box(sum)
        });
    });
    group.finish();
    let mut head = Head::new(HeadOptions::default());
    let one = head.get_or_create(&Labels::from_pairs([("__name__", "h")])).expect("there is room");
    for sample in 0..N_SAMPLES {
        let positive = (-20..20).map(|idx| Bucket { idx, count: (sample * i64::from(idx + 20) / 7) as f64 }).collect();
        let h = Histogram { count: sample as f64, sum: sample as f64 * 0.123, positive, ..Histogram::default() };
        head.append_histogram(one, Timestamp(sample * 15_000), Arc::new(h), None).expect("in order");
    }
    let mut group = c.benchmark_group("histograms");
    group.throughput(Throughput::Elements(N_SAMPLES as u64)).sample_size(20);
    group.bench_function("read those of six hours, 40 buckets each", |b| {
        let mut buf = SampleBuf::default();
        b.iter(|| {
            buf.clear();
            head.read(one, TimeRange::ALL, &mut buf);
            buf.histograms.len()
        });
    });
    group.finish();
}

criterion_group!(benches, seal);
criterion_main!(benches);
