//! Series carried from one store to another in one piece of bytes: what a bundle holds.
//!
//! ```text
//! pack: header · records, each: tag · body, as in series files (1), blocks (samples 2, exemplars 3), end (4)
//! ```
//! The number of a series is its place in the list that was packed.

use crate::disk::Refused;
use crate::format::{BadHeader, Kind, Next, Records, put_record};
use crate::names;
use model::{Labels, TimeRange};
use std::collections::BTreeMap;
use tsdb::bytes::Reader;
use tsdb::{Head, Packer, SeriesRef};

const SERIES: u8 = 1;
const SAMPLES: u8 = 2;
const EXEMPLARS: u8 = 3;
const END: u8 = 4;

/// Records end at about so many bytes or names.
const RECORD_BYTES: usize = 1 << 20;
const NAMES: usize = 4_096;

/// What [`unpack`] brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// Series in the bytes.
    pub n_series: usize,
    /// Samples that are in the store now and were not before.
    pub n_samples: usize,
    /// Samples that are not, because the store has newer ones of their series.
    pub n_old: usize,
    /// Series for which the store has no room.
    pub n_left_out: usize,
    /// Exemplars that are in the store now and were not before.
    pub n_exemplars: usize,
}

/// Why bytes were not unpacked. The store is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// They come from another version.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// They are damaged, cut off, or something else.
    #[error("the packed samples are damaged or incomplete")]
    Damaged,
}

/// Packs the samples of a range of series, with the exemplars that the store has of them in it.
#[must_use]
pub fn pack(head: &Head, series: &[SeriesRef], range: TimeRange) -> Vec<u8> {
    let mut out = Vec::new();
    Kind::Pack.put_header(&mut out);
    let named: Vec<(u32, &Labels)> =
        (0..).zip(series).filter_map(|(number, &one)| Some((number, head.labels(one)?))).collect();
    for part in named.chunks(NAMES) {
        let mut payload = vec![SERIES];
        names::put_series(&mut payload, part);
        put_record(&mut out, &payload);
    }
    let mut packer = Packer::default();
    let mut put = |packer: &mut Packer| {
        let mut payload = vec![SAMPLES];
        payload.append(&mut packer.take());
        put_record(&mut out, &payload);
    };
    for (number, &one) in (0..).zip(series) {
        packer.add(head, one, number, range);
        if packer.len() >= RECORD_BYTES {
            put(&mut packer);
        }
    }
    if !packer.is_empty() {
        put(&mut packer);
    }
    let numbers: BTreeMap<SeriesRef, u32> = series.iter().copied().zip(0..).collect();
    let of_range = head.exemplars().filter(|(_, one)| range.contains(one.at));
    let exemplars: Vec<_> =
        of_range.filter_map(|(_, one)| Some((*numbers.get(&one.series)?, one.at, &one.exemplar))).collect();
    if !exemplars.is_empty() {
        let mut payload = vec![EXEMPLARS];
        names::put_exemplars(&mut payload, exemplars.into_iter());
        put_record(&mut out, &payload);
    }
    put_record(&mut out, &[END]);
    out
}

/// Puts packed series into a store. Whole chunks are taken over as they are; a journal that keeps up with the store writes a
/// block of them soon.
///
/// # Errors
/// If the bytes are damaged or of another version: nothing of them is taken then, but for records that are good and
/// make no sense.
pub fn unpack(head: &mut Head, bytes: &[u8]) -> Result<Unpacked, UnpackError> {
    let mut records = Records::of_file(Kind::Pack, bytes).map_err(|bad| match bad {
        BadHeader::Version(refused) => UnpackError::Refused(refused),
        BadHeader::Damaged => UnpackError::Damaged,
    })?;
    let mut payloads = Vec::new();
    loop {
        match records.next() {
            Next::Record([END]) if records.left() == 0 => break,
            Next::Record(payload) => payloads.push(payload),
            Next::Damaged(_) | Next::End => return Err(UnpackError::Damaged),
        }
    }
    let mut unpacked = Unpacked::default();
    let mut series: BTreeMap<u32, Option<SeriesRef>> = BTreeMap::new();
    for payload in payloads {
        let (tag, body) = payload.split_first().ok_or(UnpackError::Damaged)?;
        let mut reader = Reader::new(body);
        let find = |number: u32| series.get(&number).copied().flatten();
        match *tag {
            SERIES => names::read_series(&mut reader, |number, labels| {
                let found = head.get_or_create(&labels).ok();
                unpacked.n_left_out += usize::from(found.is_none());
                unpacked.n_series += 1;
                series.insert(number, found);
            }),
            SAMPLES => {
                let loaded = head.load(body, find).map_err(|_| UnpackError::Damaged)?;
                unpacked.n_samples += loaded.n_samples;
                unpacked.n_old += loaded.n_old;
                Some(())
            }
            EXEMPLARS => names::read_exemplars(&mut reader, |number, at, exemplar| {
                let is_new = find(number).is_some_and(|series| head.append_exemplar(series, exemplar, at));
                unpacked.n_exemplars += usize::from(is_new);
            }),
            _ => None,
        }
        .ok_or(UnpackError::Damaged)?;
    }
    Ok(unpacked)
}
