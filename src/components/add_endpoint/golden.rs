//! The first queries for an endpoint nobody knows yet: requests, errors, latency, processor, memory, by the names
//! that well-known libraries and exporters give them.

use crate::components::metric_list::fitting::{counter_metric, fitting_query, rate_range, selector};
use protocol::FamilyInfo;

/// A query worth a look, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The metric, or what is computed from it.
    pub name: String,
    /// PromQL.
    pub expr: String,
}

/// More would be a menu.
const MAX_SUGGESTIONS: usize = 3;

/// Families whose best query is known: the metric, and its expression. `R` stands for the range of a rate.
const KNOWN: [(&str, &str); 22] = [
    // Machines and engines: what they are about comes before their own requests.
    ("node_cpu_seconds_total", "sum by (mode) (rate(node_cpu_seconds_total{mode!=\"idle\"}[R]))"),
    ("engine_daemon_container_states_containers", "sum by (state) (engine_daemon_container_states_containers)"),
    ("container_cpu_usage_seconds_total", "sum by (name) (rate(container_cpu_usage_seconds_total[R]))"),
    ("windows_cpu_time_total", "sum by (mode) (rate(windows_cpu_time_total{mode!=\"idle\"}[R]))"),
    ("pg_stat_database_xact_commit", "sum by (datname) (rate(pg_stat_database_xact_commit[R]))"),
    ("mysql_global_status_queries", "rate(mysql_global_status_queries[R])"),
    ("redis_commands_processed_total", "rate(redis_commands_processed_total[R])"),
    // Requests.
    ("promenade_relay_http_requests_total", "sum by (path) (rate(promenade_relay_http_requests_total[R]))"),
    ("http_server_requests_seconds_count", "sum by (status) (rate(http_server_requests_seconds_count[R]))"),
    (
        "http_server_request_duration_seconds_count",
        "sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count[R]))",
    ),
    ("http_requests_total", "sum by (code) (rate(http_requests_total[R]))"),
    ("http_server_requests_total", "sum by (code) (rate(http_server_requests_total[R]))"),
    ("prometheus_http_requests_total", "sum by (handler) (rate(prometheus_http_requests_total[R]))"),
    (
        "grafana_http_request_duration_seconds_count",
        "sum by (status_code) (rate(grafana_http_request_duration_seconds_count[R]))",
    ),
    ("traefik_entrypoint_requests_total", "sum by (code) (rate(traefik_entrypoint_requests_total[R]))"),
    ("envoy_cluster_upstream_rq_total", "sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_total[R]))"),
    ("nginx_http_requests_total", "rate(nginx_http_requests_total[R])"),
    ("grpc_server_handled_total", "sum by (grpc_code) (rate(grpc_server_handled_total[R]))"),
    ("apiserver_request_total", "sum by (code) (rate(apiserver_request_total[R]))"),
    ("http_request_duration_seconds_count", "sum (rate(http_request_duration_seconds_count[R]))"),
    ("caddy_http_requests_total", "sum by (handler) (rate(caddy_http_requests_total[R]))"),
    ("haproxy_frontend_http_requests_total", "sum by (proxy) (rate(haproxy_frontend_http_requests_total[R]))"),
];

/// Counters whose failures are told by a label: the metric, the label, its values.
const ERRORS: [(&str, &str); 7] = [
    ("http_server_requests_seconds_count", "status=~\"5..\""),
    ("http_requests_total", "code=~\"5..\""),
    ("http_server_requests_total", "code=~\"5..\""),
    ("prometheus_http_requests_total", "code=~\"5..\""),
    ("promenade_relay_http_requests_total", "code=~\"5..\""),
    ("traefik_entrypoint_requests_total", "code=~\"5..\""),
    ("grpc_server_handled_total", "grpc_code!=\"OK\""),
];

/// Memory, the most telling first.
const MEMORY: [&str; 5] = [
    "node_memory_MemAvailable_bytes",
    "container_memory_working_set_bytes",
    "process_resident_memory_bytes",
    "jvm_memory_used_bytes",
    "go_memstats_alloc_bytes",
];

/// Metrics that tell of the exposing itself, not of what is exposed.
const OWN_BUSINESS: [&str; 4] = ["promhttp_", "scrape_", "prometheus_sd_", "python_gc_"];

