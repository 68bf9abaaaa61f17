//! A YAML text as a tree in which everything knows its place.
//!
//! The events come from `saphyr-parser`; aliases are written out, merge keys (`<<`) merged, and only the first document is
//! read, as Prometheus does. Depth, nodes and bytes are bounded, so that a few lines of aliases cannot fill the memory.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// A text that is read: a server with a thousand jobs has some hundred kilobytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Values of a text, aliases written out.
const MAX_NODES: usize = 200_000;
/// Values within values: Prometheus' own go five deep.
const MAX_DEPTH: usize = 32;

/// Line and column, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// A value of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// Where it begins.
    pub(crate) at: Place,
    /// The bytes of the text that it is; of an alias those of what it stands for.
    pub(crate) bytes: Range<usize>,
}

/// What a value is.
#[derive(Clone, Debug, Default)]
pub(crate) enum Value {
    /// Nothing, `~` or `null`.
    #[default]
    Null,
    /// A text, number or truth value.
    Scalar {
        text: String,
        /// It is not quoted: it may be a number.
        is_plain: bool,
    },
    List(Vec<Node>),
    /// Keys and values in the order of the text.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a scalar; nothing is an empty one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Null => Some(""),
            Value::Scalar { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What it is, in a word.
    pub(crate) fn kind(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar { text, .. } if text.chars().count() > 40 => {
                format!("`{}…`", text.chars().take(40).collect::<String>())
            }
            Value::Scalar { text, .. } => format!("`{text}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }

    /// Calls a function with each value under this one, itself first.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        visit(self);
        match &self.value {
            Value::Null | Value::Scalar { .. } => {}
            Value::List(items) => items.iter().for_each(|item| item.walk(visit)),
            Value::Map(pairs) => pairs.iter().for_each(|(_, value)| value.walk(visit)),
        }
    }
}

/// Why a text is no YAML, or too much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) message: String,
    pub(crate) at: Option<Place>,
}

/// Reads the first document of a text; of an empty text a [`Value::Null`].
pub(crate) fn read(text: &str) -> Result<Node, YamlError> {
    if text.len() > MAX_BYTES {
        let message = format!("the text has {} KiB; at most {} KiB are read", text.len() >> 10, MAX_BYTES >> 10);
        return Err(YamlError { message, at: None });
    }
    Builder::new(text).read()
}

/// A list or mapping that is not complete.
struct Open {
    /// Of a mapping, whose key waits for its value.
    key: Option<Node>,
    node: Node,
    anchor: usize,
}

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    n_nodes: usize,
    /// The byte at which each character begins, where some have several bytes.
    offsets: Option<Vec<u32>>,
    text: &'a str,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let offsets = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at as u32).collect());
        let parser = Parser::new_from_str(text);
        Builder { parser, open: Vec::new(), anchors: BTreeMap::new(), n_nodes: 0, offsets, text }
    }

    fn read(mut self) -> Result<Node, YamlError> {
        let mut root = None;
        while let Some(next) = self.parser.next_event() {
            let (event, span) =
                next.map_err(|error| YamlError { message: error.info().to_owned(), at: Some(place(*error.marker())) })?;
            let done = match event {
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => None,
                Event::StreamEnd | Event::DocumentEnd => break,
                Event::Alias(anchor) => {
                    let Some(node) = self.anchors.get(&anchor).cloned() else {
                        return Err(self.error(span, "an alias within what it stands for"));
                    };
                    let mut n = 0;
                    node.walk(&mut |_| n += 1);
                    self.count(n, span)?;
                    Some(node)
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.count(1, span)?;
                    let value = scalar(text, style, tag.as_deref());
                    let node = Node { value, at: place(span.start), bytes: self.bytes(span) };
                    self.keep(anchor, &node);
                    Some(node)
                }
                Event::SequenceStart(anchor, _) => {
                    self.begin(Value::List(Vec::new()), anchor, span)?;
                    None
                }
                Event::MappingStart(anchor, _) => {
                    self.begin(Value::Map(Vec::new()), anchor, span)?;
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                    None => None,
                    Some(open) => {
                        let Open { mut node, anchor, .. } = open;
                        node.bytes.end = self.bytes(span).start.max(node.bytes.start);
                        self.check_indentation(&node)?;
                        merge(&mut node);
                        self.keep(anchor, &node);
                        Some(node)
                    }
                },
            };
            let Some(node) = done else { continue };
            match self.open.last_mut() {
                None => root = root.or(Some(node)),
                Some(Open { key, node: parent, .. }) => match &mut parent.value {
                    Value::List(items) => items.push(node),
                    Value::Map(pairs) => match key.take() {
                        None => *key = Some(node),
                        Some(key) => pairs.push((key, node)),
                    },
                    Value::Null | Value::Scalar { .. } => {}
                },
            }
        }
        Ok(root.unwrap_or_default())
    }

    fn begin(&mut self, value: Value, anchor: usize, span: Span) -> Result<(), YamlError> {
        self.count(1, span)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error(span, &format!("more than {MAX_DEPTH} lists and mappings within each other")));
        }
        let node = Node { value, at: place(span.start), bytes: self.bytes(span) };
        self.open.push(Open { key: None, node, anchor });
        Ok(())
    }

    fn count(&mut self, n: usize, span: Span) -> Result<(), YamlError> {
        self.n_nodes += n;
        if self.n_nodes > MAX_NODES {
            return Err(self.error(span, &format!("more than {MAX_NODES} values; at most so many are read")));
        }
        Ok(())
    }

    fn keep(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    /// Tabs before a key, but within braces: this parser takes them, Prometheus' does not.
    fn check_indentation(&self, node: &Node) -> Result<(), YamlError> {
        let Value::Map(pairs) = &node.value else { return Ok(()) };
        if self.text[node.bytes.start..].starts_with('{') {
            return Ok(());
        }
        for (key, _) in pairs {
            let before = &self.text[..key.bytes.start];
            let indent = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
            if indent.contains('\t') && indent.trim().is_empty() {
                let message = "a tab in the indentation, where only blanks may be".to_owned();
                return Err(YamlError { message, at: Some(key.at) });
            }
        }
        Ok(())
    }

    fn error(&self, span: Span, message: &str) -> YamlError {
        YamlError { message: message.to_owned(), at: Some(place(span.start)) }
    }

    /// The parser counts characters.
    fn bytes(&self, span: Span) -> Range<usize> {
        let at = |marker: Marker| match &self.offsets {
            None => marker.index().min(self.text.len()),
            Some(offsets) => offsets.get(marker.index()).map_or(self.text.len(), |&at| at as usize),
        };
        let start = at(span.start);
        start..at(span.end).max(start)
    }
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line().max(1) as u32, column: marker.col() as u32 + 1 }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    let is_plain = style == ScalarStyle::Plain && !is_text;
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" if is_plain => Value::Null,
        _ => Value::Scalar { text: text.into_owned(), is_plain },
    }
}

