//! `tollkeeper import`: moving a site over to a running gateway.

mod new_api;

use anyhow::Result;
use clap::{ArgMatches, Command};
use std::process::ExitCode;

pub(super) fn command() -> Command {
    Command::new("import")
        .about("Move a site over to a running gateway, so that no client has to be changed")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(new_api::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    match matches.subcommand() {
        Some(("new-api", matches)) => new_api::run(matches),
        _ => Ok(ExitCode::from(2)),
    }
}
