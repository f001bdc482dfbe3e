//! What we depend on: licences, banned crates, sources (`deny.toml`).

use anyhow::Result;
use std::ffi::OsString;
use std::process::Command;

use super::Run;
use super::report::Outcome;
use crate::child::{cargo, quiet, show};
use crate::repository;

const VERSION: &str = "0.20.2";

pub(super) fn check(run: &Run) -> Result<Outcome> {
    let Some(program) = program(run)? else {
        return Ok(Outcome::Skipped(format!("cargo-deny {VERSION} could not be installed")));
    };
    let mut command = Command::new(program);
    command.args(["--workspace", "--locked", "check", "bans", "licenses", "sources"]);
    Ok(Outcome::held(show(command.current_dir(&run.root))?.success))
}

/// The one on the path if it has this version, else our own, which is built at first use.
fn program(run: &Run) -> Result<Option<OsString>> {
    let tools = repository::target(&run.root).join("tools");
    let own = tools.join("bin/cargo-deny");
    for known in [OsString::from("cargo-deny"), own.clone().into_os_string()] {
        let version = quiet(Command::new(&known).arg("--version"));
        if version.is_some_and(|version| version.ends_with(VERSION)) {
            return Ok(Some(known));
        }
    }
    // Without optimisation: it builds in a third of the time and runs for a second.
    let mut install = cargo(&run.root);
    install.args(["install", "--locked", "--debug", "cargo-deny", "--version", VERSION]);
    install.arg("--root").arg(&tools);
    Ok(show(&mut install)?.success.then(|| own.into_os_string()))
}
