//! Panels that follow now: only new steps are evaluated, and the answer is that of a whole evaluation, to the bit.

use super::graphs::Ask;
use super::*;
use proptest::prelude::*;
use protocol::{GraphAnswer, Wire};

/// An answer without what it cost, its floats as bits.
type Bits = (String, Vec<u64>);

fn bits(event: Event) -> Bits {
    let protocol::Envelope { head, columns } = event.into_envelope();
    let floats = columns.into_iter().flat_map(|column| match column {
        protocol::Column::Floats(vs) => vs,
        protocol::Column::Bytes(_) => Vec::new(),
    });
    (head, floats.map(f64::to_bits).collect())
}

/// Asks a worker; the answer, and how many steps were evaluated.
fn ask(worker: &mut Worker, now: i64, ask: &Ask<'_>, panel: u32) -> (Bits, u32) {
    worker.handle(ask.request(panel, 1), Timestamp(now));
    while worker.step_query(Timestamp(now), &|| 0.0) {}
    let told = worker.take_events().into_iter().find_map(|event| match event {
        Event::Graph(answer) => {
            let n = answer.stats.n_steps_evaluated;
            let stats = protocol::QueryStats { n_series: answer.stats.n_series, ..Default::default() };
            Some((bits(Event::Graph(GraphAnswer { panel: PanelId(0), stats, ..answer })), n))
        }
        Event::Failed { problem, .. } => Some((bits(Event::Failed { origin: Origin::Worker, problem }), 0)),
        _ => None,
    });
    told.expect("an answer")
}

fn upload(worker: &mut Worker, now: i64, id: u32, body: String) {
    let (name, media_type) = (String::new(), None);
    let upload = Upload { id: TargetId(id), name, media_type, body: body.into_bytes() };
    worker.handle(Request::Upload(upload), Timestamp(now));
    worker.take_events();
}

#[test]
fn a_panel_that_follows_now_evaluates_its_new_steps() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "# TYPE x counter\nx_total 1\n");
    page.add(1, "a:1");
    page.pass(Millis(100_000));
    let of = |exprs| Ask::of(exprs, 60_000, 1_000);
    let n_evaluated = |page: &mut Page, ask: &Ask<'_>| page.graph(ask).stats.n_steps_evaluated;
    let exprs = ["rate(x_total[30s])", "sum(x_total)"];
    assert_eq!(n_evaluated(&mut page, &of(&exprs)), 2 * 61);
    assert_eq!(n_evaluated(&mut page, &of(&exprs)), 0, "nothing happened");
    page.pass(Millis(3_000));
    let n = n_evaluated(&mut page, &of(&exprs));
    assert!((2 * 3..=2 * 4).contains(&n), "{n} steps after 3 s");
    // Something else is asked, then the same again.
    assert_eq!(n_evaluated(&mut page, &of(&["sum(x_total)", "x_total"])), 2 * 61);
    assert_eq!(n_evaluated(&mut page, &Ask { step_ms: 2_000, ..of(&["sum(x_total)"]) }), 31);
    assert_eq!(n_evaluated(&mut page, &of(&["sum(x_total)"])), 61);
    page.pass(Millis(1_000));
    page.send(Request::Cancel { panel: PanelId(1) });
    assert_eq!(n_evaluated(&mut page, &of(&["sum(x_total)"])), 61, "the panel was closed");
    // What depends on the ends of the range is evaluated whole.
    assert_eq!(n_evaluated(&mut page, &of(&["x_total @ end()"])), 61);
    page.pass(Millis(1_000));
    assert_eq!(n_evaluated(&mut page, &of(&["x_total @ end()"])), 61);
}

#[test]
fn what_changes_behind_a_panel_is_seen() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    page.pass(Millis(100_000));
    let of = Ask::of(&["count(x)"], 60_000, 1_000);
    page.graph(&of);
    // A series with a sample of half a minute ago.
    let late = format!("x{{late=\"1\"}} 1 {}\n", page.now - 30_000);
    upload(&mut page.worker, page.now, 9, late);
    let answer = page.graph(&of);
    assert!((31..=33).contains(&answer.stats.n_steps_evaluated), "{}", answer.stats.n_steps_evaluated);
    assert_eq!(answer.frame.series[0].stats.max, 2.0);
    page.send(Request::ClearStore);
    assert_eq!(page.graph(&of).frame.series.len(), 0);
}

const EXPRS: [&str; 14] = [
    "a",
    "rate(a[20s])",
    "sum(a)",
    "sum by (i) (rate(a[15s]))",
    "topk(2, a)",
    "topk(1, sum by (z) (last_over_time(a[4s])))",
    "a / on (i) group_left b",
    "a > 3 or b",
    "max_over_time(rate(a[10s])[20s:3s])",
    "histogram_quantile(0.5, sum by (le) (h_bucket))",
    "a offset 5s",
    "count_values(\"v\", a)",
    "absent(a{i=\"0\"})",
    "avg(rate(a[range()]))",
];

