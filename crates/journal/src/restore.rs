//! The reading side: at a start, and along with another tab.

use crate::disk::{DiskOp, Refused};
use crate::format::{BadHeader, Kind, Next, Records};
use crate::journal::{Block, Journal, JournalOptions};
use crate::known::Known;
use crate::names;
use crate::record::Segment;
use crate::replay::{Replay, Torn, read_log};
use crate::{journal, replay};
use model::Timestamp;
use std::collections::BTreeSet;
use tsdb::Head;
use tsdb::bytes::Reader;

/// What a start found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Series in the store.
    pub n_series: usize,
    /// Samples in the store.
    pub n_samples: usize,
    /// Exemplars in the store.
    pub n_exemplars: usize,
    /// Families with a type, a help or a unit.
    pub n_families: usize,
    /// Logs with an end that is no good: a scrape was being written when the browser was stopped. With the bytes that
    /// were cut off.
    pub torn: Vec<(String, usize)>,
    /// Files that are damaged, or could not be read. What of them is good is there.
    pub damaged: Vec<String>,
    /// Samples that were left out because nobody knows their series: its name is damaged, the store is full, or it was
    /// dropped long ago.
    pub n_nameless: u64,
}

impl RestoreReport {
    /// Whether all that was written was read.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.torn.is_empty() && self.damaged.is_empty()
    }
}

/// Reads files into a store that was empty, and does not record, file by file: [`Restore::next_file`] says which,
/// [`Restore::file`] takes it in, until there is none.
#[derive(Debug)]
pub struct Restore {
    options: JournalOptions,
    /// Series files, blocks, logs, each in the order of their numbers.
    files: Vec<(Kind, u32, String)>,
    at: usize,
    logs: BTreeSet<u32>,
    replay: Replay,
    report: RestoreReport,
    refused: Option<Refused>,
    n_named: usize,
    series_files: Vec<(u32, u64)>,
    void_series_files: u32,
    blocks: Vec<Block>,
    /// Logs up to this one are in blocks.
    covered: u32,
    closed: Vec<(u32, u64)>,
    has_begun_logs: bool,
    n_block_exemplars: u64,
    ops: Vec<DiskOp>,
}

impl Restore {
    /// Begins with the names of all files, in any order. Names that are none of ours are left alone.
    #[must_use]
    pub fn new(names: Vec<String>, options: JournalOptions) -> Self {
        let of = |name: String| Kind::of_file(&name).map(|(kind, number)| (kind, number, name));
        let mut files: Vec<_> = names.into_iter().filter_map(of).collect();
        files.sort_unstable();
        files.dedup();
        let logs = files.iter().filter(|(kind, ..)| *kind == Kind::Log).map(|(_, number, _)| *number).collect();
        Restore {
            options,
            files,
            at: 0,
            logs,
            replay: Replay::default(),
            report: RestoreReport::default(),
            refused: None,
            n_named: 0,
            series_files: Vec::new(),
            void_series_files: 0,
            blocks: Vec::new(),
            covered: 0,
            closed: Vec::new(),
            has_begun_logs: false,
            n_block_exemplars: 0,
            ops: Vec::new(),
        }
    }

    /// The file that is to be read next.
    #[must_use]
    pub fn next_file(&self) -> Option<&str> {
        let needed = |(kind, number, _): &&(Kind, u32, String)| *kind != Kind::Log || *number > self.covered;
        let next = self.files.get(self.at..)?.iter().find(needed);
        next.filter(|_| self.refused.is_none()).map(|(_, _, name)| name.as_str())
    }

