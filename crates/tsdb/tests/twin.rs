//! The store against a naive twin: a map of labels to samples.

use model::{Bucket, Histogram, Labels, MatchOp, Matcher, Millis, TimeRange, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tsdb::{AppendError, ChunkSizes, Head, HeadOptions, SampleBuf, Scratch};

fn labels(a: u8, b: u8) -> Labels {
    let value = |v: u8| if v == 0 { String::new() } else { format!("v{v}") };
    Labels::from_pairs([("__name__", "m".to_owned()), ("a", value(a)), ("b", value(b))])
}

/// Sizes at which a few samples meet every border.
fn sizes() -> impl Strategy<Value = ChunkSizes> {
    let usual = Just(ChunkSizes::default());
    let small = (1usize..9, 1usize..9, 1usize..30);
    prop_oneof![1 => usual, 3 => small.prop_map(|(open, sealed_at_once, chunk)| ChunkSizes { open, sealed_at_once, chunk })]
}

fn read_all(head: &Head, matchers: &[Matcher], range: TimeRange) -> BTreeMap<Labels, Vec<(i64, f64)>> {
    let mut out = BTreeMap::new();
    let found = head.select(matchers, range).expect("matchers compile");
    assert!(found.is_sorted_by_key(|s| head.labels(*s)));
    let mut scratch = Scratch::default();
    for series in found {
        let mut buf = SampleBuf::default();
        head.read(series, range, &mut buf);
        let mut seen = SampleBuf::default();
        let n = head.visit_floats(series, range, &mut scratch, |ts, vs| {
            seen.ts.extend_from_slice(ts);
            seen.vs.extend_from_slice(vs);
        });
        assert_eq!((n, &seen.ts, &seen.vs), (buf.ts.len(), &buf.ts, &buf.vs));
        let newest = buf.ts.last().zip(buf.vs.last()).map(|(&t, &v)| (Timestamp(t), v));
        assert_eq!(head.newest_float(series, range, &mut scratch), newest);
        let numbers = || buf.vs.iter().copied().filter(|v| !v.is_nan());
        let extremes = numbers().reduce(f64::min).zip(numbers().reduce(f64::max));
        assert_eq!(head.extremes(series, range, &mut scratch), extremes);
        out.insert(head.labels(series).expect("selected").clone(), buf.ts.into_iter().zip(buf.vs).collect());
    }
    out
}

proptest! {
    #[test]
    fn selections_equal_those_of_the_twin(
        samples in proptest::collection::vec((0u8..4, 0u8..4, 0i64..400, 0u8..3), 0..600),
        op in 0usize..4, pattern in prop::sample::select(vec!["v1", "", "v1|v2", "v.*", ".+", ".*", "v[12]", "x"]),
        from in -10i64..400, len in 0i64..300, keep in 0i64..400, chunks in sizes(),
    ) {
        let mut head = Head::new(HeadOptions { retention: Millis(keep), chunks, ..HeadOptions::default() });
        let mut twin: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
        for (a, b, t, v) in samples {
            let (labels, v) = (labels(a, b), f64::from(v));
            let list = twin.entry(labels.clone()).or_default();
            let want = match list.last() {
                Some(&(last, _)) if t < last => Err(AppendError::OutOfOrder),
                Some(&(last, value)) if t == last && value != v => Err(AppendError::DuplicateTimestamp),
                Some(&(last, _)) if t == last => Ok(()),
                _ => { list.push((t, v)); Ok(()) }
            };
            prop_assert_eq!(head.append(&labels, Timestamp(t), v).map(drop), want);
            // The order is kept up while series come and go.
            if v == 0.0 {
                read_all(&head, &[], TimeRange::ALL);
            }
        }
        let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
        let is_regex = op >= 2;
        let test = |value: &str| {
            let hit = match (is_regex, pattern) {
                (false, p) => value == p,
                (true, "v.*") => value.starts_with('v'),
                (true, ".+") => !value.is_empty(),
                (true, ".*") => true,
                (true, "v1|v2" | "v[12]") => value == "v1" || value == "v2",
                (true, p) => value == p,
            };
            hit == (op % 2 == 0)
        };
        let range = TimeRange { start: Timestamp(from), end: Timestamp(from + len) };
        let matchers = [Matcher::new("a", ops[op], pattern)];
        let want: BTreeMap<_, _> = twin.iter().filter(|(l, _)| test(l.get("a").unwrap_or(""))).filter_map(|(l, s)| {
            let inside: Vec<_> = s.iter().copied().filter(|(t, _)| range.contains(Timestamp(*t))).collect();
            (!inside.is_empty()).then(|| (l.clone(), inside))
        }).collect();
        prop_assert_eq!(read_all(&head, &matchers, range), want);

        // Truncation keeps everything the retention asks for, whatever else of a chunk stays.
        head.truncate(Timestamp(400));
        let kept = read_all(&head, &[], TimeRange { start: Timestamp(400 - keep), end: Timestamp(400) });
        let want: BTreeMap<_, _> = twin.iter().filter_map(|(l, s)| {
            let inside: Vec<_> = s.iter().copied().filter(|(t, _)| *t >= 400 - keep).collect();
            (!inside.is_empty()).then(|| (l.clone(), inside))
        }).collect();
        prop_assert_eq!(kept, want);
        for a in [7, 0, 9, 2] {
            head.append(&labels(a, 5), Timestamp(500), 1.0).expect("new");
            read_all(&head, &[], TimeRange::ALL);
        }
    }

    #[test]
    fn ranges_of_long_series_begin_and_end_anywhere(
        gaps in proptest::collection::vec(1i64..4, 0..500), from in -10i64..1_200, len in 0i64..1_200,
        chunks in sizes(),
    ) {
        let mut head = Head::new(HeadOptions { chunks, ..HeadOptions::default() });
        let times: Vec<i64> = gaps.iter().scan(0, |t, gap| { *t += gap; Some(*t) }).collect();
        for &t in &times {
            head.append(&labels(1, 1), Timestamp(t), t as f64).expect("in order");
        }
        let range = TimeRange { start: Timestamp(from), end: Timestamp(from + len) };
        let inside: Vec<_> = times.into_iter().filter(|&t| range.contains(Timestamp(t))).map(|t| (t, t as f64)).collect();
        let want: BTreeMap<_, _> = (!inside.is_empty()).then(|| (labels(1, 1), inside)).into_iter().collect();
        prop_assert_eq!(read_all(&head, &[], range), want);
    }

    #[test]
    fn ranges_of_histograms_begin_and_end_anywhere(
        list in proptest::collection::vec((1i64..9_000, 0u8..4, any::<u16>()), 0..300), from in -10i64..1_200_000,
        len in 0i64..1_200_000, chunks in sizes(), keep in 0i64..1_500_000, pause in prop::bool::ANY,
    ) {
        let mut head = Head::new(HeadOptions { chunks, retention: Millis(keep), ..HeadOptions::default() });
        let series = head.get_or_create(&labels(1, 1)).expect("there is room");
        let mut twin: Vec<(i64, u64, i64)> = Vec::new();
        let mut t = 0;
        for (gap, kind, v) in list {
            t += gap;
            let start = if kind == 0 { t - 1 } else { 0 };
            let positive = (0..i32::from(kind)).map(|idx| Bucket { idx, count: f64::from(v) }).collect();
            let sum = f64::from(v) + 0.1;
            let h = Arc::new(Histogram { count: f64::from(v) * f64::from(kind), sum, positive, ..Histogram::default() });
            head.append_histogram(series, Timestamp(t), h, (start != 0).then_some(Timestamp(start))).expect("in order");
            twin.push((t, sum.to_bits(), start));
        }
        let check = |head: &Head, range: TimeRange, twin: &[(i64, u64, i64)]| {
            let mut buf = SampleBuf::default();
            head.read(series, range, &mut buf);
            let got = buf.histograms;
            let starts = got.starts.iter().copied().chain(std::iter::repeat(0));
            let got: Vec<_> = got.ts.iter().zip(&got.hs).zip(starts).map(|((&t, h), s)| (t, h.sum.to_bits(), s)).collect();
            let want: Vec<_> = twin.iter().copied().filter(|(t, ..)| range.contains(Timestamp(*t))).collect();
            assert_eq!(got, want);
            assert_eq!(head.select(&[], range).expect("no pattern").len(), usize::from(!want.is_empty()));
        };
        let range = TimeRange { start: Timestamp(from), end: Timestamp(from + len) };
        check(&head, range, &twin);
        // Long after the last one all but that is sealed.
        let now = if pause { t + 1_000_000 } else { t };
        head.truncate(Timestamp(now));
        let kept = TimeRange { start: Timestamp(now - keep), end: Timestamp::MAX };
        check(&head, kept, &twin);
        let last = twin.iter().rfind(|(t, ..)| kept.contains(Timestamp(*t)));
        assert_eq!(head.newest(series).filter(|t| kept.contains(*t)).map(|t| t.0), last.map(|(t, ..)| *t));
        if head.contains(series) {
            let next = now + 1;
            head.append_ref(series, Timestamp(next), 1.0).expect("newer");
            let mut buf = SampleBuf::default();
            head.read(series, kept, &mut buf);
            assert_eq!(buf.ts, [next]);
        }
    }

    /// Series of targets that share times for a while, then miss some; values and starts of all kinds.
    #[test]
    fn series_that_share_times_keep_their_own_samples(
        scrapes in proptest::collection::vec((1i64..3, any::<u8>()), 0..150), chunks in sizes(),
        values in proptest::collection::vec(prop_oneof![
            4 => (0u32..100).prop_map(|v| f64::from(v).to_bits()), 1 => any::<u64>(), 1 => Just(0x7ff0_0000_0000_0002),
        ], 1..50),
        restart in 0usize..150, drop_at in 0usize..150,
    ) {
        let mut head = Head::new(HeadOptions { chunks, retention: Millis(20), ..HeadOptions::default() });
        let mut twin: BTreeMap<u8, Vec<(i64, u64, i64)>> = BTreeMap::new();
        let (mut t, mut n) = (0, 0);
        for (idx, &(gap, missing)) in scrapes.iter().enumerate() {
            t += gap;
            for series in 0..8u8 {
                // Most scrapes have nearly all series.
                if missing & (1 << series) != 0 && missing % 3 == 0 {
                    continue;
                }
                n += 1;
                let v = values[n % values.len()];
                let start = if idx > restart && series % 2 == 0 { t - 1 } else { 0 };
                let found = head.get_or_create(&labels(series, 0)).expect("there is room");
                let start_time = (start != 0).then_some(Timestamp(start));
                head.append_since(found, Timestamp(t), f64::from_bits(v), start_time).expect("in order");
                twin.entry(series).or_default().push((t, v, start));
            }
            if idx == drop_at {
                head.truncate(Timestamp(t));
            }
        }
        for (series, want) in twin {
            let mut buf = SampleBuf::default();
            if let Some(found) = head.find(&labels(series, 0)) {
                head.read(found, TimeRange::ALL, &mut buf);
            }
            buf.starts.resize(buf.ts.len(), 0);
            let vs = buf.vs.iter().map(|v| v.to_bits());
            let got: Vec<_> = buf.ts.iter().zip(vs).zip(&buf.starts).map(|((&t, v), &s)| (t, v, s)).collect();
            let n_gone = want.len() - got.len();
            prop_assert_eq!(&got[..], &want[n_gone..]);
            prop_assert!(n_gone == 0 || want[n_gone - 1].0 < t - 20);
        }
    }
}

#[test]
fn a_full_store_says_so_and_stays_bounded_in_bytes() {
    let mut head = Head::new(HeadOptions { max_series: 2, max_bytes: 20_000, ..HeadOptions::default() });
    assert!(head.append(&labels(1, 1), Timestamp(0), 1.0).is_ok());
    assert!(head.append(&labels(1, 2), Timestamp(0), 1.0).is_ok());
    assert_eq!(head.append(&labels(1, 3), Timestamp(0), 1.0), Err(AppendError::TooManySeries(2)));
    let mut n_over = 0;
    for t in 1..20_000 {
        // Values that do not compress.
        head.append(&labels(1, 1), Timestamp(t), (t * 7_919 % 10_007) as f64 / 3.0).expect("in order");
        if t % 1_000 == 0 {
            let before = head.stats();
            let truncated = head.truncate(Timestamp(t));
            assert!(head.stats().bytes <= 20_000, "{:?}", head.stats());
            assert_eq!(truncated.n_over > 0, before.bytes > 20_000);
            assert_eq!((truncated.n_old, truncated.n_over), (0, before.n_samples - head.stats().n_samples));
            assert!(truncated.over_before.is_none_or(|t| head.stats().oldest.is_some_and(|oldest| oldest < t)));
            n_over += truncated.n_over;
        }
    }
    assert!(n_over > 0);
    assert!(head.stats().n_samples > 500, "the newest samples stay: {:?}", head.stats());
}

#[test]
fn a_series_that_went_away_comes_back_under_another_reference() {
    let mut head = Head::new(HeadOptions { retention: Millis(100), ..HeadOptions::default() });
    let old = head.append(&labels(1, 1), Timestamp(0), 1.0).expect("first");
    head.truncate(Timestamp(1_000));
    assert_eq!(head.append_ref(old, Timestamp(1_000), 1.0), Err(AppendError::UnknownSeries));
    assert_eq!(head.label_values("a", &[]), Ok(vec![]));
    let new = head.append(&labels(1, 1), Timestamp(1_000), 1.0).expect("again");
    assert_ne!(old, new);
}

#[test]
fn room_that_ended_series_left_is_not_made_up_for_by_dropping_those_that_live() {
    let mut head = Head::new(HeadOptions { max_bytes: 1_000_000, ..HeadOptions::default() });
    for a in 0..10_000 {
        let labels = Labels::from_pairs([("__name__", "m".to_owned()), ("i", a.to_string())]);
        head.append(&labels, Timestamp(0), 1.0).expect("new");
    }
    // The last place is that of a series which lives on.
    let living = head.append(&labels(1, 2), Timestamp(0), 1.0).expect("new");
    for t in 1..=1_000 {
        head.append_ref(living, Timestamp(t * 1_000), t as f64).expect("in order");
    }
    assert_eq!(head.truncate(Timestamp(1_000_000)).n_over, 10_000);
    assert_eq!(head.stats().n_samples, 1_001);
}
