//! Why a result is empty, and what to try instead: a name that is nearly right, a value that no series
//! has, a window without two samples, data that ended.

use crate::components::time_range::ladder::format_range;
use crate::texts::explore as texts;
use model::{MatchOp, Matcher, quote};
use promql::{Expr, Span};
use std::collections::BTreeMap;

/// A sentence about an empty result, and the expression that would be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is the case.
    pub message: String,
    /// What to run instead.
    pub better: Option<String>,
}

impl Finding {
    fn plain(message: impl Into<String>) -> Self {
        Finding { message: message.into(), better: None }
    }
}

/// A selector of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// The metric it names, if it names one.
    pub metric: Option<String>,
    /// All conditions.
    pub matchers: Vec<Matcher>,
    /// Where name and braces stand.
    pub span: Span,
    /// The range behind it.
    pub window_ms: Option<i64>,
}

/// All selectors of an expression, from the left.
#[must_use]
pub fn selectors(expr: &Expr) -> Vec<Selector> {
    let mut found = Vec::new();
    collect(expr, &mut found);
    found
}

fn collect(expr: &Expr, found: &mut Vec<Selector>) {
    let (selector, window_ms) = match expr {
        Expr::Vector(selector) => (selector, None),
        Expr::Matrix(matrix) => (&matrix.selector, matrix.range.fixed().map(|range| range.0)),
        _ => {
            expr.children().into_iter().for_each(|child| collect(child, found));
            return;
        }
    };
    let named = |m: &&Matcher| m.name == model::METRIC_NAME && m.op == MatchOp::Equal;
    let metric = selector.name.clone().or_else(|| selector.matchers.iter().find(named).map(|m| m.value.clone()));
    found.push(Selector { metric, matchers: selector.matchers.clone(), span: selector.selector_span, window_ms });
}

/// Values of labels, by metric and label, as the worker looked them up.
pub type KnownValues = BTreeMap<(String, String), Vec<String>>;

/// What has to be looked up to explain an empty result: for each metric the labels that are compared for equality.
#[must_use]
pub fn wanted_values(selectors: &[Selector]) -> Vec<(String, String)> {
    let mut wanted: Vec<(String, String)> = selectors
        .iter()
        .filter_map(|selector| Some((selector.metric.clone()?, &selector.matchers)))
        .flat_map(|(metric, matchers)| compared(matchers).map(move |m| (metric.clone(), m.name.clone())))
        .collect();
    model::sort::by(&mut wanted, Ord::cmp);
    wanted.dedup();
    wanted
}

/// `a="b"`; `a=""` is also true of series without the label.
fn compared(matchers: &[Matcher]) -> impl Iterator<Item = &Matcher> {
    matchers.iter().filter(|m| m.op == MatchOp::Equal && m.name != model::METRIC_NAME && !m.value.is_empty())
}

/// What is known about the data. Times in ms since the epoch.
#[derive(Clone, Debug, Default)]
pub struct Data<'a> {
    /// Names of all metrics.
    pub metrics: Vec<&'a str>,
    /// Values of labels that were looked up.
    pub values: KnownValues,
    /// The shortest time between two scrapes of a target.
    pub interval_ms: Option<i64>,
    /// Time of the newest sample.
    pub newest_ms: Option<i64>,
    /// The end of the range that was asked for.
    pub at_ms: i64,
    /// Time of the oldest sample.
    pub oldest_ms: Option<i64>,
    /// The same as the page writes times.
    pub begins: String,
    /// The end was chosen; else it follows the clock.
    pub is_fixed: bool,
}

/// A series is seen for so long after its last sample.
const LOOKBACK_MS: i64 = 300_000;

