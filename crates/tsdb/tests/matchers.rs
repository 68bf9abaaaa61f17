//! Matchers against the regular expression machine, on generated patterns.

#[path = "../../../fuzz/bodies/regex_matcher.rs"]
mod body;

use proptest::prelude::*;

/// Patterns of the parts that matter here.
fn pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[ab]{1,2}",
        2 => prop::sample::select(vec![".*", ".+", ".", "[ab]", "[^a]", r"\d", "^", "$", "ä", "(?i)a", "", "a?", "b{2}"])
            .prop_map(str::to_owned),
    ];
    let row = || prop::collection::vec(part.clone(), 0..5).prop_map(|parts| parts.concat());
    let group = prop_oneof![
        3 => row(),
        1 => (row(), row(), row()).prop_map(|(a, b, c)| format!("{a}({b}|{c})")),
        1 => (row(), row()).prop_map(|(a, b)| format!("({a})?{b}")),
    ];
    prop::collection::vec(group, 1..3).prop_map(|groups| groups.join("|"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_form_matches_what_the_machine_matches(pattern in pattern(), values in prop::collection::vec("[abAB1ä\n]{0,7}", 1..8)) {
        for value in &values {
            body::run(&pattern, value);
        }
    }

    #[test]
    fn any_text_as_a_pattern(pattern in ".{0,12}", value in "[ -~]{0,6}") {
        body::run(&pattern, &value);
    }
}
