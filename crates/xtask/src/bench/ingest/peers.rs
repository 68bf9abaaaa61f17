//! Prometheus, which scrapes what we expose, and VictoriaMetrics, which imports what we send. Both begin empty.

use crate::bench::http::Client;
use crate::bench::server::{Server, free_port};
use crate::process::{command, find};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between two scrapes of Prometheus all others have their turn.
const INTERVAL: Duration = Duration::from_secs(6);
/// After so many intervals without a scrape there will be none.
const PATIENCE: u32 = 10;
/// A server writes what it was sent once it has said that it has it; the next one should not feel that.
const REST: Duration = Duration::from_millis(1_500);

/// An empty directory for a server's files, gone with its owner.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Result<Self> {
        let dir = std::env::temp_dir().join(format!("promenade-bench-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
        Ok(Scratch(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What Prometheus scrapes.
#[derive(Debug)]
pub struct Exporter {
    port: u16,
    body: Arc<Mutex<Served>>,
}

/// A body, and how many times one was given out.
#[derive(Debug, Default)]
struct Served {
    bytes: Arc<Vec<u8>>,
    n: usize,
}

impl Exporter {
    /// Serves an empty body; the thread ends with the program.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let body = Arc::new(Mutex::new(Served::default()));
        let shared = Arc::clone(&body);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let Ok(mut served) = shared.lock() else { return };
                served.n += 1;
                let body = Arc::clone(&served.bytes);
                drop(served);
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n",
                    body.len()
                );
                // A scrape that breaks is seen in Prometheus.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        Ok(Exporter { port, body })
    }

    /// From now on it serves this. The number of the first scrape that gets it.
    pub fn expose(&self, bytes: Vec<u8>) -> usize {
        let Ok(mut served) = self.body.lock() else { return 0 };
        served.bytes = Arc::new(bytes);
        served.n
    }
}

/// Prometheus.
#[derive(Debug)]
pub struct Scraper {
    server: Server,
    _files: Scratch,
}

impl Scraper {
    /// Starts it if it is installed.
    pub fn start(exporter: &Exporter) -> Result<Option<Self>> {
        if find("prometheus").is_none() {
            eprintln!("skipped: prometheus is not on the PATH (Debian's package `prometheus` has it)");
            return Ok(None);
        }
        let files = Scratch::new("prometheus")?;
        let config = files.0.join("prometheus.yml");
        let (interval, port) = (INTERVAL.as_secs(), exporter.port);
        fs::write(
            &config,
            format!(
                "global: {{scrape_interval: {interval}s, scrape_timeout: {interval}s}}\nscrape_configs:\n\
                 - job_name: big\n  static_configs: [{{targets: [\"127.0.0.1:{port}\"]}}]\n"
            ),
        )?;
        let port = free_port()?;
        let mut command = command("prometheus");
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", files.0.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let server = Server::start("prometheus", port, "/-/ready", &mut command)?;
        Ok(Some(Scraper { server, _files: files }))
    }

    /// As it names itself.
    pub fn version(&self) -> &str {
        &self.server.version
    }

    /// Waits for the end of a scrape, counted from 0: its seconds, as Prometheus says, and its samples.
    pub fn scrape(&mut self, number: usize) -> Result<(f64, u64)> {
        let started = Instant::now();
        while started.elapsed() < INTERVAL * PATIENCE {
            let durations = self.numbers("scrape_duration_seconds[1h]")?;
            let samples = self.numbers("scrape_samples_scraped[1h]")?;
            if let Some((&seconds, &n)) = durations.get(number).zip(samples.get(number)) {
                if n == 0.0 {
                    bail!("a scrape of Prometheus failed after {seconds} s; try a smaller body with --mb");
                }
                return Ok((seconds, n as u64));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("Prometheus did not scrape the body")
    }

    /// The values of the only series that a range selector selects.
    fn numbers(&mut self, selector: &str) -> Result<Vec<f64>> {
        let path = format!("/api/v1/query?query={}", selector.replace('[', "%5B").replace(']', "%5D"));
        self.server.client.refresh()?;
        let said: serde_json::Value = serde_json::from_slice(&self.server.client.get(&path)?)?;
        let values = said["data"]["result"][0]["values"].as_array().map_or(&[][..], Vec::as_slice);
        values.iter().map(|pair| Ok(pair[1].as_str().unwrap_or_default().parse()?)).collect()
    }
}

/// VictoriaMetrics.
#[derive(Debug)]
pub struct VictoriaMetrics {
    server: Server,
    /// The time of the next import, ms.
    time: u128,
    _files: Scratch,
}

impl VictoriaMetrics {
    /// Starts it if it is installed.
    pub fn start() -> Result<Option<Self>> {
        if find("victoria-metrics").is_none() {
            eprintln!("skipped: victoria-metrics is not on the PATH (Debian's package `victoria-metrics` has it)");
            return Ok(None);
        }
        let files = Scratch::new("victoria-metrics")?;
        let port = free_port()?;
        let mut command = command("victoria-metrics");
        command.arg(format!("-httpListenAddr=127.0.0.1:{port}"));
        command.arg(format!("-storageDataPath={}", files.0.display()));
        let server = Server::start("victoria-metrics", port, "/health", &mut command)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        Ok(Some(VictoriaMetrics { server, time: now - 3_600_000, _files: files }))
    }

    /// As it names itself.
    pub fn version(&self) -> &str {
        &self.server.version
    }

    /// Sends it a body; milliseconds until it says that it has it.
    pub fn import(&mut self, body: &[u8]) -> Result<f64> {
        self.time += 15_000;
        let path = format!("/api/v1/import/prometheus?timestamp={}", self.time);
        self.server.client = Client::connect(self.server.port)?;
        let started = Instant::now();
        self.server.client.post(&path, body.len() as u64, body).context("importing")?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        std::thread::sleep(REST);
        Ok(ms)
    }
}
