//! Texts of the check of a body.

use crate::components::series_table::rows::{counted, grouped};
use crate::texts::units;
use protocol::{LintReport, LintViolation, ServerVerdict};

pub const CHECK: &str = "Check";
pub const CHECK_AGAIN: &str = "Check again";
pub const TITLE: &str = "Check of the body";
pub const CHECKING: &str = "Checking …";
pub const SERVER: &str = "As a Prometheus server reads it";
pub const RULES: &str = "As the format has it";
pub const LIST: &str = "Violations";
pub const NO_RULES: &str = "there is nothing more to check: protobuf has no rules of writing";
pub const ADVICE: &str = "advice";
pub const NOT_ALLOWED: &str = "not allowed";

/// `accepted, 1,234 samples`, or where and why it is not.
pub fn server(verdict: &ServerVerdict) -> String {
    match verdict {
        ServerVerdict::Accepted { n_samples } => format!("accepted, {}", counted(*n_samples, "sample", "samples")),
        ServerVerdict::Refused { line, column, message } => {
            format!("refused as a whole: {}: {message}", place(*line, *column))
        }
    }
}

/// `OpenMetrics 1.0: no violations`, `OpenMetrics 1.0: 3 violations, 1 of them only advised against`
pub fn rules(report: &LintReport) -> String {
    if !report.has_rules {
        return format!("{}: {NO_RULES}", report.format);
    }
    let n = report.violations.len() as u64;
    let n_advice = report.violations.iter().filter(|v| !v.is_error).count() as u64;
    let mut text = match n {
        0 => format!("{}: no violations", report.format),
        _ if report.is_capped => {
            format!("{}: {} violations, the first that were found; there may be more", report.format, grouped(n))
        }
        _ => format!("{}: {}", report.format, counted(n, "violation", "violations")),
    };
    if n_advice == n && n > 0 {
        text.push_str(", only advised against");
    } else if n_advice > 0 {
        text.push_str(&format!(", {} of them only advised against", grouped(n_advice)));
    }
    text
}

/// `line 3, column 17`
pub fn place(line: u32, column: u32) -> String {
    format!("line {}, column {}", grouped(u64::from(line)), grouped(u64::from(column)))
}

/// What a violation's rule asks for, its name and where it is written.
pub fn rule(violation: &LintViolation) -> String {
    format!("{} {}, section \u{201c}{}\u{201d}", violation.sentence, violation.rule, violation.section)
}

pub fn cut(bytes: u64) -> String {
    format!("Only the first {} are kept and were checked.", units::bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_said_in_plain_words() {
        let violation = |is_error| LintViolation {
            line: 1,
            column: 2,
            rule: "eof".to_owned(),
            sentence: "S.".to_owned(),
            section: "ABNF".to_owned(),
            detail: "D.".to_owned(),
            is_error,
        };
        let report = |violations: Vec<LintViolation>, is_capped| LintReport {
            id: protocol::TargetId(1),
            at_ms: 0,
            format: "OpenMetrics 1.0".to_owned(),
            server: ServerVerdict::Accepted { n_samples: 1_234 },
            has_rules: true,
            violations,
            is_capped,
            checked_bytes: None,
        };
        assert_eq!(server(&report(Vec::new(), false).server), "accepted, 1,234 samples");
        let refused = ServerVerdict::Refused { line: 1_234, column: 5, message: "expected a number.".to_owned() };
        assert_eq!(server(&refused), "refused as a whole: line 1,234, column 5: expected a number.");
        assert_eq!(rules(&report(Vec::new(), false)), "OpenMetrics 1.0: no violations");
        assert_eq!(
            rules(&report(vec![violation(true), violation(false)], false)),
            "OpenMetrics 1.0: 2 violations, 1 of them only advised against"
        );
        assert_eq!(rules(&report(vec![violation(false)], false)), "OpenMetrics 1.0: 1 violation, only advised against");
        assert_eq!(
            rules(&report(vec![violation(true)], true)),
            "OpenMetrics 1.0: 1 violations, the first that were found; there may be more"
        );
        assert_eq!(rule(&violation(true)), "S. eof, section \u{201c}ABNF\u{201d}");
    }
}
