//! A day of 10,000 series at 15 s: what logging, packing and reading it again take. `cargo bench -p journal`.
//!
//! One run, not a statistic: it is about seconds. What it prints stands in `journal.rs` and `restore.rs`.

use journal::{DiskOp, Journal, JournalOptions, Restore};
use model::{Labels, Timestamp};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tsdb::{Head, HeadOptions, SeriesRef};

const N_SERIES: u64 = 10_000;
const N_SCRAPES: i64 = 5_760;
/// Series of one target.
const N_OF_TARGET: usize = 1_000;

/// A number without a pattern.
fn noise(series: u64, sample: u64) -> u64 {
    let x = (series << 32 | sample).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
}

/// One in ten is constant, one a gauge of two decimals, one in fifty a sum of all digits; the others count.
fn value(series: u64, sample: u64, total: &mut f64) -> f64 {
    let noise = noise(series, sample);
    match series % 10 {
        0 => 1.0,
        1 => (4_800 + noise % 100) as f64 / 100.0,
        2 if series % 50 == 2 => {
            *total += noise as f64 * 0.001_234_567;
            *total
        }
        kind => {
            *total += (noise % (1 << kind)) as f64;
            *total
        }
    }
}

fn labels(idx: u64) -> Labels {
    Labels::from_pairs([
        ("__name__", "http_requests_total".to_owned()),
        ("instance", format!("10.0.0.{}:9100", idx / 1_000)),
        ("job", "api".to_owned()),
        ("method", ["GET", "POST"][idx as usize % 2].to_owned()),
        ("path", format!("/api/v1/things/{}", idx % 1_000)),
    ])
}

/// Time on a processor, where the system says it: others may be busy. It costs a microsecond.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|word| word.parse().ok());
    nanos.map_or_else(|| START.with(Instant::elapsed), Duration::from_nanos)
}

thread_local! {
    static START: Instant = Instant::now();
}

#[derive(Default)]
struct Spent {
    all: Duration,
    most: Duration,
    n: u32,
}

impl Spent {
    fn on<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = cpu_time();
        let result = work();
        let took = cpu_time().saturating_sub(start);
        self.all += took;
        self.most = self.most.max(took);
        self.n += 1;
        result
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {:.2} s in all, at most {:.1} ms, {} times",
            self.all.as_secs_f64(),
            self.most.as_secs_f64() * 1e3,
            self.n
        );
    }
}

fn main() {
    let mut head = Head::new(HeadOptions::default());
    let mut journal = Journal::new(JournalOptions::default());
    journal.start(&mut head);
    let series: Vec<SeriesRef> = (0..N_SERIES).map(|idx| head.get_or_create(&labels(idx)).expect("room")).collect();
    let mut totals = vec![0.0; series.len()];
    let mut disk: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (mut logging, mut ticking, mut appending) = (Spent::default(), Spent::default(), Spent::default());
    let mut log_bytes = 0;
    for scrape in 0..N_SCRAPES {
        for (target, part) in series.chunks(N_OF_TARGET).enumerate() {
            let now = Timestamp(1_700_000_000_000 + scrape * 15_000 + target as i64 * 1_371);
            appending.on(|| {
                for (at, &one) in part.iter().enumerate() {
                    let idx = target * N_OF_TARGET + at;
                    let v = value(idx as u64, scrape as u64, &mut totals[idx]);
                    head.append_ref(one, now, v).expect("in order");
                }
            });
            let mut ops = logging.on(|| journal.append(&mut head, now));
            log_bytes +=
                ops.iter().map(|op| if let DiskOp::Append { bytes, .. } = op { bytes.len() } else { 0 }).sum::<usize>();
            ops.extend(ticking.on(|| journal.tick(&mut head, now, 200_000)));
            for op in ops {
                match op {
                    DiskOp::Append { file, bytes } => disk.entry(file).or_default().extend(bytes),
                    DiskOp::Write { file, bytes } => drop(disk.insert(file, bytes)),
                    DiskOp::Delete { file } => drop(disk.remove(&file)),
                }
            }
        }
    }
    let n_samples = head.stats().n_samples;
    println!("{n_samples} samples");
    appending.print("store (with the making of values)");
    logging.print("log");
    println!("log: {:.2} bytes a sample", log_bytes as f64 / n_samples as f64);
    ticking.print("slices of blocks");
    for kind in ["series", "block", "log"] {
        let sizes: Vec<usize> = disk.iter().filter(|(name, _)| name.starts_with(kind)).map(|(_, b)| b.len()).collect();
        println!("{kind}: {} files, {} kB", sizes.len(), sizes.iter().sum::<usize>() / 1_000);
    }
    let all: usize = disk.values().map(Vec::len).sum();
    println!("disk: {:.3} bytes a sample; store: {} kB", all as f64 / n_samples as f64, head.stats().bytes / 1_000);
    for _ in 0..3 {
        let mut again = Head::new(HeadOptions::default());
        let mut by_kind: BTreeMap<String, Spent> = BTreeMap::new();
        let start = cpu_time();
        let mut restore = Restore::new(disk.keys().cloned().collect(), JournalOptions::default());
        while let Some(file) = restore.next_file().map(str::to_owned) {
            let kind = file.split('-').next().unwrap_or_default().to_owned();
            by_kind.entry(kind).or_default().on(|| restore.file(&mut again, &disk[&file]));
        }
        let (_, report, _) = restore.finish(&mut again).expect("a known version");
        println!("restore: {:.0} ms, {} samples", (cpu_time() - start).as_secs_f64() * 1e3, report.n_samples);
        by_kind.iter().for_each(|(kind, spent)| spent.print(&format!("  {kind}")));
        println!("  store: {} kB", again.stats().bytes / 1_000);
        assert!(report.is_clean() && report.n_samples == n_samples);
    }
}
