//! Megabytes of metrics text read in a second: with and without making labels, both formats.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use exposition::{Entry, Format, Parser};
use model::LabelsBuilder;
use std::hint::black_box;
use std::path::Path;

/// A node exporter's body from beside the checkout, or one of the same kind made here.
fn capture() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/capture_node_exporter.txt");
    std::fs::read_to_string(path).unwrap_or_else(|_| {
        println!("skipped: the capture of a node exporter is not there; a made text stands in");
        let mut text = String::from("# HELP node_cpu_seconds_total Seconds.\n# TYPE node_cpu_seconds_total counter\n");
        for cpu in 0..100 {
            for mode in ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"] {
                text.push_str(&format!("node_cpu_seconds_total{{cpu=\"{cpu}\",mode=\"{mode}\"}} {}.{cpu}\n", cpu * 37));
            }
        }
        text
    })
}

/// The sum of all values, so that nothing is left out.
fn sum(body: &[u8], format: Format, labels: bool) -> f64 {
    let mut parser = Parser::new(body, format);
    let mut builder = LabelsBuilder::new();
    let mut sum = 0.0;
    while let Some(entry) = parser.next_entry().expect("metrics") {
        if let Entry::Series(series) = entry {
            sum += series.value + series.key.len() as f64;
            if labels {
                builder.clear();
                let _ = parser.labels_into(&mut builder);
                black_box(builder.labels());
            }
        }
    }
    sum
}

fn parse(c: &mut Criterion) {
    let text = capture().repeat(20);
    let openmetrics = format!("{}# EOF\n", text.replace(" untyped\n", " unknown\n"));
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("text", |b| b.iter(|| sum(black_box(text.as_bytes()), Format::PrometheusText, false)));
    group.bench_function("openmetrics", |b| {
        b.iter(|| sum(black_box(openmetrics.as_bytes()), Format::OpenMetrics, false))
    });
    group.bench_function("text with labels", |b| {
        b.iter(|| sum(black_box(text.as_bytes()), Format::PrometheusText, true));
    });
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
