//! A record of the log: what one scrape appended.
//!
//! ```text
//! record:     number of the record in its segment, from 0 · sections
//! section:    tag · body
//! series      (1): names of series that no series file has and this segment has not named yet
//! histograms  (2): how many, each: number of floats before it · number of its series · time (signed, against the last one
//!                  of the segment) · start (signed, against the last of its series) · the histogram, against the last of
//!                  its series in this segment
//! floats      (3): how many · runs of series · times · starts · bits · values
//!   runs:     how many, each: number of the first series (signed, against the end of the run before) · how many
//!   times:    0 · one time, or 1 · how many groups, each: how many · time, or 2 · a time each
//!             (times are signed, against the last one of the segment)
//!   starts:   how many changed, each: how many floats lie between it and the last one that did · start (signed, against
//!             the last one of its series, 0 if it is not known)
//!   bits:     a bit a float, the lowest first, whether it differs from the last float of its series in this segment (at
//!             first 0); the last byte is filled with zeros
//!   values:   of those that differ: an even number is twice the signed step between whole numbers (from 0, if the last
//!             one is none); an odd byte is 1 | bytes - 1 << 1 | zero bytes below << 4, then the bytes in which the bits of
//!             both differ
//! families    (4), exemplars (5): as in series files and blocks
//! clear       (6): all that was before is no more; it is the only section
//! ```
//! Histograms stand before floats, because the order of both counts in a series that has both.

use crate::known::{Known, KnownSeries};
use crate::names;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use model::{Histogram, MetricFamily, Timestamp};
use std::ops::Range;
use std::sync::Arc;
use tsdb::bytes::{put_signed, put_varint, unzigzag, zigzag};
use tsdb::{Head, Recorded, encode_histogram};

pub(crate) const SERIES: u8 = 1;
pub(crate) const HISTOGRAMS: u8 = 2;
pub(crate) const FLOATS: u8 = 3;
pub(crate) const FAMILIES: u8 = 4;
pub(crate) const EXEMPLARS: u8 = 5;
pub(crate) const CLEAR: u8 = 6;

/// A record has at most so many floats: no scrape has as many.
pub(crate) const MAX_FLOATS: usize = 1 << 20;

/// What a segment was written with so far.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    /// Its number.
    pub(crate) number: u32,
    /// Its bytes so far.
    pub(crate) bytes: u64,
    /// Its records so far.
    pub(crate) n_records: u64,
    last_time: i64,
    histograms: HashMap<u32, (Arc<Histogram>, i64), FixedState>,
}

impl Segment {
    /// An empty segment.
    pub(crate) fn new(number: u32) -> Self {
        Segment { number, ..Segment::default() }
    }

    /// A part of what a head recorded, as the next record.
    pub(crate) fn record(
        &mut self,
        known: &mut Known,
        head: &Head,
        recorded: &Recorded,
        floats: Range<usize>,
        families: &[&MetricFamily],
    ) -> Vec<u8> {
        let is_last = floats.end == recorded.floats.len();
        let mut out = Vec::with_capacity(floats.len() * 2 + 64);
        put_varint(&mut out, self.n_records);
        let mut new = Vec::new();
        let mut float_bytes = Vec::with_capacity(floats.len() * 2 + 64);
        let mut histogram_bytes = Vec::new();
        let of_part = |h: &&tsdb::RecordedHistogram| {
            let after = h.after as usize;
            after >= floats.start && (after < floats.end || is_last)
        };
        let histograms: Vec<_> = recorded.histograms.iter().filter(of_part).collect();
        self.put_histograms(&mut histogram_bytes, known, head, &histograms, floats.start, &mut new);
        self.put_floats(&mut float_bytes, known, head, recorded, floats, &mut new);
        let exemplars: Vec<_> = if is_last {
            recorded
                .exemplars
                .iter()
                .filter_map(|one| Some((known.number(one.series)?, one.at, &one.exemplar)))
                .collect()
        } else {
            Vec::new()
        };
        if !new.is_empty() {
            out.push(SERIES);
            new.sort_unstable_by_key(|(number, _)| *number);
            names::put_series(&mut out, &new);
        }
        if !histogram_bytes.is_empty() {
            out.push(HISTOGRAMS);
            out.append(&mut histogram_bytes);
        }
        if !float_bytes.is_empty() {
            out.push(FLOATS);
            out.append(&mut float_bytes);
        }
        if !families.is_empty() {
            out.push(FAMILIES);
            names::put_families(&mut out, families.iter().copied());
        }
        if !exemplars.is_empty() {
            out.push(EXEMPLARS);
            names::put_exemplars(&mut out, exemplars.into_iter());
        }
        self.n_records += 1;
        out
    }