    /// How many files there are, and how many of them are done.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.at, self.files.len())
    }

    /// Takes in the file that [`Restore::next_file`] named.
    pub fn file(&mut self, head: &mut Head, bytes: &[u8]) {
        let Some((kind, number, name)) = self.take_next(head) else { return };
        let len = bytes.len() as u64;
        match kind {
            Kind::Series => self.series_files.push((number, len)),
            Kind::Log => self.closed.push((number, len)),
            Kind::Block | Kind::Pack => {}
        }
        let records = match Records::of_file(kind, bytes) {
            Ok(records) => records,
            Err(BadHeader::Version(refused)) => {
                self.refused = Some(refused);
                return;
            }
            Err(BadHeader::Damaged) => {
                match kind {
                    // The first scrape was being written.
                    Kind::Log if bytes.is_empty() => {}
                    Kind::Log => self.report.torn.push((name, bytes.len())),
                    Kind::Block => self.bad_block(head, number, name, len),
                    _ => self.report.damaged.push(name),
                }
                return;
            }
        };
        match kind {
            Kind::Series => self.series_file(head, records, name),
            Kind::Block => self.block(head, number, records, name, len),
            Kind::Log => {
                self.replay.begin_segment(number);
                let n_clears = self.replay.n_clears;
                if let Some(Torn { bytes }) = read_log(&mut self.replay, head, records) {
                    self.report.torn.push((name, bytes));
                }
                if self.replay.n_clears > n_clears {
                    self.cleared(number);
                }
            }
            Kind::Pack => {}
        }
    }

    /// The file that [`Restore::next_file`] named cannot be read.
    pub fn skip(&mut self, head: &Head) {
        let Some((kind, number, name)) = self.take_next(head) else { return };
        match kind {
            Kind::Series => self.series_files.push((number, 0)),
            Kind::Log => self.closed.push((number, 0)),
            Kind::Block | Kind::Pack => self.keep_block(head, number, 0),
        }
        self.report.damaged.push(name);
    }

    /// The journal that goes on with these files, what was found, and what is to be done: files that are of no use any more
    /// are deleted. The journal [begins](Journal::start) to keep up with the store.
    ///
    /// # Errors
    /// If files are of a format that this build does not read. They are to be left as they are; what the store has by
    /// now is of no use.
    pub fn finish(mut self, head: &mut Head) -> Result<(Journal, RestoreReport, Vec<DiskOp>), Refused> {
        self.end(head)?;
        let Restore { replay, options, blocks, closed, series_files, n_named, mut ops, .. } = self;
        let last = |kind: Kind| self.files.iter().filter(|(k, ..)| *k == kind).map(|(_, number, _)| *number).max();
        let segment = last(Kind::Log).max(last(Kind::Block)).unwrap_or(0).saturating_add(1);
        let mut journal = Journal::new(options);
        journal.segment = Segment::new(segment);
        journal.next_file = last(Kind::Series).unwrap_or(0).saturating_add(1);
        journal.known = Known::new(replay.max_number.map_or(0, |max| max.saturating_add(1)));
        let mut numbers: Vec<_> = replay.numbers.iter().collect();
        numbers.sort_unstable_by_key(|(number, _)| **number);
        for (&number, named) in numbers {
            if let Some(series) = named.series {
                journal.known.insert(series, number, named.is_in_file, named.in_block, named.is_logged);
            }
        }
        let (void, series_files): (Vec<_>, Vec<_>) =
            series_files.into_iter().partition(|(number, _)| *number < self.void_series_files);
        ops.extend(void.into_iter().map(|(number, _)| DiskOp::Delete { file: Kind::Series.file(number) }));
        let covered = self.logs.iter().filter(|&&number| number <= self.covered);
        ops.extend(covered.map(|&number| DiskOp::Delete { file: Kind::Log.file(number) }));
        (journal.blocks, journal.closed, journal.series_files, journal.n_named) =
            (blocks, closed, series_files, n_named);
        let n_logged = (replay.n_exemplars.saturating_sub(self.n_block_exemplars)) as usize;
        journal.restored(head, replay.families, replay.has_logged_families, n_logged);
        journal.start(head);
        Ok((journal, self.report, ops))
    }

    /// The same for a tab that reads along: nothing is to be done on the disk.
    ///
    /// # Errors
    /// See [`Restore::finish`].
    pub fn follow(mut self, head: &mut Head) -> Result<(Follower, RestoreReport), Refused> {
        self.end(head)?;
        Ok((Follower { replay: self.replay }, self.report))
    }

    fn end(&mut self, head: &Head) -> Result<(), Refused> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        self.begin_logs(head);
        let stats = head.stats();
        let report = &mut self.report;
        (report.n_series, report.n_samples) = (stats.n_series, stats.n_samples);
        (report.n_exemplars, report.n_families) = (head.exemplars().count(), self.replay.families.len());
        report.n_nameless = self.replay.n_nameless;
        Ok(())
    }

    fn take_next(&mut self, head: &Head) -> Option<(Kind, u32, String)> {
        let name = self.next_file()?.to_owned();
        self.at += self.files.get(self.at..)?.iter().position(|(_, _, other)| *other == name)?;
        let (kind, number, _) = *self.files.get(self.at)?;
        self.at += 1;
        if kind == Kind::Log {
            self.begin_logs(head);
        }
        Some((kind, number, name))
    }

    /// What the store has now is in blocks.
    fn begin_logs(&mut self, head: &Head) {
        if std::mem::replace(&mut self.has_begun_logs, true) {
            return;
        }
        self.n_block_exemplars = self.replay.n_exemplars;
        for named in self.replay.numbers.values_mut() {
            named.in_block = named.series.and_then(|series| head.newest(series)).map_or(i64::MIN, |t| t.0);
        }
    }

    fn series_file(&mut self, head: &mut Head, records: Records<'_>, name: String) {
        match read_series_file(&mut self.replay, head, records) {
            SeriesFile { end: Some(void_below), is_damaged: false } => {
                self.void_series_files = self.void_series_files.max(void_below);
            }
            // Names are true whatever stands around them.
            SeriesFile { .. } => self.report.damaged.push(name),
        }
        self.n_named = self.replay.numbers.len();
    }

    fn block(&mut self, head: &mut Head, number: u32, records: Records<'_>, name: String, len: u64) {
        let block = BlockFile::read(records);
        if block.end.is_none() && self.logs.contains(&number) {
            // It was being written; the log has everything.
            self.bad_block(head, number, name, len);
            return;
        }
        let is_damaged = block.load(&mut self.replay, head);
        let newest = block.end.unwrap_or_else(|| head.stats().newest.unwrap_or(Timestamp::MAX));
        self.blocks.push(Block { number, bytes: len, newest });
        if is_damaged {
            // What the log still has is taken from there.
            self.report.damaged.push(name);
        } else {
            self.covered = self.covered.max(number);
        }
    }

    fn bad_block(&mut self, head: &Head, number: u32, name: String, len: u64) {
        if self.logs.contains(&number) {
            self.ops.push(DiskOp::Delete { file: name });
        } else {
            self.keep_block(head, number, len);
            self.report.damaged.push(name);
        }
    }

    /// A block that cannot be read goes when what is newest now is too old.
    fn keep_block(&mut self, head: &Head, number: u32, bytes: u64) {
        self.blocks.push(Block { number, bytes, newest: head.stats().newest.unwrap_or(Timestamp::MAX) });
    }

    /// All that was before a segment is void.
    fn cleared(&mut self, segment: u32) {
        let delete = |kind: Kind, number: u32| DiskOp::Delete { file: kind.file(number) };
        self.ops.extend(self.series_files.drain(..).map(|(number, _)| delete(Kind::Series, number)));
        self.ops.extend(self.blocks.drain(..).map(|block| delete(Kind::Block, block.number)));
        let (before, rest): (Vec<_>, Vec<_>) = self.closed.drain(..).partition(|(number, _)| *number < segment);
        self.ops.extend(before.into_iter().map(|(number, _)| delete(Kind::Log, number)));
        self.closed = rest;
        (self.n_named, self.void_series_files, self.n_block_exemplars) = (0, 0, 0);
        self.report.torn.retain(|(name, _)| Kind::of_file(name).is_some_and(|(_, number)| number >= segment));
        self.report.damaged.clear();
    }
}

