//! `cargo xtask test`: every check and test of the repository, one line of figures at the end.
//!
//! All stages run even when an earlier one failed, so that one run shows all there is to repair.

pub mod tally;

use crate::e2e;
use crate::process::{capture, command, command_with, find, line_of, root};
use crate::setup::{self, Scope, Toolchain};
use crate::tidy;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;
use tally::{Reader, Tally};

/// Arguments of `cargo xtask test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these stages
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Stage>,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stage {
    /// Formatting
    Fmt,
    /// Rules of the repository
    Tidy,
    /// Lints of all crates, natively
    Clippy,
    /// Lints of what runs in the browser, for wasm32
    ClippyWasm,
    /// Unit and integration tests
    Unit,
    /// Examples in the documentation
    Doc,
    /// Tests of page and worker in headless Chromium
    Browser,
    /// The whole product in headless Chromium
    E2e,
}

const ALL: [Stage; 8] =
    [Stage::Fmt, Stage::Tidy, Stage::Clippy, Stage::ClippyWasm, Stage::Unit, Stage::Doc, Stage::Browser, Stage::E2e];

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    let toolchain = setup::ensure(Scope::Tests)?;
    let stages = if args.only.is_empty() { &ALL[..] } else { &args.only };
    let mut total = Tally::default();
    for stage in stages {
        let stage_started = Instant::now();
        eprintln!("\n== {stage:?}");
        // A stage that could not even run is a failure, not an end.
        let tally = run_stage(*stage, &toolchain).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Tally::failed()
        });
        eprintln!("== {stage:?}: {tally} in {:.1} s", stage_started.elapsed().as_secs_f64());
        total.add(tally);
    }
    eprintln!();
    for reason in total.reasons() {
        eprintln!("skipped: {reason}");
    }
    eprintln!("all stages: {:.1} s", started.elapsed().as_secs_f64());
    println!("{total}");
    if total.failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}

fn run_stage(stage: Stage, toolchain: &Toolchain) -> Result<Tally> {
    match stage {
        Stage::Fmt => check(command("cargo").args(["fmt", "--all", "--check"])),
        Stage::Tidy => Ok(match tidy::check()? {
            problems if problems.is_empty() => Tally::passed(),
            problems => {
                problems.iter().for_each(|problem| eprintln!("{problem}"));
                Tally::failed()
            }
        }),
        Stage::Clippy => check(&mut lint(&["--workspace", "--all-targets", "--features", "promenade/e2e"])),
        Stage::ClippyWasm => {
            let mut args = vec!["--target", setup::TARGET, "--lib", "--bins"];
            args.extend(
                ["promenade", "worker", "querybench", "ingestbench"].iter().flat_map(|package| ["--package", package]),
            );
            check(toolchain.apply(&mut lint(&args)))
        }
        Stage::Unit => unit(),
        Stage::Doc => tests(command("cargo").args(["test", "--workspace", "--doc", "--no-fail-fast"]), Reader::Libtest),
        Stage::Browser => browser(toolchain),
        Stage::E2e => e2e::stage(toolchain),
    }
}

/// One check that passes or fails as a whole.
fn check(command: &mut Command) -> Result<Tally> {
    eprintln!("$ {}", line_of(command));
    let status = command.status().with_context(|| format!("could not start `{}`", line_of(command)))?;
    Ok(if status.success() { Tally::passed() } else { Tally::failed() })
}

fn lint(args: &[&str]) -> Command {
    let mut clippy = command_with("cargo", ["clippy", "--quiet"]);
    clippy.args(args).args(["--", "-D", "warnings"]);
    clippy
}

/// cargo-nextest runs the tests of all crates at once; without it Cargo runs them crate by crate.
fn unit() -> Result<Tally> {
    if find("cargo-nextest").is_some() && capture(command("cargo").args(["nextest", "--version"])).is_ok() {
        let mut nextest = command_with("cargo", ["nextest", "run", "--workspace", "--no-fail-fast", "--color=never"]);
        // Output of tests that pass is read for the reasons of skipped ones, and not shown.
        nextest.args(["--success-output=immediate", "--failure-output=immediate"]);
        return tests(&mut nextest, Reader::Nextest);
    }
    eprintln!("cargo-nextest is not here; `cargo test` runs the same tests, slower.");
    let mut cargo = command_with("cargo", ["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    tests(cargo.args(["--", "--show-output"]), Reader::Libtest)
}

/// The tests of page and worker that need a browser, each package that has some.
fn browser(toolchain: &Toolchain) -> Result<Tally> {
    let browser = setup::browser().context("no browser; `cargo xtask setup --tests` says why")?;
    let driver = setup::driver().context("no chromedriver; `cargo xtask setup --tests` says why")?;
    let mut total = Tally::default();
    let mut n_packages = 0;
    for (package, dir, selection) in [
        ("promenade", "tests/browser.rs", &["--test", "browser"][..]),
        ("worker", "crates/worker", &["--lib", "--tests"]),
    ] {
        if !mentions(&root().join(dir), "wasm_bindgen_test")? {
            continue;
        }
        n_packages += 1;
        let mut cargo =
            command_with("cargo", ["test", "--target", setup::TARGET, "--package", package, "--no-fail-fast"]);
        cargo
            .args(selection)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", root().join("webdriver.json"))
            .env("CHROMEDRIVER", &driver)
            .env("CHROME_BIN", &browser);
        total.add(tests(toolchain.apply(&mut cargo), Reader::Libtest)?);
    }
    if n_packages == 0 {
        eprintln!("There is no test with wasm_bindgen_test.");
    }
    Ok(total)
}

/// Whether a Rust file at or under `path` has this word.
fn mentions(path: &Path, word: &str) -> Result<bool> {
    if path.is_file() {
        return Ok(
            path.extension().is_some_and(|extension| extension == "rs") && fs::read_to_string(path)?.contains(word)
        );
    }
    if !path.is_dir() {
        return Ok(false);
    }
    for entry in fs::read_dir(path)? {
        if mentions(&entry?.path(), word)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs tests, shows what is worth reading, and counts.
pub fn tests(command: &mut Command, reader: Reader) -> Result<Tally> {
    eprintln!("$ {}", line_of(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{}`", line_of(command)))?;
    let (sender, lines) = mpsc::channel();
    let readers = [child.stdout.take().map(forward(&sender)), child.stderr.take().map(forward(&sender))];
    drop(sender);
    let mut parser = reader.start();
    for line in lines {
        if parser.read(&line) {
            eprintln!("{line}");
        }
    }
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    Ok(parser.finish(child.wait()?.success()))
}

/// A thread that sends the lines of a stream; bytes that are not UTF-8 are replaced.
fn forward<R: Read + Send + 'static>(sender: &mpsc::Sender<String>) -> impl Fn(R) -> std::thread::JoinHandle<()> {
    let sender = sender.clone();
    move |stream| {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        })
    }
}
