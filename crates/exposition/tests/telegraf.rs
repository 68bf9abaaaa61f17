//! Another reader's view of the same texts: names, labels and values as Telegraf wrote them in line protocol.

use exposition::{Entry, Format, Parser};
use std::collections::BTreeMap;
use std::path::Path;

/// Name and labels of a series, sorted, to the bits of its value.
type Samples = BTreeMap<String, f64>;

fn key(name: &str, mut labels: Vec<(String, String)>) -> String {
    labels.sort();
    // The other reader writes bounds as its own numbers.
    for (name, value) in &mut labels {
        if let ("le" | "quantile", Ok(v)) = (name.as_str(), value.parse::<f64>()) {
            *value = v.to_string();
        }
    }
    format!("{name} {labels:?}")
}

/// What we read. A NaN cannot be said in line protocol.
fn ours(body: &[u8], format: Format) -> (Samples, bool) {
    let mut parser = Parser::new(body, format);
    let (mut out, mut has_unit) = (Samples::new(), false);
    while let Some(entry) = parser.next_entry().expect("metrics") {
        match entry {
            Entry::Series(series) if !series.value.is_nan() => {
                let labels = parser.labels().expect("labels");
                let pairs = labels.iter().filter(|(n, _)| *n != "__name__").map(|(n, v)| (n.to_owned(), v.to_owned()));
                let name = labels.metric_name().expect("a name");
                // Counters of OpenMetrics go by their family's name there.
                let name = if format == Format::OpenMetrics { name.trim_end_matches("_total") } else { name };
                out.insert(key(name, pairs.collect()), series.value);
            }
            Entry::Unit { .. } => has_unit = true,
            _ => {}
        }
    }
    (out, has_unit)
}

/// Splits at a byte that is not escaped, and takes the backslashes away.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut out, mut current) = (Vec::new(), String::new());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                current.push('\\');
                current.extend(chars.next());
            }
            c if c == at => out.push(std::mem::take(&mut current)),
            c => current.push(c),
        }
    }
    out.push(current);
    out
}

fn unescape(text: &str) -> String {
    ["\\ ", "\\,", "\\=", "\\\""].iter().fold(text.to_owned(), |text, escaped| text.replace(escaped, &escaped[1..]))
}

/// What the other reader read.
fn theirs(text: &str, has_unit: bool) -> Samples {
    let mut out = Samples::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts = split(line, ' ');
        let pair = |text: &String| {
            let pair = split(text, '=');
            (unescape(&pair[0]), unescape(&pair[1..].join("=")))
        };
        let tags = split(&parts[0], ',');
        let tags: Vec<_> =
            tags[1..].iter().map(pair).filter(|(n, _)| n != "_type" && !(has_unit && n == "unit")).collect();
        for (name, value) in split(&parts[1], ',').iter().map(pair) {
            let value = value.strip_suffix(['i', 'u']).unwrap_or(&value);
            out.insert(key(&name, tags.clone()), value.parse().expect("a number"));
        }
    }
    out
}

#[test]
fn names_labels_and_values_are_those_of_telegraf() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/exposition/telegraf");
    if !dir.exists() {
        println!("skipped: {} is not there", dir.display());
        return;
    }
    let mut n = 0;
    for (folder, format) in [("prometheus", Format::PrometheusText), ("openmetrics", Format::OpenMetrics)] {
        for case in std::fs::read_dir(dir.join(folder)).expect("a folder") {
            let case = case.expect("an entry").path();
            // A state becomes a field's name there: another model, not another reading.
            if case.ends_with("valid_stateset") {
                continue;
            }
            let body = std::fs::read(case.join("input.txt")).expect("a text");
            let (ours, has_unit) = ours(&body, format);
            let want = std::fs::read_to_string(case.join("expected_v2.out")).expect("an answer");
            // It leaves out what it has no place for, such as a `_count` of a counter.
            for (series, v) in theirs(&want, has_unit) {
                assert_eq!(ours.get(&series), Some(&v), "{series} of {}", case.display());
                n += 1;
            }
        }
    }
    assert!(n > 100, "{n} samples");
}
