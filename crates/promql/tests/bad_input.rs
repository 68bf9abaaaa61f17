//! Texts that nobody means: half-typed, huge, deep, absurd. Each is answered, soon, and nothing panics.

#[path = "../../../fuzz/bodies/promql_lexer.rs"]
mod lexer_body;
#[path = "../../../fuzz/bodies/promql_parser.rs"]
mod parser_body;
use crate::shared::queries;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Where the corpus is not there.
const SEEDS: [&str; 6] = [
    "sum by (job) (rate(a_total{code=~\"5..\",job!=\"x\"}[5m] offset 1h)) / ignoring (a) group_left (b) up > bool 3",
    "histogram_quantile(0.9, sum without (instance) (rate(x_bucket[5m:30s] @ start())))",
    "{\"utf8.name\", \"l.n\"='ü'} unless on () -a ^ 2 % 7",
    "label_replace(up, `a`, \"$1\", \"b\", \"(.*)\") and count_values(\"v\", y) by (z)",
    "a + on (x) fill_left (-1) b offset -step() * max_of(1, range())",
    "topk(5, a[1h30m] anchored @ 12.5) # the first five",
];

fn seeds() -> Vec<String> {
    let found = queries::all();
    if found.is_empty() { SEEDS.iter().map(|q| (*q).to_owned()).collect() } else { found }
}

#[test]
fn every_half_typed_query_is_answered() {
    let started = Instant::now();
    let (mut n, mut slowest) = (0, Duration::ZERO);
    for query in seeds() {
        for end in (0..query.len()).filter(|end| query.is_char_boundary(*end)) {
            let half = &query[..end];
            let start = Instant::now();
            let parsed = promql::parse(half);
            slowest = slowest.max(start.elapsed());
            let reference = promql::reference::first_error(half, &|_| Ok(()));
            assert_eq!(parsed.diagnostics.is_empty(), reference.is_none(), "{half}: {reference:?}");
            let _ = promql::highlight(half);
            let _ = promql::complete::complete(half, end);
            n += 1;
        }
    }
    println!("{n} prefixes in {:?}, the slowest took {slowest:?}", started.elapsed());
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
}

#[test]
fn brackets_in_brackets_are_refused_with_a_place() {
    for (open, inner, close) in [
        ("(", "a", ")"),
        ("[", "1m", "]"),
        ("{", "a", "}"),
        ("abs(", "a", ")"),
        ("sum(", "a", ")"),
        ("-(", "a", ")"),
        ("a + (", "a", ")"),
        ("a[", "1m", "]"),
        ("a[(", "1m", ")]"),
        ("sum by (", "a", ") (a)"),
    ] {
        let src = format!("{}{inner}{}", open.repeat(1_000), close.repeat(1_000));
        let start = Instant::now();
        let parsed = promql::parse(&src);
        let problem = parsed.diagnostics.first().unwrap_or_else(|| panic!("{open} is accepted"));
        assert!(!problem.message.is_empty() && problem.span.end <= src.len());
        assert!(promql::reference::first_error(&src, &|_| Ok(())).is_some());
        let _ = (parsed.expr.to_string(), promql::printer::format(&parsed.expr));
        assert!(start.elapsed() < Duration::from_millis(500), "{open}: {:?}", start.elapsed());
    }
}

#[test]
fn a_megabyte_is_answered_soon() {
    let mb = 1 << 20;
    for part in
        ["a+", "a,", "((", "{}", "a{b=\"c\"}", "\"x\" ", "1e", "[5m]", "sum(", "ü", "\\", "# c\n", "a offset 1m "]
    {
        let src = part.repeat(mb / part.len());
        let start = Instant::now();
        let parsed = promql::parse(&src);
        assert!(!parsed.diagnostics.is_empty(), "{part}");
        let _ = promql::highlight(&src);
        let _ = promql::complete::complete(&src, src.len());
        let _ = promql::reference::first_error(&src, &|_| Ok(()));
        assert!(start.elapsed() < Duration::from_secs(5), "{part}: {:?}", start.elapsed());
    }
}

