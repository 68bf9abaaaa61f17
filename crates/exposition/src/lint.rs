//! Strict conformance: every rule of OpenMetrics 1.0 (or of the classic format) that a text breaks, and where; of
//! OpenMetrics 2.0 each line that cannot be read.
//!
//! A Prometheus server takes texts that break many rules, because it does not look across lines; so does
//! [`Parser`]. [`lint`] looks: a text without an [`Severity::Error`] among its [`Violation`]s is conformant.

mod family;
mod point;
mod rule;

pub use rule::{Rule, Severity};

use crate::error::{ErrorKind, ParseError};
use crate::format::Format;
use crate::parser::{Entry, OpenMetrics2Parser, Parser};
use crate::protobuf::ProtobufEntry;
use family::Families;
pub(crate) use family::suffixes;
use model::LabelsBuilder;

/// A place where a text breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The rule.
    pub rule: Rule,
    /// What is wrong with it here.
    pub detail: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Violation { line, column, rule, detail } = self;
        write!(f, "{line}:{column} {}: {detail} [{} ({})]", rule.name(), rule.sentence(), rule.section())
    }
}

/// All violations of a text in the order of their places.
#[must_use]
pub fn lint(body: &[u8], format: Format) -> Vec<Violation> {
    let mut report = Report::default();
    if format == Format::OpenMetrics2 {
        read_openmetrics2(body, &mut report);
    } else {
        read(body, format, &mut report);
    }
    if let Err(error) = std::str::from_utf8(body)
        && !report.has(Rule::Utf8)
    {
        report.add(error.valid_up_to(), Rule::Utf8, "these bytes are not UTF-8".to_owned());
    }
    if format == Format::PrometheusText && body.last().is_some_and(|last| *last != b'\n') {
        report.add(body.len(), Rule::LineFeed, "there is no line feed at the end".to_owned());
    }
    report.violations(body)
}

/// More are not counted: whoever sees a thousand mends some of them first, and reading on would take long.
pub const MAX_VIOLATIONS: usize = 1_000;

/// Violations by their byte, whose lines and columns are counted at the end in one pass, and those that the parser placed.
#[derive(Debug, Default)]
struct Report {
    found: Vec<(usize, Rule, String)>,
    placed: Vec<Violation>,
}

impl Report {
    fn add(&mut self, pos: usize, rule: Rule, detail: String) {
        if !self.is_full() {
            self.found.push((pos, rule, detail));
        }
    }

    fn add_error(&mut self, error: &ParseError) {
        let ParseError { line, column, kind } = error;
        if !self.is_full() {
            let (rule, detail) = (rule_of(kind), kind.to_string());
            self.placed.push(Violation { line: *line, column: *column, rule, detail });
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() + self.placed.len() >= MAX_VIOLATIONS
    }

    fn has(&self, rule: Rule) -> bool {
        self.found.iter().any(|found| found.1 == rule) || self.placed.iter().any(|found| found.rule == rule)
    }

    fn violations(mut self, body: &[u8]) -> Vec<Violation> {
        model::sort::by_key(&mut self.found, |found| found.0);
        let (mut line, mut line_start, mut seen) = (1, 0, 0);
        for (pos, rule, detail) in self.found {
            let pos = pos.min(body.len());
            for at in memchr::memchr_iter(b'\n', &body[seen..pos]) {
                line += 1;
                line_start = seen + at + 1;
            }
            seen = pos;
            let column = String::from_utf8_lossy(&body[line_start..pos]).chars().count() + 1;
            self.placed.push(Violation { line, column, rule, detail });
        }
        model::sort::by_key(&mut self.placed, |found| (found.line, found.column));
        self.placed
    }
}

/// Reads line by line: behind a line that is no metrics text, it goes on with the next one.
fn read(body: &[u8], format: Format, report: &mut Report) {
    let mut parser = Parser::new_lenient(body, format);
    let mut families = Families::new(format);
    while !report.is_full() {
        match parser.next_entry() {
            Ok(None) => break,
            Ok(Some(Entry::Series(series))) => match parser.labels() {
                Ok(_) => families.sample(&parser, &series, report),
                Err(error) => report.add_error(&error),
            },
            Ok(Some(entry)) => families.metadata(&parser, entry, report),
            Err(error) => {
                report.add_error(&error);
                if matches!(rule_of(&error.kind), Rule::Eof | Rule::NotMetrics) {
                    break;
                }
                parser.skip_line();
            }
        }
    }
    families.finish(report);
}

/// Of OpenMetrics 2.0, which is not settled yet, only what a server refuses is reported: each bad line.
fn read_openmetrics2(body: &[u8], report: &mut Report) {
    let mut parser = OpenMetrics2Parser::new(body);
    let mut labels = LabelsBuilder::new();
    while !report.is_full() {
        let error = match parser.next_entry() {
            Ok(None) => break,
            Ok(Some(ProtobufEntry::Metadata(_))) => continue,
            Ok(Some(_)) => match parser.labels_into(&mut labels) {
                Ok(()) => continue,
                Err(error) => {
                    report.add_error(&error);
                    continue;
                }
            },
            Err(error) => error,
        };
        report.add_error(&error);
        if matches!(rule_of(&error.kind), Rule::Eof | Rule::NotMetrics) {
            break;
        }
        parser.skip_line();
    }
}

fn rule_of(kind: &ErrorKind) -> Rule {
    match kind {
        ErrorKind::Expected { .. } => Rule::Syntax,
        ErrorKind::BadNumber { .. } => Rule::Number,
        ErrorKind::BadTimestamp { .. } => Rule::Timestamp,
        ErrorKind::UnknownType { .. } => Rule::Type,
        ErrorKind::UnitNotSuffix { .. } => Rule::UnitSuffix,
        ErrorKind::NoMetricName => Rule::MetricName,
        ErrorKind::DuplicateLabel { .. } => Rule::LabelTwice,
        ErrorKind::NotUtf8 => Rule::Utf8,
        ErrorKind::ExemplarNotAllowed { .. } => Rule::ExemplarPlace,
        ErrorKind::NoEof | ErrorKind::DataAfterEof => Rule::Eof,
        ErrorKind::BadSample { .. } => Rule::Sample,
        ErrorKind::BadHistogram { .. } => Rule::Sample,
        ErrorKind::BadProtobuf { .. } | ErrorKind::Html | ErrorKind::Json => Rule::NotMetrics,
    }
}

#[cfg(test)]
mod tests;
