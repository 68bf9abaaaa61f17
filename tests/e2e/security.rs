//! Scraped text stays text, and no other page may use the relay.

use crate::bad_target::BadTarget;
use crate::browser::{beginning, by};
use crate::plain_http;
use crate::stage::{Stage, play};
use std::time::Duration;

#[test]
fn markup_in_labels_and_help_texts_stays_text() {
    let target = BadTarget::start();
    play("markup", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/markup")).await;
        stage.run(1, "markup_value").await;
        stage.rows_with(1, "<img src=x onerror=window.hacked=1>").await;
        stage.show_graph(1).await;
        stage.page.one(&by("table", "Legend")).await;
        stage.page.fill(&by("textbox", "Search metrics"), "markup").await;
        stage.page.one(&beginning("button", "markup_value").within(&by("list", "Metrics"))).await;
        stage.page.screenshot("markup").await;
        for page in ["Metrics", "Targets", "Sources", "Status"] {
            stage.go(page).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            let found = stage
                .page
                .eval("return [window.hacked ?? null, document.querySelectorAll('img, body script').length]", &[]);
            assert_eq!(found.await, serde_json::json!([null, 0]), "on the page {page}");
        }
    });
}

#[test]
fn the_relay_sends_a_strict_policy_and_the_page_keeps_to_it() {
    play("policy", async |stage: &Stage| {
        let answer = plain_http::get(stage.relay.port, "/", &[], Duration::from_secs(5)).expect("the page");
        let policy = answer.header("Content-Security-Policy").unwrap_or_default().to_owned();
        for part in
            ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "object-src 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{part} is missing in {policy}");
        }
        for word in ["unsafe-inline", "'unsafe-eval'", "data: 'self' blob: *"] {
            assert!(!policy.contains(word), "{word} is in {policy}");
        }
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
        for page in ["/", "/metrics-list", "/targets", "/sources", "/status"] {
            stage.open(page).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

#[test]
fn a_page_of_another_origin_cannot_use_the_relay() {
    let target = BadTarget::start();
    play("other-origin", async |stage: &Stage| {
        stage.page.goto(&target.url("/page")).await;
        let wanted = url::form_urlencoded::byte_serialize(target.url("/good").as_bytes()).collect::<String>();
        let address = stage.url(&format!("/relay/scrape?url={wanted}"));
        for options in ["{ headers: { 'X-Promenade': '1' } }", "{}", "{ mode: 'no-cors' }"] {
            let body = format!("return fetch(arguments[0], {options}).then(answer => answer.type, () => 'refused')");
            let outcome = stage.page.eval(&body, &[address.as_str().into()]).await;
            // An opaque answer is one that the page knows nothing of, not even its status.
            assert!(outcome == "refused" || outcome == "opaque", "fetched with {options}: {outcome}");
        }
        stage.page.eval("const image = new Image(); image.src = arguments[0]", &[address.as_str().into()]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(target.n_requests("/good"), 0, "the relay asked the target on behalf of another origin");

        // The same requests without a browser in between: each is refused before anything is fetched.
        let path = format!("/relay/scrape?url={wanted}");
        let own = format!("127.0.0.1:{}", stage.relay.port);
        for headers in [
            vec![("Origin", "http://127.0.0.1:1"), ("Sec-Fetch-Site", "same-site"), ("X-Promenade", "1")],
            vec![("Sec-Fetch-Site", "cross-site"), ("X-Promenade", "1")],
            vec![("Host", "attacker.example"), ("X-Promenade", "1")],
            vec![("Host", own.as_str())],
        ] {
            let answer = plain_http::get(stage.relay.port, &path, &headers, Duration::from_secs(5)).expect("an answer");
            assert!(matches!(answer.status, 400 | 403), "{headers:?}: {}", answer.status);
        }
        assert_eq!(target.n_requests("/good"), 0);
    });
}
