//! A panel that follows now: 2,000 series, 250 steps, asked again after each scrape. `whole` evaluates all steps, `moved` only
//! the new ones; the time is that of the worker, from the request to the answer for the page.

use criterion::{Criterion, criterion_group, criterion_main};
use model::{Millis, Timestamp};
use protocol::{
    Event, Extras, PanelId, QueryKind, QueryRequest, Request, StepChoice, TargetId, TargetSpec, WorkerSettings,
};
use std::time::{Duration, Instant};
use worker::{Answer, Step, Worker};

const STEP_MS: u32 = 15_000;
const STEP: Millis = Millis(STEP_MS as i64);
const N_STEPS: i64 = 250;
const N_SERIES: usize = 2_000;

struct Page {
    worker: Worker,
    now: Timestamp,
    n_scrapes: usize,
}

impl Page {
    fn open() -> Self {
        let mut page = Page { worker: Worker::default(), now: Timestamp(1_700_000_010_000), n_scrapes: 0 };
        let page_origin = "http://page".to_owned();
        let settings = WorkerSettings { page_origin, retention_ms: 24 * 3_600_000, max_bytes: 1 << 30 };
        page.worker.handle(Request::Hello(settings), page.now);
        let spec = TargetSpec { interval_ms: STEP_MS, ..TargetSpec::new("http://page/metrics") };
        page.worker.handle(Request::AddTarget { id: TargetId(1), spec }, page.now);
        for _ in 0..N_STEPS + 25 {
            page.scrape();
        }
        page
    }

    fn scrape(&mut self) {
        self.n_scrapes += 1;
        let mut body = "# TYPE x counter\n".to_owned();
        for i in 0..N_SERIES {
            let line =
                format!("x_total{{path=\"/some/path/{i}\",code=\"{}\"}} {}\n", i % 20, self.n_scrapes * (i % 97));
            body.push_str(&line);
        }
        self.now += STEP;
        for mut job in self.worker.begin_due(self.now) {
            let outcome = loop {
                match job.plan.step() {
                    Step::Fetch(_) => {
                        let body = body.clone().into_bytes();
                        job.plan.reply(Ok(Answer { status: 200, content_type: None, body }));
                    }
                    Step::AskRelay(_) => job.plan.relay_is(false),
                    Step::Probe(_) => job.plan.answers(false),
                    Step::Done(outcome) => break outcome,
                }
            };
            self.worker.finish(&job, *outcome, 1.0, self.now);
        }
        self.worker.take_events();
    }

    /// How long an answer takes.
    fn ask(&mut self, expr: &str) -> Duration {
        let kind = QueryKind::Range {
            end_ms: None,
            range_ms: STEP.0 * (N_STEPS - 1),
            step: StepChoice::Fixed { step_ms: STEP.0 },
            width_px: 1_500,
            max_series: 500,
            extras: Extras::default(),
        };
        let request = QueryRequest {
            panel: PanelId(1),
            generation: 1,
            expr: expr.to_owned(),
            source: protocol::SourceChoice::Local,
            kind,
        };
        let started = Instant::now();
        self.worker.handle(Request::Query(request), self.now);
        while self.worker.step_query(self.now, &|| 0.0) {}
        let took = started.elapsed();
        let events = self.worker.take_events();
        let has_series = |event: &Event| matches!(event, Event::Graph(answer) if !answer.frame.series.is_empty());
        assert!(events.iter().any(has_series), "{expr} has an answer");
        took
    }
}

fn follow(criterion: &mut Criterion) {
    let mut page = Page::open();
    for (name, expr) in
        [("sum_rate", "sum by (code) (rate(x_total[5m]))"), ("rate", "rate(x_total[5m])"), ("selector", "x_total")]
    {
        criterion.bench_function(&format!("follow/{name}/whole"), |bencher| {
            bencher.iter_custom(|n| {
                let mut whole = || {
                    page.worker.handle(Request::Cancel { panel: PanelId(1) }, page.now);
                    page.ask(expr)
                };
                (0..n).map(|_| whole()).sum()
            });
        });
        page.ask(expr);
        criterion.bench_function(&format!("follow/{name}/moved"), |bencher| {
            bencher.iter_custom(|n| {
                let mut moved = || {
                    page.scrape();
                    page.ask(expr)
                };
                (0..n).map(|_| moved()).sum()
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_secs(1));
    targets = follow
}
criterion_main!(benches);
