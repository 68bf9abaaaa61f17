//! The tools of this repository: `cargo xtask COMMAND`. One module a command.

mod conformance;
mod exposition;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, serves, tests and measures Promenade.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replays a recording of scrapes and compares our answers with those of Prometheus
    Conformance(conformance::Args),
    /// Reads metrics text and says what is in it, or where it is wrong
    Exposition(exposition::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Conformance(args) => conformance::run(&args),
        Command::Exposition(args) => exposition::run(&args),
    }
}
