//! Which completions are offered, in which order, and what the text becomes when one is taken.

use promql::complete::{Completion, Item, ItemKind, Want, score, static_items};

/// So many are shown; who wants another types one letter more.
pub const SHOWN_CAP: usize = 60;

/// A metric that can be offered, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricName<'a> {
    /// The name.
    pub name: &'a str,
    /// `counter`, `gauge` …
    pub kind: &'a str,
    /// The help text; may be empty.
    pub help: &'a str,
}

/// Candidates for what can stand at the cursor. `looked_up` are the worker's answers for labels or
/// values, empty until they are there.
#[must_use]
pub fn candidates(src: &str, completion: &Completion, metrics: &[MetricName], looked_up: &[String]) -> Vec<Item> {
    let mut items = Vec::new();
    for want in &completion.wants {
        match want {
            Want::MetricNames => items.extend(metrics.iter().map(|m| metric_item(m))),
            Want::LabelNames { .. } => {
                let insert = if in_braces(src, completion) { Insert::LabelAndQuotes } else { Insert::Label };
                items.extend(looked_up.iter().map(|name| label_item(name, insert)));
            }
            Want::LabelValues { quoted, .. } => items.extend(looked_up.iter().map(|value| value_item(value, *quoted))),
            Want::Functions | Want::Aggregations | Want::Keywords(_) | Want::Durations(_) => {}
        }
    }
    items.extend(static_items(&completion.wants).into_iter().map(|item| with_brackets(src, completion, item)));
    items
}

/// The candidates that fit what was typed, best first, and how many fit in all.
#[must_use]
pub fn ranked(items: Vec<Item>, prefix: &str) -> (Vec<Item>, usize) {
    let mut scored: Vec<(i32, Item)> =
        items.into_iter().filter_map(|item| Some((-score(&item.label, prefix)?, item))).collect();
    let total = scored.len();
    // Keywords and durations stand in an order of their own; the sort is stable.
    model::sort::by(&mut scored, |(a_score, a), (b_score, b)| {
        a_score.cmp(b_score).then_with(|| match (a.kind, b.kind) {
            (ItemKind::Keyword | ItemKind::Duration, ItemKind::Keyword | ItemKind::Duration) => {
                std::cmp::Ordering::Equal
            }
            // `__name__` is what most people mean last.
            _ => (kind_rank(a.kind), a.label.starts_with("__"), &a.label).cmp(&(
                kind_rank(b.kind),
                b.label.starts_with("__"),
                &b.label,
            )),
        })
    });
    scored.truncate(SHOWN_CAP);
    (scored.into_iter().map(|(_, item)| item).collect(), total)
}

/// Where scores are equal: what belongs to the user before what belongs to the language.
fn kind_rank(kind: ItemKind) -> u8 {
    match kind {
        ItemKind::Metric | ItemKind::Label | ItemKind::Value => 0,
        ItemKind::Aggregation => 1,
        ItemKind::Function => 2,
        ItemKind::Keyword | ItemKind::Duration => 3,
    }
}

/// Whether Enter should run the query although the list is open: the word is complete already.
#[must_use]
pub fn is_complete(src: &str, completion: &Completion, item: &Item) -> bool {
    completion.replace.text(src) == item.label
}

/// The text and the cursor (in bytes) after an item was taken.
#[must_use]
pub fn taken(src: &str, completion: &Completion, item: &Item) -> (String, usize) {
    let (start, end) = (completion.replace.start, completion.replace.end);
    let (head, tail) = (src.get(..start).unwrap_or(src), src.get(end..).unwrap_or(""));
    // The cursor goes between brackets or quotes that were inserted empty.
    let inside = item.insert.ends_with("()") && item.kind != ItemKind::Keyword || item.insert.ends_with("=\"\"");
    let cursor = head.len() + item.insert.len() - usize::from(inside);
    (format!("{head}{}{tail}", item.insert), cursor)
}

