//! Why a text is no metrics text: where, what was expected, what was found.

use std::fmt;

/// A text that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Line {line}, column {column}: {kind}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something else should stand here.
    Expected {
        /// What should.
        what: &'static str,
        /// Behind what; may be empty.
        after: String,
        /// What does.
        found: String,
    },
    /// A value that is no number.
    BadNumber {
        /// What it belongs to.
        after: String,
        /// What stands there.
        found: String,
    },
    /// A time stamp that is no number, or not a finite one.
    BadTimestamp {
        /// What stands there.
        found: String,
    },
    /// `# TYPE` names none of the types of its format.
    UnknownType {
        /// What it names.
        found: String,
    },
    /// `# UNIT` names a unit with which the metric's name does not end.
    UnitNotSuffix {
        /// The unit.
        unit: String,
        /// The metric.
        metric: String,
    },
    /// A series without a name.
    NoMetricName,
    /// A label that stands twice in one series.
    DuplicateLabel {
        /// Its name.
        name: String,
    },
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// An exemplar on a series that may have none.
    ExemplarNotAllowed {
        /// The series' name.
        metric: String,
    },
    /// OpenMetrics text that does not end with `# EOF`: probably cut off.
    NoEof,
    /// Text behind `# EOF`.
    DataAfterEof,
    /// Bytes that are no protobuf of metrics.
    BadProtobuf {
        /// What is wrong with them.
        what: &'static str,
    },
    /// A sample that its family's type does not allow.
    BadSample {
        /// Why not.
        why: String,
    },
    /// A native histogram that cannot be one.
    BadHistogram {
        /// Why not.
        why: String,
    },
    /// A web page.
    Html,
    /// The answer of an API.
    Json,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::Expected { what, after, found } if after.is_empty() => {
                write!(f, "expected {what}, found {found}")
            }
            ErrorKind::Expected { what, after, found } => write!(f, "expected {what} after `{after}`, found {found}"),
            ErrorKind::BadNumber { after, found } => write!(f, "expected a number after `{after}`, found {found}"),
            ErrorKind::BadTimestamp { found } => write!(f, "expected a time stamp, found {found}"),
            ErrorKind::UnknownType { found } => write!(f, "there is no metric type {found}"),
            ErrorKind::UnitNotSuffix { unit, metric } => {
                write!(f, "the unit `{unit}` is not the last part of the metric's name `{metric}`")
            }
            ErrorKind::NoMetricName => f.write_str("this series has no metric name"),
            ErrorKind::DuplicateLabel { name } => write!(f, "the label `{name}` stands twice in this series"),
            ErrorKind::NotUtf8 => f.write_str("these bytes are not UTF-8"),
            ErrorKind::ExemplarNotAllowed { metric } => write!(
                f,
                "`{metric}` cannot have an exemplar: only counters (`…_total`) and histogram buckets (`…_bucket`) can"
            ),
            ErrorKind::NoEof => f.write_str("the text does not end with `# EOF`: it was probably cut off"),
            ErrorKind::DataAfterEof => f.write_str("there is more text behind `# EOF`"),
            ErrorKind::BadProtobuf { what } => write!(f, "this is no protobuf of metrics: {what}"),
            ErrorKind::BadSample { why } => f.write_str(why),
            ErrorKind::BadHistogram { why } => write!(f, "this native histogram cannot be: {why}"),
            ErrorKind::Html => f.write_str("this is a web page (HTML), not metrics text"),
            ErrorKind::Json => f.write_str("this is JSON, not metrics text"),
        }
    }
}

/// What stands somewhere, short enough for a message, or "the end of the line".
pub(crate) fn show(bytes: &[u8]) -> String {
    match bytes.first() {
        None => return "the end of the text".to_owned(),
        Some(b'\n') => return "the end of the line".to_owned(),
        _ => {}
    }
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or(bytes);
    format!("`{}`", shorten(line))
}

/// At most 60 characters of a text that may not be UTF-8.
pub(crate) fn shorten(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 60;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * MAX_CHARS)]);
    let mut out: String = text.chars().take(MAX_CHARS).map(|c| if c.is_control() { '�' } else { c }).collect();
    if text.chars().count() > MAX_CHARS || bytes.len() > 4 * MAX_CHARS {
        out.push('…');
    }
    out
}
