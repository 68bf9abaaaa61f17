//! The recordings beside the checkout: every answer is the one that Prometheus gave.

use std::path::Path;

/// Runs a folder of the corpus and returns how many queries it has; `None` where it is absent.
fn check(folder: &str) -> Option<conformance::Report> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    if !dir.exists() {
        println!("skipped: {} is not there", dir.display());
        return None;
    }
    let report = conformance::run(&dir).expect("a recording with answers");
    assert!(report.replay.surprises.is_empty(), "{}", report.replay.surprises.join("\n"));
    assert!(report.failures.is_empty(), "{} differ:\n{}", report.failures.len(), report.failures.join("\n"));
    Some(report)
}

#[test]
fn the_recording_of_a_small_shop_answers_as_prometheus_did() {
    let Some(report) = check("diamol/recording") else { return };
    assert_eq!(report.n_passed, 60);
    assert_eq!((report.replay.n_good, report.replay.n_failed), (467, 66));
}

#[test]
fn the_compliance_suite_answers_as_prometheus_did() {
    let Some(report) = check("promql/compliance") else { return };
    assert_eq!(report.n_passed, 323);
    assert_eq!((report.replay.n_good, report.replay.n_failed), (712, 2));
}