fn metric_item(metric: &MetricName) -> Item {
    let insert = if model::is_legacy_metric_name(metric.name) {
        metric.name.to_owned()
    } else {
        format!("{{{}}}", model::quote(metric.name))
    };
    Item {
        kind: ItemKind::Metric,
        label: metric.name.to_owned(),
        insert,
        detail: metric.kind.to_owned(),
        doc: metric.help.to_owned(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Insert {
    Label,
    LabelAndQuotes,
}

fn label_item(name: &str, insert: Insert) -> Item {
    let written = if model::is_legacy_label_name(name) { name.to_owned() } else { model::quote(name) };
    let insert = if insert == Insert::LabelAndQuotes { format!("{written}=\"\"") } else { written };
    plain(ItemKind::Label, name, insert)
}

fn value_item(value: &str, quoted: bool) -> Item {
    let whole = model::quote(value);
    let insert = if quoted { whole[1..whole.len() - 1].to_owned() } else { whole };
    plain(ItemKind::Value, value, insert)
}

fn plain(kind: ItemKind, label: &str, insert: String) -> Item {
    Item { kind, label: label.to_owned(), insert, detail: String::new(), doc: String::new() }
}

/// A function brings its brackets, unless some stand behind the word already.
fn with_brackets(src: &str, completion: &Completion, mut item: Item) -> Item {
    let behind = src.get(completion.replace.end..).unwrap_or("").trim_start();
    let opens = behind.starts_with('(');
    let grouped = ["by", "without"].iter().any(|word| behind.starts_with(word));
    let needs = match item.kind {
        ItemKind::Function => !opens,
        ItemKind::Aggregation => !opens && !grouped,
        _ => false,
    };
    if needs {
        item.insert.push_str("()");
    }
    item
}

/// Whether a label at this place is one of a selector and still needs its operator.
fn in_braces(src: &str, completion: &Completion) -> bool {
    let before = src.get(..completion.replace.start).unwrap_or("");
    let behind = src.get(completion.replace.end..).unwrap_or("").trim_start();
    let open = before.rfind(['{', '(']).is_some_and(|at| before[at..].starts_with('{'));
    open && !behind.starts_with(['=', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql::complete::complete;

    const METRICS: [MetricName; 3] = [
        MetricName { name: "http_requests_total", kind: "counter", help: "Requests." },
        MetricName { name: "rate_limit", kind: "gauge", help: "" },
        MetricName { name: "with.dots", kind: "gauge", help: "" },
    ];

    fn offered(marked: &str, looked_up: &[&str]) -> (String, Completion, Vec<Item>) {
        let cursor = marked.find('|').expect("a cursor");
        let src = marked.replacen('|', "", 1);
        let completion = complete(&src, cursor);
        let looked_up: Vec<String> = looked_up.iter().map(|&s| s.to_owned()).collect();
        let items = candidates(&src, &completion, &METRICS, &looked_up);
        let (items, _) = ranked(items, &completion.prefix);
        (src, completion, items)
    }

    /// `|` marks the cursor before and after taking an item.
    fn take(marked: &str, looked_up: &[&str], label: &str) -> String {
        let (src, completion, items) = offered(marked, looked_up);
        let item = items.iter().find(|i| i.label == label).expect("is offered");
        let (mut text, cursor) = taken(&src, &completion, item);
        text.insert(cursor, '|');
        text
    }

    fn first(marked: &str, looked_up: &[&str]) -> Vec<String> {
        offered(marked, looked_up).2.into_iter().take(3).map(|i| i.label).collect()
    }

    #[test]
    fn the_best_fit_comes_first() {
        assert_eq!(first("ra|", &[])[0], "rate");
        assert_eq!(first("htreq|", &[])[0], "http_requests_total");
        assert_eq!(first("up{|}", &["__name__", "job", "instance"]), ["instance", "job", "__name__"]);
        assert_eq!(first("up[|]", &[]), ["1m", "5m", "10m"]);
    }

    #[test]
    fn what_is_taken_replaces_the_word_and_leaves_the_cursor_where_one_types_on() {
        assert_eq!(take("ra|", &[], "rate"), "rate(|)");
        assert_eq!(take("ra|(x[5m])", &[], "rate"), "rate|(x[5m])");
        assert_eq!(take("su| by (a) (b)", &[], "sum"), "sum| by (a) (b)");
        assert_eq!(take("sum(ht|tp_re)", &[], "http_requests_total"), "sum(http_requests_total|)");
        assert_eq!(take("with|", &[], "with.dots"), "{\"with.dots\"}|");
        assert_eq!(take("up{jo|}", &["job"], "job"), "up{job=\"|\"}");
        assert_eq!(take("up{jo|b=\"x\"}", &["job"], "job"), "up{job|=\"x\"}");
        assert_eq!(take("up{job=\"|\"}", &["a\"b"], "a\"b"), "up{job=\"a\\\"b|\"}");
        assert_eq!(take("up{job=|}", &["api"], "api"), "up{job=\"api\"|}");
        assert_eq!(take("sum by (|) (up)", &["job"], "job"), "sum by (job|) (up)");
        assert_eq!(take("up @ |", &[], "start()"), "up @ start()|");
        assert_eq!(take("up[5|]", &[], "5m"), "up[5m|]");
    }

    #[test]
    fn a_complete_word_lets_enter_run() {
        let (src, completion, items) = offered("rate_limit|", &[]);
        assert!(is_complete(&src, &completion, &items[0]));
        let (src, completion, items) = offered("rate_lim|", &[]);
        assert!(!is_complete(&src, &completion, &items[0]));
    }

    #[test]
    fn a_long_list_is_cut_and_says_how_long_it_was() {
        let values: Vec<String> = (0..1000).map(|i| format!("v{i:04}")).collect();
        let completion = complete("up{a=\"v", 7);
        let (items, total) = ranked(candidates("up{a=\"v", &completion, &[], &values), &completion.prefix);
        assert_eq!((items.len(), total, items[0].label.as_str()), (SHOWN_CAP, 1000, "v0000"));
    }
}
