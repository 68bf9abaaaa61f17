//! Every expression of the public suites that Prometheus accepts, we accept; read in place, beside the checkout.

use crate::shared::queries::{DASHBOARDS, corpus, evals, exprs, fill_variables, templates};

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
fn every_template_of_the_compliance_suite_is_accepted_or_refused_as_it_should_be() {
    let Some(dir) = corpus("promql/compliance") else { return };
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("a text");
    let variants = serde_json::from_str(&read("variant_args.json")).expect("JSON");
    let queries = templates(&read("promql-test-queries.yml"), &variants);
    assert_eq!(queries.len(), 539);
    for (query, should_fail) in queries {
        let diagnostics = promql::parse(&query).diagnostics;
        // Some fail only when evaluated.
        assert!(diagnostics.is_empty() || should_fail, "{query}: {diagnostics:?}");
    }
}

#[test]
fn every_answered_query_is_accepted() {
    for path in ["promql/compliance/expected.jsonl", "diamol/recording/expected.jsonl"] {
        let Some(path) = corpus(path) else { continue };
        for line in std::fs::read_to_string(path).expect("a text").lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let query = line["query"].as_str().expect("a query");
            let should_fail = line["should_fail"] == true;
            let parsed = promql::parse(query);
            assert!(parsed.diagnostics.is_empty() || should_fail, "{query}: {:?}", parsed.diagnostics);
        }
    }
}

#[test]
fn every_expression_of_the_dashboards_is_accepted_and_printed_as_the_oracle_prints_it() {
    let mut found = Vec::new();
    for path in DASHBOARDS {
        let Some(path) = corpus(path) else { continue };
        let text = std::fs::read_to_string(path).expect("a text");
        exprs(&serde_json::from_str(&text).expect("JSON"), &mut found);
    }
    let mut differences = Vec::new();
    for expr in &found {
        let query = fill_variables(expr);
        let parsed = promql::parse(&query);
        let laid_out = promql::printer::format(&parsed.expr);
        match promql_parser::parser::parse(&query) {
            _ if !parsed.diagnostics.is_empty() => differences.push(format!("{query}: {:?}", parsed.diagnostics)),
            Ok(expr) if expr.to_string() != parsed.expr.to_string() => {
                differences.push(format!("{expr}\n{} (ours)", parsed.expr));
            }
            Ok(expr) if expr.prettify() != laid_out => {
                differences.push(format!("{}\n{laid_out}\n(ours)", expr.prettify()));
            }
            Ok(_) => {}
            Err(error) => differences.push(format!("{query}: the oracle says {error}")),
        }
    }
    println!("{} expressions", found.len());
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), found.len(), differences.join("\n"));
}
