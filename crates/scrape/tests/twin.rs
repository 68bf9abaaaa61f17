//! A scrape loop against a naive twin that keeps no cache: what is in the store after any run of scrapes.

use exposition::Format;
use model::{INSTANCE, JOB, Labels, METRIC_NAME, Millis, STALE_NAN_BITS, TimeRange, Timestamp};
use proptest::prelude::*;
use scrape::{Body, ScrapeConfig, ScrapeFailure, ScrapeLoop};
use std::collections::{BTreeMap, BTreeSet};
use tsdb::{Head, HeadOptions, SampleBuf};

/// A line: which series, in which order of labels, its value, its own time.
#[derive(Clone, Debug)]
struct Line {
    series: u8,
    swapped: bool,
    v: u8,
    own_time: Option<i64>,
}

#[derive(Clone, Debug)]
enum Step {
    Good(Vec<Line>),
    /// The lines, then one that is no metrics text.
    Bad(Vec<Line>),
    Refused,
}

const SECOND: i64 = 1_000;

fn lines() -> impl Strategy<Value = Vec<Line>> {
    // A time of its own is up to three scrapes old, or new.
    let own_time = prop::option::weighted(0.2, -3 * SECOND..SECOND);
    let line = (0u8..5, any::<bool>(), 0u8..3, own_time);
    prop::collection::vec(line.prop_map(|(series, swapped, v, own_time)| Line { series, swapped, v, own_time }), 0..7)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![6 => lines().prop_map(Step::Good), 1 => lines().prop_map(Step::Bad), 1 => Just(Step::Refused)]
}

fn text(lines: &[Line], at: i64) -> String {
    let mut out = String::new();
    for Line { series, swapped, v, own_time } in lines {
        let labels = if *swapped { format!("y=\"1\",x=\"{series}\"") } else { format!("x=\"{series}\",y=\"1\"") };
        let own_time = own_time.map_or(String::new(), |t| format!(" {}", at + t));
        out.push_str(&format!("a{{{labels}}} {v}{own_time}\n"));
    }
    out
}

/// Samples by series, as bits: staleness markers count.
type Samples = BTreeMap<String, Vec<(i64, u64)>>;

#[derive(Default)]
struct Twin {
    samples: Samples,
    /// Series of the last good scrape whose absence means their end.
    tracked: BTreeSet<(u8, bool)>,
}

impl Twin {
    fn push(&mut self, name: &str, labels: &[(&str, &str)], t: i64, v: u64) {
        let target = [(METRIC_NAME, name), (JOB, "j"), (INSTANCE, "i")];
        let key = Labels::from_pairs(target.iter().chain(labels).copied()).to_string();
        let list = self.samples.entry(key).or_default();
        if list.last().is_none_or(|(last, _)| *last < t) {
            list.push((t, v));
        }
    }

    fn scrape(&mut self, step: &Step, at: i64, tracks_own_time: bool) {
        let none = Vec::new();
        let (lines, n, up) = match step {
            Step::Good(lines) => (lines, lines.len(), 1.0f64),
            Step::Bad(lines) => (&none, lines.len(), 0.0),
            Step::Refused => (&none, 0, 0.0),
        };
        let (mut tracked, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for line in lines {
            // A line that stands twice is refused, unless it has a time of its own.
            if !seen.insert((line.series, line.swapped)) && line.own_time.is_none() {
                continue;
            }
            let series = line.series.to_string();
            let t = at + line.own_time.unwrap_or(0);
            self.push("a", &[("x", &series), ("y", "1")], t, f64::from(line.v).to_bits());
            if line.own_time.is_none() || tracks_own_time {
                tracked.insert((line.series, line.swapped));
            }
        }
        let gone: Vec<_> = self.tracked.difference(&tracked).copied().collect();
        for (series, _) in gone {
            self.push("a", &[("x", &series.to_string()), ("y", "1")], at, STALE_NAN_BITS);
        }
        self.tracked = tracked;
        self.push("up", &[], at, up.to_bits());
        self.push("scrape_samples_scraped", &[], at, (n as f64).to_bits());
    }
}

fn stored(head: &Head) -> Samples {
    let mut out = Samples::new();
    for series in head.select(&[], TimeRange::ALL).expect("no matchers") {
        let labels = head.labels(series).expect("selected");
        if matches!(labels.metric_name(), Some("a" | "up" | "scrape_samples_scraped")) {
            let mut buf = SampleBuf::default();
            head.read(series, TimeRange::ALL, &mut buf);
            let samples = buf.ts.iter().copied().zip(buf.vs.iter().map(|v| v.to_bits()));
            out.insert(labels.to_string(), samples.collect());
        }
    }
    out
}

proptest! {
    #[test]
    fn the_store_holds_what_the_twin_holds(steps in prop::collection::vec(step(), 0..30), tracks_own_time in any::<bool>()) {
        let config = ScrapeConfig { track_timestamps_staleness: tracks_own_time, ..ScrapeConfig::new("j", "i") };
        let mut head = Head::new(HeadOptions::default());
        let mut target = ScrapeLoop::new(config);
        let mut twin = Twin::default();
        for (idx, step) in steps.iter().enumerate() {
            let at = (idx as i64 + 10) * SECOND;
            let text = match step {
                Step::Good(lines) => Some(text(lines, at)),
                Step::Bad(lines) => Some(text(lines, at) + "a{x=\"0\"} ?\n"),
                Step::Refused => None,
            };
            let body = text.as_ref().map(|text| Body { bytes: text.as_bytes(), format: Format::PrometheusText });
            let report = target.ingest(&mut head, body.ok_or(ScrapeFailure::Refused), Timestamp(at), Millis(1));
            prop_assert_eq!(report.failure.is_none(), matches!(step, Step::Good(_)));
            twin.scrape(step, at, tracks_own_time);
            prop_assert_eq!(stored(&head), twin.samples.clone(), "after step {}: {:?}", idx, step);
        }
    }
}
