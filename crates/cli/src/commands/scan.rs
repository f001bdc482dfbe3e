//! `tollkeeper scan`: finds keys in files, by their checksum, and asks a gateway which are its own.
//!
//! Exit code: 0 nothing was found, 1 something was, 2 it could not be searched or asked.

mod ask;
mod files;
mod print;
mod search;
mod staged;

use anyhow::{Context, Result, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;
use std::process::ExitCode;

use self::ask::Orders;
use self::files::{Choice, Searched};
use crate::output;

/// Something was found.
const FOUND: u8 = 1;
/// It could not be searched or asked.
const FAILED: u8 = 2;

pub(super) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        let parser = value_parser!(u64);
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(default)
            .value_parser(parser)
            .help(help)
    };
    Command::new("scan")
        .about("Find API keys and management keys in files")
        .after_help(
            "Exit code: 0 nothing was found, 1 something was, 2 it could not be searched or asked.",
        )
        .arg(
            Arg::new("paths")
                .value_name("PATH")
                .num_args(1..)
                .value_parser(value_parser!(PathBuf))
                .required_unless_present("staged")
                .help("Files and directories; what .gitignore names is left out"),
        )
        .arg(flag("json", "Print JSON"))
        .arg(flag("hidden", "Also search hidden files, such as .env"))
        .arg(
            flag(
                "staged",
                "Search what is staged in the git repository here, as it would be committed",
            )
            .conflicts_with("paths"),
        )
        .arg(number("max-size", "16", "Leave out files of more MiB"))
        .arg(number("threads", "0", "Search with so many threads; 0: one per core"))
        .arg(
            flag("report", "Only report, without asking any gateway (the default)")
                .conflicts_with("server"),
        )
        .arg(
            Arg::new("server")
                .long("server")
                .value_name("URL")
                .help("Ask this gateway which of them are its keys"),
        )
        .arg(
            Arg::new("management-key-file")
                .long("management-key-file")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .requires("server")
                .help("File with a management key (mk-…) that has the scope keys:write [default: what the variable TOLLKEEPER_MANAGEMENT_KEY holds]"),
        )
        .arg(
            flag("revoke", "Declare the gateway's own keys compromised: they end at once")
                .requires("server"),
        )
        .arg(
            flag("replace", "And make a key in the place of each; its value is printed once")
                .requires("revoke"),
        )
        .arg(flag("freeze-balance", "And freeze the balances of their owners").requires("revoke"))
}

pub(super) fn run(matches: &ArgMatches) -> ExitCode {
    match scan(matches) {
        Ok(true) => ExitCode::from(FOUND),
        Ok(false) => ExitCode::SUCCESS,
        Err(error) => {
            output::fail(&error);
            ExitCode::from(FAILED)
        }
    }
}

/// Whether something was found.
fn scan(matches: &ArgMatches) -> Result<bool> {
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or_default();
    let choice = Choice {
        hidden: matches.get_flag("hidden"),
        most_bytes: number("max-size").saturating_mul(1024 * 1024),
        threads: usize::try_from(number("threads")).unwrap_or(0),
    };
    // Before the search, so that a mistake shows at once.
    let orders = Orders::of(matches)?;
    let searched = if matches.get_flag("staged") {
        staged::search(&choice)?
    } else {
        let paths: Vec<PathBuf> =
            matches.get_many("paths").map(|paths| paths.cloned().collect()).unwrap_or_default();
        for path in &paths {
            ensure!(path.symlink_metadata().is_ok(), "there is no {}", path.display());
        }
        files::search(&paths, &choice).context("nothing can be searched")?
    };
    let verdicts = match &orders {
        Some(orders) => super::runtime()?.block_on(ask::ask(orders, &searched.hits))?,
        None => ask::Verdicts::default(),
    };
    print::print(&searched, &verdicts, matches.get_flag("json"));
    let Searched { hits, failures, .. } = &searched;
    if hits.is_empty() && !failures.is_empty() {
        bail!("{} files or directories could not be read", failures.len());
    }
    Ok(!hits.is_empty())
}
