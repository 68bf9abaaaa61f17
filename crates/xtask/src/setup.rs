//! Installs what building, serving and testing need; each step is: look, say what is missing and why, install, look again.

mod system;
mod tools;
mod wasm_target;

pub use tools::{browser, driver};
pub use wasm_target::{TARGET, Toolchain};

use anyhow::{Context, Result};
use std::time::Instant;

/// Arguments of `cargo xtask setup`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also install what the tests run: a browser with its driver, and the servers that are scraped
    #[arg(long)]
    tests: bool,
}

/// How much is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What bundles the page.
    Build,
    /// That, and what the tests run.
    Tests,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    ensure(if args.tests { Scope::Tests } else { Scope::Build }).map(|_| ())
}

/// Installs what is missing and returns the toolchain that builds for wasm32.
pub fn ensure(scope: Scope) -> Result<Toolchain> {
    let started = Instant::now();
    let mut report = Report::default();
    let toolchain = wasm_target::ensure(&mut report).context(
        "no Rust toolchain here can build for wasm32-unknown-unknown, which the page and its worker are compiled to",
    )?;
    tools::ensure(&mut report)?;
    if scope == Scope::Tests {
        tools::ensure_for_tests(&mut report)?;
    }
    eprintln!(
        "setup: {} found, {} installed, {} unavailable in {:.1} s",
        report.found,
        report.installed,
        report.unavailable,
        started.elapsed().as_secs_f64()
    );
    Ok(toolchain)
}

/// What the set-up found and did.
#[derive(Debug, Default)]
struct Report {
    found: usize,
    installed: usize,
    unavailable: usize,
}

impl Report {
    /// One step: `look` says what is there (`Ok`) or what is missing (`Err`); `install` is tried once.
    fn step(
        &mut self,
        name: &str,
        why: &str,
        look: impl Fn() -> Result<String>,
        install: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        match look() {
            Ok(_) => {
                self.found += 1;
                return Ok(());
            }
            Err(missing) => eprintln!("setup: {name}: {missing:#}. {why} Installing it."),
        }
        let started = Instant::now();
        install().with_context(|| format!("installing {name}"))?;
        let found = look().with_context(|| format!("{name} was installed, but it is still not usable"))?;
        eprintln!("setup: {name}: {found} ({:.0} s)", started.elapsed().as_secs_f64());
        self.installed += 1;
        Ok(())
    }

    /// As `step`, for what only some tests need: a failure is printed, and those tests say that they are skipped.
    fn optional_step(
        &mut self,
        name: &str,
        why: &str,
        look: impl Fn() -> Result<String>,
        install: impl FnOnce() -> Result<()>,
    ) {
        if let Err(error) = self.step(name, why, look, install) {
            eprintln!("setup: {name} is not available, tests that need it are skipped: {error:#}");
            self.unavailable += 1;
        }
    }
}
