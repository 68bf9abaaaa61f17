//! Ours in headless Chromium, in a worker or on its page. The page comes from a small server, which also passes questions to the worker
//! and its answers back.

use super::native::read;
use crate::process::{command, root, run, target_dir};
use crate::setup::{self, TARGET, Toolchain};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Loading the largest data or the slowest query takes less.
const PATIENCE: Duration = Duration::from_secs(180);
/// The worker asks again after so long without a question.
const POLL: Duration = Duration::from_secs(20);

/// Compiles a package's module the way the bundle's modules are: release settings, wasm-bindgen, wasm-opt -O3.
pub fn build(toolchain: &Toolchain, package: &str) -> Result<PathBuf> {
    let mut cargo = command("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", package, "--target", TARGET]);
    run(toolchain.apply(&mut cargo))?;
    let out = target_dir().join(package);
    let compiled = target_dir().join(TARGET).join(format!("release/{package}.wasm"));
    let mut bindgen = command("wasm-bindgen");
    bindgen.args(["--target", "no-modules", "--no-typescript", "--out-name", package, "--out-dir"]);
    run(bindgen.arg(&out).arg(&compiled))?;
    let module = out.join(format!("{package}_bg.wasm"));
    run(command("wasm-opt").arg("-O3").arg(&module).arg("-o").arg(&module))?;
    Ok(out)
}

/// The browser with the data in its worker.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    profile: PathBuf,
    questions: Sender<String>,
    answers: Receiver<String>,
    load_ms: f64,
}

impl Browser {
    /// Starts it with a package's page and waits until the worker has the data. Files are looked for beside the page, with
    /// the module, and in `dir`.
    pub fn start(package: &str, module: &Path, dir: &Path) -> Result<Self> {
        Self::start_with(package, module, dir, &[])
    }

    /// The same with more arguments to the browser.
    pub fn start_with(package: &str, module: &Path, dir: &Path, flags: &[&str]) -> Result<Self> {
        let program = setup::browser().context("no browser; `cargo xtask setup --tests` says why")?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let (questions, to_ask) = channel();
        let (answered, answers) = channel();
        let site = Arc::new(Site {
            dirs: [root().join("crates").join(package).join("web"), module.to_owned(), dir.to_owned()],
            to_ask: Mutex::new(to_ask),
            answered: Mutex::new(answered),
        });
        // It ends with the program.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = Arc::clone(&site);
                // A connection that breaks is the browser's affair; the worker's answer then stays away.
                std::thread::spawn(move || drop(site.serve(stream)));
            }
        });
        let profile = std::env::temp_dir().join(format!("promenade-bench-{}", std::process::id()));
        let mut chromium = command(program);
        chromium.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"]);
        chromium.args(["--no-first-run", "--disable-background-networking", "--disable-component-update"]);
        chromium.args(["--disable-sync", &format!("--user-data-dir={}", profile.display())]);
        chromium.args(flags).arg(format!("http://127.0.0.1:{port}/index.html"));
        let child = chromium.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut browser = Browser { child, profile, questions, answers, load_ms: 0.0 };
        browser.load_ms = browser.answer()?["ms"].as_f64().context("the worker did not load the data")?;
        Ok(browser)
    }

    /// How long loading took.
    pub fn load_ms(&self) -> f64 {
        self.load_ms
    }

    /// Milliseconds, and what the answer is.
    pub fn ask(&mut self, question: &serde_json::Value) -> Result<(f64, String)> {
        self.questions.send(question.to_string())?;
        read(&self.answer()?)
    }

    fn answer(&mut self) -> Result<serde_json::Value> {
        let text = self.answers.recv_timeout(PATIENCE).context("the browser did not answer")?;
        let said: serde_json::Value = serde_json::from_str(&text)?;
        match said["error"].as_str() {
            Some(error) => bail!("in the browser: {error}"),
            None => Ok(said),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Its helpers may still write for a moment; what they leave is in the directory for temporary files.
        std::thread::sleep(Duration::from_millis(300));
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// What the browser sees.
struct Site {
    /// Where files are looked for.
    dirs: [PathBuf; 3],
    to_ask: Mutex<Receiver<String>>,
    answered: Mutex<Sender<String>>,
}

impl Site {
    /// One request a connection.
    fn serve(&self, stream: TcpStream) -> Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            match header.strip_prefix("content-length:") {
                _ if header.is_empty() => break,
                Some(value) => length = value.trim().parse()?,
                None => {}
            }
        }
        let mut body = String::new();
        reader.by_ref().take(length).read_to_string(&mut body)?;
        let mut stream = reader.into_inner();
        match path.as_str() {
            "done" => {
                if let Ok(answered) = self.answered.lock() {
                    answered.send(body)?;
                }
                respond(&mut stream, "204 No Content", "text/plain", 0)?;
            }
            "next" => {
                let asked = self.to_ask.lock().map_or(Err(RecvTimeoutError::Disconnected), |q| q.recv_timeout(POLL));
                match asked {
                    Ok(question) => {
                        respond(&mut stream, "200 OK", "application/json", question.len() as u64)?;
                        stream.write_all(question.as_bytes())?;
                    }
                    Err(_) => respond(&mut stream, "204 No Content", "text/plain", 0)?,
                }
            }
            name => {
                let is_plain = !name.contains(['/', '\\']) && !name.starts_with('.');
                let found = self.dirs.iter().map(|dir| dir.join(name)).find(|path| is_plain && path.is_file());
                match found {
                    Some(path) => {
                        let mut file = fs::File::open(&path)?;
                        respond(&mut stream, "200 OK", kind_of(name), file.metadata()?.len())?;
                        std::io::copy(&mut file, &mut stream)?;
                    }
                    None => respond(&mut stream, "404 Not Found", "text/plain", 0)?,
                }
            }
        }
        Ok(())
    }
}

/// Cross-origin isolated: only then the browser's clock counts in steps of 5 µs rather than 100 µs.
fn respond(stream: &mut TcpStream, status: &str, kind: &str, length: u64) -> Result<()> {
    let headers = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n\
         Cache-Control: no-store\r\n\r\n"
    );
    Ok(stream.write_all(headers.as_bytes())?)
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
