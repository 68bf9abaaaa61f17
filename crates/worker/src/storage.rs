//! What this tab does with the store: owns it and writes each scrape, or reads along with the tab that does.
//!
//! Nothing here touches a disk. The driver takes a [`Batch`] of what is to be done, does it and says how it went; only
//! then is the page told of the scrape. What could not be done goes back to the [`Journal`], which tries again.

mod reader;
mod restoring;
pub(crate) mod uploads;

use crate::limits::{QUOTA_MARGIN, ROOM_AT_ONCE, SAVE_AGAIN_EVERY, SAVE_EVERY, SAVE_SLICE, TELL_EVERY};
use crate::state::Worker;
use crate::tabs::Word;
use journal::{DiskOp, Journal, JournalOptions};
use model::{MetricFamily, Timestamp};
use protocol::{Event, Freed, StoragePlace, StorageRole, StorageStatus, StorageTrouble, TroubleKind};
use std::collections::{BTreeMap, VecDeque};

pub use reader::Heard;
pub use restoring::Restoring;

/// The store as this tab has it.
#[derive(Debug)]
pub(crate) struct Storage {
    /// What the page is told; role and place decide what happens here.
    status: StorageStatus,
    told: Option<StorageStatus>,
    told_at: Option<Timestamp>,
    /// `None` where nothing is written.
    journal: Option<Journal>,
    reader: reader::Reader,
    /// What the disk has to do yet.
    queue: VecDeque<DiskOp>,
    /// What the page is told once the queue is done.
    held: Vec<Event>,
    /// Files of uploads that a disk did not take; they are tried again when it takes the log.
    late_uploads: Vec<DiskOp>,
    /// The files with their sizes, as far as this tab did or read them.
    files: BTreeMap<String, u64>,
    /// Types, help and units of what was stored before, where no target says them now.
    pub(crate) families: BTreeMap<String, MetricFamily>,
    ticked: Option<Timestamp>,
    /// Metadata of the targets changed.
    has_news: bool,
    /// Where there is a store of a newer Promenade.
    refused_at: StoragePlace,
    /// It is known what this tab does.
    has_begun: bool,
    /// A batch is being written.
    is_saving: bool,
    /// The owner has a moment yet to answer.
    is_patient: bool,
    /// Another tab reads along.
    pub(crate) has_readers: bool,
}

/// What the disk is to do, in order, and what the page hears when it is done.
#[derive(Debug)]
pub struct Batch {
    /// The operations.
    pub ops: Vec<DiskOp>,
    events: Vec<Event>,
}

impl Batch {
    /// Whether the page waits for it.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        !self.events.is_empty()
    }
}

/// How a batch went.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Operations that were done.
    pub n_ops: usize,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// Why the next one was not.
    pub error: Option<(TroubleKind, String)>,
}

/// What the browser says of its storage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quota {
    /// Bytes that this origin takes.
    pub usage: Option<u64>,
    /// Bytes that it may take.
    pub quota: Option<u64>,
    /// It is not cleared without asking.
    pub is_persisted: Option<bool>,
}

/// How the log is kept.
fn options() -> JournalOptions {
    JournalOptions { retry: SAVE_AGAIN_EVERY, ..JournalOptions::default() }
}

impl Default for Storage {
    /// The only tab, with nothing but memory: what a worker is before somebody gives it a disk.
    fn default() -> Self {
        Storage {
            status: StorageStatus { role: StorageRole::Owner, ..StorageStatus::default() },
            told: None,
            told_at: None,
            journal: None,
            reader: reader::Reader::default(),
            queue: VecDeque::new(),
            held: Vec::new(),
            late_uploads: Vec::new(),
            files: BTreeMap::new(),
            families: BTreeMap::new(),
            ticked: None,
            has_news: false,
            refused_at: StoragePlace::Memory,
            has_begun: false,
            is_saving: false,
            is_patient: false,
            has_readers: false,
        }
    }
}

impl Storage {
    /// Whether what is appended goes to a disk.
    fn writes(&self) -> bool {
        self.journal.is_some() && self.status.role == StorageRole::Owner
    }

    pub(crate) fn is_reader(&self) -> bool {
        matches!(self.status.role, StorageRole::Reader { .. })
    }

    /// Metadata of the targets changed: it is written with what is appended next.
    pub(crate) fn has_news(&mut self) {
        self.has_news = true;
    }

