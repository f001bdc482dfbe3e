//! `tollkeeper history`: what was left on an account over time, as this machine saw it.

use anyhow::Result;
use clap::{Arg, ArgMatches, Command, value_parser};
use companion::history::{self, Seen};
use companion::sites::{Balance, CheckIn};
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Serialize;
use std::process::ExitCode;

use super::personal::{account, account_flag, accounts, age, dollars, flags, now, say_json};
use crate::output;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// Columns and rows of the chart.
const CHART: (usize, usize) = (60, 8);

pub(super) fn command() -> Command {
    let days = Arg::new("days")
        .long("days")
        .value_name("N")
        .value_parser(value_parser!(u16).range(1..=3_650))
        .default_value("30")
        .help("How far back");
    flags(Command::new("history"))
        .about("What was left on an account over time, and its check-ins; kept on this machine")
        .args([account_flag(), days])
}

/// One look, as `--json` prints it.
#[derive(Serialize)]
struct Look {
    at: String,
    #[serde(flatten)]
    balance: Option<Balance>,
    check_in: Option<CheckIn>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    account: &'a str,
    seen: Vec<Look>,
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let accounts = accounts(matches)?;
    let account = account(&accounts, matches)?;
    let days = i64::from(matches.get_one::<u16>("days").copied().unwrap_or(30));
    let now = now();
    let since = now.plus(-days * DAY);
    let mut seen = history::read(accounts.home(), &account.name)?;
    seen.retain(|seen| seen.at >= since);
    if matches.get_flag("json") {
        let look = |seen: Seen| Look {
            at: seen.at.to_string(),
            balance: seen.balance,
            check_in: seen.check_in,
        };
        let seen = seen.into_iter().map(look).collect();
        say_json(&View { account: &account.name, seen })?;
    } else {
        show(&account.name, &seen, days, now);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(account: &str, seen: &[Seen], days: i64, now: UnixMillis) {
    let left = |seen: &Seen| Some((seen.at, seen.balance?.remaining?));
    let amounts: Vec<(UnixMillis, Nanos)> = seen.iter().filter_map(left).collect();
    let (Some((first, _)), Some((_, last))) = (amounts.first(), amounts.last()) else {
        output::say(&format!(
            "Nothing was seen of {account} in the last {days} days. Each `tollkeeper balance --account {account}` is kept."
        ));
        return;
    };
    let most = amounts.iter().map(|(_, amount)| *amount).max().unwrap_or_default();
    output::say(&format!("{account}: {} left, at most {}", dollars(*last), dollars(most)));
    for row in history::chart(&amounts, CHART.0, CHART.1) {
        output::say(&format!("│{row}"));
    }
    let start = age(now.since(*first));
    let width = CHART.0.saturating_sub(start.chars().count() + 4);
    output::say(&format!("└{}\n {start}{}now", "─".repeat(CHART.0), " ".repeat(width + 1)));
    for (at, check_in) in seen.iter().filter_map(|seen| Some((seen.at, seen.check_in.as_ref()?))) {
        let awarded = check_in.awarded.map(|it| format!(", {}", dollars(it))).unwrap_or_default();
        output::say(&format!("{at}  {}{awarded}", check_in.outcome.name()));
    }
}
