//! An expression cut into pieces that look alike, for the coloured copy behind the field: token
//! classes from the language, underlines from its problems, and the place of the completion list.

use promql::{Diagnostic, Severity, TokenClass};

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First byte, and one past the last.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Classes of the style sheet; empty for blanks.
    pub class: String,
}

/// All pieces in the order of the text, without holes. `cut` is one more place where a piece begins.
#[must_use]
pub fn segments(src: &str, diagnostics: &[Diagnostic], cut: Option<usize>) -> Vec<Segment> {
    let tokens = promql::highlight(src);
    let marks: Vec<(usize, usize, Severity)> =
        diagnostics.iter().map(|d| underlined(src, d)).filter(|(start, end, _)| start < end).collect();
    let mut cuts: Vec<usize> = vec![0, src.len()];
    cuts.extend(tokens.iter().flat_map(|(span, _)| [span.start, span.end]));
    cuts.extend(marks.iter().flat_map(|&(start, end, _)| [start, end]));
    cuts.extend(cut);
    cuts.retain(|&at| at <= src.len() && src.is_char_boundary(at));
    model::sort::by(&mut cuts, Ord::cmp);
    cuts.dedup();
    let mut token_idx = 0;
    let mut out = Vec::with_capacity(cuts.len());
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        while tokens.get(token_idx).is_some_and(|(span, _)| span.end <= start) {
            token_idx += 1;
        }
        let token = tokens.get(token_idx).filter(|(span, _)| span.start <= start).map_or("", |(_, c)| token_class(*c));
        let worst = marks.iter().filter(|(s, e, _)| *s <= start && end <= *e).map(|m| m.2);
        let mark = match worst.min_by_key(|severity| i32::from(*severity == Severity::Warning)) {
            Some(Severity::Error) => "mark-error",
            Some(Severity::Warning) => "mark-warning",
            None => "",
        };
        let blank = if token.is_empty() || mark.is_empty() { "" } else { " " };
        out.push(Segment { start, end, class: format!("{token}{blank}{mark}") });
    }
    out
}

/// The bytes to underline. A problem at an empty place (something is missing there) takes the
/// character before it, or the one behind it at the start, so that it can be seen.
fn underlined(src: &str, diagnostic: &Diagnostic) -> (usize, usize, Severity) {
    let (mut start, mut end) = (diagnostic.span.start.min(src.len()), diagnostic.span.end.min(src.len()));
    if start >= end {
        let before = src.get(..start).and_then(|s| s.char_indices().rev().find(|(_, c)| !c.is_whitespace()));
        match before {
            Some((at, c)) => (start, end) = (at, at + c.len_utf8()),
            None => end = src.chars().next().map_or(0, char::len_utf8),
        }
    }
    (start, end, diagnostic.severity)
}

fn token_class(class: TokenClass) -> &'static str {
    match class {
        TokenClass::Metric => "tok-metric",
        TokenClass::Label => "tok-label",
        TokenClass::Function => "tok-function",
        TokenClass::Aggregation => "tok-aggregation",
        TokenClass::Keyword => "tok-keyword",
        TokenClass::Number => "tok-number",
        TokenClass::Duration => "tok-duration",
        TokenClass::String => "tok-string",
        TokenClass::Operator => "tok-operator",
        TokenClass::Punctuation => "tok-punctuation",
        TokenClass::Comment => "tok-comment",
        TokenClass::Invalid => "tok-invalid",
    }
}

/// A byte position from the field's own count, which is in UTF-16 units.
#[must_use]
pub fn byte_of_utf16(src: &str, utf16: usize) -> usize {
    let mut units = 0;
    for (at, c) in src.char_indices() {
        if units >= utf16 {
            return at;
        }
        units += c.len_utf16();
    }
    src.len()
}

/// The field's count of a byte position.
#[must_use]
pub fn utf16_of_byte(src: &str, byte: usize) -> usize {
    src.char_indices().take_while(|(at, _)| *at < byte).map(|(_, c)| c.len_utf16()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql::Span;

    fn written(src: &str, diagnostics: &[Diagnostic], cut: Option<usize>) -> String {
        let pieces = segments(src, diagnostics, cut);
        let whole: String = pieces.iter().map(|s| &src[s.start..s.end]).collect();
        assert_eq!(whole, src, "nothing is lost");
        let written: Vec<String> = pieces
            .iter()
            .filter(|s| !s.class.is_empty())
            .map(|s| format!("{}:{}", &src[s.start..s.end], s.class.replace("tok-", "")))
            .collect();
        written.join(" ")
    }

    #[test]
    fn tokens_and_problems_share_the_text() {
        assert_eq!(
            written("rate(up[5m])", &[], None),
            "rate:function (:punctuation up:metric [:punctuation 5m:duration ]:punctuation ):punctuation"
        );
        let error = Diagnostic::error(Span::new(0, 4), "no");
        assert_eq!(
            written("a +b", &[error], None),
            "a:metric mark-error  :mark-error +:operator mark-error b:metric mark-error"
        );
    }

    #[test]
    fn a_problem_at_an_empty_place_underlines_the_character_before() {
        let error = |at| Diagnostic::error(Span::new(at, at), "something is missing");
        assert_eq!(written("up  ", &[error(4)], None), "u:metric p:metric mark-error");
        assert_eq!(written("up", &[error(0)], None), "u:metric mark-error p:metric");
        assert_eq!(written("", &[error(0)], None), "");
    }

    #[test]
    fn a_cut_splits_a_token() {
        assert_eq!(written("upper", &[], Some(2)), "up:metric per:metric");
        assert_eq!(written("ü", &[], Some(1)), "ü:invalid");
    }

    #[test]
    fn positions_count_as_the_field_counts() {
        let src = "a🙂b";
        assert_eq!([0, 1, 3, 4].map(|u| byte_of_utf16(src, u)), [0, 1, 5, 6]);
        assert_eq!([0, 1, 5, 6].map(|b| utf16_of_byte(src, b)), [0, 1, 3, 4]);
        assert_eq!(byte_of_utf16(src, 99), 6);
    }
}
