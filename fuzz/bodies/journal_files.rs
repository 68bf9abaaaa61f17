//! What the bodies about logs and blocks share: files with good checksums, and that what a start made of one can be used.

use journal::{DiskOp, Journal, JournalOptions, Restore};
use model::{TimeRange, Timestamp};
use tsdb::{Head, HeadOptions, SampleBuf};

/// A file with good checksums: the first two bytes of each record say how long it is.
pub fn file(kind: u8, mut bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![b'P', b'M', b'J', kind, 1, 0, 0, 0];
    file.extend(crc32fast::hash(&file).to_le_bytes());
    while let Some((&len, rest)) = bytes.split_first_chunk().filter(|(_, rest)| !rest.is_empty()) {
        let len = usize::from(u16::from_le_bytes(len)).max(1);
        let (payload, rest) = rest.split_at(rest.len().min(len));
        bytes = rest;
        let len = (payload.len() as u32).to_le_bytes();
        file.extend(len);
        file.extend(crc32fast::hash(&[&len[..], payload].concat()).to_le_bytes());
        file.extend(payload);
    }
    file
}

/// Reads all that is there.
pub fn read(head: &Head) {
    let mut n = 0;
    for series in head.select(&[], TimeRange::ALL).expect("no pattern") {
        let mut buf = SampleBuf::default();
        head.read(series, TimeRange::ALL, &mut buf);
        assert!(buf.ts.is_sorted_by(|a, b| a < b) && buf.ts.len() == buf.vs.len());
        n += buf.len();
    }
    assert_eq!(n, head.stats().n_samples);
}

/// All that came is written to a block, from which a start reads as much.
pub fn go_on(head: &mut Head, journal: &mut Journal) {
    let far = Timestamp(i64::MAX / 2);
    let mut again = Head::new(HeadOptions::default());
    journal.append(head, Timestamp(0));
    let up = model::Labels::from_pairs([("__name__", "up")]);
    let _ = head.append(&up, Timestamp(1), 1.0);
    let mut ops = journal.append(head, Timestamp(0));
    for _ in 0..4 {
        ops.extend(journal.tick(head, far, usize::MAX));
    }
    let files: Vec<_> = ops
        .into_iter()
        .filter_map(|op| if let DiskOp::Write { file, bytes } = op { Some((file, bytes)) } else { None })
        .collect();
    let mut restore = Restore::new(files.iter().map(|(name, _)| name.clone()).collect(), JournalOptions::default());
    while let Some(name) = restore.next_file().map(str::to_owned) {
        let bytes = files.iter().find(|(file, _)| *file == name).map_or(&[][..], |(_, bytes)| bytes);
        restore.file(&mut again, bytes);
    }
    restore.finish(&mut again).expect("what was written");
    read(&again);
}
