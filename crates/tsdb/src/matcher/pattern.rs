//! Regular expressions that need no machine: what they match is a few texts with gaps between them.
//!
//! Labels are matched by patterns such as `5..`, `api|web`, `prod-.+`, `.*error.*` or `(?i)get`. Each is a list
//! of alternatives, each alternative a row of texts with gaps (`.*`, `.+`) between them, which string search
//! answers several times faster than the machine. Whatever does not have that form is left to it.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// More alternatives, or characters in all of them, are left to the machine: the work here grows with both.
const MAX_ALTERNATIVES: usize = 1_000;
const MAX_ITEMS: usize = 20_000;

/// So many words are made of sets of characters, for each alternative.
const MAX_WORDS_OF_SETS: usize = 32;

/// How often a fixed part may be repeated, to be written out.
const MAX_WRITTEN_OUT: u32 = 32;

/// What a pattern matches, anchored at both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One of these texts, sorted, each once.
    Words(Vec<String>),
    /// One of these rows.
    Rows(Vec<Row>),
}

/// Pieces with gaps between them. Invariant: there is one gap more than there are pieces, before, between and
/// behind them; a gap of `None` is none, so that what stands there touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pieces: Vec<Piece>,
    gaps: Vec<Option<usize>>,
}

/// A text of fixed length in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// For each character the ranges that it may come from.
    Sets(Vec<Vec<(char, char)>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Char(char),
    Set(Vec<(char, char)>),
    /// Any characters, at least so many.
    Gap(usize),
    Start,
    End,
}

impl Form {
    /// The form of a parsed pattern, if it has one.
    pub(super) fn of(hir: &Hir) -> Option<Form> {
        let rows = rows_of(hir)?;
        let words: Option<Vec<Vec<String>>> = rows.iter().map(|row| words_of(row)).collect();
        if let Some(words) = words {
            let mut words = words.concat();
            model::sort::by(&mut words, Ord::cmp);
            words.dedup();
            return Some(Form::Words(words));
        }
        Some(Form::Rows(rows.into_iter().map(Row::new).collect()))
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        match self {
            Form::Words(words) if words.len() < 8 => words.iter().any(|w| w == value),
            Form::Words(words) => words.binary_search_by(|w| w.as_str().cmp(value)).is_ok(),
            Form::Rows(rows) => rows.iter().any(|row| row.matches(value)),
        }
    }

    /// `words`, `prefix` …: what kind it is, for tests.
    #[cfg(test)]
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Form::Words(words) if words.len() == 1 => "literal",
            Form::Words(_) => "words",
            Form::Rows(rows) => match rows.as_slice() {
                [row] if matches!(row.pieces.as_slice(), [Piece::Text(_)]) => match (row.gaps[0], row.gaps[1]) {
                    (None, Some(_)) => "prefix",
                    (Some(_), None) => "suffix",
                    _ => "contains",
                },
                [row] if row.pieces.is_empty() => "anything",
                [_] => "row",
                _ => "rows",
            },
        }
    }
}

/// The texts of a row without gaps, if its sets leave few: the parser makes a set of `a|b`.
fn words_of(row: &[Item]) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    for item in row {
        let chars: Vec<char> = match item {
            Item::Char(c) => vec![*c],
            Item::Set(ranges) => {
                let size: usize = ranges.iter().map(|(a, b)| *b as usize - *a as usize + 1).sum();
                if size * words.len() > MAX_WORDS_OF_SETS {
                    return None;
                }
                ranges.iter().flat_map(|(a, b)| *a..=*b).collect()
            }
            _ => return None,
        };
        words = words.iter().flat_map(|w| chars.iter().map(move |c| format!("{w}{c}"))).collect();
    }
    Some(words)
}

fn word_of(row: &[Item]) -> Option<String> {
    row.iter().map(|item| if let Item::Char(c) = item { Some(*c) } else { None }).collect()
}

/// All alternatives, written out.
fn rows_of(hir: &Hir) -> Option<Vec<Vec<Item>>> {
    expand(hir)?.iter().map(|row| without_anchors(row)).collect()
}

/// `^` at the start and `$` at the end mean nothing here, as every pattern is anchored; elsewhere they do.
fn without_anchors(row: &[Item]) -> Option<Vec<Item>> {
    let first = row.iter().position(|i| *i != Item::Start).unwrap_or(row.len());
    let end = row.iter().rposition(|i| *i != Item::End).map_or(first, |last| (last + 1).max(first));
    let inner = row[first..end].to_vec();
    (!inner.iter().any(|i| matches!(i, Item::Start | Item::End))).then_some(inner)
}

fn expand(hir: &Hir) -> Option<Vec<Vec<Item>>> {
    let one = |item: Item| Some(vec![vec![item]]);
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(vec![text.chars().map(Item::Char).collect()])
        }
        HirKind::Class(class) => one(Item::Set(ranges(class)?)),
        HirKind::Look(Look::Start) => one(Item::Start),
        HirKind::Look(Look::End) => one(Item::End),
        HirKind::Look(_) => None,
        HirKind::Capture(capture) => expand(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |rows, part| joined(&rows, &expand(part)?)),
        HirKind::Alternation(parts) => {
            let mut rows = Vec::new();
            for part in parts {
                rows.extend(expand(part)?);
                within_bounds(&rows)?;
            }
            Some(rows)
        }
        HirKind::Repetition(repetition) => {
            let min = repetition.min;
            let Some(max) = repetition.max else {
                // Without an end only `.` can be repeated.
                return match repetition.sub.kind() {
                    HirKind::Class(class) if is_everything(&ranges(class)?) => one(Item::Gap(min as usize)),
                    _ => None,
                };
            };
            if max > MAX_WRITTEN_OUT {
                return None;
            }
            let part = expand(&repetition.sub)?;
            let mut rows = vec![Vec::new()];
            let mut all = Vec::new();
            for n in 0..=max {
                if n >= min {
                    all.extend(rows.iter().cloned());
                    within_bounds(&all)?;
                }
                if n < max {
                    rows = joined(&rows, &part)?;
                }
            }
            Some(all)
        }
    }
}

