//! The check of a target's last body: what a Prometheus server makes of it, and which rules of its format it breaks.

use crate::state::Worker;
use crate::target::RawBody;
use exposition::{Format, MAX_VIOLATIONS, Rule, Severity, Violation};
use protocol::{Event, LintReport, LintViolation, ServerVerdict, TargetId};

impl Worker {
    /// Checks the body that is kept of a target; that body comes with it.
    pub(crate) fn lint(&mut self, id: TargetId) {
        self.raw_body(id);
        let report = self.target(id).and_then(|target| target.raw.as_ref()).map(|raw| check(id, raw));
        self.tell(Event::Linted { id, report });
    }
}

fn check(id: TargetId, raw: &RawBody) -> LintReport {
    let format = raw.format();
    let (body, is_cut) = raw.whole_lines();
    let body = &*body;
    let server = match exposition::count_samples(body, format) {
        Ok(n_samples) => ServerVerdict::Accepted { n_samples: n_samples as u64 },
        Err(error) => ServerVerdict::Refused {
            line: error.line as u32,
            column: error.column as u32,
            message: format!("{}.", error.kind),
        },
    };
    let has_rules = format != Format::Protobuf;
    let found = if has_rules { exposition::lint(body, format) } else { Vec::new() };
    LintReport {
        id,
        at_ms: raw.at.0,
        format: match format {
            Format::OpenMetrics2 => {
                format!("{} (a draft: checked is only whether each line can be read)", format.name())
            }
            _ => format.name().to_owned(),
        },
        server,
        has_rules,
        is_capped: found.len() >= MAX_VIOLATIONS,
        violations: found.into_iter().map(wire).collect(),
        checked_bytes: is_cut.then_some(raw.bytes.len() as u64),
    }
}

/// The lines of a body that are there as a whole; its end is added where the format asks for one.
pub(crate) fn whole_lines(bytes: &[u8], format: Format) -> Vec<u8> {
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let mut body = bytes.get(..end).unwrap_or(bytes).to_vec();
    if format != Format::PrometheusText {
        body.extend_from_slice(b"# EOF\n");
    }
    body
}

fn wire(violation: Violation) -> LintViolation {
    let Violation { line, column, rule, detail } = violation;
    let rule: Rule = rule;
    LintViolation {
        line: line as u32,
        column: column as u32,
        rule: rule.name().to_owned(),
        sentence: rule.sentence().to_owned(),
        section: rule.section().to_owned(),
        detail: crate::problem::sentence(&detail),
        is_error: rule.severity() == Severity::Error,
    }
}
