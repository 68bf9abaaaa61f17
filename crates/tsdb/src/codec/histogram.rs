//! Native histograms as bytes and back, the same bits: each against the one before it in its series, which mostly has the
//! same buckets and nearly the same counts.
//!
//! ```text
//! flags · [layout] · count · zero count · sum · counts of the positive buckets · of the negative ones
//! flags: bits 0 and 1 the reset hint (unknown, reset, none, gauge) · bit 2 the layout is that of the one before
//!        · bit 3 all counts but the sum are whole numbers
//! layout: schema · zero threshold · custom bounds: how many, each · positive buckets · negative buckets
//! buckets: how many spans, each: distance to the end of the last one (signed) · length
//! ```
//! With bit 3 a count is a signed step, otherwise the bits in which it differs: from the same count of the histogram before
//! where the layout is the same, else from the bucket before (the first one, count and zero count from 0). The sum is always
//! its bits against the last sum. Floats and differences of bits are LEB128 numbers of the bytes in reverse order.

use crate::bytes::{Reader, put_bits, put_signed, put_varint};
use model::{Bucket, CounterResetHint, Histogram};
use std::sync::Arc;

const SAME_LAYOUT: u8 = 4;
const WHOLE: u8 = 8;

/// A histogram has at most so many buckets of a sign: 20 times what exporters write.
const MAX_BUCKETS: usize = 1 << 16;

/// Appends a histogram, written against the one before it in its series, if there is one.
pub fn encode_histogram(h: &Histogram, before: Option<&Histogram>, out: &mut Vec<u8>) {
    let is_same = before.is_some_and(|before| has_layout_of(h, before));
    let is_whole = counts(h).all(|v| whole(v).is_some());
    let hint = match h.counter_reset_hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::Reset => 1,
        CounterResetHint::NotReset => 2,
        CounterResetHint::Gauge => 3,
    };
    out.push(hint | if is_same { SAME_LAYOUT } else { 0 } | if is_whole { WHOLE } else { 0 });
    if !is_same {
        out.push(h.schema as u8);
        put_bits(out, h.zero_threshold.to_bits());
        put_varint(out, h.custom_values.len() as u64);
        h.custom_values.iter().for_each(|bound| put_bits(out, bound.to_bits()));
        put_spans(out, &h.positive);
        put_spans(out, &h.negative);
    }
    let mut last = Against { before: before.filter(|_| is_same), is_whole };
    last.put(out, h.count, |b| b.count, 0.0);
    last.put(out, h.zero_count, |b| b.zero_count, 0.0);
    put_bits(out, h.sum.to_bits() ^ before.map_or(0, |before| before.sum.to_bits()));
    for (list, of) in [(&h.positive, positive as Buckets), (&h.negative, negative)] {
        let mut last_count = 0.0;
        for (idx, bucket) in list.iter().enumerate() {
            last.put(out, bucket.count, |b| of(b).get(idx).map_or(0.0, |b| b.count), last_count);
            last_count = bucket.count;
        }
    }
}

/// Reads a histogram that was written against the one before it.
pub fn decode_histogram(reader: &mut Reader<'_>, before: Option<&Histogram>) -> Option<Histogram> {
    let flags = reader.byte()?;
    if flags > 15 {
        return None;
    }
    let is_same = flags & SAME_LAYOUT != 0;
    let mut h = if is_same { before?.clone() } else { layout(reader)? };
    h.counter_reset_hint = match flags & 3 {
        0 => CounterResetHint::Unknown,
        1 => CounterResetHint::Reset,
        2 => CounterResetHint::NotReset,
        _ => CounterResetHint::Gauge,
    };
    let is_whole = flags & WHOLE != 0;
    h.count = read_count(reader, is_whole, h.count)?;
    h.zero_count = read_count(reader, is_whole, h.zero_count)?;
    h.sum = f64::from_bits(reader.bits()? ^ before.map_or(0, |before| before.sum.to_bits()));
    for buckets in [&mut h.positive, &mut h.negative] {
        let mut last = 0.0;
        for bucket in buckets {
            bucket.count = read_count(reader, is_whole, if is_same { bucket.count } else { last })?;
            last = bucket.count;
        }
    }
    Some(h)
}