/// The reasons, the surest first; never none.
#[must_use]
pub fn findings(src: &str, selectors: &[Selector], data: &Data) -> Vec<Finding> {
    if data.metrics.is_empty() {
        return vec![Finding::plain(texts::EMPTY_STORE)];
    }
    let mut found = Vec::new();
    for selector in selectors {
        match &selector.metric {
            Some(metric) if !data.metrics.contains(&metric.as_str()) => {
                found.push(no_metric(src, selector, metric, &data.metrics));
            }
            Some(metric) => found.extend(no_values(src, selector, metric, &data.values)),
            None => {}
        }
    }
    if !found.is_empty() {
        return found;
    }
    let age_ms = data.oldest_ms.map(|oldest_ms| data.at_ms - oldest_ms);
    if data.is_fixed && age_ms.is_some_and(|ms| ms < 0) {
        return vec![Finding::plain(texts::before_data(&data.begins))];
    }
    let windows = selectors.iter().filter_map(|s| s.window_ms);
    if let (Some(window_ms), Some(interval_ms)) = (windows.min(), data.interval_ms) {
        if !data.is_fixed && age_ms.is_some_and(|ms| ms < 2 * interval_ms) {
            return vec![Finding::plain(texts::YOUNG_DATA)];
        }
        if window_ms < 2 * interval_ms {
            let enough = format_range(4 * interval_ms);
            found.push(Finding::plain(texts::short_window(
                &format_range(window_ms),
                &format_range(interval_ms),
                &enough,
            )));
        }
    }
    if let Some(newest_ms) = data.newest_ms
        && data.at_ms - newest_ms >= LOOKBACK_MS
    {
        let ago_ms = (data.at_ms - newest_ms) / 1_000 * 1_000;
        found.push(Finding::plain(texts::data_ended(&format_range(ago_ms))));
    }
    if found.is_empty() {
        found.push(Finding::plain(texts::EMPTY_COMPUTED));
    }
    found
}

fn no_metric(src: &str, selector: &Selector, metric: &str, metrics: &[&str]) -> Finding {
    let mut message = texts::no_metric(metric);
    let near = nearest(metric, metrics);
    if let Some(near) = near {
        message.push(' ');
        message.push_str(&texts::nearest_metric(near));
    }
    let better = near.and_then(|near| {
        let text = selector.span.text(src);
        text.contains(metric).then(|| with(src, selector.span, &text.replacen(metric, near, 1)))
    });
    Finding { message, better }
}

fn no_values(src: &str, selector: &Selector, metric: &str, known: &KnownValues) -> Vec<Finding> {
    let explain = |matcher: &Matcher| {
        let values = known.get(&(metric.to_owned(), matcher.name.clone()))?;
        if values.is_empty() {
            return Some(Finding::plain(texts::no_label(&matcher.name, metric)));
        }
        if values.contains(&matcher.value) {
            return None;
        }
        let mut message = texts::no_value(&matcher.to_string(), metric);
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let near = nearest(&matcher.value, &values);
        if let Some(near) = near {
            message.push(' ');
            message.push_str(&texts::nearest_value(&matcher.name, near));
        }
        let better = near.and_then(|near| with_value(src, selector.span, matcher, near));
        Some(Finding { message, better })
    };
    compared(&selector.matchers).filter_map(explain).collect()
}

/// The expression with another value in one matcher; only where it is written in the usual way, `a="b"`.
fn with_value(src: &str, span: Span, matcher: &Matcher, value: &str) -> Option<String> {
    let (text, old) = (span.text(src), quote(&matcher.value));
    let is_it = |at: usize| {
        let before = text.get(..at).unwrap_or("").trim_end();
        before.strip_suffix('=').is_some_and(|before| before.trim_end().ends_with(&matcher.name))
    };
    let (at, _) = text.match_indices(&old).find(|(at, _)| is_it(*at))?;
    let new = format!("{}{}{}", text.get(..at)?, quote(value), text.get(at + old.len()..)?);
    Some(with(src, span, &new))
}

fn with(src: &str, span: Span, text: &str) -> String {
    format!("{}{text}{}", src.get(..span.start).unwrap_or(""), src.get(span.end..).unwrap_or(""))
}

/// The candidate that looks most like a name: it begins with it or holds it, or a few letters differ.
fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let rank = |candidate: &&'a str| {
        let other = candidate.to_lowercase();
        let distance = edits(&lower, &other);
        let is_part = lower.len() >= 3 && (other.contains(&lower) || other.len() >= 3 && lower.contains(&other));
        let is_near = distance <= (lower.chars().count() / 3).max(1);
        (is_part || is_near).then_some((!is_near, !other.starts_with(&lower), distance, *candidate))
    };
    candidates.iter().filter_map(rank).min().map(|(.., candidate)| candidate)
}

