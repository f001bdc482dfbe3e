//! Packages of Debian, installed where they are missing and we may.

use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

use crate::child::{must, quiet};

/// Installs the packages.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("install {wanted}; it is installed by itself on Debian only");
    }
    if !is_root() {
        bail!("install {wanted}: apt-get install {wanted}");
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    must(apt().args(["update", "--quiet"]))?;
    let mut install = apt();
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]);
    must(install.args(packages))?;
    Ok(())
}

/// Whether this process may do everything.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The number that `id` knows a user or a group by.
pub(super) fn number(flag: &str, user: &str) -> Option<u32> {
    quiet(Command::new("id").args([flag, user]))?.parse().ok()
}
