//! Any pattern and value: our matcher says what the regular expression says, or both refuse the pattern.

use model::{MatchOp, Matcher};

/// The body of the fuzz target; a test runs it on generated patterns.
pub fn run(pattern: &str, value: &str) {
    let matcher = |op| tsdb::CompiledMatcher::new(&Matcher::new("l", op, pattern));
    let machine = tsdb::anchored_regex(pattern);
    match (matcher(MatchOp::Regex), matcher(MatchOp::NotRegex)) {
        (Ok(is), Ok(is_not)) => {
            let want = machine.expect("both read the pattern").is_match(value);
            assert_eq!(is.matches(value), want, "{pattern:?} on {value:?}");
            assert_eq!(is_not.matches(value), !want, "{pattern:?} on {value:?}");
        }
        (Err(_), Err(_)) => assert!(machine.is_err(), "{pattern:?} is refused"),
        _ => panic!("{pattern:?} is read differently with `!~`"),
    }
}
