//! The verbs, one file each.

mod account;
mod alerts;
mod audit;
mod backup;
mod backups;
mod balance;
mod calls;
mod channels;
mod check_in;
mod clear;
mod cluster;
mod completions;
mod config;
mod demo;
mod dock;
mod doubt;
mod findings;
mod groups;
mod history;
mod import;
mod init;
mod keys;
mod management_keys;
mod node;
mod passphrase;
mod personal;
mod prices;
mod redemption_codes;
mod remote;
mod restore;
mod scan;
mod secret;
mod serve;
mod status;
mod tiers;
mod tokens;
mod tool;
mod undo;
mod usage;
mod use_tool;
mod users;
mod verb;
mod verify;

use anyhow::{Context, Result};
use clap::Command;
use std::ffi::OsString;
use std::process::ExitCode;

/// Reads the command line and runs its verb.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<ExitCode> {
    let matches = root().get_matches_from(arguments);
    match matches.subcommand() {
        Some(("init", matches)) => init::run(matches),
        Some(("serve", matches)) => serve::run(matches),
        Some(("demo", matches)) => demo::run(matches),
        Some(("config", matches)) => config::run(matches),
        Some(("verify", matches)) => verify::run(matches),
        Some(("doubt", matches)) => doubt::run(matches),
        Some(("cluster", matches)) => cluster::run(matches),
        Some(("account", matches)) => account::run(matches),
        Some(("tokens", matches)) => tokens::run(matches),
        Some(("node", matches)) => node::run(matches),
        Some(("balance", matches)) => balance::run(matches),
        Some(("history", matches)) => history::run(matches),
        Some(("check-in", matches)) => check_in::run(matches),
        Some(("backup", matches)) => backup::run(matches),
        Some(("restore", matches)) => restore::run(matches),
        Some(("prices", matches)) => prices::run(matches),
        Some(("import", matches)) => import::run(matches),
        Some(("scan", matches)) => Ok(scan::run(matches)),
        Some(("users", matches)) => users::run(matches),
        Some(("completions", matches)) => completions::run(matches),
        Some(("use", matches)) => use_tool::run(matches),
        Some(("status", matches)) => status::run(matches),
        Some(("clear", matches)) => clear::run(matches),
        Some(("dock", matches)) => dock::run(matches),
        Some(("undo", matches)) => undo::run(matches),
        Some(("backups", matches)) => backups::run(matches),
        Some(("secret", matches)) => secret::run(matches),
        Some(("usage", matches)) => verb::run((&usage::VERB, matches)),
        Some((name, matches)) => match FAMILIES.iter().find(|family| family.name == name) {
            Some(family) => verb::run(family.find(matches).context("name a verb")?),
            None => Ok(ExitCode::from(2)),
        },
        None => Ok(ExitCode::from(2)),
    }
}

fn root() -> Command {
    Command::new("tollkeeper")
        .version(env!("CARGO_PKG_VERSION"))
        .about("An LLM gateway whose limits hold and whose bills are right")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            init::command(),
            serve::command(),
            demo::command(),
            config::command(),
            verify::command(),
            doubt::command(),
            cluster::command(),
            prices::command(),
            import::command(),
            scan::command(),
            users::command(),
            completions::command(),
            backup::command(),
            restore::command(),
            account::command(),
            tokens::command(),
            node::command(),
            balance::command(),
            history::command(),
            check_in::command(),
            use_tool::command(),
            status::command(),
            clear::command(),
            dock::command(),
            undo::command(),
            backups::command(),
            secret::command(),
            verb::command(&usage::VERB),
        ])
        .subcommands(FAMILIES.iter().map(verb::Family::command))
}

/// The verbs that are described alone.
const FAMILIES: &[verb::Family] = &[
    keys::FAMILY,
    channels::FAMILY,
    management_keys::FAMILY,
    groups::FAMILY,
    tiers::FAMILY,
    redemption_codes::FAMILY,
    calls::FAMILY,
    findings::FAMILY,
    alerts::FAMILY,
    audit::FAMILY,
];

/// A runtime for verbs that only wait for the database or a socket.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::root().debug_assert();
    }
}
