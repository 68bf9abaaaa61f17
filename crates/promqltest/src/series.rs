//! Series and their values as scripts write them: `up{job="x"} 1+2x5 _ stale`.

use crate::histogram;
use model::{Histogram, Labels, LabelsBuilder, METRIC_NAME, MatchOp, STALE_NAN, duration, is_stale, number};
use promql::Expr;
use std::fmt;
use std::sync::Arc;

/// One sample of a script.
#[derive(Clone, Debug)]
pub enum LoadedValue {
    /// A float.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
}

impl LoadedValue {
    /// The float; `None` for a histogram.
    #[must_use]
    pub fn float(&self) -> Option<f64> {
        match self {
            LoadedValue::Float(v) => Some(*v),
            LoadedValue::Histogram(_) => None,
        }
    }
}

impl fmt::Display for LoadedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadedValue::Float(v) if is_stale(*v) => f.write_str("stale"),
            LoadedValue::Float(v) => f.write_str(&number::format(*v)),
            LoadedValue::Histogram(h) => f.write_str(&h.test_expression()),
        }
    }
}

/// A series of a `load`.
#[derive(Clone, Debug, Default)]
pub struct LoadedSeries {
    /// Its labels.
    pub labels: Labels,
    /// One value a position; `None` where there is no sample.
    pub values: Vec<Option<LoadedValue>>,
    /// When what a sample counts began, in milliseconds from the sample's own time: one a position, or empty if the
    /// script says nothing about that.
    pub start_times: Vec<Option<i64>>,
    /// Some of its values are native histograms.
    pub has_histograms: bool,
    /// Positions whose histogram says something about a counter reset: only there does an expectation mean one.
    pub named_hints: Vec<usize>,
}

impl LoadedSeries {
    /// Whether the histogram at a position says something about a counter reset.
    #[must_use]
    pub fn names_hint(&self, position: usize) -> bool {
        self.named_hints.contains(&position)
    }
}

impl fmt::Display for LoadedSeries {
    /// As a script would write it, one item a position.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.labels)?;
        for value in &self.values {
            match value {
                Some(value) => write!(f, " {value}")?,
                None => f.write_str(" _")?,
            }
        }
        Ok(())
    }
}

/// A series that is expected.
pub type ExpectedSeries = LoadedSeries;

/// A line of a `load`.
#[derive(Clone, Debug)]
pub(crate) enum LoadLine {
    /// A series with its values.
    Series(LoadedSeries),
    /// The start times of the series in the next line.
    StartTimes(Labels, Vec<Option<i64>>),
}

/// Reads a line of a `load`.
pub(crate) fn parse_load_line(line: &str) -> Result<LoadLine, String> {
    let (selector, rest) = split_selector(line);
    let starts = match (selector.strip_suffix("@st"), rest.strip_prefix("@st")) {
        (Some(selector), _) => Some((selector, rest)),
        (None, Some(rest)) => Some((selector, rest)),
        (None, None) => None,
    };
    match starts {
        Some((selector, rest)) => Ok(LoadLine::StartTimes(parse_labels(selector)?, parse_start_times(rest)?)),
        None => parse_series(line).map(LoadLine::Series),
    }
}

/// Reads a line of a series and its values.
pub(crate) fn parse_series(line: &str) -> Result<LoadedSeries, String> {
    let (selector, values) = split_selector(line);
    let mut series = LoadedSeries { labels: parse_labels(selector)?, ..LoadedSeries::default() };
    parse_values(values, &mut series)?;
    Ok(series)
}

/// The selector ends behind its braces, or at the first blank if it has none.
fn split_selector(line: &str) -> (&str, &str) {
    let blank = line.find([' ', '\t']).unwrap_or(line.len());
    let Some(open) = line.find('{').filter(|open| line[..*open].trim_end().len() <= blank && *open <= blank) else {
        return line.split_at(blank);
    };
    let mut quote = None;
    let mut escaped = false;
    for (idx, c) in line[open..].char_indices() {
        match quote {
            Some(q) => {
                if escaped {
                    escaped = false;
                } else if c == '\\' && q != '`' {
                    escaped = true;
                } else if c == q {
                    quote = None;
                }
            }
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if c == '}' => return line.split_at(open + idx + 1),
            None => {}
        }
    }
    line.split_at(blank)
}

