//! `cargo xtask e2e`: the release in Chromium, against the relay and real servers on this machine.
//!
//! The tests are in `tests/e2e/`; this builds what they look at and passes its paths on.

use crate::npm::{self, Script};
use crate::process::{command, command_with, root, run as run_command, target_dir};
use crate::setup::{self, Scope, Toolchain};
use crate::test::tally::{Reader, Tally};
use crate::{bundle, dist, test};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Tests that measure; they run alone, so that nothing else takes the machine from them.
const MEASURING: &str = "startup::";

/// Arguments of `cargo xtask e2e`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only tests whose name has this in it
    #[arg(long)]
    only: Option<String>,
    /// Show the browser: for this the tests run one after the other
    #[arg(long)]
    show: bool,
    /// Take the bundle and the relay as they are
    #[arg(long)]
    no_build: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let toolchain = setup::ensure(Scope::Tests)?;
    let tally = tally(&toolchain, args)?;
    for reason in tally.reasons() {
        eprintln!("skipped: {reason}");
    }
    println!("{tally}");
    if let Some(only) = &args.only
        && tally == Tally::default()
    {
        bail!("no test has `{only}` in its name");
    }
    if tally.failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}

/// All of it, as a stage of `cargo xtask test`.
pub fn stage(toolchain: &Toolchain) -> Result<Tally> {
    tally(toolchain, &Args { only: None, show: false, no_build: false })
}

fn tally(toolchain: &Toolchain, args: &Args) -> Result<Tally> {
    if !args.no_build {
        build_bundle(toolchain)?;
        run_command(command("cargo").args(["build", "--package", "relay"]))?;
    }
    let mut total = Tally::default();
    let only = args.only.as_deref();
    for (measures, threads) in [(false, "2"), (true, "1")] {
        let mut cargo = command_with("cargo", ["test", "--package", "promenade", "--features", "e2e", "--test", "e2e"]);
        environment(&mut cargo, args.show)?;
        // What a measurement prints is its result, also where it passes.
        let output = if measures { "--nocapture" } else { "--show-output" };
        cargo.args(["--", output, "--test-threads", if args.show { "1" } else { threads }]);
        match (measures, only) {
            (false, Some(only)) => cargo.args([only, "--skip", MEASURING]),
            (false, None) => cargo.args(["--skip", MEASURING]),
            // libtest runs what has any of the words: a name that is no measurement has its own run.
            (true, Some(only)) if !only.contains(MEASURING.trim_end_matches(':')) => continue,
            (true, _) => cargo.arg(MEASURING),
        };
        total.add(test::tests(&mut cargo, Reader::Libtest)?);
    }
    eprintln!("The pictures are in {}.", shots().display());
    Ok(total)
}

/// Bundles the release, unless the bundle that is there is of these very sources.
fn build_bundle(toolchain: &Toolchain) -> Result<()> {
    let id = bundle::bundle_id()?;
    if present_id().is_some_and(|present| present == format!("{id} {}", dist_age())) {
        eprintln!("The bundle in dist/ is up to date.");
        return Ok(());
    }
    dist::build(toolchain)?;
    dist::pack()?;
    fs::create_dir_all(root().join("target"))?;
    fs::write(id_file(), format!("{id} {}", dist_age())).context("noting which sources the bundle is of")
}

/// Beside the bundle, not in it: Trunk empties dist/, and the relay would serve it.
fn id_file() -> PathBuf {
    root().join("target/dist-build-id")
}

fn present_id() -> Option<String> {
    fs::read_to_string(id_file()).ok()
}

/// When the bundle was written, in ms since the epoch: `cargo xtask serve` writes one, too, and notes no id.
fn dist_age() -> u128 {
    let written = fs::metadata(root().join("dist/index.html")).and_then(|metadata| metadata.modified());
    let since = written.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_millis())
}

fn environment(cargo: &mut Command, show: bool) -> Result<()> {
    let browser = setup::browser().context("no browser; `cargo xtask setup --tests` says why")?;
    let driver = setup::driver().context("no chromedriver; `cargo xtask setup --tests` says why")?;
    cargo
        .env("PROMENADE_E2E_RELAY", target_dir().join("debug/relay"))
        .env("PROMENADE_E2E_DIST", root().join("dist"))
        .env("PROMENADE_E2E_CHROMIUM", browser)
        .env("PROMENADE_E2E_CHROMEDRIVER", driver)
        .env("PROMENADE_E2E_SHOTS", shots());
    // What finds barriers in a page; where it cannot be had, its tests say that they were skipped.
    let axe = Script { package: "axe-core@4.14.1", file: "axe.min.js" };
    if let Some(script) = npm::fetch(axe, &target_dir().join("axe"), "axe.js")? {
        cargo.env("PROMENADE_E2E_AXE", script);
    }
    if show {
        cargo.env("PROMENADE_E2E_SHOW", "1");
    }
    Ok(())
}

fn shots() -> PathBuf {
    target_dir().join("e2e")
}
