//! `tollkeeper restore`: a deployment from a backup.

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use ledger::clock::Clock;
use server::backup::restore::restore;
use std::path::Path;
use std::process::ExitCode;

use super::passphrase;
use crate::{output, settings};

pub(super) fn command() -> Command {
    let from = Arg::new("from").long("from").value_name("FILE").required(true).help("The backup");
    let replace = Arg::new("replace")
        .long("replace")
        .action(ArgAction::SetTrue)
        .help("Take the place of books that are there; they are moved aside in --data");
    let about = "Make a deployment from a backup: into --data, and into the empty --database if one is named";
    settings::flags(
        Command::new("restore").about(about).arg(from).arg(replace).arg(passphrase::argument()),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let config = settings::config(matches)?;
    let from = matches.get_one::<String>("from").context("say what with --from")?;
    // A file that cannot be restored is found before anybody is asked for anything.
    server::backup::file::open(Path::new(from))?;
    let passphrase = passphrase::known(matches)?;
    let (replace, now) = (matches.get_flag("replace"), Clock::system().now());
    let work = restore(&config, Path::new(from), &passphrase, replace, now);
    let restored = super::runtime()?.block_on(work)?;
    if let Some(aside) = &restored.moved_to {
        output::say(&format!("What was there before is in {}.", aside.display()));
    }
    let it = &restored.manifest.contents;
    output::say(&format!(
        "Restored to {} as of {}: {} users, {} keys, {} calls. Calls that were under way are held in doubt.\nCheck it with `tollkeeper verify`, and start it.",
        config.data.display(),
        it.made_at,
        it.users,
        it.keys,
        it.calls
    ));
    Ok(ExitCode::SUCCESS)
}
