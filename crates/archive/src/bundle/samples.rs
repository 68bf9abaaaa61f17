//! Series with their samples and exemplars as bytes, nothing lost: NaN payloads, staleness markers, starts, histograms.
//!
//! ```text
//! part      = series*                                                  to the end of the payload
//! series    = labels floats starts histograms exemplars
//! labels    = n (text text)*                                           name and value
//! text      = length bytes                                             UTF-8
//! floats    = n (time)* (value)*                                       all times, then all values
//! starts    = n (difference)*                                          n is 0, or the number of floats; to the start before
//! time      = the difference to the difference before, of the same list
//! value     = zeros rest?                                              bits xor those of the value before: how many bits at
//!                                                                      the end are 0, the others; 64: the same value again
//! histograms= n (time start hint schema f64*4 n (index f64)* n (index f64)* n f64*)*
//!                                                                      zero threshold, zero count, count, sum; positive and
//!                                                                      negative buckets, index as difference; own bounds
//! exemplars = n (labels f64 own time)*                                 a time as it is; whether it is its own or that of
//!                                                                      its sample
//! ```
//!
//! Numbers are LEB128, differences zigzag before that, an f64 eight bytes, little-endian.

use crate::pending::{Extra, Pending, Sample};
use model::{Bucket, CounterResetHint, Exemplar, Histogram, Labels, Timestamp};
use std::sync::Arc;
use tsdb::{SampleBuf, SeriesExemplar};

/// Appends a series.
pub(crate) fn write(labels: &Labels, buf: &SampleBuf, exemplars: &[SeriesExemplar], out: &mut Vec<u8>) {
    write_labels(labels, out);
    number(buf.ts.len() as u64, out);
    write_times(&buf.ts, out);
    let mut last = 0;
    for v in &buf.vs {
        let bits = v.to_bits() ^ last;
        last = v.to_bits();
        let zeros = bits.trailing_zeros();
        out.push(zeros as u8);
        if zeros < 64 {
            number(bits >> zeros, out);
        }
    }
    number(buf.starts.len() as u64, out);
    let mut last = 0;
    for &start in &buf.starts {
        number(zigzag(start.wrapping_sub(last)), out);
        last = start;
    }
    number(buf.histograms.len() as u64, out);
    let (mut last, mut step) = (0i64, 0i64);
    for (idx, (&t, h)) in buf.histograms.ts.iter().zip(&buf.histograms.hs).enumerate() {
        write_time(t, &mut last, &mut step, out);
        number(zigzag(buf.histograms.starts.get(idx).copied().unwrap_or(0)), out);
        write_histogram(h, out);
    }
    number(exemplars.len() as u64, out);
    for SeriesExemplar { at, exemplar: Exemplar { labels, v, t }, .. } in exemplars {
        write_labels(labels, out);
        float(*v, out);
        number(u64::from(t.is_some()), out);
        number(zigzag(at.0), out);
    }
}

