//! What is offered, as items of a list: what is shown, what is inserted, how well it fits what was typed.

use super::Want;
use crate::functions::{AGGREGATIONS, FUNCTIONS};
use model::{is_legacy_label_name, is_legacy_metric_name, quote};

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
                detail: a.signature(),
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
