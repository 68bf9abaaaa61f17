//! Values of the tree as what they are to be: texts, numbers, durations, sizes, lists; what does not fit is an error with
//! its place.

use crate::diagnostic::{Diagnostics, Severity};
use crate::yaml::{Node, Value};
use model::{Millis, duration};

/// A mapping that is being read: its keys, its path, and where remarks go.
pub(crate) struct Section<'a> {
    pub(crate) path: &'a str,
    pub(crate) pairs: &'a [(Node, Node)],
}

/// The mapping of a value. Nothing is an empty one.
pub(crate) fn section<'a>(node: &'a Node, path: &'a str, out: &mut Diagnostics) -> Option<Section<'a>> {
    let pairs = match &node.value {
        Value::Map(pairs) => &pairs[..],
        Value::Null => &[],
        _ => {
            let message = format!("Expected settings such as `name: value`, found {}.", node.kind());
            out.error(path, node.at, message, "");
            return None;
        }
    };
    for (idx, (key, _)) in pairs.iter().enumerate() {
        let Some(name) = key.text() else {
            out.error(path, key.at, "Expected the name of a setting, found a list or a mapping.", "");
            continue;
        };
        if pairs[..idx].iter().any(|(known, _)| known.text() == Some(name)) {
            out.error(&child(path, name), key.at, format!("`{name}` is set twice."), "Remove one of them.");
        }
    }
    Some(Section { path, pairs })
}

impl<'a> Section<'a> {
    /// Names, paths, keys and values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, String, &'a Node, &'a Node)> + use<'a> {
        let path = self.path;
        self.pairs.iter().filter_map(move |(key, value)| {
            let name = key.text()?;
            Some((name, child(path, name), key, value))
        })
    }
}

/// A key that Prometheus does not know either.
pub(crate) fn unknown(name: &str, path: &str, key: &Node, known: &[&str], out: &mut Diagnostics) {
    let hint = match model::near::nearest(name, known.iter().copied())[..] {
        [] => String::new(),
        [one, ..] => format!("Did you mean `{one}`?"),
    };
    out.error(path, key.at, format!("There is no setting `{name}` here."), hint);
}

/// A key that Prometheus knows and Promenade does nothing with.
pub(crate) fn unsupported(name: &str, path: &str, key: &Node, value: &Node, why: &str, out: &mut Diagnostics) {
    // Nothing, and an empty list, are what is done anyway.
    let is_nothing = match &value.value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(pairs) => pairs.is_empty(),
        Value::Scalar { .. } => false,
    };
    if !is_nothing {
        out.say(Severity::Unsupported, path, key.at, format!("`{name}` is not supported: {why}."), "");
    }
}

pub(crate) fn child(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A text; a number is one, too.
pub(crate) fn text(node: &Node, path: &str, out: &mut Diagnostics) -> Option<String> {
    let found = node.text().map(str::to_owned);
    if found.is_none() {
        out.error(path, node.at, format!("Expected a text, found {}.", node.kind()), "");
    }
    found
}

/// `true` or `false`, in any of YAML 1.1's spellings.
pub(crate) fn boolean(node: &Node, path: &str, out: &mut Diagnostics) -> Option<bool> {
    if node.is_null() {
        return None;
    }
    let found = match &node.value {
        Value::Scalar { text, is_plain: true } => match &**text {
            "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
            "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
            _ => None,
        },
        _ => None,
    };
    if found.is_none() {
        out.error(path, node.at, format!("Expected `true` or `false`, found {}.", node.kind()), quotes(node));
    }
    found
}

/// What to do about a number or truth value in quotes.
fn quotes(node: &Node) -> &'static str {
    let is_quoted = matches!(node.value, Value::Scalar { is_plain: false, .. });
    if is_quoted { "Remove the quotes." } else { "" }
}

/// A whole number that is not negative.
pub(crate) fn count(node: &Node, path: &str, out: &mut Diagnostics) -> Option<u64> {
    if node.is_null() {
        return None;
    }
    let found = match &node.value {
        Value::Scalar { text, is_plain: true } => whole(text),
        _ => None,
    };
    if found.is_none() {
        out.error(path, node.at, format!("Expected a whole number from 0 on, found {}.", node.kind()), quotes(node));
    }
    found
}

