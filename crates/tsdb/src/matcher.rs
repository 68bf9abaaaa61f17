//! Matchers ready to be asked: literals, lists of words, prefixes, suffixes and what contains a text never
//! reach the regex machine.

mod pattern;

use model::{MatchOp, Matcher};
use pattern::Form;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// Largest compiled regular expression, in bytes: about what Go's limit of 1,000 repetitions allows.
const REGEX_SIZE_LIMIT: usize = 4 << 20;

/// Longest pattern, in bytes: a list of a thousand names has some tens of kilobytes.
const MAX_PATTERN_LEN: usize = 1 << 18;

/// How often something may be repeated, repetitions within repetitions multiplied: RE2's bound.
const MAX_REPEAT: u32 = 1_000;

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
    /// A few texts with gaps between them.
    Form(Form),
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
            Test::Form(form) => form.matches(value),
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
            Test::Form(Form::Words(words)) if !self.negated => Some(words),
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
    let translated = translate(pattern)?;
    // By itself first: `a)(b` must not become valid through the group around it.
    parsed(pattern, &translated)?;
    machine(pattern, &translated)
}

fn machine(pattern: &str, translated: &str) -> Result<Regex, RegexError> {
    let whole = format!("^(?s:{translated})$");
    RegexBuilder::new(&whole).size_limit(REGEX_SIZE_LIMIT).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => {
            let reason = format!("it needs more than {limit} bytes; repeat less, or split it into several matchers");
            RegexError { pattern: pattern.to_owned(), reason }
        }
        error => refused(pattern, &error.to_string()),
    })
}

/// The pattern's parts, its repetitions within Go's bounds.
fn parsed(pattern: &str, translated: &str) -> Result<Hir, RegexError> {
    let error = |reason: String| RegexError { pattern: pattern.to_owned(), reason };
    if pattern.len() > MAX_PATTERN_LEN {
        return Err(error(format!("it is {} bytes long; at most {MAX_PATTERN_LEN} are read", pattern.len())));
    }
    if has_foreign_flags(pattern) {
        return Err(error("the flags are `i`, `m`, `s` and `U`".to_owned()));
    }
    let mut parser = regex_syntax::ParserBuilder::new().dot_matches_new_line(true).build();
    let hir = parser.parse(translated).map_err(|e| refused(pattern, &e.to_string()))?;
    if repeats_too_often(&hir, 1) {
        return Err(error(format!("something is repeated more than {MAX_REPEAT} times")));
    }
    Ok(hir)
}

/// Whether a group sets a flag that RE2 does not know and the crate does.
fn has_foreign_flags(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some(at) = rest.find("(?") {
        rest = &rest[at + 2..];
        let end = rest.find([':', ')']).unwrap_or(rest.len());
        let flags = &rest[..end];
        if flags.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') && flags.contains(['x', 'u', 'R']) {
            return true;
        }
    }
    false
}

/// The crate draws the place on several lines; the last one is the sentence.
fn refused(pattern: &str, text: &str) -> RegexError {
    let reason = text.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
    RegexError { pattern: pattern.to_owned(), reason }
}

/// Whether repetitions with a bound, one in the other, multiply to more than Go allows.
fn repeats_too_often(hir: &Hir, around: u32) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let here = repetition.max.unwrap_or(repetition.min).max(1);
            let product = around.saturating_mul(here);
            product > MAX_REPEAT || repeats_too_often(&repetition.sub, product)
        }
        HirKind::Capture(capture) => repeats_too_often(&capture.sub, around),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| repeats_too_often(part, around))
        }
        _ => false,
    }
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
    let translated = translate(pattern)?;
    let hir = parsed(pattern, &translated)?;
    Ok(match Form::of(&hir) {
        Some(form) => Test::Form(form),
        None => Test::Regex(machine(pattern, &translated)?),
    })
}

/// Writes what RE2 and the crate read differently in the crate's way: Perl classes are ASCII sets, a brace that begins no
/// repetition is literal, and so is any punctuation after a backslash.
fn translate(pattern: &str) -> Result<String, RegexError> {
    let refused = |reason: &str| RegexError { pattern: pattern.to_owned(), reason: reason.to_owned() };
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut in_class = false;
    // What comes right before is a repetition.
    let mut repeats = false;
    while let Some(c) = chars.next() {
        let repeated = std::mem::take(&mut repeats);
        match c {
            '*' | '+' | '?' | '{' if !in_class => {
                let bounds = if c == '{' { repetition_len(chars.as_str()) } else { Some(0) };
                let Some(bounds) = bounds else {
                    out.push_str("\\{");
                    continue;
                };
                if repeated {
                    return Err(refused("a repetition cannot be repeated without a group"));
                }
                out.push(c);
                out.push_str(&chars.as_str()[..bounds]);
                chars = chars.as_str()[bounds..].chars();
                if chars.as_str().starts_with('?') {
                    chars.next();
                    out.push('?');
                }
                repeats = true;
            }
            '(' if !in_class && chars.as_str().starts_with('?') => {
                chars.next();
                out.push_str("(?");
                let name = chars.as_str();
                let name = name.strip_prefix("P<").or_else(|| name.strip_prefix('<')).and_then(|n| n.split_once('>'));
                if name.is_some_and(|(name, _)| !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')) {
                    return Err(refused("the name of a group is made of letters, digits and `_`"));
                }
            }
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
                    'u' | 'U' => return Err(refused("there are no escapes `\\u` and `\\U`; `\\x{…}` is a character")),
                    // The crate takes these for the ends of a word.
                    '<' | '>' => {
                        out.push(escaped);
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
    Ok(out)
}

/// How long the bounds of a repetition after its brace are, the closing one included: `3}`, `3,}` or `3,5}`.
fn repetition_len(text: &str) -> Option<usize> {
    let number = |text: &str| {
        let len = text.bytes().take_while(u8::is_ascii_digit).count();
        (len == 1 || (len > 1 && !text.starts_with('0'))).then_some(len)
    };
    let mut len = number(text)?;
    if text[len..].starts_with(',') {
        len += 1;
        len += if text[len..].starts_with('}') { 0 } else { number(&text[len..])? };
    }
    text[len..].starts_with('}').then_some(len + 1)
}

#[cfg(test)]
mod tests;
