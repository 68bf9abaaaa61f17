//! Relabelling: rules that change, keep or drop a set of labels, as Prometheus applies them.

use md5::compute as md5;
use model::{Labels, LabelsBuilder};
use regex::{Captures, Regex};
use std::fmt::Write as _;

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Sets the target label to the replacement where the regex matches.
    #[default]
    Replace,
    /// Keeps only what the regex matches.
    Keep,
    /// Drops what the regex matches.
    Drop,
    /// Keeps only where the values are the target label's.
    KeepEqual,
    /// Drops where the values are the target label's.
    DropEqual,
    /// Sets the target label to the hash of the values modulo the modulus.
    HashMod,
    /// Copies each label whose name the regex matches to the name that the replacement makes of it.
    LabelMap,
    /// Removes each label whose name the regex matches.
    LabelDrop,
    /// Removes each label whose name the regex does not match.
    LabelKeep,
    /// Sets the target label to the values in lower case.
    Lowercase,
    /// Sets the target label to the values in upper case.
    Uppercase,
}

impl Action {
    /// All of them with their names in a file.
    pub const ALL: [(&'static str, Action); 11] = [
        ("replace", Action::Replace),
        ("keep", Action::Keep),
        ("drop", Action::Drop),
        ("keepequal", Action::KeepEqual),
        ("dropequal", Action::DropEqual),
        ("hashmod", Action::HashMod),
        ("labelmap", Action::LabelMap),
        ("labeldrop", Action::LabelDrop),
        ("labelkeep", Action::LabelKeep),
        ("lowercase", Action::Lowercase),
        ("uppercase", Action::Uppercase),
    ];

    /// Its name in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, action)| *action == self).map_or("replace", |(name, _)| name)
    }
}

/// The expression of a rule that gives none.
pub const DEFAULT_REGEX: &str = "(.*)";
/// What stands between the values of several source labels.
pub const DEFAULT_SEPARATOR: &str = ";";
/// What a rule without a replacement writes.
pub const DEFAULT_REPLACEMENT: &str = "$1";

/// A rule of `relabel_configs` or `metric_relabel_configs`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it does.
    pub action: Action,
    /// The labels whose values it reads.
    pub source_labels: Vec<String>,
    /// What stands between them.
    pub separator: String,
    /// The label that it sets; a template for [`Action::Replace`].
    pub target_label: String,
    /// The expression as it was written.
    pub pattern: String,
    /// What it writes: a template with `$1`, `${1}` or `${name}`.
    pub replacement: String,
    /// Of [`Action::HashMod`].
    pub modulus: u64,
    regex: Regex,
}

impl PartialEq for Rule {
    /// The machine is made of the pattern.
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Rule {}

impl Rule {
    /// A rule with the defaults for all that is not given.
    ///
    /// # Errors
    /// If the pattern is no regular expression: a part of a sentence says why.
    pub fn new(action: Action, pattern: &str) -> Result<Self, String> {
        let regex = tsdb::anchored_regex(pattern).map_err(|error| error.to_string())?;
        Ok(Rule {
            action,
            source_labels: Vec::new(),
            separator: DEFAULT_SEPARATOR.to_owned(),
            target_label: String::new(),
            pattern: pattern.to_owned(),
            replacement: DEFAULT_REPLACEMENT.to_owned(),
            modulus: 0,
            regex,
        })
    }

    /// Applies it; `false` if what has these labels is dropped.
    pub fn apply(&self, labels: &mut LabelsBuilder) -> bool {
        let value = self.value(labels);
        match self.action {
            Action::Drop => return !self.regex.is_match(&value),
            Action::Keep => return self.regex.is_match(&value),
            Action::DropEqual => return labels.get(&self.target_label).unwrap_or_default() != value,
            Action::KeepEqual => return labels.get(&self.target_label).unwrap_or_default() == value,
            Action::Replace => {
                let Some(found) = self.regex.captures(&value) else { return true };
                let target = expand(&self.target_label, &found);
                if model::is_legacy_label_name(&target) {
                    labels.set(&target, &expand(&self.replacement, &found));
                }
            }
            Action::Lowercase => {
                labels.set(&self.target_label, &value.to_lowercase());
            }
            Action::Uppercase => {
                labels.set(&self.target_label, &value.to_uppercase());
            }
            Action::HashMod => {
                let hash = md5(value.as_bytes()).0;
                let low = hash[8..].iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
                labels.set(&self.target_label, &low.checked_rem(self.modulus).unwrap_or(0).to_string());
            }
            Action::LabelMap => {
                // What one name gives is no name for the next.
                for (name, value) in &labels.labels() {
                    if let Some(found) = self.regex.captures(name) {
                        let to = expand(&self.replacement, &found);
                        if !to.is_empty() {
                            labels.set(&to, value);
                        }
                    }
                }
            }
            Action::LabelDrop => {
                labels.retain(|name| !self.regex.is_match(name));
            }
            Action::LabelKeep => {
                labels.retain(|name| self.regex.is_match(name));
            }
        }
        true
    }

