//! Puts what files hold into a store: names, records of the log, blocks. Start and follower share it.

use crate::format::{Next, Records};
use crate::names;
use crate::record::{CLEAR, EXEMPLARS, FAMILIES, FLOATS, HISTOGRAMS, SERIES, read_value};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Histogram, Labels, MetricFamily, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsdb::bytes::Reader;
use tsdb::{Head, SeriesRef, decode_histogram};

/// What is known of a number.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The series, if the store has room for it.
    pub(crate) series: Option<SeriesRef>,
    pub(crate) is_in_file: bool,
    /// Samples of it came from a log.
    pub(crate) is_logged: bool,
    /// The time of its newest sample in a block.
    pub(crate) in_block: i64,
    /// The segment that the next two are about.
    segment: u32,
    last_bits: u64,
    last_start: i64,
}

/// What was read so far.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    pub(crate) numbers: HashMap<u32, Named, FixedState>,
    pub(crate) families: BTreeMap<String, MetricFamily>,
    pub(crate) max_number: Option<u32>,
    /// The segment that is being read, and how many of its records were.
    pub(crate) segment: u32,
    pub(crate) n_records: u64,
    /// Samples of series without a name, or without room.
    pub(crate) n_nameless: u64,
    pub(crate) n_exemplars: u64,
    /// Families came from a log.
    pub(crate) has_logged_families: bool,
    /// How often everything was cleared.
    pub(crate) n_clears: u64,
    last_time: i64,
    histograms: HashMap<u32, (Arc<Histogram>, i64), FixedState>,
}

/// Why a record was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// It is one that was never written.
    Damaged,
    /// Records before it are missing.
    Gap,
}

impl Replay {
    /// Names a series.
    pub(crate) fn name(&mut self, head: &mut Head, number: u32, labels: &Labels, is_in_file: bool) {
        self.max_number = Some(self.max_number.map_or(number, |max| max.max(number)));
        if let Some(named) = self.numbers.get_mut(&number)
            && named.series.is_some_and(|series| head.contains(series))
        {
            named.is_in_file |= is_in_file;
            return;
        }
        let series = head.get_or_create(labels).ok();
        let named =
            Named { series, is_in_file, is_logged: false, in_block: i64::MIN, segment: 0, last_bits: 0, last_start: 0 };
        self.numbers.insert(number, named);
    }

    /// The series of a number.
    pub(crate) fn series(&self, number: u32) -> Option<SeriesRef> {
        self.numbers.get(&number)?.series
    }

    /// Begins a segment of the log.
    pub(crate) fn begin_segment(&mut self, segment: u32) {
        self.segment = segment;
        self.n_records = 0;
        self.last_time = 0;
        self.histograms.clear();
    }

    /// Takes in one record of the segment. One that was taken in before changes nothing.
    pub(crate) fn record(&mut self, head: &mut Head, payload: &[u8]) -> Result<(), Bad> {
        let mut reader = Reader::new(payload);
        let number = reader.varint().ok_or(Bad::Damaged)?;
        if number < self.n_records {
            return Ok(());
        }
        if number > self.n_records {
            return Err(Bad::Gap);
        }
        self.n_records += 1;
        self.sections(head, &mut reader).ok_or(Bad::Damaged)
    }

    fn sections(&mut self, head: &mut Head, reader: &mut Reader<'_>) -> Option<()> {
        let mut histograms = Vec::new();
        while let Some(tag) = reader.byte() {
            match tag {
                SERIES => names::read_series(reader, |number, labels| self.name(head, number, &labels, false))?,
                HISTOGRAMS => histograms = self.read_histograms(reader)?,
                FLOATS => self.floats(head, reader, &mut histograms)?,
                FAMILIES => {
                    self.has_logged_families = true;
                    self.read_families(reader)?;
                }
                EXEMPLARS => self.read_exemplars(head, reader)?,
                CLEAR => self.clear(head),
                _ => return None,
            }
        }
        self.append_histograms(head, &mut histograms, usize::MAX);
        Some(())
    }

    pub(crate) fn read_families(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        names::read_families(reader, |family| {
            self.families.insert(family.name.clone(), family);
        })
    }

    pub(crate) fn read_exemplars(&mut self, head: &mut Head, reader: &mut Reader<'_>) -> Option<()> {
        names::read_exemplars(reader, |number, at, exemplar| {
            if let Some(series) = self.series(number)
                && head.append_exemplar(series, exemplar, at)
            {
                self.n_exemplars += 1;
            }
        })
    }

    fn clear(&mut self, head: &mut Head) {
        head.clear();
        self.numbers.clear();
        self.families.clear();
        self.histograms.clear();
        (self.n_nameless, self.n_exemplars) = (0, 0);
        self.n_clears += 1;
    }

    fn read_histograms(&mut self, reader: &mut Reader<'_>) -> Option<Vec<Logged>> {
        let n = reader.count()?;
        let mut list = Vec::with_capacity(n);
        for _ in 0..n {
            let after = usize::try_from(reader.varint()?).ok()?;
            let number = u32::try_from(reader.varint()?).ok()?;
            let t = self.last_time.wrapping_add(reader.signed()?);
            self.last_time = t;
            let before = self.histograms.get(&number);
            let start = before.map_or(0, |(_, start)| *start).wrapping_add(reader.signed()?);
            let h = Arc::new(decode_histogram(reader, before.map(|(h, _)| &**h))?);
            self.histograms.insert(number, (Arc::clone(&h), start));
            list.push(Logged { after, number, t, h, start });
        }
        // From the last one on, so that the next is taken from the end.
        list.reverse();
        Some(list)
    }

