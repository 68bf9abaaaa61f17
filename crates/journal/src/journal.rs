//! The writing side: what each scrape appended goes to the log, and from time to time what the log held goes to a block.

mod cut;
mod rewrite;

use crate::disk::DiskOp;
use crate::format::{Kind, put_record};
use crate::known::Known;
use crate::record::{MAX_FLOATS, Segment};
pub(crate) use cut::{END as BLOCK_END, EXEMPLARS, SAMPLES};
pub(crate) use rewrite::{END as SERIES_END, FAMILIES, SERIES as NAMES};

use cut::Cut;
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use model::{MetricFamily, Millis, Timestamp};
use rewrite::Rewrite;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::BuildHasher;
use tsdb::{Head, Recorded, SeriesExemplar};

/// Limits of a [`Journal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// A log of so many bytes becomes a block.
    pub max_log_bytes: u64,
    /// A log of this age becomes a block.
    pub max_log_age: Millis,
    /// So many logs, of as many starts, become a block.
    pub max_logs: usize,
    /// So many series files become one.
    pub max_series_files: usize,
    /// What failed is tried again after this time.
    pub retry: Millis,
    /// How often it is looked for blocks of which the store has nothing any more: a pass over all its series.
    pub look_every: Millis,
}

impl Default for JournalOptions {
    /// 10,000 series at 15 s log 10 MB in two hours, and chunks of 480 samples are about as long as those of the store.
    ///
    /// A day of these (`cargo bench -p journal`, seconds of one processor natively): 36 ns a sample to log it in 2.0 bytes, 48 ns
    /// to move it to a block in 0.86 bytes, 55 MB in all. To read it again takes 0.8 s: 0.1 s for eleven blocks, which are not
    /// decoded, and 0.7 s for the log, of which nearly two hours are there; 0.8 s to 1.1 s in wasm (Node 20, SIMD). With a log of one
    /// hour it would take 0.5 s, but chunks of 240 samples are a tenth larger, on the disk and in memory. If one in a hundred
    /// series is another one at each scrape, which makes 586,000, the disk has 81 MB and the start takes 3.3 s.
    fn default() -> Self {
        JournalOptions {
            max_log_bytes: 16 << 20,
            max_log_age: Millis::from_secs(2 * 3600),
            max_logs: 16,
            max_series_files: 16,
            retry: Millis::from_secs(30),
            look_every: Millis::from_secs(300),
        }
    }
}

/// At most so many families are kept; a target brings a thousand.
const MAX_FAMILIES: usize = 20_000;
/// Exemplars that wait for a block; the store keeps no more.
const MAX_EXEMPLARS: usize = 10_000;
/// Room for so many floats is kept from scrape to scrape.
const KEPT_FLOATS: usize = 1 << 18;

/// A block on the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) number: u32,
    pub(crate) bytes: u64,
    /// The time of its newest sample.
    pub(crate) newest: Timestamp,
}

/// What is on the disk, and what is to be done next. It keeps up with one [`Head`], which records
/// ([`Head::record`]) from [`Journal::start`] on.
///
/// Each call gives operations to be done in their order. Who does them gives those back that could not be done
/// ([`Journal::failed`]).
///
/// Invariant: no file but the open segment is ever written twice, and a file is deleted only after those that hold the same
/// are on the disk. So a start finds all that was acknowledged after any number of operations, the last of them in part.
#[derive(Debug)]
pub struct Journal {
    pub(crate) options: JournalOptions,
    pub(crate) known: Known,
    /// The segment that is written.
    pub(crate) segment: Segment,
    /// Segments that are complete and in no block, with their bytes.
    pub(crate) closed: Vec<(u32, u64)>,
    pub(crate) blocks: Vec<Block>,
    /// Series files with their bytes.
    pub(crate) series_files: Vec<(u32, u64)>,
    /// Names in the series files, those of dead series too.
    pub(crate) n_named: usize,
    pub(crate) next_file: u32,
    pub(crate) families: BTreeMap<String, MetricFamily>,
    /// Hashes of what families were, so that two targets that do not agree are not written in turns for ever.
    seen_families: HashSet<u64, FixedState>,
    /// Families that no file has yet.
    unlogged: BTreeSet<String>,
    /// Families that no series file has yet.
    unfiled: BTreeSet<String>,
    exemplars: VecDeque<SeriesExemplar>,
    recorded: Recorded,
    /// When the oldest sample that is in no block was appended, about.
    since: Option<Timestamp>,
    /// A block is to be written soon: the logs do not have all.
    wants_cut: bool,
    cut: Option<Box<Cut>>,
    rewrite: Option<Box<Rewrite>>,
    looked: Option<Timestamp>,
    /// How many times the store had lost series when it was looked last.
    n_removals: u64,
    stuck: Option<Stuck>,
}

