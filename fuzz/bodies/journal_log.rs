//! Any bytes as a log, and as the records of one whose checksums are right: a start reads them, and what it made of them
//! can be written and read again.

use crate::files;
use journal::{DiskOp, Follower, JournalOptions, Restore};
use tsdb::{Head, HeadOptions};

/// The body of the fuzz target; a test runs it on logs that were changed.
pub fn run(bytes: &[u8]) {
    start("log-00000003", bytes);
    let framed = files::file(b'L', bytes);
    start("log-00000003", &framed);
    let (mut head, mut follower) = (Head::new(HeadOptions::default()), Follower::new());
    let op = DiskOp::Append { file: "log-00000003".to_owned(), bytes: framed };
    let _ = follower.apply(&mut head, &op);
    files::read(&head);
}

fn start(name: &str, bytes: &[u8]) {
    let mut head = Head::new(HeadOptions { max_series: 1_000, ..HeadOptions::default() });
    let mut restore = Restore::new(vec![name.to_owned()], JournalOptions::default());
    restore.file(&mut head, bytes);
    let Ok((mut journal, report, _)) = restore.finish(&mut head) else { return };
    assert_eq!(report.n_samples, head.stats().n_samples);
    files::read(&head);
    files::go_on(&mut head, &mut journal);
}
