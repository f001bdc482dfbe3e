//! `tollkeeper backups`: what the tools' files held before each change.

use anyhow::{Context, Result};
use clap::{Arg, ArgMatches, Command};
use companion::companion::{Companion, look};
use companion::diff::hide;
use companion::snapshot::Backup;
use companion::state::State;
use serde_json::{Value, json};
use std::process::ExitCode;

use super::{personal, tool};
use crate::output;

pub(super) fn command() -> Command {
    let backup = || Arg::new("backup").value_name("ID").required(true).help("As the list names it");
    let list = Command::new("list").about("List them, newest first");
    personal::flags(Command::new("backups"))
        .about("List, show or restore what the tools' files held before each change")
        .subcommand(personal::flags(list))
        .subcommand(
            personal::flags(Command::new("show"))
                .about("Show one, with secrets in their short form")
                .arg(backup()),
        )
        .subcommand(
            personal::flags(Command::new("restore"))
                .about("Write one back to its file, after a backup of what is there now")
                .args([backup(), personal::yes_flag()]),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    match matches.subcommand() {
        Some(("show", matches)) => show(matches),
        Some(("restore", matches)) => restore(matches),
        Some((_, matches)) => list(matches),
        None => list(matches),
    }
}

fn list(matches: &ArgMatches) -> Result<ExitCode> {
    let state = look(&tool::places()?)?;
    let found = state.backups.iter().rev();
    if matches.get_flag("json") {
        let rows: Vec<Value> = found.map(row).collect();
        output::say(&json!({ "data": rows }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let cells = found.map(|it| {
        let size = format!("{} bytes", it.size);
        vec![it.id(), it.tool.clone(), it.path.display().to_string(), size]
    });
    output::say(&output::table(&["backup", "tool", "file", "size"], cells));
    Ok(ExitCode::SUCCESS)
}

fn show(matches: &ArgMatches) -> Result<ExitCode> {
    let companion = tool::open()?;
    let backup = named(matches, companion.state())?;
    let bytes = companion.backup(&backup)?;
    let text = hide(&String::from_utf8_lossy(&bytes));
    if matches.get_flag("json") {
        output::say(&tool::with(row(&backup), json!({ "text": text })).to_string());
    } else {
        output::say(&text);
    }
    Ok(ExitCode::SUCCESS)
}

fn restore(matches: &ArgMatches) -> Result<ExitCode> {
    let mut companion = tool::open()?;
    let backup = named(matches, companion.state())?;
    let make = |companion: &Companion<'_>| companion.plan_restore(&backup);
    let plan = tool::carry_out(matches, &mut companion, None, "Write it back?", &make)?;
    let Some(plan) = plan else { return Ok(ExitCode::FAILURE) };
    if matches.get_flag("json") {
        let applied = json!({ "applied": true });
        output::say(&tool::with(tool::plan_json(&plan), applied).to_string());
    } else {
        output::say(&format!("{} is restored.", backup.path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn named(matches: &ArgMatches, state: &State) -> Result<Backup> {
    let wanted = matches.get_one::<String>("backup").context("name the backup")?;
    let found = state.backups.iter().find(|it| it.id() == *wanted).cloned();
    found.with_context(|| format!("there is no backup `{wanted}`; see `tollkeeper backups`"))
}

fn row(backup: &Backup) -> Value {
    json!({
        "id": backup.id(), "tool": backup.tool, "path": backup.path.display().to_string(),
        "at": backup.at, "size": backup.size, "sha256": backup.kept.hash,
    })
}
