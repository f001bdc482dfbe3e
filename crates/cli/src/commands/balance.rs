//! `tollkeeper balance`: what is left on an account now; each look is kept for `history`.

use anyhow::Result;
use clap::{ArgMatches, Command};
use companion::history;
use companion::sites::Balance;
use serde::Serialize;
use std::process::ExitCode;

use super::personal::{account, account_flag, accounts, asking, dollars, now, say_json};
use crate::output;

pub(super) fn command() -> Command {
    asking(Command::new("balance")).about("What is left on an account, now").arg(account_flag())
}

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    account: &'a str,
    at: String,
    #[serde(flatten)]
    balance: Balance,
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let accounts = accounts(matches)?;
    let account = account(&accounts, matches)?;
    let now = now();
    let balance = super::runtime()?.block_on(accounts.site(&account)?.balance())?;
    history::look(accounts.home(), &account.name, balance, now)?;
    if matches.get_flag("json") {
        say_json(&View { account: &account.name, at: now.to_string(), balance })?;
        return Ok(ExitCode::SUCCESS);
    }
    let left = match (balance.unlimited, balance.remaining) {
        (true, _) => "unlimited".to_owned(),
        (false, Some(left)) => format!("{} left", dollars(left)),
        (false, None) => "the site does not tell what is left".to_owned(),
    };
    let used = balance.used.map(|used| format!(", {} used", dollars(used))).unwrap_or_default();
    output::say(&format!("{}: {left}{used}", account.name));
    Ok(ExitCode::SUCCESS)
}
