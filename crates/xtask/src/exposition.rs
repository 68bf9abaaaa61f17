//! `cargo xtask exposition [--server|--strict] FILE…`: what a Prometheus server would make of a text, or every rule of
//! the specification that it breaks.

use exposition::{Entry, Format, ParseError, Parser, ProtobufEntry, RichParser, Severity, Violation};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Which texts to read, and as what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files with metrics text; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Content-Type with which they were sent; without it the format is told by `# EOF` at the end, and `--strict` takes
    /// every text for OpenMetrics
    #[arg(long, value_name = "TYPE")]
    media_type: Option<String>,
    /// Accept what a Prometheus server accepts; this is the default
    #[arg(long, conflicts_with = "strict")]
    server: bool,
    /// Report each rule of OpenMetrics 1.0, or of the classic format, that a text breaks
    #[arg(long)]
    strict: bool,
}

/// What is in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    n_samples: usize,
    n_families: usize,
}

/// Prints `ok SAMPLES FAMILIES` or `error LINE:COL MESSAGE` for each file, with its name where there are several, and
/// last the figures of all. With `--strict` each violation has a line of its own below that of its file.
pub fn run(args: &Args) -> ExitCode {
    let (mut n_ok, mut n_bad) = (0, 0);
    let mut total = Figures::default();
    for file in &args.files {
        let mut violations = Vec::new();
        let verdict = read(file).map(|body| {
            let format = format_of(args, &body);
            if !args.strict {
                return server(&body, format);
            }
            violations = exposition::lint(&body, format);
            strict(&body, format, &violations)
        });
        let verdict = verdict.unwrap_or_else(|error| Err(format!("0:0 the file cannot be read: {error}")));
        let line = match verdict {
            Ok(figures) => {
                n_ok += 1;
                total.n_samples += figures.n_samples;
                total.n_families += figures.n_families;
                format!("ok {} {}", figures.n_samples, figures.n_families)
            }
            Err(message) => {
                n_bad += 1;
                format!("error {message}")
            }
        };
        let name = if args.files.len() > 1 { format!("\t{}", file.display()) } else { String::new() };
        println!("{line}{name}");
        for violation in &violations {
            println!("  {} {violation}", if is_error(violation) { "violation" } else { "warning" });
        }
    }
    println!("{n_ok} ok, {n_bad} with errors; {} samples in {} families", total.n_samples, total.n_families);
    if n_bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn server(body: &[u8], format: Format) -> Result<Figures, String> {
    examine(body, format).map_err(|error| format!("{}:{} {}", error.line, error.column, error.kind))
}

/// An error says where the first grave violation is, and how many there are.
fn strict(body: &[u8], format: Format, violations: &[Violation]) -> Result<Figures, String> {
    let mut errors = violations.iter().filter(|violation| is_error(violation));
    let Some(first) = errors.next() else {
        // The few texts that conform and that a server does not take count as empty.
        return Ok(examine(body, format).unwrap_or_default());
    };
    let rest = errors.count();
    let more = if rest > 0 { format!(" (and {rest} more)") } else { String::new() };
    Err(format!("{}:{} {}: {}{more}", first.line, first.column, first.rule.name(), first.detail))
}

fn is_error(violation: &Violation) -> bool {
    violation.rule.severity() == Severity::Error
}

fn format_of(args: &Args, body: &[u8]) -> Format {
    match args.media_type.as_deref() {
        Some(given) => Format::of_content_type(Some(given)),
        None if args.strict => Format::OpenMetrics,
        None => Format::guess(body),
    }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return std::fs::read(file);
    }
    let mut body = Vec::new();
    io::stdin().read_to_end(&mut body)?;
    Ok(body)
}

/// Reads a whole text. A family is what `# TYPE`, `# HELP` or `# UNIT` names; series that belong to none of these
/// are one family a name.
fn examine(body: &[u8], format: Format) -> Result<Figures, ParseError> {
    if let Some(parser) = RichParser::new(body, format) {
        return examine_rich(parser);
    }
    let mut parser = Parser::new(body, format);
    let mut families = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut n_samples = 0;
    while let Some(entry) = parser.next_entry()? {
        match entry {
            Entry::Series(_) => {
                let labels = parser.labels()?;
                names.insert(labels.metric_name().unwrap_or_default().to_owned());
                n_samples += 1;
            }
            Entry::Type { name, .. } | Entry::Help { name, .. } | Entry::Unit { name, .. } => {
                families.insert(name.into_owned());
            }
        }
    }
    names.retain(|name| !SUFFIXES.iter().any(|suffix| name.strip_suffix(suffix).is_some_and(|f| families.contains(f))));
    families.extend(names);
    Ok(Figures { n_samples, n_families: families.len() })
}

/// The same of protobuf and of OpenMetrics 2.0.
fn examine_rich(mut parser: RichParser<'_>) -> Result<Figures, ParseError> {
    let mut families = BTreeSet::new();
    let mut n_samples = 0;
    while let Some(entry) = parser.next_entry()? {
        match entry {
            ProtobufEntry::Metadata(Entry::Type { name, .. } | Entry::Help { name, .. } | Entry::Unit { name, .. }) => {
                families.insert(name.into_owned());
            }
            _ => {
                parser.labels()?;
                n_samples += 1;
            }
        }
    }
    Ok(Figures { n_samples, n_families: families.len() })
}

/// What the names of a family's series add to the family's.
const SUFFIXES: [&str; 8] = ["_total", "_created", "_bucket", "_sum", "_count", "_info", "_gcount", "_gsum"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_families_are_counted() {
        let text =
            b"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\nb 1\nb{c=\"d\"} 1\n# HELP c_total x\n";
        let figures = examine(text, Format::PrometheusText);
        assert_eq!(figures, Ok(Figures { n_samples: 5, n_families: 3 }));
    }

    #[test]
    fn a_strict_reading_finds_what_a_server_takes() {
        let text = b"# TYPE a counter\na_total -1\n# EOF\n";
        assert!(server(text, Format::OpenMetrics).is_ok());
        let error = strict(text, Format::OpenMetrics, &exposition::lint(text, Format::OpenMetrics))
            .expect_err("a negative counter");
        assert!(error.starts_with("2:9 counter-value: "), "{error}");
    }

    #[test]
    fn an_error_has_line_and_column() {
        let error = examine(b"a 1\nb x\n", Format::PrometheusText).expect_err("no number");
        assert_eq!((error.line, error.column), (2, 3));
        assert!(examine(b"a 1\n", Format::OpenMetrics).is_err(), "no # EOF");
    }
}
