//! A body as numbered lines, of which only some are put on the page.

use std::ops::Range;

/// Lines that are shown at first, and that each "more" adds.
pub const LINES_A_PART: usize = 2_000;

/// A longer line is cut: nobody reads it, and the browser would lay it out whole.
const MAX_LINE_CHARS: usize = 2_000;

/// A body as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The whole text.
    pub text: String,
    /// Bytes that are no UTF-8 were replaced.
    pub is_lossy: bool,
    ranges: Vec<Range<usize>>,
}

/// A line that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// Its text, without its end.
    pub text: String,
    /// Characters that are not shown.
    pub n_more: usize,
}

impl Lines {
    /// Divides a body. The end of the last line makes no new one.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let is_lossy = matches!(text, std::borrow::Cow::Owned(_));
        let text = text.into_owned();
        let mut ranges = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            ranges.push(start..start + line.trim_end_matches(['\n', '\r']).len());
            start = end;
        }
        Lines { text, is_lossy, ranges }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The lines that are shown at first, by index: those around a line (from 1), else those at the start.
    #[must_use]
    pub fn around(&self, line: Option<u32>) -> Range<usize> {
        let middle = line.map_or(0, |line| (line as usize).saturating_sub(1)).min(self.len());
        let start = middle.saturating_sub(LINES_A_PART / 2);
        start..(start + LINES_A_PART).min(self.len())
    }

    /// A line by its index.
    #[must_use]
    pub fn line(&self, idx: usize) -> Option<Line> {
        let text = self.text.get(self.ranges.get(idx)?.clone())?;
        let (text, n_more) = match text.char_indices().nth(MAX_LINE_CHARS) {
            Some((cut, _)) => (&text[..cut], text[cut..].chars().count()),
            None => (text, 0),
        };
        Some(Line { number: idx + 1, text: text.to_owned(), n_more })
    }

    /// The indices of lines that hold a text, and how many there are in all; upper and lower case are the same.
    #[must_use]
    pub fn search(&self, needle: &str) -> (Vec<usize>, usize) {
        let needle = needle.to_lowercase();
        let mut shown = Vec::new();
        let mut n_hits = 0;
        for (idx, range) in self.ranges.iter().enumerate() {
            if self.text.get(range.clone()).is_some_and(|line| line.to_lowercase().contains(&needle)) {
                n_hits += 1;
                if shown.len() < LINES_A_PART {
                    shown.push(idx);
                }
            }
        }
        (shown, n_hits)
    }
}

/// A line before a column (from 1, in characters), the character there, and what follows.
#[must_use]
pub fn split_at_column(text: &str, column: u32) -> (&str, &str, &str) {
    let at = text.char_indices().nth((column as usize).saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let (before, rest) = text.split_at(at);
    let (character, after) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
    (before, character, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_lines_that_a_parser_counts() {
        for (body, want) in [
            (&b""[..], &[][..]),
            (b"a\n", &["a"]),
            (b"a\n\nb", &["a", "", "b"]),
            (b"a\r\nb\r\n", &["a", "b"]),
            (b"\n", &[""]),
        ] {
            let lines = Lines::of(body);
            let texts: Vec<String> = (0..lines.len()).filter_map(|idx| Some(lines.line(idx)?.text)).collect();
            assert_eq!(texts, want);
            assert!(!lines.is_lossy);
        }
        let lines = Lines::of(b"a\xffb");
        assert!(lines.is_lossy && lines.text == "a\u{fffd}b");
    }

    #[test]
    fn the_bad_line_is_among_those_shown_at_first() {
        let body = "x 1\n".repeat(10_000);
        let lines = Lines::of(body.as_bytes());
        assert_eq!(lines.around(None), 0..2_000);
        for line in [1, 900, 5_000, 10_000] {
            let shown = lines.around(Some(line));
            assert!(shown.contains(&(line as usize - 1)) && shown.len() <= LINES_A_PART, "{line}: {shown:?}");
        }
        assert_eq!(lines.around(Some(99_999)).end, 10_000);
    }

    #[test]
    fn long_lines_and_many_hits_are_cut_and_counted() {
        let lines = Lines::of("é".repeat(2_010).as_bytes());
        let line = lines.line(0).expect("a line");
        assert_eq!((line.text.chars().count(), line.n_more), (2_000, 10));
        let lines = Lines::of("Up 1\ndown 0\n".repeat(3_000).as_bytes());
        let (shown, n_hits) = lines.search("UP");
        assert_eq!((shown.len(), shown[1], n_hits), (2_000, 2, 3_000));
    }

    #[test]
    fn a_column_counts_characters() {
        assert_eq!(split_at_column("aéx 1", 2), ("a", "é", "x 1"));
        assert_eq!(split_at_column("ab", 1), ("", "a", "b"));
        assert_eq!(split_at_column("ab", 3), ("ab", "", ""));
        assert_eq!(split_at_column("", 9), ("", "", ""));
    }
}
