//! Any text as tokens: they come in order, cover everything but blanks, and lie on character boundaries.

/// The body of the fuzz target; a test runs it on generated texts.
pub fn run(src: &str) {
    let tokens = promql::lexer::lex(src);
    let mut at = 0;
    for token in &tokens {
        let blanks = src.get(at..token.span.start).expect("tokens come in order, on character boundaries");
        assert!(blanks.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r')), "{blanks:?} is left out of {src:?}");
        let is_end = token.kind == promql::lexer::TokenKind::End;
        assert_eq!(token.span.text(src).is_empty(), is_end, "{token:?} of {src:?}");
        at = token.span.end;
    }
    assert_eq!(at, src.len(), "the last token is the end");
    let coloured = promql::highlight(src);
    assert_eq!(coloured.len() + 1, tokens.len(), "{src:?}");
}
