//! What can stand at the cursor: the part an editor replaces, and what it may be replaced with.
//!
//! Static items (functions, aggregations, keywords, durations) come from here; names of metrics and
//! labels and their values are the caller's, which asks the store with the matchers given in [`Want`].

use crate::ast::BinaryOp;
use crate::diagnostic::Span;
use crate::functions::{AGGREGATIONS, FUNCTIONS};
use crate::keywords::{self, Keyword};
use crate::lexer::{Token, TokenKind, lex};
use model::{METRIC_NAME, MatchOp, Matcher, is_legacy_label_name, is_legacy_metric_name, quote};

/// What can stand at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The whole token at the cursor, or the empty place there.
    pub replace: Span,
    /// What has been typed of it.
    pub prefix: String,
    /// The quote around the place, if the cursor is inside a quoted text.
    pub quote: Option<char>,
    /// What may stand here, in the order in which it is offered.
    pub wants: Vec<Want>,
}

/// A kind of thing that can stand at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Names of metrics.
    MetricNames,
    /// Names of labels of the series that match.
    LabelNames {
        /// What the rest of the selector says; empty: all series.
        matchers: Vec<Matcher>,
    },
    /// Values of a label of the series that match.
    LabelValues {
        /// The label.
        label: String,
        /// What the rest of the selector says.
        matchers: Vec<Matcher>,
        /// The cursor stands inside quotes already.
        quoted: bool,
    },
    /// Functions.
    Functions,
    /// Aggregations.
    Aggregations,
    /// These keywords or operators.
    Keywords(&'static [Keyword]),
    /// These durations, or units behind a number.
    Durations(Vec<String>),
}

/// What kind of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A metric.
    Metric,
    /// A label.
    Label,
    /// A label's value.
    Value,
    /// A function.
    Function,
    /// An aggregation.
    Aggregation,
    /// A keyword.
    Keyword,
    /// A duration.
    Duration,
}

/// Something to offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What kind of thing.
    pub kind: ItemKind,
    /// What is shown.
    pub label: String,
    /// What is put in place of [`Completion::replace`].
    pub insert: String,
    /// Beside it: a signature, a type.
    pub detail: String,
    /// A sentence about it.
    pub doc: String,
}

const UNITS: [&str; 7] = ["s", "m", "h", "d", "w", "y", "ms"];
const RANGES: [&str; 9] = ["1m", "5m", "10m", "30m", "1h", "6h", "1d", "10s", "30s"];

/// What can stand at a byte position of a text.
#[must_use]
pub fn complete(src: &str, cursor: usize) -> Completion {
    let mut cursor = cursor.min(src.len());
    while !src.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let tokens: Vec<Token> =
        lex(src).into_iter().filter(|t| t.kind != TokenKind::Comment && t.kind != TokenKind::End).collect();
    let at = tokens.iter().position(|t| t.span.start < cursor && cursor <= t.span.end && is_word(t, cursor));
    let (replace, n_before) = match at {
        Some(idx) => (tokens[idx].span, idx),
        None => (Span::new(cursor, cursor), tokens.iter().take_while(|t| t.span.end <= cursor).count()),
    };
    let before = &tokens[..n_before];
    let word = at.map(|idx| tokens[idx]);
    let prefix = src.get(replace.start..cursor).unwrap_or("").to_owned();
    let context = Context { src, before, word, tokens: &tokens, n_before };
    let wants = context.wants();
    match word {
        // Inside quotes only the text between them is replaced.
        Some(token) if matches!(token.kind, TokenKind::String | TokenKind::OpenString) => {
            let inner = Span::new(
                replace.start + 1,
                if token.kind == TokenKind::String { replace.end - 1 } else { replace.end },
            );
            let quote = src[replace.start..].chars().next();
            Completion { replace: inner, prefix: prefix.get(1..).unwrap_or("").to_owned(), quote, wants }
        }
        _ => Completion { replace, prefix, quote: None, wants },
    }
}

/// Whether the cursor is in or at the end of a token that completion replaces.
fn is_word(token: &Token, cursor: usize) -> bool {
    match token.kind {
        TokenKind::Ident | TokenKind::Number | TokenKind::Duration | TokenKind::OpenString => true,
        TokenKind::String => cursor < token.span.end,
        _ => false,
    }
}

struct Context<'a> {
    src: &'a str,
    before: &'a [Token],
    word: Option<Token>,
    tokens: &'a [Token],
    n_before: usize,
}

