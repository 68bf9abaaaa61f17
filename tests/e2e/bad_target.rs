//! A target that misbehaves on demand: each path of it answers in another wrong, or right, way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROTOBUF: &str = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
const HTML: &str = "text/html; charset=utf-8";

/// How often a thread that waits looks whether it is to end.
const POLL: Duration = Duration::from_millis(10);

/// Longer than any time-out of a scrape.
const FOREVER: Duration = Duration::from_secs(60);

/// A little longer than the usual time-out of a scrape.
const LATE: Duration = Duration::from_secs(6);

/// By how much the clock of `/ahead` is ahead.
const AHEAD: Duration = Duration::from_secs(2 * 3600 + 60);

/// The line of `/one-bad-line` that is wrong, counted from 1.
pub const BAD_LINE: usize = 5_001;

/// The column of the wrong value in that line, counted from 1.
pub const BAD_COLUMN: usize = 29;

/// The target. `/metrics` is not there, so that nobody finds metrics by trying the usual paths, unless it is told to.
///
/// | path | answer |
/// |---|---|
/// | `/good` | a counter, gauges and a histogram that move with each scrape |
/// | `/openmetrics` | the same as OpenMetrics, with exemplars and `_created` |
/// | `/protobuf` | a native histogram |
/// | `/twice` | a series that stands there twice |
/// | `/html`, `/json` | what is no metrics |
/// | `/401`, `/403`, `/404`, `/500` … | this status |
/// | `/never` | nothing |
/// | `/late` | good, after longer than a scrape waits |
/// | `/ahead` | metrics of a clock that is two hours ahead |
/// | `/drip` | a line now and then, without an end |
/// | `/cut-off` | a chunked body that breaks off in the middle |
/// | `/one-bad-line` | 10,000 lines, one of them wrong |
/// | `/not-utf8` | a label value in Latin-1 |
/// | `/two-megabytes` | a good body of that size |
/// | `/crowd`, `/many-series` | 60,000 and 120,000 series |
/// | `/redirect`, `/redirect-loop` | to `/good`, to itself |
/// | `/markup` | labels and help texts with HTML in them |
/// | `/long-names` | names and values of 200 letters |
/// | `/page` | an empty page of another origin |
/// | `/` and its files | the built page, as a server without a relay has it |
///
/// Before each of them `/cors` may stand: then the answer allows every origin to read it.
pub struct BadTarget {
    pub port: u16,
    shared: Arc<Shared>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    is_stopped: AtomicBool,
    is_cellar_gone: AtomicBool,
    has_metrics: AtomicBool,
    n_good: AtomicU64,
    requests: Mutex<BTreeMap<String, usize>>,
}

impl BadTarget {
    /// Starts it on a free port.
    pub fn start() -> BadTarget {
        BadTarget::start_on(crate::servers::free_port())
    }

    /// Starts it on this port.
    pub fn start_on(port: u16) -> BadTarget {
        let target = BadTarget { port, shared: Arc::default(), accepting: Mutex::default() };
        target.start_again();
        target
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Ends listening: the next scrape is refused.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        if let Some(accepting) = lock(&self.accepting).take() {
            let _ = accepting.join();
        }
    }

    /// Listens again, on the same port.
    pub fn start_again(&self) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).expect("the port of the target is free");
        listener.set_nonblocking(true).expect("a listener that can be stopped");
        self.shared.is_stopped.store(false, Ordering::SeqCst);
        let shared = Arc::clone(&self.shared);
        *lock(&self.accepting) = Some(std::thread::spawn(move || accept(&listener, &shared)));
    }

    /// From now on `/metrics` is what `/good` is.
    pub fn answer_metrics(&self) {
        self.shared.has_metrics.store(true, Ordering::SeqCst);
    }

    /// Whether `/good` leaves the series of the cellar out.
    pub fn hide_cellar(&self, is_gone: bool) {
        self.shared.is_cellar_gone.store(is_gone, Ordering::SeqCst);
    }

    /// How often a path was asked for.
    pub fn n_requests(&self, path: &str) -> usize {
        lock(&self.shared.requests).get(path).copied().unwrap_or(0)
    }
}

impl Drop for BadTarget {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread a connection; each ends with the target.
fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while !shared.is_stopped.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((stream, _)) => {
                let shared = Arc::clone(shared);
                // A client that goes away early is no error of the target.
                std::thread::spawn(move || serve(stream, &shared).ok());
            }
            Err(_) => std::thread::sleep(POLL),
        }
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    while reader.read_line(&mut line)? > 2 {}
    *lock(&shared.requests).entry(path.clone()).or_default() += 1;
    let (is_open, path) = match path.strip_prefix("/cors") {
        Some(rest) => (true, rest),
        None => (false, path.as_str()),
    };
    answer(&mut Reply { stream: reader.into_inner(), is_open }, path, shared)
}

