//! Remarks on a text as the page shows them.

use config::{Access, Diagnostic, Discovery, Parsed, ScrapeConfig, Severity};
use protocol::{ConfigNote, ConfigReport};

/// A line is shown so far, in characters.
const MAX_LINE: usize = 160;

/// What a text is.
pub(super) fn of(parsed: &Parsed) -> ConfigReport {
    with_lines(parsed, &parsed.redacted)
}

/// The same; secrets that were filled in, or that the relay has, are not missing.
pub(super) fn of_loaded(parsed: &Parsed, is_of_relay: bool) -> ConfigReport {
    let mut report = of(parsed);
    report.missing_secrets.retain(|note| {
        // `scrape_configs[2].basic_auth.password`
        let idx = note.path.split_once('[').and_then(|(_, rest)| rest.split_once(']')?.0.parse::<usize>().ok());
        let scrape = idx.and_then(|idx| parsed.config.scrape_configs.get(idx));
        !is_of_relay && scrape.is_none_or(is_missing)
    });
    report
}

/// What a text is, with the lines of its form without secrets.
pub(super) fn with_lines(parsed: &Parsed, redacted: &str) -> ConfigReport {
    let lines: Vec<&str> = redacted.lines().collect();
    let note = |diagnostic: &Diagnostic| {
        let line = diagnostic.at.and_then(|at| lines.get((at.line as usize).checked_sub(1)?).copied());
        let mut shown: String = line.unwrap_or_default().trim_end().chars().take(MAX_LINE).collect();
        if line.is_some_and(|line| line.trim_end().chars().count() > MAX_LINE) {
            shown.push('…');
        }
        ConfigNote {
            path: diagnostic.path.clone(),
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone(),
            at: diagnostic.at.map(|at| (at.line, at.column)),
            line: shown,
        }
    };
    let of = |severity: Severity| {
        parsed.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).map(note).collect()
    };
    let discoveries = parsed.config.scrape_configs.iter().flat_map(|scrape| &scrape.discoveries);
    let n_static = discoveries.map(|discovery| match discovery {
        Discovery::Static(group) => group.targets.len() as u32,
        _ => 0,
    });
    ConfigReport {
        errors: of(Severity::Error),
        unsupported: of(Severity::Unsupported),
        notices: of(Severity::Notice),
        missing_secrets: of(Severity::MissingSecret),
        n_jobs: parsed.config.scrape_configs.len() as u32,
        n_static_targets: n_static.sum(),
    }
}

fn is_missing(scrape: &ScrapeConfig) -> bool {
    let of_discovery = |discovery: &Discovery| match discovery {
        Discovery::Http(http) => http.access.is_missing(),
        _ => false,
    };
    Access::is_missing(&scrape.access) || scrape.discoveries.iter().any(of_discovery)
}
