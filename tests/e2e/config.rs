//! A prometheus.yml runs in the tab: real targets of one pasted file, files that are wrong, names that are resolved, and
//! what is kept over a reload.

use crate::bad_target::BadTarget;
use crate::browser::{by, every, holding};
use crate::servers::{Server, fresh_dir};
use crate::stage::{Stage, instance_of, pause, play, play_with};
use std::path::PathBuf;
use std::time::Duration;

/// Reading takes longer here than on the machine of a person.
const LONG: Duration = Duration::from_secs(60);

/// The section on the targets page.
fn panel() -> crate::browser::Locator {
    by("region", "Configuration")
}

#[test]
fn one_pasted_file_scrapes_real_servers_with_its_rules_and_goes_on_after_it_changed() {
    let (Some(prometheus), Some(exporter)) = (Server::prometheus(), Server::node_exporter()) else { return };
    play("config", async |stage: &Stage| {
        let relay = instance_of(&stage.relay.origin());
        let (prometheus, node) = (instance_of(&prometheus.origin()), instance_of(&exporter.origin()));
        let text = format!(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nrule_files: [rules.yml]\nscrape_configs:\n\
             - job_name: servers\n  static_configs:\n  - targets: ['{prometheus}', '{relay}']\n    labels: {{env: e2e}}\n\
             \x20 relabel_configs:\n  - {{source_labels: [__address__], regex: '{relay}', target_label: what, replacement: relay}}\n\
             - job_name: machines\n  static_configs:\n  - targets: ['{node}', 'localhost:1']\n\
             \x20 relabel_configs:\n  - {{source_labels: [__address__], regex: 'localhost:1', action: drop}}\n\
             \x20 metric_relabel_configs:\n  - {{source_labels: [__name__], regex: 'node_(cpu|memory|load).*|up', action: keep}}\n"
        );
        stage.open("/").await;
        stage.add_endpoint(&text).await;
        let added = by("list", "Added");
        stage.page.says_within(&added, "runs: 2 jobs, 3 targets.", LONG).await;
        stage.page.says(&added, "1 part is not supported; the rest runs").await;
        stage.table_of("up{env=\"e2e\",what=\"relay\"}").await;
        stage.value_becomes(1, "1", "what=\"relay\"").await;
        stage.run(1, "up{job=\"machines\"}").await;
        stage.value_becomes(1, "1", &node).await;
        // What the rule keeps is there, and nothing else.
        stage.run(1, "count({job=\"machines\",__name__=~\"node_filesystem.*\"}) or vector(0)").await;
        stage.value_becomes(1, "0", "").await;
        stage.go("Targets").await;
        stage.target_says(&node, "up").await;
        stage.page.says(&panel(), "The pasted configuration runs: 2 jobs, 3 targets.").await;
        stage.screenshots("config").await;
        // A change keeps what is unchanged.
        stage.page.click(&by("button", "Edit configuration")).await;
        let field = by("textbox", "Text of the configuration");
        let broken = text.replace("scrape_interval: 1s", "scrape_intervall: 1s");
        stage.page.fill(&field, &broken).await;
        stage.page.says_within(&every("dialog"), "Did you mean scrape_interval?", LONG).await;
        stage.page.says(&every("dialog"), "Line 2, column 3 (global.scrape_intervall)").await;
        stage.screenshots("config-editor").await;
        stage.page.fill(&field, &text.replace(&format!("'{prometheus}', "), "")).await;
        stage.page.says_within(&every("dialog"), "2 jobs, no errors.", LONG).await;
        stage.page.click(&by("button", "Load")).await;
        stage.page.says_within(&panel(), "runs: 2 jobs, 2 targets.", LONG).await;
        assert_eq!(stage.target_row(&prometheus).await, None);
        // The page is left and comes back.
        stage.open("/targets").await;
        stage.page.says_within(&panel(), "runs: 2 jobs, 2 targets.", LONG).await;
        stage.target_says(&node, "up").await;
        stage.page.click(&by("button", "Export targets")).await;
        stage.page.says_within(&by("region", "prometheus.yml"), "job_name: machines", LONG).await;
        stage.page.says(&by("region", "compose.yaml"), "network_mode: host").await;
        stage.screenshots("config-export").await;
        stage.page.click(&by("button", "Close")).await;
        stage.page.click(&by("button", "Remove configuration")).await;
        stage.page.says_within(&panel(), "No configuration runs.", LONG).await;
        stage.page.click(&by("button", "Undo").within(&panel())).await;
        stage.page.says_within(&panel(), "runs: 2 jobs, 2 targets.", LONG).await;
    });
}

