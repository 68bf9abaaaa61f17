//! What is stored is there again: after a reload, a crash, in another tab, on a full disk, in a browser without private files.

use crate::bad_target::BadTarget;
use crate::browser::{beginning, by, every, holding};
use crate::servers::{Server, fresh_dir, path_from};
use crate::stage::{BRIEF, Lives, Stage, VALUE, instance_of, pause, play, play_lives};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Keeps what the worker says of scrapes that are stored: pairs of target and time.
const WATCH_SCRAPES: &str = "window.e2eScraped = [];\
    window.Worker = class extends Worker {\
        constructor(...words) {\
            super(...words);\
            this.addEventListener('message', ({ data }) => {\
                if (typeof data?.[0] !== 'string' || !data[0].includes('\"Scraped\"')) return;\
                const { id, at_ms } = JSON.parse(data[0]).event.Scraped;\
                e2eScraped.push([id, at_ms]) }) } };";

/// The target that a test adds; the first is the relay itself.
const ADDED: u64 = 2;

/// No private files.
const WITHOUT_FILES: &str = "delete StorageManager.prototype.getDirectory;";

/// Nothing that outlives the page, as in some private windows.
const WITHOUT_ANYTHING: &str =
    "delete StorageManager.prototype.getDirectory; Object.defineProperty(self, 'indexedDB', { value: undefined });";

#[test]
fn every_scrape_that_was_told_is_there_after_the_browser_is_killed_and_scraping_goes_on() {
    let target = BadTarget::start();
    let instance = instance_of(&target.url(""));
    play_lives(Server::relay(&[]), async |lives: &Lives| {
        let mut told: Vec<u64> = Vec::new();
        for life in 0..4 {
            let stage = lives.begin().await;
            stage.page.before_load(WATCH_SCRAPES).await;
            if life == 0 {
                stage.open("/").await;
                stage.add_good_endpoint(&target.url("/good")).await;
                stage.scrape_each_second(&instance).await;
                // The list of targets is in the page's own storage, which Chromium writes some seconds late.
                pause(12).await;
            } else {
                stage.open("/").await;
                // The crash before left no more than one scrape that was stored and not told.
                let n_there = stage.n_samples(&instance).await;
                assert!(n_there >= told.len() as f64, "{n_there} of {} samples are there", told.len());
                let last = told.last().copied().unwrap_or_default() as f64 / 1_000.0;
                stage.table_of(&format!("timestamp(up{{instance=\"{instance}\"}} @ {last:.3})")).await;
                let rows = stage.some_rows(1).await;
                let found = rows[0].get(VALUE).and_then(|value| value.replace(',', "").parse().ok());
                assert_eq!(found, Some(last), "the last one that was told is there: {rows:?}");
            }
            // Each time at another moment between two scrapes.
            stage.told_scrapes(3 + life).await;
            tokio::time::sleep(Duration::from_millis(230 * life as u64)).await;
            let now = stage.told_scrapes(3 + life).await;
            told.extend(now);
            stage.page.kill().await;
        }
        let stage = lives.begin().await;
        stage.open("/").await;
        let n_there = stage.n_samples(&instance).await;
        assert!(n_there >= told.len() as f64, "{n_there} of {} samples are there", told.len());
        stage.go("Status").await;
        stage.page.says(&holding("region", "Kept on this device"), "scrapes and stores").await;
        stage.end().await;
    });
}

