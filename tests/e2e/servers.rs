//! Real servers on loopback: started on a free port, waited for, and ended by their process id.

use crate::plain_http;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a server may take to answer; Prometheus replays its log first.
const START: Duration = Duration::from_secs(30);

/// How long a program may take to end by itself.
const FAREWELL: Duration = Duration::from_secs(5);

/// How often a server is looked at.
const POLL: Duration = Duration::from_millis(20);

/// A running program that answers on a port; it ends when this goes.
pub struct Server {
    pub port: u16,
    child: Mutex<Child>,
    /// Its own folder: log, configuration, data. Removed at the end.
    dir: PathBuf,
    /// Asked for at the end, where a program has children of its own to end.
    farewell: Option<&'static str>,
}

impl Server {
    /// The relay as it was built, serving the release bundle; `arguments` come after the usual ones.
    pub fn relay(arguments: &[&str]) -> Server {
        Server::relay_of(&path_from("PROMENADE_E2E_DIST"), arguments)
    }

    /// The relay, serving a bundle of another folder.
    pub fn relay_of(dist: &Path, arguments: &[&str]) -> Server {
        Server::start(&path_from("PROMENADE_E2E_RELAY"), "/relay/info", |port, _| {
            let mut words = vec!["--listen".to_owned(), format!("127.0.0.1:{port}"), "--dist".to_owned()];
            words.push(dist.display().to_string());
            words.extend(arguments.iter().map(|word| (*word).to_owned()));
            words
        })
    }

    /// Debian's node exporter; `None`, and the reason is printed, where it is not installed.
    pub fn node_exporter() -> Option<Server> {
        let program = installed("prometheus-node-exporter")?;
        Some(Server::start(&program, "/metrics", |port, _| vec![format!("--web.listen-address=127.0.0.1:{port}")]))
    }

    /// A Prometheus that scrapes itself each second; `None`, and the reason is printed, where it is not installed.
    pub fn prometheus() -> Option<Server> {
        Server::prometheus_with("", None, &[])
    }

    /// The same under a path such as `/prometheus`, on a port that is given, with more targets beside itself. It has a rule
    /// that fires at once.
    pub fn prometheus_with(prefix: &str, port: Option<u16>, targets: &[&str]) -> Option<Server> {
        Server::prometheus_for(prefix, port, targets, None)
    }

    /// One that wants a user, `prom`, and a password, `swordfish`.
    pub fn guarded_prometheus() -> Option<Server> {
        // bcrypt of the password, at its least cost.
        const USERS: &str =
            "basic_auth_users: { prom: '$2a$04$abcdefghijklmnopqrstuugIEnm3ZbWF6xb2GcoE3L1CoGJFMKtu.' }\n";
        Server::prometheus_for("", None, &[], Some(USERS))
    }

