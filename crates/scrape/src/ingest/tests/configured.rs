//! What a configuration adds to a scrape: rules for samples, and bounds that fail the whole of it.

use super::{config, print};
use crate::failure::ScrapeFailure;
use crate::ingest::{Body, ScrapeConfig, ScrapeLoop};
use ::config::Limits;
use ::config::relabel::{Action, Rule};
use expect_test::{Expect, expect};
use exposition::Format;
use model::{Millis, TimeRange, Timestamp};
use std::sync::Arc;
use tsdb::{Head, HeadOptions, SampleBuf};

fn rule(action: Action, source: &str, pattern: &str, target: &str, replacement: &str) -> Rule {
    let mut rule = Rule::new(action, pattern).unwrap();
    rule.source_labels = source.split_whitespace().map(str::to_owned).collect();
    target.clone_into(&mut rule.target_label);
    replacement.clone_into(&mut rule.replacement);
    rule
}

fn with_rules(rules: Vec<Rule>) -> ScrapeConfig {
    ScrapeConfig { rules: Arc::from(rules), ..config() }
}

/// Scrapes bodies, a second apart; prints failures, what each scrape counted after relabelling, and all series.
fn check(config: ScrapeConfig, bodies: &[&str], expect: &Expect) {
    let mut head = Head::new(HeadOptions::default());
    let mut target = ScrapeLoop::new(config);
    let mut out = String::new();
    for (idx, body) in bodies.iter().enumerate() {
        let at = Timestamp((idx as i64 + 1) * 1_000);
        let body = Body { bytes: body.as_bytes(), format: Format::guess(body.as_bytes()) };
        let report = target.ingest(&mut head, Ok(body), at, Millis(20));
        if let Some(failure) = &report.failure {
            out.push_str(&format!("{}: {}\n", idx + 1, failure.message("http://x:1/metrics")));
        }
        out.push_str(&format!("{}: {} of {} kept\n", idx + 1, n_kept(&head, at), report.n_samples));
    }
    print(&head, &mut out);
    expect.assert_eq(&out);
}

fn n_kept(head: &Head, at: Timestamp) -> f64 {
    let all = head.select(&[], TimeRange::ALL).unwrap();
    let is_it = |name: Option<&str>| name == Some("scrape_samples_post_metric_relabeling");
    let series = all.into_iter().find(|&series| is_it(head.metric_name(series))).unwrap();
    let mut buf = SampleBuf::default();
    head.read(series, TimeRange { start: at, end: at }, &mut buf);
    buf.vs[0]
}

