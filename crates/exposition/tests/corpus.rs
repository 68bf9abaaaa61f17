//! Verdicts of a real Prometheus 2.42 on every text of the public suites, read in place beside the checkout.

use exposition::{Entry, Format, Parser};
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/exposition");
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The number of samples, or the error.
fn read(body: &[u8], format: Format) -> Result<usize, String> {
    let mut parser = Parser::new(body, format);
    let mut n = 0;
    while let Some(entry) = parser.next_entry().map_err(|e| e.to_string())? {
        if let Entry::Series(_) = entry {
            parser.labels().map_err(|e| e.to_string())?;
            n += 1;
        }
    }
    Ok(n)
}

/// The text of a case: a file, or `file.json#index`.
fn body(dir: &Path, case: &str) -> Vec<u8> {
    let Some((file, idx)) = case.split_once('#') else {
        return std::fs::read(dir.join(case)).expect(case);
    };
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.join(file)).expect(file)).expect("JSON");
    let item = &json[idx.parse::<usize>().expect("an index")];
    match item["input"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(item["input_base64"].as_str().expect("base64")),
    }
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|b| ALPHABET.iter().position(|a| *a == b));
    let (mut out, mut bits, mut n_bits) = (Vec::new(), 0usize, 0);
    for digit in digits {
        bits = bits << 6 | digit;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push((bits >> n_bits) as u8);
        }
    }
    out
}

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
