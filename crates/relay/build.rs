//! With the feature `embed`, puts the files of the built page into the program: `dist/`, or what `PROMENADE_DIST` names.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=PROMENADE_DIST");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBED").is_none() {
        return Ok(());
    }
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let dist = std::env::var_os("PROMENADE_DIST").map_or_else(|| here.join("../../dist"), PathBuf::from);
    if !dist.join("index.html").is_file() {
        return Err(format!("there is no page in {}: run `cargo xtask dist` first", dist.display()).into());
    }
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = BTreeMap::new();
    collect(&dist, "", &mut files)?;
    let mut table = String::from("&[\n");
    for (path, file) in files {
        let tag = tag(&std::fs::read(&file)?);
        writeln!(table, "Embedded {{ path: {path:?}, tag: \"{tag:016x}\", bytes: include_bytes!({file:?}) }},")?;
    }
    table.push_str("]\n");
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("embedded.rs"), table)?;
    Ok(())
}

/// All files below a directory, by their paths in URLs.
fn collect(dir: &Path, path: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?.path().canonicalize()?;
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            // Trunk's workplace.
            continue;
        }
        let path = format!("{path}/{name}");
        if entry.is_dir() {
            collect(&entry, &path, files)?;
        } else {
            files.insert(path, entry);
        }
    }
    Ok(())
}

/// A number that changes with the content: FNV-1a, which takes no crate.
fn tag(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |tag, byte| (tag ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