/// The disk does not take more.
#[derive(Debug)]
struct Stuck {
    again: VecDeque<DiskOp>,
    /// When it was tried last; unknown until the next tick.
    at: Option<Timestamp>,
}

impl Journal {
    /// A journal for an empty disk.
    #[must_use]
    pub fn new(options: JournalOptions) -> Self {
        Journal {
            options,
            known: Known::new(0),
            segment: Segment::new(1),
            closed: Vec::new(),
            blocks: Vec::new(),
            series_files: Vec::new(),
            n_named: 0,
            next_file: 1,
            families: BTreeMap::new(),
            seen_families: HashSet::default(),
            unlogged: BTreeSet::new(),
            unfiled: BTreeSet::new(),
            exemplars: VecDeque::new(),
            recorded: Recorded::default(),
            since: None,
            wants_cut: false,
            cut: None,
            rewrite: None,
            looked: None,
            n_removals: 0,
            stuck: None,
        }
    }

    /// Begins to keep up with a store. All that the store holds and the disk does not is written to a block soon.
    pub fn start(&mut self, head: &mut Head) {
        head.record(true);
        for series in head.select(&[], model::TimeRange::ALL).unwrap_or_default() {
            if self.known.number(series).is_none() && head.newest(series).is_some() {
                self.wants_cut |= self.known.touch(series, head).is_some();
            }
        }
    }

    /// Takes over what a start found: families, of which some may be in logs only, and how many of the newest exemplars
    /// are in logs only.
    pub(crate) fn restored(
        &mut self,
        head: &Head,
        families: BTreeMap<String, MetricFamily>,
        has_logged_families: bool,
        n_logged_exemplars: usize,
    ) {
        self.seen_families = families.values().map(hash_of).collect();
        if has_logged_families {
            self.unfiled = families.keys().cloned().collect();
        }
        self.families = families;
        let n_before = head.exemplars().count().saturating_sub(n_logged_exemplars);
        self.exemplars = head.exemplars().skip(n_before).map(|(_, one)| one.clone()).collect();
    }