fn answer(reply: &mut Reply, path: &str, shared: &Shared) -> std::io::Result<()> {
    match path {
        "/good" => reply.whole(200, TEXT, good(shared).as_bytes()),
        "/metrics" if shared.has_metrics.load(Ordering::SeqCst) => reply.whole(200, TEXT, good(shared).as_bytes()),
        "/late" => {
            wait(LATE, shared);
            reply.whole(200, TEXT, good(shared).as_bytes())
        }
        "/ahead" => reply.whole(200, TEXT, ahead().as_bytes()),
        "/openmetrics" => reply.whole(200, OPEN_METRICS, OPEN_METRICS_BODY.as_bytes()),
        "/protobuf" => reply.whole(200, PROTOBUF, &protobuf()),
        "/twice" => reply.whole(200, TEXT, b"# TYPE doors gauge\ndoors 1\ndoors 2\n"),
        "/html" => reply.whole(200, HTML, b"<!doctype html><title>Shop</title><h1>Welcome</h1>"),
        "/json" => reply.whole(200, "application/json", br#"{"status":"up","components":{"db":{"status":"up"}}}"#),
        "/never" => {
            wait(FOREVER, shared);
            Ok(())
        }
        "/drip" => {
            reply.head(200, TEXT, "Transfer-Encoding: chunked\r\n")?;
            let started = Instant::now();
            let mut n_lines = 0;
            while started.elapsed() < FOREVER && !shared.is_stopped.load(Ordering::SeqCst) {
                reply.chunk(&format!("drip_total{{drop=\"{n_lines}\"}} 1\n"))?;
                n_lines += 1;
                wait(Duration::from_millis(300), shared);
            }
            Ok(())
        }
        "/cut-off" => {
            reply.head(200, TEXT, "Transfer-Encoding: chunked\r\n")?;
            reply.chunk("# TYPE cut_total counter\ncut_total{part=\"first\"} 1\ncut_total{part=\"sec")?;
            // A chunk is announced, half of it comes, and then nothing.
            reply.stream.write_all(b"40\r\nond\"} 2\n")
        }
        "/one-bad-line" => {
            let mut body = String::new();
            for line in 1..=10_000 {
                let value = if line == BAD_LINE { "1.2.3" } else { "1" };
                let _ = writeln!(body, "shelf_items{{shelf=\"s{line:05}\"}} {value}");
            }
            reply.whole(200, TEXT, body.as_bytes())
        }
        "/not-utf8" => reply.whole(200, TEXT, b"cafe_visitors{name=\"caf\xe9\"} 3\n"),
        "/two-megabytes" => {
            let mut body = String::new();
            for line in 0..40_000 {
                let _ = writeln!(body, "bulk_value{{item=\"{line:06}\",note=\"{:020}\"}} 1", 0);
            }
            reply.whole(200, TEXT, body.as_bytes())
        }
        "/crowd" => reply.whole(200, TEXT, sessions(60_000).as_bytes()),
        "/many-series" => reply.whole(200, TEXT, sessions(120_000).as_bytes()),
        "/redirect" => reply.redirect("/good"),
        "/redirect-loop" => reply.redirect("/redirect-loop"),
        "/markup" => reply.whole(200, TEXT, MARKUP.as_bytes()),
        "/long-names" => reply.whole(200, TEXT, long_names().as_bytes()),
        "/page" => reply.whole(200, HTML, b"<!doctype html><title>Another origin</title><p>Another origin"),
        _ => match path.trim_start_matches('/').parse() {
            Ok(status) => reply.whole(status, HTML, format!("<h1>{status}</h1>").as_bytes()),
            Err(_) => match file_of_page(path) {
                Some((media_type, body)) => reply.whole(200, media_type, &body),
                None => reply.whole(404, HTML, b"<h1>404</h1>"),
            },
        },
    }
}

/// A file at the top of the bundle.
fn file_of_page(path: &str) -> Option<(&'static str, Vec<u8>)> {
    let name = path.strip_prefix('/').map(|name| if name.is_empty() { "index.html" } else { name })?;
    let media_type = match name.rsplit_once('.')?.1 {
        "html" => HTML,
        "js" => "text/javascript",
        "css" => "text/css",
        "wasm" => "application/wasm",
        _ => return None,
    };
    let dist = std::env::var_os("PROMENADE_E2E_DIST")?;
    let is_plain = !name.contains(['/', '\\']) && !name.contains("..");
    is_plain.then(|| std::fs::read(Path::new(&dist).join(name)).ok())?.map(|body| (media_type, body))
}

/// An answer under way.
struct Reply {
    stream: TcpStream,
    is_open: bool,
}

impl Reply {
    fn head(&mut self, status: u16, media_type: &str, more: &str) -> std::io::Result<()> {
        let open = if self.is_open { "Access-Control-Allow-Origin: *\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status} So\r\nContent-Type: {media_type}\r\nConnection: close\r\nCache-Control: no-store\r\n{open}{more}\r\n"
        );
        self.stream.write_all(head.as_bytes())
    }

    fn whole(&mut self, status: u16, media_type: &str, body: &[u8]) -> std::io::Result<()> {
        self.head(status, media_type, &format!("Content-Length: {}\r\n", body.len()))?;
        self.stream.write_all(body)
    }

    fn redirect(&mut self, path: &str) -> std::io::Result<()> {
        let open = if self.is_open { "/cors" } else { "" };
        self.head(302, HTML, &format!("Location: {open}{path}\r\nContent-Length: 0\r\n"))
    }

    fn chunk(&mut self, text: &str) -> std::io::Result<()> {
        write!(self.stream, "{:x}\r\n{text}\r\n", text.len())
    }
}

fn wait(bound: Duration, shared: &Shared) {
    let started = Instant::now();
    while started.elapsed() < bound && !shared.is_stopped.load(Ordering::SeqCst) {
        std::thread::sleep(POLL);
    }
}

/// A small shop: its numbers are a function of how often it was asked.
fn good(shared: &Shared) -> String {
    let n = shared.n_good.fetch_add(1, Ordering::SeqCst) + 1;
    // A saw of 20 scrapes, so that a graph of it is no straight line.
    let saw = n % 20;
    let mut text = format!(
        "# HELP shop_requests_total Requests answered.\n# TYPE shop_requests_total counter\n\
         shop_requests_total{{code=\"200\"}} {}\nshop_requests_total{{code=\"500\"}} {n}\n\
         # HELP shop_temperature_celsius Temperature of a room.\n# TYPE shop_temperature_celsius gauge\n\
         # UNIT shop_temperature_celsius celsius\n\
         shop_temperature_celsius{{room=\"kitchen\"}} {}\n",
        7 * n,
        18 + saw
    );
    if !shared.is_cellar_gone.load(Ordering::SeqCst) {
        let _ = writeln!(text, "shop_temperature_celsius{{room=\"cellar\"}} {}", 30 - saw);
    }
    let _ = write!(
        text,
        "# HELP shop_latency_seconds Time to answer.\n# TYPE shop_latency_seconds histogram\n\
         shop_latency_seconds_bucket{{le=\"0.1\"}} {}\nshop_latency_seconds_bucket{{le=\"1\"}} {}\n\
         shop_latency_seconds_bucket{{le=\"+Inf\"}} {}\nshop_latency_seconds_sum {}\nshop_latency_seconds_count {}\n",
        5 * n,
        7 * n,
        8 * n,
        2 * n,
        8 * n
    );
    text
}

/// A clock, and a sample with a time stamp of it.
fn ahead() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let time = since + AHEAD;
    format!(
        "# TYPE node_time_seconds gauge\nnode_time_seconds {}\n# TYPE tide_metres gauge\ntide_metres 3 {}\n",
        time.as_secs(),
        time.as_millis()
    )
}

