//! Matchers ready to be asked: literals, prefixes and lists of words never reach the regex machine.

use model::{MatchOp, Matcher};
use regex::{Regex, RegexBuilder};

/// Largest compiled regular expression, in bytes: about what Go's limit of 1,000 repetitions allows.
const REGEX_SIZE_LIMIT: usize = 4 << 20;

/// A regular expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no regular expression (RE2 syntax): {reason}")]
pub struct RegexError {
    /// The expression.
    pub pattern: String,
    /// What is wrong, on one line.
    pub reason: String,
}

/// A [`Matcher`] that can be asked.
#[derive(Clone, Debug)]
pub struct CompiledMatcher {
    /// The label's name.
    pub name: String,
    test: Test,
    negated: bool,
}

#[derive(Clone, Debug)]
enum Test {
    Literal(String),
    /// `a|b|c`
    Words(Vec<String>),
    /// `foo.*`
    Prefix(String),
    /// `.*`
    Any,
    /// `.+`
    NotEmpty,
    Regex(Regex),
}

impl CompiledMatcher {
    /// Compiles a matcher.
    ///
    /// # Errors
    /// If its regular expression is none.
    pub fn new(matcher: &Matcher) -> Result<Self, RegexError> {
        let (is_regex, negated) = match matcher.op {
            MatchOp::Equal => (false, false),
            MatchOp::NotEqual => (false, true),
            MatchOp::Regex => (true, false),
            MatchOp::NotRegex => (true, true),
        };
        let test = if is_regex { compile(&matcher.value)? } else { Test::Literal(matcher.value.clone()) };
        Ok(CompiledMatcher { name: matcher.name.clone(), test, negated })
    }

    /// Whether a value (`""` for a missing label) matches.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        let hit = match &self.test {
            Test::Literal(text) => value == text,
            Test::Words(words) => words.iter().any(|w| w == value),
            Test::Prefix(prefix) => value.starts_with(prefix.as_str()),
            Test::Any => true,
            Test::NotEmpty => !value.is_empty(),
            Test::Regex(regex) => regex.is_match(value),
        };
        hit != self.negated
    }

    /// The only values that can match, if that is known without looking at any.
    pub(crate) fn words(&self) -> Option<&[String]> {
        match &self.test {
            Test::Literal(word) if !self.negated => Some(std::slice::from_ref(word)),
            Test::Words(words) if !self.negated => Some(words),
            _ => None,
        }
    }
}

/// Whether a text is a regular expression that matchers take.
///
/// # Errors
/// The reason, on one line.
pub fn validate_regex(pattern: &str) -> Result<(), String> {
    compile(pattern).map(drop).map_err(|e| e.reason)
}

/// A regular expression as PromQL means it: anchored at both ends, `.` matches newlines.
///
/// # Errors
/// If the text is no regular expression.
pub fn anchored_regex(pattern: &str) -> Result<Regex, RegexError> {
    let translated = translate(pattern);
    // By itself first: `a)(b` must not become valid through the group around it.
    build(pattern, &translated)?;
    build(pattern, &format!("^(?s:{translated})$"))
}

fn build(pattern: &str, translated: &str) -> Result<Regex, RegexError> {
    RegexBuilder::new(translated).size_limit(REGEX_SIZE_LIMIT).build().map_err(|error| {
        // The crate draws the place on several lines; the last one is the sentence.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
        RegexError { pattern: pattern.to_owned(), reason }
    })
}

fn compile(pattern: &str) -> Result<Test, RegexError> {
    let is_plain = |text: &str| !text.contains(['\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$']);
    if is_plain(pattern) {
        return Ok(Test::Literal(pattern.to_owned()));
    }
    match pattern {
        ".*" => return Ok(Test::Any),
        ".+" => return Ok(Test::NotEmpty),
        _ => {}
    }
    if let Some(prefix) = pattern.strip_suffix(".*")
        && is_plain(prefix)
    {
        return Ok(Test::Prefix(prefix.to_owned()));
    }
    let inner = pattern.strip_prefix('(').and_then(|p| p.strip_suffix(')')).unwrap_or(pattern);
    let words: Vec<String> = inner.split('|').map(str::to_owned).collect();
    if words.iter().all(|w| is_plain(w)) {
        return Ok(Test::Words(words));
    }
    Ok(Test::Regex(anchored_regex(pattern)?))
}

