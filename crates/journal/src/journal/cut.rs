//! Blocks: what logs held, compressed. The samples come from the store, which has them all; they are packed in slices.
//!
//! ```text
//! block:   records, each: tag · body
//! samples   (1): series packed as in `tsdb`
//! exemplars (2): those that came with these samples
//! end       (3): the last segment of the log of which the block has all · how many samples · time of the newest sample
//! ```
//! A block has the number of that segment. It holds all samples of its series that no block before it has; also some that
//! were logged after the segment was closed: the log then brings them once more, and the store takes a sample once.

use super::{Block, Journal};
use crate::disk::DiskOp;
use crate::format::{Kind, put_record};
use crate::known::IN_FILE;
use crate::names;
use model::{TimeRange, Timestamp};
use tsdb::bytes::{put_signed, put_varint};
use tsdb::{Head, Packer, SeriesExemplar, SeriesRef};

pub(crate) const SAMPLES: u8 = 1;
pub(crate) const EXEMPLARS: u8 = 2;
pub(crate) const END: u8 = 3;

/// A record of samples ends at so many bytes: a damaged one costs no more.
const RECORD_BYTES: usize = 1 << 20;
/// A look at a series costs as much as so many samples.
const SERIES_COST: usize = 64;
/// Names of so many series are written in one record.
const NAMES: usize = 4_096;

/// A block that is being written.
#[derive(Debug)]
pub(crate) struct Cut {
    covers: u32,
    /// The segments that it takes the place of.
    logs: Vec<(u32, u64)>,
    queue: Vec<(u32, SeriesRef)>,
    at: usize,
    packer: Packer,
    block: Vec<u8>,
    n_samples: u64,
    newest: Timestamp,
    /// Series that no series file names yet.
    unnamed: Vec<(u32, SeriesRef)>,
    names: Vec<u8>,
    /// Series that the new series file names.
    named: Vec<SeriesRef>,
    exemplars: Vec<SeriesExemplar>,
}

impl Cut {
    /// The segments that it takes the place of.
    pub(super) fn logs(&self) -> impl Iterator<Item = u32> {
        self.logs.iter().map(|(number, _)| *number)
    }

    /// Their bytes.
    pub(super) fn log_bytes(&self) -> u64 {
        self.logs.iter().map(|(_, bytes)| bytes).sum()
    }

    fn end_samples(&mut self) {
        if !self.packer.is_empty() {
            let mut payload = vec![SAMPLES];
            payload.append(&mut self.packer.take());
            put_record(&mut self.block, &payload);
        }
    }

    fn end_names(&mut self, head: &Head) {
        let series: Vec<_> =
            self.unnamed.iter().filter_map(|&(number, one)| Some((number, head.labels(one)?))).collect();
        if !series.is_empty() {
            let mut payload = vec![super::rewrite::SERIES];
            names::put_series(&mut payload, &series);
            put_record(&mut self.names, &payload);
        }
        self.named.extend(self.unnamed.drain(..).map(|(_, series)| series));
    }
}

impl Journal {
    pub(super) fn is_cut_due(&self, now: Timestamp) -> bool {
        let bytes = self.segment.bytes + self.closed.iter().map(|(_, bytes)| bytes).sum::<u64>();
        let is_old = self.since.is_some_and(|since| now - since >= self.options.max_log_age);
        self.wants_cut || is_old || bytes >= self.options.max_log_bytes || self.closed.len() >= self.options.max_logs
    }

    pub(super) fn begin_cut(&mut self) {
        if self.segment.n_records > 0 || self.closed.is_empty() {
            // Without a log to take the place of it is a segment's number all the same.
            let number = self.segment.number;
            self.close_segment();
            self.start_cut(number);
        } else {
            let number = self.closed.iter().map(|(number, _)| *number).max().unwrap_or(0);
            self.start_cut(number);
        }
    }

