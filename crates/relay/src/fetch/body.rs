//! A target's body: unpacked while it arrives, within a limit that holds for both forms, and a time.

use super::Watch;
use super::connection::Driver;
use crate::failure::{Deadline, Failure, Kind, Step};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;

/// Packed bytes that are unpacked at a time: a few that unpack to much give frames of some megabytes, never all of it.
const PIECE: usize = 4 << 10;

/// The body as it arrives.
///
/// It holds what the fetch holds: the connection, the place among those that may run, and how its end is noted. All of
/// it ends with the value, also when the page no longer waits.
#[derive(Debug)]
pub(super) struct Streaming {
    incoming: Incoming,
    /// Bytes that were read ahead.
    first: Option<Bytes>,
    unpacker: Unpacker,
    /// Bytes that arrived and are not unpacked yet.
    packed: Bytes,
    n_packed_left: usize,
    /// Whether anything has to be unpacked to its end: an empty body is empty in every encoding, well-formed in none.
    is_open: bool,
    limit: usize,
    deadline: Deadline,
    sleep: Pin<Box<Sleep>>,
    is_over: bool,
    place: String,
    watch: Watch,
    _driver: Driver,
    slot: OwnedSemaphorePermit,
}

/// What a body is read with.
#[derive(Debug)]
pub(super) struct Reading {
    /// Names the target in failures.
    pub(super) place: String,
    /// The most bytes, packed and unpacked.
    pub(super) limit: usize,
    pub(super) deadline: Deadline,
    pub(super) driver: Driver,
    pub(super) watch: Watch,
    pub(super) slot: OwnedSemaphorePermit,
}

impl Streaming {
    /// Begins; fails where it is known that the body cannot be read.
    pub(super) fn begin(incoming: Incoming, headers: &HeaderMap, reading: Reading) -> Result<Self, Failure> {
        let Reading { place, limit, deadline, driver, mut watch, slot } = reading;
        let begin = || {
            let announced = headers.get(CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse::<u64>().ok());
            if announced.is_some_and(|len| len > limit as u64) {
                return Err(too_large(&place, limit));
            }
            Unpacker::new(headers, limit, &place)
        };
        let unpacker = begin().inspect_err(|failure| watch.end(Some(failure)))?;
        Ok(Streaming {
            incoming,
            first: None,
            unpacker,
            packed: Bytes::new(),
            n_packed_left: limit,
            is_open: false,
            limit,
            deadline,
            sleep: Box::pin(tokio::time::sleep_until(deadline.at)),
            is_over: false,
            place,
            watch,
            _driver: driver,
            slot,
        })
    }

    /// Waits for the first bytes, so that what fails before them is told as a failure and not by a connection that breaks.
    pub(super) async fn begun(mut self) -> Result<Self, Failure> {
        if let Some(frame) = self.frame().await {
            self.first = frame?.into_data().ok();
        }
        Ok(self)
    }

    /// Reads to the end; the place among those that may run is free again when the page has got the bytes.
    pub(super) async fn collect(mut self) -> Result<Held, Failure> {
        let mut bytes = Vec::new();
        while let Some(frame) = self.frame().await {
            if let Ok(data) = frame?.into_data() {
                bytes.extend_from_slice(&data);
            }
        }
        Ok(Held { bytes: Full::from(bytes), _slot: self.slot })
    }

    /// The next bytes; `None` at the end.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        loop {
            if !self.packed.is_empty() {
                let piece = self.packed.split_to(self.packed.len().min(self.unpacker.piece()));
                let unpacked = self.unpacker.write(piece).map_err(|error| self.of_packing(&error))?;
                if !unpacked.is_empty() {
                    return Poll::Ready(Some(Ok(unpacked)));
                }
                continue;
            }
            if self.sleep.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Some(Err(self.deadline.missed(&self.place, Step::Body))));
            }
            let Some(frame) = ready!(Pin::new(&mut self.incoming).poll_frame(cx)) else {
                if !std::mem::take(&mut self.is_open) {
                    return Poll::Ready(None);
                }
                return Poll::Ready(match self.unpacker.finish() {
                    Ok(rest) if rest.is_empty() => None,
                    Ok(rest) => Some(Ok(rest)),
                    Err(error) => Some(Err(self.of_packing(&error))),
                });
            };
            let frame = frame.map_err(|error| Failure::of_answer(&error, &self.place))?;
            let Ok(bytes) = frame.into_data() else { continue };
            self.watch.count_bytes(bytes.len());
            self.is_open |= !bytes.is_empty();
            self.n_packed_left = match self.n_packed_left.checked_sub(bytes.len()) {
                Some(n_left) => n_left,
                None => return Poll::Ready(Some(Err(too_large(&self.place, self.limit)))),
            };
            self.packed = bytes;
        }
    }

    /// What is wrong with packed bytes.
    fn of_packing(&self, error: &io::Error) -> Failure {
        let place = &self.place;
        match error.kind() {
            io::ErrorKind::FileTooLarge => too_large(place, self.limit),
            io::ErrorKind::UnexpectedEof => {
                Failure::new(Kind::CutOff, format!("the compressed answer of {place} ends before its end"))
            }
            _ => Failure::new(Kind::Other, format!("the compressed answer of {place} cannot be unpacked ({error})")),
        }
    }
}

