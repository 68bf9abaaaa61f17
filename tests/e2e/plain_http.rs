//! The smallest client of HTTP: for waiting until a server answers, and for requests that no browser would send.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

/// What came back, as far as it came.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Lines of the head, as sent.
    pub head: String,
    /// As it came over the wire: chunks are not put together.
    pub body: Vec<u8>,
    /// The server closed the connection; otherwise the time was over, or the connection broke.
    pub is_closed: bool,
}

impl Response {
    /// The value of a header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(':')).find_map(|(header, value)| {
            let is_it = header.eq_ignore_ascii_case(name);
            is_it.then_some(value.trim())
        })
    }
}

/// Asks a server on this machine for a path and reads for at most so long.
///
/// # Errors
/// If there is no connection, or no head of an answer.
pub fn get(port: u16, path: &str, headers: &[(&str, &str)], bound: Duration) -> std::io::Result<Response> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request += &format!("Host: 127.0.0.1:{port}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes())?;
    read(stream, bound)
}

fn read(mut stream: TcpStream, bound: Duration) -> std::io::Result<Response> {
    let deadline = Instant::now() + bound;
    let mut bytes = Vec::new();
    let mut piece = [0; 64 * 1024];
    // What came before an error is kept: tests look at answers that break off.
    let is_closed = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break false;
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut piece) {
            Ok(0) => break true,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
            Err(_) => break false,
        }
    };
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| std::io::Error::other(format!("{} bytes and no head", bytes.len())))?;
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other(format!("no status in {head:?}")))?;
    Ok(Response { status, head, body, is_closed })
}