impl Context<'_> {
    fn text(&self, token: Token) -> &str {
        token.span.text(self.src)
    }

    fn last(&self, back: usize) -> &str {
        self.before.len().checked_sub(back + 1).map_or("", |idx| self.text(self.before[idx]))
    }

    fn wants(&self) -> Vec<Want> {
        let last = self.last(0).to_ascii_lowercase();
        match self.open_bracket() {
            Some((open, "{")) => return self.in_braces(open),
            Some((_, "[")) => return self.duration(),
            Some((open, "(")) if open > 0 => {
                let opener = self.text(self.before[open - 1]).to_ascii_lowercase();
                if ["by", "without", "on", "ignoring", "group_left", "group_right"].contains(&opener.as_str()) {
                    return self.grouping_labels(open);
                }
            }
            _ => {}
        }
        if let Some(word) = self.word {
            match word.kind {
                TokenKind::Number | TokenKind::Duration if last == "offset" => {
                    return self.duration();
                }
                TokenKind::Number | TokenKind::Duration | TokenKind::String | TokenKind::OpenString => {
                    return Vec::new();
                }
                _ => {}
            }
        }
        match last.as_str() {
            "offset" => return self.duration(),
            "@" => return vec![Want::Keywords(keywords::AT_TIMES)],
            _ => {}
        }
        let before = self.last(0);
        let called = self.closed_call();
        if crate::functions::aggregation(before).is_some() {
            return vec![Want::Keywords(keywords::GROUPING)];
        }
        let mut wants = Vec::new();
        match called {
            // Behind `on (…)` more may follow, else the right side.
            Some(name) if is_one_of(name, keywords::MATCHING) => wants.push(Want::Keywords(keywords::GROUP)),
            Some(name) if is_one_of(name, keywords::GROUP) => {}
            Some(name) if is_one_of(name, keywords::GROUPING) => {}
            _ if self.after_operand() => {
                if matches!(before, "}" | "]") || self.before.last().is_some_and(|t| t.kind == TokenKind::Ident) {
                    wants.push(Want::Keywords(keywords::MODIFIERS));
                }
                if called.is_some_and(|name| crate::functions::aggregation(name).is_some()) {
                    wants.push(Want::Keywords(keywords::GROUPING));
                }
                wants.push(Want::Keywords(keywords::OPERATORS));
                return wants;
            }
            _ => {
                let op = BinaryOp::from_text(before);
                if op.is_some_and(BinaryOp::is_comparison) {
                    wants.push(Want::Keywords(keywords::COMPARISON));
                }
                // A sign at the start of an expression joins nothing.
                if (op.is_some() && self.before.len() > 1) || before.eq_ignore_ascii_case("bool") {
                    wants.push(Want::Keywords(keywords::MATCHING));
                }
            }
        }
        wants.splice(0..0, [Want::MetricNames, Want::Functions, Want::Aggregations]);
        wants
    }

    /// Whether an operand ended just before the cursor, so that only an operator or modifier can follow.
    fn after_operand(&self) -> bool {
        let Some(&last) = self.before.last() else {
            return false;
        };
        let text = self.text(last);
        match last.kind {
            TokenKind::Ident => !["and", "or", "unless", "atan2", "bool"].iter().any(|k| text.eq_ignore_ascii_case(k)),
            TokenKind::Punct => matches!(text, ")" | "}" | "]"),
            TokenKind::Number | TokenKind::Duration | TokenKind::String => true,
            _ => false,
        }
    }

    /// The name before the parentheses that end just before the cursor: `sum` behind `sum(up)`.
    fn closed_call(&self) -> Option<&str> {
        if self.last(0) != ")" {
            return None;
        }
        let mut nested = 0usize;
        let open = (0..self.before.len()).rev().find(|&idx| {
            match self.text(self.before[idx]) {
                ")" => nested += 1,
                "(" => nested -= 1,
                _ => {}
            }
            nested == 0
        })?;
        let opener = self.before[open.checked_sub(1)?];
        (opener.kind == TokenKind::Ident).then(|| self.text(opener))
    }

    /// The innermost bracket that is open at the cursor.
    fn open_bracket(&self) -> Option<(usize, &str)> {
        let mut nested = 0usize;
        for (idx, &token) in self.before.iter().enumerate().rev() {
            match self.text(token) {
                ")" | "]" | "}" if token.kind == TokenKind::Punct => nested += 1,
                text @ ("(" | "[" | "{") if token.kind == TokenKind::Punct => {
                    if nested == 0 {
                        return Some((idx, text));
                    }
                    nested -= 1;
                }
                _ => {}
            }
        }
        None
    }

    fn in_braces(&self, open: usize) -> Vec<Want> {
        let name = open.checked_sub(1).map(|idx| self.before[idx]).filter(|t| t.kind == TokenKind::Ident);
        let mut matchers: Vec<Matcher> =
            name.map(|t| Matcher::new(METRIC_NAME, MatchOp::Equal, self.text(t))).into_iter().collect();
        let is_op = |text: &str| matches!(text, "=" | "!=" | "=~" | "!~");
        let value_of = if is_op(self.last(0)) { Some(unquote(self.last(1))) } else { None };
        // The other matchers of the braces, before and behind the cursor, narrow what is offered.
        let mut idx = open + 1;
        while idx + 2 < self.tokens.len() && self.text(self.tokens[idx]) != "}" {
            let (label, op, value) = (self.tokens[idx], self.text(self.tokens[idx + 1]), self.tokens[idx + 2]);
            let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
            if let (Some(op), TokenKind::String) = (ops.into_iter().find(|o| o.as_str() == op), value.kind) {
                let is_current = (idx..=idx + 2).contains(&self.n_before) && self.word.is_some();
                if !is_current {
                    matchers.push(Matcher::new(unquote(self.text(label)), op, unquote(self.text(value))));
                }
                idx += 3;
            } else {
                idx += 1;
            }
        }
        let quoted = self.word.is_some_and(|w| matches!(w.kind, TokenKind::String | TokenKind::OpenString));
        match value_of {
            Some(label) => vec![Want::LabelValues { label, matchers, quoted }],
            None if matches!(self.last(0), "{" | ",") && quoted && name.is_none() => {
                vec![Want::LabelNames { matchers }, Want::MetricNames]
            }
            None if matches!(self.last(0), "{" | ",") => vec![Want::LabelNames { matchers }],
            None => Vec::new(),
        }
    }

    /// Labels in `by (…)`: of the metrics in the expression.
    fn grouping_labels(&self, open: usize) -> Vec<Want> {
        if !matches!(self.last(0), "(" | ",") {
            return Vec::new();
        }
        // The operand usually stands behind the list: the first metric there, else the last before.
        let is_metric = |idx: usize| {
            let token = self.tokens[idx];
            let next = self.tokens.get(idx + 1).map_or("", |t| self.text(*t));
            token.kind == TokenKind::Ident
                && next != "("
                && crate::functions::aggregation(self.text(token)).is_none()
                && ![keywords::MODIFIERS, keywords::GROUPING, keywords::MATCHING, keywords::GROUP, keywords::OPERATORS]
                    .iter()
                    .chain(&[keywords::COMPARISON])
                    .any(|words| is_one_of(self.text(token), words))
        };
        let close =
            (self.n_before..self.tokens.len()).find(|&i| self.text(self.tokens[i]) == ")").unwrap_or(self.tokens.len());
        let metric =
            (close..self.tokens.len()).find(|&i| is_metric(i)).or_else(|| (0..open).rev().find(|&i| is_metric(i)));
        let matchers = metric.map(|i| Matcher::new(METRIC_NAME, MatchOp::Equal, self.text(self.tokens[i])));
        vec![Want::LabelNames { matchers: matchers.into_iter().collect() }]
    }

    /// Durations: units behind digits, common ranges otherwise, nothing behind a complete one.
    fn duration(&self) -> Vec<Want> {
        match self.word {
            Some(word) if word.kind == TokenKind::Number => {
                let digits = self.text(word);
                if !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Vec::new();
                }
                vec![Want::Durations(UNITS.iter().map(|unit| format!("{digits}{unit}")).collect())]
            }
            Some(_) => Vec::new(),
            None if matches!(self.last(0), "[" | ":" | "offset") => {
                vec![Want::Durations(RANGES.iter().map(|&r| r.to_owned()).collect())]
            }
            None => Vec::new(),
        }
    }
}