/// A whole body on its way to the page.
#[derive(Debug)]
pub(super) struct Held {
    bytes: Full<Bytes>,
    _slot: OwnedSemaphorePermit,
}

impl Body for Held {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.bytes).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.size_hint()
    }
}

impl Body for Streaming {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if this.is_over {
            return Poll::Ready(None);
        }
        let next = ready!(this.poll_bytes(cx));
        match &next {
            Some(Ok(_)) => {}
            Some(Err(failure)) => {
                this.is_over = true;
                this.watch.end(Some(failure));
            }
            None => {
                this.is_over = true;
                this.watch.end(None);
            }
        }
        Poll::Ready(next.map(|bytes| bytes.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        match self.unpacker {
            // As announced, so that the page gets a length where the target told one.
            Unpacker::Identity { .. } => {
                let n_ahead = self.first.as_ref().map_or(0, |first| first.len() as u64);
                self.incoming
                    .size_hint()
                    .exact()
                    .map_or_else(SizeHint::default, |n_left| SizeHint::with_exact(n_left + n_ahead))
            }
            _ => SizeHint::default(),
        }
    }
}

fn too_large(place: &str, limit: usize) -> Failure {
    Failure::new(Kind::TooLarge, format!("the answer of {place} is larger than {limit} bytes"))
}

#[derive(Debug)]
enum Unpacker {
    Identity { n_left: usize },
    Gzip(MultiGzDecoder<Bounded>),
    Deflate(ZlibDecoder<Bounded>),
}

impl Unpacker {
    fn new(headers: &HeaderMap, limit: usize, place: &str) -> Result<Self, Failure> {
        let bounded = Bounded { bytes: Vec::new(), n_left: limit };
        let encoding = headers.get(CONTENT_ENCODING).map_or(&b""[..], |encoding| encoding.as_bytes());
        match encoding.to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Ok(Unpacker::Identity { n_left: limit }),
            b"gzip" | b"x-gzip" => Ok(Unpacker::Gzip(MultiGzDecoder::new(bounded))),
            b"deflate" => Ok(Unpacker::Deflate(ZlibDecoder::new(bounded))),
            other => {
                let other = String::from_utf8_lossy(other);
                let message = format!("{place} compressed its answer as `{other}`, though only gzip was asked for");
                Err(Failure::new(Kind::Other, message))
            }
        }
    }

    /// How many bytes it takes at a time.
    fn piece(&self) -> usize {
        if matches!(self, Unpacker::Identity { .. }) { usize::MAX } else { PIECE }
    }

    /// Takes packed bytes and returns what they unpack to, which may be nothing yet.
    fn write(&mut self, bytes: Bytes) -> io::Result<Bytes> {
        match self {
            Unpacker::Identity { n_left } => {
                *n_left = n_left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
                Ok(bytes)
            }
            Unpacker::Gzip(decoder) => {
                decoder.write_all(&bytes)?;
                Ok(decoder.get_mut().take())
            }
            Unpacker::Deflate(decoder) => {
                decoder.write_all(&bytes)?;
                Ok(decoder.get_mut().take())
            }
        }
    }

    /// What is left at the end; called again, it is nothing.
    fn finish(&mut self) -> io::Result<Bytes> {
        match self {
            Unpacker::Identity { .. } => Ok(Bytes::new()),
            Unpacker::Gzip(decoder) => {
                decoder.try_finish()?;
                Ok(decoder.get_mut().take())
            }
            Unpacker::Deflate(decoder) => {
                decoder.try_finish()?;
                Ok(decoder.get_mut().take())
            }
        }
    }
}

/// Takes bytes up to a limit, then fails with `FileTooLarge`: a small body that unpacks to a huge one ends there.
#[derive(Debug)]
struct Bounded {
    bytes: Vec<u8>,
    n_left: usize,
}

impl Bounded {
    /// What was written since the last time.
    fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.bytes))
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.n_left = self.n_left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
