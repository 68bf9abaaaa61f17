//! Brackets and quotes that are there already: who types one that completion has put in steps over it.

use promql::TokenClass;

/// Whether a character that is typed at a place is the one that stands there, and one is enough.
#[must_use]
pub fn steps_over(src: &str, cursor: usize, typed: char) -> bool {
    if src.get(cursor..).and_then(|rest| rest.chars().next()) != Some(typed) {
        return false;
    }
    let tokens = promql::highlight(src);
    match typed {
        // The last character of a text that has a beginning too.
        '"' | '\'' | '`' => tokens.iter().any(|(span, class)| {
            *class == TokenClass::String && span.start < cursor && cursor + typed.len_utf8() == span.end
        }),
        ')' | '}' | ']' => {
            let open = match typed {
                ')' => "(",
                '}' => "{",
                _ => "[",
            };
            let closing = typed.to_string();
            let count = |of: &str| {
                let is_it = |(span, class): &&(promql::Span, TokenClass)| {
                    *class == TokenClass::Punctuation && span.text(src) == of
                };
                tokens.iter().filter(is_it).count()
            };
            let is_bracket =
                tokens.iter().any(|(span, class)| *class == TokenClass::Punctuation && span.start == cursor);
            is_bracket && count(open) <= count(&closing)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    //! Typing into texts that are closed already; `|` marks the cursor.
    use super::*;

    fn check(marked: &str, typed: char) -> bool {
        let cursor = marked.find('|').expect("a cursor");
        steps_over(&marked.replacen('|', "", 1), cursor, typed)
    }

    #[test]
    fn what_closes_is_stepped_over_once_everything_is_closed() {
        assert!(check("rate(x[5m]|)", ')'));
        assert!(check(r#"up{job="api|"}"#, '"'));
        assert!(check(r#"up{job="|"}"#, '"'));
        assert!(check(r#"up{job="a"|}"#, '}'));
        assert!(!check("sum(rate(x[5m]|)", ')'), "one is missing");
        assert!(!check("rate(x[5m]|", ')'), "nothing is there");
        assert!(!check(r#"up{job=|"api"}"#, '"'), "it opens");
        assert!(!check(r#"up{job="a|)"}"#, ')'), "it is text");
    }
}