fn sessions(n: usize) -> String {
    let mut body = String::with_capacity(n * 40);
    for user in 0..n {
        let _ = writeln!(body, "sessions_open{{user=\"u{user:06}\"}} 1");
    }
    body
}

const OPEN_METRICS_BODY: &str = "# HELP rides Rides that ended.\n# TYPE rides counter\n\
    rides_total{line=\"1\"} 17 # {trace_id=\"KOO5S4vxi0o\"} 0.67\nrides_created{line=\"1\"} 1.7e9\n\
    # TYPE ride_seconds histogram\n# UNIT ride_seconds seconds\n\
    ride_seconds_bucket{le=\"60\"} 4 # {trace_id=\"oHg5SJYRHA0\"} 9.8 1.7e9\nride_seconds_bucket{le=\"+Inf\"} 6\n\
    ride_seconds_sum 500\nride_seconds_count 6\nride_seconds_created 1.7e9\n# EOF\n";

/// One family of one native histogram: three observations that sum to 2, in buckets of schema 1 from the index -1 on.
fn protobuf() -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let mut histogram = vec![1 << 3, 3, 2 << 3 | 1];
    histogram.extend(2f64.to_le_bytes());
    histogram.extend([5 << 3, 2]);
    histogram.extend(field(12, &[1 << 3, 1, 2 << 3, 2]));
    histogram.extend([13 << 3, 2, 13 << 3, 2]);
    let metric = field(4, &field(7, &histogram));
    let family = [&field(1, b"visit_seconds")[..], &field(2, b"How long visits are."), &[3 << 3, 4], &metric].concat();
    [&[family.len() as u8][..], &family].concat()
}

