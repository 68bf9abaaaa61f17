//! The doctor: real servers that fail in real ways, each with its cause, its evidence and a cure to copy.

use crate::bad_target::BadTarget;
use crate::browser::{Locator, SOON, beginning, by, holding};
use crate::servers::free_port;
use crate::stage::{Stage, instance_of, play};
use crate::tls_target::TlsTarget;
use std::time::Duration;

const FIND_OUT: &str = "Find out why, and how to fix it";

/// The longest that a checkup takes: the patience for the address itself, and some.
const CHECKUP: Duration = Duration::from_secs(40);

/// The row of a target with its labels and buttons.
fn row(url: &str) -> Locator {
    holding("row", &instance_of(url))
}

impl Stage {
    /// Opens the doctor of a target on the targets page, and waits until it has said all of these words.
    async fn doctor_says(&self, target: &str, summary: &str, words: &[&str]) -> String {
        self.page
            .until(&format!("the doctor of {target}"), Duration::from_secs(40), async || {
                let body = "const rows = [...document.querySelectorAll('table tbody')].find(rows => rows.innerText.includes(arguments[0]));\
                    const summary = [...rows?.querySelectorAll('details.doctor > summary') ?? []].find(summary => summary.innerText === arguments[1]);\
                    if (summary && !summary.parentElement.open) summary.click();\
                    return !!summary";
                let is_there = self.page.eval(body, &[target.into(), summary.into()]).await;
                if is_there == true { Ok(()) } else { Err(format!("{:?}", self.target_row(target).await)) }
            })
            .await;
        self.page
            .until(&format!("the doctor of {target} to say {words:?}"), CHECKUP, async || {
                let text = self.doctor_text(target).await;
                let lower = text.to_lowercase();
                if words.iter().all(|word| lower.contains(&word.to_lowercase())) { Ok(text) } else { Err(text) }
            })
            .await
    }

