//! What a file is, from its first bytes; names lie.

use exposition::{Entry, Format, Parser};
use model::Timestamp;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// gzip of one of the others.
    Gzip,
    /// OpenMetrics or classic text: which of them only its end tells.
    Text,
    /// JSON, perhaps of Prometheus' API.
    Json,
    /// One of our own bundles.
    Bundle,
    /// It has no bytes.
    Empty,
    /// Something without metrics, in the words of a message: "a PNG picture".
    Other(&'static str),
}

/// First bytes that give a file away.
const MAGIC: [(&[u8], &str); 12] = [
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a picture or a sound"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"\0asm", "a program"),
];

/// What a file with these first bytes (some kilobytes are enough) is.
#[must_use]
pub fn recognise(head: &[u8]) -> Kind {
    if head.is_empty() {
        return Kind::Empty;
    }
    if head.starts_with(b"\x1f\x8b") {
        return Kind::Gzip;
    }
    if head.starts_with(crate::bundle::MAGIC) {
        return Kind::Bundle;
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Kind::Other(what);
    }
    // A folder packed with tar.
    if head.get(257..262) == Some(b"ustar") {
        return Kind::Other("a tar archive");
    }
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match start.first() {
        None => Kind::Empty,
        Some(b'<') => Kind::Other("a web page or XML"),
        Some(b'[') => Kind::Json,
        // `{"name"} 1` is text, `{"name":` is JSON.
        Some(b'{') if is_object(start) => Kind::Json,
        _ if head.contains(&0) => Kind::Other("no text"),
        _ => Kind::Text,
    }
}

fn is_object(text: &[u8]) -> bool {
    let inside = text.get(1..).unwrap_or(&[]).trim_ascii_start();
    let Some(rest) = inside.strip_prefix(b"\"") else { return inside.first().is_none_or(|b| *b == b'}') };
    let mut bytes = rest.iter().enumerate();
    while let Some((at, &b)) = bytes.next() {
        match b {
            b'\\' => {
                bytes.next();
            }
            b'"' => return rest.get(at + 1..).unwrap_or(&[]).trim_ascii_start().first().is_none_or(|b| *b == b':'),
            _ => {}
        }
    }
    false
}

/// The time of the first sample of a text that has one, from its first bytes: by it the dumps of a series of files are
/// put in order before any of them is read.
#[must_use]
pub fn first_time(head: &[u8]) -> Option<Timestamp> {
    // The last line may be cut off.
    let end = head.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let head = head.get(..end)?;
    for format in [Format::OpenMetrics, Format::PrometheusText] {
        let mut parser = Parser::new(head, format);
        while let Ok(Some(entry)) = parser.next_entry() {
            let Entry::Series(series) = entry else { continue };
            match series.timestamp {
                // Milliseconds taken for seconds would be after the year 5000, seconds for milliseconds in January 1970.
                Some(t) if (1_000_000_000..100_000_000_000_000).contains(&t.0) => return Some(t),
                Some(_) => break,
                None => {}
            }
        }
    }
    None
}
