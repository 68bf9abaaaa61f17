//! A series' identity: label pairs sorted by name, in one shared allocation.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";
/// The label that names the scrape job.
pub const JOB: &str = "job";
/// The label that names the scraped endpoint, `host:port`.
pub const INSTANCE: &str = "instance";
/// The label that holds the upper bound of a classic histogram's bucket.
pub const LE: &str = "le";
/// The label that holds the quantile of a summary.
pub const QUANTILE: &str = "quantile";

/// Label pairs, sorted by name in byte order, without empty values; the metric's name is the label
/// [`METRIC_NAME`]. A clone costs a reference count.
///
/// Invariant: names are strictly increasing and no value is empty; [`LabelsBuilder::labels`] is the
/// only writer, so equal label sets are equal bytes and hash alike.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Labels {
    /// For each pair: length of the name, name, length of the value, value. A length is written in
    /// base 64, low digits first, as ASCII characters (bit 6 set while more follow), so that the
    /// whole stays valid UTF-8 and can be sliced without copying.
    text: Arc<str>,
}

impl Labels {
    /// No labels at all: what `sum(x)` leaves.
    #[must_use]
    pub fn empty() -> Self {
        Labels { text: Arc::from("") }
    }

    /// Labels from pairs in any order. Pairs with an empty value are left out (they mean "no such
    /// label"); of two pairs with the same name the later one wins.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::new();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.labels()
    }

    /// Labels from pairs that are in the order of their names already, as [`Labels::iter`] gives them; `None` if they are
    /// not, a name is there twice or a value is empty.
    pub fn from_sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Option<Self> {
        let mut text = String::with_capacity(pairs.clone().map(|(n, v)| n.len() + v.len() + 4).sum());
        let mut last: Option<&str> = None;
        for (name, value) in pairs {
            if last.is_some_and(|last| last >= name) || value.is_empty() {
                return None;
            }
            last = Some(name);
            put_text(&mut text, name);
            put_text(&mut text, value);
        }
        Some(Labels { text: Arc::from(text) })
    }

    /// The value of a label, or `None` if the series does not have it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        for (n, v) in self {
            match n.cmp(name) {
                Ordering::Less => {}
                Ordering::Equal => return Some(v),
                Ordering::Greater => return None,
            }
        }
        None
    }

    /// The metric's name, if there is one.
    #[must_use]
    pub fn metric_name(&self) -> Option<&str> {
        self.get(METRIC_NAME)
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The number of labels, `__name__` counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The bytes this label set occupies, for accounting of memory.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.text.len()
    }

    /// The pairs in the order of their names.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.text }
    }

    /// The labels whose names are wanted. Without a builder, since nothing changes its place: 48 ns rather than 190.
    #[must_use]
    pub fn only(&self, wanted: impl FnMut(&str) -> bool) -> Labels {
        let mut text = LabelsText { text: String::with_capacity(self.text.len()) };
        text.set_only(self, wanted);
        text.to_labels()
    }
}

/// A part of a series' labels to look something up by, before anybody knows whether [`Labels`] are needed. Keep one for
/// many series.
///
/// It hashes like the labels it would become.
#[derive(Debug, Default, Hash)]
pub struct LabelsText {
    /// As in [`Labels`].
    text: String,
}

impl LabelsText {
    /// Becomes the labels whose names are wanted.
    pub fn set_only(&mut self, labels: &Labels, mut wanted: impl FnMut(&str) -> bool) {
        self.text.clear();
        let mut rest = &*labels.text;
        while !rest.is_empty() {
            let pair = rest;
            let name = take_text(&mut rest);
            take_text(&mut rest);
            if wanted(name) {
                self.text.push_str(&pair[..pair.len() - rest.len()]);
            }
        }
    }

    /// The labels.
    #[must_use]
    pub fn to_labels(&self) -> Labels {
        Labels { text: Arc::from(self.text.as_str()) }
    }
}

impl PartialEq<Labels> for LabelsText {
    fn eq(&self, other: &Labels) -> bool {
        self.text == *other.text
    }
}

impl Default for Labels {
    fn default() -> Self {
        Labels::empty()
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Pair by pair, name before value, as Prometheus sorts series.
impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.text.as_bytes(), other.text.as_bytes());
        let n_same = n_equal_bytes(a, b);
        if n_same == a.len() || n_same == b.len() {
            return a.len().cmp(&b.len());
        }
        // Series of one metric share most of their text. Only the text in which they part is compared: 15 ns for two
        // series that differ in their second label, 21 ns pair by pair.
        let mut start = 0;
        while let Some(len) = text_len(&a[start..]).filter(|len| start + len <= n_same) {
            start += len;
        }
        let (mut mine, mut others) = (&self.text[start..], &other.text[start..]);
        take_text(&mut mine).cmp(take_text(&mut others))
    }
}