    /// The rule as it would stand in a file, without the leading dash: only what is not the default.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(out, "{name}: {value}");
        };
        if !self.source_labels.is_empty() {
            let names: Vec<String> = self.source_labels.iter().map(|name| crate::write::scalar(name)).collect();
            line("source_labels", &format!("[{}]", names.join(", ")));
        }
        if self.separator != DEFAULT_SEPARATOR {
            line("separator", &crate::write::scalar(&self.separator));
        }
        if self.pattern != DEFAULT_REGEX {
            line("regex", &crate::write::scalar(&self.pattern));
        }
        if self.modulus != 0 {
            line("modulus", &self.modulus.to_string());
        }
        if !self.target_label.is_empty() {
            line("target_label", &crate::write::scalar(&self.target_label));
        }
        if self.replacement != DEFAULT_REPLACEMENT {
            line("replacement", &crate::write::scalar(&self.replacement));
        }
        line("action", self.action.name());
        out.truncate(out.trim_end().len());
        out
    }

    /// The same with the expression of another one.
    pub(crate) fn with_regex_of(self, other: Rule) -> Rule {
        Rule { pattern: other.pattern, regex: other.regex, ..self }
    }

    /// Why Prometheus refuses it, if it does.
    pub(crate) fn problem(&self) -> Option<String> {
        let name = self.action.name();
        let (target, replacement) = (&self.target_label, &self.replacement);
        let is_label = model::is_legacy_label_name(target);
        let has_other_regex = self.pattern != DEFAULT_REGEX;
        let has_others = self.modulus != 0 || self.separator != DEFAULT_SEPARATOR || replacement != DEFAULT_REPLACEMENT;
        let sets_label = !matches!(
            self.action,
            Action::Keep | Action::Drop | Action::LabelMap | Action::LabelDrop | Action::LabelKeep
        );
        Some(match self.action {
            _ if sets_label && target.is_empty() => format!("The action `{name}` needs a `target_label`."),
            Action::Replace if !is_template(target) => format!("`{target}` is no label that `replace` can set."),
            Action::Lowercase | Action::Uppercase | Action::KeepEqual | Action::DropEqual | Action::HashMod
                if !is_label =>
            {
                format!("`{target}` is no name for a label.")
            }
            Action::HashMod if self.modulus == 0 => "The action `hashmod` needs a `modulus` over 0.".to_owned(),
            Action::LabelMap if !is_template(replacement) => {
                format!("`{replacement}` makes no names of labels: `labelmap` needs letters, digits, `_` and groups.")
            }
            Action::KeepEqual | Action::DropEqual if has_other_regex || has_others => {
                format!("The action `{name}` takes `source_labels` and `target_label` only.")
            }
            Action::LabelDrop | Action::LabelKeep
                if has_others || !self.source_labels.is_empty() || !target.is_empty() =>
            {
                format!("The action `{name}` takes `regex` only.")
            }
            _ => return None,
        })
    }

    fn value(&self, labels: &LabelsBuilder) -> String {
        let mut value = String::new();
        for (idx, name) in self.source_labels.iter().enumerate() {
            if idx > 0 {
                value.push_str(&self.separator);
            }
            value.push_str(labels.get(name).unwrap_or_default());
        }
        value
    }

    fn parts(&self) -> (Action, &[String], [&str; 4], u64) {
        let texts = [&*self.separator, &*self.target_label, &*self.pattern, &*self.replacement];
        (self.action, &self.source_labels, texts, self.modulus)
    }
}

/// Letters, digits, `_`, and groups such as `$1` and `${name}`, at least one of them and no digit first.
fn is_template(text: &str) -> bool {
    let is_word = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_first = rest.len() == text.len();
        let taken = match rest.strip_prefix('$') {
            Some(group) => match group.strip_prefix('{') {
                Some(inner) => {
                    let n = inner.find(|c| !is_word(c)).unwrap_or(inner.len());
                    if n == 0 || !inner[n..].starts_with('}') {
                        return false;
                    }
                    n + 3
                }
                None => match group.find(|c| !is_word(c)).unwrap_or(group.len()) {
                    0 => return false,
                    n => n + 1,
                },
            },
            None if is_first && first.is_ascii_digit() || !is_word(first) => return false,
            None => 1,
        };
        rest = &rest[taken..];
    }
    !text.is_empty()
}

/// Applies rules in their order; `false` if one of them drops what has these labels. The rules after it are not applied.
pub fn apply(rules: &[Rule], labels: &mut LabelsBuilder) -> bool {
    rules.iter().all(|rule| rule.apply(labels))
}

/// What one rule did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The labels after it.
    pub labels: Labels,
    /// It dropped what has these labels.
    pub is_dropped: bool,
}

/// As [`apply`], with what each rule did; the last step is that of a rule that drops, or of the last rule.
#[must_use]
pub fn steps(rules: &[Rule], labels: &mut LabelsBuilder) -> Vec<Step> {
    let mut steps = Vec::new();
    for rule in rules {
        let keeps = rule.apply(labels);
        steps.push(Step { labels: labels.labels(), is_dropped: !keeps });
        if !keeps {
            break;
        }
    }
    steps
}

/// Writes a template as Go's `Regexp.Expand` does: `$name` is as long as it can be, `$$` is a dollar, and what names no
/// group is nothing.
fn expand(template: &str, found: &Captures<'_>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('$') {
            out.push('$');
            rest = tail;
            continue;
        }
        let is_word = |c: char| c == '_' || c.is_alphanumeric();
        let (name, tail) = match rest.strip_prefix('{') {
            Some(inner) => match inner.find('}') {
                Some(end) if inner[..end].chars().all(is_word) => (&inner[..end], &inner[end + 1..]),
                _ => ("", rest),
            },
            None => rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
        };
        if name.is_empty() {
            out.push('$');
            continue;
        }
        rest = tail;
        let group = match name.parse::<usize>() {
            // Go takes `01` for a name.
            Ok(number) if number.to_string() == name => found.get(number),
            _ => found.name(name),
        };
        out.push_str(group.map_or("", |group| group.as_str()));
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
