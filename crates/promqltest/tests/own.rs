//! The project's own scripts, one per family: every evaluation passes.

use promqltest::run;
use std::path::Path;

#[test]
fn the_own_scripts_pass() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut paths: Vec<_> =
        std::fs::read_dir(&dir).expect("the scripts are there").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let mut n_failed = 0;
    for path in paths {
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(&path).expect("a text");
        let report = run(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (line, query, why) in report.failures() {
            println!("  {name}:{line}: {query}\n    {why}");
            n_failed += 1;
        }
        println!("{name}: {} evaluations", report.evals.len());
    }
    assert_eq!(n_failed, 0, "evaluations failed");
}
