//! Generated trees: what is printed, in one line or laid out, reads back as the same tree.

use crate::shared::generator::{expr, shape};
use promql::printer;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_printed_reads_back(expr in expr()) {
        for text in [expr.to_string(), printer::format(&expr)] {
            let parsed = promql::parse(&text);
            prop_assert!(parsed.diagnostics.is_empty(), "{text}\n{:?}", parsed.diagnostics);
            prop_assert_eq!(shape(&parsed.expr), shape(&expr), "{}", text);
        }
    }

    #[test]
    fn comments_stay_and_formatting_twice_changes_nothing(
        expr in expr(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4),
    ) {
        let text = expr.to_string();
        let ends: Vec<usize> = promql::lexer::lex(&text).iter().map(|t| t.span.start).collect();
        let mut places: Vec<_> = places.iter().map(|(at, own_line)| (ends[at.index(ends.len())], *own_line)).collect();
        places.sort_unstable();
        let mut commented = text.clone();
        for (idx, (at, own_line)) in places.iter().enumerate().rev() {
            commented.insert_str(*at, &format!("{}# no. {idx}\n", if *own_line { "\n" } else { " " }));
        }
        let parsed = promql::parse(&commented);
        prop_assert!(parsed.diagnostics.is_empty(), "{commented}");
        let once = printer::format_source(&commented, &parsed.expr);
        let again = promql::parse(&once);
        prop_assert_eq!(shape(&again.expr), shape(&expr), "{}\n{}", commented, once);
        prop_assert_eq!(once.matches('#').count() - text.matches('#').count(), places.len(), "{}", once);
        prop_assert_eq!(printer::format_source(&once, &again.expr), once);
    }
}
