//! A day of a tab in seconds: recorded exporters scraped every 15 s by a clock that also sleeps and jumps. The schedule
//! keeps its beat, and once the retention is reached memory grows no more.

use cap::Cap;
use conformance::Recording;
use model::Timestamp;
use protocol::{Event, Request, StoreStatus, TargetId, TargetSpec, WorkerSettings};
use std::alloc::System;
use std::collections::BTreeMap;
use std::path::Path;
use worker::{Answer, Step, Worker};

#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

const START: i64 = 1_700_000_000_000;
const INTERVAL: i64 = 15_000;
const HOUR: i64 = 3_600_000;
const RETENTION: i64 = 4 * HOUR;

/// A page whose targets say what they said when they were recorded, over and over.
struct Day {
    worker: Worker,
    now: i64,
    /// A clock that nobody sets.
    steady: i64,
    /// Each target's bodies.
    bodies: Vec<Vec<Vec<u8>>>,
    /// The times of each target's scrapes.
    begun: BTreeMap<u32, Vec<i64>>,
    stored: StoreStatus,
    n_out_of_order: u64,
}

impl Day {
    fn open(recording: &Recording) -> Self {
        let mut bodies: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
        for scrape in &recording.scrapes {
            if let Some(body) = recording.body(scrape) {
                bodies.entry(&scrape.instance).or_default().push(body.to_vec());
            }
        }
        let mut day = Day {
            worker: Worker::default(),
            now: START,
            steady: 0,
            bodies: Vec::new(),
            begun: BTreeMap::new(),
            stored: StoreStatus::default(),
            n_out_of_order: 0,
        };
        let page_origin = "http://page:8080".to_owned();
        day.send(Request::Hello(WorkerSettings { page_origin, retention_ms: RETENTION, max_bytes: 1 << 30 }));
        for (id, (instance, bodies)) in bodies.into_iter().enumerate() {
            let spec =
                TargetSpec { interval_ms: INTERVAL as u32, ..TargetSpec::new(format!("http://{instance}/metrics")) };
            day.bodies.push(bodies);
            day.send(Request::AddTarget { id: TargetId(id as u32), spec });
            // Not all at the same moment.
            day.pass(1_700);
        }
        day
    }

    fn send(&mut self, request: Request) {
        self.worker.handle(request, Timestamp(self.now));
        self.turn();
    }

    /// What the driver does when its timer fires.
    fn turn(&mut self) {
        self.worker.read_clocks(Timestamp(self.now), self.steady as f64);
        for mut job in self.worker.begin_due(Timestamp(self.now)) {
            let begun = self.begun.entry(job.id.0).or_default();
            begun.push(job.at.0);
            let of_target = &self.bodies[job.id.0 as usize];
            let body = &of_target[begun.len() % of_target.len()];
            let outcome = loop {
                match job.plan.step() {
                    Step::Fetch(_) => {
                        job.plan.reply(Ok(Answer { status: 200, content_type: None, body: body.clone() }));
                    }
                    Step::AskRelay(_) => job.plan.relay_is(false),
                    Step::Probe(_) => job.plan.answers(false),
                    Step::Done(outcome) => break outcome,
                }
            };
            self.worker.finish(&job, *outcome, 12.0, Timestamp(self.now));
        }
        self.worker.tick(Timestamp(self.now));
        for event in self.worker.take_events() {
            match event {
                Event::Store(status) => self.stored = status,
                Event::Losses(losses) => self.n_out_of_order = losses.dropped.out_of_order,
                _ => {}
            }
        }
    }

    /// Lets a time pass: a timer fires when the worker asked for it, up to 50 ms late as those of browsers do.
    fn pass(&mut self, time: i64) {
        let end = self.now + time;
        let mut late = 0;
        while let Some(due) = self.worker.next_wake().filter(|due| due.0 < end) {
            late = (late + 17) % 50;
            let time = (due.0.saturating_add(late) - self.now).max(1);
            self.now += time;
            self.steady += time;
            self.turn();
        }
        let rest = (end - self.now).max(0);
        self.now += rest;
        self.steady += rest;
    }

    /// Nothing happens for a time, then the timer fires.
    fn sleep(&mut self, time: i64) {
        self.steady += time;
        self.set_clock(time);
    }

    /// The clock says something else from now on, and the timer fires.
    fn set_clock(&mut self, by: i64) {
        self.now += by;
        self.turn();
    }

