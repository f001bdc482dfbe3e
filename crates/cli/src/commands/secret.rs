//! `tollkeeper secret TOOL`: prints a tool's key for the tool itself, which asks for it because its
//! file is to hold none.

use anyhow::{Context, Result};
use clap::{Arg, ArgMatches, Command};
use companion::companion::secret_of;
use companion::paths::Places;
use std::process::ExitCode;

use super::{personal, tool};
use crate::output;

pub(super) fn command() -> Command {
    let home = Arg::new("home")
        .long("home")
        .value_name("DIR")
        .help("The companion's own directory, where TOLLKEEPER_HOME moved it");
    Command::new("secret")
        .about("Print the key of a tool whose file holds none; the tool asks for it itself")
        .args([tool::tool_argument().required(true), home])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let tool = tool::chosen(matches)?;
    let mut around = personal::surroundings()?;
    if let Some(home) = matches.get_one::<String>("home") {
        around.variables.insert("TOLLKEEPER_HOME".to_owned(), home.clone());
    }
    let secret = secret_of(tool, &Places::new(&around)?)?;
    let name = tool.name();
    let secret = secret.with_context(|| format!("tollkeeper keeps no key for {name}"))?;
    output::say(secret.expose());
    Ok(ExitCode::SUCCESS)
}
