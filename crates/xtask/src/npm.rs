//! Single files out of packages of the npm registry: what tests and benches look at pages with, fetched once and kept.

use crate::process::{command, find, run};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of a package.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// Name and version, as `name@1.2.3`.
    pub package: &'static str,
    /// Where the file lies in the package's folder.
    pub file: &'static str,
}

/// Puts the file into a folder under a name. Where npm is absent or offline the answer is `None`, and the reason is said.
pub fn fetch(script: Script, dir: &Path, name: &str) -> Result<Option<PathBuf>> {
    let kept = dir.join(name);
    if kept.is_file() {
        return Ok(Some(kept));
    }
    let Script { package, file } = script;
    if find("npm").is_none() {
        eprintln!("skipped: npm is not on the PATH, so {package} is not here");
        return Ok(None);
    }
    fs::create_dir_all(dir)?;
    let mut npm = command("npm");
    npm.args(["install", "--silent", "--no-fund", "--no-audit", "--prefix"]).arg(dir);
    if let Err(error) = run(npm.arg(package)) {
        eprintln!("skipped: {error}; {package} is not here");
        return Ok(None);
    }
    let folder = package.rsplit_once('@').map_or(package, |(folder, _)| folder);
    fs::copy(dir.join("node_modules").join(folder).join(file), &kept).with_context(|| format!("copying {file}"))?;
    Ok(Some(kept))
}
