//! Samples packed and loaded again: the same bits, whatever the series hold; any bytes: no panic, nothing a query trips over.

#[path = "../../../fuzz/bodies/tsdb_chunk.rs"]
mod chunk_body;
#[path = "../../../fuzz/bodies/histogram_codec.rs"]
mod histogram_body;

use chunk_body::look_at_everything;
use model::{Bucket, Histogram, Labels, TimeRange, Timestamp};
use proptest::prelude::*;
use std::sync::Arc;
use tsdb::{ChunkSizes, Head, HeadOptions, Packer, Recorded, SampleBuf, SeriesRef};

fn labels(series: u8) -> Labels {
    Labels::from_pairs([("__name__", "m".to_owned()), ("series", format!("s{series}"))])
}

/// A sample: step of time, kind, bits, whether a start is known.
type Given = (i64, u8, u64, bool);

fn given() -> impl Strategy<Value = Vec<Vec<Given>>> {
    let bits = prop_oneof![
        6 => (0u32..100).prop_map(|v| f64::from(v).to_bits()), 1 => any::<u64>(), 1 => Just(model::STALE_NAN_BITS),
    ];
    // Most series are of floats, and share their times.
    let one = (prop_oneof![8 => Just(10_i64), 1 => 1_i64..40], 0_u8..10, bits, prop::bool::weighted(0.1));
    proptest::collection::vec((proptest::collection::vec(one, 0..700), 0_u8..4), 1..5).prop_map(|all| {
        let keep = |(mut list, kind): (Vec<Given>, u8)| {
            list.iter_mut().for_each(|one| one.1 = if kind == 0 { one.1 } else { 9 });
            list
        };
        all.into_iter().map(keep).collect()
    })
}

fn histogram(bits: u64) -> Histogram {
    let count = (bits % 1_000) as f64;
    let positive = vec![Bucket { idx: 1, count }, Bucket { idx: (bits % 7) as i32 + 2, count: 1.0 }];
    Histogram { count: count + 1.0, sum: f64::from_bits(bits), positive, ..Histogram::default() }
}

fn filled(series: &[Vec<Given>], chunks: ChunkSizes, from: usize, to: usize) -> Head {
    let mut head = Head::new(HeadOptions { chunks, ..HeadOptions::default() });
    for (idx, list) in series.iter().enumerate() {
        let found = head.get_or_create(&labels(idx as u8)).expect("room");
        let mut t = 0;
        for (n, &(step, kind, bits, has_start)) in list.iter().enumerate() {
            t += step;
            let start = has_start.then_some(Timestamp(t - 5));
            if n < from || n >= to {
                continue;
            }
            let stored = if kind < 2 {
                head.append_histogram(found, Timestamp(t), Arc::new(histogram(bits)), start)
            } else {
                head.append_since(found, Timestamp(t), f64::from_bits(bits), start)
            };
            stored.expect("in order");
        }
    }
    head
}

/// All samples of a series, in words.
fn read(head: &Head, series: u8, range: TimeRange) -> Vec<String> {
    let mut buf = SampleBuf::default();
    if let Some(found) = head.find(&labels(series)) {
        head.read(found, range, &mut buf);
    }
    buf.starts.resize(buf.ts.len(), 0);
    let floats =
        buf.ts.iter().zip(&buf.vs).zip(&buf.starts).map(|((t, v), start)| format!("{t} {:x} {start}", v.to_bits()));
    let h = &buf.histograms;
    let starts = h.starts.iter().copied().chain(std::iter::repeat(0));
    let mut histograms: Vec<_> = h
        .ts
        .iter()
        .zip(&h.hs)
        .zip(starts)
        .map(|((t, h), start)| format!("{:?} {t} {:x} {:?} {start}", h.counter_reset_hint, h.sum.to_bits(), h.positive))
        .collect();
    // What is known of a reset before the first one is not known without the one before it.
    if let Some(first) = histograms.first_mut() {
        *first = first.replace("NotReset", "Unknown");
    }
    floats.chain(histograms).collect()
}