/// Each of them sets `window.hacked` if it is ever taken for markup.
const MARKUP: &str = "# HELP markup_value <script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">\n\
    # TYPE markup_value gauge\n\
    markup_value{note=\"<img src=x onerror=window.hacked=1>\"} 1\n\
    markup_value{note=\"</td><script>window.hacked=1</script>\"} 2\n\
    markup_value{note=\"javascript:window.hacked=1\"} 3\n";

fn long_names() -> String {
    let long = "considerably_".repeat(15);
    format!(
        "# HELP {long}total {}\n# TYPE {long}total counter\n{long}total{{path=\"/{}\",{long}label=\"x\"}} 1\n",
        "A help text that does not end soon. ".repeat(10),
        "segment/".repeat(25),
    )
}

#[test]
fn each_path_of_the_bad_target_answers_as_its_table_says() {
    let target = BadTarget::start();
    let ask = |path: &str| {
        let answer = crate::plain_http::get(target.port, path, &[], Duration::from_millis(700)).expect(path);
        let kind = answer.header("Content-Type").unwrap_or_default().split(';').next().unwrap_or_default();
        let line = String::from_utf8_lossy(&answer.body).lines().next().unwrap_or_default().to_owned();
        format!("{path}: {} {kind} {} {line}", answer.status, if answer.is_closed { "closed" } else { "open" })
    };
    let paths = ["/good", "/openmetrics", "/html", "/json", "/401", "/500", "/metrics", "/drip", "/cut-off"];
    let answers: Vec<String> = paths.into_iter().map(ask).collect();
    expect_test::expect![[r#"
        /good: 200 text/plain closed # HELP shop_requests_total Requests answered.
        /openmetrics: 200 application/openmetrics-text closed # HELP rides Rides that ended.
        /html: 200 text/html closed <!doctype html><title>Shop</title><h1>Welcome</h1>
        /json: 200 application/json closed {"status":"up","components":{"db":{"status":"up"}}}
        /401: 401 text/html closed <h1>401</h1>
        /500: 500 text/html closed <h1>500</h1>
        /metrics: 404 text/html closed <h1>404</h1>
        /drip: 200 text/plain open 17
        /cut-off: 200 text/plain closed 46"#]]
    .assert_eq(&answers.join("\n"));
    assert_eq!(target.n_requests("/good"), 1);
}

#[test]
fn the_bad_target_can_be_stopped_and_started_and_its_series_can_vanish() {
    let target = BadTarget::start();
    let body = || {
        crate::plain_http::get(target.port, "/cors/good", &[], Duration::from_secs(5)).map(|answer| {
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            String::from_utf8_lossy(&answer.body).into_owned()
        })
    };
    assert!(body().expect("it answers").contains("cellar"));
    target.hide_cellar(true);
    assert!(!body().expect("it answers").contains("cellar"));
    target.stop();
    assert!(body().is_err(), "a stopped target is refused");
    target.start_again();
    assert!(body().expect("it answers again").contains("shop_requests_total{code=\"500\"} 3"));
    let never = crate::plain_http::get(target.port, "/never", &[], Duration::from_millis(300));
    assert!(never.is_err(), "{never:?}");
}

#[test]
fn the_place_of_the_bad_line_is_where_the_constants_say() {
    let target = BadTarget::start();
    let answer = crate::plain_http::get(target.port, "/one-bad-line", &[], Duration::from_secs(5)).expect("it answers");
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let line = text.lines().nth(BAD_LINE - 1).expect("so many lines");
    assert_eq!(&line[BAD_COLUMN - 1..], "1.2.3", "{line}");
    assert_eq!(text.lines().count(), 10_000);
}