/// Writes Go's Perl classes as the ASCII sets they are there; the rest of RE2's syntax is the crate's own.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let Some(escaped) = chars.next() else {
                    out.push('\\');
                    break;
                };
                let set = match escaped {
                    'd' | 'D' => "0-9",
                    'w' | 'W' => "0-9A-Za-z_",
                    's' | 'S' => r"\t\n\f\r ",
                    'b' | 'B' => {
                        out.push_str(if escaped == 'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
                        continue;
                    }
                    'Q' => {
                        // Everything up to `\E` is literal.
                        let rest = chars.as_str();
                        let end = rest.find("\\E").unwrap_or(rest.len());
                        out.push_str(&regex::escape(&rest[..end]));
                        chars = rest.get(end + 2..).unwrap_or("").chars();
                        continue;
                    }
                    other => {
                        out.push('\\');
                        out.push(other);
                        continue;
                    }
                };
                let negated = escaped.is_ascii_uppercase();
                match (in_class, negated) {
                    (true, false) => out.push_str(set),
                    (true, true) => out.push_str(&format!("[^{set}]")),
                    (false, false) => out.push_str(&format!("[{set}]")),
                    (false, true) => out.push_str(&format!("[^{set}]")),
                }
            }
            '[' => {
                // Inside a class only `[:alpha:]` opens another one in RE2; a lone `[` is literal.
                if in_class && !chars.as_str().starts_with(':') {
                    out.push_str("\\[");
                    continue;
                }
                if in_class {
                    let rest = chars.as_str();
                    let end = rest.find(":]").map_or(0, |end| end + 2);
                    out.push('[');
                    out.push_str(&rest[..end]);
                    chars = rest[end..].chars();
                    continue;
                }
                in_class = true;
                out.push('[');
                if chars.as_str().starts_with('^') {
                    chars.next();
                    out.push('^');
                }
                // A bracket that comes first is literal.
                if chars.as_str().starts_with(']') {
                    chars.next();
                    out.push_str("\\]");
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // The crate reads these as set operations; RE2 knows none.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_match_as_in_re2() {
        for (pattern, yes, no) in [
            ("5..", "504", "5044"),
            ("a|b", "b", "ab"),
            ("(a|b)", "a", "(a"),
            ("go_.*", "go_x", "ngo_x"),
            (".+", "x", ""),
            (".*", "", "\u{0}never"),
            ("a.c", "a\nc", "ac"),
            (r"\d+", "12", "٣"),
            (r"[\w-]+", "a-b_9", "ä"),
            (r"[^\s]+", "ab", "a b"),
            ("(?i)ABC", "abc", "abd"),
            (r"\Qa.b\E", "a.b", "axb"),
            ("[[:alpha:]]+", "abc", "a1"),
            ("[]a]+", "]a", "b"),
            ("a{2,3}", "aaa", "aaaa"),
            ("^a$", "a", "ab"),
            ("", "", "a"),
        ] {
            let matcher = CompiledMatcher::new(&Matcher::new("l", MatchOp::Regex, pattern)).expect(pattern);
            assert!(matcher.matches(yes), "{pattern} {yes}");
            assert!(!matcher.matches(no) || pattern == ".*", "{pattern} {no}");
        }
    }

    #[test]
    fn what_is_no_regular_expression_says_why() {
        for pattern in ["a(", "a)(b", "[a", "a**b{", "(?=x)", "(a{1000}){1000}"] {
            let result = validate_regex(pattern);
            assert!(pattern == "a**b{" || result.is_err_and(|reason| !reason.contains('\n')), "{pattern}");
        }
    }
}