    /// When there is something to do without anything having happened.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        let tell = self.has_untold().then(|| self.told_at.map_or(Timestamp::MIN, |at| at + TELL_EVERY));
        let tick = self.ticked.filter(|_| self.writes() && !self.is_saving).map(|at| at + SAVE_EVERY);
        tell.into_iter().chain(tick).min()
    }

    /// Whether the page does not know how it is. That nobody answers is no news before it was waited for.
    fn has_untold(&self) -> bool {
        let is_passing = self.is_patient && self.status.role == StorageRole::Reader { is_answered: false };
        self.told.as_ref() != Some(&self.status) && !is_passing
    }

    /// What one operation did to the files.
    fn did(&mut self, op: &DiskOp) {
        match op {
            DiskOp::Append { file, bytes } => *self.files.entry(file.clone()).or_default() += bytes.len() as u64,
            DiskOp::Write { file, bytes } => {
                self.files.insert(file.clone(), bytes.len() as u64);
            }
            DiskOp::Delete { file } => {
                self.files.remove(file);
            }
        }
    }

    /// Whether all that was appended is on the disk; what a block brings is there once the block is.
    fn is_durable(&self) -> bool {
        let has_all = |journal: &Journal| journal.is_durable() && !journal.is_busy();
        self.late_uploads.is_empty() && self.journal.as_ref().is_none_or(has_all)
    }

    fn count_files(&mut self) {
        let count = |files: &BTreeMap<String, u64>, beginning: &str| {
            files.keys().filter(|name| name.starts_with(beginning)).count() as u32
        };
        self.status.n_bytes = self.files.values().sum();
        // A browser may leave out what is open: Chromium knew of 164 bytes beside a log of 44 kB.
        self.status.usage = self.status.usage.map(|usage| usage.max(self.status.n_bytes));
        self.status.n_logs = count(&self.files, "log-");
        self.status.n_blocks = count(&self.files, "block-");
    }
}

/// What the driver of a disk says and asks.
impl Worker {
    /// The store is looked for: until it is found nobody should ask for anything.
    pub fn starts(&mut self) {
        self.storage.status.role = StorageRole::Starting;
    }

    /// There is no disk; samples live in memory.
    pub fn has_no_disk(&mut self, why: String) {
        self.storage.status.role = StorageRole::Owner;
        self.storage.status.place = StoragePlace::Memory;
        self.storage.status.why = why;
    }

    /// There is a disk.
    pub fn has_disk(&mut self, place: StoragePlace, has_locks: bool) {
        self.storage.status.place = place;
        self.storage.status.has_locks = has_locks;
    }

    /// It is being read; the page hears of it where that takes long.
    pub fn restoring(&mut self, n_done: u64, n_bytes: u64) {
        self.storage.status.role = StorageRole::Restoring { n_done, n_bytes };
        self.tell_storage();
    }

    /// What is to be written now. One batch at a time: [`Worker::saved`] ends it.
    pub fn begin_save(&mut self, now: Timestamp) -> Option<Batch> {
        self.collect(now);
        self.tick_journal(now);
        let ops: Vec<DiskOp> = std::mem::take(&mut self.storage.queue).into();
        let events = std::mem::take(&mut self.storage.held);
        if ops.is_empty() {
            // Nobody waits for a disk that does not take anything.
            events.into_iter().for_each(|event| self.tell(event));
            return None;
        }
        self.storage.is_saving = true;
        Some(Batch { ops, events })
    }

    /// A batch is over: how many of its operations were done, how long that took, and why the next one was not.
    pub fn saved(&mut self, batch: Batch, done: Done, now: Timestamp) {
        self.storage.is_saving = false;
        let Batch { mut ops, events } = batch;
        let Done { n_ops: n_done, took_ms, error } = done;
        if error.is_none() {
            let bytes_of = |op: &DiskOp| match op {
                DiskOp::Append { bytes, .. } | DiskOp::Write { bytes, .. } => bytes.len() as u64,
                DiskOp::Delete { .. } => 0,
            };
            let n_bytes = ops.iter().map(bytes_of).sum();
            self.storage.status.written = Some((n_bytes, took_ms));
        }
        let rest = ops.split_off(n_done.min(ops.len()));
        for op in ops {
            let at = self.storage.files.get(op.file()).copied().unwrap_or(0);
            self.storage.did(&op);
            if self.storage.has_readers && !matches!(op, DiskOp::Delete { .. }) {
                self.say(Word::Wrote { at, op });
            }
        }
        self.storage.count_files();
        events.into_iter().for_each(|event| self.tell(event));
        let (uploads, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|op| op.file().starts_with(uploads::PREFIX));
        self.storage.late_uploads.extend(uploads);
        if let Some(journal) = &mut self.storage.journal {
            journal.failed(rest);
        }
        match error {
            Some((kind, detail)) => self.failed_to_save(kind, detail, now),
            None if self.storage.is_durable() => self.storage.status.trouble = None,
            None => {}
        }
    }

    /// Whether it should be called again soon, because there is more to write than one slice.
    #[must_use]
    pub fn is_busy_saving(&self) -> bool {
        self.storage.journal.as_ref().is_some_and(Journal::is_busy)
    }

