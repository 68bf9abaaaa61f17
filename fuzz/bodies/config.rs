//! Any text as a configuration: read without a panic, its places within it, no line more or less without its secrets; what
//! is written of it reads back.

use config::{Discovery, Severity};

/// The body of the fuzz target; a test runs it on generated texts.
pub fn run(text: &str) {
    let parsed = config::parse(text, false);
    let n_lines = text.split('\n').count() as u32 + 1;
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.at.is_none_or(|at| at.line <= n_lines && at.column > 0), "{diagnostic:?}");
        assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
    }
    assert_eq!(text.matches('\n').count(), parsed.redacted.matches('\n').count());
    let _ = config::file_sd::parse(text);
    for scrape in &parsed.config.scrape_configs {
        for rule in scrape.relabel_configs.iter().chain(&scrape.metric_relabel_configs) {
            assert!(!rule.to_yaml().is_empty());
        }
        for discovery in &scrape.discoveries {
            let Discovery::Static(group) = discovery else { continue };
            // A few of a thousand are enough.
            for target in group.targets.iter().take(8) {
                let populated = config::populate(scrape, target, &group.labels);
                assert!(populated.steps.len() <= scrape.relabel_configs.len());
            }
        }
    }
    if parsed.is_good() {
        let again = config::parse(&parsed.redacted, false);
        let is_error = |diagnostic: &&config::Diagnostic| diagnostic.severity == Severity::Error;
        assert_eq!(again.diagnostics.iter().find(is_error), None, "{}", parsed.redacted);
    }
}