    fn prometheus_for(prefix: &str, at: Option<u16>, targets: &[&str], users: Option<&str>) -> Option<Server> {
        let program = installed("prometheus")?;
        let probe =
            if users.is_some() { Probe::Refuses("/-/ready") } else { Probe::Answers(format!("{prefix}/-/ready")) };
        Some(Server::start_at(&program, &probe, at, |port, dir| {
            let (configuration, rules, web) = (dir.join("prometheus.yml"), dir.join("rules.yml"), dir.join("web.yml"));
            let others: String = targets.iter().map(|target| format!(", '{target}'")).collect();
            let text = format!(
                "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
                 rule_files: ['{}']\n\
                 scrape_configs:\n\
                 - {{ job_name: prometheus, metrics_path: {prefix}/metrics, static_configs: [{{ targets: ['127.0.0.1:{port}'{others}] }}] }}\n\
                 - {{ job_name: nobody, static_configs: [{{ targets: ['127.0.0.1:1'] }}] }}\n",
                rules.display()
            );
            fs::write(&configuration, text).expect("the configuration of Prometheus is written");
            let text = "groups:\n- name: shop\n  rules:\n  - { record: 'up:sum', expr: 'sum(up)' }\n  - alert: TargetGone\n    expr: 'up == 0'\n    annotations: { summary: 'Nobody answers at {{ $labels.instance }}' }\n";
            fs::write(&rules, text).expect("the rules of Prometheus are written");
            let mut words = vec![
                format!("--config.file={}", configuration.display()),
                format!("--storage.tsdb.path={}", dir.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ];
            if !prefix.is_empty() {
                words.push(format!("--web.route-prefix={prefix}"));
            }
            if let Some(users) = users {
                fs::write(&web, users).expect("the users of Prometheus are written");
                words.push(format!("--web.config.file={}", web.display()));
            }
            words
        }))
    }

    /// A VictoriaMetrics that scrapes itself each second; `None`, and the reason is printed, where it is not installed.
    pub fn victoria_metrics() -> Option<Server> {
        let program = installed("victoria-metrics")?;
        Some(Server::start(&program, "/health", |port, dir| {
            let configuration = dir.join("scrape.yml");
            let text = format!(
                "global: {{ scrape_interval: 1s }}\n\
                 scrape_configs: [{{ job_name: victoria, static_configs: [{{ targets: ['127.0.0.1:{port}'] }}] }}]\n"
            );
            fs::write(&configuration, text).expect("the configuration of VictoriaMetrics is written");
            vec![
                format!("-promscrape.config={}", configuration.display()),
                format!("-storageDataPath={}", dir.join("data").display()),
                format!("-httpListenAddr=127.0.0.1:{port}"),
                // Otherwise it hides the last half minute.
                "-search.latencyOffset=0s".to_owned(),
            ]
        }))
    }

    /// chromedriver, which starts a browser for each session.
    pub fn chromedriver() -> Server {
        let program = path_from("PROMENADE_E2E_CHROMEDRIVER");
        let mut server = Server::start(&program, "/status", |port, _| vec![format!("--port={port}")]);
        server.farewell = Some("/shutdown");
        server
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it wrote to its standard output and error, the last part.
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.dir.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(2_000)..]).into_owned()
    }

    fn start(program: &Path, probe: &str, arguments: impl Fn(u16, &Path) -> Vec<String>) -> Server {
        Server::start_at(program, &Probe::Answers(probe.to_owned()), None, arguments)
    }

    fn start_at(
        program: &Path,
        probe: &Probe,
        at: Option<u16>,
        arguments: impl Fn(u16, &Path) -> Vec<String>,
    ) -> Server {
        // Another program may take the port between looking and listening: then the next one is tried.
        for _ in 0..3 {
            let (port, dir) = (at.unwrap_or_else(free_port), fresh_dir());
            let log = File::create(dir.join("log")).expect("the log of a server is created");
            let child = Command::new(program)
                .args(arguments(port, &dir))
                .current_dir(&dir)
                .stdin(Stdio::null())
                .stdout(log.try_clone().expect("the log is open"))
                .stderr(log)
                .spawn()
                .unwrap_or_else(|error| panic!("could not start {}: {error}", program.display()));
            let mut server = Server { port, child: Mutex::new(child), dir, farewell: None };
            if server.answers(probe) {
                return server;
            }
            eprintln!("{} on port {port} did not come up:\n{}", program.display(), server.log_tail());
        }
        panic!("{} could not be started, three times", program.display());
    }

    /// Ends it at once, as a crash does.
    pub fn stop(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }

    fn is_running(&self) -> bool {
        matches!(self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait(), Ok(None))
    }

    fn answers(&mut self, probe: &Probe) -> bool {
        let deadline = Instant::now() + START;
        let (path, status) = match probe {
            Probe::Answers(path) => (path.as_str(), 200),
            Probe::Refuses(path) => (*path, 401),
        };
        while Instant::now() < deadline && self.is_running() {
            if plain_http::get(self.port, path, &[], Duration::from_secs(2)).is_ok_and(|answer| answer.status == status)
            {
                return true;
            }
            std::thread::sleep(POLL);
        }
        false
    }
}

/// How a server shows that it is there.
enum Probe {
    /// This path answers.
    Answers(String),
    /// This path wants to know who asks.
    Refuses(&'static str),
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(path) = self.farewell {
            let _ = plain_http::get(self.port, path, &[], FAREWELL);
            let deadline = Instant::now() + FAREWELL;
            while self.is_running() && Instant::now() < deadline {
                std::thread::sleep(POLL);
            }
        }
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A path that `cargo xtask e2e` passes on.
pub fn path_from(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} is not set: run these tests with `cargo xtask e2e`"),
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
    listener.local_addr().expect("its address").port()
}

fn installed(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let program = program.as_ref();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {} is not installed (`cargo xtask setup --tests`)", program.display());
    }
    found
}

/// An empty folder.
pub fn fresh_dir() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("promenade-e2e-{}-{count}", std::process::id()));
    fs::create_dir_all(&dir).expect("a folder for a server");
    dir
}