fn parse_labels(selector: &str) -> Result<Labels, String> {
    if selector == "{}" {
        return Ok(Labels::empty());
    }
    let parsed = promql::parse(selector);
    let Expr::Vector(vector) = &parsed.expr else {
        return Err(format!("`{selector}` is no series"));
    };
    let mut builder = LabelsBuilder::new();
    for matcher in &vector.matchers {
        if matcher.op != MatchOp::Equal {
            return Err(format!("`{selector}` is no series: labels are set with `=`"));
        }
        builder.set(&matcher.name, &matcher.value);
    }
    if let Some(name) = &vector.name {
        builder.set(METRIC_NAME, name);
    }
    Ok(builder.labels())
}

fn parse_values(text: &str, series: &mut LoadedSeries) -> Result<(), String> {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let is_histogram = rest.starts_with("{{");
        let len = if is_histogram { histogram_len(rest) } else { rest.find([' ', '\t']).unwrap_or(rest.len()) };
        let (item, tail) = rest.split_at(len);
        rest = tail.trim_start();
        if !is_histogram {
            parse_item(item, &mut series.values)?;
            continue;
        }
        series.has_histograms = true;
        for parsed in histogram::parse_item(item)? {
            if parsed.names_hint {
                series.named_hints.push(series.values.len());
            }
            series.values.push(Some(LoadedValue::Histogram(Arc::new(parsed.histogram))));
        }
    }
    Ok(())
}

/// `_`, `_x3`, `-1m`, `-1mx3`, `-30s-1mx3`: one a position, in milliseconds.
fn parse_start_times(text: &str) -> Result<Vec<Option<i64>>, String> {
    let mut out = Vec::new();
    for item in text.split_whitespace() {
        let bad = || format!("`{item}` is no start time");
        let (body, times) = match item.split_once('x') {
            Some((body, n)) => (body, Some(n.parse::<usize>().map_err(|_| bad())?)),
            None => (item, None),
        };
        if body == "_" {
            out.extend(std::iter::repeat_n(None, times.unwrap_or(1)));
            continue;
        }
        let sign = body.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map(|(at, _)| at);
        let (first, step) = body.split_at(sign.unwrap_or(body.len()));
        let first = parse_offset(first).ok_or_else(bad)?;
        let step = match (step, times) {
            ("", _) => 0,
            (step, Some(_)) => parse_offset(step).ok_or_else(bad)?,
            (_, None) => return Err(bad()),
        };
        for k in 0..=times.unwrap_or(0) {
            let offset = i64::try_from(k).ok().and_then(|k| step.checked_mul(k)).and_then(|d| first.checked_add(d));
            out.push(Some(offset.ok_or_else(bad)?));
        }
    }
    Ok(out)
}

/// A duration with a sign, in milliseconds.
fn parse_offset(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let length =
        if digits.bytes().all(|b| b == b'0') && !digits.is_empty() { 0 } else { duration::parse(digits).ok()?.0 };
    Some(if text.starts_with('-') { -length } else { length })
}

/// `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`
fn histogram_len(text: &str) -> usize {
    let mut end = text.find("}}").map_or(text.len(), |at| at + 2);
    if text[end..].starts_with("+{{") || text[end..].starts_with("-{{") {
        end += text[end..].find("}}").map_or(text.len() - end, |at| at + 2);
    }
    end + text[end..].find([' ', '\t']).unwrap_or(text.len() - end)
}

/// A slip of the finger must not fill the memory.
const MAX_REPEATS: usize = 20_000_000;

