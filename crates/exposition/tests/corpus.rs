//! Verdicts of a real Prometheus 2.42 on every text of the public suites, read in place beside the checkout.

use crate::suites::cases::{body, corpus, read};
use exposition::Format;

/// Where we differ from Prometheus 2.42, and why.
fn reason(case: &str) -> Option<&'static str> {
    REASONS.iter().find(|(one, _)| case == *one).map(|(_, why)| *why)
}

const REASONS: [(&str, &str); 4] = [
    ("client-python/openmetrics.json#0", "quoted UTF-8 names, which Prometheus 3 takes"),
    ("client-python/openmetrics.json#7", "quoted UTF-8 names, which Prometheus 3 takes"),
    ("client-python/prom-text.json#1", "quoted UTF-8 names, which Prometheus 3 takes"),
    ("client-python/prom-text.json#15", "quoted UTF-8 names, which Prometheus 3 takes"),
];

#[test]
fn verdicts_are_those_of_prometheus() {
    let Some(dir) = corpus() else { return };
    let table = std::fs::read_to_string(dir.join("prometheus-2.42-verdicts.tsv")).expect("the verdicts");
    let (mut n, mut wrong) = (0, Vec::new());
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (case, format) =
            (columns[0], if columns[1] == "openmetrics" { Format::OpenMetrics } else { Format::PrometheusText });
        let got = read(&body(&dir, case), format);
        let want: usize = columns[3].parse().expect("a count");
        n += 1;
        let same = match (&got, columns[2]) {
            (Ok(count), "yes") => *count == want,
            (Err(_), "no") => true,
            _ => false,
        };
        if !same && reason(case).is_none() {
            wrong.push(format!(
                "{case} ({}): Prometheus {} {want} {:?}, we {got:?}",
                columns[1],
                columns[2],
                columns.get(4)
            ));
        }
    }
    assert!(n > 270, "{n} cases");
    assert!(wrong.is_empty(), "{} of {n} differ:\n{}", wrong.len(), wrong.join("\n"));
}
