//! `tollkeeper backup`: everything of a deployment in one file, while it runs.

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use ledger::clock::Clock;
use server::backup::file::{self, Manifest};
use server::backup::make;
use server::deployment::{check, open_database};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::passphrase;
use crate::{output, settings};

pub(super) fn command() -> Command {
    let path = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("FILE").help(help)
    };
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    let about = "Copy a deployment, which may be running, to one file; its master key is sealed by a passphrase";
    let command = Command::new("backup")
        .about(about)
        .arg(
            path("to", "The file to make; an existing one is never replaced")
                .required_unless_present("check"),
        )
        .arg(
            path("check", "Only check this backup; with a passphrase, its master key too")
                .conflicts_with("to"),
        )
        .arg(passphrase::argument())
        .arg(json);
    settings::flags(command)
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let config = settings::config(matches)?;
    if let Some(path) = matches.get_one::<String>("check") {
        return check_file(matches, Path::new(path));
    }
    let to = matches.get_one::<String>("to").map(PathBuf::from).context("say where with --to")?;
    let master = settings::master_key(&config)?;
    let passphrase = passphrase::new(matches)?;
    let manifest = super::runtime()?.block_on(async {
        let database = open_database(&config).await?;
        check(&config, &database, &master).await?;
        let now = Clock::system().now();
        let made = make(&config, &database, &master, &passphrase, &to, now).await;
        database.close().await;
        Ok::<_, anyhow::Error>(made?)
    })?;
    say(matches, &manifest, &format!("{} is made", to.display()))
}

fn check_file(matches: &ArgMatches, path: &Path) -> Result<ExitCode> {
    let opened = file::open(path)?;
    let manifest = opened.manifest.clone();
    let mut words = "is whole";
    if let Some(passphrase) = passphrase::given(matches)? {
        opened.master_key(path, &passphrase)?;
        words = "is whole, and the passphrase opens it";
    }
    opened.database(path, &mut std::io::sink())?;
    say(matches, &manifest, &format!("{} {words}", path.display()))
}

fn say(matches: &ArgMatches, manifest: &Manifest, words: &str) -> Result<ExitCode> {
    if matches.get_flag("json") {
        output::say(&serde_json::to_string_pretty(manifest)?);
        return Ok(ExitCode::SUCCESS);
    }
    let it = &manifest.contents;
    output::say(&format!(
        "{words}: made at {} by {} from {}; {} users, {} keys, {} calls, {} lines of the ledger, {} bytes.",
        it.made_at,
        it.release,
        it.from,
        it.users,
        it.keys,
        it.calls,
        it.ledger_entries,
        manifest.database_bytes
    ));
    Ok(ExitCode::SUCCESS)
}
