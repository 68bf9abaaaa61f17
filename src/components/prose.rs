//! Sentences with pieces of code in them: what stands between backticks looks like code.

use crate::live::view;
use leptos::prelude::*;

/// A sentence such as "Did you mean \`rate\`?". Its text is only ever text; an odd backtick stands for itself.
#[must_use]
pub fn prose(text: &str) -> impl IntoView + use<> {
    let views = pieces(text).into_iter().map(|piece| match piece {
        Piece::Words(words) => words.to_owned().into_any(),
        Piece::Code(code) => view! { <code>{code.to_owned()}</code> },
    });
    views.collect_view()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Code(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, tail)) = rest.split_once('`') {
        let Some((code, tail)) = tail.split_once('`') else {
            break;
        };
        pieces.extend([Piece::Words(words), Piece::Code(code)]);
        rest = tail;
    }
    pieces.push(Piece::Words(rest));
    pieces.retain(|piece| !matches!(piece, Piece::Words("")));
    pieces
}

#[cfg(test)]
mod tests {
    //! Where code begins and ends.
    use super::Piece::{Code, Words};
    use super::*;

    #[test]
    fn backticks_in_pairs_are_code() {
        assert_eq!(pieces("use `rate` or `sum`"), [Words("use "), Code("rate"), Words(" or "), Code("sum")]);
        assert_eq!(pieces("one ` only"), [Words("one ` only")]);
        assert_eq!(pieces("`a` ` b"), [Code("a"), Words(" ` b")]);
        assert_eq!(pieces(""), []);
    }
}