    /// What the browser says of use and quota.
    pub fn set_quota(&mut self, quota: Quota, now: Timestamp) {
        let status = &mut self.storage.status;
        (status.usage, status.quota, status.is_persisted) = (quota.usage, quota.quota, quota.is_persisted);
        self.storage.count_files();
        let status = &self.storage.status;
        if let (Some(usage), Some(quota)) = (status.usage, quota.quota) {
            let margin = QUOTA_MARGIN.min(quota / 10);
            let too_much = (usage + margin).saturating_sub(quota);
            if too_much > 0 && self.storage.writes() {
                self.make_room(too_much, now);
            }
        }
    }

    /// What other tabs are to be told, in order.
    pub fn take_words(&mut self) -> Vec<Word> {
        std::mem::take(&mut self.words)
    }

    #[doc(hidden)]
    pub fn say(&mut self, word: Word) {
        self.words.push(word);
    }

    /// An event that is true once what was appended is on the disk.
    pub(crate) fn tell_when_kept(&mut self, event: Event) {
        match self.storage.writes() {
            true => self.storage.held.push(event),
            false => self.tell(event),
        }
    }

    /// Tells the page how the store is kept, if that changed and it was not told a moment ago.
    pub(crate) fn tell_storage_sometimes(&mut self, now: Timestamp) {
        let has_untold = self.storage.has_untold();
        let Storage { status, told, told_at, .. } = &mut self.storage;
        let is_urgent = told.as_ref().is_none_or(|told| told.role != status.role || told.trouble != status.trouble);
        let is_due = told_at.is_none_or(|at| now < at || now - at >= TELL_EVERY);
        if has_untold && (is_urgent || is_due) {
            *told_at = Some(now);
            self.tell_storage();
        }
    }

    fn tell_storage(&mut self) {
        let status = self.storage.status.clone();
        self.storage.told = Some(status.clone());
        self.tell(Event::Storage(Box::new(status)));
    }

    /// Puts what was appended since the last time into the queue.
    fn collect(&mut self, now: Timestamp) {
        let Some(journal) = self.storage.journal.as_mut().filter(|_| self.storage.status.role == StorageRole::Owner)
        else {
            return;
        };
        if std::mem::take(&mut self.storage.has_news) {
            journal.metadata(crate::families::described(&self.targets, &self.storage.families).values());
        }
        self.storage.queue.extend(journal.append(&mut self.head, now));
    }

    fn tick_journal(&mut self, now: Timestamp) {
        let Some(journal) = &mut self.storage.journal else { return };
        let is_due = self.storage.ticked.is_none_or(|at| now < at || now - at >= SAVE_EVERY);
        if is_due || journal.is_busy() {
            self.storage.ticked = Some(now);
            self.storage.queue.extend(journal.tick(&mut self.head, now, SAVE_SLICE));
            if journal.is_durable() {
                self.storage.queue.extend(self.storage.late_uploads.drain(..));
            }
        }
    }

    fn failed_to_save(&mut self, kind: TroubleKind, detail: String, now: Timestamp) {
        let since_ms = self.storage.status.trouble.as_ref().map_or(now.0, |trouble| trouble.since_ms);
        self.storage.status.trouble = Some(StorageTrouble { kind, detail, since_ms });
        if kind == TroubleKind::Full {
            self.make_room(ROOM_AT_ONCE, now);
        }
    }

    /// Deletes the oldest blocks.
    fn make_room(&mut self, n_bytes: u64, now: Timestamp) {
        let Some(journal) = &mut self.storage.journal else { return };
        let ops = journal.drop_oldest(&mut self.head, n_bytes);
        if ops.is_empty() {
            return;
        }
        journal.retry();
        let files = &self.storage.files;
        let n_freed = ops.iter().filter_map(|op| files.get(op.file())).sum();
        self.storage.status.freed = Some(Freed { n_bytes: n_freed, at_ms: now.0 });
        self.storage.queue.extend(ops);
        self.untold();
    }

    /// All samples were deleted: their files go as well.
    pub(crate) fn clear_disk(&mut self, now: Timestamp) {
        // What waited to be logged is void; the journal begins anew behind it.
        self.collect(now);
        if self.storage.refused_at != StoragePlace::Memory && self.storage.status.role == StorageRole::Owner {
            // What a newer Promenade wrote goes too: the user said so.
            self.storage.status.place = std::mem::take(&mut self.storage.refused_at);
            self.storage.status.trouble = None;
            self.storage.queue = self.storage.files.keys().map(|file| DiskOp::Delete { file: file.clone() }).collect();
            let mut journal = Journal::new(options());
            journal.start(&mut self.head);
            self.storage.journal = Some(journal);
            return;
        }
        let Storage { journal: Some(journal), queue, files, late_uploads, families, status, .. } = &mut self.storage
        else {
            return;
        };
        queue.extend(journal.clear());
        let uploads = files.keys().filter(|name| name.starts_with(uploads::PREFIX));
        queue.extend(uploads.map(|name| DiskOp::Delete { file: name.clone() }));
        late_uploads.clear();
        families.clear();
        (status.restored, status.freed) = (None, None);
        self.storage.has_news = true;
    }
}
