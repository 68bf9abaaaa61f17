//! What samples cost: 10,000 series with six hours at 15 s are to fit in 24 MB, so a series in 2,400 bytes.

use model::{Labels, Timestamp};
use tsdb::{Head, HeadOptions};

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

#[test]
fn six_hours_of_a_series_take_less_than_its_share() {
    let (n_series, n_samples) = (500_u64, 1_440);
    let mut head = Head::new(HeadOptions::default());
    let labels = |idx: u64| {
        let pair = |name: &'static str, value: String| (name, value);
        Labels::from_pairs([
            pair("__name__", "http_requests_total".to_owned()),
            pair("instance", format!("10.0.0.{}:9100", idx / 50)),
            pair("job", "api".to_owned()),
            pair("path", format!("/{}", idx % 50)),
        ])
    };
    let series: Vec<_> = (0..n_series).map(|idx| head.get_or_create(&labels(idx)).expect("there is room")).collect();
    let of_series = head.stats().bytes;
    let mut totals = vec![0.0; series.len()];
    for sample in 0..n_samples {
        for (idx, (&one, total)) in (0_u64..).zip(series.iter().zip(&mut totals)) {
            // Each target has its own rhythm, and misses it now and then.
            let t = sample * 15_000 + idx / 50 * 100 + u64::from(noise(idx / 50, sample).is_multiple_of(50));
            head.append_ref(one, Timestamp(t as i64), value(idx, sample, total)).expect("in order");
        }
    }
    let stats = head.stats();
    assert_eq!(stats.n_samples as u64, n_series * n_samples);
    let (all, samples) = (stats.bytes as u64 / n_series, (stats.bytes - of_series) as u64 / n_series);
    assert!(all <= 2_400, "{all} bytes a series, {samples} of them for its samples");
    // Of which at most 64 times 8 are not compressed.
    assert!(samples <= 2_100, "{samples} bytes for the samples of a series");
}
