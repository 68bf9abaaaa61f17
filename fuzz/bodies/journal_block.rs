//! Any bytes as a block or a series file, and as the records of one whose checksums are right: a start reads them, and what
//! it made of them can be written and read again.

use crate::files;
use journal::{JournalOptions, Restore, unpack};
use tsdb::{Head, HeadOptions};

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
        (files::file(b'S', &names), files::file(b'B', bytes)),
        (files::file(b'S', &names), bytes.to_vec()),
        (files::file(b'S', bytes), files::file(b'B', bytes)),
        (bytes.to_vec(), files::file(b'B', bytes)),
    ] {
        let names = ["series-00000001", "block-00000001"].map(str::to_owned);
        let mut head = Head::new(HeadOptions { max_series: 1_000, ..HeadOptions::default() });
        let mut restore = Restore::new(names.to_vec(), JournalOptions::default());
        restore.file(&mut head, &series);
        restore.file(&mut head, &block);
        let Ok((mut journal, ..)) = restore.finish(&mut head) else { continue };
        files::read(&head);
        files::go_on(&mut head, &mut journal);
    }
    for bytes in [bytes.to_vec(), files::file(b'P', bytes)] {
        let mut head = Head::new(HeadOptions { max_series: 1_000, ..HeadOptions::default() });
        let _ = unpack(&mut head, &bytes);
        files::read(&head);
    }
}
