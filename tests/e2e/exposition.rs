//! What comes in is understood, shown and checked; what is missing is told with its reason.

use crate::bad_target::{BAD_COLUMN, BAD_LINE, BadTarget};
use crate::browser::{by, every, holding};
use crate::stage::{Stage, instance_of, play};

#[test]
fn a_body_is_checked_and_a_violation_leads_to_its_line() {
    let (bad, good) = (BadTarget::start(), BadTarget::start());
    play("exposition-check", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_endpoint(&bad.url("/one-bad-line")).await;
        stage.add_endpoint(&good.url("/openmetrics")).await;
        stage.go("Targets").await;
        stage.target_says(&good.url("/openmetrics"), "up").await;
        stage.target_says(&bad.url("/one-bad-line"), "1.2.3").await;
        open_body(stage, &bad.url("/one-bad-line")).await;
        stage.page.click(&by("button", "Check")).await;
        let place = format!("line 5,001, column {BAD_COLUMN}");
        stage.page.says(&by("region", "Check of the body"), &format!("refused as a whole: {place}")).await;
        stage.page.says(&by("list", "Violations"), &place).await;
        // Away from the line, and back to it by its violation.
        stage.page.fill(&by("textbox", "Search lines"), "s00007").await;
        stage.page.says(&every("status"), "1 of 1").await;
        stage.page.click(&by("button", &place).within(&by("list", "Violations"))).await;
        let current = "function() { return this.querySelector('[aria-current]')?.value }";
        let line = stage.page.call(&by("list", "Lines"), current, &[]).await;
        assert_eq!(line.as_u64(), Some(BAD_LINE as u64));
        stage.screenshots("check-refused").await;
        stage.page.click(&by("button", "Close")).await;
        open_body(stage, &good.url("/openmetrics")).await;
        stage.page.click(&by("button", "Check")).await;
        stage.page.says(&by("region", "Check of the body"), "accepted, 7 samples").await;
        stage.page.says(&by("region", "Check of the body"), "OpenMetrics 1.0: no violations").await;
    });
}

async fn open_body(stage: &Stage, target: &str) {
    stage.page.click(&by("button", "Raw body").within(&holding("row", &instance_of(target)))).await;
    stage.page.one(&by("list", "Lines")).await;
}

#[test]
fn protobuf_is_read_without_a_preflight_and_shown_as_text() {
    let target = BadTarget::start();
    play("exposition-protobuf", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_endpoint(&target.url("/cors/protobuf")).await;
        stage.go("Targets").await;
        // A fetch that asks first would be refused here, and go through the relay.
        stage.target_says(&target.url("/cors/protobuf"), "direct").await;
        stage
            .page
            .click(&by("button", "Edit").within(&holding("row", &instance_of(&target.url("/cors/protobuf")))))
            .await;
        stage.page.click(&by("checkbox", "Native histograms")).await;
        stage.page.click(&by("button", "Save")).await;
        stage
            .page
            .click(&by("button", "Scrape now").within(&holding("row", &instance_of(&target.url("/cors/protobuf")))))
            .await;
        stage.target_says(&target.url("/cors/protobuf"), "direct").await;
        open_body(stage, &target.url("/cors/protobuf")).await;
        stage.page.says(&by("list", "Lines"), "visit_seconds {count:3, sum:2").await;
        stage.page.click(&by("button", "Close")).await;
        stage.go("Explore").await;
        stage.table_of("visit_seconds").await;
        stage.rows_with(1, "count:3").await;
        stage.run(1, "visit_seconds[5m]").await;
        stage.rows_with(1, "{count:3, sum:2").await;
    });
}

#[test]
fn exemplars_units_and_starts_of_a_family_are_shown() {
    let target = BadTarget::start();
    play("exposition-family", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/openmetrics")).await;
        stage.go("Metrics").await;
        stage.page.click(&by("button", "Details of ride_seconds")).await;
        let dialog = by("dialog", "ride_seconds");
        for part in ["histogram: counts observations", "seconds", "ride_seconds_bucket", "oHg5SJYRHA0", "9.8", "2023"] {
            stage.page.says(&dialog, part).await;
        }
        stage.page.says(&by("table", "Counting since").within(&dialog), "2023-11-14").await;
        stage.screenshots("family").await;
    });
}

#[test]
fn samples_that_are_not_stored_are_told_of_with_their_reason() {
    let target = BadTarget::start();
    play("exposition-missing", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_endpoint(&target.url("/twice")).await;
        stage.go("Targets").await;
        let row = stage.target_says(&target.url("/twice"), "not stored").await;
        assert!(row.contains("duplicate: the same series and time"), "{row}");
        stage.screenshots("missing-targets").await;
        stage.go("Status").await;
        stage.page.says(&by("region", "What is missing"), "duplicate: the same series and time").await;
        stage.page.says(&by("region", "What is missing"), "time passed as it should").await;
        stage.screenshots("missing-status").await;
    });
}

#[test]
fn a_store_that_reaches_its_bytes_drops_the_oldest_samples_and_says_so() {
    // Some hundred bytes a series: two crowds are more than ten megabytes.
    let crowds = [BadTarget::start(), BadTarget::start()];
    play("exposition-bytes", async |stage: &Stage| {
        stage.open("/").await;
        for crowd in &crowds {
            stage.add_endpoint(&crowd.url("/crowd")).await;
        }
        stage.go("Targets").await;
        for crowd in &crowds {
            let instance = instance_of(&crowd.url("/crowd"));
            stage.target_says(&instance, "60,000").await;
            stage.page.click(&by("button", "Remove").within(&holding("row", &instance))).await;
        }
        stage.go("Status").await;
        stage.page.says(&by("region", "Store"), "120,").await;
        // The relay's own samples have to be newer than all of the crowd's.
        crate::stage::pause(6).await;
        stage.page.choose(&by("select", "The store takes at most"), "10000000").await;
        stage.page.says(&by("region", "Store"), "were dropped: the store reached 10 MB").await;
        stage.screenshots("evicted").await;
    });
}
