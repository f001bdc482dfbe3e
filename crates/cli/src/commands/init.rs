//! `tollkeeper init`: make the database, the owner and the first management key.

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};
use ledger::clock::Clock;
use server::deployment::initialize;
use std::process::ExitCode;

use crate::{output, settings};

pub(super) fn command() -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    settings::flags(
        Command::new("init")
            .about("Make a deployment: database, owner and first management key")
            .arg(json),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let config = settings::config(matches)?;
    let made = super::runtime()?.block_on(initialize(
        &config,
        settings::master_key_variable(),
        Clock::system().now(),
    ))?;
    let base = config.public_url.clone().unwrap_or_else(|| config.own_url());
    let setup_url = format!("{base}/console/setup#{}", made.setup_token.expose());
    let management_key = made.management_key.expose();
    if matches.get_flag("json") {
        let answer = serde_json::json!({ "management_key": management_key, "setup_url": setup_url, "owner": made.owner });
        output::say(&answer.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let data = config.data.display();
    output::say(&format!("The deployment is ready in {data}.\n"));
    output::say(&format!("Management key (shown once, keep it safe):\n  {management_key}\n"));
    output::say(&format!(
        "Set the owner's password in a browser once it runs (works once, for seven days):\n  {setup_url}\n"
    ));
    output::say(&format!("Start it:\n  tollkeeper serve --data {data}"));
    Ok(ExitCode::SUCCESS)
}