fn parse_item(item: &str, out: &mut Vec<Option<LoadedValue>>) -> Result<(), String> {
    let bad = || format!("`{item}` is no value");
    let float = |v: f64| Some(LoadedValue::Float(v));
    // `3x5` is a 3 six times; `0x1f` is a number.
    let (body, times) = match item.rsplit_once('x').map(|(body, n)| (body, n.parse::<usize>())) {
        Some((_, Ok(n))) if n > MAX_REPEATS => {
            return Err(format!("`{item}`: at most {MAX_REPEATS} positions are written at once"));
        }
        Some((body, Ok(n))) => (body, Some(n)),
        _ => (item, None),
    };
    if body == "_" {
        out.extend(std::iter::repeat_n(None, times.unwrap_or(1)));
        return Ok(());
    }
    if body == "stale" {
        out.extend(std::iter::repeat_n(float(STALE_NAN), times.map_or(1, |n| n + 1)));
        return Ok(());
    }
    // The increment begins at a sign that is neither the first character nor behind an exponent's `e`.
    let bytes = body.as_bytes();
    let sign = (1..bytes.len()).find(|&i| matches!(bytes[i], b'+' | b'-') && !matches!(bytes[i - 1], b'e' | b'E'));
    match (sign, times) {
        (Some(at), Some(n)) => {
            let mut v = parse_number(&body[..at]).ok_or_else(bad)?;
            let delta = parse_number(&body[at..]).ok_or_else(bad)?;
            for _ in 0..=n {
                out.push(float(v));
                v += delta;
            }
        }
        (None, _) => {
            let v = parse_number(body).ok_or_else(bad)?;
            out.extend(std::iter::repeat_n(float(v), times.map_or(1, |n| n + 1)));
        }
        (Some(_), None) => return Err(bad()),
    }
    Ok(())
}

/// A number as PromQL writes it, with a sign.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("+nan") || text.eq_ignore_ascii_case("-nan") {
        return Some(f64::NAN);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|v| v as f64);
    }
    number::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line to what it gives, one item a position.
    fn check(line: &str, want: &str) {
        let got = parse_series(line).map_or_else(|error| error, |series| series.to_string());
        assert_eq!(got, want, "{line}");
    }

    #[test]
    fn values_of_all_kinds_stand_side_by_side() {
        check("a 1+2x2 _x2 stale -3x1 {{sum:1}} 1e3", "a 1 3 5 _ _ stale -3 -3 {{sum:1}} 1000");
        check(r#"a{b="}} x"} {{buckets:[1 2]}}x1 _"#, r#"a{b="}} x"} {{buckets:[1 2]}} {{buckets:[1 2]}} _"#);
        check("{} {{sum:1}}+{{sum:2}}x2 7", "{} {{sum:1}} {{sum:3}} {{sum:5}} 7");
        check("a {{sum:5}}-{{sum:2}}x1\t_", "a {{sum:5}} {{sum:3}} _");
        check("a 1+2", "`1+2` is no value");
        check("a {{sum:1", "`{{sum:1` is no histogram");
        let series = parse_series("a {{}} _ {{counter_reset_hint:gauge}}x1").expect("it is a series");
        assert!(series.has_histograms);
        assert_eq!(series.named_hints, [2, 3]);
    }

    #[test]
    fn start_times_are_offsets_of_positions() {
        for (line, want) in [
            ("a@st _ -1m 0", "a [None, Some(-60000), Some(0)]"),
            (r#"a{b="c"}@st  _x2 -30s-1mx2"#, r#"a{b="c"} [None, None, Some(-30000), Some(-90000), Some(-150000)]"#),
            ("a@st 1ms+1sx1 -0ms", "a [Some(1), Some(1001), Some(0)]"),
            ("a@st 1m-1m", "`1m-1m` is no start time"),
            ("a@st 1q", "`1q` is no start time"),
        ] {
            let got = match parse_load_line(line) {
                Ok(LoadLine::StartTimes(labels, starts)) => format!("{labels} {starts:?}"),
                Ok(LoadLine::Series(series)) => series.to_string(),
                Err(error) => error,
            };
            assert_eq!(got, want);
        }
    }
}
