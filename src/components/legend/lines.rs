//! The lines of a legend: which series are listed, under which expression, in which order.

use crate::components::graph::names::{Names, whole_name};
use crate::state::settings::legend_columns::Column;
use frame::{SeriesStats, Source};
use model::Labels;
use protocol::GraphAnswer;
use std::cmp::Ordering;
use std::sync::Arc;

/// A longer legend is folded.
pub const N_FOLDED: usize = 30;

/// A series as the legend knows it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place in the answer.
    pub series_idx: usize,
    /// Of which expression, and of which period.
    pub source: Source,
    /// Its labels.
    pub labels: Labels,
    /// Its name beside others.
    pub name: Arc<str>,
    /// Its whole name.
    pub whole: Arc<str>,
    /// Its values.
    pub stats: SeriesStats,
}

impl PartialEq for Entry {
    /// Values by their bits: NaN is NaN.
    fn eq(&self, other: &Self) -> bool {
        let bits = |entry: &Entry| Column::ALL.map(|column| value_of(&entry.stats, column).to_bits());
        let key = |entry: &Entry| (entry.series_idx, entry.source, entry.stats.count);
        key(self) == key(other)
            && self.labels == other.labels
            && self.name == other.name
            && self.whole == other.whole
            && bits(self) == bits(other)
    }
}

/// All series of an answer, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries {
    /// How they are called.
    pub names: Names,
    /// One for each series.
    pub list: Vec<Entry>,
}

impl Entries {
    /// Of an answer. A series that stood in the same place before keeps its names: to write them is most of the work.
    #[must_use]
    pub fn next(before: Option<&Self>, answer: &GraphAnswer, format: &str) -> Self {
        let names = Names::of(answer, format);
        let before = before.filter(|before| before.names == names).map_or(&[] as &[Entry], |before| &before.list);
        let list = answer.frame.series.iter().enumerate().map(|(series_idx, series)| {
            let same = before.get(series_idx).filter(|entry| {
                // A series without labels has its expression's name.
                entry.source == series.source && entry.labels == series.labels && !entry.labels.is_empty()
            });
            let (name, whole) = match same {
                Some(entry) => (entry.name.clone(), entry.whole.clone()),
                None => (names.own(answer, series).into(), whole_name(answer, series).into()),
            };
            Entry { series_idx, source: series.source, labels: series.labels.clone(), name, whole, stats: series.stats }
        });
        Entries { list: list.collect(), names }
    }
}

/// What a column tells of a series; NaN if there is nothing to tell.
#[must_use]
pub fn value_of(stats: &SeriesStats, column: Column) -> f64 {
    match column {
        Column::Last => stats.last,
        Column::Min => stats.min,
        Column::Mean => stats.mean,
        Column::Max => stats.max,
    }
}

/// What a legend is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The names, numbers in them by their value.
    Name,
    /// The values of a column; series without one come last.
    Value(Column),
}

/// The order of a legend: as the answer has it, or by something, up or down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order(Option<(By, bool)>);

impl Order {
    /// After a click on a head: names up, then down; values from the greatest, then from the least; then as given.
    #[must_use]
    pub fn clicked(self, by: By) -> Self {
        let first = matches!(by, By::Value(_));
        Order(match self.0 {
            Some((now, descends)) if now == by => (descends == first).then_some((by, !first)),
            _ => Some((by, first)),
        })
    }

    /// Whether it goes down by this; `None` if it does not go by this.
    #[must_use]
    pub fn descends(self, by: By) -> Option<bool> {
        self.0.filter(|(now, _)| *now == by).map(|(_, descends)| descends)
    }
}

/// A line of a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The expression of the lines below.
    Query(u16),
    /// A series, by its place among the entries.
    Series(usize),
}

/// What decides about the lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// In which order.
    pub order: Order,
    /// Only series with this in their name; empty: all.
    pub filter: String,
    /// Also those of the period before.
    pub lists_earlier: bool,
}