/// What a scrape finds: which of the series, and their values.
type Scrape = (i64, u8, [u8; 4]);

fn text(at: i64, found: u8, values: [u8; 4]) -> String {
    let mut body = String::new();
    for (i, v) in values.into_iter().enumerate().filter(|(i, _)| found >> i & 1 == 1) {
        // Few values, so that there are ties; buckets that need repair.
        body += &format!("a{{i=\"{}\",n=\"{i}\",z=\"{}\"}} {} {at}\n", i / 2, i % 2, f64::from(v) / 7.0);
        body += &format!("h_bucket{{le=\"{}\"}} {v} {at}\n", ["1", "2", "5", "+Inf"][i]);
    }
    if found & 16 != 0 {
        body += &format!("b{{i=\"0\"}} {} {at}\nb{{i=\"1\"}} 2 {at}\n", values[0]);
    }
    body
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn an_answer_that_uses_the_one_before_is_that_of_a_whole_evaluation(
        scrapes in prop::collection::vec((0..6_000_i64, any::<u8>(), prop::array::uniform4(0..6_u8)), 1..24),
        lateness in prop::collection::vec(0..9_000_i64, 24),
        step_ms in prop::sample::select(vec![1_000_i64, 2_000, 7_000]),
        range_s in 0..40_i64,
        previous_ms in prop::sample::select(vec![None, Some(4_000_i64), Some(11_500)]),
        // Rarely the retention is so short that samples go.
        retention_ms in prop::sample::select(vec![3_600_000_i64, 3_600_000, 30_000]),
        first in 0..EXPRS.len(),
        heat in any::<bool>(),
    ) {
        let mut worker = Worker::default();
        let settings = WorkerSettings { page_origin: String::new(), retention_ms, max_bytes: 1 << 30 };
        worker.handle(Request::Hello(settings), Timestamp(START));
        let exprs = [EXPRS[first], EXPRS[(first + 5) % EXPRS.len()], EXPRS[(first + 9) % EXPRS.len()]];
        let extras = Extras { previous_ms, heat, ..Extras::default() };
        let query = Ask { extras: extras.clone(), ..Ask::of(&exprs, range_s * 1_000, step_ms) };
        let nearer = Ask { extras, ..Ask::of(&exprs, range_s * 600, step_ms) };
        let mut now = START + 600_000;
        let scrapes: Vec<Scrape> = scrapes;
        for (n, (passed, found, values)) in scrapes.into_iter().enumerate() {
            now += passed;
            // Two sources, one of which is late.
            let late = if n % 3 == 0 { lateness[n] } else { 0 };
            if n % 3 == 0 {
                upload(&mut worker, now, 1, text(now - late, found, values).replace("i=", "late=\"1\",i="));
            } else {
                upload(&mut worker, now, 2, text(now, found, values));
            }
            if n % 5 == 0 {
                worker.tick(Timestamp(now));
            }
            // Now and then somebody looks at a shorter range.
            let query = if n % 4 == 3 { &nearer } else { &query };
            let (followed, _) = ask(&mut worker, now, query, 1);
            // Another panel has nothing to go on with.
            let (whole, _) = ask(&mut worker, now, query, 100 + n as u32);
            worker.handle(Request::Cancel { panel: PanelId(100 + n as u32) }, Timestamp(now));
            worker.take_events();
            prop_assert_eq!(followed, whole, "after {} scrapes of {:?}", n + 1, exprs);
        }
    }
}

#[test]
fn a_query_that_a_newer_one_ends_is_gone_on_with() {
    let mut page = Page::open().with_relay();
    let body: String = (0..300).map(|i| format!("x{{i=\"{i}\"}} {i}\n")).collect();
    page.answers("http://a:1/metrics", 200, &body);
    page.add(1, "a:1");
    page.pass(Millis(60_000));
    let query = Ask::of(&["sum_over_time(x[60s:1s])"], 60_000, 1_000);
    let ticks = Cell::new(0.0);
    let clock = || {
        ticks.set(ticks.get() + 60.0);
        ticks.get()
    };
    page.worker.handle(query.request(1, 1), Timestamp(page.now));
    for _ in 0..4 {
        assert!(page.worker.step_query(Timestamp(page.now), &clock), "it takes more slices");
    }
    page.worker.handle(query.request(1, 2), Timestamp(page.now));
    let (followed, n_steps) = ask(&mut page.worker, page.now, &query, 1);
    assert!((2..60).contains(&n_steps), "{n_steps} steps");
    assert_eq!(followed, ask(&mut page.worker, page.now, &query, 2).0);
}
