//! Finds or makes a Rust toolchain that builds for wasm32-unknown-unknown.
//!
//! A usual machine gets the target from rustup. Where rustup cannot download it, Debian's compiler
//! comes with the source of its standard library: that is compiled for wasm32 and linked as a
//! toolchain of its own, which only the wasm builds use.

use super::{Report, system};
use crate::process::{capture, command, find, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target's name.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What rustup calls the toolchain made from Debian's packages.
const LINKED: &str = "promenade-wasm";

/// Debian's newest compiler; the plain packages are too old for this edition on stable releases.
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web"];

/// The toolchain that builds for wasm32.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that is in use anyway.
    Active,
    /// The linked one, chosen by a variable that rustup reads.
    Linked,
    /// Debian's compiler, where there is no rustup.
    Distribution,
}

impl Toolchain {
    /// Makes the command use this toolchain.
    pub fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self {
            Toolchain::Active => command,
            Toolchain::Linked => command.env("RUSTUP_TOOLCHAIN", LINKED),
            Toolchain::Distribution => command
                .env("PATH", path_with_distribution_first())
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTDOC", "/usr/bin/rustdoc"),
        }
    }

    /// Builds an empty module for wasm32, so that a standard library of another compiler, or a missing linker, shows.
    fn probe(&self) -> Result<String> {
        let version = capture(self.apply(command("rustc").arg("--version")))?;
        let dir = std::env::temp_dir().join(format!("promenade-probe-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        let source = dir.join("probe.rs");
        fs::write(&source, "#[unsafe(no_mangle)]\npub extern \"C\" fn probe() -> usize { vec![1].len() }\n")?;
        let mut rustc = command("rustc");
        rustc.args(["--edition=2024", "--crate-type=cdylib", "--target", TARGET, "--out-dir"]).arg(&dir).arg(&source);
        let outcome = capture(self.apply(&mut rustc));
        let _ = fs::remove_dir_all(&dir);
        outcome.map(|_| version.trim().to_owned())
    }
}

/// Returns the first toolchain that works, after making one if there is none.
pub(super) fn ensure(report: &mut Report) -> Result<Toolchain> {
    let has_rustup = find("rustup").is_some();
    let candidates: &[Toolchain] = if has_rustup {
        &[Toolchain::Active, Toolchain::Linked]
    } else {
        &[Toolchain::Active, Toolchain::Distribution]
    };
    if let Some(found) = candidates.iter().find(|toolchain| toolchain.probe().is_ok()) {
        report.found += 1;
        return Ok(found.clone());
    }
    if has_rustup {
        let added = report.step(
            "the wasm32 target",
            "The page and its worker are compiled to WebAssembly.",
            || {
                Toolchain::Active
                    .probe()
                    .map_err(|_| anyhow::anyhow!("the toolchain in use has no standard library for it"))
            },
            || run(command("rustup").args(["target", "add", TARGET])),
        );
        match added {
            Ok(()) => return Ok(Toolchain::Active),
            Err(error) => {
                eprintln!("setup: {error:#}\nsetup: rustup cannot give the target; trying Debian's compiler.")
            }
        }
    }
    let made = if has_rustup { Toolchain::Linked } else { Toolchain::Distribution };
    report.step(
        "a compiler with the wasm32 target",
        "Debian's compiler comes with the source of its standard library, which is compiled here.",
        || made.probe().map_err(|_| anyhow::anyhow!("no toolchain has it")),
        || from_distribution(has_rustup),
    )?;
    Ok(made)
}

/// The fallback from end to end.
fn from_distribution(has_rustup: bool) -> Result<()> {
    if !system::can_install() {
        bail!(
            "`rustup target add {TARGET}` failed, and the other way, Debian's packages, needs apt-get with root or sudo. \
             Give rustup access to its server, or install a toolchain that has the target"
        );
    }
    system::install(&PACKAGES)?;
    let lld = format!("lld-{}", llvm_major(&capture(command("/usr/bin/rustc").arg("-vV"))?)?);
    system::install(&[&lld])?;
    let sysroot = PathBuf::from(capture(command("/usr/bin/rustc").args(["--print", "sysroot"]))?.trim());
    let scratch = root().join("target/xtask/std");
    let libraries = build_std(&scratch)?;
    install_std(&libraries, &sysroot, &lld)?;
    if has_rustup {
        run(command("rustup").args(["toolchain", "link", LINKED]).arg(&sysroot))?;
    }
    // What was compiled against an earlier standard library does not link with this one (E0463).
    let stale = root().join("target").join(TARGET);
    if stale.exists() {
        fs::remove_dir_all(&stale).with_context(|| format!("removing {}", stale.display()))?;
    }
    Ok(())
}

/// Compiles the standard library for wasm32 in `scratch` and returns its libraries.
///
/// With bitcode in it, or link-time optimisation stops at "Can't find section .llvmbc"; with `test`,
/// or there are no tests in the browser. A crate that is empty itself carries the build.
fn build_std(scratch: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(scratch.join("src"))?;
    fs::write(scratch.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(
        scratch.join("Cargo.toml"),
        "[package]\nname = \"carrier\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n",
    )?;
    let target_dir = scratch.join("target");
    if target_dir.exists() {
        fs::remove_dir_all(&target_dir)?;
    }
    run(command("/usr/bin/cargo")
        .current_dir(scratch)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", &target_dir)
        .args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", TARGET]))
    .context("compiling the standard library")?;
    let built = target_dir.join(TARGET).join("release/deps");
    let mut libraries: Vec<PathBuf> = fs::read_dir(&built)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rlib"))
        .filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libcarrier-")))
        .collect();
    libraries.sort();
    if libraries.len() < 10 {
        bail!("{} holds {} libraries, which is no standard library", built.display(), libraries.len());
    }
    Ok(libraries)
}

/// Puts the libraries, and the linker under the name that rustc looks for, into the sysroot.
fn install_std(libraries: &[PathBuf], sysroot: &Path, lld: &str) -> Result<()> {
    let rustlib = sysroot.join("lib/rustlib");
    let lib = rustlib.join(TARGET).join("lib");
    // Libraries of an earlier version would make every crate ambiguous (E0464).
    run(system::as_root("rm").arg("-rf").arg(&lib))?;
    run(system::as_root("mkdir").arg("-p").arg(&lib))?;
    eprintln!("setup: copying {} libraries to {}", libraries.len(), lib.display());
    capture(system::as_root("cp").args(libraries).arg(&lib))?;
    let host = host_triple(&capture(command("/usr/bin/rustc").arg("-vV"))?)?;
    let bin = rustlib.join(host).join("bin");
    run(system::as_root("mkdir").arg("-p").arg(&bin))?;
    run(system::as_root("ln").arg("-sf").arg(Path::new("/usr/bin").join(lld)).arg(bin.join("rust-lld")))
}

/// The major version of LLVM in `rustc -vV`.
fn llvm_major(verbose_version: &str) -> Result<&str> {
    let version = field(verbose_version, "LLVM version: ")?;
    Ok(version.split('.').next().unwrap_or(version))
}

/// The host's triple in `rustc -vV`.
fn host_triple(verbose_version: &str) -> Result<String> {
    field(verbose_version, "host: ").map(str::to_owned)
}

fn field<'a>(text: &'a str, name: &str) -> Result<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .with_context(|| format!("`rustc -vV` does not tell `{}`", name.trim_end_matches(": ")))
}

fn path_with_distribution_first() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    //! What is read from other programs' answers.
    use super::*;

    const ANSWER: &str = "rustc 1.96.0\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";

    #[test]
    fn the_linker_has_the_compilers_version_of_llvm() {
        assert_eq!(llvm_major(ANSWER).unwrap(), "22");
        assert_eq!(host_triple(ANSWER).unwrap(), "x86_64-unknown-linux-gnu");
    }

    #[test]
    fn an_answer_without_the_field_says_which_is_missing() {
        assert_eq!(llvm_major("rustc 1.96.0\n").unwrap_err().to_string(), "`rustc -vV` does not tell `LLVM version`");
    }

    /// Slow (a minute), and it needs Debian's compiler: run by hand after a change of the recipe.
    #[test]
    #[ignore = "compiles a standard library for a minute: run it by hand with Debian's compiler installed"]
    fn the_standard_library_compiles_in_a_directory_of_its_own() {
        let scratch = std::env::temp_dir().join("promenade-std-test");
        let libraries = build_std(&scratch).unwrap();
        assert!(libraries.iter().any(|path| path.to_string_lossy().contains("libtest-")));
        fs::remove_dir_all(&scratch).unwrap();
    }
}