fn pack(head: &Head, range: TimeRange) -> (Vec<u8>, usize) {
    let mut packer = Packer::default();
    let mut n = 0;
    for series in head.select(&[], TimeRange::ALL).expect("no pattern") {
        n += packer.add(head, series, series.0 + 3, range).map_or(0, |(n, ..)| n);
    }
    (packer.take(), n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_was_packed_is_loaded(
        series in given(), from in -10_i64..4_000, len in 0_i64..8_000, all in any::<bool>(), cut in 0_usize..700,
        small in (1usize..9, 1usize..9, 1usize..30), is_small in any::<bool>(),
    ) {
        let (open, sealed_at_once, chunk) = small;
        let chunks = if is_small { ChunkSizes { open, sealed_at_once, chunk } } else { ChunkSizes::default() };
        let range = if all { TimeRange::ALL } else { TimeRange { start: Timestamp(from), end: Timestamp(from + len) } };
        let whole = filled(&series, chunks, 0, usize::MAX);
        let (bytes, n) = pack(&whole, range);

        // Into an empty store.
        let mut other = Head::new(HeadOptions { chunks, ..HeadOptions::default() });
        let refs: Vec<SeriesRef> = (0..series.len()).map(|s| other.get_or_create(&labels(s as u8)).expect("room")).collect();
        let loaded = other.load(&bytes, |number| refs.get(number as usize - 3).copied()).expect("what was packed");
        prop_assert_eq!((loaded.n_samples, loaded.n_old, loaded.n_nameless), (n, 0, 0));
        for s in 0..series.len() as u8 {
            prop_assert_eq!(read(&other, s, TimeRange::ALL), read(&whole, s, range));
        }
        // Once more: nothing is there twice.
        let again = other.load(&bytes, |number| refs.get(number as usize - 3).copied()).expect("what was packed");
        prop_assert_eq!((again.n_samples, again.n_old), (0, n));
        for (one, &found) in refs.iter().enumerate() {
            // What is known without a look is never less than what is there.
            let of_whole = whole.find(&labels(one as u8)).filter(|_| all).map(|s| whole.shape(s));
            let shape = other.shape(found);
            if let Some(want) = of_whole {
                prop_assert!(shape.has_markers >= want.has_markers && shape.has_falls >= want.has_falls);
                prop_assert!(shape.has_starts >= want.has_starts);
            }
        }
        look_at_everything(&mut other);

        // Behind samples that are there, and which overlap.
        if all {
            let mut head = filled(&series, chunks, 0, cut);
            let n_before = head.stats().n_samples;
            let refs: Vec<_> = (0..series.len()).map(|s| head.get_or_create(&labels(s as u8)).expect("room")).collect();
            let loaded = head.load(&bytes, |number| refs.get(number as usize - 3).copied()).expect("what was packed");
            prop_assert_eq!(loaded.n_samples + n_before, n);
            for s in 0..series.len() as u8 {
                prop_assert_eq!(read(&head, s, TimeRange::ALL), read(&whole, s, TimeRange::ALL));
            }
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_without_harm(
        series in given(), damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(), is_cut in any::<bool>(),
    ) {
        let (mut bytes, _) = pack(&filled(&series, ChunkSizes::default(), 0, usize::MAX), TimeRange::ALL);
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        } else {
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let mut head = Head::new(HeadOptions::default());
        let refs: Vec<_> = (0..4).map(|s| head.get_or_create(&labels(s)).expect("room")).collect();
        let read = head.load(&bytes, |number| refs.get(number.wrapping_sub(3) as usize).copied());
        prop_assert!(!is_cut || read.is_err(), "a part is not the whole");
        look_at_everything(&mut head);
        chunk_body::run(&bytes);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(0_u8..20, 0..200)) {
        let mut head = Head::new(HeadOptions::default());
        let series = head.get_or_create(&labels(0)).expect("room");
        let _ = head.load(&bytes, |_| Some(series));
        look_at_everything(&mut head);
        chunk_body::run(&bytes);
    }

    #[test]
    fn histograms_that_were_changed_are_none_or_others(
        list in proptest::collection::vec(any::<u64>(), 1..6), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = Vec::new();
        let mut before: Option<Histogram> = None;
        for bits in list {
            let h = histogram(bits);
            tsdb::encode_histogram(&h, before.as_ref(), &mut bytes);
            before = Some(h);
        }
        let at = at.index(bytes.len());
        bytes[at] = byte;
        histogram_body::run(&bytes);
    }
}

#[test]
fn what_is_appended_is_recorded_once() {
    let mut head = Head::new(HeadOptions::default());
    head.append(&labels(0), Timestamp(5), 1.0).expect("first");
    head.record(true);
    let series = head.append(&labels(0), Timestamp(10), 2.0).expect("newer");
    head.append(&labels(0), Timestamp(10), 2.0).expect("the same again");
    head.append(&labels(0), Timestamp(10), 3.0).expect_err("another");
    head.append_since(series, Timestamp(20), 4.0, Some(Timestamp(15))).expect("newer");
    let h = Arc::new(histogram(3));
    head.append_histogram(series, Timestamp(30), h, None).expect("newer");
    head.append_ref(series, Timestamp(40), 5.0).expect("newer");
    let mut recorded = Recorded::default();
    head.take_recorded(&mut recorded);
    assert_eq!(recorded.floats, [(series, 2.0), (series, 4.0), (series, 5.0)]);
    assert_eq!(recorded.times, [(0, Timestamp(10)), (1, Timestamp(20)), (2, Timestamp(40))]);
    assert_eq!(recorded.starts, [(1, Timestamp(15))]);
    assert_eq!((recorded.histograms.len(), recorded.histograms[0].after), (1, 2));
    head.take_recorded(&mut recorded);
    assert!(recorded.is_empty());
}