/// A number as YAML 1.1 writes it: `1000`, `1_000`, `0x3e8`, `01750`, `1e3`.
fn whole(text: &str) -> Option<u64> {
    let digits = text.replace('_', "");
    let digits = digits.strip_prefix('+').unwrap_or(&digits);
    let radix =
        |prefix: &str, radix| digits.strip_prefix(prefix).and_then(|rest| u64::from_str_radix(rest, radix).ok());
    radix("0x", 16)
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0", 8).filter(|_| digits.len() > 1))
        .or_else(|| digits.parse().ok())
        .or_else(|| digits.parse::<f64>().ok().filter(|n| *n >= 0.0 && *n < 1.8e19).map(|n| n as u64))
}

/// `1h30m`; `None` also for nothing.
pub(crate) fn time(node: &Node, path: &str, out: &mut Diagnostics) -> Option<Millis> {
    let text = text(node, path, out)?;
    if node.is_null() {
        return None;
    }
    match duration::parse(&text) {
        Ok(millis) => Some(millis),
        Err(error) => {
            let mut message = error.to_string();
            if let Some(first) = message.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let hint = match text.parse::<u64>() {
                Ok(number) => format!("Add a unit: `{number}s` are {number} seconds."),
                Err(_) => String::new(),
            };
            out.error(path, node.at, format!("{message}; found {}.", node.kind()), hint);
            None
        }
    }
}

/// `15MB`: every unit is a power of 1,024, as in Prometheus. 0 is no bound.
pub(crate) fn bytes(node: &Node, path: &str, out: &mut Diagnostics) -> Option<u64> {
    let text = text(node, path, out)?;
    if node.is_null() || text == "0" {
        return (text == "0").then_some(0);
    }
    const UNITS: [(&str, u32); 14] = [
        ("EiB", 60),
        ("EB", 60),
        ("PiB", 50),
        ("PB", 50),
        ("TiB", 40),
        ("TB", 40),
        ("GiB", 30),
        ("GB", 30),
        ("MiB", 20),
        ("MB", 20),
        ("KiB", 10),
        ("KB", 10),
        ("kB", 10),
        ("B", 0),
    ];
    let found = UNITS.iter().find_map(|(unit, bits)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
        Some((number * (1u64 << bits) as f64) as u64)
    });
    if found.is_none() {
        let hint = "A number with one of the units B, KB, MB, GB, TB, such as `15MB`.";
        out.error(path, node.at, format!("Expected a size, found {}.", node.kind()), hint);
    }
    found
}

/// The items of a list; nothing is an empty one. With their paths.
pub(crate) fn list<'a>(node: &'a Node, path: &str, out: &mut Diagnostics) -> Vec<(String, &'a Node)> {
    match &node.value {
        Value::List(items) => items.iter().enumerate().map(|(idx, item)| (format!("{path}[{idx}]"), item)).collect(),
        Value::Null => Vec::new(),
        _ => {
            out.error(path, node.at, format!("Expected a list, found {}.", node.kind()), "Begin each item with `- `.");
            Vec::new()
        }
    }
}

/// A list of texts.
pub(crate) fn texts(node: &Node, path: &str, out: &mut Diagnostics) -> Vec<String> {
    list(node, path, out).into_iter().filter_map(|(path, item)| text(item, &path, out)).collect()
}

/// Labels: names that are some, and texts.
pub(crate) fn labels(node: &Node, path: &str, out: &mut Diagnostics) -> Vec<(String, String)> {
    let Some(section) = section(node, path, out) else { return Vec::new() };
    let mut labels = Vec::new();
    for (name, path, key, value) in section.entries() {
        if !model::is_legacy_label_name(name) {
            let hint = "A label's name is made of letters, digits and `_`, and begins with no digit.";
            out.error(&path, key.at, format!("`{name}` is no name for a label."), hint);
            continue;
        }
        if let Some(value) = text(value, &path, out) {
            labels.push((name.to_owned(), value));
        }
    }
    labels
}