    /// What is known of families now, from all targets or one. What changed is written with the next [`Journal::append`].
    pub fn metadata<'a>(&mut self, families: impl IntoIterator<Item = &'a MetricFamily>) {
        for family in families {
            let is_known = !self.seen_families.insert(hash_of(family));
            if is_known || self.families.len() >= MAX_FAMILIES && !self.families.contains_key(&family.name) {
                continue;
            }
            if self.seen_families.len() > 4 * MAX_FAMILIES {
                self.seen_families.clear();
            }
            if self.families.get(&family.name) != Some(family) {
                self.families.insert(family.name.clone(), family.clone());
                self.unlogged.insert(family.name.clone());
                self.unfiled.insert(family.name.clone());
            }
        }
    }

    /// The families that the disk knows, by name.
    #[must_use]
    pub fn families(&self) -> &BTreeMap<String, MetricFamily> {
        &self.families
    }

    /// Logs what the store recorded since the last call: to be called after each scrape and each upload, so that each is on
    /// the disk as a whole or not at all. A million samples and more become several records.
    pub fn append(&mut self, head: &mut Head, now: Timestamp) -> Vec<DiskOp> {
        let mut recorded = std::mem::take(&mut self.recorded);
        head.take_recorded(&mut recorded);
        let ops = self.log(head, &recorded, now);
        // The room of an import is not kept: no scrape needs it.
        if recorded.floats.capacity() <= KEPT_FLOATS {
            self.recorded = recorded;
        }
        ops
    }

    fn log(&mut self, head: &Head, recorded: &Recorded, now: Timestamp) -> Vec<DiskOp> {
        if recorded.is_empty() && self.unlogged.is_empty() {
            return Vec::new();
        }
        self.since.get_or_insert(now);
        for &series in &recorded.loaded {
            // Their samples are in no log, only in the store: a block of them is due.
            self.wants_cut |= self.known.touch(series, head).is_some();
        }
        for one in &recorded.exemplars {
            if self.exemplars.len() >= MAX_EXEMPLARS {
                self.exemplars.pop_front();
            }
            self.exemplars.push_back(one.clone());
        }
        if self.stuck.is_some() {
            self.note(head, recorded);
            return Vec::new();
        }
        if recorded.floats.is_empty()
            && recorded.histograms.is_empty()
            && recorded.exemplars.is_empty()
            && self.unlogged.is_empty()
        {
            return Vec::new();
        }
        let mut bytes = Vec::new();
        let mut from = 0;
        loop {
            let to = recorded.floats.len().min(from + MAX_FLOATS);
            let unlogged = std::mem::take(&mut self.unlogged);
            let families: Vec<_> = unlogged.iter().filter_map(|name| self.families.get(name)).collect();
            if self.segment.n_records == 0 {
                Kind::Log.put_header(&mut bytes);
            }
            put_record(&mut bytes, &self.segment.record(&mut self.known, head, recorded, from..to, &families));
            from = to;
            if from >= recorded.floats.len() {
                break;
            }
        }
        self.segment.bytes += bytes.len() as u64;
        vec![DiskOp::Append { file: Kind::Log.file(self.segment.number), bytes }]
    }

    /// Only notes which series have samples that no log has.
    fn note(&mut self, head: &Head, recorded: &Recorded) {
        let histograms = recorded.histograms.iter().map(|h| h.series);
        for series in recorded.floats.iter().map(|(series, _)| *series).chain(histograms) {
            self.known.touch(series, head);
        }
        self.unlogged.clear();
        self.wants_cut = true;
    }

    /// What has to be done now and then, a slice at a time: writes blocks, deletes what the store has dropped. A slice takes
    /// about so many samples: 200,000 are 8 ms natively. To be called every second or so; more often while it has
    /// [something to do](Journal::is_busy).
    pub fn tick(&mut self, head: &mut Head, now: Timestamp, samples: usize) -> Vec<DiskOp> {
        if let Some(stuck) = &mut self.stuck {
            let tried = *stuck.at.get_or_insert(now);
            // A clock that was set back is no reason to wait.
            if now >= tried && now - tried < self.options.retry {
                return Vec::new();
            }
            let again = std::mem::take(&mut stuck.again);
            self.stuck = None;
            return again.into();
        }
        let mut ops = Vec::new();
        if self.cut.is_some() {
            self.cut_slice(head, samples, &mut ops);
        } else if self.rewrite.is_some() {
            self.rewrite_slice(head, samples, &mut ops);
        } else if self.is_cut_due(now) {
            self.begin_cut();
        } else if self.looked.is_none_or(|looked| now < looked || now - looked >= self.options.look_every) {
            self.looked = Some(now);
            self.drop_emptied(head, &mut ops);
            if std::mem::replace(&mut self.n_removals, head.n_removals()) != head.n_removals() {
                self.known.prune(head);
            }
            if self.is_rewrite_due() {
                self.begin_rewrite();
            }
        }
        ops
    }

    /// Whether the next [`Journal::tick`] goes on with something.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.stuck.is_none() && (self.cut.is_some() || self.rewrite.is_some())
    }

    /// Whether all that was appended is on the disk, or is on its way. Not so while the disk is full: then samples are in
    /// memory only.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.stuck.is_none() && !self.wants_cut
    }

    /// Takes back the operation that failed and all that were handed out after it. Blocks are kept and tried again; what
    /// was to be logged is taken from the store later.
    pub fn failed(&mut self, ops: Vec<DiskOp>) {
        if ops.is_empty() {
            return;
        }
        let open = Kind::Log.file(self.segment.number);
        if ops.iter().any(|op| op.file() == open) {
            // What of it has reached the disk is not known.
            self.close_segment();
        }
        self.wants_cut |= ops.iter().any(|op| matches!(op, DiskOp::Append { .. }));
        // What was given up since, by a clear or to make room, is not to come back.
        let files = self.files();
        let again = ops.into_iter().filter(|op| match op {
            DiskOp::Append { .. } => false,
            DiskOp::Write { file, .. } => files.contains(file),
            DiskOp::Delete { .. } => true,
        });
        let stuck = self.stuck.get_or_insert(Stuck { again: VecDeque::new(), at: None });
        stuck.again.extend(again);
    }

    /// Tries again at the next tick what failed: there is room now.
    pub fn retry(&mut self) {
        if let Some(stuck) = &mut self.stuck {
            stuck.at = Some(Timestamp::MAX);
        }
    }

    /// Everything is to go; the caller clears the store.
    pub fn clear(&mut self) -> Vec<DiskOp> {
        let files = self.files();
        let number = self.next_segment();
        // Numbers are not used again: a file that is still there would give them other names.
        self.known.clear();
        let known = std::mem::replace(&mut self.known, Known::new(0));
        let next_file = self.next_file;
        *self = Journal { known, next_file, segment: Segment::new(number), ..Journal::new(self.options) };
        let mut bytes = Vec::new();
        Kind::Log.put_header(&mut bytes);
        put_record(&mut bytes, &self.segment.clear());
        self.segment.bytes = bytes.len() as u64;
        // From this record on what was before is void, whatever of it can still be found.
        let begin = DiskOp::Append { file: Kind::Log.file(number), bytes };
        [begin].into_iter().chain(files.into_iter().map(|file| DiskOp::Delete { file })).collect()
    }

    /// Bytes on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let of = |files: &[(u32, u64)]| files.iter().map(|(_, bytes)| bytes).sum::<u64>();
        let cut = self.cut.as_ref().map_or(0, |cut| cut.log_bytes());
        self.segment.bytes
            + of(&self.closed)
            + cut
            + of(&self.series_files)
            + self.blocks.iter().map(|b| b.bytes).sum::<u64>()
    }

    /// Deletes the oldest blocks until so many bytes are free, or no block is left; the store drops their samples as well.
    pub fn drop_oldest(&mut self, head: &mut Head, bytes: u64) -> Vec<DiskOp> {
        let mut ops = Vec::new();
        let mut freed = 0;
        while freed < bytes {
            let oldest = self.blocks.iter().enumerate().min_by_key(|(_, block)| (block.newest, block.number));
            let Some((at, _)) = oldest else { break };
            let block = self.blocks.remove(at);
            freed += block.bytes;
            head.drop_before(block.newest + Millis(1));
            ops.push(DiskOp::Delete { file: Kind::Block.file(block.number) });
        }
        self.forget_failed(&ops);
        ops
    }

    /// Names of all files, the logs last and the newest of them at the end.
    fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.series_files.iter().map(|(number, _)| Kind::Series.file(*number)).collect();
        files.extend(self.blocks.iter().map(|block| Kind::Block.file(block.number)));
        files.extend(self.closed.iter().map(|(number, _)| Kind::Log.file(*number)));
        if let Some(cut) = &self.cut {
            files.extend(cut.logs().map(|number| Kind::Log.file(number)));
        }
        if self.segment.n_records > 0 {
            files.push(Kind::Log.file(self.segment.number));
        }
        if let Some(stuck) = &self.stuck {
            files.extend(
                stuck
                    .again
                    .iter()
                    .map(|op| op.file().to_owned())
                    .filter(|file| !files.contains(file))
                    .collect::<Vec<_>>(),
            );
        }
        files
    }

    /// A file that waits to be written need not be, if it is deleted.
    fn forget_failed(&mut self, ops: &[DiskOp]) {
        if let Some(stuck) = &mut self.stuck {
            stuck.again.retain(|waits| {
                !matches!(waits, DiskOp::Write { .. }) || ops.iter().all(|op| op.file() != waits.file())
            });
        }
    }

    fn next_segment(&self) -> u32 {
        self.segment.number + 1
    }

    /// What comes is logged to another segment.
    fn close_segment(&mut self) {
        if self.segment.n_records > 0 {
            self.closed.push((self.segment.number, self.segment.bytes));
        }
        self.segment = Segment::new(self.next_segment());
    }

    fn drop_emptied(&mut self, head: &Head, ops: &mut Vec<DiskOp>) {
        if self.blocks.is_empty() {
            return;
        }
        let oldest = head.stats().oldest;
        self.blocks.retain(|block| {
            let is_needed = oldest.is_some_and(|oldest| block.newest >= oldest);
            if !is_needed {
                ops.push(DiskOp::Delete { file: Kind::Block.file(block.number) });
            }
            is_needed
        });
    }
}

fn hash_of(family: &MetricFamily) -> u64 {
    FixedState::default().hash_one((&family.name, family.kind, &family.help, &family.unit))
}
