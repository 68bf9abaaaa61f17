//! Debian's promtool takes and refuses what we do, and takes what we write.

use std::path::PathBuf;
use std::process::Command;

/// A folder that goes with its owner.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("promenade-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What promtool says of a text: nothing if it is good. `None` without promtool.
pub(crate) fn check_config(folder: &Folder, text: &str) -> Option<Result<(), String>> {
    let path = folder.0.join("prometheus.yml");
    std::fs::write(&path, text).expect("a file");
    match Command::new("promtool").args(["check", "config", "--syntax-only"]).arg(&path).output() {
        Ok(output) if output.status.success() => Some(Ok(())),
        Ok(output) => Some(Err(String::from_utf8_lossy(&output.stderr).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: there is no promtool");
            None
        }
        Err(error) => panic!("promtool: {error}"),
    }
}

/// Settings of one scrape configuration, good and bad, in the words of Prometheus 2.42.
const SETTINGS: &[&str] = &[
    "",
    "scrape_interval: 5s",
    "scrape_interval: 5",
    "scrape_interval: '5s'",
    "scrape_interval: 1h30m",
    "scrape_interval: 30m1h",
    "scrape_interval: 1.5s",
    "scrape_interval: -5s",
    "scrape_interval: 0s",
    "scrape_interval: 0",
    "scrape_interval: ''",
    "scrape_interval: [5s]",
    "scrape_interval: 5s, scrape_timeout: 6s",
    "scrape_interval: 5s, scrape_timeout: 5s",
    "scrape_timeout: 2m",
    "scrape_timeout: 61s",
    "scrape_interval: 5s, scrape_interval: 5s",
    "metrics_path: ''",
    "metrics_path: metrics",
    "metrics_path: 5",
    "scheme: https",
    "scheme: ftp",
    "scheme: ''",
    "params: {a: [b, 1], c: []}",
    "params: {a: b}",
    "params: [a]",
    "honor_labels: true",
    "honor_labels: yes",
    "honor_labels: 'true'",
    "honor_labels: 1",
    "honor_labels: On",
    "honor_labels: maybe",
    "honor_timestamps: n",
    "sample_limit: 1000",
    "sample_limit: 1_000",
    "sample_limit: 0x10",
    "sample_limit: 1e3",
    "sample_limit: 1.5",
    "sample_limit: -1",
    "sample_limit: '5'",
    "sample_limit: x",
    "target_limit: 5",
    "label_limit: 5, label_name_length_limit: 6, label_value_length_limit: 7",
    "body_size_limit: 15MB",
    "body_size_limit: 15MiB",
    "body_size_limit: 15",
    "body_size_limit: 0",
    "body_size_limit: 1KB",
    "body_size_limit: 1kb",
    "body_size_limit: 1.5GB",
    "body_size_limit: 512B",
    "body_size_limit: ''",
    "nonsense: 1",
    "Scheme: http",
    // Credentials.
    "basic_auth: {username: a, password: b}",
    "basic_auth: {username: a}",
    "basic_auth: {password: b}",
    "basic_auth: {}",
    "basic_auth: a",
    "basic_auth: {username: a, password: b, password_file: c}",
    "basic_auth: {username: a, passwort: b}",
    "authorization: {credentials: x}",
    "authorization: {type: Basic, credentials: x}",
    "authorization: {type: Token, credentials: x}",
    "authorization: {credentials: x, credentials_file: y}",
    "authorization: {}",
    "bearer_token: x",
    "bearer_token: x, bearer_token_file: y",
    "bearer_token: x, basic_auth: {username: a}",
    "bearer_token: x, authorization: {credentials: y}",
    "authorization: {credentials: y}, basic_auth: {username: a}",
    "oauth2: {client_id: a, client_secret: b, token_url: 'http://c/'}, basic_auth: {username: a}",
    "tls_config: {insecure_skip_verify: true}",
    "tls_config: {insecure_skip_verify: maybe}",
    "tls_config: {nonsense: true}",
    "follow_redirects: false",
    "enable_http2: false",
    "proxy_url: 'http://p:1'",
    // Where targets come from.
    "static_configs: [{targets: ['a:1']}]",
    "static_configs: [{targets: ['a']}]",
    "static_configs: [{targets: ['http://a:1']}]",
    "static_configs: [{targets: ['a/b']}]",
    "static_configs: [{targets: a}]",
    "static_configs: [{targets: [5]}]",
    "static_configs: [{targets: []}]",
    "static_configs: [{}]",
    "static_configs: [a]",
    "static_configs: []",
    "static_configs: {targets: [a]}",
    "static_configs: [{targets: ['a:1'], labels: {a: b, c: 5}}]",
    "static_configs: [{targets: ['a:1'], labels: {'a-b': c}}]",
    "static_configs: [{targets: ['a:1'], labels: {__address__: c}}]",
    "static_configs: [{targets: ['a:1'], lables: {a: c}}]",
    "dns_sd_configs: [{names: [a]}]",
    "dns_sd_configs: [{names: [a], type: a, port: 80}]",
    "dns_sd_configs: [{names: [a], type: AAAA}]",
    "dns_sd_configs: [{names: [a], type: MX, port: 25}]",
    "dns_sd_configs: [{names: [a], type: TXT, port: 80}]",
    "dns_sd_configs: [{names: []}]",
    "dns_sd_configs: [{names: a}]",
    "dns_sd_configs: [{names: [a], refresh_interval: 5}]",
    "http_sd_configs: [{url: 'http://a/b'}]",
    "http_sd_configs: [{url: 'ftp://a/b'}]",
    "http_sd_configs: [{url: 'http://'}]",
    "http_sd_configs: [{url: ''}]",
    "http_sd_configs: [{}]",
    "http_sd_configs: [{url: 'http://a/b', refresh_interval: 5s, basic_auth: {username: a}}]",
    "file_sd_configs: [{files: [a.json, 'b/*.yml']}]",
    "file_sd_configs: [{files: ['b/*/c.yml']}]",
    "file_sd_configs: [{files: [a.txt]}]",
    "file_sd_configs: [{files: []}]",
    // Rules.
    "relabel_configs: [{target_label: a}]",
    "relabel_configs: [{}]",
    "relabel_configs: [a]",
    "relabel_configs: []",
    "relabel_configs: [{source_labels: a, target_label: b}]",
    "relabel_configs: [{source_labels: ['a-b'], target_label: b}]",
    "relabel_configs: [{source_labels: [a], target_label: '${1}_x'}]",
    "relabel_configs: [{source_labels: [a], target_label: '$1'}]",
    "relabel_configs: [{source_labels: [a], target_label: 'a-b'}]",
    "relabel_configs: [{source_labels: [a], target_label: '1a'}]",
    "relabel_configs: [{source_labels: [a], target_label: 'a$'}]",
    "relabel_configs: [{source_labels: [a], target_label: '${a'}]",
    "relabel_configs: [{target_label: a, regex: '('}]",
    "relabel_configs: [{target_label: a, regex: '(?P<x>a)', replacement: '$x'}]",
    "relabel_configs: [{target_label: a, regex: '\\d+{'}]",
    "relabel_configs: [{target_label: a, regex: 5}]",
    "relabel_configs: [{target_label: a, action: Replace}]",
    "relabel_configs: [{target_label: a, action: nothing}]",
    "relabel_configs: [{action: keep}]",
    "relabel_configs: [{action: drop, source_labels: [a], regex: b}]",
    "relabel_configs: [{action: hashmod, source_labels: [a], target_label: b, modulus: 8}]",
    "relabel_configs: [{action: hashmod, source_labels: [a], target_label: b}]",
    "relabel_configs: [{action: hashmod, source_labels: [a], modulus: 8}]",
    "relabel_configs: [{action: hashmod, source_labels: [a], target_label: '$1', modulus: 8}]",
    "relabel_configs: [{action: labelmap, regex: 'a(.*)'}]",
    "relabel_configs: [{action: labelmap, regex: 'a(.*)', replacement: 'b_$1'}]",
    "relabel_configs: [{action: labelmap, regex: 'a(.*)', replacement: 'b-$1'}]",
    "relabel_configs: [{action: labelmap, regex: 'a(.*)', replacement: ''}]",
    "relabel_configs: [{action: labeldrop, regex: a}]",
    "relabel_configs: [{action: labeldrop}]",
    "relabel_configs: [{action: labeldrop, regex: a, source_labels: [b]}]",
    "relabel_configs: [{action: labelkeep, regex: a, target_label: b}]",
    "relabel_configs: [{action: labelkeep, regex: a, replacement: b}]",
    "relabel_configs: [{action: labelkeep, regex: a, separator: b}]",
    "relabel_configs: [{action: labelkeep, regex: a, modulus: 1}]",
    "relabel_configs: [{action: lowercase, source_labels: [a], target_label: b}]",
    "relabel_configs: [{action: uppercase, source_labels: [a]}]",
    "relabel_configs: [{action: keepequal, source_labels: [a], target_label: b}]",
    "relabel_configs: [{action: keepequal, source_labels: [a]}]",
    "relabel_configs: [{action: dropequal, source_labels: [a], target_label: b, regex: c}]",
    "relabel_configs: [{action: dropequal, source_labels: [a], target_label: b, replacement: c}]",
    "relabel_configs: [{target_label: a, modulus: -1}]",
    "relabel_configs: [{target_label: a, separator: 5, replacement: 6}]",
    "metric_relabel_configs: [{action: drop, regex: '('}]",
];

/// Whole texts.
const TEXTS: &[&str] = &[
    "",
    "# nothing\n",
    "global:\n",
    "global: {scrape_interval: 5s, scrape_timeout: 6s}\n",
    "global: {scrape_interval: 5s}\n",
    "global: {scrape_timeout: 2m}\n",
    "global: {scrape_interval: 0s}\n",
    "global: {evaluation_interval: 5}\n",
    "global: {external_labels: {a: b}}\n",
    "global: {external_labels: {'a-b': c}}\n",
    "global: {external_labels: [a]}\n",
    "global: 5\n",
    "global: {nonsense: 5}\n",
    "nonsense: 5\n",
    "scrape_configs:\n",
    "scrape_configs: []\n",
    "scrape_configs: {}\n",
    "scrape_configs: [{}]\n",
    "scrape_configs: [null]\n",
    "scrape_configs: [{job_name: ''}]\n",
    "scrape_configs: [{job_name: a}, {job_name: a}]\n",
    "scrape_configs: [{job_name: 5}]\n",
    "scrape_configs: [{job_name: [a]}]\n",
    "scrape_configs: [{job_name: a}]\nscrape_configs: []\n",
    "global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a, scrape_timeout: 6s}]\n",
    "global: {scrape_interval: 20s, scrape_timeout: 15s}\nscrape_configs: [{job_name: a, scrape_interval: 5s}]\n",
    "a: [\n",
    "\tglobal:\n",
    "global: {}\n---\nnonsense: 1\n",
    "x: &x {job_name: a}\nscrape_configs: [*x]\n",
    "scrape_configs:\n- &x {job_name: a, scrape_interval: 5s}\n- {<<: *x, job_name: b}\n",
    "scrape_configs:\n  - job_name: a\n   static_configs: []\n",
    "scrape_configs:\n- job_name: a\n  scrape_interval:\n  params:\n  honor_labels:\n  basic_auth:\n  sample_limit:\n",
    "scrape_configs:\n- job_name: a\n  static_configs:\n  relabel_configs:\n  body_size_limit:\n",
    "scrape_configs:\n- job_name: a\n  static_configs:\n  -\n",
    "scrape_configs:\n- job_name: a\n  relabel_configs:\n  -\n",
    "scrape_configs:\n- job_name: \"a\\nb\"\n",
    "rule_files: []\nalerting: {}\n",
];

#[test]
fn prometheus_takes_and_refuses_the_same_texts() {
    let folder = Folder::new("texts");
    let settings = SETTINGS.iter().map(|settings| format!("scrape_configs: [{{job_name: j, {settings}}}]\n"));
    let mut wrong = Vec::new();
    for text in settings.chain(TEXTS.iter().map(|text| (*text).to_owned())) {
        let Some(theirs) = check_config(&folder, &text) else { return };
        let parsed = config::parse(&text, false);
        if parsed.is_good() != theirs.is_ok() {
            let ours: Vec<&str> = parsed.diagnostics.iter().map(|d| d.message.as_str()).collect();
            wrong.push(format!("{text}  ours: {ours:?}\n  theirs: {theirs:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
