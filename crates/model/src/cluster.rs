//! Where a text may be cut: between characters as people see them, not between a letter and its accents.

/// No more characters are kept together: a text that stacks marks without end is cut all the same.
const MAX_JOINED: usize = 32;

/// The last place at or before a byte where a text may be cut: not inside a character, nor between a character and the
/// marks that are set on it, the parts of a joined emoji, or the two letters of a flag.
#[must_use]
pub fn cut_at(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = at;
    for _ in 0..MAX_JOINED {
        let before = text[..at].chars().next_back();
        let (Some(before), Some(after)) = (before, text[at..].chars().next()) else {
            return at;
        };
        if !joins(&text[..at], before, after) {
            return at;
        }
        at -= before.len_utf8();
    }
    start
}

/// The text up to a number of characters, without a cut through one that is seen as a whole; shorter texts are whole.
#[must_use]
pub fn first_chars(text: &str, n: usize) -> &str {
    match text.char_indices().nth(n) {
        Some((byte, _)) => &text[..cut_at(text, byte)],
        None => text,
    }
}

/// Whether two neighbours are one for the reader. `head` ends with the first of them.
fn joins(head: &str, before: char, after: char) -> bool {
    const JOINER: char = '\u{200d}';
    if is_flag(before) && is_flag(after) {
        // Flags are pairs: an odd number before means that the last one waits for its second letter.
        return head.chars().rev().take(2 * MAX_JOINED).take_while(|c| is_flag(*c)).count() % 2 == 1;
    }
    is_mark(after) || after == JOINER || before == JOINER
}

fn is_flag(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

/// Ranges of characters that are set on the one before: accents, points and vowels of the scripts in use, variants,
/// shades of skin. Not all of Unicode's: its tables would be larger than the rest of this crate.
const MARKS: [(char, char); 44] = [
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{489}'),
    ('\u{591}', '\u{5bd}'),
    ('\u{5bf}', '\u{5bf}'),
    ('\u{5c1}', '\u{5c2}'),
    ('\u{5c4}', '\u{5c5}'),
    ('\u{5c7}', '\u{5c7}'),
    ('\u{610}', '\u{61a}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{670}', '\u{670}'),
    ('\u{6d6}', '\u{6dc}'),
    ('\u{6df}', '\u{6e4}'),
    ('\u{6e7}', '\u{6e8}'),
    ('\u{6ea}', '\u{6ed}'),
    ('\u{711}', '\u{711}'),
    ('\u{730}', '\u{74a}'),
    ('\u{7a6}', '\u{7b0}'),
    ('\u{900}', '\u{903}'),
    ('\u{93a}', '\u{93c}'),
    ('\u{93e}', '\u{94f}'),
    ('\u{951}', '\u{957}'),
    ('\u{962}', '\u{963}'),
    ('\u{981}', '\u{983}'),
    ('\u{9bc}', '\u{9bc}'),
    ('\u{9be}', '\u{9cd}'),
    ('\u{a3c}', '\u{a51}'),
    ('\u{abc}', '\u{abc}'),
    ('\u{abe}', '\u{acd}'),
    ('\u{b3c}', '\u{b3c}'),
    ('\u{b3e}', '\u{b57}'),
    ('\u{bbe}', '\u{bcd}'),
    ('\u{c3e}', '\u{c56}'),
    ('\u{cbe}', '\u{cd6}'),
    ('\u{d3e}', '\u{d4d}'),
    ('\u{e31}', '\u{e31}'),
    ('\u{e34}', '\u{e3a}'),
    ('\u{e47}', '\u{e4e}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{3099}', '\u{309a}'),
    ('\u{fe00}', '\u{fe2f}'),
    ('\u{1f3fb}', '\u{1f3ff}'),
    ('\u{e0020}', '\u{e01ef}'),
];

fn is_mark(c: char) -> bool {
    c >= '\u{300}' && MARKS.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

#[cfg(test)]
mod tests {
    //! Texts cut at each of their bytes; `|` stands where that is allowed.
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    fn cuts(text: &str) -> String {
        let mut out = String::new();
        for (byte, c) in text.char_indices() {
            if byte > 0 && cut_at(text, byte) == byte {
                out.push('|');
            }
            out.push(c);
        }
        out
    }

    #[test]
    fn what_is_seen_as_one_is_not_cut() {
        let lines = [
            "abc",
            "äö",
            "e\u{301}a\u{308}\u{323}b",
            "שָׁלוֹם",
            "نَصّ",
            "नमस्ते",
            "👩\u{200d}👩\u{200d}👧x",
            "👍🏽👍",
            "🇩🇪🇫🇷🇮",
            "☎\u{fe0f}1",
            "か\u{3099}き",
        ]
        .map(cuts);
        expect![[r#"
            a|b|c
            ä|ö
            é|ạ̈|b
            שָׁ|ל|וֹ|ם
            نَ|صّ
            न|म|स्|ते
            👩‍👩‍👧|x
            👍🏽|👍
            🇩🇪|🇫🇷|🇮
            ☎️|1
            が|き"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn a_pile_of_marks_is_cut_all_the_same() {
        let pile = format!("a{}", "\u{301}".repeat(10_000));
        let at = cut_at(&pile, 5_001);
        assert!((1..=5_001).contains(&at) && pile.is_char_boundary(at), "{at}");
        assert_eq!(first_chars(&pile, 100).chars().count(), 100);
        assert_eq!(first_chars("e\u{301}x", 1), "");
        assert_eq!(first_chars("xe\u{301}", 2), "x");
        assert_eq!(first_chars("short", 99), "short");
    }

    proptest! {
        #[test]
        fn a_cut_is_a_boundary_at_or_before_the_place(text in "\\PC{0,40}", byte in 0usize..200) {
            let at = cut_at(&text, byte);
            prop_assert!(at <= byte && text.is_char_boundary(at));
            prop_assert_eq!(cut_at(&text, at), at);
        }
    }
}
