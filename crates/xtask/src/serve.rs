//! `cargo xtask serve`: the relay and `trunk serve` side by side, one URL, one Ctrl-C.

use crate::process::{command, line_of, run as run_command, target_dir};
use crate::setup::{self, Scope};
use crate::{bundle, process};
use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Where Trunk.toml expects the relay.
const RELAY_PORT: u16 = 9919;

/// How often the children and the first answer are looked at.
const POLL: Duration = Duration::from_millis(100);

/// How long children may take to end by themselves before they are killed.
const GRACE: Duration = Duration::from_secs(3);

/// Arguments of `cargo xtask serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port of the page
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
}

/// Runs the command; it ends with Ctrl-C, or when one of the two ends.
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    for (port, what, hint) in [
        (args.port, "the page", "end what uses it, or choose another port with `--port`"),
        (RELAY_PORT, "the relay", "end what uses it: most often it is another `cargo xtask serve`"),
    ] {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("port {port}, for {what}, is not free: {hint}"))?;
    }
    let toolchain = setup::ensure(Scope::Build)?;
    // Without the optimisations of the page's release: a tenth of the time to compile, and it waits for the network anyway.
    run_command(command("cargo").args(["build", "--package", "relay"]))?;

    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&interrupted);
    ctrlc::set_handler(move || seen.store(true, Ordering::SeqCst)).context("listening for Ctrl-C")?;

    let port = args.port.to_string();
    let mut children = Children::default();
    children.start("relay", &mut relay(args.port))?;
    let trunk = &mut bundle::trunk(&toolchain, &["serve", "--release", "--no-autoreload", "--port", &port])?;
    children.start("trunk", trunk)?;

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let mut is_announced = false;
    while !interrupted.load(Ordering::SeqCst) {
        if let Some((name, status)) = children.first_ended()? {
            bail!("{name} ended: {status}");
        }
        if !is_announced && answers(address) {
            is_announced = true;
            announce(args, started.elapsed());
        }
        sleep(POLL);
    }
    eprintln!("\nEnding the relay and Trunk.");
    children.end();
    Ok(())
}

fn announce(args: &Args, elapsed: Duration) {
    let url = format!("http://127.0.0.1:{}/", args.port);
    println!("\nPromenade: {url}   (after {:.1} s; Ctrl-C ends it)", elapsed.as_secs_f64());
    let _ = std::io::stdout().flush();
    if args.open {
        let opener = ["xdg-open", "open"].into_iter().find(|name| process::find(name).is_some());
        let outcome = opener.map(|name| process::capture(command(name).arg(&url)));
        if !matches!(outcome, Some(Ok(_))) {
            eprintln!("No browser could be opened (xdg-open or open); open the address by hand.");
        }
    }
}

/// The relay as `cargo build` left it, for pages of this port only.
fn relay(port: u16) -> Command {
    let mut relay = command(target_dir().join("debug/relay"));
    relay.args(["--listen", &format!("127.0.0.1:{RELAY_PORT}"), "--dist", "dist"]);
    // It would announce an address of its own, and that there is no page yet.
    relay.args(["--log", "warn"]);
    for host in ["127.0.0.1", "localhost"] {
        relay.args(["--page-origin", &format!("http://{host}:{port}")]);
    }
    relay
}

/// Whether the page is there: before the first bundle is, Trunk does not listen.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, POLL)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// What was started; all of it ends when this goes.
#[derive(Default)]
struct Children(Vec<(&'static str, Child)>);

impl Children {
    fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let child = command.spawn().with_context(|| format!("could not start `{}`", line_of(command)))?;
        self.0.push((name, child));
        Ok(())
    }

    fn first_ended(&mut self) -> Result<Option<(&'static str, std::process::ExitStatus)>> {
        for (name, child) in &mut self.0 {
            if let Some(status) = child.try_wait()? {
                return Ok(Some((name, status)));
            }
        }
        Ok(None)
    }

    /// Asks all to end, waits a little, then insists.
    fn end(&mut self) {
        for (_, child) in &mut self.0 {
            if matches!(child.try_wait(), Ok(None)) {
                let _ = process::capture(command("kill").arg(child.id().to_string()));
            }
        }
        let deadline = Instant::now() + GRACE;
        for (_, child) in &mut self.0 {
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
                sleep(POLL);
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        self.0.clear();
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.end();
    }
}
