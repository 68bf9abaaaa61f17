//! The relay as one program that needs nothing else: linked statically, with the page inside.

use crate::process::{capture, command, find, root, run, target_dir};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a static program is made on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Linking {
    /// For the musl target of this architecture, which is static by itself.
    Musl(String),
    /// Statically with glibc, for the target of this machine.
    Glibc(String),
    /// As usual here.
    Dynamic,
}

/// Builds the program around what is in dist/ and returns where it is.
pub(super) fn build() -> Result<PathBuf> {
    let linking = Linking::of_machine()?;
    println!("{}", linking.why());
    run(&mut linking.cargo())?;
    let built = linking.target_dir().join("release").join(PROGRAM);
    let program = target_dir().join("dist").join(PROGRAM);
    fs::create_dir_all(target_dir().join("dist"))?;
    // Moved into its place: a program that runs cannot be written to, but replaced.
    let new = program.with_extension("new");
    fs::copy(&built, &new).with_context(|| format!("copying {}", built.display()))?;
    fs::rename(&new, &program).with_context(|| format!("replacing {}", program.display()))?;
    let n_bytes = fs::metadata(&program)?.len();
    let kind = if is_static(&program) { "static" } else { "linked with libraries of this system" };
    println!("{}: {:.1} MB, {kind}", program.display(), n_bytes as f64 / 1e6);
    Ok(program)
}

const PROGRAM: &str = if cfg!(windows) { "relay.exe" } else { "relay" };

impl Linking {
    fn of_machine() -> Result<Linking> {
        if !cfg!(target_os = "linux") {
            return Ok(Linking::Dynamic);
        }
        let arch = std::env::consts::ARCH;
        let musl = format!("{arch}-unknown-linux-musl");
        // ring compiles C; without musl's compiler it would meet the headers of glibc.
        if has_target(&musl)? && find("musl-gcc").is_some() {
            return Ok(Linking::Musl(musl));
        }
        let host = capture(command("rustc").arg("-vV"))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?.to_owned();
        Ok(if host.ends_with("-gnu") { Linking::Glibc(host) } else { Linking::Dynamic })
    }

    fn why(&self) -> String {
        match self {
            Linking::Musl(target) => format!("The relay is linked statically with musl ({target})."),
            Linking::Glibc(_) => format!(
                "The relay is linked statically with glibc. With musl it would know names of the local network on other \
                 machines too: `rustup target add {}-unknown-linux-musl`, and musl-gcc (musl-tools).",
                std::env::consts::ARCH
            ),
            Linking::Dynamic => "On this system the relay is linked as usual, not statically.".to_owned(),
        }
    }

    fn cargo(&self) -> Command {
        let mut cargo = command("cargo");
        cargo.args(["build", "--release", "--package", "relay", "--features", "embed"]);
        cargo.env("PROMENADE_DIST", root().join("dist"));
        match self {
            Linking::Musl(target) => {
                cargo.args(["--target", target]);
            }
            Linking::Glibc(target) => {
                // With a target that is named, the flag is not for build scripts and macros.
                cargo.args(["--target", target]).env("RUSTFLAGS", "-Ctarget-feature=+crt-static");
            }
            Linking::Dynamic => {}
        }
        cargo
    }

    fn target_dir(&self) -> PathBuf {
        match self {
            Linking::Musl(target) | Linking::Glibc(target) => target_dir().join(target),
            Linking::Dynamic => target_dir(),
        }
    }
}

/// Whether the standard library of a target is installed.
fn has_target(target: &str) -> Result<bool> {
    let dir = capture(command("rustc").args(["--print", "target-libdir", "--target", target]))?;
    Ok(Path::new(dir.trim()).is_dir())
}

/// Whether a program names no interpreter that loads libraries for it.
fn is_static(program: &Path) -> bool {
    fs::read(program).is_ok_and(|bytes| interpreter(&bytes) == Some(false))
}

/// Whether an ELF file of 64 bits, little end first, has a segment that names an interpreter; `None`: it is another file.
fn interpreter(elf: &[u8]) -> Option<bool> {
    const INTERPRETER: u32 = 3;
    let number = |at: usize, n_bytes: usize| -> Option<u64> {
        let bytes = elf.get(at..at.checked_add(n_bytes)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    };
    if !elf.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (table, size, n_segments) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    for idx in 0..n_segments {
        let at = usize::try_from(table.checked_add(idx * size)?).ok()?;
        if number(at, 4)? == u64::from(INTERPRETER) {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    //! How programs are told apart.
    use super::*;

    #[test]
    fn a_program_that_wants_a_loader_is_not_static() {
        // This test itself is linked as usual.
        #[cfg(target_os = "linux")]
        assert!(!is_static(&std::env::current_exe().unwrap()));
        let mut elf = vec![0; 0x40 + 2 * 0x38];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[0x20] = 0x40;
        elf[0x36] = 0x38;
        elf[0x38] = 2;
        elf[0x40] = 1;
        assert_eq!(interpreter(&elf), Some(false));
        elf[0x40 + 0x38] = 3;
        assert_eq!(interpreter(&elf), Some(true));
        assert_eq!(interpreter(&elf[..0x50]), None);
        assert_eq!(interpreter(b"#!/bin/sh\n"), None);
    }
}
