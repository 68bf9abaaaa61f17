//! A target's body, unpacked while it arrives, within a limit that holds for both forms.

use super::{Failure, Kind};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use prometheus_client::metrics::counter::Counter;
use std::io::{self, Write};

/// Reads to the end; `place` names the target in failures.
pub(super) async fn read(
    mut incoming: Incoming,
    headers: &HeaderMap,
    limit: usize,
    fetched_bytes: &Counter,
    place: &str,
) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::new(Kind::TooLarge, format!("the answer of {place} is larger than {limit} bytes"));
    let announced = headers.get(CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|len| len > limit as u64) {
        return Err(too_large());
    }
    let mut unpacker = Unpacker::new(headers, limit, place)?;
    let mut n_packed = 0_usize;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Failure::of_answer(&error, place))?;
        let Ok(bytes) = frame.into_data() else { continue };
        fetched_bytes.inc_by(bytes.len() as u64);
        n_packed = n_packed.saturating_add(bytes.len());
        if n_packed > limit {
            return Err(too_large());
        }
        unpacker.write(&bytes).map_err(|error| of_packing(&error, place).unwrap_or_else(too_large))?;
    }
    if n_packed == 0 {
        // An empty body is empty in every encoding, though not well-formed in any.
        return Ok(Vec::new());
    }
    unpacker.finish().map_err(|error| of_packing(&error, place).unwrap_or_else(too_large))
}

/// What is wrong with packed bytes; `None`: there are too many.
fn of_packing(error: &io::Error, place: &str) -> Option<Failure> {
    match error.kind() {
        io::ErrorKind::FileTooLarge => None,
        io::ErrorKind::UnexpectedEof => {
            Some(Failure::new(Kind::CutOff, format!("the compressed answer of {place} ends before its end")))
        }
        _ => Some(Failure::new(Kind::Other, format!("the compressed answer of {place} cannot be unpacked ({error})"))),
    }
}

enum Unpacker {
    Identity(Bounded),
    Gzip(MultiGzDecoder<Bounded>),
    Deflate(ZlibDecoder<Bounded>),
}

impl Unpacker {
    fn new(headers: &HeaderMap, limit: usize, place: &str) -> Result<Self, Failure> {
        let bounded = Bounded { bytes: Vec::new(), limit };
        let encoding = headers.get(CONTENT_ENCODING).map_or(&b""[..], |encoding| encoding.as_bytes());
        match encoding.to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Ok(Unpacker::Identity(bounded)),
            b"gzip" | b"x-gzip" => Ok(Unpacker::Gzip(MultiGzDecoder::new(bounded))),
            b"deflate" => Ok(Unpacker::Deflate(ZlibDecoder::new(bounded))),
            other => {
                let other = String::from_utf8_lossy(other);
                let message = format!("{place} compressed its answer as `{other}`, though only gzip was asked for");
                Err(Failure::new(Kind::Other, message))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Unpacker::Identity(out) => out.write_all(bytes),
            Unpacker::Gzip(decoder) => decoder.write_all(bytes),
            Unpacker::Deflate(decoder) => decoder.write_all(bytes),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(match self {
            Unpacker::Identity(out) => out,
            Unpacker::Gzip(decoder) => decoder.finish()?,
            Unpacker::Deflate(decoder) => decoder.finish()?,
        }
        .bytes)
    }
}

/// Takes bytes up to a limit, then fails with `FileTooLarge`: a small body that unpacks to a huge one ends there.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit - self.bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
