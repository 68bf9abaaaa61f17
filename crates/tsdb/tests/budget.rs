//! What samples and series cost: 10,000 series with six hours at 15 s are to fit in 24 MB, so a series in 2,400 bytes, of
//! which its index takes 120; and what the store says of itself is what its allocator says.

use cap::Cap;
use model::{Bucket, Histogram, Labels, MatchOp, Matcher, Millis, TimeRange, Timestamp};
use std::alloc::System;
use std::sync::{Arc, Mutex, MutexGuard};
use tsdb::{Head, HeadOptions, HeadStats, SeriesRef};

#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

/// One test at a time: the allocator counts what all of them allocate.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What is stored is at most a sixth more than was asked of the allocator: it adds a word to each allocation and rounds up.
fn check_honest(head: &Head, before: usize) -> HeadStats {
    let (stats, asked) = (head.stats(), ALLOCATED.allocated() - before);
    // The test itself and those that wait for their turn have some kilobytes.
    assert!(
        (asked - asked.min(65_536)..=asked + asked / 6).contains(&stats.bytes),
        "it says {} and asked for {asked}",
        stats.bytes
    );
    stats
}

/// A number without a pattern.
fn noise(series: u64, sample: u64) -> u64 {
    let x = (series << 32 | sample).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
}

/// One in ten is constant, one a gauge of two decimals, one a sum of all digits; the others count, a few or some hundreds
/// a scrape. About what a target says, though harder.
fn value(series: u64, sample: u64, total: &mut f64) -> f64 {
    let noise = noise(series, sample);
    match series % 10 {
        0 => 1.0,
        1 => (4_800 + noise % 100) as f64 / 100.0,
        2 if series % 50 == 2 => {
            *total += noise as f64 * 0.001_234_567;
            *total
        }
        kind => {
            *total += (noise % (1 << kind)) as f64;
            *total
        }
    }
}

/// Four to six labels, of which two are those of its target.
fn labels(idx: u64, turn: u64) -> Labels {
    let mut pairs = vec![
        ("__name__", format!("http_requests_{}_total", idx % 50 / 5)),
        ("instance", format!("10.0.0.{}:9100", idx / 50)),
        ("job", "api".to_owned()),
        ("path", format!("/api/v1/{}", idx % 5)),
    ];
    if turn > 0 {
        pairs.push(("pod", format!("api-7c9f8d6b5-{}", turn * 1_000_000 + idx)));
    }
    Labels::from_pairs(pairs)
}

#[test]
fn six_hours_of_a_series_take_less_than_its_share() {
    let _alone = alone();
    let (n_series, n_samples) = (2_000_u64, 1_440);
    let before = ALLOCATED.allocated();
    let mut head = Head::new(HeadOptions::default());
    let series: Vec<_> = (0..n_series).map(|idx| head.get_or_create(&labels(idx, 0)).expect("there is room")).collect();
    let mut totals = vec![0.0; series.len()];
    let others = 4 * series.capacity() + 8 * totals.capacity();
    let of_series = check_honest(&head, before + others);
    for sample in 0..n_samples {
        for (idx, (&one, total)) in (0_u64..).zip(series.iter().zip(&mut totals)) {
            // Each target has its own rhythm, and misses it now and then.
            let t = sample * 15_000 + idx / 50 * 100 + u64::from(noise(idx / 50, sample).is_multiple_of(50));
            head.append_ref(one, Timestamp(t as i64), value(idx, sample, total)).expect("in order");
        }
    }
    let asks = [Matcher::new("__name__", MatchOp::Equal, "http_requests_1_total")];
    let found = head.select(&asks, TimeRange::ALL).expect("no regex, no error");
    assert_eq!(found.len() as u64, n_series / 10);
    drop(found);
    let stats = check_honest(&head, before + others);
    assert_eq!(stats.n_samples as u64, n_series * n_samples);
    let (all, samples) = (stats.bytes as u64 / n_series, (stats.bytes - of_series.bytes) as u64 / n_series);
    let index = stats.index_bytes as u64 / n_series;
    println!("{all} bytes a series: {index} of its index, {samples} of its samples");
    assert!(all <= 2_400, "{all} bytes a series, {samples} of them for its samples");
    // Of which at most 64 times 8 are not compressed.
    assert!(samples <= 2_100, "{samples} bytes for the samples of a series");
    assert!(index <= 120, "{index} bytes for the index of a series");
}