/// The length of the common prefix.
fn n_equal_bytes(a: &[u8], b: &[u8]) -> usize {
    let (words_a, words_b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let n_words = words_a.iter().zip(words_b).take_while(|(a, b)| a == b).count();
    let rest = a[n_words * 8..].iter().zip(&b[n_words * 8..]).take_while(|(a, b)| a == b).count();
    n_words * 8 + rest
}

/// The bytes that a text at the beginning takes, its length included.
fn text_len(bytes: &[u8]) -> Option<usize> {
    let (mut len, mut shift) = (0, 0);
    for (idx, byte) in bytes.iter().enumerate() {
        len |= usize::from(byte & 0x3f) << shift;
        shift += 6;
        if byte & 0x40 == 0 {
            return Some(idx + 1 + len);
        }
    }
    None
}

/// As PromQL writes a series: `name{a="b", c="d"}`. Names that are not legacy names are quoted.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric_name();
        let bare = name.filter(|n| is_legacy_metric_name(n));
        if let Some(name) = bare {
            f.write_str(name)?;
            if self.len() == 1 {
                return Ok(());
            }
        }
        f.write_str("{")?;
        let mut separator = "";
        if let (Some(name), None) = (name, bare) {
            f.write_str(&quote(name))?;
            separator = ", ";
        }
        for (n, v) in self {
            if n == METRIC_NAME {
                continue;
            }
            f.write_str(separator)?;
            separator = ", ";
            if is_legacy_label_name(n) {
                f.write_str(n)?;
            } else {
                f.write_str(&quote(n))?;
            }
            f.write_str("=")?;
            f.write_str(&quote(v))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The pairs of [`Labels`], in the order of their names.
#[derive(Clone)]
pub struct Iter<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let name = take_text(&mut self.rest);
        let value = take_text(&mut self.rest);
        Some((name, value))
    }
}

fn take_text<'a>(rest: &mut &'a str) -> &'a str {
    let mut len = 0;
    let mut shift = 0;
    let mut head = 0;
    for byte in rest.bytes() {
        head += 1;
        len |= usize::from(byte & 0x3f) << shift;
        shift += 6;
        if byte & 0x40 == 0 {
            break;
        }
    }
    let (text, tail) = rest[head..].split_at(len);
    *rest = tail;
    text
}

fn put_text(out: &mut String, text: &str) {
    let mut len = text.len();
    loop {
        let digit = (len & 0x3f) as u8;
        len >>= 6;
        out.push(char::from(if len > 0 { digit | 0x40 } else { digit }));
        if len == 0 {
            break;
        }
    }
    out.push_str(text);
}

/// Collects label pairs, then makes [`Labels`] of them. Reuse one for many series: it keeps its buffers.
#[derive(Clone, Debug, Default)]
pub struct LabelsBuilder {
    /// Names and values, also of pairs that were replaced or removed.
    text: String,
    pairs: Vec<Pair>,
    /// Room for the text of labels.
    out: String,
}

/// A pair in the text of a builder: the value stands behind the name.
#[derive(Clone, Copy, Debug)]
struct Pair {
    name: usize,
    value: usize,
    end: usize,
}

impl Pair {
    fn name(self, text: &str) -> &str {
        &text[self.name..self.value]
    }

    fn value(self, text: &str) -> &str {
        &text[self.value..self.end]
    }
}

impl LabelsBuilder {
    /// A builder without labels.
    #[must_use]
    pub fn new() -> Self {
        LabelsBuilder::default()
    }

    /// A builder that starts from the labels of a series.
    #[must_use]
    pub fn from_labels(labels: &Labels) -> Self {
        let mut builder = LabelsBuilder::new();
        for (name, value) in labels {
            builder.push_new(name, value);
        }
        builder
    }

    /// Forgets all labels.
    pub fn clear(&mut self) {
        self.text.clear();
        self.pairs.clear();
    }

    /// Sets a label; an empty value deletes it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.remove(name).push_new(name, value)
    }

    /// Adds a label that is not there yet: without a look at the others, so that many cost no more than few. An
    /// empty value adds nothing.
    pub fn push_new(&mut self, name: &str, value: &str) -> &mut Self {
        if !value.is_empty() {
            let start = self.text.len();
            self.text.push_str(name);
            self.text.push_str(value);
            let middle = start + name.len();
            self.pairs.push(Pair { name: start, value: middle, end: middle + value.len() });
        }
        self
    }

    /// Deletes a label if it is there.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.retain(|n| n != name)
    }

    /// Keeps the labels for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) -> &mut Self {
        let LabelsBuilder { text, pairs, .. } = self;
        pairs.retain(|pair| keep(pair.name(text)));
        self
    }

    /// The value set for a label.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|pair| pair.name(&self.text) == name).map(|pair| pair.value(&self.text))
    }

    /// The labels collected so far.
    pub fn labels(&mut self) -> Labels {
        if self.pairs.is_empty() {
            return Labels::empty();
        }
        let LabelsBuilder { text, pairs, out } = self;
        sort_pairs(pairs, text);
        out.clear();
        for pair in pairs {
            put_text(out, pair.name(text));
            put_text(out, pair.value(text));
        }
        Labels { text: Arc::from(out.as_str()) }
    }
}

