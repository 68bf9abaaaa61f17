//! A bundle: one file with samples to the bit, families, exemplars, and what the page wants to find again (targets, panels).
//!
//! ```text
//! bundle   = magic version part* end
//! magic    = "PROMENADE\n"                                 10 bytes
//! version  = u32, little-endian; 1
//! part     = kind:u8 length:u32 checksum:u32 payload       length of the payload; CRC-32 of kind and payload
//! kind     = 1 page (JSON, the page's own) | 2 families (JSON) | 3 samples and exemplars ([`samples`]) | 255 end
//! end      = part with the payload parts:u64 samples:u64   how many parts stand before it, and samples in them
//! ```
//!
//! A reader passes parts of kinds it does not know, if their checksum is good. A part is at most [`MAX_PART`] long. A file
//! without its end is torn: nothing of it is read.

pub(crate) mod samples;

use crate::pending::Pending;
use model::{MetricFamily, MetricKind};
use samples::Reader;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first bytes.
pub(crate) const MAGIC: &[u8] = b"PROMENADE\n";
const VERSION: u32 = 1;
/// Bytes of a part at most; the writer begins a new one at a hundredth of it.
const MAX_PART: usize = 64 << 20;
const HEAD_OF_PART: usize = 9;

const PAGE: u8 = 1;
const FAMILIES: u8 = 2;
const SAMPLES: u8 = 3;
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

/// The beginning of a bundle.
pub(crate) fn begin(page: &str, families: &BTreeMap<String, MetricFamily>) -> (Vec<u8>, u64) {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    push_part(&mut out, PAGE, page.as_bytes());
    let mut n_parts = 1;
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
pub(crate) fn end(n_parts: u64, n_samples: u64) -> Vec<u8> {
    let mut out = Vec::new();
    push_part(&mut out, END, &[n_parts.to_le_bytes(), n_samples.to_le_bytes()].concat());
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

/// A bundle that is being read, one part a step.
#[derive(Debug)]
pub(crate) struct BundleReader {
    body: Vec<u8>,
    pos: usize,
    n_parts: u64,
    pub(crate) page: Option<String>,
}

impl BundleReader {
    pub(crate) fn new(body: Vec<u8>) -> Self {
        BundleReader { body, pos: 0, n_parts: 0, page: None }
    }

    /// Bytes read, and all.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.pos as u64, self.body.len() as u64)
    }

    /// Reads on; the answer is whether all is read.
    ///
    /// # Errors
    /// If it is not whole, or of a later version.
    pub(crate) fn step(&mut self, pending: &mut Pending) -> Result<bool, BundleError> {
        if self.pos == 0 {
            let at = MAGIC.len();
            let version = self.body.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
            let version = version.ok_or(BundleError::Torn { at })?;
            if version > VERSION {
                return Err(BundleError::Newer { found: version });
            }
            self.pos = at + 4;
            return Ok(false);
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
        if checksum(kind, payload) != sum {
            return Err(BundleError::Damaged { at });
        }
        let damaged = || BundleError::Damaged { at };
        match kind {
            PAGE => self.page = Some(std::str::from_utf8(payload).map_err(|_| damaged())?.to_owned()),
            FAMILIES => {
                let families: Vec<WrittenFamily> = serde_json::from_slice(payload).map_err(|_| damaged())?;
                for WrittenFamily { name, kind, help, unit } in families {
                    if let Some(family) = pending.family(&name) {
                        let kind = KINDS.into_iter().find(|known| known.as_str() == kind).unwrap_or_default();
                        *family = MetricFamily { name, kind, help, unit };
                    }
                }
            }
            SAMPLES => Reader::new(payload).read(pending).ok_or_else(damaged)?,
            END => {
                let expected = [self.n_parts.to_le_bytes(), (pending.samples.len() as u64).to_le_bytes()].concat();
                let is_whole = payload == expected && start + len == self.body.len();
                self.pos = start + len;
                return if is_whole { Ok(true) } else { Err(damaged()) };
            }
            // A later minor addition.
            _ => {}
        }
        self.n_parts += 1;
        self.pos = start + len;
        Ok(false)
    }
}

const KINDS: [MetricKind; 8] = [
    MetricKind::Counter,
    MetricKind::Gauge,
    MetricKind::Histogram,
    MetricKind::GaugeHistogram,
    MetricKind::Summary,
    MetricKind::Info,
    MetricKind::StateSet,
    MetricKind::Unknown,
];