    /// A record that says that nothing before it counts.
    pub(crate) fn clear(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.n_records);
        out.push(CLEAR);
        self.n_records += 1;
        out
    }

    fn put_histograms<'a>(
        &mut self,
        out: &mut Vec<u8>,
        known: &mut Known,
        head: &'a Head,
        histograms: &[&tsdb::RecordedHistogram],
        first_float: usize,
        new: &mut Vec<(u32, &'a model::Labels)>,
    ) {
        let mut n = 0;
        let mut each = Vec::new();
        for one in histograms {
            let Some(entry) = known.entry(one.series, self.number, head, new) else { continue };
            n += 1;
            put_varint(&mut each, (one.after as usize - first_float) as u64);
            put_varint(&mut each, u64::from(entry.number));
            put_signed(&mut each, one.t.0.wrapping_sub(self.last_time));
            self.last_time = one.t.0;
            let start = one.start.map_or(0, |start| start.0);
            let before = self.histograms.get(&entry.number);
            put_signed(&mut each, start.wrapping_sub(before.map_or(0, |(_, start)| *start)));
            encode_histogram(&one.h, before.map(|(h, _)| &**h), &mut each);
            self.histograms.insert(entry.number, (Arc::clone(&one.h), start));
        }
        if n > 0 {
            put_varint(out, n);
            out.append(&mut each);
        }
    }

    fn put_floats<'a>(
        &mut self,
        out: &mut Vec<u8>,
        known: &mut Known,
        head: &'a Head,
        recorded: &Recorded,
        floats: Range<usize>,
        new: &mut Vec<(u32, &'a model::Labels)>,
    ) {
        let mut writer = FloatWriter {
            starts: recorded.starts.partition_point(|s| (s.0 as usize) < floats.start),
            ..FloatWriter::default()
        };
        let mut times = recorded.times.partition_point(|(from, _)| (*from as usize) <= floats.start);
        for idx in floats {
            let Some(&(series, v)) = recorded.floats.get(idx) else { break };
            while recorded.times.get(times).is_some_and(|(from, _)| *from as usize <= idx) {
                times += 1;
            }
            let start = match recorded.starts.get(writer.starts) {
                Some(&(at, start)) if at as usize == idx => {
                    writer.starts += 1;
                    start
                }
                _ => Timestamp(0),
            };
            // A series that is gone already is of no use to anybody.
            let Some(entry) = known.entry(series, self.number, head, new) else { continue };
            let time = times.checked_sub(1).and_then(|at| recorded.times.get(at)).map_or(0, |(_, t)| t.0);
            writer.put(entry, time, v, start.0);
        }
        writer.finish(out, &mut self.last_time);
    }
}

#[derive(Default)]
struct FloatWriter {
    n: usize,
    /// The place in the recorded starts.
    starts: usize,
    runs: Vec<(u32, u32)>,
    groups: Vec<(u32, i64)>,
    changed_starts: Vec<u8>,
    n_changed_starts: u64,
    last_changed: usize,
    bits: Vec<u8>,
    values: Vec<u8>,
}

impl FloatWriter {
    #[inline]
    fn put(&mut self, entry: &mut KnownSeries, time: i64, v: f64, start: i64) {
        match self.runs.last_mut() {
            Some((first, len)) if first.wrapping_add(*len) == entry.number => *len += 1,
            _ => self.runs.push((entry.number, 1)),
        }
        match self.groups.last_mut() {
            Some((len, t)) if *t == time => *len += 1,
            _ => self.groups.push((1, time)),
        }
        if start != entry.last_start {
            put_varint(&mut self.changed_starts, (self.n - self.last_changed) as u64);
            put_signed(&mut self.changed_starts, start.wrapping_sub(entry.last_start));
            self.last_changed = self.n;
            self.n_changed_starts += 1;
            entry.last_start = start;
        }
        if self.n.is_multiple_of(8) {
            self.bits.push(0);
        }
        if v.to_bits() != entry.last_bits {
            if let Some(byte) = self.bits.last_mut() {
                *byte |= 1 << (self.n % 8);
            }
            put_value(&mut self.values, entry.last_bits, v.to_bits());
            entry.last_bits = v.to_bits();
        }
        self.n += 1;
    }

