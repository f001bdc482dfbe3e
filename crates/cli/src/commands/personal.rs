//! What the companion's verbs share: the person's files, flags, questions, and how amounts are told.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use companion::accounts::{Account, Accounts};
use companion::home::{self, Home};
use companion::surroundings::{Platform, Surroundings};
use companion::web::{PATIENCE, Web};
use domain::money::Nanos;
use domain::secret::Secret;
use domain::time::UnixMillis;
use inquire::{Confirm, Password, PasswordDisplayMode, Select};
use ledger::clock::Clock;
use serde::Serialize;
use std::io::{IsTerminal, Read};
use std::time::Duration;

use crate::output;

/// More than any token, cookie or link has.
const LONGEST_SECRET: u64 = 64 * 1024;

/// The flags of every verb.
pub(super) fn flags(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    command.arg(json)
}

/// The flags of verbs that ask a site.
pub(super) fn asking(command: Command) -> Command {
    let timeout = Arg::new("timeout")
        .long("timeout")
        .value_name("SECONDS")
        .value_parser(value_parser!(u64).range(1..=600))
        .help("How long one answer of a site may take [default: 30]");
    flags(command).arg(timeout)
}

/// `--account NAME`.
pub(super) fn account_flag() -> Arg {
    Arg::new("account")
        .long("account")
        .value_name("NAME")
        .help("The account, as `account list` shows it")
}

/// `--dry-run`.
pub(super) fn dry_run_flag() -> Arg {
    Arg::new("dry-run")
        .long("dry-run")
        .action(ArgAction::SetTrue)
        .help("Say what would be done, and do nothing")
}

/// `--yes`.
pub(super) fn yes_flag() -> Arg {
    Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Do it without asking")
}

/// The variables, home and directory of whoever runs this.
pub(super) fn surroundings() -> Result<Surroundings> {
    if std::env::var_os("TOLLKEEPER_HOME").is_some_and(|it| it.to_str().is_none()) {
        bail!("TOLLKEEPER_HOME must be a path in UTF-8");
    }
    let texts = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Surroundings {
        platform: Platform::here(),
        variables: texts.collect(),
        current_directory: std::env::current_dir().context("the current directory is gone")?,
    })
}

/// Where the person's things are.
pub(super) fn home() -> Result<Home> {
    Ok(home::find(&surroundings()?)?)
}

/// The way out, as patient as the flags say.
pub(super) fn web(matches: &ArgMatches) -> Result<Web> {
    let seconds = matches.try_get_one::<u64>("timeout").ok().flatten();
    Ok(Web::new(seconds.map_or(PATIENCE, |seconds| Duration::from_secs(*seconds)))?)
}

/// The person's accounts.
pub(super) fn accounts(matches: &ArgMatches) -> Result<Accounts> {
    Ok(Accounts::of(home()?, web(matches)?))
}

/// The time.
pub(super) fn now() -> UnixMillis {
    Clock::system().now()
}

/// Whether there is somebody to ask.
pub(super) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The account that is named, or chosen by the person.
pub(super) fn account(accounts: &Accounts, matches: &ArgMatches) -> Result<Account> {
    if let Some(name) = matches.get_one::<String>("account") {
        return Ok(accounts.get(name)?);
    }
    let names: Vec<String> = accounts.list()?.into_iter().map(|account| account.name).collect();
    if names.is_empty() {
        bail!("there is no account yet; `tollkeeper account add` adds one");
    }
    if !is_interactive() {
        bail!("name the account with --account; there are: {}", names.join(", "));
    }
    Ok(accounts.get(&asked(Select::new("Account:", names).prompt())?)?)
}

/// Whether to go on: by `--yes`, or because the person says so.
pub(super) fn confirmed(matches: &ArgMatches, question: &str) -> Result<bool> {
    if matches.get_flag("yes") {
        return Ok(true);
    }
    if !is_interactive() {
        bail!("{question} There is no terminal to ask at: give --yes to do it");
    }
    asked(Confirm::new(question).with_default(false).prompt())
}

/// A secret from standard input: piped whole, or typed without being shown.
pub(super) fn secret(what: &str) -> Result<Secret> {
    if std::io::stdin().is_terminal() {
        let typed = Password::new(&format!("{what}:"))
            .with_display_mode(PasswordDisplayMode::Hidden)
            .without_confirmation()
            .prompt();
        return asked(typed).map(Secret::new);
    }
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST_SECRET + 1).read_to_string(&mut text);
    let text = Secret::new(text);
    match read {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= LONGEST_SECRET) => {
            Ok(text)
        }
        Ok(_) => bail!("what came on standard input is too long for this: {what}"),
        Err(_) => bail!("what came on standard input is no text"),
    }
}

/// The person's answer.
pub(super) fn asked<T>(answer: inquire::error::InquireResult<T>) -> Result<T> {
    answer.context("nothing was done")
}

/// Prints JSON, with every digit of its amounts.
pub(super) fn say_json(value: &impl Serialize) -> Result<()> {
    output::say(&serde_json::to_string(value)?);
    Ok(())
}

/// An amount for people: two to four decimals.
pub(super) fn dollars(amount: Nanos) -> String {
    let sign = if amount.is_negative() { "-" } else { "" };
    let small = amount.get().unsigned_abs() / 100_000;
    let (whole, fraction) = (small / 10_000, format!("{:04}", small % 10_000));
    let (cents, rest) = fraction.split_at(2);
    format!("{sign}${whole}.{cents}{}", rest.trim_end_matches('0'))
}

/// How long ago something was, roughly.
pub(super) fn age(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short_and_not_rounded_up() {
        for (nanos, shown) in [
            (0, "$0.00"),
            (12_500_000_000, "$12.50"),
            (1_234_567_890, "$1.2345"),
            (999_999_999, "$0.9999"),
            (-1_500_000_000, "-$1.50"),
            (i64::MIN, "-$9223372036.8547"),
        ] {
            assert_eq!(dollars(Nanos::new(nanos)), shown);
        }
    }

    #[test]
    fn ages_are_rough() {
        for (seconds, shown) in
            [(5, "5 s ago"), (150, "2 min ago"), (7_200, "2 h ago"), (400_000, "4 days ago")]
        {
            assert_eq!(age(seconds * 1_000), shown);
        }
    }
}