fn write_labels(labels: &Labels, out: &mut Vec<u8>) {
    number(labels.len() as u64, out);
    for (name, value) in labels {
        for text in [name, value] {
            number(text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn write_times(ts: &[i64], out: &mut Vec<u8>) {
    let (mut last, mut step) = (0i64, 0i64);
    ts.iter().for_each(|&t| write_time(t, &mut last, &mut step, out));
}

fn write_time(t: i64, last: &mut i64, step: &mut i64, out: &mut Vec<u8>) {
    let new = t.wrapping_sub(*last);
    number(zigzag(new.wrapping_sub(*step)), out);
    (*last, *step) = (t, new);
}

fn write_histogram(h: &Histogram, out: &mut Vec<u8>) {
    out.push(match h.counter_reset_hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::Reset => 1,
        CounterResetHint::NotReset => 2,
        CounterResetHint::Gauge => 3,
    });
    out.push(h.schema as u8);
    [h.zero_threshold, h.zero_count, h.count, h.sum].into_iter().for_each(|v| float(v, out));
    for side in [&h.positive, &h.negative] {
        number(side.len() as u64, out);
        let mut last = 0i64;
        for bucket in side {
            number(zigzag(i64::from(bucket.idx) - last), out);
            last = i64::from(bucket.idx);
            float(bucket.count, out);
        }
    }
    number(h.custom_values.len() as u64, out);
    h.custom_values.iter().for_each(|&v| float(v, out));
}

fn float(v: f64, out: &mut Vec<u8>) {
    out.extend(v.to_bits().to_le_bytes());
}

fn number(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

/// Reads a part; whatever the bytes are, it takes no more memory than they are long, times a small number.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    /// All series of the part; `None` if it is damaged.
    pub(crate) fn read(mut self, pending: &mut Pending) -> Option<()> {
        while !self.bytes.is_empty() {
            self.series(pending)?;
        }
        Some(())
    }

    fn series(&mut self, pending: &mut Pending) -> Option<()> {
        let labels = self.labels()?;
        let series = pending.series(labels);
        let n = self.count(2)?;
        let first = pending.samples.len();
        let (mut last, mut step) = (0, 0);
        for _ in 0..n {
            let t = self.time(&mut last, &mut step)?;
            pending.samples.push(Sample { t, v: 0.0, series, extra: 0 });
        }
        let mut bits = 0;
        for idx in first..first + n {
            let zeros = self.byte()?;
            if zeros < 64 {
                bits ^= self.number()?.checked_shl(u32::from(zeros))?;
            }
            pending.samples.get_mut(idx)?.v = f64::from_bits(bits);
        }
        let n_starts = self.count(1)?;
        if n_starts != 0 && n_starts != n {
            return None;
        }
        let (mut start, mut known) = (0i64, None::<(i64, u32)>);
        for idx in first..first + n_starts {
            start = start.wrapping_add(self.signed()?);
            if start == 0 {
                continue;
            }
            // Most samples have the start of the one before.
            let extra = match known {
                Some((same, extra)) if same == start => extra,
                _ => pending.add_extra(Extra { start: Some(Timestamp(start)), histogram: None }),
            };
            known = Some((start, extra));
            pending.samples.get_mut(idx)?.extra = extra;
        }
        let (mut last, mut step) = (0, 0);
        for _ in 0..self.count(39)? {
            let t = Timestamp(self.time(&mut last, &mut step)?);
            let start = self.signed()?;
            let h = self.histogram()?;
            pending.push_histogram(series, t, h, (start != 0).then_some(Timestamp(start)));
        }
        for _ in 0..self.count(11)? {
            let labels = self.labels()?;
            let v = self.float()?;
            let (has_time, at) = (self.number()? != 0, Timestamp(self.signed()?));
            pending.push_exemplar(series, at, Exemplar { labels, v, t: has_time.then_some(at) });
        }
        Some(())
    }

    fn labels(&mut self) -> Option<Labels> {
        let n = self.count(2)?;
        let mut pairs = Vec::with_capacity(n);
        for _ in 0..n {
            pairs.push((self.text()?, self.text()?));
        }
        Some(Labels::from_pairs(pairs))
    }

    fn text(&mut self) -> Option<&'a str> {
        let len = self.count(1)?;
        std::str::from_utf8(self.take(len)?).ok()
    }

    fn histogram(&mut self) -> Option<Histogram> {
        let counter_reset_hint = match self.byte()? {
            0 => CounterResetHint::Unknown,
            1 => CounterResetHint::Reset,
            2 => CounterResetHint::NotReset,
            3 => CounterResetHint::Gauge,
            _ => return None,
        };
        let schema = self.byte()? as i8;
        let [zero_threshold, zero_count, count, sum] = [self.float()?, self.float()?, self.float()?, self.float()?];
        let (positive, negative) = (self.buckets()?, self.buckets()?);
        let n = self.count(8)?;
        let custom_values: Option<Arc<[f64]>> = (0..n).map(|_| self.float()).collect();
        let h = Histogram {
            counter_reset_hint,
            schema,
            zero_threshold,
            zero_count,
            count,
            sum,
            positive,
            negative,
            custom_values: custom_values?,
        };
        // The mark of an end is no histogram that can be worked with, and is none that is checked.
        (h.is_stale() || h.validate().is_ok()).then_some(h)
    }

    fn buckets(&mut self) -> Option<Vec<Bucket>> {
        let n = self.count(9)?;
        let mut buckets = Vec::with_capacity(n);
        let mut idx = 0i64;
        for at in 0..n {
            let step = self.signed()?;
            if at > 0 && step <= 0 {
                return None;
            }
            idx = idx.checked_add(step)?;
            buckets.push(Bucket { idx: i32::try_from(idx).ok()?, count: self.float()? });
        }
        Some(buckets)
    }

    fn time(&mut self, last: &mut i64, step: &mut i64) -> Option<i64> {
        *step = step.wrapping_add(self.signed()?);
        *last = last.wrapping_add(*step);
        Some(*last)
    }

    /// A count of things that take so many bytes each at least: never more than there can be.
    fn count(&mut self, bytes_each: usize) -> Option<usize> {
        let n = usize::try_from(self.number()?).ok()?;
        (n.checked_mul(bytes_each)? <= self.bytes.len()).then_some(n)
    }

    fn float(&mut self) -> Option<f64> {
        let bytes = self.take(8)?.try_into().ok()?;
        Some(f64::from_bits(u64::from_le_bytes(bytes)))
    }

    fn signed(&mut self) -> Option<i64> {
        let n = self.number()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn number(&mut self) -> Option<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return None;
            }
            n |= part << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(n)?;
        self.bytes = tail;
        Some(head)
    }
}
