//! Lines of a script to commands.

use crate::series::{ExpectedSeries, LoadedSeries, parse_number, parse_series};
use model::{Millis, Timestamp, duration};

/// A script that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A command of a script.
#[derive(Clone, Debug)]
pub enum Command {
    /// Drops all data.
    Clear,
    /// Stores series, whose values are `step` apart from time 0.
    Load {
        /// The distance of two values.
        step: Millis,
        /// The series.
        series: Vec<LoadedSeries>,
    },
    /// Evaluates a query and compares.
    Eval(Eval),
}

/// When a query is evaluated.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// At one time.
    Instant(Timestamp),
    /// Over a range.
    Range {
        /// First step.
        start: Timestamp,
        /// End.
        end: Timestamp,
        /// Step.
        step: Millis,
    },
}

/// An `eval` with what it expects.
#[derive(Clone, Debug)]
pub struct Eval {
    /// When.
    pub when: When,
    /// The query.
    pub query: String,
    /// `expect …` lines.
    pub expectations: Vec<Expectation>,
    /// The series that are expected.
    pub expected: Vec<ExpectedSeries>,
    /// A number that is expected.
    pub scalar: Option<f64>,
    /// A text that is expected.
    pub string: Option<String>,
    /// The grid of an expected range vector.
    pub range_vector: Option<(Timestamp, Timestamp, Millis)>,
}

/// An `expect …` line.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is expected.
    pub kind: ExpectKind,
    /// The text it must equal.
    pub msg: Option<String>,
    /// The regular expression it must match.
    pub regex: Option<String>,
}

/// What an `expect …` line expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word of the script")]
pub enum ExpectKind {
    Fail,
    Warn,
    Info,
    NoWarn,
    NoInfo,
    Ordered,
}

/// Reads a script: commands with their line numbers, from 1.
///
/// # Errors
/// At the first line that cannot be read.
pub fn parse(text: &str) -> Result<Vec<(usize, Command)>, ParseError> {
    let lines: Vec<&str> =
        text.lines().map(|line| if line.trim().starts_with('#') { "" } else { line.trim() }).collect();
    let mut out = Vec::new();
    let mut idx = 0;
    while idx < lines.len() {
        let line = lines[idx];
        let at = idx + 1;
        let err = |message: String| ParseError { line: at, message };
        idx += 1;
        let word = line.split_whitespace().next().unwrap_or("").to_ascii_lowercase();
        if word.is_empty() {
            continue;
        }
        if word == "clear" {
            out.push((at, Command::Clear));
        } else if word.starts_with("load") {
            let mut words = line.split_whitespace().skip(1);
            let step = parse_duration(words.next().unwrap_or("")).map_err(err)?;
            let mut series: Vec<LoadedSeries> = Vec::new();
            let mut unsupported = word == "load_with_nhcb";
            while idx < lines.len() && !lines[idx].is_empty() {
                let text = lines[idx];
                idx += 1;
                // Start times are not stored yet: what follows cannot be judged.
                if text.contains("@st ") {
                    unsupported = true;
                    continue;
                }
                let mut one = parse_series(text).map_err(|message| ParseError { line: idx, message })?;
                one.has_histograms |= unsupported;
                series.retain(|s| s.labels != one.labels);
                series.push(one);
            }
            out.push((at, Command::Load { step, series }));
        } else if word.starts_with("eval") {
            let mut eval = parse_eval(line, &word).map_err(err)?;
            while idx < lines.len() && !lines[idx].is_empty() {
                let text = lines[idx];
                idx += 1;
                let ends = parse_expectation(text, &mut eval).map_err(|message| ParseError { line: idx, message })?;
                if ends {
                    break;
                }
            }
            out.push((at, Command::Eval(eval)));
        } else {
            return Err(err(format!("`{word}` is no command")));
        }
    }
    Ok(out)
}

fn parse_eval(line: &str, word: &str) -> Result<Eval, String> {
    let mut rest = line;
    let mut next = || {
        rest = rest.trim_start();
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(len);
        rest = tail;
        head
    };
    next();
    let when = match next() {
        "instant" => {
            next();
            When::Instant(Timestamp(parse_duration(next())?.0))
        }
        "range" => {
            next();
            let start = Timestamp(parse_duration(next())?.0);
            next();
            let end = Timestamp(parse_duration(next())?.0);
            next();
            When::Range { start, end, step: parse_duration(next())? }
        }
        other => return Err(format!("expected `instant` or `range`, found `{other}`")),
    };
    let kinds = [
        ("eval_fail", ExpectKind::Fail),
        ("eval_warn", ExpectKind::Warn),
        ("eval_info", ExpectKind::Info),
        ("eval_ordered", ExpectKind::Ordered),
    ];
    let expectations = kinds.iter().filter(|(name, _)| *name == word);
    let expectations = expectations.map(|(_, kind)| Expectation { kind: *kind, msg: None, regex: None }).collect();
    Ok(Eval {
        when,
        query: rest.trim().to_owned(),
        expectations,
        expected: Vec::new(),
        scalar: None,
        string: None,
        range_vector: None,
    })
}

/// Adds an expectation; whether it ends the command.
fn parse_expectation(line: &str, eval: &mut Eval) -> Result<bool, String> {
    if let Some(rest) = line.strip_prefix("expected_fail_message ") {
        eval.expectations.push(Expectation { kind: ExpectKind::Fail, msg: Some(rest.trim().to_owned()), regex: None });
        return Ok(true);
    }
    if let Some(rest) = line.strip_prefix("expected_fail_regexp ") {
        eval.expectations.push(Expectation { kind: ExpectKind::Fail, msg: None, regex: Some(rest.trim().to_owned()) });
        return Ok(true);
    }
    if let Some(rest) = line.strip_prefix("expect ") {
        let rest = rest.trim();
        if let Some(range) = rest.strip_prefix("range vector ") {
            let words: Vec<&str> = range.split_whitespace().collect();
            let ["from", start, "to", end, "step", step] = words.as_slice() else {
                return Err(format!("`{line}` is no range"));
            };
            let time = |text: &str| parse_duration(text).map(|d| Timestamp(d.0));
            eval.range_vector = Some((time(start)?, time(end)?, parse_duration(step)?));
            return Ok(false);
        }
        if let Some(quoted) = rest.strip_prefix("string ") {
            match promql::parse(quoted.trim()).expr {
                promql::Expr::String(text) => eval.string = Some(text.value),
                _ => return Err(format!("`{quoted}` is no text")),
            }
            return Ok(false);
        }
        let (word, detail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let kind = match word {
            "fail" => ExpectKind::Fail,
            "warn" => ExpectKind::Warn,
            "info" => ExpectKind::Info,
            "no_warn" => ExpectKind::NoWarn,
            "no_info" => ExpectKind::NoInfo,
            "ordered" => ExpectKind::Ordered,
            _ => return Err(format!("`{word}` cannot be expected")),
        };
        let text = |prefix: &str| detail.trim().strip_prefix(prefix).map(|t| t.trim().to_owned());
        eval.expectations.push(Expectation { kind, msg: text("msg:"), regex: text("regex:") });
        return Ok(false);
    }
    if let Some(v) = parse_number(line) {
        eval.scalar = Some(v);
        return Ok(true);
    }
    eval.expected.push(parse_series(line)?);
    Ok(false)
}

fn parse_duration(text: &str) -> Result<Millis, String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    match duration::parse(digits) {
        Ok(length) => Ok(Millis(sign * length.0)),
        Err(error) => Err(format!("`{text}`: {error}")),
    }
}
