//! What patterns match, and which of them do without the machine.

use super::{CompiledMatcher, Test, validate_regex};
use model::{MatchOp, Matcher};

#[test]
fn regular_expressions_match_as_in_re2() {
    for (pattern, yes, no) in [
        ("5..", "504", "5044"),
        ("a|b", "b", "ab"),
        ("(a|b)", "a", "(a"),
        ("go_.*", "go_x", "ngo_x"),
        (".+", "x", ""),
        (".*", "", "\u{0}never"),
        ("a.c", "a\nc", "ac"),
        (r"\d+", "12", "٣"),
        (r"[\w-]+", "a-b_9", "ä"),
        (r"[^\s]+", "ab", "a b"),
        ("(?i)ABC", "abc", "abd"),
        (r"\Qa.b\E", "a.b", "axb"),
        ("[[:alpha:]]+", "abc", "a1"),
        ("[]a]+", "]a", "b"),
        ("a{2,3}", "aaa", "aaaa"),
        ("^a$", "a", "ab"),
        ("a{,2}b{x}", "a{,2}b{x}", "aab"),
        ("a{02}", "a{02}", "aa"),
        ("a{1,}?b", "aab", "b"),
        ("[*+?{]+", "?*{+", "a"),
        (r"\<a\>\_", "<a>_", "a_"),
        ("(?:a*)*(?P<n>b+?)", "aab", "aa"),
        ("", "", "a"),
    ] {
        let matcher = CompiledMatcher::new(&Matcher::new("l", MatchOp::Regex, pattern)).expect(pattern);
        assert!(matcher.matches(yes), "{pattern} {yes}");
        assert!(!matcher.matches(no) || pattern == ".*", "{pattern} {no}");
    }
}

#[test]
fn what_is_no_regular_expression_says_why() {
    for pattern in ["a(", "a)(b", "[a", "a**b{", "a+*", "a{2}{3}", "a*??", r"\u0041", "(?=x)", "(a{1000}){1000}"] {
        assert!(validate_regex(pattern).is_err_and(|reason| !reason.contains('\n')), "{pattern}");
    }
}

/// Which kind of test a pattern becomes.
fn kind(pattern: &str) -> &'static str {
    let matcher = CompiledMatcher::new(&Matcher::new("l", MatchOp::Regex, pattern)).expect(pattern);
    match matcher.test {
        Test::Literal(_) => "literal",
        Test::Form(form) => form.kind(),
        Test::Any | Test::NotEmpty => "anything",
        Test::Regex(_) => "machine",
    }
}

#[test]
fn usual_patterns_do_without_the_machine() {
    let mut wrong = Vec::new();
    for (pattern, want) in [
        ("", "literal"),
        ("api", "literal"),
        ("^api$", "literal"),
        ("(api)", "literal"),
        (r"10\.0\.0\.1:9100", "literal"),
        (r"\Qa.b\E", "literal"),
        ("api|web", "words"),
        ("(?:api|web)-(eu|us)", "words"),
        ("node_(cpu|memory)_(total|used)?", "words"),
        ("a{2,3}", "words"),
        (".*", "anything"),
        (".+", "anything"),
        ("(.*)", "anything"),
        ("^.+$", "anything"),
        ("api.*", "prefix"),
        ("api.+", "prefix"),
        ("^api-.*", "prefix"),
        (".*_total", "suffix"),
        (".+_total$", "suffix"),
        (".*error.*", "contains"),
        (".+error.*", "contains"),
        ("a.*b", "row"),
        ("a.*b.*c", "row"),
        ("5..", "row"),
        ("5[0-9]{2}", "row"),
        (r"4\d\d", "row"),
        ("(?i)get", "words"),
        ("(?i)continue", "row"),
        ("(?i).*error.*", "row"),
        ("5..|4..", "rows"),
        ("api.*|.*web", "rows"),
        (".*(error|fail).*", "rows"),
        ("(|a).*", "rows"),
        ("[a-z]+", "machine"),
        (r"\d+", "machine"),
        ("(ab)*", "machine"),
        (r"a\b.*", "machine"),
        ("a^b", "machine"),
        ("(ab|cd|ef|gh){9}", "machine"),
    ] {
        if kind(pattern) != want {
            wrong.push(format!("{pattern} is {}, not {want}", kind(pattern)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn huge_patterns_are_refused_with_a_reason_or_bounded() {
    for (pattern, want) in [
        ("a{1001}".to_owned(), "more than 1000 times"),
        ("(a{100}){100}".to_owned(), "more than 1000 times"),
        ("((a{10}){10}){11}".to_owned(), "more than 1000 times"),
        ("x".repeat(1 << 19) + ".", "bytes long"),
        ("(".repeat(10_000), ""),
        ("(?:[^a]{1000}|b)".repeat(50), "needs more than"),
    ] {
        let start = std::time::Instant::now();
        let reason = validate_regex(&pattern).expect_err("it is refused");
        assert!(reason.contains(want) && !reason.contains('\n'), "{reason}");
        assert!(start.elapsed().as_secs_f64() < 2.0, "{:?}", start.elapsed());
    }
    // What takes other engines forever takes this one a moment.
    for pattern in ["(a+)+b", "(a*)*b", "(a|a)*b", "(.*)(.*)(.*)(.*)(.*)c", "(x+x+)+y"] {
        let matcher = CompiledMatcher::new(&Matcher::new("l", MatchOp::Regex, pattern)).expect(pattern);
        let start = std::time::Instant::now();
        assert!(!matcher.matches(&"a".repeat(20_000)) && !matcher.matches(&"x".repeat(20_000)));
        assert!(start.elapsed().as_secs_f64() < 2.0, "{pattern}: {:?}", start.elapsed());
    }
}
