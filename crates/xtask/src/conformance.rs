//! `cargo xtask conformance DIR`: do we answer as Prometheus did?

use std::path::PathBuf;
use std::process::ExitCode;

/// Which recordings to replay.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folders with scrapes.tsv, scrapes.tar.gz and expected.jsonl
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
}

/// Prints each difference and, last, `N passed, M failed`.
pub fn run(args: &Args) -> ExitCode {
    let (mut n_passed, mut n_failed) = (0, 0);
    for dir in &args.dirs {
        let report = match conformance::run(dir) {
            Ok(report) => report,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        };
        let replay = &report.replay;
        println!(
            "{}: {} scrapes read, {} failed as they should, {} samples, {} not stored",
            dir.display(),
            replay.n_good,
            replay.n_failed,
            replay.n_samples,
            replay.n_dropped
        );
        for surprise in &replay.surprises {
            println!("FAILED scrape {surprise}");
        }
        for failure in &report.failures {
            println!("FAILED {failure}");
        }
        n_passed += report.n_passed;
        n_failed += report.failures.len() + replay.surprises.len();
    }
    println!("{n_passed} passed, {n_failed} failed");
    if n_failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
