//! Lines of known series are read the quick way with the same result.

use exposition::{Entry, Format, Parser};
use proptest::prelude::*;

/// Lines of a few characters, so that one is often the beginning of another.
fn body() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        "a{1,2}",
        "a( |\t)?\\{(b=\"[}1]\"){0,2},?\\}",
        "a\\{b=\"(x|\\\\\"|\n)*\"(, ?c=\"\")?\\}",
        "\\{\"a\"(,b=\"1\")?\\}",
    ];
    let rest = prop_oneof![
        6 => " {1,2}-?[0-9]{1,3}(\\.5)?",
        1 => "\t1",
        1 => " (NaN|\\+Inf|1e3|0x1|1_0|)",
        1 => " 1 {1,2}[0-9]{1,13}",
        1 => " 1 # \\{t=\"x\"\\} 2",
        1 => "[ a{]{0,3}1",
    ];
    let line = prop_oneof![
        12 => (key, rest).prop_map(|(key, rest)| key + &rest),
        1 => Just("# TYPE a counter".to_owned()),
        1 => Just("# EOF".to_owned()),
        1 => Just(String::new()),
    ];
    (prop::collection::vec(line, 1..8), any::<bool>())
        .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n# EOF\n" } else { "" })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_known_line_says_the_same_the_quick_way(before in body(), after in body(), openmetrics in any::<bool>()) {
        let format = if openmetrics { Format::OpenMetrics } else { Format::PrometheusText };
        let mut parser = Parser::new(before.as_bytes(), format);
        let mut keys = Vec::new();
        while let Ok(Some(entry)) = parser.next_entry() {
            if let Entry::Series(series) = entry {
                keys.push(series.key.to_vec());
            }
        }
        for text in [&before, &after] {
            let (mut quick, mut slow) = (Parser::new(text.as_bytes(), format), Parser::new(text.as_bytes(), format));
            loop {
                let found = keys.iter().find_map(|key| quick.next_known(key)).map(Entry::Series);
                let got = found.map_or_else(|| quick.next_entry(), |entry| Ok(Some(entry)));
                let want = slow.next_entry();
                // NaN is not the same as itself.
                prop_assert_eq!(format!("{:?}", got), format!("{:?}", want));
                if !matches!(want, Ok(Some(_))) {
                    break;
                }
            }
        }
    }
}
