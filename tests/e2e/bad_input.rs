//! Each bad answer of a target gets its sentence, and the other targets go on.

use crate::bad_target::{BAD_COLUMN, BAD_LINE, BadTarget};
use crate::servers::free_port;
use crate::stage::{Stage, play_with};
use std::time::{Duration, Instant};

/// A mebibyte: small, so that a body over it is made quickly.
const MAX_BODY: &str = "1048576";

#[test]
fn each_bad_answer_of_a_target_is_told_in_a_sentence_and_the_good_target_goes_on() {
    let good = BadTarget::start();
    let place = format!("line {BAD_LINE}, column {BAD_COLUMN}");
    // The path, and words of the sentence that its row has to say, in any case.
    let cases: [(&str, &[&str]); 14] = [
        ("/html", &["web page (HTML)"]),
        ("/json", &["JSON"]),
        ("/401", &["401", "credentials"]),
        ("/403", &["403"]),
        ("/404", &["404", "path"]),
        ("/500", &["500", "log of the target"]),
        ("/never", &["did not answer within"]),
        ("/drip", &["did not answer within"]),
        ("/cut-off", &["broke off in the middle"]),
        ("/one-bad-line", &[&place, "1.2.3"]),
        ("/not-utf8", &["UTF-8", "line 1"]),
        ("/two-megabytes", &["larger than 1 MiB"]),
        ("/cors/many-series", &["samples, more than"]),
        ("/redirect-loop", &["redirect"]),
    ];
    // Each is a target of its own: with the same `instance` they would be one series of `up`.
    let targets: Vec<BadTarget> = cases.iter().map(|_| BadTarget::start()).collect();
    let mut cases: Vec<(String, &[&str])> =
        targets.iter().zip(cases).map(|(target, (path, words))| (target.url(path), words)).collect();
    let plain = BadTarget::start();
    cases.push((plain.url("/good").replace("http:", "https:"), &["encrypted connection"]));
    cases.push((format!("http://127.0.0.1:{}/closed", free_port()), &["refused the connection"]));
    cases.push(("http://no-such-host.invalid:9100/metrics".to_owned(), &["name of the host"]));
    play_with("bad-input", &["--max-body", MAX_BODY], async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&good.url("/good")).await;
        for (typed, _) in &cases {
            stage.add_endpoint(typed).await;
        }
        stage.go("Targets").await;
        let mut wrong = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(60);
        for (typed, words) in &cases {
            let said = loop {
                let row = stage.target_row(typed).await.unwrap_or_default();
                let lower = row.to_lowercase();
                if words.iter().all(|word| lower.contains(&word.to_lowercase())) {
                    break None;
                }
                if Instant::now() > deadline {
                    break Some(row);
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            if let Some(row) = said {
                wrong.push(format!("{typed}: expected {words:?}, it says:\n{row}"));
            }
        }
        stage.page.screenshot("bad-input").await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        let before = good.n_requests("/good");
        stage
            .page
            .until("the good target to be scraped on", Duration::from_secs(15), async || {
                match good.n_requests("/good") {
                    n if n > before => Ok(()),
                    _ => Err("no scrape".to_owned()),
                }
            })
            .await;
        stage.status_says(&format!("2/{} up", cases.len() + 2)).await;
        stage.go("Explore").await;
        stage.run(1, "up == 0").await;
        stage.show_table(1).await;
        let n_down = stage.some_rows(1).await.len();
        assert_eq!(n_down, cases.len(), "targets with `up` 0");
    });
}

#[test]
fn a_page_that_no_relay_serves_reads_what_it_may_and_says_what_it_may_not() {
    let targets = ["/cors/good", "/good"].map(|path| (BadTarget::start(), path));
    let site = BadTarget::start();
    play_with("no-relay", &[], async |stage: &Stage| {
        stage.page.goto(&site.url("/")).await;
        for (target, path) in &targets {
            stage.add_endpoint(&target.url(path)).await;
        }
        stage.go("Targets").await;
        stage.target_says(&targets[0].0.url("/cors/good"), "direct").await;
        let said = stage.target_says(&targets[1].0.url("/good"), "Access-Control-Allow-Origin").await;
        assert!(said.contains("through its relay"), "{said}");
    });
}

#[test]
fn what_is_no_endpoint_and_no_metrics_text_is_told_at_the_field_and_kept_in_it() {
    play_with("no-endpoint", &[], async |stage: &Stage| {
        stage.open("/").await;
        for (typed, words) in [("ftp://example.org/x", "ftp"), ("http://u:p@127.0.0.1/metrics", "password")] {
            stage.add_endpoint(typed).await;
            stage.page.says(&crate::browser::every("alert"), words).await;
            let field = crate::browser::by("textbox", "Metrics URL or metrics text");
            let kept = stage.page.call(&field, "function() { return this.value }", &[]).await;
            assert_eq!(kept, *typed);
        }
        stage.add_endpoint("this is = no metrics text\nat all {\n").await;
        stage.page.says(&crate::browser::every("alert"), "ine 1").await;
        stage.status_says("1/1 up").await;
    });
}

#[test]
fn a_target_of_120_000_series_does_not_freeze_the_page() {
    let target = BadTarget::start();
    play_with("many-series", &[], async |stage: &Stage| {
        stage.open("/").await;
        stage.status_says("1/1 up").await;
        stage.page.eval(LONGEST_FRAME, &[]).await;
        stage.add_endpoint(&target.url("/cors/many-series")).await;
        stage.go("Targets").await;
        stage.target_says("/cors/many-series", "more than").await;
        let longest = stage.page.eval("return e2e.longest", &[]).await.as_f64().unwrap_or(f64::INFINITY);
        println!("the longest time between two frames while 120,000 series came in: {longest:.0} ms");
        assert!(longest < 1_000.0, "the page stood still for {longest} ms");
    });
}

/// Measures the time between frames from now on.
const LONGEST_FRAME: &str = "e2e.longest = 0; let last = performance.now();\
    const tick = () => { const now = performance.now(); e2e.longest = Math.max(e2e.longest, now - last); last = now; requestAnimationFrame(tick) };\
    requestAnimationFrame(tick)";
