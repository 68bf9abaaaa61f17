//! The crate `promql-parser`, whose grammar is generated from that of Prometheus 3.8, accepts and refuses
//! what we accept and refuse, and prints it alike. What is newer, or where it differs from Prometheus,
//! is left out of the lists.

use crate::shared::generator;
use crate::shared::queries;
use crate::shared::same_tree::{ours, theirs};
use promql_parser::parser::parse as oracle;
use proptest::prelude::*;

/// Accepted by both, with the same printed form. Left out: `Inf`, `+a`, `up @ -1`, which the oracle prints
/// in another way than Prometheus does.
const ACCEPTED: &[&str] = &[
    "1",
    "-1",
    "+1",
    "1.5e3",
    ".5",
    "5.",
    "0x1F",
    "-inf",
    "nan",
    "1 + 2 * 3 ^ 4 ^ 5 % 6 - 7 / 8",
    "-1 ^ 2",
    "- a ^ - b * c",
    "a ^ -b ^ c",
    "1 > bool 2",
    "\"text\"",
    "'te\"xt'",
    "up",
    "a:b:c",
    ":a",
    "up{}",
    "up{job=\"x\"}",
    "up{job=\"x\",}",
    "up{job='x', instance!=\"y\",a=~\"b.*\",c!~\"d|e\"}",
    "{job=\"x\"}",
    "{__name__=~\"node_.+\"}",
    "up[5m]",
    "up[1h30m]",
    "up[1y2w3d4h5m6s7ms]",
    "up offset 5m",
    "up offset -5m",
    "up[5m] offset 1w",
    "up @ 1.5",
    "up @ start()",
    "up @ end() offset 5m",
    "up offset 5m @ end()",
    "up[5m] @ 10",
    "up[5m:1m]",
    "up[5m:]",
    "rate(up[5m])[30m:1m] offset 1h",
    "(up)[5m:]",
    "min_over_time(rate(up[5m])[30m:1m] @ start())",
    "a + b",
    "a + on (x) b",
    "a + on(x, y,) b",
    "a * on () group_left () b",
    "a * ignoring (x) group_right (y) b",
    "a == bool on (x) b",
    "a and b or c unless d",
    "a or b and c",
    "a and on () b",
    "a atan2 b",
    "(a + b) * c",
    "((1))",
    "-(a)",
    "--a",
    "sum(a)",
    "sum by (x) (a)",
    "sum(a) by (x, y)",
    "sum without (x) (a)",
    "sum(a) without ()",
    "SUM(a)",
    "sum BY (x) (a)",
    "topk(3, a)",
    "bottomk by (x) (3, a)",
    "quantile(0.9, a)",
    "count_values(\"v\", a)",
    "group(a)",
    "stddev(a) / stdvar(a)",
    "limitk(2, a)",
    "limit_ratio(-0.5, a)",
    "sum by (by, offset, group_left, sum, bool, on) (a)",
    "time()",
    "pi()",
    "rate(up[5m])",
    "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))",
    "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)\")",
    "label_join(up, \"a\", \",\", \"b\", \"c\", \"d\")",
    "label_join(up, \"a\", \",\")",
    "round(a)",
    "round(a, 5)",
    "hour()",
    "hour(a)",
    "vector(1)",
    "scalar(a)",
    "absent(up{job=\"x\"})",
    "absent_over_time(up[5m])",
    "clamp(a, 0, 1)",
    "predict_linear(a[1h], 3600)",
    "quantile_over_time(0.5, a[5m])",
    "sort_by_label(a, \"x\")",
    "sum",
    "avg{a=\"b\"}",
    "offset",
    "by",
    "and + or",
    "unless unless unless",
    "start",
    "end{a=\"b\"}",
    "a # comment\n + b",
    "  a\t+\r\nb ",
    "a > 1 and b < 2",
    "1 - -1",
    "a % 2 == 0",
    "vector(1) or vector(2)",
    "sum(rate(a[5m])) / on () group_left () scalar(b)",
];