fn unquote(text: &str) -> String {
    let inner = text.trim_matches(['"', '\'', '`']);
    inner.replace("\\\\", "\\").replace("\\\"", "\"")
}

/// The items of the static wants: functions, aggregations, keywords, durations.
#[must_use]
pub fn static_items(wants: &[Want]) -> Vec<Item> {
    let mut items = Vec::new();
    for want in wants {
        match want {
            Want::Functions => items.extend(FUNCTIONS.iter().map(|f| Item {
                kind: ItemKind::Function,
                label: f.name.to_owned(),
                insert: f.name.to_owned(),
                detail: f.signature(),
                doc: if f.experimental { format!("{} Experimental in Prometheus.", f.doc) } else { f.doc.to_owned() },
            })),
            Want::Aggregations => items.extend(AGGREGATIONS.iter().map(|a| Item {
                kind: ItemKind::Aggregation,
                label: a.name.to_owned(),
                insert: a.name.to_owned(),
                detail: "aggregation".to_owned(),
                doc: a.doc.to_owned(),
            })),
            Want::Keywords(words) => items.extend(
                words
                    .iter()
                    .map(|w| Item { doc: w.doc.to_owned(), ..plain(ItemKind::Keyword, w.name, w.name.to_owned()) }),
            ),
            Want::Durations(durations) => {
                items.extend(durations.iter().map(|d| plain(ItemKind::Duration, d, d.clone())));
            }
            Want::MetricNames | Want::LabelNames { .. } | Want::LabelValues { .. } => {}
        }
    }
    items
}