type Buckets = fn(&Histogram) -> &Vec<Bucket>;

fn positive(h: &Histogram) -> &Vec<Bucket> {
    &h.positive
}

fn negative(h: &Histogram) -> &Vec<Bucket> {
    &h.negative
}

/// What counts are written against.
struct Against<'a> {
    before: Option<&'a Histogram>,
    is_whole: bool,
}

impl Against<'_> {
    fn put(&mut self, out: &mut Vec<u8>, v: f64, of: impl Fn(&Histogram) -> f64, otherwise: f64) {
        let base = self.before.map_or(otherwise, of);
        if self.is_whole {
            put_signed(out, whole(v).unwrap_or(0) - whole(base).unwrap_or(0));
        } else {
            put_bits(out, v.to_bits() ^ base.to_bits());
        }
    }
}

fn read_count(reader: &mut Reader<'_>, is_whole: bool, base: f64) -> Option<f64> {
    if is_whole {
        let v = whole(base).unwrap_or(0).checked_add(reader.signed()?)?;
        Some(v as f64)
    } else {
        Some(f64::from_bits(reader.bits()? ^ base.to_bits()))
    }
}

/// The counts, without the sum.
fn counts(h: &Histogram) -> impl Iterator<Item = f64> {
    [h.count, h.zero_count].into_iter().chain(h.positive.iter().chain(&h.negative).map(|b| b.count))
}

/// The number, if it is a whole one.
fn whole(v: f64) -> Option<i64> {
    let number = v as i64;
    (v.abs() < (1_i64 << 53) as f64 && (number as f64).to_bits() == v.to_bits()).then_some(number)
}

fn has_layout_of(h: &Histogram, other: &Histogram) -> bool {
    let same = |a: &[Bucket], b: &[Bucket]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.idx == b.idx);
    h.schema == other.schema
        && h.zero_threshold.to_bits() == other.zero_threshold.to_bits()
        && (Arc::ptr_eq(&h.custom_values, &other.custom_values) || h.custom_values == other.custom_values)
        && same(&h.positive, &other.positive)
        && same(&h.negative, &other.negative)
}

fn put_spans(out: &mut Vec<u8>, buckets: &[Bucket]) {
    let is_next = |a: &Bucket, b: &Bucket| a.idx.checked_add(1) == Some(b.idx);
    put_varint(out, buckets.chunk_by(is_next).count() as u64);
    let mut end = 0;
    for span in buckets.chunk_by(is_next) {
        let Some(first) = span.first() else { continue };
        put_signed(out, i64::from(first.idx) - end);
        put_varint(out, span.len() as u64);
        end = i64::from(first.idx) + span.len() as i64;
    }
}

fn read_spans(reader: &mut Reader<'_>) -> Option<Vec<Bucket>> {
    let mut buckets = Vec::new();
    let mut end = 0_i64;
    for _ in 0..reader.count()? {
        let first = end.checked_add(reader.signed()?)?;
        let len =
            usize::try_from(reader.varint()?).ok().filter(|&len| buckets.len().saturating_add(len) <= MAX_BUCKETS)?;
        end = first.checked_add(len as i64)?;
        for idx in first..end {
            buckets.push(Bucket { idx: i32::try_from(idx).ok()?, count: 0.0 });
        }
    }
    Some(buckets)
}

/// A histogram without observations, if such a one may be: what a query indexes by is then within its bounds.
fn layout(reader: &mut Reader<'_>) -> Option<Histogram> {
    let schema = reader.byte()? as i8;
    let zero_threshold = f64::from_bits(reader.bits()?);
    let n_bounds = reader.count()?;
    let mut bounds = Vec::with_capacity(n_bounds);
    for _ in 0..n_bounds {
        bounds.push(f64::from_bits(reader.bits()?));
    }
    let (positive, negative) = (read_spans(reader)?, read_spans(reader)?);
    let h =
        Histogram { schema, zero_threshold, custom_values: bounds.into(), positive, negative, ..Histogram::default() };
    h.has_valid_layout().then_some(h)
}

#[cfg(test)]
mod tests {
    //! Histograms of all kinds, alone and after another.
    use super::*;
    use proptest::prelude::*;