    /// Appends the histograms that stand before a float.
    fn append_histograms(&mut self, head: &mut Head, histograms: &mut Vec<Logged>, float: usize) {
        while let Some(Logged { number, t, h, start, .. }) = histograms.pop_if(|h| h.after <= float) {
            let Some(named) = self.numbers.get_mut(&number) else {
                self.n_nameless += 1;
                continue;
            };
            named.is_logged = true;
            let Some(series) = named.series else {
                self.n_nameless += 1;
                continue;
            };
            // One that is in a block already is refused.
            let _ = head.append_histogram(series, Timestamp(t), h, known(start));
        }
    }

    fn floats(&mut self, head: &mut Head, reader: &mut Reader<'_>, histograms: &mut Vec<Logged>) -> Option<()> {
        let n = usize::try_from(reader.varint()?).ok().filter(|n| n / 8 <= reader.len())?;
        let mut runs = Vec::new();
        let (mut n_in_runs, mut end) = (0_usize, 0_i64);
        for _ in 0..reader.count()? {
            let first = end.checked_add(reader.signed()?)?;
            let len = usize::try_from(reader.varint()?).ok().filter(|&len| len <= n)?;
            end = first.checked_add(len as i64)?;
            u32::try_from(end).ok()?;
            runs.push((u32::try_from(first).ok()?, len));
            n_in_runs += len;
        }
        let times = self.times(reader, n)?;
        let n_changed = reader.count()?;
        let mut changed = Vec::with_capacity(n_changed);
        let mut at = 0_usize;
        for _ in 0..n_changed {
            at = at.checked_add(usize::try_from(reader.varint()?).ok()?)?;
            changed.push((at, reader.signed()?));
        }
        let bits = reader.take(n.div_ceil(8))?;
        if n_in_runs != n || times.iter().map(|(len, _)| len).sum::<usize>() != n {
            return None;
        }
        let mut times = times.into_iter();
        let mut changed = changed.into_iter().peekable();
        let (mut n_of_time, mut t) = (0, 0);
        let mut idx = 0;
        for (first, len) in runs {
            for number in (first..).take(len) {
                while n_of_time == 0 {
                    (n_of_time, t) = times.next()?;
                }
                n_of_time -= 1;
                if !histograms.is_empty() {
                    self.append_histograms(head, histograms, idx);
                }
                let Some(named) = self.numbers.get_mut(&number) else {
                    // Its value cannot be told from here on, and that of the others only if their bytes are gone past.
                    if bits.get(idx / 8)? >> (idx % 8) & 1 != 0 {
                        read_value(reader, 0)?;
                    }
                    while changed.next_if(|(at, _)| *at == idx).is_some() {}
                    self.n_nameless += 1;
                    idx += 1;
                    continue;
                };
                if named.segment != self.segment {
                    (named.segment, named.last_bits, named.last_start) = (self.segment, 0, 0);
                }
                while let Some((_, step)) = changed.next_if(|(at, _)| *at == idx) {
                    named.last_start = named.last_start.wrapping_add(step);
                }
                if bits.get(idx / 8)? >> (idx % 8) & 1 != 0 {
                    named.last_bits = read_value(reader, named.last_bits)?;
                }
                named.is_logged = true;
                idx += 1;
                let Some(series) = named.series else {
                    self.n_nameless += 1;
                    continue;
                };
                let v = f64::from_bits(named.last_bits);
                let _ = head.append_since(series, Timestamp(t), v, known(named.last_start));
            }
        }
        Some(())
    }

    /// Groups of floats with one time.
    fn times(&mut self, reader: &mut Reader<'_>, n: usize) -> Option<Vec<(usize, i64)>> {
        let kind = reader.byte()?;
        let n_groups = match kind {
            0 => 1,
            1 => reader.count()?,
            2 => n,
            _ => return None,
        };
        let mut groups = Vec::with_capacity(n_groups.min(reader.len()));
        for _ in 0..n_groups {
            let len = match kind {
                0 => n,
                1 => usize::try_from(reader.varint()?).ok().filter(|&len| len <= n)?,
                _ => 1,
            };
            self.last_time = self.last_time.wrapping_add(reader.signed()?);
            groups.push((len, self.last_time));
        }
        Some(groups)
    }
}

/// A histogram of a record.
struct Logged {
    after: usize,
    number: u32,
    t: i64,
    h: Arc<Histogram>,
    start: i64,
}

fn known(start: i64) -> Option<Timestamp> {
    (start != 0).then_some(Timestamp(start))
}

/// What is behind the last record that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Torn {
    /// So many bytes are of no use.
    pub(crate) bytes: usize,
}

/// Takes in the records of a segment up to the first that is not good: what is behind it is not trusted.
pub(crate) fn read_log(replay: &mut Replay, head: &mut Head, mut records: Records<'_>) -> Option<Torn> {
    loop {
        let left = records.left();
        match records.next() {
            Next::Record(payload) => {
                if replay.record(head, payload).is_err() {
                    return Some(Torn { bytes: left });
                }
            }
            Next::Damaged(bytes) => return Some(Torn { bytes }),
            Next::End => return None,
        }
    }
}
