//! The lint against the public suites of strict parsers, read in place beside the checkout: a text has an error exactly
//! where the suite says that it is not valid.

use crate::suites::cases::{self as cases, Case, corpus};
use exposition::{Format, Severity, lint};

/// The errors of a text; none: it is valid.
fn errors(body: &[u8], format: Format) -> Vec<String> {
    let found = lint(body, format);
    found.iter().filter(|v| v.rule.severity() == Severity::Error).map(ToString::to_string).collect()
}

/// Texts whose verdict is not that of the lint, and why.
const REASONS: [(&str, &str); 1] = [(
    "expfmt/invalid/from_test_parse_error_0.txt",
    "a missing line feed at the end is a warning, as the table of the server's parser takes such texts",
)];

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let errors = errors(&case.body, case.format);
        if errors.is_empty() != case.is_valid && !REASONS.iter().any(|(name, _)| *name == case.name) {
            wrong.push(format!("{}: valid {}, we {errors:?}", case.name, case.is_valid));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn openmetrics_cases_are_valid_or_not_as_their_suite_says() {
    let Some(dir) = corpus() else { return };
    let found = cases::openmetrics(&dir);
    assert!(found.len() >= 128, "{}", found.len());
    check(&found);
}

#[test]
fn rows_of_parsers_are_valid_or_not_as_they_say() {
    let Some(dir) = corpus() else { return };
    let mut found = cases::rows(&dir, "server-parser", |row| row["error"].is_null());
    // Native histograms as text are an extension: OpenMetrics 1.0 does not have them.
    found.extend(cases::rows(&dir, "client-python", |row| row["should_parse"] == true && row["extension"] == false));
    assert!(found.len() > 90, "{}", found.len());
    check(&found);
}

#[test]
fn texts_of_the_classic_parser_are_valid_or_not_as_their_folder_says() {
    let Some(dir) = corpus() else { return };
    let found = cases::expfmt(&dir);
    assert!(found.len() > 15, "{}", found.len());
    check(&found);
}

#[test]
fn what_is_valid_is_accepted_by_the_server_too() {
    let Some(dir) = corpus() else { return };
    for case in cases::openmetrics(&dir) {
        let accepted = cases::read(&case.body, case.format);
        assert!(accepted.is_ok() || !errors(&case.body, case.format).is_empty(), "{}: {accepted:?}", case.name);
    }
}
