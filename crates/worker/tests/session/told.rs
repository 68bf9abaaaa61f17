//! What the page is told beside samples: what was lost and why, the check of a body, the details of a family.

use super::*;
use protocol::{Dropped, FamilyDetails, JumpKind, LintReport, Losses, ServerVerdict};

fn losses(page: &Page) -> Losses {
    let told = page.last(|event| match event {
        Event::Losses(losses) => Some(losses.clone()),
        _ => None,
    });
    told.unwrap_or_default()
}

fn check(page: &mut Page, id: u32) -> Option<LintReport> {
    page.send(Request::Lint { id: TargetId(id) });
    let told = page.last(|event| match event {
        Event::Linted { report, .. } => Some(report.clone()),
        _ => None,
    });
    told.expect("an answer")
}

impl Page {
    fn answers_as(&mut self, url: &'static str, content_type: &str, body: &[u8]) {
        let content_type = Some(content_type.to_owned());
        self.world.insert(url, Ok(Answer { status: 200, content_type, body: body.to_vec() }));
    }
}

#[test]
fn samples_that_are_not_stored_are_told_of_by_target_and_in_all() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\nx 2\ny 1 99999999999999\n");
    page.answers("http://b:1/metrics", 200, "x 1 1700000000000\nx 1 1699999999000\n");
    page.add(1, "a:1");
    page.add(2, "b:1");
    page.pass(Millis(2_000));
    let (a, b) = (page.target(1), page.target(2));
    assert_eq!(a.dropped_last, Dropped { duplicate: 1, too_far_ahead: 1, ..Dropped::default() });
    assert_eq!(b.dropped_last, Dropped { out_of_order: 1, ..Dropped::default() });
    assert_eq!((a.dropped.total(), b.dropped.total()), (2 * a.n_scrapes, b.n_scrapes));
    page.send(Request::RemoveTarget { id: TargetId(2) });
    page.pass(Millis(1_000));
    let all = losses(&page).dropped;
    assert_eq!((all.out_of_order, all.duplicate), (b.dropped.out_of_order, page.target(1).dropped.duplicate));
}

#[test]
fn of_very_many_targets_the_page_hears_a_few_times_a_second_and_in_the_end_all() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    for id in 1..=60 {
        page.add(id, "a:1");
        page.pass(Millis(100));
    }
    page.pass(Millis(1_000));
    page.events.get_mut().clear();
    page.pass(Millis(10_000));
    let n_told = page.events.borrow().iter().filter(|event| matches!(event, Event::Targets { .. })).count();
    assert!((20..=45).contains(&n_told), "600 scrapes were told of {n_told} times");
    page.pass(Millis(300));
    assert!((1..=60).all(|id| page.target(id).health == Health::Up && page.target(id).n_scrapes >= 11));
}

#[test]
fn sleep_and_jumps_of_the_clock_are_noticed_and_scraping_goes_on() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\n");
    page.add(1, "a:1");
    let mut steady = 0.0;
    let mut turn = |page: &mut Page, passed: i64, steady_passed: f64| {
        page.now += passed;
        steady += steady_passed;
        page.worker.read_clocks(Timestamp(page.now), steady);
        page.turn();
    };
    turn(&mut page, 0, 0.0);
    turn(&mut page, 1_000, 1_000.0);
    // The lid was closed for an hour.
    turn(&mut page, 3_600_000, 3_600_000.0);
    assert_eq!(page.target(1).n_slept, 3_599);
    // An hour back: what is scraped now is older than what is there.
    turn(&mut page, -3_600_000, 1_000.0);
    for _ in 0..5 {
        turn(&mut page, 1_000, 1_000.0);
    }
    let told = losses(&page);
    let jumps: Vec<_> = told.jumps.iter().map(|jump| (jump.kind, jump.by_ms)).collect();
    assert_eq!(jumps, [(JumpKind::Stopped, 3_600_000), (JumpKind::SetBack, 3_601_000)]);
    assert_eq!((told.n_slept, told.n_slow), (3_599, 0));
    assert!(told.dropped.out_of_order >= 4, "{told:?}");
}

#[test]
fn the_store_says_what_it_dropped_for_its_bytes() {
    let mut page = Page::open().with_relay();
    let body: String = (0..200).map(|i| format!("x{{i=\"{i}\"}} {i}\n")).collect();
    page.answers("http://a:1/metrics", 200, &body);
    page.add(1, "a:1");
    page.pass(Millis(600_000));
    assert_eq!(losses(&page).evicted, None);
    let (n_samples, bytes) = page.stored();
    let max_bytes = bytes - 1_000;
    let origin = "http://page:8080".to_owned();
    let settings = WorkerSettings { page_origin: origin, retention_ms: 3_600_000, max_bytes };
    page.send(Request::Configure(settings));
    page.pass(Millis(1_000));
    let evicted = losses(&page).evicted.expect("something went");
    assert!(evicted.n_samples > 0 && page.stored().0 < n_samples, "{evicted:?}");
    assert_eq!(evicted.max_bytes, max_bytes);
    assert!((START..page.now).contains(&evicted.before_ms));
}

impl Page {
    /// Samples and bytes of the store, as it was told of last.
    fn stored(&self) -> (u64, u64) {
        let told = self.last(|event| match event {
            Event::Store(status) => Some((status.n_samples, status.bytes)),
            _ => None,
        });
        told.expect("the page was told of the store")
    }
}