#[test]
fn samples_are_relabelled_dropped_and_counted() {
    let rules = vec![
        rule(Action::Drop, "__name__", "go_.*", "", "$1"),
        rule(Action::Replace, "path instance", "/(.*);(.*):.*", "where", "$1@$2"),
        rule(Action::LabelDrop, "", "path", "", "$1"),
    ];
    let body = "go_a 1\nhits{path=\"/x\"} 2\ngo_b{c=\"d\"} 3\nhits{path=\"y\"} 4\n";
    check(
        with_rules(rules),
        &[body, body, "go_a 1\n"],
        &expect![[r#"
        1: 2 of 4 kept
        2: 2 of 4 kept
        3: 0 of 1 kept
        hits{instance="x:1", job="j"} 1000:4 2000:4 3000:stale
        hits{instance="x:1", job="j", where="x@x"} 1000:2 2000:2 3000:stale
        scrape_samples_scraped{instance="x:1", job="j"} 1000:4 2000:4 3000:1
        scrape_series_added{instance="x:1", job="j"} 1000:2 2000:0 3000:0
        up{instance="x:1", job="j"} 1000:1 2000:1 3000:1
    "#]],
    );
}

#[test]
fn series_that_rules_make_one_keep_the_first_sample() {
    let rules = vec![rule(Action::LabelDrop, "", "code", "", "$1")];
    check(
        with_rules(rules),
        &["a{code=\"1\"} 1\na{code=\"2\"} 2\n"],
        &expect![[r#"
        1: 2 of 2 kept
        a{instance="x:1", job="j"} 1000:1
        scrape_samples_scraped{instance="x:1", job="j"} 1000:2
        scrape_series_added{instance="x:1", job="j"} 1000:1
        up{instance="x:1", job="j"} 1000:1
    "#]],
    );
}

#[test]
fn a_series_without_a_name_fails_the_scrape() {
    check(
        with_rules(vec![rule(Action::LabelDrop, "", "__name__", "", "$1")]),
        &["a 1\n"],
        &expect![[r#"
        1: Relabelling left a series without a name. The whole scrape was dropped; `up` is 0.
        1: 1 of 1 kept
        scrape_samples_scraped{instance="x:1", job="j"} 1000:1
        scrape_series_added{instance="x:1", job="j"} 1000:0
        up{instance="x:1", job="j"} 1000:0
    "#]],
    );
}

#[test]
fn bounds_fail_the_whole_scrape() {
    let limits = |limits: Limits| ScrapeConfig { limits, ..config() };
    let sample_limit = Limits { sample_limit: 1, ..Limits::default() };
    check(
        limits(sample_limit),
        &["a 1\n", "a 1\nb 2\n", "a 3\n"],
        &expect![[r#"
        1: 1 of 1 kept
        2: http://x:1/metrics exposes 2 samples after relabelling, more than its sample_limit of 1. The whole scrape was dropped; `up` is 0.
        2: 2 of 2 kept
        3: 1 of 1 kept
        a{instance="x:1", job="j"} 1000:1 2000:stale 3000:3
        scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:2 3000:1
        scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0 3000:0
        up{instance="x:1", job="j"} 1000:1 2000:0 3000:1
    "#]],
    );
    // After relabelling.
    let rules: Arc<[Rule]> = Arc::from([rule(Action::Drop, "__name__", "b", "", "$1")]);
    check(
        ScrapeConfig { limits: sample_limit, rules, ..config() },
        &["a 1\nb 2\n"],
        &expect![[r#"
        1: 1 of 2 kept
        a{instance="x:1", job="j"} 1000:1
        scrape_samples_scraped{instance="x:1", job="j"} 1000:2
        scrape_series_added{instance="x:1", job="j"} 1000:1
        up{instance="x:1", job="j"} 1000:1
    "#]],
    );
    // The name, `job` and `instance` count.
    check(
        limits(Limits { label_limit: 3, ..Limits::default() }),
        &["a 1\n", "a{b=\"c\"} 1\n"],
        &expect![[r#"
        1: 1 of 1 kept
        2: A series of `a` has 4 labels, more than its label_limit of 3. The whole scrape was dropped; `up` is 0.
        2: 1 of 1 kept
        a{instance="x:1", job="j"} 1000:1 2000:stale
        scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:1
        scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0
        up{instance="x:1", job="j"} 1000:1 2000:0
    "#]],
    );
    let names = Limits { label_name_length_limit: 8, ..Limits::default() };
    check(
        limits(names),
        &["a 1\n", "a{long_name=\"c\"} 1\n"],
        &expect![[r#"
        1: 1 of 1 kept
        2: A series of `a` has a label with a name of 9 bytes, `long_name`, more than its label_name_length_limit of 8. The whole scrape was dropped; `up` is 0.
        2: 1 of 1 kept
        a{instance="x:1", job="j"} 1000:1 2000:stale
        scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:1
        scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0
        up{instance="x:1", job="j"} 1000:1 2000:0
    "#]],
    );
    let values = Limits { label_value_length_limit: 3, ..Limits::default() };
    check(
        limits(values),
        &["abc 1\n", "a{b=\"cdef\"} 1\n"],
        &expect![[r#"
        1: 1 of 1 kept
        2: A series of `a` has a value of 4 bytes in its label `b`, more than its label_value_length_limit of 3. The whole scrape was dropped; `up` is 0.
        2: 1 of 1 kept
        abc{instance="x:1", job="j"} 1000:1 2000:stale
        scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:1
        scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0
        up{instance="x:1", job="j"} 1000:1 2000:0
    "#]],
    );
    check(
        limits(Limits { body_size_limit: 4, ..Limits::default() }),
        &["a 1", "a 1\n"],
        &expect![[r#"
        1: 1 of 1 kept
        2: The answer of http://x:1/metrics reaches its body_size_limit of 4 bytes. The whole scrape was dropped; `up` is 0.
        2: 0 of 0 kept
        a{instance="x:1", job="j"} 1000:1 2000:stale
        scrape_samples_scraped{instance="x:1", job="j"} 1000:1 2000:0
        scrape_series_added{instance="x:1", job="j"} 1000:1 2000:0
        up{instance="x:1", job="j"} 1000:1 2000:0
    "#]],
    );
}

#[test]
fn messages_say_what_to_do() {
    for failure in [ScrapeFailure::NoName, ScrapeFailure::SampleLimit { found: 2, limit: 1 }] {
        assert!(!failure.hint().is_empty());
    }
}
