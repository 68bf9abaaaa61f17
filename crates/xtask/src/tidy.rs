//! `cargo xtask tidy`: the rules of the repository that neither compiler nor clippy knows.

mod layers;
mod text;

use crate::process::{capture, command, root};
use anyhow::{Context, Result, bail};
use std::fs;

/// Arguments of `cargo xtask tidy`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args) -> Result<()> {
    let problems = check()?;
    problems.iter().for_each(|problem| println!("{problem}"));
    println!("tidy: {} files, {} problems", files()?.len(), problems.len());
    if !problems.is_empty() {
        bail!("the repository is not tidy");
    }
    Ok(())
}

/// All problems, each a line that begins with the file it is about.
pub fn check() -> Result<Vec<String>> {
    let root = root();
    let mut problems = Vec::new();
    for name in files()? {
        let path = root.join(&name);
        // What git knows may have been removed, and what is not text has no rules.
        if let Ok(content) = fs::read_to_string(&path) {
            text::check(&name, &content, &mut problems);
        }
    }
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("reading {name}"));
    text::check_dependencies("Cargo.toml", &read("Cargo.toml")?, &mut problems);
    let metadata = capture(command("cargo").args(["metadata", "--no-deps", "--format-version=1", "--offline"]))?;
    layers::check("ARCHITECTURE.md", &read("ARCHITECTURE.md")?, &metadata, &mut problems)?;
    check_fuzz_targets(&mut problems)?;
    Ok(problems)
}

/// Each file in `fuzz/fuzz_targets` is a target of `fuzz/Cargo.toml`: it stands outside the workspace, where no build reads it.
fn check_fuzz_targets(problems: &mut Vec<String>) -> Result<()> {
    let manifest = "fuzz/Cargo.toml";
    let args = ["metadata", "--no-deps", "--format-version=1", "--offline", "--manifest-path", manifest];
    let metadata = match capture(command("cargo").args(args)) {
        Ok(metadata) => metadata,
        Err(error) => {
            problems.push(format!("{manifest}: cargo cannot read it: {error:#}"));
            return Ok(());
        }
    };
    let metadata: serde_json::Value = serde_json::from_str(&metadata).context("reading `cargo metadata`")?;
    let targets = metadata["packages"][0]["targets"].as_array().context("`cargo metadata` has no targets")?;
    let paths: Vec<&str> = targets.iter().filter_map(|target| target["src_path"].as_str()).collect();
    for name in files()?.into_iter().filter(|name| name.starts_with("fuzz/fuzz_targets/")) {
        if !paths.iter().any(|path| path.ends_with(&name)) {
            problems.push(format!("{name}: no target of {manifest}"));
        }
    }
    Ok(())
}

/// The files of the repository: what git tracks, and what it would.
fn files() -> Result<Vec<String>> {
    let list = capture(command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let mut files: Vec<String> = list.lines().map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
