//! Trunk with the right toolchain and a build id: what `serve` and `dist` share.

use crate::process::{cargo_bin, command, root};
use crate::setup::Toolchain;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// `trunk ARGS`, building for wasm32, quiet but for Cargo's progress and errors.
pub fn trunk(toolchain: &Toolchain, args: &[&str]) -> Result<Command> {
    let mut trunk = command("trunk");
    trunk.args(["--quiet", "--skip-version-check"]).args(args).env("PROMENADE_BUILD_ID", build_id()?);
    // Trunk reads it as a switch of its own, and fails on `1`, which is what other programs expect.
    trunk.env_remove("NO_COLOR");
    // Messages of panics hold the paths of sources: those of this machine are nobody's business. Cargo adds these
    // flags to those of .cargo/config.toml.
    let cargo_home = cargo_bin().parent().map(|home| home.display().to_string()).unwrap_or_default();
    let paths = [(cargo_home, "cargo"), (root().display().to_string(), "promenade")];
    let flags = paths.map(|(path, name)| format!("--remap-path-prefix={path}={name}")).join(" ");
    trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    toolchain.apply(&mut trunk);
    Ok(trunk)
}

/// Names the build: page and worker refuse each other when their ids differ.
///
/// A hash of what is compiled, so that it changes exactly when a build changes, and a commit that
/// touches a text rebuilds nothing.
pub fn build_id() -> Result<String> {
    hash_of(&["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "src", "crates"])
}

/// Names everything that goes into dist/: what is compiled, and what is not.
pub fn bundle_id() -> Result<String> {
    Ok(format!("{}-{}", build_id()?, hash_of(&["Trunk.toml", "index.html", "boot.js", "worker.js", "style"])?))
}

fn hash_of(parts: &[&str]) -> Result<String> {
    let root = root();
    let mut hash = Fnv::new();
    for part in parts {
        let path = root.join(part);
        if path.exists() {
            hash_path(&path, &mut hash).with_context(|| format!("reading {}", path.display()))?;
        }
    }
    Ok(format!("{:016x}", hash.0))
}

fn hash_path(path: &Path, hash: &mut Fnv) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.is_file() {
        hash.write(name.as_bytes());
        hash.write(&fs::read(path)?);
    } else if !["xtask", "querybench", "ingestbench", "relay", "tests", "benches", "target"].contains(&name.as_ref()) {
        let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        entries.sort();
        for entry in entries {
            hash_path(&entry, hash)?;
        }
    }
    Ok(())
}

/// FNV-1a: no secret is kept by it, and it is the same in every release of Rust.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        // The length first, so that the end of one file is not the start of the next.
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    //! When the id changes.
    use super::*;

    #[test]
    fn the_build_id_is_the_same_for_the_same_sources() {
        assert_eq!(build_id().unwrap(), build_id().unwrap());
    }

    #[test]
    fn a_byte_moved_from_one_file_to_the_next_gives_another_hash() {
        let mut one = Fnv::new();
        one.write(b"ab");
        one.write(b"c");
        let mut other = Fnv::new();
        other.write(b"a");
        other.write(b"bc");
        assert_ne!(one.0, other.0);
    }
}