/// What a series file says besides names.
struct SeriesFile {
    /// Files with smaller numbers than this are void.
    end: Option<u32>,
    is_damaged: bool,
}

fn read_series_file(replay: &mut Replay, head: &mut Head, mut records: Records<'_>) -> SeriesFile {
    let mut file = SeriesFile { end: None, is_damaged: false };
    loop {
        match records.next() {
            Next::Record(payload) => {
                let mut reader = Reader::new(payload);
                let good = match reader.byte() {
                    Some(journal::NAMES) => {
                        names::read_series(&mut reader, |number, labels| replay.name(head, number, &labels, true))
                    }
                    Some(journal::FAMILIES) => replay.read_families(&mut reader),
                    Some(journal::SERIES_END) => reader.varint().map(|below| file.end = u32::try_from(below).ok()),
                    _ => None,
                };
                file.is_damaged |= good.is_none();
            }
            Next::Damaged(_) => {
                file.is_damaged = true;
                if !records.skip() {
                    return file;
                }
            }
            Next::End => return file,
        }
    }
}

/// The records of a block whose checksums are good.
struct BlockFile<'a> {
    payloads: Vec<&'a [u8]>,
    is_damaged: bool,
    /// The time of its newest sample, if it was written to its end.
    end: Option<Timestamp>,
}

