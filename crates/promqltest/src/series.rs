//! Series and their values as scripts write them: `up{job="x"} 1+2x5 _ stale`.

use model::{Labels, LabelsBuilder, METRIC_NAME, MatchOp, STALE_NAN, number};
use promql::Expr;

/// A series of a `load`.
#[derive(Clone, Debug)]
pub struct LoadedSeries {
    /// Its labels.
    pub labels: Labels,
    /// One value a position; `None` where there is no sample (or a histogram).
    pub values: Vec<Option<f64>>,
    /// Some of its values are native histograms.
    pub has_histograms: bool,
}

/// A series that is expected.
pub type ExpectedSeries = LoadedSeries;

/// Reads a line of a series and its values.
pub(crate) fn parse_series(line: &str) -> Result<LoadedSeries, String> {
    let (selector, values) = split_selector(line);
    let labels = parse_labels(selector)?;
    let (values, has_histograms) = parse_values(values)?;
    Ok(LoadedSeries { labels, values, has_histograms })
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

fn parse_values(text: &str) -> Result<(Vec<Option<f64>>, bool), String> {
    let mut out = Vec::new();
    let mut has_histograms = false;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let len =
            if rest.starts_with("{{") { histogram_len(rest) } else { rest.find([' ', '\t']).unwrap_or(rest.len()) };
        let (item, tail) = rest.split_at(len);
        rest = tail.trim_start();
        if item.starts_with("{{") {
            has_histograms = true;
            let n = item.rsplit_once('x').and_then(|(_, n)| n.parse::<usize>().ok()).map_or(1, |n| n + 1);
            out.extend(std::iter::repeat_n(None, n));
        } else {
            parse_item(item, &mut out)?;
        }
    }
    Ok((out, has_histograms))
}

/// `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`
fn histogram_len(text: &str) -> usize {
    let mut end = text.find("}}").map_or(text.len(), |at| at + 2);
    if text[end..].starts_with("+{{") || text[end..].starts_with("-{{") {
        end += text[end..].find("}}").map_or(text.len() - end, |at| at + 2);
    }
    end + text[end..].find([' ', '\t']).unwrap_or(text.len() - end)
}

fn parse_item(item: &str, out: &mut Vec<Option<f64>>) -> Result<(), String> {
    let bad = || format!("`{item}` is no value");
    // `3x5` is a 3 six times; `0x1f` is a number.
    let (body, times) = match item.rsplit_once('x').map(|(body, n)| (body, n.parse::<usize>())) {
        Some((body, Ok(n))) => (body, Some(n)),
        _ => (item, None),
    };
    if body == "_" {
        out.extend(std::iter::repeat_n(None, times.unwrap_or(1)));
        return Ok(());
    }
    if body == "stale" {
        out.extend(std::iter::repeat_n(Some(STALE_NAN), times.map_or(1, |n| n + 1)));
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
                out.push(Some(v));
                v += delta;
            }
        }
        (None, _) => {
            let v = parse_number(body).ok_or_else(bad)?;
            out.extend(std::iter::repeat_n(Some(v), times.map_or(1, |n| n + 1)));
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
