//! Reads `style/tokens.css` as a browser would and holds both themes to WCAG AA: 4.5:1 for text, 3:1 for
//! the outlines of what can be used.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// Grounds that text stands on.
const GROUNDS: [&str; 3] = ["bg", "bg-raised", "bg-sunken"];

/// Colours of text that may stand on any of them.
const TEXTS: [&str; 15] = [
    "text",
    "text-muted",
    "accent",
    "danger",
    "warning",
    "ok",
    "tok-metric",
    "tok-label",
    "tok-function",
    "tok-keyword",
    "tok-number",
    "tok-string",
    "tok-operator",
    "tok-comment",
    "tok-invalid",
];

/// Pairs that belong together.
const PAIRS: [(&str, &str); 10] = [
    ("accent-text", "accent"),
    ("danger", "danger-bg"),
    ("text", "danger-bg"),
    ("warning", "warning-bg"),
    ("text", "warning-bg"),
    ("ok", "ok-bg"),
    ("text", "bg-hover"),
    ("text-muted", "bg-hover"),
    ("accent", "accent-bg"),
    ("text", "accent-bg"),
];

type Colours = BTreeMap<String, String>;

/// The `--name: #rrggbb;` lines of the block that begins with a selector.
fn block(selector: &str) -> Colours {
    let at = TOKENS.find(&format!("{selector} {{")).expect(selector);
    let body = TOKENS[at..].split_once('{').and_then(|(_, rest)| rest.split_once('}')).expect("a block").0;
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "))
        .filter(|(_, value)| value.starts_with('#'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Relative luminance by WCAG 2.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let v = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("two hex digits")) / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_can_be_read_in_both_themes() {
    let texts = TEXTS.iter().flat_map(|text| GROUNDS.iter().map(move |ground| (*text, *ground, 4.5)));
    let pairs = PAIRS.iter().map(|(text, ground)| (*text, *ground, 4.5));
    let outlines = ["border-strong", "focus"].into_iter().flat_map(|line| GROUNDS.map(|ground| (line, ground, 3.0)));
    let wanted: Vec<_> = texts.chain(pairs).chain(outlines).collect();
    let mut too_faint = Vec::new();
    for selector in [":root", ":root[data-theme=\"dark\"]"] {
        let colours = block(selector);
        for (text, ground, least) in &wanted {
            let found = contrast(&colours[*text], &colours[*ground]);
            if found < *least {
                too_faint.push(format!("{selector}: --{text} on --{ground} has {found:.2}, needs {least}"));
            }
        }
    }
    assert!(too_faint.is_empty(), "{}", too_faint.join("\n"));
}

#[test]
fn both_copies_of_the_dark_theme_are_equal() {
    let dark = block(":root[data-theme=\"dark\"]");
    assert_eq!(block(":root:not([data-theme])"), dark);
    let names: Vec<_> = dark.into_keys().collect();
    assert_eq!(block(":root").into_keys().collect::<Vec<_>>(), names);
}
