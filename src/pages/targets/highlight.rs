//! A line of metrics text in its parts: what is a name, a label, a value. It colours, and judges nothing: whatever a line
//! is, its parts are the whole of it.

use std::ops::Range;

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Blanks, brackets and what is none of the others.
    Plain,
    /// A comment, also a help text.
    Comment,
    /// `# TYPE`, `# HELP`, `# UNIT`, `# EOF`, and a type.
    Keyword,
    /// A metric's name.
    Metric,
    /// A label's name.
    Label,
    /// A label's value with its quotes.
    Text,
    /// A value or a time.
    Number,
    /// All of an exemplar but its labels.
    Exemplar,
}

impl Token {
    /// The class of its colour.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Token::Plain => "",
            Token::Comment => "tok-comment",
            Token::Keyword => "tok-keyword",
            Token::Metric => "tok-metric",
            Token::Label => "tok-label",
            Token::Text => "tok-string",
            Token::Number => "tok-number",
            Token::Exemplar => "tok-function",
        }
    }
}

/// The parts of a line without its end, in their order; together they are the line.
#[must_use]
pub fn tokens(line: &str) -> Vec<(Token, Range<usize>)> {
    let mut out = Parts { line, parts: Vec::new(), at: 0 };
    if line.trim_start().starts_with('#') {
        out.comment();
    } else {
        out.sample();
    }
    out.parts
}

struct Parts<'a> {
    line: &'a str,
    parts: Vec<(Token, Range<usize>)>,
    /// All before it is in a part.
    at: usize,
}

impl Parts<'_> {
    fn rest(&self) -> &str {
        self.line.get(self.at..).unwrap_or("")
    }

    /// Adds the next bytes as a part; nothing is no part.
    fn take(&mut self, token: Token, len: usize) {
        let end = (self.at + len).min(self.line.len());
        if end > self.at {
            match self.parts.last_mut() {
                Some((before, range)) if *before == token => range.end = end,
                _ => self.parts.push((token, self.at..end)),
            }
            self.at = end;
        }
    }

    fn take_while(&mut self, token: Token, is: impl Fn(char) -> bool) {
        let rest = self.rest();
        let len = rest.find(|c| !is(c)).unwrap_or(rest.len());
        self.take(token, len);
    }

    fn blanks(&mut self) {
        self.take_while(Token::Plain, char::is_whitespace);
    }

    fn word(&mut self, token: Token) {
        self.take_while(token, |c| !c.is_whitespace());
    }

    /// A text in quotes; one without an end goes to the end of the line.
    fn quoted(&mut self, token: Token) {
        let rest = self.rest();
        let mut is_escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            ends
        });
        let len = end.map_or(rest.len(), |(at, _)| at + 1);
        self.take(token, len);
    }

    fn name(&mut self, token: Token) {
        if self.rest().starts_with('"') {
            self.quoted(token);
        } else {
            self.take_while(token, |c| !c.is_whitespace() && !matches!(c, '{' | '}' | '=' | ',' | '"' | '#'));
        }
    }

    fn comment(&mut self) {
        self.take_while(Token::Plain, char::is_whitespace);
        let rest = self.rest();
        let word = rest.trim_start_matches('#').split_whitespace().next().unwrap_or("");
        let is_type = match word {
            "TYPE" => true,
            "HELP" | "UNIT" | "EOF" => false,
            _ => return self.take(Token::Comment, usize::MAX - self.at),
        };
        self.take_while(Token::Keyword, |c| c == '#' || c.is_whitespace());
        self.word(Token::Keyword);
        self.blanks();
        self.name(Token::Metric);
        self.blanks();
        self.take(if is_type { Token::Keyword } else { Token::Comment }, usize::MAX - self.at);
    }

    fn sample(&mut self) {
        self.blanks();
        self.name(Token::Metric);
        self.labels(true);
        // The value, which in OpenMetrics 2.0 may be in braces, and the time.
        self.numbers(Token::Number);
        if self.rest().starts_with('#') {
            self.take(Token::Exemplar, 1);
            self.blanks();
            self.labels(false);
            self.numbers(Token::Exemplar);
        }
        self.take(Token::Plain, usize::MAX - self.at);
    }

    fn numbers(&mut self, token: Token) {
        loop {
            self.blanks();
            if self.rest().is_empty() || self.rest().starts_with('#') {
                return;
            }
            self.word(token);
        }
    }

    /// `{name="value",…}`, if there is one; of a sample the first may be the metric's name in quotes.
    fn labels(&mut self, of_sample: bool) {
        if !self.rest().starts_with('{') {
            return;
        }
        self.take(Token::Plain, 1);
        let mut may_be_name = of_sample;
        loop {
            let before = self.at;
            match self.rest().chars().next() {
                None => return,
                Some('}') => return self.take(Token::Plain, 1),
                Some('"') => {
                    // A label's name in quotes stands before `=`, a metric's does not.
                    let start = self.parts.len();
                    let at = self.at;
                    self.quoted(Token::Label);
                    let is_label = self.rest().trim_start().starts_with('=');
                    if may_be_name && !is_label {
                        self.parts.truncate(start);
                        self.parts.push((Token::Metric, at..self.at));
                    }
                }
                Some('=') => {
                    self.take(Token::Plain, 1);
                    self.blanks();
                    if self.rest().starts_with('"') {
                        self.quoted(Token::Text);
                    }
                }
                Some(',') => self.take(Token::Plain, 1),
                Some(c) if c.is_whitespace() => self.blanks(),
                Some(_) => self.name(Token::Label),
            }
            may_be_name = false;
            if self.at == before {
                return;
            }
        }
    }
}