/// The item of a name or value that the caller found for a want, escaped and quoted as its place
/// demands; `quote` is that of the [`Completion`].
#[must_use]
pub fn dynamic_item(want: &Want, found: &str, quote_around: Option<char>) -> Item {
    let (kind, bare) = match want {
        Want::LabelValues { .. } => (ItemKind::Value, false),
        Want::LabelNames { .. } => (ItemKind::Label, is_legacy_label_name(found)),
        _ => (ItemKind::Metric, is_legacy_metric_name(found)),
    };
    let insert = match (kind, quote_around) {
        (_, Some('`')) => found.to_owned(),
        (_, Some('\'')) => escape(found).replace("\\\"", "\"").replace('\'', "\\'"),
        (_, Some(_)) => escape(found),
        (_, None) if bare => found.to_owned(),
        (ItemKind::Metric, None) => format!("{{{}}}", quote(found)),
        (_, None) => quote(found),
    };
    plain(kind, found, insert)
}

/// The text between the double quotes.
fn escape(text: &str) -> String {
    let quoted = quote(text);
    quoted[1..quoted.len() - 1].to_owned()
}

fn plain(kind: ItemKind, label: &str, insert: String) -> Item {
    Item { kind, label: label.to_owned(), insert, detail: String::new(), doc: String::new() }
}

fn is_one_of(text: &str, words: &[Keyword]) -> bool {
    words.iter().any(|w| w.name.eq_ignore_ascii_case(text))
}

