//! Files that are cut off or changed: nothing panics, nothing is invented, what is good is there.

use crate::world::{Disk, Step, append, apply, contents, families, options, restore};
use journal::{DiskOp, Journal, JournalOptions, Refused, Restore};
use model::{Millis, Timestamp};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tsdb::{Head, HeadOptions};

type Contents = BTreeMap<String, Vec<String>>;

/// A small run: its disk, and what was there after each scrape.
fn run(n_scrapes: i64, options: JournalOptions) -> (Disk, Vec<Contents>) {
    let mut head = Head::new(HeadOptions::default());
    let mut journal = Journal::new(options);
    journal.start(&mut head);
    let mut disk = Disk::new();
    let mut after = vec![contents(&head)];
    for n in 1..=n_scrapes {
        let now = n * 15_000;
        let step = Step::Scrape { target: (n % 2) as u8, skip: (n * 77) as u16, seed: n as u64, churn: n % 5 == 0 };
        append(&mut head, &step, now);
        if n % 4 == 0 {
            append(&mut head, &Step::Upload { series: 1, steps: vec![(1, 7), (3, 8), (4, 9)] }, now);
        }
        journal.metadata(&families(now));
        let mut ops = journal.append(&mut head, Timestamp(now));
        ops.extend(journal.tick(&mut head, Timestamp(now), 1_000_000));
        ops.extend(journal.tick(&mut head, Timestamp(now), 1_000_000));
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
        after.push(contents(&head));
    }
    (disk, after)
}

fn only_a_log() -> JournalOptions {
    JournalOptions { max_log_bytes: 1 << 30, max_log_age: Millis(1 << 40), ..options() }
}

/// Every line of what is there is one of what was written.
fn nothing_is_invented(got: &Contents, all: &Contents) {
    for (series, lines) in got {
        // What is known of a reset depends on the histogram before, which may be missing.
        let plain = |line: &String| line.replace("NotReset", "?").replace("Unknown", "?").replace("Reset", "?");
        let written: BTreeSet<String> = all.get(series).into_iter().flatten().map(plain).collect();
        for line in lines {
            assert!(written.contains(&plain(line)), "{series} never had {line}");
        }
    }
}

#[test]
fn a_log_is_read_up_to_where_it_is_cut() {
    let (disk, after) = run(12, only_a_log());
    let log = &disk["log-00000001"];
    let mut n_seen = 0;
    for cut in 0..=log.len() {
        let (head, _, report, _) = restore(&Disk::from([("log-00000001".to_owned(), log[..cut].to_vec())]));
        let got = contents(&head);
        // Never fewer scrapes than with one byte less, each of them whole.
        while got != after[n_seen] {
            n_seen += 1;
            assert!(n_seen < after.len(), "cut at {cut}: a scrape is there in part");
        }
        let n_whole = report.torn.first().map_or(cut, |(_, bytes)| cut - bytes);
        assert_eq!(report.is_clean(), n_whole == cut);
        assert!(report.damaged.is_empty());
    }
    assert_eq!(n_seen, after.len() - 1);
}

#[test]
fn a_log_is_read_up_to_where_it_is_damaged() {
    let (disk, after) = run(12, only_a_log());
    let log = &disk["log-00000001"];
    // Where each record ends.
    let mut ends = vec![12];
    while let Some(len) = log.get(*ends.last().expect("one")..).and_then(|rest| rest.first_chunk()) {
        ends.push(ends.last().expect("one") + 8 + u32::from_le_bytes(*len) as usize);
    }
    assert_eq!(ends.len(), after.len());
    for at in 0..log.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = log.clone();
            changed[at] ^= change;
            let disk = Disk::from([("log-00000001".to_owned(), changed)]);
            let mut head = Head::new(HeadOptions::default());
            let mut restore = Restore::new(disk.keys().cloned().collect(), options());
            restore.file(&mut head, &disk["log-00000001"]);
            let (_, report, _) = restore.finish(&mut head).expect("a checksum says that it is no other version");
            let n_before = ends.iter().filter(|&&end| end <= at).count();
            assert_eq!(contents(&head), after[n_before.saturating_sub(1)], "changed at {at}");
            assert!(!report.is_clean());
        }
    }
}

#[test]
fn damaged_blocks_and_names_cost_what_is_damaged() {
    let (disk, after) = run(42, options());
    let whole = after.last().expect("some");
    let blocks = disk.keys().filter(|name| name.starts_with("block")).count();
    let logs = disk.keys().filter(|name| name.starts_with("log")).count();
    assert!(blocks >= 3 && logs >= 1, "{:?}", disk.keys());
    for (name, bytes) in &disk {
        for at in (0..bytes.len()).step_by(11) {
            for is_cut in [false, true] {
                let mut other = disk.clone();
                let changed = other.get_mut(name).expect("it is there");
                if is_cut {
                    changed.truncate(at);
                } else {
                    changed[at] ^= 0x10;
                }
                let (head, _, report, ops) = restore(&other);
                // A log that ends with a whole record is one that was written so far.
                assert!(!report.is_clean() || is_cut && name.starts_with("log"), "{name} is changed at {at}");
                let got = contents(&head);
                nothing_is_invented(&got, whole);
                // What the other blocks and the log say is there.
                assert!(name.starts_with("series") || got.len() * 2 > whole.len(), "{name} at {at}: {}", got.len());
                assert!(ops.is_empty(), "nothing that may be of use is deleted: {ops:?}");
            }
        }
    }
}