/// How many letters have to be put in, taken out or changed.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(ca != cb)).min(row[j] + 1).min(above + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    //! Empty results and what is said about them.
    use super::*;
    use expect_test::{Expect, expect};

    const METRICS: [&str; 4] = ["http_requests_total", "http_request_duration_seconds_bucket", "process_cpu", "up"];

    fn check_with(src: &str, data: Data, expect: &Expect) {
        let selectors = selectors(&promql::parse(src).expr);
        let values = |metric: &str, label: &str| match (metric, label) {
            ("up", "job") => vec!["iot-api".to_owned(), "node".to_owned()],
            ("up", "instance") => vec!["a:1".to_owned()],
            _ => Vec::new(),
        };
        let wanted = wanted_values(&selectors).into_iter();
        let known = wanted.map(|(metric, label)| ((metric.clone(), label.clone()), values(&metric, &label))).collect();
        let found = findings(src, &selectors, &Data { values: known, ..data });
        let lines = found.into_iter().map(|f| match f.better {
            Some(better) => format!("{} -> {better}", f.message),
            None => f.message,
        });
        expect.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
    }

    fn check(src: &str, expect: &Expect) {
        let data = Data { metrics: METRICS.to_vec(), newest_ms: Some(99_000), at_ms: 100_000, ..Data::default() };
        check_with(src, data, expect);
    }

    #[test]
    fn names_and_values_that_are_nearly_right_are_offered() {
        check(
            "rate(http_request_total[5m])",
            &expect![[
                r"No metric is called `http_request_total`. The nearest is `http_requests_total`. -> rate(http_requests_total[5m])"
            ]],
        );
        check(
            "up + process",
            &expect!["No metric is called `process`. The nearest is `process_cpu`. -> up + process_cpu"],
        );
        check("nothing_like_it", &expect!["No metric is called `nothing_like_it`."]);
        check(
            r#"up{instance="a:1", job = "iot"} > 0"#,
            &expect![[
                r#"No series of `up` has `job="iot"`. The nearest `job` is `iot-api`. -> up{instance="a:1", job = "iot-api"} > 0"#
            ]],
        );
        check(r#"{__name__="up", zone="x"}"#, &expect!["No series of `up` has the label `zone`."]);
    }

    #[test]
    fn windows_and_times_without_samples_are_named() {
        let metrics = METRICS.to_vec();
        let data = Data { metrics, newest_ms: Some(1_000_000), at_ms: 1_000_000, ..Data::default() };
        check_with(
            "rate(process_cpu[5s])",
            Data { interval_ms: Some(5_000), ..data.clone() },
            &expect!["A window of 5s holds less than two samples when targets are scraped every 5s. Try `[20s]`."],
        );
        check_with(
            "process_cpu",
            Data { at_ms: 1_725_500, ..data.clone() },
            &expect!["The newest sample is 12m5s old: nothing was scraped since. See Targets for the reason."],
        );
        check_with(
            "process_cpu",
            Data { oldest_ms: Some(1_000_001), is_fixed: true, begins: "09:00".to_owned(), ..data.clone() },
            &expect!["The data begins at 09:00, after the time that was asked for."],
        );
        check_with(
            "rate(process_cpu[1m])",
            Data { oldest_ms: Some(996_900), interval_ms: Some(5_000), ..data.clone() },
            &expect![[
                r"The first samples have just arrived. A function over a window needs two of each series: the next scrape brings them."
            ]],
        );
        check_with(
            "rate(process_cpu[1m])",
            Data { oldest_ms: Some(996_900), interval_ms: Some(5_000), ..data.clone() },
            &expect![[
                r"The first samples have just arrived. A function over a window needs two of each series: the next scrape brings them."
            ]],
        );
        check_with(
            "process_cpu > 5",
            data,
            &expect![[
                r"All its metrics have data, but nothing is left after the operators: a comparison may drop everything, or the labels of both sides of an operator may differ. Run its parts one by one."
            ]],
        );
        check_with(
            "x",
            Data::default(),
            &expect![[
                r"Nothing is stored yet. The result appears with the first samples; add an endpoint if there is none."
            ]],
        );
    }

    #[test]
    fn letters_are_counted_as_people_do() {
        assert_eq!([edits("kitten", "sitting"), edits("", "ab"), edits("ä", "a")], [3, 2, 1]);
    }
}
