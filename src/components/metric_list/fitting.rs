//! The query that fits a metric family: what one would type first after reading its type.

use model::{Millis, duration};
use protocol::FamilyInfo;

/// The shortest range of a rate: shorter ones show more noise than change.
const MIN_RATE_MS: i64 = 60_000;

/// The query that fits a family whose targets are scraped every so many milliseconds.
///
/// The declared type decides; only where there is none does the name.
#[must_use]
pub fn fitting_query(family: &FamilyInfo, interval_ms: u32) -> String {
    let range = rate_range(interval_ms);
    let name = family.name.as_str();
    let rate = |metric: &str| format!("rate({}[{range}])", selector(metric));
    match kind_or_guess(family) {
        "counter" => rate(counter_metric(family)),
        "histogram" => match metric_with_suffix(family, "_bucket") {
            Some(bucket) => format!("histogram_quantile(0.95, sum by (le) ({}))", rate(bucket)),
            // A native histogram is one series without buckets.
            None if has_metric(family, name) => format!("histogram_quantile(0.95, sum ({}))", rate(name)),
            None => average(family, &range).unwrap_or_else(|| selector(name)),
        },
        "gaugehistogram" => match metric_with_suffix(family, "_bucket") {
            Some(bucket) => format!("histogram_quantile(0.95, sum by (le) ({}))", selector(bucket)),
            None => selector(name),
        },
        // Without quantiles a summary is a sum and a count.
        "summary" if !has_metric(family, name) => average(family, &range).unwrap_or_else(|| selector(name)),
        "timestamp" => format!("time() - {}", selector(gauge_metric(family))),
        _ => selector(gauge_metric(family)),
    }
}

/// The range of a rate: at least four scrapes, so that one that fails leaves no gap.
#[must_use]
pub fn rate_range(interval_ms: u32) -> String {
    duration::format(Millis((i64::from(interval_ms) * 4).max(MIN_RATE_MS)))
}

