//! `tollkeeper tokens`: the tokens of an account; making one; keeping a value that its site hides.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use companion::accounts::tokens::Freshness;
use companion::accounts::{Account, Accounts};
use companion::cache::Cached;
use companion::sites::{Balance, Token};
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;

use super::personal::{
    account, account_flag, accounts, age, asking, confirmed, dollars, dry_run_flag, now, say_json,
    secret, yes_flag,
};
use crate::output;

pub(super) fn command() -> Command {
    let refresh = Arg::new("refresh")
        .long("refresh")
        .action(ArgAction::SetTrue)
        .conflicts_with("offline")
        .help("Ask the site even if the list is younger than ten minutes");
    let offline = Arg::new("offline")
        .long("offline")
        .action(ArgAction::SetTrue)
        .help("Show the last list, however old, and ask nobody");
    let name =
        Arg::new("name").long("name").value_name("NAME").help("What the new token is called");
    let token = Arg::new("token")
        .long("token")
        .value_name("ID_OR_NAME")
        .required(true)
        .help("The token, as the list shows it");
    let key = Arg::new("key-stdin")
        .long("key-stdin")
        .action(ArgAction::SetTrue)
        .required(true)
        .help("Read its value from standard input");
    let make = Command::new("make")
        .about("Make a token at the site, and keep its value for `use`")
        .args([account_flag(), name, yes_flag(), dry_run_flag()]);
    let keep = Command::new("keep")
        .about("Keep the value of a token whose site does not show it; it is checked against the masked one")
        .args([account_flag(), token, key]);
    asking(Command::new("tokens"))
        .about("The tokens of an account: what is left, status, limits, expiry")
        .args([account_flag(), refresh, offline])
        .args_conflicts_with_subcommands(true)
        .subcommands([asking(make), asking(keep)])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    match matches.subcommand() {
        Some(("make", matches)) => make(matches),
        Some((_, matches)) => keep(matches),
        None => list(matches),
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    account: &'a str,
    site: String,
    fetched_at: String,
    age_seconds: i64,
    complete: bool,
    balance: Balance,
    tokens: &'a [Token],
}

fn list(matches: &ArgMatches) -> Result<ExitCode> {
    let accounts = accounts(matches)?;
    let account = account(&accounts, matches)?;
    let freshness = if matches.get_flag("refresh") {
        Freshness::Now
    } else if matches.get_flag("offline") {
        Freshness::Offline
    } else {
        Freshness::WhenOld
    };
    let now = now();
    let found = super::runtime()?.block_on(accounts.tokens(&account, freshness, now));
    let found = found.with_context(|| kept_hint(&accounts, &account))?;
    if matches.get_flag("json") {
        say_json(&View {
            account: &account.name,
            site: account.url.to_string(),
            fetched_at: found.fetched_at.to_string(),
            age_seconds: found.age(now) / 1_000,
            complete: found.list.complete,
            balance: found.balance,
            tokens: &found.list.tokens,
        })?;
    } else {
        show(&account, &found, found.age(now));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(account: &Account, found: &Cached, milliseconds: i64) {
    let left = match (found.balance.unlimited, found.balance.remaining) {
        (true, _) => "unlimited".to_owned(),
        (false, Some(left)) => format!("{} left", dollars(left)),
        (false, None) => "balance not told".to_owned(),
    };
    output::say(&format!("{}: {left}, as of {}", account.name, age(milliseconds)));
    if found.list.tokens.is_empty() {
        output::say("It has no tokens. Make one: tollkeeper tokens make");
        return;
    }
    let head =
        ["id", "name", "value", "balance", "used", "status", "rate limit", "models", "expires"];
    output::say(&output::table(&head, found.list.tokens.iter().map(row)));
    if !found.list.complete {
        output::say("The site says that there are more tokens than it lists.");
    }
}

fn row(token: &Token) -> Vec<String> {
    let amount = |amount: Option<_>| amount.map(dollars).unwrap_or_default();
    let models = match token.models.as_deref() {
        None => "all".to_owned(),
        Some(few) if few.len() <= 3 => few.join(", "),
        Some(many) => format!("{} models", many.len()),
    };
    let expires = token.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    vec![
        token.id.clone(),
        token.name.clone(),
        token.masked.clone().unwrap_or_default(),
        if token.unlimited { "unlimited".to_owned() } else { amount(token.remaining) },
        amount(token.used),
        token.status.to_string(),
        token.rate_limit.clone().unwrap_or_default(),
        models,
        expires,
    ]
}

fn make(matches: &ArgMatches) -> Result<ExitCode> {
    let accounts = accounts(matches)?;
    let account = account(&accounts, matches)?;
    let now = now();
    let name = matches.get_one::<String>("name").cloned();
    let name = name.unwrap_or_else(|| format!("tollkeeper-{}", now.get() / 1_000));
    let (json, url) = (matches.get_flag("json"), &account.url);
    if matches.get_flag("dry-run") {
        if json {
            say_json(&json!({"dry_run": true, "account": account.name, "name": name}))?;
        } else {
            output::say(&format!("Would make a token {name} without a limit of its own at {url}."));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let question =
        format!("Make a token {name} at {url}, without a limit of its own and without an end?");
    if !confirmed(matches, &question)? {
        bail!("nothing was done");
    }
    let made = super::runtime()?.block_on(accounts.make(&account, &name, now))?;
    let kept = made.value.is_some();
    if json {
        say_json(&Made { token: &made.token, value_kept: kept })?;
        return Ok(ExitCode::SUCCESS);
    }
    let id = &made.token.id;
    output::say(&if kept {
        format!("Made {name} (id {id}). Its value is in the vault: use it with --token {id}.")
    } else {
        format!(
            "Made {name} (id {id}), but the site does not show its value here. Copy it at the site \
             and run: tollkeeper tokens keep --account {} --token {id} --key-stdin",
            account.name
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// What `make --json` prints.
#[derive(Serialize)]
struct Made<'a> {
    token: &'a Token,
    value_kept: bool,
}

fn keep(matches: &ArgMatches) -> Result<ExitCode> {
    let accounts = accounts(matches)?;
    let account = account(&accounts, matches)?;
    let wanted = matches.get_one::<String>("token").context("name the token")?;
    let token = super::runtime()?.block_on(accounts.token(&account, wanted, now()))?;
    let value = secret(&format!("Value of {}", token.name))?;
    accounts.keep(&account, &token, &value)?;
    if matches.get_flag("json") {
        say_json(&json!({"account": account.name, "token": token.id, "kept": true}))?;
    } else {
        output::say(&format!("The value of {} is in the vault.", token.name));
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the site fails, an older list may do.
fn kept_hint(accounts: &Accounts, account: &Account) -> String {
    let kept = super::runtime().ok().and_then(|runtime| {
        runtime.block_on(accounts.tokens(account, Freshness::Offline, now())).ok()
    });
    match kept {
        Some(kept) => {
            format!("no new list (the last one is of {}; --offline shows it)", age(kept.age(now())))
        }
        None => "no list".to_owned(),
    }
}
