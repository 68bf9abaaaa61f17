//! Lines of a script to commands.

use crate::nhcb;
use crate::series::{ExpectedSeries, LoadLine, LoadedSeries, parse_load_line, parse_number, parse_series};
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
            let first = idx;
            while idx < lines.len() && !lines[idx].is_empty() {
                idx += 1;
            }
            let mut series = parse_load(&lines[first..idx], first)?;
            if word == "load_with_nhcb" {
                series.extend(nhcb::convert(&series).map_err(err)?);
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

/// Reads the lines of a `load`, of which the first is line `before + 1` of the script.
fn parse_load(lines: &[&str], before: usize) -> Result<Vec<LoadedSeries>, ParseError> {
    let mut out: Vec<LoadedSeries> = Vec::new();
    let mut starts = None;
    for (at, text) in lines.iter().enumerate() {
        let err = |message: String| ParseError { line: before + at + 1, message };
        match parse_load_line(text).map_err(err)? {
            LoadLine::StartTimes(labels, times) => {
                if starts.replace((labels, times)).is_some() {
                    return Err(err("start times follow start times".to_owned()));
                }
            }
            LoadLine::Series(mut one) => {
                if let Some((labels, times)) = starts.take() {
                    if labels != one.labels || times.len() != one.values.len() {
                        return Err(err(format!(
                            "the start times before are not those of the samples of {}",
                            one.labels
                        )));
                    }
                    one.start_times = times;
                }
                out.retain(|s| s.labels != one.labels);
                out.push(one);
            }
        }
    }
    match starts {
        Some((labels, _)) => Err(ParseError {
            line: before + lines.len(),
            message: format!("start times of {labels} without its samples"),
        }),
        None => Ok(out),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A script of one load to its series, or the error.
    fn check(text: &str, want: &[&str]) {
        let got = match parse(text) {
            Ok(commands) => match &commands[0].1 {
                Command::Load { series, .. } => series
                    .iter()
                    .map(|s| {
                        let starts: Vec<String> =
                            s.start_times.iter().map(|t| t.map_or("_".to_owned(), |t| t.to_string())).collect();
                        if starts.is_empty() { s.to_string() } else { format!("{s} @ {}", starts.join(" ")) }
                    })
                    .collect(),
                other => vec![format!("{other:?}")],
            },
            Err(error) => vec![error.to_string()],
        };
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn a_load_takes_histograms_and_start_times() {
        check("load 1m\n a 1 2\n b {{sum:1}}x1\n a 3", &["b {{sum:1}} {{sum:1}}", "a 3"]);
        check("load 1m\n a@st _ -1m\n a 1 2\n b 1", &["a 1 2 @ _ -60000", "b 1"]);
        check("load 1m\n a@st _\n a 1 2", &["line 3: the start times before are not those of the samples of a"]);
        check("load 1m\n a@st _\n b 1", &["line 3: the start times before are not those of the samples of b"]);
        check("load 1m\n a@st _", &["line 2: start times of a without its samples"]);
        check("\nload 1m\n a {{what:1}}", &["line 3: `{{what:1}}`: `what` is no part of a histogram"]);
    }

    #[test]
    fn a_load_with_nhcb_adds_native_histograms() {
        let lines = r#"load_with_nhcb 1m
            h_bucket{le="1"} 1 2
            h_bucket{le="+Inf"} 3 3
            h_sum 5 6"#;
        let mut want: Vec<&str> = vec![r#"h_bucket{le="1"} 1 2"#, r#"h_bucket{le="+Inf"} 3 3"#, "h_sum 5 6"];
        let native = "h {{schema:-53 count:3 sum:5 custom_values:[1] buckets:[1 2]}} \
                      {{schema:-53 count:3 sum:6 custom_values:[1] buckets:[2 1]}}";
        want.push(native);
        check(lines, &want);
        check("load_with_nhcb 1m\n h_count -1", &["line 1: count must be non-negative: count=-1"]);
    }
}
