//! A body as numbered lines, of which only some are put on the page.

use std::ops::Range;

/// Lines that are shown at first where they wrap, and that each "more" adds.
pub const LINES_A_PART: usize = 500;

/// Places of a text that are told: more than anybody goes through.
pub const MAX_HITS: usize = 10_000;

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

    /// Where a text stands, line by line; upper and lower case of ASCII are the same. At most [`MAX_HITS`] are told.
    #[must_use]
    pub fn search(&self, needle: &str) -> Vec<Hit> {
        let needle = needle.to_ascii_lowercase();
        let mut hits = Vec::new();
        if needle.is_empty() {
            return hits;
        }
        for (idx, range) in self.ranges.iter().enumerate() {
            let Some(line) = self.text.get(range.clone()) else { continue };
            // A byte of it is a byte of the line.
            let line = line.to_ascii_lowercase();
            for (at, _) in line.match_indices(&needle) {
                if hits.len() == MAX_HITS {
                    return hits;
                }
                hits.push(Hit { line: idx as u32, start: at as u32, end: (at + needle.len()) as u32 });
            }
        }
        hits
    }

    /// The lines of families whose names have a text in them, by index: their comments and their samples.
    #[must_use]
    pub fn of_families(&self, part: &str) -> Vec<u32> {
        let part = part.to_ascii_lowercase();
        let mut family = "";
        let mut found = Vec::new();
        for (idx, range) in self.ranges.iter().enumerate() {
            let Some(line) = self.text.get(range.clone()) else { continue };
            let name = match described(line) {
                Some(name) => {
                    family = name;
                    name
                }
                None if line.starts_with('#') => family,
                None => match name_of(line) {
                    name if ending(name, family).is_some() => family,
                    name => name,
                },
            };
            if name.to_ascii_lowercase().contains(&part) {
                found.push(idx as u32);
            }
        }
        found
    }

    /// The names of all families that the text describes, each once, sorted.
    #[must_use]
    pub fn families(&self) -> Vec<String> {
        let lines = self.ranges.iter().filter_map(|range| self.text.get(range.clone()));
        let names: std::collections::BTreeSet<&str> = lines.filter_map(described).collect();
        names.into_iter().map(str::to_owned).collect()
    }
}

/// The family that a line of `# TYPE`, `# HELP` or `# UNIT` is about.
fn described(line: &str) -> Option<&str> {
    let mut words = line.strip_prefix('#')?.split_whitespace();
    matches!(words.next()?, "TYPE" | "HELP" | "UNIT").then(|| words.next())?.map(|name| name.trim_matches('"'))
}

/// The metric's name of a sample.
fn name_of(line: &str) -> &str {
    let line = line.trim_start();
    if let Some(inside) = line.strip_prefix('{') {
        return inside.trim_start().strip_prefix('"').and_then(|quoted| quoted.split('"').next()).unwrap_or("");
    }
    line.split(|c: char| c == '{' || c.is_whitespace()).next().unwrap_or("")
}

/// What a metric's name has behind that of its family: nothing, or an ending that families have.
fn ending<'a>(name: &'a str, family: &str) -> Option<&'a str> {
    const ENDINGS: [&str; 9] = ["", "_bucket", "_sum", "_count", "_total", "_created", "_info", "_gsum", "_gcount"];
    if family.is_empty() {
        return None;
    }
    name.strip_prefix(family).filter(|rest| ENDINGS.contains(rest))
}

/// A place of a text that was searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The line's index.
    pub line: u32,
    /// Its first byte in the line.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// The lines that are drawn of a list of lines of one height: those in sight and some around them.
#[must_use]
pub fn in_sight(n_lines: usize, top_px: f64, height_px: f64, line_px: f64) -> Range<usize> {
    /// Drawn beyond the edges, so that scrolling shows no hole; in steps of so many, so that it seldom draws.
    const AROUND: usize = 60;
    let first = (top_px.max(0.0) / line_px) as usize / AROUND * AROUND;
    let n_seen = (height_px.max(0.0) / line_px) as usize + 1;
    let start = first.saturating_sub(AROUND).min(n_lines);
    start..(first + n_seen + 2 * AROUND).min(n_lines).max(start)
}

/// The byte of a column (from 1, in characters) and that of the next; at the end of a line both are its end.
#[must_use]
pub fn at_column(text: &str, column: u32) -> Range<usize> {
    let at = text.char_indices().nth((column as usize).saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    at..at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
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
        assert_eq!(lines.around(None), 0..LINES_A_PART);
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
        let lines = Lines::of("Up up 1\ndown 0\n".repeat(9_000).as_bytes());
        let hits = lines.search("UP");
        assert_eq!(hits.len(), MAX_HITS);
        assert_eq!(hits[1..3], [Hit { line: 0, start: 3, end: 5 }, Hit { line: 2, start: 0, end: 2 }]);
        assert_eq!(lines.search(""), []);
    }

    #[test]
    fn a_column_counts_characters() {
        for (text, column, want) in [("aéx 1", 2, 1..3), ("ab", 1, 0..1), ("ab", 3, 2..2), ("", 9, 0..0)] {
            assert_eq!(at_column(text, column), want, "{text} {column}");
        }
    }

    #[test]
    fn a_family_has_its_comments_and_all_its_samples() {
        let body = "# HELP h Help.\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_count 1\nhx 2\n# a word\n# TYPE c counter\nc_total 1\n{\"my.x\",a=\"1\"} 2\n";
        let lines = Lines::of(body.as_bytes());
        assert_eq!(lines.families(), ["c", "h"]);
        assert_eq!(lines.of_families("H"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(lines.of_families("hx"), [4]);
        assert_eq!(lines.of_families("c"), [6, 7]);
        assert_eq!(lines.of_families("my."), [8]);
    }

    #[test]
    fn all_lines_in_sight_are_drawn_and_few_others() {
        for (n_lines, top) in [(0, 0.0), (10, 0.0), (60_000, 0.0), (60_000, 500_000.0), (60_000, 1_200_000.0), (5, 9e9)]
        {
            let drawn = in_sight(n_lines, top, 600.0, 20.0);
            let first = ((top / 20.0) as usize).min(n_lines);
            let last = (first + 31).min(n_lines);
            assert!(
                drawn.start <= first && drawn.end >= last && drawn.end <= n_lines && drawn.len() < 300,
                "{n_lines} {top} {drawn:?}"
            );
        }
    }
}