/// A series has a dozen labels, mostly in order already: putting each in its place is quickest, and smallest.
fn sort_pairs(pairs: &mut Vec<Pair>, text: &str) {
    const FEW: usize = 32;
    if pairs.len() > FEW {
        return crate::sort::by(pairs, |a, b| a.name(text).cmp(b.name(text)));
    }
    for end in 1..pairs.len() {
        let mut at = end;
        while at > 0 && pairs[at - 1].name(text) > pairs[at].name(text) {
            pairs.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Whether a name can stand unquoted as a metric's name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
#[must_use]
pub fn is_legacy_metric_name(name: &str) -> bool {
    is_name(name, |b| b == b':')
}

/// Whether a name can stand unquoted as a label's name: `[a-zA-Z_][a-zA-Z0-9_]*`.
#[must_use]
pub fn is_legacy_label_name(name: &str) -> bool {
    is_name(name, |_| false)
}

fn is_name(name: &str, also: impl Fn(u8) -> bool) -> bool {
    let bytes = name.as_bytes();
    let head = |b: u8| b.is_ascii_alphabetic() || b == b'_' || also(b);
    bytes.first().is_some_and(|&b| head(b)) && bytes.iter().all(|&b| head(b) || b.is_ascii_digit())
}

/// A text in double quotes, escaped as PromQL and Go's `strconv.Quote` do it: backslash, quote and
/// control characters; other Unicode stands as it is.
#[must_use]
pub fn quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\x0b' => out.push_str("\\v"),
            c if c < ' ' || c == '\x7f' => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
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

    #[test]
    fn labels_are_sorted_and_empty_values_mean_no_label() {
        let labels = Labels::from_pairs([("b", "2"), ("a", "1"), ("c", ""), ("b", "3")]);
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "3")]);
        assert_eq!(labels.get("b"), Some("3"));
        assert_eq!(labels.get("c"), None);
    }

    #[test]
    fn a_series_prints_as_promql_writes_it() {
        let cases: [(&[(&str, &str)], &str); 5] = [
            (&[], "{}"),
            (&[(METRIC_NAME, "up")], "up"),
            (&[(METRIC_NAME, "up"), ("job", "a\"b\\c\n")], r#"up{job="a\"b\\c\n"}"#),
            (&[("le", "+Inf"), ("job", "x")], r#"{job="x", le="+Inf"}"#),
            (&[(METRIC_NAME, "http.requests"), ("a.b", "ü")], r#"{"http.requests", "a.b"="ü"}"#),
        ];
        for (pairs, want) in cases {
            assert_eq!(Labels::from_pairs(pairs.iter().copied()).to_string(), want);
        }
    }

    proptest! {
        #[test]
        fn every_pair_comes_back(pairs in proptest::collection::btree_map("\\PC{1,80}", "\\PC{1,200}", 0..12)) {
            let labels = Labels::from_pairs(pairs.iter());
            let back: Vec<_> = labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            let want: Vec<_> = pairs.into_iter().collect();
            prop_assert_eq!(back, want);
        }

        #[test]
        fn order_is_that_of_the_pairs(
            a in proptest::collection::btree_map("[a-c]{1,2}", "[a-c]{1,2}", 0..4),
            b in proptest::collection::btree_map("[a-c]{1,2}", "[a-c]{1,2}", 0..4),
        ) {
            let (la, lb) = (Labels::from_pairs(a.iter()), Labels::from_pairs(b.iter()));
            prop_assert_eq!(la.cmp(&lb), a.iter().cmp(b.iter()));
            prop_assert_eq!(la == lb, a == b);
        }

        #[test]
        fn long_texts_are_ordered_like_their_pairs(
            a in proptest::collection::btree_map("[ab]{1,2}", "[ab]{60,70}|[ab]{1,3}", 0..4),
            b in proptest::collection::btree_map("[ab]{1,2}", "[ab]{60,70}|[ab]{1,3}", 0..4),
            keep in proptest::collection::btree_map("[ab]{1,2}", "a{150}b?", 0..3),
        ) {
            let both = |x: &std::collections::BTreeMap<String, String>| -> std::collections::BTreeMap<String, String> {
                x.iter().chain(&keep).map(|(n, v)| (n.clone(), v.clone())).collect()
            };
            let (a, b) = (both(&a), both(&b));
            let (la, lb) = (Labels::from_pairs(a.iter()), Labels::from_pairs(b.iter()));
            prop_assert_eq!(la.cmp(&lb), a.iter().cmp(b.iter()));
        }

        #[test]
        fn a_part_is_what_a_builder_would_make_of_it(
            pairs in proptest::collection::btree_map("[a-c]{1,2}", "[a-c]{1,80}", 0..6),
        ) {
            let labels = Labels::from_pairs(pairs.iter());
            let wanted = |name: &str| name.starts_with('a') || name == "b";
            let want = Labels::from_pairs(pairs.iter().filter(|(n, _)| wanted(n)));
            let mut text = LabelsText::default();
            text.set_only(&labels, wanted);
            prop_assert_eq!(&labels.only(wanted), &want);
            prop_assert!(text == want);
        }
    }
}
