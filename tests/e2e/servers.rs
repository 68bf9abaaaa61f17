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
        let program = installed("prometheus")?;
        Some(Server::start(&program, "/-/ready", |port, dir| {
            let configuration = dir.join("prometheus.yml");
            let text = format!(
                "global: {{ scrape_interval: 1s }}\n\
                 scrape_configs: [{{ job_name: prometheus, static_configs: [{{ targets: ['127.0.0.1:{port}'] }}] }}]\n"
            );
            fs::write(&configuration, text).expect("the configuration of Prometheus is written");
            vec![
                format!("--config.file={}", configuration.display()),
                format!("--storage.tsdb.path={}", dir.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
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
        // Another program may take the port between looking and listening: then the next one is tried.
        for _ in 0..3 {
            let (port, dir) = (free_port(), fresh_dir());
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

    fn answers(&mut self, path: &str) -> bool {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline && self.is_running() {
            if plain_http::get(self.port, path, &[], Duration::from_secs(2)).is_ok_and(|answer| answer.status == 200) {
                return true;
            }
            std::thread::sleep(POLL);
        }
        false
    }
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
