//! Any text parses to a tree and diagnostics whose spans fit it, highlights and completes; what is
//! accepted prints to a text that prints the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|src: &str| {
    let parsed = promql::parse(src);
    for diagnostic in &parsed.diagnostics {
        assert!(src.get(diagnostic.span.start..diagnostic.span.end).is_some(), "{diagnostic:?}");
    }
    for (span, _) in promql::highlight(src) {
        assert!(src.get(span.start..span.end).is_some(), "{span:?}");
    }
    // A few places are enough: each looks at the whole text.
    for part in 0..4 {
        let place = promql::complete::complete(src, src.len() * part / 3).replace;
        assert!(src.get(place.start..place.end).is_some(), "{place:?}");
    }
    if parsed.diagnostics.is_empty() {
        let printed = parsed.expr.to_string();
        let laid_out = promql::printer::format(&parsed.expr);
        assert_eq!(promql::parse(&printed).expr.to_string(), printed);
        assert_eq!(promql::parse(&laid_out).expr.to_string(), printed);
    }
});