    fn start_cut(&mut self, covers: u32) {
        self.since = None;
        self.wants_cut = false;
        let (mut block, mut names) = (Vec::new(), Vec::new());
        Kind::Block.put_header(&mut block);
        Kind::Series.put_header(&mut names);
        self.cut = Some(Box::new(Cut {
            covers,
            logs: std::mem::take(&mut self.closed),
            queue: self.known.sorted(|known| known.is_dirty),
            at: 0,
            packer: Packer::default(),
            block,
            n_samples: 0,
            newest: Timestamp::MIN,
            unnamed: Vec::new(),
            names,
            named: Vec::new(),
            exemplars: std::mem::take(&mut self.exemplars).into(),
        }));
    }

    pub(super) fn cut_slice(&mut self, head: &Head, samples: usize, ops: &mut Vec<DiskOp>) {
        let Some(mut cut) = self.cut.take() else { return };
        let mut cost = 0;
        while cost < samples {
            let Some(&(number, series)) = cut.queue.get(cut.at) else {
                self.end_cut(head, *cut, ops);
                return;
            };
            cut.at += 1;
            cost += SERIES_COST;
            let Some(known) = self.known.get_mut(series) else { continue };
            known.is_dirty = false;
            let range = TimeRange { start: Timestamp(known.in_block.saturating_add(1)), end: Timestamp::MAX };
            let Some((n, _, newest)) = cut.packer.add(head, series, number, range) else { continue };
            known.in_block = newest.0;
            if known.named_in != IN_FILE {
                cut.unnamed.push((number, series));
            }
            cut.n_samples += n as u64;
            cut.newest = cut.newest.max(newest);
            cost += n;
            if cut.packer.len() >= RECORD_BYTES {
                cut.end_samples();
            }
            if cut.unnamed.len() >= NAMES {
                cut.end_names(head);
                cost += 50 * NAMES;
            }
        }
        self.cut = Some(cut);
    }

    fn end_cut(&mut self, head: &Head, mut cut: Cut, ops: &mut Vec<DiskOp>) {
        cut.end_samples();
        cut.end_names(head);
        let unfiled = std::mem::take(&mut self.unfiled);
        if !cut.named.is_empty() || !unfiled.is_empty() {
            let all = std::mem::take(&mut self.families);
            let families: Vec<_> = unfiled.iter().filter_map(|name| all.get(name)).collect();
            self.end_series_file(cut.names, cut.named.len(), &families, None, ops);
            self.families = all;
            // Only now: what is logged while the block is packed names its series itself.
            for &series in &cut.named {
                if let Some(known) = self.known.get_mut(series) {
                    known.named_in = IN_FILE;
                }
            }
        }
        let numbered = |one: &SeriesExemplar| self.known.number(one.series);
        let exemplars: Vec<_> =
            cut.exemplars.iter().filter_map(|one| Some((numbered(one)?, one.at, &one.exemplar))).collect();
        if cut.n_samples > 0 || !exemplars.is_empty() {
            cut.newest = exemplars.iter().map(|(_, at, _)| *at).fold(cut.newest, Timestamp::max);
            if !exemplars.is_empty() {
                let mut payload = vec![EXEMPLARS];
                names::put_exemplars(&mut payload, exemplars.into_iter());
                put_record(&mut cut.block, &payload);
            }
            let mut payload = vec![END];
            put_varint(&mut payload, u64::from(cut.covers));
            put_varint(&mut payload, cut.n_samples);
            put_signed(&mut payload, cut.newest.0);
            put_record(&mut cut.block, &payload);
            self.blocks.push(Block { number: cut.covers, bytes: cut.block.len() as u64, newest: cut.newest });
            ops.push(DiskOp::Write { file: Kind::Block.file(cut.covers), bytes: cut.block });
        }
        ops.extend(cut.logs.iter().map(|(number, _)| DiskOp::Delete { file: Kind::Log.file(*number) }));
    }
}
