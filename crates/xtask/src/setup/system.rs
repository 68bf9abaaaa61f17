//! Debian's packages, as root or through sudo.

use crate::process::{capture, command, find, run};
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Whether packages can be installed here: apt-get is there, and we are root or have sudo.
pub fn can_install() -> bool {
    find("apt-get").is_some() && (is_root() || find("sudo").is_some())
}

/// Installs packages of Debian or a relative of it.
pub fn install(packages: &[&str]) -> Result<()> {
    if !can_install() {
        bail!("this needs `apt-get`, and root or `sudo`; install by hand: {}", packages.join(" "));
    }
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(packages);
    // A fresh machine knows no packages yet, an old one may know them by versions that are gone.
    if run(&mut apt_get(&args)).is_err() {
        run(&mut apt_get(&["update"])).context("fetching Debian's package lists")?;
        run(&mut apt_get(&args))?;
    }
    Ok(())
}

/// The same program with the rights of root.
pub fn as_root(program: &str) -> Command {
    if is_root() {
        command(program)
    } else {
        let mut sudo = command("sudo");
        sudo.arg(program);
        sudo
    }
}

fn apt_get(args: &[&str]) -> Command {
    // Through `env`, since sudo passes no variables on.
    let mut apt_get = as_root("env");
    apt_get.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args);
    apt_get
}

fn is_root() -> bool {
    capture(command("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}
