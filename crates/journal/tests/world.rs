//! A disk in memory, a store, and what must be in it.

use journal::{DiskOp, Journal, JournalOptions, Restore, RestoreReport};
use model::{Bucket, Exemplar, Histogram, Labels, MetricFamily, MetricKind, Millis, TimeRange, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsdb::{Head, HeadOptions, SampleBuf};

/// Files by their names.
pub type Disk = BTreeMap<String, Vec<u8>>;

/// Does an operation, or only so much of it that some bytes are written.
pub fn apply(disk: &mut Disk, op: &DiskOp, n_bytes: usize) {
    match op {
        DiskOp::Append { file, bytes } => {
            disk.entry(file.clone()).or_default().extend_from_slice(&bytes[..n_bytes.min(bytes.len())]);
        }
        DiskOp::Write { file, bytes } => {
            assert!(!disk.contains_key(file), "{file} is written twice");
            disk.insert(file.clone(), bytes[..n_bytes.min(bytes.len())].to_vec());
        }
        DiskOp::Delete { file } if n_bytes > 0 => {
            disk.remove(file);
        }
        DiskOp::Delete { .. } => {}
    }
}

/// Small limits, so that a short run meets all of them.
pub fn options() -> JournalOptions {
    JournalOptions {
        max_log_bytes: 1_500,
        max_log_age: Millis(40_000),
        max_logs: 4,
        max_series_files: 2,
        retry: Millis(30_000),
        look_every: Millis(60_000),
    }
}

/// All samples of all series, exemplars and families, in words.
pub fn contents(head: &Head) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for series in head.select(&[], TimeRange::ALL).expect("no pattern") {
        let mut buf = SampleBuf::default();
        head.read(series, TimeRange::ALL, &mut buf);
        buf.starts.resize(buf.ts.len(), 0);
        let floats = buf.ts.iter().zip(&buf.vs).zip(&buf.starts);
        let mut list: Vec<_> = floats.map(|((t, v), start)| format!("{t} {:x} {start}", v.to_bits())).collect();
        let h = &buf.histograms;
        let starts = h.starts.iter().copied().chain(std::iter::repeat(0));
        for ((t, h), start) in h.ts.iter().zip(&h.hs).zip(starts) {
            list.push(format!("{t} {:?} {:x} {:?} {start}", h.counter_reset_hint, h.sum.to_bits(), h.positive));
        }
        if !list.is_empty() {
            all.insert(head.labels(series).expect("selected").to_string(), list);
        }
    }
    let exemplars: Vec<_> =
        head.exemplars().map(|(labels, one)| format!("{labels} {} {:?}", one.at.0, one.exemplar)).collect();
    all.insert("exemplars".to_owned(), exemplars);
    all
}

/// Reads a disk into a new store, records on.
pub fn restore(disk: &Disk) -> (Head, Journal, RestoreReport, Vec<DiskOp>) {
    let mut head = Head::new(HeadOptions::default());
    let mut restore = Restore::new(disk.keys().cloned().collect(), options());
    while let Some(file) = restore.next_file() {
        let bytes = disk[file].clone();
        restore.file(&mut head, &bytes);
    }
    let (journal, report, ops) = restore.finish(&mut head).expect("a version that is known");
    (head, journal, report, ops)
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// A scrape of a target: which series (by bits), values, whether some are new ones.
    Scrape { target: u8, skip: u16, seed: u64, churn: bool },
    /// Samples with their own times, older or newer, as of an upload.
    Upload { series: u8, steps: Vec<(i64, u64)> },
    /// Ticks with this budget.
    Tick { n: u8, samples: usize },
    /// A browser restart.
    Restart,
}

/// A number without a pattern.
fn noise(x: u64) -> u64 {
    let x = x.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn labels(name: &str, target: u8, idx: u64) -> Labels {
    Labels::from_pairs([("__name__", name.to_owned()), ("job", format!("j{target}")), ("idx", idx.to_string())])
}

/// Appends what a step says to a store, at a time.
pub fn append(head: &mut Head, step: &Step, now: i64) {
    match step {
        Step::Scrape { target, skip, seed, churn } => {
            for idx in 0..14_u64 {
                if skip >> idx & 1 != 0 && skip >> (idx + 2) & 1 != 0 {
                    continue;
                }
                let name = if *churn && idx < 3 { format!("new_{now}") } else { "m".to_owned() };
                let series = head.get_or_create(&labels(&name, *target, idx)).expect("room");
                let x = noise(seed ^ idx);
                let (at, start) = (Timestamp(now), (x.is_multiple_of(5)).then_some(Timestamp(now / 400 * 300)));
                let v = match idx {
                    0 => 1.0,
                    1 => model::STALE_NAN,
                    2 => f64::from_bits(x),
                    3 => (x % 10_000) as f64 / 100.0,
                    _ => (now as u64 / 7 * idx + x % 5) as f64,
                };
                let _ = if idx >= 12 || idx == 11 && x.is_multiple_of(3) {
                    let count = (now / 10) as f64;
                    let positive =
                        (0..(x % 4) as i32 + 1).map(|idx| Bucket { idx, count: count + f64::from(idx) }).collect();
                    let h =
                        Histogram { count: count * 4.0, sum: f64::from_bits(x | 1), positive, ..Histogram::default() };
                    head.append_histogram(series, at, Arc::new(h), start)
                } else {
                    head.append_since(series, at, v, start)
                };
                if x.is_multiple_of(7) {
                    let own = x.is_multiple_of(2).then_some(Timestamp(now - 1));
                    let labels = Labels::from_pairs([("trace_id", format!("{x:x}"))]);
                    head.append_exemplar(series, Exemplar { labels, v, t: own }, at);
                }
            }
        }
        Step::Upload { series, steps } => {
            let found = head.get_or_create(&labels("own_times", 9, u64::from(*series % 4))).expect("room");
            let mut t = now - 500;
            for (step, bits) in steps {
                t += step;
                let _ = head.append_ref(found, Timestamp(t), f64::from_bits(*bits));
            }
        }
        Step::Tick { .. } | Step::Restart => {}
    }
}

/// What a target says of its metrics, which changes now and then.
pub fn families(now: i64) -> Vec<MetricFamily> {
    let family = |name: &str, help: String| MetricFamily {
        name: name.to_owned(),
        kind: MetricKind::Counter,
        help,
        unit: "seconds".to_owned(),
    };
    vec![family("m", format!("Help since {}.", now / 100_000)), family("other", "The same ever.".to_owned())]
}

pub mod strategy {
    //! Steps of random runs.
    use super::Step;
    use proptest::prelude::*;

    pub fn steps(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(i64, Step)>> {
        let scrape = (0_u8..3, any::<u16>(), any::<u64>(), prop::bool::weighted(0.2))
            .prop_map(|(target, skip, seed, churn)| Step::Scrape { target, skip, seed, churn });
        let value = prop_oneof![(0_u64..9).prop_map(|v| (v as f64).to_bits()), any::<u64>()];
        let upload = (any::<u8>(), proptest::collection::vec((0_i64..60, value), 0..30))
            .prop_map(|(series, steps)| Step::Upload { series, steps });
        let tick = (1_u8..6, prop_oneof![Just(1_usize), Just(900), Just(1_000_000)])
            .prop_map(|(n, samples)| Step::Tick { n, samples });
        let step = prop_oneof![10 => scrape, 1 => upload, 4 => tick, 1 => Just(Step::Restart)];
        proptest::collection::vec((10_i64..9_000, step), len)
    }
}
