//! `cargo xtask dist`: the release as it is served, every file compressed ahead, its size against the budget.

/// The relay with the page inside.
mod relay;

use crate::bundle;
use crate::process::{root, run as run_command};
use crate::setup::{self, Scope, Toolchain};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What a first visit may transfer with brotli, in bytes: four fifths of Prometheus 3.14's own page.
const BUDGET: usize = 425_000;

/// Below this many bytes the headers of a response outweigh what compression saves.
const TOO_SMALL: usize = 256;

/// Arguments of `cargo xtask dist`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not build: compress and measure what is in dist/
    #[arg(long)]
    no_build: bool,
    /// Build the relay too, as one static program with the page inside: target/dist/relay
    #[arg(long)]
    relay: bool,
}

/// Runs the command; a release over the budget is an error, unless the relay was asked for.
pub fn run(args: &Args) -> Result<()> {
    if !args.no_build {
        build(&setup::ensure(Scope::Build)?)?;
    }
    let total = pack()?;
    println!(
        "{:.1} kB with brotli, {:.0} % of the budget of {} kB",
        total.brotli as f64 / 1000.0,
        total.brotli as f64 * 100.0 / BUDGET as f64,
        BUDGET / 1000
    );
    // Who builds the program to run it gets it all the same.
    if args.relay {
        relay::build()?;
    } else if total.brotli > BUDGET {
        bail!("the release is {} bytes over the budget", total.brotli - BUDGET);
    }
    Ok(())
}

/// Bundles the release into dist/.
pub fn build(toolchain: &Toolchain) -> Result<()> {
    run_command(&mut bundle::trunk(toolchain, &["build", "--release"])?)
}

/// Compresses every file of dist/ ahead, prints their sizes, and returns the sum.
pub fn pack() -> Result<Sizes> {
    let dist = root().join("dist");
    let mut total = Sizes::default();
    println!("{:<44} {:>10} {:>10} {:>10}", "file", "raw", "gzip", "brotli");
    for path in files(&dist)? {
        let sizes = compress(&path).with_context(|| format!("compressing {}", path.display()))?;
        print_row(&path.strip_prefix(&dist).unwrap_or(&path).display().to_string(), &sizes);
        total.raw += sizes.raw;
        total.gzip += sizes.gzip;
        total.brotli += sizes.brotli;
    }
    print_row("in all", &total);
    Ok(total)
}

/// Bytes of a file, or of all.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

fn print_row(name: &str, sizes: &Sizes) {
    println!("{name:<44} {:>10} {:>10} {:>10}", sizes.raw, sizes.gzip, sizes.brotli);
}

/// Writes `FILE.gz` and `FILE.br` beside a file where they are smaller than it; the relay sends them as they are.
fn compress(path: &Path) -> Result<Sizes> {
    let raw = fs::read(path)?;
    let mut sizes = Sizes { raw: raw.len(), gzip: raw.len(), brotli: raw.len() };
    if raw.len() < TOO_SMALL {
        return Ok(sizes);
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&raw)?;
    let gzip = gzip.finish()?;
    let mut brotli = Vec::new();
    // The largest window that every browser takes: 2^22 covers the modules.
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut raw.as_slice(), &mut brotli, &parameters)?;
    for (extension, bytes, size) in [("gz", &gzip, &mut sizes.gzip), ("br", &brotli, &mut sizes.brotli)] {
        if bytes.len() < raw.len() {
            fs::write(with_suffix(path, extension), bytes)?;
            *size = bytes.len();
        }
    }
    Ok(sizes)
}

fn with_suffix(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// All files that are served, sorted by path; without what this command writes itself and Trunk's workplace.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(dir).with_context(|| format!("{}: run `cargo xtask dist` first", dir.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') {
                found.extend(files(&path)?);
            }
        } else if !name.ends_with(".gz") && !name.ends_with(".br") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    //! What is written beside a file.
    use super::*;

    #[test]
    fn a_file_gets_smaller_companions_and_they_are_not_counted_as_files() {
        let dir = std::env::temp_dir().join(format!("promenade-dist-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("a.css"), "main { margin: 0 }\n".repeat(100)).unwrap();
        fs::write(dir.join("b.js"), "1").unwrap();
        let sizes = compress(&dir.join("a.css")).unwrap();
        assert_eq!(sizes.raw, 1900);
        assert!(sizes.gzip < 100 && sizes.brotli < 100, "{sizes:?}");
        assert_eq!(compress(&dir.join("b.js")).unwrap(), Sizes { raw: 1, gzip: 1, brotli: 1 });
        assert!(dir.join("a.css.br").is_file() && dir.join("a.css.gz").is_file() && !dir.join("b.js.br").exists());
        assert_eq!(files(&dir).unwrap(), [dir.join("a.css"), dir.join("b.js")]);
        fs::remove_dir_all(&dir).unwrap();
    }
}