/// Cuts parts where something is marked: each piece with its token and the mark that it lies in, by its index.
#[must_use]
pub fn marked(tokens: &[(Token, Range<usize>)], marks: &[Range<usize>]) -> Vec<(Token, Range<usize>, Option<usize>)> {
    let mut out = Vec::with_capacity(tokens.len() + 2 * marks.len());
    let mut next = 0;
    for (token, range) in tokens {
        let mut at = range.start;
        while at < range.end {
            while marks.get(next).is_some_and(|mark| mark.end <= at) {
                next += 1;
            }
            let (end, mark) = match marks.get(next) {
                Some(mark) if mark.start <= at => (mark.end.min(range.end), Some(next)),
                Some(mark) => (mark.start.min(range.end), None),
                None => (range.end, None),
            };
            out.push((*token, at..end, mark));
            at = end;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(line: &str) -> String {
        let parts = tokens(line).into_iter().filter(|(token, _)| *token != Token::Plain);
        parts.map(|(token, range)| format!("{token:?}:{}", &line[range])).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn a_line_is_told_apart() {
        for (line, want) in [
            ("up 1", "Metric:up | Number:1"),
            (
                r#"http_total{code="200",path="/a\"b"} 1e+06 1395066363000"#,
                r#"Metric:http_total | Label:code | Text:"200" | Label:path | Text:"/a\"b" | Number:1e+06 | Number:1395066363000"#,
            ),
            (r#"{"my.metric","my.label"="x"} 2"#, r#"Metric:"my.metric" | Label:"my.label" | Text:"x" | Number:2"#),
            (
                r#"h_bucket{le="1"} 5 # {trace_id="a"} 0.7 1.5"#,
                r#"Metric:h_bucket | Label:le | Text:"1" | Number:5 | Exemplar:# | Label:trace_id | Text:"a" | Exemplar:0.7 | Exemplar:1.5"#,
            ),
            ("# TYPE x counter", "Keyword:# TYPE | Metric:x | Keyword:counter"),
            ("# HELP x What it is.", "Keyword:# HELP | Metric:x | Comment:What it is."),
            ("# EOF", "Keyword:# EOF"),
            ("# any words", "Comment:# any words"),
            (r#"x{a="never closed"#, r#"Metric:x | Label:a | Text:"never closed"#),
            ("", ""),
        ] {
            assert_eq!(show(line), want);
        }
    }

    #[test]
    fn marks_cut_parts() {
        let line = "up 1";
        let cut = marked(&tokens(line), &[1..3, 3..4]);
        let cut: Vec<_> = cut.iter().map(|(token, range, mark)| (*token, &line[range.clone()], *mark)).collect();
        assert_eq!(
            cut,
            [
                (Token::Metric, "u", None),
                (Token::Metric, "p", Some(0)),
                (Token::Plain, " ", Some(0)),
                (Token::Number, "1", Some(1))
            ]
        );
    }

    proptest! {
        #[test]
        fn the_parts_of_any_line_are_the_whole_of_it(
            line in "[ #{}=,\"\\\\a1é\\.TYPEHL]{0,40}",
            marks in proptest::collection::vec(0usize..50, 0..6),
        ) {
            let parts = tokens(&line);
            let whole: String = parts.iter().map(|(_, range)| &line[range.clone()]).collect();
            prop_assert_eq!(&whole, &line);
            let mut ends: Vec<usize> = marks.into_iter().filter(|at| line.is_char_boundary(*at)).collect();
            ends.sort_unstable();
            ends.dedup();
            let marks: Vec<Range<usize>> = ends.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
            let cut = marked(&parts, &marks);
            let again: String = cut.iter().map(|(_, range, _)| &line[range.clone()]).collect();
            prop_assert_eq!(&again, &line);
            for (idx, mark) in marks.iter().enumerate() {
                let of_mark: String = cut.iter().filter(|(_, _, of)| *of == Some(idx)).map(|(_, range, _)| &line[range.clone()]).collect();
                prop_assert_eq!(&of_mark, &line[mark.clone()]);
            }
        }
    }
}