/// Every row of the left followed by every row of the right.
fn joined(left: &[Vec<Item>], right: &[Vec<Item>]) -> Option<Vec<Vec<Item>>> {
    if left.len() * right.len() > MAX_ALTERNATIVES {
        return None;
    }
    let rows: Vec<Vec<Item>> =
        left.iter().flat_map(|l| right.iter().map(|r| l.iter().chain(r).cloned().collect())).collect();
    within_bounds(&rows)?;
    Some(rows)
}

fn within_bounds(rows: &[Vec<Item>]) -> Option<()> {
    (rows.len() <= MAX_ALTERNATIVES && rows.iter().map(Vec::len).sum::<usize>() <= MAX_ITEMS).then_some(())
}

fn ranges(class: &Class) -> Option<Vec<(char, char)>> {
    match class {
        Class::Unicode(class) => Some(class.iter().map(|r| (r.start(), r.end())).collect()),
        Class::Bytes(class) => {
            class.iter().map(|r| (r.end() < 0x80).then(|| (char::from(r.start()), char::from(r.end())))).collect()
        }
    }
}

fn is_everything(ranges: &[(char, char)]) -> bool {
    // The gap in the middle are no characters; the crate keeps one range over it.
    ranges == [('\0', char::MAX)]
}

impl Row {
    fn new(items: Vec<Item>) -> Row {
        let mut row = Row { pieces: Vec::new(), gaps: Vec::new() };
        let mut gap: Option<usize> = None;
        let mut piece: Vec<Item> = Vec::new();
        for item in items {
            match item {
                Item::Gap(min) => {
                    if !piece.is_empty() {
                        row.gaps.push(gap.take());
                        row.pieces.push(Piece::new(&std::mem::take(&mut piece)));
                    }
                    gap = Some(gap.unwrap_or(0) + min);
                }
                item => piece.push(item),
            }
        }
        if !piece.is_empty() {
            row.gaps.push(gap.take());
            row.pieces.push(Piece::new(&piece));
        }
        row.gaps.push(gap);
        row
    }

    fn matches(&self, value: &str) -> bool {
        let Some((last, gaps)) = self.gaps.split_last() else { return value.is_empty() };
        let mut rest = value;
        for (idx, (piece, gap)) in self.pieces.iter().zip(gaps).enumerate() {
            let is_last = idx + 1 == self.pieces.len();
            let found = match gap {
                None => piece.len_at_start(rest).map(|len| &rest[len..]),
                // Behind the last piece nothing may follow: it can only be the end.
                Some(min) if is_last && last.is_none() => {
                    return after_chars(rest, *min).is_some_and(|tail| piece.is_end_of(tail));
                }
                // The first place is as good as any later one: what follows is a gap again.
                Some(min) => after_chars(rest, *min).and_then(|tail| piece.find(tail)),
            };
            match found {
                Some(tail) => rest = tail,
                None => return false,
            }
        }
        match last {
            None => rest.is_empty(),
            Some(min) => after_chars(rest, *min).is_some(),
        }
    }
}

/// The text behind so many characters, if there are that many.
fn after_chars(text: &str, n: usize) -> Option<&str> {
    let mut chars = text.chars();
    for _ in 0..n {
        chars.next()?;
    }
    Some(chars.as_str())
}

impl Piece {
    fn new(items: &[Item]) -> Piece {
        if let Some(text) = word_of(items) {
            return Piece::Text(text);
        }
        let sets = items.iter().map(|item| match item {
            Item::Char(c) => vec![(*c, *c)],
            Item::Set(ranges) => ranges.clone(),
            _ => Vec::new(),
        });
        Piece::Sets(sets.collect())
    }

    /// How many bytes of the start it takes.
    fn len_at_start(&self, text: &str) -> Option<usize> {
        match self {
            Piece::Text(piece) => text.starts_with(piece.as_str()).then_some(piece.len()),
            Piece::Sets(sets) => {
                let mut chars = text.chars();
                let fits = sets.iter().all(|set| chars.next().is_some_and(|c| is_in(set, c)));
                fits.then(|| text.len() - chars.as_str().len())
            }
        }
    }

    fn is_end_of(&self, text: &str) -> bool {
        match self {
            Piece::Text(piece) => text.ends_with(piece.as_str()),
            Piece::Sets(sets) => {
                let mut chars = text.chars().rev();
                sets.iter().rev().all(|set| chars.next().is_some_and(|c| is_in(set, c)))
            }
        }
    }

    /// What stands behind its first occurrence.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Piece::Text(piece) => text.find(piece.as_str()).map(|at| &text[at + piece.len()..]),
            Piece::Sets(_) => {
                text.char_indices().find_map(|(at, _)| self.len_at_start(&text[at..]).map(|len| &text[at + len..]))
            }
        }
    }
}

fn is_in(set: &[(char, char)], c: char) -> bool {
    set.iter().any(|(first, last)| (*first..=*last).contains(&c))
}
