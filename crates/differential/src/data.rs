//! Generated series that look like those of a few scraped programs, with everything that goes wrong there.
//!
//! Counters are reset when their program restarts, scrapes are late or missing, a program is away for minutes, series
//! appear late, gauges are NaN or infinite. One of the programs is scraped to the millisecond every 15 seconds, so that
//! samples lie exactly on the ends of ranges.

use crate::rng::Rng;
use model::{Labels, LabelsBuilder, METRIC_NAME, STALE_NAN, Timestamp, number};
use std::fmt::Write as _;
use tsdb::Head;

/// The distance of two scrapes, ms.
const INTERVAL: i64 = 15_000;
/// When the data begins: a whole hour, so that query grids of whole minutes meet the samples of the exact program.
const START: i64 = 1_700_002_800_000;

/// A series with its samples, by time.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its labels.
    pub labels: Labels,
    /// Times in milliseconds, and values.
    pub samples: Vec<(i64, f64)>,
}

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Length in minutes.
    pub minutes: i64,
    /// With staleness markers where a series ends, which no text format can carry.
    pub stale: bool,
    /// With values so large and so small that the order of a sum shows.
    pub extreme: bool,
}

/// Generated series, sorted by labels.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The series.
    pub series: Vec<Series>,
    /// Before the first sample.
    pub start: Timestamp,
    /// After the last sample.
    pub end: Timestamp,
}

/// A program that is scraped.
struct Target {
    job: &'static str,
    instance: String,
    zone: &'static str,
    /// Times of the scrapes that succeeded, and whether the program was started anew before.
    scrapes: Vec<(i64, bool)>,
    /// Times of scrapes that failed after one that succeeded.
    ends: Vec<i64>,
}

/// Makes the series of a seed.
#[must_use]
pub fn generate(seed: u64, plan: Plan) -> Dataset {
    let mut rng = Rng::new(seed);
    let mut series = Vec::new();
    for (job, instance, zone) in [
        ("api", "api-0", "north"),
        ("api", "api-1", "south"),
        ("api", "api-2", "north"),
        ("db", "db-0", "south"),
        ("db", "db-1", "north"),
    ] {
        let exact = instance == "api-0";
        let target = Target::new(&mut rng, job, instance, zone, plan, exact);
        target.generate(&mut rng, plan, &mut series);
    }
    series.retain(|s: &Series| !s.samples.is_empty());
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    Dataset { series, start: Timestamp(START), end: Timestamp(START + plan.minutes * 60_000) }
}

impl Dataset {
    /// A store with the series.
    #[must_use]
    pub fn head(&self) -> Head {
        let mut head = conformance::empty_head();
        for series in &self.series {
            for &(t, v) in &series.samples {
                // Generated times increase: nothing is refused.
                let _ = head.append(&series.labels, Timestamp(t), v);
            }
        }
        head
    }

    /// The series in OpenMetrics' text format with time stamps.
    ///
    /// Readers multiply the seconds by 1000 and cut or round: a fourth digit keeps them on the millisecond.
    #[must_use]
    pub fn openmetrics(&self) -> String {
        let mut out = String::new();
        for series in &self.series {
            let name = series.labels.metric_name().unwrap_or("");
            let labels: Vec<String> = series
                .labels
                .iter()
                .filter(|(n, _)| *n != METRIC_NAME)
                .map(|(n, v)| format!("{n}={}", model::quote(v)))
                .collect();
            for &(t, v) in &series.samples {
                let (secs, millis) = (t / 1000, t % 1000);
                let _ = writeln!(out, "{name}{{{}}} {} {secs}.{millis:03}4", labels.join(","), number::format_short(v));
            }
        }
        out.push_str("# EOF\n");
        out
    }
}

impl Target {
    fn new(rng: &mut Rng, job: &'static str, instance: &str, zone: &'static str, plan: Plan, exact: bool) -> Self {
        let n_scrapes = plan.minutes * 60_000 / INTERVAL;
        let phase = if exact { 0 } else { rng.between(1, INTERVAL - 1) };
        // One program in three is away for some minutes.
        let away = if rng.chance(33) {
            let from = rng.between(n_scrapes / 4, n_scrapes / 2);
            from..from + rng.between(4, 50)
        } else {
            0..0
        };
        let (mut scrapes, mut ends) = (Vec::new(), Vec::new());
        let (mut was_up, mut restarted) = (false, false);
        for idx in 0..n_scrapes {
            let jitter = match rng.below(10) {
                _ if exact => 0,
                0 => rng.between(-5_000, 5_000),
                1..=4 => rng.between(-30, 30),
                _ => 0,
            };
            let t = START + idx * INTERVAL + phase + jitter;
            if away.contains(&idx) || rng.chance(3) {
                if was_up {
                    ends.push(t);
                }
                restarted |= away.contains(&idx);
                was_up = false;
            } else {
                restarted |= rng.chance(1);
                scrapes.push((t, restarted));
                was_up = true;
                restarted = false;
            }
        }
        Target { job, instance: instance.to_owned(), zone, scrapes, ends }
    }

