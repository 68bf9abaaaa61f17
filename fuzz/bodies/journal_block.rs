//! Any bytes as a block or a series file, and as the records of one whose checksums are right: a start reads them, and what
//! it made of them can be written and read again.

use journal::{JournalOptions, Restore, unpack};
use tsdb::{Head, HeadOptions};

#[allow(dead_code, reason = "another target runs it")]
#[path = "journal_log.rs"]
pub mod log;

/// The body of the fuzz target; a test runs it on blocks that were changed.
pub fn run(bytes: &[u8]) {
    // Names that blocks may be about, then anything.
    let names = {
        let mut payload = vec![1, 4];
        for idx in 0..4_u8 {
            payload.extend([2, 1, 0, 8]);
            payload.extend(b"__name__");
            payload.extend([0, 2, b'm', b'0' + idx]);
        }
        [&[payload.len() as u8, 0][..], &payload, &[2, 0, 3, 0]].concat()
    };
    for (series, block) in [
        (log::file(b'S', &names), log::file(b'B', bytes)),
        (log::file(b'S', &names), bytes.to_vec()),
        (log::file(b'S', bytes), log::file(b'B', bytes)),
        (bytes.to_vec(), log::file(b'B', bytes)),
    ] {
        let files = ["series-00000001", "block-00000001"].map(str::to_owned);
        let mut head = Head::new(HeadOptions { max_series: 1_000, ..HeadOptions::default() });
        let mut restore = Restore::new(files.to_vec(), JournalOptions::default());
        restore.file(&mut head, &series);
        restore.file(&mut head, &block);
        let Ok((mut journal, ..)) = restore.finish(&mut head) else { continue };
        log::read(&head);
        log::go_on(&mut head, &mut journal);
    }
    for bytes in [bytes.to_vec(), log::file(b'P', bytes)] {
        let mut head = Head::new(HeadOptions { max_series: 1_000, ..HeadOptions::default() });
        let _ = unpack(&mut head, &bytes);
        log::read(&head);
    }
}
