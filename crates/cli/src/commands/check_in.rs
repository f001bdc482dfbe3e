//! `tollkeeper check-in`: the daily check-in of an account, where its site has one.

use anyhow::Result;
use clap::{ArgMatches, Command};
use companion::history;
use companion::sites::{Balance, CheckIn};
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;

use super::personal::{
    account, account_flag, accounts, asking, dollars, dry_run_flag, now, say_json,
};
use crate::output;

pub(super) fn command() -> Command {
    asking(Command::new("check-in"))
        .about("Check in for the day at an account's site")
        .args([account_flag(), dry_run_flag()])
}

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    account: &'a str,
    check_in: &'a CheckIn,
    balance: Option<Balance>,
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let accounts = accounts(matches)?;
    let account = account(&accounts, matches)?;
    if matches.get_flag("dry-run") {
        if matches.get_flag("json") {
            say_json(&json!({"dry_run": true, "account": account.name, "site": account.url}))?;
        } else {
            output::say(&format!("Would check in at {} as {}.", account.url, account.name));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let site = accounts.site(&account)?;
    let (check_in, balance) = super::runtime()?.block_on(async {
        let check_in = site.check_in().await?;
        // The check-in counts even if the site fails right after it.
        Ok::<_, anyhow::Error>((check_in, site.balance().await.ok()))
    })?;
    history::checked_in(accounts.home(), &account.name, check_in.clone(), balance, now())?;
    if matches.get_flag("json") {
        say_json(&View { account: &account.name, check_in: &check_in, balance })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut line = format!("{}: {}", account.name, check_in.outcome.name());
    if let Some(awarded) = check_in.awarded {
        line.push_str(&format!(", {} more", dollars(awarded)));
    }
    if let Some(left) = balance.and_then(|balance| balance.remaining) {
        line.push_str(&format!(", {} left", dollars(left)));
    }
    if !check_in.message.is_empty() {
        line.push_str(&format!(" ({})", check_in.message));
    }
    output::say(&line);
    Ok(ExitCode::SUCCESS)
}