/// How well a candidate fits what was typed: the greater, the better; `None` if it does not.
///
/// A prefix beats the start of a word in the middle (`seconds` in `http_seconds`), which beats letters
/// in order. Shorter candidates win, and a few functions beat their rarer namesakes.
#[must_use]
pub fn score(candidate: &str, typed: &str) -> Option<i32> {
    if typed.is_empty() {
        return Some(0);
    }
    let (lower, typed_lower) = (candidate.to_ascii_lowercase(), typed.to_ascii_lowercase());
    let favourite = i32::from(["rate", "delta", "count", "sum"].contains(&candidate)) * 50;
    let length = -(candidate.len().min(200) as i32);
    if lower.starts_with(&typed_lower) {
        return Some(3_000 + favourite + length);
    }
    if let Some(at) = lower.find(&typed_lower) {
        let at_word = lower.as_bytes().get(at.wrapping_sub(1)).is_some_and(|b| !b.is_ascii_alphanumeric());
        return Some(if at_word { 2_000 } else { 1_000 } + length);
    }
    let mut chars = lower.chars();
    typed_lower.chars().all(|t| chars.any(|c| c == t)).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// `|` marks the cursor.
    fn check(marked: &str, expect: &Expect) {
        let cursor = marked.find('|').expect("a cursor");
        let src = marked.replacen('|', "", 1);
        let completion = complete(&src, cursor);
        let wants: Vec<String> = completion
            .wants
            .iter()
            .map(|want| match want {
                Want::LabelNames { matchers } => format!("labels {}", join(matchers)),
                Want::LabelValues { label, matchers, quoted } => {
                    format!("values of {label} {} quoted={quoted}", join(matchers))
                }
                Want::Durations(items) => format!("durations {}…", items[0]),
                Want::Keywords(items) => format!("keywords {}…", items[0].name),
                other => format!("{other:?}"),
            })
            .collect();
        expect.assert_eq(&format!("{:?} {}", completion.replace.text(&src), wants.join("; ")));
    }

    fn join(matchers: &[Matcher]) -> String {
        format!("{{{}}}", matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn what_can_stand_at_the_cursor() {
        check("|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
        check("ra|te_x", &expect![[r#""rate_x" MetricNames; Functions; Aggregations"#]]);
        check("rate(ht|", &expect![[r#""ht" MetricNames; Functions; Aggregations"#]]);
        check("up{|", &expect![[r#""" labels {__name__="up"}"#]]);
        check("up{jo|b=\"x\"}", &expect![[r#""job" labels {__name__="up"}"#]]);
        check("up{a=\"b\",job=\"|\"}", &expect![[r#""" values of job {__name__="up",a="b"} quoted=true"#]]);
        check("up{job=~|", &expect![[r#""" values of job {__name__="up"} quoted=false"#]]);
        check("up[|", &expect![[r#""" durations 1m…"#]]);
        check("up[5|]", &expect![[r#""5" durations 5s…"#]]);
        check("up[5m|]", &expect![[r#""5m" "#]]);
        check("sum by (|) (up)", &expect![[r#""" labels {__name__="up"}"#]]);
        check("sum |", &expect![[r#""" keywords by…"#]]);
        check("up |", &expect![[r#""" keywords offset…; keywords +…"#]]);
        check("up + |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords on…"#]]);
        check("up offset |", &expect![[r#""" durations 1m…"#]]);
        check("sum(up) |", &expect![[r#""" keywords by…; keywords +…"#]]);
        check("sum by (a) (up) |", &expect![[r#""" keywords +…"#]]);
        check("(up) |", &expect![[r#""" keywords +…"#]]);
        check("up > |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords bool…; keywords on…"#]]);
        check("up > bool |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords on…"#]]);
        check("a * on (x) group_left (y) |", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
        check("a + on (x) |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords group_left…"#]]);
        check("sum by (x) |", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
        check("-|", &expect![[r#""" MetricNames; Functions; Aggregations"#]]);
        check("{\"ht|", &expect![[r#""ht" labels {}; MetricNames"#]]);
        check("sum by (|) (a + b) or c", &expect![[r#""" labels {__name__="a"}"#]]);
        check("rate(up[5m] |", &expect![[r#""" keywords offset…; keywords +…"#]]);
        check("up @ |", &expect![[r#""" keywords start()…"#]]);
        check("a * on (job) |", &expect![[r#""" MetricNames; Functions; Aggregations; keywords group_left…"#]]);
    }

    #[test]
    fn what_is_inserted_is_quoted_and_escaped() {
        let insert = |want: &Want, found: &str, quote| dynamic_item(want, found, quote).insert;
        let names = Want::LabelNames { matchers: Vec::new() };
        let values = Want::LabelValues { label: "a".to_owned(), matchers: Vec::new(), quoted: true };
        assert_eq!(insert(&Want::MetricNames, "up", None), "up");
        assert_eq!(insert(&Want::MetricNames, "http.up", None), r#"{"http.up"}"#);
        assert_eq!(insert(&Want::MetricNames, "http.up", Some('"')), "http.up");
        assert_eq!(insert(&names, "job", None), "job");
        assert_eq!(insert(&names, "a.b", None), r#""a.b""#);
        assert_eq!(insert(&values, r#"C:\"x"#, None), r#""C:\\\"x""#);
        assert_eq!(insert(&values, r#"C:\"x"#, Some('"')), r#"C:\\\"x"#);
        assert_eq!(insert(&values, "it's \"x\"", Some('\'')), r#"it\'s "x""#);
        assert_eq!(insert(&values, r"C:\x", Some('`')), r"C:\x");
    }

    #[test]
    fn a_prefix_wins_and_common_functions_come_first() {
        let best = |typed: &str| {
            let items = static_items(&[Want::Functions, Want::Aggregations]);
            let mut scored: Vec<_> =
                items.iter().filter_map(|i| Some((-score(&i.label, typed)?, i.label.as_str()))).collect();
            scored.sort_unstable();
            scored[0].1.to_owned()
        };
        assert_eq!([best("ra"), best("de"), best("co"), best("hq")], ["rate", "delta", "count", "histogram_quantile"]);
    }
}
