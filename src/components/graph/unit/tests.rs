//! Queries and the words of their units. What stands behind the first bar of a line is the unit as an address writes it.

use super::*;
use expect_test::expect;
use protocol::FamilyInfo;

fn family(name: &str, kind: &str, unit: &str, metrics: &[&str]) -> FamilyInfo {
    FamilyInfo {
        name: name.to_owned(),
        kind: kind.to_owned(),
        help: String::new(),
        unit: unit.to_owned(),
        n_series: 1,
        metrics: metrics.iter().map(|&metric| metric.to_owned()).collect(),
        targets: Vec::new(),
    }
}

/// Sorted by name, as the session has them.
fn families() -> Vec<FamilyInfo> {
    vec![
        family("batch_size", "histogram", "", &["batch_size_bucket", "batch_size_count", "batch_size_sum"]),
        family("build", "info", "", &["build_info"]),
        family("energy", "counter", "joules", &["energy_total"]),
        family("jobs", "counter", "jobs", &["jobs_total"]),
        family("latency", "histogram", "seconds", &["latency_bucket", "latency_count", "latency_sum"]),
        family("load_bytes", "gauge", "percent", &["load_bytes"]),
        family("pause", "summary", "seconds", &["pause", "pause_count", "pause_sum"]),
        family("payload", "histogram", "bytes", &["payload"]),
        family("queue_count", "gauge", "", &["queue_count"]),
        family("requests", "counter", "", &["requests_total"]),
        family("state", "stateset", "", &["state"]),
        family("temperature", "gauge", "celsius", &["temperature"]),
    ]
}

