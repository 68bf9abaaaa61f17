//! The programs that bundle the page, and those that the tests run.

use super::{Report, system};
use crate::process::{capture, cargo_bin, command, find, local_prefix, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The release of Trunk that the bundle was measured with; 0.22 needs a newer compiler than ours.
const TRUNK: &str = "0.21.14";

/// The release of wasm-opt that Trunk.toml names.
const BINARYEN: &str = "132";

/// Tools are compiled once and run for seconds: a third of the time to compile, and they are as fast.
const CHEAP_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// What bundles the page.
pub(super) fn ensure(report: &mut Report) -> Result<()> {
    let bindgen = locked_version("wasm-bindgen")?;
    report.step(
        &format!("wasm-bindgen {bindgen}"),
        "It writes the JavaScript around the modules and must have the very version of the library in Cargo.lock (2 minutes).",
        || version_is("wasm-bindgen", &bindgen),
        // Without --locked: its lock file names a crate version that some mirrors lack.
        || run(cargo_install().args(["wasm-bindgen-cli", "--version", &bindgen])),
    )?;
    report.step(
        &format!("Trunk {TRUNK}"),
        "It bundles the page and serves it (4 minutes).",
        || version_is("trunk", TRUNK),
        || {
            run(cargo_install().args([
                "trunk",
                "--version",
                TRUNK,
                "--locked",
                "--no-default-features",
                "--features",
                "rustls",
            ]))
        },
    )?;
    report.step(
        &format!("wasm-opt {BINARYEN}"),
        "It makes the modules a fifth smaller.",
        || version_is("wasm-opt", BINARYEN),
        install_wasm_opt,
    )
}

/// What the tests run besides.
pub(super) fn ensure_for_tests(report: &mut Report) -> Result<()> {
    report.step(
        "Chromium and its driver",
        "The browser tests run in it.",
        || {
            let browser = browser().context("no chromium, chromium-browser or google-chrome on the PATH")?;
            let driver = driver().context("no chromedriver on the PATH")?;
            Ok(format!("{}, {}", browser.display(), driver.display()))
        },
        || system::install(&["chromium", "chromium-driver"]),
    )?;
    // Real servers for the end-to-end tests. Debian's packages may start a service of their own; the tests use other ports.
    for (program, why) in [
        ("prometheus-node-exporter", "A target of the end-to-end tests."),
        ("prometheus", "A target of the end-to-end tests, and what their answers are compared with."),
        ("victoria-metrics", "Another server that speaks the API of Prometheus; tests ask it, too."),
    ] {
        report.optional_step(
            program,
            why,
            || find(program).map(|path| path.display().to_string()).context("not on the PATH"),
            || system::install(&[program]),
        );
    }
    Ok(())
}

/// The browser that the tests drive.
pub fn browser() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find)
}

/// The program through which they drive it.
pub fn driver() -> Option<PathBuf> {
    find("chromedriver")
}

/// npm's package holds the release that Debian's and many other distributions' is too old for.
fn install_wasm_opt() -> Result<()> {
    if find("npm").is_none() {
        eprintln!("setup: npm is not there; it installs wasm-opt.");
        system::install(&["nodejs", "npm"]).context(format!(
            "install npm, or put wasm-opt of binaryen {BINARYEN} (https://github.com/WebAssembly/binaryen/releases) on the PATH"
        ))?;
    }
    let package = format!("binaryen@{BINARYEN}.0.0");
    if run(command("npm").args(["install", "--global", &package])).is_ok() {
        return Ok(());
    }
    eprintln!("setup: npm may not write to its global place; installing to {} instead.", local_prefix().display());
    run(command("npm").args(["install", "--global", "--prefix"]).arg(local_prefix()).arg(&package))
}

/// `cargo install` by the toolchain in use, into the usual place, over another version if need be.
fn cargo_install() -> Command {
    let mut cargo = command("cargo");
    cargo.args(["install", "--force"]).envs(CHEAP_BUILD);
    cargo.current_dir(cargo_bin().parent().map_or_else(root, PathBuf::from));
    cargo
}

/// Asks a program for its version; an error says what is there instead.
fn version_is(program: &str, wanted: &str) -> Result<String> {
    find(program).context("not on the PATH")?;
    let answer = capture(command(program).arg("--version"))?;
    let line = answer.lines().next().unwrap_or_default().trim();
    if !line.split_whitespace().any(|word| word == wanted) {
        bail!("found `{line}`, which is another version");
    }
    Ok(line.to_owned())
}

/// The version of a crate in Cargo.lock.
fn locked_version(name: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    version_in(&lock, name).with_context(|| format!("{} does not name {name}", path.display()))
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let after = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?.1;
    Some(after.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    //! Versions as Cargo.lock writes them.
    use super::*;

    #[test]
    fn the_version_is_that_of_the_crate_with_exactly_this_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-test\"\nversion = \"0.3.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "bindgen"), None);
    }

    #[test]
    fn our_own_lock_file_names_wasm_bindgen() {
        assert!(locked_version("wasm-bindgen").is_ok());
    }
}
