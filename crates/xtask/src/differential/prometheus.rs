//! A Prometheus of our own on this machine: started over a folder of blocks, asked through its HTTP API, ended with us.

use crate::process::command;
use ::differential::compare::Outcome;
use ::differential::queries::Question;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value as Json;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// It reads a few small blocks: a second or two.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// No generated query takes a tenth of that.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// A running Prometheus.
pub struct Prometheus {
    child: Arc<Mutex<Child>>,
    address: SocketAddr,
}

impl Prometheus {
    /// Starts it over `data` in the folder, on a free port of this machine, and waits until it answers.
    pub fn start(folder: &Path) -> Result<Self> {
        let config = folder.join("prometheus.yml");
        fs::write(&config, "global:\n  evaluation_interval: 1m\n").context("writing Prometheus' configuration")?;
        let log = folder.join("prometheus.log");
        // Another program could take the port before Prometheus does; then it ends, and says so in its log.
        let address =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).context("a free port")?;
        let mut prometheus = command("prometheus");
        prometheus
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg("--storage.tsdb.retention.time=100y")
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).context("making Prometheus' log")?);
        let child = Arc::new(Mutex::new(prometheus.spawn().context("starting prometheus")?));
        let server = Prometheus { child: Arc::clone(&child), address };
        let folder = folder.to_owned();
        // Ctrl-C ends us without any destructor.
        ctrlc::set_handler(move || {
            end(&child);
            let _ = fs::remove_dir_all(&folder);
            std::process::exit(130);
        })
        .context("listening for Ctrl-C")?;
        server.wait(&log)?;
        Ok(server)
    }

    fn wait(&self, log: &Path) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < STARTS_WITHIN {
            let ended = self.child.lock().map_err(|_| anyhow!("a lock is broken"))?.try_wait()?;
            if let Some(status) = ended {
                let log = fs::read_to_string(log).unwrap_or_default();
                bail!("prometheus ended: {status}\n{log}");
            }
            if self.request("GET", "/-/ready", "").is_ok_and(|(status, _)| status == 200) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("prometheus was not ready within {} s", STARTS_WITHIN.as_secs())
    }

    /// Its answer; an error only if it gave none at all.
    pub fn ask(&self, question: &Question) -> Result<Outcome> {
        // The function has another name since 3.0.
        let query = question.query.replace("double_exponential_smoothing", "holt_winters");
        let grid = question.grid;
        let mut form = format!("query={}", encoded(&query));
        let path = if question.as_range {
            let (start, end) = (grid.start.as_secs_f64(), grid.end().as_secs_f64());
            form += &format!("&start={start}&end={end}&step={}ms", grid.step.0);
            "/api/v1/query_range"
        } else {
            form += &format!("&time={}", grid.start.as_secs_f64());
            "/api/v1/query"
        };
        let (status, body) = self.request("POST", path, &form)?;
        let json: Json = serde_json::from_str(&body).with_context(|| format!("status {status}, no JSON: {body}"))?;
        match conformance::answer(&json).with_context(|| format!("status {status}, no answer: {body}"))? {
            Some(answer) => Ok(Ok(answer)),
            None => Ok(Err(json["error"].as_str().unwrap_or("no message").to_owned())),
        }
    }

    /// One request on a connection of its own; HTTP 1.0, so that the body comes as it is and ends with the connection.
    fn request(&self, method: &str, path: &str, form: &str) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect_timeout(&self.address, ANSWERS_WITHIN)?;
        stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
        let length = form.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer is cut off")?;
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("the answer has no status")?;
        Ok((status, body.to_owned()))
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        end(&self.child);
    }
}

fn end(child: &Mutex<Child>) {
    if let Ok(mut child) = child.lock() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// As forms write it: each byte that is no letter or digit as `%` and two digits.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
