//! Prometheus and VictoriaMetrics on this machine, with the same samples.
//!
//! What they make of the data is kept beside it, so that only the first call imports. They listen on loopback
//! ports that nobody uses, and end with this program, by their process ids.

use super::http::Client;
use super::plan::Row;
use crate::process::{capture, command, find, line_of, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that is not up after this will not be.
const START: Duration = Duration::from_secs(120);

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Prometheus.
    Prometheus,
    /// VictoriaMetrics.
    VictoriaMetrics,
}

/// A server that runs.
#[derive(Debug)]
pub struct Peer {
    /// Which.
    pub kind: Kind,
    /// As it names itself.
    pub version: String,
    port: u16,
    child: Child,
    client: Client,
}

impl Peer {
    /// Whether it is Prometheus.
    pub fn is_prometheus(&self) -> bool {
        self.kind == Kind::Prometheus
    }

    /// The address of a row's query.
    pub fn url(&self, row: &Row) -> String {
        // VictoriaMetrics would answer repeated queries out of its cache.
        let no_cache = if self.is_prometheus() { "" } else { "&nocache=1" };
        format!("http://127.0.0.1:{}{}{no_cache}", self.port, row.path())
    }

    /// Milliseconds until the whole body is there.
    pub fn ask(&mut self, row: &Row) -> Result<f64> {
        let path = self.url(row);
        let path = path.splitn(4, '/').nth(3).unwrap_or_default();
        self.client.refresh()?;
        let started = Instant::now();
        let body = self.client.get(&format!("/{path}")).with_context(|| self.version.clone())?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        if !body.starts_with(br#"{"status":"success""#) {
            bail!("{}: {}", self.version, String::from_utf8_lossy(&body[..body.len().min(200)]));
        }
        Ok(ms)
    }

    fn start(kind: Kind, port: u16, version: String, command: &mut Command) -> Result<Self> {
        eprintln!("$ {}", line_of(command));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut guard = Guard(Some(child));
        let health = if kind == Kind::Prometheus { "/-/ready" } else { "/health" };
        let started = Instant::now();
        let client = loop {
            match Client::connect(port).and_then(|mut client| client.get(health).map(|_| client)) {
                Ok(client) => break client,
                Err(error) if started.elapsed() > START => {
                    return Err(error.context(format!("{version} did not become ready")));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        let child = guard.0.take().context("the server is gone")?;
        Ok(Peer { kind, version, port, child, client })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a server whose start failed.
struct Guard(Option<Child>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

/// Asks the process to end, so that it closes its files, and insists after a while.
fn end(child: &mut Child) {
    let _ = command("kill").args(["-TERM", &child.id().to_string()]).status();
    for _ in 0..100 {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Starts those that are installed.
pub fn start_all(dir: &Path) -> Result<Vec<Peer>> {
    let mut peers = Vec::new();
    for (programs, package, start) in [
        (&["prometheus", "promtool"][..], "prometheus", start_prometheus as fn(&Path) -> Result<Peer>),
        (&["victoria-metrics"], "victoria-metrics", start_victoria_metrics),
    ] {
        match programs.iter().find(|program| find(program).is_none()) {
            Some(missing) => {
                eprintln!(
                    "skipped: {missing} is not on the PATH (Debian's package `{package}` has it); its column stays empty"
                );
            }
            None => peers.push(start(dir)?),
        }
    }
    Ok(peers)
}

fn start_prometheus(dir: &Path) -> Result<Peer> {
    let store = dir.join("prometheus");
    once(&store, |store| {
        let mut promtool = command("promtool");
        promtool.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"]);
        run(promtool.arg(dir.join("data.om")).arg(store))
    })?;
    let config = dir.join("prometheus.yml");
    fs::write(&config, "")?;
    let port = free_port()?;
    let mut server = command("prometheus");
    server.arg(format!("--config.file={}", config.display()));
    server.arg(format!("--storage.tsdb.path={}", store.display()));
    server.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    server.args(["--storage.tsdb.retention.time=100y", "--query.max-samples=500000000"]);
    Peer::start(Kind::Prometheus, port, version("prometheus")?, &mut server)
}

fn start_victoria_metrics(dir: &Path) -> Result<Peer> {
    let store = dir.join("victoria-metrics");
    let serve = |store: &Path| {
        let port = free_port()?;
        let mut server = command("victoria-metrics");
        server.arg(format!("-httpListenAddr=127.0.0.1:{port}"));
        server.arg(format!("-storageDataPath={}", store.display()));
        server.arg("-retentionPeriod=100y");
        Peer::start(Kind::VictoriaMetrics, port, version("victoria-metrics")?, &mut server)
    };
    once(&store, |store| {
        let mut peer = serve(store)?;
        let data = fs::File::open(dir.join("data.prom"))?;
        peer.client.post("/api/v1/import/prometheus", data).context("importing").map(drop)
        // Ending it writes everything to its files.
    })?;
    serve(&store)
}

/// Makes a directory by `make` unless an earlier call has finished it.
fn once(store: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let done = store.with_extension("done");
    if done.is_file() {
        return Ok(());
    }
    if store.exists() {
        fs::remove_dir_all(store)?;
    }
    make(store)?;
    fs::write(&done, "").with_context(|| format!("writing {}", done.display()))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The first words of what a server says of itself; its name if it says nothing, as Debian's VictoriaMetrics.
fn version(program: &str) -> Result<String> {
    // Prometheus writes to the one stream, VictoriaMetrics to the other.
    let mut shell = command("sh");
    let said = capture(shell.args(["-c", &format!("{program} --version 2>&1")]))?;
    let words = said.lines().next().and_then(|line| line.split(" (").next()).map(str::trim).filter(|w| !w.is_empty());
    Ok(words.unwrap_or(program).to_owned())
}
