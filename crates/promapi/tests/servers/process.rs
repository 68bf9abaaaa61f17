//! Servers that were started for a test, on free ports of this machine, and end with it; and the smallest client for them.

use promapi::{ApiRequest, Base, HttpHead, HttpReply};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a server may take to come up, and to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server.
pub struct Running {
    pub port: u16,
    child: Child,
    /// Its own folder, removed at the end.
    dir: PathBuf,
}

impl Running {
    /// Debian's node exporter; `None`, and the reason is printed, where it is not installed.
    pub fn node_exporter() -> Option<Self> {
        start("prometheus-node-exporter", "/metrics", |port, _| vec![format!("--web.listen-address=127.0.0.1:{port}")])
    }

    /// A Prometheus that scrapes itself, a node exporter and nothing at all each second, with two rules.
    pub fn prometheus(node_port: u16, prefix: &str) -> Option<Self> {
        start("prometheus", &format!("{prefix}/-/ready"), |port, dir| {
            let rules = "groups: [{ name: group, interval: 1s, rules: [ \
                { record: 'job:up:sum', expr: 'sum by (job) (up)' }, \
                { alert: Down, expr: 'up == 0', labels: { severity: page }, annotations: { summary: '{{ $labels.job }} is down' } } ] }]\n";
            fs::write(dir.join("rules.yml"), rules).unwrap();
            let config = format!(
                "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nrule_files: [rules.yml]\n{}",
                scrape_configs(port, prefix, node_port)
            );
            fs::write(dir.join("prometheus.yml"), config).unwrap();
            let mut words = vec![
                format!("--config.file={}", dir.join("prometheus.yml").display()),
                format!("--storage.tsdb.path={}", dir.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ];
            if !prefix.is_empty() {
                words.push(format!("--web.route-prefix={prefix}"));
            }
            words
        })
    }

    /// A VictoriaMetrics that scrapes the same.
    pub fn victoria_metrics(node_port: u16) -> Option<Self> {
        start("victoria-metrics", "/health", |port, dir| {
            let config = format!(
                "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\n{}",
                scrape_configs(port, "", node_port)
            );
            fs::write(dir.join("scrape.yml"), config).unwrap();
            vec![
                format!("-httpListenAddr=127.0.0.1:{port}"),
                format!("-storageDataPath={}", dir.join("data").display()),
                format!("-promscrape.config={}", dir.join("scrape.yml").display()),
                // Samples are to be seen at once.
                "-search.latencyOffset=0s".to_owned(),
                "-memory.allowedBytes=256MiB".to_owned(),
            ]
        })
    }

    /// Asks as the product would.
    pub fn ask(&self, base: &Base, request: &ApiRequest) -> HttpReply {
        self.send(request.method.as_str(), &request.url(base), request.body().unwrap_or(""))
    }

    /// Asks for any address of this server.
    pub fn get(&self, url: &str) -> HttpReply {
        self.send("GET", url, "")
    }

    /// HTTP 1.0, so that the body comes as it is and ends with the connection.
    fn send(&self, method: &str, url: &str, body: &str) -> HttpReply {
        let path = url.strip_prefix(&format!("http://127.0.0.1:{}", self.port)).expect("an address of this server");
        let path = if path.is_empty() { "/" } else { path };
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (kind, accept, length) = (ApiRequest::FORM_TYPE, ApiRequest::ACCEPT, body.len());
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nAccept: {accept}\r\nContent-Type: {kind}\r\nContent-Length: {length}"
        );
        stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let body = bytes.split_off(end + 4);
        let head = String::from_utf8_lossy(&bytes).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        let header = |wanted: &str| {
            let fields = head.lines().filter_map(|line| line.split_once(": "));
            fields.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.to_owned()).next()
        };
        HttpReply { head: HttpHead { status, content_type: header("content-type") }, body }
    }

    /// This machine's clock, which is the server's.
    pub fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
    }

    /// What it wrote last.
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.dir.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(2_000)..]).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Jobs `self`, `node`, and `gone`, where nothing answers.
fn scrape_configs(port: u16, prefix: &str, node_port: u16) -> String {
    let job = |name: &str, path: &str, port: u16| {
        format!(
            "  - {{ job_name: {name}, metrics_path: {path}, static_configs: [{{ targets: ['127.0.0.1:{port}'] }}] }}\n"
        )
    };
    let jobs = [
        job("self", &format!("{prefix}/metrics"), port),
        job("node", "/metrics", node_port),
        job("gone", "/metrics", 1),
    ];
    format!("scrape_configs:\n{}", jobs.concat())
}

fn start(program: &str, probe: &str, arguments: impl Fn(u16, &Path) -> Vec<String>) -> Option<Running> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(program) = std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.is_file()) else {
        println!("skipped: {program} is not installed (`cargo xtask setup --tests`)");
        return None;
    };
    // Another program may take the port between looking and listening: then the next one is tried.
    for _ in 0..3 {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("promenade-promapi-{}-{count}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).unwrap().port();
        let log = File::create(dir.join("log")).unwrap();
        let mut command = Command::new(&program);
        command.args(arguments(port, &dir)).current_dir(&dir).stdin(Stdio::null());
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut running = Running { port, child, dir };
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && matches!(running.child.try_wait(), Ok(None)) {
            let is_open = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            if is_open && running.get(&format!("http://127.0.0.1:{port}{probe}")).head.status == 200 {
                return Some(running);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        eprintln!("{} on port {port} did not come up:\n{}", program.display(), running.log_tail());
    }
    panic!("{} could not be started, three times", program.display());
}