impl<'a> BlockFile<'a> {
    fn read(mut records: Records<'a>) -> Self {
        let mut block = BlockFile { payloads: Vec::new(), is_damaged: false, end: None };
        loop {
            match records.next() {
                Next::Record(payload) => block.payloads.push(payload),
                Next::Damaged(_) => {
                    block.is_damaged = true;
                    if !records.skip() {
                        break;
                    }
                }
                Next::End => break,
            }
        }
        block.end = block.payloads.last().and_then(|payload| {
            let mut reader = Reader::new(payload);
            let is_end = reader.byte()? == journal::BLOCK_END;
            reader.varint().and(reader.varint())?;
            reader.signed().filter(|_| is_end).map(Timestamp)
        });
        block
    }

    /// Puts all of it into a store. Whether something is damaged.
    fn load(&self, replay: &mut Replay, head: &mut Head) -> bool {
        let mut is_damaged = self.is_damaged || self.end.is_none();
        for payload in &self.payloads {
            match payload.split_first() {
                Some((&journal::SAMPLES, bytes)) => match head.load(bytes, |number| replay.series(number)) {
                    Ok(loaded) => replay.n_nameless += loaded.n_nameless as u64,
                    Err(tsdb::DamagedBytes) => is_damaged = true,
                },
                Some((&journal::EXEMPLARS, bytes)) => {
                    is_damaged |= replay.read_exemplars(head, &mut Reader::new(bytes)).is_none();
                }
                Some((&journal::BLOCK_END, _)) => {}
                _ => is_damaged = true,
            }
        }
        is_damaged
    }
}

/// The store of a tab that reads along: the operations of the tab that writes are applied to it.
#[derive(Debug, Default)]
pub struct Follower {
    replay: Replay,
}

/// Operations are missing: the files are to be read again, into an empty store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("some of what the other tab stored has not arrived")]
pub struct Lost;

impl Follower {
    /// A follower of a journal that begins with an empty disk.
    #[must_use]
    pub fn new() -> Self {
        Follower::default()
    }

    /// Applies an operation of the writer. One that is known already changes nothing.
    ///
    /// # Errors
    /// If operations before it are missing.
    pub fn apply(&mut self, head: &mut Head, op: &DiskOp) -> Result<(), Lost> {
        let (DiskOp::Append { file, bytes } | DiskOp::Write { file, bytes }) = op else { return Ok(()) };
        let replay = &mut self.replay;
        match Kind::of_file(file) {
            Some((Kind::Log, number)) if number >= replay.segment => {
                let is_first = bytes.starts_with(b"PMJ");
                if number > replay.segment {
                    if !is_first {
                        return Err(Lost);
                    }
                    replay.begin_segment(number);
                }
                let records = if is_first {
                    Records::of_file(Kind::Log, bytes).map_err(|_| Lost)?
                } else {
                    Records::of_bytes(bytes)
                };
                replay::read_log(replay, head, records).map_or(Ok(()), |_| Err(Lost))
            }
            Some((Kind::Series, _)) => {
                if let Ok(records) = Records::of_file(Kind::Series, bytes) {
                    read_series_file(replay, head, records);
                }
                Ok(())
            }
            Some((Kind::Block, _)) => {
                // Mostly nothing new: but what was imported as a whole is in no log.
                if let Ok(records) = Records::of_file(Kind::Block, bytes) {
                    BlockFile::read(records).load(replay, head);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The families that the writer stored, by name.
    #[must_use]
    pub fn families(&self) -> &std::collections::BTreeMap<String, model::MetricFamily> {
        &self.replay.families
    }
}