/// Refused by both.
const REFUSED: &[&str] = &[
    "",
    "#",
    "+",
    "a +",
    "* a",
    "a b",
    "(a",
    "a)",
    "()",
    "sum()",
    "1 == bool 1 and a",
    "sum(a, b)",
    "topk(a)",
    "topk(\"3\", a)",
    "count_values(1, a)",
    "sum by x (a)",
    "sum by (1) (a)",
    "sum by (x (a)",
    "rate(up)",
    "rate(5m)",
    "rate(up[5m], 1)",
    "rate()",
    "rate(up[5m],)",
    "unknown_function(a)",
    "RATE(up[5m])",
    "hour(a, b)",
    "time(1)",
    "label_join(up, \"a\")",
    "label_replace(up, \"a\", \"b\", \"c\")",
    "label_replace(up, 1, \"b\", \"c\", \"d\")",
    "vector(a)",
    "scalar(1)",
    "abs(1)",
    "{}",
    "{job=~\".*\"}",
    "{job!=\"x\"}",
    "{job=\"\"}",
    "{job!~\".+\"}",
    "up{",
    "up{job",
    "up{job=",
    "up{job=x}",
    "up{job=\"x}",
    "up{job==\"x\"}",
    "up{,}",
    "up{a=\"b\",,}",
    "up{a:b=\"c\"}",
    "up{__name__=\"x\"}",
    "up{__name__=~\"x\"}",
    "up[",
    "up[]",
    "up[5m",
    "up[x]",
    "up[0s]",
    "up[-5m]",
    "up[5m][5m]",
    "up[5m] + 1",
    "-up[5m]",
    "-\"x\"",
    "\"x\" + 1",
    "sum(up)[5m]",
    "(up)[5m]",
    "up offset",
    "up offset x",
    "sum(up) offset 5m",
    "1 offset 5m",
    "up offset 5m [5m]",
    "up offset 5m offset 5m",
    "up @",
    "up @ x",
    "up @ start",
    "up @ 1 @ 2",
    "up @ Inf",
    "up @ 1 [5m]",
    "1 > 2",
    "1 == 1",
    "a + bool b",
    "a and bool b",
    "a and 1",
    "1 or a",
    "1 + on (x) a",
    "a and on (x) group_left b",
    "a + group_left b",
    "a + on (x) group_left (x) b",
    "a + on x b",
    "a = b",
    "a =~ b",
    "a ! b",
    "a !~ b",
    "a == = b",
    "on",
    "bool",
    "group_left + 1",
    "atan2",
    "1y1y",
    "5m1h",
    "1.5h",
    "0x",
    "1e",
    "5q",
    "\"a\\qb\"",
    "\"a\nb\"",
    "a;b",
    "$x",
    "a[5m:1m:1m]",
    "up[5m:1m][5m]",
    "rate(up[5m])[5m]",
    "\"x\"[5m:]",
    "1[5m:]",
];

