//! Scrapes one after the other, and what is in the store afterwards.

mod configured;

use super::{Body, Dropped, ScrapeConfig, ScrapeLoop};
use crate::failure::ScrapeFailure;
use expect_test::{Expect, expect};
use exposition::Format;
use model::{Millis, TimeRange, Timestamp, is_stale};
use tsdb::{Head, HeadOptions, SampleBuf};

/// Feeds bodies a second apart (`None`: the scrape failed) and prints all series but the report's durations.
fn check(config: ScrapeConfig, bodies: &[Option<&str>], expect: &Expect) {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config);
    let mut out = String::new();
    for (idx, body) in bodies.iter().enumerate() {
        let at = Timestamp((idx as i64 + 1) * 1_000);
        let body = match body {
            Some(text) => Ok(Body { bytes: text.as_bytes(), format: Format::guess(text.as_bytes()) }),
            None => Err(ScrapeFailure::Refused),
        };
        let report = target.ingest(&mut head, body, at, Millis(20));
        if let Some(failure) = report.failure {
            out.push_str(&format!("{}: {}\n", idx + 1, failure.message("http://x:1/metrics")));
        }
    }
    target.end(&mut head, Timestamp((bodies.len() as i64 + 1) * 1_000));
    print(&head, &mut out);
    expect.assert_eq(&out);
}

fn print(head: &Head, out: &mut String) {
    for series in head.select(&[], TimeRange::ALL).expect("no matchers") {
        let labels = head.labels(series).expect("selected").to_string();
        if labels.starts_with("scrape_duration") || labels.starts_with("scrape_samples_post") {
            continue;
        }
        let mut buf = SampleBuf::default();
        head.read(series, TimeRange::ALL, &mut buf);
        let samples = buf.ts.iter().zip(&buf.vs);
        let samples =
            samples.map(|(t, v)| format!("{}:{}", t, if is_stale(*v) { "stale".to_owned() } else { v.to_string() }));
        out.push_str(&format!("{labels} {}\n", samples.collect::<Vec<_>>().join(" ")));
    }
}

fn config() -> ScrapeConfig {
    ScrapeConfig::new("j", "x:1")
}

