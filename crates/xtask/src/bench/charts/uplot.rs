//! uPlot from the npm registry, fetched once and kept.

use crate::process::{command, find, run};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Package and version.
pub const NAME: &str = "uplot 1.6.32";

/// What the browser's page loads.
const FILES: [&str; 2] = ["uPlot.iife.min.js", "uPlot.min.css"];

/// Puts it where the page finds it. Where npm is absent or offline it is left out, and said.
pub fn install(dir: &Path) -> Result<bool> {
    if FILES.iter().all(|file| dir.join(file).is_file()) {
        return Ok(true);
    }
    fs::create_dir_all(dir)?;
    if find("npm").is_none() {
        eprintln!("skipped: npm is not on the PATH, so there is no uPlot; its columns stay empty");
        return Ok(false);
    }
    let mut npm = command("npm");
    npm.args(["install", "--silent", "--no-fund", "--no-audit", "--prefix"]).arg(dir);
    if let Err(error) = run(npm.arg(NAME.replace(' ', "@"))) {
        eprintln!("skipped: {error}; the columns of uPlot stay empty");
        return Ok(false);
    }
    for file in FILES {
        fs::copy(dir.join("node_modules/uplot/dist").join(file), dir.join(file))
            .with_context(|| format!("copying {file}"))?;
    }
    Ok(true)
}