#[test]
fn samples_texts_and_types_are_there_after_a_reload() {
    let target = BadTarget::start();
    play("stored-reload", async |stage: &Stage| {
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage
            .add_endpoint("# HELP pasted_total What was pasted.\n# TYPE pasted_total counter\npasted_total 42\n")
            .await;
        stage.page.says(&every("status"), "found 1 metric, 1 series").await;
        let n_before = stage.n_samples(&instance_of(&target.url(""))).await;
        target.stop();
        stage.open("/targets").await;
        stage.target_says("pasted", "text").await;
        stage.go("Metrics").await;
        for (metric, help) in [("pasted", "What was pasted."), ("shop_temperature_celsius", "Temperature of a room.")] {
            stage.page.says(&beginning("button", metric).within(&by("list", "Metrics")), help).await;
        }
        stage.go("Explore").await;
        assert!(stage.n_samples(&instance_of(&target.url(""))).await >= n_before);
        stage.table_of("pasted_total").await;
        stage.value_becomes(1, "42", "pasted_total").await;
        stage.go("Status").await;
        let kept = stage.page.says(&holding("region", "Kept on this device"), "Found at the start").await;
        assert!(kept.contains("private files") && kept.contains("samples:"), "{kept}");
        stage.screenshots("status-kept").await;
        stage.page.click(&by("button", "Delete all samples")).await;
        stage.page.click(&holding("button", "samples").within(&every("dialog"))).await;
        stage.open("/query").await;
        stage.table_of("count_over_time(pasted_total[1h])").await;
        stage
            .page
            .until("a table without rows", BRIEF, async || match stage.rows(1).await {
                rows if rows.is_empty() => Ok(()),
                rows => Err(format!("{rows:?}")),
            })
            .await;
    });
}

#[test]
fn a_full_disk_is_said_scraping_goes_on_and_what_came_meanwhile_is_written_when_there_is_room() {
    let target = BadTarget::start();
    play("stored-full", async |stage: &Stage| {
        stage.page.before_load(WATCH_SCRAPES).await;
        let origin = stage.relay.origin();
        // Chromium gives each file a megabyte at once: the first byte is one too many.
        stage.page.cdp("Storage.overrideQuotaForOrigin", json!({ "origin": origin, "quotaSize": 300_000 })).await;
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/two-megabytes")).await;
        stage.page.says(&every("alert"), "There is no room to store more").await;
        stage.scrape_each_second(&instance_of(&target.url(""))).await;
        stage.told_scrapes(stage.told_scrapes(0).await.len() + 3).await;
        stage.screenshots("storage-full").await;
        stage.page.cdp("Storage.overrideQuotaForOrigin", json!({ "origin": origin })).await;
        stage.page.none(&holding("alert", "There is no room to store more")).await;
        let n_before = stage.n_samples(&instance_of(&target.url(""))).await;
        stage.open("/").await;
        assert!(stage.n_samples(&instance_of(&target.url(""))).await >= n_before);
    });
}

#[test]
fn a_second_tab_reads_along_takes_over_and_gives_back() {
    let target = BadTarget::start();
    let instance = instance_of(&target.url(""));
    play("stored-tabs", async |stage: &Stage| {
        let reads_along = holding("status", "another tab, which scrapes and stores");
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance).await;
        let first = stage.page.cover_with_tab().await;
        stage.open("/").await;
        stage.page.one(&reads_along).await;
        stage.page.screenshot("reads-along").await;
        let n = stage.n_samples(&instance).await;
        stage.n_samples_become(&instance, n + 2.0).await;
        stage.status_says("2/2 up").await;
        // One of the two tabs scrapes.
        let before = target.n_requests("/good");
        pause(5).await;
        let n_requests = target.n_requests("/good") - before;
        assert!((4..=7).contains(&n_requests), "{n_requests} scrapes in 5 s");
        stage.page.click(&by("button", "Take over").within(&reads_along)).await;
        stage.page.none(&reads_along).await;
        let n = stage.n_samples(&instance).await;
        stage.n_samples_become(&instance, n + 2.0).await;
        let second = stage.page.tab().await;
        stage.page.come_back(first.clone()).await;
        stage.page.one(&reads_along).await;
        let n = stage.n_samples(&instance).await;
        stage.n_samples_become(&instance, n + 2.0).await;
        // The owner closes: the first goes on by itself.
        stage.page.come_back(second).await;
        stage.page.close_tab(first).await;
        stage.page.none(&reads_along).await;
        let n = stage.n_samples(&instance).await;
        stage.n_samples_become(&instance, n + 2.0).await;
        assert!(n >= 10.0, "nothing was lost on the way: {n}");
    });
}

