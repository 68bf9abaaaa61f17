//! As much of HTTP as the benches need: a client with one kept connection, as the peers' harness has it.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A server that is slower than this has failed.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A connection to a server on this machine.
#[derive(Debug)]
pub struct Client {
    port: u16,
    stream: BufReader<TcpStream>,
    /// The server said that its last answer ends the connection.
    is_closing: bool,
}

impl Client {
    /// Connects.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Client { port, stream: BufReader::with_capacity(1 << 16, stream), is_closing: false })
    }

    /// The whole body of the answer to a GET; an error unless it is a 200.
    pub fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        self.get_with(path, "")
    }

    /// As [`Client::get`], with header lines, each with its end.
    pub fn get_with(&mut self, path: &str, lines: &str) -> Result<Vec<u8>> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{lines}\r\n", self.port);
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    /// Begins anew if the server has closed the connection: some do every two minutes. To be called before a clock runs.
    pub fn refresh(&mut self) -> Result<()> {
        let stream = self.stream.get_mut();
        stream.set_nonblocking(true)?;
        let is_open = matches!(stream.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);
        stream.set_nonblocking(false)?;
        if !is_open || self.is_closing {
            *self = Client::connect(self.port)?;
        }
        Ok(())
    }

    /// Sends so many bytes as the body of a POST.
    pub fn post(&mut self, path: &str, length: u64, mut body: impl Read) -> Result<Vec<u8>> {
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {length}\r\n\r\n", self.port);
        self.stream.get_mut().write_all(request.as_bytes())?;
        std::io::copy(&mut body, self.stream.get_mut())?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Vec<u8>> {
        let status = self.line()?;
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            match (name, value.trim()) {
                ("content-length", value) => length = value.parse()?,
                ("transfer-encoding", "chunked") => is_chunked = true,
                ("connection", "close") => self.is_closing = true,
                _ => {}
            }
        }
        let mut body = Vec::new();
        if is_chunked {
            loop {
                let line = self.line()?;
                let n = usize::from_str_radix(line.trim(), 16).context("the length of a chunk")?;
                self.piece(n, &mut body)?;
                self.line()?;
                if n == 0 {
                    break;
                }
            }
        } else {
            self.piece(length, &mut body)?;
        }
        if !status.contains(" 20") {
            bail!("{status}: {}", String::from_utf8_lossy(&body[..body.len().min(200)]));
        }
        Ok(body)
    }

    fn piece(&mut self, n: usize, body: &mut Vec<u8>) -> Result<()> {
        if self.stream.by_ref().take(n as u64).read_to_end(body)? < n {
            bail!("the answer ended early");
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}
