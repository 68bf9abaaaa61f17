//! The body, and the parser from npm. Both are made or fetched once and kept.

use crate::npm::{self, Script};
use crate::process::{command, find, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Where the generator is, from the root of the repository: beside the checkout.
const BENCH: &str = "../shared/bench";

/// The parser of the npm registry.
pub const NPM_PARSER: &str = "parse-prometheus-text-format 1.1.1";

/// A body of so many MB: what a node exporter says of many hosts. Gives the file's name.
pub fn body(dir: &Path, mb: u32) -> Result<String> {
    let name = format!("expo_{mb}.txt");
    let file = dir.join(&name);
    if file.is_file() {
        return Ok(name);
    }
    let bench = root().join(BENCH);
    let generator = bench.join("gen_data.py");
    if !generator.is_file() || find("python3").is_none() {
        bail!("there is no {}, and no {} with python3 to make it", file.display(), generator.display());
    }
    fs::create_dir_all(dir)?;
    let part = dir.join("expo.part");
    let mut python = command("python3");
    python.arg(&generator).args(["exposition", "--mb", &mb.to_string(), "--capture"]);
    run(python.arg(bench.join("capture_node_exporter.txt")).arg("--out").arg(&part))?;
    fs::rename(&part, &file).with_context(|| format!("writing {}", file.display()))?;
    Ok(name)
}

/// Puts the npm parser where the browser's page finds it. Where npm is absent or offline it is left out, and said.
pub fn npm_parser(dir: &Path) -> Result<bool> {
    let script =
        Script { package: "parse-prometheus-text-format@1.1.1", file: "dist/parse-prometheus-text-format.umd.js" };
    Ok(npm::fetch(script, dir, "npm-parser.js")?.is_some())
}

/// The body as other hosts would say it, so that all series are new.
pub fn with_other_hosts(text: &[u8], turn: usize) -> Vec<u8> {
    const HOST: &[u8] = b"=\"host-";
    let other = format!("=\"h{:03}-", turn % 1_000);
    let mut out = text.to_vec();
    let mut at = 0;
    while let Some(found) = out.get(at..).and_then(|rest| rest.windows(HOST.len()).position(|part| part == HOST)) {
        at += found;
        out[at..at + HOST.len()].copy_from_slice(other.as_bytes());
        at += HOST.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::with_other_hosts;

    #[test]
    fn each_turn_has_its_own_hosts() {
        let text = b"a{instance=\"host-00001:9100\"} 1\nb{instance=\"host-00001:9100\",x=\"host-\"} 2\n";
        let want = "a{instance=\"h012-00001:9100\"} 1\nb{instance=\"h012-00001:9100\",x=\"h012-\"} 2\n";
        assert_eq!(String::from_utf8_lossy(&with_other_hosts(text, 12)), want);
    }
}
