//! Other people's servers on this machine: on loopback ports that nobody uses, ended with this program, by their
//! process ids.

use super::http::Client;
use crate::process::{capture, command, line_of};
use anyhow::{Context, Result};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that is not up after this will not be.
const START: Duration = Duration::from_secs(120);

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    /// As it names itself.
    pub version: String,
    /// Where it listens.
    pub port: u16,
    /// A connection to it.
    pub client: Client,
    process: Running,
}

impl Server {
    /// Starts a program and waits until its health page answers.
    pub fn start(program: &str, port: u16, health: &str, command: &mut Command) -> Result<Self> {
        let version = version(program)?;
        eprintln!("$ {}", line_of(command));
        let process = Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
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
        Ok(Server { version, port, client, process })
    }
}

impl Server {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }
}

/// Ends with its owner.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    /// Asks the process to end, so that it closes its files, and insists after a while.
    fn drop(&mut self) {
        let child = &mut self.0;
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
}

/// A port that nobody uses.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The first words of what a server says of itself; its name if it says nothing, as Debian's VictoriaMetrics.
fn version(program: &str) -> Result<String> {
    // Prometheus writes to the one stream, VictoriaMetrics to the other.
    let mut shell = command("sh");
    let said = capture(shell.args(["-c", &format!("{program} --version 2>&1")])).context("asking for the version")?;
    let words = said.lines().next().and_then(|line| line.split(" (").next()).map(str::trim).filter(|w| !w.is_empty());
    Ok(words.unwrap_or(program).to_owned())
}
