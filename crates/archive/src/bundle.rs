//! A bundle: one file with samples to the bit, families, exemplars, and what the page wants to find again (targets, panels).
//!
//! ```text
//! bundle   = magic version part* end
//! magic    = "PROMENADE\n"                                 10 bytes
//! version  = u32, little-endian; 1
//! part     = kind:u8 length:u32 checksum:u32 payload       length of the payload; CRC-32 of kind and payload
//! kind     = 1 page (JSON, the page's own) | 2 families (JSON) | 3 some series with samples and exemplars ([`journal::pack`])
//!            | 4 about the samples (JSON: oldest, newest, metrics) | 255 end
//! end      = part with the payload parts:u64               how many parts stand before it
//! ```
//!
//! A reader passes parts of kinds it does not know, if their checksum is good. A part is at most [`MAX_PART`] long. A file
//! without its end is torn: nothing of it is read. All checksums are looked at before the first sample is stored.
//!
//! A day of 2,000 series at 15 s is 1.4 bytes a sample, and is unpacked in 60 ms natively: chunks are taken over as they are. A
//! codec of its own for this file took 5 bytes a sample and ten seconds.

use crate::import::{ImportError, Imported};
use journal::UnpackError;
use model::{MetricFamily, MetricKind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use tsdb::Head;

/// The first bytes.
pub(crate) const MAGIC: &[u8] = b"PROMENADE\n";
const VERSION: u32 = 1;
/// Bytes of a part at most; the writer begins a new one long before.
const MAX_PART: usize = 256 << 20;
const HEAD_OF_PART: usize = 9;
/// Bytes that are checked in one step.
const CHECKED_IN_STEP: usize = 4 << 20;

const PAGE: u8 = 1;
const FAMILIES: u8 = 2;
const SAMPLES: u8 = 3;
const ABOUT: u8 = 4;
const END: u8 = 255;

/// Why a bundle cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Another program, or a later one of ours, wrote it.
    #[error("the bundle has the format {found}; this Promenade reads up to {VERSION}")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// Its samples are of another version.
    #[error("the samples of the bundle cannot be read: {0}")]
    Refused(String),
    /// It ends too early.
    #[error("the bundle breaks off after {at} bytes")]
    Torn {
        /// Where the part that is not whole begins.
        at: usize,
    },
    /// A checksum is wrong, or a part is not what it should be.
    #[error("the bundle is damaged at byte {at}")]
    Damaged {
        /// Where the part begins.
        at: usize,
    },
}

/// What is known of a family, as it stands in the file.
#[derive(Serialize, Deserialize)]
struct WrittenFamily {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    help: String,
    #[serde(default)]
    unit: String,
}

/// What there is to know of the samples before they are unpacked.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) oldest_ms: Option<i64>,
    pub(crate) newest_ms: Option<i64>,
    /// Names of metrics, sorted.
    #[serde(default)]
    pub(crate) metrics: Vec<String>,
}

/// The beginning of a bundle, and how many parts are in it.
pub(crate) fn begin(page: &str, about: &About, families: &BTreeMap<String, MetricFamily>) -> (Vec<u8>, u64) {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    push_part(&mut out, PAGE, page.as_bytes());
    push_part(&mut out, ABOUT, &serde_json::to_vec(about).unwrap_or_default());
    let mut n_parts = 2;
    let written: Vec<WrittenFamily> = families
        .values()
        .map(|family| WrittenFamily {
            name: family.name.clone(),
            kind: family.kind.as_str().to_owned(),
            help: family.help.clone(),
            unit: family.unit.clone(),
        })
        .collect();
    for some in written.chunks(1_000) {
        push_part(&mut out, FAMILIES, &serde_json::to_vec(some).unwrap_or_default());
        n_parts += 1;
    }
    (out, n_parts)
}

/// A part with samples.
pub(crate) fn part(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + HEAD_OF_PART);
    push_part(&mut out, SAMPLES, payload);
    out
}

/// The end of a bundle.
pub(crate) fn end(n_parts: u64) -> Vec<u8> {
    let mut out = Vec::new();
    push_part(&mut out, END, &n_parts.to_le_bytes());
    out
}

