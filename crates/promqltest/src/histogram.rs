//! Native histograms as scripts write them: `{{schema:1 count:3 sum:2 offset:1 buckets:[1 0 2]}}`.

use crate::series::parse_number;
use model::{Bucket, CUSTOM_BUCKETS_SCHEMA, CounterResetHint, Histogram};

/// A histogram of a script.
#[derive(Clone, Debug)]
pub(crate) struct ParsedHistogram {
    pub(crate) histogram: Histogram,
    /// The text says something about a counter reset.
    pub(crate) names_hint: bool,
}

/// Reads `{{…}}`, `{{…}}x3` (four times), `{{…}}+{{…}}x3` and `{{…}}-{{…}}x3` (each the one before plus or minus the second).
pub(crate) fn parse_item(item: &str) -> Result<Vec<ParsedHistogram>, String> {
    let (first, rest) = parse_one(item)?;
    if rest.is_empty() {
        return Ok(vec![first]);
    }
    let (step, rest) = match rest.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => {
            let (step, rest) = parse_one(&rest[1..])?;
            (Some((*sign, step)), rest)
        }
        _ => (None, rest),
    };
    let times = rest.strip_prefix('x').and_then(|n| n.parse::<usize>().ok());
    let times = times.ok_or_else(|| format!("`{item}`: `{rest}` is no number of times"))?;
    let Some((sign, step)) = step else {
        return Ok(vec![first; times.saturating_add(1)]);
    };
    let mut out = vec![first];
    for _ in 0..times {
        let mut next = out.last().map(|h| h.histogram.clone()).unwrap_or_default();
        if next.schema > step.histogram.schema {
            return Err(format!("`{item}`: cannot merge from schema {} to {}", step.histogram.schema, next.schema));
        }
        let done = if sign == b'+' { next.add(&step.histogram) } else { next.sub(&step.histogram) };
        done.map_err(|error| format!("`{item}`: {error}"))?;
        out.push(ParsedHistogram { histogram: next, names_hint: step.names_hint });
    }
    Ok(out)
}

/// Reads `{{…}}` and gives what follows.
fn parse_one(text: &str) -> Result<(ParsedHistogram, &str), String> {
    let inner = text.strip_prefix("{{").and_then(|rest| rest.split_once("}}"));
    let (inner, rest) = inner.ok_or_else(|| format!("`{text}` is no histogram"))?;
    let histogram = parse_keys(inner).map_err(|error| format!("`{{{{{inner}}}}}`: {error}"))?;
    Ok((histogram, rest))
}

fn parse_keys(text: &str) -> Result<ParsedHistogram, String> {
    let mut h = Histogram::default();
    let mut seen: Vec<&str> = Vec::new();
    let (mut offset, mut n_offset) = (0, 0);
    let (mut positive, mut negative) = (Vec::new(), Vec::new());
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, tail) = rest.split_once(':').ok_or_else(|| format!("`{rest}` has no value"))?;
        let len = match tail.strip_prefix('[') {
            Some(list) => list.find(']').map(|at| at + 2).ok_or_else(|| format!("the list of `{key}` has no end"))?,
            None => tail.find(char::is_whitespace).unwrap_or(tail.len()),
        };
        let (value, tail) = tail.split_at(len);
        rest = tail.trim_start();
        if seen.contains(&key) {
            return Err(format!("`{key}` is there twice"));
        }
        seen.push(key);
        let bad = || format!("`{value}` cannot be the value of `{key}`");
        let float = || parse_number(value).ok_or_else(bad);
        let list = || {
            let items = value.strip_prefix('[').and_then(|v| v.strip_suffix(']')).ok_or_else(bad)?;
            items.split_whitespace().map(|item| parse_number(item).ok_or_else(bad)).collect::<Result<Vec<f64>, _>>()
        };
        match key {
            "schema" => h.schema = value.parse().map_err(|_| bad())?,
            "sum" => h.sum = float()?,
            "count" => h.count = float()?,
            "z_bucket" => h.zero_count = float()?,
            "z_bucket_w" => h.zero_threshold = float()?,
            "custom_values" => h.custom_values = list()?.into(),
            "buckets" => positive = list()?,
            "n_buckets" => negative = list()?,
            "offset" => offset = value.parse().map_err(|_| bad())?,
            "n_offset" => n_offset = value.parse().map_err(|_| bad())?,
            "counter_reset_hint" => {
                h.counter_reset_hint = match value {
                    "unknown" => CounterResetHint::Unknown,
                    "reset" => CounterResetHint::Reset,
                    "not_reset" => CounterResetHint::NotReset,
                    "gauge" => CounterResetHint::Gauge,
                    _ => return Err(bad()),
                };
            }
            _ => return Err(format!("`{key}` is no part of a histogram")),
        }
    }
    if h.schema != CUSTOM_BUCKETS_SCHEMA && !h.custom_values.is_empty() {
        return Err(format!("custom_values need the schema {CUSTOM_BUCKETS_SCHEMA}"));
    }
    h.positive = place(offset, positive)?;
    h.negative = place(n_offset, negative)?;
    Ok(ParsedHistogram { histogram: h, names_hint: seen.contains(&"counter_reset_hint") })
}

