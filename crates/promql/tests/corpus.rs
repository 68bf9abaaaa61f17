//! Every expression of the public suites that Prometheus accepts, we accept; read in place, beside the checkout.

use std::path::{Path, PathBuf};

fn corpus(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The expressions of `eval` lines that are not expected to fail.
fn evals(script: &str) -> Vec<&str> {
    let lines: Vec<&str> = script.lines().map(str::trim).collect();
    let mut out = Vec::new();
    for (idx, line) in lines.iter().enumerate() {
        let mut words = line.split_whitespace();
        let head = words.next().unwrap_or("");
        if !head.starts_with("eval") || head == "eval_fail" {
            continue;
        }
        let n_words = match words.next() {
            Some("instant") if words.next() == Some("at") => 4,
            Some("range") => 8,
            _ => 2,
        };
        let expr = line.splitn(n_words + 1, char::is_whitespace).nth(n_words).unwrap_or("");
        let body = lines[idx + 1..].iter().take_while(|l| !l.is_empty());
        if !body.clone().any(|l| l.starts_with("expect fail")) {
            out.push(expr);
        }
    }
    out
}

#[test]
fn every_eval_of_the_test_scripts_parses() {
    let Some(dir) = corpus("promql/promqltest") else {
        return;
    };
    let (mut n, mut refused) = (0, Vec::new());
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let script = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        for expr in evals(&script) {
            n += 1;
            let parsed = promql::parse(expr);
            if !parsed.diagnostics.is_empty() {
                refused.push(format!("{expr}\n  {:?}", parsed.diagnostics[0]));
            }
        }
    }
    assert!(n > 1_200, "{n} evals found");
    assert!(refused.is_empty(), "{} of {n} refused:\n{}", refused.len(), refused.join("\n"));
}

#[test]
fn every_compliance_query_is_accepted_or_refused_as_it_should_be() {
    for path in ["promql/compliance/expected.jsonl", "diamol/recording/expected.jsonl"] {
        let Some(path) = corpus(path) else { continue };
        for line in std::fs::read_to_string(path).expect("a text").lines() {
            let query = json_string(line, "query");
            let should_fail = line.contains("\"should_fail\": true");
            let parsed = promql::parse(&query);
            assert!(parsed.diagnostics.is_empty() || should_fail, "{query}: {:?}", parsed.diagnostics);
        }
    }
}

/// The value of the first string field of that name: enough for a field that stands first.
fn json_string(line: &str, field: &str) -> String {
    let start = line.find(&format!("\"{field}\": \"")).expect("the field") + field.len() + 5;
    let mut out = String::new();
    let mut chars = line[start..].chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.push(match chars.next() {
                Some('n') => '\n',
                Some(c) => c,
                None => break,
            }),
            c => out.push(c),
        }
    }
    out
}
