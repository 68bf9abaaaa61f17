//! Starts a relay and targets in this process, and asks over plain sockets, so that nothing is put right on the way.

use relay::{Config, Relay};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longer than any test has to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A relay on a port of its own; it ends with the value.
pub struct Running {
    pub address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

/// What a relay is started with where a test says nothing else: no page, nothing allowed or forbidden.
pub fn config() -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        dist: Some(PathBuf::from("no-such-directory")),
        config_file: None,
        page_origins: Vec::new(),
        allow: Vec::new(),
        max_body: 1 << 20,
        max_scrapes: 8,
        max_rate: 0,
        max_connections: 64,
        auth_file: None,
        is_open: false,
        trusted_proxies: Vec::new(),
        grace: Duration::from_secs(1),
        ca: Vec::new(),
        dns: Vec::new(),
    }
}

impl Running {
    pub fn start(change: impl FnOnce(&mut Config)) -> Running {
        let mut config = config();
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let relay = runtime.block_on(Relay::bind(config)).unwrap();
        let address = relay.local_addr();
        runtime.spawn(relay.run(std::future::pending()));
        Running { address, runtime: Some(runtime) }
    }

    /// `GET path` with `Host` and these header lines.
    pub fn get(&self, path: &str, headers: &[&str]) -> Answer {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        headers.iter().for_each(|header| write!(request, "{header}\r\n").unwrap());
        self.send(&(request + "Connection: close\r\n\r\n"))
    }

    /// As the page asks for a scrape.
    pub fn scrape(&self, url: &str) -> Answer {
        self.scrape_within(url, 5_000)
    }

    pub fn scrape_within(&self, url: &str, timeout_ms: u64) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("url", url)
            .append_pair("timeout_ms", &timeout_ms.to_string())
            .finish();
        let headers = ["X-Promenade: 1", "Sec-Fetch-Site: same-origin", "Accept: text/plain;version=0.0.4"];
        self.get(&format!("/relay/scrape?{query}"), &headers)
    }

    /// `GET /relay/fetch` as the page asks, with these header lines too.
    pub fn fetch(&self, url: &str, headers: &[&str]) -> Answer {
        self.get(&fetch_path(url, 5_000), &[&["X-Promenade: 1", "Sec-Fetch-Site: same-origin"], headers].concat())
    }

    /// `POST /relay/fetch` of a form.
    pub fn post(&self, url: &str, content_type: &str, form: &str) -> Answer {
        self.send(&format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nX-Promenade: 1\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{form}",
            fetch_path(url, 5_000),
            self.address,
            form.len()
        ))
    }

    pub fn send(&self, request: &str) -> Answer {
        send_to(self.address, request)
    }
}

/// Sends a request as it is and reads to the end of the connection.
pub fn send_to(address: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::of(&bytes)
}

/// Where the page asks for an answer of a server.
pub fn fetch_path(url: &str, timeout_ms: u64) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("url", url)
        .append_pair("timeout_ms", &timeout_ms.to_string())
        .finish();
    format!("/relay/fetch?{query}")
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with a header");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Answer { status, headers, body: bytes[end + 4..].to_vec() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body that was sent in chunks, and whether its end was there.
    pub fn unchunked(&self) -> (Vec<u8>, bool) {
        assert_eq!(self.header("transfer-encoding"), "chunked");
        let (mut body, mut rest) = (Vec::new(), self.body.as_slice());
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let n_bytes = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
            rest = &rest[end + 2..];
            if n_bytes == 0 {
                return (body, true);
            }
            body.extend_from_slice(&rest[..n_bytes.min(rest.len())]);
            rest = rest.get(n_bytes + 2..).unwrap_or_default();
        }
        (body, false)
    }

    /// One line: what the target answered, or why there is nothing. Ports, which change from run to run, are `PORT`.
    pub fn line(&self) -> String {
        let line = if !self.header("x-target-status").is_empty() {
            let body: String = self.text().chars().take(60).collect();
            format!("ok {} `{}` {body:?}", self.header("x-target-status"), self.header("x-target-content-type"))
        } else {
            let json: serde_json::Value = serde_json::from_slice(&self.body).expect("a failure in JSON");
            let text = |name: &str| json[name].as_str().unwrap().to_owned();
            format!("{} {}: {}", self.status, text("kind"), text("message"))
        };
        without_ports(&line)
    }
}

/// Replaces five digits behind a colon, as the ports of tests have.
fn without_ports(line: &str) -> String {
    let mut out = String::new();
    for (idx, part) in line.split(':').enumerate() {
        let n_digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match idx {
            0 => out.push_str(part),
            _ if n_digits == 5 => write!(out, ":PORT{}", &part[n_digits..]).unwrap(),
            _ => write!(out, ":{part}").unwrap(),
        }
    }
    out
}

/// A server that does what its test says with each connection, and remembers what it was asked.
pub struct Target {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
}

impl Target {
    /// `serve` gets the connection when the header of a request was read, and the request.
    pub fn start(serve: impl Fn(TcpStream, &str) + Send + Sync + 'static) -> Target {
        Target::start_raw(move |mut stream, seen| {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !request.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => return,
                    Ok(n_read) => request.extend_from_slice(&buffer[..n_read]),
                }
            }
            let request = String::from_utf8(request).unwrap();
            seen.lock().unwrap().push(request.clone());
            serve(stream, &request);
        })
    }

    /// As [`Target::start`], with the connection as it was accepted.
    pub fn start_raw(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Target {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Target::listening(listener, serve)
    }

    pub fn listening(
        listener: TcpListener,
        serve: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static,
    ) -> Target {
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (seen, over, serve) = (Arc::clone(&requests), Arc::clone(&is_over), Arc::new(serve));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { return };
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let (seen, serve) = (Arc::clone(&seen), Arc::clone(&serve));
                std::thread::spawn(move || serve(stream, &seen));
            }
        });
        Target { address, requests, is_over }
    }

    /// A target that sends these bytes and closes.
    pub fn saying(answer: impl Into<Vec<u8>>) -> Target {
        let answer = answer.into();
        Target::start(move |mut stream, _| {
            let _ = stream.write_all(&answer);
        })
    }

    /// A target that sends a body with a status line and header lines.
    pub fn answering(head: &str, body: &[u8]) -> Target {
        let mut answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend_from_slice(body);
        Target::saying(answer)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it was asked, so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// A directory below the build's own, empty at first.
pub fn empty_dir(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}
