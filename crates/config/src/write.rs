//! Texts as YAML scalars that read back as the same text.

/// A text as a scalar: plain where nothing else can be meant, else in quotes.
pub(crate) fn scalar(text: &str) -> String {
    let is_plain_char = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    let begins_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/');
    // What YAML 1.1 takes for a truth value or nothing.
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_word = WORDS.contains(&text.to_ascii_lowercase().as_str());
    if begins_plain && text.chars().all(is_plain_char) && !is_word {
        return text.to_owned();
    }
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    if !text.contains(is_odd) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_odd(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(text: &str) -> Option<String> {
        let node = crate::yaml::read(&format!("a: {}\nb: [{}]\n", scalar(text), scalar(text))).ok()?;
        let crate::yaml::Value::Map(pairs) = node.value else { return None };
        let crate::yaml::Value::List(items) = &pairs.get(1)?.1.value else { return None };
        let (a, b) = (pairs.first()?.1.text()?, items.first()?.text()?);
        (a == b).then(|| a.to_owned())
    }

    #[test]
    fn odd_texts_read_back() {
        for text in [
            "",
            "a",
            "yes",
            "~",
            "1",
            "- a",
            "a: b",
            "#x",
            "'",
            "\"",
            "a\nb",
            "\u{85}",
            "(.+):\\d+;$1",
            " a ",
            "<secret>",
            "é",
            "{",
            "*a",
            "\u{0}",
        ] {
            assert_eq!(read_back(text).as_deref(), Some(text), "{}", scalar(text));
        }
    }

    proptest! {
        #[test]
        fn every_text_reads_back(text in "\\PC{0,12}|[ \\t\\n'\":#,\\[\\]{}&*!|>%@`-]{0,6}") {
            prop_assert_eq!(read_back(&text), Some(text));
        }
    }
}
