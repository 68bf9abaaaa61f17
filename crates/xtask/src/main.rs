//! The tools of this repository: `cargo xtask COMMAND`. One module a command.

mod bench;
mod bundle;
mod conformance;
mod differential;
mod dist;
mod e2e;
mod exposition;
mod npm;
mod process;
mod promqltest;
mod serve;
mod setup;
mod test;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, serves, tests and measures Promenade.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the page and its relay on this machine, and rebuilds when a source changes
    Serve(serve::Args),
    /// Runs all checks and tests; ends with `N passed, M failed, K skipped`
    Test(test::Args),
    /// Installs what the other commands need; they do it themselves
    Setup(setup::Args),
    /// Builds the release into dist/ and compares its size with the budget
    Dist(dist::Args),
    /// Measures parsing, storing, evaluating and drawing, and prints a table
    Bench(bench::Args),
    /// Runs the end-to-end tests: the release in Chromium, against real servers on this machine
    E2e(e2e::Args),
    /// Checks the rules that the compiler does not know: layers, lengths of files, comments
    Tidy(tidy::Args),
    /// Replays a recording of scrapes and compares our answers with those of Prometheus
    Conformance(conformance::Args),
    /// Asks a real Prometheus and our engine generated queries over generated series, and compares
    Differential(differential::Args),
    /// Runs scripts of engine tests and prints each answer that is not the expected one
    Promqltest(promqltest::Args),
    /// Reads metrics text and says what is in it, or where it is wrong
    Exposition(exposition::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => code(serve::run(&args)),
        Command::Test(args) => code(test::run(&args)),
        Command::Setup(args) => code(setup::run(&args)),
        Command::Dist(args) => code(dist::run(&args)),
        Command::Bench(args) => code(bench::run(&args)),
        Command::E2e(args) => code(e2e::run(&args)),
        Command::Tidy(args) => code(tidy::run(&args)),
        Command::Conformance(args) => conformance::run(&args),
        Command::Differential(args) => code(differential::run(&args)),
        Command::Promqltest(args) => promqltest::run(&args),
        Command::Exposition(args) => exposition::run(&args),
    }
}

fn code(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
