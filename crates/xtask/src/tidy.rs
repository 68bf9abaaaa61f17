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
    Ok(problems)
}

/// The files of the repository: what git tracks, and what it would.
fn files() -> Result<Vec<String>> {
    let list = capture(command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let mut files: Vec<String> = list.lines().map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
