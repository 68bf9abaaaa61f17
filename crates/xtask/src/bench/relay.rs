//! `cargo xtask bench relay`: scrapes through the relay at a steady rate, all on this machine.
//!
//! An exporter that says as much as a node exporter, the relay, and clients that ask at fixed times whatever the answers
//! take, so that a relay that falls behind is seen. Memory and open files are those that the kernel tells.

use super::goals::{Row, table};
use super::http::Client;
use super::native;
use super::server::{Server, free_port};
use crate::process::command;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

/// Connections of the clients: a browser has six to a host, this is a handful of them.
const CLIENTS: u32 = 24;

/// Scrapes before anything is measured: threads start, allocators fill their arenas.
const WARM_UP: Duration = Duration::from_secs(5);

/// How long after the last scrape connections may take to close.
const SETTLE: Duration = Duration::from_secs(2);

/// The most that memory may grow over the run, in bytes: what allocators keep, not what a leak takes; a leak of the
/// smallest kind, a socket's kilobyte each scrape, would be ten times this in half a minute.
const FLAT: u64 = 4 << 20;

/// Arguments of `cargo xtask bench relay`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scrapes a second
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    rate: u32,
    /// Seconds
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Kilobytes of a body; a node exporter says about 70
    #[arg(long, default_value_t = 70, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    kilobytes: u32,
}

/// Runs the command. Goals are printed, not enforced; an error is what could not be measured.
pub fn run(args: &Args) -> Result<()> {
    let program = native::build("relay")?;
    let exporter = Exporter::start(&body(args.kilobytes))?;
    let port = free_port()?;
    let program_name = program.display().to_string();
    let mut relay = Server::start(
        &program_name,
        port,
        "/metrics",
        command(&program).args([
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--max-rate",
            "0",
            "--max-scrapes",
            "256",
            "--log",
            "warn",
        ]),
    )?;
    let before = Usage::of(&mut relay)?;
    let path =
        format!("/relay/scrape?timeout_ms=5000&url=http%3A%2F%2F127.0.0.1%3A{}%2Fmetrics", exporter.address.port());
    load(port, &path, args, WARM_UP)?;
    sleep(SETTLE);
    let warm = Usage::of(&mut relay)?;
    let run = load(port, &path, args, Duration::from_secs(args.seconds.into()))?;
    let busy = Usage::of(&mut relay)?;
    sleep(SETTLE);
    let after = Usage::of(&mut relay)?;
    let metrics = String::from_utf8_lossy(&relay.client.get("/metrics")?).into_owned();
    let open = gauge(&metrics, "promenade_relay_target_connections")?;
    println!("\n{}", table(&rows(args, &run, &before, &warm, &after, open)));
    println!(
        "{} clients and the exporter on the same machine; bodies of {} kB. The relay: {:.1} MB at first, {:.1} MB warm, {:.1} MB \
         at the end of the run, {:.1} MB after it; {:.2} s of CPU a second.",
        CLIENTS,
        args.kilobytes,
        mb(before.resident_bytes),
        mb(warm.resident_bytes),
        mb(busy.resident_bytes),
        mb(after.resident_bytes),
        (busy.cpu_s - warm.cpu_s) / run.took.as_secs_f64(),
    );
    Ok(())
}

fn rows(args: &Args, run: &Run, before: &Usage, warm: &Usage, after: &Usage, open: u64) -> Vec<Row> {
    let row = |what: &str, native: String, goal: String, is_met: bool| Row {
        what: what.to_owned(),
        native,
        wasm: String::new(),
        peer: String::new(),
        ratio: String::new(),
        goal,
        is_met: Some(is_met),
    };
    let rate = run.n_answered as f64 / run.took.as_secs_f64();
    // A share of a percent is what the last moments of the run are.
    let least = f64::from(args.rate) * 0.995;
    let grown = after.resident_bytes.saturating_sub(warm.resident_bytes);
    vec![
        row("scrapes a second", format!("{rate:.0}"), format!("{}", args.rate), rate >= least),
        row("scrapes that failed", run.n_failed.to_string(), "0".to_owned(), run.n_failed == 0),
        row("half of them took", ms(run.quantile(0.5)), String::new(), true),
        row("99 of 100 took", ms(run.quantile(0.99)), "1 s".to_owned(), run.quantile(0.99) < 1.0),
        row("memory grew by", format!("{:.1} MB", mb(grown)), format!("{:.0} MB", mb(FLAT)), grown <= FLAT),
        row(
            "open files before, after",
            format!("{}, {}", before.n_files, after.n_files),
            "equal".to_owned(),
            before.n_files == after.n_files,
        ),
        row("connections to targets left", open.to_string(), "0".to_owned(), open == 0),
    ]
}

fn ms(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1e3)
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What came of a load.
struct Run {
    n_answered: u64,
    n_failed: u64,
    took: Duration,
    /// Seconds from the moment at which each was due, sorted.
    latencies: Vec<f64>,
}

impl Run {
    fn quantile(&self, q: f64) -> f64 {
        let idx = (self.latencies.len().saturating_sub(1) as f64 * q) as usize;
        self.latencies.get(idx).copied().unwrap_or(f64::NAN)
    }
}

