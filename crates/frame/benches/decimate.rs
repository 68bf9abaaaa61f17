//! How long it takes to decimate a column for a plot of 1,600 pixels.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use frame::StepGrid;
use frame::decimate::decimate;
use model::{Millis, Timestamp};
use std::hint::black_box;

fn decimation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decimate");
    for len in [10_000usize, 100_000, 1_000_000] {
        let grid = StepGrid { start: Timestamp(0), step: Millis(1_000), len };
        let mut v = 0.0;
        let mut state = 1u32;
        let column: Vec<f64> = (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                v += f64::from(state >> 8) / f64::from(1 << 24) - 0.5;
                v
            })
            .collect();
        group.throughput(Throughput::Elements(len as u64));
        group.bench_function(format!("{len}_points"), |bench| {
            bench.iter_batched(
                || column.clone(),
                |column| black_box(decimate(&grid, column, 1_600)),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, decimation);
criterion_main!(benches);