/// Counts to buckets from an index on.
fn place(offset: i32, counts: Vec<f64>) -> Result<Vec<Bucket>, String> {
    let mut out = Vec::with_capacity(counts.len());
    for (at, count) in counts.into_iter().enumerate() {
        let idx = i32::try_from(at).ok().and_then(|at| offset.checked_add(at)).ok_or("too many buckets")?;
        out.push(Bucket { idx, count });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(item: &str) -> Vec<String> {
        parse_item(item)
            .map_or_else(|error| vec![error], |list| list.iter().map(|h| h.histogram.test_expression()).collect())
    }

    #[test]
    fn histograms_read_back_as_they_are_written() {
        for text in [
            "{{}}",
            "{{schema:3 count:5.5 sum:-0.25 z_bucket:2 z_bucket_w:0.001 offset:-2 buckets:[1 0 2.5] n_offset:4 n_buckets:[3]}}",
            "{{schema:-53 count:3 sum:NaN custom_values:[-1 5 10.5] counter_reset_hint:gauge offset:1 buckets:[1 2]}}",
            "{{schema:-4 sum:+Inf counter_reset_hint:not_reset}}",
        ] {
            assert_eq!(texts(text), [text]);
        }
        assert_eq!(texts("{{ buckets:[ 0 2 ] schema:0  sum:Inf }}"), ["{{sum:+Inf offset:1 buckets:[2]}}"]);
    }

    #[test]
    fn histograms_are_repeated_and_summed() {
        assert_eq!(texts("{{sum:1}}x2"), ["{{sum:1}}"; 3]);
        assert_eq!(
            texts("{{count:1 buckets:[1]}}+{{schema:1 count:2 offset:1 buckets:[1 1]}}x2"),
            ["{{count:1 buckets:[1]}}", "{{count:3 buckets:[1 2]}}", "{{count:5 buckets:[1 4]}}"]
        );
        assert_eq!(texts("{{count:5}}-{{count:2}}x1"), ["{{count:5}}", "{{count:3}}"]);
    }

    #[test]
    fn whether_a_hint_is_named_is_known() {
        let named = |item: &str| parse_item(item).map(|list| list.iter().map(|h| h.names_hint).collect::<Vec<_>>());
        assert_eq!(named("{{sum:1}}"), Ok(vec![false]));
        assert_eq!(named("{{counter_reset_hint:unknown}}x1"), Ok(vec![true, true]));
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        for (item, want) in [
            ("{{sum}}", "`sum` has no value"),
            ("{{sum:x}}", "`x` cannot be the value of `sum`"),
            ("{{sum:1 sum:2}}", "`sum` is there twice"),
            ("{{schema:1.5}}", "cannot be the value of `schema`"),
            ("{{bounds:[1]}}", "`bounds` is no part"),
            ("{{buckets:[1}}", "has no end"),
            ("{{buckets:1}}", "cannot be the value of `buckets`"),
            ("{{offset:2147483647 buckets:[1 2]}}", "too many buckets"),
            ("{{custom_values:[1]}}", "need the schema -53"),
            ("{{counter_reset_hint:maybe}}", "cannot be the value of `counter_reset_hint`"),
            ("{{schema:2}}+{{schema:1}}x2", "cannot merge from schema 1 to 2"),
            ("{{}}+{{}}", "is no number of times"),
            ("{{}}xa", "is no number of times"),
            ("{{sum:1}", "is no histogram"),
        ] {
            let error = parse_item(item).expect_err(item);
            assert!(error.contains(want), "{error}");
        }
    }
}