/// The first queries for an endpoint with these families, the most telling first; none without families.
#[must_use]
pub fn suggestions(families: &[&FamilyInfo], interval_ms: u32) -> Vec<Suggestion> {
    let range = rate_range(interval_ms);
    let has = |metric: &str| families.iter().any(|family| family.metrics.iter().any(|m| m == metric));
    let mut out: Vec<Suggestion> = Vec::new();
    let mut add = |name: &str, expr: String| {
        if out.len() < MAX_SUGGESTIONS && out.iter().all(|known| known.expr != expr) {
            out.push(Suggestion { name: name.to_owned(), expr });
        }
    };
    let fitting = |family: &FamilyInfo| fitting_query(family, interval_ms);
    let requests = families.iter().find(|family| is_request_counter(family));
    if let Some((metric, expr)) = KNOWN.into_iter().find(|(metric, _)| has(metric)) {
        add(metric, expr.replace("[R]", &format!("[{range}]")));
    } else if let Some(family) = requests {
        add(counter_metric(family), fitting(family));
    }
    if let Some((metric, failed)) = ERRORS.into_iter().find(|(metric, _)| has(metric)) {
        let rate = |matchers: &str| format!("sum(rate({metric}{matchers}[{range}]))");
        add("error ratio", format!("({} or vector(0)) / {}", rate(&format!("{{{failed}}}")), rate("")));
    }
    if let Some(family) = families.iter().find(|family| is_latency(family)) {
        add(&family.name, fitting(family));
    }
    if has("process_cpu_seconds_total") {
        add("process_cpu_seconds_total", format!("rate(process_cpu_seconds_total[{range}])"));
    }
    if let Some(metric) = MEMORY.into_iter().find(|metric| has(metric)) {
        add(metric, metric.to_owned());
    }
    if out.is_empty() {
        let telling = || families.iter().filter(|family| !is_own_business(family) && family.n_series > 0);
        let first = telling().find(|family| family.kind == "counter").or_else(|| telling().next());
        if let Some(family) = first {
            let name = if family.kind == "counter" { counter_metric(family) } else { &family.name };
            out.push(Suggestion { name: name.to_owned(), expr: fitting(family) });
        } else if families.iter().any(|family| family.name == "up") {
            out.push(Suggestion { name: "up".to_owned(), expr: selector("up") });
        }
    }
    out
}

fn is_own_business(family: &FamilyInfo) -> bool {
    family.name == "up" || OWN_BUSINESS.iter().any(|prefix| family.name.starts_with(prefix))
}

fn is_request_counter(family: &FamilyInfo) -> bool {
    let word = |word: &str| family.name.split('_').any(|part| part == word);
    family.kind == "counter" && !is_own_business(family) && (word("requests") || word("queries") || word("commands"))
}

fn is_latency(family: &FamilyInfo) -> bool {
    let word = |word: &str| family.name.split('_').any(|part| part == word);
    let is_time = ["seconds", "milliseconds", "duration", "latency", "ms"].into_iter().any(word);
    let is_work = ["request", "requests", "http", "grpc", "rpc", "query", "queries", "actions"].into_iter().any(word);
    family.kind == "histogram" && is_time && is_work && !is_own_business(family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(families: &[(&str, &str, &[&str])], expected: &Expect) {
        let families: Vec<FamilyInfo> = families
            .iter()
            .map(|(kind, name, suffixes)| FamilyInfo {
                name: (*name).to_owned(),
                kind: (*kind).to_owned(),
                help: String::new(),
                unit: String::new(),
                n_series: 1,
                metrics: suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect(),
                targets: Vec::new(),
            })
            .collect();
        let suggestions = suggestions(&families.iter().collect::<Vec<_>>(), 5_000);
        for suggestion in &suggestions {
            let parsed = promql::parse(&suggestion.expr);
            assert!(parsed.diagnostics.is_empty(), "{}: {:?}", suggestion.expr, parsed.diagnostics);
        }
        let lines: Vec<String> = suggestions.iter().map(|s| format!("{}: {}", s.name, s.expr)).collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn known_endpoints_begin_with_what_they_are_about() {
        let node = [
            ("counter", "node_cpu_seconds_total", &[""][..]),
            ("gauge", "node_memory_MemAvailable_bytes", &[""]),
            ("counter", "promhttp_metric_handler_requests_total", &[""]),
        ];
        check(
            &node,
            &expect![[r#"
            node_cpu_seconds_total: sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))
            node_memory_MemAvailable_bytes: node_memory_MemAvailable_bytes"#]],
        );
        let relay = [
            ("counter", "promenade_relay_http_requests", &["_total"][..]),
            ("histogram", "promenade_relay_http_request_duration_seconds", &["_bucket", "_sum", "_count"]),
            ("gauge", "process_resident_memory_bytes", &[""]),
        ];
        check(
            &relay,
            &expect![[r#"
            promenade_relay_http_requests_total: sum by (path) (rate(promenade_relay_http_requests_total[1m]))
            error ratio: (sum(rate(promenade_relay_http_requests_total{code=~"5.."}[1m])) or vector(0)) / sum(rate(promenade_relay_http_requests_total[1m]))
            promenade_relay_http_request_duration_seconds: histogram_quantile(0.95, sum by (le) (rate(promenade_relay_http_request_duration_seconds_bucket[1m])))"#]],
        );
    }

    #[test]
    fn unknown_endpoints_begin_with_requests_then_any_counter_then_anything() {
        check(
            &[("counter", "shop_items", &["_total"]), ("counter", "shop_requests", &["_total"])],
            &expect!["shop_requests_total: rate(shop_requests_total[1m])"],
        );
        check(
            &[("counter", "promhttp_requests_total", &[""]), ("gauge", "a", &[""]), ("counter", "b", &["_total"])],
            &expect!["b_total: rate(b_total[1m])"],
        );
        check(&[("gauge", "scrape_samples_scraped", &[""]), ("gauge", "a", &[""])], &expect!["a: a"]);
        check(&[("gauge", "up", &[""])], &expect!["up: up"]);
        check(&[], &expect![""]);
    }

    #[test]
    fn every_known_query_parses() {
        for (metric, expr) in KNOWN {
            let parsed = promql::parse(&expr.replace("[R]", "[1m]"));
            assert!(parsed.diagnostics.is_empty() && expr.contains(metric), "{expr}: {:?}", parsed.diagnostics);
        }
    }
}
