//! What all files have in common: names, a header, records with checksums.
//!
//! ```text
//! file:   magic "PMJ" · kind (L log, B block, S series, P pack) · version · CRC of these 8 bytes · records
//! record: length of the payload · CRC of the length and the payload · payload
//! ```
//! Numbers of four bytes are little-endian, the CRC is CRC-32 (IEEE). A record is never empty, so zeros are none. Payloads
//! are written in the terms of [`tsdb::bytes`].

use crate::disk::Refused;
use tsdb::bytes::Reader;

/// The version that is written. Files of another one are refused: there is no older one yet. The next version reads this one.
pub(crate) const VERSION: u32 = 1;

/// A file's number has eight digits.
const MAX_NUMBER: u32 = 99_999_999;
/// Bytes of a record before its payload.
const FRAME: usize = 8;
/// No record is longer: a million samples are a tenth of it.
const MAX_RECORD: usize = 1 << 28;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Names of series; families.
    Series,
    /// What a log held, compressed.
    Block,
    /// What was appended, scrape by scrape.
    Log,
    /// All of it in one, to be carried elsewhere.
    Pack,
}

impl Kind {
    fn letter(self) -> u8 {
        match self {
            Kind::Series => b'S',
            Kind::Block => b'B',
            Kind::Log => b'L',
            Kind::Pack => b'P',
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Kind::Series => "series-",
            Kind::Block => "block-",
            Kind::Log => "log-",
            Kind::Pack => "pack-",
        }
    }

    /// The name of a file.
    pub(crate) fn file(self, number: u32) -> String {
        format!("{}{number:08}", self.prefix())
    }

    /// What a file of this name is, if it is one of ours.
    pub(crate) fn of_file(name: &str) -> Option<(Kind, u32)> {
        [Kind::Series, Kind::Block, Kind::Log].into_iter().find_map(|kind| {
            let number = name.strip_prefix(kind.prefix())?.parse().ok()?;
            (number <= MAX_NUMBER && kind.file(number) == name).then_some((kind, number))
        })
    }

    /// Begins a file.
    pub(crate) fn put_header(self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(b"PMJ");
        out.push(self.letter());
        out.extend_from_slice(&VERSION.to_le_bytes());
        let crc = crc32fast::hash(out.get(start..).unwrap_or(&[]));
        out.extend_from_slice(&crc.to_le_bytes());
    }
}

/// Why a file has no records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadHeader {
    /// It is of a version that this build does not read.
    Version(Refused),
    /// It is damaged, or cut off.
    Damaged,
}

/// Adds a record. An empty payload adds nothing.
pub(crate) fn put_record(out: &mut Vec<u8>, payload: &[u8]) {
    if payload.is_empty() {
        return;
    }
    let len = (payload.len() as u32).to_le_bytes();
    let mut crc = crc32fast::Hasher::new();
    crc.update(&len);
    crc.update(payload);
    out.reserve(FRAME + payload.len());
    out.extend_from_slice(&len);
    out.extend_from_slice(&crc.finalize().to_le_bytes());
    out.extend_from_slice(payload);
}

/// The records of a file, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Records<'a> {
    rest: Reader<'a>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    /// A record with a good checksum.
    Record(&'a [u8]),
    /// A record that is cut off or damaged, at the beginning of so many bytes.
    Damaged(usize),
    /// Nothing.
    End,
}

impl<'a> Records<'a> {
    /// The records of a file of a kind.
    pub(crate) fn of_file(kind: Kind, bytes: &'a [u8]) -> Result<Self, BadHeader> {
        let mut reader = Reader::new(bytes);
        let mut header = || {
            let (magic, letter) = (reader.take(3)?, reader.byte()?);
            let (version, crc) = (reader.half_word()?, reader.half_word()?);
            let is_whole = bytes.get(..8).is_some_and(|head| crc32fast::hash(head) == crc);
            (magic == b"PMJ" && letter == kind.letter() && is_whole).then_some(version)
        };
        match header() {
            Some(VERSION) => Ok(Records { rest: reader }),
            Some(version) => Err(BadHeader::Version(Refused { version, known: VERSION })),
            None => Err(BadHeader::Damaged),
        }
    }

    /// Records without a header before them.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        Records { rest: Reader::new(bytes) }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next record. A damaged one stays the next.
    pub(crate) fn next(&mut self) -> Next<'a> {
        if self.rest.is_empty() {
            return Next::End;
        }
        let mut reader = self.rest.clone();
        match read(&mut reader) {
            Some((payload, true)) => {
                self.rest = reader;
                Next::Record(payload)
            }
            _ => Next::Damaged(self.rest.len()),
        }
    }

    /// Goes past a damaged record to the next one, if its length can be believed because a good record, or the end, follows.
    pub(crate) fn skip(&mut self) -> bool {
        let mut reader = self.rest.clone();
        let is_there =
            read(&mut reader).is_some() && (reader.is_empty() || matches!(read(&mut reader.clone()), Some((_, true))));
        if is_there {
            self.rest = reader;
        }
        is_there
    }
}

/// A payload, and whether its checksum is good.
fn read<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8], bool)> {
    let len = reader.half_word()?;
    let crc = reader.half_word()?;
    let payload = reader.take(usize::try_from(len).ok().filter(|&len| len > 0 && len <= MAX_RECORD)?)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&len.to_le_bytes());
    hasher.update(payload);
    Some((payload, hasher.finalize() == crc))
}