/// The lines. Where there are several expressions, each heads its series.
#[must_use]
pub fn lines(entries: &[Entry], listing: &Listing) -> Vec<Line> {
    let wanted = listing.filter.trim().to_lowercase();
    let has_it = |text: &str| text.to_lowercase().contains(&wanted);
    let mut picked: Vec<usize> = (0..entries.len())
        .filter(|&idx| {
            let entry = &entries[idx];
            (listing.lists_earlier || !entry.source.is_previous)
                && (wanted.is_empty() || has_it(&entry.whole) || has_it(&entry.name))
        })
        .collect();
    model::sort::by(&mut picked, |&a, &b| {
        let (a, b) = (&entries[a], &entries[b]);
        a.source.query_idx.cmp(&b.source.query_idx).then_with(|| match listing.order.0 {
            None => Ordering::Equal,
            Some((By::Name, descends)) => flipped(by_name(&a.name, &b.name), descends),
            Some((By::Value(column), descends)) => {
                by_value(value_of(&a.stats, column), value_of(&b.stats, column), descends)
            }
        })
    });
    let has_several = entries.iter().any(|entry| entry.source.query_idx != entries[0].source.query_idx);
    let mut lines = Vec::with_capacity(picked.len());
    let mut query = None;
    for idx in picked {
        let query_idx = entries[idx].source.query_idx;
        if has_several && query != Some(query_idx) {
            lines.push(Line::Query(query_idx));
            query = Some(query_idx);
        }
        lines.push(Line::Series(idx));
    }
    lines
}

/// The first lines with so many series.
#[must_use]
pub fn folded(mut lines: Vec<Line>, n_series: usize) -> Vec<Line> {
    let beyond = lines.iter().enumerate().filter(|(_, line)| matches!(line, Line::Series(_))).nth(n_series);
    if let Some((mut at, _)) = beyond {
        // No head without a series below it.
        while at > 0 && matches!(lines[at - 1], Line::Query(_)) {
            at -= 1;
        }
        lines.truncate(at);
    }
    lines
}

fn by_value(a: f64, b: f64, descends: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => flipped(a.total_cmp(&b), descends),
        (a_nan, b_nan) => a_nan.cmp(&b_nan),
    }
}

fn flipped(order: Ordering, descends: bool) -> Ordering {
    if descends { order.reverse() } else { order }
}

/// `cpu2` before `cpu10`: runs of digits by how large a number they are, all else by its characters.
fn by_name(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a.as_bytes(), b.as_bytes());
    loop {
        let (a_digits, b_digits) = (n_digits(a_rest), n_digits(b_rest));
        if a_digits > 0 && b_digits > 0 {
            let significant =
                |bytes: &[u8], n: usize| bytes[..n].iter().skip_while(|b| **b == b'0').copied().collect::<Vec<u8>>();
            let (x, y) = (significant(a_rest, a_digits), significant(b_rest, b_digits));
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
            if order != Ordering::Equal {
                return order;
            }
            (a_rest, b_rest) = (&a_rest[a_digits..], &b_rest[b_digits..]);
            continue;
        }
        match (a_rest.split_first(), b_rest.split_first()) {
            (Some((x, a_next)), Some((y, b_next))) if x == y => (a_rest, b_rest) = (a_next, b_next),
            // Equal but for zeros in front of numbers.
            (None, None) => return a.cmp(b),
            _ => return a_rest.cmp(b_rest),
        }
    }
}

fn n_digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The lines that are in sight of a scrolled box, and how many before them: only those are in the page.
#[must_use]
pub fn in_sight(n_lines: usize, scrolled_px: f64, box_px: f64, line_px: f64) -> std::ops::Range<usize> {
    /// So many more on each side, for the focus to go to.
    const BEYOND: usize = 8;
    let line_px = line_px.max(1.0);
    let first = (scrolled_px.max(0.0) / line_px) as usize;
    let n = (box_px.max(0.0) / line_px) as usize + 2;
    let start = first.saturating_sub(BEYOND).min(n_lines);
    let end = first.saturating_add(n + BEYOND).min(n_lines);
    start..end.max(start)
}

#[cfg(test)]
mod tests;