#[test]
fn series_that_vanish_and_failed_scrapes_get_staleness_markers() {
    check(
        config(),
        &[Some("a 1\nb 2\n"), Some("b 3\n"), Some("a 1\nb 4\n"), None, Some("b 5\n")],
        &expect![[r#"
            4: http://x:1/metrics refused the connection: nothing listens there.
            a{instance="x:1", job="j"} 1000:1 2000:stale 3000:1 4000:stale
            b{instance="x:1", job="j"} 1000:2 2000:3 3000:4 4000:stale 5000:5 6000:stale
            scrape_samples_scraped{instance="x:1", job="j"} 1000:2 2000:1 3000:2 4000:0 5000:1 6000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:2 2000:0 3000:1 4000:0 5000:0 6000:stale
            up{instance="x:1", job="j"} 1000:1 2000:1 3000:1 4000:0 5000:1 6000:stale
        "#]],
    );
}

#[test]
fn one_bad_line_drops_the_whole_scrape() {
    check(
        config(),
        &[Some("a 1\nb 2\n"), Some("a 2\nnew 1\nb NaNs\n"), Some("a 3\n")],
        &expect![[r#"
            2: Line 3, column 3: expected a number after `b`, found `NaNs`. The whole scrape was dropped, as Prometheus would; `up` is 0. Other targets go on.
            a{instance="x:1", job="j"} 1000:1 2000:stale 3000:3 4000:stale
            b{instance="x:1", job="j"} 1000:2 2000:stale
            scrape_samples_scraped{instance="x:1", job="j"} 1000:2 2000:2 3000:1 4000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:2 2000:0 3000:0 4000:stale
            up{instance="x:1", job="j"} 1000:1 2000:0 3000:1 4000:stale
        "#]],
    );
}

#[test]
fn explicit_times_are_kept_and_such_series_do_not_go_stale() {
    let body = Some("a 1 500\na 2 600\n");
    check(
        config(),
        &[body, body, Some("")],
        &expect![[r#"
            a{instance="x:1", job="j"} 500:1 600:2
            scrape_samples_scraped{instance="x:1", job="j"} 1000:2 2000:2 3000:0 4000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0 3000:0 4000:stale
            up{instance="x:1", job="j"} 1000:1 2000:1 3000:1 4000:stale
        "#]],
    );
    check(
        ScrapeConfig { track_timestamps_staleness: true, ..config() },
        &[body, Some("")],
        &expect![[r#"
            a{instance="x:1", job="j"} 500:1 600:2 2000:stale
            scrape_samples_scraped{instance="x:1", job="j"} 1000:2 2000:0 3000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0 3000:stale
            up{instance="x:1", job="j"} 1000:1 2000:1 3000:stale
        "#]],
    );
    check(
        ScrapeConfig { honor_timestamps: false, ..config() },
        &[Some("a 1 500\n"), Some("a 2 600\n")],
        &expect![[r#"
            a{instance="x:1", job="j"} 1000:1 2000:2 3000:stale
            scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:1 3000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0 3000:stale
            up{instance="x:1", job="j"} 1000:1 2000:1 3000:stale
        "#]],
    );
}

#[test]
fn labels_of_target_and_text_meet_as_honor_labels_says() {
    let body = "a{job=\"own\",exported_job=\"x\",instance=\"\"} 1\n";
    check(
        config(),
        &[Some(body)],
        &expect![[r#"
            a{exported_exported_job="own", exported_job="x", instance="x:1", job="j"} 1000:1 2000:stale
            scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:1 2000:stale
            up{instance="x:1", job="j"} 1000:1 2000:stale
        "#]],
    );
    check(
        ScrapeConfig { honor_labels: true, labels: vec![("env".to_owned(), "dev".to_owned())], ..config() },
        &[Some(body)],
        &expect![[r#"
            a{env="dev", exported_job="x", job="own"} 1000:1 2000:stale
            scrape_samples_scraped{env="dev", instance="x:1", job="j"} 1000:1 2000:stale
            scrape_series_added{env="dev", instance="x:1", job="j"} 1000:1 2000:stale
            up{env="dev", instance="x:1", job="j"} 1000:1 2000:stale
        "#]],
    );
}

#[test]
fn limits_drop_the_scrape_and_say_so() {
    check(
        ScrapeConfig { sample_limit: 1, ..config() },
        &[Some("a 1\nb 2\n")],
        &expect![[r#"
            1: http://x:1/metrics exposes 2 samples, more than 1. The whole scrape was dropped; `up` is 0.
            scrape_samples_scraped{instance="x:1", job="j"} 1000:2 2000:stale
            scrape_series_added{instance="x:1", job="j"} 1000:0 2000:stale
            up{instance="x:1", job="j"} 1000:0 2000:stale
        "#]],
    );
}

#[test]
fn types_help_units_and_exemplars_are_kept() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    let text = "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds Time.\na_seconds_total 1 # {id=\"x\"} 1\na_seconds_created 5\n# EOF";
    let body = Body { bytes: text.as_bytes(), format: Format::OpenMetrics };
    let report = target.ingest_snapshot(&mut head, body, Timestamp(7)).expect("metrics");
    assert_eq!((report.n_samples, report.n_series_added), (2, 2));
    let family = &target.families()["a_seconds"];
    assert_eq!((family.kind.as_str(), &*family.help, &*family.unit), ("counter", "Time.", "seconds"));
    assert_eq!(head.exemplars().count(), 1);
    let mut out = String::new();
    print(&head, &mut out);
    assert_eq!(
        out,
        "a_seconds_created{instance=\"x:1\", job=\"j\"} 7:5\na_seconds_total{instance=\"x:1\", job=\"j\"} 7:1\n"
    );
}

#[test]
fn a_scrape_that_fails_leaves_nothing_in_the_cache() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    let mut scrape = |text: &str, at: i64| {
        let body = Body { bytes: text.as_bytes(), format: Format::PrometheusText };
        target.ingest(&mut head, Ok(body), Timestamp(at), Millis(1));
        target.cache.entries.len()
    };
    assert_eq!(scrape("a 1\nb 2\n", 1), 2);
    for at in 2..9 {
        assert_eq!(scrape(&format!("a 1\nchurn{{x=\"{at}\"}} 1\nb NaNs\n"), at), 2);
    }
    assert_eq!(scrape("b 1\nc 2\n", 9), 3);
}

#[test]
fn a_target_that_renames_its_labels_all_the_time_does_not_fill_the_cache() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    for at in 1..200 {
        let text = format!("a{{x=\"{at}\"}} 1\n");
        let body = Body { bytes: text.as_bytes(), format: Format::PrometheusText };
        let report = target.ingest(&mut head, Ok(body), Timestamp(at), Millis(1));
        assert_eq!(report.n_series_added, 1);
        assert!(target.cache.entries.len() < 20, "{}", target.cache.entries.len());
    }
}

#[test]
fn a_snapshot_keeps_all_times_in_their_order() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    let body = Body { bytes: b"a 3 3000\na 1 1000\nb 9 99000000\na 2 2000\n", format: Format::PrometheusText };
    let report = target.ingest_snapshot(&mut head, body, Timestamp(5_000)).expect("metrics");
    assert_eq!((report.n_samples, report.dropped.total()), (4, 0));
    let mut out = String::new();
    print(&head, &mut out);
    assert_eq!(out, "a{instance=\"x:1\", job=\"j\"} 1000:1 2000:2 3000:3\nb{instance=\"x:1\", job=\"j\"} 99000000:9\n");
}

#[test]
fn a_sample_far_ahead_of_its_scrape_is_not_stored() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    let body = Body { bytes: b"a 1 600001\nb 1 600002\n", format: Format::PrometheusText };
    let report = target.ingest(&mut head, Ok(body), Timestamp(1), Millis(1));
    assert_eq!((report.n_samples, report.dropped.too_far_ahead, report.n_series_added), (2, 1, 1));
}

/// Samples of each scrape that were not stored: out of order, duplicates, too far ahead, too old.
fn dropped(config: ScrapeConfig, retention: Millis, scrapes: &[(i64, &str)]) -> Vec<[u64; 4]> {
    let mut head = Head::new(HeadOptions { retention, ..HeadOptions::default() });
    let mut target = ScrapeLoop::new(config);
    let mut all = Vec::new();
    for (at, text) in scrapes {
        let body = Body { bytes: text.as_bytes(), format: Format::PrometheusText };
        let Dropped { out_of_order, duplicate, too_far_ahead, too_old } =
            target.ingest(&mut head, Ok(body), Timestamp(*at), Millis(1)).dropped;
        all.push([out_of_order, duplicate, too_far_ahead, too_old]);
    }
    all
}

/// As `prometheus_target_scrapes_sample_…_total` counts them.
#[test]
fn samples_that_are_not_stored_are_counted_by_their_reason() {
    let day = Millis::from_secs(86_400);
    // Twice in one body is once too often, even with the same value; with times of their own the order decides.
    assert_eq!(dropped(config(), day, &[(1_000, "a 1\na 1\na 2\n")]), [[0, 2, 0, 0]]);
    assert_eq!(dropped(config(), day, &[(9_000, "a 1 500\na 2 600\n"); 2]), [[0, 0, 0, 0], [1, 0, 0, 0]]);
    assert_eq!(dropped(config(), day, &[(9_000, "a 1 500\n"), (9_001, "a 2 500\n")]), [[0; 4], [0, 1, 0, 0]]);
    // The same labels in another order are another line, but the same series.
    let twice = "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n";
    assert_eq!(dropped(config(), day, &[(1_000, twice)]), [[0, 1, 0, 0]]);
    // The clock was set back: until it has caught up, everything is older than what is there.
    assert_eq!(dropped(config(), day, &[(9_000, "a 1\nb 1\n"), (5_000, "a 2\nb 2\n")]), [[0; 4], [2, 0, 0, 0]]);
    let minute = Millis::from_secs(60);
    assert_eq!(dropped(config(), minute, &[(100_000, "a 1 39999\nb 1 40000\nc 1 700001\n")]), [[0, 0, 1, 1]]);
    let own = ScrapeConfig { honor_timestamps: false, ..config() };
    assert_eq!(dropped(own, minute, &[(100_000, "a 1 1\na 1 2\n")]), [[0, 1, 0, 0]]);
}

/// The counts are those of a Prometheus 2.42 that scraped the same bodies, but for one: it counts the series that
/// stand before a bad line as added, though it drops them.
#[test]
fn good_bad_and_empty_scrapes_are_counted_as_prometheus_counts_them() {
    let bodies: [(Option<&str>, [usize; 3]); 10] = [
        (Some("a 1\nb 2\n"), [1, 2, 2]),
        (Some("a 2\nnew 1\nb NaNs\n"), [0, 2, 0]),
        (Some("a 3\n"), [1, 1, 0]),
        (None, [0, 0, 0]),
        (Some("a 4\nc 1\n"), [1, 2, 1]),
        (Some(""), [1, 0, 0]),
        (Some("a 5\nc 2\n"), [1, 2, 0]),
        (Some("a 6\nb 1\n"), [1, 2, 1]),
        (Some("a 7\na 8\nb 1\n"), [1, 3, 0]),
        (Some("a 9\na{job=\"own\",instance=\"\"} 1\n"), [1, 2, 1]),
    ];
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(ScrapeConfig { honor_labels: true, ..config() });
    for (idx, (body, want)) in bodies.into_iter().enumerate() {
        let body = body.map(|text| Body { bytes: text.as_bytes(), format: Format::PrometheusText });
        let at = Timestamp(idx as i64 * 1_000);
        let report = target.ingest(&mut head, body.ok_or(ScrapeFailure::Status(500)), at, Millis(1));
        let got = [usize::from(report.failure.is_none()), report.n_samples, report.n_series_added];
        assert_eq!(got, want, "scrape {idx}");
    }
    let mut out = String::new();
    print(&head, &mut out);
    let series: Vec<_> = out.lines().filter(|line| !line.starts_with("scrape_") && !line.starts_with("up")).collect();
    assert_eq!(
        series,
        [
            "a{instance=\"x:1\", job=\"j\"} 0:1 1000:stale 2000:3 3000:stale 4000:4 5000:stale 6000:5 7000:6 8000:7 9000:9",
            "a{job=\"own\"} 9000:1",
            "b{instance=\"x:1\", job=\"j\"} 0:2 1000:stale 7000:1 8000:1 9000:stale",
            "c{instance=\"x:1\", job=\"j\"} 4000:1 5000:stale 6000:2 7000:stale",
        ]
    );
}

/// Times of a series' samples and since when each counts.
fn starts(head: &Head, series: &str) -> (Vec<i64>, Vec<i64>) {
    let all = head.select(&[], TimeRange::ALL).expect("no matchers");
    let is_it = |found: &&tsdb::SeriesRef| head.labels(**found).expect("selected").to_string().starts_with(series);
    let found = all.iter().find(is_it).expect(series);
    let mut buf = SampleBuf::default();
    head.read(*found, TimeRange::ALL, &mut buf);
    (buf.ts, buf.starts)
}

#[test]
fn created_series_tell_since_when_their_metric_counts() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    let text = |created: &str| {
        format!(
            "# TYPE a counter\na_total{{x=\"1\"}} 1\na_created{{x=\"1\"}} {created}\na_total{{x=\"2\"}} 1\n# TYPE h histogram\n\
             h_bucket{{le=\"1\"}} 1\nh_bucket{{le=\"+Inf\"}} 1\nh_created 0.75\n# TYPE g gauge\ng_total 1\ng_created 5\n# EOF\n"
        )
    };
    for (at, created) in [(1_000, "0.5"), (2_000, "1.2345"), (3_000, "NaN"), (4_000, "-1")] {
        let text = text(created);
        let body = Body { bytes: text.as_bytes(), format: Format::OpenMetrics };
        let report = target.ingest(&mut head, Ok(body), Timestamp(at), Millis(1));
        assert_eq!((report.failure, report.n_samples, report.dropped.total()), (None, 8, 0));
    }
    let times = vec![1_000, 2_000, 3_000, 4_000];
    assert_eq!(starts(&head, "a_total{instance=\"x:1\", job=\"j\", x=\"1\"}"), (times.clone(), vec![500, 1_234, 0, 0]));
    assert_eq!(starts(&head, "a_total{instance=\"x:1\", job=\"j\", x=\"2\"}").1, Vec::<i64>::new());
    assert_eq!(starts(&head, "h_bucket{instance=\"x:1\", job=\"j\", le=\"1\"}").1, vec![750; 4]);
    // The series itself stays, as in Prometheus; a gauge has no start.
    assert_eq!(starts(&head, "a_created").1, Vec::<i64>::new());
    assert_eq!(starts(&head, "g_total").1, Vec::<i64>::new());
}

/// A field of protobuf whose content is bytes, shorter than 128.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

#[test]
fn protobuf_brings_native_histograms_starts_and_exemplars() {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    let label = field(1, &[field(1, b"job"), field(2, b"own")].concat());
    // A count of 3, a sum of 2.0, schema 1, a span of two buckets from -1 on, deltas 1 and 1, and a start of 5 s.
    let mut histogram = vec![1 << 3, 3, 2 << 3 | 1];
    histogram.extend(2f64.to_le_bytes());
    histogram.extend([5 << 3, 2]);
    histogram.extend(field(12, &[1 << 3, 1, 2 << 3, 2]));
    histogram.extend([13 << 3, 2, 13 << 3, 2]);
    histogram.extend(field(15, &[1 << 3, 5]));
    let example =
        [&field(1, &field(1, b"id"))[..], &[2 << 3 | 1], &1f64.to_le_bytes(), &field(3, &[1 << 3, 9])].concat();
    // Field 16 has a number of two bytes.
    histogram.extend([0x82, 1, example.len() as u8]);
    histogram.extend(example);
    let metric = field(4, &[label, field(7, &histogram)].concat());
    let family = [&field(1, b"h")[..], &field(2, b"Help"), &[3 << 3, 4], &metric].concat();
    let body = [&[family.len() as u8][..], &family].concat();
    for at in [10_000, 20_000] {
        let body = Body { bytes: &body, format: Format::Protobuf };
        let report = target.ingest(&mut head, Ok(body), Timestamp(at), Millis(1));
        assert_eq!((report.failure, report.n_samples, report.n_series_added > 0), (None, 1, at == 10_000));
    }
    target.ingest(&mut head, Err(ScrapeFailure::Refused), Timestamp(30_000), Millis(1));
    assert_eq!(target.families()["h"].kind.as_str(), "histogram");
    assert_eq!(head.exemplars().count(), 1);
    let all = head.select(&[], TimeRange::ALL).expect("no matchers");
    let is_it = |found: &&tsdb::SeriesRef| head.labels(**found).is_some_and(|labels| labels.metric_name() == Some("h"));
    let found = all.iter().find(is_it).expect("the histogram");
    assert_eq!(
        head.labels(*found).expect("labels").to_string(),
        "h{exported_job=\"own\", instance=\"x:1\", job=\"j\"}"
    );
    let mut buf = SampleBuf::default();
    head.read(*found, TimeRange::ALL, &mut buf);
    assert_eq!(
        (buf.ts.len(), buf.histograms.ts, buf.histograms.starts),
        (0, vec![10_000, 20_000, 30_000], vec![5_000, 5_000, 0])
    );
    assert_eq!(buf.histograms.hs[0].test_expression(), "{{schema:1 count:3 sum:2 offset:-1 buckets:[1 2]}}");
    assert!(buf.histograms.hs[2].is_stale());
}

#[test]
fn openmetrics_2_gives_the_series_of_openmetrics_1_with_their_starts() {
    let one = "# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_count 2\nh_sum 3\n# TYPE c counter\nc_total 1\n# EOF\n";
    let two = "# TYPE h histogram\nh {count:2,sum:3,bucket:[1:1,+Inf:2]} st@0.5 # {id=\"x\"} 0.5 1\n# TYPE c_total counter\nc_total 1 st@0.25\n# EOF\n";
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config());
    for (at, text, format) in [(1_000, one, Format::OpenMetrics), (2_000, two, Format::OpenMetrics2)] {
        let body = Body { bytes: text.as_bytes(), format };
        let report = target.ingest(&mut head, Ok(body), Timestamp(at), Millis(1));
        assert_eq!((report.failure, report.n_samples, report.dropped.total()), (None, 5, 0));
    }
    assert_eq!(starts(&head, "h_bucket{instance=\"x:1\", job=\"j\", le=\"1.0\"}"), (vec![1_000, 2_000], vec![0, 500]));
    assert_eq!(starts(&head, "c_total").1, vec![0, 250]);
    assert_eq!(head.exemplars().count(), 1);
}
