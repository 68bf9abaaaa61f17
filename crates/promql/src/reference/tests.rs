//! Texts of wrong expressions, and that what is refused here is what the parser refuses.

use super::first_error;
use crate::parse_with;
use proptest::prelude::*;

fn any_regex(pattern: &str) -> Result<(), String> {
    if pattern.contains("(?") { Err("no".to_owned()) } else { Ok(()) }
}

#[test]
fn the_first_error_is_told_as_prometheus_tells_it() {
    for (src, want) in [
        ("", "no expression found in input"),
        (" # nothing", "no expression found in input"),
        ("+", "unexpected end of input"),
        ("a b", "unexpected identifier \"b\""),
        ("a 1", "unexpected number \"1\""),
        ("a \"a long text\"", "unexpected string \"\\\"a long te\"..."),
        ("a:b c:d", "unexpected metric identifier \"c:d\""),
        ("a = b", "unexpected \"=\""),
        ("a + * b", "unexpected <op:*>"),
        ("a + on", "unexpected end of input in grouping opts, expected \"(\""),
        ("on + a", "unexpected <on>"),
        ("(a", "unclosed left parenthesis"),
        ("a)", "unexpected right parenthesis ')'"),
        ("()", "unexpected \")\""),
        ("a]", "unexpected right bracket ']'"),
        ("a{", "unexpected end of input inside braces"),
        ("a{b", "unexpected end of input inside braces"),
        ("a{b}", "unexpected \"}\" in label matching, expected label matching operator"),
        ("a{b=}", "unexpected \"}\" in label matching, expected string"),
        ("a{b=c}", "unexpected identifier \"c\" in label matching, expected string"),
        ("a{1=\"c\"}", "unexpected character inside braces: '1'"),
        ("a{,}", "unexpected \",\" in label matching, expected identifier or \"}\""),
        ("a{b=\"c\" d=\"e\"}", "unexpected identifier \"d\" in label matching, expected \",\" or \"}\""),
        ("a{b!c}", "unexpected character after '!' inside braces: 'c'"),
        ("a{{", "unexpected left brace '{'"),
        ("a{b=~\"(?\"}", "error parsing regexp: no"),
        ("{}", "vector selector must contain at least one non-empty matcher"),
        ("{a=\"\"}", "vector selector must contain at least one non-empty matcher"),
        ("a{__name__=\"b\"}", "metric name must not be set twice: \"a\" or \"b\""),
        ("a{\"b\"}", "metric name must not be set twice: \"a\" or \"b\""),
        ("a{__name__!=\"a\"}", "metric name must not be set twice: \"a\" or \"a\""),
        ("a{__name__=\"a\"}", "metric name must not be set twice: \"a\" or \"a\""),
        ("{\"a\", \"b\"}", ""),
        ("{\"a\", __name__=~\"b\"}", ""),
        ("a offset 1m + 1m", ""),
        ("a offset (1m) ^ b", ""),
        ("a =~ b", "unexpected character after '=': '~'"),
        ("a ! b", "unexpected character after '!': ' '"),
        ("a & b", "unexpected character: '&'"),
        ("a $", "unexpected character: '$'"),
        ("\"a", "unterminated quoted string"),
        ("`a", "unterminated raw string"),
        ("\"\\q\"", "unknown escape sequence U+0071 'q'"),
        ("\"\\xz1\"", "illegal character U+007A 'z' in escape sequence"),
        ("1.5h", "not a valid duration string: \"1.5h\""),
        ("1 </ 2", "operator \"</\" not allowed for Scalar operations"),
        ("5q", "bad number or duration syntax: \"5\""),
        ("1y1y", "bad number or duration syntax: \"1y1\""),
        ("5m1m", "not a valid duration string: \"5m1m\""),
        ("0x", "error parsing number: strconv.ParseFloat: parsing \"0x\": invalid syntax"),
        ("1e400", "error parsing number: strconv.ParseFloat: parsing \"1e400\": value out of range"),
        ("99999y", "duration out of range"),
        ("sum", ""),
        ("sum(", "unclosed left parenthesis"),
        ("sum(a b)", "unexpected identifier \"b\" in aggregation"),
        ("sum()", "no arguments for aggregate expression provided"),
        ("sum(a, b)", "wrong number of arguments for aggregate expression provided, expected 1, got 2"),
        ("topk(a)", "wrong number of arguments for aggregate expression provided, expected 2, got 1"),
        ("sum by a (b)", "unexpected identifier \"a\" in grouping opts, expected \"(\""),
        ("sum by (1) (b)", "unexpected number \"1\" in grouping opts, expected label"),
        ("sum by (a b) (c)", "unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""),
        ("sum by (a) b", "unexpected identifier \"b\" in aggregation"),
        ("foo(a)", "unknown function with name \"foo\""),
        ("rate(a[5m],)", "trailing commas not allowed in function call args"),
        ("rate()", "expected 1 argument(s) in call to \"rate\", got 0"),
        ("label_join(a, \"b\")", "expected at least 3 argument(s) in call to \"label_join\", got 2"),
        ("hour(a, b)", "expected at most 1 argument(s) in call to \"hour\", got 2"),
        ("rate(a)", "expected type range vector in call to function \"rate\", got instant vector"),
        ("sum(a[5m])", "expected type instant vector in aggregation expression, got range vector"),
        ("topk(\"a\", b)", "expected type scalar in aggregation parameter, got string"),
        ("info(a, b)", "expected label selectors only, got vector selector instead"),
        ("info(a, a + b)", "expected label selectors only"),
        ("info(a, 1)", "expected type instant vector in call to function \"info\", got scalar"),
        ("1 > 2", "comparisons between scalars must use BOOL modifier"),
        ("a + bool b", "bool modifier can only be used on comparison operators"),
        ("a and 1", "set operator \"and\" not allowed in binary scalar expression"),
        ("a + on (b) 1", "vector matching only allowed between instant vectors"),
        ("a + fill (1) 1", "filling in missing series only allowed between instant vectors"),
        ("a and fill (1) b", "filling in missing series not allowed for set operators"),
        ("a or on (b) group_left c", "no grouping allowed for \"or\" operation"),
        ("a + on (b) group_left (b) c", "label \"b\" must not occur in ON and GROUP clause at once"),
        ("a + \"b\"", "binary expression must contain only scalar and instant vector types"),
        ("a + fill_left (1) fill_left (2) b", "unexpected \"(\""),
        ("a + fill (b) c", "unexpected identifier \"b\""),
        (
            "-a[5m]",
            "unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\"",
        ),
        ("1[5m:]", "subquery is only allowed on instant vector, got scalar instead"),
        ("a[5m][5m:]", "subquery is only allowed on instant vector, got matrix instead"),
        ("a[", "unexpected end of input in duration expression"),
        ("a[]", "unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()"),
        ("a[5m", "unclosed left bracket"),
        ("a[b]", "unexpected character in duration expression: 'b'"),
        ("a[5m b]", "unexpected character: 'b', expected ':'"),
        ("a[:5m]", "unexpected colon before duration in duration expression"),
        ("a[5m:1m:1m]", "unexpected colon ':'"),
        ("a[5m 1m]", "unexpected duration \"1m\" in subquery or range, expected \":\" or \"]\""),
        ("a[5m:1m 1m]", "unexpected duration \"1m\" in subquery selector, expected \"]\""),
        ("a[0s]", "duration must be greater than 0"),
        ("a[-5m]", "duration must be greater than 0"),
        ("a[5m / 0]", "division by zero"),
        ("a[5m % 0]", "modulo by zero"),
        ("sum(a)[5m]", "ranges only allowed for vector selectors"),
        ("a offset 5m [5m]", "no offset modifiers allowed before range"),
        ("a @ 1 [5m]", "no @ modifiers allowed before range"),
        ("a offset", "unexpected end of input in offset, expected number, duration, step(), or range()"),
        ("a offset b", "unexpected identifier \"b\" in offset, expected number, duration, step(), or range()"),
        ("a offset 5m offset 5m", "offset may not be set multiple times"),
        (
            "sum(a) offset 5m",
            "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        ("a @", "unexpected end of input in @, expected timestamp"),
        ("a @ start", "unexpected end of input in @, expected timestamp"),
        ("a @ 1 @ 2", "@ <timestamp> may not be set multiple times"),
        ("a @ inf", "timestamp out of bounds for @ modifier: +Inf"),
        ("a @ 1e20", "timestamp out of bounds for @ modifier: 100000000000000000000.000000"),
        ("1 @ 5", "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery"),
        ("a[5m] anchored smoothed", "anchored and smoothed modifiers cannot be used together"),
        ("a[5m:] anchored", "anchored modifier is not supported for subqueries"),
        ("sum(a) smoothed", "smoothed modifier not implemented"),
        (
            "changes(a[5m] smoothed)",
            "smoothed modifier can only be used with: delta, increase, rate - not with changes",
        ),
        ("rate(a[5m] anchored)", ""),
    ] {
        let got = first_error(src, &any_regex).unwrap_or_default();
        assert_eq!(got, want, "{src}");
        agree(src);
    }
}

#[test]
fn patterns_are_refused_in_the_words_of_go() {
    let refuse = |reason: &'static str| move |_: &str| Err(reason.to_owned());
    for (src, reason, want) in [
        ("a{b=~\"c(\"}", "unclosed group", "missing closing ): `c(`"),
        ("a{b=~\"c)\"}", "unopened group", "unexpected ): `c)`"),
        ("a{b=~\"c[d\"}", "unclosed character class", "missing closing ]: `[d`"),
        ("a{b=~\"*\"}", "repetition operator missing expression", "missing argument to repetition operator: `*`"),
        ("a{b!~\"c\"}", "something else", "something else"),
    ] {
        assert_eq!(first_error(src, &refuse(reason)), Some(format!("error parsing regexp: {want}")), "{src}");
    }
}

/// What is an error here is one for the parser, and the other way round. What differs on purpose is left out.
fn agree(src: &str) {
    // A label or metric of no name; a duration of less than a millisecond; the nesting.
    if src.contains("\"\"") || src.contains("''") || src.contains("``") || src.contains("0.0") {
        return;
    }
    // Behind `min(` and in comments the texts are read differently, but both refuse.
    let ours = parse_with(src, Some(&any_regex)).diagnostics;
    let theirs = first_error(src, &any_regex);
    assert_eq!(ours.is_empty(), theirs.is_none(), "{src}\n{ours:?}\n{theirs:?}");
}

const WORDS: [&str; 60] = [
    "a",
    "b{c=\"d\"}",
    "sum",
    "by",
    "without",
    "(",
    ")",
    "(",
    ")",
    "[5m]",
    "[5m:1m]",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "offset",
    "@",
    "start()",
    "end()",
    "step()",
    "range()",
    "min_of(1,2m)",
    "1",
    "5m",
    "0",
    "-",
    "+",
    "*",
    "/",
    "^",
    "==",
    "bool",
    "and",
    "or",
    "on",
    "ignoring",
    "group_left",
    "fill",
    "fill_left(1)",
    "fill_right(2)",
    "(c)",
    "anchored",
    "smoothed",
    "rate",
    "info",
    "topk",
    "\"x\"",
    "'y'",
    "c=\"d\"",
    "=~\"e\"",
    "inf",
    "atan2",
    "</",
    ">/",
    "abs(a)",
    "5",
    "x:y",
    "1.5e3",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 8_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_refuse_the_same(words in prop::collection::vec(0..WORDS.len(), 1..12)) {
        agree(&words.iter().map(|w| WORDS[*w]).collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn both_refuse_the_same_characters(src in "[a-c0-9(){}\\[\\]\"'=~!<>+\\-*/^@:, üsmhdey_.]{0,30}") {
        agree(&src);
    }
}
