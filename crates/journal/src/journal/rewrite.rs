//! Series files: names of series and families, each once. When there are many files, or most names are of series that are
//! gone, all of them become one.
//!
//! ```text
//! series file: records, each: tag · body
//! series   (1): names of series
//! families (2): families
//! end      (3): files with smaller numbers than this are void, 0 for none
//! ```

use super::Journal;
use crate::disk::DiskOp;
use crate::format::{Kind, put_record};
use crate::known::IN_FILE;
use crate::names;
use model::MetricFamily;
use tsdb::bytes::put_varint;
use tsdb::{Head, SeriesRef};

pub(crate) const SERIES: u8 = 1;
pub(crate) const FAMILIES: u8 = 2;
pub(crate) const END: u8 = 3;

/// So many names are written in one record, and cost as much as so many samples each.
const NAMES: usize = 4_096;
const NAME_COST: usize = 50;
/// So many dead names are no reason to write the others again.
const MIN_DEAD: usize = 20_000;

/// A series file that is written in place of all others.
#[derive(Debug)]
pub(crate) struct Rewrite {
    queue: Vec<(u32, SeriesRef)>,
    at: usize,
    file: Vec<u8>,
    n_named: usize,
}

impl Journal {
    pub(super) fn is_rewrite_due(&self) -> bool {
        self.series_files.len() > self.options.max_series_files || self.n_named > 2 * self.known.len() + MIN_DEAD
    }

    pub(super) fn begin_rewrite(&mut self) {
        let mut file = Vec::new();
        Kind::Series.put_header(&mut file);
        let queue = self.known.sorted(|known| known.named_in == IN_FILE);
        self.rewrite = Some(Box::new(Rewrite { queue, at: 0, file, n_named: 0 }));
    }

    pub(super) fn rewrite_slice(&mut self, head: &Head, samples: usize, ops: &mut Vec<DiskOp>) {
        let Some(mut rewrite) = self.rewrite.take() else { return };
        let mut cost = 0;
        while cost < samples {
            let part = rewrite.queue.get(rewrite.at..).unwrap_or(&[]);
            if part.is_empty() {
                let before: Vec<_> = std::mem::take(&mut self.series_files);
                let families = std::mem::take(&mut self.families);
                let all: Vec<_> = families.values().collect();
                self.n_named = 0;
                self.end_series_file(rewrite.file, rewrite.n_named, &all, Some(self.next_file), ops);
                self.families = families;
                self.unfiled.clear();
                ops.extend(before.into_iter().map(|(number, _)| DiskOp::Delete { file: Kind::Series.file(number) }));
                return;
            }
            let part = part.get(..NAMES.min(part.len())).unwrap_or(&[]);
            let series: Vec<_> = part.iter().filter_map(|&(number, one)| Some((number, head.labels(one)?))).collect();
            rewrite.at += part.len();
            rewrite.n_named += series.len();
            let mut payload = vec![SERIES];
            names::put_series(&mut payload, &series);
            put_record(&mut rewrite.file, &payload);
            cost += NAMES * NAME_COST;
        }
        self.rewrite = Some(rewrite);
    }

    /// Ends a series file and has it written. It makes those below a number void.
    pub(super) fn end_series_file(
        &mut self,
        mut file: Vec<u8>,
        n_named: usize,
        families: &[&MetricFamily],
        void_below: Option<u32>,
        ops: &mut Vec<DiskOp>,
    ) {
        if !families.is_empty() {
            let mut payload = vec![FAMILIES];
            names::put_families(&mut payload, families.iter().copied());
            put_record(&mut file, &payload);
        }
        let mut payload = vec![END];
        put_varint(&mut payload, u64::from(void_below.unwrap_or(0)));
        put_record(&mut file, &payload);
        self.n_named += n_named;
        self.series_files.push((self.next_file, file.len() as u64));
        ops.push(DiskOp::Write { file: Kind::Series.file(self.next_file), bytes: file });
        self.next_file += 1;
    }
}
