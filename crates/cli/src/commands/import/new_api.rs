//! `tollkeeper import new-api`: the users, keys, channels, groups and prices of a site.
//!
//! The site's database is read here, so that it can be large or in PostgreSQL; what an import needs of
//! it is sent to the gateway as a small SQLite file.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::Method;
use serde_json::Value;
use std::process::ExitCode;
use store::new_api::Site;

use crate::commands::personal::{confirmed, dry_run_flag, is_interactive, yes_flag};
use crate::commands::remote::{Remote, flags, rows, text};
use crate::commands::runtime;
use crate::output;

/// The most lines of each list for people; `--json` has all of them.
const SHOWN: usize = 40;

pub(super) fn command() -> Command {
    let database = Arg::new("site")
        .value_name("DATABASE")
        .required(true)
        .help("The site's SQLite file (one-api.db), or its postgres:// URL");
    let overwrite = Arg::new("overwrite")
        .long("overwrite")
        .action(ArgAction::SetTrue)
        .help("Groups with another factor and prices that differ become what the site has");
    let about = "Import users, keys with their values, channels, groups and prices of a new-api or one-api site, all or nothing. It can be repeated: what is here already stays";
    let arguments = [database, dry_run_flag(), overwrite, yes_flag()];
    flags(Command::new("new-api").about(about).args(arguments))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let place = matches.get_one::<String>("site").context("name the database")?;
    let remote = Remote::of(matches)?;
    let runtime = runtime()?;
    let file = Bytes::from(runtime.block_on(Site::at(place))?.to_bytes()?);
    let send = |dry_run: bool| -> Result<Value> {
        let overwrite = matches.get_flag("overwrite");
        let path = format!("/api/v1/import/new-api?dry_run={dry_run}&overwrite={overwrite}");
        let kind = [("content-type", "application/vnd.sqlite3".to_owned())];
        let answer = runtime.block_on(remote.ask(Method::POST, &path, &kind, file.clone()))?;
        Ok(serde_json::from_str(&answer)?)
    };
    let (dry_run, json) = (matches.get_flag("dry-run"), matches.get_flag("json"));
    let must_ask = !dry_run && !matches.get_flag("yes");
    if must_ask && !is_interactive() {
        bail!(
            "there is no terminal to ask at: look at it with --dry-run, then give --yes to do it"
        );
    }
    if dry_run || must_ask {
        let preview = send(true)?;
        match json && dry_run {
            true => output::say(&preview.to_string()),
            false => report(&preview, &|words| {
                if json { output::remark(words) } else { output::say(words) }
            }),
        }
        if dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if !confirmed(matches, "Import all of this now?")? {
            return Ok(ExitCode::FAILURE);
        }
    }
    let done = send(false)?;
    match json {
        true => output::say(&done.to_string()),
        false if must_ask => output::say(&totals(&done)),
        false => report(&done, &output::say),
    }
    Ok(ExitCode::SUCCESS)
}

fn report(answer: &Value, say: &dyn Fn(&str)) {
    let lists: [(&str, &[&str]); 4] = [
        ("groups", &["name", "multiplier"]),
        ("users", &["name", "email", "role", "balance", "disabled"]),
        ("keys", &["name", "owner", "masked", "quota", "expires_at", "disabled"]),
        ("channels", &["name", "provider", "base_url", "models", "secrets", "disabled"]),
    ];
    for (name, columns) in lists {
        table(name, columns, rows(answer, name), say);
    }
    let remarks: [(&str, &str); 2] = [("left_out", "left out"), ("notes", "not quite as it was")];
    for (name, title) in remarks {
        table(title, &["kind", "name", "why"], rows(answer, name), say);
    }
    let prices = answer.get("prices").unwrap_or(&Value::Null);
    table("prices left out", &["model", "why"], rows(prices, "skipped"), say);
    let unpriced: Vec<String> = rows(answer, "unpriced_models")
        .iter()
        .take(SHOWN)
        .filter_map(|model| Some(model.as_str()?.to_owned()))
        .collect();
    if !unpriced.is_empty() {
        say(&format!("without a price, so that calls are refused: {}\n", unpriced.join(", ")));
    }
    say(&totals(answer));
}

fn table(title: &str, columns: &[&str], all: &[Value], say: &dyn Fn(&str)) {
    if all.is_empty() {
        return;
    }
    say(&format!("{title}:"));
    let shown = all.iter().take(SHOWN);
    let shown = shown.map(|row| columns.iter().map(|column| text(row, column)).collect());
    say(&output::table(columns, shown));
    let more = all.len().saturating_sub(SHOWN);
    say(&if more > 0 { format!("and {more} more (--json has all)\n") } else { String::new() });
}

/// How many of each.
fn totals(answer: &Value) -> String {
    let is_dry = answer.get("dry_run") == Some(&Value::Bool(true));
    let counts = answer.get("counts").unwrap_or(&Value::Null);
    let of = |kind: &str| {
        let count = counts.get(kind).unwrap_or(&Value::Null);
        let (made, existing, left) =
            (text(count, "made"), text(count, "existing"), text(count, "left_out"));
        format!("{kind} {made} ({existing} here already, {left} left out)")
    };
    let kinds = ["groups", "users", "keys", "channels", "prices"].map(of);
    format!("{} {}", if is_dry { "would be made:" } else { "made:" }, kinds.join(", "))
}
