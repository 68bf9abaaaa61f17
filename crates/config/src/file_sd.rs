//! Lists of targets as `file_sd_configs` and `http_sd_configs` read them, JSON or YAML.

use crate::diagnostic::Diagnostics;
use crate::discovery::{self, TargetGroup};
use crate::yaml;

/// Reads a list of `targets` and `labels`.
///
/// # Errors
/// If it is none: a sentence with the place.
pub fn parse(text: &str) -> Result<Vec<TargetGroup>, String> {
    let root = yaml::read(text).map_err(|error| {
        let place = error.at.map_or_else(String::new, |at| format!("Line {}, column {}: ", at.line, at.column));
        format!("{place}{}.", error.message)
    })?;
    let yaml::Value::List(items) = &root.value else {
        return Err(format!("Expected a list of `targets` and `labels`, found {}.", root.kind()));
    };
    let mut out = Diagnostics::default();
    let mut groups = Vec::new();
    for (idx, item) in items.iter().enumerate() {
        groups.extend(discovery::group(item, &format!("[{idx}]"), &mut out));
    }
    match out.list.first() {
        None => Ok(groups),
        Some(first) => {
            let place = first.at.map_or_else(String::new, |at| format!("Line {}, column {}: ", at.line, at.column));
            Err(format!("{place}{}", first.message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_both_forms_are_the_same() {
        let json = "[\n\t{\"targets\": [\"a:1\", \"b:2\"],\n\t \"labels\": {\"env\": \"test\"}}, {\"targets\": []}]";
        let yaml = "- targets: [a:1, b:2]\n  labels: {env: test}\n- targets: []\n";
        let groups = parse(yaml).unwrap();
        assert_eq!(parse(json), Ok(groups.clone()));
        assert_eq!(groups[0].targets.len(), 2);
        assert_eq!(groups[0].labels, [("env".to_owned(), "test".to_owned())]);
        assert_eq!(parse("[]"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_list_says_where() {
        for (text, want) in [
            ("{}", "Expected a list of `targets` and `labels`, found a mapping."),
            ("[{\"target\": []}]", "Line 1, column 3: There is no setting `target` here."),
            ("- targets: {}\n", "Line 1, column 12: Expected a list, found a mapping."),
        ] {
            assert_eq!(parse(text), Err(want.to_owned()), "{text}");
        }
    }
}