#[test]
fn a_broken_file_says_where_and_runs_nothing() {
    let target = BadTarget::start();
    play("config-broken", async |stage: &Stage| {
        let address = instance_of(&target.url(""));
        stage.open("/").await;
        let text = format!(
            "scrape_configs:\n- job_name: a\n  metrics_pth: /good\n  static_configs: [{{targets: ['{address}']}}]\n  basic_auth: {{username: me, password: hunter2}}\n"
        );
        stage.add_endpoint(&text).await;
        let added = by("list", "Added");
        stage.page.says_within(&added, "has 1 error; nothing of it runs.", LONG).await;
        stage.page.says(&added, "Did you mean metrics_path?").await;
        let said = stage.page.says(&added, "metrics_pth: /good").await;
        assert!(said.contains("Line 3, column 3") && !said.contains("hunter2"), "{said}");
        // It stands in the field still, to be mended.
        let field = by("textbox", "Metrics URL or metrics text");
        assert!(stage.value_of(&field).await.contains("metrics_pth"));
        stage.add_endpoint(&text.replace("metrics_pth", "metrics_path")).await;
        stage.page.says_within(&added, "runs: 1 job, 1 target.", LONG).await;
        stage.table_of("shop_temperature_celsius").await;
        stage.some_rows(1).await;
        // The password is in nothing that is stored.
        let stored = stage.page.eval("return JSON.stringify({ ...localStorage })", &[]).await;
        let stored = stored.as_str().unwrap_or_default().to_owned();
        assert!(stored.contains("job_name") && !stored.contains("hunter2"), "{stored}");
        stage.open("/targets").await;
        stage.page.says_within(&panel(), "1 secret has to be entered again", LONG).await;
    });
}

#[test]
fn a_name_is_resolved_through_the_relay_and_its_target_is_scraped() {
    let target = BadTarget::start();
    play("config-dns", async |stage: &Stage| {
        let port = target.port;
        stage.open("/targets").await;
        let text = format!(
            "scrape_configs:\n- job_name: found\n  scrape_interval: 1s\n  metrics_path: /good\n  dns_sd_configs: [{{names: [localhost], type: A, port: {port}}}]\n"
        );
        stage.add_endpoint(&text).await;
        stage.target_says(&format!("127.0.0.1:{port}"), "up").await;
        stage.page.says_within(&by("table", "Where targets come from"), "A localhost", LONG).await;
    });
}

#[test]
fn files_are_dropped_a_configuration_and_the_targets_that_it_names() {
    let target = BadTarget::start();
    let folder = crate::servers::fresh_dir();
    let put = |name: &str, text: &str| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    play("config-files", async |stage: &Stage| {
        let address = instance_of(&target.url(""));
        let config = put(
            "my.yml",
            "scrape_configs:\n- job_name: listed\n  metrics_path: /good\n  file_sd_configs: [{files: ['targets/*.json']}]\n",
        );
        let targets =
            put("shops.json", &format!("[{{\"targets\": [\"{address}\"], \"labels\": {{\"street\": \"main\"}}}}]"));
        stage.open("/targets").await;
        stage.page.choose_file(&config).await;
        stage.page.says_within(&by("list", "Added"), "my.yml runs: 1 job, 0 targets.", LONG).await;
        stage.page.says(&panel(), "Drop the files onto this page").await;
        stage.page.choose_file(&targets).await;
        let row = stage.target_says(&address, "up").await;
        assert!(row.contains("street"), "{row}");
        stage.page.one(&holding("row", "listed: file_sd_configs")).await;
        pause(1).await;
        stage.open("/targets").await;
        stage.target_says(&address, "up").await;
    });
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn who_opens_a_relay_with_a_configuration_finds_its_targets_and_none_of_its_secrets() {
    let target = BadTarget::start();
    let dir = fresh_dir();
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("prometheus.yml");
    let text = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n- job_name: shop\n  metrics_path: /good\n\
         \x20 basic_auth: {{username: me, password: swordfish}}\n\
         \x20 static_configs:\n  - targets: ['{}']\n    labels: {{env: prod}}\n",
        instance_of(&target.url(""))
    );
    std::fs::write(&file, text).expect("a file");
    play_with("config-relay", &["--config", &file.display().to_string()], async |stage: &Stage| {
        stage.open("/targets").await;
        stage.page.says_within(&panel(), "The relay's configuration runs: 1 job, 1 target.", LONG).await;
        stage.target_says("env=\"prod\"", "up").await;
        let kept = "return [document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join()";
        let kept = stage.page.eval(kept, &[]).await;
        let kept = kept.as_str().expect("a text");
        assert!(kept.contains("scrape_configs") && !kept.contains("swordfish"), "{kept}");
        assert!(!stage.relay.log_tail().contains("swordfish"));
    });
    let _ = std::fs::remove_dir_all(&dir);
}
