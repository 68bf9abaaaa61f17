//! The queries of the public suites and dashboards that lie beside the checkout; none where they do not.

use std::path::{Path, PathBuf};

pub fn corpus(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The expressions of `eval` lines that are not expected to fail.
pub fn evals(script: &str) -> Vec<&str> {
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

/// Each template of the compliance suite with all combinations of its variables, and whether it has to fail.
pub fn templates(suite: &str, variants: &serde_json::Value) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    let lines: Vec<&str> = suite.lines().map(str::trim).filter(|l| !l.starts_with('#')).collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].starts_with("- ")).collect();
    for (idx, &start) in starts.iter().enumerate() {
        let item = &lines[start..starts.get(idx + 1).copied().unwrap_or(lines.len())];
        let field = |name: &str| item.iter().find_map(|l| l.trim_start_matches("- ").strip_prefix(name));
        let query = field("query: ").expect("a query");
        let query = match query.as_bytes()[0] {
            b'\'' => query.trim_matches('\'').replace("''", "'"),
            b'"' => query.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\"),
            _ => query.to_owned(),
        };
        let should_fail = field("should_fail: ") == Some("true");
        let mut queries = vec![query];
        while let Some(start) = queries[0].find("{{.") {
            let end = start + queries[0][start..].find("}}").expect("the end of a variable");
            let name = queries[0][start + 3..end].to_owned();
            let values = variants[&name].as_array().unwrap_or_else(|| panic!("no values for {name}"));
            let each = |query: &String| {
                let variable = format!("{{{{.{name}}}}}");
                values.iter().map(|v| query.replacen(&variable, v.as_str().expect("a text"), 1)).collect::<Vec<_>>()
            };
            queries = queries.iter().flat_map(each).collect();
        }
        out.extend(queries.into_iter().map(|q| (q, should_fail)));
    }
    out
}

/// All values of `expr` fields.
pub fn exprs(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(text) if key == "expr" => out.push(text.to_owned()),
                    _ => exprs(value, out),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| exprs(item, out)),
        _ => {}
    }
}

/// A dashboard's expression with its variables filled in: `5m` for intervals, else a word.
pub fn fill_variables(expr: &str) -> String {
    let mut out = String::new();
    let mut rest = expr;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let (name, len) = match tail.strip_prefix('{').and_then(|t| t.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let len = tail.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(tail.len());
                (&tail[..len], len)
            }
        };
        // `$1` of label_replace and the `$` at the end of a regular expression are no variables.
        let is_variable = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_variable {
            out.push('$');
            rest = tail;
            continue;
        }
        let is_interval = name.contains("interval") || name.contains("range");
        out.push_str(if is_interval { "5m" } else { "word" });
        rest = &tail[len..];
    }
    out + rest
}

/// Dashboards whose panels have expressions.
pub const DASHBOARDS: [&str; 5] = [
    "dashboards/node-exporter-full.json",
    "dashboards/k8s-resources-cluster.json",
    "dashboards/docker_host.json",
    "diamol/ch09-exercises/grafana-dashboard.json",
    "diamol/ch09-lab/grafana-dashboard.json",
];

/// Every query there is, each once.
pub fn all() -> Vec<String> {
    let mut found = Vec::new();
    if let Some(dir) = corpus("promql/promqltest") {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let script = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
            found.extend(evals(&script).into_iter().map(str::to_owned));
        }
    }
    if let Some(dir) = corpus("promql/compliance") {
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("a text");
        let variants = serde_json::from_str(&read("variant_args.json")).expect("JSON");
        found.extend(templates(&read("promql-test-queries.yml"), &variants).into_iter().map(|(query, _)| query));
    }
    let mut panels = Vec::new();
    for path in DASHBOARDS.iter().filter_map(|path| corpus(path)) {
        let text = std::fs::read_to_string(path).expect("a text");
        exprs(&serde_json::from_str(&text).expect("JSON"), &mut panels);
    }
    found.extend(panels.iter().map(|expr| fill_variables(expr)));
    found.sort_unstable();
    found.dedup();
    found
}