/// Asks at the rate for so long.
fn load(port: u16, path: &str, args: &Args, length: Duration) -> Result<Run> {
    let interval = Duration::from_secs(1) / args.rate;
    let n_all = (length.as_secs_f64() * f64::from(args.rate)) as u32;
    let (n_failed, latencies) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let mut connections = Vec::new();
    for _ in 0..CLIENTS {
        connections.push(Client::connect(port).context("connecting to the relay")?);
    }
    let n_bytes = u64::from(args.kilobytes) * 1_000;
    let started = Instant::now() + Duration::from_millis(50);
    std::thread::scope(|scope| {
        for (client_idx, mut client) in (0..CLIENTS).zip(connections) {
            let (n_failed, latencies) = (&n_failed, &latencies);
            scope.spawn(move || {
                let mut own = Vec::new();
                for idx in (client_idx..n_all).step_by(CLIENTS as usize) {
                    let due = started + interval * idx;
                    sleep(due.saturating_duration_since(Instant::now()));
                    match client.get_with(path, "X-Promenade: 1\r\n") {
                        Ok(body) if body.len() as u64 >= n_bytes => own.push(due.elapsed().as_secs_f64()),
                        Ok(_) => _ = n_failed.fetch_add(1, Ordering::Relaxed),
                        Err(_) => {
                            n_failed.fetch_add(1, Ordering::Relaxed);
                            if let Ok(other) = Client::connect(port) {
                                client = other;
                            }
                        }
                    }
                }
                latencies.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
            });
        }
    });
    let took = started.elapsed();
    let mut latencies = latencies.into_inner().unwrap_or_else(PoisonError::into_inner);
    latencies.sort_by(f64::total_cmp);
    Ok(Run { n_answered: latencies.len() as u64, n_failed: n_failed.into_inner(), took, latencies })
}

/// What a process uses.
struct Usage {
    resident_bytes: u64,
    n_files: usize,
    cpu_s: f64,
}

impl Usage {
    /// As the kernel tells, while one connection of ours is open: an idle one would be closed in between.
    fn of(relay: &mut Server) -> Result<Usage> {
        relay.client.refresh()?;
        relay.client.get("/metrics")?;
        let pid = relay.pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("this bench needs Linux")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
        let kilobytes: u64 = resident.context("no VmRSS")?.parse()?;
        let n_files = std::fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // Behind the name, which may hold anything, the times are the 12th and 13th; Linux counts them in hundredths.
        let ticks = stat.rsplit_once(')').context("no name")?.1.split_whitespace().skip(11).take(2);
        let n_ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Ok(Usage { resident_bytes: kilobytes << 10, n_files, cpu_s: n_ticks as f64 / 100.0 })
    }
}

fn gauge(metrics: &str, name: &str) -> Result<u64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(line.with_context(|| format!("the relay has no {name}"))?.parse()?)
}

/// Metrics text of so many kilobytes, as a node exporter writes it.
fn body(kilobytes: u32) -> Vec<u8> {
    let least = kilobytes as usize * 1_000;
    let mut text = String::with_capacity(least + 200);
    text.push_str(
        "# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.\n# TYPE node_cpu_seconds_total counter\n",
    );
    for cpu in 0.. {
        for mode in ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"] {
            if text.len() >= least {
                return text.into_bytes();
            }
            let _ =
                writeln!(text, "node_cpu_seconds_total{{cpu=\"{cpu}\",mode=\"{mode}\"}} {}.{}", cpu * 7_919, cpu % 97);
        }
    }
    text.into_bytes()
}

/// Answers each connection once; it ends with the value.
struct Exporter {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Exporter {
    fn start(body: &[u8]) -> Result<Exporter> {
        let listener = Arc::new(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
        let address = listener.local_addr()?;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let answer: Arc<[u8]> = [head.as_bytes(), body].concat().into();
        let is_over = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for _ in 0..8 {
            let (listener, answer, over) = (Arc::clone(&listener), Arc::clone(&answer), Arc::clone(&is_over));
            threads.push(std::thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client that left is no reason to end.
                    let _ = say(stream, &answer);
                }
            }));
        }
        Ok(Exporter { address, is_over, threads })
    }
}

/// Reads a request to the end of its header, answers it, and waits until the other side has taken it.
fn say(mut stream: TcpStream, answer: &[u8]) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    let mut buffer = [0; 2_048];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => bail!("no request"),
            n_read => request.extend_from_slice(buffer.get(..n_read).unwrap_or_default()),
        }
    }
    stream.write_all(answer)?;
    Ok(())
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        for _ in &self.threads {
            let _ = TcpStream::connect(self.address);
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    //! The parts that need no relay.
    use super::*;

    #[test]
    fn the_exporter_says_as_much_as_asked_for_and_as_metrics() {
        let text = body(70);
        assert!((70_000..70_200).contains(&text.len()), "{}", text.len());
        let exporter = Exporter::start(&text).unwrap();
        let said = Client::connect(exporter.address.port()).unwrap().get("/metrics").unwrap();
        assert!(said == text);
    }

    #[test]
    fn a_gauge_is_read_by_its_whole_name() {
        assert_eq!(gauge("a_b 2\na 3\n", "a").unwrap(), 3);
        assert!(gauge("a_b 2\n", "a").is_err());
    }
}
