//! A body of protobuf as text, for people to read: one line a sample, as OpenMetrics 2.0 would write it.

use super::{ProtobufEntry, ProtobufParser};
use crate::parser::Entry;
use model::{Exemplar, Timestamp, number};
use std::fmt::Write as _;

/// The body as text. Behind what cannot be read, its end says why; of a body that was cut off, that is its last message.
#[must_use]
pub fn protobuf_as_text(body: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    let mut parser = ProtobufParser::new(body);
    loop {
        match parser.next_entry() {
            Ok(None) => break,
            Ok(Some(ProtobufEntry::Metadata(entry))) => metadata(&entry, &mut out),
            Ok(Some(ProtobufEntry::Float(v))) => sample(&parser, &number::format(v), &mut out),
            Ok(Some(ProtobufEntry::Histogram(histogram))) => sample(&parser, &histogram.to_string(), &mut out),
            Err(error) => {
                let _ = writeln!(out, "# From here on it cannot be read, byte {}: {}", error.column, error.kind);
                break;
            }
        }
    }
    out.into_bytes()
}

fn metadata(entry: &Entry<'_>, out: &mut String) {
    let _ = match entry {
        Entry::Help { name, text } => {
            writeln!(out, "# HELP {name} {}", text.replace('\\', "\\\\").replace('\n', "\\n"))
        }
        Entry::Unit { name, unit } => writeln!(out, "# UNIT {name} {unit}"),
        Entry::Type { name, kind } => writeln!(out, "# TYPE {name} {}", kind.as_str()),
        Entry::Series(_) => Ok(()),
    };
}

fn sample(parser: &ProtobufParser<'_>, value: &str, out: &mut String) {
    match parser.labels() {
        Ok(labels) => out.push_str(&labels.to_string()),
        Err(error) => {
            let _ = write!(out, "({})", error.kind);
        }
    }
    let _ = write!(out, " {value}");
    if let Some(t) = parser.timestamp() {
        let _ = write!(out, " {}", seconds(t));
    }
    if let Some(start) = parser.start() {
        let _ = write!(out, " st@{}", seconds(start));
    }
    for Exemplar { labels, v, t } in parser.exemplars() {
        let _ = write!(out, " # {labels} {}", number::format(*v));
        if let Some(t) = t {
            let _ = write!(out, " {}", seconds(*t));
        }
    }
    out.push('\n');
}

fn seconds(t: Timestamp) -> String {
    number::format(t.0 as f64 / 1_000.0)
}
