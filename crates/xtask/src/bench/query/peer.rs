//! Prometheus and VictoriaMetrics on this machine, with the same samples.
//!
//! What they make of the data is kept beside it, so that only the first call imports.

use super::super::server::{Server, free_port};
use super::plan::Row;
use crate::process::{command, find, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::time::Instant;

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
    /// The process.
    pub server: Server,
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
        format!("http://127.0.0.1:{}{}{no_cache}", self.server.port, row.path())
    }

    /// Milliseconds until the whole body is there.
    pub fn ask(&mut self, row: &Row) -> Result<f64> {
        let path = self.url(row);
        let path = path.splitn(4, '/').nth(3).unwrap_or_default();
        self.server.client.refresh()?;
        let started = Instant::now();
        let body = self.server.client.get(&format!("/{path}")).with_context(|| self.server.version.clone())?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        if !body.starts_with(br#"{"status":"success""#) {
            bail!("{}: {}", self.server.version, String::from_utf8_lossy(&body[..body.len().min(200)]));
        }
        Ok(ms)
    }
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
    let server = Server::start("prometheus", port, "/-/ready", &mut server)?;
    Ok(Peer { kind: Kind::Prometheus, server })
}

fn start_victoria_metrics(dir: &Path) -> Result<Peer> {
    let store = dir.join("victoria-metrics");
    let serve = |store: &Path| {
        let port = free_port()?;
        let mut server = command("victoria-metrics");
        server.arg(format!("-httpListenAddr=127.0.0.1:{port}"));
        server.arg(format!("-storageDataPath={}", store.display()));
        server.arg("-retentionPeriod=100y");
        let server = Server::start("victoria-metrics", port, "/health", &mut server)?;
        Ok(Peer { kind: Kind::VictoriaMetrics, server })
    };
    once(&store, |store| {
        let mut peer = serve(store)?;
        let data = fs::File::open(dir.join("data.prom"))?;
        peer.server
            .client
            .post("/api/v1/import/prometheus", data.metadata()?.len(), data)
            .context("importing")
            .map(drop)
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
