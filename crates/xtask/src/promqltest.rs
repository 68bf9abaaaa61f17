//! `cargo xtask promqltest PATH…`: does our engine give the answers that a script expects?

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Which scripts to run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scripts in the language of Prometheus' engine tests, or folders of `.test` files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Prints each evaluation that fails with what was expected and what was got, the figures of each file and,
/// last, `N passed, M failed`.
pub fn run(args: &Args) -> ExitCode {
    let mut files = Vec::new();
    for path in &args.paths {
        if let Err(error) = collect(path, &mut files) {
            eprintln!("error: {}: {error}", path.display());
            return ExitCode::from(2);
        }
    }
    let (mut n_passed, mut n_failed) = (0, 0);
    for file in &files {
        let (passed, failed) = match script(file) {
            Ok(counts) => counts,
            Err(message) => {
                println!("FAILED {}: {message}", file.display());
                (0, 1)
            }
        };
        println!("{}: {passed} passed, {failed} failed", file.display());
        n_passed += passed;
        n_failed += failed;
    }
    if n_passed + n_failed == 0 {
        eprintln!("error: no evaluation was found: a script holds lines that begin with `eval`");
        return ExitCode::from(2);
    }
    println!("{n_passed} passed, {n_failed} failed");
    if n_failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The script, or the scripts of a folder in the order of their names.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        std::fs::metadata(path)?;
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?.map(|e| Ok(e?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.retain(|p| p.extension().is_some_and(|e| e == "test"));
    entries.sort();
    files.extend(entries);
    Ok(())
}

/// How many evaluations of a script passed and failed.
fn script(file: &Path) -> Result<(usize, usize), String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let report = promqltest::run(&text).map_err(|error| error.to_string())?;
    let mut n_failed = 0;
    for (line, query, why) in report.failures() {
        n_failed += 1;
        println!("FAILED {}:{line}: {query}\n    {why}", file.display());
    }
    Ok((report.evals.len() - n_failed, n_failed))
}