#[test]
fn a_browser_without_private_files_keeps_samples_in_indexed_db() {
    let target = BadTarget::start();
    let instance = instance_of(&target.url(""));
    play_lives(Server::relay_of(&bundle_with(WITHOUT_FILES), &[]), async |lives: &Lives| {
        let stage = lives.begin().await;
        stage.page.before_load(WATCH_SCRAPES).await;
        stage.open("/").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.scrape_each_second(&instance).await;
        stage.told_scrapes(4).await;
        let n_told = stage.told_scrapes(4).await.len();
        stage.page.kill().await;
        let stage = lives.begin().await;
        stage.open("/").await;
        let n_there = stage.n_samples(&instance).await;
        assert!(n_there >= n_told as f64, "{n_there} of {n_told}");
        stage.go("Status").await;
        stage.page.says(&holding("region", "Kept on this device"), "IndexedDB").await;
        stage.end().await;
    });
}

#[test]
fn a_browser_that_keeps_nothing_says_so_and_works() {
    let target = BadTarget::start();
    play_lives(Server::relay_of(&bundle_with(WITHOUT_ANYTHING), &[]), async |lives: &Lives| {
        let stage = lives.begin().await;
        stage.open("/").await;
        stage.page.says(&every("alert"), "samples are in memory only").await;
        stage.add_good_endpoint(&target.url("/good")).await;
        stage.go("Status").await;
        stage.page.says(&holding("region", "Kept on this device"), "in memory only").await;
        stage.page.click(&by("button", "Dismiss")).await;
        stage.page.none(&holding("alert", "in memory only")).await;
        stage.end().await;
    });
}

/// The built page, with something before its worker's script.
fn bundle_with(script: &str) -> PathBuf {
    let (from, to) = (path_from("PROMENADE_E2E_DIST"), fresh_dir());
    for entry in fs::read_dir(&from).expect("the bundle").flatten() {
        let name = entry.file_name();
        // Compressed ahead of the change, it would be served in its place.
        if entry.path().is_file() && !name.to_string_lossy().starts_with("worker.js.") {
            fs::copy(entry.path(), to.join(&name)).expect("the bundle is copied");
        }
    }
    let worker = fs::read_to_string(from.join("worker.js")).expect("the worker's script");
    fs::write(to.join("worker.js"), format!("{script}\n{worker}")).expect("it is written");
    to
}

impl Stage {
    /// How many samples of `up` of a target there are.
    async fn n_samples(&self, instance: &str) -> f64 {
        self.table_of(&format!("count_over_time(up{{instance=\"{instance}\"}}[1h])")).await;
        let rows = self.rows_with(1, instance).await;
        rows[0].get(VALUE).and_then(|value| value.replace(',', "").parse().ok()).unwrap_or(f64::NAN)
    }

    /// Waits until there are so many.
    async fn n_samples_become(&self, instance: &str, n: f64) {
        self.page
            .until(&format!("{n} samples"), BRIEF, async || match self.n_samples(instance).await {
                found if found >= n => Ok(()),
                found => Err(format!("{found}")),
            })
            .await;
    }

    /// Waits until the page was told of so many scrapes of the target that was added, and returns their times.
    async fn told_scrapes(&self, n: usize) -> Vec<u64> {
        self.page
            .until(&format!("{n} scrapes to be told"), BRIEF, async || {
                let told = self.page.eval("return window.e2eScraped ?? []", &[]).await;
                let times = told.as_array().into_iter().flatten().filter(|pair| pair[0] == ADDED);
                let times: Vec<u64> = times.filter_map(|pair| pair[1].as_u64()).collect();
                if times.len() >= n { Ok(times) } else { Err(format!("{} of them", times.len())) }
            })
            .await
    }
}