    /// How many scrapes of a target began in the last so many milliseconds, and how far at most from its beat, which is
    /// where its latest one is.
    fn beat(&self, id: u32, time: i64) -> (usize, i64) {
        let begun = &self.begun[&id];
        let recent = &begun[begun.partition_point(|&t| t <= self.now - time)..];
        let last = recent.last().copied().unwrap_or(0);
        let off = |t: i64| (last - t).rem_euclid(INTERVAL);
        (recent.len(), recent.iter().map(|&t| off(t).min(INTERVAL - off(t))).max().unwrap_or(0))
    }

    fn check_beat(&self, when: &str) {
        for id in 0..self.bodies.len() as u32 {
            let (n, off) = self.beat(id, HOUR);
            assert_eq!(n as i64, HOUR / INTERVAL, "{when}: scrapes of target {id} in an hour");
            assert!(off <= 50, "{when}: target {id} is {off} ms off its beat");
        }
    }
}

#[test]
fn after_the_retention_memory_stays_and_the_beat_is_kept_through_sleep_and_jumps() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/diamol/recording");
    let Ok(recording) = Recording::open(&dir) else {
        println!("skipped: there is no recording at {}", dir.display());
        return;
    };
    let mut day = Day::open(&recording);
    let mut marks = Vec::new();
    for hour in 1..=24 {
        day.pass(HOUR);
        marks.push((day.stored.bytes, ALLOCATED.allocated() as u64));
        if hour > 1 {
            day.check_beat(&format!("hour {hour}"));
        }
    }
    let first_beat: Vec<i64> = day.begun.values().map(|begun| begun[0].rem_euclid(INTERVAL)).collect();
    for (begun, first) in day.begun.values().zip(first_beat) {
        let drift = (begun[begun.len() - 1] - first).rem_euclid(INTERVAL);
        assert!(drift.min(INTERVAL - drift) <= 50, "{drift} ms of drift in a day");
    }
    // A chunk is dropped as a whole: what is stored swings by the length of one.
    let (settled, rest) = marks[7..].split_at(4);
    let most = |marks: &[(u64, u64)]| (marks.iter().map(|m| m.0).max(), marks.iter().map(|m| m.1).max());
    let ((stored, asked), (later_stored, later_asked)) = (most(settled), most(rest));
    let more = |later: Option<u64>, before: Option<u64>| later.unwrap_or(0) as f64 / before.unwrap_or(0) as f64 - 1.0;
    println!("{} series, {} samples, {stored:?} bytes of {asked:?}", day.stored.n_series, day.stored.n_samples);
    assert!(more(later_stored, stored) < 0.02, "{later_stored:?} bytes stored after {stored:?}: {marks:?}");
    assert!(more(later_asked, asked) < 0.02, "{later_asked:?} bytes in all after {asked:?}: {marks:?}");

    // The tab sleeps for two hours: one scrape, then the beat goes on.
    let n_before: Vec<usize> = day.begun.values().map(Vec::len).collect();
    day.sleep(2 * HOUR + 4_321);
    assert!(day.begun.values().zip(&n_before).all(|(begun, n)| begun.len() == n + 1));
    day.pass(HOUR + 60_000);
    day.check_beat("after sleep");

    // The clock is set back by half an hour: scraping goes on, and what is older than what is there is refused, as in
    // Prometheus, until the clock has come to where it was.
    assert_eq!(day.n_out_of_order, 0);
    let n_before = day.stored.n_samples;
    day.set_clock(-HOUR / 2);
    day.pass(HOUR / 2 - 60_000);
    let n_refused = day.n_out_of_order;
    assert!(n_refused > 0 && day.stored.n_samples <= n_before, "{n_refused} refused, {:?}", day.stored);
    day.pass(HOUR + 120_000);
    day.check_beat("after the clock was set back");
    assert!(day.stored.newest_ms.is_some_and(|t| t > day.now - 2 * INTERVAL), "{:?} at {}", day.stored, day.now);

    // It is set an hour ahead: no more than sleep.
    day.set_clock(HOUR);
    day.pass(HOUR + 60_000);
    day.check_beat("after the clock was set ahead");
    day.pass(RETENTION + HOUR);
    let (bytes, asked) = (Some(day.stored.bytes), Some(ALLOCATED.allocated() as u64));
    assert!(more(bytes, stored) < 0.02 && more(asked, later_asked) < 0.02, "{bytes:?} and {asked:?} after {marks:?}");
    assert_eq!(day.worker.next_wake().map(|due| due.0 - day.now <= INTERVAL), Some(true));
}
