//! The project's own scripts, one per family, and the public suite, read in place beside the checkout: every evaluation
//! passes.

use promqltest::run;
use std::path::Path;

#[test]
fn the_own_scripts_pass() {
    all_pass(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"));
}

#[test]
fn the_public_suite_passes() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/promql/promqltest");
    if dir.is_dir() {
        all_pass(&dir);
    } else {
        println!("skipped: {} is not there", dir.display());
    }
}

fn all_pass(dir: &Path) {
    let entries = std::fs::read_dir(dir).expect("the scripts are there");
    let mut paths: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let (mut n_evals, mut n_failed) = (0, 0);
    for path in paths {
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(&path).expect("a text");
        let report = run(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (line, query, why) in report.failures() {
            println!("  {name}:{line}: {query}\n    {why}");
        }
        let failed = report.failures().count();
        println!("{name}: {} passed, {failed} failed", report.evals.len() - failed);
        n_evals += report.evals.len();
        n_failed += failed;
    }
    println!("{} passed, {n_failed} failed", n_evals - n_failed);
    assert!(n_evals > 0, "no evaluation was found");
    assert_eq!(n_failed, 0, "evaluations failed");
}