    fn count() -> impl Strategy<Value = f64> {
        prop_oneof![
            8 => (0_u32..1_000_000).prop_map(f64::from),
            2 => 0.0..1e9_f64,
            1 => any::<u64>().prop_map(f64::from_bits),
            1 => prop::sample::select(vec![-0.0, f64::NAN, f64::INFINITY, model::STALE_NAN, 9e15, -3.0, 1e300]),
        ]
    }

    fn buckets(range: std::ops::Range<i32>) -> impl Strategy<Value = Vec<Bucket>> {
        let map = proptest::collection::btree_map(range, count(), 0..20);
        map.prop_map(|map| map.into_iter().map(|(idx, count)| Bucket { idx, count }).collect())
    }

    fn histogram() -> impl Strategy<Value = Histogram> {
        let numbers = || {
            use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
            (prop::sample::select(vec![Unknown, Reset, NotReset, Gauge]), count(), count(), count())
        };
        let custom = (numbers(), proptest::collection::btree_set(-9_i32..9, 0..9), 0_u32..9, count());
        prop_oneof![
            (numbers(), -4_i8..=8, 0.0..0.1_f64, buckets(-60..60), buckets(-60..60)).prop_map(
                |((counter_reset_hint, count, zero_count, sum), schema, zero_threshold, positive, negative)| {
                    Histogram {
                        counter_reset_hint,
                        count,
                        zero_count,
                        sum,
                        schema,
                        zero_threshold,
                        positive,
                        negative,
                        ..Histogram::default()
                    }
                }
            ),
            custom.prop_map(|((counter_reset_hint, count, _, sum), bounds, n, each)| {
                let n = (n as usize).min(bounds.len() + 1);
                Histogram {
                    counter_reset_hint,
                    count,
                    sum,
                    schema: model::CUSTOM_BUCKETS_SCHEMA,
                    positive: (0..n as i32).map(|idx| Bucket { idx, count: each }).collect(),
                    custom_values: bounds.into_iter().map(|bound| f64::from(bound) / 4.0).collect(),
                    ..Histogram::default()
                }
            }),
        ]
    }

    /// The same to the bit, buckets without observations and hints too.
    fn bits(h: &Histogram) -> String {
        let floats = [h.count, h.zero_count, h.sum, h.zero_threshold].map(f64::to_bits);
        let list = |buckets: &[Bucket]| buckets.iter().map(|b| (b.idx, b.count.to_bits())).collect::<Vec<_>>();
        let bounds: Vec<u64> = h.custom_values.iter().map(|bound| bound.to_bits()).collect();
        let hint = h.counter_reset_hint;
        format!("{hint:?} {} {floats:?} {:?} {:?} {bounds:?}", h.schema, list(&h.positive), list(&h.negative))
    }

    proptest! {
        #[test]
        fn histograms_come_back_with_the_same_bits(
            list in proptest::collection::vec((histogram(), 0_u8..3, count()), 1..12),
        ) {
            // Most have the layout of the one before, and other counts.
            let mut all: Vec<Histogram> = Vec::new();
            for (new, kind, count) in list {
                let next = match all.last() {
                    Some(before) if kind > 0 => {
                        let mut next = Histogram { count, sum: new.sum, ..before.clone() };
                        next.positive.iter_mut().step_by(2).for_each(|b| b.count += 3.0);
                        next
                    }
                    _ => new,
                };
                all.push(next);
            }
            let mut bytes = Vec::new();
            let mut before = None;
            for h in &all {
                encode_histogram(h, before, &mut bytes);
                before = Some(h);
            }
            let mut reader = Reader::new(&bytes);
            let mut before: Option<Histogram> = None;
            for want in &all {
                let got = decode_histogram(&mut reader, before.as_ref()).expect("what was written");
                prop_assert_eq!(bits(&got), bits(want));
                before = Some(got);
            }
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn any_bytes_give_a_histogram_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80), before in histogram()) {
            let read = decode_histogram(&mut Reader::new(&bytes), Some(&before));
            prop_assert!(read.is_none_or(|h| h.has_valid_layout()));
        }
    }
}