#[test]
fn series_that_come_and_go_take_no_more_after_a_day_than_after_its_retention() {
    let _alone = alone();
    let before = ALLOCATED.allocated();
    let (n_series, retention) = (500_u64, Millis(3 * 3_600_000));
    let mut head = Head::new(HeadOptions { retention, ..HeadOptions::default() });
    let mut live: Vec<SeriesRef> = Vec::new();
    let (mut n_made, mut marks) = (0, Vec::new());
    for scrape in 0..24 * 240_u64 {
        let now = Timestamp((scrape * 15_000) as i64);
        // One in a hundred is replaced by a new one.
        live.drain(..live.len().min(5 * usize::from(scrape > 0)));
        while (live.len() as u64) < n_series {
            live.push(head.get_or_create(&labels(n_made % n_series, n_made)).expect("there is room"));
            n_made += 1;
        }
        for (idx, &one) in live.iter().enumerate() {
            head.append_ref(one, now, (scrape * (idx as u64 % 7)) as f64).expect("in order");
        }
        if scrape % 8 == 0 {
            head.truncate(now);
        }
        if scrape % 40 == 0 {
            let found = head.select(&[Matcher::new("job", MatchOp::Equal, "api")], TimeRange { start: now, end: now });
            assert_eq!(found.map(|found| found.len() as u64), Ok(n_series));
        }
        if scrape % 240 == 239 {
            let asked = 4 * live.capacity();
            marks.push((check_honest(&head, before + asked), ALLOCATED.allocated() - before));
        }
    }
    // Lists and tables have found their size after a few times of the retention.
    let (first, asked) = marks[8];
    println!("{} series, {} bytes, {} of them index", first.n_series, first.bytes, first.index_bytes);
    for (later, also_asked) in &marks[9..] {
        let more = |a: usize, b: usize| a as f64 / b as f64 - 1.0;
        assert!(more(later.bytes, first.bytes) < 0.05, "{later:?} after {first:?}");
        assert!(more(later.index_bytes, first.index_bytes) < 0.1, "{later:?} after {first:?}");
        assert!(more(*also_asked, asked) < 0.05, "{also_asked} bytes after {asked}");
    }
    // An ended series is no more than a hundred numbers, their times and its name.
    assert!(first.bytes / first.n_series < 800, "{} bytes a series", first.bytes / first.n_series);
    head.truncate(Timestamp(2 * 86_400_000));
    let left = check_honest(&head, before + 4 * live.capacity());
    assert!(left.n_series == 0 && left.bytes < first.bytes / 20, "{left:?}");
}

#[test]
fn a_native_histogram_takes_a_tenth_of_what_it_is() {
    let _alone = alone();
    let before = ALLOCATED.allocated();
    let (n_series, n_samples) = (20_u64, 1_440_u64);
    let mut head = Head::new(HeadOptions::default());
    let series: Vec<_> = (0..n_series).map(|idx| head.get_or_create(&labels(idx, 0)).expect("there is room")).collect();
    let mut counts = vec![[0_u64; 40]; series.len()];
    for sample in 0..n_samples {
        for (&one, counts) in series.iter().zip(&mut counts) {
            // Some of the buckets in the middle count on.
            for idx in 0..12 {
                counts[14 + (noise(u64::from(one.0), sample * 12 + idx) % 12) as usize] += 1;
            }
            let buckets = (-20..).zip(counts.iter()).map(|(idx, &count)| Bucket { idx, count: count as f64 });
            let h = Histogram {
                schema: 3,
                count: counts.iter().sum::<u64>() as f64,
                sum: (sample * 12) as f64 * 0.123,
                zero_threshold: 2.938_735_877_055_719e-39,
                positive: buckets.collect(),
                ..Histogram::default()
            };
            head.append_histogram(one, Timestamp(sample as i64 * 15_000), Arc::new(h), None).expect("in order");
        }
    }
    let stats = check_honest(&head, before);
    let each = (stats.bytes - stats.index_bytes) as u64 / n_series / n_samples;
    // As they are each takes 850 bytes; 32 to 64 of the 1,440 are.
    assert!(each <= 100, "{each} bytes a histogram");
    println!("{each} bytes a histogram");
}
