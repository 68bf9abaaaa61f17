//! What the page is told of the scrapes of a target: the last ones, what went wrong, and what moved between two of them.

use super::*;
use protocol::{ChangeKind, DiffAnswer, DiffRequest, DiffSide, Moment, TargetHistory};

impl Page {
    fn history(&mut self, id: u32) -> TargetHistory {
        self.send(Request::History { id: TargetId(id) });
        let told = self.last(|event| match event {
            Event::History(history) => Some(history.clone()),
            _ => None,
        });
        told.expect("a history")
    }

    fn diff(&mut self, from: (u32, Moment), to: (u32, Moment)) -> DiffAnswer {
        let side = |(id, moment)| DiffSide { id: TargetId(id), moment };
        self.send(Request::Diff(DiffRequest { from: side(from), to: side(to) }));
        let told = self.last(|event| match event {
            Event::Diff(answer) => Some(answer.clone()),
            _ => None,
        });
        *told.expect("a difference")
    }
}

/// `x{…} Moved 1 -> 2` for each series that changed.
fn changes(answer: &DiffAnswer) -> Vec<String> {
    assert_eq!(answer.problem, None);
    let series = answer.families.iter().flat_map(|family| &family.series);
    let number = |v: Option<f64>| v.map_or("-".to_owned(), |v| v.to_string());
    series
        .map(|one| {
            let labels = model::Labels::from_pairs(one.labels.iter().map(|(n, v)| (n, v)));
            let part = &one.parts[0];
            format!("{labels} {:?} {} -> {}", one.kind, number(part.from), number(part.to))
        })
        .collect()
}

#[test]
fn the_last_scrapes_and_each_error_are_told_of() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "x 1\ny 1\n");
    page.add(1, "a:1");
    page.pass(Millis(2_000));
    page.answers("http://a:1/metrics", 200, "x 1\nbad\n");
    page.pass(Millis(2_000));
    page.world.clear();
    page.pass(Millis(1_000));
    let history = page.history(1);
    let shown: Vec<String> = history
        .scrapes
        .iter()
        .map(|scrape| {
            let end = if scrape.is_failed { "failed" } else { "good" };
            format!("{} samples, {} new, {} B, {end}", scrape.n_samples, scrape.n_series_added, scrape.body_bytes)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2 samples, 2 new, 8 B, good",
            "2 samples, 0 new, 8 B, good",
            "2 samples, 0 new, 8 B, good",
            "1 samples, 0 new, 8 B, failed",
            "1 samples, 0 new, 8 B, failed",
            "0 samples, 0 new, 0 B, failed"
        ]
    );
    assert!(history.scrapes.iter().all(|scrape| scrape.duration_ms == 12.0 && scrape.via == Via::Relay));
    let errors: Vec<(u64, i64)> =
        history.errors.iter().map(|error| (error.count, error.last_ms - error.first_ms)).collect();
    assert_eq!(errors, [(2, 1_000), (1, 0)]);
    assert!(history.errors[0].message.contains("Line 2"), "{history:?}");
    assert_eq!(page.history(7).scrapes, []);
}

#[test]
fn two_scrapes_are_compared_by_their_bodies() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "# TYPE r_total counter\nr_total 10\ng 3\nold 1\n");
    page.add(1, "a:1");
    assert!(page.diff((1, Moment::Before), (1, Moment::Last)).problem.is_some());
    page.send(Request::Mark { id: TargetId(1) });
    assert_eq!(page.target(1).marked_ms, page.target(1).last_scrape_ms);
    page.answers("http://a:1/metrics", 200, "# TYPE r_total counter\nr_total 15\ng 3\nyoung 2\n");
    page.pass(Millis(1_000));
    let answer = page.diff((1, Moment::Before), (1, Moment::Last));
    assert_eq!(changes(&answer), ["old Gone 1 -> -", "young New - -> 2", "r_total Moved 10 -> 15"]);
    assert_eq!((answer.seconds(), answer.n_series, answer.counts.n_same), (Some(1.0), (3, 3), 1));
    page.pass(Millis(2_000));
    assert_eq!(changes(&page.diff((1, Moment::Before), (1, Moment::Last))), [] as [&str; 0]);
    assert_eq!(page.diff((1, Moment::Marked), (1, Moment::Last)).counts.n_changed(), 3);
    // Another target has its own.
    page.answers("http://b:1/metrics", 200, "# TYPE r_total counter\nr_total 4\ng 3\nyoung 2\n");
    page.add(2, "b:1");
    let answer = page.diff((1, Moment::Last), (2, Moment::Last));
    assert_eq!(changes(&answer), ["r_total Reset 15 -> 4"]);
    assert_eq!(answer.seconds(), None);
    page.answers("http://b:1/metrics", 200, "bad\n");
    page.pass(Millis(1_000));
    let problem = page.diff((1, Moment::Last), (2, Moment::Last)).problem.expect("a problem");
    assert!(problem.message.contains("Line 1") && problem.at.is_some(), "{problem:?}");
}

#[test]
fn a_moment_of_the_store_is_compared_with_another_one() {
    let mut page = Page::open().with_relay();
    page.answers("http://a:1/metrics", 200, "# TYPE r_total counter\nr_total{c=\"1\"} 10\nold 1\n");
    page.add(1, "a:1");
    page.pass(Millis(1_000));
    let then = page.now;
    page.answers("http://a:1/metrics", 200, "# TYPE r_total counter\nr_total{c=\"1\"} 25\nyoung 2\n");
    page.pass(Millis(10_000));
    for to in [Moment::Stored(page.now), Moment::Last] {
        let answer = page.diff((1, Moment::Stored(then)), (1, to));
        let all = changes(&answer);
        for want in ["old Gone 1 -> -", "young New - -> 2", "r_total{c=\"1\"} Moved 10 -> 25"] {
            assert!(all.iter().any(|line| line == want), "{want}: {all:?}");
        }
        let counter = answer.families.iter().find(|family| family.name == "r_total").expect("the counter");
        assert!(counter.series[0].is_counter && counter.series[0].kind == ChangeKind::Moved);
    }
    let nothing = page.diff((1, Moment::Stored(then - 3_600_000)), (1, Moment::Last));
    assert!(nothing.problem.is_some_and(|problem| problem.message.contains("no samples")));
}