#[test]
fn absurd_numbers_and_durations_are_refused_or_mean_what_they_say() {
    for src in [
        "1e309",
        "0x",
        "0xg",
        "0x8000000000000000",
        "1__0",
        "1_",
        "1e",
        "1.2.3",
        "1ee5",
        "..5",
        "5q",
        "1y1y",
        "5m5m",
        "5m1h",
        "99999999999y",
        "9223372036854775808s",
        "up[99999999y]",
        "up[-1s]",
        "up[0s]",
        "up[0]",
        "up[1e300]",
        "up[nan]",
        "up[inf]",
        "up offset 1e300",
        "up offset -1e300",
        "up offset 400y",
        "up[5m:0s]",
        "up[5m:-1m]",
        "up @ nan",
        "up @ inf",
        "up @ 1e300",
        "up[1m/0]",
        "up[1m%0]",
        "up[1m-1m]",
    ] {
        let parsed = promql::parse(src);
        assert!(!parsed.diagnostics.is_empty(), "{src} is accepted");
        for problem in parsed.diagnostics {
            assert!(!problem.message.is_empty() && problem.span.text(src).len() <= src.len());
        }
    }
    for (src, want) in [
        ("1e308", "1e308"),
        ("0x7fffffffffffffff", "9223372036854775807"),
        ("9223372036854775808", "9223372036854775808"),
        ("0777", "511"),
        ("08", "8"),
        ("1_000.5", "1000.5"),
        (".5e-3", "0.0005"),
        ("4.9e-324", "5e-324"),
        ("1e-400", "0"),
        ("-0", "-0"),
        ("290y", "9145440000"),
        ("0s", "0"),
    ] {
        let parsed = promql::parse(src);
        assert!(parsed.diagnostics.is_empty(), "{src}: {:?}", parsed.diagnostics);
        let promql::Expr::Number(number) = parsed.expr else { panic!("{src} is no number") };
        assert_eq!(number.value.to_bits(), want.parse::<f64>().expect("a number").to_bits(), "{src}");
    }
}

/// Parts of the language and characters that have a meaning somewhere, in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "a",
        "b",
        "sum",
        "by",
        "without",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "5m",
        "1",
        "0x1f",
        "-",
        "+",
        "*",
        "/",
        "^",
        "%",
        "==",
        "!=",
        "=~",
        "!~",
        "=",
        "</",
        ">/",
        ">",
        "bool",
        "and",
        "or",
        "unless",
        "on",
        "ignoring",
        "group_left",
        "fill",
        "offset",
        "@",
        "start()",
        "step()",
        "range()",
        "min_of(1,2)",
        "anchored",
        "smoothed",
        "rate",
        "info",
        "topk",
        "\"x\"",
        "'y'",
        "`z`",
        "\"",
        "'",
        "\\",
        "# c\n",
        "\n",
        "inf",
        "nan",
        "ü",
        "a:b",
        "_",
        "up[5m]",
        "rate(up[5m])",
        "{a=\"b\"}",
        "1.5e3",
        ".",
    ]);
    prop::collection::vec((words, prop::sample::select(vec!["", " "])), 0..25)
        .prop_map(|parts| parts.into_iter().map(|(word, blank)| format!("{word}{blank}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_is_cut_into_tokens(src in prop_oneof![soup(), ".{0,60}"]) {
        lexer_body::run(&src);
    }

    #[test]
    fn any_text_is_parsed(src in prop_oneof![soup(), ".{0,60}"]) {
        parser_body::run(&src);
    }

    #[test]
    fn a_cut_out_of_a_query_is_parsed(seed in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let seed = SEEDS[seed.index(SEEDS.len())];
        let places: Vec<usize> = (0..=seed.len()).filter(|at| seed.is_char_boundary(*at)).collect();
        let (a, b) = (places[from.index(places.len())], places[to.index(places.len())]);
        parser_body::run(&seed[a.min(b)..a.max(b)]);
        parser_body::run(&format!("{}{}", &seed[..a.min(b)], &seed[a.max(b)..]));
        lexer_body::run(&seed[a.min(b)..a.max(b)]);
    }
}