#[test]
fn a_check_says_how_a_server_reads_a_body_and_which_rules_it_breaks() {
    let mut page = Page::open().with_relay();
    let text = "# TYPE a counter\na_total 1\na_total 2\n# TYPE b gauge\nb{_x=\"1\"} 1\n# EOF\n";
    page.answers_as("http://a:1/metrics", "application/openmetrics-text; version=1.0.0", text.as_bytes());
    page.add(1, "a:1");
    let report = check(&mut page, 1).expect("a body");
    assert_eq!((report.format.as_str(), report.has_rules), ("OpenMetrics 1.0", true));
    assert_eq!(report.server, ServerVerdict::Accepted { n_samples: 3 });
    let found = report.violations.iter().map(|v| (v.line, v.column, v.rule.as_str(), v.is_error));
    assert_eq!(found.collect::<Vec<_>>(), [(3, 1, "point-twice", true), (5, 3, "reserved-name", false)]);
    assert_eq!((report.is_capped, report.checked_bytes), (false, None));
    page.answers("http://a:1/metrics", 200, "x 1\ny ?\n");
    page.pass(Millis(1_000));
    let report = check(&mut page, 1).expect("a body");
    assert!(matches!(report.server, ServerVerdict::Refused { line: 2, column: 3, .. }), "{report:?}");
    assert_eq!(check(&mut page, 9), None);
}

#[test]
fn only_what_is_kept_of_a_long_body_is_checked() {
    let mut page = Page::open().with_relay();
    let line = format!("x{{a=\"{}\"}} 1\n", "y".repeat(1_000));
    let n_lines = worker::MAX_RAW_BODY_BYTES / line.len() + 10;
    let text = format!("# TYPE x gauge\n{}# EOF\n", line.repeat(n_lines));
    page.answers_as("http://a:1/metrics", "application/openmetrics-text", text.as_bytes());
    page.add(1, "a:1");
    let report = check(&mut page, 1).expect("a body");
    assert!(matches!(report.server, ServerVerdict::Accepted { .. }), "{:?}", report.server);
    assert_eq!(report.checked_bytes, Some(worker::MAX_RAW_BODY_BYTES as u64));
    // Each line but the first says what the first says.
    assert!(report.is_capped && report.violations.iter().all(|v| v.rule == "point-twice"));
}

#[test]
fn a_body_of_protobuf_is_shown_as_text() {
    let mut page = Page::open().with_relay();
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let metric = field(4, &field(2, &[&[1 << 3 | 1][..], &2.5f64.to_le_bytes()].concat()));
    let family = [field(1, b"x"), field(2, b"Help."), vec![3 << 3, 1], metric].concat();
    let body = [&[family.len() as u8][..], &family].concat();
    let content_type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
    page.answers_as("http://a:1/metrics", content_type, &body);
    page.add(1, "a:1");
    page.send(Request::RawBody { id: TargetId(1) });
    let raw = page.last(|event| match event {
        Event::RawBody { body, body_bytes, is_decoded, .. } => Some((body.clone(), *body_bytes, *is_decoded)),
        _ => None,
    });
    let text = b"# HELP x Help.\n# TYPE x gauge\nx 2.5\n".to_vec();
    assert_eq!(raw, Some((text, body.len() as u64, true)));
    let report = check(&mut page, 1).expect("a body");
    assert_eq!((report.has_rules, report.server), (false, ServerVerdict::Accepted { n_samples: 1 }));
}

fn details(page: &mut Page, name: &str) -> FamilyDetails {
    page.send(Request::Family { name: name.to_owned() });
    let told = page.last(|event| match event {
        Event::Family(details) => Some(details.clone()),
        _ => None,
    });
    told.expect("an answer")
}

#[test]
fn a_family_tells_its_exemplars_and_since_when_it_counts() {
    let mut page = Page::open().with_relay();
    let text = |id: &str| {
        format!(
            "# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total{{x=\"1\"}} 1 # {{trace_id=\"{id}\"}} 0.5 5\n\
             a_seconds_created{{x=\"1\"}} 100\na_seconds_total{{x=\"2\"}} 1\na_seconds_created{{x=\"2\"}} 200\n\
             # TYPE b gauge\nb 1\n# EOF\n"
        )
    };
    for id in ["p", "p", "q"] {
        page.answers_as("http://a:1/metrics", "application/openmetrics-text", text(id).as_bytes());
        if page.fetched.is_empty() {
            page.add(1, "a:1");
        }
        page.pass(Millis(1_000));
    }
    let told = details(&mut page, "a_seconds");
    let ids: Vec<_> = told.exemplars.iter().map(|e| (e.labels[0].1.as_str(), e.value.as_str(), e.t_ms)).collect();
    assert_eq!(ids, [("q", "0.5", Some(5_000)), ("p", "0.5", Some(5_000))]);
    assert_eq!(told.n_exemplars, 2);
    let starts = told.starts.expect("it says so");
    assert_eq!((starts.n_series, starts.oldest_ms, starts.newest_ms), (2, 100_000, 200_000));
    assert!(starts.series[0].series.contains(&("x".to_owned(), "2".to_owned())));
    let told = details(&mut page, "b");
    assert_eq!((told.exemplars.len(), told.starts), (0, None));
}
