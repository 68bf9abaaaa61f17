//! What can be seen of a regular expression without compiling it: whether it matches the empty text.
//!
//! A selector must not match every series, so `{job=~".*"}` is refused and `{job=~".+"}` is not. The
//! page does not carry a regular expression engine for that; the form of the pattern tells.

/// An open group: what its alternatives so far, and the current one, do with the empty text.
#[derive(Clone, Copy)]
struct Group {
    some_alternative: bool,
    current: bool,
}

const OPEN: Group = Group { some_alternative: false, current: true };

/// Whether a pattern (RE2 syntax) matches the empty text. One pass without recursion, as patterns come
/// from outside. A pattern that is no regular expression gives any answer.
pub(super) fn accepts_empty(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let mut stack = vec![OPEN];
    let mut top = OPEN;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        // The atom that ends here, and what it does with the empty text.
        let atom = match byte {
            b'|' => {
                top = Group { some_alternative: top.some_alternative || top.current, current: true };
                continue;
            }
            b'^' | b'$' => true,
            b'(' => {
                at = group_body(bytes, at);
                // `(?i)` sets flags and holds nothing.
                stack.push(top);
                top = OPEN;
                continue;
            }
            b')' => {
                let inside = top.some_alternative || top.current;
                top = stack.pop().unwrap_or(OPEN);
                inside
            }
            b'[' => {
                at = class_end(bytes, at);
                false
            }
            b'\\' => {
                let escaped = bytes.get(at).copied();
                at += 1;
                // `\A`, `\z` and `\B` hold in the empty text; `\b` does not.
                matches!(escaped, Some(b'A' | b'z' | b'B'))
            }
            _ => false,
        };
        let (next, optional) = quantifier(bytes, at);
        at = next;
        top.current &= atom || optional;
    }
    top.some_alternative || top.current
}

/// Behind `(`: where the group's own pattern starts, behind `?:`, `?i:`, `?P<name>`; at the `)` of `(?i)`.
fn group_body(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'?') {
        return at;
    }
    // A group's name has a few characters; the limit keeps the work linear.
    let head = bytes[at..bytes.len().min(at + 256)].iter().position(|b| matches!(b, b':' | b'>' | b')'));
    match head {
        Some(len) if bytes[at + len] == b')' => at + len,
        Some(len) => at + len + 1,
        None => at,
    }
}

/// Behind `[`: where the class has ended. A `]` that stands first is one of its characters.
fn class_end(bytes: &[u8], mut at: usize) -> usize {
    if bytes.get(at) == Some(&b'^') {
        at += 1;
    }
    let first = at;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'[' if bytes.get(at) == Some(&b':') => {
                // `[:alpha:]` inside the class.
                let len = bytes[at..bytes.len().min(at + 12)].windows(2).position(|w| w == b":]");
                at = len.map_or(at, |len| at + len + 2);
            }
            b']' if at > first + 1 => return at,
            _ => {}
        }
    }
    at
}

/// Behind an atom: where its quantifiers end, and whether one of them allows none of the atom.
fn quantifier(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut optional = false;
    loop {
        match bytes.get(at) {
            Some(b'*' | b'?') => {
                at += 1;
                optional = true;
            }
            Some(b'+') => at += 1,
            Some(b'{') => {
                // Longer than any count: no search through a long text for each of many braces.
                let tail = &bytes[at..bytes.len().min(at + 12)];
                let Some(len) = tail.iter().position(|b| *b == b'}') else { return (at, optional) };
                let least = tail[1..len].split(|b| *b == b',').next().unwrap_or(&[]);
                at += len + 1;
                optional |= !least.is_empty() && least.iter().all(|b| *b == b'0');
            }
            _ => return (at, optional),
        }
        // `a+?` is lazy, not optional.
        if bytes.get(at) == Some(&b'?') {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::accepts_empty;
    use proptest::prelude::*;

    #[test]
    fn patterns_that_match_the_empty_text_are_known_by_their_form() {
        for pattern in [
            "",
            ".*",
            "a*",
            "a?b*",
            "(a)?",
            "(a|)",
            "|a",
            "a|b*",
            "x{0}",
            "x{0,3}",
            "^$",
            "(?:a*)(?i)b?",
            "[^]a]*",
            "(((a*)))",
        ] {
            assert!(accepts_empty(pattern), "{pattern}");
        }
        for pattern in [
            ".+",
            "a",
            "a|b",
            "(a|b)+",
            "a+?",
            "[*]",
            "\\*",
            "(?i)a",
            "x{1,}",
            "(?P<n>a)",
            "[[:alpha:]]",
            "[]*]",
            "a{,3}x",
        ] {
            assert!(!accepts_empty(pattern), "{pattern}");
        }
        // Neither recursion nor a search from each bracket.
        for text in ["(", "(?", "[[:", "a{", "\\\\"] {
            accepts_empty(&text.repeat(300_000));
        }
    }

    proptest! {
        #[test]
        fn the_form_tells_what_the_regex_engine_finds(pattern in "([ab.^$|()*+?]|\\[ab\\]|\\{[0-2],?\\}|\\(\\?:){0,12}") {
            if regex::Regex::new(&pattern).is_ok()
                && let Ok(regex) = regex::Regex::new(&format!("^(?:{pattern})$"))
            {
                prop_assert_eq!(accepts_empty(&pattern), regex.is_match(""), "{}", pattern);
            }
        }
    }
}
