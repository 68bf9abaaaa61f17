//! Any text parses to a tree and diagnostics whose spans fit it, completes and prints: what is accepted reads
//! back as the same tree, laid out or not, and the reference accepts it, too.

/// The body of the fuzz target; a test runs it on generated texts.
pub fn run(src: &str) {
    let parsed = promql::parse(src);
    for diagnostic in &parsed.diagnostics {
        assert!(src.get(diagnostic.span.start..diagnostic.span.end).is_some(), "{diagnostic:?}");
    }
    // A few places are enough: each looks at the whole text.
    for part in 0..4 {
        let place = promql::complete::complete(src, src.len() * part / 3).replace;
        assert!(src.get(place.start..place.end).is_some(), "{place:?}");
    }
    let reference = promql::reference::first_error(src, &|_| Ok(()));
    if !parsed.diagnostics.is_empty() {
        return;
    }
    // Go takes this character for broken UTF-8, which a Rust text cannot hold.
    if !src.contains('\u{fffd}') {
        assert_eq!(reference, None, "{src:?} is accepted");
    }
    let printed = parsed.expr.to_string();
    assert_eq!(promql::parse(&printed).expr.to_string(), printed);
    let laid_out = promql::printer::format_source(src, &parsed.expr);
    let again = promql::parse(&laid_out);
    assert_eq!(again.expr.to_string(), printed, "{laid_out}");
    assert_eq!(promql::printer::format_source(&laid_out, &again.expr), laid_out, "of {src:?}");
}