    fn finish(mut self, out: &mut Vec<u8>, last_time: &mut i64) {
        if self.n == 0 {
            return;
        }
        put_varint(out, self.n as u64);
        put_varint(out, self.runs.len() as u64);
        let mut end = 0;
        for (first, len) in self.runs {
            put_signed(out, i64::from(first) - end);
            put_varint(out, u64::from(len));
            end = i64::from(first) + i64::from(len);
        }
        let mut put_time = |out: &mut Vec<u8>, t: i64| {
            put_signed(out, t.wrapping_sub(*last_time));
            *last_time = t;
        };
        if let [(_, t)] = self.groups[..] {
            out.push(0);
            put_time(out, t);
        } else if self.groups.len() * 2 <= self.n {
            out.push(1);
            put_varint(out, self.groups.len() as u64);
            for (len, t) in self.groups {
                put_varint(out, u64::from(len));
                put_time(out, t);
            }
        } else {
            out.push(2);
            for (len, t) in self.groups {
                (0..len).for_each(|_| put_time(out, t));
            }
        }
        put_varint(out, self.n_changed_starts);
        out.append(&mut self.changed_starts);
        out.append(&mut self.bits);
        out.append(&mut self.values);
    }
}

/// Appends a float that differs from the last one of its series.
#[inline]
fn put_value(out: &mut Vec<u8>, last: u64, bits: u64) {
    if let Some(number) = whole(bits) {
        put_varint(out, zigzag(number - whole(last).unwrap_or(0)) << 1);
        return;
    }
    let differ = bits ^ last;
    let below = differ.trailing_zeros() / 8;
    let n = 8 - differ.leading_zeros() / 8 - below;
    out.push((1 | (n - 1) << 1 | below << 4) as u8);
    out.extend_from_slice(&(differ >> (8 * below)).to_le_bytes()[..n as usize]);
}

/// Reads a float that differs from the last one of its series.
#[inline]
pub(crate) fn read_value(reader: &mut tsdb::bytes::Reader<'_>, last: u64) -> Option<u64> {
    let first = *reader.rest().first()?;
    if first & 1 == 0 {
        let step = unzigzag(reader.varint()? >> 1);
        return Some((whole(last).unwrap_or(0).wrapping_add(step) as f64).to_bits());
    }
    reader.byte()?;
    let (n, below) = (usize::from(first >> 1 & 7) + 1, u32::from(first >> 4));
    let mut bytes = [0; 8];
    bytes.get_mut(..n)?.copy_from_slice(reader.take(n)?);
    Some(last ^ u64::from_le_bytes(bytes).checked_shl(8 * below)?)
}

/// The number that bits are, if it is a whole one.
#[inline]
fn whole(bits: u64) -> Option<i64> {
    let v = f64::from_bits(bits);
    let number = v as i64;
    (v.abs() <= (1_i64 << 53) as f64 && (number as f64).to_bits() == bits).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tsdb::bytes::Reader;

    proptest! {
        #[test]
        fn values_come_back(list in proptest::collection::vec(prop_oneof![
            any::<u64>(), (-1e6..1e6_f64).prop_map(|v| v.round().to_bits()), (0..9_u64).prop_map(|v| v << 53),
            prop::sample::select(vec![(-0.0_f64).to_bits(), model::STALE_NAN_BITS, (9.1e15_f64).to_bits(), (-9.007_199_254_740_992e15_f64).to_bits()]),
        ], 1..50)) {
            let mut bytes = Vec::new();
            let mut last = 0;
            for &bits in &list {
                if bits != last {
                    put_value(&mut bytes, last, bits);
                }
                last = bits;
            }
            let mut reader = Reader::new(&bytes);
            let mut last = 0;
            for &bits in &list {
                if bits != last {
                    prop_assert_eq!(read_value(&mut reader, last), Some(bits));
                }
                last = bits;
            }
            prop_assert!(reader.is_empty());
        }
    }
}