/// Each line: a query, and the word of its unit.
fn check(lines: &str) {
    let families = families();
    let mut wrong = Vec::new();
    let mut n_lines = 0;
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (expr, want) = line.rsplit_once('|').expect(line);
        let found = of_query(expr.trim(), &families).unit.word();
        if found != want.trim() {
            wrong.push(format!("{} is {found}, not {}", expr.trim(), want.trim()));
        }
        n_lines += 1;
    }
    assert!(n_lines > 2 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_say_their_unit() {
    check(
        "process_resident_memory_bytes                  | bytes
         go_gc_duration_seconds{quantile=\"1\"}          | seconds
         {__name__=\"a_bytes\"}                          | bytes
         {\"a_bytes\", job=\"x\"}                        | bytes
         {__name__=~\"a_bytes\"}                         | none
         kafka_lag_ms                                   | milliseconds
         kafka_lag_milliseconds_max                     | milliseconds
         certificate_days                               | days
         node_hwmon_temp_celsius                        | celsius
         node_hwmon_fan_rpm                             | none
         node_cpu_frequency_max_hertz                   | hertz
         node_power_supply_voltage_volts                | volts
         disk_used_ratio                                | ratio
         battery_percent                                | percent
         throughput_bytes_per_second                    | bytes/s
         queries_per_second                             | count/s
         process_start_time_seconds                     | none
         job_last_success_timestamp_seconds             | none
         http_requests_created                          | none
         histogram                                      | none
         up                                             | none",
    );
}

#[test]
fn metadata_wins_over_names() {
    check(
        "temperature                                    | celsius
         load_bytes                                     | percent
         jobs_total                                     | jobs
         rate(jobs_total[5m])                           | jobs/s
         rate(energy_total[5m])                         | watts
         increase(energy_total[5m])                     | joules
         pause{quantile=\"0.5\"}                         | seconds
         pause_count                                    | none
         latency_sum                                    | seconds
         latency_count                                  | none
         rate(latency_bucket[5m])                       | count/s
         queue_count                                    | none
         state                                          | none
         build_info                                     | none",
    );
}

#[test]
fn functions_carry_the_unit_on() {
    check(
        "rate(node_network_receive_bytes_total[1m])     | bytes/s
         irate(x_bytes_total[1m])                       | bytes/s
         deriv(a_bytes[5m])                             | bytes/s
         sum by (job) (increase(x_bytes_total[1h]))     | bytes
         delta(temperature[1h])                         | celsius
         rate(http_requests_total[5m])                  | count/s
         rate(x[5m])                                    | count/s
         rate(node_cpu_seconds_total[5m])               | none
         rate(a_seconds_bucket[5m])                     | count/s
         deriv(rate(x_bytes_total[1m])[5m:])            | none
         avg_over_time(a_bytes[5m])                     | bytes
         max_over_time(rate(x_bytes_total[1m])[1h:1m])  | bytes/s
         quantile_over_time(0.9, a_seconds[5m])         | seconds
         stddev_over_time(a_seconds[5m])                | seconds
         stdvar_over_time(a_seconds[5m])                | none
         sum_over_time(job_timestamp_seconds[5m])       | none
         stddev_over_time(job_timestamp_seconds[5m])    | seconds
         count_over_time(a_bytes[5m])                   | none
         changes(a_bytes[5m])                           | none
         predict_linear(a_bytes[1h], 3600)              | bytes
         clamp_min(abs(round(a_bytes)), 0)              | bytes
         label_replace(a_bytes, \"a\", \"b\", \"c\", \"d\") | bytes
         sort_desc(a_bytes)                             | bytes
         vector(scalar(a_bytes))                        | bytes
         absent(a_bytes)                                | none
         sqrt(a_bytes)                                  | none
         hour(job_timestamp_seconds)                    | none
         timestamp(a_bytes)                             | none
         time()                                         | none
         step()                                         | seconds
         nonsense(a_bytes)                              | none",
    );
}

#[test]
fn aggregations_carry_the_unit_on() {
    check(
        "sum(a_bytes)                                   | bytes
         topk(3, a_bytes)                               | bytes
         quantile(0.9, a_seconds)                       | seconds
         stddev(a_seconds)                              | seconds
         stdvar(a_seconds)                              | none
         count(a_bytes)                                 | none
         count_values(\"v\", a_bytes)                    | none
         group(a_bytes)                                 | none
         max(job_timestamp_seconds)                     | none
         time() - max(job_timestamp_seconds)            | seconds",
    );
}

#[test]
fn histograms_have_the_unit_of_what_they_observed() {
    check(
        "histogram_quantile(0.9, sum by (le) (rate(a_duration_seconds_bucket[5m]))) | seconds
         histogram_quantile(0.9, rate(latency_bucket[5m]))             | seconds
         histogram_quantile(0.9, rate(payload[5m]))                    | bytes
         histogram_quantile(0.9, rate(batch_size_bucket[5m]))          | none
         histogram_avg(rate(payload[5m]))                              | bytes
         histogram_stddev(payload)                                     | bytes
         histogram_stdvar(payload)                                     | none
         histogram_sum(payload)                                        | bytes
         histogram_sum(rate(payload[5m]))                              | bytes/s
         histogram_count(payload)                                      | none
         histogram_count(rate(payload[5m]))                            | count/s
         histogram_fraction(0, 0.2, rate(latency[5m]))                 | ratio
         histogram_quantiles(rate(payload[5m]), \"q\", 0.5, 0.9)        | bytes",
    );
}

#[test]
fn quotients_have_units_of_their_own() {
    check(
        "node_memory_MemFree_bytes / node_memory_MemTotal_bytes             | ratio
         1 - node_memory_MemFree_bytes / node_memory_MemTotal_bytes         | ratio
         rate(latency_sum[5m]) / rate(latency_count[5m])                    | seconds
         sum(rate(a_seconds_sum[5m])) / sum(rate(a_seconds_count[5m]))      | seconds
         increase(a_bytes_sum[5m]) / increase(a_bytes_count[5m])            | bytes
         rate(batch_size_sum[5m]) / rate(batch_size_count[5m])              | none
         sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))        | ratio
         increase(x_bytes_total[5m]) / 5m                                   | bytes/s
         a_bytes / b_seconds                                                | bytes/s
         energy_total / run_seconds                                         | watts
         jobs_total / run_seconds                                           | jobs/s
         a_bytes / rate(a_bytes_total[1h])                                  | seconds
         rate(x_bytes_total[5m]) / rate(requests_total[5m])                 | bytes
         rate(node_cpu_seconds_total[5m]) / count(node_cpu_seconds_total)   | none
         sum(a_bytes) / count(a_bytes)                                      | bytes
         sum(rate(requests_total[5m])) / count(up)                          | count/s
         count(up == 1) / count(up)                                         | ratio
         sum(up) / count(up)                                                | ratio
         a_bytes / disk_used_ratio                                          | bytes
         a_bytes / temperature                                              | none
         a / b                                                              | none
         1 / a_seconds                                                      | none",
    );
}

#[test]
fn products_have_units_of_their_own() {
    check(
        "rate(x_bytes_total[5m]) * 5m                                       | bytes
         disk_used_ratio * a_bytes                                          | bytes
         rate(requests_total[5m]) * payload_bytes                           | bytes/s
         rate(requests_total[5m]) * a_seconds                               | none
         a_bytes * on (job) group_left (version) build_info                 | bytes
         rate(x_bytes_total[5m]) * up                                       | bytes/s
         a_volts * b_amperes                                                | watts
         a_bytes * b_bytes                                                  | none
         a * b_bytes                                                        | none",
    );
}

#[test]
fn constants_change_units_or_take_them_away() {
    check(
        "disk_used_ratio * 100                                              | percent
         100 * node_memory_MemFree_bytes / node_memory_MemTotal_bytes       | percent
         sum(rate(errors_total[5m])) * 100 / sum(rate(requests_total[5m]))  | percent
         a_bytes / (b_bytes / 100)                                          | percent
         2 * a_bytes / b_bytes                                              | none
         a_bytes / 1024 * 1024                                              | bytes
         rate(x_bytes_total[5m]) * 4 * 2                                    | bits/s
         (a_bytes / 1024) * on (job) group_left build_info                  | none
         100 * (node_memory_MemFree_bytes / node_memory_MemTotal_bytes)     | percent
         (1 - avg(rate(node_cpu_seconds_total[5m]))) * 100                  | percent
         100 - disk_used_ratio * 100                                        | percent
         battery_percent / 100                                              | ratio
         node_memory_MemFree_bytes / 1024                                   | none
         node_memory_MemFree_bytes / 1024 / 1024                            | none
         node_memory_MemFree_bytes / (1024 ^ 3)                             | none
         rate(x_bytes_total[5m]) * 8                                        | bits/s
         8 * rate(x_bytes_total[5m])                                        | bits/s
         x_bits / 8                                                         | bytes
         request_milliseconds / 1000                                        | seconds
         request_milliseconds / 1e3 / 60                                    | minutes
         a_seconds * 1000                                                   | milliseconds
         a_seconds / (60 * 60)                                              | hours
         a_seconds / 7                                                      | none
         rate(requests_total[5m]) * 60                                      | none
         a_bytes * 1                                                        | bytes
         -a_bytes                                                           | bytes
         a_bytes * -1                                                       | bytes
         a_bytes / 0                                                        | none
         a_bytes * 3                                                        | none
         a_bytes + 3                                                        | bytes
         a_bytes ^ 2                                                        | none
         a_bytes % 1024                                                     | bytes
         1 + 2                                                              | none
         2 ^ 0.5                                                            | none",
    );
}

#[test]
fn sums_comparisons_and_sets_keep_the_unit_of_both_sides() {
    check(
        "node_memory_MemTotal_bytes - node_memory_MemFree_bytes             | bytes
         time() - process_start_time_seconds                                | seconds
         time() - some_time_of_a_name                                       | seconds
         process_start_time_seconds - on (instance) node_boot_time_seconds  | seconds
         process_start_time_seconds + a_seconds                             | none
         a_bytes > 1e9                                                      | bytes
         1e9 < a_bytes                                                      | bytes
         a_bytes > bool 5                                                   | none
         a_bytes == b_bytes                                                 | bytes
         a_bytes and on (job) up                                            | bytes
         a_bytes unless b_seconds                                           | bytes
         a_bytes or b_bytes                                                 | bytes
         a_bytes or vector(0)                                               | bytes
         a_bytes or b_seconds                                               | none
         a_bytes + b_seconds                                                | none
         atan2(a_bytes, b_bytes)                                            | none
         a_bytes atan2 b_bytes                                              | none
         max_of(step(), 60)                                                 | seconds",
    );
}

#[test]
fn what_is_no_whole_query_has_no_unit() {
    for expr in ["", "sum(", "{job=\"x\"}", "\"text\"", "a_bytes +", "rate(", "1 /", "a_bytes[5m", ")"] {
        let found = of_query(expr, &families());
        assert!(found.mismatch.is_none(), "{expr}");
    }
    assert_eq!(of_query("\"text\"", &[]), Inferred::default());
}

#[test]
fn a_deep_query_is_walked_to_its_end() {
    let expr = format!("{}a_bytes{}", "abs(".repeat(200), ")".repeat(200));
    let found = of_query(&expr, &[]).unit;
    assert!([Unit::Bytes, Unit::None].contains(&found), "or refused by the parser: {found:?}");
}

#[test]
fn units_that_do_not_go_together_are_told() {
    let told = |expr: &str| {
        of_query(expr, &families()).mismatch.map_or_else(
            || "nothing".to_owned(),
            |found| {
                let text = found.span.text(expr);
                format!("{text}: {} {} {}", found.left.word(), found.op.as_str(), found.right.word())
            },
        )
    };
    let lines: Vec<String> = [
        "a_bytes + b_seconds",
        "sum(a_bytes - temperature) > 5",
        "a_bytes + rate(b_bytes_total[5m])",
        "a_bytes > b_seconds",
        "a_bytes == bool b_seconds",
        "a_bytes or b_seconds",
        "a_seconds + b_milliseconds",
        "a_bytes + requests_total",
        "a_bytes + b",
        "a_bytes + 5",
        "a_bytes and b_seconds",
        "a_bytes / b_seconds",
        "rate(energy_total[5m]) + a_watts",
    ]
    .map(told)
    .into();
    expect![[r#"
        a_bytes + b_seconds: bytes + seconds
        a_bytes - temperature: bytes - celsius
        a_bytes + rate(b_bytes_total[5m]): bytes + bytes/s
        a_bytes > b_seconds: bytes > seconds
        a_bytes == bool b_seconds: bytes == seconds
        a_bytes or b_seconds: bytes or seconds
        a_seconds + b_milliseconds: seconds + milliseconds
        nothing
        nothing
        nothing
        nothing
        nothing
        nothing"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_heat_map_has_the_unit_of_its_buckets() {
    for (expr, want) in [
        ("sum by (le) (rate(latency_bucket[5m]))", Unit::Seconds),
        ("rate(payload[5m])", Unit::Bytes),
        ("rate(batch_size_bucket[5m])", Unit::None),
        ("1", Unit::None),
    ] {
        assert_eq!(of_buckets(expr, &families()), want, "{expr}");
    }
}