fn push_part(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    out.push(kind);
    out.extend((payload.len() as u32).to_le_bytes());
    out.extend(checksum(kind, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

fn checksum(kind: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.finalize()
}

/// A bundle that is being read: first all of it is checked, then it is unpacked part by part.
#[derive(Debug)]
pub(crate) struct BundleReader {
    body: Vec<u8>,
    pos: usize,
    n_parts: u64,
    is_checked: bool,
    samples: Vec<Range<usize>>,
    /// The part that is unpacked next.
    next: usize,
    n_series_before: Option<usize>,
}

impl BundleReader {
    pub(crate) fn new(body: Vec<u8>) -> Self {
        let (samples, n_series_before) = (Vec::new(), None);
        BundleReader { body, pos: 0, n_parts: 0, is_checked: false, samples, next: 0, n_series_before }
    }

    /// How far it is, of a thousand.
    pub(crate) fn permille(&self) -> u32 {
        let part = |done: usize, all: usize| (500 * done.min(all) / all.max(1)) as u32;
        part(self.pos, self.body.len()) + part(self.next, self.samples.len())
    }

    /// Goes on; the answer is whether all is done. What was found is added to `imported`.
    ///
    /// # Errors
    /// If it is not whole or of a later version: nothing is stored then; or if the store is full.
    pub(crate) fn step(&mut self, head: &mut Head, imported: &mut Imported) -> Result<bool, ImportError> {
        if self.is_checked {
            return self.unpack(head, imported);
        }
        let end = self.pos + CHECKED_IN_STEP;
        while !self.is_checked && self.pos < end {
            self.check(imported)?;
        }
        Ok(false)
    }

    fn check(&mut self, imported: &mut Imported) -> Result<(), BundleError> {
        if self.pos == 0 {
            let at = MAGIC.len();
            let version = self.body.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
            let version = version.ok_or(BundleError::Torn { at })?;
            if version > VERSION {
                return Err(BundleError::Newer { found: version });
            }
            self.pos = at + 4;
            return Ok(());
        }
        let at = self.pos;
        let head = self.body.get(at..at + HEAD_OF_PART).ok_or(BundleError::Torn { at })?;
        let [kind, a, b, c, d, e, f, g, h] = *head else { return Err(BundleError::Torn { at }) };
        let (len, sum) = (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]));
        if len > MAX_PART {
            return Err(BundleError::Damaged { at });
        }
        let start = at + HEAD_OF_PART;
        let payload = self.body.get(start..start + len).ok_or(BundleError::Torn { at })?;
        let damaged = || BundleError::Damaged { at };
        if checksum(kind, payload) != sum {
            return Err(damaged());
        }
        match kind {
            PAGE => imported.page = Some(std::str::from_utf8(payload).map_err(|_| damaged())?.to_owned()),
            ABOUT => {
                let about: About = serde_json::from_slice(payload).map_err(|_| damaged())?;
                imported.oldest = about.oldest_ms.map(Timestamp);
                imported.newest = about.newest_ms.map(Timestamp);
                imported.metrics = about.metrics;
            }
            FAMILIES => {
                let families: Vec<WrittenFamily> = serde_json::from_slice(payload).map_err(|_| damaged())?;
                for WrittenFamily { name, kind, help, unit } in families {
                    let kind = MetricKind::ALL.into_iter().find(|known| known.as_str() == kind).unwrap_or_default();
                    imported.families.insert(name.clone(), MetricFamily { name, kind, help, unit });
                }
            }
            SAMPLES => self.samples.push(start..start + len),
            END => {
                let is_whole = payload == self.n_parts.to_le_bytes() && start + len == self.body.len();
                self.pos = start + len;
                self.is_checked = true;
                return if is_whole { Ok(()) } else { Err(damaged()) };
            }
            // A later addition.
            _ => {}
        }
        self.n_parts += 1;
        self.pos = start + len;
        Ok(())
    }

    fn unpack(&mut self, head: &mut Head, imported: &mut Imported) -> Result<bool, ImportError> {
        let n_before = *self.n_series_before.get_or_insert_with(|| head.stats().n_series);
        let Some(range) = self.samples.get(self.next).cloned() else {
            imported.n_new_series = head.stats().n_series.saturating_sub(n_before) as u64;
            return Ok(true);
        };
        self.next += 1;
        let at = range.start;
        let unpacked = journal::unpack(head, self.body.get(range).unwrap_or(&[])).map_err(|error| match error {
            UnpackError::Refused(refused) => BundleError::Refused(refused.to_string()),
            UnpackError::Damaged => BundleError::Damaged { at },
        })?;
        imported.n_series += unpacked.n_series as u64;
        imported.n_stored += unpacked.n_samples as u64;
        imported.n_older += unpacked.n_old as u64;
        imported.n_samples += (unpacked.n_samples + unpacked.n_old) as u64;
        if unpacked.n_left_out > 0 {
            let limit = head.options().max_series;
            return Err(ImportError::StoreFull { limit, n_stored: imported.n_stored });
        }
        Ok(false)
    }
}
