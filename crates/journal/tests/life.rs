//! Retention, clearing, full disks, imports: what a journal does over its life.

use crate::world::{Disk, Step, append, apply, contents, families, options, restore, strategy};
use journal::{DiskOp, Follower, Journal, JournalOptions};
use model::{Labels, Millis, Timestamp};
use proptest::prelude::*;
use tsdb::{ChunkSizes, Head, HeadOptions};

/// A disk that takes so many bytes.
struct FullDisk {
    disk: Disk,
    room: usize,
}

impl FullDisk {
    /// Does operations up to the first that does not fit; the others come back.
    fn apply(&mut self, ops: Vec<DiskOp>) -> Vec<DiskOp> {
        let mut ops = ops.into_iter();
        while let Some(op) = ops.next() {
            let used: usize = self.disk.values().map(Vec::len).sum();
            let room = self.room.saturating_sub(used);
            match &op {
                DiskOp::Append { bytes, .. } if bytes.len() > room => {
                    apply(&mut self.disk, &op, room);
                    return [op].into_iter().chain(ops).collect();
                }
                // Whoever writes a whole file removes what he did not finish.
                DiskOp::Write { bytes, .. } if bytes.len() > room => return [op].into_iter().chain(ops).collect(),
                _ => apply(&mut self.disk, &op, usize::MAX),
            }
        }
        Vec::new()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// The disk is full for a while, now and then: what could not be written is written later.
    #[test]
    fn nothing_is_missing_once_there_is_room_again(
        steps in strategy::steps(20..120), room in 0_usize..20_000, frees in 1_usize..50,
    ) {
        let mut head = Head::new(HeadOptions::default());
        let mut journal = Journal::new(options());
        journal.start(&mut head);
        let mut full = FullDisk { disk: Disk::new(), room };
        let mut now = 0;
        for (idx, (gap, step)) in steps.iter().enumerate() {
            now += gap;
            append(&mut head, step, now);
            journal.metadata(&families(now));
            let mut ops = journal.append(&mut head, Timestamp(now));
            if let Step::Tick { samples, .. } = step {
                ops.extend(journal.tick(&mut head, Timestamp(now), *samples));
            }
            journal.failed(full.apply(ops));
            if idx % frees == frees - 1 {
                full.room += 3_000;
            }
        }
        full.room = usize::MAX;
        for _ in 0..200 {
            now += 20_000;
            let ops = journal.tick(&mut head, Timestamp(now), 1_000);
            journal.failed(full.apply(ops));
        }
        prop_assert!(journal.is_durable());
        let (again, again_journal, ..) = restore(&full.disk);
        prop_assert_eq!(contents(&again), contents(&head));
        prop_assert_eq!(again_journal.families(), journal.families());
    }

    #[test]
    fn a_clear_counts_even_if_it_was_not_finished(
        steps in strategy::steps(1..60), after in strategy::steps(0..30), done in any::<prop::sample::Index>(),
    ) {
        let mut head = Head::new(HeadOptions::default());
        let mut journal = Journal::new(options());
        journal.start(&mut head);
        let mut disk = Disk::new();
        let (mut other, mut follower) = (Head::new(HeadOptions::default()), Follower::new());
        let mut now = 0;
        let mut go = |head: &mut Head, journal: &mut Journal, disk: &mut Disk, steps: &[(i64, Step)]| {
            let mut done = Vec::new();
            for (gap, step) in steps {
                now += gap;
                append(head, step, now);
                journal.metadata(&families(now));
                let mut ops = journal.append(head, Timestamp(now));
                ops.extend(journal.tick(head, Timestamp(now), 1_000));
                ops.iter().for_each(|op| apply(disk, op, usize::MAX));
                done.extend(ops);
            }
            done
        };
        let mut all = go(&mut head, &mut journal, &mut disk, &steps);
        head.clear();
        let ops = journal.clear();
        let mut killed = disk.clone();
        let n_done = done.index(ops.len()) + 1;
        ops[..n_done].iter().for_each(|op| apply(&mut killed, op, usize::MAX));
        let (again, _, report, ops_of_start) = restore(&killed);
        prop_assert_eq!(again.stats().n_series, 0);
        prop_assert_eq!(report.n_families, 0);
        ops_of_start.iter().for_each(|op| apply(&mut killed, op, usize::MAX));
        prop_assert_eq!(killed.len(), 1, "only the log that says so is left: {:?}", killed.keys());

        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
        all.extend(ops);
        all.extend(go(&mut head, &mut journal, &mut disk, &after));
        let (again, ..) = restore(&disk);
        prop_assert_eq!(contents(&again), contents(&head));
        all.iter().for_each(|op| follower.apply(&mut other, op).expect("in order"));
        prop_assert_eq!(contents(&other), contents(&head));
    }
}

fn labels(idx: usize) -> Labels {
    Labels::from_pairs([("__name__", "m".to_owned()), ("idx", idx.to_string())])
}

/// Scrapes some series at 15 s; with `churn` one of ten is a new one each time.
fn scrape(head: &mut Head, n: i64, churn: bool) {
    for idx in 0..20_usize {
        let idx = if churn && idx < 2 { 1_000 + 2 * n as usize + idx } else { idx };
        head.append(&labels(idx), Timestamp(n * 15_000), (n * idx as i64) as f64).expect("in order");
    }
}

#[test]
fn a_day_with_churn_stays_as_small_as_its_retention() {
    let chunks = ChunkSizes { open: 8, sealed_at_once: 4, chunk: 32 };
    let retention = Millis::from_secs(3_600);
    let mut head = Head::new(HeadOptions { retention, chunks, ..HeadOptions::default() });
    let options = JournalOptions { max_log_age: Millis::from_secs(300), ..JournalOptions::default() };
    let mut journal = Journal::new(options);
    journal.start(&mut head);
    let mut disk = Disk::new();
    let mut sizes = Vec::new();
    for n in 0..5_760 {
        let now = Timestamp(n * 15_000);
        scrape(&mut head, n, true);
        let mut ops = journal.append(&mut head, now);
        if n % 4 == 0 {
            head.truncate(now);
        }
        ops.extend((0..6).flat_map(|_| journal.tick(&mut head, now, 100_000)));
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
        let bytes: usize = disk.values().map(Vec::len).sum();
        assert_eq!(journal.bytes(), bytes as u64);
        if n % 240 == 239 {
            sizes.push((disk.len(), bytes / 1_000));
        }
    }
    // After the first hours as much goes as comes; of each series a name, of each sample some bytes.
    let steady = &sizes[4..];
    let (n_files, kilobytes) = *steady.iter().max().expect("hours");
    assert!(n_files <= 12 + 2 + 17 && kilobytes <= 400, "{sizes:?}");
    let (again, ..) = restore(&disk);
    let newest =
        |head: &Head| (head.stats().newest, head.select(&[], model::TimeRange::ALL).expect("no pattern").len());
    assert!(newest(&again) >= newest(&head));
}

#[test]
fn the_oldest_blocks_make_room() {
    let mut head = Head::new(HeadOptions {
        chunks: ChunkSizes { open: 8, sealed_at_once: 4, chunk: 8 },
        ..HeadOptions::default()
    });
    let mut journal = Journal::new(options());
    journal.start(&mut head);
    let mut disk = Disk::new();
    for n in 0..200 {
        scrape(&mut head, n, false);
        let mut ops = journal.append(&mut head, Timestamp(n * 15_000));
        ops.extend((0..3).flat_map(|_| journal.tick(&mut head, Timestamp(n * 15_000), 100_000)));
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
    }
    let (before, oldest) = (journal.bytes(), head.stats().oldest);
    let ops = journal.drop_oldest(&mut head, 5_000);
    assert!(ops.iter().all(|op| matches!(op, DiskOp::Delete { file } if file.starts_with("block"))));
    ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
    assert!(journal.bytes() + 5_000 <= before && journal.bytes() + 7_000 > before, "{} of {before}", journal.bytes());
    assert!(head.stats().oldest > oldest, "the store drops them as well");
    let (again, ..) = restore(&disk);
    assert!(again.stats().oldest >= head.stats().oldest && again.stats().newest == head.stats().newest);
    // Until nothing is left to delete.
    let ops = journal.drop_oldest(&mut head, u64::MAX);
    ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
    assert!(disk.keys().all(|name| !name.starts_with("block")));
}

#[test]
fn what_is_there_before_or_comes_in_chunks_is_written_to_a_block() {
    let mut source = Head::new(HeadOptions::default());
    (0..100).for_each(|n| scrape(&mut source, n, false));
    let bundle =
        journal::pack(&source, &source.select(&[], model::TimeRange::ALL).expect("no pattern"), model::TimeRange::ALL);

    let mut head = Head::new(HeadOptions::default());
    head.append(&labels(99), Timestamp(1), 1.0).expect("first");
    let mut journal = Journal::new(JournalOptions::default());
    journal.start(&mut head);
    assert!(!journal.is_durable());
    journal::unpack(&mut head, &bundle).expect("what was packed");
    let mut disk = Disk::new();
    let (mut other, mut follower) = (Head::new(HeadOptions::default()), Follower::new());
    let mut ops = journal.append(&mut head, Timestamp(2_000_000));
    assert!(ops.is_empty());
    ops.extend((0..3).flat_map(|_| journal.tick(&mut head, Timestamp(2_000_000), 100_000)));
    for op in &ops {
        apply(&mut disk, op, usize::MAX);
        follower.apply(&mut other, op).expect("in order");
    }
    assert!(journal.is_durable());
    let (again, _, report, _) = restore(&disk);
    assert_eq!((report.n_samples, report.n_series), (2_001, 21));
    assert_eq!(contents(&again), contents(&head));
    assert_eq!(contents(&other), contents(&head));
}

#[test]
fn a_follower_notices_what_it_missed() {
    let mut head = Head::new(HeadOptions::default());
    let mut journal = Journal::new(JournalOptions::default());
    journal.start(&mut head);
    let mut ops = Vec::new();
    for n in 0..5 {
        scrape(&mut head, n, false);
        ops.extend(journal.append(&mut head, Timestamp(n * 15_000)));
    }
    let (mut other, mut follower) = (Head::new(HeadOptions::default()), Follower::new());
    follower.apply(&mut other, &ops[0]).expect("the first");
    follower.apply(&mut other, &ops[1]).expect("the second");
    follower.apply(&mut other, &ops[1]).expect("the second once more");
    follower.apply(&mut other, &ops[3]).expect_err("one is missing");
    let (mut other, mut follower) = (Head::new(HeadOptions::default()), Follower::new());
    follower.apply(&mut other, &ops[2]).expect_err("the beginning is missing");
}

#[test]
fn a_follower_that_came_late_reads_the_files_first() {
    let mut head = Head::new(HeadOptions::default());
    let mut journal = Journal::new(options());
    journal.start(&mut head);
    let mut disk = Disk::new();
    for n in 0..60 {
        scrape(&mut head, n, false);
        let mut ops = journal.append(&mut head, Timestamp(n * 15_000));
        ops.extend((0..2).flat_map(|_| journal.tick(&mut head, Timestamp(n * 15_000), 100_000)));
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
    }
    let mut other = Head::new(HeadOptions::default());
    let mut restore = journal::Restore::new(disk.keys().cloned().collect(), options());
    while let Some(file) = restore.next_file() {
        let bytes = disk[file].clone();
        restore.file(&mut other, &bytes);
    }
    let (mut follower, report) = restore.follow(&mut other).expect("a known version");
    assert!(report.is_clean());
    for n in 60..120 {
        scrape(&mut head, n, true);
        let mut ops = journal.append(&mut head, Timestamp(n * 15_000));
        ops.extend((0..2).flat_map(|_| journal.tick(&mut head, Timestamp(n * 15_000), 100_000)));
        ops.iter().for_each(|op| follower.apply(&mut other, op).expect("in order"));
        assert_eq!(contents(&other), contents(&head));
    }
}

#[test]
fn what_failed_before_a_clear_does_not_come_back() {
    let mut head = Head::new(HeadOptions::default());
    let mut journal = Journal::new(options());
    journal.start(&mut head);
    let mut disk = Disk::new();
    let mut late: Vec<DiskOp> = Vec::new();
    for n in 0.. {
        scrape(&mut head, n, false);
        let mut ops = journal.append(&mut head, Timestamp(n * 15_000));
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
        ops = journal.tick(&mut head, Timestamp(n * 15_000), 100_000);
        if ops.iter().any(|op| matches!(op, DiskOp::Write { .. })) {
            late = ops;
            break;
        }
    }
    head.clear();
    let ops = journal.clear();
    // The disk says only now that it did not write the block.
    journal.failed(late);
    ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
    for n in 0..5 {
        for op in journal.tick(&mut head, Timestamp(1_000_000_000 + n * 60_000), 100_000) {
            apply(&mut disk, &op, usize::MAX);
        }
    }
    let (again, ..) = restore(&disk);
    assert_eq!(again.stats().n_samples, 0);
    assert_eq!(disk.len(), 1, "{:?}", disk.keys());
}