    /// All that the doctor of a target says, folded or not.
    async fn doctor_text(&self, target: &str) -> String {
        let body = "const rows = [...document.querySelectorAll('table tbody')].find(rows => rows.innerText.includes(arguments[0]));\
            return rows?.querySelector('.doctor-body')?.textContent ?? ''";
        let text = self.page.eval(body, &[target.into()]).await;
        text.as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn each_way_to_fail_has_its_cause_its_evidence_and_its_cure() {
    let refused = format!("http://127.0.0.1:{}/metrics", free_port());
    let tls = TlsTarget::start();
    let encrypted = format!("https://127.0.0.1:{}/metrics", tls.port);
    let targets: Vec<BadTarget> = (0..9).map(|_| BadTarget::start()).collect();
    let url = |idx: usize, path: &str| targets[idx].url(path);
    let plain = url(0, "/good").replace("http:", "https:");
    // The address, and words of what the doctor has to say of it.
    let cases: [(String, &[&str]); 11] = [
        (refused, &["refused the connection", "seen", "Publish the container's port", "127.0.0.1 inside and outside"]),
        ("http://no-such-host.invalid:9100/metrics".to_owned(), &["no-such-host.invalid is not known", "nslookup"]),
        (encrypted, &["not signed by an authority", "--ca target.pem", "openssl s_client"]),
        (plain, &["over http", "Use this address", "http://127.0.0.1"]),
        (url(1, "/401"), &["status 401", "basic_auth", "Fetched by the relay: status 401"]),
        (url(2, "/403"), &["status 403", "Let this machine in"]),
        (
            url(3, "/404"),
            &["status 404", "micrometer-registry-prometheus", "promhttp", "/actuator/prometheus: status 404"],
        ),
        (url(4, "/500"), &["status 500", "Look into the log"]),
        (url(5, "/html"), &["web page (HTML)", "<!doctype html><title>Shop</title>"]),
        (url(6, "/late"), &["answers, but takes", "Raise the time-out"]),
        (url(7, "/one-bad-line"), &["line 5001", "Mend the exporter"]),
    ];
    play("doctor", async |stage: &Stage| {
        stage.open("/").await;
        for (typed, _) in &cases {
            stage.add_endpoint(typed).await;
        }
        stage.go("Targets").await;
        for (typed, words) in &cases {
            stage.doctor_says(typed, FIND_OUT, words).await;
        }
        // What is found can be used at once.
        stage.page.click(&by("button", "Use this address").within(&row(&cases[3].0))).await;
        stage.target_says(&url(0, "/good"), "Why through the relay?").await;
        stage.screenshots("doctor-all").await;
    });
}

#[test]
fn while_an_endpoint_is_added_the_doctor_is_there_too_and_its_texts_can_be_copied() {
    let port = free_port();
    play("doctor-adding", async |stage: &Stage| {
        stage.open("/").await;
        let permission = serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        stage.page.cdp("Browser.grantPermissions", permission).await;
        stage.add_endpoint(&format!("127.0.0.1:{port}/metrics")).await;
        stage.page.click(&by("disclosure", FIND_OUT)).await;
        stage.page.one(&by("button", "Copy: compose.yaml")).await;
        stage.page.click(&by("button", "Copy: compose.yaml")).await;
        stage
            .page
            .until("the snippet to be copied", SOON, async || {
                let said = "return document.querySelector('.snippet [role=status]')?.innerText";
                let said = stage.page.eval(said, &[]).await;
                if said == "Copied." { Ok(()) } else { Err(said.to_string()) }
            })
            .await;
        let copied = stage.page.eval("return navigator.clipboard.readText()", &[]).await;
        assert_eq!(copied, format!("services:\n  app:\n    ports:\n      - \"127.0.0.1:{port}:{port}\"\n"));
        stage.page.click(&beginning("disclosure", "127.0.0.1 inside and outside")).await;
        stage.page.click(&beginning("disclosure", "Evidence")).await;
        stage.screenshots("doctor-adding").await;
        // Mended, it is tried again, and there is nothing to ask any more.
        let target = BadTarget::start_on(port);
        target.answer_metrics();
        stage.page.click(&by("button", "Try again")).await;
        stage.page.none(&by("disclosure", FIND_OUT)).await;
    });
}

#[test]
fn without_a_relay_what_may_not_be_read_is_told_from_what_is_not_there() {
    let closed = BadTarget::start();
    let gone = format!("http://127.0.0.1:{}/metrics", free_port());
    let site = BadTarget::start();
    play("doctor-no-relay", async |stage: &Stage| {
        stage.page.goto(&site.url("/")).await;
        stage.add_endpoint(&closed.url("/good")).await;
        stage.add_endpoint(&gone).await;
        stage.go("Targets").await;
        let page = site.url("");
        let header = format!("add_header Access-Control-Allow-Origin \"{page}\" always");
        let words = [
            "no Access-Control-Allow-Origin header",
            "seen",
            "cargo run --release --package relay",
            &header,
            "No relay answers",
        ];
        stage.doctor_says(&closed.url("/good"), FIND_OUT, &words).await;
        stage.screenshots("doctor-cors").await;
        let words = ["most likely no program listens", "likely", "There is no relay beside this page"];
        stage.doctor_says(&gone, FIND_OUT, &words).await;
    });
}

#[test]
fn a_relay_that_ended_is_missed_and_a_clock_that_is_wrong_is_noticed() {
    let ahead = BadTarget::start();
    let closed = BadTarget::start();
    play("doctor-relay-gone", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_endpoint(&ahead.url("/cors/ahead")).await;
        stage.add_endpoint(&closed.url("/good")).await;
        stage.go("Targets").await;
        let words = ["The clock of", "2 h ahead of", "timedatectl"];
        stage.doctor_says(&ahead.url("/cors/ahead"), "Check the connection and the clock", &words).await;
        let words = ["so the relay fetches it", "nothing to do"];
        stage.doctor_says(&closed.url("/good"), "Why through the relay?", &words).await;
        stage.relay.stop();
        stage.target_says(&closed.url("/good"), "down").await;
        let words = ["relay that fetched for this page does not answer any more", "Start the relay again"];
        stage.page.click(&by("button", "Check again").within(&row(&closed.url("/good")))).await;
        stage.doctor_says(&closed.url("/good"), FIND_OUT, &words).await;
        stage.screenshots("doctor-relay-gone").await;
    });
}