/// A selector of all series of a metric; a name that is no identifier stands in quotes.
#[must_use]
pub fn selector(metric: &str) -> String {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    let is_plain = metric.starts_with(is_first) && metric.chars().all(|c| is_first(c) || c.is_ascii_digit());
    // Words that mean something else at the start of an expression.
    let is_word = ["inf", "nan"].iter().any(|word| metric.eq_ignore_ascii_case(word));
    if is_plain && !is_word {
        return metric.to_owned();
    }
    let escaped = metric.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{{\"{escaped}\"}}")
}

/// The metric of a counter's family that counts: `x_total` where the family is `x`.
#[must_use]
pub fn counter_metric(family: &FamilyInfo) -> &str {
    metric_with_suffix(family, "_total").unwrap_or_else(|| gauge_metric(family))
}

fn kind_or_guess(family: &FamilyInfo) -> &str {
    let name = family.name.as_str();
    match family.kind.as_str() {
        "gauge" if name.ends_with("_timestamp_seconds") => "timestamp",
        "unknown" | "untyped" | "" => {
            let is_counted = ["_total", "_count", "_sum"].iter().any(|suffix| name.ends_with(suffix));
            if is_counted || metric_with_suffix(family, "_total").is_some() {
                "counter"
            } else if name.ends_with("_timestamp_seconds") {
                "timestamp"
            } else if name.ends_with("_bucket") || metric_with_suffix(family, "_bucket").is_some() {
                "histogram"
            } else {
                "gauge"
            }
        }
        kind => kind,
    }
}

/// The metric that carries the family's name, or the first that is no time of creation.
fn gauge_metric(family: &FamilyInfo) -> &str {
    if family.metrics.is_empty() || has_metric(family, &family.name) {
        return &family.name;
    }
    let with_value = family.metrics.iter().find(|metric| !metric.ends_with("_created"));
    with_value.map_or(family.name.as_str(), String::as_str)
}

fn average(family: &FamilyInfo, range: &str) -> Option<String> {
    let sum = metric_with_suffix(family, "_sum")?;
    let count = metric_with_suffix(family, "_count")?;
    Some(format!("rate({}[{range}]) / rate({}[{range}])", selector(sum), selector(count)))
}

fn has_metric(family: &FamilyInfo, name: &str) -> bool {
    family.metrics.iter().any(|metric| metric == name)
}

/// The family's metric that is its name and a suffix, or is its name with that suffix.
fn metric_with_suffix<'a>(family: &'a FamilyInfo, suffix: &str) -> Option<&'a str> {
    let own = family.name.as_str();
    let mut all = family.metrics.iter().map(String::as_str).chain(own.ends_with(suffix).then_some(own));
    all.find(|metric| metric.ends_with(suffix) && (metric.starts_with(own) || *metric == own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn family(kind: &str, name: &str, metrics: &[&str]) -> FamilyInfo {
        FamilyInfo {
            name: name.to_owned(),
            kind: kind.to_owned(),
            help: String::new(),
            unit: String::new(),
            n_series: 1,
            metrics: metrics.iter().map(|metric| (*metric).to_owned()).collect(),
            targets: Vec::new(),
        }
    }

    #[test]
    fn each_type_gets_its_query() {
        let parts = ["h_bucket", "h_sum", "h_count"];
        let lines: Vec<String> = [
            family("counter", "http_requests_total", &["http_requests_total"]),
            family("counter", "http_requests", &["http_requests_created", "http_requests_total"]),
            family("counter", "events", &["events"]),
            family("gauge", "go_goroutines", &["go_goroutines"]),
            family("gauge", "process_start_timestamp_seconds", &["process_start_timestamp_seconds"]),
            family("histogram", "h", &parts),
            family("histogram", "h", &["h_sum", "h_count"]),
            family("histogram", "h", &["h"]),
            family("gaugehistogram", "h", &["h_bucket", "h_gsum", "h_gcount"]),
            family("summary", "s", &["s", "s_sum", "s_count"]),
            family("summary", "s", &["s_sum", "s_count"]),
            family("info", "build", &["build_info"]),
            family("stateset", "state", &["state"]),
            family("unknown", "x_total", &["x_total"]),
            family("unknown", "x_seconds_bucket", &["x_seconds_bucket"]),
            family("unknown", "up", &["up"]),
            family("unknown", "last_timestamp_seconds", &["last_timestamp_seconds"]),
            family("gauge", "jvm.memory \"used\"", &["jvm.memory \"used\""]),
            family("counter", "Inf", &[]),
        ]
        .iter()
        .map(|family| format!("{} {} -> {}", family.kind, family.name, fitting_query(family, 5_000)))
        .collect();
        expect![[r#"
            counter http_requests_total -> rate(http_requests_total[1m])
            counter http_requests -> rate(http_requests_total[1m])
            counter events -> rate(events[1m])
            gauge go_goroutines -> go_goroutines
            gauge process_start_timestamp_seconds -> time() - process_start_timestamp_seconds
            histogram h -> histogram_quantile(0.95, sum by (le) (rate(h_bucket[1m])))
            histogram h -> rate(h_sum[1m]) / rate(h_count[1m])
            histogram h -> histogram_quantile(0.95, sum (rate(h[1m])))
            gaugehistogram h -> histogram_quantile(0.95, sum by (le) (h_bucket))
            summary s -> s
            summary s -> rate(s_sum[1m]) / rate(s_count[1m])
            info build -> build_info
            stateset state -> state
            unknown x_total -> rate(x_total[1m])
            unknown x_seconds_bucket -> histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[1m])))
            unknown up -> up
            unknown last_timestamp_seconds -> time() - last_timestamp_seconds
            gauge jvm.memory "used" -> {"jvm.memory \"used\""}
            counter Inf -> rate({"Inf"}[1m])"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn what_is_suggested_parses() {
        for (kind, metrics) in [
            ("counter", vec!["a_total"]),
            ("histogram", vec!["a_bucket"]),
            ("histogram", vec!["a_sum", "a_count"]),
            ("summary", vec!["a_sum", "a_count"]),
            ("gauge", vec!["a"]),
        ] {
            for name in ["a", "a.b \\\"c\"", "nan", "ü"] {
                let metrics: Vec<String> = metrics.iter().map(|metric| metric.replacen('a', name, 1)).collect();
                let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
                let query = fitting_query(&family(kind, name, &metrics), 5_000);
                let parsed = promql::parse(&query);
                assert!(parsed.diagnostics.is_empty(), "{query}: {:?}", parsed.diagnostics);
            }
        }
    }

    #[test]
    fn a_rate_covers_four_scrapes() {
        assert_eq!([1_000, 15_000, 30_000, 60_000, 90_000].map(rate_range), ["1m", "1m", "2m", "4m", "6m"]);
    }
}