    fn generate(&self, rng: &mut Rng, plan: Plan, out: &mut Vec<Series>) {
        let n_scrapes = self.scrapes.len();
        self.add(out, plan, "up", &[], |_, _| Some(1.0));
        let meta = [("zone", self.zone), ("version", if self.job == "db" { "2.1" } else { "1.10" })];
        self.add(out, plan, "node_meta", &meta, |_, _| Some(1.0));
        for code in ["200", "404", "500"] {
            for method in ["get", "post"] {
                // Errors appear only once they happen.
                let from = if code == "200" { 0 } else { rng.below(n_scrapes / 2) };
                let (mut requests, mut errors) = (0.0, 0.0);
                let pace = rng.between(1, 40);
                let labels = [("code", code), ("method", method)];
                self.add(out, plan, "http_requests_total", &labels, |idx, restarted| {
                    requests = if restarted { 0.0 } else { requests } + rng.between(0, pace) as f64;
                    (idx >= from).then_some(requests)
                });
                if method == "get" {
                    self.add(out, plan, "http_errors_total", &labels, |idx, restarted| {
                        errors = if restarted { 0.0 } else { errors } + rng.below(3) as f64;
                        (idx >= from).then_some(errors)
                    });
                }
            }
        }
        for mode in ["idle", "user", "system"] {
            let mut seconds = rng.unit() * 100.0;
            self.add(out, plan, "cpu_seconds_total", &[("mode", mode)], |_, restarted| {
                seconds = if restarted { 0.0 } else { seconds } + rng.unit() * 15.0;
                Some(seconds)
            });
        }
        for sensor in ["1", "2"] {
            let mut degrees = rng.unit() * 40.0 - 10.0;
            self.add(out, plan, "temp_celsius", &[("sensor", sensor)], |_, _| {
                degrees += rng.unit() - 0.5;
                Some(degrees)
            });
        }
        self.add(out, plan, "queue_length", &[], |_, _| Some(rng.below(4) as f64));
        self.add(out, plan, "odd_values", &[], |_, _| Some(odd_value(rng, plan.extreme)));
        let started = START as f64 / 1000.0 - rng.unit() * 1e8;
        self.add(out, plan, "started_time_seconds", &[], |_, _| Some(started.floor()));
        self.histogram(rng, plan, out);
    }

    /// A classic histogram: buckets, sum and count.
    fn histogram(&self, rng: &mut Rng, plan: Plan, out: &mut Vec<Series>) {
        const BOUNDS: [&str; 5] = ["0.1", "0.5", "1", "2.5", "+Inf"];
        let mut counts = [0.0; BOUNDS.len()];
        let mut history = Vec::with_capacity(self.scrapes.len());
        let mut sum = 0.0;
        for &(_, restarted) in &self.scrapes {
            if restarted {
                (counts, sum) = ([0.0; BOUNDS.len()], 0.0);
            }
            for _ in 0..rng.below(20) {
                let v = rng.unit() * rng.unit() * 4.0;
                sum += v;
                for (bound, count) in BOUNDS.iter().zip(&mut counts) {
                    *count += f64::from(v <= number::parse(bound).unwrap_or(0.0));
                }
            }
            history.push((counts, sum));
        }
        for (at, bound) in BOUNDS.iter().enumerate() {
            self.add(out, plan, "latency_seconds_bucket", &[("le", bound)], |idx, _| Some(history[idx].0[at]));
        }
        self.add(out, plan, "latency_seconds_sum", &[], |idx, _| Some(history[idx].1));
        self.add(out, plan, "latency_seconds_count", &[], |idx, _| Some(history[idx].0[BOUNDS.len() - 1]));
    }

    /// Adds a series: `value` gives the sample of the scrape of an index.
    fn add(
        &self,
        out: &mut Vec<Series>,
        plan: Plan,
        name: &str,
        labels: &[(&str, &str)],
        mut value: impl FnMut(usize, bool) -> Option<f64>,
    ) {
        let mut builder = LabelsBuilder::new();
        builder.set(METRIC_NAME, name).set("job", self.job).set("instance", &self.instance);
        for (name, value) in labels {
            builder.set(name, value);
        }
        let values = self.scrapes.iter().enumerate();
        let mut samples: Vec<(i64, f64)> =
            values.filter_map(|(idx, &(t, restarted))| Some((t, value(idx, restarted)?))).collect();
        if plan.stale
            && let Some(&(first, _)) = samples.first()
        {
            samples.extend(self.ends.iter().filter(|t| **t > first).map(|&t| (t, STALE_NAN)));
        }
        samples.sort_by_key(|s| s.0);
        samples.dedup_by_key(|s| s.0);
        out.push(Series { labels: builder.labels(), samples });
    }
}

/// What gauges show now and then.
fn odd_value(rng: &mut Rng, extreme: bool) -> f64 {
    match rng.below(if extreme { 16 } else { 12 }) {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        3 => -0.0,
        4 => 0.0,
        5 => -3.0,
        12 => 1.7e308,
        13 => -1e100,
        14 => 5e-324,
        15 => 1e16 + 2.0,
        _ => rng.unit() * 10.0 - 5.0,
    }
}