#[test]
fn both_accept_and_print_the_same() {
    let mut differences = Vec::new();
    for query in ACCEPTED {
        let ours = promql::parse(query);
        match oracle(query) {
            Err(error) => differences.push(format!("{query}: refused by the oracle: {error}")),
            Ok(_) if !ours.diagnostics.is_empty() => {
                differences.push(format!("{query}: refused by us: {}", ours.diagnostics[0].message));
            }
            Ok(expr) if expr.to_string() != ours.expr.to_string() => {
                differences.push(format!("{query}: printed {} rather than {expr}", ours.expr));
            }
            Ok(_) => {}
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn both_refuse_the_same() {
    let mut differences = Vec::new();
    for query in REFUSED {
        if oracle(query).is_ok() {
            differences.push(format!("{query:?}: accepted by the oracle"));
        }
        if promql::parse(query).diagnostics.is_empty() {
            differences.push(format!("{query:?}: accepted by us"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Where the oracle accepts what we refuse: a part of our message, and why.
const STRICTER: &[(&str, &str)] = &[
    ("the first argument of `limit", "the oracle does not check it; Prometheus demands a number, as for `topk`"),
    ("a sign can only stand before", "the oracle drops a `+`; Prometheus checks what it stands before"),
    ("argument of `info`", "the oracle does not check it; Prometheus takes matchers only"),
    ("one side is a number", "the oracle does not check `fill`; Prometheus demands vectors on both sides"),
    ("takes an instant vector, this is a scalar", "the oracle takes `-1` for a vector; for Prometheus it is a number"),
    ("a label's name is empty", "Prometheus lets it pass; no series can have such a label, so that it is a mistake"),
    ("duration must be greater than 0", "Prometheus lets less than a millisecond pass and evaluates it as 0"),
];

/// What the oracle accepts is accepted, with the same tree. Tells whether it was.
fn agrees(query: &str, differences: &mut Vec<String>) -> bool {
    let Ok(expr) = oracle(query) else { return false };
    let parsed = promql::parse(query);
    let unexplained = parsed.diagnostics.iter().find(|d| !STRICTER.iter().any(|(part, _)| d.message.contains(part)));
    if let Some(problem) = unexplained {
        differences.push(format!("{query}\n  refused: {}", problem.message));
    }
    if !parsed.diagnostics.is_empty() {
        return true;
    }
    let (ours, theirs) = (ours(&parsed.expr), theirs(&expr));
    // The oracle cuts fractions of a millisecond, we do so once microseconds are rounded.
    let has_fraction = query.contains('.') && query.contains('[');
    if ours != theirs && !has_fraction {
        differences.push(format!("{query}\n  ours   {ours}\n  oracle {theirs}"));
    }
    true
}

#[test]
fn every_query_of_the_corpus_has_the_tree_of_the_oracle() {
    let (mut differences, queries) = (Vec::new(), queries::all());
    let n_accepted = queries.iter().filter(|query| agrees(query, &mut differences)).count();
    println!("{} queries, of which the oracle accepts {n_accepted}", queries.len());
    assert!(differences.is_empty(), "{}:\n{}", differences.len(), differences.join("\n"));
}

/// The queries of the corpus, or a few where it is not there.
fn seeds() -> Vec<String> {
    let found = queries::all();
    if found.is_empty() { ACCEPTED.iter().map(|q| (*q).to_owned()).collect() } else { found }
}

/// A query with a token left out, doubled, or replaced by one of another query.
fn mutated(query: &str, other: &str, at: usize, from: usize, how: usize) -> String {
    let tokens = promql::lexer::lex(query);
    let donors = promql::lexer::lex(other);
    let (target, donor) = (tokens[at % tokens.len()].span, donors[from % donors.len()].span);
    let (before, token, after) = (&query[..target.start], target.text(query), &query[target.end..]);
    match how {
        0 => format!("{before} {after}"),
        1 => format!("{before}{token} {token}{after}"),
        2 => format!("{before} {} {after}", donor.text(other)),
        _ => format!("{before} {} {token}{after}", donor.text(other)),
    }
}

#[test]
fn mutated_queries_have_the_tree_of_the_oracle() {
    let seeds = seeds();
    let mut differences = Vec::new();
    let mut n_accepted = 0;
    let mut state = 1u64;
    let mut pick = |below: usize| {
        // SplitMix64: the same queries in every run.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) as usize % below
    };
    for _ in 0..40_000 {
        let (query, other) = (&seeds[pick(seeds.len())], &seeds[pick(seeds.len())]);
        let query = mutated(query, other, pick(200), pick(200), pick(4));
        n_accepted += usize::from(agrees(&query, &mut differences));
    }
    println!("the oracle accepts {n_accepted} of 40,000");
    assert!(n_accepted > 300, "{n_accepted}");
    assert!(differences.is_empty(), "{}:\n{}", differences.len(), differences.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn generated_queries_have_the_tree_of_the_oracle(expr in generator::expr()) {
        let mut differences = Vec::new();
        agrees(&expr.to_string(), &mut differences);
        prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
