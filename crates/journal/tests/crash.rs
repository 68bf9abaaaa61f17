//! The browser is killed at any moment: all that was acknowledged is there, and nothing else.

use crate::world::{Disk, Step, append, apply, contents, families, options, restore, strategy};
use journal::{DiskOp, Follower, Journal};
use model::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;
use tsdb::{Head, HeadOptions};

type Contents = BTreeMap<String, Vec<String>>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn all_that_was_acknowledged_is_there_after_a_kill(
        steps in strategy::steps(1..100), kills in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 6),
    ) {
        let mut head = Head::new(HeadOptions::default());
        let mut journal = Journal::new(options());
        journal.start(&mut head);
        let mut disk = Disk::new();
        let (mut other, mut follower) = (Head::new(HeadOptions::default()), Follower::new());
        // Each operation with what is acknowledged once it is done.
        let mut done: Vec<(DiskOp, Option<(Contents, String)>)> = Vec::new();
        let mut now = 0;
        for (gap, step) in &steps {
            now += gap;
            append(&mut head, step, now);
            let mut ops = Vec::new();
            match step {
                Step::Scrape { .. } | Step::Upload { .. } => {
                    journal.metadata(&families(now));
                    ops.extend(journal.append(&mut head, Timestamp(now)));
                    prop_assert!(ops.len() <= 1, "a scrape is one operation");
                }
                Step::Tick { n, samples } => {
                    for _ in 0..*n {
                        ops.extend(journal.tick(&mut head, Timestamp(now), *samples));
                    }
                }
                Step::Restart => {
                    let before = contents(&head);
                    let report;
                    (head, journal, report, ops) = restore(&disk);
                    prop_assert!(report.is_clean(), "{:?}", report);
                    prop_assert_eq!(contents(&head), before);
                }
            }
            for op in &ops {
                apply(&mut disk, op, usize::MAX);
                follower.apply(&mut other, op).expect("all of them, in order");
                done.push((op.clone(), None));
            }
            prop_assert_eq!(contents(&other), contents(&head));
            prop_assert_eq!(follower.families(), journal.families());
            let bytes: usize = disk.values().map(Vec::len).sum();
            prop_assert_eq!(journal.bytes(), bytes as u64);
            if let Some((_, acknowledged)) = done.last_mut() {
                *acknowledged = Some((contents(&head), format!("{:?}", journal.families())));
            }
        }
        for (at, part) in kills {
            let at = at.index(done.len() + 1);
            let mut disk = Disk::new();
            done[..at].iter().for_each(|(op, _)| apply(&mut disk, op, usize::MAX));
            if let Some((op, _)) = done.get(at) {
                let len = match op {
                    DiskOp::Append { bytes, .. } | DiskOp::Write { bytes, .. } => part.index(bytes.len()),
                    DiskOp::Delete { .. } => 0,
                };
                apply(&mut disk, op, len);
            }
            // Operations of one call are acknowledged together; those of a tick change nothing of what is there.
            let want = done[..at].iter().rev().find_map(|(_, acknowledged)| acknowledged.clone());
            let (head, journal, _, ops) = restore(&disk);
            if let Some((want, families)) = want {
                prop_assert_eq!(contents(&head), want, "killed at {} of {}", at, done.len());
                prop_assert_eq!(format!("{:?}", journal.families()), families);
            } else {
                prop_assert_eq!(head.stats().n_samples, 0);
            }
            // What the start did changes nothing either, and it goes on from there.
            ops.iter().for_each(|op| apply(&mut disk, op, usize::MAX));
            go_on(head, journal, disk, now)?;
        }
    }
}

/// Scrapes some more, writes a block, and starts again.
fn go_on(mut head: Head, mut journal: Journal, mut disk: Disk, now: i64) -> Result<(), TestCaseError> {
    let bytes: usize = disk.values().map(Vec::len).sum();
    prop_assert_eq!(journal.bytes(), bytes as u64);
    for n in 1..30 {
        let now = now + n * 100;
        append(&mut head, &Step::Scrape { target: (n % 3) as u8, skip: 0, seed: n as u64, churn: n % 7 == 0 }, now);
        for op in journal.append(&mut head, Timestamp(now)) {
            apply(&mut disk, &op, usize::MAX);
        }
        for op in journal.tick(&mut head, Timestamp(now), 500) {
            apply(&mut disk, &op, usize::MAX);
        }
    }
    let (again, ..) = restore(&disk);
    prop_assert_eq!(contents(&again), contents(&head));
    Ok(())
}