#[test]
fn a_block_that_was_not_finished_is_ignored_while_its_log_is_there() {
    let mut head = Head::new(HeadOptions::default());
    let mut journal = Journal::new(options());
    journal.start(&mut head);
    let mut disk = Disk::new();
    let mut ops: Vec<DiskOp> = Vec::new();
    let mut now = 0;
    while !ops.iter().any(|op| op.file().starts_with("block")) {
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
        now += 15_000;
        append(&mut head, &Step::Scrape { target: 1, skip: 0, seed: 3, churn: false }, now);
        ops = journal.append(&mut head, Timestamp(now));
        ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
        ops = journal.tick(&mut head, Timestamp(now), 1_000_000);
    }
    let block = ops.iter().position(|op| op.file().starts_with("block")).expect("there is one");
    ops[..block].iter().for_each(|op| apply(&mut disk, op, usize::MAX));
    let DiskOp::Write { file, bytes } = &ops[block] else { panic!("a block is written") };
    for cut in 0..bytes.len() {
        let mut disk = disk.clone();
        disk.insert(file.clone(), bytes[..cut].to_vec());
        let (again, _, report, ops) = restore(&disk);
        assert_eq!(contents(&again), contents(&head), "cut at {cut}");
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(ops, [DiskOp::Delete { file: file.clone() }]);
    }
}

#[test]
fn another_format_is_refused_and_left_alone() {
    let (disk, _) = run(40, options());
    for name in disk.keys() {
        for version in [0_u32, 2, 77] {
            let mut changed = disk.clone();
            let bytes = changed.get_mut(name).expect("it is there");
            bytes[4..8].copy_from_slice(&version.to_le_bytes());
            let crc = crc32fast::hash(&bytes[..8]);
            bytes[8..12].copy_from_slice(&crc.to_le_bytes());
            let mut head = Head::new(HeadOptions::default());
            let mut restore = Restore::new(changed.keys().cloned().collect(), options());
            while let Some(file) = restore.next_file() {
                let bytes = changed[file].clone();
                restore.file(&mut head, &bytes);
            }
            let refused = restore.finish(&mut head).expect_err("another version");
            assert_eq!(refused, Refused { version, known: 1 });
            let text = format!("the stored samples are of format {version}, and this build reads format 1 only");
            assert_eq!(refused.to_string(), text);
        }
    }
}

#[test]
fn files_of_others_are_left_alone_and_those_that_cannot_be_read_are_named() {
    let (disk, after) = run(40, options());
    let mut names: Vec<String> = disk.keys().cloned().collect();
    names.extend(
        ["log-1", "log-000000001", "lock", "block-", "notes.txt", "log--0000001", "log-+0000001"].map(str::to_owned),
    );
    let mut head = Head::new(HeadOptions::default());
    let mut restore = Restore::new(names, options());
    let mut skipped = Vec::new();
    while let Some(file) = restore.next_file().map(str::to_owned) {
        if file.starts_with("block") && skipped.is_empty() {
            skipped.push(file);
            restore.skip(&head);
        } else {
            restore.file(&mut head, &disk[&file]);
        }
    }
    let (_, report, ops) = restore.finish(&mut head).expect("a known version");
    assert_eq!(report.damaged, skipped);
    assert!(ops.is_empty());
    nothing_is_invented(&contents(&head), after.last().expect("some"));
}

/// Records as the bodies of the fuzz targets want them, so that their checksums are right whatever was changed.
fn unframed(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = file.get(12..).unwrap_or(&[]);
    while let Some(len) = rest.first_chunk().map(|len| u32::from_le_bytes(*len) as usize) {
        let payload = &rest[8..8 + len];
        rest = &rest[8 + len..];
        bytes.extend(u16::try_from(len).expect("small records").to_le_bytes());
        bytes.extend(payload);
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn changed_files_with_good_checksums_do_no_harm(
        n_scrapes in 1_i64..12, changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let (mut disk, _) = run(n_scrapes, only_a_log());
        disk.extend(run(n_scrapes, JournalOptions { max_log_bytes: 1, ..options() }).0);
        for bytes in disk.values() {
            let mut bytes = unframed(bytes);
            for (at, byte) in &changes {
                if let Some(changed) = bytes.len().checked_sub(1).map(|_| at.index(bytes.len())) {
                    bytes[changed] = *byte;
                }
            }
            crate::log_body::run(&bytes);
            crate::block_body::run(&bytes);
        }
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(prop_oneof![4 => 0_u8..8, 1 => any::<u8>()], 0..120)) {
        crate::log_body::run(&bytes);
        crate::block_body::run(&bytes);
    }
}
