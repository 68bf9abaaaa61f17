//! The samples: made once by the generator of the peers' harness, which stands beside the checkout.

use crate::process::{command, find, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Where the generator is, from the root of the repository.
const GENERATOR: &str = "../shared/bench/gen_data.py";

/// Makes the data unless it is there. `with_text`: also in the forms that the peers import.
pub fn ensure(dir: &Path, series: usize, with_text: bool) -> Result<()> {
    let needed: &[&str] =
        if with_text { &["data.bin", "series.jsonl", "data.om", "data.prom"] } else { &["data.bin", "series.jsonl"] };
    // The generator writes this file last: without it the data is not whole.
    if dir.join("meta.json").is_file() && needed.iter().all(|name| dir.join(name).is_file()) {
        return has_series(dir, series);
    }
    let generator = root().join(GENERATOR);
    if !generator.is_file() {
        bail!(
            "there is no data in {}, and no generator to make it at {}: pass a directory with \
             data.bin and series.jsonl by --data",
            dir.display(),
            generator.display()
        );
    }
    if find("python3").is_none() {
        bail!("python3 is not on the PATH; it runs {}", generator.display());
    }
    fs::create_dir_all(dir)?;
    let formats = if with_text { "openmetrics,prom,bin" } else { "bin" };
    let mut python = command("python3");
    python.arg(generator).args(["tsdb", "--formats", formats, "--series", &series.to_string(), "--out"]).arg(dir);
    run(&mut python)
}

fn has_series(dir: &Path, series: usize) -> Result<()> {
    let path = dir.join("meta.json");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let meta: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    match meta["series"].as_u64() {
        Some(found) if found as usize == series => Ok(()),
        found => bail!("{} holds {} series, not {series}", dir.display(), found.unwrap_or_default()),
    }
}