/// Takes in the mappings that `<<` names; what is there already stays.
fn merge(node: &mut Node) {
    let Value::Map(pairs) = &mut node.value else { return };
    let is_merge = |key: &Node| matches!(&key.value, Value::Scalar { text, is_plain: true } if text == "<<");
    let Some(at) = pairs.iter().position(|(key, _)| is_merge(key)) else { return };
    let (_, merged) = pairs.remove(at);
    let sources = match merged.value {
        Value::List(items) => items,
        _ => vec![merged],
    };
    for source in sources {
        let Value::Map(more) = source.value else { continue };
        for (key, value) in more {
            if !pairs.iter().any(|(known, _)| known.text() == key.text()) {
                pairs.push((key, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! What a text is, with places.
    use super::*;
    use expect_test::{Expect, expect};

    fn draw(node: &Node, text: &str, depth: usize, out: &mut String) {
        let Place { line, column } = node.at;
        let indent = "  ".repeat(depth);
        match &node.value {
            Value::Null => out.push_str(&format!("{indent}{line}:{column} null\n")),
            Value::Scalar { text: value, .. } => {
                out.push_str(&format!("{indent}{line}:{column} {value:?} from {:?}\n", &text[node.bytes.clone()]));
            }
            Value::List(items) => {
                out.push_str(&format!("{indent}{line}:{column} list\n"));
                items.iter().for_each(|item| draw(item, text, depth + 1, out));
            }
            Value::Map(pairs) => {
                out.push_str(&format!("{indent}{line}:{column} map\n"));
                for (key, value) in pairs {
                    out.push_str(&format!("{indent} {}\n", key.text().unwrap_or("?")));
                    draw(value, text, depth + 1, out);
                }
            }
        }
    }

    fn check(text: &str, expected: &Expect) {
        let drawn = match read(text) {
            Ok(node) => {
                let mut out = String::new();
                draw(&node, text, 0, &mut out);
                out
            }
            Err(error) => format!("{:?} {}\n", error.at.map(|at| (at.line, at.column)), error.message),
        };
        expected.assert_eq(&drawn);
    }

    #[test]
    fn values_know_their_places() {
        check(
            "ä: \"ü\"\nb:\n  - 1\n  - [x, 'y z']\nc: |\n  two\n  lines\nd:\n",
            &expect![[r#"
                1:1 map
                 ä
                  1:4 "ü" from "\"ü\""
                 b
                  3:3 list
                    3:5 "1" from "1"
                    4:5 list
                      4:6 "x" from "x"
                      4:9 "y z" from "'y z'"
                 c
                  6:3 "two\nlines\n" from "two\n  lines\n"
                 d
                  8:2 null
            "#]],
        );
    }

    #[test]
    fn aliases_are_written_out_and_merged() {
        check(
            "a: &x {k: 1, l: 2}\nb: *x\nc:\n  <<: *x\n  k: 3\n",
            &expect![[r#"
            1:1 map
             a
              1:4 map
               k
                1:11 "1" from "1"
               l
                1:17 "2" from "2"
             b
              1:4 map
               k
                1:11 "1" from "1"
               l
                1:17 "2" from "2"
             c
              4:3 map
               k
                5:6 "3" from "3"
               l
                1:17 "2" from "2"
        "#]],
        );
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        check(
            "a: [1, 2\nb: 3\n",
            &expect![[r#"
            Some((2, 2)) illegal placement of ':' indicator
        "#]],
        );
        check(
            "a: *nobody\n",
            &expect![[r#"
            Some((1, 4)) while parsing node, found unknown anchor
        "#]],
        );
        check(
            "",
            &expect![[r#"
            0:0 null
        "#]],
        );
        check(
            "a: 1\n---\nb: 2\n",
            &expect![[r#"
            1:1 map
             a
              1:4 "1" from "1"
        "#]],
        );
    }

    #[test]
    fn a_few_lines_of_aliases_do_not_fill_the_memory() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..20 {
            let list = vec![format!("*a{}", n - 1); 9].join(", ");
            text.push_str(&format!("a{n}: &a{n} [{list}]\n"));
        }
        assert!(read(&text).is_err_and(|error| error.message.contains("values")));
        assert!(read(&"[".repeat(1_000)).is_err());
        assert!(read(&"- ".repeat(1_000)).is_err());
    }
}
